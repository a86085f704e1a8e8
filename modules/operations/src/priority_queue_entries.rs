//! The queue: deliveries that wait for a courier, the most pressing first. Scores, places and waits move with the clock, so
//! they are figures of `queue` and not columns.
#![expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, boolean, choice, decimal, instant, integer,
    json, long_text, member, moved, number, reference, text, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Waiting deliveries.
pub static PRIORITY_QUEUE_ENTRIES: Resource = Resource::new("operations", "priority_queue_entries", FIELDS)
    .title(&["queue_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Queued,
    Processing,
    Assigned,
    Completed,
    Expired,
    Cancelled,
}

const FIELDS: &[Field] = &[
    number("queue_number", "PQ", 4).group("queue"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("queued")
        .filter()
        .list()
        .group("queue"),
    choice("priority", &["critical", "urgent", "high", "normal", "low"])
        .required()
        .default("normal")
        .filter()
        .list()
        .group("queue"),
    reference("delivery_id", "operations.deliveries")
        .required()
        .create_only()
        .filter()
        .list()
        .group("queue"),
    integer("base_priority_score", 1, 100)
        .required()
        .default("50")
        .list()
        .group("queue"),
    choice("customer_tier", &["vip", "premium", "standard", "basic"])
        .required()
        .default("standard")
        .filter()
        .list()
        .group("queue"),
    instant("queued_at").list().group("time"),
    instant("sla_deadline_at").required().filter().list().group("time"),
    integer("sla_buffer_minutes", 0, 120)
        .required()
        .default("30")
        .unit("min")
        .group("time"),
    instant("delivery_window_starts_at").group("time"),
    instant("delivery_window_ends_at").group("time"),
    reference("required_zone_id", "operations.zones")
        .filter()
        .group("wishes"),
    choice(
        "required_vehicle_type",
        &["motorcycle", "car", "van", "truck", "bicycle"],
    )
    .aliases(&[("bike", "motorcycle")])
    .group("wishes"),
    text("required_skills", 500).group("wishes"),
    reference("preferred_courier_id", "fleet.couriers").group("wishes"),
    json("excluded_couriers").example("[]").group("wishes"),
    decimal("min_courier_rating", 2).group("wishes"),
    integer("max_assignment_attempts", 1, 20)
        .required()
        .default("3")
        .group("queue"),
    integer("assignment_attempts", 0, 1000)
        .required()
        .read_only()
        .default("0")
        .group("queue"),
    instant("processing_started_at").read_only().group("time"),
    instant("assigned_at").read_only().group("time"),
    instant("completed_at").read_only().group("time"),
    instant("expired_at").read_only().group("time"),
    instant("cancelled_at").read_only().group("time"),
    boolean("is_escalated")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("escalation"),
    instant("escalated_at").read_only().group("escalation"),
    member("escalated_to").read_only().group("escalation"),
    long_text("escalation_reason", 500).read_only().group("escalation"),
    boolean("was_sla_met").read_only().filter().group("time"),
    integer("sla_breach_minutes", 0, 1_000_000_000)
        .read_only()
        .unit("min")
        .group("time"),
    long_text("customer_special_instructions", 2000),
    long_text("cancel_reason", 500).read_only(),
];

const ACTIONS: &[Action] = &[
    transition("process", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Queued => Some(Status::Processing),
            Status::Processing | Status::Assigned | Status::Completed | Status::Expired | Status::Cancelled => None,
        })
    })
    .stamps(&["processing_started_at"])
    .decide(attempt),
    transition("release", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Processing | Status::Assigned => Some(Status::Queued),
            Status::Queued | Status::Completed | Status::Expired | Status::Cancelled => None,
        })
    }),
    transition("assign", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Processing => Some(Status::Assigned),
            Status::Queued | Status::Assigned | Status::Completed | Status::Expired | Status::Cancelled => None,
        })
    })
    .stamps(&["assigned_at"]),
    transition("complete", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Assigned => Some(Status::Completed),
            Status::Queued | Status::Processing | Status::Completed | Status::Expired | Status::Cancelled => None,
        })
    })
    .stamps(&["completed_at"])
    .decide(complete),
    transition("expire", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Queued => Some(Status::Expired),
            Status::Processing | Status::Assigned | Status::Completed | Status::Expired | Status::Cancelled => None,
        })
    })
    .internal()
    .stamps(&["expired_at"])
    .decide(complete),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Queued | Status::Processing | Status::Assigned => Some(Status::Cancelled),
                Status::Completed | Status::Expired | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["cancelled_at"])
    .danger(),
    action(
        "escalate",
        &[
            member("escalated_to").required(),
            long_text("escalation_reason", 500).required(),
        ],
        escalate,
    )
    .when("status", &["queued", "processing", "assigned"]),
];

/// Only so many tries to find a courier: after them a person looks at it.
fn attempt(given: &Given<'_>) -> Decision {
    let tried = given.record.integer("assignment_attempts").unwrap_or(0);
    if tried >= given.record.integer("max_assignment_attempts").unwrap_or(3) {
        return Err("attempts_used_up");
    }
    Ok(Map::from_iter([("assignment_attempts".to_owned(), json!(tried + 1))]))
}

/// Whether the promise was kept, and by how many minutes it was missed.
fn complete(given: &Given<'_>) -> Decision {
    let late = given
        .record
        .instant("sla_deadline_at")
        .map(|deadline| (given.now - deadline).num_minutes());
    let met = given
        .record
        .instant("sla_deadline_at")
        .map(|deadline| given.now <= deadline);
    Ok(Map::from_iter([
        ("was_sla_met".to_owned(), json!(met)),
        (
            "sla_breach_minutes".to_owned(),
            json!(late.map(|minutes| minutes.max(0))),
        ),
    ]))
}

fn escalate(given: &Given<'_>) -> Decision {
    let status = given.record.text("status").and_then(|status| status.parse().ok());
    match status {
        Some(Status::Queued | Status::Processing | Status::Assigned) => {}
        Some(Status::Completed | Status::Expired | Status::Cancelled) | None => return Err("not_in_state"),
    }
    let mut change: Map<String, Json> = given.input.0.clone();
    change.insert("is_escalated".into(), json!(true));
    change.insert("escalated_at".into(), json!(given.now));
    Ok(change)
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let window = after
        .instant("delivery_window_starts_at")
        .zip(after.instant("delivery_window_ends_at"));
    if window.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("delivery_window_ends_at", "ends_before_start"));
    }
    let excluded = after.get("excluded_couriers");
    let is_id = |id: &Json| id.as_str().is_some_and(|id| uuid::Uuid::try_parse(id).is_ok());
    if !excluded.is_null() && !excluded.as_array().is_some_and(|ids| ids.iter().all(is_id)) {
        violations.push(Violation::new("excluded_couriers", "not_a_list_of_ids"));
    }
    if after
        .decimal("min_courier_rating")
        .is_some_and(|rating| rating > 5.into())
    {
        violations.push(Violation::new("min_courier_rating", "not_a_rating"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use platform_resource::Record;

    use super::*;

    #[test]
    fn twelve_minutes_after_two_is_a_breach_of_twelve() {
        let record = Record(
            json!({"sla_deadline_at": "2026-01-15T14:00:00Z"})
                .as_object()
                .cloned()
                .expect("an object"),
        );
        let now = "2026-01-15T14:12:00Z".parse().expect("an instant");
        let given = Given {
            record: &record,
            input: &Record::default(),
            now,
            today: now.date_naive(),
            actor_id: uuid::Uuid::nil(),
        };
        let change = complete(&given).expect("allowed");
        assert_eq!(
            (&change["was_sla_met"], &change["sla_breach_minutes"]),
            (&json!(false), &json!(12))
        );
    }
}
