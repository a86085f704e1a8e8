//! Deliveries: one parcel or order on its way to a customer. What happened to it is in `delivery_events`, what proves it in
//! `delivery_proofs`, its cash in `cod_transactions`; `delivery_effects` writes all three.
#![expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, boolean, choice, decimal, file, instant, integer,
    long_text, money, moved, number, phone, reference, text, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Deliveries.
pub static DELIVERIES: Resource = Resource::new("operations", "deliveries", FIELDS)
    .owned_by("courier_id")
    .title(&["delivery_number", "tracking_number"])
    .check(check)
    .actions(ACTIONS);

/// A delivery's states.
#[derive(Clone, Copy, Debug, EnumString, IntoStaticStr, VariantNames, PartialEq, Eq)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Assigned,
    Accepted,
    PickupStarted,
    PickedUp,
    InTransit,
    Arrived,
    Delivered,
    Failed,
    Returned,
    Cancelled,
}

/// Where orders come from.
pub(crate) const PLATFORMS: &[&str] = &[
    "direct", "barq", "jahez", "saned", "hunger", "mrsool", "nana", "amazon", "kaykroo", "mealme", "chalhoub",
    "spl_wh", "spl_ds", "chefz", "keeta", "other",
];

/// Why a delivery fails.
pub(crate) const FAILURES: &[&str] = &[
    "customer_absent",
    "customer_unreachable",
    "customer_refused",
    "wrong_address",
    "damaged_package",
    "payment_problem",
    "other",
];

const RECEIVERS: &[&str] = &["customer", "family_member", "guard", "reception", "colleague", "other"];

const FIELDS: &[Field] = &[
    number("delivery_number", "DEL", 4).group("delivery"),
    text("tracking_number", 100).unique().search().list().group("delivery"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list()
        .group("delivery"),
    reference("courier_id", "fleet.couriers")
        .read_only()
        .filter()
        .list()
        .group("delivery"),
    reference("zone_id", "operations.zones")
        .filter()
        .list()
        .group("delivery"),
    reference("route_id", "operations.routes").filter().group("delivery"),
    choice("service_level", &["express", "standard", "economy"])
        .required()
        .default("standard")
        .aliases(&[("barq", "express"), ("bullet", "standard")])
        .filter()
        .group("delivery"),
    choice("priority", &["urgent", "high", "normal", "low"])
        .required()
        .default("normal")
        .filter()
        .list()
        .group("delivery"),
    choice("platform", PLATFORMS)
        .required()
        .default("direct")
        .aliases(&[("hungerstation", "hunger"), ("mrsool_delivery", "mrsool")])
        .filter()
        .group("platform"),
    text("platform_order_id", 100).search().group("platform"),
    text("platform_status", 50).group("platform"),
    instant("ordered_at").filter().list().group("time"),
    text("customer_name", 200).search().list().group("people"),
    phone("customer_phone").search().group("people"),
    text("sender_name", 200).search().group("people"),
    phone("sender_phone").group("people"),
    long_text("pickup_address", 500).required().group("place"),
    decimal("pickup_latitude", 7).signed().group("place"),
    decimal("pickup_longitude", 7).signed().group("place"),
    long_text("delivery_address", 500).required().group("place"),
    decimal("delivery_latitude", 7).signed().group("place"),
    decimal("delivery_longitude", 7).signed().group("place"),
    decimal("distance_km", 2).unit("km").list().group("place"),
    integer("estimated_minutes", 0, 100_000).unit("min").group("time"),
    instant("scheduled_pickup_at").filter().group("time"),
    instant("scheduled_delivery_at").filter().group("time"),
    money("order_total").group("money"),
    money("cod_amount")
        .required()
        .default("0")
        .filter()
        .list()
        .group("money"),
    money("delivery_fee").required().default("0").group("money"),
    integer("items_count", 0, 100_000).group("parcel"),
    decimal("package_weight_kg", 2).unit("kg").group("parcel"),
    text("package_dimensions", 50).group("parcel"),
    boolean("is_fragile").required().default("false").group("parcel"),
    integer("attempt_count", 0, 1000)
        .required()
        .read_only()
        .default("0")
        .group("time"),
    instant("assigned_at").read_only().group("time"),
    instant("accepted_at").read_only().group("time"),
    instant("pickup_started_at").read_only().group("time"),
    instant("picked_up_at").read_only().group("time"),
    instant("in_transit_at").read_only().group("time"),
    instant("arrived_at").read_only().group("time"),
    instant("delivered_at").read_only().filter().group("time"),
    instant("failed_at").read_only().group("time"),
    instant("returned_at").read_only().group("time"),
    instant("cancelled_at").read_only().group("time"),
    decimal("last_latitude", 7).signed().read_only().group("proof"),
    decimal("last_longitude", 7).signed().read_only().group("proof"),
    choice("receiver_type", RECEIVERS).read_only().group("proof"),
    text("receiver_name", 200).read_only().group("proof"),
    file("photo_file_id").read_only().group("proof"),
    file("signature_file_id").read_only().group("proof"),
    money("cash_collected").read_only().group("proof"),
    choice("failure_reason", FAILURES).read_only().filter().group("proof"),
    long_text("status_reason", 500).read_only().group("proof"),
    long_text("notes", 4000),
];

const REASON: Field = long_text("status_reason", 500);
const LATITUDE: Field = decimal("last_latitude", 7).signed();
const LONGITUDE: Field = decimal("last_longitude", 7).signed();

const ACTIONS: &[Action] = &[
    transition(
        "assign",
        "status",
        &[reference("courier_id", "fleet.couriers").required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Failed => Some(Status::Assigned),
                Status::Assigned
                | Status::Accepted
                | Status::PickupStarted
                | Status::PickedUp
                | Status::InTransit
                | Status::Arrived
                | Status::Delivered
                | Status::Returned
                | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["assigned_at"])
    .decide(assign),
    transition("accept", "status", &[], |state| {
        moved(state, |status| step(status, Status::Assigned, Status::Accepted))
    })
    .stamps(&["accepted_at"]),
    transition("reject", "status", &[REASON.required()], |state| {
        moved(state, |status| step(status, Status::Assigned, Status::Pending))
    })
    .decide(without_courier),
    transition("time_out", "status", &[], |state| {
        moved(state, |status| step(status, Status::Assigned, Status::Pending))
    })
    .internal()
    .decide(without_courier),
    transition("unassign", "status", &[REASON.required()], |state| {
        moved(state, |status| match status {
            Status::Assigned | Status::Accepted | Status::PickupStarted => Some(Status::Pending),
            Status::Pending
            | Status::PickedUp
            | Status::InTransit
            | Status::Arrived
            | Status::Delivered
            | Status::Failed
            | Status::Returned
            | Status::Cancelled => None,
        })
    })
    .decide(without_courier),
    transition("start_pickup", "status", &[LATITUDE, LONGITUDE], |state| {
        moved(state, |status| step(status, Status::Accepted, Status::PickupStarted))
    })
    .stamps(&["pickup_started_at"])
    .decide(located),
    transition("pick_up", "status", &[LATITUDE, LONGITUDE], |state| {
        moved(state, |status| step(status, Status::PickupStarted, Status::PickedUp))
    })
    .stamps(&["picked_up_at"])
    .decide(located),
    transition("depart", "status", &[LATITUDE, LONGITUDE], |state| {
        moved(state, |status| step(status, Status::PickedUp, Status::InTransit))
    })
    .stamps(&["in_transit_at"])
    .decide(located),
    transition("arrive", "status", &[LATITUDE, LONGITUDE], |state| {
        moved(state, |status| step(status, Status::InTransit, Status::Arrived))
    })
    .stamps(&["arrived_at"])
    .decide(located),
    transition(
        "deliver",
        "status",
        &[
            choice("receiver_type", RECEIVERS).required().default("customer"),
            text("receiver_name", 200),
            file("photo_file_id"),
            file("signature_file_id"),
            money("cash_collected"),
            LATITUDE,
            LONGITUDE,
        ],
        |state| moved(state, |status| step(status, Status::Arrived, Status::Delivered)),
    )
    .stamps(&["delivered_at"])
    .decide(deliver),
    transition(
        "fail",
        "status",
        &[
            choice("failure_reason", FAILURES).required(),
            REASON,
            file("photo_file_id"),
            LATITUDE,
            LONGITUDE,
        ],
        |state| moved(state, |status| step(status, Status::Arrived, Status::Failed)),
    )
    .stamps(&["failed_at"])
    .decide(fail)
    .danger(),
    transition("return_to_sender", "status", &[REASON], |state| {
        moved(state, |status| step(status, Status::Failed, Status::Returned))
    })
    .stamps(&["returned_at"]),
    transition("cancel", "status", &[REASON.required()], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Assigned | Status::Accepted | Status::PickupStarted => Some(Status::Cancelled),
            Status::PickedUp
            | Status::InTransit
            | Status::Arrived
            | Status::Delivered
            | Status::Failed
            | Status::Returned
            | Status::Cancelled => None,
        })
    })
    .stamps(&["cancelled_at"])
    .danger(),
    transition(
        "transfer",
        "status",
        &[reference("courier_id", "fleet.couriers").required(), REASON],
        |state| {
            moved(state, |status| match status {
                Status::Assigned
                | Status::Accepted
                | Status::PickupStarted
                | Status::PickedUp
                | Status::InTransit
                | Status::Arrived => Some(status),
                Status::Pending | Status::Delivered | Status::Failed | Status::Returned | Status::Cancelled => None,
            })
        },
    )
    .decide(transfer),
];

/// The one step of a courier's way: each follows the one before.
fn step(status: Status, from: Status, to: Status) -> Option<Status> {
    (status == from).then_some(to)
}

/// A new attempt: what the one before left behind does not count for it.
fn assign(given: &Given<'_>) -> Decision {
    let attempts = given.record.integer("attempt_count").unwrap_or(0) + 1;
    let mut change = Map::from_iter([("attempt_count".to_owned(), json!(attempts))]);
    for field in [
        "accepted_at",
        "pickup_started_at",
        "picked_up_at",
        "in_transit_at",
        "arrived_at",
        "failed_at",
        "failure_reason",
        "status_reason",
        "photo_file_id",
    ] {
        change.insert(field.into(), Json::Null);
    }
    Ok(change)
}

fn without_courier(_: &Given<'_>) -> Decision {
    let fields = ["courier_id", "assigned_at", "accepted_at", "pickup_started_at"];
    Ok(fields.into_iter().map(|field| (field.to_owned(), Json::Null)).collect())
}

fn transfer(given: &Given<'_>) -> Decision {
    if given.record.uuid("courier_id") == given.input.uuid("courier_id") {
        return Err("same_courier");
    }
    Ok(Map::new())
}

/// A position has both parts and lies on the globe; one that is not given leaves none behind.
fn located(given: &Given<'_>) -> Decision {
    let place = |field: &str| given.input.decimal(field);
    match (place("last_latitude"), place("last_longitude")) {
        (None, None) => Ok(Map::new()),
        (Some(latitude), Some(longitude))
            if latitude.abs() <= Decimal::from(90) && longitude.abs() <= Decimal::from(180) =>
        {
            Ok(Map::new())
        }
        _ => Err("bad_position"),
    }
}

/// Something shows that it arrived, and the cash is there: not a halala more or less than is owed.
fn deliver(given: &Given<'_>) -> Decision {
    let shown = ["photo_file_id", "signature_file_id", "receiver_name"];
    if !shown.into_iter().any(|field| given.input.has(field)) {
        return Err("proof_missing");
    }
    let owed = given.record.decimal("cod_amount").unwrap_or_default();
    if given.input.decimal("cash_collected").unwrap_or_default() != owed {
        return Err("cash_differs");
    }
    located(given)
}

/// A package that is said to be damaged is shown.
fn fail(given: &Given<'_>) -> Decision {
    if given.input.is("failure_reason", "damaged_package") && !given.input.has("photo_file_id") {
        return Err("photo_missing");
    }
    located(given)
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations: Vec<Violation> = crate::geometry::off_the_globe(
        after,
        &["pickup_latitude", "delivery_latitude"],
        &["pickup_longitude", "delivery_longitude"],
    )
    .collect();
    let times = after
        .instant("scheduled_pickup_at")
        .zip(after.instant("scheduled_delivery_at"));
    if times.is_some_and(|(pickup, delivery)| delivery < pickup) {
        violations.push(Violation::new("scheduled_delivery_at", "ends_before_start"));
    }
    violations
}
