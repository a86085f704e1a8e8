//! Days that a question is about.

use chrono::{Datelike, Days, NaiveDate};
use platform_core::{Cx, FieldError, Problem};

/// Longest period of one question.
const MOST_DAYS: i64 = 400;

/// From one day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
}

impl Period {
    /// The days asked for; the last thirty up to today unless the caller says otherwise.
    pub(crate) fn asked(cx: &Cx, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Self, Problem> {
        Self::of(cx.today(), from, to)
    }

    fn of(today: NaiveDate, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Self, Problem> {
        let to = to.unwrap_or(today);
        let from = from.or_else(|| to.checked_sub_days(Days::new(29))).unwrap_or(to);
        let is_sane = |day: NaiveDate| (1900..=2200).contains(&day.year());
        for (field, day) in [("from", from), ("to", to)] {
            if !is_sane(day) {
                return Err(Problem::field(field, "date_out_of_range"));
            }
        }
        let period = Self { from, to };
        match period.days() {
            ..=0 => Err(Problem::field("to", "period_reversed")),
            1..=MOST_DAYS => Ok(period),
            _ => Err(Problem::invalid(vec![
                FieldError::new("from", "period_too_long").with(vec![("max", MOST_DAYS.to_string())]),
            ])),
        }
    }

    /// How many.
    pub(crate) fn days(self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// As many days just before it.
    pub(crate) fn before(self) -> Self {
        let back = Days::new(self.days().unsigned_abs());
        Self {
            from: self.from.checked_sub_days(back).unwrap_or(self.from),
            to: self.to.checked_sub_days(back).unwrap_or(self.to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_and_the_one_before() {
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let month = Period::of(day("2026-03-30"), Some(day("2026-03-01")), None).expect("a period");
        assert_eq!(month.days(), 30);
        assert_eq!(
            month.before(),
            Period {
                from: day("2026-01-30"),
                to: day("2026-02-28")
            }
        );
        let usual = Period::of(day("2026-03-30"), None, None).expect("a period");
        assert_eq!(usual.from, day("2026-03-01"));
        assert!(Period::of(day("2026-03-30"), Some(day("2026-03-31")), None).is_err());
        assert!(Period::of(day("2026-03-30"), Some(day("2020-03-31")), None).is_err());
        assert!(Period::of(day("2026-03-30"), Some(NaiveDate::MAX), Some(NaiveDate::MAX)).is_err());
    }
}
