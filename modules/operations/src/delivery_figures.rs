//! Figures of deliveries and zones.
#![expect(clippy::struct_field_names, reason = "fields are called as the answer calls them")]

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sqlx::Row;
use uuid::Uuid;

use crate::geometry::{self, Point};
use crate::period::Period;
use crate::rows::{amount, word};
use crate::score::{hundredths, percent};

/// By day and state. A delivery counts on the day on which it was ordered.
pub(crate) const BY_DAY: &str = "SELECT (f.ordered_at AT TIME ZONE $4)::date AS day, f.status, count(*) AS deliveries,
    coalesce(sum(f.cod_amount), 0)::bigint AS cod, coalesce(sum(f.delivery_fee), 0)::bigint AS fees,
    coalesce(sum(extract(epoch FROM (f.delivered_at - f.ordered_at)) / 60), 0)::numeric AS minutes,
    count(*) FILTER (WHERE f.on_time) AS on_time, count(*) FILTER (WHERE f.on_time IS NOT NULL) AS promised
    FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL
    AND f.ordered_at >= $2::date::timestamp AT TIME ZONE $4 AND f.ordered_at < ($3::date + 1)::timestamp AT TIME ZONE $4
    AND ($5::uuid IS NULL OR f.courier_id = $5) AND ($6::uuid IS NULL OR f.zone_id = $6)
    AND ($7::text IS NULL OR f.platform = $7)
    GROUP BY 1, 2 ORDER BY 1, 2";

pub(crate) const FAILURES: &str = "SELECT f.failure_reason, count(*) AS deliveries FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.failure_reason IS NOT NULL
    AND f.ordered_at >= $2::date::timestamp AT TIME ZONE $4 AND f.ordered_at < ($3::date + 1)::timestamp AT TIME ZONE $4
    AND ($5::uuid IS NULL OR f.courier_id = $5) AND ($6::uuid IS NULL OR f.zone_id = $6)
    AND ($7::text IS NULL OR f.platform = $7)
    GROUP BY 1 ORDER BY 2 DESC, 1";

/// Which deliveries.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; 29 days before the last unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// One courier only.
    courier_id: Option<Uuid>,
    /// One zone only.
    zone_id: Option<Uuid>,
    /// One platform only.
    platform: Option<String>,
}

/// Figures of deliveries.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Statistics {
    from: NaiveDate,
    to: NaiveDate,
    /// Deliveries ordered in the period.
    total: i64,
    by_status: BTreeMap<String, i64>,
    /// Neither delivered, failed, returned nor cancelled.
    open: i64,
    /// Delivered of all that ended at a door (delivered, failed or returned), in percent.
    #[schemars(with = "Option<String>")]
    success_percent: Option<Decimal>,
    /// Delivered of all, in percent.
    #[schemars(with = "Option<String>")]
    delivered_of_all_percent: Option<Decimal>,
    /// Delivered by the time promised, in percent of those with a promise.
    #[schemars(with = "Option<String>")]
    on_time_percent: Option<Decimal>,
    /// From the order to the door, for delivered ones.
    #[schemars(with = "Option<String>")]
    mean_minutes: Option<Decimal>,
    /// Cash of delivered deliveries.
    cod_collected: String,
    /// Cash of the others that are not cancelled.
    cod_pending: String,
    /// Fees of delivered deliveries.
    delivery_fees: String,
    /// Why deliveries failed, the most frequent reason first.
    failure_reasons: Vec<Reason>,
    /// Day by day.
    days: Vec<Day>,
}

/// A reason and how often it was given.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reason {
    reason: String,
    deliveries: i64,
}

/// Deliveries ordered on a day.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Day {
    day: NaiveDate,
    total: i64,
    delivered: i64,
    failed: i64,
}

/// Delivered of what ended at a door, in percent.
fn success(by_status: &BTreeMap<String, i64>) -> Option<Decimal> {
    let count = |status: &str| by_status.get(status).copied().unwrap_or(0);
    percent(
        count("delivered"),
        count("delivered") + count("failed") + count("returned"),
    )
}

fn open(by_status: &BTreeMap<String, i64>) -> i64 {
    let ended = ["delivered", "failed", "returned", "cancelled"];
    by_status
        .iter()
        .filter(|(status, _)| !ended.contains(&status.as_str()))
        .map(|(_, count)| count)
        .sum()
}

/// `GET /operations/deliveries_statistics`.
pub(crate) async fn statistics(cx: &mut Cx, asked: Asked) -> Result<Statistics, Problem> {
    let period = Period::asked(cx, asked.from, asked.to)?;
    let platform = word(
        "platform",
        asked.platform.as_deref(),
        crate::deliveries::PLATFORMS,
        None,
    )?;
    let (organization_id, zone) = (cx.organization_id, cx.time_zone().name());
    let mut answers = Vec::new();
    for sql in [BY_DAY, FAILURES] {
        let rows = sqlx::query(sql)
            .bind(organization_id)
            .bind(period.from)
            .bind(period.to)
            .bind(zone)
            .bind(asked.courier_id)
            .bind(asked.zone_id)
            .bind(platform)
            .fetch_all(cx.db())
            .await?;
        answers.push(rows);
    }
    let [by_day, failures] = answers.as_slice() else {
        return Err(Problem::internal(&"two questions have two answers"));
    };
    let mut by_status: BTreeMap<String, i64> = BTreeMap::new();
    let mut days: BTreeMap<NaiveDate, Day> = BTreeMap::new();
    let (mut collected, mut pending, mut fees) = (0, 0, 0);
    let (mut minutes, mut on_time, mut promised) = (Decimal::ZERO, 0, 0);
    for row in by_day {
        let (day, status): (NaiveDate, String) = (row.try_get("day")?, row.try_get("status")?);
        let count: i64 = row.try_get("deliveries")?;
        let entry = days.entry(day).or_insert_with(|| Day { day, ..Day::default() });
        entry.total += count;
        match status.as_str() {
            "delivered" => {
                entry.delivered += count;
                collected += row.try_get::<i64, _>("cod")?;
                fees += row.try_get::<i64, _>("fees")?;
                minutes += row.try_get::<Decimal, _>("minutes")?;
            }
            "cancelled" => {}
            _ => {
                entry.failed += if status == "failed" { count } else { 0 };
                pending += row.try_get::<i64, _>("cod")?;
            }
        }
        on_time += row.try_get::<i64, _>("on_time")?;
        promised += row.try_get::<i64, _>("promised")?;
        *by_status.entry(status).or_default() += count;
    }
    let reason = |row: &sqlx::postgres::PgRow| {
        Ok(Reason {
            reason: row.try_get("failure_reason")?,
            deliveries: row.try_get("deliveries")?,
        })
    };
    let total = by_status.values().sum();
    let delivered = by_status.get("delivered").copied().unwrap_or(0);
    Ok(Statistics {
        from: period.from,
        to: period.to,
        total,
        open: open(&by_status),
        success_percent: success(&by_status),
        delivered_of_all_percent: percent(delivered, total),
        on_time_percent: percent(on_time, promised),
        mean_minutes: (delivered > 0).then(|| hundredths(minutes / Decimal::from(delivered))),
        cod_collected: amount(collected),
        cod_pending: amount(pending),
        delivery_fees: amount(fees),
        failure_reasons: failures.iter().map(reason).collect::<Result<_, sqlx::Error>>()?,
        days: days.into_values().collect(),
        by_status,
    })
}

pub(crate) const ZONES: &str = "SELECT z.id, z.zone_code, z.zone_name, z.status, z.boundaries, z.center_latitude,
    z.center_longitude, z.max_couriers,
    (SELECT count(*) FROM operations.zone_couriers c WHERE c.organization_id = $1 AND c.zone_id = z.id
        AND c.status = 'active' AND c.deleted_at IS NULL) AS couriers,
    (SELECT avg(a.actual_completion_time_minutes) FROM operations.dispatch_assignments a WHERE a.organization_id = $1
        AND a.zone_id = z.id AND a.status = 'completed' AND a.deleted_at IS NULL) AS mean_minutes,
    (SELECT jsonb_object_agg(s.status, s.n) FROM (SELECT d.status, count(*) AS n FROM operations.deliveries d
        WHERE d.organization_id = $1 AND d.zone_id = z.id AND d.deleted_at IS NULL GROUP BY d.status) AS s) AS by_status
    FROM operations.zones z
    WHERE z.organization_id = $1 AND z.deleted_at IS NULL AND ($2::uuid IS NULL OR z.id = $2)
    ORDER BY z.zone_code LIMIT 500";

/// Which zones.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedZones {
    /// One zone only.
    zone_id: Option<Uuid>,
    /// Only zones that hold no more couriers.
    at_capacity: Option<bool>,
}

/// Figures of zones.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Zones {
    data: Vec<Zone>,
}

/// Figures of a zone.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Zone {
    zone_id: Uuid,
    zone_code: String,
    zone_title: String,
    status: String,
    /// From the boundaries, less their holes.
    #[schemars(with = "Option<String>")]
    area_km2: Option<Decimal>,
    /// From the boundaries; as typed in where there are none.
    #[schemars(with = "Option<String>")]
    center_latitude: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    center_longitude: Option<Decimal>,
    /// Couriers on the roster.
    couriers: i64,
    max_couriers: i64,
    /// Couriers of the most that it holds, in percent.
    #[schemars(with = "Option<String>")]
    utilisation_percent: Option<Decimal>,
    is_full: bool,
    deliveries: i64,
    open: i64,
    #[schemars(with = "Option<String>")]
    success_percent: Option<Decimal>,
    /// Mean time of completed dispatches in the zone.
    #[schemars(with = "Option<String>")]
    mean_minutes: Option<Decimal>,
}

/// The middle of a zone: of its boundaries, or as typed in.
pub(crate) fn middle(boundaries: Option<&Json>, typed: Option<Point>) -> Option<Point> {
    boundaries
        .and_then(geometry::polygons)
        .and_then(|polygons| geometry::center(&polygons))
        .or(typed)
}

/// `GET /operations/zones_metrics`.
pub(crate) async fn zones(cx: &mut Cx, asked: AskedZones) -> Result<Zones, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ZONES)
        .bind(organization_id)
        .bind(asked.zone_id)
        .fetch_all(cx.db())
        .await?;
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        let boundaries: Option<Json> = row.try_get("boundaries")?;
        let polygons = boundaries.as_ref().and_then(geometry::polygons);
        let typed = Point::of(row.try_get("center_latitude")?, row.try_get("center_longitude")?);
        let center = middle(boundaries.as_ref(), typed);
        let by_status: Option<Json> = row.try_get("by_status")?;
        let by_status: BTreeMap<String, i64> =
            serde_json::from_value(by_status.unwrap_or_default()).unwrap_or_default();
        let (couriers, most): (i64, i64) = (row.try_get("couriers")?, row.try_get("max_couriers")?);
        let is_full = couriers >= most;
        if asked.at_capacity.is_some_and(|wanted| wanted != is_full) {
            continue;
        }
        data.push(Zone {
            zone_id: row.try_get("id")?,
            zone_code: row.try_get("zone_code")?,
            zone_title: row.try_get("zone_name")?,
            status: row.try_get("status")?,
            area_km2: polygons.map(|polygons| geometry::rounded(geometry::area_km2(&polygons), 2)),
            center_latitude: center.map(|point| geometry::rounded(point.latitude, 7)),
            center_longitude: center.map(|point| geometry::rounded(point.longitude, 7)),
            couriers,
            max_couriers: most,
            utilisation_percent: percent(couriers, most),
            is_full,
            deliveries: by_status.values().sum(),
            open: open(&by_status),
            success_percent: success(&by_status),
            mean_minutes: row.try_get::<Option<Decimal>, _>("mean_minutes")?.map(hundredths),
        });
    }
    Ok(Zones { data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_one_of_thirty_six_that_ended_are_86_1_percent() {
        let counts = [
            ("delivered", 31),
            ("failed", 3),
            ("returned", 2),
            ("pending", 3),
            ("in_transit", 1),
        ];
        let by_status: BTreeMap<String, i64> = counts
            .into_iter()
            .map(|(status, count)| (status.into(), count))
            .collect();
        assert_eq!(
            success(&by_status).map(|share| share.to_string()).as_deref(),
            Some("86.1")
        );
        assert_eq!(
            percent(31, by_status.values().sum())
                .map(|share| share.to_string())
                .as_deref(),
            Some("77.5")
        );
        assert_eq!(open(&by_status), 4);
        assert_eq!(success(&BTreeMap::new()), None);
    }
}
