//! Keys as administrators see them.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Key;
use super::text::Parts;
use crate::members::size;

pub(crate) const LIST: &str =
    "SELECT k.id, k.name, k.user_id, h.full_name AS user_name, h.kind AS user_kind, k.issued_to,
        i.full_name AS issued_to_name, k.scopes, k.requests_per_minute, k.created_at, k.expires_at, k.last_used_at,
        k.revoked_at, k.replaced_by, h.status = 'active' AND i.status = 'active' AS is_held
    FROM platform.api_keys k
    JOIN platform.members h ON h.organization_id = k.organization_id AND h.user_id = k.user_id
    JOIN platform.members i ON i.organization_id = k.organization_id AND i.user_id = k.issued_to
    WHERE k.organization_id = $1 AND ($2::uuid IS NULL OR k.id < $2) ORDER BY k.id DESC LIMIT $3";
pub(crate) const ONE: &str =
    "SELECT k.id, k.name, k.user_id, h.full_name AS user_name, h.kind AS user_kind, k.issued_to,
        i.full_name AS issued_to_name, k.scopes, k.requests_per_minute, k.created_at, k.expires_at, k.last_used_at,
        k.revoked_at, k.replaced_by, h.status = 'active' AND i.status = 'active' AS is_held
    FROM platform.api_keys k
    JOIN platform.members h ON h.organization_id = k.organization_id AND h.user_id = k.user_id
    JOIN platform.members i ON i.organization_id = k.organization_id AND i.user_id = k.issued_to
    WHERE k.organization_id = $1 AND k.id = $2";
/// Locks a key, so that it is rotated once.
pub(crate) const OF: &str = "SELECT 1 FROM platform.api_keys WHERE organization_id = $1 AND id = $2 FOR UPDATE";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Keys on a page: 1 to 100, 50 when absent.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Keys {
    /// The newest first.
    data: Vec<Key>,
    /// Give as `after` for the next page.
    next: Option<String>,
}

fn key(row: &PgRow, organization_id: Uuid, now: DateTime<Utc>) -> Result<Key, sqlx::Error> {
    let id = row.try_get("id")?;
    let expires_at: DateTime<Utc> = row.try_get("expires_at")?;
    let revoked_at: Option<DateTime<Utc>> = row.try_get("revoked_at")?;
    let state = if revoked_at.is_some() {
        "revoked"
    } else if expires_at <= now {
        "expired"
    } else if row.try_get("is_held")? {
        "active"
    } else {
        "orphaned"
    };
    Ok(Key {
        id,
        name: row.try_get("name")?,
        prefix: Parts::prefix(organization_id, id),
        user_id: row.try_get("user_id")?,
        user_name: row.try_get("user_name")?,
        user_kind: row.try_get("user_kind")?,
        issued_to: row.try_get("issued_to")?,
        issued_to_name: row.try_get("issued_to_name")?,
        scopes: row.try_get("scopes")?,
        requests_per_minute: row.try_get("requests_per_minute")?,
        state: state.to_owned(),
        created_at: row.try_get("created_at")?,
        expires_at,
        last_used_at: row.try_get("last_used_at")?,
        revoked_at,
        replaced_by: row.try_get("replaced_by")?,
    })
}

pub(super) async fn list(cx: &mut Cx, page: Page) -> Result<Keys, Problem> {
    let limit = size(page.limit)?;
    let after = page.after.as_deref().map(Uuid::try_parse).transpose();
    let after = after.map_err(|_| Problem::field("after", "bad_cursor"))?;
    let (organization_id, now) = (cx.organization_id, cx.now);
    let rows = sqlx::query(LIST).bind(organization_id).bind(after).bind(limit + 1);
    let rows = rows.fetch_all(cx.db()).await?;
    let keys = rows.iter().map(|row| key(row, organization_id, now));
    let mut data = keys.collect::<Result<Vec<_>, _>>()?;
    let wanted = usize::try_from(limit).unwrap_or_default();
    let has_more = data.len() > wanted;
    data.truncate(wanted);
    let next = data.last().filter(|_| has_more).map(|last| last.id.to_string());
    Ok(Keys { data, next })
}

/// A key by its id.
pub(super) async fn find(cx: &mut Cx, id: Uuid) -> Result<Key, Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let row = sqlx::query(ONE).bind(organization_id).bind(id);
    let row = row.fetch_optional(cx.db()).await?.ok_or_else(Problem::not_found)?;
    Ok(key(&row, organization_id, now)?)
}
