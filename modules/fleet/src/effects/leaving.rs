//! Who leaves gives back what he drove; what leaves is driven by nobody.

use chrono::NaiveDate;
use platform_core::{Cx, Event, Problem};
use serde_json::{Map, json};
use sqlx::Row;
use uuid::Uuid;

use crate::{SHIFTS, VEHICLE_ASSIGNMENTS};

/// Open assignments of a courier ($2) or a vehicle ($3).
pub(crate) const OPEN_ASSIGNMENTS: &str = "SELECT a.id, a.started_on FROM fleet.vehicle_assignments a
    WHERE a.organization_id = $1 AND a.status = 'active' AND a.deleted_at IS NULL
        AND (a.courier_id = $2 OR a.vehicle_id = $3)";

/// Shifts that a courier was to work after a day.
pub(crate) const PLANNED_SHIFTS: &str = "SELECT s.id FROM fleet.shifts s
    WHERE s.organization_id = $1 AND s.courier_id = $2 AND s.works_on > $3 AND s.status = 'planned' AND s.deleted_at IS NULL";

async fn open_assignments(
    cx: &mut Cx,
    courier_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
) -> Result<Vec<(Uuid, NaiveDate)>, Problem> {
    let rows = sqlx::query(OPEN_ASSIGNMENTS)
        .bind(cx.organization_id)
        .bind(courier_id)
        .bind(vehicle_id)
        .fetch_all(cx.db())
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("id")?, row.try_get("started_on")?)))
        .collect()
}

/// Ends the courier's assignment on his last day and takes him out of the plan.
pub(super) async fn courier_terminated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let last_day = event.after("last_working_day").as_str();
    let last_day = last_day.and_then(|day| day.parse().ok()).unwrap_or(cx.today());
    for (id, started_on) in open_assignments(cx, Some(event.subject), None).await? {
        let inputs = Map::from_iter([
            ("ended_on".to_owned(), json!(last_day.max(started_on))),
            ("end_reason".to_owned(), event.after("status_reason").clone()),
        ]);
        platform_engine::act(cx, &VEHICLE_ASSIGNMENTS, id, "end", inputs).await?;
    }
    let shifts: Vec<Uuid> = sqlx::query_scalar(PLANNED_SHIFTS)
        .bind(cx.organization_id)
        .bind(event.subject)
        .bind(last_day)
        .fetch_all(cx.db())
        .await?;
    let catalogue = &cx.platform.catalogue;
    let reason = catalogue.problem(cx.locale, "courier_terminated", &[]);
    for id in shifts {
        let inputs = Map::from_iter([("status_reason".to_owned(), json!(reason))]);
        platform_engine::act(cx, &SHIFTS, id, "cancel", inputs).await?;
    }
    Ok(())
}

/// Refuses to retire a vehicle that somebody drives.
pub(super) async fn vehicle_retired(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if open_assignments(cx, None, Some(event.subject)).await?.is_empty() {
        Ok(())
    } else {
        Err(Problem::refused("vehicle_assigned"))
    }
}
