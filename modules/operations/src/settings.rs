//! What a company sets for its operations: values by key, defaults of new zones, and who hears of what.

use platform_resource::{
    Field, Record, Resource, Violation, boolean, choice, decimal, integer, json, long_text, money, text, time,
};
use serde_json::Value as Json;

/// Values by key. A value has the type that the setting says, and keeps within its bounds.
pub static OPERATIONS_SETTINGS: Resource = Resource::new("operations", "operations_settings", SETTING)
    .title(&["setting_name"])
    .check(check_setting);

const SETTING: &[Field] = &[
    text("setting_key", 100).required().unique().search().list(),
    text("setting_name", 200).required().search().list(),
    text("setting_group", 100).required().filter().list(),
    long_text("description", 2000),
    choice("value_type", &["string", "number", "boolean", "json"])
        .required()
        .list(),
    long_text("string_value", 2000).list(),
    decimal("number_value", 4).signed().list(),
    boolean("boolean_value").list(),
    json("json_value"),
    decimal("min_value", 4).signed(),
    decimal("max_value", 4).signed(),
    json("allowed_values").example(r#"["first line\nsecond line"]"#),
    boolean("is_active").required().default("true").filter().list(),
    boolean("is_system").required().read_only().default("false"),
    boolean("is_readonly").required().read_only().default("false"),
];

fn check_setting(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Some(before) = before
        && before.get("is_readonly") == &Json::Bool(true)
    {
        let values = ["string_value", "number_value", "boolean_value", "json_value"];
        let changed = values.into_iter().filter(|field| before.get(field) != after.get(field));
        violations.extend(changed.map(|field| Violation::new(field, "setting_is_fixed")));
    }
    let (least, most) = (after.decimal("min_value"), after.decimal("max_value"));
    if least.zip(most).is_some_and(|(least, most)| most < least) {
        violations.push(Violation::new("max_value", "below_minimum"));
    }
    if let Some(value) = after.decimal("number_value")
        && (least.is_some_and(|least| value < least) || most.is_some_and(|most| value > most))
    {
        violations.push(Violation::new("number_value", "out_of_bounds"));
    }
    let allowed = after.get("allowed_values");
    if !allowed.is_null() {
        match allowed.as_array() {
            None => violations.push(Violation::new("allowed_values", "not_a_list")),
            Some(list) if after.has("string_value") && !list.contains(after.get("string_value")) => {
                violations.push(Violation::new("string_value", "not_allowed_here"));
            }
            Some(_) => {}
        }
    }
    violations
}

/// Who hears of what, and how.
pub static NOTIFICATION_SETTINGS: Resource = Resource::new("operations", "notification_settings", NOTIFICATION)
    .title(&["setting_name"])
    .check(check_notification);

const NOTIFICATION: &[Field] = &[
    text("setting_code", 50).required().unique().search().list(),
    text("setting_name", 200).required().search().list(),
    text("event_type", 100).required().filter().list(),
    boolean("notify_email").required().default("true").list(),
    boolean("notify_sms").required().default("false").list(),
    boolean("notify_push").required().default("true").list(),
    boolean("notify_in_app").required().default("true").list(),
    boolean("notify_webhook").required().default("false").list(),
    json("notify_roles").example(r#"["dispatcher"]"#),
    json("notify_members").example("[]"),
    text("webhook_url", 500).example("https://example.test/hook"),
    integer("cooldown_minutes", 0, 1440).required().default("0").unit("min"),
    integer("batch_delay_minutes", 0, 60)
        .required()
        .default("0")
        .unit("min"),
    text("email_template", 100),
    text("sms_template", 100),
    boolean("is_active").required().default("true").filter().list(),
];

fn check_notification(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    for field in ["notify_roles", "notify_members"] {
        let list = after.get(field);
        if !list.is_null() && !list.as_array().is_some_and(|list| list.iter().all(Json::is_string)) {
            violations.push(Violation::new(field, "not_a_list"));
        }
    }
    if after
        .text("webhook_url")
        .is_some_and(|url| !url.starts_with("https://"))
    {
        violations.push(Violation::new("webhook_url", "not_an_https_url"));
    }
    violations
}

/// What new zones begin with; one row is the default, see the operation `make_default`.
pub static ZONE_DEFAULTS: Resource = Resource::new("operations", "zone_defaults", ZONE_DEFAULT)
    .title(&["default_name"])
    .check(check_default);

const ZONE_DEFAULT: &[Field] = &[
    text("default_code", 50).required().unique().search().list(),
    text("default_name", 200).required().search().list(),
    long_text("description", 2000),
    integer("default_max_couriers", 1, 100).required().default("10").list(),
    integer("default_priority_level", 1, 5).required().default("3").list(),
    money("default_service_fee").required().default("0").list(),
    decimal("default_peak_multiplier", 2).required().default("1.5"),
    money("default_minimum_order").required().default("0"),
    integer("default_delivery_time_minutes", 10, 1440)
        .required()
        .default("60")
        .unit("min"),
    integer("default_sla_target_minutes", 1, 10_000)
        .required()
        .default("45")
        .unit("min"),
    time("operating_starts_at").required().default("08:00"),
    time("operating_ends_at").required().default("22:00"),
    boolean("is_active").required().default("true").filter().list(),
    boolean("is_default")
        .required()
        .read_only()
        .default("false")
        .filter()
        .list(),
];

fn check_default(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let outside = |factor: rust_decimal::Decimal| factor < 1.into() || factor > 5.into();
    if after.decimal("default_peak_multiplier").is_some_and(outside) {
        return vec![Violation::new("default_peak_multiplier", "multiplier_out_of_range")];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn broken(row: &Json) -> Vec<String> {
        let record = Record(row.as_object().cloned().expect("an object"));
        let found = check_setting(None, &record);
        found
            .iter()
            .map(|violation| format!("{} {}", violation.field, violation.code))
            .collect()
    }

    #[test]
    fn zero_is_a_value_and_bounds_hold() {
        let zero = json!({"value_type": "number", "number_value": "0.0000", "min_value": "0.0000"});
        assert!(broken(&zero).is_empty());
        let below = json!({"number_value": "-1.0000", "min_value": "0.0000"});
        assert_eq!(broken(&below), ["number_value out_of_bounds"]);
        let other = json!({"string_value": "c", "allowed_values": ["a", "b"]});
        assert_eq!(broken(&other), ["string_value not_allowed_here"]);
        let fixed = |value: &str| {
            Record(
                json!({"is_readonly": true, "string_value": value})
                    .as_object()
                    .cloned()
                    .expect("an object"),
            )
        };
        assert_eq!(check_setting(Some(&fixed("a")), &fixed("b")).len(), 1);
        assert!(check_setting(Some(&fixed("a")), &fixed("a")).is_empty());
    }
}
