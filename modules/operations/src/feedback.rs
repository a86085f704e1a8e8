//! What customers say, and what they are answered. How a text sounds and what it is about is read from it (see `sentiment`)
//! when somebody takes it up; the figures read it for the others.
#![expect(clippy::unnecessary_wraps, reason = "decisions have one signature")]

use platform_resource::{
    Action, Decision, Field, Given, Resource, action, boolean, choice, email, instant, integer, long_text, member,
    money, moved, number, phone, reference, text, transition,
};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::sentiment;

const TYPES: &[&str] = &["delivery", "courier", "service", "app", "support", "general"];
const SENTIMENTS: &[&str] = &["positive", "neutral", "negative"];

/// What customers say.
pub static CUSTOMER_FEEDBACKS: Resource = Resource::new("operations", "customer_feedbacks", FIELDS)
    .title(&["feedback_number"])
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Reviewed,
    Responded,
    Resolved,
    Escalated,
    Closed,
}

const FIELDS: &[Field] = &[
    number("feedback_number", "FB", 4).group("feedback"),
    choice("feedback_type", TYPES)
        .required()
        .filter()
        .list()
        .group("feedback"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list()
        .group("feedback"),
    choice("priority", &["low", "normal", "high", "urgent"])
        .required()
        .default("normal")
        .filter()
        .list()
        .group("feedback"),
    reference("delivery_id", "operations.deliveries")
        .filter()
        .group("feedback"),
    reference("courier_id", "fleet.couriers")
        .filter()
        .list()
        .group("feedback"),
    text("order_number", 100).search().group("feedback"),
    text("customer_name", 200).search().list().group("customer"),
    email("customer_email").search().group("customer"),
    phone("customer_phone").search().group("customer"),
    boolean("is_verified_customer")
        .required()
        .default("false")
        .group("customer"),
    integer("overall_rating", 1, 5)
        .required()
        .filter()
        .list()
        .group("rating"),
    integer("delivery_speed_rating", 1, 5).group("rating"),
    integer("courier_behavior_rating", 1, 5).group("rating"),
    integer("package_condition_rating", 1, 5).group("rating"),
    integer("communication_rating", 1, 5).group("rating"),
    text("feedback_title", 200).search().group("feedback"),
    long_text("feedback_text", 4000).required().search().group("feedback"),
    choice("sentiment", SENTIMENTS)
        .read_only()
        .filter()
        .list()
        .group("rating"),
    choice("category", sentiment::TOPICS)
        .read_only()
        .filter()
        .group("rating"),
    text("tags", 500).search().group("feedback"),
    boolean("is_complaint")
        .required()
        .default("false")
        .filter()
        .group("feedback"),
    boolean("is_compliment")
        .required()
        .default("false")
        .filter()
        .group("feedback"),
    boolean("is_public").required().default("false").group("feedback"),
    text("source", 50).group("feedback"),
    text("device_type", 50).group("feedback"),
    instant("submitted_at").filter().list().group("feedback"),
    long_text("response_text", 4000).read_only().group("answer"),
    member("responded_by").read_only().group("answer"),
    instant("responded_at").read_only().group("answer"),
    long_text("resolution_text", 4000).read_only().group("answer"),
    member("resolved_by").read_only().group("answer"),
    instant("resolved_at").read_only().group("answer"),
    integer("resolution_satisfaction", 1, 5).group("answer"),
    money("compensation_amount")
        .required()
        .read_only()
        .default("0")
        .group("answer"),
    money("refund_amount")
        .required()
        .read_only()
        .default("0")
        .group("answer"),
    long_text("action_taken", 2000).group("answer"),
    boolean("is_escalated")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("escalation"),
    instant("escalated_at").read_only().group("escalation"),
    member("escalated_to").read_only().group("escalation"),
    long_text("escalation_reason", 500).read_only().group("escalation"),
    boolean("requires_followup")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("followup"),
    instant("followup_at").read_only().filter().group("followup"),
    boolean("followup_completed")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("followup"),
    long_text("followup_notes", 2000).read_only().group("followup"),
    instant("closed_at").read_only().group("answer"),
    long_text("internal_notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("review", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::Reviewed),
            Status::Reviewed | Status::Responded | Status::Resolved | Status::Escalated | Status::Closed => None,
        })
    })
    .decide(read),
    transition(
        "respond",
        "status",
        &[long_text("response_text", 4000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Reviewed | Status::Escalated => Some(Status::Responded),
                Status::Responded | Status::Resolved | Status::Closed => None,
            })
        },
    )
    .stamps(&["responded_at"])
    .signs("responded_by")
    .decide(read),
    transition(
        "resolve",
        "status",
        &[
            long_text("resolution_text", 4000).required(),
            money("compensation_amount").required().default("0"),
            money("refund_amount").required().default("0"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Reviewed | Status::Responded | Status::Escalated => Some(Status::Resolved),
                Status::Pending | Status::Resolved | Status::Closed => None,
            })
        },
    )
    .stamps(&["resolved_at"])
    .signs("resolved_by"),
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Responded | Status::Resolved => Some(Status::Closed),
            Status::Pending | Status::Reviewed | Status::Escalated | Status::Closed => None,
        })
    })
    .stamps(&["closed_at"]),
    transition(
        "escalate",
        "status",
        &[
            member("escalated_to").required(),
            long_text("escalation_reason", 500).required(),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Pending | Status::Reviewed | Status::Responded | Status::Resolved | Status::Closed => {
                    Some(Status::Escalated)
                }
                Status::Escalated => None,
            })
        },
    )
    .stamps(&["escalated_at"])
    .decide(escalate),
    action(
        "schedule_followup",
        &[instant("followup_at").required(), long_text("followup_notes", 2000)],
        schedule_followup,
    ),
    action(
        "complete_followup",
        &[long_text("followup_notes", 2000)],
        complete_followup,
    ),
];

/// How it sounds and what it is about.
fn read(given: &Given<'_>) -> Decision {
    let text = [given.record.text("feedback_title"), given.record.text("feedback_text")];
    let text = text.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let rating = given.record.integer("overall_rating").unwrap_or(3);
    let kind = given.record.text("feedback_type").unwrap_or("general");
    Ok(Map::from_iter([
        ("sentiment".to_owned(), json!(sentiment::of(rating, &text))),
        ("category".to_owned(), json!(sentiment::topic(kind, &text))),
    ]))
}

fn escalate(given: &Given<'_>) -> Decision {
    let mut change = read(given)?;
    change.insert("is_escalated".into(), json!(true));
    Ok(change)
}

fn schedule_followup(given: &Given<'_>) -> Decision {
    if given.record.is("status", "closed") {
        return Err("feedback_closed");
    }
    let mut change = given.input.0.clone();
    change.insert("requires_followup".into(), json!(true));
    change.insert("followup_completed".into(), json!(false));
    Ok(change)
}

fn complete_followup(given: &Given<'_>) -> Decision {
    if given.record.get("requires_followup") != &json!(true) {
        return Err("no_followup");
    }
    let mut change = Map::from_iter([("followup_completed".to_owned(), json!(true))]);
    if given.input.has("followup_notes") {
        change.insert("followup_notes".into(), given.input.get("followup_notes").clone());
    }
    Ok(change)
}

/// Texts for answers.
pub static FEEDBACK_TEMPLATES: Resource = Resource::new("operations", "feedback_templates", TEMPLATE)
    .title(&["template_name"])
    .actions(TEMPLATE_ACTIONS);

const TEMPLATE: &[Field] = &[
    text("template_code", 50).required().unique().search().list(),
    text("template_name", 200).required().search().list(),
    choice("template_type", TYPES).required().filter().list(),
    text("subject", 200).search(),
    long_text("body", 4000).required(),
    choice("sentiment_type", SENTIMENTS).filter().list(),
    boolean("is_active").required().default("true").filter().list(),
    integer("usage_count", 0, 1_000_000_000)
        .required()
        .read_only()
        .default("0")
        .list(),
];

const TEMPLATE_ACTIONS: &[Action] = &[action("use", &[], |given| {
    let count = given.record.integer("usage_count").unwrap_or(0) + 1;
    Ok(Map::from_iter([("usage_count".to_owned(), json!(count))]))
})];
