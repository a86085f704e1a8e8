//! Templates, instances, approvals, triggers and automations.

mod approval_chains;
mod approval_requests;
mod approvers;
mod attachments;
mod automation_logs;
mod automations;
mod business;
mod clocks;
mod comments;
mod conditions;
mod cron;
mod history;
mod instances;
mod ledger;
mod metrics;
mod notification_templates;
mod notifications;
mod notify;
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
use platform_core::{Effect, Module};
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
    clocks::OF_INSTANCE,
    clocks::OF_TEMPLATE,
    clocks::SILENT,
    ledger::ALL,
    ledger::LAST,
    ledger::THERE,
    notify::WISHES,
    notify::WORDS,
    people::WITH_ROLE,
    run::TEMPLATE,
    run::WAITING,
    votes::BALLOTS,
    votes::CHAIN_OF_TEMPLATE,
    votes::OPEN,
    votes::PLACES,
];

/// An effect of the module's own event.
macro_rules! effect {
    ($on:literal, $run:path) => {
        Effect {
            on: concat!("workflow.", $on),
            run: |cx, event| Box::pin($run(cx, event)),
        }
    };
}

const EFFECTS: &[Effect] = &[
    effect!("workflow_instances.created", run::created),
    effect!("workflow_instances.updated", run::updated),
    effect!("workflow_instances.start", run::started),
    effect!("workflow_instances.submit", run::submitted),
    effect!("workflow_instances.approve", run::approved),
    effect!("workflow_instances.reject", run::rejected),
    effect!("workflow_instances.send_back", run::sent_back),
    effect!("workflow_instances.reopen", run::reopened),
    effect!("workflow_instances.resume", run::resumed),
    effect!("workflow_instances.complete", run::completed),
    effect!("workflow_instances.cancel", run::cancelled),
    effect!("approval_requests.approve", votes::voted),
    effect!("approval_requests.reject", votes::voted),
    effect!("approval_requests.delegate", votes::delegated),
    effect!("workflow_sla_instances.pause", clocks::paused),
    effect!("workflow_sla_instances.resume", clocks::resumed),
    effect!("workflow_sla_instances.complete", clocks::completed),
    effect!("workflow_sla_instances.warn", clocks::warned),
    effect!("workflow_sla_instances.breach", clocks::breached),
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
        effects: EFFECTS,
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        ..Module::default()
    }
}
