//! A recorded call made again, with everything that it was answered then: the same bytes come out, or it is said where not.

use std::sync::Arc;

use platform_core::{Cx, Mode, Operation, Permit, Platform, Problem};
use platform_jobs::{JobCall, JobFailure};
use platform_plugin_host::{Plugin, ReplayError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::calls::PLUGIN_CALLS;
use crate::resources::{INSTALLATIONS, Installation, typed};
use crate::{Integrations, record, shelved};

/// The job that replays a call; its payload is [`Order`].
pub(crate) const JOB: &str = "plugin_replay";

/// The version that a call ran; $2 the plugin, $3 its number, $4 the component.
pub(crate) const RAN: &str = "SELECT v.id FROM integrations.plugin_versions v WHERE v.organization_id = $1
    AND v.plugin = $2 AND v.plugin_version = $3 AND v.component_digest = $4 AND v.deleted_at IS NULL";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    id: Uuid,
}

/// What the job is told.
#[derive(Serialize, Deserialize)]
struct Order {
    call_id: Uuid,
}

#[derive(Serialize, JsonSchema)]
struct Asked {
    /// The call; its fields `replayed_at` and `replay_equal` say what came of it.
    id: Uuid,
}

#[derive(Serialize, JsonSchema)]
struct Shown {
    /// What was asked of the host and what it answered, in order; bodies by their length and hash.
    steps: Vec<Json>,
    /// What the plugin wrote for people.
    lines: Vec<Json>,
    /// Why the call cannot be made again, where it cannot.
    incomplete: Option<String>,
}

pub(crate) fn operations() -> Vec<Operation> {
    let replay = Operation::acting(
        "/integrations/plugin_calls/{id}/replay",
        "integrations.plugin_calls.replay",
        Permit::needs("plugins.manage"),
        202,
        |cx, input| Box::pin(ask(cx, input)),
    );
    let steps = Operation::get(
        "/integrations/plugin_calls/{id}/recording",
        "integrations.plugin_calls.recording",
        Permit::needs("plugins.manage"),
        |cx, input| Box::pin(steps(cx, input)),
    );
    vec![
        replay.summary("Makes a recorded call again, with what it was answered then, and compares what comes out"),
        steps.summary("The steps of a recorded call"),
    ]
}

async fn ask(cx: &mut Cx, input: One) -> Result<Asked, Problem> {
    platform_engine::load(cx, &PLUGIN_CALLS, input.id).await?;
    if record::read(cx, input.id).await?.is_none() {
        return Err(Problem::refused("plugin_recording_gone"));
    }
    let order = serde_json::to_value(Order { call_id: input.id }).map_err(|error| Problem::internal(&error))?;
    let now = cx.now;
    platform_jobs::enqueue(cx, JOB, Some(&format!("{JOB}:{}", input.id)), order, now).await?;
    Ok(Asked { id: input.id })
}

async fn steps(cx: &mut Cx, input: One) -> Result<Shown, Problem> {
    let call = sqlx::query(EXISTS)
        .bind(cx.organization_id)
        .bind(input.id)
        .fetch_optional(cx.db())
        .await?;
    call.ok_or_else(Problem::not_found)?;
    let kept = record::read(cx, input.id).await?;
    let kept = kept.ok_or_else(|| Problem::refused("plugin_recording_gone"))?;
    Ok(Shown {
        steps: kept.recording.steps().iter().map(|step| json!(step)).collect(),
        lines: kept.lines,
        incomplete: kept.recording.incomplete.clone(),
    })
}

pub(crate) const EXISTS: &str = "SELECT c.id FROM integrations.plugin_calls c
    WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL";

/// Replays the call that a job names.
pub(crate) async fn run(platform: Arc<Platform>, job: JobCall) -> Result<(), JobFailure> {
    let dead = |error: serde_json::Error| JobFailure::Dead {
        error: error.to_string(),
    };
    let order: Order = serde_json::from_value(job.payload.clone()).map_err(dead)?;
    if job.exhausted {
        return Ok(());
    }
    let mut cx = Cx::begin_job(&platform, job.organization_id, JOB, Mode::Write).await?;
    let found = what(&mut cx, order.call_id).await?;
    cx.commit().await?;
    let Some((plugin, kept)) = found else { return Ok(()) };
    let service = platform.service::<Integrations>();
    let equal = match service.host.replay(&plugin, &kept.recording).await {
        Ok(replayed) => replayed.same,
        Err(error @ ReplayError::Failed(_)) if job.attempt < job.max_attempts => return Err(JobFailure::retry(error)),
        Err(error) => {
            tracing::info!(call.id = %order.call_id, %error, "A recorded call is not the same again: {error}");
            false
        }
    };
    let mut cx = Cx::begin_job(&platform, job.organization_id, JOB, Mode::Write).await?;
    let facts = json!({"replayed_at": cx.now, "replay_equal": equal});
    let facts = facts.as_object().cloned().unwrap_or_default();
    platform_engine::change(&mut cx, &PLUGIN_CALLS, order.call_id, "replay", facts).await?;
    Ok(cx.commit().await?)
}

/// The plugin as it was then, and what was recorded.
async fn what(cx: &mut Cx, call_id: Uuid) -> Result<Option<(Arc<Plugin>, record::Kept)>, Problem> {
    let call = platform_engine::load(cx, &PLUGIN_CALLS, call_id).await?;
    let row = sqlx::query(RAN)
        .bind(cx.organization_id)
        .bind(call.text("plugin"))
        .bind(call.text("plugin_version"))
        .bind(call.text("component_digest"))
        .fetch_optional(cx.db())
        .await?;
    let plugin = if let Some(row) = row {
        shelved::version(cx, row.try_get("id")?).await?
    } else {
        let installation = call.uuid("installation_id").unwrap_or_default();
        let installation: Installation = typed(&platform_engine::load(cx, &INSTALLATIONS, installation).await?)?;
        let running = shelved::running(cx, &installation).await?;
        running.filter(|plugin| call.is("component_digest", &hex::encode(plugin.component.sha256)))
    };
    let kept = record::read(cx, call_id).await?;
    Ok(plugin.zip(kept))
}
