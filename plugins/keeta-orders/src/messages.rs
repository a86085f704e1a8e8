//! What Keeta says about orders, without I/O. A message is an envelope with a `sig`, and JSON in a text inside it.

use std::collections::BTreeMap;

use barq_plugin::{
    Failure, GeoPoint, Money, OrderItem, OrderNews, OrderStatus, OrderUpdate, Payment, PlatformOrder, Result, Stop,
    UnreadableRow,
};
use barq_plugin_common::moments::epoch;
use barq_plugin_common::value::{at, location, scaled, text, whole};
use serde_json::{Map, Value};

const PLATFORM: &str = "keeta";

/// A message, before its signature is checked.
#[derive(Debug)]
pub struct Envelope {
    parameters: Map<String, Value>,
}

impl Envelope {
    pub fn read(body: &[u8]) -> Result<Self> {
        let parameters = serde_json::from_slice(body)
            .map_err(|e| Failure::permanent("bad_message", format!("The message is not a JSON object: {e}.")))?;
        Ok(Self { parameters })
    }

    /// The signature and the text it signs, up to the application's secret.
    pub fn signed(&self, address: &str) -> Option<(String, String)> {
        let sig = self.parameters.get("sig")?.as_str()?.to_owned();
        let pairs: Vec<String> = self
            .parameters
            .iter()
            .filter(|(name, _)| *name != "sig")
            .map(|(name, value)| format!("{name}={}", as_signed(value)))
            .collect();
        // The parameters are kept in the order of their names.
        let address = address.split('?').next().unwrap_or(address);
        Some((sig, format!("{address}?{}", pairs.join("&"))))
    }

    /// What it says. `words` are the meanings of Keeta's numbers for a courier's progress, which it does not publish.
    pub fn news(&self, words: &BTreeMap<String, String>, currency: &str) -> Result<Message> {
        let bad = |what: &str| Failure::permanent("bad_message", what.to_owned());
        let envelope = Value::Object(self.parameters.clone());
        let event = whole(&envelope, &["eventId"]).ok_or_else(|| bad("The message has no eventId."))?;
        let inner = text(&envelope, &["message"]).ok_or_else(|| bad("The message is empty."))?;
        let inner: Value =
            serde_json::from_str(&inner).map_err(|e| bad(&format!("The message inside is not JSON: {e}.")))?;
        let sent_at = epoch(&envelope, &["timestamp"]).unwrap_or_default();
        let mut message = Message {
            shop_id: text(&inner, &["shopId", "orderInfo.merchantOrder.shopId"])
                .or_else(|| text(&envelope, &["shopId"])),
            order_id: None,
            news: OrderNews::nothing(),
        };
        let id = text(
            &inner,
            &[
                "orderViewId",
                "orderInfo.baseOrder.orderViewId",
                "orderInfo.merchantOrder.orderViewId",
            ],
        );
        let Some(id) = id else {
            // Events of shops and menus.
            return Ok(message);
        };
        let event_id = text(&envelope, &["messageId"]);
        message.news = if event == 1001 {
            match order(&inner, &id, sent_at, currency) {
                Ok(order) => PlatformOrder { event_id, ..order }.into(),
                Err(field) => OrderNews {
                    unreadable: vec![UnreadableRow::new(id.clone(), field, "is not an amount")],
                    ..OrderNews::nothing()
                },
            }
        } else {
            let at = epoch(&inner, &["opTime"]).unwrap_or(sent_at);
            OrderUpdate {
                event_id,
                ..update(event, &inner, &id, at, words)
            }
            .into()
        };
        message.order_id = Some(id);
        Ok(message)
    }
}

/// A message, read.
#[derive(Debug)]
pub struct Message {
    pub order_id: Option<String>,
    /// Answers to an order name its shop.
    pub shop_id: Option<String>,
    pub news: OrderNews,
}

/// A parameter as it stands in what is signed: texts as they are, everything else as JSON.
pub fn as_signed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn update(event: i64, inner: &Value, id: &str, at: i64, words: &BTreeMap<String, String>) -> OrderUpdate {
    let number = |name| text(inner, &[name]).map_or(String::new(), |number| format!(" {number}"));
    let (status, name) = match event {
        1002 => (OrderStatus::Accepted, "accepted".to_owned()),
        1003 => (OrderStatus::Delivered, "completed".to_owned()),
        1004 => (OrderStatus::Cancelled, "cancelled".to_owned()),
        1005 => (OrderStatus::Other, "refund".to_owned()),
        1006 => {
            let number_text = text(inner, &["logisticsStatus"]).unwrap_or_default();
            let status = words.get(&number_text).map_or(OrderStatus::Other, |word| status(word));
            (status, format!("delivery{}", number("logisticsStatus")))
        }
        1007 => (OrderStatus::Other, "partial refund".to_owned()),
        other => (OrderStatus::Other, format!("event {other}{}", number("status"))),
    };
    OrderUpdate {
        status_name: Some(name),
        reason: text(inner, &["cancelReason", "reason", "refundReason"]),
        attributes: text(inner, &["courierName"])
            .map(|name| ("courier_name".to_owned(), name))
            .into_iter()
            .collect(),
        ..OrderUpdate::new(PLATFORM, id, status, at)
    }
}

/// A word of the contract.
fn status(word: &str) -> OrderStatus {
    match word {
        "pending" => OrderStatus::Pending,
        "accepted" => OrderStatus::Accepted,
        "ready" => OrderStatus::Ready,
        "assigned" => OrderStatus::Assigned,
        "at_pickup" => OrderStatus::AtPickup,
        "picked_up" => OrderStatus::PickedUp,
        "in_transit" => OrderStatus::InTransit,
        "at_dropoff" => OrderStatus::AtDropoff,
        "delivered" => OrderStatus::Delivered,
        "failed" => OrderStatus::Failed,
        "cancelled" => OrderStatus::Cancelled,
        "returned" => OrderStatus::Returned,
        _ => OrderStatus::Other,
    }
}

/// Details of customers are encrypted unless the shop delivers itself.
fn plain(value: &Value, path: &str) -> Option<String> {
    text(value, &[path]).filter(|text| !text.starts_with("ENC_"))
}

fn order(inner: &Value, id: &str, sent_at: i64, currency: &str) -> std::result::Result<PlatformOrder, &'static str> {
    let info = at(inner, "orderInfo").unwrap_or(&Value::Null);
    let placed_at = epoch(info, &["baseOrder.ctime", "merchantOrder.ctime"]);
    let currency =
        text(info, &["feeDtl.customerFee.i18n.currency", "products.0.currency"]).unwrap_or_else(|| currency.to_owned());
    let fee = |path: &'static str| minor(info, path, &currency);
    let mut order = PlatformOrder::new(PLATFORM, id, OrderStatus::Pending, placed_at.unwrap_or(sent_at));
    order.placed_at = placed_at;
    order.display_id = text(info, &["merchantOrder.seqNoStr"]);
    order.status_name = Some("placed".to_owned());
    order.total = fee("feeDtl.customerFee.payTotal")?;
    order.delivery_fee = fee("feeDtl.customerFee.shippingFee")?;
    let cash = text(info, &["baseOrder.payType"]).map(|word| word.eq_ignore_ascii_case("cash"));
    order.payment = cash.map(|cash| if cash { Payment::Cash } else { Payment::Prepaid });
    if cash == Some(true) {
        order.cash_to_collect.clone_from(&order.total);
    }
    order.pickup = Some(Stop {
        name: text(info, &["merchantOrder.shopName"]),
        attributes: text(info, &["merchantOrder.shopId"])
            .map(|id| ("shop_id".to_owned(), id))
            .into_iter()
            .collect(),
        ..Stop::default()
    });
    order.dropoff =
        at(info, "recipientInfo").map(|recipient| dropoff(recipient, epoch(info, &["baseOrder.deliveryTime"])));
    let products = at(info, "products")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    order.items = products
        .iter()
        .map(|product| item(product, &currency))
        .collect::<std::result::Result<_, _>>()?;
    let kept = [
        ("pay_type", "baseOrder.payType"),
        ("user_get_mode", "merchantOrder.userGetMode"),
        ("delivery_mode", "merchantOrderDeliveries.0.deliveryMode"),
        ("tip", "feeDtl.customerFee.tip"),
    ];
    order.attributes = kept
        .iter()
        .filter_map(|(name, path)| Some(((*name).to_owned(), text(info, &[path])?)))
        .collect();
    Ok(order)
}

fn dropoff(recipient: &Value, eta: Option<i64>) -> Stop {
    let phone = plain(recipient, "phone").map(|phone| match text(recipient, &["interCode"]) {
        Some(code) if !phone.starts_with('+') => format!("{code}{phone}"),
        _ => phone,
    });
    let degrees = |path| scaled(recipient, &[path], 7).ok().flatten();
    let place = location(degrees("point.latitude"), degrees("point.longitude"));
    let address = [plain(recipient, "houseNumber"), plain(recipient, "addressName")];
    let address: Vec<String> = address.into_iter().flatten().collect();
    Stop {
        name: plain(recipient, "name"),
        phone,
        address: Some(address.join("، ")).filter(|address| !address.is_empty()),
        location: place.map(|(lat_e7, lon_e7)| GeoPoint { lat_e7, lon_e7 }),
        window_end: eta,
        ..Stop::default()
    }
}

fn item(product: &Value, currency: &str) -> std::result::Result<OrderItem, &'static str> {
    let name = text(product, &["name", "spuId"]).unwrap_or_else(|| "?".to_owned());
    let name = match text(product, &["spec"]) {
        Some(spec) => format!("{name} ({spec})"),
        None => name,
    };
    let count = whole(product, &["count"])
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(1);
    Ok(OrderItem {
        sku: text(product, &["skuOpenItemCode", "spuOpenItemCode"]),
        price: match minor(product, "priceWithGroup.amount", currency)? {
            Some(price) => Some(price),
            None => minor(product, "price", currency)?,
        },
        attributes: text(product, &["remark"])
            .map(|remark| ("remark".to_owned(), remark.chars().take(256).collect()))
            .into_iter()
            .collect(),
        ..OrderItem::new(name, count)
    })
}

/// Amounts of orders are whole numbers in the smallest unit of their currency.
fn minor(value: &Value, path: &'static str, currency: &str) -> std::result::Result<Option<Money>, &'static str> {
    match at(value, path) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => whole(value, &[path])
            .map(|minor| Some(Money::new(minor, currency)))
            .ok_or(path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope(event: u32, message: &str) -> Envelope {
        let body = json!({"sig": "s", "eventId": event, "appId": 1, "messageId": "m-1", "shopId": 145_541,
                          "message": message, "timestamp": 1_749_008_143});
        Envelope::read(body.to_string().as_bytes()).unwrap()
    }

    fn read(event: u32, message: &str) -> Message {
        let words = BTreeMap::from([("40".to_owned(), "picked_up".to_owned())]);
        envelope(event, message).news(&words, "SAR").unwrap()
    }

    #[test]
    fn an_order_inside_a_text_is_read_exactly() {
        let message = read(1001, include_str!("../fixtures/placed_message.json"));
        assert_eq!(
            (message.order_id.as_deref(), message.shop_id.as_deref()),
            (Some("756823555555859"), Some("611469"))
        );
        let order = &message.news.orders[0];
        assert_eq!(
            (order.event_id.as_deref(), order.display_id.as_deref()),
            (Some("m-1"), Some("29332222"))
        );
        let minor = |money: &Option<Money>| money.as_ref().map(|money| money.minor);
        assert_eq!(
            (
                minor(&order.total),
                minor(&order.delivery_fee),
                minor(&order.cash_to_collect)
            ),
            (Some(5_300), Some(1_900), None)
        );
        assert!(matches!(order.payment, Some(Payment::Prepaid)));
        assert_eq!(order.placed_at, Some(1_751_442_900_803));
        let dropoff = order.dropoff.as_ref().unwrap();
        assert_eq!(
            (dropoff.name.as_deref(), dropoff.phone.as_deref()),
            (None, Some("+966501234567"))
        );
        assert_eq!(
            dropoff.location.map(|place| (place.lat_e7, place.lon_e7)),
            Some((246_951_000, 466_853_000))
        );
        let item = &order.items[0];
        assert_eq!(
            (item.name.as_str(), item.quantity, minor(&item.price)),
            ("ULTIMATE-TUNA (Large)", 2, Some(4_600))
        );
        assert_eq!(item.sku.as_deref(), Some("item-1__s1"));
    }

    #[test]
    fn events_of_an_order_are_news_with_their_own_time() {
        let envelope = Envelope::read(include_bytes!("../fixtures/accepted.json")).unwrap();
        let message = envelope.news(&BTreeMap::new(), "SAR").unwrap();
        let update = &message.news.updates[0];
        assert!(matches!(update.status, OrderStatus::Accepted));
        assert_eq!(
            (update.external_id.as_str(), update.as_of),
            ("553440887574627", 1_749_008_143_025)
        );
        assert_eq!(update.event_id.as_deref(), Some("1930106161957212198"));
        let courier = r#"{"orderViewId":7,"logisticsStatus":40,"opTime":1751448108144,"courierName":"Pony Ma"}"#;
        let update = &read(1006, courier).news.updates[0];
        assert!(matches!(update.status, OrderStatus::PickedUp));
        assert_eq!(update.status_name.as_deref(), Some("delivery 40"));
        assert_eq!(update.attributes, [("courier_name".to_owned(), "Pony Ma".to_owned())]);
        let unknown = &read(1006, r#"{"orderViewId":7,"logisticsStatus":11}"#).news.updates[0];
        assert!(matches!(unknown.status, OrderStatus::Other));
        assert_eq!(
            unknown.as_of, 1_749_008_143_000,
            "the time of the envelope where it has none"
        );
        assert!(matches!(
            read(1005, r#"{"orderViewId":7}"#).news.updates[0].status,
            OrderStatus::Other
        ));
    }

    #[test]
    fn an_amount_that_is_none_is_named() {
        let order = r#"{"orderInfo":{"baseOrder":{"orderViewId":9},"feeDtl":{"customerFee":{"payTotal":"53.00"}}}}"#;
        let row = &read(1001, order).news.unreadable[0];
        assert_eq!(
            (row.external_id.as_str(), row.field.as_str()),
            ("9", "feeDtl.customerFee.payTotal")
        );
    }

    #[test]
    fn what_is_about_no_order_is_no_news_and_what_is_no_message_is_refused() {
        let message = read(2001, r#"{"shopId":7,"status":1}"#);
        assert!(message.news.orders.is_empty() && message.news.updates.is_empty() && message.order_id.is_none());
        assert_eq!(Envelope::read(b"[]").unwrap_err().code, "bad_message");
        assert_eq!(
            envelope(1001, "not json")
                .news(&BTreeMap::new(), "SAR")
                .unwrap_err()
                .code,
            "bad_message"
        );
    }

    #[test]
    fn the_signed_text_is_the_one_of_the_guide() {
        // The example of Keeta's guide, without its secret at the end.
        let body = json!({
            "shopId": 123, "timestamp": 1_682_566_749, "accessToken": "abc", "appId": 123, "sig": "48eb",
            "shopCategory": r#"{"id":123,"name":"test","type":0,"description":null}"#,
        });
        let envelope = Envelope::read(body.to_string().as_bytes()).unwrap();
        let (sig, text) = envelope
            .signed("https://open.mykeeta.com/api/open/product/shopcategory/update")
            .unwrap();
        assert_eq!(sig, "48eb");
        assert_eq!(
            text,
            "https://open.mykeeta.com/api/open/product/shopcategory/update?accessToken=abc&appId=123&shopCategory=\
             {\"id\":123,\"name\":\"test\",\"type\":0,\"description\":null}&shopId=123&timestamp=1682566749"
        );
    }
}
