//! What a company sets up before its first workflow.

use platform_core::{Cx, Problem};
use platform_resource::Resource;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::ledger::object;
use crate::{
    APPROVAL_CHAIN_APPROVERS, APPROVAL_CHAINS, WORKFLOW_AUTOMATIONS, WORKFLOW_NOTIFICATION_TEMPLATES, WORKFLOW_SLAS,
    WORKFLOW_TEMPLATES, WORKFLOW_TRIGGERS,
};

/// The templates that the month is made of.
pub(super) struct Library {
    pub(super) leave: Uuid,
    pub(super) loan: Uuid,
    pub(super) repair: Uuid,
}

async fn make(cx: &mut Cx, resource: &'static Resource, row: Json) -> Result<Uuid, Problem> {
    let record = platform_engine::create(cx, resource, object(row)).await?;
    record.uuid("id").ok_or_else(Problem::not_found)
}

async fn published(cx: &mut Cx, row: Json) -> Result<Uuid, Problem> {
    let id = make(cx, &WORKFLOW_TEMPLATES, row).await?;
    platform_engine::act(cx, &WORKFLOW_TEMPLATES, id, "publish", Map::new()).await?;
    Ok(id)
}

/// Templates, chains, deadlines, triggers, automations and words.
pub(super) async fn stock(cx: &mut Cx) -> Result<Library, Problem> {
    let library = templates(cx).await?;
    chains(cx, &library).await?;
    deadlines(cx, &library).await?;
    triggers(cx, &library).await?;
    automations(cx, &library).await?;
    for (name, occasion, subject, body) in [
        (
            "Approval",
            "approval_required",
            "{instance_number}: {subject}",
            "Please decide on “{subject}” ({step}).",
        ),
        (
            "Late",
            "sla_breached",
            "Late: {subject}",
            "{instance_number} has passed its deadline “{step}”.",
        ),
    ] {
        let row = json!({"name": name, "notification_type": occasion, "subject_template": subject,
            "body_template": body,
            "channels": ["in_app", "email"], "available_variables": ["subject", "instance_number", "step"]});
        make(cx, &WORKFLOW_NOTIFICATION_TEMPLATES, row).await?;
    }
    Ok(library)
}

async fn templates(cx: &mut Cx) -> Result<Library, Problem> {
    let leave = json!({"name": "Leave request", "category": "hr", "estimated_duration_minutes": 600,
    "description": "Short leaves need the fleet manager, longer ones the HR manager too.",
    "steps": [
        {"name": "Request", "kind": "action", "action": {"type": "auto_complete"}},
        {"name": "Supervisor approval", "kind": "approval", "assigned_role": "fleet_manager", "sla_hours": 24},
        {"name": "HR approval", "kind": "approval", "assigned_role": "hr_manager", "sla_hours": 24,
         "conditions": [{"field": "days", "operator": "greater_than", "value": 5}]},
        {"name": "Tell the courier", "kind": "notification"},
    ]});
    let loan = json!({"name": "Loan request", "category": "finance", "estimated_duration_minutes": 1440,
    "description": "Two levels: HR, then finance.",
    "steps": [
        {"name": "Check of the papers", "kind": "review", "assigned_role": "hr_manager", "sla_hours": 8},
        {"name": "Approval", "kind": "approval"},
        {"name": "Mark as due", "kind": "action",
         "action": {"type": "set_field", "field": "is_due", "value": true}},
    ]});
    let repair = json!({"name": "Vehicle repair", "category": "fleet", "estimated_duration_minutes": 480,
    "steps": [
        {"name": "Look at the vehicle", "kind": "review", "assigned_role": "fleet_manager", "sla_hours": 4},
        {"name": "Approval of the cost", "kind": "approval", "assigned_role": "finance",
         "conditions": [{"field": "amount", "operator": "greater_than", "value": 1000}]},
        {"name": "Repair", "kind": "action", "assigned_role": "fleet_manager", "sla_hours": 48},
    ]});
    let library = Library {
        leave: published(cx, leave).await?,
        loan: published(cx, loan).await?,
        repair: published(cx, repair).await?,
    };
    let old =
        json!({"name": "Leave request on paper", "category": "hr", "steps": [{"name": "File it", "kind": "action"}]});
    let old = published(cx, old).await?;
    platform_engine::act(cx, &WORKFLOW_TEMPLATES, old, "archive", Map::new()).await?;
    let draft = json!({"name": "Courier onboarding", "category": "hr", "steps": [
        {"name": "Contract", "kind": "action", "assigned_role": "hr_manager"},
        {"name": "Vehicle", "kind": "action", "assigned_role": "fleet_manager"},
        {"name": "Bed", "kind": "action", "assigned_role": "hr_manager",
         "conditions": [{"field": "needs_housing", "operator": "equals", "value": true}]},
        {"name": "Safety training", "kind": "review", "assigned_role": "fleet_manager"},
    ]});
    make(cx, &WORKFLOW_TEMPLATES, draft).await?;
    Ok(library)
}

async fn chains(cx: &mut Cx, library: &Library) -> Result<(), Problem> {
    let above = make(
        cx,
        &APPROVAL_CHAINS,
        json!({"name": "Management", "escalation_hours": 48}),
    )
    .await?;
    make(
        cx,
        &APPROVAL_CHAIN_APPROVERS,
        json!({"approval_chain_id": above, "approver_role": "manager"}),
    )
    .await?;
    let chain = json!({"name": "Loans", "workflow_template_id": library.loan, "levels": 2, "allow_delegation": true,
        "escalation_hours": 24, "escalation_chain_id": above});
    let chain = make(cx, &APPROVAL_CHAINS, chain).await?;
    for (level, role) in [(1, "hr_manager"), (2, "finance")] {
        let place = json!({"approval_chain_id": chain, "approver_role": role, "level": level});
        make(cx, &APPROVAL_CHAIN_APPROVERS, place).await?;
    }
    Ok(())
}

async fn deadlines(cx: &mut Cx, library: &Library) -> Result<(), Problem> {
    let days = json!(["sunday", "monday", "tuesday", "wednesday", "thursday"]);
    for (name, template, minutes) in [
        ("Leave within ten hours", library.leave, 600),
        ("Loan within two days", library.loan, 960),
        ("Repair within three days", library.repair, 1440),
    ] {
        let row = json!({"name": name, "workflow_template_id": template, "response_minutes": 240,
            "resolution_minutes": minutes, "warning_minutes": minutes * 4 / 5, "use_business_hours": true,
            "business_hours_start": "08:00", "business_hours_end": "16:00", "business_days": days,
            "escalation_chain": ["manager", "owner"]});
        make(cx, &WORKFLOW_SLAS, row).await?;
    }
    Ok(())
}

async fn triggers(cx: &mut Cx, library: &Library) -> Result<(), Problem> {
    let pending = json!([{"field": "status", "operator": "equals", "value": "pending"}]);
    for (name, template, kind, event, conditions) in [
        (
            "Leave was asked for",
            library.leave,
            "hr.leaves",
            "record_created",
            pending.clone(),
        ),
        (
            "Loan was asked for",
            library.loan,
            "hr.loans",
            "record_created",
            pending,
        ),
        (
            "A service level was missed",
            library.repair,
            "operations.sla_tracking",
            "sla_breached",
            json!([
            {"field": "severity", "operator": "equals", "value": "critical"}]),
        ),
    ] {
        let row = json!({"name": name, "workflow_template_id": template, "trigger_type": "event_based",
            "event_type": event, "entity_type": kind, "conditions": conditions, "deduplicate": true,
            "deduplicate_key": "{id}", "deduplicate_window_s": 86_400, "rate_limit": 50});
        make(cx, &WORKFLOW_TRIGGERS, row).await?;
    }
    let row = json!({"name": "Vehicles every Sunday", "workflow_template_id": library.repair, "is_active": false,
        "trigger_type": "scheduled", "schedule_cron": "0 8 * * sun", "schedule_time_zone": "Asia/Riyadh"});
    make(cx, &WORKFLOW_TRIGGERS, row).await.map(drop)
}

async fn automations(cx: &mut Cx, library: &Library) -> Result<(), Problem> {
    let tell = json!({"name": "Tell finance of approved loans", "workflow_template_id": library.loan,
        "trigger_type": "event", "on_event": "workflow.workflow_instances.complete", "action_type": "send_notification",
        "action_config": {"role": "finance", "subject": "A loan was approved", "body": "Please plan the payment."}});
    let tell = make(cx, &WORKFLOW_AUTOMATIONS, tell).await?;
    platform_engine::act(cx, &WORKFLOW_AUTOMATIONS, tell, "activate", Map::new()).await?;
    let call = json!({"name": "Report repairs to the insurer", "workflow_template_id": library.repair,
        "trigger_type": "event", "on_event": "workflow.workflow_instances.complete", "action_type": "webhook_call",
        "description": "Waits for a plugin that calls the insurer."});
    make(cx, &WORKFLOW_AUTOMATIONS, call).await.map(drop)
}
