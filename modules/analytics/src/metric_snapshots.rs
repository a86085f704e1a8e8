//! Metrics as they were at a moment: the past of what cannot be recomputed, and the series that charts draw.

use platform_resource::{Field, Record, Resource, Violation, choice, decimal, instant, json, text};

/// Values of metrics over time.
pub static METRIC_SNAPSHOTS: Resource = Resource::new("analytics", "metric_snapshots", FIELDS)
    .title(&["metric_name"])
    .sort("-measured_at")
    .check(check);

const FIELDS: &[Field] = &[
    text("metric_name", 100).required().search().filter().list(),
    choice("metric_type", &["gauge", "counter", "histogram"])
        .required()
        .default("gauge")
        .filter()
        .list(),
    decimal("value", 4).signed().required().list(),
    instant("measured_at").required().filter().list(),
    json("dimensions").example(r#"{"city": "Riyadh"}"#),
    json("tags").example(r#"["daily"]"#),
    text("source", 100).filter().list(),
];

/// What only counts up is never below nothing.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let negative = after
        .decimal("value")
        .is_some_and(|value| value.is_sign_negative() && !value.is_zero());
    let mut violations = Vec::new();
    if after.is("metric_type", "counter") && negative {
        violations.push(Violation::new("value", "counter_negative"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn a_counter_counts_up() {
        breaks(
            check,
            &[
                (
                    json!({"metric_type": "counter", "value": "-1"}),
                    "value counter_negative",
                ),
                (json!({"metric_type": "counter", "value": "0"}), ""),
                (json!({"metric_type": "gauge", "value": "-1"}), ""),
            ],
        );
    }
}
