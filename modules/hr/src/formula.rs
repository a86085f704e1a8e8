//! What work is paid: the six category formulas over exact decimals, without a clock and without a database.

use rust_decimal::Decimal;

use crate::money::{half_up, number};

/// The numbers of one category at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Formula {
    /// Target of one day: caps the target of who joined lately.
    pub daily_target: Decimal,
    /// Target of one day in basic pay.
    pub basic_divisor: Decimal,
    /// Target of one day in fuel, where fuel follows the target.
    pub gas_divisor: Option<Decimal>,
    /// Riyals for a day's target.
    pub basic_rate: Decimal,
    /// Riyals for each order above target.
    pub bonus_rate: Option<Decimal>,
    /// Excess after which the whole excess is paid at the higher rate.
    pub bonus_step: Option<Decimal>,
    /// That rate.
    pub bonus_rate_above_step: Option<Decimal>,
    /// Riyals for each order below target.
    pub penalty_rate: Option<Decimal>,
    /// Fuel for each order.
    pub gas_rate: Option<Decimal>,
    /// Fuel for each day's target.
    pub gas_target_rate: Option<Decimal>,
    /// Fuel as a share of revenue.
    pub gas_revenue_rate: Option<Decimal>,
    /// Most fuel of a period.
    pub gas_cap: Decimal,
    /// Basic pay as a share of revenue; what makes a formula one of revenue.
    pub revenue_coefficient: Option<Decimal>,
    /// Revenue above target paid at the first rate.
    pub revenue_bonus_step: Option<Decimal>,
    /// That rate.
    pub revenue_bonus_rate: Option<Decimal>,
    /// Rate of the rest.
    pub revenue_bonus_rate_above: Option<Decimal>,
    /// Whether the target is rounded up to a whole order.
    pub rounds_target_up: bool,
}

/// What one courier did in a period.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Target of the whole period: orders, or riyals of revenue.
    pub period_target: Decimal,
    /// Days from joining to the last day of the period, both counted.
    pub days: i64,
    /// Orders delivered.
    pub orders: i64,
    /// Revenue in riyals.
    pub revenue: Decimal,
    /// Fuel used, in riyals without VAT.
    pub gas_usage: Decimal,
}

/// What that is worth. Everything is rounded half up to two digits from unrounded numbers, the total too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pay {
    /// Target after the cap for who joined lately.
    pub final_target: Decimal,
    /// Basic pay.
    pub basic: Decimal,
    /// Bonus, or the deduction for orders short.
    pub bonus: Decimal,
    /// Fuel that the work deserves.
    pub gas_deserved: Decimal,
    /// Fuel deserved less fuel used.
    pub gas_difference: Decimal,
    /// What the rounded parts lack to the total: a halala of rounding, or what the floor at zero forgives.
    pub rounding: Decimal,
    /// Never below zero.
    pub total: Decimal,
}

/// A number that the category's formula needs and its row does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub &'static str);

impl Formula {
    /// The numbers that the company's pay document gives for a category: used where an organization has no row of its own.
    pub(crate) fn documented(category: &str) -> Option<Self> {
        let some = |text: &str| Some(number(text));
        let orders = |daily: &str, divisor: &str, rate: &str, bonus: &str| Self {
            daily_target: number(daily),
            basic_divisor: number(divisor),
            gas_divisor: None,
            basic_rate: number(rate),
            bonus_rate: some(bonus),
            bonus_step: None,
            bonus_rate_above_step: None,
            penalty_rate: some("10"),
            gas_rate: None,
            gas_target_rate: None,
            gas_revenue_rate: None,
            gas_cap: number("826"),
            revenue_coefficient: None,
            revenue_bonus_step: None,
            revenue_bonus_rate: None,
            revenue_bonus_rate_above: None,
            rounds_target_up: false,
        };
        Some(match category {
            "motorcycle" => Self {
                gas_rate: some("0.65"),
                gas_cap: number("261"),
                rounds_target_up: true,
                ..orders("13.333", "13.333", "53.33333", "6")
            },
            "food_trial" => Self {
                gas_rate: some("2.11"),
                ..orders("13", "13", "66.66666667", "7")
            },
            "food_inhouse_new" => Self {
                gas_rate: some("1.739"),
                ..orders("15.8333333", "15.83333333", "66.66666667", "7")
            },
            "food_inhouse_old" => Self {
                gas_rate: some("2.065"),
                bonus_step: some("199"),
                bonus_rate_above_step: some("9"),
                ..orders("15.8333333", "15.83333333", "66.66666667", "6")
            },
            "ecommerce_wh" => Self {
                gas_divisor: some("16.666667"),
                gas_target_rate: some("15.03"),
                gas_cap: number("452"),
                ..orders("16.66667", "16.6666667", "66.666667", "8")
            },
            "ecommerce" => Self {
                gas_divisor: some("221"),
                bonus_rate: None,
                penalty_rate: None,
                gas_target_rate: some("15.06"),
                gas_revenue_rate: some("0.068"),
                gas_cap: number("452"),
                revenue_coefficient: some("0.3016591252"),
                revenue_bonus_step: some("4000"),
                revenue_bonus_rate: some("0.55"),
                revenue_bonus_rate_above: some("0.50"),
                ..orders("221", "221", "66.66666667", "0")
            },
            _ => return None,
        })
    }

    /// What the work is worth.
    pub(crate) fn pay(&self, work: &Work) -> Result<Pay, Missing> {
        let target = if self.rounds_target_up {
            work.period_target.ceil()
        } else {
            work.period_target
        };
        let days = Decimal::from(work.days.max(0));
        let final_target = target.min(days * self.daily_target);
        let of_target = final_target / self.basic_divisor * self.basic_rate;
        let orders = Decimal::from(work.orders);
        let (basic, bonus) = match self.revenue_coefficient {
            Some(coefficient) => {
                let basic = (work.revenue * coefficient).min(of_target);
                (
                    basic,
                    self.revenue_bonus((work.revenue - final_target).max(Decimal::ZERO))?,
                )
            }
            None => (of_target, self.order_bonus(orders - final_target)?),
        };
        let gas_deserved = self.gas(work.revenue, orders, final_target)?;
        let gas_difference = gas_deserved - work.gas_usage;
        let total = half_up((basic + bonus + gas_difference).max(Decimal::ZERO), 2);
        let [basic, bonus, gas_deserved, gas_difference] =
            [basic, bonus, gas_deserved, gas_difference].map(|part| half_up(part, 2));
        Ok(Pay {
            final_target,
            basic,
            bonus,
            gas_deserved,
            gas_difference,
            rounding: total - basic - bonus - gas_difference,
            total,
        })
    }

    /// Above target a bonus, below it a deduction; where there is a step, all of a large excess is paid at the higher rate.
    fn order_bonus(&self, excess: Decimal) -> Result<Decimal, Missing> {
        if excess <= Decimal::ZERO {
            return Ok(excess * self.penalty_rate.ok_or(Missing("penalty_rate"))?);
        }
        let rate = match self.bonus_step {
            Some(step) if excess > step => self.bonus_rate_above_step.ok_or(Missing("bonus_rate_above_step"))?,
            _ => self.bonus_rate.ok_or(Missing("bonus_rate"))?,
        };
        Ok(excess * rate)
    }

    fn revenue_bonus(&self, excess: Decimal) -> Result<Decimal, Missing> {
        let step = self.revenue_bonus_step.ok_or(Missing("revenue_bonus_step"))?;
        let rate = self.revenue_bonus_rate.ok_or(Missing("revenue_bonus_rate"))?;
        let above = self
            .revenue_bonus_rate_above
            .ok_or(Missing("revenue_bonus_rate_above"))?;
        let first = excess.min(step);
        Ok(first * rate + (excess - first) * above)
    }

    /// The least of what the formula names, and of the cap.
    fn gas(&self, revenue: Decimal, orders: Decimal, final_target: Decimal) -> Result<Decimal, Missing> {
        let by_target = match self.gas_target_rate {
            Some(rate) => Some(final_target / self.gas_divisor.ok_or(Missing("gas_divisor"))? * rate),
            None => None,
        };
        let parts = [
            self.gas_rate.map(|rate| orders * rate),
            by_target,
            self.gas_revenue_rate.map(|rate| revenue * rate),
        ];
        let least = parts.into_iter().flatten().min().ok_or(Missing("gas_rate"))?;
        Ok(least.min(self.gas_cap))
    }
}

/// Days from joining to the last day of the period, both counted; none for who joins later.
pub(crate) fn days_since_joining(joined_on: chrono::NaiveDate, ends_on: chrono::NaiveDate) -> i64 {
    ((ends_on - joined_on).num_days() + 1).max(0)
}

/// A target as a table stores it.
pub(crate) fn stored_target(target: Decimal) -> String {
    half_up(target, 4).to_string()
}

#[cfg(test)]
#[path = "formula_tests.rs"]
mod tests;
