//! What Jahez says about orders, without I/O. Its messages carry no time: the moment of arrival stands for it.

use barq_plugin::{
    Failure, Money, OrderItem, OrderNews, OrderStatus, OrderUpdate, Payment, PlatformOrder, Result, Stop, UnreadableRow,
};
use barq_plugin_common::value::{at, text, whole};
use serde_json::Value;

const PLATFORM: &str = "jahez";
const CURRENCY: &str = "SAR";

/// Reads a message: a new order, or a letter about one.
pub fn news(body: &[u8], received_at: i64) -> Result<OrderNews> {
    let message: Value = serde_json::from_slice(body)
        .map_err(|e| Failure::permanent("bad_message", format!("The message is not JSON: {e}.")))?;
    if let Some(id) = text(&message, &["jahez_id"]) {
        return Ok(match order(&message, &id, received_at) {
            Ok(order) => order.into(),
            Err(field) => OrderNews {
                unreadable: vec![UnreadableRow::new(id, field, "is not an amount")],
                ..OrderNews::nothing()
            },
        });
    }
    let id = text(&message, &["jahezOrderId"])
        .ok_or_else(|| Failure::permanent("bad_message", "The message names no order."))?;
    let letter = text(&message, &["status"])
        .ok_or_else(|| Failure::permanent("bad_message", "The message about the order has no status."))?;
    let mut update = OrderUpdate::new(PLATFORM, &id, status(&letter), received_at);
    // The same letter again says nothing new.
    update.event_id = Some(format!("{id}-{letter}"));
    update.status_name = Some(letter);
    Ok(update.into())
}

fn order(message: &Value, id: &str, received_at: i64) -> std::result::Result<PlatformOrder, &'static str> {
    let mut order = PlatformOrder::new(PLATFORM, id, OrderStatus::Pending, received_at);
    order.event_id = Some(format!("{id}-N"));
    order.status_name = Some("N".to_owned());
    order.placed_at = Some(received_at);
    order.total = money(message, "final_price")?;
    order.payment = text(message, &["payment_method"]).map(|word| payment(&word));
    if matches!(order.payment, Some(Payment::Cash)) {
        order.cash_to_collect.clone_from(&order.total);
    }
    order.pickup = text(message, &["branch_id"]).map(|branch| Stop {
        attributes: vec![("branch_id".to_owned(), branch)],
        ..Stop::default()
    });
    let products = at(message, "products")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    order.items = products.iter().map(item).collect::<std::result::Result<_, _>>()?;
    let kept = [
        ("payment_method", "payment_method"),
        ("notes", "notes"),
        ("offer", "offer.amount"),
    ];
    order.attributes = kept
        .iter()
        .filter_map(|(name, path)| Some(((*name).to_owned(), cut(&text(message, &[path])?))))
        .collect();
    Ok(order)
}

/// A product has no name here: its id stands for it.
fn item(product: &Value) -> std::result::Result<OrderItem, &'static str> {
    let id = text(product, &["product_id"]).unwrap_or_else(|| "?".to_owned());
    let quantity = whole(product, &["quantity"])
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(1);
    let modifiers = at(product, "modifiers")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let options = modifiers
        .iter()
        .filter_map(|modifier| at(modifier, "options").and_then(Value::as_array))
        .flatten();
    let options: Vec<String> = options.filter_map(|option| text(option, &["id"])).collect();
    let notes = text(product, &["notes"]).map(|notes| ("notes".to_owned(), cut(&notes)));
    let options = (!options.is_empty()).then(|| ("options".to_owned(), cut(&options.join(","))));
    Ok(OrderItem {
        price: money(product, "final_price")?,
        sku: Some(id.clone()),
        attributes: options.into_iter().chain(notes).collect(),
        ..OrderItem::new(id, quantity)
    })
}

/// Prices are decimals in riyals.
fn money(value: &Value, field: &'static str) -> std::result::Result<Option<Money>, &'static str> {
    match at(value, field) {
        None | Some(Value::Null) => Ok(None),
        Some(price) => Money::from_json(price, CURRENCY).map(Some).ok_or(field),
    }
}

fn payment(word: &str) -> Payment {
    let word = word.to_uppercase();
    match word.as_str() {
        "CASH" => Payment::Cash,
        // A terminal at the door.
        _ if word.starts_with("POS") => Payment::CardOnDelivery,
        _ if word.contains("CARD") || word.contains("PAY") => Payment::Prepaid,
        _ => Payment::Other,
    }
}

fn status(letter: &str) -> OrderStatus {
    match letter {
        "N" => OrderStatus::Pending,
        "A" => OrderStatus::Accepted,
        "O" => OrderStatus::InTransit,
        "D" => OrderStatus::Delivered,
        "C" | "R" | "T" => OrderStatus::Cancelled,
        _ => OrderStatus::Other,
    }
}

/// The letter for a courier's progress. Jahez takes three.
pub fn letter(status: OrderStatus) -> Option<&'static str> {
    match status {
        OrderStatus::Accepted => Some("A"),
        OrderStatus::Cancelled => Some("C"),
        OrderStatus::Failed => Some("R"),
        _ => None,
    }
}

/// Attributes hold 256 characters.
fn cut(text: &str) -> String {
    text.chars().take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_165_200_000;

    fn read(body: &str) -> OrderNews {
        news(body.as_bytes(), AT).unwrap()
    }

    #[test]
    fn an_order_is_read_exactly() {
        let news = read(include_str!("../fixtures/order.json"));
        let order = &news.orders[0];
        assert_eq!(
            (order.external_id.as_str(), order.platform.as_str(), order.as_of),
            ("8841", "jahez", AT)
        );
        assert!(matches!(order.status, OrderStatus::Pending) && matches!(order.payment, Some(Payment::Cash)));
        let minor = |money: &Option<Money>| money.as_ref().map(|money| money.minor);
        assert_eq!(
            (minor(&order.total), minor(&order.cash_to_collect)),
            (Some(4_250), Some(4_250))
        );
        let items: Vec<_> = order
            .items
            .iter()
            .map(|item| (item.name.as_str(), item.quantity, minor(&item.price)))
            .collect();
        assert_eq!(items, [("p-1", 2, Some(3_750)), ("p-2", 1, Some(500))]);
        assert_eq!(order.items[0].attributes, [("options".to_owned(), "o-1".to_owned())]);
        assert!(order.attributes.contains(&("notes".to_owned(), "بدون بصل".to_owned())));
    }

    #[test]
    fn letters_are_statuses_and_an_unknown_one_is_kept() {
        let update = &read(include_str!("../fixtures/event.json")).updates[0];
        assert!(matches!(update.status, OrderStatus::InTransit));
        assert_eq!(
            (update.external_id.as_str(), update.event_id.as_deref()),
            ("8841", Some("8841-O"))
        );
        let odd = &read(r#"{"jahezOrderId":"x","status":"Z"}"#).updates[0];
        assert!(matches!(odd.status, OrderStatus::Other));
        assert_eq!(odd.status_name.as_deref(), Some("Z"));
    }

    #[test]
    fn an_amount_that_is_none_is_named() {
        let news = read(r#"{"jahez_id":7,"final_price":"ten"}"#);
        assert!(news.orders.is_empty());
        let row = &news.unreadable[0];
        assert_eq!((row.external_id.as_str(), row.field.as_str()), ("7", "final_price"));
        let news = read(r#"{"jahez_id":8,"products":[{"final_price":{}}]}"#);
        assert_eq!(news.unreadable[0].external_id, "8");
    }

    #[test]
    fn a_message_about_nothing_is_refused() {
        for body in ["<html>", "{}", r#"{"jahezOrderId":7}"#] {
            assert_eq!(
                super::news(body.as_bytes(), AT).unwrap_err().code,
                "bad_message",
                "{body}"
            );
        }
    }

    #[test]
    fn ways_to_pay() {
        assert!(matches!(payment("cash"), Payment::Cash));
        assert!(matches!(payment("POS-MADA"), Payment::CardOnDelivery));
        assert!(matches!(payment("APPLE-PAY-MADA"), Payment::Prepaid));
        assert!(matches!(payment("PAYFORT-CREDIT-CARD"), Payment::Prepaid));
        assert!(matches!(payment("?"), Payment::Other));
    }
}
