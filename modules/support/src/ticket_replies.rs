//! What is said about a ticket: answers that the requester sees, and notes among colleagues. Written by the operation `reply`,
//! never changed.

use std::collections::BTreeMap;

use platform_core::{Cx, Event, Problem};
use platform_resource::{Field, Kind, Resource, Value, Verb, boolean, long_text, member, reference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::canned_responses;
use crate::tickets::TICKETS;

/// Replies.
pub static TICKET_REPLIES: Resource = Resource::new("support", "ticket_replies", FIELDS)
    .title(&["message"])
    .without(&[Verb::Create, Verb::Update, Verb::Import])
    .sort("id");

const FIELDS: &[Field] = &[
    reference("ticket_id", "support.tickets")
        .required()
        .read_only()
        .filter()
        .list(),
    member("author").read_only().filter().list(),
    long_text("message", 10_000).required().read_only().search().list(),
    boolean("is_internal")
        .required()
        .read_only()
        .default("false")
        .filter()
        .list(),
    reference("canned_response_id", "support.canned_responses")
        .read_only()
        .filter(),
];

/// What is said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    /// The ticket.
    id: Uuid,
    /// The text; without one, the ready answer's.
    message: Option<String>,
    /// Whether only colleagues see it.
    #[serde(default)]
    is_internal: bool,
    /// A ready answer.
    canned_response_id: Option<Uuid>,
    /// Words for the holes of the ready answer.
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

/// A reply that was stored.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Stored {
    /// The reply.
    reply_id: Uuid,
    /// The ticket.
    ticket_id: Uuid,
    /// What was said.
    message: String,
}

/// Id of who acts; null for what the system does.
pub(crate) fn actor(cx: &Cx) -> Json {
    match cx.actor_id() {
        nobody if nobody.is_nil() => Json::Null,
        somebody => json!(somebody),
    }
}

/// `POST /support/tickets/{id}/reply`.
pub(crate) async fn reply(cx: &mut Cx, said: Said) -> Result<Stored, Problem> {
    let ticket = platform_engine::load(cx, &TICKETS, said.id).await?;
    if ticket.is("status", "closed") && !said.is_internal {
        return Err(Problem::refused("ticket_closed"));
    }
    let message = match (said.message, said.canned_response_id) {
        (Some(message), _) => message,
        (None, Some(id)) => {
            canned_responses::filled(cx, id, &said.variables, "canned_response_id")
                .await?
                .text
        }
        (None, None) => return Err(Problem::field("message", "required")),
    };
    let row = json!({
        "ticket_id": said.id, "author": actor(cx), "message": message, "is_internal": said.is_internal,
        "canned_response_id": said.canned_response_id,
    });
    let row: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    let reply = platform_engine::create(cx, &TICKET_REPLIES, row).await?;
    Ok(Stored {
        reply_id: reply.uuid("id").ok_or_else(Problem::not_found)?,
        ticket_id: said.id,
        message,
    })
}

pub(crate) const OPENED_BY: &str = "SELECT h.actor_id FROM platform.history h
    WHERE h.organization_id = $1 AND h.resource = 'support.tickets' AND h.record_id = $2 AND h.verb = 'create'
    ORDER BY h.id LIMIT 1";

/// Whose question a ticket is: the requester, or else who opened it.
async fn requester(cx: &mut Cx, ticket: &platform_resource::Record, ticket_id: Uuid) -> Result<Option<Uuid>, Problem> {
    if let Some(requester) = ticket.uuid("requested_by") {
        return Ok(Some(requester));
    }
    let opened: Option<Option<Uuid>> = sqlx::query_scalar(OPENED_BY)
        .bind(cx.organization_id)
        .bind(ticket_id)
        .fetch_optional(cx.db())
        .await?;
    Ok(opened.flatten().filter(|id| !id.is_nil()))
}

/// What a public reply does to its ticket.
#[derive(Debug, PartialEq, Eq)]
enum Consequence {
    /// It is the first answer of somebody else than the requester.
    FirstResponse,
    /// The requester has said what was waited for.
    Resume,
    Nothing,
}

fn consequence(author: Option<Uuid>, requester: Option<Uuid>, is_answered: bool, is_pending: bool) -> Consequence {
    let is_requester = author.is_some() && author == requester;
    match (is_requester, is_answered, is_pending) {
        (true, _, true) => Consequence::Resume,
        (false, false, _) => Consequence::FirstResponse,
        (true, _, false) | (false, true, _) => Consequence::Nothing,
    }
}

/// The first public reply by somebody else than the requester is the first response; the requester's ends the waiting for him.
pub(crate) async fn created(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.after("is_internal") == true {
        return Ok(());
    }
    let id = |field: &str| event.after(field).as_str().and_then(|text| text.parse::<Uuid>().ok());
    let ticket_id = id("ticket_id").ok_or_else(Problem::not_found)?;
    let ticket = platform_engine::load(cx, &TICKETS, ticket_id).await?;
    let requester = requester(cx, &ticket, ticket_id).await?;
    let is_answered = ticket.has("first_response_at");
    match consequence(id("author"), requester, is_answered, ticket.is("status", "pending")) {
        Consequence::FirstResponse => {
            let now = Value::Instant(cx.now).to_json(Kind::Instant);
            let change = Map::from_iter([("first_response_at".to_owned(), now)]);
            platform_engine::change(cx, &TICKETS, ticket_id, "respond", change)
                .await
                .map(drop)
        }
        Consequence::Resume => platform_engine::act(cx, &TICKETS, ticket_id, "resume", Map::new())
            .await
            .map(drop),
        Consequence::Nothing => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_first() {
        let (requester, agent) = (Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        let table = [
            (agent, false, false, Consequence::FirstResponse),
            (agent, false, true, Consequence::FirstResponse),
            (agent, true, true, Consequence::Nothing),
            (requester, false, false, Consequence::Nothing),
            (requester, false, true, Consequence::Resume),
            (requester, true, true, Consequence::Resume),
            (None, false, false, Consequence::FirstResponse),
        ];
        for (author, is_answered, is_pending, expected) in table {
            assert_eq!(consequence(author, requester, is_answered, is_pending), expected);
        }
        // A ticket that nobody in particular asks: any member's answer is one.
        assert_eq!(consequence(agent, None, false, false), Consequence::FirstResponse);
    }
}
