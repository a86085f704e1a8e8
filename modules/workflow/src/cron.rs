//! Patterns of time: minute, hour, day of the month, month, day of the week.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use platform_resource::{Record, Violation};

/// The zone of a row, or the organization's.
pub(crate) fn zone(row: &Record, organizations: Tz) -> Tz {
    row.text("schedule_time_zone")
        .and_then(|name| name.parse().ok())
        .unwrap_or(organizations)
}

fn parse(pattern: &str) -> Option<Cron> {
    // Five fields: nothing here is due by the second.
    (pattern.split_whitespace().count() == 5)
        .then(|| pattern.parse().ok())
        .flatten()
}

/// What is wrong with a row's pattern and zone.
pub(crate) fn violations(row: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if row
        .text("schedule_cron")
        .is_some_and(|pattern| parse(pattern).is_none())
    {
        violations.push(Violation::new("schedule_cron", "bad_cron"));
    }
    if row
        .text("schedule_time_zone")
        .is_some_and(|name| name.parse::<Tz>().is_err())
    {
        violations.push(Violation::new("schedule_time_zone", "bad_time_zone"));
    }
    violations
}

/// The first moment after `from` that fits the pattern, on the clocks of a zone; nothing when there is none.
pub(crate) fn next(pattern: &str, from: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let found = parse(pattern)?
        .find_next_occurrence(&from.with_timezone(&zone), false)
        .ok()?;
    Some(found.with_timezone(&Utc))
}

/// The next few moments.
pub(crate) fn upcoming(pattern: &str, from: DateTime<Utc>, zone: Tz, count: usize) -> Option<Vec<DateTime<Utc>>> {
    parse(pattern)?;
    let first = next(pattern, from, zone);
    Some(
        std::iter::successors(first, |at| next(pattern, *at, zone))
            .take(count)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn eight_in_the_morning_is_five_in_utc() {
        let zone = Tz::Asia__Riyadh;
        // 2026-11-19 is a Thursday; the next business morning is Sunday's.
        let friday = at("2026-11-19T05:00:00Z");
        assert_eq!(next("0 8 * * sun-thu", friday, zone), Some(at("2026-11-22T05:00:00Z")));
        assert_eq!(
            next("*/15 * * * *", at("2026-11-19T05:07:00Z"), zone),
            Some(at("2026-11-19T05:15:00Z"))
        );
        let upcoming = upcoming("0 9 1 * *", friday, zone, 2).expect("a pattern");
        assert_eq!(upcoming, [at("2026-12-01T06:00:00Z"), at("2027-01-01T06:00:00Z")]);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["", "now", "* * * *", "61 * * * *", "0 0 0 * * *"] {
            assert!(parse(pattern).is_none(), "{pattern}");
        }
        // Never: no year has a thirtieth of February.
        assert_eq!(next("0 0 30 2 *", at("2026-01-01T00:00:00Z"), Tz::UTC), None);
    }
}
