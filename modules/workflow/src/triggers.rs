//! Triggers: what starts a workflow, under which conditions, and how often at most.

use platform_resource::{
    Field, Record, Resource, Violation, boolean, choice, instant, integer, json, long_text, reference, text,
};
use serde_json::Value as Json;

use crate::words::{CONDITIONS, EVENT_TYPES, HEARD, LOGIC, LOGIC_SPELLINGS, TRIGGER_TYPES};
use crate::{conditions, cron};

/// Triggers.
pub static WORKFLOW_TRIGGERS: Resource = Resource::new("workflow", "workflow_triggers", FIELDS).check(check);

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list().group("definition"),
    long_text("description", 2000).group("definition"),
    reference("workflow_template_id", "workflow.workflow_templates")
        .required()
        .filter()
        .list()
        .group("definition"),
    choice("trigger_type", TRIGGER_TYPES)
        .required()
        .default("event_based")
        .filter()
        .list()
        .group("definition"),
    choice("event_type", EVENT_TYPES).filter().list().group("definition"),
    text("entity_type", 100)
        .filter()
        .list()
        .example("hr.leaves")
        .group("definition"),
    boolean("is_active")
        .required()
        .default("true")
        .filter()
        .list()
        .group("definition"),
    integer("priority", 0, 1000)
        .required()
        .default("0")
        .list()
        .group("definition"),
    json("field_conditions").example(CONDITIONS).group("conditions"),
    json("conditions").example(CONDITIONS).group("conditions"),
    choice("condition_logic", LOGIC)
        .required()
        .default("and")
        .aliases(LOGIC_SPELLINGS)
        .group("conditions"),
    text("schedule_cron", 100).example("0 8 * * sun-thu").group("schedule"),
    text("schedule_time_zone", 60).example("Asia/Riyadh").group("schedule"),
    instant("last_triggered_at").read_only().list().group("schedule"),
    instant("next_trigger_at").read_only().group("schedule"),
    boolean("deduplicate").required().default("false").group("limits"),
    text("deduplicate_key", 200).example("{id}").group("limits"),
    integer("deduplicate_window_s", 1, 31_536_000).unit("s").group("limits"),
    integer("rate_limit", 1, 100_000).group("limits"),
    integer("rate_limit_window_s", 1, 31_536_000)
        .required()
        .default("3600")
        .unit("s")
        .group("limits"),
    text("webhook_url", 500)
        .example("https://example.com/hook")
        .group("webhook"),
    text("webhook_secret", 200).permission("read_secret").group("webhook"),
];

/// Conditions are readable, patterns of time too, and what is switched on has all it needs.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = conditions::violations(after, "conditions");
    violations.extend(conditions::violations(after, "field_conditions"));
    violations.extend(cron::violations(after));
    let kind = after.text("trigger_type");
    if kind == Some("scheduled") && !after.has("schedule_cron") {
        violations.push(Violation::new("schedule_cron", "schedule_needed"));
    }
    if matches!(kind, Some("event_based" | "automatic")) && !after.has("event_type") {
        violations.push(Violation::new("event_type", "event_needed"));
    }
    let of_records = after
        .text("event_type")
        .is_some_and(|event| event.starts_with("record_"));
    if matches!(kind, Some("event_based" | "automatic")) && of_records && !after.has("entity_type") {
        violations.push(Violation::new("entity_type", "event_needed"));
    }
    if let (Some(kind), Some(event)) = (after.text("entity_type"), after.text("event_type"))
        && !HEARD
            .iter()
            .any(|(heard, events)| *heard == kind && events.contains(&event))
    {
        violations.push(Violation::new("entity_type", "nobody_listens"));
    }
    if after.get("deduplicate") == &Json::Bool(true) {
        for field in ["deduplicate_key", "deduplicate_window_s"] {
            if !after.has(field) {
                violations.push(Violation::new(field, "duplicates_need_key"));
            }
        }
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
        let unknown = json!([{"field": "days", "operator": "resembles", "value": 1}]);
        let table = [
            (json!({"trigger_type": "manual"}), ""),
            (json!({"trigger_type": "scheduled"}), "schedule_cron schedule_needed"),
            (json!({"trigger_type": "event_based"}), "event_type event_needed"),
            (
                json!({"trigger_type": "event_based", "event_type": "record_created"}),
                "entity_type event_needed",
            ),
            (json!({"trigger_type": "event_based", "event_type": "custom"}), ""),
            (
                json!({"deduplicate": true, "deduplicate_key": "{id}"}),
                "deduplicate_window_s duplicates_need_key",
            ),
            (json!({"event_type": "record_created", "entity_type": "hr.leaves"}), ""),
            (
                json!({"event_type": "record_deleted", "entity_type": "hr.leaves"}),
                "entity_type nobody_listens",
            ),
            (json!({"conditions": unknown}), "conditions unknown_operator"),
            (
                json!({"field_conditions": {"days": 1}}),
                "field_conditions bad_conditions",
            ),
        ];
        breaks(check, None, &table);
    }
}
