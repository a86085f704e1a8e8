//! Shifts, and the days for which somebody is planned. A planned day keeps the times of its shift as they were then.

use platform_resource::{
    Field, Record, Resource, Violation, boolean, choice, date, integer, long_text, reference, text, time,
};

use crate::attendance::minutes;

/// Shifts.
pub static WORK_SHIFTS: Resource = Resource::new("hr", "work_shifts", SHIFT_FIELDS)
    .title(&["name"])
    .check(check_shift)
    .sort("name");

/// Planned days.
pub static ROSTER_ENTRIES: Resource = Resource::new("hr", "roster_entries", ENTRY_FIELDS)
    .owned_by("courier_id")
    .title(&["day"])
    .check(check_entry)
    .sort("-day");

const SHIFT_FIELDS: &[Field] = &[
    text("name", 120).required().unique().search().list(),
    time("starts_at").required().list().example("08:00"),
    time("ends_at").required().list().example("16:30"),
    integer("break_minutes", 0, 240)
        .required()
        .default("30")
        .unit("min")
        .list()
        .example("30"),
    reference("work_place_id", "hr.work_places").filter().list(),
    choice("colour", &["blue", "green", "amber", "red", "violet", "grey"]),
    boolean("is_active").required().default("true").filter().list(),
    long_text("notes", 4000),
];

const ENTRY_FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    date("day").required().filter().list().example("2026-01-15"),
    reference("shift_id", "hr.work_shifts").required().filter().list(),
    time("starts_at").list().example("08:00"),
    time("ends_at").list().example("16:30"),
    integer("break_minutes", 0, 240).unit("min").example("30"),
    reference("work_place_id", "hr.work_places").filter(),
    long_text("notes", 4000),
];

/// Minutes from the beginning to the end; an end that is not later is on the next day.
pub(crate) fn length(starts_at: &str, ends_at: &str) -> Option<i64> {
    let length = (minutes(ends_at)? - minutes(starts_at)?).rem_euclid(24 * 60);
    Some(if length == 0 { 24 * 60 } else { length })
}

fn check_times(row: &Record, violations: &mut Vec<Violation>) {
    let times = row.text("starts_at").zip(row.text("ends_at"));
    let Some(length) = times.and_then(|(starts, ends)| length(starts, ends)) else {
        return;
    };
    if length == 24 * 60 {
        violations.push(Violation::new("ends_at", "shift_without_end"));
    } else if row.integer("break_minutes").is_some_and(|pause| pause >= length) {
        violations.push(Violation::new("break_minutes", "break_too_long"));
    }
}

fn check_shift(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    check_times(after, &mut violations);
    violations
}

fn check_entry(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    match (after.has("starts_at"), after.has("ends_at")) {
        (true, false) => violations.push(Violation::new("ends_at", "required")),
        (false, true) => violations.push(Violation::new("starts_at", "required")),
        (true, true) | (false, false) => {}
    }
    check_times(after, &mut violations);
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn a_shift_has_an_end_and_a_break_is_a_part_of_it() {
        let row = |starts: &str, ends: &str, pause: i64| json!({"starts_at": starts, "ends_at": ends, "break_minutes": pause});
        let table = [
            (row("22:00", "06:00", 30), ""),
            (row("08:00", "08:00", 0), "ends_at shift_without_end"),
            (row("08:00", "08:30", 30), "break_minutes break_too_long"),
        ];
        breaks(check_shift, None, &table);
        breaks(
            check_entry,
            None,
            &[(json!({"starts_at": "08:00"}), "ends_at required"), (json!({}), "")],
        );
        assert_eq!(
            (length("22:00", "06:30"), length("08:00", "16:30")),
            (Some(510), Some(510))
        );
    }
}
