//! Overtime: the hourly wage and half of the basic hourly wage (Labour Law, Art. 107).

use chrono::NaiveDate;
use hr_pay::Rules;
use hr_pay::money::half_up;
use platform_core::Problem;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inputs::Amount;
use crate::refusals::refusal;

/// Hours beyond the ordinary ones.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    /// Monthly wage: basic pay and fixed allowances.
    monthly_wage: Amount,
    /// Basic pay of a month.
    basic: Amount,
    /// Overtime hours.
    hours: Amount,
    /// Hours of a month; 240 unless given.
    month_hours: Option<Amount>,
}

/// What they are paid.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Overtime {
    hourly_wage: String,
    basic_hourly_wage: String,
    /// Hours × (hourly wage + half of the basic hourly wage), rounded once.
    amount: String,
    article: String,
}

/// `GET /hr/overtime_calculation`.
pub(crate) fn calculation(given: &Given, on: NaiveDate) -> Result<Overtime, Problem> {
    let month_hours = given.month_hours.map(|hours| hours.0);
    if month_hours.is_some_and(|hours| hours < Decimal::ONE) {
        return Err(Problem::field("month_hours", "not_positive"));
    }
    let asked = hr_pay::Overtime {
        minutes: given.hours.0 * Decimal::from(60),
        monthly_wage: given.monthly_wage.0,
        basic: given.basic.0,
        month_hours,
    };
    let line = hr_pay::overtime(Rules::saudi(), on, &asked).map_err(|error| refusal(&error))?;
    let step = |name: &str| half_up(line.trace.step(name).unwrap_or_default(), 4).to_string();
    Ok(Overtime {
        hourly_wage: step("hourly_wage"),
        basic_hourly_wage: step("basic_hourly"),
        amount: line.amount.to_string(),
        article: line.article().unwrap_or_default().to_owned(),
    })
}
