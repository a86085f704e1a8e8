//! Payroll runs: one for each month, calculated by one person and approved by another. Several drafts of a month may stand side
//! by side; only one of them goes further.

use platform_resource::{
    Action, Decision, Field, Given, Resource, boolean, choice, date, instant, integer, long_text, member, moved,
    number, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Payroll runs.
pub static PAYROLL_RUNS: Resource = Resource::new("hr", "payroll_runs", FIELDS)
    .title(&["run_number"])
    .actions(ACTIONS)
    .sort("-year,-month");

const FIELDS: &[Field] = &[
    number("run_number", "RUN", 5).continuous(),
    integer("year", 2_000, 2_200).required().create_only().filter().list(),
    integer("month", 1, 12).required().create_only().filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list(),
    boolean("deducts_loans").required().default("true"),
    boolean("deducts_penalties").required().default("true"),
    boolean("deducts_gosi").required().default("true"),
    boolean("adds_allowances").required().default("false"),
    member("calculated_by").read_only(),
    instant("calculated_at").read_only().list(),
    member("reviewed_by").read_only(),
    instant("reviewed_at").read_only(),
    member("approved_by").read_only(),
    instant("approved_at").read_only().list(),
    date("paid_on").read_only().list(),
    instant("locked_at").read_only(),
    long_text("reopen_reason", 500).read_only(),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    Calculated,
    Reviewed,
    Approved,
    Paid,
    Locked,
}

const ACTIONS: &[Action] = &[
    transition("calculate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::Calculated => Some(Status::Calculated),
            Status::Reviewed | Status::Approved | Status::Paid | Status::Locked => None,
        })
    })
    .stamps(&["calculated_at"])
    .signs("calculated_by"),
    transition("review", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Calculated => Some(Status::Reviewed),
            Status::Draft | Status::Reviewed | Status::Approved | Status::Paid | Status::Locked => None,
        })
    })
    .stamps(&["reviewed_at"])
    .signs("reviewed_by"),
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Reviewed => Some(Status::Approved),
            Status::Draft | Status::Calculated | Status::Approved | Status::Paid | Status::Locked => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by")
    .decide(by_another),
    transition(
        "reopen",
        "status",
        &[long_text("reopen_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Calculated | Status::Reviewed | Status::Approved => Some(Status::Draft),
                Status::Draft | Status::Paid | Status::Locked => None,
            })
        },
    )
    .decide(forget_decisions)
    .danger(),
    transition("pay", "status", &[date("paid_on")], |state| {
        moved(state, |status| match status {
            Status::Approved => Some(Status::Paid),
            Status::Draft | Status::Calculated | Status::Reviewed | Status::Paid | Status::Locked => None,
        })
    })
    .decide(|given| {
        let paid_on = given.input.date("paid_on").unwrap_or(given.today);
        Ok(Map::from_iter([("paid_on".to_owned(), json!(paid_on))]))
    })
    .danger(),
    transition("lock", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Paid => Some(Status::Locked),
            Status::Draft | Status::Calculated | Status::Reviewed | Status::Approved | Status::Locked => None,
        })
    })
    .stamps(&["locked_at"])
    .danger(),
];

/// Nobody approves what he calculated himself.
fn by_another(given: &Given<'_>) -> Decision {
    if given.record.uuid("calculated_by") == Some(given.actor_id) {
        return Err("own_calculation");
    }
    Ok(Map::new())
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn forget_decisions(_: &Given<'_>) -> Decision {
    let fields = [
        "calculated_by",
        "calculated_at",
        "reviewed_by",
        "reviewed_at",
        "approved_by",
        "approved_at",
    ];
    Ok(fields.into_iter().map(|field| (field.to_owned(), Json::Null)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::decide;

    #[test]
    fn a_second_person_approves() {
        // The tests' actor is the nil id.
        let own = json!({"status": "reviewed", "calculated_by": uuid::Uuid::nil()});
        assert_eq!(decide(ACTIONS, "approve", &own, &json!({})), Err("own_calculation"));
        let other = json!({"status": "reviewed", "calculated_by": uuid::Uuid::max()});
        assert!(decide(ACTIONS, "approve", &other, &json!({})).is_ok());
    }

    #[test]
    fn a_reopened_run_is_decided_anew() {
        let change = decide(ACTIONS, "reopen", &json!({"status": "approved"}), &json!({})).expect("allowed");
        assert_eq!(change["approved_by"], Json::Null);
        assert!(change.contains_key("calculated_by"));
    }
}
