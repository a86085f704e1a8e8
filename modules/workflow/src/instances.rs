//! Workflows: a template at work for one subject. People and the engine move them through the same actions.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, instant, integer, json, long_text, member,
    moved, number, reference, text, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::instant_json;
use crate::words::PRIORITIES;

/// Workflows.
pub static WORKFLOW_INSTANCES: Resource = Resource::new("workflow", "workflow_instances", FIELDS)
    .title(&["instance_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    InProgress,
    PendingApproval,
    Approved,
    Rejected,
    Completed,
    Cancelled,
}

const FIELDS: &[Field] = &[
    number("instance_number", "WF", 4),
    reference("template_id", "workflow.workflow_templates")
        .required()
        .create_only()
        .filter()
        .list()
        .group("progress"),
    text("subject", 200).search().list().group("subject"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list()
        .group("progress"),
    choice("priority", PRIORITIES)
        .required()
        .default("medium")
        .filter()
        .list()
        .group("progress"),
    integer("current_step", 0, 1000)
        .required()
        .read_only()
        .default("0")
        .list()
        .group("progress"),
    text("current_step_name", 200).read_only().list().group("progress"),
    instant("step_started_at").read_only().group("progress"),
    instant("step_due_at").read_only().filter().group("progress"),
    member("initiated_by").read_only().filter().list().group("people"),
    member("assigned_to").read_only().filter().list().group("people"),
    text("assigned_role", 63).read_only().filter().group("people"),
    integer("approval_round", 0, 1000)
        .required()
        .read_only()
        .default("0")
        .group("progress"),
    text("entity_type", 100).create_only().filter().group("subject"),
    text("entity_id", 36).create_only().filter().group("subject"),
    json("data").example(r#"{"days": 3}"#).group("subject"),
    reference("trigger_id", "workflow.workflow_triggers")
        .read_only()
        .filter()
        .group("subject"),
    instant("started_at").read_only().filter().list().group("progress"),
    instant("completed_at").read_only().filter().group("progress"),
    long_text("cancel_reason", 500).read_only().group("decision"),
    long_text("reject_reason", 500).read_only().group("decision"),
    long_text("notes", 4000),
];

const REASON: Field = long_text("cancel_reason", 500);

const ACTIONS: &[Action] = &[
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::InProgress => Some(Status::InProgress),
            Status::PendingApproval | Status::Approved | Status::Rejected | Status::Completed | Status::Cancelled => {
                None
            }
        })
    })
    .decide(|given| Ok(start(given))),
    transition("submit", "status", &[], |state| {
        moved(state, |status| match status {
            Status::InProgress | Status::PendingApproval => Some(Status::PendingApproval),
            Status::Draft | Status::Approved | Status::Rejected | Status::Completed | Status::Cancelled => None,
        })
    })
    .decide(|given| Ok(submit(given))),
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::PendingApproval | Status::Approved => Some(Status::Approved),
            Status::Draft | Status::InProgress | Status::Rejected | Status::Completed | Status::Cancelled => None,
        })
    })
    .decide(not_ones_own),
    transition("reject", "status", &[long_text("reject_reason", 500)], |state| {
        moved(state, |status| match status {
            Status::InProgress | Status::PendingApproval | Status::Rejected => Some(Status::Rejected),
            Status::Draft | Status::Approved | Status::Completed | Status::Cancelled => None,
        })
    })
    .danger(),
    transition("send_back", "status", &[], |state| {
        moved(state, |status| match status {
            Status::PendingApproval => Some(Status::InProgress),
            Status::Draft
            | Status::InProgress
            | Status::Approved
            | Status::Rejected
            | Status::Completed
            | Status::Cancelled => None,
        })
    }),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Rejected => Some(Status::InProgress),
            Status::Draft
            | Status::InProgress
            | Status::PendingApproval
            | Status::Approved
            | Status::Completed
            | Status::Cancelled => None,
        })
    }),
    transition("resume", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Approved => Some(Status::InProgress),
            Status::Draft
            | Status::InProgress
            | Status::PendingApproval
            | Status::Rejected
            | Status::Completed
            | Status::Cancelled => None,
        })
    }),
    transition("complete", "status", &[], |state| {
        moved(state, |status| match status {
            Status::InProgress | Status::Approved | Status::Completed => Some(Status::Completed),
            Status::Draft | Status::PendingApproval | Status::Rejected | Status::Cancelled => None,
        })
    })
    .decide(|given| Ok(ended(given))),
    transition("cancel", "status", &[REASON], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::InProgress | Status::PendingApproval | Status::Rejected | Status::Cancelled => {
                Some(Status::Cancelled)
            }
            Status::Approved | Status::Completed => None,
        })
    })
    .decide(|given| Ok(ended(given)))
    .danger(),
];

/// Who starts it is whose request it is; a second start changes nothing.
fn start(given: &Given<'_>) -> Map<String, Json> {
    let mut change = Map::new();
    if given.record.is("status", "draft") {
        change.insert("started_at".into(), instant_json(given.now));
        if !given.actor_id.is_nil() {
            change.insert("initiated_by".into(), json!(given.actor_id));
        }
    }
    change
}

/// Votes of an earlier round do not count in this one.
fn submit(given: &Given<'_>) -> Map<String, Json> {
    let mut change = Map::new();
    if given.record.is("status", "in_progress") {
        let round = given.record.integer("approval_round").unwrap_or_default();
        change.insert("approval_round".into(), json!(round + 1));
    }
    change
}

fn not_ones_own(given: &Given<'_>) -> Decision {
    if !given.actor_id.is_nil() && given.record.uuid("initiated_by") == Some(given.actor_id) {
        return Err("own_request");
    }
    Ok(Map::new())
}

fn ended(given: &Given<'_>) -> Map<String, Json> {
    let mut change = Map::new();
    if !given.record.has("completed_at") {
        change.insert("completed_at".into(), instant_json(given.now));
    }
    change
}

/// Data are named values: conditions look into them by name.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    if after.has("data") && !after.get("data").is_object() {
        return vec![Violation::new("data", "not_named_values")];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::decide;

    /// The table of the states, as it is agreed: where each state can lead.
    #[test]
    fn moves_are_those_of_the_agreed_table() {
        let table: [(&str, &[&str]); 7] = [
            ("draft", &["cancelled", "in_progress"]),
            (
                "in_progress",
                &["cancelled", "completed", "pending_approval", "rejected"],
            ),
            (
                "pending_approval",
                &["approved", "cancelled", "in_progress", "rejected"],
            ),
            ("approved", &["completed", "in_progress"]),
            ("rejected", &["cancelled", "in_progress"]),
            ("completed", &[]),
            ("cancelled", &[]),
        ];
        assert_eq!(table.len(), Status::VARIANTS.len());
        for (from, expected) in table {
            let moves = ACTIONS.iter().filter_map(|action| action.moves?.1(from));
            let mut reached: Vec<&str> = moves.filter(|to| *to != from).collect();
            reached.sort_unstable();
            reached.dedup();
            assert_eq!(reached, expected, "{from}");
        }
    }

    #[test]
    fn the_same_state_again_changes_nothing() {
        let again = [
            ("start", "in_progress"),
            ("submit", "pending_approval"),
            ("approve", "approved"),
            ("reject", "rejected"),
            ("complete", "completed"),
            ("cancel", "cancelled"),
        ];
        for (action, state) in again {
            let row = json!({"status": state, "completed_at": "2026-01-01T00:00:00Z", "approval_round": 1});
            let change = decide(ACTIONS, action, &row, &json!({})).expect("allowed");
            assert_eq!(json!(change), json!({"status": state}), "{action}");
        }
    }

    #[test]
    fn nobody_approves_what_he_started() {
        let own = json!({"status": "pending_approval", "initiated_by": crate::testing::ACTOR});
        assert_eq!(decide(ACTIONS, "approve", &own, &json!({})), Err("own_request"));
        let others = json!({"status": "pending_approval", "initiated_by": uuid::Uuid::from_u128(9)});
        assert!(decide(ACTIONS, "approve", &others, &json!({})).is_ok());
    }
}
