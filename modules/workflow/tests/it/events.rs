//! Triggers and automations: who starts what, once.

use platform_core::{Event, Mode};
use serde_json::{Value as Json, json};
use uuid::Uuid;
use workflow::{WORKFLOW_AUTOMATIONS, WORKFLOW_INSTANCES, WORKFLOW_TEMPLATES, WORKFLOW_TRIGGERS};

use crate::approvals::Company;
use crate::world::{World, id};

const RUNS: &str =
    "SELECT status FROM workflow.trigger_executions WHERE organization_id = $1 AND trigger_id = $2 ORDER BY id";
const STARTED: &str =
    "SELECT t.name FROM workflow.workflow_instances i JOIN workflow.workflow_triggers t ON t.id = i.trigger_id
    WHERE i.organization_id = $1 AND i.entity_id = $2::text ORDER BY i.id";
const LOGS: &str = "SELECT status FROM workflow.automation_execution_logs WHERE organization_id = $1 AND \
     automation_id = $2 ORDER BY id";
const TOLD: &str = "SELECT subject FROM workflow.workflow_notifications WHERE organization_id = $1 AND recipient = \
     $2 AND notification_type = 'custom'";

/// Delivers an event to everybody of the module who listens.
async fn deliver(world: &World, name: &str, subject: Uuid, data: Json) {
    let event = Event {
        name: name.into(),
        subject,
        data,
        occurred_at: world.platform.clock.now(),
    };
    for listener in workflow::module()
        .listeners
        .iter()
        .filter(|listener| listener.on == name)
    {
        let mut cx = world.cx(Mode::Write).await;
        (listener.run)(&mut cx, &event).await.unwrap();
        cx.commit().await.unwrap();
    }
}

/// A template whose one step waits for somebody.
async fn template(world: &World) -> Uuid {
    let job = world.job();
    let steps = json!([{"name": "Look", "kind": "review", "assigned_role": "hr_manager"}]);
    let template = id(&job
        .create(&WORKFLOW_TEMPLATES, json!({"name": "Look at it", "steps": steps}))
        .await);
    job.act(&WORKFLOW_TEMPLATES, template, "publish", json!({}))
        .await
        .unwrap();
    template
}

#[tokio::test]
async fn every_trigger_that_fits_fires_once_and_in_order() {
    let world = World::new().await;
    let (job, template) = (world.job(), template(&world).await);
    let mut triggers = Vec::new();
    for (name, priority, days) in [("second", 1, 0), ("first", 5, 5), ("not for short ones", 9, 10)] {
        let trigger = json!({"name": name, "workflow_template_id": template, "trigger_type": "event_based",
            "event_type": "workflow_completed", "entity_type": "workflow.workflow_instances", "priority": priority,
            "conditions": [{"field": "priority", "operator": "equals", "value": "high"},
                {"field": "data.days", "operator": "greater_than", "value": days}]});
        triggers.push(id(&job.create(&WORKFLOW_TRIGGERS, trigger).await));
    }
    let leave = json!({"template_id": template, "priority": "high", "data": {"days": 7}});
    let leave = id(&job.create(&WORKFLOW_INSTANCES, leave).await);
    for _ in 0..2 {
        let data = json!({"status": {"before": "in_progress", "after": "completed"}});
        deliver(&world, "workflow.workflow_instances.complete", leave, data).await;
    }
    assert_eq!(
        world.texts(STARTED, leave).await,
        ["first", "second"],
        "delivered twice, fired once"
    );
    assert_eq!(world.texts(RUNS, triggers[1]).await, ["fired"]);
    assert!(world.texts(RUNS, triggers[2]).await.is_empty());
}

#[tokio::test]
async fn duplicates_and_too_many_are_skipped_and_kept() {
    let world = World::new().await;
    let (job, template) = (world.job(), template(&world).await);
    let trigger = json!({"name": "By hand", "workflow_template_id": template, "trigger_type": "api",
        "deduplicate": true,
        "deduplicate_key": "{courier}", "deduplicate_window_s": 60, "rate_limit": 2, "rate_limit_window_s": 3600});
    let trigger = id(&job.create(&WORKFLOW_TRIGGERS, trigger).await);
    let fire = async |courier: &str| {
        let asked = json!({"data": {"courier": courier}});
        job.call("workflow.workflow_triggers.fire", &[("id", trigger)], asked)
            .await
            .unwrap()["outcome"]
            .clone()
    };
    assert_eq!(fire("c1").await, "fired");
    assert_eq!(fire("c1").await, "duplicate");
    assert_eq!(fire("c2").await, "fired");
    assert_eq!(fire("c3").await, "rate_limited");
    world.at("2026-11-19T12:01:00Z");
    assert_eq!(fire("c1").await, "fired", "the window is over");
    assert_eq!(
        world.texts(RUNS, trigger).await,
        ["fired", "duplicate", "fired", "rate_limited", "fired"]
    );
}

#[tokio::test]
async fn a_pattern_of_time_fires_when_it_is_due() {
    let world = World::new().await;
    let (job, template) = (world.job(), template(&world).await);
    let trigger = json!({"name": "Every morning", "workflow_template_id": template, "trigger_type": "scheduled",
        "schedule_cron": "0 8 * * sun-thu"});
    let trigger = id(&job.create(&WORKFLOW_TRIGGERS, trigger).await);
    world.tick("workflow.clock").await;
    let planned = world.load(&WORKFLOW_TRIGGERS, trigger).await;
    assert_eq!(planned.text("next_trigger_at"), Some("2026-11-22T05:00:00.000Z"));
    for moment in ["2026-11-22T04:59:00Z", "2026-11-22T05:00:00Z", "2026-11-22T05:05:00Z"] {
        world.at(moment);
        world.tick("workflow.clock").await;
    }
    assert_eq!(world.texts(RUNS, trigger).await, ["fired"]);
}

#[tokio::test]
async fn a_trigger_that_cannot_start_says_so() {
    let world = World::new().await;
    let job = world.job();
    let steps = json!([{"name": "Approval", "kind": "approval"}]);
    let template = id(&job
        .create(&WORKFLOW_TEMPLATES, json!({"name": "Nobody", "steps": steps}))
        .await);
    job.act(&WORKFLOW_TEMPLATES, template, "publish", json!({}))
        .await
        .unwrap();
    let asked = json!({"name": "Now", "workflow_template_id": template, "trigger_type": "manual"});
    let by_hand = id(&job.create(&WORKFLOW_TRIGGERS, asked).await);
    let problem = job
        .call("workflow.workflow_triggers.fire", &[("id", by_hand)], json!({}))
        .await
        .unwrap_err();
    assert_eq!(problem.code, "no_approvers");
}

#[tokio::test]
async fn an_automation_answers_a_workflow_once() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let job = world.job();
    let row = json!({"name": "Tell HR", "trigger_type": "event", "on_event": "workflow.workflow_instances.start",
        "action_type": "send_notification", "action_config": {"role": "hr_manager", "subject": "New leave"}});
    let automation = id(&job.create(&WORKFLOW_AUTOMATIONS, row).await);
    let instance = company.started().await;
    let data = json!({"status": {"before": "draft", "after": "in_progress"}});
    deliver(&world, "workflow.workflow_instances.start", instance, data.clone()).await;
    assert!(world.texts(LOGS, automation).await.is_empty(), "not switched on yet");
    job.act(&WORKFLOW_AUTOMATIONS, automation, "activate", json!({}))
        .await
        .unwrap();
    for _ in 0..2 {
        deliver(&world, "workflow.workflow_instances.start", instance, data.clone()).await;
    }
    assert_eq!(world.texts(LOGS, automation).await, ["succeeded"]);
    assert_eq!(world.texts(TOLD, company.c.id).await, ["New leave"]);
}

#[tokio::test]
async fn an_automation_that_keeps_failing_is_tried_again_and_then_stopped() {
    let world = World::new().await;
    let job = world.job();
    let template = id(&job
        .create(
            &WORKFLOW_TEMPLATES,
            json!({"name": "Draft", "steps": [{"name": "A", "kind": "review"}]}),
        )
        .await);
    let row = json!({"name": "Start it", "action_type": "create_workflow", "workflow_template_id": template,
        "max_retries": 1, "retry_delay_s": 60});
    let automation = id(&job.create(&WORKFLOW_AUTOMATIONS, row).await);
    job.act(&WORKFLOW_AUTOMATIONS, automation, "activate", json!({}))
        .await
        .unwrap();
    let ran = job
        .call("workflow.workflow_automations.run", &[("id", automation)], json!({}))
        .await
        .unwrap();
    assert_eq!(ran["status"], "failed");
    world.at("2026-11-19T11:02:00Z");
    for _ in 0..3 {
        world.tick("workflow.clock").await;
    }
    assert_eq!(world.texts(LOGS, automation).await, ["failed", "failed"]);
    let row = world.load(&WORKFLOW_AUTOMATIONS, automation).await;
    assert_eq!(row.text("status"), Some("error"));
    assert!(row.text("last_error").unwrap().contains("template_not_published"));
}
