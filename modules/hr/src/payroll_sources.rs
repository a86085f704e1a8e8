//! What a month's pay is calculated from: each courier's target and category, and the work of the period.

use hr_pay::{Categories, Category, SALARIED, documented_from};
use platform_resource::{Field, Record, Resource, Violation, choice, decimal, integer, long_text, money, reference};
use rust_decimal::Decimal;

/// Targets.
pub static COURIER_TARGETS: Resource = Resource::new("hr", "courier_targets", FIELDS)
    .title(&["category"])
    .check(check)
    .sort("-year,-month");

/// Work of pay periods.
pub static PAYROLL_INPUTS: Resource = Resource::new("hr", "payroll_inputs", INPUT_FIELDS)
    .title(&["source"])
    .sort("-year,-month");

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    integer("year", 2_000, 2_200).required().create_only().filter().list(),
    integer("month", 1, 12).required().create_only().filter().list(),
    choice("category", &hr_pay::CLASSES).required().filter().list(),
    decimal("period_target", 4).list(),
    long_text("notes", 4000),
];

const INPUT_FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    integer("year", 2_000, 2_200).required().create_only().filter().list(),
    integer("month", 1, 12).required().create_only().filter().list(),
    integer("total_orders", 0, 100_000).required().default("0").list(),
    money("total_revenue").required().default("0").list(),
    money("gas_usage").required().default("0").list(),
    integer("days_since_joining", 1, 100_000).unit("days"),
    integer("present_days", 0, 31).required().default("0").unit("days"),
    integer("absent_days", 0, 31).required().default("0").unit("days"),
    integer("late_days", 0, 31).required().default("0").unit("days"),
    integer("unpaid_leave_days", 0, 31).required().default("0").unit("days"),
    integer("overtime_minutes", 0, 30_000)
        .required()
        .default("0")
        .unit("min"),
    choice("source", &["sheet", "system", "person"])
        .required()
        .default("sheet")
        .filter()
        .list(),
    long_text("notes", 4000),
];

/// A target is of the whole period: not zero, and not more than two periods can hold. Who is paid by the month has none.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let category = after.text("category").unwrap_or_default();
    let target = match (category == SALARIED, after.decimal("period_target")) {
        (true, None) => return Vec::new(),
        (true, Some(_)) => return vec![Violation::new("period_target", "not_for_salaried")],
        (false, None) => return vec![Violation::new("period_target", "required")],
        (false, Some(target)) => target,
    };
    let documented = Categories::documented().at(category, documented_from());
    let most = documented.ok().map(Category::most_target);
    let code = if target <= Decimal::ZERO {
        "not_positive"
    } else if most.is_some_and(|most| target > most) {
        "target_too_high"
    } else {
        return Vec::new();
    };
    vec![Violation::new("period_target", code)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn a_target_is_of_a_period() {
        let row = |category: &str, target: &str| json!({"category": category, "period_target": target});
        let table = [
            (row("motorcycle", "400"), ""),
            (row("motorcycle", "0"), "period_target not_positive"),
            (row("motorcycle", "827"), "period_target target_too_high"),
            (row("ecommerce", "6630"), ""),
            (row("ajeer", "99999"), ""),
            (row("salaried", "400"), "period_target not_for_salaried"),
            (json!({"category": "salaried"}), ""),
            (json!({"category": "motorcycle"}), "period_target required"),
        ];
        breaks(check, None, &table);
    }
}
