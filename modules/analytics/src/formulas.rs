//! The formulas of reports and key figures, free of any data: exact decimals in, exact decimals out, nothing where a figure
//! does not exist. Whoever shows a figure rounds it, once.

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};
use strum::{EnumString, IntoStaticStr, VariantNames};

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// Which way a figure should go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Direction {
    /// More is better, as of deliveries in time.
    Higher,
    /// Less is better, as of the cost of a delivery.
    Lower,
}

/// Half away from zero, once, for people.
pub(crate) fn rounded(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// One number for each of another; none for none of the other, and none beyond 28 digits.
pub(crate) fn ratio(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_div(whole)
}

/// How many of a hundred.
pub(crate) fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    ratio(part, whole)?.checked_mul(HUNDRED)
}

/// How much a value changed, in percent of what it was. From nothing to something is 100, because no number is right.
pub(crate) fn change_percent(before: Decimal, now: Decimal) -> Option<Decimal> {
    match (before.is_zero(), now.is_zero()) {
        (true, true) => Some(Decimal::ZERO),
        (true, false) => Some(if now.is_sign_negative() { -HUNDRED } else { HUNDRED }),
        (false, _) => percent(now.checked_sub(before)?, before.abs()),
    }
}

/// `up`, `down` or `stable`.
pub(crate) fn trend(before: Decimal, now: Decimal) -> &'static str {
    match now.cmp(&before) {
        std::cmp::Ordering::Greater => "up",
        std::cmp::Ordering::Less => "down",
        std::cmp::Ordering::Equal => "stable",
    }
}

/// How far a value is from its target, in percent: at the target 100, better more. Where less is better, a value 10 percent
/// below the target achieves 110.
pub(crate) fn achievement_percent(value: Decimal, target: Decimal, direction: Direction) -> Option<Decimal> {
    let reached = percent(value, target)?;
    match direction {
        Direction::Higher => Some(reached),
        Direction::Lower => (HUNDRED + HUNDRED).checked_sub(reached),
    }
}

/// What a value means beside its thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Colour {
    /// At the critical threshold or worse.
    Red,
    /// At the warning threshold or worse.
    Yellow,
    /// Between warning and target, or without a target.
    Blue,
    /// At the target or better.
    Green,
    /// There is no value.
    Grey,
}

/// Thresholds of a key figure.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Thresholds {
    pub(crate) target: Option<Decimal>,
    pub(crate) warning: Option<Decimal>,
    pub(crate) critical: Option<Decimal>,
}

/// The colour of a value. Red is asked first: where thresholds coincide, the worse one counts.
pub(crate) fn colour(value: Option<Decimal>, thresholds: Thresholds, direction: Direction) -> Colour {
    let Some(value) = value else { return Colour::Grey };
    let no_better = |threshold: Decimal| match direction {
        Direction::Higher => value <= threshold,
        Direction::Lower => value >= threshold,
    };
    let reaches = |target: Decimal| match direction {
        Direction::Higher => value >= target,
        Direction::Lower => value <= target,
    };
    if thresholds.critical.is_some_and(no_better) {
        Colour::Red
    } else if thresholds.warning.is_some_and(no_better) {
        Colour::Yellow
    } else if thresholds.target.is_some_and(reaches) {
        Colour::Green
    } else {
        Colour::Blue
    }
}

/// The band of a score of 0 to 100: from 90 excellent, from 75 good, from 60 average, else poor.
pub(crate) fn band(score: Decimal) -> &'static str {
    match score {
        score if score >= Decimal::from(90) => "excellent",
        score if score >= Decimal::from(75) => "good",
        score if score >= Decimal::from(60) => "average",
        _ => "poor",
    }
}

pub(crate) fn mean(values: &[Decimal]) -> Option<Decimal> {
    ratio(sum(values)?, Decimal::from(values.len()))
}

fn sum(values: &[Decimal]) -> Option<Decimal> {
    values
        .iter()
        .try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value))
}

/// The mean of each value and up to `window - 1` before it, once there are as many.
pub(crate) fn moving_average(values: &[Decimal], window: usize) -> Vec<Option<Decimal>> {
    let windows = |end: usize| end.checked_sub(window).map(|start| &values[start..end]);
    (1..=values.len()).map(|end| windows(end).and_then(mean)).collect()
}

/// The value below which `percent` of a hundred lie, between two neighbours by distance.
pub(crate) fn percentile(values: &[Decimal], percent: Decimal) -> Option<Decimal> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let last = Decimal::from(sorted.len().checked_sub(1)?);
    let rank = last.checked_mul(percent.clamp(Decimal::ZERO, HUNDRED))? / HUNDRED;
    let below = usize::try_from(rank.trunc().mantissa()).ok()?;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    low.checked_add((high - low).checked_mul(rank.fract())?)
}

/// The mean square distance from the mean, of everybody and not of a sample.
pub(crate) fn variance(values: &[Decimal]) -> Option<Decimal> {
    let middle = mean(values)?;
    let squares: Option<Vec<Decimal>> = values
        .iter()
        .map(|value| {
            let distance = value.checked_sub(middle)?;
            distance.checked_mul(distance)
        })
        .collect();
    mean(&squares?)
}

/// The square root by Newton's way, to the last digit or one beside it; none of less than nothing.
pub(crate) fn square_root(value: Decimal) -> Option<Decimal> {
    if value.is_sign_negative() && !value.is_zero() {
        return None;
    }
    if value.is_zero() {
        return Some(value);
    }
    // From above it falls until it stands; each step doubles the right digits, so that some dozens are enough for all.
    let mut root = value.max(Decimal::ONE);
    for _ in 0..200 {
        let next = root.checked_add(ratio(value, root)?)?.checked_div(Decimal::TWO)?;
        if next >= root {
            break;
        }
        root = next;
    }
    // An exact root may be missed by the last digit.
    let exact = root.round_dp(12);
    Some(if exact.checked_mul(exact) == Some(value) {
        exact
    } else {
        root
    })
}

/// Places of values more than two standard deviations from the mean; nothing is unusual among fewer than three.
pub(crate) fn anomalies(values: &[Decimal]) -> Vec<usize> {
    let spread = variance(values).and_then(square_root);
    let (Some(middle), Some(spread), 3..) = (mean(values), spread, values.len()) else {
        return Vec::new();
    };
    let unusual = |value: Decimal| (value - middle).abs() > spread * Decimal::TWO;
    (0..values.len())
        .filter(|place| !spread.is_zero() && unusual(values[*place]))
        .collect()
}

/// A straight line through values at 0, 1, 2, …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) slope: Decimal,
    pub(crate) intercept: Decimal,
}

impl Line {
    /// The line with the smallest sum of squared distances; one needs two values.
    pub(crate) fn through(values: &[Decimal]) -> Option<Self> {
        if values.len() < 2 {
            return None;
        }
        let places: Vec<Decimal> = (0..values.len()).map(Decimal::from).collect();
        let (middle_x, middle_y) = (mean(&places)?, mean(values)?);
        let (mut above, mut below) = (Decimal::ZERO, Decimal::ZERO);
        for (x, y) in places.iter().zip(values) {
            let x = x - middle_x;
            above = above.checked_add(x.checked_mul(y.checked_sub(middle_y)?)?)?;
            below = below.checked_add(x.checked_mul(x)?)?;
        }
        let slope = above.checked_div(below)?;
        let intercept = middle_y.checked_sub(slope.checked_mul(middle_x)?)?;
        Some(Self { slope, intercept })
    }

    /// The value at a place.
    pub(crate) fn at(self, place: usize) -> Option<Decimal> {
        self.slope
            .checked_mul(Decimal::from(place))?
            .checked_add(self.intercept)
    }

    /// The standard deviation of the values from the line.
    pub(crate) fn error(self, values: &[Decimal]) -> Option<Decimal> {
        let squares: Option<Vec<Decimal>> = values
            .iter()
            .enumerate()
            .map(|(place, value)| {
                let distance = value.checked_sub(self.at(place)?)?;
                distance.checked_mul(distance)
            })
            .collect();
        square_root(mean(&squares?)?)
    }
}

/// The next values by the line through the given ones, never below nothing: there are no negative deliveries.
pub(crate) fn forecast(values: &[Decimal], count: usize) -> Option<Vec<Decimal>> {
    let line = Line::through(values)?;
    let next = |place: usize| Some(line.at(values.len() + place)?.max(Decimal::ZERO));
    (0..count).map(next).collect()
}

/// Least months from which a season can be told: two of each.
pub(crate) const SEASONAL_MONTHS: usize = 24;

/// How each calendar month compares with the mean month, 1 being the mean. Needs two years.
pub(crate) fn seasonal_indices(months: &[(NaiveDate, Decimal)]) -> Option<Vec<(u32, Decimal)>> {
    if months.len() < SEASONAL_MONTHS {
        return None;
    }
    let values: Vec<Decimal> = months.iter().map(|(_, value)| *value).collect();
    let overall = mean(&values)?;
    (1..=12_u32)
        .map(|month| {
            let of_month: Vec<Decimal> = months
                .iter()
                .filter(|(day, _)| day.month() == month)
                .map(|(_, value)| *value)
                .collect();
            Some((month, ratio(mean(&of_month)?, overall)?))
        })
        .collect()
}

/// What of a hundred who were there at the start are there at the end; who came since does not count.
pub(crate) fn retention_percent(start: Decimal, end: Decimal, joined: Decimal) -> Option<Decimal> {
    percent(end.checked_sub(joined)?, start)
}

/// Leavers of a hundred of the mean headcount.
pub(crate) fn turnover_percent(leavers: Decimal, start: Decimal, end: Decimal) -> Option<Decimal> {
    percent(leavers, mean(&[start, end])?)
}

/// What a year would bring at the pace of so many days.
pub(crate) fn run_rate(value: Decimal, days: u32) -> Option<Decimal> {
    ratio(value, Decimal::from(days))?.checked_mul(Decimal::from(365))
}

#[cfg(test)]
#[path = "formulas_tests.rs"]
mod tests;
