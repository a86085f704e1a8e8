//! Archives that an organization orders itself: a job writes them, they can be fetched for a week.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Doc, Method, Operation, Permit, Platform, Problem, Reply, Request, ids};
use platform_jobs::{JobCall, JobFailure, Runner, enqueue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{export, unwatched};

/// Kind of the job that writes an archive.
pub const KIND: &str = "organization.export";
/// How long an archive can be fetched.
const KEEP: TimeDelta = TimeDelta::days(7);

pub(crate) const HISTORY: &str = "INSERT INTO platform.history
        (organization_id, id, resource, record_id, verb, actor_id, actor_name, request_id, at, changes, on_behalf_of)
    VALUES ($1, $2, 'platform.organizations', $1, $3, $4, $5, $6, $7, $8, $9)";
pub(crate) const LIST: &str = "SELECT id, state, created_at, updated_at, last_error FROM platform.jobs
    WHERE organization_id = $1 AND kind = 'organization.export' ORDER BY id DESC LIMIT 50";
pub(crate) const ONE: &str = "SELECT id, state, created_at, updated_at, last_error FROM platform.jobs
    WHERE organization_id = $1 AND kind = 'organization.export' AND id = $2";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    id: Uuid,
}

/// An archive, ordered or written.
#[derive(Serialize, JsonSchema)]
struct Export {
    id: Uuid,
    /// queued, running, done, dead; expired when it was thrown away.
    state: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Bytes of the file, once it is there.
    size_bytes: Option<u64>,
    last_error: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Exports {
    data: Vec<Export>,
}

pub(crate) fn operations() -> Vec<Operation> {
    let may = || Permit::needs("organization.export");
    let mut download = Operation::raw(
        Method::Get,
        "/organization/exports/{id}/download",
        "organization.exports.download",
        may(),
        |cx, request| Box::pin(download(cx, request)),
    );
    download.doc = Doc {
        summary: "Fetch an archive".into(),
        tag: "organization".into(),
        answer: Some((200, "application/zip", json!({"type": "string", "format": "binary"}))),
        ..Doc::default()
    };
    vec![
        Operation::acting(
            "/organization/exports",
            "organization.exports.order",
            may(),
            202,
            |cx, _: Nothing| Box::pin(order(cx)),
        )
        .summary("Order an archive of everything that the organization has"),
        Operation::get(
            "/organization/exports",
            "organization.exports.list",
            may(),
            |cx, _: Nothing| Box::pin(list(cx)),
        )
        .summary("The archives that were ordered, newest first"),
        Operation::get(
            "/organization/exports/{id}",
            "organization.exports.read",
            may(),
            |cx, which: Which| Box::pin(read(cx, which.id)),
        )
        .summary("How far an archive is"),
        download,
    ]
}

/// The folder of an organization's archives.
pub(crate) fn exports(data: &Path, organization_id: Uuid) -> PathBuf {
    data.join("exports").join(organization_id.to_string())
}

fn file(cx: &Cx, id: Uuid) -> PathBuf {
    exports(&cx.platform.data, cx.organization_id).join(format!("{id}.zip"))
}

async fn shown(cx: &Cx, row: &PgRow) -> Result<Export, Problem> {
    let id = row.try_get("id")?;
    let size_bytes = tokio::fs::metadata(file(cx, id)).await.ok().map(|file| file.len());
    let state: String = row.try_get("state")?;
    let is_gone = state == "done" && size_bytes.is_none();
    Ok(Export {
        id,
        state: if is_gone { "expired".to_owned() } else { state },
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        size_bytes,
        last_error: row.try_get("last_error")?,
    })
}

async fn order(cx: &mut Cx) -> Result<Export, Problem> {
    let now = cx.now;
    // One at a time: who orders again while it is written gets the same.
    let id = enqueue(cx, KIND, Some(KIND), json!({}), now).await?;
    let (organization_id, author, request_id) = (cx.organization_id, cx.author(), cx.request_id.clone());
    sqlx::query(HISTORY)
        .bind(organization_id)
        .bind(ids::new_id())
        .bind("export")
        .bind(author.id)
        .bind(author.name)
        .bind(request_id)
        .bind(now)
        .bind(json!({"export_id": {"after": id}}))
        .bind(author.on_behalf_of)
        .execute(cx.db())
        .await?;
    read(cx, id).await
}

async fn list(cx: &mut Cx) -> Result<Exports, Problem> {
    let rows = sqlx::query(LIST).bind(cx.organization_id).fetch_all(cx.db()).await?;
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        data.push(shown(cx, row).await?);
    }
    Ok(Exports { data })
}

async fn read(cx: &mut Cx, id: Uuid) -> Result<Export, Problem> {
    let row = sqlx::query(ONE).bind(cx.organization_id).bind(id);
    let row = row.fetch_optional(cx.db()).await?.ok_or_else(Problem::not_found)?;
    shown(cx, &row).await
}

async fn download(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let export = read(cx, id).await?;
    if export.state != "done" {
        return Err(match export.state.as_str() {
            "expired" => Problem::not_found(),
            _ => Problem::new(StatusCode::CONFLICT, "export_not_ready"),
        });
    }
    let bytes = tokio::fs::read(file(cx, id))
        .await
        .map_err(|error| Problem::internal(&error))?;
    Ok(Reply::file(
        "application/zip",
        &format!("barq-{}.zip", cx.today()),
        bytes,
    ))
}

/// Tells a runner who writes archives.
pub fn register_jobs(runner: &mut Runner) {
    runner.register(KIND, write);
}

async fn write(platform: Arc<Platform>, call: JobCall) -> Result<(), JobFailure> {
    if call.exhausted {
        return Ok(());
    }
    let folder = exports(&platform.data, call.organization_id);
    let (part, whole) = (
        folder.join(format!("{}.part", call.token)),
        folder.join(format!("{}.zip", call.id)),
    );
    tokio::fs::create_dir_all(&folder).await.map_err(JobFailure::retry)?;
    let written = export(&platform, call.organization_id, &part, &unwatched).await;
    if let Err(error) = written {
        let _ = tokio::fs::remove_file(&part).await;
        return Err(JobFailure::retry(error));
    }
    tokio::fs::rename(&part, &whole).await.map_err(JobFailure::retry)
}

/// Throws old archives away.
pub(crate) async fn sweep(cx: &mut Cx) -> Result<(), Problem> {
    let before = cx.now - KEEP;
    let folder = exports(&cx.platform.data, cx.organization_id);
    let work = async {
        let mut files = tokio::fs::read_dir(&folder).await?;
        while let Some(file) = files.next_entry().await? {
            let made: DateTime<Utc> = file.metadata().await?.modified()?.into();
            if made < before {
                tokio::fs::remove_file(file.path()).await?;
            }
        }
        Ok::<_, std::io::Error>(())
    };
    match work.await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Problem::internal(&error)),
        _ => Ok(()),
    }
}
