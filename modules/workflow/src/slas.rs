//! Deadlines that workflows of a template get.

use platform_resource::{
    Field, Record, Resource, Violation, boolean, choice, integer, json, long_text, reference, text, time,
};
use serde_json::Value as Json;

use crate::business::{self, Hours};
use crate::words::{BUSINESS_DAYS, PRIORITIES};

/// Workflow deadlines.
pub static WORKFLOW_SLAS: Resource = Resource::new("workflow", "workflow_slas", FIELDS).check(check);

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list().group("definition"),
    long_text("description", 2000).group("definition"),
    reference("workflow_template_id", "workflow.workflow_templates")
        .filter()
        .list()
        .group("definition"),
    choice("priority", PRIORITIES)
        .required()
        .default("medium")
        .filter()
        .list()
        .group("definition"),
    boolean("is_active")
        .required()
        .default("true")
        .filter()
        .list()
        .group("definition"),
    integer("response_minutes", 1, 1_000_000)
        .unit("minutes")
        .list()
        .group("targets"),
    integer("resolution_minutes", 1, 1_000_000)
        .required()
        .unit("minutes")
        .list()
        .group("targets"),
    integer("warning_minutes", 1, 1_000_000)
        .unit("minutes")
        .list()
        .group("targets"),
    boolean("use_business_hours")
        .required()
        .default("false")
        .filter()
        .group("hours"),
    time("business_hours_start").example("08:00").group("hours"),
    time("business_hours_end").example("16:00").group("hours"),
    json("business_days").example(BUSINESS_DAYS).group("hours"),
    boolean("escalate_on_warning")
        .required()
        .default("false")
        .group("escalation"),
    boolean("escalate_on_breach")
        .required()
        .default("true")
        .group("escalation"),
    json("escalation_chain").example("[]").group("escalation"),
];

/// Warned before it is due, answered before it is done; and business hours, where they count, are known.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let resolution = after.integer("resolution_minutes").unwrap_or(i64::MAX);
    for field in ["response_minutes", "warning_minutes"] {
        if after.integer(field).is_some_and(|minutes| minutes > resolution) {
            violations.push(Violation::new(field, "after_resolution"));
        }
    }
    let needs_hours = after.get("use_business_hours") == &Json::Bool(true);
    if needs_hours && Hours::of(after).is_none() {
        violations.push(Violation::new("business_hours_start", "business_hours_needed"));
    }
    if after.has("business_days") && business::days(after.get("business_days")).is_none() {
        violations.push(Violation::new("business_days", "bad_business_days"));
    }
    let is_name = |one: &Json| {
        one.as_str()
            .is_some_and(|name| name.len() <= 63 && !name.contains(char::is_control))
    };
    if after.has("escalation_chain")
        && !after
            .get("escalation_chain")
            .as_array()
            .is_some_and(|list| list.iter().all(is_name))
    {
        violations.push(Violation::new("escalation_chain", "not_a_list_of_words"));
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
        let hours = |start: &str, end: &str| {
            json!({"resolution_minutes": 60, "use_business_hours": true, "business_hours_start": start,
                "business_hours_end": end, "business_days": ["sunday"]})
        };
        let table = [
            (json!({"resolution_minutes": 60, "warning_minutes": 60}), ""),
            (
                json!({"resolution_minutes": 60, "warning_minutes": 61}),
                "warning_minutes after_resolution",
            ),
            (
                json!({"resolution_minutes": 60, "response_minutes": 61}),
                "response_minutes after_resolution",
            ),
            (hours("08:00", "16:00"), ""),
            (hours("16:00", "08:00"), "business_hours_start business_hours_needed"),
            (
                json!({"resolution_minutes": 60, "business_days": ["someday"]}),
                "business_days bad_business_days",
            ),
        ];
        breaks(check, None, &table);
    }
}
