//! Automations: what the engine does by itself when something happens to a workflow or a time comes.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, instant, integer, json, long_text, moved,
    reference, text, transition,
};
use serde_json::{Map, Value as Json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::words::{AUTOMATION_ACTIONS, AUTOMATION_TRIGGERS, CONDITIONS, LOGIC, LOGIC_SPELLINGS, WORKFLOW_EVENTS};
use crate::{conditions, cron};

/// Automations.
pub static WORKFLOW_AUTOMATIONS: Resource = Resource::new("workflow", "workflow_automations", FIELDS)
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Inactive,
    Active,
    Paused,
    Error,
}

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list().group("definition"),
    long_text("description", 2000).group("definition"),
    reference("workflow_template_id", "workflow.workflow_templates")
        .filter()
        .list()
        .group("definition"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("inactive")
        .filter()
        .list()
        .group("definition"),
    choice("trigger_type", AUTOMATION_TRIGGERS)
        .required()
        .default("manual")
        .filter()
        .list()
        .group("definition"),
    choice("action_type", AUTOMATION_ACTIONS)
        .required()
        .filter()
        .list()
        .group("definition"),
    text("on_event", 120)
        .filter()
        .example("workflow.workflow_instances.complete")
        .group("definition"),
    json("trigger_config").example("{}").group("definition"),
    json("action_config").example("{}").group("definition"),
    json("conditions").example(CONDITIONS).group("conditions"),
    choice("condition_logic", LOGIC)
        .required()
        .default("and")
        .aliases(LOGIC_SPELLINGS)
        .group("conditions"),
    integer("run_order", 0, 1000)
        .required()
        .default("0")
        .list()
        .group("run"),
    integer("max_retries", 0, 20).required().default("3").group("run"),
    integer("retry_delay_s", 1, 86_400)
        .required()
        .default("60")
        .unit("s")
        .group("run"),
    integer("timeout_s", 1, 3600)
        .required()
        .default("300")
        .unit("s")
        .group("run"),
    text("schedule_cron", 100).example("0 8 * * sun-thu").group("schedule"),
    text("schedule_time_zone", 60).example("Asia/Riyadh").group("schedule"),
    instant("last_run_at").read_only().list().group("run"),
    instant("next_run_at").read_only().group("run"),
    long_text("last_error", 1000).read_only().group("run"),
];

const ACTIONS: &[Action] = &[
    transition("activate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Inactive | Status::Paused | Status::Error => Some(Status::Active),
            Status::Active => None,
        })
    })
    .decide(activate),
    transition("pause", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Paused),
            Status::Inactive | Status::Paused | Status::Error => None,
        })
    }),
    transition("deactivate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Paused | Status::Error => Some(Status::Inactive),
            Status::Inactive => None,
        })
    }),
    transition("fail", "status", &[long_text("last_error", 1000).required()], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Error),
            Status::Inactive | Status::Paused | Status::Error => None,
        })
    })
    .internal(),
];

/// Only what can be carried out is switched on: calls out of the product and scripts need a plugin that offers them.
fn activate(given: &Given<'_>) -> Decision {
    let row = given.record;
    let has = |field: &str| {
        row.get("action_config")
            .get(field)
            .is_some_and(|value| !value.is_null())
    };
    match row.text("action_type") {
        Some("update_record" | "webhook_call" | "custom_script") => return Err("action_needs_plugin"),
        Some("create_workflow") if !row.has("workflow_template_id") => return Err("automation_needs_template"),
        Some("update_workflow") if !has("set") => return Err("automation_needs_values"),
        Some("send_notification" | "send_email" | "send_sms")
            if !has("recipient") && !has("role") && !has("initiator") =>
        {
            return Err("automation_needs_recipient");
        }
        _ => {}
    }
    match row.text("trigger_type") {
        Some("scheduled") if !row.has("schedule_cron") => Err("schedule_needed"),
        Some("event" | "condition") if !row.has("on_event") => Err("event_needed"),
        _ => Ok(Map::from_iter([("last_error".to_owned(), Json::Null)])),
    }
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = conditions::violations(after, "conditions");
    violations.extend(cron::violations(after));
    for field in ["trigger_config", "action_config"] {
        if after.has(field) && !after.get(field).is_object() {
            violations.push(Violation::new(field, "not_named_values"));
        }
    }
    if after
        .text("on_event")
        .is_some_and(|event| !WORKFLOW_EVENTS.contains(&event))
    {
        violations.push(Violation::new("on_event", "unknown_event"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn what_cannot_be_carried_out_is_not_switched_on() {
        let row = |more: &Json| {
            let mut row = json!({"status": "inactive", "trigger_type": "manual", "action_type": "send_notification",
                "action_config": {"role": "hr_manager"}});
            row.as_object_mut()
                .expect("an object")
                .extend(more.as_object().cloned().unwrap_or_default());
            decide(ACTIONS, "activate", &row, &json!({})).map(drop)
        };
        assert_eq!(row(&json!({})), Ok(()));
        assert_eq!(
            row(&json!({"action_type": "custom_script"})),
            Err("action_needs_plugin")
        );
        assert_eq!(
            row(&json!({"action_type": "create_workflow"})),
            Err("automation_needs_template")
        );
        assert_eq!(row(&json!({"action_config": {}})), Err("automation_needs_recipient"));
        assert_eq!(row(&json!({"trigger_type": "scheduled"})), Err("schedule_needed"));
        assert_eq!(row(&json!({"trigger_type": "event"})), Err("event_needed"));
    }

    #[test]
    fn rules_of_a_row() {
        let table = [
            (json!({"on_event": "workflow.workflow_instances.complete"}), ""),
            (json!({"on_event": "fleet.moon.rise"}), "on_event unknown_event"),
            (json!({"schedule_cron": "every now and then"}), "schedule_cron bad_cron"),
            (
                json!({"schedule_time_zone": "Asia/Atlantis"}),
                "schedule_time_zone bad_time_zone",
            ),
            (json!({"action_config": [1]}), "action_config not_named_values"),
        ];
        breaks(check, None, &table);
    }
}
