//! Formulas of support. Shares and means are rounded once, half away from zero; nothing of nothing is no figure.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Utc};
use platform_core::{Cx, Problem};
use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;

/// A number with a fixed count of digits.
pub(crate) fn rounded(value: Decimal, scale: u32) -> String {
    let mut value = value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    value.rescale(scale);
    value.to_string()
}

/// Part of a whole in per cent with two digits.
pub(crate) fn percent(part: i64, whole: i64) -> Option<String> {
    (whole > 0).then(|| rounded(Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole), 2))
}

/// Seconds in another unit with two digits.
pub(crate) fn in_units_of(seconds: Option<Decimal>, unit_s: i64) -> Option<String> {
    seconds.map(|seconds| rounded(seconds / Decimal::from(unit_s), 2))
}

/// What people gave, from 1 to 5.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Satisfaction {
    /// How many rated.
    rated: i64,
    /// Their mean with two digits.
    mean: Option<String>,
    /// Ratings of 4 and 5 in per cent of all.
    csat_percent: Option<String>,
    /// Ratings of 4 and 5.
    positive: i64,
    /// Ratings of 1 and 2.
    negative: i64,
    /// How often 1, 2, 3, 4 and 5 were given.
    distribution: [i64; 5],
}

impl Satisfaction {
    /// From how often 1, 2, 3, 4 and 5 were given.
    pub(crate) fn of(distribution: [i64; 5]) -> Self {
        let [one, two, _, four, five] = distribution;
        let rated = distribution.iter().sum();
        let points: i64 = distribution.iter().zip(1..).map(|(count, rating)| count * rating).sum();
        Self {
            rated,
            mean: (rated > 0).then(|| rounded(Decimal::from(points) / Decimal::from(rated), 2)),
            csat_percent: percent(four + five, rated),
            positive: four + five,
            negative: one + two,
            distribution,
        }
    }
}

/// Which days a figure is about.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; thirty days before the last one when it is not given.
    from: Option<NaiveDate>,
    /// Last day; today when it is not given.
    to: Option<NaiveDate>,
}

/// Days in the organization's zone, and the points in time between which they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
    pub(crate) begins: DateTime<Utc>,
    pub(crate) ends: DateTime<Utc>,
}

impl Range {
    /// Rows of a statement whose $2 and $3 are the points in time.
    pub(crate) async fn rows(self, cx: &mut Cx, statement: &'static str) -> Result<Vec<PgRow>, Problem> {
        let rows = sqlx::query(statement)
            .bind(cx.organization_id)
            .bind(self.begins)
            .bind(self.ends)
            .fetch_all(cx.db())
            .await?;
        Ok(rows)
    }
}

/// Days that a figure may be about.
const MOST_DAYS: i64 = 731;

impl Asked {
    /// One day alone.
    pub(crate) const fn on(day: NaiveDate) -> Self {
        Self {
            from: Some(day),
            to: Some(day),
        }
    }

    pub(crate) fn range(&self, cx: &Cx) -> Result<Range, Problem> {
        let last = self.to.unwrap_or_else(|| cx.today());
        let before = || last.checked_sub_days(Days::new(29)).unwrap_or(last);
        let first = self.from.unwrap_or_else(before);
        for (field, day) in [("to", last), ("from", first)] {
            if !(1900..2200).contains(&day.year()) {
                return Err(Problem::field(field, "date_out_of_range"));
            }
        }
        if last < first {
            return Err(Problem::field("to", "ends_before_start"));
        }
        if (last - first).num_days() >= MOST_DAYS {
            return Err(Problem::field("from", "at_most_two_years"));
        }
        let next = last.checked_add_days(Days::new(1)).unwrap_or(last);
        Ok(Range {
            first,
            last,
            begins: midnight(cx, first),
            ends: midnight(cx, next),
        })
    }
}

/// When a day begins in the organization's zone.
fn midnight(cx: &Cx, day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(chrono::NaiveTime::MIN);
    let zoned = cx.time_zone().from_local_datetime(&local).earliest();
    zoned.map_or_else(|| local.and_utc(), |zoned| zoned.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_documents() {
        // 5, 4, 4, 2, 1.
        let satisfaction = Satisfaction::of([1, 1, 0, 2, 1]);
        assert_eq!(satisfaction.mean.as_deref(), Some("3.20"));
        assert_eq!(satisfaction.csat_percent.as_deref(), Some("60.00"));
        assert_eq!(
            (satisfaction.rated, satisfaction.positive, satisfaction.negative),
            (5, 3, 2)
        );
        let nobody = Satisfaction::of([0; 5]);
        assert_eq!((nobody.mean, nobody.csat_percent), (None, None));
    }

    #[test]
    fn seconds_in_hours_and_minutes() {
        assert_eq!(in_units_of(Some(Decimal::from(10_800)), 3600).as_deref(), Some("3.00"));
        assert_eq!(in_units_of(Some(Decimal::from(100)), 60).as_deref(), Some("1.67"));
        assert_eq!(in_units_of(None, 60), None);
        assert_eq!(percent(2, 3).as_deref(), Some("66.67"));
    }
}
