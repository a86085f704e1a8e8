//! What follows when nobody decides, and when time runs out.

use serde_json::json;
use workflow::{
    APPROVAL_CHAIN_APPROVERS, APPROVAL_CHAINS, APPROVAL_REQUESTS, WORKFLOW_INSTANCES, WORKFLOW_SLA_INSTANCES,
    WORKFLOW_SLAS,
};

use crate::approvals::Company;
use crate::world::{World, id};

const STATES: &str = "SELECT status FROM workflow.approval_requests WHERE organization_id = $1 AND \
     workflow_instance_id = $2 ORDER BY id";
const TOLD: &str = "SELECT notification_type FROM workflow.workflow_notifications WHERE organization_id = $1 AND \
     recipient = $2 ORDER BY id";
const CLOCK: &str =
    "SELECT id::text FROM workflow.workflow_sla_instances WHERE organization_id = $1 AND workflow_instance_id = $2";
const EVENTS: &str = "SELECT e.event_type FROM workflow.workflow_sla_events e WHERE e.organization_id = $1 AND \
     e.sla_instance_id = $2 ORDER BY e.id";

#[tokio::test]
async fn who_is_silent_for_a_day_is_passed_over() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let instance = company.started().await;
    world.at("2026-11-20T10:59:00Z");
    world.tick("workflow.clock").await;
    assert_eq!(
        world.texts(STATES, instance).await,
        ["pending", "pending"],
        "a day is not over"
    );

    world.at("2026-11-20T11:00:00Z");
    world.tick("workflow.clock").await;
    world.tick("workflow.clock").await;
    let states = world.texts(STATES, instance).await;
    assert_eq!(
        states,
        ["expired", "expired", "pending"],
        "C decides in A's place, once"
    );
    let told = world.texts(TOLD, company.a.id).await;
    assert_eq!(told, ["approval_required", "escalated"]);
    let of_c = company.open(instance).await[0];
    company
        .c
        .act(&APPROVAL_REQUESTS, of_c, "approve", json!({}))
        .await
        .unwrap();
    assert_eq!(company.status(instance).await, "completed");
}

#[tokio::test]
async fn a_named_chain_decides_in_the_place_of_who_was_silent() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let job = world.job();
    let manager = world.member("").await;
    let above = id(&job.create(&APPROVAL_CHAINS, json!({"name": "Managers"})).await);
    let place = json!({"approval_chain_id": above, "approver": manager.id});
    job.create(&APPROVAL_CHAIN_APPROVERS, place).await;
    company.escalates_to(above).await;
    let instance = company.started().await;
    world.at("2026-11-20T11:00:00Z");
    world.tick("workflow.clock").await;
    let asked = company.open(instance).await;
    assert_eq!(
        world.texts(TOLD, manager.id).await.first().map(String::as_str),
        Some("approval_required")
    );
    manager
        .act(&APPROVAL_REQUESTS, asked[0], "approve", json!({}))
        .await
        .unwrap();
    // His voice counts for A's; C is still to be heard.
    assert_eq!(company.status(instance).await, "pending_approval");
    let of_c = *company.open(instance).await.last().unwrap();
    company
        .c
        .act(&APPROVAL_REQUESTS, of_c, "approve", json!({}))
        .await
        .unwrap();
    assert_eq!(company.status(instance).await, "completed");
}

#[tokio::test]
async fn a_deadline_counts_business_hours_and_stands_while_it_is_paused() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let sla = json!({"name": "Leaves", "workflow_template_id": company.template, "resolution_minutes": 600,
        "warning_minutes": 480, "use_business_hours": true, "business_hours_start": "08:00",
        "business_hours_end": "16:00", "business_days": ["sunday", "monday", "tuesday", "wednesday", "thursday"],
        "escalation_chain": ["hr_manager"]});
    world.job().create(&WORKFLOW_SLAS, sla).await;
    // Thursday 14:00 in Riyadh.
    let instance = company.started().await;
    let clock = world.texts(CLOCK, instance).await[0].parse().unwrap();
    let row = world.load(&WORKFLOW_SLA_INSTANCES, clock).await;
    assert_eq!(
        row.text("resolution_due_at"),
        Some("2026-11-22T13:00:00.000Z"),
        "Sunday 16:00"
    );
    assert_eq!(row.text("warning_at"), Some("2026-11-22T11:00:00.000Z"), "Sunday 14:00");

    // From Thursday 15:00 to Sunday 09:00 it stands: two business hours.
    let job = world.job();
    world.at("2026-11-19T12:00:00Z");
    job.act(&WORKFLOW_SLA_INSTANCES, clock, "pause", json!({}))
        .await
        .unwrap();
    world.at("2026-11-22T06:00:00Z");
    job.act(&WORKFLOW_SLA_INSTANCES, clock, "resume", json!({}))
        .await
        .unwrap();
    let row = world.load(&WORKFLOW_SLA_INSTANCES, clock).await;
    assert_eq!(
        row.text("resolution_due_at"),
        Some("2026-11-23T07:00:00.000Z"),
        "Monday 10:00"
    );
    assert_eq!(row.text("warning_at"), Some("2026-11-22T13:00:00.000Z"), "Sunday 16:00");

    world.at("2026-11-22T13:00:00Z");
    world.tick("workflow.clock").await;
    world.at("2026-11-23T07:00:00Z");
    world.tick("workflow.clock").await;
    world.tick("workflow.clock").await;
    let row = world.load(&WORKFLOW_SLA_INSTANCES, clock).await;
    assert_eq!(
        (row.text("status"), row.integer("escalation_level")),
        (Some("breached"), Some(1))
    );
    let events = world.texts(EVENTS, clock).await;
    assert_eq!(
        events,
        ["started", "paused", "resumed", "warning", "breached", "escalated"]
    );
    job.act(
        &WORKFLOW_INSTANCES,
        instance,
        "cancel",
        json!({"cancel_reason": "No longer needed"}),
    )
    .await
    .unwrap();
    assert!(
        world
            .load(&WORKFLOW_SLA_INSTANCES, clock)
            .await
            .is("status", "completed")
    );
}
