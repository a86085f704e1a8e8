//! What operations do by the clock: clocks of service levels that come near or over their targets, waits that ran out, and
//! papers of the library.

use platform_core::{Cx, Problem};
use platform_engine::act;
use platform_resource::Resource;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

use crate::handover_effects::nothing;
use crate::rows::setting;
use crate::{DISPATCH_ASSIGNMENTS, OPERATIONS_DOCUMENTS, PRIORITY_QUEUE_ENTRIES, SLA_TRACKING};

type Row = serde_json::Map<String, serde_json::Value>;

/// Rows of one run: the next run takes the rest.
const MOST: i64 = 500;

/// Clocks over their target first, then those that come near it.
pub(crate) const DUE_CLOCKS: &str = "SELECT id, target_at <= $2 AS is_over FROM operations.sla_tracking
    WHERE organization_id = $1 AND deleted_at IS NULL AND unit_of_measure IN ('minutes', 'hours')
    AND ((status IN ('active', 'at_risk') AND target_at <= $2) OR (status = 'active' AND warning_at <= $2))
    ORDER BY target_at, id LIMIT $3";

pub(crate) const OVERDUE_ENTRIES: &str = "SELECT id FROM operations.priority_queue_entries WHERE organization_id = $1
    AND status = 'queued' AND deleted_at IS NULL
    AND coalesce(delivery_window_ends_at, sla_deadline_at + interval '24 hours') <= $2 ORDER BY id LIMIT $3";

pub(crate) const UNANSWERED: &str = "SELECT id FROM operations.dispatch_assignments WHERE organization_id = $1
    AND status = 'assigned' AND deleted_at IS NULL AND assigned_at <= $2 ORDER BY id LIMIT $3";

pub(crate) const EXPIRED_DOCUMENTS: &str = "SELECT id FROM operations.operations_documents WHERE organization_id = $1
    AND status = 'approved' AND deleted_at IS NULL AND expires_on < $2 ORDER BY id LIMIT $3";

/// One row of a run. What its own rules refuse does not keep the other rows from theirs.
async fn step(cx: &mut Cx, resource: &'static Resource, id: Uuid, verb: &str, inputs: Row) -> Result<(), Problem> {
    match act(cx, resource, id, verb, inputs).await {
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Warns of clocks that come near their target, and records those that are over it.
pub(crate) async fn sla_clock(cx: &mut Cx) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let due: Vec<(Uuid, bool)> = sqlx::query_as(DUE_CLOCKS)
        .bind(organization_id)
        .bind(now)
        .bind(MOST)
        .fetch_all(cx.db())
        .await?;
    for (id, is_over) in due {
        let verb = if is_over { "breach" } else { "warn" };
        step(cx, &SLA_TRACKING, id, verb, nothing()).await?;
    }
    Ok(())
}

/// Ends waits whose window is over (a day after the deadline where there is none), and takes back what a courier has not
/// answered in `dispatch_accept_timeout_s` seconds, where the company set that.
pub(crate) async fn queue(cx: &mut Cx) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let overdue: Vec<Uuid> = sqlx::query_scalar(OVERDUE_ENTRIES)
        .bind(organization_id)
        .bind(now)
        .bind(MOST)
        .fetch_all(cx.db())
        .await?;
    for id in overdue {
        step(cx, &PRIORITY_QUEUE_ENTRIES, id, "expire", nothing()).await?;
    }
    let Some(timeout_s) = setting(cx, "dispatch_accept_timeout_s")
        .await?
        .and_then(|seconds| seconds.to_i64())
    else {
        return Ok(());
    };
    let since = now - chrono::TimeDelta::seconds(timeout_s.clamp(0, 86_400));
    let unanswered: Vec<Uuid> = sqlx::query_scalar(UNANSWERED)
        .bind(organization_id)
        .bind(since)
        .bind(MOST)
        .fetch_all(cx.db())
        .await?;
    for id in unanswered {
        step(cx, &DISPATCH_ASSIGNMENTS, id, "time_out", nothing()).await?;
    }
    Ok(())
}

/// Papers whose last day is over.
pub(crate) async fn documents(cx: &mut Cx) -> Result<(), Problem> {
    let (organization_id, today) = (cx.organization_id, cx.today());
    let expired: Vec<Uuid> = sqlx::query_scalar(EXPIRED_DOCUMENTS)
        .bind(organization_id)
        .bind(today)
        .bind(MOST)
        .fetch_all(cx.db())
        .await?;
    for id in expired {
        step(cx, &OPERATIONS_DOCUMENTS, id, "expire", nothing()).await?;
    }
    Ok(())
}
