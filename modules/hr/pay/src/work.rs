//! A courier's month: what was done, and what that is worth.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::category::{Category, DaysFrom};
use crate::error::PayError;
use crate::formula::Facts;
use crate::money::half_up;
use crate::period::Period;
use crate::trace::{Kind, Line, Trace, amount_of};

/// Since when a courier is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// Days from joining to the end of the period, counted by somebody else.
    Given(i64),
    /// The day of joining; nobody knows it without one.
    Joined(Option<NaiveDate>),
}

/// What one courier did in a period. What is not known is missing, never zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Target of the whole period: orders, or riyals of revenue.
    pub period_target: Option<Decimal>,
    pub days: Days,
    pub last_working_day: Option<NaiveDate>,
    /// Days of unpaid leave in the period.
    pub unpaid_days: i64,
    pub orders: Option<i64>,
    /// In riyals.
    pub revenue: Option<Decimal>,
    /// Fuel used, in riyals without VAT.
    pub gas_usage: Option<Decimal>,
}

/// What the organization chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapOptions {
    /// The target of who leaves within the period is cut to the days worked.
    pub leavers: bool,
    /// So is the target of who was on unpaid leave.
    pub unpaid_leave: bool,
}

/// What somebody should look at before it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// A target of a period that looks like one of a day.
    TargetLooksDaily,
    /// What the courier owes by the formula was forgiven.
    BelowZero,
}

/// What the work of a period is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkPay {
    pub category: String,
    /// Target after the cap, unrounded.
    pub final_target: Decimal,
    pub basic: Decimal,
    /// Below zero it is the deduction for orders short.
    pub bonus: Decimal,
    pub gas_deserved: Decimal,
    pub gas_difference: Decimal,
    /// Rounded from the unrounded sum, never below zero.
    pub total: Decimal,
    pub lines: Vec<Line>,
    pub total_trace: Trace,
    pub warnings: Vec<Warning>,
}

impl WorkPay {
    /// The amount of its lines of a kind.
    pub fn amount(&self, kind: Kind) -> Decimal {
        amount_of(&self.lines, kind)
    }
}

/// A target of orders up to here looks like one of a day.
const LOOKS_DAILY: i64 = 31;

/// What a courier's work is worth by the category's formulas.
pub fn work_pay(category: &Category, period: Period, work: &Work, options: CapOptions) -> Result<WorkPay, PayError> {
    let (from, facts) = facts(category, period, work, options)?;
    let formulas = &category.by_days[from as usize];
    let mut lines = vec![
        formulas.basic.line(Kind::Basic, &facts)?,
        formulas.bonus.line(Kind::Bonus, &facts)?,
        formulas.gas.line(Kind::Gas, &facts)?,
    ];
    let (total_trace, total) = formulas.total.trace(&facts, 2)?;
    let total = half_up(total, 2);
    let [basic, bonus, gas_difference] = [0, 1, 2].map(|place: usize| lines[place].amount);
    let step = |line: &Line, name: &str| line.trace.step(name).unwrap_or_default();
    let (final_target, gas_deserved) = (step(&lines[0], "final_target"), step(&lines[2], "gas_deserved"));
    let mut warnings = Vec::new();
    let sum = total_trace.step("sum").unwrap_or_default();
    if sum < Decimal::ZERO {
        lines.push(formulas.floor.line(Kind::Floor, &facts)?);
        warnings.push(Warning::BelowZero);
    }
    if lines.iter().map(|line| line.amount).sum::<Decimal>() != total {
        lines.push(formulas.rounding.line(Kind::Rounding, &facts)?);
    }
    if category.by_orders && work.period_target.is_some_and(|target| target <= LOOKS_DAILY.into()) {
        warnings.push(Warning::TargetLooksDaily);
    }
    Ok(WorkPay {
        category: category.name().to_owned(),
        final_target,
        basic,
        bonus,
        gas_deserved: half_up(gas_deserved, 2),
        gas_difference,
        total,
        lines,
        total_trace,
        warnings,
    })
}

/// More riyals or orders than any courier's month has; figures of this size and their products still fit.
const LARGEST: i64 = 1_000_000_000;

fn given(field: &'static str, value: Option<Decimal>) -> Result<Decimal, PayError> {
    let value = value.ok_or_else(|| PayError::missing(field))?;
    if value < Decimal::ZERO {
        return Err(PayError::Negative {
            field: field.to_owned(),
            value,
        });
    }
    if value > LARGEST.into() {
        return Err(PayError::AboveMost {
            field: field.to_owned(),
            value,
            most: LARGEST.into(),
        });
    }
    Ok(value)
}

fn facts(category: &Category, period: Period, work: &Work, options: CapOptions) -> Result<(DaysFrom, Facts), PayError> {
    let target = given("target", work.period_target)?;
    if target.is_zero() {
        return Err(PayError::NotPositive {
            field: "target".to_owned(),
            value: target,
        });
    }
    if target > category.most_target() {
        return Err(PayError::AboveMost {
            field: "target".to_owned(),
            value: target,
            most: category.most_target(),
        });
    }
    let mut facts = Facts::default().rows(&category.rows).with("period_target", target);
    facts = facts.with("gas_usage", given("gas_usage", work.gas_usage)?);
    // The other number is only asked for where a formula uses it; where it is known it has to be possible.
    let orders = work.orders.map(Decimal::from);
    if category.by_orders || orders.is_some() {
        facts = facts.with("orders", given("orders", orders)?);
    }
    if !category.by_orders || work.revenue.is_some() {
        facts = facts.with("revenue", given("revenue", work.revenue)?);
    }
    let joined_on = match work.days {
        Days::Given(days) if !(1..=LARGEST).contains(&days) => {
            return Err(PayError::NotPositive {
                field: "days".to_owned(),
                value: days.into(),
            });
        }
        Days::Given(days) => return Ok((DaysFrom::Given, facts.with("days", days))),
        Days::Joined(joined_on) => joined_on.ok_or_else(|| PayError::missing("joined_on"))?,
    };
    if joined_on > period.ends_on {
        return Err(PayError::JoinedAfter {
            joined_on,
            ends_on: period.ends_on,
        });
    }
    if let Some(left_on) = work.last_working_day.filter(|day| *day < period.starts_on) {
        return Err(PayError::LeftBefore {
            left_on,
            starts_on: period.starts_on,
        });
    }
    let facts = facts.with("as_of", period.ends_on).with("joined_on", joined_on);
    let left = work
        .last_working_day
        .filter(|day| options.leavers && *day < period.ends_on);
    let unpaid = if options.unpaid_leave {
        work.unpaid_days.clamp(0, period.days())
    } else {
        0
    };
    // Who worked the whole period is not cut: thirty days of 13.333 are less than a target of 400.
    if left.is_none() && unpaid == 0 {
        return Ok((DaysFrom::Joining, facts));
    }
    let facts = facts
        .with("period_start", period.starts_on)
        .with("last_working_day", left.unwrap_or(period.ends_on))
        .with("unpaid_days", unpaid);
    Ok((DaysFrom::Worked, facts))
}
