//! The platform's messages as orders, without I/O.

use barq_plugin::time::{Zone, parse_moment};
use barq_plugin::{Failure, Money, OrderItem, OrderStatus, Payment, PlatformOrder, Result, Stop};
use serde::Deserialize;
use serde_json::Value;

/// How the product names the platform.
pub const PLATFORM: &str = "example";

#[derive(Deserialize)]
pub struct Message {
    event_id: String,
    at: String,
    order: Order,
}

#[derive(Deserialize)]
struct Order {
    id: String,
    number: Option<String>,
    status: String,
    #[serde(default)]
    items: Vec<Item>,
    #[serde(default)]
    total: Value,
    #[serde(default)]
    cash: bool,
    shop: Option<Place>,
    customer: Option<Place>,
}

#[derive(Deserialize)]
struct Item {
    name: String,
    quantity: u32,
}

#[derive(Deserialize)]
struct Place {
    name: Option<String>,
    phone: Option<String>,
    address: Option<String>,
}

impl From<Place> for Stop {
    fn from(place: Place) -> Self {
        Self {
            name: place.name,
            phone: place.phone,
            address: place.address,
            ..Self::default()
        }
    }
}

fn status(word: &str) -> OrderStatus {
    match word {
        "new" => OrderStatus::Pending,
        "accepted" => OrderStatus::Accepted,
        "ready" => OrderStatus::Ready,
        "on_the_way" => OrderStatus::InTransit,
        "delivered" => OrderStatus::Delivered,
        "cancelled" => OrderStatus::Cancelled,
        // Kept with the platform's own word, and moves nothing.
        _ => OrderStatus::Other,
    }
}

/// The platform's word for a status it wants to be told of.
pub fn word(status: OrderStatus) -> Option<&'static str> {
    match status {
        OrderStatus::PickedUp => Some("picked_up"),
        OrderStatus::Delivered => Some("delivered"),
        OrderStatus::Failed => Some("failed"),
        _ => None,
    }
}

impl Message {
    pub fn read(self, zone: Zone) -> Result<PlatformOrder> {
        let at = parse_moment(&self.at, "YYYY-MM-DDTHH:mm:ss", zone)
            .ok_or_else(|| Failure::permanent("bad_message", "The message's time cannot be read."))?;
        let order = self.order;
        let total = Money::from_json(&order.total, "SAR");
        Ok(PlatformOrder {
            event_id: Some(self.event_id),
            display_id: order.number,
            status_name: Some(order.status.clone()),
            items: order.items.into_iter().map(|item| OrderItem::new(item.name, item.quantity)).collect(),
            payment: Some(if order.cash { Payment::Cash } else { Payment::Prepaid }),
            cash_to_collect: total.clone().filter(|_| order.cash),
            total,
            pickup: order.shop.map(Stop::from),
            dropoff: order.customer.map(Stop::from),
            ..PlatformOrder::new(PLATFORM, order.id, status(&order.status), at.instant_ms)
        })
    }
}
