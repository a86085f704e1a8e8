//! What a month of work would pay, without storing anything: how a formula is understood and checked.

use chrono::NaiveDate;
use hr_pay::money::half_up;
use hr_pay::{CATEGORIES, CapOptions, Days, Kind, Period, Work, WorkPay, days_since_joining, work_pay};
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inputs::{Amount, day};
use crate::rates;
use crate::refusals::refusal;

/// Work of one courier in one month.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    /// motorcycle, food_trial, food_inhouse_new, food_inhouse_old, ecommerce_wh or ecommerce.
    category: String,
    /// Year, as 2026.
    year: i64,
    /// Month, 1 to 12: from the 25th of the month before to the 24th.
    month: i64,
    /// Target of the whole period: orders, or riyals of revenue.
    period_target: Amount,
    /// First day of work; the cap for new couriers follows from it.
    joined_on: NaiveDate,
    /// Orders delivered.
    orders: Option<u32>,
    /// Revenue in riyals.
    revenue: Option<Amount>,
    /// Fuel used in riyals, without VAT.
    gas_usage: Option<Amount>,
}

/// What that pays.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Preview {
    category: String,
    period_from: NaiveDate,
    period_to: NaiveDate,
    /// Days from joining to the period's last day, both counted.
    days_since_joining: i64,
    /// The target, capped for who joined lately.
    final_target: String,
    basic: String,
    /// Below zero: deducted for orders short.
    bonus: String,
    gas_deserved: String,
    gas_difference: String,
    /// What the rounded parts lack to the total.
    rounding: String,
    /// Never below zero.
    total: String,
}

impl Preview {
    fn of(given: &Given, period: Period, days: i64, pay: &WorkPay) -> Self {
        Self {
            category: given.category.clone(),
            period_from: period.starts_on,
            period_to: period.ends_on,
            days_since_joining: days,
            final_target: half_up(pay.final_target, 2).to_string(),
            basic: pay.basic.to_string(),
            bonus: pay.bonus.to_string(),
            gas_deserved: pay.gas_deserved.to_string(),
            gas_difference: pay.gas_difference.to_string(),
            rounding: (pay.amount(Kind::Rounding) + pay.amount(Kind::Floor)).to_string(),
            total: pay.total.to_string(),
        }
    }
}

/// `GET /hr/pay_preview`.
pub(crate) async fn pay_preview(cx: &mut Cx, given: Given) -> Result<Preview, Problem> {
    let period = Period::of(given.year, given.month).ok_or_else(|| Problem::field("month", "not_allowed"))?;
    day("year", period.ends_on)?;
    day("joined_on", given.joined_on)?;
    if !CATEGORIES.contains(&given.category.as_str()) {
        return Err(Problem::field("category", "not_allowed"));
    }
    let days = days_since_joining(given.joined_on, period.ends_on);
    if days == 0 {
        return Err(Problem::field("joined_on", "joins_later"));
    }
    if given.period_target.0.is_zero() {
        return Err(Problem::field("period_target", "not_positive"));
    }
    let (_, category) = rates::category(cx, &given.category, period.ends_on).await?;
    let work = Work {
        period_target: Some(given.period_target.0),
        days: Days::Joined(Some(given.joined_on)),
        last_working_day: None,
        unpaid_days: 0,
        orders: Some(given.orders.unwrap_or(0).into()),
        revenue: Some(given.revenue.unwrap_or_default().0),
        gas_usage: Some(given.gas_usage.unwrap_or_default().0),
    };
    let pay = work_pay(&category, period, &work, CapOptions::default()).map_err(|error| refusal(&error))?;
    Ok(Preview::of(&given, period, days, &pay))
}
