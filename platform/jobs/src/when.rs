//! When something is due next, in the zone of an organization's days.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use platform_core::When;
use uuid::Uuid;

/// The first time after `after`.
///
/// A time of day that the clocks skip in spring is due when they go on, and one that comes twice in autumn is due the first time.
/// What is due again and again has a phase of the organization's own, so that not all of them are due at once.
pub fn next_run(when: When, zone: Tz, organization_id: Uuid, after: DateTime<Utc>) -> DateTime<Utc> {
    match when {
        When::Daily(time) => {
            let time = NaiveTime::parse_from_str(time, "%H:%M").expect("the registry has proven it");
            let today = after.with_timezone(&zone).date_naive();
            let days = today.iter_days().map(|day| instant(zone, day.and_time(time)));
            days.into_iter()
                .find(|at| *at > after)
                .expect("there is always another day")
        }
        When::Every { minutes } => {
            let period_s = i64::from(minutes) * 60;
            // The last bytes of an id are random.
            let phase_s =
                i64::from(organization_id.as_fields().3[6]) * 256 + i64::from(organization_id.as_fields().3[7]);
            let since = after.timestamp() - phase_s;
            let next_s = (since.div_euclid(period_s) + 1) * period_s + phase_s;
            DateTime::from_timestamp(next_s, 0).unwrap_or(after + TimeDelta::seconds(period_s))
        }
    }
}

fn instant(zone: Tz, mut local: NaiveDateTime) -> DateTime<Utc> {
    loop {
        if let Some(at) = zone.from_local_datetime(&local).earliest() {
            return at.with_timezone(&Utc);
        }
        local += TimeDelta::minutes(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The next three times.
    fn runs(when: When, zone: Tz, after: &str) -> Vec<String> {
        let mut now = at(after);
        let mut times = Vec::new();
        for _ in 0..3 {
            now = next_run(when, zone, Uuid::nil(), now);
            times.push(now.format("%d %H:%M").to_string());
        }
        times
    }

    #[test]
    fn a_time_of_day_is_the_organizations_own() {
        let daily = When::Daily("06:00");
        // Riyadh is three hours ahead and has no summer time.
        assert_eq!(
            runs(daily, Tz::Asia__Riyadh, "2026-03-01T02:59:59Z"),
            ["01 03:00", "02 03:00", "03 03:00"]
        );
        assert_eq!(
            runs(daily, Tz::Asia__Riyadh, "2026-03-01T03:00:00Z"),
            ["02 03:00", "03 03:00", "04 03:00"]
        );
        // Just after midnight there it is still yesterday in London.
        assert_eq!(
            runs(When::Daily("00:30"), Tz::Asia__Riyadh, "2026-03-01T21:00:00Z"),
            ["01 21:30", "02 21:30", "03 21:30"]
        );
    }

    #[test]
    fn a_day_has_one_run_also_when_clocks_change() {
        // On 29 March 2026 clocks in Berlin go from 02:00 to 03:00, on 25 October from 03:00 back to 02:00.
        let (six, half_past_two) = (When::Daily("06:00"), When::Daily("02:30"));
        let berlin = Tz::Europe__Berlin;
        assert_eq!(
            runs(six, berlin, "2026-03-27T12:00:00Z"),
            ["28 05:00", "29 04:00", "30 04:00"]
        );
        assert_eq!(
            runs(six, berlin, "2026-10-23T12:00:00Z"),
            ["24 04:00", "25 05:00", "26 05:00"]
        );
        assert_eq!(
            runs(half_past_two, berlin, "2026-03-27T12:00:00Z"),
            ["28 01:30", "29 01:00", "30 00:30"],
            "02:30 does not exist on the 29th: the first minute after it does"
        );
        assert_eq!(
            runs(half_past_two, berlin, "2026-10-23T12:00:00Z"),
            ["24 00:30", "25 00:30", "26 01:30"],
            "02:30 comes twice on the 25th and counts once"
        );
    }

    #[test]
    fn what_comes_again_and_again_has_a_phase_of_the_organizations_own() {
        let every = When::Every { minutes: 15 };
        assert_eq!(
            runs(every, Tz::Asia__Riyadh, "2026-03-01T12:07:00Z"),
            ["01 12:15", "01 12:30", "01 12:45"]
        );
        let (now, mut phases) = (at("2026-03-01T12:00:00Z"), std::collections::BTreeSet::new());
        for number in 0..50 {
            let organization = Uuid::from_u128(number * 7919);
            let first = next_run(every, Tz::Asia__Riyadh, organization, now);
            let second = next_run(every, Tz::Asia__Riyadh, organization, first);
            assert!(first > now && first <= now + TimeDelta::minutes(15));
            assert_eq!(second - first, TimeDelta::minutes(15));
            phases.insert(first);
        }
        assert!(phases.len() > 40, "{}", phases.len());
    }

    #[test]
    fn what_was_missed_is_due_once() {
        let long_after = at("2026-06-01T12:00:00Z");
        let next = next_run(When::Every { minutes: 5 }, Tz::Asia__Riyadh, Uuid::nil(), long_after);
        assert_eq!(next, at("2026-06-01T12:05:00Z"));
    }
}
