//! Shifts: when a courier is planned to work, and whether he did. Attendance, which is paid, belongs to HR.

use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, date, instant, integer, long_text, member, moved, reference,
    text, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Shifts.
pub static SHIFTS: Resource = Resource::new("fleet", "shifts", FIELDS)
    .owned_by("courier_id")
    .title(&["works_on"])
    .sort("-works_on")
    .check(check)
    .actions(ACTIONS);

/// A shift's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Planned,
    Started,
    Completed,
    Missed,
    Cancelled,
}

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    reference("vehicle_id", "fleet.vehicles").filter().list(),
    date("works_on").required().filter().list(),
    instant("starts_at").required().list(),
    instant("ends_at").required().list(),
    integer("break_minutes", 0, 600).required().default("0"),
    text("city", 100).search().filter().list(),
    text("area", 200).search(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("planned")
        .filter()
        .list(),
    long_text("status_reason", 500).read_only(),
    instant("started_at").read_only(),
    instant("ended_at").read_only(),
    member("planned_by"),
    long_text("notes", 1000),
];

const REASON: Field = long_text("status_reason", 500);

const ACTIONS: &[Action] = &[
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Planned => Some(Status::Started),
            Status::Started | Status::Completed | Status::Missed | Status::Cancelled => None,
        })
    })
    .stamps(&["started_at"]),
    transition("finish", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Started => Some(Status::Completed),
            Status::Planned | Status::Completed | Status::Missed | Status::Cancelled => None,
        })
    })
    .stamps(&["ended_at"]),
    transition("miss", "status", &[REASON], |state| {
        moved(state, |status| match status {
            Status::Planned => Some(Status::Missed),
            Status::Started | Status::Completed | Status::Missed | Status::Cancelled => None,
        })
    }),
    transition("cancel", "status", &[REASON.required()], |state| {
        moved(state, |status| match status {
            Status::Planned => Some(Status::Cancelled),
            Status::Started | Status::Completed | Status::Missed | Status::Cancelled => None,
        })
    })
    .danger(),
];

/// It ends after it begins, and begins on its day.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let times = after.instant("starts_at").zip(after.instant("ends_at"));
    if times.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("ends_at", "ends_before_start"));
    }
    let day = after.date("works_on").zip(after.instant("starts_at"));
    // The zone is not known to a rule: a day's distance covers all of them.
    if day.is_some_and(|(day, at)| (at.date_naive() - day).num_days().abs() > 1) {
        violations.push(Violation::new("starts_at", "another_day"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn rules_of_a_row() {
        let shift = |start: &str, end: &str| json!({"works_on": "2026-03-02", "starts_at": start, "ends_at": end});
        let table = [
            (shift("2026-03-02T05:00:00Z", "2026-03-02T13:00:00Z"), ""),
            (shift("2026-03-01T22:00:00Z", "2026-03-02T06:00:00Z"), ""),
            (
                shift("2026-03-02T05:00:00Z", "2026-03-02T04:00:00Z"),
                "ends_at ends_before_start",
            ),
            (
                shift("2026-03-05T05:00:00Z", "2026-03-05T13:00:00Z"),
                "starts_at another_day",
            ),
        ];
        breaks(check, None, &table);
    }
}
