//! Deadlines at work: clocks start with a workflow, stand while it is rejected, and end with it.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::business::{self, Hours, minutes_between};
use crate::ledger::{self, Details, object};
use crate::notify::tell;
use crate::{WORKFLOW_INSTANCES, WORKFLOW_SLA_EVENTS, WORKFLOW_SLA_INSTANCES, WORKFLOW_SLAS, instant_json, people};

/// Deadlines of template $2 for priority $3; those of any priority where none is made for this one.
pub(crate) const OF_TEMPLATE: &str = "SELECT s.id FROM workflow.workflow_slas s WHERE s.organization_id = $1 \
     AND (s.workflow_template_id = $2 OR s.workflow_template_id IS NULL) AND s.is_active AND s.deleted_at IS NULL \
     AND (s.priority = $3 OR NOT EXISTS (SELECT FROM workflow.workflow_slas o WHERE o.organization_id = \
     s.organization_id \
     AND (o.workflow_template_id = $2 OR o.workflow_template_id IS NULL) AND o.is_active AND o.deleted_at IS NULL \
     AND o.priority = $3)) ORDER BY s.id";

/// Clocks of workflow $2 in one of the states $3.
pub(crate) const OF_INSTANCE: &str = "SELECT id FROM workflow.workflow_sla_instances WHERE organization_id = $1 \
     AND workflow_instance_id = $2 AND status = ANY($3) AND deleted_at IS NULL ORDER BY id";

/// Clocks of workflow $2 that nobody has responded to.
pub(crate) const SILENT: &str = "SELECT id, started_at FROM workflow.workflow_sla_instances WHERE organization_id = $1 \
     AND workflow_instance_id = $2 AND first_response_at IS NULL AND status <> 'completed' AND deleted_at IS NULL \
     ORDER BY id";

/// Starts the clocks of a workflow.
pub(crate) async fn begin(cx: &mut Cx, instance: &Record) -> Result<(), Problem> {
    let rows = sqlx::query(OF_TEMPLATE)
        .bind(cx.organization_id)
        .bind(instance.uuid("template_id"))
        .bind(instance.text("priority"))
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        let sla_id: Uuid = row.try_get(0)?;
        let sla = platform_engine::load(cx, &WORKFLOW_SLAS, sla_id).await?;
        let due = |minutes: Option<i64>, cx: &Cx| minutes.map(|minutes| due_after(cx.now, minutes, &sla, cx));
        let resolution = due(sla.integer("resolution_minutes"), cx).unwrap_or(cx.now);
        let clock = json!({
            "workflow_instance_id": instance.get("id"), "sla_id": sla_id, "started_at": instant_json(cx.now),
            "resolution_due_at": instant_json(resolution),
            "response_due_at": due(sla.integer("response_minutes"), cx).map(instant_json),
            "warning_at": due(sla.integer("warning_minutes"), cx).map(instant_json),
        });
        let clock = platform_engine::create(cx, &WORKFLOW_SLA_INSTANCES, object(clock)).await?;
        note(cx, &clock, "started", Json::Null).await?;
    }
    Ok(())
}

fn due_after(start: DateTime<Utc>, minutes: i64, sla: &Record, cx: &Cx) -> DateTime<Utc> {
    business::after(start, minutes, hours(sla).as_ref(), cx.time_zone())
}

fn hours(sla: &Record) -> Option<Hours> {
    Hours::of(sla).filter(|_| sla.get("use_business_hours") == &Json::Bool(true))
}

async fn note(cx: &mut Cx, clock: &Record, event: &'static str, details: Json) -> Result<(), Problem> {
    let actor = Some(cx.actor_id()).filter(|actor| !actor.is_nil());
    let row = json!({"sla_instance_id": clock.get("id"), "event_type": event, "event_at": instant_json(cx.now),
        "triggered_by": actor, "details": details});
    platform_engine::create(cx, &WORKFLOW_SLA_EVENTS, object(row))
        .await
        .map(drop)
}

/// Takes an action on every clock of a workflow that is in one of these states.
pub(crate) async fn all(cx: &mut Cx, instance_id: Uuid, action: &str, states: &[&str]) -> Result<(), Problem> {
    let rows = sqlx::query(OF_INSTANCE)
        .bind(cx.organization_id)
        .bind(instance_id)
        .bind(states)
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        let id: Uuid = row.try_get(0)?;
        platform_engine::act(cx, &WORKFLOW_SLA_INSTANCES, id, action, Map::new()).await?;
    }
    Ok(())
}

/// Somebody did something: the first response.
pub(crate) async fn respond(cx: &mut Cx, instance_id: Uuid) -> Result<(), Problem> {
    let rows = sqlx::query(SILENT)
        .bind(cx.organization_id)
        .bind(instance_id)
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        let started_at: DateTime<Utc> = row.try_get("started_at")?;
        let minutes = minutes_between(started_at, cx.now).max(0);
        let change = json!({"first_response_at": instant_json(cx.now), "response_time_minutes": minutes});
        platform_engine::change(
            cx,
            &WORKFLOW_SLA_INSTANCES,
            row.try_get("id")?,
            "respond",
            object(change),
        )
        .await?;
    }
    Ok(())
}

/// `pause`: noted down.
pub(crate) async fn paused(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let clock = platform_engine::load(cx, &WORKFLOW_SLA_INSTANCES, event.subject).await?;
    note(cx, &clock, "paused", Json::Null).await
}

/// `resume`: what was left when it was paused is left again, in time that counts.
pub(crate) async fn resumed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let clock = platform_engine::load(cx, &WORKFLOW_SLA_INSTANCES, event.subject).await?;
    note(cx, &clock, "resumed", Json::Null).await?;
    let paused_at = event
        .before("paused_at")
        .as_str()
        .and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let (Some(paused_at), Some(sla_id)) = (paused_at, clock.uuid("sla_id")) else {
        return Ok(());
    };
    let sla = platform_engine::load(cx, &WORKFLOW_SLAS, sla_id).await?;
    let (hours, zone) = (hours(&sla), cx.time_zone());
    let mut change = Map::new();
    for field in ["response_due_at", "warning_at", "resolution_due_at"] {
        if let Some(due) = clock.instant(field).filter(|due| *due > paused_at) {
            let left = business::between(paused_at, due, hours.as_ref(), zone);
            let moved = business::after(cx.now, left, hours.as_ref(), zone);
            change.insert(field.into(), instant_json(moved));
        }
    }
    platform_engine::change(cx, &WORKFLOW_SLA_INSTANCES, event.subject, "postpone", change)
        .await
        .map(drop)
}

/// `complete`: noted down.
pub(crate) async fn completed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let clock = platform_engine::load(cx, &WORKFLOW_SLA_INSTANCES, event.subject).await?;
    let details = json!({"minutes": clock.get("resolution_time_minutes")});
    note(cx, &clock, "completed", details).await
}

/// `warn`: people are told, and more of them where the deadline asks for it.
pub(crate) async fn warned(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    alarm(cx, event.subject, "warning", "sla_warning", "escalate_on_warning").await
}

/// `breach`: people are told, and more of them where the deadline asks for it.
pub(crate) async fn breached(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    alarm(cx, event.subject, "breached", "sla_breached", "escalate_on_breach").await
}

async fn alarm(
    cx: &mut Cx,
    id: Uuid,
    event: &'static str,
    occasion: &'static str,
    escalates: &str,
) -> Result<(), Problem> {
    let clock = platform_engine::load(cx, &WORKFLOW_SLA_INSTANCES, id).await?;
    let (Some(instance_id), Some(sla_id)) = (clock.uuid("workflow_instance_id"), clock.uuid("sla_id")) else {
        return Ok(());
    };
    let instance = platform_engine::load(cx, &WORKFLOW_INSTANCES, instance_id).await?;
    let sla = platform_engine::load(cx, &WORKFLOW_SLAS, sla_id).await?;
    let name = sla.text("name").unwrap_or_default().to_owned();
    note(cx, &clock, event, json!({"due": clock.get("resolution_due_at")})).await?;
    let details = Details {
        more: json!({"due": clock.get("resolution_due_at")}),
        ..Details::default()
    };
    ledger::write(cx, instance_id, occasion, &name, details).await?;
    let mut told = people::named(cx, instance.uuid("assigned_to"), instance.text("assigned_role")).await?;
    told.extend(instance.uuid("initiated_by"));
    told.sort_unstable();
    told.dedup();
    tell(cx, occasion, &instance, &told, &name).await?;
    if sla.get(escalates) != &Json::Bool(true) {
        return Ok(());
    }
    // The chain's next level; its last one again when there is no further.
    let level = clock.integer("escalation_level").unwrap_or_default();
    let chain = sla.get("escalation_chain").as_array().cloned().unwrap_or_default();
    let place = usize::try_from(level)
        .unwrap_or_default()
        .min(chain.len().saturating_sub(1));
    let Some(whom) = chain.get(place).and_then(Json::as_str) else {
        return Ok(());
    };
    let above = match whom.parse::<Uuid>() {
        Ok(member) => vec![member],
        Err(_) => people::with_role(cx, whom).await?,
    };
    tell(cx, "escalated", &instance, &above, &name).await?;
    let change = json!({"escalation_level": level + 1, "is_escalation_sent": true});
    let clock = platform_engine::change(cx, &WORKFLOW_SLA_INSTANCES, id, "escalate", object(change)).await?;
    note(cx, &clock, "escalated", json!({"level": level + 1, "to": whom})).await?;
    let details = Details {
        more: json!({"level": level + 1, "to": whom}),
        ..Details::default()
    };
    ledger::write(cx, instance_id, "escalated", &name, details).await
}
