//! A believable month of operations for demonstrations: zones, deliveries of every state with their events, proofs, clocks and
//! cash, and what else a company of couriers has to do with. The same couriers and day make the same month. Time is moved back
//! in the context while the past is written, so that rows, numbers and ledger carry the days on which they happened.

mod days;
mod people;
mod rest;
mod today;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use platform_engine::{create, create_many};
use platform_resource::Resource;
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::rows::{own_id, row};
use crate::{
    DISPATCH_RULES, NOTIFICATION_SETTINGS, OPERATIONS_SETTINGS, SLA_DEFINITIONS, SLA_THRESHOLDS, ZONE_COURIERS,
    ZONE_DEFAULTS, ZONES,
};

pub(crate) const COURIERS: &str = "SELECT f.id, f.full_name, f.city, (SELECT a.vehicle_id FROM fleet.assignment_facts a
        WHERE a.organization_id = $1 AND a.courier_id = f.id AND a.status = 'active' AND a.deleted_at IS NULL LIMIT 1) AS vehicle_id
    FROM fleet.courier_facts f
    WHERE f.organization_id = $1 AND f.status = 'active' AND f.deleted_at IS NULL ORDER BY f.barq_id LIMIT 60";

/// A courier with his vehicle.
#[derive(Clone, Debug)]
struct Courier {
    id: Uuid,
    vehicle_id: Option<Uuid>,
}

/// Numbers that look random and are the same for the same seed.
struct Draw(u64);

impl Draw {
    /// From 0 to below `count`.
    fn below(&mut self, count: usize) -> usize {
        // Knuth's multiplier and increment; the high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % count.max(1)
    }

    fn from(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(usize::try_from(high - low + 1).unwrap_or(1))).unwrap_or(0)
    }

    fn percent(&mut self, often: usize) -> bool {
        self.below(100) < often
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// What the parts of the month share.
struct Month {
    couriers: Vec<Courier>,
    zones: Vec<(Uuid, people::District)>,
    threshold: Uuid,
    words: &'static people::Words,
    now: DateTime<Utc>,
    draw: Draw,
    scale: usize,
}

impl Month {
    /// Some time of a day, in minutes after seven in the morning at home.
    fn at(&self, day: NaiveDate, minutes: i64) -> DateTime<Utc> {
        // Seven o'clock in Riyadh.
        let seven = day.and_hms_opt(4, 0, 0).map_or(self.now, |time| time.and_utc());
        (seven + TimeDelta::minutes(minutes)).min(self.now)
    }

    fn courier(&mut self) -> Courier {
        let place = self.draw.below(self.couriers.len());
        self.couriers[place].clone()
    }

    fn ago(&self, days: u64) -> NaiveDate {
        let today = self.now.date_naive();
        today.checked_sub_days(Days::new(days)).unwrap_or(today)
    }
}

/// Writes rows and returns their ids.
async fn many(cx: &mut Cx, resource: &'static Resource, rows: Vec<Json>) -> Result<Vec<Uuid>, Problem> {
    create_many(cx, resource, rows.into_iter().map(row).collect()).await
}

/// A month of operations, `scale` times as busy as a quiet one. Without couriers there is nothing to show.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let found = sqlx::query(COURIERS).bind(organization_id).fetch_all(cx.db()).await?;
    let mut couriers = Vec::with_capacity(found.len());
    let mut is_arabic = false;
    for courier in &found {
        let city: Option<String> = courier.try_get("city")?;
        is_arabic |= city.is_some_and(|city| !city.is_ascii());
        couriers.push(Courier {
            id: courier.try_get("id")?,
            vehicle_id: courier.try_get("vehicle_id")?,
        });
    }
    if couriers.len() < 2 {
        return Ok(());
    }
    let now = cx.now;
    let words = if is_arabic { &people::ARABIC } else { &people::ENGLISH };
    let mut month = Month {
        zones: zones(cx, words, &couriers).await?,
        threshold: settings(cx, words).await?,
        couriers,
        words,
        now,
        draw: Draw(if is_arabic { 7 } else { 8 }),
        scale: usize::try_from(scale.clamp(1, 50)).unwrap_or(1),
    };
    days::days(cx, &mut month).await?;
    cx.now = now;
    today::today(cx, &mut month).await?;
    cx.now = now;
    rest::rest(cx, &mut month).await?;
    cx.now = now;
    Ok(())
}

/// Squares of a few kilometres around the middle of each district, and couriers on their rosters.
async fn zones(
    cx: &mut Cx,
    words: &people::Words,
    couriers: &[Courier],
) -> Result<Vec<(Uuid, people::District)>, Problem> {
    let since = cx.today().checked_sub_days(Days::new(60)).unwrap_or(cx.today());
    let rows = words.districts.iter().enumerate().map(|(number, district)| {
        let (north, east) = (district.latitude, district.longitude);
        let corner = |up: f64, right: f64| json!([east + right, north + up]);
        let (down, up) = (-0.022, 0.022);
        json!({
            "zone_code": format!("Z{:02}", number + 1), "zone_name": district.name, "city": words.city,
            "district": district.name, "priority_level": 1 + number % 5, "max_couriers": 20,
            "service_fee": format!("{}.00", 8 + number), "base_delivery_fee": "12.00", "peak_hour_multiplier": "1.50",
            "business_density": (["high", "medium", "low"][number % 3]),
            "boundaries": {"type": "Polygon", "coordinates": [[corner(down, down), corner(down, up), corner(up, up),
                corner(up, down), corner(down, down)]]},
        })
    });
    let ids = many(cx, &ZONES, rows.collect()).await?;
    let roster = couriers.iter().enumerate().filter(|(number, _)| number % 7 != 6).map(
        |(number, courier)| json!({"zone_id": ids[number % ids.len()], "courier_id": courier.id, "started_on": since}),
    );
    many(cx, &ZONE_COURIERS, roster.collect()).await?;
    Ok(ids.into_iter().zip(words.districts.iter().copied()).collect())
}

/// Settings, rules, promises and the threshold by which deliveries are measured.
async fn settings(cx: &mut Cx, words: &people::Words) -> Result<Uuid, Problem> {
    let templates = [("CITY", words.inner, 10, true), ("OUTER", words.outer, 6, false)];
    let templates = templates.map(|(code, name, most, is_default)| {
        json!({"default_code": code, "default_name": name, "default_max_couriers": most, "is_default": is_default,
               "default_service_fee": "9.00"})
    });
    many(cx, &ZONE_DEFAULTS, templates.to_vec()).await?;
    let number = |key: &str, group: &str, value: &str| {
        json!({"setting_key": key, "setting_name": key.replace('_', " "), "setting_group": group, "value_type": "number",
               "number_value": value, "min_value": "0", "is_system": true})
    };
    let values = vec![
        number("max_concurrent_deliveries", "dispatch", "10"),
        number("default_delivery_radius_km", "dispatch", "7"),
        number("cod_cash_limit", "cod", "3000"),
        json!({"setting_key": "auto_dispatch_enabled", "setting_name": "auto dispatch", "setting_group": "dispatch",
               "value_type": "boolean", "boolean_value": false}),
    ];
    many(cx, &OPERATIONS_SETTINGS, values).await?;
    let heard = |code: &str, event: &str, roles: &[&str]| json!({"setting_code": code, "setting_name": event, "event_type": event, "notify_roles": roles});
    let notifications = vec![
        heard("SLA", "operations.sla_tracking.breach", &["dispatcher"]),
        heard("INC", "operations.incidents.created", &["fleet_manager", "dispatcher"]),
        heard("COD", "operations.cod_deposits.submit", &["finance"]),
        heard("FB", "operations.customer_feedbacks.escalate", &["support_agent"]),
    ];
    many(cx, &NOTIFICATION_SETTINGS, notifications).await?;
    let rules = vec![
        json!({"rule_code": "URGENT", "rule_name": words.urgent, "priority": 10, "algorithm": "nearest",
               "conditions": {"priority": ["urgent", "high"]}, "max_distance_km": "10", "max_courier_load": 6}),
        json!({"rule_code": "NIGHT", "rule_name": words.night, "priority": 50, "algorithm": "load_balanced",
               "starts_at": "22:00", "ends_at": "02:00", "max_courier_load": 8}),
        json!({"rule_code": "USUAL", "rule_name": words.usual, "priority": 100, "max_courier_load": 8}),
    ];
    many(cx, &DISPATCH_RULES, rules).await?;
    let promises = vec![
        json!({"sla_code": "DELIVERY", "sla_name": words.delivery_promise, "sla_type": "delivery_time", "target_value": "60",
               "warning_threshold": "45", "critical_threshold": "90", "priority": "high", "penalty_per_breach": "50"}),
        json!({"sla_code": "QUALITY", "sla_name": words.quality_promise, "sla_type": "quality_score", "target_value": "85",
               "unit_of_measure": "percent", "measurement_period": "monthly"}),
    ];
    many(cx, &SLA_DEFINITIONS, promises).await?;
    let threshold = json!({"threshold_code": "STANDARD", "threshold_name": words.delivery_promise, "sla_type": "delivery_time",
        "target_minutes": 60, "warning_minutes": 45, "critical_minutes": 90, "penalty_amount": "50"});
    own_id(&create(cx, &SLA_THRESHOLDS, row(threshold)).await?)
}
