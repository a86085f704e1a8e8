//! Payroll runs: one for each month, calculated by one person and approved by another. Several drafts of a month may stand side
//! by side; only one of them goes further.

use platform_resource::{
    Action, Decision, Field, Given, Resource, boolean, choice, date, instant, integer, long_text, member, money, moved,
    number, text, transition,
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
    boolean("adds_overtime").required().default("false"),
    boolean("caps_leavers").required().default("false"),
    boolean("caps_unpaid_leave").required().default("false"),
    integer("calculation", 0, 1_000_000).required().read_only().default("0"),
    integer("courier_count", 0, 1_000_000).read_only().group("result"),
    integer("done_count", 0, 1_000_000).read_only().group("result"),
    integer("paid_count", 0, 1_000_000).read_only().list().group("result"),
    integer("refused_count", 0, 1_000_000)
        .read_only()
        .list()
        .group("result"),
    money("gross_total").read_only().permission("read_pay").group("result"),
    money("deducted_total")
        .read_only()
        .permission("read_pay")
        .group("result"),
    money("net_total")
        .read_only()
        .list()
        .permission("read_pay")
        .group("result"),
    money("employer_total")
        .read_only()
        .permission("read_pay")
        .group("result"),
    text("inputs_checksum", 64).read_only().group("result"),
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
    Calculating,
    Calculated,
    Reviewed,
    Approved,
    Paid,
    Locked,
}

/// What a calculation came to.
const FOUND: &[Field] = &[
    integer("courier_count", 0, 1_000_000),
    integer("done_count", 0, 1_000_000),
    integer("paid_count", 0, 1_000_000),
    integer("refused_count", 0, 1_000_000),
    money("gross_total"),
    money("deducted_total"),
    money("net_total"),
    money("employer_total"),
    text("inputs_checksum", 64),
];

const ACTIONS: &[Action] = &[
    transition("calculate", "status", &[], |state| {
        moved(state, |status| match status {
            // From a calculation into itself: who starts a second one is told so.
            Status::Draft | Status::Calculating | Status::Calculated => Some(Status::Calculating),
            Status::Reviewed | Status::Approved | Status::Paid | Status::Locked => None,
        })
    })
    .stamps(&["calculated_at"])
    .signs("calculated_by")
    .decide(begins_anew),
    transition("finish", "status", FOUND, |state| {
        moved(state, |status| match status {
            Status::Calculating => Some(Status::Calculated),
            Status::Draft
            | Status::Calculated
            | Status::Reviewed
            | Status::Approved
            | Status::Paid
            | Status::Locked => None,
        })
    })
    .internal(),
    transition("give_up", "status", FOUND, |state| {
        moved(state, |status| match status {
            Status::Calculating => Some(Status::Draft),
            Status::Draft
            | Status::Calculated
            | Status::Reviewed
            | Status::Approved
            | Status::Paid
            | Status::Locked => None,
        })
    })
    .internal(),
    transition("review", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Calculated => Some(Status::Reviewed),
            Status::Draft
            | Status::Calculating
            | Status::Reviewed
            | Status::Approved
            | Status::Paid
            | Status::Locked => None,
        })
    })
    .stamps(&["reviewed_at"])
    .signs("reviewed_by"),
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Reviewed => Some(Status::Approved),
            Status::Draft
            | Status::Calculating
            | Status::Calculated
            | Status::Approved
            | Status::Paid
            | Status::Locked => None,
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
                Status::Calculating | Status::Calculated | Status::Reviewed | Status::Approved => Some(Status::Draft),
                Status::Draft | Status::Paid | Status::Locked => None,
            })
        },
    )
    .decide(forget_decisions)
    .danger(),
    transition("pay", "status", &[date("paid_on")], |state| {
        moved(state, |status| match status {
            Status::Approved => Some(Status::Paid),
            Status::Draft
            | Status::Calculating
            | Status::Calculated
            | Status::Reviewed
            | Status::Paid
            | Status::Locked => None,
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
            Status::Draft
            | Status::Calculating
            | Status::Calculated
            | Status::Reviewed
            | Status::Approved
            | Status::Locked => None,
        })
    })
    .stamps(&["locked_at"])
    .danger(),
];

/// Nothing of an earlier calculation is said any more. One that goes on is not started again.
fn begins_anew(given: &Given<'_>) -> Decision {
    if given.record.is("status", "calculating") {
        return Err("run_is_calculating");
    }
    let mut change = nothing_found();
    let calculation = given.record.integer("calculation").unwrap_or(0) + 1;
    change.insert("calculation".to_owned(), json!(calculation));
    Ok(change)
}

fn nothing_found() -> Map<String, Json> {
    FOUND.iter().map(|field| (field.name.to_owned(), Json::Null)).collect()
}

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
    let mut change = nothing_found();
    change.extend(fields.into_iter().map(|field| (field.to_owned(), Json::Null)));
    Ok(change)
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
    fn one_calculation_at_a_time() {
        let calculate = |status: &str| {
            decide(
                ACTIONS,
                "calculate",
                &json!({"status": status, "calculation": 3}),
                &json!({}),
            )
        };
        assert_eq!(calculate("draft").expect("begins")["calculation"], 4);
        assert_eq!(calculate("calculating"), Err("run_is_calculating"));
    }

    #[test]
    fn a_reopened_run_is_decided_anew() {
        let change = decide(ACTIONS, "reopen", &json!({"status": "approved"}), &json!({})).expect("allowed");
        assert_eq!(change["approved_by"], Json::Null);
        assert!(change.contains_key("calculated_by"));
    }
}
