//! What a vehicle has been through: maintenance, fuel, drivers and accidents, the latest first, and what it all came to.

use chrono::{DateTime, Days, NaiveDate, Utc};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::economy::{Totals, account, rounded};
use crate::figures::shown;
use crate::fills::Filled;
use crate::fuel_costs::{FILLS_OF_VEHICLES, amount, currency};

/// Entries of each kind; the totals are of all.
const ENTRIES: usize = 50;

pub(crate) const JOBS: &str = "SELECT m.id, m.maintenance_number, m.maintenance_type, m.status,
        coalesce(m.completed_at, m.started_at) AS at, m.scheduled_on, m.service_km, m.downtime_hours,
        m.labor_cost + m.parts_cost AS total, m.tax_amount, m.discount_amount
    FROM fleet.vehicle_maintenance m
    WHERE m.organization_id = $1 AND m.vehicle_id = $2 AND m.deleted_at IS NULL
    ORDER BY m.id DESC";

pub(crate) const DRIVERS: &str = "SELECT a.id, a.courier_id, c.full_name, a.status, a.started_on, a.ended_on,
        a.end_odometer_km - a.start_odometer_km AS distance_km
    FROM fleet.vehicle_assignments a
    JOIN fleet.couriers c ON c.organization_id = $1 AND c.id = a.courier_id
    WHERE a.organization_id = $1 AND a.vehicle_id = $2 AND a.status <> 'cancelled' AND a.deleted_at IS NULL
    ORDER BY a.started_on DESC, a.id DESC";

pub(crate) const ACCIDENTS: &str = "SELECT l.id, l.accident_number, l.occurred_on, l.severity, l.status
    FROM fleet.accident_logs l
    WHERE l.organization_id = $1 AND l.vehicle_id = $2 AND l.deleted_at IS NULL
    ORDER BY l.occurred_on DESC, l.id DESC";

/// Which vehicle.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The vehicle.
    vehicle_id: Uuid,
}

/// What a vehicle has been through.
#[derive(Serialize, JsonSchema)]
pub(crate) struct History {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    currency: String,
    /// The last 50 jobs.
    maintenance: Vec<Job>,
    /// The last 50 purchases.
    fuel: Vec<Fill>,
    /// The last 50 drivers.
    assignments: Vec<Driver>,
    /// The last 50 accidents.
    accidents: Vec<Crash>,
    totals: HistoryTotals,
}

/// A maintenance job.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Job {
    id: Uuid,
    maintenance_number: String,
    maintenance_type: String,
    status: String,
    scheduled_on: Option<NaiveDate>,
    /// When it was completed, or else started.
    at: Option<DateTime<Utc>>,
    service_km: Option<String>,
    downtime_hours: Option<String>,
    /// Labour and parts; nothing for callers who may not see costs.
    total_cost: Option<String>,
    /// Labour, parts and tax less the discount.
    payable: Option<String>,
}

/// A purchase of fuel.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Fill {
    /// `fuel_log` or `fuel_transaction`.
    source: String,
    id: Uuid,
    day: NaiveDate,
    station: Option<String>,
    volume_l: String,
    /// Nothing for callers who may not see fuel costs.
    cost: Option<String>,
    odometer_km: Option<String>,
}

/// Somebody who drove it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Driver {
    id: Uuid,
    courier_id: Uuid,
    courier_title: String,
    status: String,
    started_on: NaiveDate,
    ended_on: Option<NaiveDate>,
    /// Days up to the end or today, both ends counted.
    days: i64,
    distance_km: Option<String>,
}

/// An accident.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Crash {
    id: Uuid,
    accident_number: String,
    occurred_on: NaiveDate,
    severity: String,
    status: String,
}

/// What it all came to, over the whole life of the vehicle.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HistoryTotals {
    maintenance_jobs: usize,
    /// Labour, parts and tax less discounts of jobs that were completed.
    maintenance_cost: Option<String>,
    downtime_hours: String,
    fills: usize,
    fuel_l: String,
    fuel_cost: Option<String>,
    /// Distance between full tanks over the litres of that distance.
    km_per_l: Option<String>,
    drivers: usize,
    accidents: usize,
}

/// `GET /fleet/vehicle_history`.
pub(crate) async fn vehicle_history(cx: &mut Cx, asked: Asked) -> Result<History, Problem> {
    let id = asked.vehicle_id;
    let currency = currency(cx);
    let (title, mut fills) = fills(cx, id, &currency).await?;
    let sees_fuel_cost = cx.may("fuel_costs.read");
    let mut totals = Totals::default();
    let time_zone = cx.time_zone();
    for one in account(fills.iter().map(|fill| fill.fill(time_zone)).collect()) {
        totals.count(&one);
    }
    let jobs = jobs(cx, id).await?;
    let drivers = drivers(cx, id).await?;
    let accidents = accidents(cx, id).await?;
    let done = jobs.iter().filter(|(job, ..)| job.status == "completed");
    let maintenance_cost: Decimal = done.map(|(_, minor, _)| Decimal::new(*minor, 2)).sum();
    let downtime: Decimal = jobs.iter().map(|(_, _, hours)| hours).sum();
    let all_totals = HistoryTotals {
        maintenance_jobs: jobs.len(),
        maintenance_cost: cx
            .may("vehicle_maintenance.read_cost")
            .then(|| rounded(maintenance_cost, 2).to_string()),
        downtime_hours: rounded(downtime, 2).to_string(),
        fills: fills.len(),
        fuel_l: rounded(totals.volume_l, 3).to_string(),
        fuel_cost: sees_fuel_cost.then(|| amount(totals.cost_minor)),
        km_per_l: shown(totals.km_per_l(), 2),
        drivers: drivers.len(),
        accidents: accidents.len(),
    };
    fills.sort_by_key(|fill| std::cmp::Reverse((fill.fill(time_zone).at, fill.id)));
    Ok(History {
        vehicle_id: id,
        vehicle_title: title,
        currency,
        maintenance: jobs.into_iter().take(ENTRIES).map(|(job, ..)| job).collect(),
        fuel: fills
            .into_iter()
            .take(ENTRIES)
            .map(|filled| {
                let fill = filled.fill(time_zone);
                Fill {
                    source: filled.source,
                    id: filled.id,
                    day: fill.day,
                    station: filled.station,
                    volume_l: fill.volume_l.to_string(),
                    cost: sees_fuel_cost.then(|| amount(fill.cost_minor)),
                    odometer_km: fill.odometer_km.map(|km| km.to_string()),
                }
            })
            .collect(),
        assignments: drivers.into_iter().take(ENTRIES).collect(),
        accidents: accidents.into_iter().take(ENTRIES).collect(),
        totals: all_totals,
    })
}

/// Every purchase of the vehicle, and its title; not found when there is no such vehicle.
async fn fills(cx: &mut Cx, id: Uuid, currency: &str) -> Result<(String, Vec<Filled>), Problem> {
    let today = cx.today();
    let rows = sqlx::query(FILLS_OF_VEHICLES)
        .bind(cx.organization_id)
        .bind(id)
        .bind(today - Days::new(36_500))
        .bind(today + Days::new(2))
        .bind(currency)
        .fetch_all(cx.db())
        .await?;
    let (mut title, mut fills) = (None, Vec::with_capacity(rows.len()));
    for row in &rows {
        match row.try_get("source")? {
            "vehicle" => title = Some(row.try_get("station")?),
            _ => fills.push(sqlx::FromRow::from_row(row)?),
        }
    }
    Ok((title.ok_or_else(Problem::not_found)?, fills))
}

/// Jobs, what each has to be paid in minor units, and its hours.
async fn jobs(cx: &mut Cx, id: Uuid) -> Result<Vec<(Job, i64, Decimal)>, Problem> {
    let sees_cost = cx.may("vehicle_maintenance.read_cost");
    let rows = sqlx::query(JOBS)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    let mut jobs = Vec::with_capacity(rows.len());
    for row in &rows {
        let total: i64 = row.try_get("total")?;
        let (tax, discount): (i64, i64) = (row.try_get("tax_amount")?, row.try_get("discount_amount")?);
        let payable = total + tax - discount;
        let hours: Option<Decimal> = row.try_get("downtime_hours")?;
        let job = Job {
            id: row.try_get("id")?,
            maintenance_number: row.try_get("maintenance_number")?,
            maintenance_type: row.try_get("maintenance_type")?,
            status: row.try_get("status")?,
            scheduled_on: row.try_get("scheduled_on")?,
            at: row.try_get("at")?,
            service_km: row
                .try_get::<Option<Decimal>, _>("service_km")?
                .map(|km| km.to_string()),
            downtime_hours: hours.map(|hours| hours.to_string()),
            total_cost: sees_cost.then(|| amount(total)),
            payable: sees_cost.then(|| amount(payable)),
        };
        jobs.push((job, payable, hours.unwrap_or_default()));
    }
    Ok(jobs)
}

async fn drivers(cx: &mut Cx, id: Uuid) -> Result<Vec<Driver>, Problem> {
    let today = cx.today();
    let rows = sqlx::query(DRIVERS)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    let mut drivers = Vec::with_capacity(rows.len());
    for row in &rows {
        let started_on: NaiveDate = row.try_get("started_on")?;
        let ended_on: Option<NaiveDate> = row.try_get("ended_on")?;
        let distance_km: Option<Decimal> = row.try_get("distance_km")?;
        drivers.push(Driver {
            id: row.try_get("id")?,
            courier_id: row.try_get("courier_id")?,
            courier_title: row.try_get("full_name")?,
            status: row.try_get("status")?,
            started_on,
            ended_on,
            days: ((ended_on.unwrap_or(today) - started_on).num_days() + 1).max(0),
            distance_km: distance_km.map(|km| km.to_string()),
        });
    }
    Ok(drivers)
}

async fn accidents(cx: &mut Cx, id: Uuid) -> Result<Vec<Crash>, Problem> {
    let rows = sqlx::query(ACCIDENTS)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    let read = rows.iter().map(|row| {
        Ok(Crash {
            id: row.try_get("id")?,
            accident_number: row.try_get("accident_number")?,
            occurred_on: row.try_get("occurred_on")?,
            severity: row.try_get("severity")?,
            status: row.try_get("status")?,
        })
    });
    read.collect()
}
