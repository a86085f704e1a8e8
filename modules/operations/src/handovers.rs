//! Handovers: one courier gives his vehicle, his open deliveries and the cash in his pocket to another. What moved is told by
//! the deliveries' events and the ledger; the vehicle is moved by fleet, which hears of the completion.

use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, decimal, file, instant, integer, json, long_text, member,
    moved, number, reference, text, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Handovers.
pub static HANDOVERS: Resource = Resource::new("operations", "handovers", FIELDS)
    .title(&["handover_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Approved,
    Rejected,
    Completed,
    Cancelled,
}

const FIELDS: &[Field] = &[
    number("handover_number", "HO", 4).group("handover"),
    choice(
        "handover_type",
        &["shift_start", "shift_end", "vehicle_swap", "emergency", "maintenance"],
    )
    .required()
    .filter()
    .list()
    .group("handover"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list()
        .group("handover"),
    reference("from_courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list()
        .group("handover"),
    reference("to_courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list()
        .group("handover"),
    text("to_hub_name", 200).group("handover"),
    instant("scheduled_at").filter().list().group("handover"),
    instant("completed_at").read_only().list().group("handover"),
    member("completed_by").read_only().group("handover"),
    reference("vehicle_id", "fleet.vehicles")
        .create_only()
        .filter()
        .list()
        .group("vehicle"),
    decimal("vehicle_mileage_km", 2).unit("km").group("vehicle"),
    integer("vehicle_fuel_percent", 0, 100).unit("percent").group("vehicle"),
    long_text("vehicle_condition", 2000).group("vehicle"),
    member("approved_by").read_only().group("approval"),
    instant("approved_at").read_only().group("approval"),
    long_text("rejection_reason", 500).read_only().group("approval"),
    long_text("cancel_reason", 500).read_only().group("approval"),
    member("witness").group("approval"),
    member("verified_by").group("approval"),
    file("from_signature_file_id").group("papers"),
    file("to_signature_file_id").group("papers"),
    file("photo_file_id").group("papers"),
    json("checklist")
        .example(r#"[{"item":"Helmet","is_done":true}]"#)
        .group("papers"),
    long_text("discrepancies_reported", 2000).group("papers"),
    choice("discrepancy_status", &["none", "pending", "resolved", "escalated"])
        .required()
        .default("none")
        .filter()
        .group("papers"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Approved),
            Status::Approved | Status::Rejected | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by"),
    transition(
        "reject",
        "status",
        &[long_text("rejection_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Rejected),
                Status::Approved | Status::Rejected | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .danger(),
    transition(
        "complete",
        "status",
        &[
            decimal("vehicle_mileage_km", 2).unit("km"),
            integer("vehicle_fuel_percent", 0, 100).unit("percent"),
            long_text("vehicle_condition", 2000),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Approved => Some(Status::Completed),
                Status::Pending | Status::Rejected | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["completed_at"])
    .signs("completed_by"),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Approved => Some(Status::Cancelled),
                Status::Rejected | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .danger(),
];

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.uuid("from_courier_id") == after.uuid("to_courier_id") {
        violations.push(Violation::new("to_courier_id", "same_courier"));
    }
    violations
}
