//! Electricity, water, internet: what a building's utilities cost in a period, and whether it is paid.

use platform_core::{Cx, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, decimal, file, long_text, member, money,
    moved, number, reference, text, transition,
};
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

/// Bills.
pub static UTILITY_BILLS: Resource = Resource::new("accommodation", "utility_bills", FIELDS)
    .title(&["bill_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Open,
    Overdue,
    Disputed,
    Paid,
    Cancelled,
}

const FIELDS: &[Field] = &[
    number("bill_number", "UB", 4),
    reference("building_id", "accommodation.buildings")
        .required()
        .filter()
        .list(),
    choice(
        "utility",
        &["electricity", "water", "internet", "gas", "sewage", "other"],
    )
    .required()
    .filter()
    .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("open")
        .filter()
        .list(),
    date("period_starts_on").required().filter().list(),
    date("period_ends_on").required().list(),
    text("provider", 200).search(),
    text("account_number", 100).search(),
    text("reference_number", 100).search(),
    decimal("consumption", 3),
    choice("consumption_unit", &["kwh", "m3", "gb", "l"]),
    money("amount").required().list(),
    money("vat_amount"),
    date("issued_on"),
    date("due_on").filter().list(),
    date("paid_on").read_only().filter(),
    text("payment_reference", 100).read_only().search(),
    member("paid_by").read_only(),
    long_text("dispute_reason", 500).read_only(),
    long_text("cancel_reason", 500).read_only(),
    file("file_id"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition(
        "pay",
        "status",
        &[date("paid_on").required(), text("payment_reference", 100)],
        |state| {
            moved(state, |status| match status {
                Status::Open | Status::Overdue => Some(Status::Paid),
                Status::Disputed | Status::Paid | Status::Cancelled => None,
            })
        },
    )
    .signs("paid_by"),
    transition("mark_overdue", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Open => Some(Status::Overdue),
            Status::Overdue | Status::Disputed | Status::Paid | Status::Cancelled => None,
        })
    })
    .internal()
    .decide(overdue),
    transition(
        "dispute",
        "status",
        &[long_text("dispute_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Open | Status::Overdue => Some(Status::Disputed),
                Status::Disputed | Status::Paid | Status::Cancelled => None,
            })
        },
    ),
    transition("settle", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Disputed => Some(Status::Open),
            Status::Open | Status::Overdue | Status::Paid | Status::Cancelled => None,
        })
    }),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Open | Status::Overdue | Status::Disputed => Some(Status::Cancelled),
                Status::Paid | Status::Cancelled => None,
            })
        },
    )
    .danger(),
];

/// A bill may be paid on the day on which it is due.
fn overdue(given: &Given<'_>) -> Decision {
    match given.record.date("due_on") {
        Some(due) if due < given.today => Ok(Map::new()),
        _ => Err("not_due_yet"),
    }
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let period = after.date("period_starts_on").zip(after.date("period_ends_on"));
    if period.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("period_ends_on", "ends_before_start"));
    }
    let amounts = after.decimal("amount").zip(after.decimal("vat_amount"));
    if amounts.is_some_and(|(amount, vat)| vat > amount) {
        violations.push(Violation::new("vat_amount", "more_than_amount"));
    }
    violations
}

pub(crate) const UNPAID: &str = "SELECT b.id FROM accommodation.utility_bills b
    WHERE b.organization_id = $1 AND b.status = 'open' AND b.due_on < $2 AND b.deleted_at IS NULL
    ORDER BY b.due_on, b.id LIMIT 500";

/// Once a day: open bills whose day has passed are overdue.
pub(crate) async fn daily(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    let unpaid: Vec<Uuid> = sqlx::query_scalar(UNPAID)
        .bind(cx.organization_id)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    for bill_id in unpaid {
        platform_engine::act(cx, &UTILITY_BILLS, bill_id, "mark_overdue", Map::new()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn a_bill_is_overdue_after_its_day() {
        let mark = |due_on: Option<&str>| {
            let bill = json!({"status": "open", "due_on": due_on});
            decide(&UTILITY_BILLS, "mark_overdue", &bill, &json!({})).map(|change| change["status"].clone())
        };
        assert_eq!(mark(Some("2026-06-14")), Ok(json!("overdue")));
        assert_eq!(mark(Some("2026-06-15")), Err("not_due_yet"));
        assert_eq!(mark(None), Err("not_due_yet"));
    }

    #[test]
    fn rules_of_a_row() {
        let table = [
            (
                json!({"period_starts_on": "2026-05-02", "period_ends_on": "2026-05-01"}),
                "period_ends_on ends_before_start",
            ),
            (
                json!({"period_starts_on": "2026-05-01", "period_ends_on": "2026-05-01"}),
                "",
            ),
            (
                json!({"amount": "115.00", "vat_amount": "115.01"}),
                "vat_amount more_than_amount",
            ),
            (json!({"amount": "115.00", "vat_amount": "15.00"}), ""),
        ];
        breaks(check, None, &table);
    }
}
