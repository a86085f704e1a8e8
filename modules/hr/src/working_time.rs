//! The hours of one person: business days with ordinary time, overtime, nights, and whatever the law does not allow. Overtime is
//! an input of pay: what is approved of it stands in the row of its day.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Utc, Weekday};
use hr_pay::money::{half_up, riyals};
use hr_pay::{Conditions, Finding, Overtime, Rules, Span, Standard, WorkDay, overtime, work_days};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::attendance::worked_minutes;
use crate::inputs::day;
use crate::refusals::refusal;
use crate::{holiday_calendar, roster, whose};

/// Days of a courier on which somebody came and went.
pub(crate) const WORKED: &str =
    "SELECT a.day, a.check_in, a.check_out, a.shift_starts_at, a.break_minutes, a.overtime_minutes,
    a.location_review
FROM hr.attendance a
WHERE a.organization_id = $1 AND a.courier_id = $2 AND a.day BETWEEN $3::date AND $4::date AND a.deleted_at IS NULL
    AND a.check_in IS NOT NULL
ORDER BY a.day";

pub(crate) const WAGE: &str = "SELECT c.full_name, c.basic_salary,
    coalesce(c.housing_allowance, 0) + coalesce(c.transportation_allowance, 0)
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL";

/// Longest span of one question.
const MOST_DAYS: i64 = 366;

/// Which days and whose.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The courier.
    courier_id: Uuid,
    /// First day.
    from: NaiveDate,
    /// Last day, at most 366 days on.
    to: NaiveDate,
    /// `daily` (8 hours a day) or `weekly` (48 hours a week); daily unless given.
    standard: Option<Counting>,
    /// Whether the shorter hours of Ramadan hold for the courier; they do unless it is said that they do not.
    ramadan_hours: Option<bool>,
}

/// How ordinary hours are counted.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Counting {
    Daily,
    Weekly,
}

/// Hours of a courier.
#[derive(Serialize, JsonSchema)]
pub(crate) struct WorkingTime {
    courier_id: Uuid,
    courier_name: String,
    from: NaiveDate,
    to: NaiveDate,
    worked_minutes: i64,
    ordinary_minutes: i64,
    /// Beyond the ordinary ones, and all of days of rest and holidays.
    overtime_minutes: i64,
    /// What was approved of it: this is paid.
    approved_overtime_minutes: i64,
    night_minutes: i64,
    /// What the counted overtime is worth; only for whoever may see pay, and where the basic salary is on record.
    overtime_pay: Option<String>,
    /// Days on which somebody came and did not go, or whose position nobody has looked at yet: they are not counted.
    open_days: Vec<NaiveDate>,
    days: Vec<Counted>,
}

/// One business day.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Counted {
    day: NaiveDate,
    worked_minutes: i64,
    ordinary_minutes: i64,
    overtime_minutes: i64,
    night_minutes: i64,
    is_ramadan: bool,
    is_rest_day: bool,
    is_holiday: bool,
    findings: Vec<Breach>,
}

/// Something that the law does not allow, or only as an exception.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Breach {
    rule: String,
    article: String,
    allowed_minutes: i64,
    found_minutes: i64,
}

/// The instant of a check-in: a time that is half a day away from the planned beginning lies on the day beside.
pub(crate) fn came_at(
    day: NaiveDate,
    check_in: &str,
    shift_starts_at: Option<&str>,
    zone: FixedOffset,
) -> Option<DateTime<Utc>> {
    let came = roster::at(day, check_in, zone)?;
    let Some(planned) = shift_starts_at.and_then(|time| roster::at(day, time, zone)) else {
        return Some(came);
    };
    let apart = came - planned;
    if apart > TimeDelta::hours(12) {
        Some(came - TimeDelta::days(1))
    } else if apart < TimeDelta::hours(-12) {
        Some(came + TimeDelta::days(1))
    } else {
        Some(came)
    }
}

/// What a row of attendance says of the hours.
enum Read {
    /// The shift whose day it is, and the work in it.
    Worked(Span, Vec<Span>),
    Open(NaiveDate),
}

fn read(row: &PgRow, zone: FixedOffset) -> Result<(Read, i64), sqlx::Error> {
    let (day, check_in): (NaiveDate, String) = (row.try_get(0)?, row.try_get(1)?);
    let (check_out, planned): (Option<String>, Option<String>) = (row.try_get(2)?, row.try_get(3)?);
    let (pause, approved): (i64, i64) = (row.try_get(4)?, row.try_get(5)?);
    let waits = row.try_get::<&str, _>(6)? == "waiting";
    let whole = check_out
        .as_deref()
        .and_then(|check_out| worked_minutes(&check_in, check_out, 0));
    let came = came_at(day, &check_in, planned.as_deref(), zone);
    let read = match came.zip(whole).filter(|_| !waits) {
        Some((from, minutes)) => {
            let until = from + TimeDelta::minutes(minutes);
            // Both halves around the break belong to the day of the row.
            let begins = planned.as_deref().and_then(|time| roster::at(day, time, zone));
            let shift = Span {
                from: begins.unwrap_or(from),
                until: until.max(begins.unwrap_or(from)),
            };
            Read::Worked(shift, roster::around_break(Span { from, until }, pause))
        }
        None => Read::Open(day),
    };
    Ok((read, approved))
}

/// `GET /hr/working_time`.
pub(crate) async fn working_time(cx: &mut Cx, asked: Asked) -> Result<WorkingTime, Problem> {
    whose::within(cx, &["hr_figures.read", "attendance.read"], asked.courier_id).await?;
    let (from, to) = (day("from", asked.from)?, day("to", asked.to)?);
    if to < from {
        return Err(Problem::field("to", "before_start"));
    }
    if (to - from).num_days() >= MOST_DAYS {
        return Err(Problem::field("to", "period_too_long"));
    }
    let (organization_id, zone) = (cx.organization_id, roster::zone(cx));
    let wage = sqlx::query(WAGE)
        .bind(organization_id)
        .bind(asked.courier_id)
        .fetch_optional(cx.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    // A week, and the night before it, are counted from their beginning.
    let early = from.checked_sub_days(Days::new(8)).unwrap_or(from);
    let rows = sqlx::query(WORKED)
        .bind(organization_id)
        .bind(asked.courier_id)
        .bind(early)
        .bind(to)
        .fetch_all(cx.db())
        .await?;
    let (mut spans, mut shifts, mut open_days, mut approved) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for row in &rows {
        let (read, minutes) = read(row, zone)?;
        if row.try_get::<NaiveDate, _>(0)? >= from {
            approved += minutes;
        }
        match read {
            Read::Worked(shift, of_day) => {
                shifts.push(shift);
                spans.extend(of_day);
            }
            Read::Open(day) if day >= from => open_days.push(day),
            Read::Open(_) => {}
        }
    }
    let calendar = holiday_calendar::calendar(cx, early, to).await?;
    let terms = Conditions {
        rules: Rules::saudi(),
        zone,
        standard: match asked.standard {
            Some(Counting::Weekly) => Standard::Weekly,
            Some(Counting::Daily) | None => Standard::Daily,
        },
        is_muslim: asked.ramadan_hours.unwrap_or(true),
        ramadan: &[],
        rest_day: Weekday::Fri,
        holidays: &calendar.holidays,
        under_the_sun: false,
    };
    let mut days = work_days(&terms, spans, &shifts).map_err(|error| refusal(&error))?;
    days.retain(|day| from <= day.day && day.day <= to);
    let sum = |of: fn(&WorkDay) -> i64| days.iter().map(of).sum::<i64>();
    let overtime_minutes = sum(|day| day.overtime_min);
    let basic: Option<i64> = wage.try_get(1)?;
    let overtime_pay = match basic.filter(|_| cx.may("pay_figures.read")) {
        Some(basic) => Some(worth(to, overtime_minutes, riyals(basic), riyals(wage.try_get(2)?))?),
        None => None,
    };
    Ok(WorkingTime {
        courier_id: asked.courier_id,
        courier_name: wage.try_get(0)?,
        from,
        to,
        worked_minutes: sum(|day| day.worked_min),
        ordinary_minutes: sum(|day| day.ordinary_min),
        overtime_minutes,
        approved_overtime_minutes: approved,
        night_minutes: sum(|day| day.night_min),
        overtime_pay,
        open_days,
        days: days.into_iter().map(Counted::from).collect(),
    })
}

fn worth(on: NaiveDate, minutes: i64, basic: Decimal, allowances: Decimal) -> Result<String, Problem> {
    let asked = Overtime {
        minutes: minutes.into(),
        monthly_wage: basic + allowances,
        basic,
        month_hours: None,
    };
    let line = overtime(Rules::saudi(), on, &asked).map_err(|error| refusal(&error))?;
    Ok(half_up(line.amount, 2).to_string())
}

impl From<WorkDay> for Counted {
    fn from(day: WorkDay) -> Self {
        Self {
            day: day.day,
            worked_minutes: day.worked_min,
            ordinary_minutes: day.ordinary_min,
            overtime_minutes: day.overtime_min,
            night_minutes: day.night_min,
            is_ramadan: day.is_ramadan,
            is_rest_day: day.is_rest_day,
            is_holiday: day.is_holiday,
            findings: day.findings.into_iter().map(Breach::from).collect(),
        }
    }
}

impl From<Finding> for Breach {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule,
            article: finding.article,
            allowed_minutes: finding.allowed_min,
            found_minutes: finding.found_min,
        }
    }
}
