//! Quality: what is measured and how much it weighs, inspections, and the scores that an inspection gives.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, boolean, choice, date, decimal, file, instant,
    integer, json, long_text, member, moved, number, reference, text, transition,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

const TYPES: &[&str] = &[
    "delivery_quality",
    "customer_satisfaction",
    "vehicle_condition",
    "courier_performance",
    "package_handling",
    "timeliness",
    "compliance",
];

/// What is measured.
pub static QUALITY_METRICS: Resource = Resource::new("operations", "quality_metrics", METRIC)
    .title(&["metric_name"])
    .check(check_metric);

const METRIC: &[Field] = &[
    text("metric_code", 50).required().unique().search().list(),
    text("metric_name", 200).required().search().list(),
    choice("metric_type", TYPES).required().filter().list(),
    long_text("description", 2000),
    decimal("target_value", 2).required().list(),
    text("unit_of_measure", 50),
    decimal("min_acceptable", 2),
    decimal("max_acceptable", 2),
    decimal("warning_threshold", 2),
    decimal("critical_threshold", 2),
    decimal("weight", 2).required().default("1").list(),
    boolean("is_critical").required().default("false").filter().list(),
    boolean("is_active").required().default("true").filter().list(),
    long_text("notes", 4000),
];

fn check_metric(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after
        .decimal("min_acceptable")
        .zip(after.decimal("max_acceptable"))
        .is_some_and(|(min, max)| max < min)
    {
        violations.push(Violation::new("max_acceptable", "below_minimum"));
    }
    if after.decimal("weight").is_some_and(|weight| weight.is_zero()) {
        violations.push(Violation::new("weight", "must_be_positive"));
    }
    violations
}

/// Inspections.
pub static QUALITY_INSPECTIONS: Resource = Resource::new("operations", "quality_inspections", INSPECTION)
    .title(&["inspection_number"])
    .check(check_inspection)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Scheduled,
    InProgress,
    Completed,
    Passed,
    Failed,
}

const INSPECTION: &[Field] = &[
    number("inspection_number", "QI", 4).group("inspection"),
    choice("inspection_type", TYPES)
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
    reference("courier_id", "fleet.couriers")
        .filter()
        .list()
        .group("inspection"),
    reference("vehicle_id", "fleet.vehicles")
        .filter()
        .list()
        .group("inspection"),
    reference("delivery_id", "operations.deliveries")
        .filter()
        .group("inspection"),
    date("scheduled_on").required().filter().list().group("inspection"),
    instant("inspected_at").read_only().group("inspection"),
    instant("completed_at").read_only().group("inspection"),
    member("inspector").filter().group("inspection"),
    long_text("inspector_notes", 4000).group("inspection"),
    decimal("overall_score", 2).read_only().list().group("result"),
    long_text("findings", 4000).group("result"),
    long_text("issues_found", 4000).group("result"),
    integer("violations_count", 0, 1000)
        .required()
        .default("0")
        .list()
        .group("result"),
    long_text("recommendations", 4000).group("result"),
    json("checklist_results")
        .example(r#"[{"item":"Bag is clean","is_good":true}]"#)
        .group("result"),
    file("photo_file_id").group("result"),
    boolean("requires_followup")
        .required()
        .default("false")
        .filter()
        .group("followup"),
    date("followup_on").filter().group("followup"),
    boolean("followup_completed")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("followup"),
    long_text("corrective_actions", 4000).group("followup"),
    boolean("actions_completed")
        .required()
        .read_only()
        .default("false")
        .group("followup"),
    member("completion_verified_by").read_only().group("followup"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Scheduled => Some(Status::InProgress),
            Status::InProgress | Status::Completed | Status::Passed | Status::Failed => None,
        })
    })
    .stamps(&["inspected_at"])
    .signs("inspector"),
    transition(
        "complete",
        "status",
        &[
            decimal("overall_score", 2),
            long_text("findings", 4000),
            integer("violations_count", 0, 1000).required().default("0"),
            long_text("recommendations", 4000),
        ],
        |state| {
            moved(state, |status| match status {
                Status::InProgress => Some(Status::Completed),
                Status::Scheduled | Status::Completed | Status::Passed | Status::Failed => None,
            })
        },
    )
    .stamps(&["completed_at"])
    .decide(complete),
    transition("pass", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Completed => Some(Status::Passed),
            Status::Scheduled | Status::InProgress | Status::Passed | Status::Failed => None,
        })
    }),
    transition("fail", "status", &[long_text("corrective_actions", 4000)], |state| {
        moved(state, |status| match status {
            Status::Completed => Some(Status::Failed),
            Status::Scheduled | Status::InProgress | Status::Passed | Status::Failed => None,
        })
    })
    .decide(|_| Ok(Map::from_iter([("requires_followup".to_owned(), json!(true))]))),
    action(
        "complete_followup",
        &[long_text("corrective_actions", 4000).required()],
        complete_followup,
    )
    .when("status", &["completed", "passed", "failed"]),
];

/// Scores are out of a hundred.
fn complete(given: &Given<'_>) -> Decision {
    if given
        .input
        .decimal("overall_score")
        .is_some_and(|score| score > Decimal::ONE_HUNDRED)
    {
        return Err("score_over_hundred");
    }
    Ok(Map::new())
}

fn complete_followup(given: &Given<'_>) -> Decision {
    if given.record.get("requires_followup") != &json!(true) {
        return Err("no_followup");
    }
    let mut change = given.input.0.clone();
    change.insert("followup_completed".into(), json!(true));
    change.insert("actions_completed".into(), json!(true));
    if !given.actor_id.is_nil() {
        change.insert("completion_verified_by".into(), json!(given.actor_id));
    }
    Ok(change)
}

fn check_inspection(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    if after
        .decimal("overall_score")
        .is_some_and(|score| score > Decimal::ONE_HUNDRED)
    {
        return vec![Violation::new("overall_score", "score_over_hundred")];
    }
    Vec::new()
}

/// What an inspection gives for each metric.
pub static QUALITY_INSPECTION_SCORES: Resource = Resource::new("operations", "quality_inspection_scores", SCORE)
    .title(&["score"])
    .check(check_score);

const SCORE: &[Field] = &[
    reference("quality_inspection_id", "operations.quality_inspections")
        .required()
        .create_only()
        .filter()
        .list(),
    reference("quality_metric_id", "operations.quality_metrics")
        .required()
        .create_only()
        .filter()
        .list(),
    decimal("score", 2).required().list(),
    boolean("is_violation").required().default("false").filter().list(),
    long_text("notes", 2000).list(),
];

fn check_score(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    if after.decimal("score").is_some_and(|score| score > Decimal::ONE_HUNDRED) {
        return vec![Violation::new("score", "score_over_hundred")];
    }
    Vec::new()
}
