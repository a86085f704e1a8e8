//! What a member should know: one row for each person, read or not. What everybody should know is an announcement.

use platform_resource::{
    Action, Field, Record, Resource, Violation, boolean, choice, instant, long_text, member, moved, text, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Notifications.
pub static NOTIFICATIONS: Resource = Resource::new("admin", "notifications", FIELDS)
    .title(&["title"])
    .actions(ACTIONS);

/// Announcements.
pub static ANNOUNCEMENTS: Resource = Resource::new("admin", "announcements", ANNOUNCEMENT_FIELDS)
    .title(&["title_en", "title_ar"])
    .check(check)
    .actions(ANNOUNCEMENT_ACTIONS);

/// A notification's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Unread,
    Read,
    Archived,
}

const SEVERITIES: &[&str] = &["info", "warning", "critical"];
const CATEGORIES: &[&str] = &[
    "system",
    "fleet",
    "hr",
    "operations",
    "accommodation",
    "support",
    "billing",
    "report",
];

const FIELDS: &[Field] = &[
    text("title", 200).required().search().list(),
    long_text("body", 4000).search(),
    member("recipient").required().create_only().filter().list(),
    choice("category", CATEGORIES)
        .required()
        .default("system")
        .filter()
        .list(),
    choice("severity", SEVERITIES)
        .required()
        .default("info")
        .filter()
        .list(),
    text("link", 500),
    // What it is about, so that the same thing is not said twice.
    text("subject_key", 200).create_only().filter(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("unread")
        .filter()
        .list(),
    instant("read_at").read_only(),
];

const ACTIONS: &[Action] = &[
    transition("mark_read", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Unread => Some(Status::Read),
            Status::Read | Status::Archived => None,
        })
    })
    .stamps(&["read_at"]),
    transition("mark_unread", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Read | Status::Archived => Some(Status::Unread),
            Status::Unread => None,
        })
    }),
    transition("archive", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Unread | Status::Read => Some(Status::Archived),
            Status::Archived => None,
        })
    }),
];

/// An announcement's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Announced {
    Draft,
    Published,
    Archived,
}

const ANNOUNCEMENT_FIELDS: &[Field] = &[
    text("title_en", 200).required().search().list(),
    long_text("body_en", 8000),
    text("title_ar", 200).required().search().list(),
    long_text("body_ar", 8000),
    choice("severity", SEVERITIES)
        .required()
        .default("info")
        .filter()
        .list(),
    choice("audience", &["everybody", "members", "couriers"])
        .required()
        .default("everybody")
        .filter()
        .list(),
    choice("status", Announced::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list(),
    instant("publish_at").filter(),
    instant("expires_at").filter().list(),
    boolean("is_pinned").required().default("false").filter(),
    instant("published_at").read_only().list(),
    member("published_by").read_only(),
];

const ANNOUNCEMENT_ACTIONS: &[Action] = &[
    transition("publish", "status", &[], |state| {
        moved(state, |status| match status {
            Announced::Draft | Announced::Archived => Some(Announced::Published),
            Announced::Published => None,
        })
    })
    .stamps(&["published_at"])
    .signs("published_by"),
    transition("archive", "status", &[], |state| {
        moved(state, |status| match status {
            Announced::Draft | Announced::Published => Some(Announced::Archived),
            Announced::Archived => None,
        })
    }),
];

/// It does not end before it begins.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let ends_early = after
        .instant("publish_at")
        .zip(after.instant("expires_at"))
        .is_some_and(|(from, until)| until < from);
    let violation = || Violation::new("expires_at", "before_start");
    ends_early.then(violation).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, outcome};

    #[test]
    fn reading_is_stamped_and_times_are_in_order() {
        let change = outcome(&NOTIFICATIONS, "mark_read", &json!({"status": "unread"}), &json!({})).expect("allowed");
        assert_eq!(change["read_at"], json!("2026-06-01T06:00:00.000Z"));
        let row = |until: &str| json!({"publish_at": "2026-01-15T09:30:00Z", "expires_at": until});
        breaks(
            check,
            &[
                (row("2026-01-15T09:30:00Z"), ""),
                (row("2026-01-15T09:29:59Z"), "expires_at before_start"),
            ],
        );
    }
}
