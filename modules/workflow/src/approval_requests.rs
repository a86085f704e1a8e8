//! Approval requests: the vote of one approver on one step of a workflow.

use platform_resource::{
    Action, Decision, Field, Given, Resource, Verb, boolean, choice, instant, integer, long_text, member, moved,
    reference, text, transition,
};
use serde_json::{Map, Value as Json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Approval requests.
pub static APPROVAL_REQUESTS: Resource = Resource::new("workflow", "approval_requests", FIELDS)
    .title(&["status"])
    .actions(ACTIONS)
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Approved,
    Rejected,
    Delegated,
    Expired,
    Closed,
}

const FIELDS: &[Field] = &[
    reference("workflow_instance_id", "workflow.workflow_instances")
        .required()
        .filter()
        .list(),
    reference("approval_chain_id", "workflow.approval_chains")
        .filter()
        .list(),
    reference("approval_chain_approver_id", "workflow.approval_chain_approvers"),
    integer("step_index", 0, 1000).required().default("0"),
    integer("round", 1, 1000).required().default("1"),
    integer("level", 1, 20).required().default("1").filter().list(),
    boolean("is_required").required().default("true").filter().list(),
    member("requested_by").filter(),
    member("approver").filter().list(),
    text("approver_role", 63).filter().list(),
    boolean("allow_delegation").required().default("false"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    member("delegated_to").filter().list().group("decision"),
    instant("delegated_at").group("decision"),
    member("decided_by").filter().group("decision"),
    instant("approved_at").group("decision"),
    instant("rejected_at").group("decision"),
    long_text("comments", 2000).group("decision"),
    instant("expires_at").filter().list().group("escalation"),
    instant("expired_at").group("escalation"),
    integer("escalation_level", 0, 20)
        .required()
        .default("0")
        .group("escalation"),
];

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[long_text("comments", 2000)], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Delegated => Some(Status::Approved),
            Status::Approved | Status::Rejected | Status::Expired | Status::Closed => None,
        })
    })
    .decide(is_holder)
    .stamps(&["approved_at"])
    .signs("decided_by"),
    transition("reject", "status", &[long_text("comments", 2000)], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Delegated => Some(Status::Rejected),
            Status::Approved | Status::Rejected | Status::Expired | Status::Closed => None,
        })
    })
    .decide(is_holder)
    .stamps(&["rejected_at"])
    .signs("decided_by")
    .danger(),
    transition(
        "delegate",
        "status",
        &[member("delegated_to").required(), long_text("comments", 2000)],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Delegated => Some(Status::Delegated),
                Status::Approved | Status::Rejected | Status::Expired | Status::Closed => None,
            })
        },
    )
    .decide(delegate)
    .stamps(&["delegated_at"]),
    transition("expire", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Delegated => Some(Status::Expired),
            Status::Approved | Status::Rejected | Status::Expired | Status::Closed => None,
        })
    })
    .internal()
    .stamps(&["expired_at"]),
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Delegated => Some(Status::Closed),
            Status::Approved | Status::Rejected | Status::Expired | Status::Closed => None,
        })
    })
    .internal(),
];

/// The one whose vote it is: the delegate once there is one, else the approver. Whether somebody has the role that is
/// asked for, the effect looks up.
fn is_holder(given: &Given<'_>) -> Decision {
    let row = given.record;
    if given.actor_id.is_nil() {
        return Ok(Map::new());
    }
    if row.uuid("requested_by") == Some(given.actor_id) {
        return Err("own_request");
    }
    match row.uuid("delegated_to").or(row.uuid("approver")) {
        Some(holder) if holder != given.actor_id => Err("not_your_request"),
        Some(_) | None => Ok(Map::new()),
    }
}

/// The vote moves; it does not multiply and does not come back to who asked.
fn delegate(given: &Given<'_>) -> Decision {
    let change = is_holder(given)?;
    if given.record.get("allow_delegation") != &Json::Bool(true) {
        return Err("delegation_not_allowed");
    }
    let to = given.input.uuid("delegated_to");
    if to == given.record.uuid("requested_by") {
        return Err("delegated_to_requester");
    }
    if to == Some(given.actor_id) {
        return Err("delegated_to_oneself");
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::testing::{ACTOR, decide};

    const OTHER: Uuid = Uuid::from_u128(2);

    #[test]
    fn the_vote_is_the_delegates_once_there_is_one() {
        let mine = json!({"status": "pending", "approver": ACTOR});
        assert_eq!(
            decide(ACTIONS, "approve", &mine, &json!({})).expect("allowed")["status"],
            "approved"
        );
        let given_away = json!({"status": "delegated", "approver": ACTOR, "delegated_to": OTHER});
        assert_eq!(
            decide(ACTIONS, "approve", &given_away, &json!({})),
            Err("not_your_request")
        );
        let taken_over = json!({"status": "delegated", "approver": OTHER, "delegated_to": ACTOR});
        assert!(decide(ACTIONS, "reject", &taken_over, &json!({})).is_ok());
    }

    #[test]
    fn nobody_decides_on_his_own_request() {
        let own = json!({"status": "pending", "approver": ACTOR, "requested_by": ACTOR});
        for action in ["approve", "reject", "delegate"] {
            let refused = decide(ACTIONS, action, &own, &json!({"delegated_to": OTHER}));
            assert_eq!(refused, Err("own_request"), "{action}");
        }
    }

    #[test]
    fn a_vote_is_delegated_only_where_the_chain_allows_it() {
        let row = |allowed: bool| {
            json!({"status": "pending", "approver": ACTOR, "requested_by": OTHER,
            "allow_delegation": allowed})
        };
        let to = |who: Uuid| json!({"delegated_to": who});
        let third = Uuid::from_u128(3);
        assert_eq!(
            decide(ACTIONS, "delegate", &row(false), &to(third)),
            Err("delegation_not_allowed")
        );
        assert_eq!(
            decide(ACTIONS, "delegate", &row(true), &to(OTHER)),
            Err("delegated_to_requester")
        );
        assert_eq!(
            decide(ACTIONS, "delegate", &row(true), &to(ACTOR)),
            Err("delegated_to_oneself")
        );
        let moved = decide(ACTIONS, "delegate", &row(true), &to(third)).expect("allowed");
        assert_eq!(moved["delegated_to"], json!(third));
    }
}
