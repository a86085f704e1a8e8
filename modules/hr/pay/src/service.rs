//! Length of service: completed years, months and days, the last day counted.

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;

/// Years, months and days that somebody has worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Completed years.
    pub years: u32,
    /// Completed months of the next year.
    pub months: u32,
    /// Days of the next month.
    pub days: u32,
}

impl Service {
    /// From the first to the last day of work, both counted; nothing when the last day is before the first.
    pub fn between(joined_on: NaiveDate, last_day: NaiveDate) -> Self {
        let none = Self {
            years: 0,
            months: 0,
            days: 0,
        };
        let Some(end) = last_day.succ_opt().filter(|end| *end > joined_on) else {
            return none;
        };
        let after = |months: u32| joined_on.checked_add_months(Months::new(months));
        // A month that has no such day ends with its last one, which `checked_add_months` gives.
        let apart = (end.year() - joined_on.year()) * 12 + end.month().cast_signed() - joined_on.month().cast_signed();
        let apart = u32::try_from(apart).unwrap_or(0);
        let low = if after(apart).is_some_and(|day| day <= end) {
            apart
        } else {
            apart.saturating_sub(1)
        };
        let days = after(low).map_or(0, |day| (end - day).num_days());
        Self {
            years: low / 12,
            months: low % 12,
            days: u32::try_from(days).unwrap_or(0),
        }
    }

    /// Years with months as twelfths and days as three hundred and sixtieths.
    pub fn in_years(self) -> Decimal {
        let part = |count: u32, of: i64| Decimal::from(count) / Decimal::from(of);
        Decimal::from(self.years) + part(self.months, 12) + part(self.days, 360)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts() {
        let cases = [
            ("2020-01-01", "2025-12-31", (6, 0, 0)),
            ("2021-03-01", "2023-03-01", (2, 0, 1)),
            ("2021-03-01", "2023-02-28", (2, 0, 0)),
            ("2020-03-01", "2025-03-01", (5, 0, 1)),
            ("2022-06-01", "2025-06-01", (3, 0, 1)),
            ("2024-01-31", "2024-02-29", (0, 1, 1)),
            ("2026-05-10", "2026-05-10", (0, 0, 1)),
            ("2026-05-10", "2026-05-09", (0, 0, 0)),
            ("2026-05-10", "2020-05-09", (0, 0, 0)),
        ];
        for (joined, last, (years, months, days)) in cases {
            let day = |text: &str| text.parse().expect("a day");
            let service = Service::between(day(joined), day(last));
            assert_eq!(service, Service { years, months, days }, "{joined} to {last}");
        }
    }
}
