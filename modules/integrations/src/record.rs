//! Calls written down: what they used, and what went in and out, sealed. Both end after a while; what a call brought stays.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem, Schedule, When, ids::new_id};
use platform_plugin_host::{CallError, LogLine, Outcome, Recording};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use crate::Integrations;
use crate::problems::Trouble;

pub(crate) const ADD: &str = "INSERT INTO integrations.plugin_calls
    (organization_id, id, created_at, updated_at, installation_id, task_id, run_id, plugin, plugin_version,
        component_digest, handler, attempt, outcome, problem_code, problem_detail, started_at, wall_us, guest_us, fuel_used,
        memory_peak_bytes, host_calls, http_calls, records, output_digest)
    VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
pub(crate) const SEAL: &str = "INSERT INTO integrations.plugin_recordings
    (organization_id, id, created_at, call_id, key_id, sealed) VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const SEALED: &str = "SELECT r.sealed, r.key_id, k.sealed_key FROM integrations.plugin_recordings r
    JOIN integrations.data_keys k ON k.organization_id = r.organization_id AND k.id = r.key_id
    WHERE r.organization_id = $1 AND r.call_id = $2";
pub(crate) const USE: &str = "INSERT INTO integrations.plugin_usage_days
    (organization_id, id, created_at, updated_at, installation_id, used_on, calls, failures, throttled, guest_us, wall_us,
        http_calls, records)
    VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (organization_id, installation_id, used_on) DO UPDATE SET
        calls = plugin_usage_days.calls + excluded.calls, failures = plugin_usage_days.failures + excluded.failures,
        throttled = plugin_usage_days.throttled + excluded.throttled,
        guest_us = plugin_usage_days.guest_us + excluded.guest_us, wall_us = plugin_usage_days.wall_us + excluded.wall_us,
        http_calls = plugin_usage_days.http_calls + excluded.http_calls,
        records = plugin_usage_days.records + excluded.records,
        updated_at = excluded.updated_at, version = plugin_usage_days.version + 1";

pub(crate) const NOTED: &str = "UPDATE integrations.plugin_handlers SET last_at = $4, last_outcome = $5
    WHERE organization_id = $1 AND installation_id = $2 AND handler = $3 AND deleted_at IS NULL";

/// Ids are in the order of time: what is old is at the beginning of the key.
pub(crate) const OLD_RECORDINGS: &str =
    "DELETE FROM integrations.plugin_recordings WHERE organization_id = $1 AND id IN
    (SELECT id FROM (SELECT id, created_at FROM integrations.plugin_recordings WHERE organization_id = $1
        ORDER BY id LIMIT 20000) AS oldest WHERE created_at < $2)";
pub(crate) const OLD_CALLS: &str = "DELETE FROM integrations.plugin_calls c WHERE c.organization_id = $1 AND c.id IN
    (SELECT id FROM (SELECT id, created_at FROM integrations.plugin_calls WHERE organization_id = $1
        ORDER BY id LIMIT 20000) AS oldest WHERE created_at < $2)
    AND NOT EXISTS (SELECT FROM integrations.plugin_recordings r WHERE r.organization_id = $1 AND r.call_id = c.id)";
/// What a task that is over was called with. One that is dead may be sent again for longer.
pub(crate) const OLD_INPUTS: &str =
    "DELETE FROM integrations.plugin_inputs i WHERE i.organization_id = $1 AND i.task_id IN
    (SELECT t.id FROM integrations.plugin_tasks t WHERE t.organization_id = $1 AND t.finished_at < $2
        AND t.status IN ('done', 'discarded') ORDER BY t.id LIMIT 20000)";
pub(crate) const OLD_DEAD_INPUTS: &str = "DELETE FROM integrations.plugin_inputs i WHERE i.organization_id = $1
    AND i.task_id IN (SELECT t.id FROM integrations.plugin_tasks t WHERE t.organization_id = $1 AND t.finished_at < $2
        AND t.status = 'dead' ORDER BY t.id LIMIT 20000)";

/// How long what went in and out can be looked at and replayed.
const KEEP_RECORDINGS: TimeDelta = TimeDelta::days(14);
/// How long a call is in the list.
const KEEP_CALLS: TimeDelta = TimeDelta::days(30);
/// How long what a task was called with stays when it is done, and when it is dead.
const KEEP_INPUTS: TimeDelta = TimeDelta::days(14);
const KEEP_DEAD_INPUTS: TimeDelta = TimeDelta::days(90);

/// Throws away what is old.
pub(crate) const SCHEDULES: &[Schedule] = &[Schedule {
    name: "integrations.old_calls",
    when: When::Daily("03:40"),
    run: |cx| Box::pin(sweep(cx)),
}];

async fn sweep(cx: &mut Cx) -> Result<(), Problem> {
    for (sql, keep) in [
        (OLD_RECORDINGS, KEEP_RECORDINGS),
        (OLD_CALLS, KEEP_CALLS),
        (OLD_INPUTS, KEEP_INPUTS),
        (OLD_DEAD_INPUTS, KEEP_DEAD_INPUTS),
    ] {
        let before = cx.now - keep;
        sqlx::query(sql)
            .bind(cx.organization_id)
            .bind(before)
            .execute(cx.db())
            .await?;
    }
    Ok(())
}

/// Which call it was.
pub(crate) struct Called<'a> {
    pub installation_id: Uuid,
    pub task_id: Option<Uuid>,
    pub run_id: Option<Uuid>,
    pub plugin: &'a platform_plugin_host::Plugin,
    pub handler: &'a str,
    pub attempt: i64,
    pub started_at: DateTime<Utc>,
    /// Whether what went in and out may be kept: a one-time password is written down nowhere.
    pub is_recorded: bool,
}

/// What is known of an outcome, whatever its answer is.
pub(crate) struct Told<'a> {
    pub error: Option<&'a CallError>,
    pub stats: platform_plugin_host::Stats,
    pub recording: Option<&'a Recording>,
    pub lines: &'a [LogLine],
    pub records: usize,
}

impl<'a> Told<'a> {
    /// Of an outcome.
    pub fn of<T>(outcome: &'a Outcome<T>, records: usize) -> Self {
        Self {
            error: outcome.answer.as_ref().err(),
            stats: outcome.stats,
            recording: outcome.recording.as_deref(),
            lines: &outcome.logs,
            records,
        }
    }

    /// How it ended, in a word.
    pub fn ended(&self) -> &'static str {
        match self.error {
            None => "ok",
            Some(CallError::Failure(_)) => "failure",
            Some(CallError::Fault(_)) => "fault",
        }
    }
}

/// Says at a handler when it was last called and how that ended.
pub(crate) async fn note(cx: &mut Cx, called: &Called<'_>, told: &Told<'_>) -> Result<(), Problem> {
    let now = cx.now;
    sqlx::query(NOTED)
        .bind(cx.organization_id)
        .bind(called.installation_id)
        .bind(called.handler)
        .bind(now)
        .bind(told.ended())
        .execute(cx.db())
        .await?;
    Ok(())
}

fn many(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// Writes a call down, with what the installation used that day.
pub(crate) async fn write(cx: &mut Cx, called: &Called<'_>, told: &Told<'_>) -> Result<Uuid, Problem> {
    let (organization_id, now, id) = (cx.organization_id, cx.now, new_id());
    let trouble = told.error.map(Trouble::of);
    let outcome = told.ended();
    let stats = told.stats;
    let detail = trouble.as_ref().and_then(|trouble| trouble.detail.as_ref());
    let detail: Option<String> = detail.map(|text| text.chars().filter(|c| *c != '\0').take(2000).collect());
    sqlx::query(ADD)
        .bind(organization_id)
        .bind(id)
        .bind(now)
        .bind(called.installation_id)
        .bind(called.task_id)
        .bind(called.run_id)
        .bind(&called.plugin.manifest.name)
        .bind(&called.plugin.manifest.version)
        .bind(hex::encode(called.plugin.component.sha256))
        .bind(called.handler)
        .bind(called.attempt)
        .bind(outcome)
        .bind(trouble.as_ref().map(|trouble| trouble.code))
        .bind(detail)
        .bind(called.started_at)
        .bind(many(stats.wall_us))
        .bind(many(stats.guest_us))
        .bind(None::<i64>)
        .bind(many(stats.memory_peak_bytes))
        .bind(many(stats.host_calls))
        .bind(many(stats.http_calls))
        .bind(many(told.records))
        .bind(
            told.recording
                .map(|recording| hex::encode(Sha256::digest(&recording.output))),
        )
        .execute(cx.db())
        .await?;
    if let Some(recording) = told.recording.filter(|_| called.is_recorded) {
        let service = cx.platform.service::<Integrations>();
        let kept = Kept::pack(recording, told.lines).map_err(|error| Problem::internal(&error))?;
        let (key_id, sealed) = service.vault.seal(cx, id, &kept).await?;
        sqlx::query(SEAL)
            .bind(organization_id)
            .bind(new_id())
            .bind(now)
            .bind(id)
            .bind(key_id)
            .bind(sealed)
            .execute(cx.db())
            .await?;
    }
    let failed = i64::from(told.error.is_some());
    used(
        cx,
        called.installation_id,
        [1, failed, 0],
        &[
            many(stats.guest_us),
            many(stats.wall_us),
            many(stats.http_calls),
            many(told.records),
        ],
    )
    .await?;
    Ok(id)
}

/// Adds to what an installation used on this day of the organization's.
pub(crate) async fn used(
    cx: &mut Cx,
    installation_id: Uuid,
    [calls, failures, throttled]: [i64; 3],
    figures: &[i64; 4],
) -> Result<(), Problem> {
    let (now, today) = (cx.now, cx.today());
    sqlx::query(USE)
        .bind(cx.organization_id)
        .bind(new_id())
        .bind(now)
        .bind(installation_id)
        .bind(today)
        .bind(calls)
        .bind(failures)
        .bind(throttled)
        .bind(figures[0])
        .bind(figures[1])
        .bind(figures[2])
        .bind(figures[3])
        .execute(cx.db())
        .await?;
    Ok(())
}

/// What is kept of a call: the recording, and the lines that the plugin wrote.
pub(crate) struct Kept {
    pub recording: Recording,
    pub lines: Vec<Json>,
}

impl Kept {
    fn pack(recording: &Recording, lines: &[LogLine]) -> anyhow::Result<Vec<u8>> {
        let lines = serde_json::to_vec(lines)?;
        let mut bytes = u32::try_from(lines.len())?.to_le_bytes().to_vec();
        bytes.extend_from_slice(&lines);
        bytes.extend_from_slice(&recording.to_bytes()?);
        Ok(bytes)
    }

    fn unpack(bytes: &[u8]) -> anyhow::Result<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>().context("a recording without a length")?;
        let length = usize::try_from(u32::from_le_bytes(*length))?;
        let (lines, recording) = rest
            .split_at_checked(length)
            .context("a recording that ends in the middle")?;
        Ok(Self {
            recording: Recording::from_bytes(recording)?,
            lines: serde_json::from_slice(lines)?,
        })
    }
}

/// What went in and out of a call; none when it is not kept, or no longer.
pub(crate) async fn read(cx: &mut Cx, call_id: Uuid) -> Result<Option<Kept>, Problem> {
    let row = sqlx::query(SEALED)
        .bind(cx.organization_id)
        .bind(call_id)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let service = cx.platform.service::<Integrations>();
    let opened = service.vault.open_recording(
        cx.organization_id,
        call_id,
        row.try_get("key_id")?,
        row.try_get("sealed_key")?,
        row.try_get("sealed")?,
    );
    let kept = opened.map(|bytes| Kept::unpack(&bytes)).transpose();
    kept.map_err(|error| Problem::internal(&error))
}
