//! Asking for a run, and what a run wrote down.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use platform_core::{Cx, Operation, Permit, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::resources::{INSTALLATIONS, Installation, RUNS, Run, RunStatus, Standing, typed};
use crate::run_log;

/// The kind of job that works on a run; its payload is [`Order`].
pub(crate) const JOB: &str = "plugin_run";

/// Without a lock: a page may be on its way into the row for as long as storing it takes.
pub(crate) const LIVE: &str = "SELECT to_jsonb(r) FROM integrations.runs r
    WHERE r.organization_id = $1 AND r.installation_id = $2 AND r.status IN ('queued', 'running')";
pub(crate) const EXISTS: &str = "SELECT id FROM integrations.runs
    WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

/// Lines of one answer.
const PAGE: i64 = 1000;

/// What a run fetches where nothing is said: the first kind of records that there was.
pub(crate) fn fuel() -> String {
    "fuel-source.pull".to_owned()
}

/// What the job is told.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub run_id: Uuid,
    /// What of the plugin is called.
    #[serde(default = "fuel")]
    pub handler: String,
    /// Reach back this far, if it is further than before.
    pub since: Option<DateTime<Utc>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    id: Uuid,
    /// Fetch from this day on; only needed to reach further back than before.
    since: Option<NaiveDate>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReadLog {
    id: Uuid,
    /// The `next` of the page before.
    after: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
struct Line {
    at: DateTime<Utc>,
    /// debug, info, warn or error.
    level: String,
    message: String,
}

#[derive(Serialize, JsonSchema)]
struct Log {
    data: Vec<Line>,
    /// Give as `after` for the next page.
    next: Option<i64>,
}

pub(crate) fn operations() -> Vec<Operation> {
    let run = Operation::acting(
        "/integrations/installations/{id}/run",
        "integrations.installations.run",
        Permit::needs("plugins.run"),
        202,
        |cx, input| Box::pin(run(cx, input)),
    );
    let log = Operation::get(
        "/integrations/runs/{id}/log",
        "integrations.runs.log",
        Permit::needs("plugins.read"),
        |cx, input| Box::pin(log(cx, input)),
    );
    vec![
        run.summary("Runs a plugin; while a run is under way, answers that one"),
        log.summary("What a run wrote down"),
    ]
}

async fn run(cx: &mut Cx, input: Ask) -> Result<Run, Problem> {
    let run = match live(cx, input.id).await? {
        Some(run) => run,
        None => start(cx, input.id).await?,
    };
    let since = input.since.and_then(|day| {
        let midnight = cx.time_zone().from_local_datetime(&day.and_time(NaiveTime::MIN));
        midnight.earliest().map(|at| at.to_utc())
    });
    let handler = pulled(cx, input.id).await?;
    order(cx, run.id, &handler, since).await?;
    Ok(run)
}

/// A run that the clock asks for; one that is under way is enough.
pub(crate) async fn by_clock(cx: &mut Cx, installation_id: Uuid, handler: &str) -> Result<(), Problem> {
    if live(cx, installation_id).await?.is_some() {
        return Ok(());
    }
    let run = start(cx, installation_id).await?;
    order(cx, run.id, handler, None).await
}

/// What of an installation is pulled.
async fn pulled(cx: &mut Cx, installation_id: Uuid) -> Result<String, Problem> {
    let installation: Installation = typed(&platform_engine::load(cx, &INSTALLATIONS, installation_id).await?)?;
    let plugin = crate::shelved::running(cx, &installation).await?;
    let plugin = plugin.ok_or_else(|| Problem::refused("plugin_missing"))?;
    let callables = crate::handlers::callables(&plugin.manifest, &installation.grants);
    let pull = callables.into_iter().find(|callable| callable.kind == "pull");
    pull.map(|pull| pull.handler)
        .ok_or_else(|| Problem::refused("plugin_pulls_nothing"))
}

/// Lets a run be worked on. A live run whose job died in some way gets another one; otherwise it keeps the job that it has.
async fn order(cx: &mut Cx, run_id: Uuid, handler: &str, since: Option<DateTime<Utc>>) -> Result<(), Problem> {
    let order = Order {
        run_id,
        handler: handler.to_owned(),
        since,
    };
    let payload = serde_json::to_value(order).map_err(|error| Problem::internal(&error))?;
    let now = cx.now;
    platform_jobs::enqueue(cx, JOB, Some(&format!("{JOB}:{run_id}")), payload, now).await?;
    Ok(())
}

/// The installation's run that is under way.
async fn live(cx: &mut Cx, installation_id: Uuid) -> Result<Option<Run>, Problem> {
    let organization_id = cx.organization_id;
    let row: Option<Json> = sqlx::query_scalar(LIVE)
        .bind(organization_id)
        .bind(installation_id)
        .fetch_optional(cx.db())
        .await?;
    row.map(serde_json::from_value)
        .transpose()
        .map_err(|error| Problem::internal(&error))
}

async fn start(cx: &mut Cx, installation_id: Uuid) -> Result<Run, Problem> {
    // Locked: of two requests at once the second sees the run of the first.
    let record = platform_engine::load(cx, &INSTALLATIONS, installation_id).await?;
    let installation: Installation = typed(&record)?;
    match installation.status {
        Standing::Active | Standing::NeedsAttention => {}
        Standing::NeedsSettings => return Err(Problem::refused("plugin_not_ready")),
        Standing::Disabled | Standing::Suspended => return Err(Problem::refused("plugin_disabled")),
        Standing::Removed => return Err(Problem::refused("plugin_removed")),
    }
    if let Some(run) = live(cx, installation_id).await? {
        return Ok(run);
    }
    let row = json!({
        "installation_id": installation_id,
        "plugin": installation.plugin,
        "status": RunStatus::Queued.as_str(),
        "requested_by": cx.actor_name().chars().take(200).collect::<String>(),
    });
    let row = row.as_object().cloned().unwrap_or_default();
    typed(&platform_engine::create(cx, &RUNS, row).await?)
}

async fn log(cx: &mut Cx, input: ReadLog) -> Result<Log, Problem> {
    let organization_id = cx.organization_id;
    let exists: Option<Uuid> = sqlx::query_scalar(EXISTS)
        .bind(organization_id)
        .bind(input.id)
        .fetch_optional(cx.db())
        .await?;
    exists.ok_or_else(Problem::not_found)?;
    let rows = sqlx::query(run_log::READ)
        .bind(organization_id)
        .bind(input.id)
        .bind(input.after.unwrap_or_default())
        .bind(PAGE)
        .fetch_all(cx.db())
        .await?;
    let full = i64::try_from(rows.len()).is_ok_and(|read| read == PAGE);
    let mut log = Log {
        data: Vec::with_capacity(rows.len()),
        next: None,
    };
    for row in rows {
        if full {
            log.next = Some(row.try_get("seq")?);
        }
        log.data.push(Line {
            at: row.try_get("at")?,
            level: row.try_get("level")?,
            message: row.try_get("message")?,
        });
    }
    Ok(log)
}
