//! What the company spends, with its VAT.

use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, date, file, instant, long_text, member, money, moved, number,
    reference, text, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::decided::kept_once_decided;

/// Expenses.
pub static EXPENSES: Resource = Resource::new("hr", "expenses", FIELDS)
    .title(&["expense_number"])
    .check(check)
    .actions(ACTIONS);

/// What money is spent on; budgets are made for the same.
pub(crate) const EXPENSE_CATEGORIES: &[&str] = &[
    "fuel",
    "maintenance",
    "rent",
    "utilities",
    "insurance",
    "government_fees",
    "communications",
    "supplies",
    "fines",
    "travel",
    "other",
];

const FIELDS: &[Field] = &[
    number("expense_number", "EXP", 5).continuous(),
    choice("category", EXPENSE_CATEGORIES).required().filter().list(),
    date("spent_on").required().filter().list(),
    money("amount").required().list(),
    money("vat_amount").required().default("0").list(),
    text("vendor_name", 200).search().filter().list(),
    text("vendor_vat_number", 15),
    text("invoice_number", 100).search(),
    file("receipt_file_id"),
    reference("courier_id", "fleet.couriers").filter(),
    reference("vehicle_id", "fleet.vehicles").filter(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    member("approved_by").read_only(),
    instant("approved_at").read_only(),
    long_text("rejection_reason", 500).read_only(),
    choice("payment_method", &["cash", "bank_transfer", "card", "cheque"]).read_only(),
    date("paid_on").read_only(),
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
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Approved),
            Status::Approved | Status::Rejected | Status::Paid => None,
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
                Status::Approved | Status::Rejected | Status::Paid => None,
            })
        },
    )
    .stamps(&["approved_at"])
    .signs("approved_by"),
    transition(
        "pay",
        "status",
        &[
            date("paid_on"),
            choice("payment_method", &["cash", "bank_transfer", "card", "cheque"])
                .required()
                .default("bank_transfer"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Approved => Some(Status::Paid),
                Status::Pending | Status::Rejected | Status::Paid => None,
            })
        },
    )
    .decide(|given| {
        let paid_on = given.input.date("paid_on").unwrap_or(given.today);
        Ok(Map::from_iter([("paid_on".to_owned(), json!(paid_on))]))
    }),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Approved | Status::Rejected => Some(Status::Pending),
            Status::Pending | Status::Paid => None,
        })
    })
    .danger(),
];

/// A positive amount, a VAT number as the tax authority gives them, and no change of what was decided.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let amount = after.decimal("amount").unwrap_or_default();
    if amount <= Decimal::ZERO {
        violations.push(Violation::new("amount", "not_positive"));
    }
    if after.decimal("vat_amount").is_some_and(|vat| vat > amount) {
        violations.push(Violation::new("vat_amount", "more_than_amount"));
    }
    let is_vat_number = |number: &str| {
        number.len() == 15
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && number.starts_with('3')
            && number.ends_with('3')
    };
    if after
        .text("vendor_vat_number")
        .is_some_and(|number| !is_vat_number(number))
    {
        violations.push(Violation::new("vendor_vat_number", "not_a_vat_number"));
    }
    violations.extend(kept_once_decided(
        before,
        after,
        &["amount", "vat_amount", "category", "spent_on"],
    ));
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::breaks;

    #[test]
    fn rules_of_a_row() {
        let vendor = |number: &str| json!({"amount": "1.00", "vendor_vat_number": number});
        let table = [
            (json!({"amount": "0.00"}), "amount not_positive"),
            (
                json!({"amount": "10.00", "vat_amount": "10.01"}),
                "vat_amount more_than_amount",
            ),
            (vendor("310122393500003"), ""),
            (vendor("310122393500004"), "vendor_vat_number not_a_vat_number"),
            (vendor("3101223935003"), "vendor_vat_number not_a_vat_number"),
        ];
        breaks(check, None, &table);
        let approved = json!({"status": "approved", "amount": "10.00", "category": "fuel"});
        let more = json!({"status": "approved", "amount": "11.00", "category": "fuel"});
        breaks(check, Some(&approved), &[(more, "amount already_decided")]);
    }
}
