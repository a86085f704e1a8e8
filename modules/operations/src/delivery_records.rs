//! What is written of a delivery and never changed: its events and its proofs.

use platform_resource::{
    Field, Resource, Verb, choice, decimal, file, instant, long_text, member, money, reference, text,
};

/// What happened to deliveries, in order: written by their actions.
pub static DELIVERY_EVENTS: Resource = Resource::new("operations", "delivery_events", EVENTS)
    .title(&["event"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const EVENTS: &[Field] = &[
    reference("delivery_id", "operations.deliveries")
        .required()
        .read_only()
        .filter()
        .list(),
    choice(
        "event",
        &[
            "assign",
            "accept",
            "reject",
            "time_out",
            "unassign",
            "start_pickup",
            "pick_up",
            "depart",
            "arrive",
            "deliver",
            "fail",
            "return_to_sender",
            "cancel",
            "transfer",
        ],
    )
    .required()
    .read_only()
    .filter()
    .list(),
    text("from_status", 30).read_only().list(),
    text("to_status", 30).read_only().list(),
    reference("courier_id", "fleet.couriers").read_only().filter().list(),
    reference("previous_courier_id", "fleet.couriers").read_only(),
    instant("occurred_at").required().read_only().filter().list(),
    decimal("latitude", 7).signed().read_only(),
    decimal("longitude", 7).signed().read_only(),
    member("recorded_by").read_only(),
    long_text("reason", 500).read_only().list(),
];

/// What shows that a delivery arrived, or why it could not.
pub static DELIVERY_PROOFS: Resource = Resource::new("operations", "delivery_proofs", PROOFS)
    .title(&["receiver_name", "outcome"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const PROOFS: &[Field] = &[
    reference("delivery_id", "operations.deliveries")
        .required()
        .read_only()
        .filter()
        .list(),
    choice("outcome", &["delivered", "failed"])
        .required()
        .read_only()
        .filter()
        .list(),
    reference("courier_id", "fleet.couriers").read_only().filter().list(),
    text("receiver_type", 30).read_only().list(),
    text("receiver_name", 200).read_only().search().list(),
    file("photo_file_id").read_only(),
    file("signature_file_id").read_only(),
    money("cash_collected").read_only().list(),
    text("failure_reason", 50).read_only().list(),
    decimal("latitude", 7).signed().read_only(),
    decimal("longitude", 7).signed().read_only(),
    instant("captured_at").required().read_only().filter().list(),
];
