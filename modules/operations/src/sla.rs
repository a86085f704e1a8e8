//! Service levels: what is promised (`sla_definitions`), the minutes by which deliveries are measured (`sla_thresholds`), and
//! the clocks that run (`sla_tracking`).
#![expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, boolean, choice, date, decimal, instant, integer,
    long_text, member, money, moved, number, reference, text, transition,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::score::{self, Severity};

const UNITS: &[&str] = &["minutes", "hours", "percent", "count"];
pub(crate) const SERVICES: &[&str] = &["express", "standard", "economy"];

/// What is promised.
pub static SLA_DEFINITIONS: Resource = Resource::new("operations", "sla_definitions", DEFINITION)
    .title(&["sla_name"])
    .check(check_definition);

const DEFINITION: &[Field] = &[
    text("sla_code", 50).required().unique().search().list(),
    text("sla_name", 200).required().search().list(),
    choice(
        "sla_type",
        &[
            "delivery_time",
            "response_time",
            "pickup_time",
            "resolution_time",
            "uptime",
            "quality_score",
        ],
    )
    .required()
    .filter()
    .list(),
    long_text("description", 2000),
    decimal("target_value", 2).required().list(),
    choice("unit_of_measure", UNITS)
        .required()
        .default("minutes")
        .aliases(&[("%", "percent")])
        .list(),
    decimal("warning_threshold", 2),
    decimal("critical_threshold", 2),
    choice("priority", &["critical", "high", "medium", "low"])
        .required()
        .default("medium")
        .filter()
        .list(),
    reference("zone_id", "operations.zones").filter(),
    choice("service_type", SERVICES).filter(),
    choice("customer_tier", &["vip", "premium", "standard", "basic"]).filter(),
    money("penalty_per_breach").required().default("0").list(),
    boolean("escalation_required").required().default("false"),
    boolean("business_hours_only").required().default("false"),
    choice("measurement_period", &["daily", "weekly", "monthly", "quarterly"])
        .required()
        .default("daily"),
    long_text("calculation_method", 2000),
    boolean("is_active").required().default("true").filter().list(),
    date("effective_from"),
    date("effective_until"),
    long_text("notes", 4000),
];

fn check_definition(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after
        .date("effective_from")
        .zip(after.date("effective_until"))
        .is_some_and(|(from, until)| until < from)
    {
        violations.push(Violation::new("effective_until", "ends_before_start"));
    }
    if after.decimal("target_value").is_some_and(|target| target.is_zero()) {
        violations.push(Violation::new("target_value", "must_be_positive"));
    }
    violations
}

/// Minutes by which deliveries are measured, by zone and service.
pub static SLA_THRESHOLDS: Resource = Resource::new("operations", "sla_thresholds", THRESHOLD)
    .title(&["threshold_name"])
    .check(check_threshold);

const THRESHOLD: &[Field] = &[
    text("threshold_code", 50).required().unique().search().list(),
    text("threshold_name", 200).required().search().list(),
    choice(
        "sla_type",
        &["delivery_time", "response_time", "pickup_time", "resolution_time"],
    )
    .required()
    .filter()
    .list(),
    choice("service_type", SERVICES).filter().list(),
    reference("zone_id", "operations.zones").filter().list(),
    boolean("applies_to_all_zones").required().default("true").filter(),
    integer("target_minutes", 1, 10_000)
        .required()
        .example("45")
        .unit("min")
        .list(),
    integer("warning_minutes", 1, 10_000)
        .required()
        .example("35")
        .unit("min")
        .list(),
    integer("critical_minutes", 1, 10_000)
        .required()
        .example("60")
        .unit("min")
        .list(),
    money("penalty_amount").required().default("0").list(),
    boolean("escalation_required").required().default("true"),
    boolean("is_active").required().default("true").filter().list(),
    long_text("description", 2000),
];

/// It warns before the target, and what is critical is not before it.
fn check_threshold(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let minutes = |field: &str| after.integer(field);
    if minutes("warning_minutes")
        .zip(minutes("target_minutes"))
        .is_some_and(|(warning, target)| warning >= target)
    {
        violations.push(Violation::new("warning_minutes", "warns_too_late"));
    }
    if minutes("critical_minutes")
        .zip(minutes("target_minutes"))
        .is_some_and(|(critical, target)| critical < target)
    {
        violations.push(Violation::new("critical_minutes", "critical_before_target"));
    }
    violations
}

/// Clocks that run, and how they ended.
pub static SLA_TRACKING: Resource = Resource::new("operations", "sla_tracking", CLOCK)
    .title(&["sla_number"])
    .check(check_clock)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    AtRisk,
    Breached,
    Met,
    Expired,
}

const CLOCK: &[Field] = &[
    number("sla_number", "SLA", 4).group("clock"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list()
        .group("clock"),
    reference("sla_definition_id", "operations.sla_definitions")
        .create_only()
        .filter()
        .list()
        .group("clock"),
    reference("sla_threshold_id", "operations.sla_thresholds")
        .create_only()
        .filter()
        .group("clock"),
    reference("delivery_id", "operations.deliveries")
        .filter()
        .list()
        .group("about"),
    reference("route_id", "operations.routes").filter().group("about"),
    reference("courier_id", "fleet.couriers").filter().list().group("about"),
    reference("incident_id", "operations.incidents").filter().group("about"),
    instant("started_at").required().list().group("time"),
    instant("target_at").required().filter().list().group("time"),
    instant("warning_at").filter().group("time"),
    instant("critical_at").group("time"),
    instant("completed_at").read_only().list().group("time"),
    decimal("target_value", 2).required().list().group("result"),
    choice("unit_of_measure", UNITS)
        .required()
        .default("minutes")
        .aliases(&[("%", "percent")])
        .group("result"),
    decimal("actual_value", 2).read_only().list().group("result"),
    decimal("variance", 2).signed().read_only().list().group("result"),
    decimal("variance_percent", 2)
        .signed()
        .read_only()
        .unit("percent")
        .group("result"),
    decimal("compliance_score", 2).read_only().list().group("result"),
    instant("breached_at").read_only().group("breach"),
    integer("breach_duration_minutes", 0, 1_000_000_000)
        .read_only()
        .unit("min")
        .group("breach"),
    choice("breach_severity", &["minor", "major", "critical"])
        .read_only()
        .filter()
        .group("breach"),
    long_text("breach_reason", 500).read_only().group("breach"),
    money("penalty_per_breach").required().default("0").group("breach"),
    money("penalty_applied")
        .required()
        .read_only()
        .default("0")
        .list()
        .group("breach"),
    boolean("customer_notified").required().default("false").group("breach"),
    instant("notified_at").group("breach"),
    boolean("escalated")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("escalation"),
    member("escalated_to").read_only().group("escalation"),
    instant("escalated_at").read_only().group("escalation"),
    long_text("corrective_action", 2000),
    long_text("resolution_notes", 2000),
    long_text("notes", 4000),
];

const ACTUAL: Field = decimal("actual_value", 2);
const SEVERITY: Field = choice("breach_severity", &["minor", "major", "critical"]);
const BREACH_REASON: Field = long_text("breach_reason", 500);

const ACTIONS: &[Action] = &[
    transition("warn", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::AtRisk),
            Status::AtRisk | Status::Breached | Status::Met | Status::Expired => None,
        })
    })
    .internal(),
    transition("meet", "status", &[ACTUAL], |state| {
        moved(state, |status| match status {
            Status::Active | Status::AtRisk => Some(Status::Met),
            Status::Breached | Status::Met | Status::Expired => None,
        })
    })
    .stamps(&["completed_at"])
    .decide(meet),
    transition("breach", "status", &[SEVERITY, BREACH_REASON, ACTUAL], |state| {
        moved(state, |status| match status {
            Status::Active | Status::AtRisk => Some(Status::Breached),
            Status::Breached | Status::Met | Status::Expired => None,
        })
    })
    .internal()
    .stamps(&["breached_at"])
    .decide(breach)
    .danger(),
    transition("finish", "status", &[ACTUAL, BREACH_REASON], |state| {
        moved(state, |status| match status {
            Status::Breached => Some(Status::Breached),
            Status::Active | Status::AtRisk | Status::Met | Status::Expired => None,
        })
    })
    .stamps(&["completed_at"])
    .decide(finish),
    transition("expire", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::AtRisk => Some(Status::Expired),
            Status::Breached | Status::Met | Status::Expired => None,
        })
    })
    .internal(),
    transition("escalate", "status", &[member("escalated_to").required()], |state| {
        moved(state, |status| match status {
            Status::Active | Status::AtRisk | Status::Breached => Some(status),
            Status::Met | Status::Expired => None,
        })
    })
    .stamps(&["escalated_at"])
    .decide(|_| Ok(Map::from_iter([("escalated".to_owned(), json!(true))]))),
];

/// What was measured: given, or the minutes or hours since the clock was started.
fn actual(given: &Given<'_>) -> Option<Decimal> {
    given.input.decimal("actual_value").or_else(|| {
        let minutes =
            Decimal::from((given.now - given.record.instant("started_at")?).num_seconds()) / Decimal::from(60);
        match given.record.text("unit_of_measure")? {
            "minutes" => Some(minutes.round_dp(2)),
            "hours" => Some((minutes / Decimal::from(60)).round_dp(2)),
            _ => None,
        }
    })
}

/// Shares and counts are the better the higher, times the better the lower.
fn outcome(given: &Given<'_>) -> Option<score::Outcome> {
    let higher_is_better = matches!(given.record.text("unit_of_measure"), Some("percent" | "count"));
    score::outcome(given.record.decimal("target_value")?, actual(given)?, higher_is_better)
}

fn result(outcome: &score::Outcome) -> Map<String, Json> {
    Map::from_iter([
        ("actual_value".to_owned(), json!(outcome.actual.to_string())),
        ("variance".to_owned(), json!(outcome.variance.to_string())),
        ("variance_percent".to_owned(), json!(outcome.percent.to_string())),
        ("compliance_score".to_owned(), json!(outcome.compliance.to_string())),
    ])
}

/// What is late was not met: that is a breach.
fn meet(given: &Given<'_>) -> Decision {
    let outcome = outcome(given).ok_or("actual_value_missing")?;
    if !outcome.is_kept {
        return Err("target_missed");
    }
    Ok(result(&outcome))
}

fn breach(given: &Given<'_>) -> Decision {
    let mut change = Map::new();
    let mut severity = given.input.text("breach_severity").and_then(|word| word.parse().ok());
    if let Some(outcome) = outcome(given) {
        severity = severity.or(Some(Severity::of(outcome.percent)));
        change = result(&outcome);
    }
    penalize(given, severity.unwrap_or(Severity::Minor), &mut change);
    Ok(change)
}

/// The end of a clock that was over its target already: its delay is final now.
fn finish(given: &Given<'_>) -> Decision {
    let outcome = outcome(given).ok_or("actual_value_missing")?;
    let mut change = result(&outcome);
    let told = given.record.text("breach_severity").and_then(|word| word.parse().ok());
    penalize(
        given,
        Severity::of(outcome.percent).max(told.unwrap_or(Severity::Minor)),
        &mut change,
    );
    Ok(change)
}

fn penalize(given: &Given<'_>, severity: Severity, change: &mut Map<String, Json>) {
    let penalty = score::penalty(given.record.decimal("penalty_per_breach").unwrap_or_default(), severity);
    let late = given
        .record
        .instant("target_at")
        .map(|target| (given.now - target).num_minutes().max(0));
    let word: &'static str = severity.into();
    change.insert("breach_severity".into(), json!(word));
    change.insert("penalty_applied".into(), json!(penalty.to_string()));
    change.insert("breach_duration_minutes".into(), json!(late));
}

fn check_clock(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after
        .instant("started_at")
        .zip(after.instant("target_at"))
        .is_some_and(|(start, target)| target < start)
    {
        violations.push(Violation::new("target_at", "ends_before_start"));
    }
    let target = after.decimal("target_value").and_then(|target| target.to_f64());
    if target.is_some_and(|target| target <= 0.0) {
        violations.push(Violation::new("target_value", "must_be_positive"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(decide: fn(&Given<'_>) -> Decision, record: &Json, input: &Json, now: &str) -> Decision {
        let record = Record(record.as_object().cloned().expect("an object"));
        let input = Record(input.as_object().cloned().expect("an object"));
        let now: chrono::DateTime<chrono::Utc> = now.parse().expect("an instant");
        decide(&Given {
            record: &record,
            input: &input,
            now,
            today: now.date_naive(),
            actor_id: uuid::Uuid::nil(),
        })
    }

    fn clock() -> Json {
        json!({"started_at": "2026-01-15T09:00:00Z", "target_at": "2026-01-15T09:45:00Z", "target_value": "45.00",
               "unit_of_measure": "minutes", "penalty_per_breach": "50.00"})
    }

    #[test]
    fn a_clock_is_met_in_time_and_only_then() {
        let met = decided(meet, &clock(), &json!({}), "2026-01-15T09:36:00Z").expect("in time");
        assert_eq!(
            (&met["variance"], &met["variance_percent"]),
            (&json!("-9.00"), &json!("-20.00"))
        );
        assert_eq!(met["compliance_score"], "100.00");
        assert_eq!(
            decided(meet, &clock(), &json!({}), "2026-01-15T09:54:00Z"),
            Err("target_missed")
        );
    }

    #[test]
    fn a_major_breach_costs_half_as_much_again() {
        let given = json!({"breach_severity": "major"});
        let breached = decided(breach, &clock(), &given, "2026-01-15T09:54:00Z").expect("allowed");
        assert_eq!(
            (&breached["penalty_applied"], &breached["compliance_score"]),
            (&json!("75.00"), &json!("80.00"))
        );
        assert_eq!(breached["breach_duration_minutes"], 9);
        // A clock that goes on is judged at its end, never milder than before.
        let mut told = clock();
        told["breach_severity"] = json!("major");
        let ended = decided(finish, &told, &json!({}), "2026-01-15T09:54:00Z").expect("allowed");
        assert_eq!(ended["breach_severity"], "major");
        let ended = decided(finish, &told, &json!({}), "2026-01-15T11:00:00Z").expect("allowed");
        assert_eq!(
            (&ended["breach_severity"], &ended["penalty_applied"]),
            (&json!("critical"), &json!("100.00"))
        );
    }

    #[test]
    fn thresholds_are_in_order() {
        let row = |warning: i64, target: i64, critical: i64| {
            let row = json!({"warning_minutes": warning, "target_minutes": target, "critical_minutes": critical});
            check_threshold(None, &Record(row.as_object().cloned().expect("an object"))).len()
        };
        assert_eq!((row(35, 45, 60), row(45, 45, 45), row(50, 45, 40)), (0, 1, 2));
    }
}
