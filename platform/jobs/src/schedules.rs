//! What modules do by the clock, for each organization.
//!
//! A job of kind [`CLOCK`](crate::CLOCK) runs what is due, each schedule in a transaction of its own that also moves its next run
//! on: of two servers one runs it, and a run that does not commit did not happen. Then the job enqueues the next one for the
//! earliest time that is left. What was missed is run once. A run that fails is tried again after a pause, at the latest at its
//! next time, and keeps nobody else waiting. Schedules of organizations that are closed and of modules that are switched off
//! pause; what they missed is run once afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Mode, Platform, Problem, Schedule};
use serde_json::json;
use sqlx::Row;
use tracing::warn;
use uuid::Uuid;

use crate::attempt::attempt;
use crate::{CLOCK, JobCall, JobFailure, enqueue, next_run, pause, shortened};

pub(crate) const AGENDA: &str = "SELECT s.name, s.next_run_at, s.is_enabled, o.status IN ('trial', 'active') AS is_open
    FROM platform.schedules s JOIN platform.organizations o ON o.organization_id = s.organization_id
    WHERE s.organization_id = $1 ORDER BY s.next_run_at, s.name";
pub(crate) const PLAN: &str =
    "INSERT INTO platform.schedules (organization_id, name, next_run_at, created_at, updated_at)
    SELECT o.organization_id, planned.name, planned.next_run_at, $4, $4
    FROM platform.organizations o, unnest($2::text[], $3::timestamptz[]) AS planned (name, next_run_at)
    WHERE o.organization_id = $1
    ON CONFLICT (organization_id, name) DO NOTHING";
pub(crate) const TAKE: &str = "SELECT failures FROM platform.schedules
    WHERE organization_id = $1 AND name = $2 AND is_enabled AND next_run_at <= $3 FOR UPDATE SKIP LOCKED";
pub(crate) const RAN: &str = "UPDATE platform.schedules
    SET next_run_at = $3, last_run_at = $4, failures = 0, last_error = NULL, updated_at = $4
    WHERE organization_id = $1 AND name = $2";
pub(crate) const FAILED: &str = "UPDATE platform.schedules
    SET next_run_at = $3, failures = failures + 1, last_error = $4, updated_at = $5
    WHERE organization_id = $1 AND name = $2";

/// Before the second try of a run; each further pause is twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(1);
/// When to look again for what is held by somebody else.
const HELD: TimeDelta = TimeDelta::minutes(1);

type Declared = BTreeMap<&'static str, &'static Schedule>;

/// Lets the organization's clock look at its schedules now: when it is new, opened again, or uses a module again.
pub async fn wake_clock(cx: &mut Cx) -> Result<(), Problem> {
    let now = cx.now;
    enqueue(cx, CLOCK, None, json!({}), now).await.map(drop)
}

/// Runs what is due and enqueues the next look.
pub(crate) async fn tick(platform: Arc<Platform>, call: JobCall) -> Result<(), JobFailure> {
    let mut seen = BTreeSet::new();
    while let Some(schedule) = look(&platform, call.organization_id, &mut seen)
        .await
        .map_err(JobFailure::later)?
    {
        if call.stop.is_cancelled() {
            return Err(JobFailure::postpone());
        }
        run(&platform, &call, schedule).await.map_err(JobFailure::later)?;
    }
    Ok(())
}

/// The next schedule that is due and was not seen yet. When there is none, the next look is enqueued.
async fn look(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    seen: &mut BTreeSet<&'static str>,
) -> Result<Option<&'static Schedule>, Problem> {
    let mut cx = Cx::begin_job(platform, organization_id, CLOCK, Mode::Write).await?;
    let now = cx.now;
    let agenda = agenda(&mut cx).await?;
    let due = agenda
        .iter()
        .find(|(schedule, at)| *at <= now && !seen.contains(schedule.name));
    if let Some((schedule, _)) = due {
        seen.insert(schedule.name);
        cx.commit().await?;
        return Ok(Some(*schedule));
    }
    // What is due although it was seen is held by somebody else, or is due again already.
    let times = agenda.iter().map(|(_, at)| if *at <= now { now + HELD } else { *at });
    if let Some(next) = times.min() {
        let key = format!("{CLOCK}:{}", next.timestamp_micros());
        enqueue(&mut cx, CLOCK, Some(&key), json!({}), next).await?;
    }
    cx.commit().await?;
    Ok(None)
}

/// The schedules that can be due in this organization, by their next times. Those that it does not have yet are planned.
async fn agenda(cx: &mut Cx) -> Result<Vec<(&'static Schedule, DateTime<Utc>)>, Problem> {
    let platform = cx.platform.clone();
    let declared: Declared = platform
        .registry
        .schedules()
        .map(|(_, schedule)| (schedule.name, schedule))
        .collect();
    let usable: BTreeSet<&str> = platform
        .registry
        .schedules()
        .filter(|(module, _)| cx.has_module(module))
        .map(|(_, schedule)| schedule.name)
        .collect();
    let organization_id = cx.organization_id;
    let mut rows = sqlx::query(AGENDA).bind(organization_id).fetch_all(cx.db()).await?;
    let known = rows
        .iter()
        .map(|row| row.try_get("name"))
        .collect::<Result<BTreeSet<&str>, _>>()?;
    if declared.keys().any(|name| !known.contains(name)) {
        plan(cx, &declared).await?;
        rows = sqlx::query(AGENDA).bind(organization_id).fetch_all(cx.db()).await?;
    }
    let mut agenda = Vec::new();
    for row in &rows {
        let name: &str = row.try_get("name")?;
        let Some(schedule) = declared.get(name).filter(|_| usable.contains(name)) else {
            continue;
        };
        if row.try_get("is_enabled")? && row.try_get("is_open")? {
            agenda.push((*schedule, row.try_get("next_run_at")?));
        }
    }
    Ok(agenda)
}

async fn plan(cx: &mut Cx, declared: &Declared) -> Result<(), Problem> {
    let (organization_id, zone, now) = (cx.organization_id, cx.time_zone(), cx.now);
    let names: Vec<&str> = declared.keys().copied().collect();
    let times: Vec<DateTime<Utc>> = declared
        .values()
        .map(|schedule| next_run(schedule.when, zone, organization_id, now))
        .collect();
    let plan = sqlx::query(PLAN)
        .bind(organization_id)
        .bind(names)
        .bind(times)
        .bind(now);
    plan.execute(cx.db()).await?;
    Ok(())
}

/// Runs one schedule and moves its next run on, in one transaction; nothing of a run that fails remains but the reason.
async fn run(platform: &Arc<Platform>, call: &JobCall, schedule: &'static Schedule) -> Result<(), Problem> {
    let Schedule { name, when, run } = *schedule;
    let organization_id = call.organization_id;
    let mut cx = Cx::begin_job(platform, organization_id, name, Mode::Write).await?;
    let (now, zone) = (cx.now, cx.time_zone());
    let take = sqlx::query_scalar(TAKE).bind(organization_id).bind(name).bind(now);
    let failures: Option<i64> = take.fetch_optional(cx.db()).await?;
    let Some(failures) = failures else {
        // Somebody else runs it.
        return cx.commit().await;
    };
    let ran = match call.exhausted {
        true => Err("the process ended in every try".to_owned()),
        false => attempt(&mut cx, run).await?,
    };
    match ran {
        Ok(()) => {
            let next = next_run(when, zone, organization_id, now);
            let ran = sqlx::query(RAN).bind(organization_id).bind(name).bind(next).bind(now);
            ran.execute(cx.db()).await?;
        }
        Err(error) => {
            warn!(organization.id = %organization_id, %error, "The schedule {name} failed: {error}");
            let next = next_run(when, zone, organization_id, now).min(now + pause(FIRST_PAUSE, failures));
            let failed = sqlx::query(FAILED)
                .bind(organization_id)
                .bind(name)
                .bind(next)
                .bind(shortened(&error))
                .bind(now);
            failed.execute(cx.db()).await?;
        }
    }
    cx.commit().await
}
