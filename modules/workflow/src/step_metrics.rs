//! Figures of a step and a day.

use platform_resource::{Field, Resource, Verb, date, decimal, integer, json, reference, text};

/// Step figures.
pub static WORKFLOW_STEP_METRICS: Resource = Resource::new("workflow", "workflow_step_metrics", FIELDS)
    .title(&["step_name"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-measured_on");

const FIELDS: &[Field] = &[
    reference("workflow_template_id", "workflow.workflow_templates")
        .required()
        .filter()
        .list(),
    integer("step_index", 0, 1000).required().list(),
    text("step_name", 200).required().filter().list(),
    date("measured_on").required().filter().list(),
    integer("total_executions", 0, 1_000_000_000)
        .required()
        .default("0")
        .list()
        .group("counts"),
    integer("successful_executions", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("failed_executions", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    integer("skipped_executions", 0, 1_000_000_000)
        .required()
        .default("0")
        .group("counts"),
    decimal("avg_execution_minutes", 2)
        .unit("minutes")
        .list()
        .group("times"),
    decimal("min_execution_minutes", 2).unit("minutes").group("times"),
    decimal("max_execution_minutes", 2).unit("minutes").group("times"),
    decimal("avg_wait_minutes", 2).unit("minutes").list().group("times"),
    decimal("max_wait_minutes", 2).unit("minutes").group("times"),
    decimal("error_rate_percent", 2).unit("percent").group("rates"),
    json("common_errors").group("rates"),
];
