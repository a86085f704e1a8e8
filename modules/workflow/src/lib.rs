//! Templates, instances, approvals, triggers and automations.

mod analytics;
mod approval_chains;
mod approval_requests;
mod approvers;
mod attachments;
mod automate;
mod automation_logs;
mod automations;
mod business;
mod callback;
mod clocks;
mod comments;
mod conditions;
mod cron;
pub mod demo;
mod desk;
mod firing;
mod history;
mod inbox;
mod instances;
mod jobs;
mod ledger;
mod library;
mod measure;
mod metrics;
mod notification_templates;
mod notifications;
mod notify;
mod operations;
mod people;
mod preferences;
mod run;
mod seal;
mod sla_events;
mod sla_instances;
mod slas;
mod snapshots;
mod step_history;
mod step_metrics;
mod steps;
mod tasks;
mod templates;
#[cfg(test)]
mod testing;
mod trigger_executions;
mod triggers;
mod user_metrics;
mod votes;
mod voting;
mod words;

pub use approval_chains::APPROVAL_CHAINS;
pub use approval_requests::APPROVAL_REQUESTS;
pub use approvers::APPROVAL_CHAIN_APPROVERS;
pub use attachments::WORKFLOW_ATTACHMENTS;
pub use automation_logs::AUTOMATION_EXECUTION_LOGS;
pub use automations::WORKFLOW_AUTOMATIONS;
use chrono::{DateTime, Utc};
pub use comments::WORKFLOW_COMMENTS;
pub use history::WORKFLOW_HISTORY;
pub use instances::WORKFLOW_INSTANCES;
pub use metrics::WORKFLOW_METRICS;
pub use notification_templates::WORKFLOW_NOTIFICATION_TEMPLATES;
pub use notifications::WORKFLOW_NOTIFICATIONS;
use platform_core::{Effect, Module, Schedule, When};
use platform_resource::{Kind, Resource, Value};
pub use preferences::WORKFLOW_NOTIFICATION_PREFERENCES;
pub use sla_events::WORKFLOW_SLA_EVENTS;
pub use sla_instances::WORKFLOW_SLA_INSTANCES;
pub use slas::WORKFLOW_SLAS;
pub use snapshots::WORKFLOW_PERFORMANCE_SNAPSHOTS;
pub use step_history::WORKFLOW_STEP_HISTORY;
pub use step_metrics::WORKFLOW_STEP_METRICS;
pub use templates::WORKFLOW_TEMPLATES;
pub use trigger_executions::TRIGGER_EXECUTIONS;
pub use triggers::WORKFLOW_TRIGGERS;
pub use user_metrics::WORKFLOW_USER_METRICS;

static RESOURCES: &[&Resource] = &[
    &WORKFLOW_TEMPLATES,
    &WORKFLOW_INSTANCES,
    &WORKFLOW_TRIGGERS,
    &TRIGGER_EXECUTIONS,
    &WORKFLOW_AUTOMATIONS,
    &AUTOMATION_EXECUTION_LOGS,
    &APPROVAL_CHAINS,
    &APPROVAL_CHAIN_APPROVERS,
    &APPROVAL_REQUESTS,
    &WORKFLOW_SLAS,
    &WORKFLOW_SLA_INSTANCES,
    &WORKFLOW_SLA_EVENTS,
    &WORKFLOW_HISTORY,
    &WORKFLOW_STEP_HISTORY,
    &WORKFLOW_COMMENTS,
    &WORKFLOW_ATTACHMENTS,
    &WORKFLOW_NOTIFICATION_TEMPLATES,
    &WORKFLOW_NOTIFICATIONS,
    &WORKFLOW_NOTIFICATION_PREFERENCES,
    &WORKFLOW_METRICS,
    &WORKFLOW_STEP_METRICS,
    &WORKFLOW_PERFORMANCE_SNAPSHOTS,
    &WORKFLOW_USER_METRICS,
];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    analytics::DEADLINES,
    analytics::DECISIONS,
    analytics::FLOWS,
    analytics::STATES,
    analytics::STEPS,
    automate::LISTENING,
    automate::SEEN,
    callback::APPROVALS,
    clocks::OF_INSTANCE,
    clocks::OF_TEMPLATE,
    clocks::SILENT,
    demo::COURIERS,
    demo::PEOPLE,
    desk::FILE,
    firing::LISTENING,
    firing::MAKER,
    firing::RECENT,
    inbox::MEMBER,
    inbox::UNREAD,
    inbox::UNREAD_COUNT,
    inbox::WAITING,
    inbox::WISH,
    inbox::WORKFLOW,
    jobs::AUTOMATIONS,
    jobs::FAILED,
    jobs::LATE,
    jobs::TO_BREACH,
    jobs::TO_WARN,
    jobs::TRIGGERS,
    ledger::ALL,
    ledger::LAST,
    ledger::THERE,
    library::BELONGINGS,
    library::CATEGORIES,
    measure::KEPT,
    measure::MEMBERS,
    measure::SNAPSHOTS,
    notify::WISHES,
    notify::WORDS,
    people::WITH_ROLE,
    run::TEMPLATE,
    run::WAITING,
    tasks::REQUESTS,
    tasks::TASKS,
    votes::BALLOTS,
    votes::CHAIN_OF_TEMPLATE,
    votes::OPEN,
    votes::PLACES,
];

/// What follows an event.
macro_rules! effect {
    ($on:literal, $run:path) => {
        Effect {
            on: $on,
            run: |cx, event| Box::pin($run(cx, event)),
        }
    };
}

const EFFECTS: &[Effect] = &[
    effect!("workflow.workflow_templates.publish", library::published),
    effect!("workflow.workflow_instances.created", run::created),
    effect!("workflow.workflow_instances.updated", run::updated),
    effect!("workflow.workflow_instances.start", run::started),
    effect!("workflow.workflow_instances.submit", run::submitted),
    effect!("workflow.workflow_instances.approve", run::approved),
    effect!("workflow.workflow_instances.reject", run::rejected),
    effect!("workflow.workflow_instances.send_back", run::sent_back),
    effect!("workflow.workflow_instances.reopen", run::reopened),
    effect!("workflow.workflow_instances.resume", run::resumed),
    effect!("workflow.workflow_instances.complete", run::completed),
    effect!("workflow.workflow_instances.cancel", run::cancelled),
    effect!("workflow.approval_requests.approve", votes::voted),
    effect!("workflow.approval_requests.reject", votes::voted),
    effect!("workflow.approval_requests.delegate", votes::delegated),
    effect!("workflow.workflow_sla_instances.pause", clocks::paused),
    effect!("workflow.workflow_sla_instances.resume", clocks::resumed),
    effect!("workflow.workflow_sla_instances.complete", clocks::completed),
    effect!("workflow.workflow_sla_instances.warn", clocks::warned),
    effect!("workflow.workflow_sla_instances.breach", clocks::breached),
];

/// What happens elsewhere, and what happened here once it is certain.
const LISTENERS: &[Effect] = &[
    effect!("workflow.workflow_instances.complete", callback::decided),
    effect!("workflow.workflow_instances.reject", callback::decided),
    effect!("workflow.workflow_instances.start", automate::heard),
    effect!("workflow.workflow_instances.submit", automate::heard),
    effect!("workflow.workflow_instances.approve", automate::heard),
    effect!("workflow.workflow_instances.reject", automate::heard),
    effect!("workflow.workflow_instances.send_back", automate::heard),
    effect!("workflow.workflow_instances.complete", automate::heard),
    effect!("workflow.workflow_instances.cancel", automate::heard),
    effect!("workflow.workflow_sla_instances.warn", automate::heard),
    effect!("workflow.workflow_sla_instances.breach", automate::heard),
    effect!("workflow.workflow_instances.start", firing::heard),
    effect!("workflow.workflow_instances.submit", firing::heard),
    effect!("workflow.workflow_instances.complete", firing::heard),
    effect!("workflow.workflow_instances.reject", firing::heard),
    effect!("workflow.workflow_instances.cancel", firing::heard),
    effect!("workflow.approval_requests.approve", firing::heard),
    effect!("workflow.approval_requests.reject", firing::heard),
    effect!("workflow.workflow_sla_instances.warn", firing::heard),
    effect!("workflow.workflow_sla_instances.breach", firing::heard),
    effect!("fleet.couriers.created", firing::heard),
    effect!("fleet.couriers.deleted", firing::heard),
    effect!("fleet.couriers.suspend", firing::heard),
    effect!("fleet.couriers.terminate", firing::heard),
    effect!("fleet.vehicles.created", firing::heard),
    effect!("fleet.vehicle_maintenance.created", firing::heard),
    effect!("fleet.accident_logs.created", firing::heard),
    effect!("hr.leaves.created", firing::heard),
    effect!("hr.loans.created", firing::heard),
    effect!("hr.expenses.created", firing::heard),
    effect!("hr.penalties.created", firing::heard),
    effect!("operations.incidents.created", firing::heard),
    effect!("operations.sla_tracking.breach", firing::heard),
];

const SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "workflow.clock",
        when: When::Every { minutes: 5 },
        run: |cx| Box::pin(jobs::clock(cx)),
    },
    Schedule {
        name: "workflow.snapshot",
        when: When::Every { minutes: 60 },
        run: |cx| Box::pin(measure::snapshot(cx)),
    },
    Schedule {
        name: "workflow.metrics",
        when: When::Daily("01:15"),
        run: |cx| Box::pin(measure::metrics(cx)),
    },
];

/// Which job role may do what. A courier starts his own requests; what he is to decide or do is on his own desk.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "fleet_manager",
        &[
            "workflow_templates.read",
            "workflow_templates.launch",
            "workflow_instances.read",
            "workflow_instances.create",
            "workflow_instances.start",
            "workflow_instances.cancel",
            "workflow_instances.reassign",
            "approval_chains.read",
            "approval_requests.read",
            "workflow_sla_instances.read",
            "workflow_step_history.read",
            "workflow_comments.read",
            "workflow_attachments.read",
            "workflow_analytics.read",
        ],
    ),
    (
        "hr_manager",
        &[
            "workflow_*",
            "approval_*",
            "trigger_executions.*",
            "automation_execution_logs.*",
        ],
    ),
    (
        "finance",
        &[
            "workflow_templates.read",
            "workflow_templates.launch",
            "workflow_instances.read",
            "workflow_instances.create",
            "workflow_instances.start",
            "approval_chains.read",
            "approval_requests.read",
            "workflow_step_history.read",
            "workflow_comments.read",
            "workflow_attachments.read",
            "workflow_analytics.read",
        ],
    ),
    (
        "dispatcher",
        &[
            "workflow_templates.read",
            "workflow_templates.launch",
            "workflow_instances.read",
            "workflow_instances.create",
            "workflow_instances.start",
            "workflow_comments.read",
        ],
    ),
    (
        "support_agent",
        &[
            "workflow_templates.read",
            "workflow_templates.launch",
            "workflow_instances.read",
            "workflow_instances.create",
            "workflow_instances.start",
            "workflow_comments.read",
        ],
    ),
    ("courier", &["workflow_templates.read", "workflow_templates.launch"]),
];

/// A moment in the form that rows have.
fn instant_json(at: DateTime<Utc>) -> serde_json::Value {
    Value::Instant(at).to_json(Kind::Instant)
}

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "workflow",
        resources: RESOURCES,
        operations: operations::all(),
        grants: GRANTS,
        permissions: operations::PERMISSIONS,
        effects: EFFECTS,
        listeners: LISTENERS,
        schedules: SCHEDULES,
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        ..Module::default()
    }
}
