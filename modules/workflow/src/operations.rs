//! Everything that can be called besides verbs and actions.

use platform_core::{Operation, Permit};

use crate::{analytics, desk, inbox, ledger, library, tasks};

/// Permissions that no resource brings.
pub(crate) const PERMISSIONS: &[&str] = &[
    "workflow_analytics.read",
    "workflow_automations.run",
    "workflow_instances.reassign",
    "workflow_instances.verify",
    "workflow_templates.clone",
    "workflow_templates.launch",
    "workflow_triggers.fire",
];

/// A handler whose future is boxed.
macro_rules! run {
    ($run:path) => {
        |cx, input| Box::pin($run(cx, input))
    };
}

fn needs(permission: &str) -> Permit {
    Permit::needs(permission)
}

/// The module's operations. A member's own desk needs no permission: nobody sees or decides there but what is his.
pub(crate) fn all() -> Vec<Operation> {
    let mut all = own_desk();
    all.extend(shared());
    all
}

fn own_desk() -> Vec<Operation> {
    vec![
        Operation::get(
            "/workflow/my_approvals",
            "workflow.my_approvals.list",
            Permit::SignedIn,
            run!(inbox::approvals),
        )
        .summary("Requests that wait for the caller's decision, the most urgent first"),
        Operation::post(
            "/workflow/approval_requests/{id}/decide",
            "workflow.approval_requests.decide",
            Permit::SignedIn,
            run!(inbox::decide),
        )
        .summary("Approve, reject or send back what waits for the caller's decision"),
        Operation::post(
            "/workflow/approval_requests/{id}/hand_over",
            "workflow.approval_requests.hand_over",
            Permit::SignedIn,
            run!(inbox::hand_over),
        )
        .summary("Let somebody else decide what waits for the caller's decision"),
        Operation::get(
            "/workflow/my_tasks",
            "workflow.my_tasks.list",
            Permit::SignedIn,
            run!(tasks::tasks),
        )
        .summary("Steps that wait for the caller, the most urgent first"),
        Operation::get(
            "/workflow/my_requests",
            "workflow.my_requests.list",
            Permit::SignedIn,
            run!(tasks::requests),
        )
        .summary("Workflows that the caller started, the newest first"),
        Operation::get(
            "/workflow/my_notifications",
            "workflow.my_notifications.list",
            Permit::SignedIn,
            run!(inbox::notifications),
        )
        .summary("What the caller was told and has not read"),
        Operation::post(
            "/workflow/my_notifications/read",
            "workflow.my_notifications.read",
            Permit::SignedIn,
            run!(inbox::read),
        )
        .summary("Mark what the caller was told as read"),
        Operation::post(
            "/workflow/my_preferences",
            "workflow.my_preferences.set",
            Permit::SignedIn,
            run!(inbox::prefer),
        )
        .summary("Say how the caller wants to be told of an occasion"),
        Operation::post(
            "/workflow/workflow_instances/{id}/complete_step",
            "workflow.workflow_instances.complete_step",
            Permit::SignedIn,
            run!(desk::complete_step),
        )
        .summary("Finish the step that waits for the caller, and let the workflow go on"),
    ]
}

fn shared() -> Vec<Operation> {
    vec![
        Operation::acting(
            "/workflow/workflow_templates/{id}/launch",
            "workflow.workflow_templates.launch",
            needs("workflow_templates.launch"),
            201,
            run!(desk::launch),
        )
        .summary("Start a workflow from a template"),
        Operation::acting(
            "/workflow/workflow_templates/{id}/clone",
            "workflow.workflow_templates.clone",
            needs("workflow_templates.clone"),
            201,
            run!(library::clone),
        )
        .summary("Copy a template, or begin its next revision"),
        Operation::get(
            "/workflow/template_categories",
            "workflow.template_categories.list",
            needs("workflow_templates.read"),
            run!(library::categories),
        )
        .summary("Categories of templates with their counts"),
        Operation::post(
            "/workflow/workflow_instances/{id}/reassign",
            "workflow.workflow_instances.reassign",
            needs("workflow_instances.reassign"),
            run!(desk::reassign),
        )
        .summary("Give the waiting step to another member"),
        Operation::get(
            "/workflow/workflow_instances/{id}/verification",
            "workflow.workflow_instances.verify",
            needs("workflow_instances.verify"),
            run!(ledger::verify),
        )
        .summary("Check the seals of a workflow's history"),
        Operation::acting(
            "/workflow/workflow_comments/write",
            "workflow.workflow_comments.write",
            needs("workflow_instances.read"),
            201,
            run!(desk::comment),
        )
        .summary("Comment on a workflow"),
        Operation::acting(
            "/workflow/workflow_attachments/attach",
            "workflow.workflow_attachments.attach",
            needs("workflow_instances.read"),
            201,
            run!(desk::attach),
        )
        .summary("Add an uploaded file to a workflow"),
        Operation::post(
            "/workflow/workflow_triggers/{id}/fire",
            "workflow.workflow_triggers.fire",
            needs("workflow_triggers.fire"),
            run!(library::fire),
        )
        .summary("Fire a trigger by hand or from another system"),
        Operation::post(
            "/workflow/workflow_automations/{id}/run",
            "workflow.workflow_automations.run",
            needs("workflow_automations.run"),
            run!(library::run),
        )
        .summary("Run an automation now"),
        Operation::get(
            "/workflow/schedule_preview",
            "workflow.schedule_preview.read",
            needs("workflow_triggers.read"),
            run!(library::preview),
        )
        .summary("The next times of a pattern of time"),
        Operation::get(
            "/workflow/analytics",
            "workflow.analytics.read",
            needs("workflow_analytics.read"),
            run!(analytics::figures),
        )
        .summary("Durations, waits, bottlenecks, approvals and deadlines of workflows"),
    ]
}
