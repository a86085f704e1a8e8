//! What of an installation can be called, kept as rows: brought into line whenever its version, grants or standing change. What
//! is due by the clock has a job for its next time, and the job makes the one after it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{Cx, Mode, Platform, Problem, Schedule, When, ids::new_id};
use platform_jobs::{JobCall, JobFailure};
use platform_plugin_host::Manifest;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::resources::{Grants, Installation, Standing};
use crate::rules::timing::Pattern;
use crate::tasks::{self, Work};
use crate::{outbound, runs, updates};

/// The job that does what a handler is due for; its payload is [`Due`].
pub(crate) const JOB: &str = "plugin_clock";

pub(crate) const WRITE: &str = "INSERT INTO integrations.plugin_handlers
    (organization_id, id, created_at, updated_at, installation_id, handler, kind, is_enabled, runs, circuit, failures,
        openings)
    SELECT $1, w.id, $3, $3, $2, w.handler, w.kind, $4, w.runs, 'closed', 0, 0
    FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[]) AS w (id, handler, kind, runs)
    ON CONFLICT (organization_id, installation_id, handler) WHERE deleted_at IS NULL
    DO UPDATE SET kind = excluded.kind, is_enabled = excluded.is_enabled, runs = excluded.runs,
        next_at = CASE WHEN excluded.is_enabled AND plugin_handlers.runs IS NOT DISTINCT FROM excluded.runs
            THEN plugin_handlers.next_at END,
        updated_at = excluded.updated_at, version = plugin_handlers.version + 1
    WHERE plugin_handlers.is_enabled <> excluded.is_enabled OR plugin_handlers.kind <> excluded.kind
        OR plugin_handlers.runs IS DISTINCT FROM excluded.runs";
pub(crate) const DROP: &str =
    "UPDATE integrations.plugin_handlers SET deleted_at = $3, next_at = NULL, is_enabled = false
    WHERE organization_id = $1 AND installation_id = $2 AND deleted_at IS NULL AND NOT handler = ANY ($4)";
pub(crate) const STOP: &str =
    "UPDATE integrations.plugin_handlers SET next_at = NULL, is_enabled = false, updated_at = $3
    WHERE organization_id = $1 AND installation_id = $2 AND deleted_at IS NULL";
pub(crate) const UNPLANNED: &str = "SELECT id, runs FROM integrations.plugin_handlers
    WHERE organization_id = $1 AND installation_id = $2 AND is_enabled AND runs IS NOT NULL AND next_at IS NULL
        AND deleted_at IS NULL";
pub(crate) const PLAN: &str = "UPDATE integrations.plugin_handlers SET next_at = $3, updated_at = $4
    WHERE organization_id = $1 AND id = $2";
pub(crate) const TAKE: &str =
    "SELECT h.installation_id, h.handler, h.kind, h.runs, h.next_at, h.is_enabled, i.plugin, i.status
    FROM integrations.plugin_handlers h
    JOIN integrations.installations i ON i.organization_id = h.organization_id AND i.id = h.installation_id
    WHERE h.organization_id = $1 AND h.id = $2 AND h.deleted_at IS NULL FOR UPDATE OF h";
/// Handlers whose job did not come: its process may have died in every try.
pub(crate) const FORGOTTEN: &str = "SELECT id, next_at FROM integrations.plugin_handlers
    WHERE organization_id = $1 AND is_enabled AND next_at < $2 AND deleted_at IS NULL LIMIT 500";
pub(crate) const ADDRESS: &str = "INSERT INTO integrations.plugin_endpoints
    (organization_id, id, created_at, updated_at, installation_id, name, status, rotation)
    SELECT $1, w.id, $3, $3, $2, w.name, 'open', 0 FROM unnest($4::uuid[], $5::text[]) AS w (id, name)
    ON CONFLICT (organization_id, installation_id, name) WHERE deleted_at IS NULL DO NOTHING";
pub(crate) const UNADDRESS: &str = "UPDATE integrations.plugin_endpoints SET deleted_at = $3
    WHERE organization_id = $1 AND installation_id = $2 AND deleted_at IS NULL AND NOT name = ANY ($4)";

/// What an installation kept, table by table.
pub(crate) const WIPE: [&str; 6] = [
    "DELETE FROM integrations.plugin_kv WHERE organization_id = $1 AND installation_id = $2",
    "DELETE FROM integrations.secrets WHERE organization_id = $1 AND installation_id = $2",
    "DELETE FROM integrations.cursors WHERE organization_id = $1 AND installation_id = $2",
    "DELETE FROM integrations.plugin_inputs WHERE organization_id = $1 AND task_id IN
        (SELECT id FROM integrations.plugin_tasks WHERE organization_id = $1 AND installation_id = $2)",
    "DELETE FROM integrations.plugin_recordings WHERE organization_id = $1 AND call_id IN
        (SELECT id FROM integrations.plugin_calls WHERE organization_id = $1 AND installation_id = $2)",
    "UPDATE integrations.plugin_tasks SET status = 'discarded', next_at = NULL
        WHERE organization_id = $1 AND installation_id = $2 AND status = 'queued'",
];

/// How late a handler may be before somebody looks for its job.
const FORGOTTEN_AFTER: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// What this module does for handlers by the clock.
pub(crate) const SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "integrations.forgotten_handlers",
        when: When::Every { minutes: 15 },
        run: |cx| Box::pin(recall(cx)),
    },
    Schedule {
        name: "integrations.plugin_updates",
        when: When::Every { minutes: 60 },
        run: |cx| Box::pin(updates::look(cx)),
    },
];

/// What the job is told.
#[derive(Serialize, Deserialize)]
struct Due {
    handler_id: Uuid,
    at: DateTime<Utc>,
}

/// Something that can be called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Callable {
    /// The function, and after a colon which one of several: `events.handle:fleet.vehicles.created`.
    pub handler: String,
    pub kind: &'static str,
    pub runs: Option<String>,
}

/// What of a plugin can be called with these grants: what it exports, and what its manifest says when.
pub(crate) fn callables(manifest: &Manifest, grants: &Grants) -> Vec<Callable> {
    let one = |handler: &str, kind| Callable {
        handler: handler.to_owned(),
        kind,
        runs: None,
    };
    let mut callables = vec![one("lifecycle.migrate", "manual")];
    for export in manifest.handlers() {
        match export {
            "fuel-source" => callables.push(one("fuel-source.pull", "pull")),
            "order-source" => callables.extend([
                one("order-source.pull", "pull"),
                one("order-source.event", "webhook"),
                one("order-source.push-status", "send"),
            ]),
            "sms-gateway" => callables.extend([one("sms-gateway.send", "send"), one("sms-gateway.report", "webhook")]),
            "payout-gateway" => callables.push(one("payout-gateway.prepare", "send")),
            "events" => {
                let heard = manifest.events.iter().filter(|event| {
                    // An event that nothing here tells of is never heard.
                    grants.events.contains(&event.name) && outbound::is_heard(&event.name)
                });
                callables.extend(heard.map(|event| one(&format!("events.handle:{}", event.name), "event")));
            }
            "schedule" => callables.push(one("schedule.job", "job")),
            "webhook" => callables.push(one("webhook.receive", "webhook")),
            _ => {}
        }
    }
    for schedule in &manifest.schedules {
        if matches!(schedule.handler.as_str(), "schedule.run" | "sms-gateway.query") {
            callables.push(Callable {
                runs: Some(schedule.pattern().to_owned()),
                ..one(&format!("{}:{}", schedule.handler, schedule.name), "schedule")
            });
        } else if let Some(pull) = callables
            .iter_mut()
            .find(|callable| callable.handler == schedule.handler)
        {
            pull.runs = Some(schedule.pattern().to_owned());
        }
    }
    callables
}

/// Brings the rows of an installation into line with what it is now.
pub(crate) async fn sync(
    cx: &mut Cx,
    installation_id: Uuid,
    manifest: &Manifest,
    installation: &Installation,
) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let callables = callables(manifest, &installation.grants);
    let handlers: Vec<&str> = callables.iter().map(|callable| callable.handler.as_str()).collect();
    sqlx::query(DROP)
        .bind(organization_id)
        .bind(installation_id)
        .bind(now)
        .bind(&handlers)
        .execute(cx.db())
        .await?;
    sqlx::query(WRITE)
        .bind(organization_id)
        .bind(installation_id)
        .bind(now)
        .bind(installation.status.works())
        .bind(callables.iter().map(|_| new_id()).collect::<Vec<_>>())
        .bind(&handlers)
        .bind(callables.iter().map(|callable| callable.kind).collect::<Vec<_>>())
        .bind(
            callables
                .iter()
                .map(|callable| callable.runs.clone())
                .collect::<Vec<_>>(),
        )
        .execute(cx.db())
        .await?;
    let names: Vec<&str> = manifest.webhooks.iter().map(|webhook| webhook.name.as_str()).collect();
    sqlx::query(UNADDRESS)
        .bind(organization_id)
        .bind(installation_id)
        .bind(now)
        .bind(&names)
        .execute(cx.db())
        .await?;
    sqlx::query(ADDRESS)
        .bind(organization_id)
        .bind(installation_id)
        .bind(now)
        .bind(names.iter().map(|_| new_id()).collect::<Vec<_>>())
        .bind(&names)
        .execute(cx.db())
        .await?;
    let unplanned = sqlx::query(UNPLANNED)
        .bind(organization_id)
        .bind(installation_id)
        .fetch_all(cx.db())
        .await?;
    for row in unplanned {
        plan(cx, row.try_get("id")?, installation_id, row.try_get("runs")?).await?;
    }
    if installation.status.works() && handlers.contains(&"sms-gateway.send") {
        outbound::send_waiting(cx).await?;
    }
    Ok(())
}

/// Nothing of an installation is called any more.
pub(crate) async fn stop(cx: &mut Cx, installation_id: Uuid) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    sqlx::query(STOP)
        .bind(organization_id)
        .bind(installation_id)
        .bind(now)
        .execute(cx.db())
        .await?;
    Ok(())
}

/// Forgets what an installation kept for itself. Records that it brought are the organization's.
pub(crate) async fn wipe(cx: &mut Cx, installation_id: Uuid) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let none: Vec<&str> = Vec::new();
    for sql in [UNADDRESS, DROP] {
        sqlx::query(sql)
            .bind(organization_id)
            .bind(installation_id)
            .bind(now)
            .bind(&none)
            .execute(cx.db())
            .await?;
    }
    for sql in WIPE {
        sqlx::query(sql)
            .bind(organization_id)
            .bind(installation_id)
            .execute(cx.db())
            .await?;
    }
    Ok(())
}

/// Plans the next time of a handler.
async fn plan(cx: &mut Cx, handler_id: Uuid, installation_id: Uuid, runs: &str) -> Result<(), Problem> {
    let (zone, now) = (cx.time_zone(), cx.now);
    let next = Pattern::parse(runs).and_then(|pattern| pattern.next(installation_id, zone, now));
    sqlx::query(PLAN)
        .bind(cx.organization_id)
        .bind(handler_id)
        .bind(next)
        .bind(now)
        .execute(cx.db())
        .await?;
    match next {
        Some(at) => wake(cx, handler_id, at).await,
        None => Ok(()),
    }
}

async fn wake(cx: &mut Cx, handler_id: Uuid, at: DateTime<Utc>) -> Result<(), Problem> {
    let key = format!("{JOB}:{handler_id}:{}", at.timestamp_micros());
    let due = serde_json::to_value(Due { handler_id, at }).map_err(|error| Problem::internal(&error))?;
    platform_jobs::enqueue(cx, JOB, Some(&key), due, at).await?;
    Ok(())
}

async fn recall(cx: &mut Cx) -> Result<(), Problem> {
    let before = cx.now - FORGOTTEN_AFTER;
    let forgotten = sqlx::query(FORGOTTEN)
        .bind(cx.organization_id)
        .bind(before)
        .fetch_all(cx.db())
        .await?;
    for row in forgotten {
        wake(cx, row.try_get("id")?, row.try_get("next_at")?).await?;
    }
    Ok(())
}

/// Does what a handler is due for, once, and plans its next time, in one transaction.
pub(crate) async fn tick(platform: Arc<Platform>, job: JobCall) -> Result<(), JobFailure> {
    let dead = |error: serde_json::Error| JobFailure::Dead {
        error: error.to_string(),
    };
    let due: Due = serde_json::from_value(job.payload.clone()).map_err(dead)?;
    if job.exhausted {
        // Found again by whoever looks for forgotten ones.
        return Ok(());
    }
    let mut cx = Cx::begin_job(&platform, job.organization_id, JOB, Mode::Write).await?;
    if job.holds(&mut cx).await? {
        run(&mut cx, &due).await?;
    }
    Ok(cx.commit().await?)
}

async fn run(cx: &mut Cx, due: &Due) -> Result<(), Problem> {
    let row = sqlx::query(TAKE)
        .bind(cx.organization_id)
        .bind(due.handler_id)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let next_at: Option<DateTime<Utc>> = row.try_get("next_at")?;
    // Another time was planned since, or none.
    if next_at != Some(due.at) || !row.try_get::<bool, _>("is_enabled")? {
        return Ok(());
    }
    let installation_id: Uuid = row.try_get("installation_id")?;
    let (handler, plugin): (String, String) = (row.try_get("handler")?, row.try_get("plugin")?);
    let status: String = row.try_get("status")?;
    // While a person is asked for, nothing is fetched by the clock: it would only fail again.
    if status == Standing::Active.as_str() {
        if row.try_get::<&str, _>("kind")? == "pull" {
            runs::by_clock(cx, installation_id, &handler).await?;
        } else if let Some((_, name)) = handler.split_once(':') {
            let task = tasks::New {
                installation_id,
                plugin: &plugin,
                handler: &handler,
                key: &format!("{}", due.at.timestamp_micros()),
                origin: "schedule",
                endpoint_id: None,
                subject: None,
                work: if handler.starts_with("sms-gateway.query:") {
                    Work::SmsQuery
                } else {
                    Work::Schedule {
                        name: name.to_owned(),
                        planned_for: due.at,
                    }
                },
                body: &[],
                at: cx.now,
            };
            tasks::add(cx, task).await?;
        }
    }
    let pattern: Option<String> = row.try_get("runs")?;
    plan(
        cx,
        due.handler_id,
        installation_id,
        pattern.as_deref().unwrap_or_default(),
    )
    .await
}
