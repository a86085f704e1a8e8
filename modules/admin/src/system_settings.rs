//! Settings of the organization as typed values. Secrets are not settings: they are sealed elsewhere, never stored here.

use platform_resource::{Field, Record, Resource, Violation, boolean, choice, json, long_text, text};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Settings.
pub static SYSTEM_SETTINGS: Resource = Resource::new("admin", "system_settings", FIELDS)
    .title(&["name"])
    .sort("key")
    .check(check);

/// What a setting's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum SettingType {
    String,
    Integer,
    Float,
    Boolean,
    Json,
    Text,
}

const CATEGORIES: &[&str] = &[
    "general",
    "security",
    "email",
    "sms",
    "payment",
    "notifications",
    "integration",
    "backup",
    "performance",
    "compliance",
    "operations",
];

const FIELDS: &[Field] = &[
    text("key", 100).required().unique().create_only().search().list(),
    text("name", 200).required().search().list(),
    long_text("description", 2000),
    choice("category", CATEGORIES)
        .required()
        .default("general")
        .filter()
        .list(),
    choice("setting_type", SettingType::VARIANTS)
        .required()
        .default("string")
        .aliases(&[("int", "integer"), ("number", "float"), ("bool", "boolean")])
        .filter()
        .list(),
    long_text("value", 8000).list(),
    long_text("default_value", 8000),
    json("json_value").example("{}"),
    boolean("is_sensitive").required().default("false").filter(),
    boolean("is_editable").required().default("true").filter(),
    boolean("is_public").required().default("false").filter(),
    json("allowed_values").example(r#"["ar", "en"]"#).group("rules"),
    text("min_value", 100).example("1").group("rules"),
    text("max_value", 100).example("100").group("rules"),
    long_text("help_text", 2000),
    long_text("example_value", 2000),
];

/// Why a value does not fit a setting, asked in this order: is it allowed, is it of the type, is it in the range. A value
/// that is not in the list is refused for that, even when it is of the wrong type too.
fn refusal(setting: &Record, kind: SettingType, value: &str) -> Option<&'static str> {
    if let Some(allowed) = setting.get("allowed_values").as_array()
        && !allowed.iter().any(|one| as_text(one) == value)
    {
        return Some("not_an_allowed_value");
    }
    let number = || value.trim().parse::<Decimal>().ok();
    let number = match kind {
        SettingType::Integer => match number().filter(Decimal::is_integer) {
            Some(number) => number,
            None => return Some("not_a_whole_number"),
        },
        SettingType::Float => match number() {
            Some(number) => number,
            None => return Some("not_a_number"),
        },
        SettingType::Boolean => return truth(value).is_none().then_some("not_a_boolean"),
        SettingType::Json => return serde_json::from_str::<Json>(value).is_err().then_some("not_json_text"),
        // Of texts, the length is not a range.
        SettingType::String | SettingType::Text => return None,
    };
    let bound = |field| setting.text(field).and_then(|text| text.trim().parse::<Decimal>().ok());
    let below = bound("min_value").is_some_and(|least| number < least);
    let above = bound("max_value").is_some_and(|most| number > most);
    (below || above).then_some("out_of_range")
}

/// How a value of a list is written as text.
fn as_text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Yes or no in the words that people use for it.
fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Values that fit their type and rules; bounds that are numbers in their order; nothing secret; nothing that was fixed.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut refuse = |field, code| violations.push(Violation::new(field, code));
    let Some(kind) = after
        .text("setting_type")
        .and_then(|word| word.parse::<SettingType>().ok())
    else {
        return Vec::new();
    };
    if !matches!(after.get("allowed_values"), Json::Null | Json::Array(_)) {
        refuse("allowed_values", "not_a_list");
    }
    if matches!(kind, SettingType::Integer | SettingType::Float) {
        let bounds = ["min_value", "max_value"].map(|field| {
            let text = after.text(field);
            (field, text, text.and_then(|text| text.trim().parse::<Decimal>().ok()))
        });
        for (field, text, number) in bounds {
            if text.is_some() && number.is_none() {
                refuse(field, "not_a_number");
            }
        }
        if let [(_, _, Some(least)), (_, _, Some(most))] = bounds
            && most < least
        {
            refuse("max_value", "max_below_min");
        }
    }
    for field in ["value", "default_value"] {
        let Some(value) = after.text(field) else { continue };
        if after.get("is_sensitive") == &Json::Bool(true) {
            refuse(field, "secret_not_here");
        } else if let Some(code) = refusal(after, kind, value) {
            refuse(field, code);
        }
    }
    if let Some(before) = before {
        for field in ["value", "json_value"] {
            if after.get("is_editable") == &Json::Bool(false) && before.get(field) != after.get(field) {
                refuse(field, "not_editable");
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, record};

    #[test]
    fn allowed_then_type_then_range() {
        breaks(
            check,
            &[
                (
                    json!({"setting_type": "integer", "value": "7", "min_value": "1", "max_value": "30"}),
                    "",
                ),
                (
                    json!({"setting_type": "integer", "value": "x", "allowed_values": [1, 2], "min_value": "1"}),
                    "value not_an_allowed_value",
                ),
                (
                    json!({"setting_type": "integer", "value": "2", "allowed_values": [1, 2]}),
                    "",
                ),
                (
                    json!({"setting_type": "integer", "value": "7.5", "max_value": "5"}),
                    "value not_a_whole_number",
                ),
                (
                    json!({"setting_type": "integer", "value": "31", "max_value": "30"}),
                    "value out_of_range",
                ),
                (
                    json!({"setting_type": "float", "value": "0.4", "min_value": "0.5"}),
                    "value out_of_range",
                ),
                (json!({"setting_type": "float", "value": "many"}), "value not_a_number"),
                (json!({"setting_type": "boolean", "value": "Yes"}), ""),
                (
                    json!({"setting_type": "boolean", "value": "perhaps"}),
                    "value not_a_boolean",
                ),
                (json!({"setting_type": "json", "value": "{\"a\": 1}"}), ""),
                (json!({"setting_type": "json", "value": "{a}"}), "value not_json_text"),
                (
                    json!({"setting_type": "string", "default_value": "ar", "allowed_values": ["ar", "en"]}),
                    "",
                ),
                (
                    json!({"setting_type": "integer", "min_value": "9", "max_value": "1"}),
                    "max_value max_below_min",
                ),
                (
                    json!({"setting_type": "float", "min_value": "low"}),
                    "min_value not_a_number",
                ),
                (
                    json!({"setting_type": "string", "is_sensitive": true, "value": "hunter2"}),
                    "value secret_not_here",
                ),
            ],
        );
    }

    #[test]
    fn what_is_fixed_stays() {
        let row = |value: &str| record(&json!({"setting_type": "string", "is_editable": false, "value": value}));
        assert_eq!(
            check(Some(&row("a")), &row("b")),
            [Violation::new("value", "not_editable")]
        );
        assert_eq!(check(Some(&row("a")), &row("a")), []);
    }

    #[test]
    fn yes_and_no() {
        for (text, expected) in [
            ("on", Some(true)),
            (" OFF ", Some(false)),
            ("0", Some(false)),
            ("2", None),
        ] {
            assert_eq!(truth(text), expected, "{text}");
        }
    }
}
