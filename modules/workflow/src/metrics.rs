//! Figures of a template and a day.

use platform_resource::{Field, Resource, Verb, date, decimal, integer, json, reference};

/// Workflow figures.
pub static WORKFLOW_METRICS: Resource = Resource::new("workflow", "workflow_metrics", FIELDS)
    .title(&["measured_on"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-measured_on");

const FIELDS: &[Field] = &[
    reference("workflow_template_id", "workflow.workflow_templates")
        .required()
        .filter()
        .list(),
    date("measured_on").required().filter().list(),
    integer("total_instances", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("completed_instances", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("rejected_instances", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("cancelled_instances", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("in_progress_instances", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    decimal("avg_completion_minutes", 2)
        .unit("minutes")
        .list()
        .group("times"),
    decimal("min_completion_minutes", 2).unit("minutes").group("times"),
    decimal("max_completion_minutes", 2).unit("minutes").group("times"),
    decimal("median_completion_minutes", 2).unit("minutes").group("times"),
    decimal("avg_steps_completed", 2).group("counts"),
    integer("total_steps_executed", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    decimal("avg_approval_minutes", 2).unit("minutes").group("times"),
    integer("total_approvals", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("total_rejections", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("sla_met_count", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("sla_breached_count", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    decimal("sla_compliance_percent", 2)
        .unit("percent")
        .list()
        .group("rates"),
    json("bottleneck_steps").group("times"),
];
