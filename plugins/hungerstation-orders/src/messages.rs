//! What HungerStation says about orders and riders, without I/O. Prices are texts.

use barq_plugin::{
    Failure, GeoPoint, Money, OrderItem, OrderNews, OrderStatus, OrderUpdate, Payment, PlatformOrder, Result, Stop,
    UnreadableRow,
};
use barq_plugin_common::moments::{epoch, iso};
use barq_plugin_common::value::{at, location, scaled, text, whole};
use serde_json::Value;

const PLATFORM: &str = "hungerstation";

/// Reads a message: an order, news of one, news of a rider or where he is.
pub fn news(body: &[u8], received_at: i64, currency: &str) -> Result<OrderNews> {
    let message: Value = serde_json::from_slice(body)
        .map_err(|e| Failure::permanent("bad_message", format!("The message is not JSON: {e}.")))?;
    if message.get("test") == Some(&Value::Bool(true)) {
        // The platform tries the connection; nobody is hungry.
        return Ok(OrderNews::nothing());
    }
    let id = text(&message, &["token", "order_id", "remoteOrderId", "orderToken"])
        .ok_or_else(|| Failure::permanent("bad_message", "The message names no order."))?;
    if message.get("products").is_some() || message.get("price").is_some() {
        return Ok(match order(&message, &id, received_at, currency) {
            Ok(order) => order.into(),
            Err(field) => OrderNews {
                unreadable: vec![UnreadableRow::new(id, field, "is not an amount")],
                ..OrderNews::nothing()
            },
        });
    }
    let as_of = iso(&message, &["updatedAt", "createdAt"])
        .or_else(|| epoch(&message, &["updated_at"]))
        .unwrap_or(received_at);
    let degrees = |path| scaled(&message, &[path], 7).ok().flatten();
    let place = location(degrees("driver.latitude"), degrees("driver.longitude"));
    let word = text(&message, &["status"]);
    if word.is_none() && place.is_none() {
        return Err(Failure::permanent(
            "bad_message",
            "The message about the order says nothing.",
        ));
    }
    let word = word.unwrap_or_else(|| "location".to_owned());
    let mut update = OrderUpdate::new(PLATFORM, &id, status(&word), as_of);
    update.event_id = Some(format!("{id}-{word}-{as_of}"));
    update.courier_ref = text(&message, &["driver.id"]);
    update.courier_location = place.map(|(lat_e7, lon_e7)| GeoPoint { lat_e7, lon_e7 });
    update.reason = text(&message, &["message", "reason", "cancellation.reason"]);
    update.status_name = Some(word);
    Ok(update.into())
}

fn order(
    message: &Value,
    id: &str,
    received_at: i64,
    currency: &str,
) -> std::result::Result<PlatformOrder, &'static str> {
    let placed_at = iso(message, &["createdAt"]);
    let currency = text(message, &["localInfo.currencySymbol"])
        .filter(|symbol| symbol.len() == 3 && symbol.bytes().all(|b| b.is_ascii_uppercase()))
        .unwrap_or_else(|| currency.to_owned());
    let price = |path: &'static str| money(message, path, &currency);
    let mut order = PlatformOrder::new(PLATFORM, id, OrderStatus::Pending, placed_at.unwrap_or(received_at));
    order.event_id = Some(format!("{id}-placed"));
    order.display_id = text(message, &["code", "shortCode"]);
    order.placed_at = placed_at;
    order.total = price("price.grandTotal")?;
    order.delivery_fee = fees(message, &currency)?;
    order.cash_to_collect = price("price.collectFromCustomer")?.filter(|money| money.minor > 0);
    order.payment = text(message, &["payment.status"]).map(|word| match word.as_str() {
        "paid" => Payment::Prepaid,
        _ if text(message, &["payment.type"]).is_some_and(|kind| kind.to_lowercase().contains("cash")) => Payment::Cash,
        _ => Payment::Other,
    });
    order.pickup = text(message, &["platformRestaurant.id"]).map(|id| Stop {
        attributes: vec![("restaurant_id".to_owned(), id)],
        ..Stop::default()
    });
    order.dropoff = at(message, "delivery.address")
        .filter(|address| address.is_object())
        .map(|_| dropoff(message));
    let products = at(message, "products")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    order.items = products
        .iter()
        .map(|product| item(product, &currency))
        .collect::<std::result::Result<_, _>>()?;
    let kept = [
        ("expedition", "expeditionType"),
        ("payment_type", "payment.type"),
        ("rider_pickup", "delivery.riderPickupTime"),
        ("notes", "comments.customerComment"),
        ("platform_key", "localInfo.platformKey"),
    ];
    let cut = |text: String| text.chars().take(256).collect::<String>();
    order.attributes = kept
        .iter()
        .filter_map(|(name, path)| Some(((*name).to_owned(), cut(text(message, &[path])?))))
        .collect();
    Ok(order)
}

fn dropoff(message: &Value) -> Stop {
    let line = |paths: &[&str]| -> Vec<String> { paths.iter().filter_map(|path| text(message, &[path])).collect() };
    let name = line(&["customer.firstName", "customer.lastName"]).join(" ");
    let address = line(&[
        "delivery.address.street",
        "delivery.address.number",
        "delivery.address.building",
        "delivery.address.city",
    ])
    .join(" ");
    let degrees = |path| scaled(message, &[path], 7).ok().flatten();
    let place = location(
        degrees("delivery.address.latitude"),
        degrees("delivery.address.longitude"),
    );
    Stop {
        name: Some(name).filter(|name| !name.is_empty()),
        phone: text(message, &["customer.mobilePhone"]),
        address: Some(address).filter(|address| !address.is_empty()),
        location: place.map(|(lat_e7, lon_e7)| GeoPoint { lat_e7, lon_e7 }),
        window_end: iso(message, &["delivery.expectedDeliveryTime"]),
        notes: text(message, &["delivery.address.deliveryInstructions"]),
        ..Stop::default()
    }
}

fn item(product: &Value, currency: &str) -> std::result::Result<OrderItem, &'static str> {
    let count = whole(product, &["quantity"])
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(1);
    Ok(OrderItem {
        sku: text(product, &["remoteCode", "id"]),
        price: money(product, "paidPrice", currency)?,
        ..OrderItem::new(text(product, &["name", "id"]).unwrap_or_else(|| "?".to_owned()), count)
    })
}

/// The sum of a list of fees.
fn fees(message: &Value, currency: &str) -> std::result::Result<Option<Money>, &'static str> {
    const FIELD: &str = "price.deliveryFees";
    let Some(list) = at(message, FIELD)
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty())
    else {
        return Ok(None);
    };
    let fees = list
        .iter()
        .map(|fee| Some(Money::from_json(at(fee, "value")?, currency)?.minor));
    let sum = fees.sum::<Option<i64>>();
    sum.map(|minor| Some(Money::new(minor, currency))).ok_or(FIELD)
}

fn money(value: &Value, path: &'static str, currency: &str) -> std::result::Result<Option<Money>, &'static str> {
    match at(value, path) {
        None | Some(Value::Null) => Ok(None),
        Some(price) => Money::from_json(price, currency).map(Some).ok_or(path),
    }
}

/// Words of the two interfaces: orders to shops, and riders on demand.
fn status(word: &str) -> OrderStatus {
    match word.to_ascii_uppercase().as_str() {
        "NEW" | "RECEIVED" => OrderStatus::Pending,
        "ORDER_ACCEPTED" => OrderStatus::Accepted,
        "ORDER_PREPARED" => OrderStatus::Ready,
        "ASSIGNED_TO_TRANSPORT" | "COURIER_ACCEPTED_DELIVERY" => OrderStatus::Assigned,
        "NEAR_VENDOR" => OrderStatus::AtPickup,
        "PICKED_UP" | "ORDER_PICKED_UP" => OrderStatus::PickedUp,
        "COURIER_LEFT_VENDOR" => OrderStatus::InTransit,
        "NEAR_CUSTOMER" => OrderStatus::AtDropoff,
        "DELIVERED" | "ORDER_DELIVERED" => OrderStatus::Delivered,
        "CANCELLED" | "CANCELED" | "ORDER_CANCELLED" | "ORDER_REJECTED" => OrderStatus::Cancelled,
        _ => OrderStatus::Other,
    }
}

/// What the middleware can be told: an order accepted, rejected or picked up, or a meal that is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Status(&'static str),
    Prepared,
}

pub fn step(status: OrderStatus) -> Option<Step> {
    match status {
        OrderStatus::Accepted => Some(Step::Status("order_accepted")),
        OrderStatus::Cancelled => Some(Step::Status("order_rejected")),
        OrderStatus::PickedUp => Some(Step::Status("order_picked_up")),
        OrderStatus::Ready => Some(Step::Prepared),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_165_200_000;

    fn read(body: &str) -> OrderNews {
        news(body.as_bytes(), AT, "SAR").unwrap()
    }

    #[test]
    fn prices_that_are_texts_are_read_exactly() {
        let order = &read(include_str!("../fixtures/order.json")).orders[0];
        let minor = |money: &Option<Money>| money.as_ref().map(|money| money.minor);
        assert_eq!(
            (
                minor(&order.total),
                minor(&order.delivery_fee),
                minor(&order.cash_to_collect)
            ),
            (Some(5_890), Some(900), Some(5_890))
        );
        assert!(matches!(order.payment, Some(Payment::Cash)));
        assert_eq!(
            (order.placed_at, order.display_id.as_deref()),
            (Some(1_795_164_910_000), Some("hs-8841-x2"))
        );
        let dropoff = order.dropoff.as_ref().unwrap();
        assert_eq!(
            (dropoff.name.as_deref(), dropoff.address.as_deref()),
            (Some("نورة"), Some("Olaya 12 Riyadh"))
        );
        assert_eq!(dropoff.notes.as_deref(), Some("الدور الثاني"));
        let items: Vec<_> = order
            .items
            .iter()
            .map(|item| (item.sku.as_deref(), item.quantity, minor(&item.price)))
            .collect();
        assert_eq!(items, [(Some("SKU-1"), 2, Some(3_600)), (Some("p2"), 1, Some(1_390))]);
    }

    #[test]
    fn news_of_orders_and_riders_have_their_own_time() {
        let update = &read(include_str!("../fixtures/rider.json")).updates[0];
        assert!(matches!(update.status, OrderStatus::PickedUp));
        assert_eq!(
            (update.as_of, update.courier_ref.as_deref()),
            (1_795_165_800_000, Some("r-5"))
        );
        let update = &read(r#"{"token":"t","status":"ORDER_CANCELLED","message":"CUSTOMER_CANCELLED"}"#).updates[0];
        assert!(matches!(update.status, OrderStatus::Cancelled));
        assert_eq!(
            (update.as_of, update.reason.as_deref()),
            (AT, Some("CUSTOMER_CANCELLED"))
        );
        let update = &read(
            r#"{"order_id":"t","updated_at":1795165815,"driver":{"id":"r","latitude":24.7013,"longitude":46.679}}"#,
        )
        .updates[0];
        assert!(matches!(update.status, OrderStatus::Other));
        assert_eq!(update.courier_location.map(|place| place.lat_e7), Some(247_013_000));
        assert!(matches!(
            read(r#"{"token":"t","status":"DELAYED"}"#).updates[0].status,
            OrderStatus::Other
        ));
    }

    #[test]
    fn tests_of_the_connection_are_no_orders() {
        let news = read(r#"{"token":"t","test":true,"price":{"grandTotal":"1.00"},"products":[]}"#);
        assert!(news.orders.is_empty() && news.updates.is_empty());
    }

    #[test]
    fn an_amount_that_is_none_is_named() {
        for (body, field) in [
            (r#"{"token":"t","price":{"grandTotal":"ten"}}"#, "price.grandTotal"),
            (
                r#"{"token":"t","price":{"deliveryFees":[{"value":"x"}]}}"#,
                "price.deliveryFees",
            ),
            (r#"{"token":"t","products":[{"paidPrice":true}]}"#, "paidPrice"),
        ] {
            assert_eq!(read(body).unreadable[0].field, field);
        }
    }

    #[test]
    fn a_message_about_nothing_is_refused() {
        for body in [
            "<html>",
            "{}",
            r#"{"order_id":"t"}"#,
            r#"{"order_id":"t","driver":{"latitude":0,"longitude":0}}"#,
        ] {
            assert_eq!(
                news(body.as_bytes(), AT, "SAR").unwrap_err().code,
                "bad_message",
                "{body}"
            );
        }
    }
}
