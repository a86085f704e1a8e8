//! Leave: asked for, decided once, and counted against what the law or the company grants.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, file, instant, integer, long_text,
    member, moved, reference, transition,
};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Leave requests.
pub static LEAVES: Resource = Resource::new("hr", "leaves", FIELDS)
    .owned_by("courier_id")
    .title(&["starts_on"])
    .check(check)
    .actions(ACTIONS);

/// Kinds of leave of the Labour Law, and emergency leave of company rules.
pub(crate) const LEAVE_TYPES: &[&str] = &[
    "annual",
    "sick",
    "emergency",
    "unpaid",
    "marriage",
    "bereavement",
    "bereavement_sibling",
    "paternity",
    "maternity",
    "hajj",
    "exam",
    "iddah",
    "iddah_other",
];

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    choice("leave_type", LEAVE_TYPES)
        .required()
        .example("unpaid")
        .filter()
        .list(),
    date("starts_on").required().filter().list(),
    date("ends_on").required().filter().list(),
    integer("days", 1, 366).list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    long_text("reason", 1000).personal(),
    file("attachment_file_id").personal(),
    member("decided_by").read_only(),
    instant("decided_at").read_only(),
    long_text("rejection_reason", 500).read_only(),
    long_text("cancel_reason", 500).read_only(),
    date("began_on").read_only(),
    date("returned_on").read_only(),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Approved,
    Completed,
    Rejected,
    Cancelled,
}

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[long_text("notes", 4000)], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Approved),
            Status::Approved | Status::Completed | Status::Rejected | Status::Cancelled => None,
        })
    })
    .stamps(&["decided_at"])
    .signs("decided_by")
    .decide(count_days),
    transition(
        "reject",
        "status",
        &[long_text("rejection_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Rejected),
                Status::Approved | Status::Completed | Status::Rejected | Status::Cancelled => None,
            })
        },
    )
    .stamps(&["decided_at"])
    .signs("decided_by"),
    transition("cancel", "status", &[long_text("cancel_reason", 500)], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Approved => Some(Status::Cancelled),
            Status::Completed | Status::Rejected | Status::Cancelled => None,
        })
    })
    .danger(),
    transition("begin", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Approved => Some(Status::Approved),
            Status::Pending | Status::Completed | Status::Rejected | Status::Cancelled => None,
        })
    })
    .internal()
    .decide(set_out),
    transition("complete", "status", &[date("returned_on")], |state| {
        moved(state, |status| match status {
            Status::Approved => Some(Status::Completed),
            Status::Pending | Status::Completed | Status::Rejected | Status::Cancelled => None,
        })
    })
    .decide(come_back),
];

/// Calendar days from the first to the last, both counted.
pub(crate) fn span(row: &Record) -> Option<i64> {
    let (starts, ends) = row.date("starts_on").zip(row.date("ends_on"))?;
    Some((ends - starts).num_days() + 1)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn count_days(given: &Given<'_>) -> Decision {
    let mut change = Map::new();
    if !given.record.has("days") {
        change.insert("days".to_owned(), json!(span(given.record)));
    }
    Ok(change)
}

/// On its first day, once: whoever listens knows then that the courier is away.
fn set_out(given: &Given<'_>) -> Decision {
    if given.record.has("began_on") {
        return Err("leave_begun");
    }
    let starts_on = given.record.date("starts_on");
    if starts_on.is_none_or(|starts| given.today < starts) {
        return Err("leave_not_begun");
    }
    Ok(Map::from_iter([("began_on".to_owned(), json!(starts_on))]))
}

fn come_back(given: &Given<'_>) -> Decision {
    let starts_on = given.record.date("starts_on");
    let returned_on = given.input.date("returned_on").unwrap_or(given.today);
    if starts_on.is_some_and(|starts| returned_on < starts) {
        return Err("leave_not_begun");
    }
    Ok(Map::from_iter([("returned_on".to_owned(), json!(returned_on))]))
}

/// Days in their order, no more of them than the calendar has, and nothing changed after the decision that it rests on.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let length = span(after);
    if length.is_some_and(|days| days < 1) {
        violations.push(Violation::new("ends_on", "before_start"));
    } else if length.is_some_and(|days| days > 366) {
        violations.push(Violation::new("ends_on", "leave_too_long"));
    } else if length
        .zip(after.integer("days"))
        .is_some_and(|(span, days)| days > span)
    {
        violations.push(Violation::new("days", "more_than_span"));
    }
    let decided = before.filter(|before| !before.is("status", "pending"));
    for field in ["leave_type", "starts_on", "ends_on", "days"] {
        if decided.is_some_and(|before| before.has(field) && before.get(field) != after.get(field)) {
            violations.push(Violation::new(field, "already_decided"));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn approval_counts_both_ends_unless_days_are_given() {
        let row = json!({"status": "pending", "starts_on": "2025-03-01", "ends_on": "2025-03-07"});
        let change = decide(ACTIONS, "approve", &row, &json!({})).expect("allowed");
        assert_eq!(change["days"], 7);
        let counted = json!({"status": "pending", "starts_on": "2025-03-01", "ends_on": "2025-03-07", "days": 5});
        assert_eq!(decide(ACTIONS, "approve", &counted, &json!({})), Ok(Map::new()));
    }

    #[test]
    fn a_leave_begins_on_its_first_day_and_once() {
        // The tests' today is 1970-01-01.
        let begin = |row: &serde_json::Value| decide(ACTIONS, "begin", row, &json!({}));
        let due = json!({"status": "approved", "starts_on": "1970-01-01"});
        assert_eq!(begin(&due).expect("allowed")["began_on"], "1970-01-01");
        assert_eq!(
            begin(&json!({"status": "approved", "starts_on": "1970-01-02"})),
            Err("leave_not_begun")
        );
        let begun = json!({"status": "approved", "starts_on": "1970-01-01", "began_on": "1970-01-01"});
        assert_eq!(begin(&begun), Err("leave_begun"));
    }

    #[test]
    fn rules_of_a_row() {
        let row = |starts: &str, ends: &str, days: i64| json!({"starts_on": starts, "ends_on": ends, "days": days});
        let table = [
            (row("2025-03-02", "2025-03-01", 1), "ends_on before_start"),
            (row("2025-03-01", "2025-03-01", 1), ""),
            (row("2025-03-01", "2025-03-02", 3), "days more_than_span"),
            (row("2025-01-01", "2026-02-01", 1), "ends_on leave_too_long"),
        ];
        breaks(check, None, &table);
        let approved = json!({"status": "approved", "starts_on": "2025-03-01", "ends_on": "2025-03-02", "days": 2});
        let longer = json!({"status": "approved", "starts_on": "2025-03-01", "ends_on": "2025-03-03", "days": 2});
        breaks(
            check,
            Some(&approved),
            &[(longer, "ends_on already_decided"), (approved.clone(), "")],
        );
    }
}
