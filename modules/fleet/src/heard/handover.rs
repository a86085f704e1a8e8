//! Completed handovers of operations: the vehicle goes from the giver to the taker.

use chrono::{DateTime, NaiveDate, Utc};
use platform_core::{Cx, Event, Problem};
use rust_decimal::Decimal;
use serde_json::{Map, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{first_time, found};
use crate::VEHICLE_ASSIGNMENTS;
use crate::effects::assigning::refusal;

/// A handover that gave a vehicle away.
pub(crate) const COMPLETED: &str =
    "SELECT h.handover_number, h.from_courier_id, h.to_courier_id, h.vehicle_id, h.vehicle_mileage_km, h.completed_at
    FROM operations.handover_facts h
    WHERE h.organization_id = $1 AND h.id = $2 AND h.status = 'completed' AND h.vehicle_id IS NOT NULL
        AND h.deleted_at IS NULL";

/// Who drives vehicle $2, and what courier $3 drives.
pub(crate) const OPEN: &str =
    "SELECT a.id, a.vehicle_id, a.courier_id, a.assignment_type, a.started_on, a.start_odometer_km
    FROM fleet.vehicle_assignments a
    WHERE a.organization_id = $1 AND a.status = 'active' AND a.deleted_at IS NULL
        AND (a.vehicle_id = $2 OR a.courier_id = $3)
    FOR NO KEY UPDATE";

/// An open assignment.
struct Open {
    id: Uuid,
    vehicle_id: Uuid,
    courier_id: Uuid,
    assignment_type: String,
    started_on: NaiveDate,
    start_odometer_km: Option<Decimal>,
}

impl Open {
    fn read(row: &PgRow) -> Result<Self, Problem> {
        Ok(Self {
            id: row.try_get("id")?,
            vehicle_id: row.try_get("vehicle_id")?,
            courier_id: row.try_get("courier_id")?,
            assignment_type: row.try_get("assignment_type")?,
            started_on: row.try_get("started_on")?,
            start_odometer_km: row.try_get("start_odometer_km")?,
        })
    }
}

/// Moves the vehicle, once. Whoever takes it gives up what he drove. One who may not drive it does not get it, but the giver
/// has given it away all the same: what happens to it from now on is not his, and the reason is written where it ended.
pub(super) async fn completed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let Some(row) = found(cx, COMPLETED, event.subject).await? else {
        return Ok(());
    };
    let (giver, taker): (Uuid, Uuid) = (row.try_get("from_courier_id")?, row.try_get("to_courier_id")?);
    let vehicle_id: Uuid = row.try_get("vehicle_id")?;
    let number: String = row.try_get("handover_number")?;
    let mileage_km: Option<Decimal> = row.try_get("vehicle_mileage_km")?;
    let at: Option<DateTime<Utc>> = row.try_get("completed_at")?;
    let day = at.map_or(cx.today(), |at| at.with_timezone(&cx.time_zone()).date_naive());
    if !first_time(cx, event.subject).await? {
        return Ok(());
    }
    let rows = sqlx::query(OPEN)
        .bind(cx.organization_id)
        .bind(vehicle_id)
        .bind(taker)
        .fetch_all(cx.db())
        .await?;
    let open = rows.iter().map(Open::read).collect::<Result<Vec<_>, Problem>>()?;
    let driven = open.iter().find(|one| one.vehicle_id == vehicle_id);
    // The taker has it already, or somebody got it since.
    if driven.is_some_and(|driven| driven.courier_id != giver) {
        return Ok(());
    }
    let refused = match refusal(cx, vehicle_id, taker, Some(day)).await {
        Ok(refused) => refused.map(|(_, code)| code),
        Err(problem) if problem.code == Problem::not_found().code => Some(problem.code),
        Err(problem) => return Err(problem),
    };
    if let Some(driven) = driven {
        let reason = refused.map_or_else(
            || number.clone(),
            |code| format!("{number}: {}", cx.platform.catalogue.problem(cx.locale, code, &[])),
        );
        end(cx, driven, day, mileage_km, &reason).await?;
    }
    if refused.is_some() {
        return Ok(());
    }
    if let Some(other) = open.iter().find(|one| one.vehicle_id != vehicle_id) {
        end(cx, other, day, None, &number).await?;
    }
    let kind = driven.map_or("permanent", |driven| driven.assignment_type.as_str());
    let assignment = Map::from_iter([
        ("vehicle_id".to_owned(), json!(vehicle_id)),
        ("courier_id".to_owned(), json!(taker)),
        ("assignment_type".to_owned(), json!(kind)),
        ("started_on".to_owned(), json!(day)),
        (
            "start_odometer_km".to_owned(),
            json!(mileage_km.map(|km| km.to_string())),
        ),
        ("assignment_reason".to_owned(), json!(number)),
    ]);
    platform_engine::create(cx, &VEHICLE_ASSIGNMENTS, assignment)
        .await
        .map(drop)
}

/// Ends an assignment. A reading below the one at its start is a slip of the pen and is left out.
async fn end(
    cx: &mut Cx,
    open: &Open,
    day: NaiveDate,
    mileage_km: Option<Decimal>,
    reason: &str,
) -> Result<(), Problem> {
    let mileage_km = mileage_km.filter(|km| open.start_odometer_km.is_none_or(|start| *km >= start));
    let inputs = Map::from_iter([
        ("ended_on".to_owned(), json!(day.max(open.started_on))),
        ("end_odometer_km".to_owned(), json!(mileage_km.map(|km| km.to_string()))),
        ("end_reason".to_owned(), json!(reason)),
    ]);
    platform_engine::act(cx, &VEHICLE_ASSIGNMENTS, open.id, "end", inputs)
        .await
        .map(drop)
}
