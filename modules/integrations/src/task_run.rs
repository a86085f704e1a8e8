//! The job that works on a task: it asks whether the plugin may be called now, calls it outside any transaction, and stores what
//! came of it in one, together with the mark that the work is done. A process that dies in between loses the call and nothing
//! else: whoever takes up the job makes it again, with the same key towards the outside.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{Cx, Mode, Platform, Problem, ids::random_bytes};
use platform_jobs::{JobCall, JobFailure};
use platform_plugin_host::{Answer, Call, CallError, Input, Outcome, Plugin, Secrets};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::commit::{For, Stored, store};
use crate::problems::Trouble;
use crate::record::{Called, Told, used, write};
use crate::resources::{INSTALLATIONS, Installation, Standing, typed};
use crate::rules::after::{After, Tried, after, counts_against};
use crate::rules::circuit::{Admission, Change, Circuit, admit, learn, probe_until};
use crate::tasks::{self, JOB, Order, Work};
use crate::work::{PLUGIN_HANDLERS, PLUGIN_TASKS};
use crate::{Integrations, PAYOUT_BATCHES, inputs, kv, reading, replies, shelved, updates};

/// Locked, so that of two calls one is the probe.
pub(crate) const HANDLER: &str = "SELECT h.id, h.circuit, h.failures, h.openings, h.open_until
    FROM integrations.plugin_handlers h
    WHERE h.organization_id = $1 AND h.installation_id = $2 AND h.handler = $3 AND h.deleted_at IS NULL FOR UPDATE";
pub(crate) const COUNTED: &str =
    "UPDATE integrations.plugin_handlers SET failures = $3, last_at = $4, last_outcome = $5
    WHERE organization_id = $1 AND id = $2";
pub(crate) const PROBED: &str =
    "UPDATE integrations.plugin_handlers SET open_until = $3 WHERE organization_id = $1 AND id = $2";

/// Everything that a call needs.
struct Ready {
    service: Arc<Integrations>,
    platform: Arc<Platform>,
    job: JobCall,
    task: Uuid,
    attempt: i64,
    throttled: i64,
    asked_at: DateTime<Utc>,
    handler: String,
    handler_id: Option<Uuid>,
    installation: Installation,
    plugin: Arc<Plugin>,
    work: Work,
    input: Input,
    secrets: Secrets,
    about: About,
}

/// The organization, as far as a plugin is told of it.
pub(crate) struct About {
    pub time_zone: String,
    pub locale: String,
    pub currency: String,
}

impl About {
    pub async fn read(cx: &mut Cx) -> Result<Self, Problem> {
        let row = sqlx::query(crate::pull::ORGANIZATION)
            .bind(cx.organization_id)
            .fetch_one(cx.db())
            .await?;
        Ok(Self {
            time_zone: row.try_get("time_zone")?,
            locale: row.try_get("locale")?,
            currency: row.try_get("currency")?,
        })
    }
}

/// Works on the task that a job names.
pub(crate) async fn run(platform: Arc<Platform>, job: JobCall) -> Result<(), JobFailure> {
    let dead = |error: serde_json::Error| JobFailure::Dead {
        error: error.to_string(),
    };
    let order: Order = serde_json::from_value(job.payload.clone()).map_err(dead)?;
    let Some(ready) = begin(platform, job, order.task_id).await? else {
        return Ok(());
    };
    let started_at = ready.platform.clock.now();
    let outcome = tokio::select! {
        outcome = ready.call() => outcome,
        // Somebody goes on at once; the plugin is called again with the same key.
        () = ready.job.stop.cancelled() => return Err(JobFailure::postpone()),
    };
    ready.end(outcome, started_at).await
}

/// Takes up a task; nothing when it is over, not due, or has to wait.
async fn begin(platform: Arc<Platform>, job: JobCall, task_id: Uuid) -> Result<Option<Ready>, JobFailure> {
    let mut cx = Cx::begin_job(&platform, job.organization_id, JOB, Mode::Write).await?;
    if !job.holds(&mut cx).await? {
        return Ok(None);
    }
    let ready = prepare(&mut cx, platform.clone(), &job, task_id).await?;
    cx.commit().await?;
    Ok(ready)
}

fn fields(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

async fn give_up(cx: &mut Cx, task_id: Uuid, work: Option<&Work>, trouble: &Trouble) -> Result<(), Problem> {
    let detail: Option<String> = trouble.detail.as_ref().map(|text| text.chars().take(2000).collect());
    let problem = fields(json!({"problem_code": trouble.code, "problem_detail": detail}));
    platform_engine::act(cx, &PLUGIN_TASKS, task_id, "give_up", problem.clone()).await?;
    // Whoever asked for it learns that it did not come to be.
    match work {
        Some(Work::Payouts { batch_id }) => {
            let batch = platform_engine::load(cx, &PAYOUT_BATCHES, *batch_id).await?;
            if batch.is("status", "requested") {
                platform_engine::act(cx, &PAYOUT_BATCHES, *batch_id, "fail", problem).await?;
            }
        }
        Some(Work::Sms { message_id }) => {
            let message = platform_engine::load(cx, &crate::SMS_MESSAGES, *message_id).await?;
            if message.is("status", "queued") {
                let why = fields(
                    json!({"status_reason": trouble.detail.as_ref().map(|text| text.chars().take(500).collect::<String>())}),
                );
                platform_engine::act(cx, &crate::SMS_MESSAGES, *message_id, "reject", why).await?;
            }
        }
        Some(_) | None => {}
    }
    Ok(())
}

async fn wait(cx: &mut Cx, task_id: Uuid, facts: Json, at: Option<DateTime<Utc>>) -> Result<(), Problem> {
    let mut facts = fields(facts);
    facts.insert("next_at".into(), json!(at));
    platform_engine::act(cx, &PLUGIN_TASKS, task_id, "wait", facts).await?;
    match at {
        Some(at) => tasks::wake(cx, task_id, at).await,
        None => Ok(()),
    }
}

async fn prepare(cx: &mut Cx, platform: Arc<Platform>, job: &JobCall, task_id: Uuid) -> Result<Option<Ready>, Problem> {
    let now = cx.now;
    let service = platform.service::<Integrations>();
    let task: Record = platform_engine::load(cx, &PLUGIN_TASKS, task_id).await?;
    let is_due = task.instant("next_at").is_some_and(|at| at <= now);
    match task.text("status") {
        Some("running") => {}
        Some("queued") if is_due => {}
        // Over, held, or due at another time, for which there is another job.
        _ => return Ok(None),
    }
    let Some((work, body)) = tasks::input(cx, task_id).await? else {
        give_up(cx, task_id, None, &Trouble::passing("plugin_input_gone", None)).await?;
        return Ok(None);
    };
    if job.exhausted {
        give_up(cx, task_id, Some(&work), &Trouble::passing("plugin_lost", None)).await?;
        return Ok(None);
    }
    let installation_id = task.uuid("installation_id").unwrap_or_default();
    let record = platform_engine::load(cx, &INSTALLATIONS, installation_id).await?;
    let installation: Installation = typed(&record)?;
    if !installation.status.works() {
        wait(cx, task_id, json!({}), None).await?;
        return Ok(None);
    }
    if let Err(until) = service.pace.take(installation_id, now) {
        wait(cx, task_id, json!({}), Some(until)).await?;
        used(cx, installation_id, [0, 0, 1], &[0; 4]).await?;
        return Ok(None);
    }
    let handler = task.text("handler").unwrap_or_default().to_owned();
    let handler_id = match admission(cx, installation_id, &handler).await? {
        Ok(handler_id) => handler_id,
        Err(until) => {
            wait(cx, task_id, json!({}), Some(until)).await?;
            return Ok(None);
        }
    };
    let plugin = match &work {
        Work::Migrate { version_id, .. } => shelved::version(cx, *version_id).await?,
        _ => shelved::running(cx, &installation).await?,
    };
    let Some(plugin) = plugin else {
        give_up(cx, task_id, Some(&work), &Trouble::lasting("plugin_missing", None)).await?;
        return Ok(None);
    };
    let Some(secrets) = service.vault.all(cx, installation_id).await? else {
        updates::mark(
            cx,
            &installation,
            "need_attention",
            Standing::NeedsAttention,
            "secrets_unreadable",
        )
        .await?;
        wait(cx, task_id, json!({"problem_code": "secrets_unreadable"}), None).await?;
        return Ok(None);
    };
    let about = About::read(cx).await?;
    let input = match inputs::of(cx, &work, body, task_id, &installation, &about).await? {
        inputs::Made::Input(input) => *input,
        inputs::Made::Nothing(code) => {
            platform_engine::act(cx, &PLUGIN_TASKS, task_id, "start", Map::new()).await?;
            let why = fields(json!({"problem_code": code}));
            platform_engine::act(cx, &PLUGIN_TASKS, task_id, "finish", why).await?;
            return Ok(None);
        }
    };
    let task = platform_engine::act(cx, &PLUGIN_TASKS, task_id, "start", Map::new()).await?;
    Ok(Some(Ready {
        attempt: task.integer("attempts").unwrap_or(1),
        throttled: task.integer("throttled").unwrap_or_default(),
        asked_at: task.instant("created_at").unwrap_or(now),
        task: task_id,
        job: job.clone(),
        service,
        platform,
        handler,
        handler_id,
        installation,
        plugin,
        work,
        input,
        secrets,
        about,
    }))
}

/// The handler's row, if it may be called now; otherwise when to ask again. What has no row is called without asking.
async fn admission(
    cx: &mut Cx,
    installation_id: Uuid,
    handler: &str,
) -> Result<Result<Option<Uuid>, DateTime<Utc>>, Problem> {
    let now = cx.now;
    let Some((id, circuit)) = circuit_of(cx, installation_id, handler).await? else {
        return Ok(Ok(None));
    };
    match admit(circuit, now) {
        Admission::Go => {}
        Admission::Wait(until) => return Ok(Err(until)),
        Admission::Probe => {
            if circuit.state == crate::work::CircuitState::Open {
                platform_engine::act(cx, &PLUGIN_HANDLERS, id, "probe", Map::new()).await?;
            }
            sqlx::query(PROBED)
                .bind(cx.organization_id)
                .bind(id)
                .bind(probe_until(now))
                .execute(cx.db())
                .await?;
        }
    }
    Ok(Ok(Some(id)))
}

/// The handler's row and circuit. One row may stand for several: `schedule.job` for each of its jobs.
async fn circuit_of(cx: &mut Cx, installation_id: Uuid, handler: &str) -> Result<Option<(Uuid, Circuit)>, Problem> {
    let row = sqlx::query(HANDLER)
        .bind(cx.organization_id)
        .bind(installation_id)
        .bind(handler)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let state: &str = row.try_get("circuit")?;
    let circuit = Circuit {
        state: state.parse().map_err(|_| Problem::internal(&"a circuit in no state"))?,
        failures: row.try_get("failures")?,
        openings: row.try_get("openings")?,
        until: row.try_get("open_until")?,
    };
    Ok(Some((row.try_get("id")?, circuit)))
}

impl Ready {
    async fn call(&self) -> Outcome<Answer> {
        let kv = kv::Store {
            platform: self.platform.clone(),
            organization_id: self.job.organization_id,
            installation_id: self.installation.id,
        };
        let directory = reading::Rows {
            platform: self.platform.clone(),
            organization_id: self.job.organization_id,
        };
        let grants = crate::installs::host_grants(&self.plugin.manifest, &self.installation);
        let currencies = [self.about.currency.clone()];
        let call = Call {
            plugin: &self.plugin,
            call_id: format!("{}-{}", self.task, self.attempt),
            idempotency_key: self.task.to_string(),
            attempt: u32::try_from(self.attempt).unwrap_or(u32::MAX),
            organization_id: self.job.organization_id.to_string(),
            installation_id: self.installation.id.to_string(),
            settings: &self.installation.settings,
            secrets: &self.secrets,
            grants: &grants,
            kv: &kv,
            directory: &directory,
            limits: self.service.limits.call,
            now: self.platform.clock.now(),
            time_zone: &self.about.time_zone,
            locale: &self.about.locale,
            currencies: &currencies,
            record: self.is_recorded(),
        };
        self.service.host.call_input(call, self.input.clone()).await
    }

    /// A one-time password is written down nowhere.
    fn is_recorded(&self) -> bool {
        match &self.input {
            Input::SmsSend(messages) => messages
                .iter()
                .all(|message| message.kind != platform_plugin_host::records::SmsKind::OneTimePassword),
            _ => true,
        }
    }

    /// Stores what came of the call, again where the database was only busy.
    async fn end(self, outcome: Outcome<Answer>, started_at: DateTime<Utc>) -> Result<(), JobFailure> {
        let mut tries = 0;
        loop {
            match self.end_once(&outcome, started_at).await {
                Ok(()) => return Ok(()),
                Err(problem) if (problem.status.is_server_error() || problem.code == "try_again") && tries < 3 => {
                    tries += 1;
                    tokio::time::sleep(self.service.limits.first_pause).await;
                }
                Err(problem) => return Err(problem.into()),
            }
        }
    }

    async fn end_once(&self, outcome: &Outcome<Answer>, started_at: DateTime<Utc>) -> Result<(), Problem> {
        let mut cx = Cx::begin_job(&self.platform, self.job.organization_id, JOB, Mode::Write).await?;
        if !self.job.holds(&mut cx).await? {
            return cx.rollback().await;
        }
        let task = platform_engine::load(&mut cx, &PLUGIN_TASKS, self.task).await?;
        if !task.is("status", "running") {
            return cx.rollback().await;
        }
        let (records, error) = match &outcome.answer {
            Err(error) => (0, Some(error.clone())),
            Ok(answer) => self.keep(&mut cx, answer, outcome).await?,
        };
        self.settle(&mut cx, records, error.as_ref(), outcome, started_at)
            .await?;
        cx.commit().await
    }

    /// Stores an answer and what the plugin keeps for itself, or nothing of both.
    async fn keep(
        &self,
        cx: &mut Cx,
        answer: &Answer,
        outcome: &Outcome<Answer>,
    ) -> Result<(usize, Option<CallError>), Problem> {
        sqlx::raw_sql("SAVEPOINT answer").execute(cx.db()).await?;
        let to = For {
            installation_id: self.installation.id,
            plugin: &self.installation.plugin,
            work: Some(&self.work),
        };
        if let Answer::Webhook(handled) = answer
            && let Some(said) = &handled.reply
        {
            replies::keep(cx, self.task, said).await?;
        }
        let refused = match store(cx, to, answer).await {
            Ok(Stored::Done(records)) => match kv::write(cx, self.installation.id, &outcome.kv_writes).await? {
                kv::Written::Kept => return Ok((records, None)),
                // Another call was faster: this one has to see what it wrote.
                kv::Written::Conflict => failure(platform_plugin_host::FailureKind::Transient, "kv_conflict"),
                kv::Written::TooMuch => failure(platform_plugin_host::FailureKind::Permanent, "keeps_too_much"),
            },
            Ok(Stored::Failed(error)) => error,
            Ok(Stored::Refused(trouble)) => failure_of(
                platform_plugin_host::FailureKind::Permanent,
                trouble.code,
                trouble.detail,
            ),
            Err(problem) if problem.status.is_server_error() || problem.code == "try_again" => return Err(problem),
            // A rule of ours refuses a record: the plugin's answer is wrong.
            Err(problem) => failure_of(
                platform_plugin_host::FailureKind::Permanent,
                "record_refused",
                Some(problem.to_string()),
            ),
        };
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT answer").execute(cx.db()).await?;
        Ok((0, Some(refused)))
    }

    /// Writes down the call, where the task stands now, and what was learned of handler and installation.
    async fn settle(
        &self,
        cx: &mut Cx,
        records: usize,
        error: Option<&CallError>,
        outcome: &Outcome<Answer>,
        started_at: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let now = cx.now;
        let called = Called {
            installation_id: self.installation.id,
            task_id: Some(self.task),
            run_id: None,
            plugin: &self.plugin,
            handler: &self.handler,
            attempt: self.attempt,
            started_at,
            is_recorded: self.is_recorded(),
        };
        let told = Told {
            error,
            ..Told::of(outcome, records)
        };
        write(cx, &called, &told).await?;
        self.learn(cx, error).await?;
        let Some(error) = error else {
            platform_engine::act(cx, &PLUGIN_TASKS, self.task, "finish", clean()).await?;
            return self.recovered(cx).await;
        };
        let trouble = Trouble::of(error);
        let tried = Tried {
            attempts: self.attempt,
            throttled: self.throttled,
            age: now - self.asked_at,
            dice: random_bytes::<1>()[0],
        };
        let detail: Option<String> = trouble.detail.as_ref().map(|text| text.chars().take(2000).collect());
        let problem = json!({"problem_code": trouble.code, "problem_detail": detail});
        match after(error, tried) {
            After::Done => {
                platform_engine::act(cx, &PLUGIN_TASKS, self.task, "finish", fields(problem)).await?;
            }
            After::Again(pause) => wait(cx, self.task, problem, Some(now + pause)).await?,
            After::Later(pause) => {
                let mut facts = problem;
                facts["attempts"] = json!(self.attempt - 1);
                facts["throttled"] = json!(self.throttled + 1);
                wait(cx, self.task, facts, Some(now + pause)).await?;
                used(cx, self.installation.id, [0, 0, 1], &[0; 4]).await?;
            }
            After::Held if is_unbelieved(error) => {
                // The request is somebody's who does not know the key: the installation is all right.
                give_up(cx, self.task, Some(&self.work), &trouble).await?;
                platform_engine::act(cx, &PLUGIN_TASKS, self.task, "discard", Map::new()).await?;
            }
            After::Held => {
                wait(cx, self.task, problem, None).await?;
                self.needs_attention(cx, &trouble).await?;
            }
            After::Dead => give_up(cx, self.task, Some(&self.work), &trouble).await?,
        }
        Ok(())
    }

    /// What the call says of the handler.
    async fn learn(&self, cx: &mut Cx, error: Option<&CallError>) -> Result<(), Problem> {
        let now = cx.now;
        if self.handler_id.is_none() {
            return Ok(());
        }
        let Some((id, circuit)) = circuit_of(cx, self.installation.id, &self.handler).await? else {
            return Ok(());
        };
        let outcome = match error {
            None => "ok",
            Some(CallError::Failure(_)) => "failure",
            Some(CallError::Fault(_)) => "fault",
        };
        let failures = match learn(circuit, error.is_some_and(counts_against), now) {
            Change::Count(failures) => failures,
            Change::Close => {
                platform_engine::act(cx, &PLUGIN_HANDLERS, id, "close", Map::new()).await?;
                0
            }
            Change::Trip(until) => {
                let facts = fields(json!({"open_until": until}));
                platform_engine::act(cx, &PLUGIN_HANDLERS, id, "trip", facts).await?;
                circuit.failures + 1
            }
        };
        sqlx::query(COUNTED)
            .bind(cx.organization_id)
            .bind(id)
            .bind(failures)
            .bind(now)
            .bind(outcome)
            .execute(cx.db())
            .await?;
        Ok(())
    }

    async fn needs_attention(&self, cx: &mut Cx, trouble: &Trouble) -> Result<(), Problem> {
        let record = platform_engine::load(cx, &INSTALLATIONS, self.installation.id).await?;
        let installation: Installation = typed(&record)?;
        if installation.status != Standing::Active {
            return Ok(());
        }
        let detail: Option<String> = trouble.detail.as_ref().map(|text| text.chars().take(2000).collect());
        let row = json!({
            "status": Standing::NeedsAttention.as_str(), "status_reason": trouble.code, "status_detail": detail,
        });
        crate::installs::save(cx, installation.id, "need_attention", installation.status, fields(row)).await?;
        Ok(())
    }

    /// A call that went well takes the mark away that one like it left.
    async fn recovered(&self, cx: &mut Cx) -> Result<(), Problem> {
        if self.installation.status != Standing::NeedsAttention {
            return Ok(());
        }
        let record = platform_engine::load(cx, &INSTALLATIONS, self.installation.id).await?;
        let installation: Installation = typed(&record)?;
        if installation.status != Standing::NeedsAttention {
            return Ok(());
        }
        let Some(plugin) = shelved::running(cx, &installation).await? else {
            return Ok(());
        };
        let standing = installation.status;
        let facts = crate::installs::Facts::of(&plugin, installation);
        let installation = facts.save(cx, self.installation.id, "recover", standing).await?;
        tasks::release(cx, &installation).await
    }
}

/// What was wrong before is over.
fn clean() -> Map<String, Json> {
    fields(json!({"problem_code": null, "problem_detail": null}))
}

/// Whether the plugin says that a request's signature is not the sender's.
fn is_unbelieved(error: &CallError) -> bool {
    matches!(error, CallError::Failure(failure) if failure.code == "bad_signature")
}

fn failure(kind: platform_plugin_host::FailureKind, code: &str) -> CallError {
    failure_of(kind, code, None)
}

fn failure_of(kind: platform_plugin_host::FailureKind, code: &str, detail: Option<String>) -> CallError {
    CallError::Failure(platform_plugin_host::Failure {
        kind,
        code: code.to_owned(),
        message: detail.unwrap_or_default().chars().take(500).collect(),
        retry_after_ms: None,
        attributes: std::collections::BTreeMap::new(),
    })
}
