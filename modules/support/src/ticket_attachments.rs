//! Files of tickets and replies. The file itself is stored by the platform; here is what it belongs to.

use platform_core::{Cx, Problem};
use platform_resource::{Field, Resource, Verb, file, integer, member, reference, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::ticket_replies::actor;

/// Attachments.
pub static TICKET_ATTACHMENTS: Resource = Resource::new("support", "ticket_attachments", FIELDS)
    .title(&["file_name"])
    .without(&[Verb::Create, Verb::Update, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("ticket_id", "support.tickets")
        .required()
        .read_only()
        .filter()
        .list(),
    reference("reply_id", "support.ticket_replies").read_only().filter(),
    file("file_id").read_only().list(),
    text("file_name", 255).required().read_only().search().list(),
    text("media_type", 200).required().read_only().list(),
    integer("size_bytes", 0, 999_999_999_999).required().read_only().list(),
    member("uploaded_by").read_only().filter().list(),
];

pub(crate) const FILE: &str = "SELECT f.name, f.media_type, f.size_bytes FROM platform.files f
    WHERE f.organization_id = $1 AND f.id = $2";
pub(crate) const REPLY: &str = "SELECT EXISTS (SELECT FROM support.ticket_replies r
    WHERE r.organization_id = $1 AND r.id = $2 AND r.ticket_id = $3 AND r.deleted_at IS NULL)";

/// A file and where it belongs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the names are those of the request")]
pub(crate) struct Attach {
    /// The ticket.
    ticket_id: Uuid,
    /// A file that was uploaded before.
    file_id: Uuid,
    /// One of the ticket's replies.
    reply_id: Option<Uuid>,
}

/// An attachment that was stored.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Attached {
    attachment_id: Uuid,
    file_name: String,
    media_type: String,
    size_bytes: i64,
}

/// `POST /support/ticket_attachments/attach`.
pub(crate) async fn attach(cx: &mut Cx, given: Attach) -> Result<Attached, Problem> {
    let row = sqlx::query(FILE)
        .bind(cx.organization_id)
        .bind(given.file_id)
        .fetch_optional(cx.db())
        .await?
        .ok_or_else(|| Problem::field("file_id", "not_known"))?;
    let (file_name, media_type): (String, String) = (row.try_get("name")?, row.try_get("media_type")?);
    let size_bytes: i64 = row.try_get("size_bytes")?;
    let attachment = json!({
        "ticket_id": given.ticket_id, "reply_id": given.reply_id, "file_id": given.file_id, "file_name": file_name,
        "media_type": media_type, "size_bytes": size_bytes, "uploaded_by": actor(cx),
    });
    let attachment: Map<String, Json> = attachment.as_object().cloned().unwrap_or_default();
    let stored = platform_engine::create(cx, &TICKET_ATTACHMENTS, attachment).await?;
    if let Some(reply_id) = given.reply_id {
        let fits: bool = sqlx::query_scalar(REPLY)
            .bind(cx.organization_id)
            .bind(reply_id)
            .bind(given.ticket_id)
            .fetch_one(cx.db())
            .await?;
        if !fits {
            return Err(Problem::field("reply_id", "not_known"));
        }
    }
    Ok(Attached {
        attachment_id: stored.uuid("id").ok_or_else(Problem::not_found)?,
        file_name,
        media_type,
        size_bytes,
    })
}
