//! The pay period of a month: from the 25th of the month before to the 24th.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// First and last day of a period, both counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub starts_on: NaiveDate,
    /// Also the day as of which everything is counted: a month that is calculated again later gives the same pay.
    pub ends_on: NaiveDate,
}

impl Period {
    /// The pay period of a month.
    pub fn of(year: i64, month: i64) -> Option<Self> {
        let (starts_on, ends_on) = pay_period(year, month)?;
        Some(Self { starts_on, ends_on })
    }

    /// Days of the period.
    pub fn days(self) -> i64 {
        (self.ends_on - self.starts_on).num_days() + 1
    }

    /// Whether a day lies in it.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.starts_on <= day && day <= self.ends_on
    }

    /// The day whose rates of social insurance count: the last one of the month that the period ends in.
    pub fn contributions_on(self) -> NaiveDate {
        month_end(self.ends_on)
    }
}

/// First and last day of the pay period of a month.
pub fn pay_period(year: i64, month: i64) -> Option<(NaiveDate, NaiveDate)> {
    let ends_on = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, 24)?;
    let starts_on = ends_on.checked_sub_months(Months::new(1))?.succ_opt()?;
    Some((starts_on, ends_on))
}

/// The last day of a day's month.
pub fn month_end(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day);
    let next = first.checked_add_months(Months::new(1));
    next.and_then(|next| next.pred_opt()).unwrap_or(day)
}

/// Days from joining to the last day of the period, both counted; none for who joins later.
pub fn days_since_joining(joined_on: NaiveDate, ends_on: NaiveDate) -> i64 {
    ((ends_on - joined_on).num_days() + 1).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_the_25th_to_the_24th() {
        let cases = [
            (2025, 12, "2025-11-25", "2025-12-24", 30),
            (2025, 3, "2025-02-25", "2025-03-24", 28),
            (2026, 1, "2025-12-25", "2026-01-24", 31),
        ];
        for (year, month, starts, ends, days) in cases {
            let period = Period::of(year, month).expect("a month");
            assert_eq!(
                (period.starts_on.to_string(), period.ends_on.to_string()),
                (starts.to_owned(), ends.to_owned())
            );
            assert_eq!(period.days(), days);
        }
        assert_eq!(Period::of(2025, 13), None);
    }

    #[test]
    fn days_count_both_ends() {
        let day = |text: &str| text.parse().expect("a day");
        assert_eq!(days_since_joining(day("2025-12-15"), day("2025-12-24")), 10);
        assert_eq!(days_since_joining(day("2025-12-25"), day("2025-12-24")), 0);
        assert_eq!(month_end(day("2028-02-24")), day("2028-02-29"));
    }
}
