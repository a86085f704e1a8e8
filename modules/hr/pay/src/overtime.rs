//! Overtime: the hourly wage and half of the basic hourly wage (Labour Law, Art. 107).

use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::error::PayError;
use crate::formula::{Facts, Formula};
use crate::rules::Rules;
use crate::trace::{Kind, Line};

/// Minutes beyond the ordinary ones, and the pay of the month they are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overtime {
    pub minutes: Decimal,
    /// Basic pay and fixed allowances of a month.
    pub monthly_wage: Decimal,
    /// Basic pay of a month.
    pub basic: Decimal,
    /// Hours of a month, instead of the rule's.
    pub month_hours: Option<Decimal>,
}

static FORMULA: LazyLock<Formula> = LazyLock::new(|| {
    Formula::new(
        "overtime/1",
        &[
            ("hours", "minutes ÷ 60"),
            ("hourly_wage", "monthly_wage ÷ month_hours"),
            ("basic_hourly", "basic_pay ÷ month_hours"),
            ("overtime", "hours × (monthly_wage + basic_pay × premium) ÷ month_hours"),
        ],
    )
});

/// What they are paid, by the rows that hold on a day.
pub fn overtime(rules: &Rules, on: NaiveDate, given: &Overtime) -> Result<Line, PayError> {
    for (field, value) in [
        ("minutes", given.minutes),
        ("monthly_wage", given.monthly_wage),
        ("basic", given.basic),
    ] {
        if value < Decimal::ZERO {
            return Err(PayError::Negative {
                field: field.to_owned(),
                value,
            });
        }
    }
    let facts = Facts::default()
        .with("minutes", given.minutes)
        .with("monthly_wage", given.monthly_wage)
        .with("basic_pay", given.basic)
        .lookup("premium", rules, "work.overtime.premium", on)?;
    let facts = match given.month_hours {
        Some(hours) => facts.with("month_hours", hours),
        None => facts.lookup("month_hours", rules, "work.overtime.month_hours", on)?,
    };
    FORMULA.line(Kind::Overtime, &facts)
}
