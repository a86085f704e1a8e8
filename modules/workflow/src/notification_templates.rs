//! Words for notifications.

use platform_resource::{Field, Record, Resource, Violation, boolean, choice, integer, json, long_text, text};
use serde_json::Value as Json;

use crate::words::{CHANNELS, NOTICES, URGENCIES};

/// Notification templates.
pub static WORKFLOW_NOTIFICATION_TEMPLATES: Resource =
    Resource::new("workflow", "workflow_notification_templates", FIELDS).check(check);

const FIELDS: &[Field] = &[
    text("name", 200)
        .required()
        .unique()
        .search()
        .list()
        .group("definition"),
    long_text("description", 1000).group("definition"),
    choice("notification_type", NOTICES)
        .required()
        .filter()
        .list()
        .group("definition"),
    boolean("is_active")
        .required()
        .default("true")
        .filter()
        .list()
        .group("definition"),
    text("subject_template", 300).group("message"),
    long_text("body_template", 4000).required().group("message"),
    text("sms_template", 500).group("message"),
    json("available_variables")
        .example(r#"["subject", "instance_number"]"#)
        .group("message"),
    json("channels").example(r#"["in_app"]"#).group("delivery"),
    choice("priority", URGENCIES)
        .required()
        .default("normal")
        .filter()
        .list()
        .group("delivery"),
    boolean("send_immediately").required().default("true").group("delivery"),
    integer("batch_delay_minutes", 0, 10_080)
        .required()
        .default("0")
        .unit("minutes")
        .group("delivery"),
];

/// Channels are known ones, the names that can be used are names.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let words = |field: &str| after.get(field).as_array().cloned().unwrap_or_default();
    let is_list = |field: &str| !after.has(field) || after.get(field).is_array();
    let known = |word: &Json| word.as_str().is_some_and(|word| CHANNELS.contains(&word));
    if !is_list("channels") || !words("channels").iter().all(known) {
        violations.push(Violation::new("channels", "unknown_channel"));
    }
    if !is_list("available_variables") || !words("available_variables").iter().all(Json::is_string) {
        violations.push(Violation::new("available_variables", "not_a_list_of_words"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn channels_are_known() {
        let table = [
            (json!({"channels": ["in_app", "email"]}), ""),
            (json!({"channels": ["pigeon"]}), "channels unknown_channel"),
            (json!({"channels": {"in_app": true}}), "channels unknown_channel"),
            (
                json!({"available_variables": [1]}),
                "available_variables not_a_list_of_words",
            ),
        ];
        breaks(check, None, &table);
    }
}
