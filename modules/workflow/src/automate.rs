//! Automations at work: what happens by itself when something happened to a workflow, or when its time has come.

use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::conditions::{self, Logic};
use crate::firing;
use crate::ledger::object;
use crate::{
    AUTOMATION_EXECUTION_LOGS, WORKFLOW_AUTOMATIONS, WORKFLOW_INSTANCES, WORKFLOW_NOTIFICATIONS,
    WORKFLOW_SLA_INSTANCES, instant_json, people,
};

/// Active automations on event $2, in their order.
pub(crate) const LISTENING: &str = "SELECT id FROM workflow.workflow_automations WHERE organization_id = $1 \
     AND status = 'active' AND trigger_type IN ('event', 'condition') AND on_event = $2 AND deleted_at IS NULL \
     ORDER BY run_order, id";

/// Whether automation $2 has seen event $3.
pub(crate) const SEEN: &str = "SELECT id FROM workflow.automation_execution_logs WHERE organization_id = $1 \
     AND automation_id = $2 AND trigger_data->>'event' = $3 AND deleted_at IS NULL LIMIT 1";

/// What an automation runs for.
pub(crate) struct Occasion {
    pub(crate) key: String,
    /// The workflow that it is about.
    pub(crate) instance: Option<Record>,
    /// How many times it was tried for this occasion.
    pub(crate) tries: i64,
}

/// A listener: something happened to a workflow or to one of its clocks.
pub(crate) async fn heard(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let mut id = event.subject;
    if event.name.starts_with("workflow.workflow_sla_instances.") {
        let clock = platform_engine::load(cx, &WORKFLOW_SLA_INSTANCES, id).await?;
        id = clock.uuid("workflow_instance_id").ok_or_else(Problem::not_found)?;
    }
    let instance = match platform_engine::load(cx, &WORKFLOW_INSTANCES, id).await {
        Ok(instance) => instance,
        Err(problem) if problem.code == "not_found" => return Ok(()),
        Err(problem) => return Err(problem),
    };
    let rows = sqlx::query(LISTENING)
        .bind(cx.organization_id)
        .bind(&event.name)
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        let id: Uuid = row.try_get(0)?;
        let occasion = Occasion {
            key: firing::key(event),
            instance: Some(instance.clone()),
            tries: 0,
        };
        let seen = sqlx::query(SEEN)
            .bind(cx.organization_id)
            .bind(id)
            .bind(&occasion.key)
            .fetch_optional(cx.db())
            .await?;
        if seen.is_none() {
            run(cx, id, &occasion).await?;
        }
    }
    Ok(())
}

/// Runs an automation for an occasion; what came of it is kept. Answers the kept run, if its conditions held.
pub(crate) async fn run(cx: &mut Cx, id: Uuid, occasion: &Occasion) -> Result<Option<Record>, Problem> {
    let row = platform_engine::load(cx, &WORKFLOW_AUTOMATIONS, id).await?;
    if !applies(&row, occasion.instance.as_ref()) {
        return Ok(None);
    }
    sqlx::query("SAVEPOINT automation").execute(cx.db()).await?;
    let (status, result, error) = match perform(cx, &row, occasion.instance.as_ref()).await {
        Ok(result) => ("succeeded", result, None),
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        Err(problem) => {
            sqlx::query("ROLLBACK TO SAVEPOINT automation").execute(cx.db()).await?;
            ("failed", Json::Null, Some(problem.to_string()))
        }
    };
    let instance_id = occasion.instance.as_ref().and_then(|instance| instance.uuid("id"));
    let log = json!({
        "automation_id": id, "workflow_instance_id": instance_id, "started_at": instant_json(cx.now),
        "completed_at": instant_json(cx.now), "status": status, "trigger_data": {"event": occasion.key},
        "action_result": result, "error_message": error, "retry_count": occasion.tries,
    });
    let log = platform_engine::create(cx, &AUTOMATION_EXECUTION_LOGS, object(log)).await?;
    let change = json!({"last_run_at": instant_json(cx.now), "last_error": error});
    platform_engine::change(cx, &WORKFLOW_AUTOMATIONS, id, "run", object(change)).await?;
    let is_last = occasion.tries >= row.integer("max_retries").unwrap_or_default();
    if let Some(error) = error.filter(|_| is_last && row.is("status", "active")) {
        let input = object(json!({"last_error": error.chars().take(1000).collect::<String>()}));
        platform_engine::act(cx, &WORKFLOW_AUTOMATIONS, id, "fail", input).await?;
    }
    Ok(Some(log))
}

/// Whether an automation is about this workflow: its template, unless that is the one it starts, and its conditions.
fn applies(row: &Record, instance: Option<&Record>) -> bool {
    let Ok(conditions) = conditions::parse(row.get("conditions")) else {
        return false;
    };
    let Some(instance) = instance else {
        return conditions.is_empty();
    };
    let starts = row.is("action_type", "create_workflow");
    if !starts && row.has("workflow_template_id") && row.get("workflow_template_id") != instance.get("template_id") {
        return false;
    }
    // The workflow's own fields are found under `workflow`, its data under their names.
    let mut data = object(instance.get("data").clone());
    data.insert("workflow".into(), Json::Object(instance.0.clone()));
    conditions::hold(&conditions, Logic::of(row), &data.into())
}

async fn perform(cx: &mut Cx, row: &Record, instance: Option<&Record>) -> Result<Json, Problem> {
    let config = row.get("action_config");
    match row.text("action_type") {
        Some("create_workflow") => begin(cx, row, instance).await,
        Some("update_workflow") => {
            let Some((id, instance)) = instance.and_then(|instance| Some((instance.uuid("id")?, instance))) else {
                return Err(Problem::refused("automation_needs_workflow"));
            };
            let mut data = object(instance.get("data").clone());
            data.extend(object(config["set"].clone()));
            let change = Map::from_iter([("data".to_owned(), Json::Object(data))]);
            platform_engine::change(cx, &WORKFLOW_INSTANCES, id, "update", change).await?;
            Ok(json!({"set": config["set"]}))
        }
        Some("send_notification") => tell(cx, config, instance, "in_app").await,
        Some("send_email") => tell(cx, config, instance, "email").await,
        Some("send_sms") => tell(cx, config, instance, "sms").await,
        _ => Err(Problem::refused("action_needs_plugin")),
    }
}

async fn begin(cx: &mut Cx, row: &Record, instance: Option<&Record>) -> Result<Json, Problem> {
    const OWN: &str = "workflow.workflow_instances";
    if instance.is_some_and(|instance| instance.is("entity_type", OWN)) {
        return Err(Problem::refused("automation_answers_automation"));
    }
    let mut data = instance
        .map(|instance| object(instance.get("data").clone()))
        .unwrap_or_default();
    data.extend(object(row.get("action_config")["set"].clone()));
    let fresh = json!({
        "template_id": row.get("workflow_template_id"), "subject": row.get("name"), "data": data,
        "entity_type": instance.map(|_| OWN), "entity_id": instance.map(|instance| instance.get("id")),
        "initiated_by": instance.map(|instance| instance.get("initiated_by")),
    });
    let fresh = platform_engine::create(cx, &WORKFLOW_INSTANCES, object(fresh)).await?;
    let id = fresh.uuid("id").ok_or_else(Problem::not_found)?;
    platform_engine::act(cx, &WORKFLOW_INSTANCES, id, "start", Map::new()).await?;
    Ok(json!({"workflow_instance_id": id}))
}

/// Writes messages. In the app they are there at once; others wait for whoever sends them.
async fn tell(cx: &mut Cx, config: &Json, instance: Option<&Record>, channel: &str) -> Result<Json, Problem> {
    let recipient = config["recipient"].as_str().and_then(|id| id.parse().ok());
    let mut who = people::named(cx, recipient, config["role"].as_str()).await?;
    if config["initiator"] == Json::Bool(true) {
        who.extend(instance.and_then(|instance| instance.uuid("initiated_by")));
    }
    who.sort_unstable();
    who.dedup();
    let subject = config["subject"]
        .as_str()
        .or(instance.and_then(|instance| instance.text("subject")));
    let body = config["body"].as_str().or(subject).unwrap_or("—");
    let is_shown = channel == "in_app";
    let rows = who.iter().map(|member| {
        object(json!({
            "workflow_instance_id": instance.map(|instance| instance.get("id")), "notification_type": "custom",
            "recipient": member, "subject": subject.map(|text| text.chars().take(300).collect::<String>()),
                "body": body,
            "sms_content": (channel == "sms").then(|| body.chars().take(500).collect::<String>()), "channel": channel,
            "status": if is_shown { "sent" } else { "pending" },
            "sent_at": is_shown.then(|| instant_json(cx.now)),
        }))
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        platform_engine::create_many(cx, &WORKFLOW_NOTIFICATIONS, rows).await?;
    }
    Ok(json!({"told": who.len(), "channel": channel}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn an_automation_is_about_its_template_and_what_its_conditions_ask_for() {
        let instance = record(&json!({"template_id": "t1", "priority": "high", "data": {"days": 2}}));
        let of = |row: Json| applies(&record(&row), Some(&instance));
        assert!(of(json!({"action_type": "send_notification"})));
        assert!(of(
            json!({"action_type": "send_notification", "workflow_template_id": "t1"})
        ));
        assert!(!of(
            json!({"action_type": "send_notification", "workflow_template_id": "t2"})
        ));
        assert!(of(
            json!({"action_type": "create_workflow", "workflow_template_id": "t2"})
        ));
        let short = json!([{"field": "days", "operator": "less_than", "value": 3},
            {"field": "workflow.priority", "operator": "equals", "value": "high"}]);
        assert!(of(json!({"action_type": "send_notification", "conditions": short})));
        let long = json!([{"field": "days", "operator": "greater_than", "value": 3}]);
        assert!(!of(json!({"action_type": "send_notification", "conditions": long})));
    }
}
