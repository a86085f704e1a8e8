//! Who should be asked for a delivery.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use platform_engine::{act, create, load};
use platform_resource::Record;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use std::collections::HashMap;
use uuid::Uuid;

use crate::delivery_figures::middle;
use crate::engine::{self, Candidate, Fit, Order};
use crate::geometry::{Point, haversine_km, rounded};
use crate::rows::{own_id, row, setting};
use crate::{DELIVERIES, DISPATCH_ASSIGNMENTS, DISPATCH_RULES};

/// Positions older than this say nothing of where a courier is.
const POSITION_HOURS: i64 = 12;
/// Time to the door where neither a clock nor a plan says.
const USUAL_SLA_HOURS: i64 = 4;

/// Active couriers, where they were last seen, what they hold, and the zone whose roster they are on.
pub(crate) const COURIERS: &str = "SELECT f.id, f.full_name, f.performance_score, p.latitude, p.longitude, r.zone_id,
    z.boundaries, z.center_latitude, z.center_longitude,
    (SELECT count(*) FROM operations.deliveries d WHERE d.organization_id = $1 AND d.courier_id = f.id
        AND d.status IN ('assigned', 'accepted', 'pickup_started', 'picked_up', 'in_transit', 'arrived')
        AND d.deleted_at IS NULL) AS load,
    (SELECT count(*) FROM operations.deliveries d WHERE d.organization_id = $1 AND d.courier_id = f.id
        AND d.delivered_at >= $3 AND d.deleted_at IS NULL) AS completed_today,
    (SELECT max(d.delivered_at) FROM operations.deliveries d WHERE d.organization_id = $1 AND d.courier_id = f.id
        AND d.deleted_at IS NULL) AS last_delivered_at
    FROM fleet.courier_facts f
    LEFT JOIN LATERAL (SELECT e.latitude, e.longitude FROM operations.delivery_events e WHERE e.organization_id = $1
        AND e.courier_id = f.id AND e.latitude IS NOT NULL AND e.longitude IS NOT NULL AND e.occurred_at >= $2
        ORDER BY e.occurred_at DESC LIMIT 1) AS p ON true
    LEFT JOIN LATERAL (SELECT c.zone_id FROM operations.zone_couriers c WHERE c.organization_id = $1
        AND c.courier_id = f.id AND c.status = 'active' AND c.deleted_at IS NULL ORDER BY c.id LIMIT 1) AS r ON true
    LEFT JOIN operations.zones z ON z.organization_id = f.organization_id AND z.id = r.zone_id
    WHERE f.organization_id = $1 AND f.status = 'active' AND f.deleted_at IS NULL ORDER BY f.id";

/// Open orders with places.
pub(crate) const OPEN_ORDERS: &str = "SELECT d.courier_id, d.status, d.pickup_latitude, d.pickup_longitude,
    d.delivery_latitude, d.delivery_longitude,
    coalesce(d.scheduled_delivery_at, (SELECT min(t.target_at) FROM operations.sla_tracking t WHERE t.organization_id = $1
        AND t.delivery_id = d.id AND t.completed_at IS NULL AND t.deleted_at IS NULL),
        coalesce(d.ordered_at, d.created_at) + interval '4 hours') AS due_at
    FROM operations.deliveries d WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND d.courier_id IS NOT NULL
    AND d.status IN ('assigned', 'accepted', 'pickup_started', 'picked_up', 'in_transit', 'arrived')
    AND d.delivery_latitude IS NOT NULL AND d.delivery_longitude IS NOT NULL";

pub(crate) const PLACE_OF_ZONE: &str = "SELECT boundaries, center_latitude, center_longitude FROM operations.zones
    WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

pub(crate) const DUE_OF: &str = "SELECT min(target_at) FROM operations.sla_tracking WHERE organization_id = $1
    AND delivery_id = $2 AND completed_at IS NULL AND deleted_at IS NULL";

pub(crate) const RULES: &str =
    "SELECT id, rule_name, algorithm, conditions, zones, applies_to_all_zones, starts_at, ends_at,
    days_of_week, max_distance_km, max_courier_load, min_courier_rating FROM operations.dispatch_rules
    WHERE organization_id = $1 AND is_active AND deleted_at IS NULL ORDER BY priority, rule_code";

/// Which delivery.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The delivery that needs a courier.
    delivery_id: Uuid,
}

/// The best courier for a delivery, and three others. The distance is from where a delivery's event last saw the courier in
/// the last twelve hours, or else from the middle of the zone on whose roster he is.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Recommendations {
    delivery_id: Uuid,
    /// Best first, at most four.
    data: Vec<Recommended>,
    /// Couriers of whom nobody knows where they are.
    without_position: usize,
}

/// A courier who could take it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Recommended {
    courier_id: Uuid,
    courier_title: String,
    /// `event` or `zone`.
    position_from: &'static str,
    #[schemars(with = "String")]
    distance_km: Decimal,
    minutes_to_pickup: i64,
    load: i64,
    #[schemars(with = "Option<String>")]
    performance: Option<Decimal>,
    /// Up to 100 for nearness, 50 for room, 50 for performance.
    #[schemars(with = "String")]
    score: Decimal,
    /// The score of 200, from 0 to 1.
    #[schemars(with = "String")]
    confidence: Decimal,
    /// Why, as codes: near, free, good, far, busy.
    reasons: Vec<&'static str>,
}

/// What is known of a courier who could be asked.
struct Known {
    id: Uuid,
    title: String,
    performance: Option<Decimal>,
    position: Option<(Point, &'static str)>,
    zone_id: Option<Uuid>,
    load: i64,
    completed_today: i64,
    last_delivered_at: Option<DateTime<Utc>>,
}

async fn couriers(cx: &mut Cx) -> Result<Vec<Known>, Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let local = now.with_timezone(&cx.time_zone());
    let midnight = now - TimeDelta::seconds(i64::from(chrono::Timelike::num_seconds_from_midnight(&local.time())));
    let rows = sqlx::query(COURIERS)
        .bind(organization_id)
        .bind(now - TimeDelta::hours(POSITION_HOURS))
        .bind(midnight)
        .fetch_all(cx.db())
        .await?;
    let known = |row: &sqlx::postgres::PgRow| -> Result<Known, sqlx::Error> {
        let seen = Point::of(row.try_get("latitude")?, row.try_get("longitude")?).map(|point| (point, "event"));
        let boundaries: Option<Json> = row.try_get("boundaries")?;
        let typed = Point::of(row.try_get("center_latitude")?, row.try_get("center_longitude")?);
        Ok(Known {
            id: row.try_get("id")?,
            title: row.try_get("full_name")?,
            performance: row.try_get("performance_score")?,
            position: seen.or_else(|| middle(boundaries.as_ref(), typed).map(|point| (point, "zone"))),
            zone_id: row.try_get("zone_id")?,
            load: row.try_get("load")?,
            completed_today: row.try_get("completed_today")?,
            last_delivered_at: row.try_get("last_delivered_at")?,
        })
    };
    Ok(rows.iter().map(known).collect::<Result<_, _>>()?)
}

/// Where a delivery begins: its own place, or the middle of its zone.
async fn pickup(cx: &mut Cx, delivery: &Record) -> Result<Point, Problem> {
    let own = Point::of(
        delivery.decimal("pickup_latitude"),
        delivery.decimal("pickup_longitude"),
    );
    if let Some(point) = own {
        return Ok(point);
    }
    let organization_id = cx.organization_id;
    let zone = sqlx::query(PLACE_OF_ZONE)
        .bind(organization_id)
        .bind(delivery.uuid("zone_id"))
        .fetch_optional(cx.db())
        .await?;
    let found = zone.and_then(|zone| {
        let boundaries: Option<Json> = zone.try_get("boundaries").ok()?;
        let typed = Point::of(
            zone.try_get("center_latitude").ok()?,
            zone.try_get("center_longitude").ok()?,
        );
        middle(boundaries.as_ref(), typed)
    });
    found.ok_or_else(|| Problem::refused("delivery_has_no_position"))
}

/// `POST /operations/dispatch/recommend`.
pub(crate) async fn recommend(cx: &mut Cx, asked: Asked) -> Result<Recommendations, Problem> {
    let delivery = load(cx, &DELIVERIES, asked.delivery_id).await?;
    let from = pickup(cx, &delivery).await?;
    let mut without_position = 0;
    let mut found: Vec<(f64, Recommended)> = Vec::new();
    for courier in couriers(cx).await? {
        let Some((position, position_from)) = courier.position else {
            without_position += 1;
            continue;
        };
        if courier.load >= crate::delivery_effects::USUAL_LOAD {
            continue;
        }
        let km = haversine_km(position, from);
        let performance = courier.performance.and_then(|score| score.to_f64());
        let total = engine::recommendation(km, courier.load, performance);
        let reasons = [
            (km <= 3.0, "near"),
            (km > engine::RADIUS_KM, "far"),
            (courier.load <= 2, "free"),
            (courier.load >= 7, "busy"),
            (performance.is_some_and(|score| score >= 80.0), "good"),
        ];
        found.push((
            total,
            Recommended {
                courier_id: courier.id,
                courier_title: courier.title,
                position_from,
                distance_km: rounded(km, 2),
                minutes_to_pickup: engine::way_minutes(km),
                load: courier.load,
                performance: courier.performance,
                score: rounded(total, 2),
                confidence: rounded(engine::confidence(total), 3),
                reasons: reasons
                    .into_iter()
                    .filter(|(is, _)| *is)
                    .map(|(_, reason)| reason)
                    .collect(),
            },
        ));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.courier_id.cmp(&b.1.courier_id)));
    Ok(Recommendations {
        delivery_id: asked.delivery_id,
        data: found.into_iter().take(4).map(|(_, one)| one).collect(),
        without_position,
    })
}

/// Which deliveries the engine should look at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proposing {
    /// The delivery that needs a courier.
    delivery_id: Uuid,
    /// Also ask the best courier at once; otherwise nothing is written.
    assign: Option<bool>,
}

/// What the engine found.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Proposal {
    delivery_id: Uuid,
    /// The rule that was applied, if one fits.
    rule: Option<String>,
    /// Couriers who can do it in time, best first, at most five.
    data: Vec<Proposed>,
    /// The dispatch that was written.
    dispatch_assignment_id: Option<Uuid>,
}

/// A courier, with the order tried in his tour.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Proposed {
    courier_id: Uuid,
    courier_title: String,
    /// Kilometres, distance from 15 orders a day, overload and slim deadlines: the lowest wins.
    #[schemars(with = "String")]
    score: Decimal,
    #[schemars(with = "String")]
    tour_km: Decimal,
    #[schemars(with = "String")]
    distance_to_pickup_km: Decimal,
    /// Fewest minutes before a deadline on the tour.
    #[schemars(with = "String")]
    slack_minutes: Decimal,
    /// Completed today, open, and this one.
    orders: i64,
}

/// What a rule asks of couriers.
pub(crate) struct Limits {
    pub(crate) rule: Option<(Uuid, String)>,
    pub(crate) max_km: f64,
    max_load: i64,
    min_rating: Option<Decimal>,
}

/// Whether a rule is for this delivery at this time.
fn applies(rule: &Json, delivery: &Record, day: &str, time: &str) -> bool {
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let in_zone = rule["applies_to_all_zones"] == true
        || (delivery.has("zone_id") && list(&rule["zones"]).contains(delivery.get("zone_id")));
    let on_day = rule["days_of_week"].is_null() || list(&rule["days_of_week"]).iter().any(|known| known == day);
    let (from, until) = (rule["starts_at"].as_str(), rule["ends_at"].as_str());
    let in_time = match (from, until) {
        // Over midnight.
        (Some(from), Some(until)) if until < from => time >= from || time <= until,
        (from, until) => from.is_none_or(|from| time >= from) && until.is_none_or(|until| time <= until),
    };
    let conditions = rule["conditions"].as_object().into_iter().flatten();
    let fits = conditions.into_iter().all(|(field, wanted)| match wanted {
        Json::Array(words) => words.contains(delivery.get(field)),
        one => one == delivery.get(field),
    });
    in_zone && on_day && in_time && fits
}

async fn limits(cx: &mut Cx, delivery: &Record) -> Result<Limits, Problem> {
    let organization_id = cx.organization_id;
    let local = cx.now.with_timezone(&cx.time_zone());
    let (day, time) = (
        local.format("%A").to_string().to_lowercase(),
        local.format("%H:%M").to_string(),
    );
    let rows = sqlx::query(RULES).bind(organization_id).fetch_all(cx.db()).await?;
    for rule in &rows {
        let text = |name: &str| rule.try_get::<Option<String>, _>(name);
        let json = |name: &str| rule.try_get::<Option<Json>, _>(name);
        let known = json!({
            "applies_to_all_zones": rule.try_get::<bool, _>("applies_to_all_zones")?, "zones": json("zones")?,
            "days_of_week": json("days_of_week")?, "starts_at": text("starts_at")?, "ends_at": text("ends_at")?,
            "conditions": json("conditions")?,
        });
        if applies(&known, delivery, &day, &time) {
            return Ok(Limits {
                rule: Some((rule.try_get("id")?, rule.try_get("rule_name")?)),
                max_km: rule
                    .try_get::<Decimal, _>("max_distance_km")?
                    .to_f64()
                    .unwrap_or(engine::RADIUS_KM),
                max_load: rule.try_get("max_courier_load")?,
                min_rating: rule.try_get("min_courier_rating")?,
            });
        }
    }
    usual_limits(cx).await
}

/// What holds where no rule fits.
pub(crate) async fn usual_limits(cx: &mut Cx) -> Result<Limits, Problem> {
    let most = setting(cx, "max_concurrent_deliveries")
        .await?
        .and_then(|number| number.to_i64());
    Ok(Limits {
        rule: None,
        max_km: engine::RADIUS_KM,
        max_load: most.unwrap_or(crate::delivery_effects::USUAL_LOAD),
        min_rating: None,
    })
}

/// Performance is out of a hundred, ratings out of five.
fn is_rated(performance: Option<Decimal>, least: Option<Decimal>) -> bool {
    least.is_none_or(|least| performance.is_some_and(|score| score / Decimal::from(20) >= least))
}

pub(crate) async fn candidates(
    cx: &mut Cx,
    limits: &Limits,
) -> Result<(Vec<Candidate>, HashMap<Uuid, String>), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    let rows = sqlx::query(OPEN_ORDERS)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    let mut orders: HashMap<Uuid, Vec<Order>> = HashMap::new();
    for row in &rows {
        let status: String = row.try_get("status")?;
        let Some(drop) = Point::of(row.try_get("delivery_latitude")?, row.try_get("delivery_longitude")?) else {
            continue;
        };
        let in_bag = matches!(status.as_str(), "picked_up" | "in_transit" | "arrived");
        let pickup = Point::of(row.try_get("pickup_latitude")?, row.try_get("pickup_longitude")?);
        orders.entry(row.try_get("courier_id")?).or_default().push(Order {
            pickup: pickup.filter(|_| !in_bag),
            drop,
            due_minutes: minutes_until(now, row.try_get("due_at")?),
        });
    }
    let (mut found, mut titles) = (Vec::new(), HashMap::new());
    for courier in couriers(cx)
        .await?
        .into_iter()
        .filter(|courier| is_rated(courier.performance, limits.min_rating))
    {
        let Some((position, _)) = courier.position else {
            continue;
        };
        titles.insert(courier.id, courier.title);
        found.push(Candidate {
            id: courier.id,
            position,
            zone_id: courier.zone_id,
            orders: orders.remove(&courier.id).unwrap_or_default(),
            load: courier.load,
            completed_today: courier.completed_today,
            idle_minutes: courier
                .last_delivered_at
                .map_or(i64::MAX, |last| (now - last).num_minutes()),
            max_load: limits.max_load,
        });
    }
    Ok((found, titles))
}

fn minutes_until(now: DateTime<Utc>, at: DateTime<Utc>) -> f64 {
    f64::from(i32::try_from((at - now).num_seconds()).unwrap_or(i32::MAX)) / 60.0
}

/// A delivery as the engine sees it: due as promised, as its clock says, or four hours after the order.
pub(crate) async fn order_of(cx: &mut Cx, id: Uuid, delivery: &Record) -> Result<Order, Problem> {
    let from = pickup(cx, delivery).await?;
    let drop = Point::of(
        delivery.decimal("delivery_latitude"),
        delivery.decimal("delivery_longitude"),
    )
    .unwrap_or(from);
    let organization_id = cx.organization_id;
    let clock: Option<DateTime<Utc>> = sqlx::query_scalar(DUE_OF)
        .bind(organization_id)
        .bind(id)
        .fetch_one(cx.db())
        .await?;
    let ordered = delivery
        .instant("ordered_at")
        .or_else(|| delivery.instant("created_at"))
        .unwrap_or(cx.now);
    let due = delivery
        .instant("scheduled_delivery_at")
        .or(clock)
        .unwrap_or_else(|| ordered + TimeDelta::hours(USUAL_SLA_HOURS));
    Ok(Order {
        pickup: Some(from),
        drop,
        due_minutes: minutes_until(cx.now, due),
    })
}

/// `POST /operations/dispatch/propose`.
pub(crate) async fn propose(cx: &mut Cx, asked: Proposing) -> Result<Proposal, Problem> {
    let delivery = load(cx, &DELIVERIES, asked.delivery_id).await?;
    if !matches!(delivery.text("status"), Some("pending" | "failed")) {
        return Err(Problem::refused("delivery_not_open"));
    }
    let order = order_of(cx, asked.delivery_id, &delivery).await?;
    let limits = limits(cx, &delivery).await?;
    let (candidates, titles) = candidates(cx, &limits).await?;
    let fits = engine::fits(&candidates, &order, delivery.uuid("zone_id"), limits.max_km);
    let mut written = None;
    if asked.assign == Some(true) {
        let best = fits.first().ok_or_else(|| Problem::refused("no_courier_fits"))?;
        written = Some(ask(cx, asked.delivery_id, &delivery, best, &limits).await?);
    }
    let proposed = |fit: &Fit| Proposed {
        courier_id: fit.courier,
        courier_title: titles.get(&fit.courier).cloned().unwrap_or_default(),
        score: rounded(fit.score, 2),
        tour_km: rounded(fit.tour_km, 2),
        distance_to_pickup_km: rounded(fit.pickup_km, 2),
        slack_minutes: rounded(fit.slack_minutes, 1),
        orders: fit.orders,
    };
    Ok(Proposal {
        delivery_id: asked.delivery_id,
        rule: limits.rule.map(|(_, name)| name),
        data: fits.iter().take(5).map(proposed).collect(),
        dispatch_assignment_id: written,
    })
}

/// Writes the dispatch and asks the courier; the rule counts it.
pub(crate) async fn ask(
    cx: &mut Cx,
    id: Uuid,
    delivery: &Record,
    best: &Fit,
    limits: &Limits,
) -> Result<Uuid, Problem> {
    let minutes = best.tour_km / engine::TOUR_KM_PER_H * 60.0;
    let dispatch = json!({
        "delivery_id": id, "zone_id": delivery.get("zone_id"), "priority": delivery.get("priority"),
        "assignment_algorithm": "engine", "distance_to_pickup_km": rounded(best.pickup_km, 2).to_string(),
        "estimated_time_minutes": rounded(minutes.ceil(), 0).to_i64(), "courier_current_load": best.orders,
        "courier_max_capacity": limits.max_load,
    });
    let dispatch = create(cx, &DISPATCH_ASSIGNMENTS, row(dispatch)).await?;
    let dispatch = own_id(&dispatch)?;
    act(
        cx,
        &DISPATCH_ASSIGNMENTS,
        dispatch,
        "assign",
        row(json!({"courier_id": best.courier})),
    )
    .await?;
    if let Some((rule, _)) = limits.rule {
        let counted = load(cx, &DISPATCH_RULES, rule).await?;
        let plus = |field: &str| counted.integer(field).unwrap_or(0) + 1;
        let change = json!({"times_triggered": plus("times_triggered"), "successful_assignments": plus("successful_assignments")});
        platform_engine::change(cx, &DISPATCH_RULES, rule, "apply", row(change)).await?;
    }
    Ok(dispatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_look_at_zone_day_time_and_delivery() {
        let zone = "00000000-0000-0000-0000-00000000000a";
        let other = "00000000-0000-0000-0000-000000000001";
        let delivery = Record(
            json!({"zone_id": zone, "priority": "urgent"})
                .as_object()
                .cloned()
                .expect("an object"),
        );
        let base = json!({"applies_to_all_zones": true, "zones": null, "days_of_week": null, "starts_at": null,
                          "ends_at": null, "conditions": null});
        let rule = |changes: Json| {
            let mut rule = base.clone();
            for (key, value) in changes.as_object().expect("an object") {
                rule[key] = value.clone();
            }
            applies(&rule, &delivery, "sunday", "23:30")
        };
        assert!(rule(json!({})));
        assert!(rule(json!({"applies_to_all_zones": false, "zones": [zone]})));
        assert!(
            !rule(json!({"applies_to_all_zones": false, "zones": [other]})),
            "1 is not 10"
        );
        assert!(rule(json!({"days_of_week": ["sunday"]})) && !rule(json!({"days_of_week": ["monday"]})));
        assert!(rule(json!({"starts_at": "22:00", "ends_at": "02:00"})), "over midnight");
        assert!(!rule(json!({"starts_at": "08:00", "ends_at": "22:00"})));
        assert!(rule(json!({"conditions": {"priority": ["urgent", "high"]}})));
        assert!(!rule(json!({"conditions": {"priority": ["low"]}})));
        assert!(is_rated(Some(Decimal::from(80)), Some(Decimal::from(4))) && !is_rated(None, Some(Decimal::ONE)));
    }
}
