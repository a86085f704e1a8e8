//! Reports that were asked for: what, about which days, and the file or rows that came out. What a report computes is in
//! `catalogue`.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, date, file, instant, integer, json, long_text,
    member, moved, reference, text, transition,
};
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::catalogue::{REPORT_ALIASES, REPORT_TYPES};

/// Reports.
pub static REPORTS: Resource = Resource::new("analytics", "reports", FIELDS)
    .title(&["name"])
    .check(check)
    .actions(ACTIONS);

/// A report's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Scheduled,
    Pending,
    Generating,
    Completed,
    Failed,
    Cancelled,
}

/// Forms of a report. A PDF needs the printing of documents, which is not built yet.
pub(crate) const FORMATS: &[&str] = &["xlsx", "csv", "json"];
/// Other names of the forms.
pub(crate) const FORMAT_ALIASES: &[(&str, &str)] = &[("excel", "xlsx")];

const FIELDS: &[Field] = &[
    text("name", 255).required().search().list(),
    long_text("description", 2000),
    choice("report_type", REPORT_TYPES)
        .required()
        .create_only()
        .aliases(REPORT_ALIASES)
        .filter()
        .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    choice("format", FORMATS)
        .required()
        .default("xlsx")
        .aliases(FORMAT_ALIASES)
        .filter()
        .list(),
    date("period_starts_on").required().filter().list(),
    date("period_ends_on").required().list(),
    json("parameters").example(r#"{"columns": []}"#),
    reference("template_id", "analytics.report_templates").filter(),
    reference("schedule_id", "analytics.report_schedules")
        .read_only()
        .filter()
        .group("result"),
    instant("scheduled_at").group("result"),
    instant("started_at").read_only().group("result"),
    instant("generated_at").read_only().list().group("result"),
    member("generated_by").read_only().filter().group("result"),
    integer("row_count", 0, 100_000_000).read_only().list().group("result"),
    file("file_id").read_only().group("result"),
    integer("file_size_bytes", 0, 1_000_000_000_000)
        .read_only()
        .unit("B")
        .group("result"),
    json("result").read_only().group("result"),
    long_text("error_message", 2000).read_only().group("result"),
];

const ACTIONS: &[Action] = &[
    // The rows are computed in the same transaction: whoever calls it reads a completed or failed report.
    transition("generate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Scheduled | Status::Pending | Status::Failed => Some(Status::Generating),
            Status::Generating | Status::Completed | Status::Cancelled => None,
        })
    })
    .stamps(&["started_at"])
    .signs("generated_by"),
    transition(
        "complete",
        "status",
        &[
            integer("row_count", 0, 100_000_000).required(),
            json("result").example(r#"{"sections": []}"#),
            file("file_id"),
            integer("file_size_bytes", 0, 1_000_000_000_000),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Generating => Some(Status::Completed),
                Status::Scheduled | Status::Pending | Status::Completed | Status::Failed | Status::Cancelled => None,
            })
        },
    )
    .internal()
    .stamps(&["generated_at"])
    .decide(complete),
    transition(
        "fail",
        "status",
        &[long_text("error_message", 2000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Generating => Some(Status::Failed),
                Status::Scheduled | Status::Pending | Status::Completed | Status::Failed | Status::Cancelled => None,
            })
        },
    )
    .internal(),
    transition("cancel", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Scheduled | Status::Pending | Status::Failed => Some(Status::Cancelled),
            Status::Generating | Status::Completed | Status::Cancelled => None,
        })
    })
    .danger(),
];

/// An earlier failure does not outlive the success.
fn complete(given: &Given<'_>) -> Decision {
    if !given.input.has("file_id") && !given.input.has("result") {
        return Err("report_without_result");
    }
    Ok(Map::from_iter([("error_message".to_owned(), serde_json::Value::Null)]))
}

/// Most days of a report: ten years.
pub(crate) const MOST_DAYS: i64 = 3_660;

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let days = after
        .date("period_starts_on")
        .zip(after.date("period_ends_on"))
        .map(|(first, last)| (last - first).num_days());
    let mut violations = Vec::new();
    if days.is_some_and(|days| days < 0) {
        violations.push(Violation::new("period_ends_on", "before_start"));
    }
    if days.is_some_and(|days| days >= MOST_DAYS) {
        violations.push(Violation::new("period_ends_on", "period_too_long"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, outcome};

    #[test]
    fn a_completed_report_has_something_to_show() {
        let row = json!({"status": "generating", "error_message": "Out of memory"});
        assert_eq!(
            outcome(&REPORTS, "complete", &row, &json!({"row_count": 3})),
            Err("report_without_result")
        );
        let change = outcome(
            &REPORTS,
            "complete",
            &row,
            &json!({"row_count": 3, "result": {"rows": []}}),
        );
        let change = change.expect("allowed");
        assert_eq!(
            (&change["status"], &change["error_message"]),
            (&json!("completed"), &json!(null))
        );
    }

    #[test]
    fn a_period_has_a_length() {
        let row = |first: &str, last: &str| json!({"period_starts_on": first, "period_ends_on": last});
        breaks(
            check,
            &[
                (row("2026-01-01", "2026-01-01"), ""),
                (row("2026-01-02", "2026-01-01"), "period_ends_on before_start"),
                (row("2000-01-01", "2026-01-01"), "period_ends_on period_too_long"),
            ],
        );
    }
}
