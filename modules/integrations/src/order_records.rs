//! Orders as plugins hand them over, as news of orders here.

use platform_core::{Cx, Problem};
use platform_plugin_host::records::{Amount, Order, OrderKind, OrderStatus as Said, OrderUpdate, Payment, Point, Stop};
use platform_resource::Kind;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::order_events::{News, learn, platform, written};
use crate::platform_statuses::OrderStatus;

/// What a plugin's word means here; none when it says that it does not know.
const fn meaning(said: Said) -> Option<OrderStatus> {
    match said {
        Said::Pending | Said::Accepted | Said::Ready => Some(OrderStatus::Pending),
        Said::Assigned | Said::AtPickup => Some(OrderStatus::Assigned),
        Said::PickedUp => Some(OrderStatus::PickedUp),
        Said::InTransit | Said::AtDropoff => Some(OrderStatus::InTransit),
        Said::Delivered => Some(OrderStatus::Delivered),
        Said::Failed => Some(OrderStatus::Failed),
        Said::Cancelled => Some(OrderStatus::Cancelled),
        Said::Returned => Some(OrderStatus::Returned),
        Said::Other => None,
    }
}

/// Minor units as the text of an amount.
pub(crate) fn major(minor: i64) -> String {
    Decimal::new(minor, 2).to_string()
}

fn amount(amount: Option<&Amount>) -> Json {
    // Less than nothing is no amount of an order.
    amount
        .filter(|amount| amount.minor >= 0)
        .map_or(Json::Null, |amount| json!(major(amount.minor)))
}

fn degrees(e7: i32) -> String {
    Decimal::new(e7.into(), 7).normalize().to_string()
}

/// A number that can be called; what the platform wrote is in the raw message either way.
fn phone(text: Option<&String>) -> Json {
    let parsed = text.and_then(|text| Kind::Phone.parse_text(text).ok());
    parsed.map_or(Json::Null, |value| value.to_json(Kind::Phone))
}

fn stop(change: &mut Map<String, Json>, at: Option<&Stop>, names: [&str; 5]) {
    let Some(stop) = at else { return };
    let place = |pick: fn(&Point) -> i32| stop.location.as_ref().map(|point| degrees(pick(point)));
    for (name, value) in names.into_iter().zip([
        json!(stop.address),
        json!(place(|point| point.lat_e7)),
        json!(place(|point| point.lon_e7)),
        json!(stop.name),
        phone(stop.phone.as_ref()),
    ]) {
        change.insert(name.to_owned(), value);
    }
}

const fn kind(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Food => "food",
        OrderKind::Grocery => "grocery",
        OrderKind::Parcel => "parcel",
        OrderKind::Pharmacy => "pharmacy",
        OrderKind::Other => "other",
    }
}

/// A platform that is not among ours is another one; its name stays in the raw message.
fn named(given: &str) -> &'static str {
    platform(given).unwrap_or("other")
}

/// Facts of an order that are told; what is not told stays as it was.
fn facts(order: &Order) -> Map<String, Json> {
    let mut change = Map::new();
    let is_cash = order.payment == Some(Payment::Cash);
    let cash = order
        .cash_to_collect
        .as_ref()
        .or(order.total.as_ref().filter(|_| is_cash));
    for (name, value) in [
        (
            "tracking_number",
            json!(order.tracking_number.as_ref().or(order.display_id.as_ref())),
        ),
        ("total_amount", amount(order.total.as_ref())),
        ("delivery_fee", amount(order.delivery_fee.as_ref())),
        ("cod_amount", amount(cash)),
        ("payment_method", json!(order.payment.map(Payment::as_str))),
        ("ordered_at", json!(order.placed_at.map(written))),
        ("failure_reason", json!(order.reason)),
        (
            "items_count",
            json!(
                (!order.items.is_empty()).then(|| order
                    .items
                    .iter()
                    .map(|item| item.quantity)
                    .sum::<u32>()
                    .min(10_000))
            ),
        ),
        (
            "distance_km",
            json!(
                order
                    .distance_m
                    .map(|m| Decimal::new(m.into(), 3).round_dp(2).to_string())
            ),
        ),
    ] {
        change.insert(name.to_owned(), value);
    }
    stop(
        &mut change,
        order.pickup.as_ref(),
        [
            "pickup_address",
            "pickup_lat",
            "pickup_lon",
            "pickup_contact",
            "pickup_phone",
        ],
    );
    stop(
        &mut change,
        order.dropoff.as_ref(),
        [
            "dropoff_address",
            "dropoff_lat",
            "dropoff_lon",
            "customer_name",
            "customer_phone",
        ],
    );
    change.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Stores an order that an installation brought.
pub(crate) async fn store_order(cx: &mut Cx, installation_id: Uuid, order: &Order) -> Result<bool, Problem> {
    let word = order
        .status_name
        .clone()
        .unwrap_or_else(|| order.status.as_str().to_owned());
    let first = json!({"installation_id": installation_id, "order_type": kind(order.kind)});
    let news = News {
        platform: named(&order.platform),
        order: order.external_id.chars().take(100).collect(),
        status: meaning(order.status),
        at: order.as_of,
        key: order
            .event_id
            .clone()
            .unwrap_or_else(|| format!("{word}@{}", written(order.as_of))),
        word: word.chars().take(100).collect(),
        driver: order.courier_ref.clone(),
        change: facts(order),
        first: first.as_object().cloned().unwrap_or_default(),
        raw: serde_json::to_value(order).map_err(|error| Problem::internal(&error))?,
    };
    learn(cx, news).await.map(|taken| taken.is_new())
}

/// Stores news of an order that an installation brought.
pub(crate) async fn store_update(cx: &mut Cx, installation_id: Uuid, update: &OrderUpdate) -> Result<bool, Problem> {
    let word = update
        .status_name
        .clone()
        .unwrap_or_else(|| update.status.as_str().to_owned());
    let first = json!({"installation_id": installation_id});
    let change = json!({"failure_reason": update.reason});
    let change = change.as_object().cloned().unwrap_or_default();
    let news = News {
        platform: named(&update.platform),
        order: update.external_id.chars().take(100).collect(),
        status: meaning(update.status),
        at: update.as_of,
        key: update
            .event_id
            .clone()
            .unwrap_or_else(|| format!("{word}@{}", written(update.as_of))),
        word: word.chars().take(100).collect(),
        driver: update.courier_ref.clone(),
        change: change.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        first: first.as_object().cloned().unwrap_or_default(),
        raw: serde_json::to_value(update).map_err(|error| Problem::internal(&error))?,
    };
    learn(cx, news).await.map(|taken| taken.is_new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_places_keep_every_digit() {
        assert_eq!((major(12_345).as_str(), major(5).as_str()), ("123.45", "0.05"));
        assert_eq!(degrees(247_136_001), "24.7136001");
        assert_eq!(degrees(-5), "-0.0000005");
        assert_eq!(
            amount(Some(&Amount {
                minor: -1,
                currency: "SAR".into()
            })),
            Json::Null
        );
    }

    #[test]
    fn a_platform_that_is_not_ours_is_another_one() {
        assert_eq!(
            (named("jahez"), named("hunger-station"), named("somebody")),
            ("jahez", "hungerstation", "other")
        );
    }
}
