//! Report schedules: which report is made how often, in the organization's time zone, and for whom.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, instant, integer, json, moved, reference, text, time,
    transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::catalogue::{REPORT_ALIASES, REPORT_TYPES};
use crate::reports::{FORMAT_ALIASES, FORMATS};

/// Report schedules.
pub static REPORT_SCHEDULES: Resource = Resource::new("analytics", "report_schedules", FIELDS)
    .title(&["name"])
    .sort("name")
    .check(check)
    .actions(ACTIONS);

/// A schedule's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Paused,
}

/// How often a report is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Quarterly,
}

const WEEKDAYS: &[&str] = &[
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

const FIELDS: &[Field] = &[
    text("name", 255).required().search().list(),
    choice("report_type", REPORT_TYPES)
        .required()
        .aliases(REPORT_ALIASES)
        .filter()
        .list(),
    reference("template_id", "analytics.report_templates").filter(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list(),
    choice("frequency", Frequency::VARIANTS)
        .required()
        .default("daily")
        .filter()
        .list(),
    time("run_at").required().default("06:00").list(),
    choice("weekday", WEEKDAYS),
    integer("day_of_month", 1, 28),
    choice("format", FORMATS)
        .required()
        .default("xlsx")
        .aliases(FORMAT_ALIASES),
    json("recipients").example(r#"["reports@example.com"]"#),
    json("parameters").example("{}"),
    instant("next_run_at").read_only().filter().list(),
    instant("last_run_at").read_only().list(),
];

const ACTIONS: &[Action] = &[
    transition("pause", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Paused),
            Status::Paused => None,
        })
    }),
    transition("resume", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Paused => Some(Status::Active),
            Status::Active => None,
        })
    }),
    // Makes the report at once, whatever the clock says; the next run stays where it was.
    transition("run_now", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Active),
            Status::Paused => Some(Status::Paused),
        })
    })
    .stamps(&["last_run_at"]),
];

/// A weekly schedule has a weekday, a monthly or quarterly one a day; recipients are addresses.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let frequency = after.text("frequency").and_then(|word| word.parse().ok());
    match frequency {
        Some(Frequency::Weekly) if !after.has("weekday") => violations.push(Violation::new("weekday", "required")),
        Some(Frequency::Monthly | Frequency::Quarterly) if !after.has("day_of_month") => {
            violations.push(Violation::new("day_of_month", "required"));
        }
        Some(Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Quarterly) | None => {}
    }
    let address = |one: &serde_json::Value| one.as_str().is_some_and(|one| one.contains('@') && one.len() <= 254);
    match after.get("recipients") {
        serde_json::Value::Null => {}
        serde_json::Value::Array(list) if list.iter().all(address) => {}
        _ => violations.push(Violation::new("recipients", "not_addresses")),
    }
    violations
}

/// When and what a schedule makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rhythm {
    frequency: Frequency,
    at: NaiveTime,
    weekday: Option<Weekday>,
    day_of_month: u32,
}

impl Rhythm {
    /// A row's rhythm; the checks of the row make it whole.
    pub(crate) fn of(row: &Record) -> Option<Self> {
        let weekday = row.text("weekday").and_then(|word| word.parse().ok());
        Some(Self {
            frequency: row.text("frequency")?.parse().ok()?,
            at: NaiveTime::parse_from_str(row.text("run_at")?, "%H:%M").ok()?,
            weekday,
            day_of_month: row
                .integer("day_of_month")
                .and_then(|day| u32::try_from(day).ok())
                .unwrap_or(1),
        })
    }

    /// The first time after a moment at which it is due.
    pub(crate) fn next(self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let first = after.with_timezone(&zone).date_naive();
        // A quarter has at most 92 days; one more for the day whose time has passed.
        (0..=93_u64).find_map(|days| {
            let day = first
                .checked_add_days(Days::new(days))
                .filter(|day| self.is_due(*day))?;
            let at = zone
                .from_local_datetime(&day.and_time(self.at))
                .earliest()?
                .with_timezone(&Utc);
            (at > after).then_some(at)
        })
    }

    fn is_due(self, day: NaiveDate) -> bool {
        match self.frequency {
            Frequency::Daily => true,
            Frequency::Weekly => self.weekday == Some(day.weekday()),
            Frequency::Monthly => day.day() == self.day_of_month,
            Frequency::Quarterly => day.day() == self.day_of_month && day.month0().is_multiple_of(3),
        }
    }

    /// The days that a run is about: the last whole day, seven days, month or quarter.
    pub(crate) fn period(self, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let yesterday = today.checked_sub_days(Days::new(1))?;
        let months = |count: u32, first: NaiveDate| {
            let start = first.checked_sub_months(Months::new(count))?;
            Some((start, first.checked_sub_days(Days::new(1))?))
        };
        match self.frequency {
            Frequency::Daily => Some((yesterday, yesterday)),
            Frequency::Weekly => Some((today.checked_sub_days(Days::new(7))?, yesterday)),
            Frequency::Monthly => months(1, today.with_day(1)?),
            Frequency::Quarterly => months(3, today.with_day(1)?.with_month0(today.month0() / 3 * 3)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, record};

    fn rhythm(row: &serde_json::Value) -> Rhythm {
        Rhythm::of(&record(row)).expect("whole")
    }

    #[test]
    fn next_is_counted_in_the_organizations_zone() {
        let daily = rhythm(&json!({"frequency": "daily", "run_at": "06:00"}));
        let weekly = rhythm(&json!({"frequency": "weekly", "run_at": "08:30", "weekday": "sunday"}));
        let monthly = rhythm(&json!({"frequency": "monthly", "run_at": "06:00", "day_of_month": 1}));
        let quarterly = rhythm(&json!({"frequency": "quarterly", "run_at": "06:00", "day_of_month": 5}));
        // Riyadh is three hours ahead; the first of June 2026 is a Monday.
        for (rhythm, after, expected) in [
            (daily, "2026-06-01T02:59:59Z", "2026-06-01T03:00:00Z"),
            (daily, "2026-06-01T03:00:00Z", "2026-06-02T03:00:00Z"),
            (daily, "2026-06-01T21:30:00Z", "2026-06-02T03:00:00Z"),
            (weekly, "2026-06-01T00:00:00Z", "2026-06-07T05:30:00Z"),
            (monthly, "2026-06-01T03:00:00Z", "2026-07-01T03:00:00Z"),
            (quarterly, "2026-06-01T00:00:00Z", "2026-07-05T03:00:00Z"),
            (quarterly, "2026-10-05T03:00:00Z", "2027-01-05T03:00:00Z"),
        ] {
            let next = rhythm.next(after.parse().expect("good"), Tz::Asia__Riyadh);
            assert_eq!(next, Some(expected.parse().expect("good")), "{rhythm:?} after {after}");
        }
    }

    #[test]
    fn a_run_is_about_what_is_over() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("good");
        for (frequency, today, first, last) in [
            ("daily", "2026-06-01", "2026-05-31", "2026-05-31"),
            ("weekly", "2026-06-07", "2026-05-31", "2026-06-06"),
            ("monthly", "2026-03-05", "2026-02-01", "2026-02-28"),
            ("quarterly", "2026-07-05", "2026-04-01", "2026-06-30"),
            ("quarterly", "2026-01-05", "2025-10-01", "2025-12-31"),
        ] {
            let period = rhythm(&json!({"frequency": frequency, "run_at": "06:00"})).period(day(today));
            assert_eq!(period, Some((day(first), day(last))), "{frequency} {today}");
        }
    }

    #[test]
    fn a_rhythm_is_whole() {
        breaks(
            check,
            &[
                (json!({"frequency": "daily"}), ""),
                (json!({"frequency": "weekly"}), "weekday required"),
                (json!({"frequency": "quarterly"}), "day_of_month required"),
                (json!({"frequency": "daily", "recipients": ["a@b.example"]}), ""),
                (
                    json!({"frequency": "daily", "recipients": ["nobody"]}),
                    "recipients not_addresses",
                ),
            ],
        );
    }
}
