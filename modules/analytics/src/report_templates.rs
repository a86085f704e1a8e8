//! Report templates: a report with the columns and filters that somebody wants again.

use platform_resource::{Field, Record, Resource, Violation, boolean, choice, json, long_text, member, text};

use crate::catalogue::{REPORT_ALIASES, REPORT_TYPES};

/// Report templates.
pub static REPORT_TEMPLATES: Resource = Resource::new("analytics", "report_templates", FIELDS)
    .title(&["name"])
    .sort("name")
    .check(check);

const FIELDS: &[Field] = &[
    text("name", 255).required().unique().search().list(),
    long_text("description", 2000),
    choice("report_type", REPORT_TYPES)
        .required()
        .aliases(REPORT_ALIASES)
        .filter()
        .list(),
    json("columns").example("[]"),
    json("parameters").example("{}"),
    json("filters").example("{}"),
    boolean("is_public").required().default("false").filter().list(),
    member("created_by").filter(),
];

/// Columns are names of figures that the report has; none chooses all.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let report = after.text("report_type").unwrap_or_default();
    match after.get("columns") {
        serde_json::Value::Null => {}
        serde_json::Value::Array(names) => {
            let known = |name: &serde_json::Value| {
                name.as_str()
                    .is_some_and(|name| crate::catalogue::has_figure(&format!("{report}.{name}")))
            };
            if !names.iter().all(known) {
                violations.push(Violation::new("columns", "unknown_figure"));
            }
        }
        _ => violations.push(Violation::new("columns", "not_a_list")),
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::breaks;

    #[test]
    fn columns_are_figures_of_the_report() {
        let row = |columns: serde_json::Value| json!({"report_type": "courier_performance", "columns": columns});
        breaks(
            check,
            &[
                (row(json!([])), ""),
                (row(json!(["success_percent"])), ""),
                (row(json!(["moonlight"])), "columns unknown_figure"),
                (row(json!({"a": 1})), "columns not_a_list"),
            ],
        );
    }
}
