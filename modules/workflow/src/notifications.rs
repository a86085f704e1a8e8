//! Notifications: one for each person, occasion and channel.

use platform_resource::{
    Action, Field, Given, Resource, Verb, choice, email, instant, integer, json, long_text, member, moved, phone,
    reference, text, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::words::{CHANNELS, NOTICES, URGENCIES};

/// Workflow notifications.
pub static WORKFLOW_NOTIFICATIONS: Resource = Resource::new("workflow", "workflow_notifications", FIELDS)
    .title(&["subject"])
    .actions(ACTIONS)
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Sent,
    Delivered,
    Read,
    Failed,
    Cancelled,
}

const FIELDS: &[Field] = &[
    reference("workflow_instance_id", "workflow.workflow_instances").filter(),
    reference("template_id", "workflow.workflow_notification_templates").filter(),
    choice("notification_type", NOTICES).required().filter().list(),
    member("recipient").required().filter().list(),
    email("recipient_email").group("delivery"),
    phone("recipient_phone").group("delivery"),
    text("subject", 300).search().list().group("message"),
    long_text("body", 4000).required().group("message"),
    text("sms_content", 500).group("message"),
    choice("channel", CHANNELS).required().default("in_app").filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    choice("priority", URGENCIES)
        .required()
        .default("normal")
        .filter()
        .list(),
    instant("scheduled_at").group("delivery"),
    instant("sent_at").group("delivery"),
    instant("delivered_at").group("delivery"),
    instant("read_at").group("delivery"),
    instant("expires_at").group("delivery"),
    integer("delivery_attempts", 0, 1000)
        .required()
        .default("0")
        .group("delivery"),
    instant("last_attempt_at").group("delivery"),
    long_text("error_message", 2000).group("delivery"),
    instant("clicked_at").group("delivery"),
    text("action_taken", 100).group("delivery"),
    json("notification_metadata"),
];

const ACTIONS: &[Action] = &[
    transition("send", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Sent),
            Status::Sent | Status::Delivered | Status::Read | Status::Failed | Status::Cancelled => None,
        })
    })
    .internal()
    .decide(|given| Ok(attempt(given)))
    .stamps(&["sent_at", "last_attempt_at"]),
    transition("deliver", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Sent => Some(Status::Delivered),
            Status::Pending | Status::Delivered | Status::Read | Status::Failed | Status::Cancelled => None,
        })
    })
    .internal()
    .stamps(&["delivered_at"]),
    transition("mark_read", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Sent | Status::Delivered => Some(Status::Read),
            Status::Pending | Status::Read | Status::Failed | Status::Cancelled => None,
        })
    })
    .stamps(&["read_at"]),
    transition("fail", "status", &[long_text("error_message", 2000)], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Sent => Some(Status::Failed),
            Status::Delivered | Status::Read | Status::Failed | Status::Cancelled => None,
        })
    })
    .internal()
    .stamps(&["last_attempt_at"]),
    transition("retry", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Failed => Some(Status::Pending),
            Status::Pending | Status::Sent | Status::Delivered | Status::Read | Status::Cancelled => None,
        })
    }),
    transition("cancel", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Failed => Some(Status::Cancelled),
            Status::Sent | Status::Delivered | Status::Read | Status::Cancelled => None,
        })
    }),
];

fn attempt(given: &Given<'_>) -> Map<String, Json> {
    let attempts = given.record.integer("delivery_attempts").unwrap_or_default();
    Map::from_iter([("delivery_attempts".to_owned(), json!(attempts + 1))])
}
