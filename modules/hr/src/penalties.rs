//! Penalties: proposed, decided, appealed, and deducted from pay within the law's limits.

use chrono::NaiveDate;
use hr_pay::Rules;
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, file, instant, long_text, member, money,
    moved, number, reference, transition,
};
use rust_decimal::Decimal;
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::decided::kept_once_decided;

/// Penalties.
pub static PENALTIES: Resource = Resource::new("hr", "penalties", FIELDS)
    .owned_by("courier_id")
    .title(&["reference_number"])
    .check(check)
    .actions(ACTIONS);

const FIELDS: &[Field] = &[
    number("reference_number", "PEN", 5).continuous(),
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    choice(
        "penalty_type",
        &[
            "sla_violation",
            "attendance",
            "traffic_violation",
            "vehicle_damage",
            "customer_complaint",
            "policy_violation",
            "late_delivery",
            "missing_item",
            "misconduct",
            "other",
        ],
    )
    .required()
    .filter()
    .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    money("amount").required().list().permission("read_pay"),
    long_text("reason", 1000).required(),
    date("incident_on").required().filter().list(),
    date("discovered_on"),
    date("charged_on").read_only().from_today(),
    date("investigated_on").read_only(),
    member("proposed_by").read_only().by_maker(),
    reference("incident_id", "operations.incidents"),
    reference("sla_tracking_id", "operations.sla_tracking"),
    reference("delivery_id", "operations.deliveries"),
    file("evidence_file_id"),
    member("approved_by").read_only(),
    instant("approved_at").read_only(),
    long_text("rejection_reason", 500).read_only(),
    long_text("appeal_reason", 1000).read_only(),
    instant("appealed_at").read_only(),
    long_text("appeal_resolution", 1000).read_only(),
    member("appeal_resolved_by").read_only(),
    instant("appeal_resolved_at").read_only(),
    reference("salary_id", "hr.salaries").read_only(),
    instant("applied_at").read_only(),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Approved,
    Rejected,
    Appealed,
    Waived,
    Applied,
}

/// What somebody reads before he pays has to say something.
const SHORTEST_REASON: usize = 10;

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[date("investigated_on")], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Approved),
            Status::Approved | Status::Rejected | Status::Appealed | Status::Waived | Status::Applied => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by")
    .decide(in_time),
    transition(
        "reject",
        "status",
        &[long_text("rejection_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Rejected),
                Status::Approved | Status::Rejected | Status::Appealed | Status::Waived | Status::Applied => None,
            })
        },
    )
    .stamps(&["approved_at"])
    .signs("approved_by"),
    transition(
        "appeal",
        "status",
        &[long_text("appeal_reason", 1000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Approved => Some(Status::Appealed),
                Status::Rejected | Status::Appealed | Status::Waived | Status::Applied => None,
            })
        },
    )
    .stamps(&["appealed_at"])
    .decide(appealed),
    transition(
        "uphold",
        "status",
        &[long_text("appeal_resolution", 1000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Appealed => Some(Status::Approved),
                Status::Pending | Status::Approved | Status::Rejected | Status::Waived | Status::Applied => None,
            })
        },
    )
    .stamps(&["appeal_resolved_at"])
    .signs("appeal_resolved_by"),
    transition(
        "waive",
        "status",
        &[long_text("appeal_resolution", 1000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Appealed => Some(Status::Waived),
                Status::Pending | Status::Approved | Status::Rejected | Status::Waived | Status::Applied => None,
            })
        },
    )
    .stamps(&["appeal_resolved_at"])
    .signs("appeal_resolved_by"),
    transition("apply", "status", &[reference("salary_id", "hr.salaries")], |state| {
        moved(state, |status| match status {
            Status::Approved => Some(Status::Applied),
            Status::Pending | Status::Rejected | Status::Appealed | Status::Waived | Status::Applied => None,
        })
    })
    .internal()
    .stamps(&["applied_at"])
    .danger(),
];

/// Days of a rule of the law on a day; a gap in the rules refuses nothing.
fn law_days(rule: &str, on: NaiveDate) -> Option<i64> {
    Rules::saudi().count(rule, on).ok()
}

/// Whether more days have passed than a rule allows.
fn is_late(rule: &str, from: Option<NaiveDate>, on: NaiveDate) -> bool {
    let allowed = law_days(rule, on);
    from.zip(allowed)
        .is_some_and(|(from, days)| (on - from).num_days() > days)
}

/// Charged in time after the discovery, and decided in time after the investigation.
fn in_time(given: &Given<'_>) -> Decision {
    let (record, input) = (given.record, given.input);
    if let Some(charged_on) = record.date("charged_on")
        && is_late("discipline.charge_days", record.date("discovered_on"), charged_on)
    {
        return Err("charged_too_late");
    }
    let investigated_on = input.date("investigated_on");
    if investigated_on.is_some_and(|day| day > given.today) {
        return Err("investigated_later");
    }
    if is_late("discipline.decision_days", investigated_on, given.today) {
        return Err("decided_too_late");
    }
    Ok(Map::new())
}

/// An appeal says why, and comes within the days that the law gives.
fn appealed(given: &Given<'_>) -> Decision {
    let reason = given.input.text("appeal_reason").unwrap_or_default();
    if reason.trim().chars().count() < SHORTEST_REASON {
        return Err("reason_too_short");
    }
    let told = given.record.instant("approved_at").map(|at| at.date_naive());
    if is_late("discipline.appeal_days", told, given.today) {
        return Err("appeal_too_late");
    }
    Ok(Map::new())
}

/// A positive amount, a reason that says something, and no change after the proposal was decided.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.decimal("amount").is_some_and(|amount| amount <= Decimal::ZERO) {
        violations.push(Violation::new("amount", "not_positive"));
    }
    let letters = after.text("reason").map_or(0, |text| text.trim().chars().count());
    if letters < SHORTEST_REASON {
        violations.push(Violation::new("reason", "reason_too_short"));
    }
    let days = after.date("incident_on").zip(after.date("discovered_on"));
    if days.is_some_and(|(incident, discovered)| discovered < incident) {
        violations.push(Violation::new("discovered_on", "before_start"));
    }
    violations.extend(kept_once_decided(
        before,
        after,
        &["amount", "penalty_type", "reason", "incident_on"],
    ));
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn reasons_have_ten_letters_and_amounts_are_positive() {
        let row = |amount: &str, reason: &str| json!({"amount": amount, "reason": reason});
        let table = [
            (row("50.00", "Ran a red light"), ""),
            (row("50.00", "short    "), "reason reason_too_short"),
            (row("0.00", "Ran a red light"), "amount not_positive"),
        ];
        breaks(check, None, &table);
        let approved = json!({"status": "approved", "amount": "50.00", "reason": "Ran a red light"});
        let more = json!({"status": "approved", "amount": "60.00", "reason": "Ran a red light"});
        breaks(check, Some(&approved), &[(more, "amount already_decided")]);
    }

    /// The tests' today is 1970-01-01, before any rule; the rules' days are tried with days of their own.
    #[test]
    fn nothing_is_charged_decided_or_appealed_later_than_the_law_allows() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let late = |rule: &str, from: &str, on: &str| is_late(rule, day(from), day(on).expect("a day"));
        for rule in [
            "discipline.charge_days",
            "discipline.decision_days",
            "discipline.appeal_days",
        ] {
            assert!(!late(rule, "2026-05-01", "2026-05-31"), "{rule}");
            assert!(late(rule, "2026-05-01", "2026-06-01"), "{rule}");
        }
        assert!(!is_late(
            "discipline.charge_days",
            None,
            day("2026-06-01").expect("a day")
        ));
        assert_eq!(
            law_days("discipline.appeal_decision_days", day("2026-06-01").expect("a day")),
            Some(15)
        );
        let late = json!({"status": "pending", "discovered_on": "2026-05-01", "charged_on": "2026-06-01"});
        assert_eq!(decide(ACTIONS, "approve", &late, &json!({})), Err("charged_too_late"));
    }

    #[test]
    fn an_appeal_says_why() {
        let row = json!({"status": "approved"});
        let appeal = |reason: &str| decide(ACTIONS, "appeal", &row, &json!({"appeal_reason": reason}));
        assert_eq!(appeal("No"), Err("reason_too_short"));
        assert!(appeal("The light was green").is_ok());
    }
}
