//! Overtime: the hourly wage and half of the basic hourly wage (Labour Law, Art. 107).

use platform_core::Problem;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inputs::Amount;
use crate::money::half_up;

/// Hours of a month by which a monthly wage becomes an hourly one: thirty days of eight. A convention, not the law's number.
const MONTH_HOURS: i64 = 240;

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
    article: &'static str,
}

/// Pay of overtime hours, unrounded.
pub(crate) fn pay(wage: Decimal, basic: Decimal, hours: Decimal, month_hours: Decimal) -> Decimal {
    hours * (wage + basic / Decimal::TWO) / month_hours
}

/// `GET /hr/overtime_calculation`.
pub(crate) fn calculation(given: &Given) -> Result<Overtime, Problem> {
    let month = given.month_hours.map_or(Decimal::from(MONTH_HOURS), |hours| hours.0);
    if month < Decimal::ONE {
        return Err(Problem::field("month_hours", "not_positive"));
    }
    let (wage, basic) = (given.monthly_wage.0, given.basic.0);
    Ok(Overtime {
        hourly_wage: half_up(wage / month, 4).to_string(),
        basic_hourly_wage: half_up(basic / month, 4).to_string(),
        amount: half_up(pay(wage, basic, given.hours.0, month), 2).to_string(),
        article: "Labour Law, Art. 107",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::number;

    #[test]
    fn ten_hours_of_the_vector() {
        let paid = pay(number("6500"), number("4000"), number("10"), number("240"));
        assert_eq!(half_up(paid, 2).to_string(), "354.17");
    }
}
