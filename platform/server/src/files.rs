//! Uploaded files: a row in the tenant's table and bytes in a folder of the tenant's own.

use std::path::PathBuf;

use axum::http::StatusCode;
use platform_core::{Cx, Doc, Method, Operation, Permit, Problem, Reply, Request, ids};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

const STORE: &str = "INSERT INTO platform.files
    (organization_id, id, name, media_type, size_bytes, sha256, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const FIND: &str = "SELECT name, media_type FROM platform.files WHERE organization_id = $1 AND id = $2";

pub const STATEMENTS: &[&str] = &[STORE, FIND];

/// What may be uploaded: media type by the bytes themselves, not by the name.
const KINDS: [(&[u8], &str); 6] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
    (b"PK\x03\x04", "application/zip"),
    (b"GIF8", "image/gif"),
];
/// The same for the document.
const MEDIA: &str = "application/pdf, image/png, image/jpeg, image/webp, application/zip, image/gif";

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
    let good = (1..=255).contains(&name.chars().count()) && !name.chars().any(|c| c.is_control() || "/\\".contains(c));
    if !good {
        return Err(Problem::field("name", "bad_file_name"));
    }
    if request.body.is_empty() {
        return Err(Problem::field("body", "empty_file"));
    }
    let media_type = KINDS
        .iter()
        .find(|(magic, _)| request.body.starts_with(magic))
        .map(|(_, kind)| *kind);
    let media_type = media_type.ok_or_else(|| Problem::field("body", "file_kind"))?;
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
    let media_type = KINDS
        .iter()
        .find(|(_, kind)| *kind == stored)
        .map_or("application/octet-stream", |(_, kind)| kind);
    let bytes = tokio::fs::read(folder(cx).join(id.to_string()))
        .await
        .map_err(|error| Problem::internal(&error))?;
    Ok(Reply::file(media_type, &name, bytes).header("x-content-type-options", "nosniff"))
}
