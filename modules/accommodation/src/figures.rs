//! Formulas of housing: shares, means and what is withheld from pay. Exact numbers, rounded once, half away from zero.

use chrono::{Datelike, Months, NaiveDate};
use platform_core::Problem;
use rust_decimal::{Decimal, RoundingStrategy};

fn rounded(value: Decimal, scale: u32) -> Decimal {
    let mut value = value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    value.rescale(scale);
    value
}

/// Part of a whole in per cent with two digits; nothing of nothing is no share.
pub(crate) fn percent(part: i64, whole: i64) -> Option<String> {
    (whole > 0).then(|| rounded(Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole), 2).to_string())
}

/// An amount of minor units as text of major ones.
pub(crate) fn amount(minor: i64) -> String {
    Decimal::new(minor, 2).to_string()
}

/// Minor units over a number of things, as text of major units.
pub(crate) fn amount_each(minor: i64, things: i64) -> Option<String> {
    (things > 0).then(|| rounded(Decimal::new(minor, 2) / Decimal::from(things), 2).to_string())
}

/// A mean of nights with one digit.
pub(crate) fn mean_nights(nights: i64, stays: i64) -> Option<String> {
    (stays > 0).then(|| rounded(Decimal::from(nights) / Decimal::from(stays), 1).to_string())
}

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Month {
    /// Its first day.
    pub(crate) first: NaiveDate,
    /// The first day of the next one.
    pub(crate) next: NaiveDate,
}

impl Month {
    /// From `2026-06`.
    pub(crate) fn parse(field: &'static str, text: &str) -> Result<Self, Problem> {
        let first = Some(text)
            .filter(|text| text.len() == 7)
            .and_then(|text| format!("{text}-01").parse().ok())
            .filter(|first: &NaiveDate| (1900..2200).contains(&first.year()));
        first.map(Self::of).ok_or_else(|| Problem::field(field, "bad_month"))
    }

    /// The month of a day.
    pub(crate) fn of(day: NaiveDate) -> Self {
        let first = day.with_day(1).unwrap_or(day);
        let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
        Self { first, next }
    }

    fn days(self) -> i64 {
        (self.next - self.first).num_days()
    }

    /// Nights of the month that a stay has: the night before the last day is the last one.
    pub(crate) fn nights(self, started_on: NaiveDate, ended_on: Option<NaiveDate>) -> i64 {
        let last = ended_on.unwrap_or(self.next).min(self.next);
        (last - started_on.max(self.first)).num_days().max(0)
    }

    /// What is withheld for nights of the month: the monthly amount × nights / 30. Whoever slept there the whole month pays
    /// the monthly amount, whether the month has 28 days or 31. `all_nights` are the courier's nights in any bed.
    pub(crate) fn deduction_minor(self, monthly_minor: i64, nights: i64, all_nights: i64) -> i64 {
        let whole = if all_nights >= self.days() { self.days() } else { 30 };
        let exact = Decimal::from(monthly_minor) * Decimal::from(nights) / Decimal::from(whole);
        i64::try_from(rounded(exact, 0)).unwrap_or(i64::MAX)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.first.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn month(text: &str) -> Month {
        Month::parse("month", text).expect("a month")
    }

    #[test]
    fn shares_of_the_documents() {
        assert_eq!(percent(65, 80).as_deref(), Some("81.25"));
        assert_eq!(percent(320, 400).as_deref(), Some("80.00"));
        assert_eq!(percent(1, 3).as_deref(), Some("33.33"));
        assert_eq!(percent(2, 3).as_deref(), Some("66.67"));
        assert_eq!(percent(0, 0), None);
        assert_eq!(amount(65 * 50_000), "32500.00");
        assert_eq!(amount_each(120_000, 7).as_deref(), Some("171.43"));
        assert_eq!(amount_each(120_000, 0), None);
        assert_eq!(mean_nights(25, 2).as_deref(), Some("12.5"));
    }

    #[test]
    fn nights_and_not_days() {
        let june = month("2026-06");
        let table = [
            ("2026-06-01", Some("2026-06-02"), 1),
            ("2026-06-10", Some("2026-06-10"), 0),
            ("2026-05-20", Some("2026-06-11"), 10),
            ("2026-06-21", None, 10),
            ("2026-01-01", None, 30),
            ("2026-01-01", Some("2026-05-31"), 0),
            ("2026-07-01", None, 0),
            ("2026-06-16", Some("2026-08-01"), 15),
        ];
        for (start, end, nights) in table {
            assert_eq!(june.nights(day(start), end.map(day)), nights, "{start} {end:?}");
        }
    }

    #[test]
    fn withheld_by_nights_of_thirty() {
        let (june, february, july) = (month("2026-06"), month("2026-02"), month("2026-07"));
        let monthly = 50_000;
        // 500 × nights / 30.
        assert_eq!(june.deduction_minor(monthly, 15, 15), 25_000);
        assert_eq!(june.deduction_minor(monthly, 10, 10), 16_667);
        assert_eq!(june.deduction_minor(monthly, 1, 1), 1_667);
        assert_eq!(june.deduction_minor(monthly, 0, 0), 0);
        // A whole month is a month, however long it is.
        for (month, days) in [(june, 30), (february, 28), (july, 31)] {
            assert_eq!(month.deduction_minor(monthly, days, days), monthly, "{month}");
        }
        assert_eq!(july.deduction_minor(monthly, 30, 30), monthly);
        assert_eq!(february.deduction_minor(monthly, 27, 27), 45_000);
        // Two beds within a whole month share it.
        let (first, second) = (
            july.deduction_minor(monthly, 11, 31),
            july.deduction_minor(monthly, 20, 31),
        );
        assert_eq!((first, second, first + second), (17_742, 32_258, monthly));
    }

    #[test]
    fn months_are_written_one_way() {
        assert_eq!(month("2026-12").next, day("2027-01-01"));
        for wrong in ["", "2026-13", "2026-6", "june", "2026-06-01", "9999-01"] {
            assert!(Month::parse("month", wrong).is_err(), "{wrong}");
        }
    }
}
