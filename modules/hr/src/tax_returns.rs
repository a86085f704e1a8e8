//! VAT returns: output VAT less input VAT at the standard rate, 15 % since July 2020.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, decimal, long_text, member, money,
    moved, text, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use hr_pay::money::share;

/// VAT returns.
pub static TAX_RETURNS: Resource = Resource::new("hr", "tax_returns", FIELDS)
    .title(&["period_ends_on"])
    .check(check)
    .actions(ACTIONS)
    .sort("-period_starts_on");

const FIELDS: &[Field] = &[
    choice("frequency", &["quarterly", "monthly"])
        .required()
        .default("quarterly")
        .filter()
        .list(),
    date("period_starts_on").required().filter().list(),
    date("period_ends_on").required().filter().list(),
    decimal("rate_percent", 2).required().default("15").unit("%"),
    money("taxable_sales").required().default("0").list(),
    money("zero_rated_sales").required().default("0"),
    money("exempt_sales").required().default("0"),
    money("taxable_purchases").required().default("0").list(),
    money("output_vat").required().read_only().default("0").list(),
    money("input_vat").required().read_only().default("0").list(),
    money("net_vat").signed().required().read_only().default("0").list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list(),
    date("filed_on").read_only(),
    member("filed_by").read_only(),
    text("filing_reference", 100).read_only().search(),
    date("paid_on").read_only(),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    Calculated,
    Filed,
    Paid,
}

const ACTIONS: &[Action] = &[
    transition("calculate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::Calculated => Some(Status::Calculated),
            Status::Filed | Status::Paid => None,
        })
    })
    .decide(calculate),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Calculated => Some(Status::Draft),
            Status::Draft | Status::Filed | Status::Paid => None,
        })
    }),
    transition(
        "file",
        "status",
        &[date("filed_on"), text("filing_reference", 100).required()],
        |state| {
            moved(state, |status| match status {
                Status::Calculated => Some(Status::Filed),
                Status::Draft | Status::Filed | Status::Paid => None,
            })
        },
    )
    .signs("filed_by")
    .decide(|given| dated(given, "filed_on"))
    .danger(),
    transition("pay", "status", &[date("paid_on")], |state| {
        moved(state, |status| match status {
            Status::Filed => Some(Status::Paid),
            Status::Draft | Status::Calculated | Status::Paid => None,
        })
    })
    .decide(|given| dated(given, "paid_on")),
];

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn dated(given: &Given<'_>, field: &str) -> Decision {
    let day = given.input.date(field).unwrap_or(given.today);
    Ok(Map::from_iter([(field.to_owned(), json!(day))]))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn calculate(given: &Given<'_>) -> Decision {
    let part = |field: &str| given.record.decimal(field).unwrap_or_default();
    let rate = part("rate_percent");
    let (output, input) = (
        share(part("taxable_sales"), rate),
        share(part("taxable_purchases"), rate),
    );
    Ok(Map::from_iter([
        ("output_vat".to_owned(), json!(output.to_string())),
        ("input_vat".to_owned(), json!(input.to_string())),
        ("net_vat".to_owned(), json!((output - input).to_string())),
    ]))
}

/// The period in its order, a rate that is one, and no change of figures under a calculation.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let order = after.date("period_starts_on").zip(after.date("period_ends_on"));
    if order.is_some_and(|(starts, ends)| ends < starts) {
        violations.push(Violation::new("period_ends_on", "before_start"));
    }
    if after
        .decimal("rate_percent")
        .is_some_and(|rate| rate > Decimal::ONE_HUNDRED)
    {
        violations.push(Violation::new("rate_percent", "over_scale"));
    }
    let calculated = before.filter(|before| !before.is("status", "draft"));
    for field in [
        "taxable_sales",
        "taxable_purchases",
        "rate_percent",
        "period_starts_on",
        "period_ends_on",
    ] {
        if calculated.is_some_and(|before| before.get(field) != after.get(field)) {
            violations.push(Violation::new(field, "already_calculated"));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn fifteen_percent_of_sales_less_fifteen_percent_of_purchases() {
        let row = json!({"status": "draft", "rate_percent": "15.00", "taxable_sales": "200000.00",
                         "taxable_purchases": "84333.37"});
        let change = decide(ACTIONS, "calculate", &row, &json!({})).expect("allowed");
        assert_eq!(
            (&change["output_vat"], &change["input_vat"], &change["net_vat"]),
            (&json!("30000.00"), &json!("12650.01"), &json!("17349.99"))
        );
    }

    #[test]
    fn purchases_above_sales_are_refunded() {
        let row = json!({"status": "draft", "rate_percent": "15.00", "taxable_sales": "100.00",
                         "taxable_purchases": "300.00"});
        let change = decide(ACTIONS, "calculate", &row, &json!({})).expect("allowed");
        assert_eq!(change["net_vat"], "-30.00");
    }

    #[test]
    fn figures_stay_under_a_calculation() {
        let before = json!({"status": "calculated", "taxable_sales": "100.00"});
        let after = json!({"status": "calculated", "taxable_sales": "200.00"});
        breaks(check, Some(&before), &[(after, "taxable_sales already_calculated")]);
    }
}
