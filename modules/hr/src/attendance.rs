//! Attendance: one row for each courier and day. Minutes worked are the difference of two times and stored nowhere; the view
//! `hr.attendance_facts` and the summary say them.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, decimal, instant, integer, long_text,
    member, moved, reference, text, time, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Attendance.
pub static ATTENDANCE: Resource = Resource::new("hr", "attendance", FIELDS)
    .owned_by("courier_id")
    .title(&["day"])
    .check(check)
    .actions(ACTIONS)
    .sort("-day");

const FIELDS: &[Field] = &[
    reference("courier_id", "fleet.couriers")
        .required()
        .create_only()
        .filter()
        .list(),
    date("day").required().create_only().filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .create_only()
        .default("present")
        .filter()
        .list(),
    time("shift_starts_at"),
    time("check_in").list(),
    time("check_out").list(),
    integer("break_minutes", 0, 720).required().default("0").unit("min"),
    integer("overtime_minutes", 0, 960).required().default("0").unit("min"),
    text("check_in_place", 200),
    decimal("check_in_lat", 7).signed().read_only(),
    decimal("check_in_lon", 7).signed().read_only(),
    text("check_out_place", 200),
    decimal("check_out_lat", 7).signed().read_only(),
    decimal("check_out_lon", 7).signed().read_only(),
    reference("leave_id", "hr.leaves").read_only(),
    // What the telephone said, and who looked at it where it is doubtful.
    reference("check_in_place_id", "hr.work_places").read_only().filter(),
    integer("check_in_distance_m", 0, 30_000_000).read_only().unit("m"),
    integer("check_in_accuracy_m", 0, 30_000_000).read_only().unit("m"),
    reference("check_out_place_id", "hr.work_places").read_only().filter(),
    integer("check_out_distance_m", 0, 30_000_000).read_only().unit("m"),
    integer("check_out_accuracy_m", 0, 30_000_000).read_only().unit("m"),
    choice("doubt", &["none", "inaccurate", "mock_location", "late_report"])
        .required()
        .read_only()
        .default("none")
        .filter()
        .list(),
    choice("location_review", Review::VARIANTS)
        .required()
        .read_only()
        .default("not_needed")
        .filter()
        .list(),
    member("reviewed_by").read_only(),
    instant("reviewed_at").read_only(),
    long_text("notes", 4000),
];

/// Whether somebody looked at a doubtful position.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Review {
    NotNeeded,
    Waiting,
    Confirmed,
    Dismissed,
}

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Present,
    Late,
    HalfDay,
    Absent,
    OnLeave,
    Holiday,
}

/// A check-in this long after the shift began is still in time.
const GRACE_MINUTES: i64 = 15;
const DAY_MINUTES: i64 = 24 * 60;

const ACTIONS: &[Action] = &[
    transition(
        "check_in",
        "status",
        &[
            time("check_in").required(),
            time("shift_starts_at"),
            text("check_in_place", 200),
            decimal("check_in_lat", 7).signed(),
            decimal("check_in_lon", 7).signed(),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Absent | Status::Holiday | Status::Present => Some(Status::Present),
                Status::Late => Some(Status::Late),
                Status::HalfDay => Some(Status::HalfDay),
                Status::OnLeave => None,
            })
        },
    )
    .decide(arrive),
    transition(
        "check_out",
        "status",
        &[
            time("check_out").required(),
            text("check_out_place", 200),
            decimal("check_out_lat", 7).signed(),
            decimal("check_out_lon", 7).signed(),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Present => Some(Status::Present),
                Status::Late => Some(Status::Late),
                Status::HalfDay => Some(Status::HalfDay),
                Status::Absent | Status::OnLeave | Status::Holiday => None,
            })
        },
    )
    .decide(leave),
    transition("mark_present", "status", NOTES, |state| {
        moved(state, |status| match status {
            Status::Late | Status::HalfDay | Status::Absent | Status::OnLeave | Status::Holiday => {
                Some(Status::Present)
            }
            Status::Present => None,
        })
    }),
    transition("mark_late", "status", NOTES, |state| {
        moved(state, |status| match status {
            Status::Present | Status::HalfDay | Status::Absent | Status::OnLeave | Status::Holiday => {
                Some(Status::Late)
            }
            Status::Late => None,
        })
    }),
    transition("mark_half_day", "status", NOTES, |state| {
        moved(state, |status| match status {
            Status::Present | Status::Late | Status::Absent | Status::OnLeave | Status::Holiday => {
                Some(Status::HalfDay)
            }
            Status::HalfDay => None,
        })
    }),
    transition("mark_absent", "status", NOTES, |state| {
        moved(state, |status| match status {
            Status::Present | Status::Late | Status::HalfDay | Status::OnLeave | Status::Holiday => {
                Some(Status::Absent)
            }
            Status::Absent => None,
        })
    })
    .decide(was_not_at_work),
    transition("mark_on_leave", "status", NOTES, |state| {
        moved(state, |status| match status {
            Status::Present | Status::Late | Status::HalfDay | Status::Absent | Status::Holiday => {
                Some(Status::OnLeave)
            }
            Status::OnLeave => None,
        })
    })
    .decide(was_not_at_work),
    transition("mark_holiday", "status", NOTES, |state| {
        moved(state, |status| match status {
            Status::Present | Status::Late | Status::HalfDay | Status::Absent | Status::OnLeave => {
                Some(Status::Holiday)
            }
            Status::Holiday => None,
        })
    })
    .decide(was_not_at_work),
    transition("confirm_location", "location_review", NOTES, |state| {
        moved(state, |review| match review {
            Review::Waiting => Some(Review::Confirmed),
            Review::NotNeeded | Review::Confirmed | Review::Dismissed => None,
        })
    })
    .stamps(&["reviewed_at"])
    .signs("reviewed_by"),
    transition("dismiss_location", "location_review", NOTES, |state| {
        moved(state, |review| match review {
            Review::Waiting => Some(Review::Dismissed),
            Review::NotNeeded | Review::Confirmed | Review::Dismissed => None,
        })
    })
    .stamps(&["reviewed_at"])
    .signs("reviewed_by")
    .decide(was_somewhere_else)
    .danger(),
];

const NOTES: &[Field] = &[long_text("notes", 4000)];

/// Minutes since midnight of a time of day.
pub(crate) fn minutes(time: &str) -> Option<i64> {
    let (hours, minutes) = time.split_once(':')?;
    Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
}

/// Minutes from check-in to check-out without the break; a check-out before the check-in is on the next day.
pub(crate) fn worked_minutes(check_in: &str, check_out: &str, break_minutes: i64) -> Option<i64> {
    let present = (minutes(check_out)? - minutes(check_in)?).rem_euclid(DAY_MINUTES);
    Some((present - break_minutes).max(0))
}

/// Minutes from one time of day to another, the shorter way: ten past midnight is after ten in the evening.
fn apart(planned: i64, came: i64) -> i64 {
    (came - planned + DAY_MINUTES / 2).rem_euclid(DAY_MINUTES) - DAY_MINUTES / 2
}

/// Late by the shift that is planned; without a plan nobody is late.
fn arrive(given: &Given<'_>) -> Decision {
    if given.record.has("check_in") {
        return Err("already_checked_in");
    }
    let planned = [given.input, given.record]
        .into_iter()
        .find_map(|row| row.text("shift_starts_at"));
    let late_by = planned
        .and_then(minutes)
        .zip(given.input.text("check_in").and_then(minutes))
        .map(|(planned, came)| apart(planned, came));
    let mut change = Map::new();
    if late_by.is_some_and(|minutes| minutes > GRACE_MINUTES) && !given.record.is("status", "half_day") {
        change.insert("status".to_owned(), json!("late"));
    }
    Ok(change)
}

fn leave(given: &Given<'_>) -> Decision {
    if !given.record.has("check_in") {
        return Err("not_checked_in");
    }
    if given.record.has("check_out") {
        return Err("already_checked_out");
    }
    Ok(Map::new())
}

/// Who was not at work came and went at no time.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn was_not_at_work(_: &Given<'_>) -> Decision {
    let times = ["check_in", "check_out"].map(|field| (field.to_owned(), Json::Null));
    Ok(Map::from_iter(times))
}

/// Whoever was somewhere else was not at work.
fn was_somewhere_else(given: &Given<'_>) -> Decision {
    let mut change = was_not_at_work(given)?;
    change.insert("status".to_owned(), json!("absent"));
    Ok(change)
}

/// Times only of somebody who was at work, a check-out only after a check-in, no break longer than the shift.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let away = ["absent", "on_leave", "holiday"]
        .iter()
        .any(|state| after.is("status", state));
    if away && after.has("check_in") {
        violations.push(Violation::new("check_in", "not_at_work"));
    }
    if after.has("check_out") && !after.has("check_in") {
        violations.push(Violation::new("check_out", "not_checked_in"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn minutes_not_hours_and_nights_cross_midnight() {
        let cases = [
            ("08:00", "16:30", 0, 510),
            ("08:00", "17:30", 60, 510),
            ("22:00", "06:15", 0, 495),
            ("23:59", "00:00", 0, 1),
            ("09:00", "09:00", 0, 0),
            ("09:00", "09:20", 30, 0),
        ];
        for (check_in, check_out, pause, expected) in cases {
            assert_eq!(
                worked_minutes(check_in, check_out, pause),
                Some(expected),
                "{check_in} {check_out}"
            );
        }
    }

    #[test]
    fn late_is_more_than_the_grace() {
        let row = json!({"status": "absent", "shift_starts_at": "08:00"});
        let at = |time: &str| decide(ACTIONS, "check_in", &row, &json!({"check_in": time})).expect("allowed");
        assert_eq!(at("08:15").get("status"), None);
        assert_eq!(at("08:16")["status"], "late");
        // A night shift: ten past midnight is two hours after ten.
        let night = json!({"status": "absent", "shift_starts_at": "22:00"});
        let late = decide(ACTIONS, "check_in", &night, &json!({"check_in": "00:10"})).expect("allowed");
        assert_eq!(late["status"], "late");
        let early = decide(ACTIONS, "check_in", &night, &json!({"check_in": "21:40"})).expect("allowed");
        assert_eq!(early.get("status"), None);
        let twice = json!({"status": "present", "check_in": "08:00"});
        let again = decide(ACTIONS, "check_in", &twice, &json!({"check_in": "09:00"}));
        assert_eq!(again, Err("already_checked_in"));
    }

    #[test]
    fn a_doubtful_position_is_confirmed_or_makes_the_day_an_absence() {
        let row = json!({"status": "present", "check_in": "08:00", "location_review": "waiting"});
        let change = decide(ACTIONS, "dismiss_location", &row, &json!({})).expect("allowed");
        assert_eq!(
            (&change["status"], &change["check_in"]),
            (&json!("absent"), &Json::Null)
        );
        assert_eq!(decide(ACTIONS, "confirm_location", &row, &json!({})), Ok(Map::new()));
    }

    #[test]
    fn out_needs_in() {
        let row = json!({"status": "present"});
        assert_eq!(
            decide(ACTIONS, "check_out", &row, &json!({"check_out": "16:00"})),
            Err("not_checked_in")
        );
        let done = json!({"status": "present", "check_in": "08:00", "check_out": "16:00"});
        assert_eq!(
            decide(ACTIONS, "check_out", &done, &json!({"check_out": "17:00"})),
            Err("already_checked_out")
        );
    }

    #[test]
    fn rules_of_a_row() {
        let table = [
            (json!({"status": "absent", "check_in": "08:00"}), "check_in not_at_work"),
            (
                json!({"status": "present", "check_out": "08:00"}),
                "check_out not_checked_in",
            ),
            (
                json!({"status": "present", "check_in": "22:00", "check_out": "06:00"}),
                "",
            ),
        ];
        breaks(check, None, &table);
    }
}
