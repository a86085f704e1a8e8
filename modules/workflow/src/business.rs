//! Time that counts: all of it, or business hours only.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use platform_resource::Record;
use serde_json::Value as Json;

/// The same hours on each business day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    start: NaiveTime,
    end: NaiveTime,
    days: Vec<Weekday>,
}

/// Weekdays by their English names.
pub(crate) fn days(json: &Json) -> Option<Vec<Weekday>> {
    let list = json.as_array().filter(|list| !list.is_empty() && list.len() <= 7)?;
    list.iter().map(|day| day.as_str()?.parse().ok()).collect()
}

impl Hours {
    /// The hours of a deadline; nothing where they are missing or end before they start.
    pub(crate) fn of(row: &Record) -> Option<Self> {
        let time = |field: &str| NaiveTime::parse_from_str(row.text(field)?, "%H:%M").ok();
        let (start, end) = (time("business_hours_start")?, time("business_hours_end")?);
        let days = days(row.get("business_days"))?;
        (start < end).then_some(Self { start, end, days })
    }

    /// The hours of a day, unless it is none of the business days.
    fn of_day(&self, day: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if !self.days.contains(&day.weekday()) {
            return None;
        }
        let at = |time: NaiveTime| zone.from_local_datetime(&day.and_time(time)).earliest();
        let (start, end) = at(self.start).zip(at(self.end))?;
        Some((start.with_timezone(&Utc), end.with_timezone(&Utc)))
    }
}

/// No deadline is further away than that.
const LONGEST_DAYS: u64 = 20_000;

/// When so many minutes of time that counts have passed.
pub(crate) fn after(start: DateTime<Utc>, minutes: i64, hours: Option<&Hours>, zone: Tz) -> DateTime<Utc> {
    let mut left = TimeDelta::minutes(minutes.max(0));
    let Some(hours) = hours else { return start + left };
    let first = start.with_timezone(&zone).date_naive();
    for day in first
        .iter_days()
        .take(usize::try_from(LONGEST_DAYS).unwrap_or(usize::MAX))
    {
        let Some((open, close)) = hours.of_day(day, zone) else {
            continue;
        };
        let begin = open.max(start);
        if begin >= close {
            continue;
        }
        if begin + left <= close {
            return begin + left;
        }
        left -= close - begin;
    }
    first
        .checked_add_days(Days::new(LONGEST_DAYS))
        .map_or(start, |day| day.and_time(NaiveTime::MIN).and_utc())
}

/// Minutes of time that counts between two moments.
pub(crate) fn between(from: DateTime<Utc>, to: DateTime<Utc>, hours: Option<&Hours>, zone: Tz) -> i64 {
    let Some(hours) = hours else {
        return minutes_between(from, to);
    };
    let last = to.with_timezone(&zone).date_naive();
    let days = from
        .with_timezone(&zone)
        .date_naive()
        .iter_days()
        .take_while(|day| *day <= last);
    let worked = days.filter_map(|day| hours.of_day(day, zone)).map(|(open, close)| {
        let length = close.min(to) - open.max(from);
        length.max(TimeDelta::zero())
    });
    worked.sum::<TimeDelta>().num_minutes()
}

/// Whole minutes from one moment to a later one; negative when it is earlier.
pub(crate) fn minutes_between(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    (to - from).num_minutes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::record;

    const ZONE: Tz = Tz::Asia__Riyadh;

    fn hours() -> Hours {
        let row = json!({"business_hours_start": "08:00", "business_hours_end": "16:00",
            "business_days": ["sunday", "monday", "tuesday", "wednesday", "thursday"]});
        Hours::of(&record(&row)).expect("hours")
    }

    /// A moment of Riyadh's.
    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00+03:00").parse().expect("a moment")
    }

    #[test]
    fn a_deadline_of_thursday_afternoon_is_due_on_sunday() {
        // 2026-11-19 is a Thursday: 120 minutes that day, 480 on Sunday.
        let start = at("2026-11-19T14:00");
        let hours = hours();
        assert_eq!(after(start, 600, Some(&hours), ZONE), at("2026-11-22T16:00"));
        assert_eq!(after(start, 480, Some(&hours), ZONE), at("2026-11-22T14:00"));
        assert_eq!(between(start, at("2026-11-22T16:00"), Some(&hours), ZONE), 600);
    }

    #[test]
    fn time_outside_business_hours_does_not_count() {
        let hours = hours();
        let table = [
            // Before opening, after closing, at the weekend, to the minute of closing, over midnight.
            ("2026-11-22T06:00", 60, "2026-11-22T09:00"),
            ("2026-11-22T17:00", 60, "2026-11-23T09:00"),
            ("2026-11-20T10:00", 30, "2026-11-22T08:30"),
            ("2026-11-22T08:00", 480, "2026-11-22T16:00"),
            ("2026-11-22T08:00", 481, "2026-11-23T08:01"),
            ("2026-11-22T09:00", 0, "2026-11-22T09:00"),
        ];
        for (start, minutes, due) in table {
            assert_eq!(
                after(at(start), minutes, Some(&hours), ZONE),
                at(due),
                "{start} {minutes}"
            );
            assert_eq!(
                between(at(start), at(due), Some(&hours), ZONE),
                minutes,
                "{start} {minutes}"
            );
        }
        assert_eq!(after(at("2026-11-20T10:00"), 90, None, ZONE), at("2026-11-20T11:30"));
    }

    proptest::proptest! {
        /// What is due after so many minutes is so many minutes away, and never at a time that does not count.
        #[test]
        fn minutes_there_and_back(start in 0_i64..2_000_000, minutes in 1_i64..20_000) {
            let start = at("2026-01-01T00:00") + TimeDelta::minutes(start);
            let hours = hours();
            let due = after(start, minutes, Some(&hours), ZONE);
            proptest::prop_assert_eq!(between(start, due, Some(&hours), ZONE), minutes);
            let (open, close) = hours.of_day(due.with_timezone(&ZONE).date_naive(), ZONE).expect("a business day");
            proptest::prop_assert!(open < due && due <= close);
            proptest::prop_assert!(after(start, minutes + 1, Some(&hours), ZONE) > due);
        }
    }

    #[test]
    fn hours_have_to_be_hours() {
        let row = |start: &str, end: &str, days: Json| {
            Hours::of(&record(
                &json!({"business_hours_start": start, "business_hours_end": end, "business_days": days}),
            ))
        };
        assert!(row("08:00", "16:00", json!(["sunday"])).is_some());
        assert!(row("16:00", "08:00", json!(["sunday"])).is_none());
        assert!(row("08:00", "16:00", json!([])).is_none());
        assert!(row("08:00", "16:00", json!(["someday"])).is_none());
    }
}
