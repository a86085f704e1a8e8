//! Key figures with targets. The value is measured from a report's figure or recorded by hand; colour and achievement are
//! computed when they are asked for, because a changed target changes them too.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, boolean, choice, date, decimal, instant,
    long_text, reference, text,
};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::formulas::{Direction, change_percent, trend};

/// Key figures.
pub static KPIS: Resource = Resource::new("analytics", "kpis", FIELDS)
    .title(&["name"])
    .sort("code")
    .check(check)
    .actions(ACTIONS);

/// Targets of key figures for a time, as a quarter's.
pub static KPI_TARGETS: Resource = Resource::new("analytics", "kpi_targets", TARGET_FIELDS)
    .title(&["starts_on"])
    .sort("-starts_on")
    .check(check_target);

/// How long a key figure's period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Period {
    Daily,
    Weekly,
    Monthly,
    Quarterly,
    Yearly,
}

const CATEGORIES: &[&str] = &["operations", "fleet", "hr", "financial", "customer", "other"];

const FIELDS: &[Field] = &[
    text("code", 100).required().unique().search().list(),
    text("name", 255).required().search().list(),
    long_text("description", 2000),
    choice("category", CATEGORIES)
        .required()
        .default("operations")
        .filter()
        .list(),
    choice("direction", Direction::VARIANTS)
        .required()
        .default("higher")
        .filter(),
    choice("period", Period::VARIANTS)
        .required()
        .default("monthly")
        .filter()
        .list(),
    text("figure", 120)
        .example("delivery_success.success_percent")
        .group("measurement"),
    long_text("calculation_formula", 2000).group("measurement"),
    text("unit", 50),
    decimal("target_value", 4).signed().list().group("target"),
    decimal("warning_threshold", 4).signed().group("target"),
    decimal("critical_threshold", 4).signed().group("target"),
    decimal("current_value", 4)
        .signed()
        .read_only()
        .list()
        .group("measurement"),
    decimal("previous_value", 4).signed().read_only().group("measurement"),
    choice("trend", &["up", "down", "stable"])
        .read_only()
        .filter()
        .list()
        .group("measurement"),
    decimal("trend_percent", 2)
        .signed()
        .read_only()
        .unit("%")
        .group("measurement"),
    date("period_starts_on").read_only().group("measurement"),
    date("period_ends_on").read_only().group("measurement"),
    instant("last_calculated_at").read_only().group("measurement"),
    boolean("is_active").required().default("true").filter(),
];

const ACTIONS: &[Action] = &[action(
    "record_value",
    &[
        decimal("current_value", 4).signed().required(),
        decimal("previous_value", 4).signed(),
        date("period_starts_on"),
        date("period_ends_on"),
    ],
    record_value,
)];

/// The new value, and what it is beside the one before: the given one, or the one that was there.
fn record_value(given: &Given<'_>) -> Decision {
    let before = given
        .input
        .decimal("previous_value")
        .or_else(|| given.record.decimal("current_value"));
    let now = given.input.decimal("current_value").ok_or("required")?;
    if given.record.get("is_active") == &json!(false) {
        return Err("kpi_inactive");
    }
    let change = before.and_then(|before| change_percent(before, now));
    let mut changes = Map::from_iter([
        ("current_value".to_owned(), json!(now.to_string())),
        (
            "previous_value".to_owned(),
            json!(before.map(|value| value.to_string())),
        ),
        ("trend".to_owned(), json!(before.map(|before| trend(before, now)))),
        (
            "trend_percent".to_owned(),
            json!(change.map(|percent| percent.round_dp(2).to_string())),
        ),
        (
            "last_calculated_at".to_owned(),
            json!(given.now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)),
        ),
    ]);
    for name in ["period_starts_on", "period_ends_on"] {
        changes.insert(name.to_owned(), given.input.get(name).clone());
    }
    Ok(changes)
}

/// Thresholds in the order of the direction, and a figure that there is.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let direction = after.text("direction").and_then(|word| word.parse().ok());
    if let Some(direction) = direction {
        violations.extend(ordered(after, direction));
    }
    if after
        .text("figure")
        .is_some_and(|figure| !crate::catalogue::has_figure(figure))
    {
        violations.push(Violation::new("figure", "unknown_figure"));
    }
    violations
}

/// Which threshold lies on the wrong side of another, if one does.
fn ordered(row: &Record, direction: Direction) -> Option<Violation> {
    let worse = |one: Decimal, other: Decimal| match direction {
        Direction::Higher => one <= other,
        Direction::Lower => one >= other,
    };
    let [target, warning, critical] =
        ["target_value", "warning_threshold", "critical_threshold"].map(|field| row.decimal(field));
    let broken =
        |one: Option<Decimal>, other: Option<Decimal>| one.zip(other).is_some_and(|(one, other)| !worse(one, other));
    if broken(warning, target) {
        return Some(Violation::new("warning_threshold", "threshold_order"));
    }
    (broken(critical, warning) || broken(critical, target))
        .then(|| Violation::new("critical_threshold", "threshold_order"))
}

const TARGET_FIELDS: &[Field] = &[
    reference("kpi_id", "analytics.kpis")
        .required()
        .create_only()
        .filter()
        .list(),
    date("starts_on").required().filter().list(),
    date("ends_on").filter().list(),
    decimal("target_value", 4).signed().required().list(),
    decimal("warning_threshold", 4).signed().list(),
    decimal("critical_threshold", 4).signed().list(),
    long_text("notes", 2000),
];

/// A time that does not end before it begins. Warning and critical lie on the same side of the target.
fn check_target(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after
        .date("starts_on")
        .zip(after.date("ends_on"))
        .is_some_and(|(first, last)| last < first)
    {
        violations.push(Violation::new("ends_on", "before_start"));
    }
    // Which way is better is the key figure's to say: in one of both ways the three must be in order.
    let in_order = [Direction::Higher, Direction::Lower].map(|direction| ordered(after, direction));
    if let [Some(violation), Some(_)] = in_order {
        violations.push(violation);
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, outcome};

    #[test]
    fn a_value_knows_the_one_before() {
        let row = json!({"current_value": "80.0000", "is_active": true});
        let changed = outcome(&KPIS, "record_value", &row, &json!({"current_value": "88"})).expect("allowed");
        assert_eq!(changed["previous_value"], json!("80.0000"));
        assert_eq!(changed["trend"], json!("up"));
        assert_eq!(changed["trend_percent"], json!("10.00"));
        let given = json!({"current_value": "88", "previous_value": "100"});
        let changed = outcome(&KPIS, "record_value", &row, &given).expect("allowed");
        assert_eq!(
            (&changed["trend"], &changed["trend_percent"]),
            (&json!("down"), &json!("-12.00"))
        );
        let first = outcome(
            &KPIS,
            "record_value",
            &json!({"is_active": true}),
            &json!({"current_value": "1"}),
        );
        assert_eq!(first.expect("allowed")["trend"], json!(null));
        let off = outcome(
            &KPIS,
            "record_value",
            &json!({"is_active": false}),
            &json!({"current_value": "1"}),
        );
        assert_eq!(off, Err("kpi_inactive"));
    }

    #[test]
    fn thresholds_follow_the_direction() {
        let row = |direction: &str, target: &str, warning: &str, critical: &str| {
            json!({"direction": direction, "target_value": target, "warning_threshold": warning,
                   "critical_threshold": critical})
        };
        breaks(
            check,
            &[
                (row("higher", "95", "90", "85"), ""),
                (row("lower", "25", "30", "35"), ""),
                (row("higher", "25", "30", "35"), "warning_threshold threshold_order"),
                (row("lower", "25", "30", "28"), "critical_threshold threshold_order"),
                (
                    json!({"direction": "higher", "figure": "moonlight.amount"}),
                    "figure unknown_figure",
                ),
            ],
        );
        breaks(
            check_target,
            &[
                (row("", "95", "90", "85"), ""),
                (row("", "25", "30", "35"), ""),
                (row("", "25", "30", "28"), "warning_threshold threshold_order"),
                (
                    json!({"starts_on": "2026-02-01", "ends_on": "2026-01-31"}),
                    "ends_on before_start",
                ),
            ],
        );
    }
}
