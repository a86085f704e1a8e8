//! Routes: a courier's stops of a day in their order. Counts and deviations are figures of `route_metrics`.
#![expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, boolean, choice, date, decimal, instant, integer,
    long_text, member, moved, number, reference, text, transition,
};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Routes.
pub static ROUTES: Resource = Resource::new("operations", "routes", FIELDS)
    .title(&["route_name", "route_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Planned,
    Assigned,
    InProgress,
    Completed,
    Cancelled,
}

const FIELDS: &[Field] = &[
    number("route_number", "ROUTE", 4).group("route"),
    text("route_name", 200).required().search().list().group("route"),
    text("route_code", 50).search().group("route"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("planned")
        .filter()
        .list()
        .group("route"),
    reference("courier_id", "fleet.couriers")
        .read_only()
        .filter()
        .list()
        .group("route"),
    reference("zone_id", "operations.zones").filter().list().group("route"),
    date("route_on").required().filter().list().group("route"),
    long_text("description", 2000).group("route"),
    choice(
        "optimal_vehicle_type",
        &["motorcycle", "car", "van", "truck", "bicycle"],
    )
    .group("route"),
    integer("max_stops", 1, 500).group("route"),
    instant("scheduled_start_at").group("time"),
    instant("scheduled_end_at").group("time"),
    instant("actual_start_at").read_only().group("time"),
    instant("actual_end_at").read_only().group("time"),
    text("start_location", 500).group("place"),
    decimal("start_latitude", 7).signed().group("place"),
    decimal("start_longitude", 7).signed().group("place"),
    text("end_location", 500).group("place"),
    decimal("end_latitude", 7).signed().group("place"),
    decimal("end_longitude", 7).signed().group("place"),
    decimal("total_distance_km", 2).unit("km").list().group("plan"),
    integer("estimated_duration_minutes", 0, 100_000)
        .unit("min")
        .list()
        .group("plan"),
    boolean("is_optimized")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("plan"),
    text("optimization_algorithm", 50).read_only().group("plan"),
    decimal("distance_saved_km", 2).read_only().unit("km").group("plan"),
    decimal("actual_distance_km", 2).read_only().unit("km").group("plan"),
    integer("actual_duration_minutes", 0, 1_000_000_000)
        .read_only()
        .unit("min")
        .group("plan"),
    member("assigned_by").read_only().group("route"),
    instant("assigned_at").read_only().group("time"),
    long_text("cancel_reason", 500).read_only(),
    long_text("special_instructions", 2000),
    long_text("internal_notes", 4000),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition(
        "assign",
        "status",
        &[reference("courier_id", "fleet.couriers").required()],
        |state| {
            moved(state, |status| match status {
                Status::Planned | Status::Assigned => Some(Status::Assigned),
                Status::InProgress | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["assigned_at"])
    .signs("assigned_by"),
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Assigned => Some(Status::InProgress),
            Status::Planned | Status::InProgress | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["actual_start_at"]),
    transition(
        "complete",
        "status",
        &[decimal("actual_distance_km", 2).unit("km")],
        |state| {
            moved(state, |status| match status {
                Status::InProgress => Some(Status::Completed),
                Status::Planned | Status::Assigned | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["actual_end_at"])
    .decide(complete),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Planned | Status::Assigned => Some(Status::Cancelled),
                Status::InProgress | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .danger(),
];

/// How long it took.
fn complete(given: &Given<'_>) -> Decision {
    let mut change = Map::new();
    if let Some(start) = given.record.instant("actual_start_at") {
        change.insert(
            "actual_duration_minutes".into(),
            json!((given.now - start).num_minutes().max(0)),
        );
    }
    Ok(change)
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let times = after
        .instant("scheduled_start_at")
        .zip(after.instant("scheduled_end_at"));
    if times.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("scheduled_end_at", "ends_before_start"));
    }
    violations.extend(crate::geometry::off_the_globe(
        after,
        &["start_latitude", "end_latitude"],
        &["start_longitude", "end_longitude"],
    ));
    violations
}

/// Stops of routes.
pub static ROUTE_STOPS: Resource = Resource::new("operations", "route_stops", STOP_FIELDS)
    .title(&["address"])
    .check(check_stop)
    .sort("stop_number")
    .actions(STOP_ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Visit {
    Planned,
    Arrived,
    Completed,
    Failed,
    Skipped,
}

const STOP_FIELDS: &[Field] = &[
    reference("route_id", "operations.routes")
        .required()
        .create_only()
        .filter()
        .list(),
    integer("stop_number", 1, 500).required().list(),
    choice("stop_type", &["pickup", "dropoff", "waypoint"])
        .required()
        .default("dropoff")
        .filter()
        .list(),
    choice("status", Visit::VARIANTS)
        .required()
        .read_only()
        .default("planned")
        .filter()
        .list(),
    reference("delivery_id", "operations.deliveries").filter().list(),
    text("address", 500).search().list(),
    decimal("latitude", 7).signed(),
    decimal("longitude", 7).signed(),
    decimal("distance_km", 2).unit("km").list(),
    instant("planned_at").list(),
    instant("window_starts_at"),
    instant("window_ends_at"),
    instant("arrived_at").read_only(),
    instant("finished_at").read_only(),
    long_text("reason", 500).read_only(),
    long_text("notes", 2000),
];

const STOP_ACTIONS: &[Action] = &[
    transition("arrive", "status", &[], |state| {
        moved(state, |visit| match visit {
            Visit::Planned => Some(Visit::Arrived),
            Visit::Arrived | Visit::Completed | Visit::Failed | Visit::Skipped => None,
        })
    })
    .stamps(&["arrived_at"]),
    transition("complete", "status", &[], |state| {
        moved(state, |visit| match visit {
            Visit::Arrived => Some(Visit::Completed),
            Visit::Planned | Visit::Completed | Visit::Failed | Visit::Skipped => None,
        })
    })
    .stamps(&["finished_at"]),
    transition("fail", "status", &[long_text("reason", 500).required()], |state| {
        moved(state, |visit| match visit {
            Visit::Arrived => Some(Visit::Failed),
            Visit::Planned | Visit::Completed | Visit::Failed | Visit::Skipped => None,
        })
    })
    .stamps(&["finished_at"]),
    transition("skip", "status", &[long_text("reason", 500).required()], |state| {
        moved(state, |visit| match visit {
            Visit::Planned | Visit::Arrived => Some(Visit::Skipped),
            Visit::Completed | Visit::Failed | Visit::Skipped => None,
        })
    })
    .stamps(&["finished_at"]),
];

fn check_stop(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations: Vec<Violation> = crate::geometry::off_the_globe(after, &["latitude"], &["longitude"]).collect();
    let window = after.instant("window_starts_at").zip(after.instant("window_ends_at"));
    if window.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("window_ends_at", "ends_before_start"));
    }
    violations
}
