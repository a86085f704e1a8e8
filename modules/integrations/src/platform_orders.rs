//! Orders of delivery platforms, once each, and everything the platforms said about them. Events may come late, twice and in
//! any order: an order stands where the latest known event by its own time put it.

use platform_resource::{
    Action, Field, Record, Resource, Verb, Violation, action, boolean, choice, decimal, instant, integer, json,
    long_text, money, moved, phone, reference, text, transition,
};
use serde_json::Map;
use strum::VariantNames;

use crate::platform_statuses::{OrderStatus, PLATFORM_ALIASES, PLATFORMS};

/// Orders of delivery platforms.
pub static PLATFORM_ORDERS: Resource = Resource::new("integrations", "platform_orders", FIELDS)
    .title(&["platform_order_id"])
    .check(check)
    .actions(ACTIONS);

/// What platforms said about their orders.
pub static PLATFORM_ORDER_EVENTS: Resource = Resource::new("integrations", "platform_order_events", EVENT_FIELDS)
    .title(&["platform_status"])
    .sort("-occurred_at")
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FIELDS: &[Field] = &[
    choice("platform", PLATFORMS)
        .required()
        .create_only()
        .aliases(PLATFORM_ALIASES)
        .filter()
        .list(),
    text("platform_order_id", 100).required().create_only().search().list(),
    text("tracking_number", 100).search(),
    choice("status", OrderStatus::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    text("platform_status", 100).read_only().group("platform"),
    boolean("is_status_known")
        .required()
        .read_only()
        .default("true")
        .filter()
        .group("platform"),
    reference("courier_id", "fleet.couriers").filter().list(),
    text("platform_driver_id", 100).search().filter().group("platform"),
    reference("installation_id", "integrations.installations")
        .read_only()
        .filter()
        .group("platform"),
    choice("order_type", &["food", "grocery", "parcel", "pharmacy", "other"])
        .required()
        .default("food")
        .filter(),
    long_text("pickup_address", 1000).group("pickup"),
    decimal("pickup_lat", 7).signed().group("pickup"),
    decimal("pickup_lon", 7).signed().group("pickup"),
    text("pickup_contact", 200).group("pickup"),
    phone("pickup_phone").group("pickup"),
    long_text("dropoff_address", 1000)
        .permission("read_customer")
        .group("dropoff"),
    decimal("dropoff_lat", 7)
        .signed()
        .permission("read_customer")
        .group("dropoff"),
    decimal("dropoff_lon", 7)
        .signed()
        .permission("read_customer")
        .group("dropoff"),
    text("customer_name", 200).permission("read_customer").group("dropoff"),
    phone("customer_phone").permission("read_customer").group("dropoff"),
    money("total_amount").list().group("money"),
    money("delivery_fee").group("money"),
    money("cod_amount").group("money"),
    choice(
        "payment_method",
        &["prepaid", "cash", "card_on_delivery", "wallet", "other"],
    )
    .aliases(&[("cod", "cash"), ("online", "prepaid")])
    .filter()
    .group("money"),
    integer("items_count", 0, 10_000),
    decimal("distance_km", 2).unit("km"),
    instant("ordered_at").filter().list(),
    instant("picked_up_at").read_only().group("times"),
    instant("delivered_at").read_only().filter().list().group("times"),
    instant("last_event_at").read_only().filter().group("times"),
    long_text("failure_reason", 1000).read_only(),
    json("raw").permission("read_customer").group("platform"),
    long_text("notes", 2000),
];

/// When the platform says that it happened; the time of the request where it is not said.
const AT: Field = instant("last_event_at");

const ACTIONS: &[Action] = &[
    // News of the platform: where it leads is decided by all that was said, in the order of its own time.
    action("event", &[], |_| Ok(Map::new())).internal(),
    transition(
        "assign",
        "status",
        &[reference("courier_id", "fleet.couriers"), AT],
        |state| {
            moved(state, |status| match status {
                OrderStatus::Pending => Some(OrderStatus::Assigned),
                OrderStatus::Assigned
                | OrderStatus::PickedUp
                | OrderStatus::InTransit
                | OrderStatus::Delivered
                | OrderStatus::Failed
                | OrderStatus::Cancelled
                | OrderStatus::Returned => None,
            })
        },
    ),
    transition("pick_up", "status", &[instant("picked_up_at"), AT], |state| {
        moved(state, |status| match status {
            OrderStatus::Pending | OrderStatus::Assigned => Some(OrderStatus::PickedUp),
            OrderStatus::PickedUp
            | OrderStatus::InTransit
            | OrderStatus::Delivered
            | OrderStatus::Failed
            | OrderStatus::Cancelled
            | OrderStatus::Returned => None,
        })
    }),
    transition("depart", "status", &[AT], |state| {
        moved(state, |status| match status {
            OrderStatus::Pending | OrderStatus::Assigned | OrderStatus::PickedUp => Some(OrderStatus::InTransit),
            OrderStatus::InTransit
            | OrderStatus::Delivered
            | OrderStatus::Failed
            | OrderStatus::Cancelled
            | OrderStatus::Returned => None,
        })
    }),
    transition("deliver", "status", &[instant("delivered_at"), AT], |state| {
        moved(state, |status| match status {
            OrderStatus::Pending | OrderStatus::Assigned | OrderStatus::PickedUp | OrderStatus::InTransit => {
                Some(OrderStatus::Delivered)
            }
            OrderStatus::Delivered | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Returned => None,
        })
    }),
    transition(
        "fail",
        "status",
        &[long_text("failure_reason", 1000).required(), AT],
        |state| {
            moved(state, |status| match status {
                OrderStatus::Pending | OrderStatus::Assigned | OrderStatus::PickedUp | OrderStatus::InTransit => {
                    Some(OrderStatus::Failed)
                }
                OrderStatus::Delivered | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Returned => None,
            })
        },
    ),
    transition("cancel", "status", &[long_text("failure_reason", 1000), AT], |state| {
        moved(state, |status| match status {
            OrderStatus::Pending | OrderStatus::Assigned | OrderStatus::PickedUp | OrderStatus::InTransit => {
                Some(OrderStatus::Cancelled)
            }
            OrderStatus::Delivered | OrderStatus::Failed | OrderStatus::Cancelled | OrderStatus::Returned => None,
        })
    })
    .danger(),
    transition("return", "status", &[AT], |state| {
        moved(state, |status| match status {
            OrderStatus::PickedUp | OrderStatus::InTransit | OrderStatus::Delivered | OrderStatus::Failed => {
                Some(OrderStatus::Returned)
            }
            OrderStatus::Pending | OrderStatus::Assigned | OrderStatus::Cancelled | OrderStatus::Returned => None,
        })
    }),
];

/// Cash that is collected is at most the order's total; a place has both coordinates and lies on earth.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let amount = |field| after.decimal(field);
    if amount("cod_amount")
        .zip(amount("total_amount"))
        .is_some_and(|(cod, total)| cod > total)
    {
        violations.push(Violation::new("cod_amount", "more_than_total"));
    }
    for (lat, lon) in [("pickup_lat", "pickup_lon"), ("dropoff_lat", "dropoff_lon")] {
        violations.extend(crate::places::misplaced(after, lat, lon));
    }
    violations
}

const EVENT_FIELDS: &[Field] = &[
    reference("platform_order_id", "integrations.platform_orders")
        .required()
        .read_only()
        .filter()
        .list(),
    text("platform_status", 100).required().read_only().search().list(),
    choice("status", OrderStatus::VARIANTS).read_only().filter().list(),
    boolean("is_applied")
        .required()
        .read_only()
        .default("true")
        .filter()
        .list(),
    instant("occurred_at").required().read_only().filter().list(),
    instant("received_at").required().read_only(),
    text("event_key", 200).required().read_only(),
    json("raw").read_only(),
];

#[cfg(test)]
mod tests {
    use platform_resource::Record;
    use serde_json::json;

    use super::*;

    #[test]
    fn cash_is_part_of_the_total() {
        let found = |cod: &str| {
            let row = json!({"cod_amount": cod, "total_amount": "50.00"});
            check(None, &Record(row.as_object().cloned().expect("an object")))
        };
        assert_eq!(found("50.00"), []);
        assert_eq!(found("50.01"), [Violation::new("cod_amount", "more_than_total")]);
    }
}
