//! Bonuses: granted by one person, decided by another, paid with a month's pay.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, instant, long_text, member, money,
    moved, reference, transition,
};
use rust_decimal::Decimal;
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Bonuses.
pub static BONUSES: Resource = Resource::new("hr", "bonuses", FIELDS)
    .owned_by("courier_id")
    .title(&["granted_on"])
    .check(check)
    .actions(ACTIONS);

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    choice(
        "bonus_type",
        &[
            "performance",
            "attendance",
            "seasonal",
            "special",
            "referral",
            "holiday",
            "retention",
            "safety",
            "other",
        ],
    )
    .required()
    .filter()
    .list(),
    money("amount").required().list().permission("read_pay"),
    date("granted_on").required().filter().list(),
    choice("payment_status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    long_text("reason", 500),
    long_text("description", 1000),
    member("granted_by").read_only().by_maker(),
    member("approved_by").read_only(),
    instant("approved_at").read_only(),
    long_text("rejection_reason", 500).read_only(),
    reference("salary_id", "hr.salaries").read_only(),
    instant("paid_at").read_only(),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Approved,
    Rejected,
    Paid,
}

const ACTIONS: &[Action] = &[
    transition("approve", "payment_status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Approved),
            Status::Approved | Status::Rejected | Status::Paid => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by")
    .decide(by_another),
    transition(
        "reject",
        "payment_status",
        &[long_text("rejection_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Approved => Some(Status::Rejected),
                Status::Rejected | Status::Paid => None,
            })
        },
    )
    .stamps(&["approved_at"])
    .signs("approved_by"),
    transition(
        "pay",
        "payment_status",
        &[reference("salary_id", "hr.salaries")],
        |state| {
            moved(state, |status| match status {
                Status::Approved => Some(Status::Paid),
                Status::Pending | Status::Rejected | Status::Paid => None,
            })
        },
    )
    .stamps(&["paid_at"]),
];

/// Nobody approves what he granted himself.
fn by_another(given: &Given<'_>) -> Decision {
    if given.record.uuid("granted_by") == Some(given.actor_id) {
        return Err("own_grant");
    }
    Ok(Map::new())
}

fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.decimal("amount").is_some_and(|amount| amount <= Decimal::ZERO) {
        violations.push(Violation::new("amount", "not_positive"));
    }
    let decided = before.filter(|before| !before.is("payment_status", "pending"));
    for field in ["amount", "bonus_type", "granted_on"] {
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

    /// The tests' actor is nil.
    #[test]
    fn nobody_approves_what_he_granted() {
        let of = |who: uuid::Uuid| json!({"payment_status": "pending", "granted_by": who});
        let approve = |row: &serde_json::Value| decide(ACTIONS, "approve", row, &json!({}));
        assert_eq!(approve(&of(uuid::Uuid::nil())), Err("own_grant"));
        assert_eq!(approve(&of(uuid::Uuid::max())), Ok(Map::new()));
    }

    #[test]
    fn an_approved_amount_stays() {
        breaks(
            check,
            None,
            &[
                (json!({"amount": "0.00"}), "amount not_positive"),
                (json!({"amount": "0.01"}), ""),
            ],
        );
        let approved = json!({"payment_status": "approved", "amount": "200.00"});
        let more = json!({"payment_status": "approved", "amount": "300.00"});
        breaks(check, Some(&approved), &[(more, "amount already_decided")]);
    }
}
