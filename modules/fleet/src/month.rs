//! Calendar months, as figures are grouped by them.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};

/// A calendar month, known by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month(NaiveDate);

impl Month {
    /// The month that a day lies in.
    pub(crate) fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    pub(crate) const fn first_day(self) -> NaiveDate {
        self.0
    }

    /// Months after (or before) this one; the last month that dates reach when there is none.
    pub(crate) fn plus(self, months: i32) -> Self {
        let count = Months::new(months.unsigned_abs());
        let moved = if months < 0 {
            self.0.checked_sub_months(count)
        } else {
            self.0.checked_add_months(count)
        };
        moved.map_or(self, Self)
    }

    /// How many months lie between, both ends counted; zero or less when the other is earlier.
    pub(crate) fn through(self, last: Self) -> i32 {
        let number = |month: Self| month.0.year() * 12 + i32::try_from(month.0.month0()).unwrap_or(0);
        number(last) - number(self) + 1
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = ();

    /// `2026-01`, between the years that dates of rows may have.
    fn from_str(text: &str) -> Result<Self, ()> {
        let day = format!("{text}-01").parse::<NaiveDate>().map_err(drop)?;
        if text.len() == 7 && (1900..=2200).contains(&day.year()) {
            Ok(Self(day))
        } else {
            Err(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_counting() {
        for bad in ["2026-13", "2026-1", "26-01", "2026-01-01", "", "1899-12", "+026-01"] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
        let january: Month = "2026-01".parse().expect("good");
        assert_eq!(january.plus(5).to_string(), "2026-06");
        assert_eq!(january.plus(-1).to_string(), "2025-12");
        assert_eq!(january.through(january.plus(5)), 6);
        assert_eq!(january.through(january.plus(-1)), 0);
        assert_eq!(Month::of("2026-01-31".parse().expect("good")), january);
    }
}
