//! When a schedule of a plugin is due.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;
use uuid::Uuid;

/// Nothing is due more often than this.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
const LONGEST: TimeDelta = TimeDelta::days(31);

/// A pattern of a manifest: `15m`, `6h`, `1d`, or five fields of cron in the organization's zone.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Every(TimeDelta),
    Cron(Box<Cron>),
}

impl Pattern {
    /// Reads a pattern; none when it is never due or too often.
    pub fn parse(text: &str) -> Option<Self> {
        if text.split_whitespace().count() == 5 {
            return text.parse().ok().map(|cron| Self::Cron(Box::new(cron)));
        }
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number: i32 = number.parse().ok().filter(|number| *number > 0)?;
        let unit = match unit {
            "m" => TimeDelta::minutes(1),
            "h" => TimeDelta::hours(1),
            "d" => TimeDelta::days(1),
            _ => return None,
        };
        let period = unit.checked_mul(number)?;
        (SHORTEST..=LONGEST).contains(&period).then_some(Self::Every(period))
    }

    /// The first time after `now`; none when there is none.
    ///
    /// What is due again and again has a phase of the installation's own: not everybody asks one provider in the same second.
    pub fn next(&self, installation_id: Uuid, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Every(period) => {
                let period_s = period.num_seconds();
                // The last bytes of an id are random.
                let bytes = installation_id.into_bytes();
                let random = i64::from(u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]));
                let phase_s = random % period_s;
                let next_s = ((now.timestamp() - phase_s).div_euclid(period_s) + 1) * period_s + phase_s;
                DateTime::from_timestamp(next_s, 0)
            }
            Self::Cron(cron) => {
                let local = now.with_timezone(&zone);
                let next = cron.find_next_occurrence(&local, false).ok()?;
                Some(next.with_timezone(&Utc))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn patterns_that_are_none() {
        for bad in [
            "",
            "m",
            "0m",
            "-5m",
            "15",
            "15s",
            "32d",
            "every day",
            "* * * *",
            "61 * * * *",
            "1.5h",
            "ه1",
        ] {
            assert!(Pattern::parse(bad).is_none(), "{bad}");
        }
        for good in ["1m", "15m", "6h", "1d", "31d", "0 */2 * * *", "30 6 * * sun-thu"] {
            assert!(Pattern::parse(good).is_some(), "{good}");
        }
    }

    #[test]
    fn a_pattern_of_cron_is_in_the_organizations_zone() {
        let pattern = Pattern::parse("0 6 * * *").expect("a pattern");
        let next = |zone| pattern.next(Uuid::nil(), zone, at("2026-03-01T12:00:00Z"));
        assert_eq!(next(Tz::Asia__Riyadh), Some(at("2026-03-02T03:00:00Z")));
        assert_eq!(next(Tz::UTC), Some(at("2026-03-02T06:00:00Z")));
    }

    #[test]
    fn installations_have_a_phase_of_their_own_and_keep_their_period() {
        let pattern = Pattern::parse("15m").expect("a pattern");
        let now = at("2026-03-01T12:00:00Z");
        let mut phases = std::collections::BTreeSet::new();
        for number in 0..50 {
            let id = Uuid::from_u128(number * 7919);
            let first = pattern.next(id, Tz::UTC, now).expect("a time");
            assert!(first > now && first <= now + TimeDelta::minutes(15));
            assert_eq!(pattern.next(id, Tz::UTC, first), Some(first + TimeDelta::minutes(15)));
            phases.insert(first);
        }
        assert!(phases.len() > 40, "{}", phases.len());
    }
}
