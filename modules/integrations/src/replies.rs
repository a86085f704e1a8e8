//! Senders that want the plugin's own reply: they wait while the task is worked on, by whichever process does that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use platform_core::{Cx, Mode, Platform, Problem, Reply};
use platform_plugin_host::records::Reply as Said;
use serde_json::Value as Json;
use sqlx::Row;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::Integrations;
use crate::tasks::JOB;

pub(crate) const KEEP: &str =
    "UPDATE integrations.plugin_inputs SET reply = $3 WHERE organization_id = $1 AND task_id = $2";
pub(crate) const SAID: &str = "SELECT t.status, i.reply FROM integrations.plugin_tasks t
    LEFT JOIN integrations.plugin_inputs i ON i.organization_id = t.organization_id AND i.task_id = t.id
    WHERE t.organization_id = $1 AND t.id = $2";
/// The task of a request that came before; $3 the handler, $4 the key.
pub(crate) const KNOWN: &str = "SELECT id FROM integrations.plugin_tasks WHERE organization_id = $1
    AND installation_id = $2 AND handler = $3 AND task_key = $4 AND deleted_at IS NULL";

/// How long a sender waits: what takes longer is answered like any other request, and done all the same.
const LONGEST: Duration = Duration::from_secs(10);
/// Senders that wait at once, of all organizations and of one. Whoever comes beyond that does not wait.
const MOST_WAITING: usize = 64;
const MOST_OF_ONE: usize = 8;
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LATER_LOOK: Duration = Duration::from_millis(500);

/// Who waits, by organization: none takes the places of all.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<HashMap<Uuid, usize>>);

/// Held while a sender waits.
struct Place<'a> {
    waiting: &'a Waiting,
    organization_id: Uuid,
}

impl Waiting {
    fn counts(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, organization_id: Uuid) -> Option<Place<'_>> {
        let mut counts = self.counts();
        let all: usize = counts.values().sum();
        let own = counts.get(&organization_id).copied().unwrap_or_default();
        if all >= MOST_WAITING || own >= MOST_OF_ONE {
            return None;
        }
        counts.insert(organization_id, own + 1);
        Some(Place {
            waiting: self,
            organization_id,
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut counts = self.waiting.counts();
        match counts.get_mut(&self.organization_id) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(counts.remove(&self.organization_id)),
        }
    }
}

/// Keeps what the plugin said, in the transaction of its effects.
pub(crate) async fn keep(cx: &mut Cx, task_id: Uuid, said: &Said) -> Result<(), Problem> {
    let said = serde_json::to_value(said).map_err(|error| Problem::internal(&error))?;
    sqlx::query(KEEP)
        .bind(cx.organization_id)
        .bind(task_id)
        .bind(said)
        .execute(cx.db())
        .await?;
    Ok(())
}

/// The task of a request that was stored before.
pub(crate) async fn known(
    cx: &mut Cx,
    installation_id: Uuid,
    handler: &str,
    key: &str,
) -> Result<Option<Uuid>, Problem> {
    let id = sqlx::query_scalar(KNOWN)
        .bind(cx.organization_id)
        .bind(installation_id)
        .bind(handler)
        .bind(key)
        .fetch_optional(cx.db())
        .await?;
    Ok(id)
}

/// What the plugin said to the request, once it has; nothing where that takes too long or comes to nothing. No transaction is
/// open in between.
pub(crate) async fn of(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    task_id: Uuid,
) -> Result<Option<Reply>, Problem> {
    let service = platform.service::<Integrations>();
    let Some(_place) = service.waiting.place(organization_id) else {
        return Ok(None);
    };
    let (began, mut pause) = (Instant::now(), FIRST_LOOK);
    while began.elapsed() < LONGEST {
        sleep(pause).await;
        pause = (pause * 2).min(LATER_LOOK);
        let mut cx = Cx::begin_job(platform, organization_id, JOB, Mode::Read).await?;
        let row = sqlx::query(SAID)
            .bind(organization_id)
            .bind(task_id)
            .fetch_optional(cx.db())
            .await?;
        cx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        if let Some(said) = row.try_get::<Option<Json>, _>("reply")? {
            let said: Said = serde_json::from_value(said).map_err(|error| Problem::internal(&error))?;
            let kind = said
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            return Ok(Some(shown(said.status, kind.map_or("", |(_, kind)| kind), said.body)));
        }
        if !matches!(row.try_get("status")?, "queued" | "running") {
            return Ok(None);
        }
    }
    Ok(None)
}

/// A reply to a sender. Only the media types that a machine reads: ours is a place where browsers are signed in.
pub(crate) fn shown(status: u16, content_type: &str, body: Vec<u8>) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let media_type = match content_type {
        kind if kind.contains("json") => "application/json",
        kind if kind.contains("xml") => "application/xml",
        _ => "text/plain",
    };
    Reply::json_bytes(status, body).media_type(media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_organization_leaves_places_to_others_and_gives_its_own_back() {
        let waiting = Waiting::default();
        let mut held: Vec<Place<'_>> = (0..MOST_OF_ONE)
            .filter_map(|_| waiting.place(Uuid::from_u128(1)))
            .collect();
        assert_eq!(held.len(), MOST_OF_ONE);
        assert!(waiting.place(Uuid::from_u128(1)).is_none());
        held.extend((2..100).filter_map(|organization| waiting.place(Uuid::from_u128(organization))));
        assert_eq!(held.len(), MOST_WAITING);
        held.clear();
        assert!(waiting.counts().is_empty());
        assert!(waiting.place(Uuid::from_u128(1)).is_some());
    }
}
