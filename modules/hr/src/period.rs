//! The pay period of a month: from the 25th of the month before to the 24th.

use chrono::{Months, NaiveDate};

/// First and last day of the pay period of a month.
pub(crate) fn pay_period(year: i64, month: i64) -> Option<(NaiveDate, NaiveDate)> {
    let ends_on = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, 24)?;
    let starts_on = ends_on.checked_sub_months(Months::new(1))?.succ_opt()?;
    Some((starts_on, ends_on))
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
            let (first, last) = pay_period(year, month).expect("a month");
            assert_eq!(
                (first.to_string(), last.to_string()),
                (starts.to_owned(), ends.to_owned())
            );
            assert_eq!((last - first).num_days() + 1, days);
        }
        assert_eq!(pay_period(2025, 13), None);
    }
}
