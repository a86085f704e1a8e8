//! Runs of automations.

use platform_resource::{Field, Resource, Verb, choice, instant, integer, json, long_text, reference};

use crate::words::RUNS;

/// Automation runs.
pub static AUTOMATION_EXECUTION_LOGS: Resource = Resource::new("workflow", "automation_execution_logs", FIELDS)
    .title(&["started_at"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-started_at");

const FIELDS: &[Field] = &[
    reference("automation_id", "workflow.workflow_automations")
        .required()
        .filter()
        .list(),
    reference("workflow_instance_id", "workflow.workflow_instances")
        .filter()
        .list(),
    instant("started_at").required().filter().list(),
    instant("completed_at"),
    choice("status", RUNS).required().default("succeeded").filter().list(),
    json("trigger_data"),
    json("action_result"),
    long_text("error_message", 2000).list(),
    integer("retry_count", 0, 1000).required().default("0").list(),
    integer("execution_time_ms", 0, 86_400_000).unit("ms"),
];
