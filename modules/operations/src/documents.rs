//! The library of procedures: what everybody should know, from when to when it holds, and how often it is opened.
#![expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, boolean, choice, date, file, instant, integer,
    long_text, member, moved, number, text, transition,
};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Procedures, policies, forms.
pub static OPERATIONS_DOCUMENTS: Resource = Resource::new("operations", "operations_documents", FIELDS)
    .title(&["doc_name", "doc_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    Approved,
    Expired,
    Archived,
}

const FIELDS: &[Field] = &[
    number("doc_number", "DOC", 5).continuous(),
    text("doc_name", 255).required().search().list(),
    choice(
        "category",
        &[
            "procedures",
            "policies",
            "training",
            "reports",
            "templates",
            "guidelines",
            "other",
        ],
    )
    .required()
    .default("other")
    .filter()
    .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list(),
    text("document_version", 20).required().default("1.0").list(),
    file("file_id"),
    long_text("content", 50_000),
    long_text("description", 2000),
    boolean("is_public").required().default("false").filter(),
    text("department", 100).search().filter().list(),
    text("tags", 500).search(),
    date("effective_on").filter(),
    date("expires_on").filter().list(),
    member("approved_by").read_only(),
    instant("approved_at").read_only(),
    integer("view_count", 0, 1_000_000_000)
        .required()
        .read_only()
        .default("0")
        .list(),
    integer("download_count", 0, 1_000_000_000)
        .required()
        .read_only()
        .default("0")
        .list(),
];

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::Expired => Some(Status::Approved),
            Status::Approved | Status::Archived => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by")
    .decide(approve),
    transition(
        "revise",
        "status",
        &[text("document_version", 20).required()],
        |state| {
            moved(state, |status| match status {
                Status::Approved | Status::Expired => Some(Status::Draft),
                Status::Draft | Status::Archived => None,
            })
        },
    ),
    transition("expire", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Approved => Some(Status::Expired),
            Status::Draft | Status::Expired | Status::Archived => None,
        })
    })
    .internal(),
    transition("archive", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::Approved | Status::Expired => Some(Status::Archived),
            Status::Archived => None,
        })
    })
    .danger(),
    action("view", &[], |given| counted(given, "view_count")),
    action("download", &[], |given| counted(given, "download_count")),
];

/// What has run out is not approved again before its last day is moved.
fn approve(given: &Given<'_>) -> Decision {
    if given.record.date("expires_on").is_some_and(|last| last < given.today) {
        return Err("document_expired");
    }
    Ok(Map::new())
}

fn counted(given: &Given<'_>, field: &str) -> Decision {
    let count = given.record.integer(field).unwrap_or(0) + 1;
    Ok(Map::from_iter([(field.to_owned(), json!(count))]))
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    if after
        .date("effective_on")
        .zip(after.date("expires_on"))
        .is_some_and(|(from, until)| until < from)
    {
        return vec![Violation::new("expires_on", "ends_before_start")];
    }
    Vec::new()
}
