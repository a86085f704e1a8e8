//! Small calculations that rules and figures share.

use chrono::{DateTime, Utc};
use platform_resource::{Record, Violation};
use rust_decimal::Decimal;

use crate::economy::rounded;

const SECONDS_OF_AN_HOUR: i64 = 3600;

/// Hours from one time to another with two digits, as a decimal field takes it; nothing less than zero.
pub(crate) fn hours_between(start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    let seconds = (end - start).num_seconds().max(0);
    rounded(Decimal::from(seconds) / Decimal::from(SECONDS_OF_AN_HOUR), 2).to_string()
}

/// One figure over another; nothing when there is nothing to divide by.
pub(crate) fn ratio(part: Decimal, whole: Decimal) -> Option<Decimal> {
    (!whole.is_zero()).then(|| part / whole)
}

/// A part of a whole in percent; nothing of nothing is nothing.
pub(crate) fn percent(part: i64, whole: i64) -> Option<Decimal> {
    ratio(Decimal::from(part) * Decimal::ONE_HUNDRED, Decimal::from(whole))
}

/// A figure as text with that many digits; nothing stays nothing.
pub(crate) fn shown(figure: Option<Decimal>, digits: u32) -> Option<String> {
    figure.map(|figure| rounded(figure, digits).to_string())
}

/// Broken rules of a latitude and a longitude.
pub(crate) fn off_the_map(record: &Record) -> Vec<Violation> {
    [("latitude", 90), ("longitude", 180)]
        .into_iter()
        .filter(|(field, most)| record.decimal(field).is_some_and(|at| at.abs() > Decimal::from(*most)))
        .map(|(field, _)| Violation::new(field, "off_the_map"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_rounded_and_never_negative() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let noon = at("2026-01-01T12:00:00Z");
        assert_eq!(hours_between(noon, at("2026-01-01T13:20:00Z")), "1.33");
        assert_eq!(hours_between(noon, at("2026-01-01T11:00:00Z")), "0.00");
    }

    #[test]
    fn parts_of_nothing() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(34, 40), Some(Decimal::from(85)));
    }
}
