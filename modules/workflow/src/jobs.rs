//! What workflows do by the clock: deadlines, silence, patterns of time, second tries.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem};
use platform_resource::{Record, Resource};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::automate::{self, Occasion};
use crate::firing::{Happening, fire};
use crate::ledger::object;
use crate::{
    WORKFLOW_AUTOMATIONS, WORKFLOW_INSTANCES, WORKFLOW_SLA_INSTANCES, WORKFLOW_TRIGGERS, cron, instant_json, votes,
};

/// Clocks to warn of at $2.
pub(crate) const TO_WARN: &str = "SELECT id FROM workflow.workflow_sla_instances WHERE organization_id = $1 \
     AND status = 'active' AND warning_at <= $2 AND resolution_due_at > $2 AND deleted_at IS NULL \
     ORDER BY warning_at LIMIT 500";

/// Clocks that have run out at $2.
pub(crate) const TO_BREACH: &str = "SELECT id FROM workflow.workflow_sla_instances WHERE organization_id = $1 \
     AND status IN ('active', 'warning') AND resolution_due_at <= $2 AND deleted_at IS NULL \
     ORDER BY resolution_due_at LIMIT 500";

/// Requests that nobody has decided by $2.
pub(crate) const LATE: &str = "SELECT id FROM workflow.approval_requests WHERE organization_id = $1 \
     AND status IN ('pending', 'delegated') AND expires_at <= $2 AND deleted_at IS NULL ORDER BY expires_at LIMIT 500";

/// Triggers with a pattern of time that are due at $2 or have no next time yet.
pub(crate) const TRIGGERS: &str = "SELECT id FROM workflow.workflow_triggers WHERE organization_id = $1 AND is_active \
     AND trigger_type = 'scheduled' AND schedule_cron IS NOT NULL AND (next_trigger_at IS NULL OR next_trigger_at <= \
     $2) \
     AND deleted_at IS NULL ORDER BY priority DESC, id LIMIT 500";

/// Automations with a pattern of time that are due at $2 or have no next time yet.
pub(crate) const AUTOMATIONS: &str = "SELECT id FROM workflow.workflow_automations WHERE organization_id = $1 \
     AND status = 'active' AND trigger_type = 'scheduled' AND schedule_cron IS NOT NULL \
     AND (next_run_at IS NULL OR next_run_at <= $2) AND deleted_at IS NULL ORDER BY run_order, id LIMIT 500";

/// Last runs, by automation and occasion, that failed and may be tried again at $2.
pub(crate) const FAILED: &str = "SELECT l.automation_id, l.workflow_instance_id, l.trigger_data->>'event' AS event, \
     l.retry_count FROM workflow.automation_execution_logs l JOIN workflow.workflow_automations a \
     ON a.organization_id = l.organization_id AND a.id = l.automation_id AND a.status = 'active' AND a.deleted_at IS \
     NULL \
     WHERE l.organization_id = $1 AND l.status = 'failed' AND l.retry_count < a.max_retries AND l.deleted_at IS NULL \
     AND l.completed_at + a.retry_delay_s * interval '1 second' <= $2 AND l.started_at > $2 - interval '2 days' \
     AND NOT EXISTS (SELECT FROM workflow.automation_execution_logs n WHERE n.organization_id = l.organization_id \
     AND n.automation_id = l.automation_id AND n.trigger_data->>'event' = l.trigger_data->>'event' \
     AND n.retry_count > l.retry_count AND n.deleted_at IS NULL) ORDER BY l.id LIMIT 100";

async fn ids(cx: &mut Cx, sql: &'static str) -> Result<Vec<Uuid>, Problem> {
    let now = cx.now;
    let rows = sqlx::query(sql)
        .bind(cx.organization_id)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// `workflow.clock`.
pub(crate) async fn clock(cx: &mut Cx) -> Result<(), Problem> {
    for (sql, action) in [(TO_BREACH, "breach"), (TO_WARN, "warn")] {
        for id in ids(cx, sql).await? {
            platform_engine::act(cx, &WORKFLOW_SLA_INSTANCES, id, action, Map::new()).await?;
        }
    }
    for id in ids(cx, LATE).await? {
        votes::escalate(cx, id).await?;
    }
    for id in ids(cx, TRIGGERS).await? {
        trigger(cx, id).await?;
    }
    for id in ids(cx, AUTOMATIONS).await? {
        automation(cx, id).await?;
    }
    again(cx).await
}

/// The time that was due, and the next one. A row that has none yet only gets one; after an outage what was missed
/// happens once.
async fn take_turn(
    cx: &mut Cx,
    resource: &'static Resource,
    id: Uuid,
    next_field: &'static str,
) -> Result<(Record, Option<DateTime<Utc>>), Problem> {
    let row = platform_engine::load(cx, resource, id).await?;
    let due = row.instant(next_field).filter(|due| *due <= cx.now);
    let zone = cron::zone(&row, cx.time_zone());
    let next = row
        .text("schedule_cron")
        .and_then(|pattern| cron::next(pattern, cx.now, zone));
    let change = Map::from_iter([(next_field.to_owned(), next.map_or(Json::Null, instant_json))]);
    platform_engine::change(cx, resource, id, "plan", change).await?;
    Ok((row, due))
}

async fn trigger(cx: &mut Cx, id: Uuid) -> Result<(), Problem> {
    let (_, due) = take_turn(cx, &WORKFLOW_TRIGGERS, id, "next_trigger_at").await?;
    let Some(due) = due else { return Ok(()) };
    let happening = Happening {
        entity_type: None,
        entity_id: None,
        data: json!({"scheduled_at": instant_json(due), "day": cx.today().to_string()}),
        changes: Json::Null,
        key: format!("schedule:{}", due.timestamp()),
        initiated_by: None,
    };
    fire(cx, id, &happening).await.map(drop)
}

async fn automation(cx: &mut Cx, id: Uuid) -> Result<(), Problem> {
    let (_, due) = take_turn(cx, &WORKFLOW_AUTOMATIONS, id, "next_run_at").await?;
    let Some(due) = due else { return Ok(()) };
    let occasion = Occasion {
        key: format!("schedule:{}", due.timestamp()),
        instance: None,
        tries: 0,
    };
    automate::run(cx, id, &occasion).await.map(drop)
}

async fn again(cx: &mut Cx) -> Result<(), Problem> {
    let now = cx.now;
    let rows = sqlx::query(FAILED)
        .bind(cx.organization_id)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        let instance = match row.try_get::<Option<Uuid>, _>("workflow_instance_id")? {
            Some(id) => Some(platform_engine::load(cx, &WORKFLOW_INSTANCES, id).await?),
            None => None,
        };
        let occasion = Occasion {
            key: row.try_get::<Option<String>, _>("event")?.unwrap_or_default(),
            instance,
            tries: row.try_get::<i64, _>("retry_count")? + 1,
        };
        automate::run(cx, row.try_get("automation_id")?, &occasion).await?;
    }
    Ok(())
}

/// Fires a trigger that a person or another system asks for.
pub(crate) fn by_hand(data: Map<String, Json>, key: String, initiated_by: Option<Uuid>) -> Happening {
    Happening {
        entity_type: None,
        entity_id: None,
        changes: object(Json::Object(data.clone())).into(),
        data: data.into(),
        key,
        initiated_by,
    }
}
