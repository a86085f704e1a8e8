//! A vehicle that is worked on is out of service, and comes back when nothing is left to be done; a service rolls the next one.

use chrono::NaiveDate;
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::mileage;
use crate::{ACCIDENT_LOGS, VEHICLE_INSPECTIONS, VEHICLE_MAINTENANCE, VEHICLES};

/// How many pieces of work on a vehicle are not done.
pub(crate) const OPEN_WORK: &str = "SELECT (SELECT count(*) FROM fleet.vehicle_maintenance m
        WHERE m.organization_id = $1 AND m.vehicle_id = $2 AND m.deleted_at IS NULL
            AND m.status IN ('in_progress', 'on_hold', 'waiting_parts'))
    + (SELECT count(*) FROM fleet.accident_logs l
        WHERE l.organization_id = $1 AND l.vehicle_id = $2 AND l.deleted_at IS NULL AND l.status = 'in_repair')";

/// Takes a vehicle out of service. One that is not in service stays where it is; one that is gone cannot be worked on.
async fn enter(cx: &mut Cx, vehicle_id: Uuid, action: &str, reason: Option<&str>) -> Result<(), Problem> {
    let vehicle = platform_engine::load(cx, &VEHICLES, vehicle_id).await?;
    if vehicle.is("status", "retired") {
        return Err(Problem::refused("vehicle_retired"));
    }
    if vehicle.is("status", "active") {
        let inputs = Map::from_iter([("status_reason".to_owned(), json!(reason))]);
        platform_engine::act(cx, &VEHICLES, vehicle_id, action, inputs).await?;
    }
    Ok(())
}

/// Puts a vehicle back into service when this was the last work on it.
async fn leave(cx: &mut Cx, vehicle_id: Uuid) -> Result<(), Problem> {
    let vehicle = platform_engine::load(cx, &VEHICLES, vehicle_id).await?;
    let open: i64 = sqlx::query_scalar(OPEN_WORK)
        .bind(cx.organization_id)
        .bind(vehicle_id)
        .fetch_one(cx.db())
        .await?;
    if open == 0 && (vehicle.is("status", "maintenance") || vehicle.is("status", "repair")) {
        platform_engine::act(cx, &VEHICLES, vehicle_id, "return_to_service", Map::new()).await?;
    }
    Ok(())
}

fn vehicle_of(row: &Record) -> Result<Uuid, Problem> {
    row.uuid("vehicle_id").ok_or_else(Problem::not_found)
}

/// Planned work is a service, everything else a repair.
fn is_service(job: &Record) -> bool {
    ["routine", "preventive", "inspection"]
        .iter()
        .any(|kind| job.is("maintenance_type", kind))
}

pub(super) async fn maintenance_started(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let job = platform_engine::load(cx, &VEHICLE_MAINTENANCE, event.subject).await?;
    let action = if is_service(&job) {
        "send_to_maintenance"
    } else {
        "send_to_repair"
    };
    enter(cx, vehicle_of(&job)?, action, job.text("maintenance_number")).await
}

pub(super) async fn maintenance_completed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let job = platform_engine::load(cx, &VEHICLE_MAINTENANCE, event.subject).await?;
    let vehicle_id = vehicle_of(&job)?;
    if let Some(reading_km) = job.decimal("service_km") {
        mileage::raise(cx, vehicle_id, reading_km).await?;
    }
    let vehicle = platform_engine::load(cx, &VEHICLES, vehicle_id).await?;
    let change = rolled(&vehicle, &job, cx.today());
    if !change.is_empty() {
        platform_engine::change(cx, &VEHICLES, vehicle_id, "update", change).await?;
    }
    leave(cx, vehicle_id).await
}

/// What a finished job says of the vehicle's services: the last one, and the next. A service that names no next one keeps the
/// interval that the vehicle had; a repair changes only what it names.
fn rolled(vehicle: &Record, job: &Record, today: NaiveDate) -> Map<String, Json> {
    let mut change = Map::new();
    let mut next_on = job.date("next_service_on");
    let mut next_km = job.decimal("next_service_km");
    if is_service(job) {
        let km = job.decimal("service_km").or(vehicle.decimal("mileage_km"));
        let days = vehicle.date("last_service_on").zip(vehicle.date("next_service_on"));
        let interval = days.map(|(last, next)| next - last).filter(|days| days.num_days() > 0);
        next_on = next_on.or_else(|| today.checked_add_signed(interval?));
        let readings = vehicle
            .decimal("last_service_km")
            .zip(vehicle.decimal("next_service_km"));
        let interval_km = readings
            .map(|(last, next)| next - last)
            .filter(|km| *km > Decimal::ZERO);
        next_km = next_km.or_else(|| Some(km? + interval_km?));
        change.insert("last_service_on".into(), json!(today));
        change.insert("last_service_km".into(), json!(km.map(|km| km.to_string())));
        // What was due has been done, whether or not anybody knows when the next one is.
        change.insert("next_service_on".into(), json!(next_on));
        change.insert("next_service_km".into(), json!(next_km.map(|km| km.to_string())));
    } else {
        change.extend(next_on.map(|day| ("next_service_on".to_owned(), json!(day))));
        change.extend(next_km.map(|km| ("next_service_km".to_owned(), json!(km.to_string()))));
    }
    change
}

pub(super) async fn maintenance_cancelled(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.before("status") == "scheduled" {
        return Ok(());
    }
    let job = platform_engine::load(cx, &VEHICLE_MAINTENANCE, event.subject).await?;
    leave(cx, vehicle_of(&job)?).await
}

pub(super) async fn repair_started(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let accident = platform_engine::load(cx, &ACCIDENT_LOGS, event.subject).await?;
    let reason = accident.text("accident_number");
    enter(cx, vehicle_of(&accident)?, "send_to_repair", reason).await
}

pub(super) async fn accident_resolved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.before("status") != "in_repair" {
        return Ok(());
    }
    let accident = platform_engine::load(cx, &ACCIDENT_LOGS, event.subject).await?;
    leave(cx, vehicle_of(&accident)?).await
}

/// What is not roadworthy is not driven.
pub(super) async fn inspection_completed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let inspection = platform_engine::load(cx, &VEHICLE_INSPECTIONS, event.subject).await?;
    let vehicle_id = vehicle_of(&inspection)?;
    if let Some(reading_km) = inspection.decimal("odometer_km") {
        mileage::raise(cx, vehicle_id, reading_km).await?;
    }
    let vehicle = platform_engine::load(cx, &VEHICLES, vehicle_id).await?;
    if inspection.is("verdict", "failed") && vehicle.is("status", "active") {
        let reason = inspection.text("inspection_number");
        enter(cx, vehicle_id, "send_to_repair", reason).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    fn roll(vehicle: &Json, job: &Json) -> Json {
        let today = "2026-03-02".parse().expect("a day");
        rolled(&record(vehicle), &record(job), today).into()
    }

    #[test]
    fn a_service_rolls_the_next_one() {
        let vehicle = json!({"mileage_km": "46328.00", "last_service_on": "2025-09-01", "next_service_on": "2026-03-01",
            "last_service_km": "40000.00", "next_service_km": "45000.00"});
        let named = json!({"maintenance_type": "routine", "service_km": "46300.00", "next_service_on": "2026-06-01",
            "next_service_km": "51000.00"});
        assert_eq!(
            roll(&vehicle, &named),
            json!({"last_service_on": "2026-03-02", "last_service_km": "46300.00", "next_service_on": "2026-06-01",
                   "next_service_km": "51000.00"})
        );
        let unnamed = json!({"maintenance_type": "preventive"});
        assert_eq!(
            roll(&vehicle, &unnamed),
            json!({"last_service_on": "2026-03-02", "last_service_km": "46328.00", "next_service_on": "2026-08-30",
                   "next_service_km": "51328.00"})
        );
        assert_eq!(
            roll(&json!({"next_service_on": "2026-03-01"}), &unnamed),
            json!({"last_service_on": "2026-03-02", "last_service_km": null, "next_service_on": null, "next_service_km": null})
        );
    }

    #[test]
    fn a_repair_is_not_a_service() {
        let vehicle = json!({"mileage_km": "46328.00", "next_service_on": "2026-03-01"});
        assert_eq!(roll(&vehicle, &json!({"maintenance_type": "breakdown"})), json!({}));
        let named = json!({"maintenance_type": "breakdown", "next_service_on": "2026-06-01"});
        assert_eq!(roll(&vehicle, &named), json!({"next_service_on": "2026-06-01"}));
    }
}
