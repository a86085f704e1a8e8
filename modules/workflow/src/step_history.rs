//! Each run of a step: how long it took, who did it, what it made of the data.

use platform_resource::{Field, Resource, Verb, choice, instant, integer, json, long_text, member, reference, text};

use crate::words::STEP_STATES;

/// Step history.
pub static WORKFLOW_STEP_HISTORY: Resource = Resource::new("workflow", "workflow_step_history", FIELDS)
    .title(&["step_name"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("workflow_instance_id", "workflow.workflow_instances")
        .required()
        .filter()
        .list(),
    integer("step_index", 0, 1000).required().list(),
    text("step_name", 200).required().filter().list(),
    text("step_kind", 50).filter().list(),
    instant("started_at").required().filter().list(),
    instant("completed_at").list(),
    member("executed_by").filter().list(),
    member("assigned_to").filter(),
    choice("status", STEP_STATES)
        .required()
        .default("waiting")
        .filter()
        .list(),
    text("result", 100).filter(),
    json("input_data"),
    json("output_data"),
    long_text("error_message", 2000),
    integer("duration_s", 0, 1_000_000_000).unit("s").list(),
    integer("wait_time_s", 0, 1_000_000_000).unit("s"),
];
