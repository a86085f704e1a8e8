//! Events on their way to the modules that listen to them.
//!
//! Every event is delivered at least once, in a transaction of its own with all of its listeners and the mark that it is
//! delivered: what a listener writes is there exactly when the mark is. Events of one row are delivered in order: one that is
//! refused waits for its next try, and later ones of the same row wait behind it; other rows go on. The refusal is written
//! together with the job that tries again, so an event is never given up. A module that an organization has switched off does not
//! hear what happens in the meantime.

use std::sync::Arc;

use chrono::TimeDelta;
use platform_core::{Cx, Event, Mode, Platform, Problem};
use serde_json::json;
use sqlx::Row;
use tracing::warn;
use uuid::Uuid;

use crate::attempt::attempt;
use crate::{JobCall, JobFailure, OUTBOX, announce, enqueue, pause, shortened};

/// Locked until the transaction ends, so two deliveries never have the same event. Of each row only the first undelivered one.
pub(crate) const NEXT: &str = "SELECT o.id, o.name, o.subject, o.data, o.occurred_at, o.attempts FROM platform.outbox o
    WHERE o.organization_id = $1 AND o.delivered_at IS NULL AND (o.next_try_at IS NULL OR o.next_try_at <= $2)
        AND NOT EXISTS (SELECT FROM platform.outbox e WHERE e.organization_id = $1 AND e.subject = o.subject
            AND e.delivered_at IS NULL AND e.id < o.id)
    ORDER BY o.id LIMIT 1 FOR UPDATE OF o SKIP LOCKED";
pub(crate) const DELIVERED: &str = "UPDATE platform.outbox SET delivered_at = $3, next_try_at = NULL, last_error = NULL
    WHERE organization_id = $1 AND id = $2";
pub(crate) const REFUSED: &str = "UPDATE platform.outbox
    SET attempts = attempts + 1, next_try_at = $3, last_error = $4
    WHERE organization_id = $1 AND id = $2";
pub(crate) const FORGOTTEN: &str = "SELECT EXISTS (SELECT FROM platform.outbox
    WHERE organization_id = $1 AND delivered_at IS NULL AND coalesce(next_try_at, occurred_at) < $2)";

/// Events of one turn: then other organizations have theirs.
const TURN: usize = 200;
/// Before the second try of an event; each further pause is twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(10);
/// How long an event may wait before somebody looks whether it was forgotten: its process may have died in every try.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Delivers what there is.
pub(crate) async fn deliver(platform: Arc<Platform>, call: JobCall) -> Result<(), JobFailure> {
    if call.exhausted {
        // The event that ends every process is left to the clock, which wakes another delivery later.
        return Ok(());
    }
    for _ in 0..TURN {
        if call.stop.is_cancelled() {
            break;
        }
        let found = hand_over(&platform, call.organization_id).await;
        if !found.map_err(JobFailure::later)? {
            return Ok(());
        }
    }
    Err(JobFailure::postpone())
}

/// Lets the listeners of the next event act; when one of them refuses, nothing of what they did remains. Whether there was one.
async fn hand_over(platform: &Arc<Platform>, organization_id: Uuid) -> Result<bool, Problem> {
    let mut cx = Cx::begin_job(platform, organization_id, OUTBOX, Mode::Write).await?;
    let now = cx.now;
    let next = sqlx::query(NEXT).bind(organization_id).bind(now);
    let Some(row) = next.fetch_optional(cx.db()).await? else {
        cx.commit().await?;
        return Ok(false);
    };
    let id: Uuid = row.try_get("id")?;
    cx.request_id = id.simple().to_string();
    let event = Event {
        name: row.try_get("name")?,
        subject: row.try_get("subject")?,
        data: row.try_get("data")?,
        occurred_at: row.try_get("occurred_at")?,
    };
    let name = event.name.clone();
    match attempt(&mut cx, |cx| Box::pin(listen(cx, event))).await? {
        Ok(()) => {
            let delivered = sqlx::query(DELIVERED).bind(organization_id).bind(id).bind(now);
            delivered.execute(cx.db()).await?;
        }
        Err(refusal) => {
            warn!(event.id = %id, %refusal, "The event {name} was refused and is tried again: {refusal}");
            // Not from when the try began: it may have taken longer than the pause.
            let next_try_at = platform.clock.now() + pause(FIRST_PAUSE, row.try_get("attempts")?);
            let refused = sqlx::query(REFUSED)
                .bind(organization_id)
                .bind(id)
                .bind(next_try_at)
                .bind(shortened(&refusal));
            refused.execute(cx.db()).await?;
            enqueue(&mut cx, OUTBOX, None, json!({}), next_try_at).await?;
        }
    }
    cx.commit().await?;
    Ok(true)
}

async fn listen(cx: &mut Cx, event: Event) -> Result<(), String> {
    let platform = cx.platform.clone();
    for (module, listener) in platform.registry.listeners(&event.name) {
        if cx.has_module(module) {
            let heard = (listener.run)(cx, &event).await;
            heard.map_err(|problem| format!("{module}: {problem}"))?;
        }
    }
    Ok(())
}

/// Wakes the delivery of events that nobody comes back for.
pub(crate) async fn recall(cx: &mut Cx) -> Result<(), Problem> {
    let before = cx.now - FORGOTTEN_AFTER;
    let forgotten = sqlx::query_scalar(FORGOTTEN).bind(cx.organization_id).bind(before);
    if forgotten.fetch_one(cx.db()).await? {
        announce(cx).await?;
    }
    Ok(())
}
