//! Penalties: proposed, decided, appealed, and deducted from pay within the law's limits.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, file, instant, long_text, member, money,
    moved, number, reference, transition,
};
use rust_decimal::Decimal;
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};

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
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Approved),
            Status::Approved | Status::Rejected | Status::Appealed | Status::Waived | Status::Applied => None,
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
    .decide(long_enough),
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

fn long_enough(given: &Given<'_>) -> Decision {
    let letters = given
        .input
        .text("appeal_reason")
        .map_or(0, |text| text.trim().chars().count());
    if letters < SHORTEST_REASON {
        return Err("reason_too_short");
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
    let decided = before.filter(|before| !before.is("status", "pending"));
    for field in ["amount", "penalty_type", "reason", "incident_on"] {
        if decided.is_some_and(|before| before.get(field) != after.get(field)) {
            violations.push(Violation::new(field, "already_decided"));
        }
    }
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

    #[test]
    fn an_appeal_says_why() {
        let row = json!({"status": "approved"});
        let appeal = |reason: &str| decide(ACTIONS, "appeal", &row, &json!({"appeal_reason": reason}));
        assert_eq!(appeal("No"), Err("reason_too_short"));
        assert!(appeal("The light was green").is_ok());
    }
}
