//! Orders of platforms, trackers and places of a company of a demonstration.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::{GEOFENCES, GPS_DEVICES, PLACEMARKS, PLATFORM_ORDER_EVENTS, PLATFORM_ORDERS};

type Rows = Vec<Map<String, Json>>;

pub(crate) const COURIERS: &str = "SELECT c.id, c.barq_id FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status = 'active' ORDER BY c.barq_id";
pub(crate) const VEHICLES: &str = "SELECT v.id FROM fleet.vehicle_facts v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired'
    ORDER BY coalesce(v.internal_number, v.plate_number)";

fn row(json: Json) -> Map<String, Json> {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Stores it for the organization of the context; `scale` multiplies the number of orders.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let couriers = sqlx::query(COURIERS)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let couriers: Vec<(Uuid, String)> = couriers
        .iter()
        .map(|row| Ok((row.try_get("id")?, row.try_get("barq_id")?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let vehicles: Vec<Uuid> = sqlx::query_scalar(VEHICLES)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let fences = platform_engine::create_many(cx, &GEOFENCES, fences()).await?;
    platform_engine::create_many(cx, &PLACEMARKS, marks(&fences)).await?;
    let trackers = trackers(cx, &vehicles);
    if !trackers.is_empty() {
        platform_engine::create_many(cx, &GPS_DEVICES, trackers).await?;
    }
    if couriers.is_empty() {
        return Ok(());
    }
    let orders: Vec<Order> = (0..120 * u64::from(scale.clamp(1, 50)))
        .map(|number| Order::new(cx.now, number, &couriers))
        .collect();
    let ids = platform_engine::create_many(cx, &PLATFORM_ORDERS, orders.iter().map(Order::row).collect()).await?;
    let events = orders
        .iter()
        .zip(ids)
        .flat_map(|(order, id)| order.events(id))
        .collect();
    platform_engine::create_many(cx, &PLATFORM_ORDER_EVENTS, events).await?;
    Ok(())
}

/// An order that is not stored yet.
struct Order {
    number: u64,
    platform: &'static str,
    courier: Uuid,
    driver: String,
    at: DateTime<Utc>,
    status: &'static str,
}

/// Words of a platform on the way of an order, with minutes since it was ordered.
const WAY: [(&str, &str, i64); 4] = [
    ("accepted", "assigned", 3),
    ("picked_up", "picked_up", 14),
    ("in_transit", "in_transit", 16),
    ("delivered", "delivered", 33),
];

impl Order {
    fn new(now: DateTime<Utc>, number: u64, couriers: &[(Uuid, String)]) -> Self {
        let place = usize::try_from(number * 7 % couriers.len() as u64).unwrap_or_default();
        let (courier, driver) = couriers[place].clone();
        let minutes = i64::try_from(number * 347 % 43_200).unwrap_or_default() + 30;
        let status = match number % 17 {
            3 => "cancelled",
            9 => "failed",
            _ if minutes < 40 => "in_transit",
            _ => "delivered",
        };
        Self {
            number,
            platform: ["jahez", "barq", "saned"][usize::try_from(number % 3).unwrap_or_default()],
            courier,
            driver,
            at: now - TimeDelta::minutes(minutes),
            status,
        }
    }

    fn after(&self, minutes: i64) -> String {
        written(self.at + TimeDelta::minutes(minutes))
    }

    fn row(&self) -> Map<String, Json> {
        let total = 35 + self.number % 90;
        let cash = self.number.is_multiple_of(4);
        let is = |status: &str| self.status == status;
        let on_the_way = is("delivered") || is("in_transit") || is("failed");
        row(
            json!({"platform": self.platform, "platform_order_id": format!("{}{:06}", self.platform.to_uppercase(), 410_000 + self.number),
            "status": self.status, "platform_status": self.status, "courier_id": self.courier,
            "platform_driver_id": self.driver, "order_type": "food", "ordered_at": self.after(0),
            "picked_up_at": on_the_way.then(|| self.after(14)), "delivered_at": is("delivered").then(|| self.after(33)),
            "last_event_at": self.after(33), "total_amount": format!("{total}.00"), "delivery_fee": "14.00",
            "payment_method": if cash { "cash" } else { "prepaid" },
            "cod_amount": cash.then(|| format!("{total}.00")), "items_count": 1 + self.number % 5,
            "distance_km": format!("{}.{}", 2 + self.number % 9, self.number % 10),
            "failure_reason": is("failed").then_some("The customer did not answer.")}),
        )
    }

    fn events(&self, id: Uuid) -> Rows {
        let event = |word: &str, status: &str, minutes: i64| {
            let at = self.after(minutes);
            row(
                json!({"platform_order_id": id, "platform_status": word, "status": status, "is_applied": true,
                "occurred_at": at, "received_at": at, "event_key": format!("{word}@{at}")}),
            )
        };
        match self.status {
            "delivered" => WAY
                .iter()
                .map(|(word, status, minutes)| event(word, status, *minutes))
                .collect(),
            "in_transit" => WAY[..3]
                .iter()
                .map(|(word, status, minutes)| event(word, status, *minutes))
                .collect(),
            "failed" => {
                let mut events: Rows = WAY[..3]
                    .iter()
                    .map(|(word, status, minutes)| event(word, status, *minutes))
                    .collect();
                events.push(event("failed", "failed", 33));
                events
            }
            other => vec![event(other, other, 5)],
        }
    }
}

fn trackers(cx: &Cx, vehicles: &[Uuid]) -> Rows {
    let tracker = |(place, vehicle): (u32, &Uuid)| {
        let seen = cx.now - TimeDelta::minutes(i64::from(place % 90));
        row(
            json!({"device_number": format!("TRK-{place:04}"), "provider": "machinestalk", "model": "MT-4G",
            "imei": format!("35{:013}", 4_000_000_000_000_u64 + u64::from(place)), "status": "installed",
            "vehicle_id": vehicle, "installed_on": cx.today(), "last_seen_at": written(seen)}),
        )
    };
    let mut rows: Rows = (1..).zip(vehicles).map(tracker).collect();
    rows.push(row(
        json!({"device_number": "TRK-9001", "provider": "machinestalk", "model": "MT-4G", "status": "in_stock"}),
    ));
    rows.push(row(
        json!({"device_number": "TRK-9002", "provider": "machinestalk", "model": "MT-3G", "status": "faulty",
        "fault_description": "No signal for two days."}),
    ));
    rows
}

fn fences() -> Rows {
    [
        ("Main depot", "depot", "24.6877", "46.7219", 400),
        ("North hub", "depot", "24.8103", "46.6231", 350),
        ("Couriers' housing", "housing", "24.6405", "46.7728", 300),
        ("Airport road", "forbidden", "24.9576", "46.6988", 2500),
    ]
    .into_iter()
    .map(|(name, purpose, lat, lon, radius_m)| {
        row(
            json!({"name": name, "purpose": purpose, "shape": "circle", "center_lat": lat, "center_lon": lon,
            "radius_m": radius_m, "alerts_on_enter": purpose == "forbidden", "alerts_on_exit": purpose == "depot"}),
        )
    })
    .collect()
}

fn marks(fences: &[Uuid]) -> Rows {
    [
        ("Main depot", "warehouse", "24.6877", "46.7219", Some(0)),
        ("North hub", "warehouse", "24.8103", "46.6231", Some(1)),
        ("Workshop", "workshop", "24.6512", "46.8101", None),
        (
            "Fuel station on the ring road",
            "fuel_station",
            "24.7601",
            "46.6412",
            None,
        ),
        ("Kitchens of Olaya", "restaurant", "24.6948", "46.6801", None),
        ("Couriers' housing", "housing", "24.6405", "46.7728", Some(2)),
    ]
    .into_iter()
    .map(|(name, category, lat, lon, fence): (_, _, _, _, Option<usize>)| {
        row(
            json!({"name": name, "category": category, "lat": lat, "lon": lon, "city": "Riyadh",
            "geofence_id": fence.map(|place| fences[place])}),
        )
    })
    .collect()
}
