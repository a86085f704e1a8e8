//! Readings of odometers raise the vehicle's mileage. None lowers it: an earlier reading may be written down later.

use platform_core::{Cx, Event, Problem};
use platform_resource::{Record, Resource};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{FUEL_LOGS, FUEL_TRANSACTIONS, VEHICLE_ASSIGNMENTS, VEHICLE_LOGS};

/// Raises a vehicle's mileage to a reading, $3, at a time, $4.
///
/// By hand, because a row that names a vehicle keeps others from locking it whole until it is committed: of two readings at
/// once, each would wait for the other. The row with the reading has its history; the mileage only repeats it.
pub(crate) const RAISE: &str = "UPDATE fleet.vehicles SET mileage_km = $3, version = version + 1, updated_at = $4
    WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL AND mileage_km < $3";

/// Raises a vehicle's mileage to a reading. Most readings of an import are old: they change nothing.
pub(super) async fn raise(cx: &mut Cx, vehicle_id: Uuid, reading_km: Decimal) -> Result<(), Problem> {
    let at = cx.now;
    sqlx::query(RAISE)
        .bind(cx.organization_id)
        .bind(vehicle_id)
        .bind(reading_km)
        .bind(at)
        .execute(cx.db())
        .await?;
    Ok(())
}

/// The largest reading among fields of a row that were changed, for the vehicle that the row is about.
async fn read(cx: &mut Cx, event: &Event, resource: &'static Resource, fields: &[&str]) -> Result<(), Problem> {
    let readings = |value: &dyn Fn(&str) -> Option<Decimal>| fields.iter().filter_map(|field| value(field)).max();
    let changed = readings(&|field| event.after(field).as_str()?.parse().ok());
    let named = event.after("vehicle_id").as_str().and_then(|id| id.parse().ok());
    let (vehicle_id, reading_km) = match (named, changed) {
        (Some(vehicle_id), Some(reading_km)) => (Some(vehicle_id), Some(reading_km)),
        (None, None) => return Ok(()),
        // A new row says all that it has to say; of a change the rest is in the row.
        (Some(_), None) if event.before("vehicle_id").is_null() => return Ok(()),
        _ => {
            let row = platform_engine::load(cx, resource, event.subject).await?;
            (row.uuid("vehicle_id"), readings(&|field| row.decimal(field)))
        }
    };
    match vehicle_id.zip(reading_km) {
        Some((vehicle_id, reading_km)) => raise(cx, vehicle_id, reading_km).await,
        None => Ok(()),
    }
}

pub(super) async fn of_assignment(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    read(
        cx,
        event,
        &VEHICLE_ASSIGNMENTS,
        &["start_odometer_km", "end_odometer_km"],
    )
    .await
}

pub(super) async fn of_vehicle_log(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    read(cx, event, &VEHICLE_LOGS, &["start_odometer_km", "end_odometer_km"]).await
}

pub(super) async fn of_fuel_log(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    read(cx, event, &FUEL_LOGS, &["odometer_km"]).await
}

/// A purchase whose vehicle is beyond doubt: a doubtful reading would stay for ever.
pub(crate) async fn of_purchase(cx: &mut Cx, row: &Record) -> Result<(), Problem> {
    match row.uuid("vehicle_id").zip(row.decimal("odometer_km")) {
        Some((vehicle_id, reading_km)) if row.is("match_status", "matched") => raise(cx, vehicle_id, reading_km).await,
        _ => Ok(()),
    }
}

pub(super) async fn of_fuel_transaction(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !event.name.ends_with(".created") {
        let row = platform_engine::load(cx, &FUEL_TRANSACTIONS, event.subject).await?;
        return of_purchase(cx, &row).await;
    }
    if event.after("match_status") == "matched" {
        read(cx, event, &FUEL_TRANSACTIONS, &["odometer_km"]).await
    } else {
        Ok(())
    }
}
