//! Dispatch: which courier is asked to take a delivery, what he answers, and how he did; and the rules by which couriers are
//! proposed.
#![expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, boolean, choice, decimal, file, instant, integer,
    json, long_text, member, money, moved, number, reference, text, time, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::score;

/// Dispatch assignments.
pub static DISPATCH_ASSIGNMENTS: Resource = Resource::new("operations", "dispatch_assignments", FIELDS)
    .title(&["assignment_number"])
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Assigned,
    Accepted,
    InProgress,
    Completed,
    Cancelled,
}

/// Ways of choosing a courier.
pub(crate) const ALGORITHMS: &[&str] = &[
    "nearest",
    "load_balanced",
    "priority_based",
    "round_robin",
    "ai_optimized",
];

const FIELDS: &[Field] = &[
    number("assignment_number", "DISP", 4).group("dispatch"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list()
        .group("dispatch"),
    choice("priority", &["urgent", "high", "normal", "low"])
        .required()
        .default("normal")
        .filter()
        .list()
        .group("dispatch"),
    reference("delivery_id", "operations.deliveries")
        .required()
        .create_only()
        .filter()
        .list()
        .group("dispatch"),
    reference("courier_id", "fleet.couriers")
        .read_only()
        .filter()
        .list()
        .group("dispatch"),
    reference("zone_id", "operations.zones")
        .filter()
        .list()
        .group("dispatch"),
    choice(
        "assignment_algorithm",
        &[
            "manual",
            "nearest",
            "load_balanced",
            "priority_based",
            "round_robin",
            "ai_optimized",
            "engine",
        ],
    )
    .required()
    .default("manual")
    .filter()
    .group("dispatch"),
    decimal("distance_to_pickup_km", 2).unit("km").group("plan"),
    integer("estimated_time_minutes", 0, 100_000).unit("min").group("plan"),
    integer("courier_current_load", 0, 1000).read_only().group("plan"),
    integer("courier_max_capacity", 1, 100)
        .required()
        .default("10")
        .group("plan"),
    decimal("courier_rating", 2).read_only().group("plan"),
    instant("assigned_at").read_only().list().group("time"),
    instant("accepted_at").read_only().group("time"),
    instant("started_at").read_only().group("time"),
    instant("completed_at").read_only().list().group("time"),
    instant("rejected_at").read_only().group("time"),
    instant("cancelled_at").read_only().group("time"),
    integer("rejection_count", 0, 1000)
        .required()
        .read_only()
        .default("0")
        .group("answer"),
    long_text("rejection_reason", 500).read_only().group("answer"),
    boolean("is_reassignment")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("answer"),
    reference("previous_courier_id", "fleet.couriers")
        .read_only()
        .group("answer"),
    long_text("reassignment_reason", 500).read_only().group("answer"),
    long_text("cancel_reason", 500).read_only().group("answer"),
    text("receiver_name", 200).read_only().group("proof"),
    file("photo_file_id").read_only().group("proof"),
    money("cash_collected").read_only().group("proof"),
    integer("actual_completion_time_minutes", 0, 1_000_000_000)
        .read_only()
        .unit("min")
        .list()
        .group("performance"),
    integer("performance_variance_minutes", -1_000_000_000, 1_000_000_000)
        .read_only()
        .unit("min")
        .group("performance"),
    decimal("on_time_score", 2).read_only().list().group("performance"),
    member("assigned_by").read_only().group("dispatch"),
    long_text("assignment_notes", 2000),
];

const ACTIONS: &[Action] = &[
    transition(
        "assign",
        "status",
        &[reference("courier_id", "fleet.couriers").required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Assigned),
                Status::Assigned | Status::Accepted | Status::InProgress | Status::Completed | Status::Cancelled => {
                    None
                }
            })
        },
    )
    .stamps(&["assigned_at"])
    .signs("assigned_by"),
    transition("accept", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Assigned => Some(Status::Accepted),
            Status::Pending | Status::Accepted | Status::InProgress | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["accepted_at"]),
    transition(
        "reject",
        "status",
        &[long_text("rejection_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Assigned => Some(Status::Pending),
                Status::Pending | Status::Accepted | Status::InProgress | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["rejected_at"])
    .decide(reject),
    transition("time_out", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Assigned => Some(Status::Pending),
            Status::Pending | Status::Accepted | Status::InProgress | Status::Completed | Status::Cancelled => None,
        })
    })
    .internal()
    .decide(reject),
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Accepted => Some(Status::InProgress),
            Status::Pending | Status::Assigned | Status::InProgress | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["started_at"]),
    transition(
        "complete",
        "status",
        &[
            text("receiver_name", 200),
            file("photo_file_id"),
            money("cash_collected"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::InProgress => Some(Status::Completed),
                Status::Pending | Status::Assigned | Status::Accepted | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["completed_at"])
    .decide(complete),
    transition(
        "reassign",
        "status",
        &[
            reference("courier_id", "fleet.couriers").required(),
            long_text("reassignment_reason", 500).required(),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Assigned | Status::Accepted => Some(Status::Assigned),
                Status::Pending | Status::InProgress | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["assigned_at"])
    .signs("assigned_by")
    .decide(reassign),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Assigned | Status::Accepted | Status::InProgress => Some(Status::Cancelled),
                Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["cancelled_at"])
    .danger(),
];

/// Back to the waiting ones, one refusal richer; the courier who refused is remembered as the previous one.
fn reject(given: &Given<'_>) -> Decision {
    let count = given.record.integer("rejection_count").unwrap_or(0) + 1;
    Ok(Map::from_iter([
        ("rejection_count".to_owned(), json!(count)),
        ("previous_courier_id".to_owned(), given.record.get("courier_id").clone()),
        ("courier_id".to_owned(), Json::Null),
        ("assigned_at".to_owned(), Json::Null),
    ]))
}

fn reassign(given: &Given<'_>) -> Decision {
    if given.record.uuid("courier_id") == given.input.uuid("courier_id") {
        return Err("same_courier");
    }
    Ok(Map::from_iter([
        ("is_reassignment".to_owned(), json!(true)),
        ("previous_courier_id".to_owned(), given.record.get("courier_id").clone()),
        ("accepted_at".to_owned(), Json::Null),
    ]))
}

/// Minutes taken, how far from the estimate, and the score that follows.
fn complete(given: &Given<'_>) -> Decision {
    let started = given.record.instant("started_at").unwrap_or(given.now);
    let actual = (given.now - started).num_minutes().max(0);
    let estimate = given
        .record
        .integer("estimated_time_minutes")
        .filter(|minutes| *minutes > 0);
    Ok(Map::from_iter([
        ("actual_completion_time_minutes".to_owned(), json!(actual)),
        (
            "performance_variance_minutes".to_owned(),
            json!(estimate.map(|estimate| actual - estimate)),
        ),
        (
            "on_time_score".to_owned(),
            json!(score::on_time(estimate, actual).to_string()),
        ),
    ]))
}

/// Rules by which couriers are proposed, the lowest priority number first.
pub static DISPATCH_RULES: Resource = Resource::new("operations", "dispatch_rules", RULE_FIELDS)
    .title(&["rule_name"])
    .sort("priority")
    .check(check_rule);

const RULE_FIELDS: &[Field] = &[
    text("rule_code", 50).required().unique().search().list(),
    text("rule_name", 200).required().search().list(),
    long_text("description", 2000),
    integer("priority", 1, 1000).required().default("100").list(),
    boolean("is_active").required().default("true").filter().list(),
    choice("algorithm", ALGORITHMS)
        .required()
        .default("load_balanced")
        .filter()
        .list(),
    json("conditions").example(r#"{"priority":["urgent","high"],"service_level":["express"]}"#),
    json("actions"),
    decimal("max_distance_km", 2).required().default("10").unit("km").list(),
    integer("max_courier_load", 1, 20).required().default("5").list(),
    decimal("min_courier_rating", 2),
    boolean("applies_to_all_zones").required().default("true").filter(),
    json("zones").example("[]"),
    time("starts_at"),
    time("ends_at"),
    json("days_of_week").example(r#"["sunday","monday"]"#),
    integer("times_triggered", 0, 1_000_000_000)
        .required()
        .read_only()
        .default("0")
        .list(),
    integer("successful_assignments", 0, 1_000_000_000)
        .required()
        .read_only()
        .default("0"),
    integer("failed_assignments", 0, 1_000_000_000)
        .required()
        .read_only()
        .default("0"),
];

const DAYS: &[&str] = &[
    "saturday",
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
];

/// Lists are lists, days are days, distances are on the map.
fn check_rule(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let days = after.get("days_of_week");
    let is_day = |day: &Json| day.as_str().is_some_and(|day| DAYS.contains(&day));
    if !days.is_null() && !days.as_array().is_some_and(|days| days.iter().all(is_day)) {
        violations.push(Violation::new("days_of_week", "not_a_list_of_days"));
    }
    let zones = after.get("zones");
    let is_id = |id: &Json| id.as_str().is_some_and(|id| uuid::Uuid::try_parse(id).is_ok());
    if !zones.is_null() && !zones.as_array().is_some_and(|zones| zones.iter().all(is_id)) {
        violations.push(Violation::new("zones", "not_a_list_of_ids"));
    }
    if !after.get("conditions").is_null() && !after.get("conditions").is_object() {
        violations.push(Violation::new("conditions", "not_conditions"));
    }
    if after.decimal("max_distance_km").is_some_and(|km| km > 100.into()) {
        violations.push(Violation::new("max_distance_km", "too_far"));
    }
    if after
        .decimal("min_courier_rating")
        .is_some_and(|rating| rating > 5.into())
    {
        violations.push(Violation::new("min_courier_rating", "not_a_rating"));
    }
    violations
}
