//! How a member wants to be told of what.

use platform_resource::{Field, Resource, Verb, boolean, choice, integer, member, time};

use crate::words::NOTICES;

/// Notification preferences.
pub static WORKFLOW_NOTIFICATION_PREFERENCES: Resource =
    Resource::new("workflow", "workflow_notification_preferences", FIELDS)
        .title(&["notification_type"])
        .without(&[Verb::Create, Verb::Update, Verb::Import]);

const FIELDS: &[Field] = &[
    member("member").required().filter().list(),
    choice("notification_type", NOTICES).required().filter().list(),
    boolean("enable_in_app")
        .required()
        .default("true")
        .list()
        .group("delivery"),
    boolean("enable_email")
        .required()
        .default("true")
        .list()
        .group("delivery"),
    boolean("enable_sms")
        .required()
        .default("false")
        .list()
        .group("delivery"),
    boolean("enable_push")
        .required()
        .default("true")
        .list()
        .group("delivery"),
    time("do_not_disturb_from").group("quiet"),
    time("do_not_disturb_until").group("quiet"),
    boolean("batch_notifications")
        .required()
        .default("false")
        .group("quiet"),
    integer("batch_interval_minutes", 1, 10_080)
        .required()
        .default("60")
        .unit("minutes")
        .group("quiet"),
    integer("max_per_day", 1, 10_000).group("quiet"),
    boolean("digest_mode").required().default("false").group("quiet"),
];
