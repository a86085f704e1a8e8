//! Export jobs: large extracts of a resource that somebody asked for, and the file that came out. A small extract needs
//! none: every list answers `/export` at once.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, file, instant, integer, json, long_text,
    member, moved, text, transition,
};
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Export jobs.
pub static EXPORT_JOBS: Resource = Resource::new("analytics", "export_jobs", FIELDS)
    .title(&["resource"])
    .check(check)
    .actions(ACTIONS);

/// A job's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
    Expired,
}

const MOST_ROWS: i64 = 100_000_000;

const FIELDS: &[Field] = &[
    text("resource", 120)
        .required()
        .create_only()
        .example("fleet.couriers")
        .search()
        .filter()
        .list(),
    choice("format", &["csv", "xlsx", "json"])
        .required()
        .create_only()
        .default("csv")
        .aliases(&[("excel", "xlsx")])
        .list(),
    json("filters").create_only().example(r#"{"status": "active"}"#),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("queued")
        .filter()
        .list(),
    text("note", 255).search(),
    member("requested_by").create_only().filter().list(),
    instant("started_at").read_only(),
    instant("finished_at").read_only().list(),
    instant("expires_at").read_only(),
    integer("row_count", 0, MOST_ROWS).read_only().list(),
    file("file_id").read_only(),
    long_text("error_message", 2000).read_only(),
];

const ACTIONS: &[Action] = &[
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Queued => Some(Status::Running),
            Status::Running | Status::Completed | Status::Failed | Status::Cancelled | Status::Expired => None,
        })
    })
    .internal()
    .stamps(&["started_at"]),
    transition(
        "complete",
        "status",
        &[
            file("file_id").required(),
            integer("row_count", 0, MOST_ROWS).required(),
            instant("expires_at"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Running => Some(Status::Completed),
                Status::Queued | Status::Completed | Status::Failed | Status::Cancelled | Status::Expired => None,
            })
        },
    )
    .internal()
    .stamps(&["finished_at"]),
    transition(
        "fail",
        "status",
        &[long_text("error_message", 2000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Running => Some(Status::Failed),
                Status::Queued | Status::Completed | Status::Failed | Status::Cancelled | Status::Expired => None,
            })
        },
    )
    .internal()
    .stamps(&["finished_at"]),
    transition("retry", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Failed | Status::Expired => Some(Status::Queued),
            Status::Queued | Status::Running | Status::Completed | Status::Cancelled => None,
        })
    })
    .decide(begin_again),
    transition("cancel", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Queued | Status::Running => Some(Status::Cancelled),
            Status::Completed | Status::Failed | Status::Cancelled | Status::Expired => None,
        })
    })
    .danger(),
    transition("expire", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Completed => Some(Status::Expired),
            Status::Queued | Status::Running | Status::Failed | Status::Cancelled | Status::Expired => None,
        })
    })
    .internal()
    .decide(expire),
];

/// Nothing of the earlier try stays.
#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn begin_again(_: &Given<'_>) -> Decision {
    let fields = [
        "started_at",
        "finished_at",
        "expires_at",
        "row_count",
        "file_id",
        "error_message",
    ];
    Ok(fields
        .map(|field| (field.to_owned(), serde_json::Value::Null))
        .into_iter()
        .collect())
}

/// The file is kept until its time is over.
fn expire(given: &Given<'_>) -> Decision {
    match given.record.instant("expires_at") {
        Some(at) if at <= given.now => Ok(Map::from_iter([("file_id".to_owned(), serde_json::Value::Null)])),
        _ => Err("export_not_over"),
    }
}

/// A resource is named as in addresses: module and resource.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let named = after
        .text("resource")
        .and_then(|name| name.split_once('.'))
        .is_some_and(|(module, resource)| word(module) && word(resource));
    if named {
        Vec::new()
    } else {
        vec![Violation::new("resource", "not_a_resource")]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, outcome};

    #[test]
    fn a_file_is_kept_until_its_time() {
        let row = |at: &str| json!({"status": "completed", "expires_at": at});
        assert_eq!(
            outcome(&EXPORT_JOBS, "expire", &row("2026-06-01T06:00:01Z"), &json!({})),
            Err("export_not_over")
        );
        let change = outcome(&EXPORT_JOBS, "expire", &row("2026-06-01T06:00:00Z"), &json!({})).expect("over");
        assert_eq!(
            (&change["status"], &change["file_id"]),
            (&json!("expired"), &json!(null))
        );
    }

    #[test]
    fn a_resource_is_named_in_full() {
        breaks(
            check,
            &[
                (json!({"resource": "fleet.couriers"}), ""),
                (json!({"resource": "couriers"}), "resource not_a_resource"),
                (json!({"resource": "Fleet.couriers"}), "resource not_a_resource"),
                (json!({"resource": "fleet."}), "resource not_a_resource"),
            ],
        );
    }
}
