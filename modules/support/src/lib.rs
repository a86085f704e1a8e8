//! Tickets, knowledge base, chat and feedback.

mod analytics;
mod canned_responses;
mod channels;
mod chat_messages;
mod chat_sessions;
mod contact_requests;
pub mod demo;
mod desk;
mod faq_votes;
mod faqs;
mod figures;
mod kb_articles;
mod kb_categories;
mod kb_votes;
mod knowledge;
mod operations;
mod product_feedbacks;
#[cfg(test)]
mod testing;
mod ticket_attachments;
mod ticket_replies;
mod ticket_templates;
mod tickets;
mod votes;

pub use canned_responses::CANNED_RESPONSES;
pub use chat_messages::CHAT_MESSAGES;
pub use chat_sessions::CHAT_SESSIONS;
pub use contact_requests::CONTACT_REQUESTS;
pub use demo::demo;
pub use faq_votes::FAQ_VOTES;
pub use faqs::FAQS;
pub use kb_articles::KB_ARTICLES;
pub use kb_categories::KB_CATEGORIES;
pub use kb_votes::KB_VOTES;
use platform_core::{Effect, Module, Schedule, When};
use platform_resource::Resource;
pub use product_feedbacks::PRODUCT_FEEDBACKS;
pub use ticket_attachments::TICKET_ATTACHMENTS;
pub use ticket_replies::TICKET_REPLIES;
pub use ticket_templates::TICKET_TEMPLATES;
pub use tickets::TICKETS;

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    analytics::AGENTS,
    analytics::COUNTS,
    analytics::DEADLINES,
    analytics::LEVELS,
    analytics::RATINGS,
    analytics::REASONS,
    analytics::SPEEDS,
    analytics::TREND,
    channels::ARTICLES,
    channels::CHATS,
    channels::OVERVIEW,
    channels::TOP,
    chat_sessions::HEAD,
    chat_sessions::LINES,
    contact_requests::OF_TICKET,
    demo::COURIERS,
    demo::MEMBERS,
    desk::ATTACHED,
    desk::AT_RISK,
    desk::EXISTS,
    desk::FILES,
    desk::LATE,
    desk::MEMBER,
    desk::NEAR,
    desk::REPLIES,
    desk::SAID,
    desk::SEARCH,
    faqs::VIEW,
    kb_articles::VIEW,
    kb_categories::RING,
    knowledge::CATEGORIES,
    knowledge::SEARCH,
    ticket_attachments::FILE,
    ticket_attachments::REPLY,
    ticket_replies::OPENED_BY,
    votes::OF_ARTICLE,
    votes::OF_FAQ,
    votes::ON_ARTICLE,
    votes::ON_FAQ,
];

static RESOURCES: &[&Resource] = &[
    &TICKETS,
    &TICKET_REPLIES,
    &TICKET_ATTACHMENTS,
    &TICKET_TEMPLATES,
    &CANNED_RESPONSES,
    &KB_ARTICLES,
    &KB_CATEGORIES,
    &KB_VOTES,
    &FAQS,
    &FAQ_VOTES,
    &CHAT_SESSIONS,
    &CHAT_MESSAGES,
    &CONTACT_REQUESTS,
    &PRODUCT_FEEDBACKS,
];

/// What every colleague does who is no agent: asks, answers, looks things up.
const COLLEAGUE: &[&str] = &[
    "tickets.read",
    "tickets.create",
    "tickets.reply",
    "tickets.rate",
    "ticket_replies.read",
    "ticket_attachments.read",
    "ticket_attachments.attach",
    "knowledge.read",
    "kb_articles.vote",
    "faqs.vote",
    "product_feedbacks.create",
    "support_overview.read",
];

/// Which job role may do what. Couriers look things up and write to support by the contact form, which needs no permission.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "support_agent",
        &[
            "tickets.*",
            "ticket_replies.*",
            "ticket_attachments.*",
            "ticket_templates.*",
            "canned_responses.*",
            "kb_articles.*",
            "kb_categories.*",
            "kb_votes.*",
            "faqs.*",
            "faq_votes.*",
            "chat_sessions.*",
            "chat_messages.*",
            "contact_requests.*",
            "product_feedbacks.*",
            "knowledge.read",
            "support_analytics.read",
            "support_overview.read",
        ],
    ),
    ("fleet_manager", COLLEAGUE),
    ("hr_manager", COLLEAGUE),
    ("finance", COLLEAGUE),
    ("dispatcher", COLLEAGUE),
    (
        "courier",
        &[
            "knowledge.read",
            "kb_articles.vote",
            "faqs.vote",
            "tickets.read:own",
            "tickets.create:own",
        ],
    ),
];

const EFFECTS: &[Effect] = &[
    Effect {
        on: "support.tickets.merge",
        run: |cx, event| Box::pin(desk::merged(cx, event)),
    },
    Effect {
        on: "support.tickets.resolve",
        run: |cx, event| Box::pin(contact_requests::ticket_resolved(cx, event)),
    },
    Effect {
        on: "support.ticket_replies.created",
        run: |cx, event| Box::pin(ticket_replies::created(cx, event)),
    },
    Effect {
        on: "support.kb_categories.updated",
        run: |cx, event| Box::pin(kb_categories::updated(cx, event)),
    },
];

const SCHEDULES: &[Schedule] = &[Schedule {
    name: "support.sla",
    when: When::Every { minutes: 5 },
    run: |cx| Box::pin(desk::watch(cx)),
}];

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "support",
        resources: RESOURCES,
        operations: operations::all(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        permissions: &[
            "canned_responses.use",
            "chat_sessions.send",
            "faqs.vote",
            "kb_articles.vote",
            "knowledge.read",
            "support_analytics.read",
            "support_overview.read",
            "ticket_attachments.attach",
            "tickets.reply",
        ],
        effects: EFFECTS,
        schedules: SCHEDULES,
        ..Module::default()
    }
}
