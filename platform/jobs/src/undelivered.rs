//! Events that no listener has heard yet, for whoever runs the installation.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem};
use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::announce;

pub(crate) const UNDELIVERED: &str = "SELECT id, name, subject, occurred_at, attempts, next_try_at, last_error,
        count(*) OVER () AS total
    FROM platform.outbox WHERE organization_id = $1 AND delivered_at IS NULL ORDER BY id LIMIT $2";
pub(crate) const NOW: &str = "UPDATE platform.outbox SET next_try_at = NULL
    WHERE organization_id = $1 AND delivered_at IS NULL AND ($2::uuid[] IS NULL OR id = ANY ($2))";

/// An event on its way.
#[derive(Clone, Debug, Serialize)]
pub struct Undelivered {
    /// Id.
    pub id: Uuid,
    /// As `fleet.vehicles.created`.
    pub name: String,
    /// The record it is about: later events of it wait behind this one.
    pub subject: Uuid,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Tries so far.
    pub attempts: i64,
    /// When it is tried again; nothing before the first refusal.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Who refused it, and why.
    pub last_error: Option<String>,
}

/// Events of the organization that are not delivered, the oldest first, and how many there are in all.
pub async fn undelivered(cx: &mut Cx, most: i64) -> Result<(i64, Vec<Undelivered>), Problem> {
    let rows = sqlx::query(UNDELIVERED).bind(cx.organization_id).bind(most);
    let event = |row: &PgRow| -> Result<Undelivered, sqlx::Error> {
        Ok(Undelivered {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            subject: row.try_get("subject")?,
            occurred_at: row.try_get("occurred_at")?,
            attempts: row.try_get("attempts")?,
            next_try_at: row.try_get("next_try_at")?,
            last_error: row.try_get("last_error")?,
        })
    };
    let rows = rows.fetch_all(cx.db()).await?;
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    Ok((total, rows.iter().map(event).collect::<Result<_, _>>()?))
}

/// Lets events of the organization be tried now, all or the ones that are named, and wakes their delivery. Answers how many.
pub async fn deliver_again(cx: &mut Cx, events: Option<&[Uuid]>) -> Result<u64, Problem> {
    let now = sqlx::query(NOW).bind(cx.organization_id).bind(events);
    let count = now.execute(cx.db()).await?.rows_affected();
    if count > 0 {
        announce(cx).await?;
    }
    Ok(count)
}
