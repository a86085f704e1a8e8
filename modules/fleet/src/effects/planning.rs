//! A courier works one shift at a time, and none after he has left.

use platform_core::{Cx, Event, Problem};

use crate::SHIFTS;

/// A courier's state. Locked against other writers and other plans, not against rows that name him.
pub(crate) const COURIER: &str = "SELECT c.status FROM fleet.couriers c
    WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL FOR NO KEY UPDATE";

/// Whether a courier ($2) has another shift than $3 that is planned or begun and meets the time from $4 to $5.
pub(crate) const OVERLAPS: &str = "SELECT EXISTS (SELECT FROM fleet.shifts s
    WHERE s.organization_id = $1 AND s.courier_id = $2 AND s.id <> $3 AND s.deleted_at IS NULL
        AND s.status IN ('planned', 'started') AND s.starts_at < $5 AND s.ends_at > $4
        AND s.works_on BETWEEN $4::date - 2 AND $5::date + 2)";

/// Looks at a shift that is new or was moved, while it is planned.
pub(super) async fn planned(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let is_moved = ["starts_at", "ends_at"]
        .iter()
        .any(|field| !event.after(field).is_null());
    let is_new = event.name.ends_with(".created");
    if !is_moved || (is_new && event.after("status") != "planned") {
        return Ok(());
    }
    let shift = platform_engine::load(cx, &SHIFTS, event.subject).await?;
    let (Some(courier_id), Some(starts_at), Some(ends_at)) = (
        shift.uuid("courier_id"),
        shift.instant("starts_at"),
        shift.instant("ends_at"),
    ) else {
        return Ok(());
    };
    if !shift.is("status", "planned") {
        return Ok(());
    }
    // Locked: of two shifts at once the second sees the first.
    let status: Option<String> = sqlx::query_scalar(COURIER)
        .bind(cx.organization_id)
        .bind(courier_id)
        .fetch_optional(cx.db())
        .await?;
    if is_new && status.as_deref() == Some("terminated") {
        return Err(Problem::field("courier_id", "courier_terminated"));
    }
    let overlaps: bool = sqlx::query_scalar(OVERLAPS)
        .bind(cx.organization_id)
        .bind(courier_id)
        .bind(event.subject)
        .bind(starts_at)
        .bind(ends_at)
        .fetch_one(cx.db())
        .await?;
    if overlaps {
        Err(Problem::field("starts_at", "shift_overlaps"))
    } else {
        Ok(())
    }
}
