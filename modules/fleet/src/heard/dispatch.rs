//! Completed dispatches of operations: each counts once for the courier's deliveries and his score.

use platform_core::{Cx, Event, Problem};
use rust_decimal::Decimal;
use sqlx::Row;
use uuid::Uuid;

use super::{first_time, found};

/// Who completed a dispatch, and how punctually: 80 of 100 when nobody estimated.
pub(crate) const COMPLETED: &str =
    "SELECT d.courier_id, coalesce(d.on_time_score, 80) AS score FROM operations.dispatch_facts d
    WHERE d.organization_id = $1 AND d.id = $2 AND d.status = 'completed' AND d.courier_id IS NOT NULL";

/// Counts a delivery with its score, $3, at a time, $4: nine tenths of what the score was, 70 before the first delivery.
///
/// By hand and in one statement, so that of two completions at once both count. The dispatch has its history; the figures of
/// the courier only sum it up.
pub(crate) const COUNT: &str = "UPDATE fleet.couriers SET
        performance_score = round(0.9 * CASE WHEN total_deliveries = 0 THEN 70 ELSE performance_score END + 0.1 * $3, 2),
        total_deliveries = total_deliveries + 1, version = version + 1, updated_at = $4
    WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

pub(super) async fn completed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let Some(row) = found(cx, COMPLETED, event.subject).await? else {
        return Ok(());
    };
    let (courier_id, score): (Uuid, Decimal) = (row.try_get("courier_id")?, row.try_get("score")?);
    if !first_time(cx, event.subject).await? {
        return Ok(());
    }
    let now = cx.now;
    sqlx::query(COUNT)
        .bind(cx.organization_id)
        .bind(courier_id)
        .bind(score)
        .bind(now)
        .execute(cx.db())
        .await?;
    Ok(())
}
