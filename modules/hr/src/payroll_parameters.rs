//! The numbers of the pay formulas, as dated rows at full precision: a month that is calculated again years later finds the
//! numbers of its time.

use platform_resource::{Field, Record, Resource, Violation, boolean, choice, date, decimal, long_text};

use crate::leave_rules::until_before_from;

/// Pay formulas.
pub static PAYROLL_PARAMETERS: Resource = Resource::new("hr", "payroll_parameters", FIELDS)
    .title(&["category"])
    .check(check);

const FIELDS: &[Field] = &[
    choice("category", &hr_pay::CATEGORIES).required().filter().list(),
    date("effective_from").required().filter().list(),
    date("effective_to").filter().list(),
    decimal("daily_target", 10).required().list(),
    decimal("basic_divisor", 10).required(),
    decimal("gas_divisor", 10),
    decimal("basic_rate", 10).required().list().permission("read_pay"),
    decimal("bonus_rate", 10).permission("read_pay"),
    decimal("bonus_step", 10),
    decimal("bonus_rate_above_step", 10).permission("read_pay"),
    decimal("penalty_rate", 10).permission("read_pay"),
    decimal("gas_rate", 10).permission("read_pay"),
    decimal("gas_target_rate", 10).permission("read_pay"),
    decimal("gas_revenue_rate", 10).permission("read_pay"),
    decimal("gas_cap", 10).required().permission("read_pay"),
    decimal("revenue_coefficient", 10).permission("read_pay"),
    decimal("revenue_bonus_step", 10).permission("read_pay"),
    decimal("revenue_bonus_rate", 10).permission("read_pay"),
    decimal("revenue_bonus_rate_above", 10).permission("read_pay"),
    boolean("rounds_target_up").required().default("false"),
    long_text("description", 1000),
];

/// Divisors are not zero, and a dated row does not end before it begins.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    for field in ["daily_target", "basic_divisor", "gas_divisor"] {
        if after.decimal(field).is_some_and(|divisor| divisor.is_zero()) {
            violations.push(Violation::new(field, "not_positive"));
        }
    }
    violations.extend(until_before_from(after));
    violations
}
