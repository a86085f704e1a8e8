//! Vehicle assignments: who drives what from when to when. At most one open one for a vehicle and one for a courier: two
//! partial unique indexes keep that also between requests at once, and their names become the field error `taken`.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, choice, date, decimal, long_text, reference,
    text,
};
use serde::Deserialize;
use serde_json::{Map, json};

/// Vehicle assignments.
pub static VEHICLE_ASSIGNMENTS: Resource = Resource::new("fleet", "vehicle_assignments", FIELDS)
    .title(&["started_on"])
    .check(check)
    .actions(ACTIONS);

const STATUS: &[&str] = &["active", "completed", "cancelled"];

const FIELDS: &[Field] = &[
    reference("vehicle_id", "fleet.vehicles")
        .required()
        .create_only()
        .filter()
        .list(),
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    choice("status", STATUS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list(),
    choice("assignment_type", &["permanent", "temporary", "trial"])
        .required()
        .default("permanent")
        .filter()
        .list(),
    date("started_on").required().filter().list(),
    date("ended_on").read_only().filter().list(),
    decimal("start_odometer_km", 2).unit("km").list(),
    decimal("end_odometer_km", 2).read_only().unit("km").list(),
    text("assigned_by", 200),
    long_text("assignment_reason", 500),
    long_text("end_reason", 500).read_only(),
    long_text("notes", 4000),
];

const REASON: Field = long_text("end_reason", 500);

const ACTIONS: &[Action] = &[
    action(
        "end",
        &[
            date("ended_on").required(),
            decimal("end_odometer_km", 2).unit("km"),
            REASON,
        ],
        end,
    )
    .when("status", &["active"]),
    action("cancel", &[REASON.required()], cancel)
        .when("status", &["active"])
        .danger(),
];

/// An assignment's states.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Active,
    Completed,
    Cancelled,
}

#[derive(Deserialize)]
struct Assignment {
    status: Status,
}

fn status(given: &Given<'_>) -> Result<Status, &'static str> {
    match given.record.typed::<Assignment>() {
        Ok(assignment) => Ok(assignment.status),
        Err(_) => Err("unknown_status"),
    }
}

fn end(given: &Given<'_>) -> Decision {
    close(given, "completed", &["ended_on", "end_odometer_km", "end_reason"])
}

/// Cancelled: it never happened, so it has no last day.
fn cancel(given: &Given<'_>) -> Decision {
    close(given, "cancelled", &["end_reason"])
}

fn close(given: &Given<'_>, to: &str, inputs: &[&str]) -> Decision {
    match status(given)? {
        Status::Active => {
            let mut change: Map<_, _> = inputs
                .iter()
                .map(|name| ((*name).to_owned(), given.input.get(name).clone()))
                .collect();
            change.insert("status".into(), json!(to));
            Ok(change)
        }
        Status::Completed => Err("assignment_completed"),
        Status::Cancelled => Err("assignment_cancelled"),
    }
}

/// It ends after it began, and the odometer does not run backwards in between.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after
        .date("started_on")
        .zip(after.date("ended_on"))
        .is_some_and(|(start, end)| end < start)
    {
        violations.push(Violation::new("ended_on", "ends_before_start"));
    }
    let odometers = after.decimal("start_odometer_km").zip(after.decimal("end_odometer_km"));
    if odometers.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("end_odometer_km", "odometer_falls"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide, walk};

    #[test]
    fn only_an_open_assignment_ends() {
        const ENDED: &str = "!assignment_completed";
        const CANCELLED: &str = "!assignment_cancelled";
        // In the order of STATUS: active, completed, cancelled.
        let table: &[(&str, &[&str])] = &[
            ("end", &["completed", ENDED, CANCELLED]),
            ("cancel", &["cancelled", ENDED, CANCELLED]),
        ];
        let input = json!({"ended_on": "2026-03-31", "end_odometer_km": "120.00", "end_reason": "Returned"});
        walk(ACTIONS, "status", STATUS, &input, table);
        let cancelled = decide(ACTIONS, "cancel", &json!({"status": "active"}), &input).expect("allowed");
        assert_eq!(
            serde_json::Value::Object(cancelled),
            json!({"status": "cancelled", "end_reason": "Returned"})
        );
    }

    #[test]
    fn rules_of_a_row() {
        let table = [
            (
                json!({"started_on": "2026-03-02", "ended_on": "2026-03-01"}),
                "ended_on ends_before_start",
            ),
            (json!({"started_on": "2026-03-02", "ended_on": "2026-03-02"}), ""),
            (
                json!({"start_odometer_km": "100.00", "end_odometer_km": "99.99"}),
                "end_odometer_km odometer_falls",
            ),
            (json!({"end_odometer_km": "99.99"}), ""),
        ];
        breaks(check, None, &table);
    }
}
