//! Templates of workflows: their steps in order. A published one never changes; a new revision takes its place.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, instant, integer, json, long_text, member,
    moved, reference, text, transition,
};
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::steps;
use crate::words::STEPS;

/// Workflow templates.
pub static WORKFLOW_TEMPLATES: Resource = Resource::new("workflow", "workflow_templates", FIELDS)
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    Published,
    Archived,
}

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list().group("definition"),
    long_text("description", 2000).search().group("definition"),
    text("category", 100).filter().list().group("definition"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list()
        .group("definition"),
    json("steps").required().example(STEPS).group("definition"),
    integer("estimated_duration_minutes", 0, 5_256_000)
        .unit("minutes")
        .list()
        .group("definition"),
    integer("revision", 1, 100_000)
        .required()
        .read_only()
        .default("1")
        .list()
        .group("progress"),
    reference("parent_template_id", "workflow.workflow_templates")
        .read_only()
        .group("progress"),
    instant("published_at").read_only().group("progress"),
    member("published_by").read_only().group("progress"),
    instant("archived_at").read_only().group("progress"),
];

const ACTIONS: &[Action] = &[
    transition("publish", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft => Some(Status::Published),
            Status::Published | Status::Archived => None,
        })
    })
    .decide(has_steps)
    .stamps(&["published_at"])
    .signs("published_by"),
    transition("archive", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::Published => Some(Status::Archived),
            Status::Archived => None,
        })
    })
    .stamps(&["archived_at"])
    .danger(),
    transition("restore", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Archived => Some(Status::Published),
            Status::Draft | Status::Published => None,
        })
    })
    .decide(has_steps),
];

/// Nothing can be started from a template without steps.
fn has_steps(given: &Given<'_>) -> Decision {
    match given.record.get("steps").as_array() {
        Some(steps) if !steps.is_empty() => Ok(Map::new()),
        _ => Err("no_steps"),
    }
}

/// Steps can be read, and those of a template that people may have started from do not change under them.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Err(code) = steps::parse(after.get("steps")) {
        violations.push(Violation::new("steps", code));
    }
    let settled = before.filter(|before| !before.is("status", "draft"));
    if settled.is_some_and(|before| before.get("steps") != after.get("steps")) {
        violations.push(Violation::new("steps", "published_steps"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, decide, record};

    #[test]
    fn a_template_without_steps_is_not_published() {
        assert_eq!(
            decide(ACTIONS, "publish", &json!({"status": "draft", "steps": []}), &json!({})),
            Err("no_steps")
        );
        let steps = json!([{"name": "Look", "kind": "review"}]);
        let published = decide(
            ACTIONS,
            "publish",
            &json!({"status": "draft", "steps": steps}),
            &json!({}),
        );
        assert_eq!(published.expect("allowed")["status"], "published");
    }

    #[test]
    fn steps_are_checked_and_stay_once_published() {
        let one = json!([{"name": "Look", "kind": "review"}]);
        let table = [
            (json!({"steps": one}), ""),
            (json!({"steps": {"a": 1}}), "steps bad_steps"),
            (json!({"steps": [{"name": "Look", "kind": "dance"}]}), "steps bad_steps"),
            (
                json!({"steps": [{"name": "Look", "kind": "review",
                    "conditions": [{"field": "days", "operator": "resembles", "value": 1}]}]}),
                "steps unknown_operator",
            ),
        ];
        breaks(check, None, &table);
        let before = record(&json!({"status": "published", "steps": one}));
        let other = record(&json!({"status": "published", "steps": [{"name": "Other", "kind": "review"}]}));
        assert_eq!(
            check(Some(&before), &other),
            [Violation::new("steps", "published_steps")]
        );
    }
}
