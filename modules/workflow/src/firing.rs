//! Triggers at work: an event starts every workflow that asks for it, the most important first, but not twice and not
//! too often.

use chrono::TimeDelta;
use platform_core::{Cx, Event, Problem};
use platform_resource::{Record, Resource};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::conditions::{self, Logic, lookup};
use crate::ledger::object;
use crate::{TRIGGER_EXECUTIONS, WORKFLOW_INSTANCES, WORKFLOW_TRIGGERS, instant_json};

/// Active triggers on event $2 of records of kind $3, the most important first.
pub(crate) const LISTENING: &str = "SELECT id FROM workflow.workflow_triggers WHERE organization_id = $1 AND is_active \
     AND trigger_type IN ('event_based', 'automatic') AND event_type = $2 AND (entity_type = $3 OR entity_type IS \
     NULL) \
     AND deleted_at IS NULL ORDER BY priority DESC, id";

/// What trigger $2 did: runs since $3, whether it ran since $4 with key $5, whether it has seen event $6.
pub(crate) const RECENT: &str = "SELECT count(*) FILTER (WHERE status = 'fired' AND triggered_at > $3) AS runs, \
     count(*) FILTER (WHERE status = 'fired' AND triggered_at > $4 AND deduplicate_key = $5) AS twins, \
     count(*) FILTER (WHERE event_key = $6) AS seen FROM workflow.trigger_executions \
     WHERE organization_id = $1 AND trigger_id = $2 AND deleted_at IS NULL";

/// The member who made record $3 of kind $2.
pub(crate) const MAKER: &str = "SELECT h.actor_id FROM platform.history h JOIN platform.members m \
     ON m.organization_id = h.organization_id AND m.user_id = h.actor_id \
     WHERE h.organization_id = $1 AND h.resource = $2 AND h.record_id = $3 AND h.verb = 'create' LIMIT 1";

/// Something that triggers may answer.
pub(crate) struct Happening {
    pub(crate) entity_type: Option<String>,
    pub(crate) entity_id: Option<String>,
    /// What conditions look into and what the workflow gets.
    pub(crate) data: Json,
    /// New values of the fields that changed.
    pub(crate) changes: Json,
    /// The same for the same event, however often it is delivered.
    pub(crate) key: String,
    /// Whose request it is.
    pub(crate) initiated_by: Option<Uuid>,
}

/// What a trigger does about a happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Fire,
    /// Its conditions do not hold.
    Pass,
    Duplicate,
    RateLimited,
}

/// What a trigger did lately.
#[derive(Clone, Copy, Debug, Default)]
struct Recent {
    runs: i64,
    twins: i64,
}

/// What a trigger does about a happening, from its row and what it did lately.
fn answer(trigger: &Record, happening: &Happening, recent: Recent) -> Answer {
    let holds = |field: &str, data: &Json, logic: Logic| {
        conditions::parse(trigger.get(field)).is_ok_and(|conditions| conditions::hold(&conditions, logic, data))
    };
    if !holds("conditions", &happening.data, Logic::of(trigger))
        || !holds("field_conditions", &happening.changes, Logic::All)
    {
        return Answer::Pass;
    }
    if trigger.get("deduplicate") == &Json::Bool(true) && recent.twins > 0 {
        return Answer::Duplicate;
    }
    if trigger.integer("rate_limit").is_some_and(|most| recent.runs >= most) {
        return Answer::RateLimited;
    }
    Answer::Fire
}

/// `{courier_id}-{starts_on}` with the values of the data.
fn rendered(template: &str, data: &Json) -> String {
    let mut text = String::new();
    for (place, part) in template.split('{').enumerate() {
        match part.split_once('}').filter(|_| place > 0) {
            Some((way, rest)) => {
                match lookup(data, way) {
                    Json::Null => {}
                    Json::String(value) => text.push_str(value),
                    other => text.push_str(&other.to_string()),
                }
                text.push_str(rest);
            }
            None => text.push_str(part),
        }
    }
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// The triggers that listen to an event, the most important first.
async fn listening(cx: &mut Cx, event_type: &str, entity_type: &str) -> Result<Vec<Uuid>, Problem> {
    let rows = sqlx::query(LISTENING)
        .bind(cx.organization_id)
        .bind(event_type)
        .bind(entity_type)
        .fetch_all(cx.db())
        .await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// What came of one trigger.
pub(crate) struct Fired {
    pub(crate) answer: Answer,
    pub(crate) instance_id: Option<Uuid>,
    pub(crate) problem: Option<Problem>,
}

/// Lets one trigger answer. Its row stays locked, so that of two events at once only one is the first.
pub(crate) async fn fire(cx: &mut Cx, trigger_id: Uuid, happening: &Happening) -> Result<Fired, Problem> {
    let trigger = platform_engine::load(cx, &WORKFLOW_TRIGGERS, trigger_id).await?;
    let key = trigger
        .text("deduplicate_key")
        .map(|template| rendered(template, &happening.data));
    let since = |field: &str| cx.now - TimeDelta::seconds(trigger.integer(field).unwrap_or_default());
    let row = sqlx::query(RECENT)
        .bind(cx.organization_id)
        .bind(trigger_id)
        .bind(since("rate_limit_window_s"))
        .bind(since("deduplicate_window_s"))
        .bind(&key)
        .bind(&happening.key)
        .fetch_one(cx.db())
        .await?;
    let mut fired = Fired {
        answer: Answer::Pass,
        instance_id: None,
        problem: None,
    };
    if row.try_get::<i64, _>("seen")? > 0 {
        return Ok(fired);
    }
    let recent = Recent {
        runs: row.try_get("runs")?,
        twins: row.try_get("twins")?,
    };
    fired.answer = answer(&trigger, happening, recent);
    let status = match fired.answer {
        Answer::Pass => return Ok(fired),
        Answer::Duplicate => "duplicate",
        Answer::RateLimited => "rate_limited",
        Answer::Fire => {
            // What a workflow wrote before it could not start is undone; that it could not is kept.
            sqlx::query("SAVEPOINT firing").execute(cx.db()).await?;
            match begin(cx, &trigger, happening).await {
                Ok(id) => {
                    fired.instance_id = Some(id);
                    "fired"
                }
                Err(problem) if problem.status.is_server_error() => return Err(problem),
                Err(problem) => {
                    sqlx::query("ROLLBACK TO SAVEPOINT firing").execute(cx.db()).await?;
                    fired.problem = Some(problem);
                    "failed"
                }
            }
        }
    };
    let execution = json!({
        "trigger_id": trigger_id, "workflow_instance_id": fired.instance_id, "triggered_at": instant_json(cx.now),
        "status": status, "event_key": happening.key, "deduplicate_key": key, "trigger_data": happening.data,
        "workflow_created": fired.instance_id.is_some(),
        "error_message": fired.problem.as_ref().map(ToString::to_string),
    });
    platform_engine::create(cx, &TRIGGER_EXECUTIONS, object(execution)).await?;
    if fired.answer == Answer::Fire {
        let change = json!({"last_triggered_at": instant_json(cx.now)});
        platform_engine::change(cx, &WORKFLOW_TRIGGERS, trigger_id, "fire", object(change)).await?;
    }
    Ok(fired)
}

/// Starts the trigger's workflow.
async fn begin(cx: &mut Cx, trigger: &Record, happening: &Happening) -> Result<Uuid, Problem> {
    let subject = ["subject", "title", "name", "full_name", "reason"]
        .iter()
        .find_map(|field| happening.data[*field].as_str())
        .or(trigger.text("name"));
    let subject: Option<String> = subject.map(|text| text.chars().filter(|c| !c.is_control()).take(200).collect());
    let row = json!({
        "template_id": trigger.get("workflow_template_id"), "subject": subject, "entity_type": happening.entity_type,
        "entity_id": happening.entity_id, "data": happening.data, "trigger_id": trigger.get("id"),
        "initiated_by": happening.initiated_by,
    });
    let instance = platform_engine::create(cx, &WORKFLOW_INSTANCES, object(row)).await?;
    let id = instance.uuid("id").ok_or_else(Problem::not_found)?;
    platform_engine::act(cx, &WORKFLOW_INSTANCES, id, "start", Map::new()).await?;
    Ok(id)
}

/// What an event is to triggers. Other actions on a record are changes of it.
fn event_type(name: &str) -> &'static str {
    match name {
        "workflow.workflow_instances.start" => "workflow_started",
        "workflow.workflow_instances.complete" => "workflow_completed",
        "workflow.workflow_instances.reject" | "workflow.workflow_instances.cancel" => "workflow_failed",
        "workflow.workflow_instances.submit" => "approval_requested",
        "workflow.approval_requests.approve" => "approval_approved",
        "workflow.approval_requests.reject" => "approval_rejected",
        "workflow.workflow_sla_instances.warn" => "sla_warning",
        "workflow.workflow_sla_instances.breach" | "operations.sla_tracking.breach" => "sla_breached",
        other => match other.rsplit('.').next() {
            Some("created") => "record_created",
            Some("deleted") => "record_deleted",
            _ => "record_updated",
        },
    }
}

/// The fields that everybody who may read the record may see, with its id.
fn snapshot(resource: &Resource, values: &Map<String, Json>, id: Uuid) -> Json {
    let open = resource.fields.iter().filter(|field| field.permission.is_none());
    let mut data: Map<String, Json> = open
        .filter_map(|field| Some((field.name.to_owned(), values.get(field.name)?.clone())))
        .collect();
    data.insert("id".into(), id.to_string().into());
    data.into()
}

/// A listener: an event of any module, delivered at least once.
pub(crate) async fn heard(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let Some((full_name, verb)) = event.name.rsplit_once('.') else {
        return Ok(());
    };
    let event_type = event_type(&event.name);
    // Most events interest nobody: their records are not even looked at.
    let triggers = listening(cx, event_type, full_name).await?;
    if triggers.is_empty() {
        return Ok(());
    }
    let platform = cx.platform.clone();
    let Some(resource) = platform.registry.resource(full_name) else {
        return Ok(());
    };
    let side = if verb == "deleted" { "before" } else { "after" };
    let changes: Map<String, Json> = event
        .data
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, change)| Some((name.clone(), change.get(side)?.clone())))
        .collect();
    let values = match verb {
        "created" | "deleted" => changes.clone(),
        _ => match platform_engine::load(cx, resource, event.subject).await {
            Ok(record) => record.0,
            Err(problem) if problem.code == "not_found" => return Ok(()),
            Err(problem) => return Err(problem),
        },
    };
    // A workflow that answers a workflow is not answered again: two triggers would start each other for ever.
    if full_name == "workflow.workflow_instances" && values.get("entity_type").is_some_and(|kind| kind == full_name) {
        return Ok(());
    }
    let maker = sqlx::query(MAKER)
        .bind(cx.organization_id)
        .bind(full_name)
        .bind(event.subject)
        .fetch_optional(cx.db())
        .await?;
    let happening = Happening {
        entity_type: Some(full_name.to_owned()),
        entity_id: Some(event.subject.to_string()),
        data: snapshot(resource, &values, event.subject),
        changes: snapshot(resource, &changes, event.subject),
        key: key(event),
        initiated_by: maker.map(|row| row.try_get(0)).transpose()?.flatten(),
    };
    for trigger in triggers {
        fire(cx, trigger, &happening).await?;
    }
    Ok(())
}

/// The same for the same event, however often it is delivered.
pub(crate) fn key(event: &Event) -> String {
    format!(
        "{}:{}:{}",
        event.name,
        event.subject,
        event.occurred_at.timestamp_micros()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    fn leave(days: i64) -> Happening {
        Happening {
            entity_type: Some("hr.leaves".into()),
            entity_id: None,
            data: json!({"days": days, "courier_id": "c7", "starts_on": "2026-11-22"}),
            changes: json!({"days": days}),
            key: "k".into(),
            initiated_by: None,
        }
    }

    #[test]
    fn a_trigger_answers_what_its_conditions_ask_for() {
        let long = json!([{"field": "days", "operator": "greater_than", "value": 5}]);
        let of = |row: Json, days: i64| answer(&record(&row), &leave(days), Recent::default());
        assert_eq!(of(json!({}), 3), Answer::Fire);
        assert_eq!(of(json!({"conditions": long}), 3), Answer::Pass);
        assert_eq!(of(json!({"conditions": long}), 7), Answer::Fire);
        assert_eq!(of(json!({"field_conditions": long}), 5), Answer::Pass);
        let either = json!([long[0], {"field": "courier_id", "operator": "equals", "value": "c7"}]);
        assert_eq!(
            of(json!({"conditions": either, "condition_logic": "or"}), 3),
            Answer::Fire
        );
        assert_eq!(
            of(json!({"conditions": either, "condition_logic": "and"}), 3),
            Answer::Pass
        );
        let unreadable = json!([{"field": "days", "operator": "resembles"}]);
        assert_eq!(
            of(json!({"conditions": unreadable}), 3),
            Answer::Pass,
            "what is unknown is not true"
        );
    }

    #[test]
    fn not_twice_and_not_too_often() {
        let row = record(&json!({"deduplicate": true, "rate_limit": 2}));
        let of = |runs: i64, twins: i64| answer(&row, &leave(3), Recent { runs, twins });
        assert_eq!(of(0, 0), Answer::Fire);
        assert_eq!(of(1, 1), Answer::Duplicate);
        assert_eq!(of(1, 0), Answer::Fire);
        assert_eq!(of(2, 0), Answer::RateLimited);
        let careless = record(&json!({"deduplicate": false}));
        assert_eq!(
            answer(&careless, &leave(3), Recent { runs: 99, twins: 9 }),
            Answer::Fire
        );
    }

    #[test]
    fn keys_are_made_of_values() {
        let data = json!({"courier_id": "c7", "days": 3, "a": {"b": true}});
        assert_eq!(rendered("{courier_id}-{days}", &data), "c7-3");
        assert_eq!(rendered("x{a.b}y{missing}z", &data), "xtrueyz");
        assert_eq!(rendered("plain", &data), "plain");
        assert_eq!(rendered("{open", &data), "open");
    }

    #[test]
    fn events_are_what_triggers_call_them() {
        for (name, expected) in [
            ("hr.leaves.created", "record_created"),
            ("hr.leaves.approve", "record_updated"),
            ("hr.leaves.deleted", "record_deleted"),
            ("operations.sla_tracking.breach", "sla_breached"),
            ("workflow.workflow_instances.complete", "workflow_completed"),
        ] {
            assert_eq!(event_type(name), expected);
        }
    }

    /// What can be asked for is delivered, and the other way round; two moves of a workflow are for automations alone.
    #[test]
    fn triggers_are_offered_what_is_listened_to() {
        let mut delivered: Vec<(String, &str)> = crate::LISTENERS
            .iter()
            .filter(|listener| listener.on != "workflow.workflow_instances.approve")
            .filter(|listener| listener.on != "workflow.workflow_instances.send_back")
            .filter_map(|listener| Some((listener.on.rsplit_once('.')?.0.to_owned(), event_type(listener.on))))
            .collect();
        delivered.sort();
        delivered.dedup();
        let mut offered: Vec<(String, &str)> = Vec::new();
        for (kind, events) in crate::words::HEARD {
            offered.extend(events.iter().map(|event| ((*kind).to_owned(), *event)));
        }
        offered.sort();
        assert_eq!(delivered, offered);
    }
}
