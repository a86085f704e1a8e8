//! What people think of the product. What customers think of deliveries is in operations.

use platform_resource::{
    Action, Field, Resource, choice, instant, integer, long_text, member, moved, number, text, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Opinions.
pub static PRODUCT_FEEDBACKS: Resource = Resource::new("support", "product_feedbacks", FIELDS)
    .title(&["feedback_number"])
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    New,
    Reviewed,
    InProgress,
    Completed,
    Dismissed,
}

const FIELDS: &[Field] = &[
    number("feedback_number", "PF", 4),
    text("subject", 255).required().search().list(),
    long_text("message", 10_000).required().search(),
    choice(
        "category",
        &[
            "general",
            "feature_request",
            "bug_report",
            "complaint",
            "compliment",
            "suggestion",
        ],
    )
    .required()
    .default("general")
    .filter()
    .list(),
    integer("rating", 1, 5).filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("new")
        .filter()
        .list(),
    member("given_by").create_only().filter(),
    long_text("response", 4000).read_only().search(),
    member("responded_by").read_only().filter(),
    instant("responded_at").read_only(),
    long_text("dismiss_reason", 500).read_only(),
];

const ACTIONS: &[Action] = &[
    transition("review", "status", &[], |state| {
        moved(state, |status| match status {
            Status::New => Some(Status::Reviewed),
            Status::Reviewed | Status::InProgress | Status::Completed | Status::Dismissed => None,
        })
    }),
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::New | Status::Reviewed => Some(Status::InProgress),
            Status::InProgress | Status::Completed | Status::Dismissed => None,
        })
    }),
    transition("complete", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Reviewed | Status::InProgress => Some(Status::Completed),
            Status::New | Status::Completed | Status::Dismissed => None,
        })
    }),
    transition(
        "dismiss",
        "status",
        &[long_text("dismiss_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::New | Status::Reviewed | Status::InProgress => Some(Status::Dismissed),
                Status::Completed | Status::Dismissed => None,
            })
        },
    )
    .danger(),
    transition(
        "respond",
        "status",
        &[long_text("response", 4000).required()],
        |state| {
            moved(state, |status| match status {
                // Whoever answers has read it.
                Status::New | Status::Reviewed => Some(Status::Reviewed),
                Status::InProgress => Some(Status::InProgress),
                Status::Completed => Some(Status::Completed),
                Status::Dismissed => Some(Status::Dismissed),
            })
        },
    )
    .stamps(&["responded_at"])
    .signs("responded_by"),
];
