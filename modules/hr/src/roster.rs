//! Who is planned when. A plan that overlaps another, falls into leave, or leaves less rest than the law asks for is refused before
//! it is stored; the hours are counted as those that were worked are.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, Offset, TimeDelta, Utc, Weekday};
use hr_pay::{Conditions, Finding, Rules, Span, Standard, WorkDay, work_days};
use platform_core::{Cx, Event, Problem};
use serde_json::{Map, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::attendance::minutes;
use crate::inputs::object;
use crate::refusals::refusal;
use crate::shifts::length;
use crate::{ROSTER_ENTRIES, WORK_SHIFTS};

/// Planned days of a courier.
pub(crate) const PLANNED: &str = "SELECT r.id, r.day, r.starts_at, r.ends_at, coalesce(r.break_minutes, 0), s.name
FROM hr.roster_entries r
JOIN hr.work_shifts s ON s.organization_id = r.organization_id AND s.id = r.shift_id
WHERE r.organization_id = $1 AND r.courier_id = $2 AND r.day BETWEEN $3::date AND $4::date AND r.deleted_at IS NULL
    AND r.starts_at IS NOT NULL AND r.ends_at IS NOT NULL
ORDER BY r.day, r.starts_at, r.id";

/// Approved leave of a courier on a day.
pub(crate) const AWAY: &str = "SELECT l.leave_type
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.deleted_at IS NULL AND l.status IN ('approved', 'completed')
    AND l.starts_on <= $3::date AND coalesce(l.returned_on - 1, l.ends_on) >= $3::date
LIMIT 1";

/// Nobody is planned in his leave.
pub(crate) const FREE: &str = "UPDATE hr.roster_entries SET deleted_at = $5, version = version + 1
WHERE organization_id = $1 AND courier_id = $2 AND day BETWEEN $3::date AND $4::date AND deleted_at IS NULL";

/// A planned day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned {
    pub id: Uuid,
    pub day: NaiveDate,
    pub name: String,
    pub starts_at: String,
    pub span: Span,
    pub break_min: i64,
}

/// The organization's zone as it is at this moment.
pub(crate) fn zone(cx: &Cx) -> FixedOffset {
    cx.now.with_timezone(&cx.time_zone()).offset().fix()
}

/// The instant of a time of day.
pub(crate) fn at(day: NaiveDate, time: &str, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let of_day = minutes(time)?;
    let (hour, minute) = (u32::try_from(of_day / 60).ok()?, u32::try_from(of_day % 60).ok()?);
    hr_pay::instant(day, hour, minute, zone)
}

impl Planned {
    fn of(row: &PgRow, zone: FixedOffset) -> Result<Option<Self>, sqlx::Error> {
        let (day, starts_at, ends_at): (NaiveDate, String, String) =
            (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let known = at(day, &starts_at, zone).zip(length(&starts_at, &ends_at));
        let (id, break_min, name) = (row.try_get(0)?, row.try_get(4)?, row.try_get(5)?);
        Ok(known.map(|(from, minutes)| Self {
            id,
            day,
            name,
            starts_at,
            span: Span {
                from,
                until: from + TimeDelta::minutes(minutes),
            },
            break_min,
        }))
    }
}

/// Planned days of a courier from one day to another.
pub(crate) async fn planned(
    cx: &mut Cx,
    courier_id: Uuid,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Planned>, Problem> {
    let (organization_id, zone) = (cx.organization_id, zone(cx));
    let rows = sqlx::query(PLANNED)
        .bind(organization_id)
        .bind(courier_id)
        .bind(from)
        .bind(until)
        .fetch_all(cx.db())
        .await?;
    let mut planned = Vec::with_capacity(rows.len());
    for row in &rows {
        planned.extend(Planned::of(row, zone)?);
    }
    Ok(planned)
}

/// Work on both sides of a break. Only its length is known: it lies in the middle, where it is of most use.
pub(crate) fn around_break(span: Span, break_min: i64) -> Vec<Span> {
    let whole = (span.until - span.from).num_minutes();
    if break_min <= 0 || break_min >= whole {
        return vec![span];
    }
    let first = span.from + TimeDelta::minutes((whole - break_min) / 2);
    let second = first + TimeDelta::minutes(break_min);
    vec![Span { until: first, ..span }, Span { from: second, ..span }]
}

/// Why a plan cannot be.
#[derive(Debug, PartialEq)]
pub(crate) enum Conflict {
    /// It shares time with a plan of this day.
    Overlap(NaiveDate),
    /// Seven days in a row leave no day of rest.
    NoRest,
    /// The hours of a day are against a rule.
    Law(NaiveDate, Finding),
}

const WEEK: usize = 7;

/// Rules that a plan is held to beforehand; the others depend on what is worked.
const HELD_TO: [&str; 5] = [
    "work.night.rest_hours",
    "work.exceptional.daily_hours",
    "work.exceptional.weekly_hours",
    "work.presence_hours",
    "work.unbroken_hours",
];

fn counted(rules: &Rules, zone: FixedOffset, plans: &[&Planned]) -> Result<Vec<WorkDay>, hr_pay::PayError> {
    let shifts: Vec<Span> = plans.iter().map(|plan| plan.span).collect();
    let spans = plans
        .iter()
        .flat_map(|plan| around_break(plan.span, plan.break_min))
        .collect();
    let terms = Conditions {
        rules,
        zone,
        standard: Standard::Daily,
        is_muslim: true,
        ramadan: &[],
        rest_day: Weekday::Fri,
        holidays: &[],
        under_the_sun: false,
    };
    work_days(&terms, spans, &shifts)
}

/// What a new plan breaks that the others beside it do not.
pub(crate) fn conflict(
    rules: &Rules,
    zone: FixedOffset,
    new: &Planned,
    others: &[Planned],
) -> Result<Option<Conflict>, hr_pay::PayError> {
    let others: Vec<&Planned> = others.iter().filter(|other| other.id != new.id).collect();
    let shares = |other: &&&Planned| new.span.from < other.span.until && other.span.from < new.span.until;
    if let Some(other) = others.iter().find(shares) {
        return Ok(Some(Conflict::Overlap(other.day)));
    }
    let all: Vec<&Planned> = others.iter().copied().chain([new]).collect();
    let works = |day: NaiveDate| all.iter().any(|plan| plan.day == day);
    let first = new.day.checked_sub_days(Days::new(6)).unwrap_or(new.day);
    let weeks = first.iter_days().take(WEEK);
    if weeks.into_iter().any(|from| from.iter_days().take(WEEK).all(works)) {
        return Ok(Some(Conflict::NoRest));
    }
    let (before, after) = (counted(rules, zone, &others)?, counted(rules, zone, &all)?);
    let was = |day: NaiveDate, finding: &Finding| {
        let mut then = before
            .iter()
            .filter(|known| known.day == day)
            .flat_map(|known| &known.findings);
        then.any(|known| known.rule == finding.rule)
    };
    let found = after
        .into_iter()
        .flat_map(|day| day.findings.into_iter().map(move |one| (day.day, one)));
    let fresh = found.filter(|(day, one)| HELD_TO.contains(&&*one.rule) && !was(*day, one));
    Ok(fresh
        .min_by_key(|(day, _)| *day)
        .map(|(day, one)| Conflict::Law(day, one)))
}

fn hours(minutes: i64) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// On `hr.roster_entries.created` and `.updated`: the times of the shift where none are given, then what the plan meets.
pub(crate) async fn planned_day(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let entry = platform_engine::load(cx, &ROSTER_ENTRIES, event.subject).await?;
    let changed = |field: &str| event.name.ends_with(".updated") && event.data.get(field).is_some();
    // Another shift brings its own times, unless others were given with it.
    let is_moved = changed("shift_id") && !changed("starts_at");
    let lacks = |field: &str| is_moved || !entry.has(field);
    let entry = if lacks("starts_at") || lacks("break_minutes") {
        let shift_id = entry.uuid("shift_id").ok_or_else(Problem::not_found)?;
        let shift = platform_engine::load(cx, &WORK_SHIFTS, shift_id).await?;
        if !shift.get("is_active").as_bool().unwrap_or(true) {
            return Err(Problem::field("shift_id", "shift_not_in_use"));
        }
        let mut times: Map<_, _> = Map::new();
        for field in ["starts_at", "ends_at", "break_minutes", "work_place_id"] {
            if lacks(field) && shift.has(field) {
                times.insert(field.to_owned(), shift.get(field).clone());
            }
        }
        platform_engine::change(cx, &ROSTER_ENTRIES, event.subject, "update", times).await?
    } else {
        entry.clone()
    };
    let known = entry.uuid("courier_id").zip(entry.date("day"));
    let (courier_id, day) = known.ok_or_else(|| Problem::internal(&"a planned day lacks its key"))?;
    let organization_id = cx.organization_id;
    let away: Option<String> = sqlx::query_scalar(AWAY)
        .bind(organization_id)
        .bind(courier_id)
        .bind(day)
        .fetch_optional(cx.db())
        .await?;
    if away.is_some() {
        return Err(Problem::refused("on_leave_then").with("day", day));
    }
    let (zone, around) = (zone(cx), Days::new(8));
    let (from, until) = (
        day.checked_sub_days(around).unwrap_or(day),
        day.checked_add_days(around).unwrap_or(day),
    );
    let plans = planned(cx, courier_id, from, until).await?;
    let Some(new) = plans.iter().find(|plan| plan.id == event.subject) else {
        return Ok(());
    };
    match conflict(Rules::saudi(), zone, new, &plans).map_err(|error| refusal(&error))? {
        None => Ok(()),
        Some(Conflict::Overlap(other)) => Err(Problem::refused("shift_overlaps").with("day", other)),
        Some(Conflict::NoRest) => Err(Problem::refused("no_day_of_rest")),
        Some(Conflict::Law(on, finding)) => Err(Problem::refused("plan_against_law")
            .with("day", on)
            .with("article", &finding.article)
            .with("allowed", hours(finding.allowed_min))
            .with("found", hours(finding.found_min))),
    }
}

/// Whoever gets leave is planned no more on its days.
pub(crate) async fn free(cx: &mut Cx, courier_id: Uuid, from: NaiveDate, until: NaiveDate) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    sqlx::query(FREE)
        .bind(organization_id)
        .bind(courier_id)
        .bind(from)
        .bind(until)
        .bind(now)
        .execute(cx.db())
        .await?;
    Ok(())
}

/// The fields of an attendance row that a plan knows.
pub(crate) fn shift_fields(planned: Option<&Planned>) -> Map<String, serde_json::Value> {
    planned.map_or_else(Map::new, |plan| object(&json!({"shift_starts_at": plan.starts_at})))
}
