//! Inspections: 37 points of a vehicle are looked at; their score and the critical ones among them make the verdict. What was
//! found stays as it was once the inspection is completed.

use platform_resource::{
    Action, Decision, Field, Given, Kind, Record, Resource, Violation, boolean, choice, date, decimal, file, instant,
    integer, json, long_text, member, moved, number, reference, text, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Inspections.
pub static VEHICLE_INSPECTIONS: Resource = Resource::new("fleet", "vehicle_inspections", FIELDS)
    .title(&["inspection_number"])
    .check(check)
    .actions(ACTIONS);

/// An inspection's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Scheduled,
    Completed,
    Cancelled,
}

/// What an inspection comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Verdict {
    Passed,
    Conditional,
    Failed,
}

/// A point that is looked at; good unless somebody says otherwise.
const fn point(name: &'static str, group: &'static str) -> Field {
    boolean(name).required().default("true").group(group)
}

const FIELDS: &[Field] = &[
    number("inspection_number", "INS", 4).group("inspection"),
    reference("vehicle_id", "fleet.vehicles")
        .required()
        .create_only()
        .filter()
        .list()
        .group("inspection"),
    reference("courier_id", "fleet.couriers").filter().group("inspection"),
    choice(
        "inspection_type",
        &[
            "pre_trip",
            "post_trip",
            "periodic",
            "safety",
            "registration",
            "accident",
        ],
    )
    .required()
    .filter()
    .list()
    .group("inspection"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("scheduled")
        .filter()
        .list()
        .group("inspection"),
    long_text("status_reason", 500).read_only().group("inspection"),
    date("scheduled_on").filter().list().group("inspection"),
    instant("completed_at").read_only().list().group("inspection"),
    member("inspected_by").read_only().group("inspection"),
    text("inspector_name", 200).search().group("inspection"),
    text("location", 300).group("inspection"),
    text("weather", 100).group("inspection"),
    decimal("odometer_km", 2).unit("km").group("inspection"),
    choice("overall_condition", &["excellent", "good", "fair", "poor"])
        .required()
        .default("good")
        .filter()
        .group("inspection"),
    point("engine_condition", "engine"),
    point("engine_oil_level", "engine"),
    point("coolant_level", "engine"),
    point("battery_condition", "engine"),
    point("transmission", "engine"),
    point("headlights", "lights"),
    point("taillights", "lights"),
    point("indicators", "lights"),
    point("brake_lights", "lights"),
    point("horn", "lights"),
    point("dashboard_lights", "lights"),
    point("brake_pads_front", "brakes"),
    point("brake_pads_rear", "brakes"),
    point("brake_fluid_level", "brakes"),
    point("handbrake", "brakes"),
    point("tire_front_left", "tyres"),
    point("tire_front_right", "tyres"),
    point("tire_rear_left", "tyres"),
    point("tire_rear_right", "tyres"),
    point("spare_tire", "tyres"),
    point("tire_pressure", "tyres"),
    point("body_condition", "body"),
    point("windshield", "body"),
    point("mirrors", "body"),
    point("wipers", "body"),
    point("doors", "body"),
    point("windows", "cabin"),
    point("seats", "cabin"),
    point("seatbelts", "cabin"),
    point("air_conditioning", "cabin"),
    point("steering", "cabin"),
    point("first_aid_kit", "safety"),
    point("fire_extinguisher", "safety"),
    point("warning_triangle", "safety"),
    point("jack_and_tools", "safety"),
    point("registration_document", "papers"),
    point("insurance_document", "papers"),
    choice("verdict", Verdict::VARIANTS)
        .read_only()
        .filter()
        .list()
        .group("result"),
    integer("score", 0, 100).read_only().list().group("result"),
    integer("passed_checks", 0, 37).read_only().group("result"),
    integer("failed_checks", 0, 37).read_only().group("result"),
    integer("critical_failures", 0, 37).read_only().group("result"),
    boolean("is_roadworthy").read_only().filter().group("result"),
    boolean("meets_safety_standards").read_only().group("result"),
    long_text("issues_found", 2000).group("findings"),
    long_text("critical_issues", 2000).group("findings"),
    long_text("recommendations", 2000).group("findings"),
    long_text("required_repairs", 2000).group("findings"),
    boolean("requires_immediate_repair")
        .required()
        .default("false")
        .filter()
        .group("findings"),
    boolean("requires_follow_up")
        .required()
        .default("false")
        .filter()
        .group("findings"),
    date("follow_up_on").filter().group("findings"),
    boolean("repairs_completed")
        .required()
        .default("false")
        .group("findings"),
    date("repairs_completed_on").group("findings"),
    long_text("inspector_comments", 2000).group("findings"),
    file("signature_file_id").group("findings"),
    file("report_file_id").group("findings"),
    json("photos").group("findings"),
    long_text("notes", 4000),
];

/// Groups of the 37 points.
const GROUPS: &[&str] = &[
    "engine", "lights", "brakes", "tyres", "body", "cabin", "safety", "papers",
];

/// Points without which a vehicle is a danger: one of them at fault and the vehicle fails, whatever the score. The spare tyre
/// and the horn are not among them.
const CRITICAL: &[&str] = &[
    "headlights",
    "taillights",
    "indicators",
    "brake_lights",
    "brake_pads_front",
    "brake_pads_rear",
    "brake_fluid_level",
    "handbrake",
    "tire_front_left",
    "tire_front_right",
    "tire_rear_left",
    "tire_rear_right",
    "seatbelts",
    "steering",
];

/// Percent of passed points from which a vehicle passes, and from which it may drive under conditions.
const PASSED_PERCENT: usize = 95;
const CONDITIONAL_PERCENT: usize = 80;

const REASON: Field = long_text("status_reason", 500);

const ACTIONS: &[Action] = &[
    transition("complete", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Scheduled => Some(Status::Completed),
            Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["completed_at"])
    .signs("inspected_by")
    .decide(complete),
    transition("cancel", "status", &[REASON.required()], |state| {
        moved(state, |status| match status {
            Status::Scheduled => Some(Status::Cancelled),
            Status::Completed | Status::Cancelled => None,
        })
    })
    .danger(),
];

/// The names of the 37 points.
fn points() -> impl Iterator<Item = &'static str> {
    let is_point = |field: &&Field| {
        matches!(field.kind, Kind::Boolean) && field.group.is_some_and(|group| GROUPS.contains(&group))
    };
    FIELDS.iter().filter(is_point).map(|field| field.name)
}

/// What the points come to.
#[derive(Debug, PartialEq, Eq)]
struct Findings {
    passed: usize,
    failed: usize,
    critical: usize,
    score: usize,
    verdict: Verdict,
}

fn findings(record: &Record) -> Findings {
    let failed: Vec<_> = points().filter(|name| record.get(name) == &json!(false)).collect();
    let total = points().count();
    let passed = total - failed.len();
    let critical = failed.iter().filter(|name| CRITICAL.contains(name)).count();
    let score = passed * 100 / total;
    let verdict = if critical > 0 || score < CONDITIONAL_PERCENT {
        Verdict::Failed
    } else if score < PASSED_PERCENT {
        Verdict::Conditional
    } else {
        Verdict::Passed
    };
    Findings {
        passed,
        failed: failed.len(),
        critical,
        score,
        verdict,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn complete(given: &Given<'_>) -> Decision {
    Ok(conclude(given.record))
}

/// What the points of an inspection come to, as fields.
pub(crate) fn conclude(record: &Record) -> Map<String, Json> {
    let result = findings(record);
    let verdict: &'static str = result.verdict.into();
    let (is_roadworthy, meets_standards) = match result.verdict {
        Verdict::Passed => (true, true),
        Verdict::Conditional => (true, false),
        Verdict::Failed => (false, false),
    };
    Map::from_iter([
        ("verdict".to_owned(), json!(verdict)),
        ("score".to_owned(), json!(result.score)),
        ("passed_checks".to_owned(), json!(result.passed)),
        ("failed_checks".to_owned(), json!(result.failed)),
        ("critical_failures".to_owned(), json!(result.critical)),
        ("is_roadworthy".to_owned(), json!(is_roadworthy)),
        ("meets_safety_standards".to_owned(), json!(meets_standards)),
    ])
}

/// A completed inspection says for ever what was found.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let Some(before) = before.filter(|before| before.is("status", "completed")) else {
        return Vec::new();
    };
    points()
        .filter(|name| before.get(name) != after.get(name))
        .map(|name| Violation::new(name, "inspection_completed"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide, record};

    /// All points good but the last ones that are not critical.
    fn inspected(failed: usize) -> Json {
        let mut row = json!({"status": "scheduled"});
        for name in points() {
            row[name] = json!(true);
        }
        for name in points().filter(|name| !CRITICAL.contains(name)).take(failed) {
            row[name] = json!(false);
        }
        row
    }

    #[test]
    fn boundaries_of_the_verdict() {
        assert_eq!(points().count(), 37);
        assert!(CRITICAL.iter().all(|name| points().any(|point| point == *name)));
        for (passed, score, verdict) in [
            (37, 100, Verdict::Passed),
            (36, 97, Verdict::Passed),
            (35, 94, Verdict::Conditional),
            (30, 81, Verdict::Conditional),
            (29, 78, Verdict::Failed),
        ] {
            let found = findings(&record(&inspected(37 - passed)));
            assert_eq!((found.passed, found.score, found.verdict), (passed, score, verdict));
            assert_eq!((found.failed, found.critical), (37 - passed, 0));
        }
    }

    #[test]
    fn one_critical_point_fails_the_vehicle() {
        for name in CRITICAL {
            let mut row = inspected(0);
            row[*name] = json!(false);
            let found = findings(&record(&row));
            assert_eq!(
                (found.score, found.critical, found.verdict),
                (97, 1, Verdict::Failed),
                "{name}"
            );
        }
        let mut row = inspected(0);
        row["brake_fluid_level"] = json!(false);
        let change = decide(ACTIONS, FIELDS, "complete", &row, &json!({})).expect("allowed");
        assert_eq!(
            (&change["verdict"], &change["is_roadworthy"], &change["score"]),
            (&json!("failed"), &json!(false), &json!(97))
        );
    }

    #[test]
    fn what_was_found_stays() {
        let completed = json!({"status": "completed", "horn": true, "notes": "a"});
        let table = [
            (
                json!({"status": "completed", "horn": false}),
                "horn inspection_completed",
            ),
            (json!({"status": "completed", "horn": true, "notes": "b"}), ""),
        ];
        breaks(check, Some(&completed), &table);
    }
}
