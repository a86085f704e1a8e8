//! Uploaded files: a row in the tenant's table and bytes in a folder of the tenant's own.

use std::path::PathBuf;

use axum::http::StatusCode;
use platform_core::{Cx, Doc, Method, Operation, Permit, Problem, Reply, Request, ids};
use platform_documents::ReadError;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

const STORE: &str = "INSERT INTO platform.files
    (organization_id, id, name, media_type, size_bytes, sha256, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const FIND: &str = "SELECT name, media_type FROM platform.files WHERE organization_id = $1 AND id = $2";

pub const STATEMENTS: &[&str] = &[STORE, FIND];

const PDF: &str = "application/pdf";
const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";
const WEBP: &str = "image/webp";
const GIF: &str = "image/gif";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What is stored, and what a download may call itself. Nothing among it is run by a browser that is told not to guess.
const KINDS: [&str; 6] = [PDF, PNG, JPEG, WEBP, GIF, XLSX];

/// Nothing of a file's is loaded or run, should a browser show it after all.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// The media type, by the bytes themselves and never by the name.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    let has = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if has(0, b"%PDF-") {
        return Some(PDF);
    }
    // A picture ends where its format says: what is hung behind it is something else that wants to come along.
    if has(0, b"\x89PNG\r\n\x1a\n") && has(12, b"IHDR") && bytes.ends_with(b"IEND\xae\x42\x60\x82") {
        return Some(PNG);
    }
    if has(0, b"GIF87a") || has(0, b"GIF89a") {
        return bytes.ends_with(b";").then_some(GIF);
    }
    if has(0, b"RIFF") && has(8, b"WEBP") {
        let length = bytes.get(4..8).and_then(|length| length.try_into().ok());
        let length = length.map_or(0, u32::from_le_bytes) as usize;
        return (bytes.len() == length + length % 2 + 8).then_some(WEBP);
    }
    // Cameras do hang things behind theirs: thumbnails, short films.
    if has(0, b"\xff\xd8\xff") {
        return Some(JPEG);
    }
    if has(0, b"PK\x03\x04") {
        return Some(XLSX);
    }
    None
}

/// Whether a name is one: no path, nothing invisible, nothing that turns the direction of writing, by which `gpj.exe` reads as
/// a picture.
fn is_name(name: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (1..=255).contains(&name.chars().count())
        && !name.chars().any(|c| c.is_control() || "/\\".contains(c) || turns(c))
        && !name.trim_matches(['.', ' ']).is_empty()
}
/// The same for the document.
const MEDIA: &str = "application/pdf, image/png, image/jpeg, image/webp, image/gif, \
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Uploads and downloads of files.
pub fn operations() -> Vec<Operation> {
    let mut upload = Operation::raw(Method::Post, "/files", "files.upload", Permit::SignedIn, |cx, q| {
        Box::pin(upload(cx, q))
    });
    upload.body_limit_bytes = 10 * 1024 * 1024;
    upload.doc = Doc {
        summary: "Uploads a file that a field of kind file may point at".into(),
        tag: "files".into(),
        query: vec![
            json!({"name": "name", "in": "query", "required": true, "schema": {"type": "string", "maxLength": 255}}),
        ],
        request: Some((
            "application/octet-stream",
            json!({"type": "string", "format": "binary"}),
        )),
        answer: Some((
            201,
            "application/json",
            json!({"type": "object", "required": ["id"], "properties": {
            "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"},
            "media_type": {"type": "string"}, "size_bytes": {"type": "integer"}}}),
        )),
        ..Doc::default()
    };
    let mut download = Operation::raw(
        Method::Get,
        "/files/{id}",
        "files.download",
        Permit::SignedIn,
        |cx, q| Box::pin(download(cx, q)),
    );
    download.doc = Doc {
        summary: "Downloads a file".into(),
        tag: "files".into(),
        answer: Some((200, MEDIA, json!({"type": "string", "format": "binary"}))),
        ..Doc::default()
    };
    vec![upload, download]
}

fn folder(cx: &Cx) -> PathBuf {
    cx.platform.data.join("files").join(cx.organization_id.to_string())
}

/// `POST /files?name=`.
async fn upload(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let name = request
        .pairs()?
        .into_iter()
        .find(|(key, _)| key == "name")
        .map(|(_, value)| value)
        .unwrap_or_default();
    if !is_name(&name) {
        return Err(Problem::field("name", "bad_file_name"));
    }
    if request.body.is_empty() {
        return Err(Problem::field("body", "empty_file"));
    }
    let media_type = kind(&request.body).ok_or_else(|| Problem::field("body", "file_kind"))?;
    if media_type == XLSX {
        let body = request.body.clone();
        let checked = tokio::task::spawn_blocking(move || platform_documents::check_workbook(&body));
        let checked = checked.await.map_err(|error| Problem::internal(&error))?;
        checked.map_err(|error| match error {
            ReadError::TooLarge { .. } => Problem::field("body", "file_too_large"),
            _ => Problem::field("body", "file_kind"),
        })?;
    }
    let (id, size) = (ids::new_id(), i64::try_from(request.body.len()).unwrap_or(i64::MAX));
    sqlx::query(STORE)
        .bind(cx.organization_id)
        .bind(id)
        .bind(&name)
        .bind(media_type)
        .bind(size)
        .bind(hex::encode(Sha256::digest(&request.body)))
        .bind(cx.actor_id())
        .bind(cx.now)
        .execute(cx.db())
        .await?;
    // The bytes come first to disk: a row whose commit fails leaves a file nobody knows, never a row without its file.
    let folder = folder(cx);
    let write = async {
        tokio::fs::create_dir_all(&folder).await?;
        tokio::fs::write(folder.join(id.to_string()), &request.body).await
    };
    write.await.map_err(|error| Problem::internal(&error))?;
    let answer = json!({"id": id, "name": name, "media_type": media_type, "size_bytes": size});
    Ok(Reply::json(StatusCode::CREATED, &answer))
}

/// `GET /files/{id}`: always as a download, never shown by the browser under our address.
async fn download(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let id: Uuid = request.id("id")?;
    let row = sqlx::query(FIND)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_optional(cx.db())
        .await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let (name, stored): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let media_type = KINDS.into_iter().find(|kind| *kind == stored);
    let media_type = media_type.unwrap_or("application/octet-stream");
    let bytes = tokio::fs::read(folder(cx).join(id.to_string()))
        .await
        .map_err(|error| Problem::internal(&error))?;
    Ok(Reply::file(media_type, &name, bytes)
        .header("x-content-type-options", "nosniff")
        .header("content-security-policy", SANDBOX))
}
