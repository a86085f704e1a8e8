//! Figures of a member and a day.

use platform_resource::{Field, Resource, Verb, date, decimal, integer, member, reference};

/// Member figures.
pub static WORKFLOW_USER_METRICS: Resource = Resource::new("workflow", "workflow_user_metrics", FIELDS)
    .title(&["member"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-measured_on");

const FIELDS: &[Field] = &[
    member("member").required().filter().list(),
    reference("workflow_template_id", "workflow.workflow_templates").filter(),
    date("measured_on").required().filter().list(),
    integer("workflows_initiated", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("approvals_completed", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("approvals_pending", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    decimal("avg_approval_minutes", 2).unit("minutes").list().group("times"),
    decimal("approval_rate_percent", 2).unit("percent").group("rates"),
    integer("tasks_completed", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    decimal("avg_task_minutes", 2).unit("minutes").group("times"),
    decimal("on_time_percent", 2).unit("percent").group("rates"),
    integer("overdue_tasks", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
];
