//! Warnings: a paper runs out or a service is due. The schedules write them, each once; people say that they have seen them.

use platform_resource::{
    Action, Field, Resource, Verb, choice, date, instant, integer, long_text, member, moved, reference, text,
    transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Warnings.
pub static EXPIRY_WARNINGS: Resource = Resource::new("fleet", "expiry_warnings", FIELDS)
    .title(&["subject"])
    .sort("due_on")
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .actions(ACTIONS);

/// A warning's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Open,
    Acknowledged,
    Resolved,
}

const FIELDS: &[Field] = &[
    text("subject", 200).required().read_only().search().list(),
    choice(
        "paper",
        &[
            "iqama",
            "passport",
            "license",
            "registration",
            "insurance",
            "document",
            "service",
        ],
    )
    .required()
    .read_only()
    .filter()
    .list(),
    date("due_on").required().read_only().filter().list(),
    integer("threshold_days", 0, 365)
        .required()
        .read_only()
        .filter()
        .list()
        .unit("days"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("open")
        .filter()
        .list(),
    reference("courier_id", "fleet.couriers").read_only().filter(),
    reference("vehicle_id", "fleet.vehicles").read_only().filter(),
    reference("document_id", "fleet.documents").read_only().filter(),
    long_text("action_taken", 1000).read_only(),
    member("acknowledged_by").read_only(),
    instant("acknowledged_at").read_only(),
    instant("resolved_at").read_only(),
    text("warning_key", 200).required().unique().read_only(),
];

const ACTIONS: &[Action] = &[
    transition("acknowledge", "status", &[long_text("action_taken", 1000)], |state| {
        moved(state, |status| match status {
            Status::Open => Some(Status::Acknowledged),
            Status::Acknowledged | Status::Resolved => None,
        })
    })
    .stamps(&["acknowledged_at"])
    .signs("acknowledged_by"),
    // The schedule takes it when the paper was renewed.
    transition("resolve", "status", &[long_text("action_taken", 1000)], |state| {
        moved(state, |status| match status {
            Status::Open | Status::Acknowledged => Some(Status::Resolved),
            Status::Resolved => None,
        })
    })
    .stamps(&["resolved_at"]),
];
