//! What can be called besides verbs and actions.

use platform_core::{Method, Operation, Permit};
use serde_json::json;

use crate::{
    analytics, canned_responses, channels, chat_sessions, contact_requests, desk, faqs, kb_articles, knowledge,
    ticket_attachments, ticket_replies, ticket_templates, votes,
};

/// Everything, by what it is about.
pub(crate) fn all() -> Vec<Operation> {
    let mut all = tickets();
    all.extend(reading());
    all.extend(talking());
    all.extend(figures());
    all
}

fn tickets() -> Vec<Operation> {
    vec![
        Operation::acting(
            "/support/tickets/from_template",
            "support.tickets.from_template",
            Permit::needs("tickets.create"),
            201,
            |cx, input| Box::pin(ticket_templates::open(cx, input)),
        )
        .summary("Open a ticket from a template, due after the template's hours"),
        Operation::acting(
            "/support/tickets/{id}/reply",
            "support.tickets.reply",
            Permit::needs("tickets.reply"),
            201,
            |cx, input| Box::pin(ticket_replies::reply(cx, input)),
        )
        .summary("Answer a ticket, or leave a note for colleagues"),
        Operation::get(
            "/support/tickets/{id}/conversation",
            "support.tickets.conversation",
            Permit::needs("ticket_replies.read"),
            |cx, input| Box::pin(desk::conversation(cx, input)),
        )
        .summary("Everything that was said about a ticket, with files"),
        Operation::post(
            "/support/tickets/bulk_act",
            "support.tickets.bulk_act",
            Permit::AnyOf(desk::MANY.iter().map(ToString::to_string).collect()),
            |cx, input| Box::pin(desk::many(cx, input)),
        )
        .summary("Assign, resolve, close, reopen or reprioritize up to a hundred tickets: all or none"),
        Operation::get(
            "/support/ticket_search",
            "support.ticket_search.list",
            Permit::needs("tickets.read"),
            |cx, input| Box::pin(desk::search(cx, input)),
        )
        .summary("Find tickets by number, subject, text, tags and public replies"),
        Operation::get(
            "/support/tickets_at_risk",
            "support.tickets_at_risk.list",
            Permit::needs("tickets.read"),
            |cx, input| Box::pin(desk::at_risk(cx, input)),
        )
        .summary("Unsettled tickets that are due within two hours, or within those that are asked for"),
        Operation::acting(
            "/support/ticket_attachments/attach",
            "support.ticket_attachments.attach",
            Permit::needs("ticket_attachments.attach"),
            201,
            |cx, input| Box::pin(ticket_attachments::attach(cx, input)),
        )
        .summary("Attach an uploaded file to a ticket or to one of its replies"),
        Operation::post(
            "/support/canned_responses/{id}/use",
            "support.canned_responses.use",
            Permit::needs("canned_responses.use"),
            |cx, input| Box::pin(canned_responses::used(cx, input)),
        )
        .summary("Fill the holes of a ready answer and count its use"),
    ]
}

fn reading() -> Vec<Operation> {
    vec![
        Operation::get(
            "/support/kb_search",
            "support.kb_search.list",
            Permit::needs("knowledge.read"),
            |cx, input| Box::pin(knowledge::search(cx, input)),
        )
        .summary("Find published articles and frequent questions"),
        Operation::get(
            "/support/categories",
            "support.categories.list",
            Permit::needs("knowledge.read"),
            |cx, input| Box::pin(knowledge::categories(cx, input)),
        )
        .summary("Categories of articles, frequent questions and ready answers, with how much is in them"),
        Operation::post(
            "/support/kb_articles/{id}/view",
            "support.kb_articles.view",
            Permit::needs("knowledge.read"),
            |cx, input| Box::pin(kb_articles::view(cx, input)),
        )
        .summary("Count that a published article was read"),
        Operation::post(
            "/support/kb_articles/{id}/vote",
            "support.kb_articles.vote",
            Permit::needs("kb_articles.vote"),
            |cx, input| Box::pin(votes::article(cx, input)),
        )
        .summary("Say whether an article helped; a second vote of the same person changes the first"),
        Operation::post(
            "/support/faqs/{id}/vote",
            "support.faqs.vote",
            Permit::needs("faqs.vote"),
            |cx, input| Box::pin(votes::faq(cx, input)),
        )
        .summary("Say whether the answer to a frequent question helped; a second vote changes the first"),
        Operation::post(
            "/support/faqs/{id}/view",
            "support.faqs.view",
            Permit::needs("knowledge.read"),
            |cx, input| Box::pin(faqs::view(cx, input)),
        )
        .summary("Count that a frequent question was read"),
    ]
}

fn talking() -> Vec<Operation> {
    let mut transcript = Operation::raw(
        Method::Get,
        "/support/chat_sessions/{id}/transcript",
        "support.chat_sessions.transcript",
        Permit::needs("chat_messages.read"),
        |cx, request| Box::pin(chat_sessions::transcript(cx, request)),
    )
    .summary("A chat as text");
    transcript.doc.answer = Some((200, "text/plain", json!({"type": "string"})));
    vec![
        Operation::acting(
            "/support/chat_sessions/{id}/send",
            "support.chat_sessions.send",
            Permit::needs("chat_sessions.send"),
            201,
            |cx, input| Box::pin(chat_sessions::send(cx, input)),
        )
        .summary("Say something in a chat, as its agent or as who asks"),
        transcript,
        Operation::acting(
            "/support/contact",
            "support.contact.submit",
            Permit::SignedIn,
            201,
            |cx, input| Box::pin(contact_requests::submit(cx, input)),
        )
        .summary("Write to support: becomes a ticket with the priority and deadline of its urgency"),
        Operation::get(
            "/support/contact_info",
            "support.contact.info",
            Permit::SignedIn,
            |cx, _: contact_requests::Asked| Box::pin(async move { Ok(contact_requests::info(cx)) }),
        )
        .summary("Departments, working hours and how soon an answer is promised"),
    ]
}

fn figures() -> Vec<Operation> {
    let may = || Permit::needs("support_analytics.read");
    vec![
        Operation::get(
            "/support/overview",
            "support.overview.read",
            Permit::needs("support_overview.read"),
            |cx, input| Box::pin(channels::overview(cx, input)),
        )
        .summary("Open tickets, deadlines, chats and requests at a glance"),
        Operation::get(
            "/support/analytics/tickets",
            "support.analytics.tickets",
            may(),
            |cx, input| Box::pin(analytics::tickets(cx, input)),
        )
        .summary("Tickets by status, priority and category"),
        Operation::get(
            "/support/analytics/response_times",
            "support.analytics.response_times",
            may(),
            |cx, input| Box::pin(analytics::response_times(cx, input)),
        )
        .summary("Mean and median of the first response in minutes and of the resolution in hours"),
        Operation::get(
            "/support/analytics/agents",
            "support.analytics.agents",
            may(),
            |cx, input| Box::pin(analytics::agents(cx, input)),
        )
        .summary("Tickets, speed, ratings and missed deadlines by agent"),
        Operation::get(
            "/support/analytics/satisfaction",
            "support.analytics.satisfaction",
            may(),
            |cx, input| Box::pin(analytics::satisfaction(cx, input)),
        )
        .summary("Ratings of tickets, chats and the product: mean, and those of 4 and 5 in per cent"),
        Operation::get(
            "/support/analytics/trends",
            "support.analytics.trends",
            may(),
            |cx, input| Box::pin(analytics::trends(cx, input)),
        )
        .summary("Tickets opened and resolved by day"),
        Operation::get("/support/analytics/sla", "support.analytics.sla", may(), |cx, input| {
            Box::pin(analytics::sla(cx, input))
        })
        .summary("Deadlines kept in per cent, all and by priority"),
        Operation::get(
            "/support/analytics/escalations",
            "support.analytics.escalations",
            may(),
            |cx, input| Box::pin(analytics::escalations(cx, input)),
        )
        .summary("Escalated tickets in per cent, how soon and why"),
        Operation::get(
            "/support/analytics/chat",
            "support.analytics.chat",
            may(),
            |cx, input| Box::pin(channels::chats(cx, input)),
        )
        .summary("Chats: mean wait and duration"),
        Operation::get(
            "/support/analytics/knowledge_base",
            "support.analytics.knowledge_base",
            may(),
            |cx, input| Box::pin(channels::knowledge(cx, input)),
        )
        .summary("Articles, views and how helpful they are"),
    ]
}
