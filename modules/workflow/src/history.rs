//! The sealed history of a workflow: each event carries the seal of the one before.

use platform_resource::{Field, Resource, Verb, choice, instant, integer, json, member, reference, text};

use crate::words::{ACTORS, HISTORY_EVENTS};

/// Workflow history.
pub static WORKFLOW_HISTORY: Resource = Resource::new("workflow", "workflow_history", FIELDS)
    .title(&["description"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("workflow_instance_id", "workflow.workflow_instances")
        .required()
        .filter()
        .list(),
    integer("sequence", 0, 1_000_000_000)
        .required()
        .example("500000000")
        .list(),
    choice("event_type", HISTORY_EVENTS).required().filter().list(),
    member("actor").filter().list(),
    choice("actor_type", ACTORS).required().default("user").filter(),
    instant("event_at").required().filter().list(),
    text("description", 500).required().search().list(),
    json("previous_state"),
    json("new_state"),
    json("field_changes"),
    json("event_metadata"),
    text("request_id", 100),
    text("previous_checksum", 64).group("seal"),
    text("checksum", 64).required().group("seal"),
];
