//! Workflows at work: what follows each move of a workflow, in the same transaction.

use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::ledger::{self, Details, object};
use crate::notify::tell;
use crate::steps::{Kind, Passed, Stand, Step, advance, parse};
use crate::{WORKFLOW_INSTANCES, WORKFLOW_STEP_HISTORY, clocks, instant_json, people, votes};

/// State, steps and name of template $2.
pub(crate) const TEMPLATE: &str = "SELECT status, steps, name FROM workflow.workflow_templates \
     WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

/// The step that workflow $2 waits at.
pub(crate) const WAITING: &str = "SELECT id, started_at FROM workflow.workflow_step_history WHERE organization_id = $1 \
     AND workflow_instance_id = $2 AND status = 'waiting' AND deleted_at IS NULL ORDER BY id DESC LIMIT 1";

/// A workflow's template, as far as running needs it.
pub(crate) struct Template {
    pub(crate) id: Uuid,
    pub(crate) is_published: bool,
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// The template of a workflow.
pub(crate) async fn template_of(cx: &mut Cx, instance: &Record) -> Result<Template, Problem> {
    let id = instance.uuid("template_id").ok_or_else(Problem::not_found)?;
    let row = sqlx::query(TEMPLATE)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_optional(cx.db())
        .await?;
    let row = row.ok_or_else(|| Problem::refused("template_not_published"))?;
    Ok(Template {
        id,
        is_published: row.try_get::<String, _>("status")? == "published",
        name: row.try_get("name")?,
        steps: parse(&row.try_get::<Json, _>("steps")?).map_err(Problem::refused)?,
    })
}

/// The workflow of an event, locked.
pub(crate) async fn instance(cx: &mut Cx, id: Uuid) -> Result<Record, Problem> {
    platform_engine::load(cx, &WORKFLOW_INSTANCES, id).await
}

/// Where a workflow stands in its steps.
pub(crate) fn current(instance: &Record) -> usize {
    instance
        .integer("current_step")
        .and_then(|step| usize::try_from(step).ok())
        .unwrap_or_default()
}

/// Whether an event is about another state than before.
fn is_move(event: &Event) -> bool {
    !event.after("status").is_null() && event.before("status") != event.after("status")
}

fn state(event: &Event) -> Details {
    Details {
        before: json!({"status": event.before("status")}),
        after: json!({"status": event.after("status")}),
        ..Details::default()
    }
}

/// `created`: the history begins.
pub(crate) async fn created(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let number = event.after("instance_number").as_str().unwrap_or_default();
    ledger::write(cx, event.subject, "created", number, Details::default()).await
}

/// `updated`: which fields people changed.
pub(crate) async fn updated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    instance(cx, event.subject).await?;
    let names: Vec<&str> = event
        .data
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    let details = Details {
        changes: event.data.clone(),
        ..Details::default()
    };
    ledger::write(cx, event.subject, "data_updated", &names.join(", "), details).await
}

/// `start`: clocks start, and it goes as far as it gets by itself.
pub(crate) async fn started(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !is_move(event) {
        return Ok(());
    }
    let instance = instance(cx, event.subject).await?;
    let template = template_of(cx, &instance).await?;
    if !template.is_published {
        return Err(Problem::refused("template_not_published"));
    }
    ledger::write(cx, event.subject, "started", &template.name, state(event)).await?;
    clocks::begin(cx, &instance).await?;
    drive(cx, &instance, &template, 0).await
}

/// Goes on from a step.
pub(crate) async fn drive(cx: &mut Cx, instance: &Record, template: &Template, from: usize) -> Result<(), Problem> {
    let id = instance.uuid("id").ok_or_else(Problem::not_found)?;
    let progress = advance(&template.steps, from, instance.get("data"));
    for passed in &progress.passed {
        pass(cx, instance, &template.steps[passed.index], passed).await?;
    }
    let at = match progress.stand {
        Stand::Waits(index) | Stand::NeedsApproval(index) => index,
        Stand::Finished => template.steps.len(),
    };
    let step = template.steps.get(at);
    let due = step
        .and_then(|step| step.sla_hours)
        .map(|hours| cx.now + chrono::TimeDelta::hours(i64::from(hours)));
    let change = json!({
        "data": progress.data,
        "current_step": at,
        "current_step_name": step.map(|step| &step.name),
        "step_started_at": step.map(|_| instant_json(cx.now)),
        "step_due_at": due.map(instant_json),
        "assigned_to": step.and_then(|step| step.assigned_to),
        "assigned_role": step.and_then(|step| step.assigned_role.as_deref()),
    });
    let instance = platform_engine::change(cx, &WORKFLOW_INSTANCES, id, "advance", object(change)).await?;
    if let Some(step) = step {
        wait(cx, &instance, at, step).await?;
    }
    match progress.stand {
        Stand::NeedsApproval(_) => act(cx, id, "submit").await,
        Stand::Finished => act(cx, id, "complete").await,
        Stand::Waits(_) => {
            let who = people::named(cx, instance.uuid("assigned_to"), instance.text("assigned_role")).await?;
            tell(cx, "task_assigned", &instance, &who, step.map_or("", |step| &step.name)).await
        }
    }
}

pub(crate) async fn act(cx: &mut Cx, id: Uuid, action: &str) -> Result<(), Problem> {
    platform_engine::act(cx, &WORKFLOW_INSTANCES, id, action, Map::new())
        .await
        .map(drop)
}

/// A step that nobody was needed for.
async fn pass(cx: &mut Cx, instance: &Record, step: &Step, passed: &Passed) -> Result<(), Problem> {
    let Some(id) = instance.uuid("id") else { return Ok(()) };
    let status = if passed.is_skipped { "skipped" } else { "completed" };
    let row = json!({
        "workflow_instance_id": id, "step_index": passed.index, "step_name": step.name, "step_kind": step.kind.word(),
        "started_at": instant_json(cx.now), "completed_at": instant_json(cx.now), "status": status,
        "input_data": passed.before, "output_data": passed.after, "duration_s": 0, "wait_time_s": 0,
    });
    platform_engine::create(cx, &WORKFLOW_STEP_HISTORY, object(row)).await?;
    let details = Details {
        more: json!({"step": passed.index, "status": status}),
        ..Details::default()
    };
    ledger::write(cx, id, "step_completed", &step.name, details).await?;
    if step.kind == Kind::Notification && !passed.is_skipped {
        let mut who = people::named(cx, step.assigned_to, step.assigned_role.as_deref()).await?;
        if who.is_empty() {
            who.extend(instance.uuid("initiated_by"));
        }
        tell(
            cx,
            "custom",
            instance,
            &who,
            step.description.as_deref().unwrap_or(&step.name),
        )
        .await?;
    }
    Ok(())
}

/// A step that waits for somebody.
async fn wait(cx: &mut Cx, instance: &Record, index: usize, step: &Step) -> Result<(), Problem> {
    let row = json!({
        "workflow_instance_id": instance.get("id"), "step_index": index, "step_name": step.name,
        "step_kind": step.kind.word(), "started_at": instant_json(cx.now), "status": "waiting",
        "assigned_to": instance.get("assigned_to"), "input_data": instance.get("data"),
    });
    platform_engine::create(cx, &WORKFLOW_STEP_HISTORY, object(row))
        .await
        .map(drop)
}

/// Ends the step that a workflow waits at.
pub(crate) async fn end_step(
    cx: &mut Cx,
    instance: &Record,
    status: &'static str,
    result: Option<&str>,
) -> Result<(), Problem> {
    let row = sqlx::query(WAITING)
        .bind(cx.organization_id)
        .bind(instance.uuid("id"))
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let started_at: chrono::DateTime<chrono::Utc> = row.try_get("started_at")?;
    let took_s = (cx.now - started_at).num_seconds().max(0);
    let actor = Some(cx.actor_id()).filter(|actor| !actor.is_nil());
    let change = json!({
        "completed_at": instant_json(cx.now), "status": status, "result": result, "executed_by": actor,
        "output_data": instance.get("data"), "duration_s": took_s, "wait_time_s": took_s,
    });
    platform_engine::change(cx, &WORKFLOW_STEP_HISTORY, row.try_get("id")?, "end", object(change))
        .await
        .map(drop)
}

async fn tell_initiator(cx: &mut Cx, occasion: &'static str, instance: &Record) -> Result<(), Problem> {
    let who: Vec<Uuid> = instance.uuid("initiated_by").into_iter().collect();
    tell(
        cx,
        occasion,
        instance,
        &who,
        instance.text("current_step_name").unwrap_or_default(),
    )
    .await
}

/// `submit`: those who have to agree are asked.
pub(crate) async fn submitted(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !is_move(event) {
        return Ok(());
    }
    let instance = instance(cx, event.subject).await?;
    let step = instance.text("current_step_name").unwrap_or_default().to_owned();
    ledger::write(cx, event.subject, "status_changed", &step, state(event)).await?;
    votes::ask(cx, &instance).await
}

/// `approve`: it goes on with the next step. Nobody approves over the heads of those who were asked.
pub(crate) async fn approved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !is_move(event) {
        return Ok(());
    }
    if votes::are_open(cx, event.subject).await? {
        return Err(Problem::refused("approvals_open"));
    }
    let instance = instance(cx, event.subject).await?;
    let step = instance.text("current_step_name").unwrap_or_default().to_owned();
    ledger::write(cx, event.subject, "approved", &step, state(event)).await?;
    end_step(cx, &instance, "completed", Some("approved")).await?;
    tell_initiator(cx, "approval_approved", &instance).await?;
    act(cx, event.subject, "resume").await
}

/// `resume`: the step is behind.
pub(crate) async fn resumed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let instance = instance(cx, event.subject).await?;
    let template = template_of(cx, &instance).await?;
    drive(cx, &instance, &template, current(&instance) + 1).await
}

/// `reject`: nobody is asked any more, and clocks stand.
pub(crate) async fn rejected(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !is_move(event) {
        return Ok(());
    }
    let instance = instance(cx, event.subject).await?;
    votes::close(cx, event.subject).await?;
    end_step(cx, &instance, "rejected", Some("rejected")).await?;
    let reason = instance.text("reject_reason").unwrap_or_default().to_owned();
    ledger::write(cx, event.subject, "rejected", &reason, state(event)).await?;
    clocks::all(cx, event.subject, "pause", &["active", "warning"]).await?;
    tell_initiator(cx, "approval_rejected", &instance).await
}

/// `send_back`: who asked puts it right, and it is asked again.
pub(crate) async fn sent_back(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let instance = instance(cx, event.subject).await?;
    votes::close(cx, event.subject).await?;
    end_step(cx, &instance, "returned", Some("returned")).await?;
    again(cx, &instance, event).await
}

/// `reopen`: as if it were sent back; clocks go on.
pub(crate) async fn reopened(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let instance = instance(cx, event.subject).await?;
    clocks::all(cx, event.subject, "resume", &["paused"]).await?;
    again(cx, &instance, event).await
}

async fn again(cx: &mut Cx, instance: &Record, event: &Event) -> Result<(), Problem> {
    let change = json!({
        "assigned_to": instance.get("initiated_by"), "assigned_role": null, "reject_reason": null,
        "step_started_at": instant_json(cx.now),
    });
    let instance = platform_engine::change(cx, &WORKFLOW_INSTANCES, event.subject, "assign", object(change)).await?;
    let template = template_of(cx, &instance).await?;
    let at = current(&instance);
    if let Some(step) = template.steps.get(at) {
        wait(cx, &instance, at, step).await?;
    }
    let step = instance.text("current_step_name").unwrap_or_default().to_owned();
    ledger::write(cx, event.subject, "status_changed", &step, state(event)).await?;
    tell_initiator(cx, "status_changed", &instance).await
}

/// `complete`: clocks end.
pub(crate) async fn completed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !is_move(event) {
        return Ok(());
    }
    let instance = finish(cx, event, "completed").await?;
    ledger::write(
        cx,
        event.subject,
        "completed",
        instance.text("instance_number").unwrap_or_default(),
        state(event),
    )
    .await?;
    tell_initiator(cx, "workflow_completed", &instance).await
}

/// `cancel`: nobody is asked any more, clocks end.
pub(crate) async fn cancelled(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !is_move(event) {
        return Ok(());
    }
    let instance = finish(cx, event, "cancelled").await?;
    let reason = instance.text("cancel_reason").unwrap_or_default().to_owned();
    ledger::write(cx, event.subject, "cancelled", &reason, state(event)).await
}

async fn finish(cx: &mut Cx, event: &Event, step: &'static str) -> Result<Record, Problem> {
    let ended = instance(cx, event.subject).await?;
    votes::close(cx, event.subject).await?;
    end_step(cx, &ended, step, None).await?;
    clocks::all(
        cx,
        event.subject,
        "complete",
        &["active", "warning", "breached", "paused"],
    )
    .await?;
    let change = json!({"assigned_to": null, "assigned_role": null, "step_due_at": null});
    platform_engine::change(cx, &WORKFLOW_INSTANCES, event.subject, "release", object(change)).await
}
