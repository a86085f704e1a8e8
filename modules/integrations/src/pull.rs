//! The job that works on a run: page after page until the provider has no more, or until it is clear that something is wrong.
//!
//! The cursor moves in the transaction that stores the page before it. So a process that dies loses at most a page that it
//! will fetch again, and whoever takes up the run, or makes the next one, goes on from the last page that was stored.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use platform_core::{Cx, Mode, Platform, Problem};
use platform_jobs::{JobCall, JobFailure};
use platform_plugin_host::{Call, CallError, FailureKind, KvWrite, LogLevel, Outcome, Plugin, Secrets};
use serde_json::{Map, Value as Json};
use sqlx::Row;

use crate::installs::Facts;
use crate::page::{End, Page, Stored, Work, cursor_of};
use crate::problems::{Trouble, retries};
use crate::record::{self, Called, Told};
use crate::resources::{INSTALLATIONS, Installation, RUNS, Run, RunStatus, Standing, typed};
use crate::run_log::Lines;
use crate::runs::{JOB, Order};
use crate::{Integrations, RunLimits, kv, reading, shelved};

pub(crate) const START_CURSOR: &str = "INSERT INTO integrations.cursors
    (organization_id, id, created_at, updated_at, installation_id, handler, since)
    VALUES ($1, $2, $3, $3, $4, $5, $6)
    ON CONFLICT (organization_id, installation_id, handler) DO NOTHING";
pub(crate) const REACH_BACK: &str = "UPDATE integrations.cursors
    SET since = least(since, $4), version = version + 1, updated_at = $5
    WHERE organization_id = $1 AND installation_id = $2 AND handler = $3
    RETURNING cursor, since";
pub(crate) const ORGANIZATION: &str = "SELECT time_zone, locale, currency FROM platform.organizations
    WHERE organization_id = $1";
pub(crate) const TAKE_UP: &str = "UPDATE integrations.runs
    SET status = 'running', started_at = coalesce(started_at, $3), attempts = attempts + 1, version = version + 1,
        updated_at = $3
    WHERE organization_id = $1 AND id = $2 AND status IN ('queued', 'running')";

/// Calls of a run whose pages are kept for replay.
const RECORDED: u32 = 5;
/// The same records in so many pages after one another are no list: the provider does not understand its own page numbers.
/// Two may happen where periods overlap.
const SAME_PAGES: u32 = 3;
/// A page that meets a lock or a busy database is stored again; the plugin is not asked again for that.
const STORE_TRIES: u32 = 4;

/// Works on the run that a job names.
pub(crate) async fn run(platform: Arc<Platform>, job: JobCall) -> Result<(), JobFailure> {
    let Some(mut pull) = Pull::start(platform, job).await? else {
        return Ok(());
    };
    let end = match pull.pages().await {
        Ok(Some(end)) => end,
        Ok(None) => return Ok(()),
        // No try is left: the run says so now, and does not wait for one.
        Err(JobFailure::Retry { error, .. }) if pull.work.job.attempt >= pull.work.job.max_attempts => {
            End::Failed(Trouble::passing("storage_failed", error))
        }
        Err(failure) => return Err(failure),
    };
    Ok(pull.work.finish(&end, Lines::default()).await?)
}

/// Everything that calls of one run have in common.
struct Pull {
    service: Arc<Integrations>,
    work: Work,
    plugin: Arc<Plugin>,
    settings: Map<String, Json>,
    grants: platform_plugin_host::Grants,
    secrets: Secrets,
    time_zone: String,
    locale: String,
    currencies: Vec<String>,
    cursor: Option<String>,
    since: DateTime<Utc>,
    calls: u32,
}

impl Pull {
    /// Takes up the run; nothing when it is over or somebody else has it.
    async fn start(platform: Arc<Platform>, job: JobCall) -> Result<Option<Self>, JobFailure> {
        let order: Order = serde_json::from_value(job.payload.clone()).map_err(|error| JobFailure::Dead {
            error: error.to_string(),
        })?;
        let mut cx = Cx::begin_job(&platform, job.organization_id, JOB, Mode::Write).await?;
        if !job.holds(&mut cx).await? {
            return Ok(None);
        }
        let run: Run = typed(&platform_engine::load(&mut cx, &RUNS, order.run_id).await?)?;
        if !run.status.live() {
            return Ok(None);
        }
        let work = Work {
            platform,
            job,
            run_id: run.id,
            installation_id: run.installation_id,
            plugin: run.plugin,
            handler: order.handler,
        };
        let mut lines = Lines::default();
        if work.job.exhausted {
            work.finish_in(&mut cx, &End::Interrupted, lines).await?;
            cx.commit().await?;
            return Ok(None);
        }
        sqlx::query(TAKE_UP)
            .bind(work.job.organization_id)
            .bind(run.id)
            .bind(cx.now)
            .execute(cx.db())
            .await
            .map_err(Problem::from)?;
        if run.status == RunStatus::Running {
            lines.add(
                cx.now,
                LogLevel::Warn,
                "The server ended in the middle of this run; it goes on after the last stored page",
            );
        }
        match Self::prepare(&mut cx, work, order.since).await? {
            Ok(pull) => {
                lines.store(&mut cx, run.id).await?;
                cx.commit().await?;
                Ok(Some(pull))
            }
            Err((work, trouble)) => {
                work.finish_in(&mut cx, &End::Failed(trouble), lines).await?;
                cx.commit().await?;
                Ok(None)
            }
        }
    }

    /// Reads what the calls need, or says why there can be none.
    async fn prepare(
        cx: &mut Cx,
        work: Work,
        since: Option<DateTime<Utc>>,
    ) -> Result<Result<Self, (Work, Trouble)>, Problem> {
        let service = cx.platform.service::<Integrations>();
        let record = platform_engine::load(cx, &INSTALLATIONS, work.installation_id).await?;
        let installation: Installation = typed(&record)?;
        if matches!(
            installation.status,
            Standing::Disabled | Standing::Suspended | Standing::Removed
        ) {
            return Ok(Err((work, Trouble::passing("plugin_disabled", None))));
        }
        let installation = rebuilt(cx, installation).await?;
        let Some(plugin) = shelved::running(cx, &installation).await? else {
            let trouble = Trouble::lasting("plugin_missing", Some(installation.plugin));
            return Ok(Err((work, trouble)));
        };
        let installation = renew(cx, &plugin, installation).await?;
        if installation.status == Standing::NeedsSettings {
            let trouble = Trouble::passing("plugin_not_ready", installation.status_detail);
            return Ok(Err((work, trouble)));
        }
        let Some(secrets) = service.vault.all(cx, work.installation_id).await? else {
            return Ok(Err((work, Trouble::lasting("secrets_unreadable", None))));
        };
        let (cursor, since) = start_cursor(cx, &service, &work, since).await?;
        let organization = sqlx::query(ORGANIZATION)
            .bind(work.job.organization_id)
            .fetch_one(cx.db())
            .await?;
        Ok(Ok(Self {
            grants: crate::installs::host_grants(&plugin.manifest, &installation),
            time_zone: organization.try_get("time_zone")?,
            locale: organization.try_get("locale")?,
            currencies: vec![organization.try_get("currency")?],
            settings: installation.settings,
            service,
            work,
            plugin,
            secrets,
            cursor,
            since,
            calls: 0,
        }))
    }

    /// Pages until the end; nothing when the run is no longer ours.
    async fn pages(&mut self) -> Result<Option<End>, JobFailure> {
        let started = Instant::now();
        let limits = self.service.limits;
        let mut failures = 0;
        let mut repeats = Repeats::default();
        repeats.cursors.extend(self.cursor.clone());
        loop {
            if started.elapsed() > limits.wall {
                return Ok(Some(End::Failed(Trouble::passing("run_too_long", None))));
            }
            let started_at = self.work.platform.clock.now();
            let Some(outcome) = self.call().await else {
                return Err(self.stopped().await);
            };
            self.record(&outcome, started_at).await?;
            let now = self.work.platform.clock.now();
            let mut lines = Lines::default();
            lines.add_call(now, outcome.logs, outcome.logs_dropped, &outcome.http);
            let page = match outcome.answer {
                Ok(page) => page,
                Err(error) => {
                    let trouble = Trouble::of(&error);
                    let detail = trouble.detail.as_deref().unwrap_or_default();
                    lines.add(
                        now,
                        LogLevel::Warn,
                        format!("A page could not be fetched: {}: {detail}", trouble.code),
                    );
                    self.work.note(lines).await?;
                    if failures >= retries(&error, limits.retries) {
                        return Ok(Some(End::Failed(trouble)));
                    }
                    failures += 1;
                    if !self.rest(pause(&error, &limits, failures)).await {
                        return Err(self.stopped().await);
                    }
                    continue;
                }
            };
            failures = 0;
            let pages = match self.store(&page, &outcome.kv_writes, lines).await? {
                Stored::Pages(pages) => pages,
                Stored::NotOurs => return Ok(None),
                Stored::Refused(trouble) => return Ok(Some(End::Failed(trouble))),
            };
            if !page.more() {
                return Ok(Some(End::Succeeded));
            }
            if repeats.repeated(&page) {
                let detail = format!("after {pages} pages");
                return Ok(Some(End::Failed(Trouble::passing("same_page", detail))));
            }
            if pages >= limits.pages {
                let detail = format!("after {pages} pages");
                return Ok(Some(End::Failed(Trouble::passing("endless_pages", detail))));
            }
            self.cursor = page.cursor().map(ToOwned::to_owned);
        }
    }

    /// Asks the plugin for the page after the cursor; nothing when the process wants to end.
    async fn call(&mut self) -> Option<Outcome<Page>> {
        self.calls += 1;
        let job = &self.work.job;
        let kv = kv::Store {
            platform: self.work.platform.clone(),
            organization_id: job.organization_id,
            installation_id: self.work.installation_id,
        };
        let directory = reading::Rows {
            platform: self.work.platform.clone(),
            organization_id: job.organization_id,
        };
        let call = Call {
            plugin: &self.plugin,
            call_id: format!("{}-{}-{}", self.work.run_id, job.attempt, self.calls),
            idempotency_key: format!("{}-{}", self.work.run_id, self.calls),
            attempt: u32::try_from(job.attempt).unwrap_or(1),
            organization_id: job.organization_id.to_string(),
            installation_id: self.work.installation_id.to_string(),
            settings: &self.settings,
            secrets: &self.secrets,
            grants: &self.grants,
            kv: &kv,
            directory: &directory,
            limits: self.service.limits.call,
            now: self.work.platform.clock.now(),
            time_zone: &self.time_zone,
            locale: &self.locale,
            currencies: &self.currencies,
            record: true,
        };
        let (cursor, since) = (self.cursor.clone(), self.since);
        let pulled = async {
            if self.work.handler == "order-source.pull" {
                paged(
                    self.service.host.call_orders_pull(call, cursor, since).await,
                    Page::Orders,
                )
            } else {
                paged(self.service.host.call_fuel_pull(call, cursor, since).await, Page::Fuel)
            }
        };
        tokio::select! {
            outcome = pulled => Some(outcome),
            () = job.stop.cancelled() => None,
        }
    }

    /// Writes a call down, whatever came of it.
    async fn record(&self, outcome: &Outcome<Page>, started_at: DateTime<Utc>) -> Result<(), Problem> {
        let Some(mut cx) = self.work.begin().await? else {
            return Ok(());
        };
        let called = Called {
            installation_id: self.work.installation_id,
            task_id: None,
            run_id: Some(self.work.run_id),
            plugin: &self.plugin,
            handler: &self.work.handler,
            attempt: i64::from(self.work.job.attempt),
            started_at,
            // A year of transactions is not kept twice; how a call went wrong is.
            is_recorded: self.calls <= RECORDED || outcome.answer.is_err(),
        };
        let records = outcome.answer.as_ref().map_or(0, Page::good);
        let told = Told::of(outcome, records);
        record::write(&mut cx, &called, &told).await?;
        record::note(&mut cx, &called, &told).await?;
        cx.commit().await
    }

    /// Stores a page, again where the database was only busy.
    async fn store(&self, page: &Page, kv_writes: &[KvWrite], lines: Lines) -> Result<Stored, JobFailure> {
        let mut tries = 0;
        loop {
            match self
                .work
                .store(page, self.cursor.as_deref(), kv_writes, lines.clone())
                .await
            {
                Ok(Stored::Refused(trouble)) => {
                    self.work.note(lines).await?;
                    return Ok(Stored::Refused(trouble));
                }
                Ok(stored) => return Ok(stored),
                Err(problem) if problem.status.is_server_error() || problem.code == "try_again" => {
                    tries += 1;
                    if tries == STORE_TRIES {
                        return Err(problem.into());
                    }
                    if !self.rest(self.service.limits.first_pause).await {
                        return Err(self.stopped().await);
                    }
                }
                Err(problem) => {
                    self.work.note(lines).await?;
                    return Ok(Stored::Refused(Trouble::passing("storage_failed", problem.to_string())));
                }
            }
        }
    }

    /// Waits; false when the process wants to end first.
    async fn rest(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.work.job.stop.cancelled() => false,
        }
    }

    /// Leaves the run to whoever takes it up after the start.
    async fn stopped(&self) -> JobFailure {
        let mut lines = Lines::default();
        let now = self.work.platform.clock.now();
        lines.add(
            now,
            LogLevel::Info,
            "The server is stopping; the run goes on when it is back",
        );
        // The run goes on either way.
        if let Err(problem) = self.work.note(lines).await {
            tracing::warn!(%problem, "Cannot note that a run waits: {problem}");
        }
        JobFailure::postpone()
    }
}

/// Takes what was built anew under the same number into use, and a version where there was none.
async fn rebuilt(cx: &mut Cx, mut installation: Installation) -> Result<Installation, Problem> {
    let service = cx.platform.service::<Integrations>();
    let number = &installation.plugin_version;
    let offer = match installation.version_id {
        Some(_) => service.shelf.get(&installation.plugin, number),
        None => service.shelf.latest(&installation.plugin),
    };
    let Some(offer) = offer else { return Ok(installation) };
    let digest = hex::encode(offer.plugin.component.sha256);
    if installation.version_id.is_some() && installation.component_digest == digest {
        return Ok(installation);
    }
    let version = match shelved::adopt(cx, offer).await {
        Ok(version) => version,
        // The organization's own version of that number is another one.
        Err(problem) if problem.code == "plugin_version_taken" => return Ok(installation),
        Err(problem) => return Err(problem),
    };
    installation.version_id = Some(version.id);
    let id = installation.id;
    let row = serde_json::json!({"version_id": version.id});
    let row = row.as_object().cloned().unwrap_or_default();
    platform_engine::change(cx, &INSTALLATIONS, id, "adopt", row).await?;
    Ok(installation)
}

/// Says what a newer build lacks.
async fn renew(cx: &mut Cx, plugin: &Plugin, installation: Installation) -> Result<Installation, Problem> {
    let digest = hex::encode(plugin.component.sha256);
    let attention = installation.status == Standing::NeedsAttention;
    if installation.component_digest == digest && (attention || installation.status == Standing::Active) {
        return Ok(installation);
    }
    let (id, standing) = (installation.id, installation.status);
    let mut row = Facts::of(plugin, installation).row();
    if attention && row["status"] == Standing::Active.as_str() {
        // Only a run that succeeds takes the mark away.
        for field in ["status", "status_reason", "status_detail"] {
            row.remove(field);
        }
    }
    let installation = crate::installs::save(cx, id, "upgrade", standing, row).await?;
    crate::handlers::sync(cx, id, &plugin.manifest, &installation).await?;
    Ok(installation)
}

/// Where the last page ended, and the earliest moment that is wanted.
async fn start_cursor(
    cx: &mut Cx,
    service: &Integrations,
    work: &Work,
    since: Option<DateTime<Utc>>,
) -> Result<(Option<String>, DateTime<Utc>), Problem> {
    let now = cx.now;
    let first = since.unwrap_or(now - service.limits.lookback);
    sqlx::query(START_CURSOR)
        .bind(work.job.organization_id)
        .bind(platform_core::ids::new_id())
        .bind(now)
        .bind(work.installation_id)
        .bind(cursor_of(&work.handler))
        .bind(first)
        .execute(cx.db())
        .await?;
    let row = sqlx::query(REACH_BACK)
        .bind(work.job.organization_id)
        .bind(work.installation_id)
        .bind(cursor_of(&work.handler))
        .bind(since)
        .bind(now)
        .fetch_one(cx.db())
        .await?;
    Ok((row.try_get("cursor")?, row.try_get("since")?))
}

/// An outcome of one source as that of any.
fn paged<T>(outcome: Outcome<T>, page: fn(T) -> Page) -> Outcome<Page> {
    Outcome {
        answer: outcome.answer.map(page),
        kv_writes: outcome.kv_writes,
        logs: outcome.logs,
        logs_dropped: outcome.logs_dropped,
        http: outcome.http,
        stats: outcome.stats,
        recording: outcome.recording,
    }
}

/// How long to wait before a try.
fn pause(error: &CallError, limits: &RunLimits, failures: u32) -> Duration {
    let standing = limits.first_pause.saturating_mul(1 << (failures - 1).min(10));
    let asked = match error {
        CallError::Failure(failure) if failure.kind == FailureKind::RateLimited => failure.retry_after_ms,
        CallError::Failure(_) | CallError::Fault(_) => None,
    };
    asked
        .map_or(standing, |asked| standing.max(Duration::from_millis(asked.into())))
        .min(limits.longest_pause)
}

/// Notices a provider, or a plugin, that goes round in circles.
#[derive(Default)]
struct Repeats {
    cursors: HashSet<String>,
    last: Vec<String>,
    same: u32,
}

impl Repeats {
    /// Whether nothing new can come after this page.
    fn repeated(&mut self, page: &Page) -> bool {
        let ids = page.ids();
        self.same = if !ids.is_empty() && ids == self.last {
            self.same + 1
        } else {
            1
        };
        self.last = ids;
        let cursor = page.cursor().unwrap_or_default().to_owned();
        !self.cursors.insert(cursor) || self.same >= SAME_PAGES
    }
}
