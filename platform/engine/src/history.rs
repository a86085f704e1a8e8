//! The history of a row: what changed, when, by whom.

use axum::http::StatusCode;
use platform_core::{Cx, Problem, Reply, Request};
use platform_resource::{Resource, Verb};
use serde_json::json;
use uuid::Uuid;

use crate::query::visible;
use crate::scope;

const HISTORY: &str = "SELECT id, at, actor_id, actor_name, on_behalf_of, resource, record_id, verb, changes
    FROM platform.history WHERE organization_id = $1 AND resource = $2 AND record_id = $3 AND id < $4 ORDER BY id DESC LIMIT 51";

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
    let is_reached = scope::reaches(cx, resource, &resource.permission(Verb::Read), id).await?;
    if !is_reached || (rows.is_empty() && after.is_max()) {
        return Err(Problem::not_found());
    }
    let shown = |cx: &Cx, _: &str, name: &str| resource.field(name).is_none_or(|field| visible(cx, resource, field));
    let data = cx.histories(&rows[..rows.len().min(PAGE)], shown).await?;
    let next = rows.get(PAGE).and(data.last()).map(|last| last["id"].clone());
    Ok(Reply::json(StatusCode::OK, &json!({"data": data, "next": next})))
}
