//! What became of each event that a trigger fitted.

use platform_resource::{Field, Resource, Verb, boolean, choice, instant, integer, json, long_text, reference, text};

use crate::words::OUTCOMES;

/// Trigger runs.
pub static TRIGGER_EXECUTIONS: Resource = Resource::new("workflow", "trigger_executions", FIELDS)
    .title(&["triggered_at"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-triggered_at");

const FIELDS: &[Field] = &[
    reference("trigger_id", "workflow.workflow_triggers")
        .required()
        .filter()
        .list(),
    reference("workflow_instance_id", "workflow.workflow_instances")
        .filter()
        .list(),
    instant("triggered_at").required().filter().list(),
    choice("status", OUTCOMES).required().default("fired").filter().list(),
    text("event_key", 300).filter(),
    text("deduplicate_key", 300).filter().list(),
    json("trigger_data"),
    boolean("workflow_created").required().default("false").filter(),
    long_text("error_message", 2000),
    integer("execution_time_ms", 0, 86_400_000).unit("ms"),
];
