//! Chats between somebody who asks and an agent of support. What is said is in `chat_messages`.

use platform_core::{Cx, Problem, Reply, Request};
use platform_resource::{
    Action, Decision, Field, Given, Kind, NOT_IN_STATE, Resource, Value, action, choice, instant, integer, long_text,
    member, moved, number, reference, transition,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::chat_messages::CHAT_MESSAGES;
use crate::ticket_replies::actor;
use crate::tickets::CATEGORY;

/// Chats.
pub static CHAT_SESSIONS: Resource = Resource::new("support", "chat_sessions", FIELDS)
    .title(&["chat_number"])
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Waiting,
    Active,
    Transferred,
    Ended,
}

const FIELDS: &[Field] = &[
    number("chat_number", "CHAT", 4),
    member("customer").required().create_only().filter().list(),
    member("agent").read_only().filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("waiting")
        .filter()
        .list(),
    long_text("initial_message", 500).search().list(),
    choice("topic", CATEGORY).filter(),
    reference("courier_id", "fleet.couriers").filter(),
    reference("ticket_id", "support.tickets").filter(),
    instant("started_at").read_only().filter().list(),
    instant("ended_at").read_only().filter(),
    member("ended_by").read_only(),
    integer("transfer_count", 0, 9999).required().read_only().default("0"),
    integer("rating", 1, 5).read_only().filter(),
];

const ACTIONS: &[Action] = &[
    transition("accept", "status", &[], taken).signs("agent").decide(begun),
    transition("assign", "status", &[member("agent").required()], taken).decide(begun),
    transition("transfer", "status", &[member("agent").required()], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Transferred),
            Status::Waiting | Status::Transferred | Status::Ended => None,
        })
    })
    .decide(handed_over)
    .danger(),
    transition("end", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Waiting | Status::Active | Status::Transferred => Some(Status::Ended),
            Status::Ended => None,
        })
    })
    .stamps(&["ended_at"])
    .signs("ended_by"),
    action("rate", &[integer("rating", 1, 5).required()], rate).when("status", &["ended"]),
];

fn taken(state: &str) -> Option<&'static str> {
    moved(state, |status| match status {
        Status::Waiting | Status::Transferred => Some(Status::Active),
        Status::Active | Status::Ended => None,
    })
}

/// The wait ends when the first agent takes the chat, not the second.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn begun(given: &Given<'_>) -> Decision {
    if given.record.has("started_at") {
        return Ok(Map::new());
    }
    let now = Value::Instant(given.now).to_json(Kind::Instant);
    Ok(Map::from_iter([("started_at".to_owned(), now)]))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn handed_over(given: &Given<'_>) -> Decision {
    let times = given.record.integer("transfer_count").unwrap_or_default() + 1;
    Ok(Map::from_iter([("transfer_count".to_owned(), json!(times))]))
}

fn rate(given: &Given<'_>) -> Decision {
    if !given.record.is("status", "ended") {
        return Err(NOT_IN_STATE);
    }
    Ok(Map::from_iter([(
        "rating".to_owned(),
        given.input.get("rating").clone(),
    )]))
}

/// Something said in a chat.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Say {
    /// The chat.
    id: Uuid,
    /// What is said.
    message: String,
}

/// A message that was stored.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Said {
    message_id: Uuid,
    /// Whether the chat's agent said it.
    is_agent: bool,
}

/// `POST /support/chat_sessions/{id}/send`.
pub(crate) async fn send(cx: &mut Cx, say: Say) -> Result<Said, Problem> {
    let chat = platform_engine::load(cx, &CHAT_SESSIONS, say.id).await?;
    if chat.is("status", "ended") {
        return Err(Problem::refused("chat_ended"));
    }
    let author = actor(cx);
    let is_agent = !author.is_null() && &author == chat.get("agent");
    if !is_agent && !author.is_null() && &author != chat.get("customer") {
        return Err(Problem::refused("not_in_chat"));
    }
    let row = json!({"chat_session_id": say.id, "author": author, "message": say.message, "is_agent": is_agent});
    let row: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    let stored = platform_engine::create(cx, &CHAT_MESSAGES, row).await?;
    Ok(Said {
        message_id: stored.uuid("id").ok_or_else(Problem::not_found)?,
        is_agent,
    })
}

pub(crate) const HEAD: &str = "SELECT c.chat_number, c.created_at, c.initial_message, m.full_name
    FROM support.chat_sessions c
    JOIN platform.members m ON m.organization_id = c.organization_id AND m.user_id = c.customer
    WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL";
pub(crate) const LINES: &str = "SELECT s.created_at, s.message, s.is_system, m.full_name FROM support.chat_messages s
    LEFT JOIN platform.members m ON m.organization_id = s.organization_id AND m.user_id = s.author
    WHERE s.organization_id = $1 AND s.chat_session_id = $2 AND s.deleted_at IS NULL
    ORDER BY s.id LIMIT 5000";

/// `GET /support/chat_sessions/{id}/transcript`: text, a line for each message, times in the organization's zone.
pub(crate) async fn transcript(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let chat_id = request.id("id")?;
    let zone = cx.time_zone();
    let head = sqlx::query(HEAD)
        .bind(cx.organization_id)
        .bind(chat_id)
        .fetch_optional(cx.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    let lines = sqlx::query(LINES)
        .bind(cx.organization_id)
        .bind(chat_id)
        .fetch_all(cx.db())
        .await?;
    let line = |at: chrono::DateTime<chrono::Utc>, who: &str, what: &str| {
        format!("[{}] {who}: {what}\n", at.with_timezone(&zone).format("%Y-%m-%d %H:%M"))
    };
    let number: String = head.try_get("chat_number")?;
    let mut text = format!("{number}\n");
    if let Some(first) = head.try_get::<Option<String>, _>("initial_message")? {
        text.push_str(&line(head.try_get("created_at")?, head.try_get("full_name")?, &first));
    }
    for row in &lines {
        let who: Option<String> = row.try_get("full_name")?;
        text.push_str(&line(
            row.try_get("created_at")?,
            who.as_deref().unwrap_or("BARQ"),
            row.try_get("message")?,
        ));
    }
    Ok(Reply::file(
        "text/plain; charset=utf-8",
        &format!("{number}.txt"),
        text.into_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::decide;

    #[test]
    fn the_wait_ends_once() {
        let waiting = json!({"status": "waiting", "transfer_count": 0});
        let first = decide(&CHAT_SESSIONS, "accept", &waiting, &json!({})).expect("allowed");
        assert_eq!(first["started_at"], "2026-06-15T09:00:00.000Z");
        let again = json!({"status": "transferred", "started_at": "2026-06-15T08:00:00Z", "transfer_count": 1});
        let second = decide(&CHAT_SESSIONS, "accept", &again, &json!({})).expect("allowed");
        assert_eq!(Json::Object(second), json!({"status": "active"}));
        let agent = json!({"agent": "0198b2a0-0000-7000-8000-000000000001"});
        let over = decide(
            &CHAT_SESSIONS,
            "transfer",
            &json!({"status": "active", "transfer_count": 1}),
            &agent,
        );
        assert_eq!(over.expect("allowed")["transfer_count"], 2);
        let early = decide(
            &CHAT_SESSIONS,
            "rate",
            &json!({"status": "active"}),
            &json!({"rating": 4}),
        );
        assert_eq!(early, Err(NOT_IN_STATE));
    }
}
