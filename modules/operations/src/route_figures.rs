//! Planning routes and looking back at them.

use chrono::NaiveDate;
use platform_core::{Cx, FieldError, Problem};
use platform_engine::{change, create, create_many, load};
use platform_resource::Record;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::geometry::{Point, rounded};
use crate::path::{self, Stop};
use crate::rows::{from_row, own_id, row};
use crate::score::{hundredths, percent};
use crate::{DELIVERIES, ROUTE_STOPS, ROUTES};

/// Most stops that are put in order at once.
const MOST_STOPS: usize = 120;
/// Name of the way in which stops are put in order.
const ALGORITHM: &str = "nearest_neighbour_2opt";

pub(crate) const STOPS: &str = "SELECT id, stop_type, delivery_id, latitude, longitude, window_starts_at, window_ends_at
    FROM operations.route_stops WHERE organization_id = $1 AND route_id = $2 AND status = 'planned' AND deleted_at IS NULL
    AND latitude IS NOT NULL AND longitude IS NOT NULL ORDER BY stop_number, id";

pub(crate) const COUNTS: &str = "SELECT count(*) AS stops, count(*) FILTER (WHERE delivery_id IS NOT NULL
        AND stop_type = 'dropoff') AS deliveries,
    count(*) FILTER (WHERE status = 'completed' AND stop_type = 'dropoff') AS completed,
    count(*) FILTER (WHERE status = 'failed' AND stop_type = 'dropoff') AS failed
    FROM operations.route_stops WHERE organization_id = $1 AND route_id = $2 AND deleted_at IS NULL";

struct Stored {
    id: Uuid,
    stop_type: String,
    delivery_id: Option<Uuid>,
    latitude: Decimal,
    longitude: Decimal,
    window_starts_at: Option<chrono::DateTime<chrono::Utc>>,
    window_ends_at: Option<chrono::DateTime<chrono::Utc>>,
}

from_row!(Stored {
    id,
    stop_type,
    delivery_id,
    latitude,
    longitude,
    window_starts_at,
    window_ends_at,
});

/// Which route.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The route.
    route_id: Uuid,
}

/// What putting the stops in order brought.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Optimized {
    route_id: Uuid,
    stops: usize,
    /// In the order given.
    #[schemars(with = "String")]
    input_km: Decimal,
    /// In the new order.
    #[schemars(with = "String")]
    total_distance_km: Decimal,
    #[schemars(with = "String")]
    distance_saved_km: Decimal,
    /// At 30 km/h, and five minutes for each stop.
    estimated_duration_minutes: i64,
}

/// Puts one route in order.
pub(crate) async fn optimize_one(cx: &mut Cx, id: Uuid) -> Result<Optimized, Problem> {
    optimize(cx, Asked { route_id: id }).await
}

/// `POST /operations/routes/optimize`: puts the stops that are still planned in a short order and numbers them anew.
pub(crate) async fn optimize(cx: &mut Cx, asked: Asked) -> Result<Optimized, Problem> {
    let route = load(cx, &ROUTES, asked.route_id).await?;
    if matches!(route.text("status"), Some("completed" | "cancelled")) {
        return Err(Problem::refused("not_in_state")
            .with("state", route.text("status").unwrap_or_default())
            .with("action", "optimize"));
    }
    let organization_id = cx.organization_id;
    let stored: Vec<Stored> = sqlx::query_as(STOPS)
        .bind(organization_id)
        .bind(asked.route_id)
        .fetch_all(cx.db())
        .await?;
    let places: Vec<Point> = stored
        .iter()
        .filter_map(|stop| Point::of(Some(stop.latitude), Some(stop.longitude)))
        .collect();
    if places.is_empty() || places.len() != stored.len() {
        return Err(Problem::refused("no_stops"));
    }
    if places.len() > MOST_STOPS {
        return Err(Problem::refused("too_many_stops").with("max", MOST_STOPS));
    }
    let begins = route.instant("scheduled_start_at");
    let minutes = |at: Option<chrono::DateTime<chrono::Utc>>| {
        let seconds = i32::try_from((at? - begins?).num_seconds()).ok()?;
        Some(f64::from(seconds) / 60.0)
    };
    let stops: Vec<Stop> = stored
        .iter()
        .zip(&places)
        .map(|(stop, place)| Stop {
            place: *place,
            after: (stop.stop_type == "dropoff" && stop.delivery_id.is_some())
                .then(|| {
                    stored
                        .iter()
                        .position(|other| other.stop_type == "pickup" && other.delivery_id == stop.delivery_id)
                })
                .flatten(),
            window: (minutes(stop.window_starts_at), minutes(stop.window_ends_at)),
        })
        .collect();
    let start = Point::of(route.decimal("start_latitude"), route.decimal("start_longitude")).unwrap_or(places[0]);
    let given: Vec<usize> = (0..stops.len()).collect();
    let order = path::shorten(start, &stops);
    let (input_km, km) = (
        path::length_km(start, &stops, &given),
        path::length_km(start, &stops, &order),
    );
    let mut before = start;
    for (number, place) in order.iter().enumerate() {
        let leg = crate::geometry::haversine_km(before, places[*place]);
        before = places[*place];
        let numbered = json!({"stop_number": number + 1, "distance_km": rounded(leg, 2).to_string()});
        change(cx, &ROUTE_STOPS, stored[*place].id, "optimize", row(numbered)).await?;
    }
    let saved = (input_km - km).max(0.0);
    let minutes = path::minutes(km, i64::try_from(stops.len()).unwrap_or(0));
    let planned = json!({
        "total_distance_km": rounded(km, 2).to_string(), "estimated_duration_minutes": minutes, "is_optimized": true,
        "optimization_algorithm": ALGORITHM, "distance_saved_km": rounded(saved, 2).to_string(),
    });
    change(cx, &ROUTES, asked.route_id, "optimize", row(planned)).await?;
    Ok(Optimized {
        route_id: asked.route_id,
        stops: stops.len(),
        input_km: rounded(input_km, 2),
        total_distance_km: rounded(km, 2),
        distance_saved_km: rounded(saved, 2),
        estimated_duration_minutes: minutes,
    })
}

/// A route to make from deliveries.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planning {
    /// What people call it.
    route_name: String,
    /// The day; today unless given.
    route_on: Option<NaiveDate>,
    /// Deliveries with places.
    deliveries: Vec<Planned>,
}

/// One delivery of the route.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planned {
    delivery_id: Uuid,
}

/// `POST /operations/routes/plan`: a pickup and a drop-off for each delivery, in a short order.
pub(crate) async fn plan(cx: &mut Cx, given: Planning) -> Result<Optimized, Problem> {
    if given.deliveries.is_empty() {
        return Err(Problem::field("deliveries", "no_stops"));
    }
    if given.deliveries.len() > MOST_STOPS / 2 {
        return Err(Problem::invalid(vec![
            FieldError::new("deliveries", "too_many_stops").with(vec![("max", (MOST_STOPS / 2).to_string())]),
        ]));
    }
    let route = json!({"route_name": given.route_name, "route_on": given.route_on.unwrap_or_else(|| cx.today())});
    let route = own_id(&create(cx, &ROUTES, row(route)).await?)?;
    let mut stops = Vec::new();
    for Planned { delivery_id } in given.deliveries {
        let delivery = load(cx, &DELIVERIES, delivery_id).await?;
        stops.extend(stops_of(&delivery, delivery_id, route, stops.len()));
        change(cx, &DELIVERIES, delivery_id, "plan", row(json!({"route_id": route}))).await?;
    }
    create_many(cx, &ROUTE_STOPS, stops).await?;
    optimize(cx, Asked { route_id: route }).await
}

fn stops_of(
    delivery: &Record,
    id: Uuid,
    route: Uuid,
    before: usize,
) -> Vec<serde_json::Map<String, serde_json::Value>> {
    [("pickup", "pickup"), ("dropoff", "delivery")]
        .into_iter()
        .filter(|(_, side)| delivery.has(&format!("{side}_latitude")) && delivery.has(&format!("{side}_longitude")))
        .enumerate()
        .map(|(number, (kind, side))| {
            row(json!({
                "route_id": route, "delivery_id": id, "stop_number": before + number + 1, "stop_type": kind,
                "address": delivery.text(&format!("{side}_address")),
                "latitude": delivery.get(&format!("{side}_latitude")),
                "longitude": delivery.get(&format!("{side}_longitude")),
            }))
        })
        .collect()
}

/// What a route was planned to be and what it was.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RouteMetrics {
    route_id: Uuid,
    status: String,
    stops: i64,
    deliveries: i64,
    completed: i64,
    failed: i64,
    /// Completed of all, in percent.
    #[schemars(with = "Option<String>")]
    completion_percent: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    distance_variance_km: Option<Decimal>,
    time_variance_minutes: Option<i64>,
    #[schemars(with = "Option<String>")]
    mean_minutes_per_stop: Option<Decimal>,
    /// 100 less up to 20 points for the distance, up to 20 for the time and up to 30 for failures; of completed routes.
    #[schemars(with = "Option<String>")]
    efficiency: Option<Decimal>,
}

/// What efficiency depends on.
struct Driven {
    planned_km: Decimal,
    actual_km: Decimal,
    planned_minutes: i64,
    actual_minutes: i64,
    deliveries: i64,
    failed: i64,
}

fn efficiency(driven: &Driven) -> Decimal {
    let hundred = Decimal::ONE_HUNDRED;
    let off = |actual: Decimal, planned: Decimal| {
        if planned.is_zero() {
            Decimal::ZERO
        } else {
            (actual - planned).abs() / planned * hundred
        }
    };
    let km = off(driven.actual_km, driven.planned_km).min(Decimal::from(20));
    let minutes = off(driven.actual_minutes.into(), driven.planned_minutes.into()).min(Decimal::from(20));
    let failed = if driven.deliveries == 0 {
        Decimal::ZERO
    } else {
        (Decimal::from(driven.failed) / Decimal::from(driven.deliveries) * hundred).min(Decimal::from(30))
    };
    hundredths((hundred - km - minutes - failed).max(Decimal::ZERO))
}

/// `GET /operations/routes/metrics`.
pub(crate) async fn metrics(cx: &mut Cx, asked: Asked) -> Result<RouteMetrics, Problem> {
    let organization_id = cx.organization_id;
    let route = sqlx::query(ROUTE)
        .bind(organization_id)
        .bind(asked.route_id)
        .fetch_optional(cx.db())
        .await?;
    let route = route.ok_or_else(Problem::not_found)?;
    let counts = sqlx::query(COUNTS)
        .bind(organization_id)
        .bind(asked.route_id)
        .fetch_one(cx.db())
        .await?;
    let (stops, deliveries): (i64, i64) = (counts.try_get("stops")?, counts.try_get("deliveries")?);
    let (completed, failed): (i64, i64) = (counts.try_get("completed")?, counts.try_get("failed")?);
    let km = |name: &str| route.try_get::<Option<Decimal>, _>(name);
    let minutes = |name: &str| route.try_get::<Option<i64>, _>(name);
    let distances = km("total_distance_km")?.zip(km("actual_distance_km")?);
    let times = minutes("estimated_duration_minutes")?.zip(minutes("actual_duration_minutes")?);
    let status: String = route.try_get("status")?;
    let driven = distances
        .zip(times)
        .map(|((planned_km, actual_km), (planned_minutes, actual_minutes))| Driven {
            planned_km,
            actual_km,
            planned_minutes,
            actual_minutes,
            deliveries,
            failed,
        });
    Ok(RouteMetrics {
        route_id: asked.route_id,
        stops,
        deliveries,
        completed,
        failed,
        completion_percent: percent(completed, deliveries),
        distance_variance_km: distances.map(|(planned, actual)| hundredths(actual - planned)),
        time_variance_minutes: times.map(|(planned, actual)| actual - planned),
        mean_minutes_per_stop: times
            .filter(|_| stops > 0)
            .map(|(_, actual)| hundredths(Decimal::from(actual) / Decimal::from(stops))),
        efficiency: driven
            .filter(|_| status == "completed")
            .map(|driven| efficiency(&driven)),
        status,
    })
}

pub(crate) const ROUTE: &str = "SELECT status, total_distance_km, actual_distance_km, estimated_duration_minutes,
    actual_duration_minutes FROM operations.routes WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_km_and_21_minutes_over_and_one_failure_leave_66() {
        let driven = Driven {
            planned_km: Decimal::from(40),
            actual_km: Decimal::from(46),
            planned_minutes: 150,
            actual_minutes: 171,
            deliveries: 20,
            failed: 1,
        };
        assert_eq!(efficiency(&driven).to_string(), "66.00");
        let lost = Driven {
            actual_km: Decimal::from(400),
            actual_minutes: 1500,
            failed: 20,
            ..driven
        };
        assert_eq!(efficiency(&lost).to_string(), "30.00");
    }
}
