//! The history of a row: what changed, when, by whom.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem, Reply, Request};
use platform_resource::Resource;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::query::visible;

const HISTORY: &str = "SELECT id, at, actor_id, actor_name, verb, changes FROM platform.history
    WHERE organization_id = $1 AND resource = $2 AND record_id = $3 AND id < $4 ORDER BY id DESC LIMIT 51";

pub(crate) const STATEMENTS: &[&str] = &[HISTORY];

const PAGE: usize = 50;

/// `GET /{id}/history`, newest first. A deleted row keeps its history.
pub(crate) async fn history(cx: &mut Cx, resource: &'static Resource, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let mut after = Uuid::max();
    for (name, value) in request.pairs()? {
        match name.as_str() {
            "after" => after = Uuid::try_parse(&value).map_err(|_| Problem::field("after", "bad_cursor"))?,
            _ => return Err(Problem::field(name, "unknown_field")),
        }
    }
    let statement = sqlx::query(HISTORY)
        .bind(cx.organization_id)
        .bind(resource.full_name())
        .bind(id)
        .bind(after);
    let rows = statement.fetch_all(cx.db()).await?;
    if rows.is_empty() && after.is_max() {
        return Err(Problem::not_found());
    }
    let mut data = Vec::with_capacity(rows.len());
    for row in rows.iter().take(PAGE) {
        let mut changes: Map<String, Json> = match row.try_get("changes")? {
            Json::Object(changes) => changes,
            _ => Map::new(),
        };
        changes.retain(|name, _| resource.field(name).is_none_or(|field| visible(cx, resource, field)));
        data.push(json!({
            "id": row.try_get::<Uuid, _>("id")?,
            "at": row.try_get::<DateTime<Utc>, _>("at")?,
            "actor": {
                "id": row.try_get::<Option<Uuid>, _>("actor_id")?,
                "name": row.try_get::<Option<String>, _>("actor_name")?,
            },
            "verb": row.try_get::<String, _>("verb")?,
            "changes": changes,
        }));
    }
    let next = rows.get(PAGE).and(data.last()).map(|last| last["id"].clone());
    Ok(Reply::json(StatusCode::OK, &json!({"data": data, "next": next})))
}
