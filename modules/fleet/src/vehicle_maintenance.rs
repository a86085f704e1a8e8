//! Maintenance: work on a vehicle, planned and done. While it goes on the vehicle is out of service, and its end rolls the
//! next service into the vehicle: see `workshop`.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, boolean, choice, date, decimal, file, instant,
    integer, json, long_text, member, money, moved, number, phone, reference, text, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::figures::hours_between;
use crate::why::why;

/// Maintenance jobs.
pub static VEHICLE_MAINTENANCE: Resource = Resource::new("fleet", "vehicle_maintenance", FIELDS)
    .title(&["maintenance_number"])
    .check(check)
    .actions(ACTIONS);

/// A job's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Scheduled,
    InProgress,
    OnHold,
    WaitingParts,
    Completed,
    Cancelled,
}

/// Whether a job is paid.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Payment {
    Pending,
    Paid,
}

const FIELDS: &[Field] = &[
    number("maintenance_number", "MNT", 4).group("job"),
    reference("vehicle_id", "fleet.vehicles")
        .required()
        .create_only()
        .filter()
        .list()
        .group("job"),
    choice(
        "maintenance_type",
        &[
            "routine",
            "preventive",
            "corrective",
            "breakdown",
            "upgrade",
            "inspection",
            "recall",
            "other",
        ],
    )
    .required()
    .aliases(&[("scheduled", "routine"), ("emergency", "breakdown")])
    .filter()
    .list()
    .group("job"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("scheduled")
        .filter()
        .list()
        .group("job"),
    long_text("status_reason", 500).read_only().group("job"),
    choice("priority", &["low", "normal", "high", "urgent"])
        .required()
        .default("normal")
        .aliases(&[("medium", "normal"), ("critical", "urgent")])
        .filter()
        .group("job"),
    date("scheduled_on").filter().list().group("job"),
    instant("started_at").read_only().group("job"),
    instant("completed_at").read_only().group("job"),
    decimal("downtime_hours", 2).read_only().group("job"),
    long_text("description", 2000).required().group("work"),
    long_text("diagnosis", 2000).group("work"),
    long_text("work_performed", 2000).group("work"),
    long_text("parts_replaced", 2000).group("work"),
    json("parts").group("work"),
    long_text("issues_found", 2000).group("work"),
    long_text("recommendations", 2000).group("work"),
    integer("quality_rating", 1, 5).group("work"),
    choice("service_provider", &["in_house", "authorized_dealer", "third_party"])
        .required()
        .default("third_party")
        .filter()
        .group("workshop"),
    text("provider_name", 200).search().group("workshop"),
    text("provider_location", 300).group("workshop"),
    text("technician_name", 200).group("workshop"),
    phone("technician_phone").group("workshop"),
    decimal("service_km", 2).unit("km").group("service"),
    date("next_service_on").filter().group("service"),
    decimal("next_service_km", 2).unit("km").group("service"),
    money("labor_cost")
        .required()
        .default("0")
        .permission("read_cost")
        .group("cost"),
    money("parts_cost")
        .required()
        .default("0")
        .permission("read_cost")
        .group("cost"),
    money("tax_amount")
        .required()
        .default("0")
        .permission("read_cost")
        .group("cost"),
    money("discount_amount")
        .required()
        .default("0")
        .permission("read_cost")
        .group("cost"),
    text("invoice_number", 100).unique().search().group("cost"),
    date("invoiced_on").group("cost"),
    file("invoice_file_id").group("cost"),
    choice("payment_status", Payment::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .group("cost"),
    choice(
        "payment_method",
        &["cash", "bank_transfer", "bank_card", "company_account", "other"],
    )
    .group("cost"),
    date("paid_on").read_only().group("cost"),
    member("approved_by").read_only().group("cost"),
    date("approved_on").read_only().group("cost"),
    boolean("is_warranty")
        .required()
        .default("false")
        .filter()
        .group("warranty"),
    text("warranty_claim_number", 100).group("warranty"),
    boolean("has_warranty").required().default("false").group("warranty"),
    date("warranty_expires_on").group("warranty"),
    long_text("warranty_details", 1000).group("warranty"),
    file("report_file_id").group("work"),
    json("photos").group("work"),
    long_text("notes", 4000),
];

const REASON: Field = long_text("status_reason", 500);

const ACTIONS: &[Action] = &[
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Scheduled => Some(Status::InProgress),
            Status::InProgress | Status::OnHold | Status::WaitingParts | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["started_at"]),
    transition("hold", "status", &[REASON.required()], |state| {
        moved(state, |status| match status {
            Status::InProgress | Status::WaitingParts => Some(Status::OnHold),
            Status::Scheduled | Status::OnHold | Status::Completed | Status::Cancelled => None,
        })
    }),
    transition("wait_for_parts", "status", &[REASON], |state| {
        moved(state, |status| match status {
            Status::InProgress | Status::OnHold => Some(Status::WaitingParts),
            Status::Scheduled | Status::WaitingParts | Status::Completed | Status::Cancelled => None,
        })
    }),
    transition("resume", "status", &[], |state| {
        moved(state, |status| match status {
            Status::OnHold | Status::WaitingParts => Some(Status::InProgress),
            Status::Scheduled | Status::InProgress | Status::Completed | Status::Cancelled => None,
        })
    })
    .decide(why),
    transition(
        "complete",
        "status",
        &[
            decimal("service_km", 2).unit("km"),
            date("next_service_on"),
            decimal("next_service_km", 2).unit("km"),
            long_text("work_performed", 2000),
        ],
        |state| {
            moved(state, |status| match status {
                Status::InProgress => Some(Status::Completed),
                Status::Scheduled | Status::OnHold | Status::WaitingParts | Status::Completed | Status::Cancelled => {
                    None
                }
            })
        },
    )
    .stamps(&["completed_at"])
    .decide(complete),
    transition("cancel", "status", &[REASON.required()], |state| {
        moved(state, |status| match status {
            Status::Scheduled | Status::InProgress | Status::OnHold | Status::WaitingParts => Some(Status::Cancelled),
            Status::Completed | Status::Cancelled => None,
        })
    })
    .danger(),
    action("approve", &[], approve),
    transition("pay", "payment_status", &[date("paid_on").required()], |state| {
        moved(state, |payment| match payment {
            Payment::Pending => Some(Payment::Paid),
            Payment::Paid => None,
        })
    }),
];

/// How long the vehicle was away.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn complete(given: &Given<'_>) -> Decision {
    let hours = given
        .record
        .instant("started_at")
        .map(|at| hours_between(at, given.now));
    Ok(Map::from_iter([("downtime_hours".to_owned(), json!(hours))]))
}

/// Once is enough, and a job that is cancelled needs nobody's consent.
fn approve(given: &Given<'_>) -> Decision {
    if given.record.has("approved_on") {
        return Err("already_approved");
    }
    if given.record.is("status", "cancelled") {
        return Err("maintenance_cancelled");
    }
    let mut change = Map::from_iter([("approved_on".to_owned(), json!(given.today))]);
    if !given.actor_id.is_nil() {
        change.insert("approved_by".to_owned(), json!(given.actor_id));
    }
    Ok(change)
}

/// A discount is part of the price.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let amount = |field| after.decimal(field).unwrap_or(Decimal::ZERO);
    let mut violations = Vec::new();
    if amount("discount_amount") > amount("labor_cost") + amount("parts_cost") + amount("tax_amount") {
        violations.push(Violation::new("discount_amount", "over_total"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn a_completed_job_knows_how_long_it_took() {
        let row = json!({"status": "in_progress", "started_at": "1969-12-31T18:30:00Z"});
        let change = decide(ACTIONS, FIELDS, "complete", &row, &json!({"service_km": "46328.00"})).expect("allowed");
        assert_eq!(change["status"], "completed");
        assert_eq!(change["downtime_hours"], "5.50");
        assert_eq!(change["service_km"], "46328.00");
        assert_eq!(change["completed_at"], "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn approval_is_given_once() {
        let approve = |row| decide(ACTIONS, FIELDS, "approve", &row, &json!({}));
        assert_eq!(
            approve(json!({"status": "scheduled"})).expect("allowed")["approved_on"],
            "1970-01-01"
        );
        assert_eq!(approve(json!({"approved_on": "2026-01-01"})), Err("already_approved"));
        assert_eq!(approve(json!({"status": "cancelled"})), Err("maintenance_cancelled"));
    }

    #[test]
    fn rules_of_a_row() {
        let cost = |discount: &str| json!({"labor_cost": "100.00", "parts_cost": "50.00", "tax_amount": "22.50", "discount_amount": discount});
        let table = [(cost("172.50"), ""), (cost("172.51"), "discount_amount over_total")];
        breaks(check, None, &table);
    }
}
