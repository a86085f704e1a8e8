//! Words of mails in both languages, with holes like `{{courier_name}}`.

use platform_resource::{Field, Record, Resource, Violation, boolean, choice, json, long_text, text};
use serde_json::Value as Json;

/// Mail templates.
pub static EMAIL_TEMPLATES: Resource = Resource::new("admin", "email_templates", FIELDS)
    .title(&["name"])
    .sort("key")
    .check(check);

const CATEGORIES: &[&str] = &["account", "fleet", "hr", "operations", "support", "billing", "other"];

/// Longest body.
const BODY: u32 = 50_000;

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list(),
    text("key", 100).required().unique().create_only().search().list(),
    long_text("description", 2000),
    choice("category", CATEGORIES)
        .required()
        .default("other")
        .filter()
        .list(),
    text("subject_en", 300).required().group("english"),
    long_text("body_en", BODY).required().group("english"),
    text("subject_ar", 300).required().group("arabic"),
    long_text("body_ar", BODY).required().group("arabic"),
    json("variables").example(r#"["courier_name"]"#),
    boolean("is_active").required().default("true").filter().list(),
];

/// Names in `{{…}}` of a text; nothing where a hole is not closed or not named.
fn holes(text: &str) -> Option<Vec<&str>> {
    text.split("{{")
        .skip(1)
        .map(|rest| {
            let name = rest.split_once("}}")?.0.trim();
            let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            (!name.is_empty() && is_word).then_some(name)
        })
        .collect()
}

/// Every hole is closed, and named among the variables where these are listed.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let listed = after.get("variables");
    if !matches!(listed, Json::Null | Json::Array(_)) {
        violations.push(Violation::new("variables", "not_a_list"));
    }
    for field in ["subject_en", "body_en", "subject_ar", "body_ar"] {
        let Some(text) = after.text(field) else { continue };
        match (holes(text), listed.as_array()) {
            (None, _) => violations.push(Violation::new(field, "bad_hole")),
            (Some(names), Some(listed)) if names.iter().any(|name| !listed.contains(&Json::from(*name))) => {
                violations.push(Violation::new(field, "unknown_variable"));
            }
            (Some(_), _) => {}
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
    fn holes_are_closed_and_known() {
        let row = |body: &str| json!({"body_en": body, "variables": ["name", "day"]});
        breaks(
            check,
            &[
                (row("Dear {{name}}, on {{ day }} …"), ""),
                (row("Dear {{name, …"), "body_en bad_hole"),
                (row("Dear {{}}"), "body_en bad_hole"),
                (row("Dear {{nickname}}"), "body_en unknown_variable"),
                (json!({"body_en": "Dear {{nickname}}"}), ""),
                (json!({"variables": {}}), "variables not_a_list"),
            ],
        );
    }
}
