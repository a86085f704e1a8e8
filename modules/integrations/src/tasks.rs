//! Pieces of work for plugins: made in the transaction of whatever asks for them, once for each key.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Effect, Event, Problem, ids::new_id};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::resources::Installation;
use crate::work::PLUGIN_TASKS;

/// The job that works on a task; its payload is [`Order`].
pub(crate) const JOB: &str = "plugin_task";

pub(crate) const ADD: &str = "INSERT INTO integrations.plugin_tasks
    (organization_id, id, created_at, updated_at, installation_id, plugin, handler, task_key, status, origin, endpoint_id,
        subject, attempts, throttled, next_at)
    SELECT $1, $2, $3, $3, i.id, $5, $6, $7, 'queued', $8, $9, $10, 0, 0,
        CASE WHEN i.status IN ('active', 'needs_attention') THEN $11::timestamptz END
    FROM integrations.installations i WHERE i.organization_id = $1 AND i.id = $4 AND i.deleted_at IS NULL
    ON CONFLICT (organization_id, installation_id, handler, task_key) WHERE deleted_at IS NULL DO NOTHING
    RETURNING next_at";
pub(crate) const PUT: &str = "INSERT INTO integrations.plugin_inputs
    (organization_id, id, created_at, task_id, meta, body) VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const INPUT: &str =
    "SELECT meta, body FROM integrations.plugin_inputs WHERE organization_id = $1 AND task_id = $2";
/// What waits for its installation.
pub(crate) const HELD: &str = "UPDATE integrations.plugin_tasks SET next_at = $3, updated_at = $3, version = version + 1
    WHERE organization_id = $1 AND id IN (SELECT id FROM integrations.plugin_tasks WHERE organization_id = $1
        AND installation_id = $2 AND status = 'queued' AND next_at IS NULL AND deleted_at IS NULL ORDER BY id LIMIT 10000)
    RETURNING id";

/// What a task is called with, beside the bytes of a body.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Work {
    /// A request that came in; the body is beside it.
    Inbound {
        endpoint: String,
        method: String,
        query: Vec<(String, String)>,
        headers: Vec<(String, String)>,
        received_at: DateTime<Utc>,
        verified: bool,
        address: String,
    },
    /// Something that happened; the body is its data.
    Event {
        event_id: Uuid,
        name: String,
        subject: Uuid,
        occurred_at: DateTime<Utc>,
        /// How many plugins it went through.
        #[serde(default)]
        hops: u8,
    },
    Schedule {
        name: String,
        planned_for: DateTime<Utc>,
    },
    /// The body is its payload.
    Job {
        name: String,
        key: String,
    },
    /// A text message to send.
    Sms {
        message_id: Uuid,
    },
    /// A gateway to ask what became of messages.
    SmsQuery,
    /// A platform to tell of a courier's progress.
    OrderStatus {
        order_id: Uuid,
        status: String,
        at: DateTime<Utc>,
        reason: Option<String>,
    },
    /// A batch of payments to prepare.
    Payouts {
        batch_id: Uuid,
    },
    /// The installation goes to this version.
    Migrate {
        version_id: Uuid,
        from_version: Option<String>,
    },
}

/// A task to make.
pub(crate) struct New<'a> {
    pub installation_id: Uuid,
    pub plugin: &'a str,
    pub handler: &'a str,
    /// The same key is the same work.
    pub key: &'a str,
    pub origin: &'static str,
    pub endpoint_id: Option<Uuid>,
    /// What it is about, for people.
    pub subject: Option<String>,
    pub work: Work,
    pub body: &'a [u8],
    pub at: DateTime<Utc>,
}

/// What the job is told.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub task_id: Uuid,
}

/// Makes a task; none when the same work is known already. Where the installation does not work at present, it waits.
pub(crate) async fn add(cx: &mut Cx, new: New<'_>) -> Result<Option<Uuid>, Problem> {
    let (organization_id, now, id) = (cx.organization_id, cx.now, new_id());
    let row = sqlx::query(ADD)
        .bind(organization_id)
        .bind(id)
        .bind(now)
        .bind(new.installation_id)
        .bind(new.plugin)
        .bind(new.handler)
        .bind(new.key)
        .bind(new.origin)
        .bind(new.endpoint_id)
        .bind(new.subject)
        .bind(new.at)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let meta = serde_json::to_value(&new.work).map_err(|error| Problem::internal(&error))?;
    sqlx::query(PUT)
        .bind(organization_id)
        .bind(new_id())
        .bind(now)
        .bind(id)
        .bind(meta)
        .bind(new.body)
        .execute(cx.db())
        .await?;
    if let Some(at) = row.try_get::<Option<DateTime<Utc>>, _>("next_at")? {
        wake(cx, id, at).await?;
    }
    Ok(Some(id))
}

/// Lets somebody work on a task at a time. Each time has a job of its own: the one before may still be ending.
pub(crate) async fn wake(cx: &mut Cx, task_id: Uuid, at: DateTime<Utc>) -> Result<(), Problem> {
    let order = serde_json::to_value(Order { task_id }).map_err(|error| Problem::internal(&error))?;
    let key = format!("{JOB}:{task_id}:{}", at.timestamp_micros());
    platform_jobs::enqueue(cx, JOB, Some(&key), order, at).await?;
    Ok(())
}

/// What a task is called with.
pub(crate) async fn input(cx: &mut Cx, task_id: Uuid) -> Result<Option<(Work, Vec<u8>)>, Problem> {
    let row = sqlx::query(INPUT)
        .bind(cx.organization_id)
        .bind(task_id)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let work = serde_json::from_value(row.try_get::<Json, _>("meta")?).map_err(|error| Problem::internal(&error))?;
    Ok(Some((work, row.try_get("body")?)))
}

/// Goes on with what waited for an installation, when it works.
pub(crate) async fn release(cx: &mut Cx, installation: &Installation) -> Result<(), Problem> {
    if !installation.status.works() {
        return Ok(());
    }
    let now = cx.now;
    let held = sqlx::query_scalar(HELD)
        .bind(cx.organization_id)
        .bind(installation.id)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    for task_id in held {
        wake(cx, task_id, now).await?;
    }
    Ok(())
}

/// In the transaction of the cause.
pub(crate) const EFFECTS: &[Effect] = &[Effect {
    on: "integrations.plugin_tasks.resend",
    run: |cx, event| Box::pin(resent(cx, event)),
}];

/// A task that somebody sends again.
async fn resent(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let now = cx.now;
    let task = platform_engine::load(cx, &PLUGIN_TASKS, event.subject).await?;
    // What it would be called with is kept for some time only.
    if input(cx, event.subject).await?.is_none() {
        return Err(Problem::refused("plugin_input_gone"));
    }
    let installation = task.uuid("installation_id").unwrap_or_default();
    let record = platform_engine::load(cx, &crate::INSTALLATIONS, installation).await?;
    let installation: Installation = crate::resources::typed(&record)?;
    if installation.status.works() {
        return wake(cx, event.subject, now).await;
    }
    let held = json!({"next_at": null});
    let held = held.as_object().cloned().unwrap_or_default();
    platform_engine::act(cx, &PLUGIN_TASKS, event.subject, "wait", held).await?;
    Ok(())
}
