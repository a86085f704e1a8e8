//! Deductions that somebody outside of the schedule of loans may ask for: debts by order of a court, damage, and what a courier
//! agreed to in writing. What a month cannot take stays outstanding for the next one.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, decimal, file, instant, long_text,
    member, money, moved, number, reference, text, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::decided::kept_once_decided;

/// Deduction orders.
pub static DEDUCTION_ORDERS: Resource = Resource::new("hr", "deduction_orders", FIELDS)
    .owned_by("courier_id")
    .title(&["order_number"])
    .check(check)
    .actions(ACTIONS)
    .sort("-starts_on");

const FIELDS: &[Field] = &[
    number("order_number", "DED", 5).continuous(),
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    choice(
        "kind",
        &[
            "court_maintenance",
            "court_debt",
            "damage",
            "consented",
            "housing",
            "safety_gear",
        ],
    )
    .required()
    .create_only()
    .filter()
    .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    money("amount").required().list().permission("read_pay"),
    money("monthly_amount").permission("read_pay"),
    money("outstanding")
        .required()
        .read_only()
        .default("0")
        .list()
        .permission("read_pay"),
    decimal("judgment_share", 4),
    date("starts_on").required().filter().list(),
    text("document_reference", 100).search().list(),
    file("document_file_id"),
    long_text("reason", 1000),
    member("approved_by").read_only(),
    instant("approved_at").read_only(),
    long_text("cancel_reason", 500).read_only(),
    reference("last_salary_id", "hr.salaries").read_only(),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Active,
    Completed,
    Cancelled,
}

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Active),
            Status::Active | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by")
    .decide(|given| {
        Ok(Map::from_iter([(
            "outstanding".to_owned(),
            given.record.get("amount").clone(),
        )]))
    }),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Active => Some(Status::Cancelled),
                Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .danger(),
    transition(
        "collect",
        "status",
        &[
            money("payment").required(),
            reference("last_salary_id", "hr.salaries").required(),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Active => Some(Status::Active),
                Status::Pending | Status::Completed | Status::Cancelled => None,
            })
        },
    )
    .decide(collect)
    .internal(),
];

/// What was deducted comes off; the last of it ends the order.
fn collect(given: &Given<'_>) -> Decision {
    let left =
        given.record.decimal("outstanding").unwrap_or_default() - given.input.decimal("payment").unwrap_or_default();
    if left < Decimal::ZERO {
        return Err("more_than_owed");
    }
    let mut change = Map::from_iter([("outstanding".to_owned(), json!(left.to_string()))]);
    if left.is_zero() {
        change.insert("status".to_owned(), json!("completed"));
    }
    Ok(change)
}

/// An order is about something, names the judgment or the consent that it rests on, and stays as it was decided.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let amount = after.decimal("amount").unwrap_or_default();
    if amount <= Decimal::ZERO {
        violations.push(Violation::new("amount", "not_positive"));
    }
    if let Some(monthly) = after.decimal("monthly_amount") {
        if monthly <= Decimal::ZERO {
            violations.push(Violation::new("monthly_amount", "not_positive"));
        } else if monthly > amount {
            violations.push(Violation::new("monthly_amount", "more_than_amount"));
        }
    }
    let is_court = after.text("kind").is_some_and(|kind| kind.starts_with("court"));
    if is_court && !after.has("document_reference") {
        violations.push(Violation::new("document_reference", "required"));
    }
    if let Some(share) = after.decimal("judgment_share") {
        if share > Decimal::ONE {
            violations.push(Violation::new("judgment_share", "not_allowed"));
        } else if !is_court {
            violations.push(Violation::new("judgment_share", "of_judgments_only"));
        }
    }
    violations.extend(kept_once_decided(
        before,
        after,
        &["amount", "monthly_amount", "judgment_share", "starts_on"],
    ));
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn an_order_rests_on_something() {
        let row = |more: &[(&str, &str)]| {
            let mut row = json!({"kind": "damage", "amount": "300.00"});
            for (name, value) in more {
                row[*name] = json!(value);
            }
            row
        };
        let table = [
            (row(&[]), ""),
            (row(&[("amount", "0.00")]), "amount not_positive"),
            (row(&[("monthly_amount", "300.01")]), "monthly_amount more_than_amount"),
            (row(&[("kind", "court_debt")]), "document_reference required"),
            (row(&[("judgment_share", "0.4")]), "judgment_share of_judgments_only"),
            (
                row(&[
                    ("kind", "court_debt"),
                    ("document_reference", "45/1"),
                    ("judgment_share", "0.4"),
                ]),
                "",
            ),
        ];
        breaks(check, None, &table);
        let active = json!({"kind": "damage", "amount": "300.00", "status": "active"});
        breaks(
            check,
            Some(&active),
            &[(row(&[("amount", "200.00")]), "amount already_decided")],
        );
    }

    #[test]
    fn the_last_of_it_ends_the_order() {
        let active = json!({"status": "active", "outstanding": "100.00"});
        let salary = uuid::Uuid::max();
        let pay = |payment: &str| {
            decide(
                ACTIONS,
                "collect",
                &active,
                &json!({"payment": payment, "last_salary_id": salary}),
            )
        };
        assert_eq!(pay("40.00").expect("collected")["outstanding"], "60.00");
        assert_eq!(pay("100.00").expect("collected")["status"], "completed");
        assert_eq!(pay("100.01"), Err("more_than_owed"));
    }
}
