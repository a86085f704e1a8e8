//! What agents do with tickets besides single actions: look for them, read what was said, act on many at once.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Event, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::ticket_attachments::TICKET_ATTACHMENTS;
use crate::ticket_replies::TICKET_REPLIES;
use crate::tickets::{PRIORITY, RISK_HOURS, TICKETS};

/// A ticket in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    ticket_id: Uuid,
    ticket_number: String,
    subject: String,
    status: String,
    priority: String,
    category: String,
    assigned_to: Option<Uuid>,
    sla_status: String,
    sla_due_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Listed {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            ticket_id: row.try_get("id")?,
            ticket_number: row.try_get("ticket_number")?,
            subject: row.try_get("subject")?,
            status: row.try_get("status")?,
            priority: row.try_get("priority")?,
            category: row.try_get("category")?,
            assigned_to: row.try_get("assigned_to")?,
            sla_status: row.try_get("sla_status")?,
            sla_due_at: row.try_get("sla_due_at")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

/// Where a text was found: 0 the number itself, 1 the subject, 2 the description or tags, 3 what was said publicly.
pub(crate) const SEARCH: &str = "WITH found AS (
        SELECT t.id, CASE WHEN lower(t.ticket_number) = lower($2) THEN 0
            WHEN strpos(lower(t.subject), lower($2)) > 0 THEN 1
            WHEN strpos(lower(t.ticket_number), lower($2)) > 0 OR strpos(lower(t.description), lower($2)) > 0
                OR strpos(lower(coalesce(t.tags, '')), lower($2)) > 0 THEN 2
            WHEN EXISTS (SELECT FROM support.ticket_replies r WHERE r.organization_id = $1 AND r.ticket_id = t.id
                AND r.deleted_at IS NULL AND NOT r.is_internal AND strpos(lower(r.message), lower($2)) > 0) THEN 3
            END AS place
        FROM support.tickets t WHERE t.organization_id = $1 AND t.deleted_at IS NULL
    )
    SELECT t.id, t.ticket_number, t.subject, t.status, t.priority, t.category, t.assigned_to, t.sla_status, t.sla_due_at,
        t.created_at, f.place
    FROM found f JOIN support.tickets t ON t.organization_id = $1 AND t.id = f.id
    WHERE f.place IS NOT NULL ORDER BY f.place, t.id DESC LIMIT $3";

/// What to look for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sought {
    /// A word or number, at least two characters.
    q: String,
    /// At most so many, 50 when it is not given.
    limit: Option<i64>,
}

/// A ticket that was found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hit {
    #[serde(flatten)]
    ticket: Listed,
    /// number, subject, text or reply.
    found_in: &'static str,
}

/// Tickets that were found, the best first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hits {
    data: Vec<Hit>,
}

/// A number of rows that a caller may ask for.
pub(crate) fn limit(asked: Option<i64>) -> Result<i64, Problem> {
    match asked.unwrap_or(50) {
        limit @ 1..=100 => Ok(limit),
        _ => Err(Problem::field("limit", "limit_1_to_100")),
    }
}

/// A text that is worth looking for.
pub(crate) fn sought(q: &str) -> Result<&str, Problem> {
    let q = q.trim();
    if q.chars().count() < 2 {
        Err(Problem::field("q", "too_short_to_search"))
    } else if q.contains('\0') {
        Err(Problem::field("q", "bad_character"))
    } else {
        Ok(q)
    }
}

/// `GET /support/ticket_search`.
pub(crate) async fn search(cx: &mut Cx, asked: Sought) -> Result<Hits, Problem> {
    let rows = sqlx::query(SEARCH)
        .bind(cx.organization_id)
        .bind(sought(&asked.q)?)
        .bind(limit(asked.limit)?)
        .fetch_all(cx.db())
        .await?;
    let hit = |row: &PgRow| {
        Ok(Hit {
            ticket: Listed::of(row)?,
            found_in: match row.try_get::<i32, _>("place")? {
                0 => "number",
                1 => "subject",
                2 => "text",
                _ => "reply",
            },
        })
    };
    let data = rows.iter().map(hit).collect::<Result<_, sqlx::Error>>()?;
    Ok(Hits { data })
}

pub(crate) const AT_RISK: &str =
    "SELECT t.id, t.ticket_number, t.subject, t.status, t.priority, t.category, t.assigned_to,
        t.sla_status, t.sla_due_at, t.created_at
    FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status IN ('open', 'in_progress', 'pending')
        AND t.sla_due_at <= $3 AND ($4 OR t.sla_due_at >= $2)
    ORDER BY t.sla_due_at, t.id LIMIT $5";

/// Which tickets.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedRisk {
    /// Due within so many hours; 2 when it is not given.
    hours: Option<i64>,
    /// Whether those that are too late already are listed too.
    #[serde(default)]
    with_breached: bool,
    /// At most so many, 50 when it is not given.
    limit: Option<i64>,
}

/// Tickets, the first due first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AtRisk {
    data: Vec<Listed>,
}

/// `GET /support/tickets_at_risk`: by the clock of this moment, not by the last run of the schedule.
pub(crate) async fn at_risk(cx: &mut Cx, asked: AskedRisk) -> Result<AtRisk, Problem> {
    let hours = asked.hours.unwrap_or(RISK_HOURS);
    if !(1..=720).contains(&hours) {
        return Err(Problem::field("hours", "hours_1_to_720"));
    }
    let now = cx.now;
    let rows = sqlx::query(AT_RISK)
        .bind(cx.organization_id)
        .bind(now)
        .bind(now + TimeDelta::hours(hours))
        .bind(asked.with_breached)
        .bind(limit(asked.limit)?)
        .fetch_all(cx.db())
        .await?;
    let data = rows.iter().map(Listed::of).collect::<Result<_, sqlx::Error>>()?;
    Ok(AtRisk { data })
}

pub(crate) const SAID: &str = "SELECT r.id, r.created_at, r.author, m.full_name, r.is_internal, r.message
    FROM support.ticket_replies r
    LEFT JOIN platform.members m ON m.organization_id = r.organization_id AND m.user_id = r.author
    WHERE r.organization_id = $1 AND r.ticket_id = $2 AND r.deleted_at IS NULL ORDER BY r.id LIMIT 1000";
pub(crate) const FILES: &str = "SELECT a.id, a.reply_id, a.file_id, a.file_name, a.media_type, a.size_bytes
    FROM support.ticket_attachments a
    WHERE a.organization_id = $1 AND a.ticket_id = $2 AND a.deleted_at IS NULL ORDER BY a.id LIMIT 1000";

/// One ticket.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneTicket {
    /// The ticket.
    id: Uuid,
}

/// A file.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct File {
    attachment_id: Uuid,
    file_id: Option<Uuid>,
    file_name: String,
    media_type: String,
    size_bytes: i64,
}

/// A reply with its files.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Part {
    reply_id: Uuid,
    at: DateTime<Utc>,
    author: Option<Uuid>,
    author_name: Option<String>,
    is_internal: bool,
    message: String,
    files: Vec<File>,
}

/// Everything that was said about a ticket, the oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Conversation {
    data: Vec<Part>,
    /// Files of the ticket itself.
    files: Vec<File>,
}

pub(crate) const EXISTS: &str =
    "SELECT EXISTS (SELECT FROM support.tickets t WHERE t.organization_id = $1 AND t.id = $2 AND t.deleted_at IS NULL)";

/// `GET /support/tickets/{id}/conversation`.
pub(crate) async fn conversation(cx: &mut Cx, asked: OneTicket) -> Result<Conversation, Problem> {
    let organization_id = cx.organization_id;
    let exists: bool = sqlx::query_scalar(EXISTS)
        .bind(organization_id)
        .bind(asked.id)
        .fetch_one(cx.db())
        .await?;
    if !exists {
        return Err(Problem::not_found());
    }
    let said = sqlx::query(SAID).bind(organization_id).bind(asked.id);
    let said = said.fetch_all(cx.db()).await?;
    let attached = sqlx::query(FILES).bind(organization_id).bind(asked.id);
    let attached = attached.fetch_all(cx.db()).await?;
    let mut conversation = Conversation {
        data: Vec::with_capacity(said.len()),
        files: Vec::new(),
    };
    for row in &said {
        conversation.data.push(Part {
            reply_id: row.try_get("id")?,
            at: row.try_get("created_at")?,
            author: row.try_get("author")?,
            author_name: row.try_get("full_name")?,
            is_internal: row.try_get("is_internal")?,
            message: row.try_get("message")?,
            files: Vec::new(),
        });
    }
    for row in &attached {
        let file = File {
            attachment_id: row.try_get("id")?,
            file_id: row.try_get("file_id")?,
            file_name: row.try_get("file_name")?,
            media_type: row.try_get("media_type")?,
            size_bytes: row.try_get("size_bytes")?,
        };
        let reply: Option<Uuid> = row.try_get("reply_id")?;
        let part = conversation.data.iter_mut().find(|part| Some(part.reply_id) == reply);
        part.map_or(&mut conversation.files, |part| &mut part.files).push(file);
    }
    Ok(conversation)
}

/// What is done with many tickets. Without words of their own, the document lists the actions as one choice.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ManyAction {
    Assign,
    Resolve,
    Close,
    Reopen,
    WaitForRequester,
    ChangePriority,
}

impl ManyAction {
    const fn name(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Resolve => "resolve",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::WaitForRequester => "wait_for_requester",
            Self::ChangePriority => "update",
        }
    }
}

/// Permissions of which a caller needs at least one.
pub(crate) const MANY: &[&str] = &[
    "tickets.assign",
    "tickets.resolve",
    "tickets.close",
    "tickets.reopen",
    "tickets.wait_for_requester",
    "tickets.update",
];

/// One of many tickets.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneOfMany {
    /// The ticket.
    id: Uuid,
}

/// An action on many tickets: all of them or none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Many {
    /// What is done.
    action: ManyAction,
    /// At most a hundred.
    tickets: Vec<OneOfMany>,
    /// For assign: to whom.
    assigned_to: Option<Uuid>,
    /// For resolve: how.
    resolution: Option<String>,
    /// For `change_priority`: which.
    priority: Option<String>,
}

/// How many tickets were changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Done {
    changed: usize,
}

pub(crate) const MEMBER: &str = "SELECT EXISTS (SELECT FROM platform.members m
    WHERE m.organization_id = $1 AND m.user_id = $2 AND m.status <> 'removed')";

/// `POST /support/tickets/bulk_act`.
pub(crate) async fn many(cx: &mut Cx, given: Many) -> Result<Done, Problem> {
    cx.require(&format!("tickets.{}", given.action.name()))?;
    if given.tickets.len() > 100 {
        return Err(Problem::field("tickets", "at_most_100"));
    }
    if let Some(member) = given.assigned_to {
        let known: bool = sqlx::query_scalar(MEMBER)
            .bind(cx.organization_id)
            .bind(member)
            .fetch_one(cx.db())
            .await?;
        if !known {
            return Err(Problem::field("assigned_to", "not_known"));
        }
    }
    let required = |field: &'static str, value: Json| match value {
        Json::Null => Err(Problem::field(field, "required")),
        value => Ok(Map::from_iter([(field.to_owned(), value)])),
    };
    let inputs = match given.action {
        ManyAction::Assign => required("assigned_to", json!(given.assigned_to))?,
        ManyAction::Resolve => required("resolution", json!(given.resolution))?,
        ManyAction::ChangePriority => required("priority", json!(given.priority))?,
        ManyAction::Close | ManyAction::Reopen | ManyAction::WaitForRequester => Map::new(),
    };
    if given.priority.as_deref().is_some_and(|word| !PRIORITY.contains(&word)) {
        return Err(Problem::field("priority", "not_one_of_ours"));
    }
    // In one order, so that two calls at once do not wait for each other.
    let mut ids: Vec<Uuid> = given.tickets.iter().map(|ticket| ticket.id).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in &ids {
        match given.action {
            ManyAction::ChangePriority => platform_engine::change(cx, &TICKETS, *id, "update", inputs.clone()).await?,
            ManyAction::Assign
            | ManyAction::Resolve
            | ManyAction::Close
            | ManyAction::Reopen
            | ManyAction::WaitForRequester => {
                platform_engine::act(cx, &TICKETS, *id, given.action.name(), inputs.clone()).await?
            }
        };
    }
    Ok(Done { changed: ids.len() })
}

pub(crate) const REPLIES: &str = "SELECT r.id FROM support.ticket_replies r
    WHERE r.organization_id = $1 AND r.ticket_id = $2 AND r.deleted_at IS NULL ORDER BY r.id";
pub(crate) const ATTACHED: &str = "SELECT a.id FROM support.ticket_attachments a
    WHERE a.organization_id = $1 AND a.ticket_id = $2 AND a.deleted_at IS NULL ORDER BY a.id";

/// What was said and attached goes along into the other ticket, which has to be open to it.
pub(crate) async fn merged(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let into = event.after("merged_into_id").clone();
    let into_id = into.as_str().and_then(|id| id.parse().ok());
    let target = platform_engine::load(cx, &TICKETS, into_id.ok_or_else(Problem::not_found)?).await?;
    if target.is("status", "closed") {
        return Err(Problem::field("merged_into_id", "merge_target_closed"));
    }
    let change = Map::from_iter([("ticket_id".to_owned(), into)]);
    let organization_id = cx.organization_id;
    for (statement, resource) in [(REPLIES, &TICKET_REPLIES), (ATTACHED, &TICKET_ATTACHMENTS)] {
        let moved: Vec<Uuid> = sqlx::query_scalar(statement)
            .bind(organization_id)
            .bind(event.subject)
            .fetch_all(cx.db())
            .await?;
        for id in moved {
            platform_engine::change(cx, resource, id, "merge", change.clone()).await?;
        }
    }
    Ok(())
}

pub(crate) const LATE: &str = "SELECT t.id FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status IN ('open', 'in_progress', 'pending')
        AND t.sla_status IN ('on_track', 'at_risk') AND t.sla_due_at < $2
    ORDER BY t.sla_due_at, t.id LIMIT 500";
pub(crate) const NEAR: &str = "SELECT t.id FROM support.tickets t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status IN ('open', 'in_progress', 'pending')
        AND t.sla_status = 'on_track' AND t.sla_due_at <= $2
    ORDER BY t.sla_due_at, t.id LIMIT 500";

/// Every few minutes: who is too late is marked so, and who will be soon.
pub(crate) async fn watch(cx: &mut Cx) -> Result<(), Problem> {
    let now = cx.now;
    for (statement, until, action) in [
        (LATE, now, "breach"),
        (NEAR, now + TimeDelta::hours(RISK_HOURS), "mark_at_risk"),
    ] {
        let due: Vec<Uuid> = sqlx::query_scalar(statement)
            .bind(cx.organization_id)
            .bind(until)
            .fetch_all(cx.db())
            .await?;
        for ticket_id in due {
            platform_engine::act(cx, &TICKETS, ticket_id, action, Map::new()).await?;
        }
    }
    Ok(())
}
