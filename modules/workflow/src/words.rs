//! Closed sets of words that several resources share.

pub(crate) const PRIORITIES: &[&str] = &["low", "medium", "high", "critical"];
pub(crate) const URGENCIES: &[&str] = &["low", "normal", "high", "urgent"];
pub(crate) const LOGIC: &[&str] = &["and", "or"];
pub(crate) const TRIGGER_TYPES: &[&str] = &["manual", "automatic", "scheduled", "event_based", "api", "webhook"];
pub(crate) const EVENT_TYPES: &[&str] = &[
    "record_created",
    "record_updated",
    "record_deleted",
    "workflow_started",
    "workflow_completed",
    "workflow_failed",
    "approval_requested",
    "approval_approved",
    "approval_rejected",
    "sla_warning",
    "sla_breached",
    "custom",
];
pub(crate) const OUTCOMES: &[&str] = &["fired", "duplicate", "rate_limited", "failed"];
pub(crate) const AUTOMATION_TRIGGERS: &[&str] = &["manual", "scheduled", "event", "condition", "webhook"];
pub(crate) const AUTOMATION_ACTIONS: &[&str] = &[
    "create_workflow",
    "update_workflow",
    "send_notification",
    "send_email",
    "send_sms",
    "update_record",
    "webhook_call",
    "custom_script",
];
pub(crate) const RUNS: &[&str] = &["succeeded", "failed", "skipped"];
pub(crate) const HISTORY_EVENTS: &[&str] = &[
    "created",
    "started",
    "step_completed",
    "status_changed",
    "assigned",
    "approved",
    "rejected",
    "delegated",
    "comment_added",
    "attachment_added",
    "attachment_removed",
    "data_updated",
    "sla_warning",
    "sla_breached",
    "escalated",
    "cancelled",
    "completed",
    "custom",
];
pub(crate) const ACTORS: &[&str] = &["user", "system", "automation"];
pub(crate) const STEP_STATES: &[&str] = &[
    "waiting",
    "completed",
    "skipped",
    "rejected",
    "returned",
    "failed",
    "cancelled",
];
pub(crate) const NOTICES: &[&str] = &[
    "workflow_started",
    "workflow_completed",
    "workflow_failed",
    "approval_required",
    "approval_approved",
    "approval_rejected",
    "approval_delegated",
    "task_assigned",
    "sla_warning",
    "sla_breached",
    "comment_mentioned",
    "comment_replied",
    "status_changed",
    "escalated",
    "custom",
];
pub(crate) const CHANNELS: &[&str] = &["in_app", "email", "sms", "push", "webhook"];
pub(crate) const SLA_EVENTS: &[&str] = &[
    "started",
    "warning",
    "breached",
    "paused",
    "resumed",
    "escalated",
    "completed",
];
pub(crate) const SCANS: &[&str] = &["clean", "infected", "failed"];

/// People also write them in capitals.
pub(crate) const LOGIC_SPELLINGS: &[(&str, &str)] = &[("and", "and"), ("all", "and"), ("or", "or"), ("any", "or")];

/// Steps as an example: an approval that short leaves do not need.
pub(crate) const STEPS: &str = r#"[
    {"name": "Request", "kind": "action", "action": {"type": "auto_complete"}},
    {"name": "Approval", "kind": "approval", "assigned_role": "hr_manager",
     "conditions": [{"field": "days", "operator": "greater_than", "value": 5}]}
]"#;

/// Conditions as an example.
pub(crate) const CONDITIONS: &str = r#"[{"field": "days", "operator": "greater_than", "value": 5}]"#;

/// The week of the home market.
pub(crate) const BUSINESS_DAYS: &str = r#"["sunday", "monday", "tuesday", "wednesday", "thursday"]"#;

/// What happens to workflows that automations can answer.
pub(crate) const WORKFLOW_EVENTS: &[&str] = &[
    "workflow.workflow_instances.start",
    "workflow.workflow_instances.submit",
    "workflow.workflow_instances.approve",
    "workflow.workflow_instances.reject",
    "workflow.workflow_instances.send_back",
    "workflow.workflow_instances.complete",
    "workflow.workflow_instances.cancel",
    "workflow.workflow_sla_instances.warn",
    "workflow.workflow_sla_instances.breach",
];

/// Kinds of records that triggers can listen to, and to which of their events.
pub(crate) const HEARD: &[(&str, &[&str])] = &[
    ("fleet.accident_logs", &["record_created"]),
    (
        "fleet.couriers",
        &["record_created", "record_updated", "record_deleted"],
    ),
    ("fleet.vehicle_maintenance", &["record_created"]),
    ("fleet.vehicles", &["record_created"]),
    ("hr.expenses", &["record_created"]),
    ("hr.leaves", &["record_created"]),
    ("hr.loans", &["record_created"]),
    ("hr.penalties", &["record_created"]),
    ("operations.incidents", &["record_created"]),
    ("operations.sla_tracking", &["sla_breached"]),
    (
        "workflow.approval_requests",
        &["approval_approved", "approval_rejected"],
    ),
    (
        "workflow.workflow_instances",
        &[
            "approval_requested",
            "workflow_completed",
            "workflow_failed",
            "workflow_started",
        ],
    ),
    ("workflow.workflow_sla_instances", &["sla_breached", "sla_warning"]),
];
