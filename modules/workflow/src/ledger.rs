//! Writes and checks the sealed history of workflows.

use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::seal::{Kept, Sealed, first_broken};
use crate::{WORKFLOW_HISTORY, instant_json};

/// The last event of workflow $2.
pub(crate) const LAST: &str = "SELECT sequence, checksum FROM workflow.workflow_history \
     WHERE organization_id = $1 AND workflow_instance_id = $2 ORDER BY sequence DESC LIMIT 1";

/// All events of workflow $2 in their order.
pub(crate) const ALL: &str = "SELECT sequence, event_type, actor, actor_type, event_at, description, previous_state, \
     new_state, field_changes, event_metadata, previous_checksum, checksum FROM workflow.workflow_history \
     WHERE organization_id = $1 AND workflow_instance_id = $2 ORDER BY sequence";

/// Whether workflow $2 is there.
pub(crate) const THERE: &str = "SELECT id FROM workflow.workflow_instances \
     WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

/// What an event says besides its name.
#[derive(Default)]
pub(crate) struct Details {
    pub(crate) before: Json,
    pub(crate) after: Json,
    pub(crate) changes: Json,
    pub(crate) more: Json,
}

/// Adds an event to a workflow's history. The caller has locked the workflow, so events of one follow one another.
pub(crate) async fn write(
    cx: &mut Cx,
    instance_id: Uuid,
    event_type: &'static str,
    description: &str,
    details: Details,
) -> Result<(), Problem> {
    let last = sqlx::query(LAST)
        .bind(cx.organization_id)
        .bind(instance_id)
        .fetch_optional(cx.db())
        .await?;
    let (sequence, previous) = match last {
        Some(row) => (row.try_get::<i64, _>(0)? + 1, Some(row.try_get::<String, _>(1)?)),
        None => (0, None),
    };
    let actor = Some(cx.actor_id()).filter(|actor| !actor.is_nil());
    let event = Sealed {
        workflow_instance_id: instance_id,
        sequence,
        event_type: event_type.into(),
        actor,
        actor_type: if actor.is_some() { "user" } else { "system" }.into(),
        event_at: instant_json(cx.now),
        description: one_line(description, event_type),
        previous_state: details.before,
        new_state: details.after,
        field_changes: details.changes,
        event_metadata: details.more,
    };
    let checksum = event.checksum(previous.as_deref());
    let row = json!({
        "workflow_instance_id": instance_id, "sequence": sequence, "event_type": event_type, "actor": actor,
        "actor_type": event.actor_type, "event_at": event.event_at, "description": event.description,
        "previous_state": event.previous_state, "new_state": event.new_state, "field_changes": event.field_changes,
        "event_metadata": event.event_metadata, "request_id": cx.request_id.chars().take(100).collect::<String>(),
        "previous_checksum": previous, "checksum": checksum,
    });
    platform_engine::create(cx, &WORKFLOW_HISTORY, object(row))
        .await
        .map(drop)
}

/// A text without breaks, not longer than what takes it; `otherwise` where nothing is left.
pub(crate) fn one_line(text: &str, otherwise: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(500)
        .collect();
    if text.trim().is_empty() { otherwise.into() } else { text }
}

/// The entries of an object.
pub(crate) fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(entries) => entries,
        _ => Map::new(),
    }
}

/// A workflow.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    id: Uuid,
}

/// What the seals say.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Verified {
    /// Events that were looked at.
    events: usize,
    /// Whether every seal fits.
    is_intact: bool,
    /// Place of the first event whose seal does not fit.
    first_broken: Option<i64>,
    /// The last seal: whoever notes it down can tell later that nothing before it was touched.
    head: Option<String>,
}

/// `GET /workflow/workflow_instances/{id}/verification`.
pub(crate) async fn verify(cx: &mut Cx, asked: Asked) -> Result<Verified, Problem> {
    let there = sqlx::query(THERE)
        .bind(cx.organization_id)
        .bind(asked.id)
        .fetch_optional(cx.db())
        .await?;
    there.ok_or_else(Problem::not_found)?;
    let rows = sqlx::query(ALL)
        .bind(cx.organization_id)
        .bind(asked.id)
        .fetch_all(cx.db())
        .await?;
    let json = |row: &sqlx::postgres::PgRow, column: &str| {
        row.try_get::<Option<Json>, _>(column).map(Option::unwrap_or_default)
    };
    let kept = rows.iter().map(|row| {
        Ok(Kept {
            event: Sealed {
                workflow_instance_id: asked.id,
                sequence: row.try_get("sequence")?,
                event_type: row.try_get("event_type")?,
                actor: row.try_get("actor")?,
                actor_type: row.try_get("actor_type")?,
                event_at: instant_json(row.try_get("event_at")?),
                description: row.try_get("description")?,
                previous_state: json(row, "previous_state")?,
                new_state: json(row, "new_state")?,
                field_changes: json(row, "field_changes")?,
                event_metadata: json(row, "event_metadata")?,
            },
            previous_checksum: row.try_get("previous_checksum")?,
            checksum: row.try_get("checksum")?,
        })
    });
    let kept = kept.collect::<Result<Vec<_>, sqlx::Error>>()?;
    let first_broken = first_broken(&kept);
    Ok(Verified {
        events: kept.len(),
        is_intact: first_broken.is_none(),
        first_broken,
        head: kept.last().map(|last| last.checksum.clone()),
    })
}
