//! Loans to couriers. The balance moves only by payments, and each payment is a row of the ledger `loan_payments`.

use chrono::Datelike;
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Verb, Violation, choice, date, instant, integer, long_text,
    member, money, moved, number, reference, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Loans.
pub static LOANS: Resource = Resource::new("hr", "loans", FIELDS)
    .owned_by("courier_id")
    .title(&["loan_number"])
    .check(check)
    .actions(ACTIONS);

/// The ledger of loans: rows come from payments alone, and stay.
pub static LOAN_PAYMENTS: Resource = Resource::new("hr", "loan_payments", PAYMENT_FIELDS)
    .owned_by("loan_id")
    .title(&["paid_on"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-paid_on");

const FIELDS: &[Field] = &[
    number("loan_number", "LOAN", 5).continuous(),
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    choice(
        "loan_type",
        &["salary_advance", "personal", "emergency", "housing", "vehicle"],
    )
    .required()
    .filter()
    .list(),
    money("amount").required().list().permission("read_pay"),
    integer("total_installments", 1, 60).required().default("1").list(),
    money("monthly_deduction").required().list().permission("read_pay"),
    money("outstanding_balance")
        .required()
        .read_only()
        .default("0")
        .list()
        .permission("read_pay"),
    date("starts_on").required().filter().list(),
    date("ended_on").read_only(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    long_text("reason", 1000),
    member("approved_by").read_only(),
    instant("approved_at").read_only(),
    long_text("rejection_reason", 500).read_only(),
    long_text("cancel_reason", 500).read_only(),
    date("last_paid_on").read_only(),
    choice(
        "last_payment_method",
        &["salary", "cash", "bank_transfer", "settlement"],
    )
    .read_only(),
    reference("last_salary_id", "hr.salaries").read_only(),
    date("next_due_on").read_only().filter().list(),
    // What was last done with the schedule, and how often something was.
    integer("deferrals", 0, 1_000).required().read_only().default("0"),
    date("changed_month").read_only(),
    money("changed_part").read_only().permission("read_pay"),
    integer("changed_months", 1, 24).read_only().unit("months"),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Active,
    Completed,
    Rejected,
    Cancelled,
}

const PAYMENT_FIELDS: &[Field] = &[
    reference("loan_id", "hr.loans").required().filter().list(),
    date("paid_on").required().filter().list(),
    money("amount").required().list().permission("read_pay"),
    money("balance_after").required().list().permission("read_pay"),
    choice("method", &["salary", "cash", "bank_transfer", "settlement"])
        .required()
        .filter()
        .list(),
    reference("salary_id", "hr.salaries"),
    long_text("notes", 4000),
];

/// Whoever puts off more often than that has no plan.
const MOST_DEFERRALS: i64 = 1_000;

const METHODS: &[&str] = &["salary", "cash", "bank_transfer", "settlement"];

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Active),
            Status::Active | Status::Completed | Status::Rejected | Status::Cancelled => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by")
    .decide(|given| {
        Ok(Map::from_iter([(
            "outstanding_balance".to_owned(),
            given.record.get("amount").clone(),
        )]))
    }),
    transition(
        "reject",
        "status",
        &[long_text("rejection_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Rejected),
                Status::Active | Status::Completed | Status::Rejected | Status::Cancelled => None,
            })
        },
    ),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Active => Some(Status::Cancelled),
                Status::Completed | Status::Rejected | Status::Cancelled => None,
            })
        },
    )
    .decide(write_off)
    .danger(),
    transition(
        "pay",
        "status",
        &[
            money("payment").required(),
            date("last_paid_on"),
            choice("last_payment_method", METHODS).required().default("cash"),
            reference("last_salary_id", "hr.salaries"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Active => Some(Status::Active),
                Status::Pending | Status::Completed | Status::Rejected | Status::Cancelled => None,
            })
        },
    )
    .decide(pay),
    transition(
        "pay_off",
        "status",
        &[
            date("last_paid_on"),
            choice("last_payment_method", METHODS).required().default("cash"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Active => Some(Status::Completed),
                Status::Pending | Status::Completed | Status::Rejected | Status::Cancelled => None,
            })
        },
    )
    .decide(pay_off),
    transition("skip", "status", &[date("month").required()], still_active).decide(replan),
    transition(
        "pay_part",
        "status",
        &[date("month").required(), money("part").required()],
        still_active,
    )
    .decide(replan),
    transition(
        "postpone",
        "status",
        &[
            date("month").required(),
            integer("months", 1, 24).required().default("1").unit("months"),
        ],
        still_active,
    )
    .decide(replan),
    transition("complete", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Completed),
            Status::Pending | Status::Completed | Status::Rejected | Status::Cancelled => None,
        })
    })
    .stamps(&["ended_on"])
    .decide(|given| {
        if balance(given.record).is_zero() {
            Ok(Map::new())
        } else {
            Err("still_owed")
        }
    }),
];

fn still_active(state: &str) -> Option<&'static str> {
    moved(state, |status| match status {
        Status::Active => Some(Status::Active),
        Status::Pending | Status::Completed | Status::Rejected | Status::Cancelled => None,
    })
}

/// The row keeps what is to be done with the schedule; the instalments follow it in the same transaction.
fn replan(given: &Given<'_>) -> Decision {
    let part = given.input.decimal("part");
    if part.is_some_and(|part| part <= Decimal::ZERO) {
        return Err("nothing_paid");
    }
    let deferrals = given.record.integer("deferrals").unwrap_or(0) + 1;
    if deferrals > MOST_DEFERRALS {
        return Err("deferred_too_often");
    }
    let month = given.input.date("month").and_then(|month| month.with_day(1));
    Ok(Map::from_iter([
        ("deferrals".to_owned(), json!(deferrals)),
        ("changed_month".to_owned(), json!(month)),
        ("changed_part".to_owned(), given.input.get("part").clone()),
        ("changed_months".to_owned(), given.input.get("months").clone()),
    ]))
}

/// Everything that is owed, at once.
fn pay_off(given: &Given<'_>) -> Decision {
    if balance(given.record).is_zero() {
        return Err("nothing_paid");
    }
    let paid_on = given.input.date("last_paid_on").unwrap_or(given.today);
    Ok(Map::from_iter([
        ("outstanding_balance".to_owned(), json!("0.00")),
        ("last_paid_on".to_owned(), json!(paid_on)),
        ("last_salary_id".to_owned(), serde_json::Value::Null),
        ("ended_on".to_owned(), json!(paid_on)),
    ]))
}

fn balance(loan: &Record) -> Decimal {
    loan.decimal("outstanding_balance").unwrap_or_default()
}

/// What is paid comes off the balance; the last payment ends the loan, and more than is owed is refused.
fn pay(given: &Given<'_>) -> Decision {
    let payment = given.input.decimal("payment").unwrap_or_default();
    let left = balance(given.record) - payment;
    if payment <= Decimal::ZERO {
        return Err("nothing_paid");
    }
    if left < Decimal::ZERO {
        return Err("loan_overpaid");
    }
    let paid_on = given.input.date("last_paid_on").unwrap_or(given.today);
    let mut change = Map::from_iter([
        ("outstanding_balance".to_owned(), json!(left.to_string())),
        ("last_paid_on".to_owned(), json!(paid_on)),
        ("last_salary_id".to_owned(), given.input.get("last_salary_id").clone()),
    ]);
    if left.is_zero() {
        change.insert("status".to_owned(), json!("completed"));
        change.insert("ended_on".to_owned(), json!(paid_on));
    }
    Ok(change)
}

/// A loan that is called off owes nothing any more; what was repaid stays in the ledger.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn write_off(given: &Given<'_>) -> Decision {
    Ok(Map::from_iter([
        ("outstanding_balance".to_owned(), json!("0.00")),
        ("ended_on".to_owned(), json!(given.today)),
    ]))
}

/// Instalments that end the loan, and nothing changed after approval that the balance rests on.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let amount = after.decimal("amount").unwrap_or_default();
    let monthly = after.decimal("monthly_deduction").unwrap_or_default();
    if amount <= Decimal::ZERO {
        violations.push(Violation::new("amount", "not_positive"));
    }
    if monthly <= Decimal::ZERO {
        violations.push(Violation::new("monthly_deduction", "not_positive"));
    } else if monthly > amount {
        violations.push(Violation::new("monthly_deduction", "more_than_loan"));
    }
    let decided = before.filter(|before| !before.is("status", "pending"));
    for field in ["amount", "loan_type"] {
        if decided.is_some_and(|before| before.get(field) != after.get(field)) {
            violations.push(Violation::new(field, "already_decided"));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    fn loan(balance: &str) -> serde_json::Value {
        json!({"status": "active", "amount": "5000.00", "outstanding_balance": balance})
    }

    #[test]
    fn five_instalments_of_a_thousand() {
        let pay = |balance: &str, payment: &str| decide(ACTIONS, "pay", &loan(balance), &json!({"payment": payment}));
        let first = pay("5000.00", "1000.00").expect("allowed");
        assert_eq!(
            (&first["outstanding_balance"], first.get("status")),
            (&json!("4000.00"), None)
        );
        let last = pay("3000.00", "3000.00").expect("allowed");
        assert_eq!(
            (&last["outstanding_balance"], &last["status"]),
            (&json!("0.00"), &json!("completed"))
        );
        assert_eq!(last["ended_on"], "1970-01-01");
        assert_eq!(pay("3000.00", "3500.00"), Err("loan_overpaid"));
        assert_eq!(pay("3000.00", "0.00"), Err("nothing_paid"));
    }

    #[test]
    fn approval_owes_the_whole_amount_and_only_nothing_owed_is_complete() {
        let pending = json!({"status": "pending", "amount": "5000.00"});
        let change = decide(ACTIONS, "approve", &pending, &json!({})).expect("allowed");
        assert_eq!(change["outstanding_balance"], "5000.00");
        assert_eq!(
            decide(ACTIONS, "complete", &loan("0.01"), &json!({})),
            Err("still_owed")
        );
        assert!(decide(ACTIONS, "complete", &loan("0.00"), &json!({})).is_ok());
    }

    #[test]
    fn a_loan_is_paid_off_whole_and_a_change_of_its_plan_is_noted() {
        let off = decide(ACTIONS, "pay_off", &loan("120.50"), &json!({})).expect("allowed");
        assert_eq!(off["outstanding_balance"], "0.00");
        assert_eq!(
            decide(ACTIONS, "pay_off", &loan("0.00"), &json!({})),
            Err("nothing_paid")
        );
        let skip = decide(ACTIONS, "skip", &loan("5.00"), &json!({"month": "2026-05-17"})).expect("allowed");
        assert_eq!(
            (&skip["changed_month"], &skip["deferrals"]),
            (&json!("2026-05-01"), &json!(1))
        );
        let part = json!({"month": "2026-05-01", "part": "0.00"});
        assert_eq!(decide(ACTIONS, "pay_part", &loan("5.00"), &part), Err("nothing_paid"));
    }

    #[test]
    fn rules_of_a_row() {
        let row = |amount: &str, monthly: &str| json!({"amount": amount, "monthly_deduction": monthly});
        let table = [
            (
                row("0.00", "1.00"),
                "amount not_positive, monthly_deduction more_than_loan",
            ),
            (row("10.00", "0.00"), "monthly_deduction not_positive"),
            (row("10.00", "10.01"), "monthly_deduction more_than_loan"),
            (row("10.00", "10.00"), ""),
        ];
        breaks(check, None, &table);
    }
}
