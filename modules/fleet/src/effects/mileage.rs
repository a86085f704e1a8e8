//! Readings of odometers raise the vehicle's mileage. None lowers it: an earlier reading may be written down later.

use platform_core::{Cx, Event, Problem};
use platform_resource::Resource;
use rust_decimal::Decimal;
use serde_json::{Map, json};
use uuid::Uuid;

use crate::{FUEL_LOGS, FUEL_TRANSACTIONS, VEHICLE_ASSIGNMENTS, VEHICLE_LOGS, VEHICLES};

/// The mileage of a vehicle as far as it is known.
pub(crate) const MILEAGE: &str = "SELECT v.mileage_km FROM fleet.vehicles v
    WHERE v.organization_id = $1 AND v.id = $2 AND v.deleted_at IS NULL";

/// Raises a vehicle's mileage to a reading. Most readings of an import are old: they cost one look.
pub(super) async fn raise(cx: &mut Cx, vehicle_id: Uuid, reading_km: Decimal) -> Result<(), Problem> {
    let known: Option<Decimal> = sqlx::query_scalar(MILEAGE)
        .bind(cx.organization_id)
        .bind(vehicle_id)
        .fetch_optional(cx.db())
        .await?;
    if known.is_none_or(|known| known >= reading_km) {
        return Ok(());
    }
    // Somebody else may have raised it further in the meantime.
    let vehicle = platform_engine::load(cx, &VEHICLES, vehicle_id).await?;
    if vehicle.decimal("mileage_km").is_some_and(|known| known >= reading_km) {
        return Ok(());
    }
    let change = Map::from_iter([("mileage_km".to_owned(), json!(reading_km.to_string()))]);
    platform_engine::change(cx, &VEHICLES, vehicle_id, "update", change)
        .await
        .map(drop)
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

/// Only purchases whose vehicle is beyond doubt: a doubtful reading would stay for ever.
pub(super) async fn of_fuel_transaction(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if !event.name.ends_with(".created") {
        let row = platform_engine::load(cx, &FUEL_TRANSACTIONS, event.subject).await?;
        return match row.uuid("vehicle_id").zip(row.decimal("odometer_km")) {
            Some((vehicle_id, reading_km)) if row.is("match_status", "matched") => {
                raise(cx, vehicle_id, reading_km).await
            }
            _ => Ok(()),
        };
    }
    if event.after("match_status") == "matched" {
        read(cx, event, &FUEL_TRANSACTIONS, &["odometer_km"]).await
    } else {
        Ok(())
    }
}
