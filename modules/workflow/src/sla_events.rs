//! What happened to a clock.

use platform_resource::{Field, Resource, Verb, choice, instant, json, long_text, member, reference};

use crate::words::SLA_EVENTS;

/// Deadline events.
pub static WORKFLOW_SLA_EVENTS: Resource = Resource::new("workflow", "workflow_sla_events", FIELDS)
    .title(&["event_type"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("sla_instance_id", "workflow.workflow_sla_instances")
        .required()
        .filter()
        .list(),
    choice("event_type", SLA_EVENTS).required().filter().list(),
    instant("event_at").required().filter().list(),
    member("triggered_by").filter().list(),
    json("details"),
    long_text("notes", 2000),
];
