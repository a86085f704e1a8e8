//! Dashboards: which figures a member wants to see together. The figures themselves are reports.

use platform_resource::{Field, Record, Resource, Violation, boolean, integer, json, long_text, member, text};

/// Dashboards.
pub static DASHBOARDS: Resource = Resource::new("analytics", "dashboards", FIELDS)
    .title(&["name"])
    .sort("name")
    .check(check);

/// Most widgets of one dashboard: more do not fit on a page that anybody reads.
const MOST_WIDGETS: usize = 60;

const FIELDS: &[Field] = &[
    text("name", 255).required().search().list(),
    long_text("description", 2000),
    json("widgets")
        .required()
        .default("[]")
        .example(r#"[{"report": "delivery_success", "figure": "success_percent"}]"#),
    json("layout").example(r#"{"columns": 3}"#),
    member("owned_by").filter().list(),
    boolean("is_default").required().default("false").filter().list(),
    boolean("is_shared").required().default("false").filter().list(),
    integer("refresh_interval_s", 30, 86_400)
        .required()
        .default("300")
        .unit("s"),
    json("filters").example(r#"{"period": "last_30_days"}"#),
];

/// A widget is an object that names what it shows; a dashboard that is the default of everybody is shared.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let widgets = after.get("widgets").as_array();
    let named = |widget: &serde_json::Value| {
        let has = |key: &str| widget.get(key).and_then(serde_json::Value::as_str).is_some();
        widget.is_object() && (has("report") || has("kpi") || has("title"))
    };
    match widgets {
        None => violations.push(Violation::new("widgets", "not_a_list")),
        Some(list) if list.len() > MOST_WIDGETS => violations.push(Violation::new("widgets", "too_many_widgets")),
        Some(list) if !list.iter().all(named) => violations.push(Violation::new("widgets", "widget_without_subject")),
        Some(_) => {}
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn widgets_say_what_they_show() {
        breaks(
            check,
            &[
                (json!({"widgets": []}), ""),
                (json!({"widgets": [{"kpi": "on_time"}]}), ""),
                (json!({"widgets": {"kpi": "on_time"}}), "widgets not_a_list"),
                (json!({"widgets": [{"size": 2}]}), "widgets widget_without_subject"),
                (
                    json!({"widgets": vec![json!({"kpi": "a"}); 61]}),
                    "widgets too_many_widgets",
                ),
            ],
        );
    }
}
