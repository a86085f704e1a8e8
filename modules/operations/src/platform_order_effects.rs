//! Orders of delivery platforms become deliveries, where the organization wants that: one delivery for each order, moved to where
//! the platform says that the order is. Delivered twice, an event finds its work done.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Event, Problem};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::DELIVERIES;
use crate::rows::{amount, own_id, row};

/// An order that is to be a delivery; $2 the order.
pub(crate) const ORDER: &str = "SELECT o.platform, o.platform_order_id, o.status, o.platform_status, o.courier_id,
        o.pickup_address, o.pickup_lat, o.pickup_lon, o.pickup_contact, o.pickup_phone, o.dropoff_address, o.dropoff_lat,
        o.dropoff_lon, o.customer_name, o.customer_phone, o.total_amount, o.delivery_fee, o.cod_amount, o.items_count,
        o.distance_km, o.ordered_at, o.failure_reason
    FROM integrations.platform_order_facts o
    WHERE o.organization_id = $1 AND o.id = $2 AND o.deleted_at IS NULL AND o.makes_deliveries";

/// Its delivery; $2 the platform as deliveries name it, $3 the platform's id of the order.
pub(crate) const DELIVERY: &str = "SELECT d.id, d.status FROM operations.deliveries d
    WHERE d.organization_id = $1 AND d.platform = $2 AND d.platform_order_id = $3 AND d.deleted_at IS NULL
    ORDER BY d.id LIMIT 1";

/// The steps of a delivery that goes well, each with the state that it leads to.
const WAY: [(&str, &str); 7] = [
    ("assign", "assigned"),
    ("accept", "accepted"),
    ("start_pickup", "pickup_started"),
    ("pick_up", "picked_up"),
    ("depart", "in_transit"),
    ("arrive", "arrived"),
    ("deliver", "delivered"),
];

/// The steps from a delivery's state to where an order is; none when it is there, or over.
fn steps(from: &str, order: &str) -> Vec<&'static str> {
    let place = |state: &str| WAY.iter().position(|(_, to)| *to == state).map_or(0, |place| place + 1);
    let here = match from {
        "pending" => 0,
        "delivered" | "returned" | "cancelled" => return Vec::new(),
        "failed" => {
            return if order == "returned" {
                vec!["return_to_sender"]
            } else {
                Vec::new()
            };
        }
        state => place(state),
    };
    let until =
        |last: &str| -> Vec<&'static str> { WAY.iter().take(place(last)).skip(here).map(|(step, _)| *step).collect() };
    match order {
        "assigned" => until("assigned"),
        "picked_up" => until("picked_up"),
        "in_transit" => until("in_transit"),
        "delivered" => until("delivered"),
        // On the way it can only fail.
        "cancelled" if here < place("picked_up") => vec!["cancel"],
        "failed" if here == 0 => vec!["cancel"],
        "failed" | "cancelled" => [until("arrived"), vec!["fail"]].concat(),
        "returned" => [until("arrived"), vec!["fail", "return_to_sender"]].concat(),
        _ => Vec::new(),
    }
}

/// A platform as deliveries name it.
fn platform(order: &str) -> &str {
    match order {
        "hungerstation" => "hunger",
        "spl" => "spl_ds",
        other => other,
    }
}

/// A listener: a platform said something of an order.
pub(crate) async fn heard(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let found = sqlx::query(ORDER)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_optional(cx.db())
        .await?;
    let Some(order) = found else { return Ok(()) };
    let name: String = order.try_get("platform")?;
    let number: String = order.try_get("platform_order_id")?;
    let delivery = sqlx::query(DELIVERY)
        .bind(cx.organization_id)
        .bind(platform(&name))
        .bind(&number)
        .fetch_optional(cx.db())
        .await?;
    let status: String = order.try_get("status")?;
    let (id, from) = match delivery {
        Some(row) => (row.try_get("id")?, row.try_get::<String, _>("status")?),
        // One that is over before it began here never was ours to deliver.
        None if matches!(status.as_str(), "cancelled" | "failed" | "returned") => return Ok(()),
        None => match made(cx, &order, platform(&name), &number).await? {
            Some(id) => (id, "pending".to_owned()),
            None => return Ok(()),
        },
    };
    for step in steps(&from, &status) {
        if !take(cx, id, step, inputs(step, &order)?).await? {
            break;
        }
    }
    Ok(())
}

/// A delivery of the order; none while the platform has not said from where to where.
async fn made(cx: &mut Cx, order: &PgRow, platform: &str, number: &str) -> Result<Option<Uuid>, Problem> {
    let text = |column: &str| order.try_get::<Option<String>, _>(column);
    let (Some(from), Some(to)) = (text("pickup_address")?, text("dropoff_address")?) else {
        return Ok(None);
    };
    let short = |text: String| text.chars().take(500).collect::<String>();
    let decimal = |column: &str| {
        order
            .try_get::<Option<Decimal>, _>(column)
            .map(|number| number.map(|number| number.to_string()))
    };
    let money = |column: &str| order.try_get::<Option<i64>, _>(column).map(|minor| minor.map(amount));
    let ordered_at: Option<DateTime<Utc>> = order.try_get("ordered_at")?;
    let delivery = row(json!({
        "platform": platform, "platform_order_id": number, "platform_status": text("platform_status")?.map(|word| word.chars().take(50).collect::<String>()),
        "ordered_at": ordered_at, "customer_name": text("customer_name")?, "customer_phone": text("customer_phone")?,
        "sender_name": text("pickup_contact")?, "sender_phone": text("pickup_phone")?,
        "pickup_address": short(from), "pickup_latitude": decimal("pickup_lat")?, "pickup_longitude": decimal("pickup_lon")?,
        "delivery_address": short(to), "delivery_latitude": decimal("dropoff_lat")?,
        "delivery_longitude": decimal("dropoff_lon")?, "distance_km": decimal("distance_km")?,
        "order_total": money("total_amount")?, "cod_amount": money("cod_amount")?, "delivery_fee": money("delivery_fee")?,
        "items_count": order.try_get::<Option<i64>, _>("items_count")?,
    }));
    let record = platform_engine::create(cx, &DELIVERIES, delivery).await?;
    own_id(&record).map(Some)
}

/// What a step needs: the platform's word stands for what a courier of ours would have shown.
fn inputs(step: &str, order: &PgRow) -> Result<Map<String, Json>, Problem> {
    let reason: Option<String> = order.try_get("failure_reason")?;
    let reason = reason.unwrap_or_else(|| order.try_get("platform").unwrap_or_default());
    let cash: Option<i64> = order.try_get("cod_amount")?;
    let courier: Option<Uuid> = order.try_get("courier_id")?;
    let customer: Option<String> = order.try_get("customer_name")?;
    let name: String = order.try_get("platform")?;
    Ok(row(match step {
        "assign" => json!({"courier_id": courier}),
        "deliver" => json!({
            "receiver_type": "customer", "receiver_name": customer.unwrap_or(name),
            "cash_collected": cash.map(amount),
        }),
        "fail" => json!({"failure_reason": "other", "status_reason": reason}),
        "cancel" | "return_to_sender" => json!({"status_reason": reason}),
        _ => json!({}),
    }))
}

/// Takes a step; false where the delivery's own rules refuse it: a dispatcher sees both and decides.
async fn take(cx: &mut Cx, id: Uuid, step: &str, inputs: Map<String, Json>) -> Result<bool, Problem> {
    sqlx::raw_sql("SAVEPOINT platform_order").execute(cx.db()).await?;
    match platform_engine::act(cx, &DELIVERIES, id, step, inputs).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(_) => {
            sqlx::raw_sql("ROLLBACK TO SAVEPOINT platform_order")
                .execute(cx.db())
                .await?;
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_goes_where_its_order_is() {
        let table: [(&str, &str, &[&str]); 14] = [
            ("pending", "pending", &[]),
            ("pending", "assigned", &["assign"]),
            ("pending", "picked_up", &["assign", "accept", "start_pickup", "pick_up"]),
            ("accepted", "in_transit", &["start_pickup", "pick_up", "depart"]),
            ("in_transit", "delivered", &["arrive", "deliver"]),
            ("in_transit", "picked_up", &[]),
            ("assigned", "cancelled", &["cancel"]),
            ("picked_up", "cancelled", &["depart", "arrive", "fail"]),
            ("pending", "failed", &["cancel"]),
            ("arrived", "failed", &["fail"]),
            ("failed", "returned", &["return_to_sender"]),
            ("arrived", "returned", &["fail", "return_to_sender"]),
            ("delivered", "cancelled", &[]),
            ("cancelled", "delivered", &[]),
        ];
        for (from, order, expected) in table {
            assert_eq!(steps(from, order), expected, "{from} {order}");
        }
    }
}
