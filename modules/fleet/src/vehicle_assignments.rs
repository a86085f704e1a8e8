//! Vehicle assignments: who drives what from when to when. At most one open one for a vehicle and one for a courier: two
//! partial unique indexes keep that also between requests at once, and their names become the field error `taken`.

use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, date, decimal, long_text, moved, reference, text, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Vehicle assignments.
pub static VEHICLE_ASSIGNMENTS: Resource = Resource::new("fleet", "vehicle_assignments", FIELDS)
    .owned_by("courier_id")
    .title(&["started_on"])
    .check(check)
    .actions(ACTIONS);

/// An assignment's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Completed,
    Cancelled,
}

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
    choice("status", Status::VARIANTS)
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
    transition(
        "end",
        "status",
        &[
            date("ended_on").required(),
            decimal("end_odometer_km", 2).unit("km"),
            REASON,
        ],
        |state| from_active(state, Status::Completed),
    ),
    // It never happened, so it has no last day.
    transition("cancel", "status", &[REASON.required()], |state| {
        from_active(state, Status::Cancelled)
    })
    .danger(),
];

fn from_active(state: &str, to: Status) -> Option<&'static str> {
    moved(state, |status| match status {
        Status::Active => Some(to),
        Status::Completed | Status::Cancelled => None,
    })
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
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn a_cancelled_assignment_has_no_last_day() {
        let act = |name: &str, input| decide(ACTIONS, FIELDS, name, &json!({"status": "active"}), &input);
        let cancelled = act("cancel", json!({"end_reason": "Returned"})).expect("allowed");
        assert_eq!(
            serde_json::Value::Object(cancelled),
            json!({"status": "cancelled", "end_reason": "Returned"})
        );
        let ended = act("end", json!({"ended_on": "2026-03-31", "end_odometer_km": "120.00"})).expect("allowed");
        assert_eq!(
            serde_json::Value::Object(ended),
            json!({"status": "completed", "ended_on": "2026-03-31", "end_odometer_km": "120.00"})
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
