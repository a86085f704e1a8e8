//! Orders of delivery platforms.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::check::{
    MAX_NAME_LENGTH, MAX_WORDS_LENGTH, RefusedRow, Rules, Verdict, amount, attributes, happened, id, optional_id,
    planned, point, reference, settle, sift, slug, tidy, tidy_required, within,
};
use crate::text::clean;
use crate::vocabulary::vocabulary;
use crate::{Amount, Attributes, Failure, FailureKind, Flag, Point};

const MAX_ITEMS: usize = 200;
const MAX_QUANTITY: i64 = 10_000;
const MAX_ADDRESS_LENGTH: usize = 1_000;
const MAX_NOTES_LENGTH: usize = 2_000;
/// Farther than any road.
const MAX_DISTANCE_M: i64 = 10_000_000;

vocabulary! {
    /// Where an order stands.
    OrderStatus {
        Pending = "pending",
        /// Taken by the shop or the fleet, no courier yet.
        Accepted = "accepted",
        Ready = "ready",
        Assigned = "assigned",
        AtPickup = "at_pickup",
        PickedUp = "picked_up",
        InTransit = "in_transit",
        AtDropoff = "at_dropoff",
        Delivered = "delivered",
        Failed = "failed",
        Cancelled = "cancelled",
        Returned = "returned",
        /// The platform's own word is in `status_name`; it moves nothing.
        Other = "other",
    }
}

vocabulary! {
    /// What is delivered.
    OrderKind {
        Food = "food",
        Grocery = "grocery",
        Parcel = "parcel",
        Pharmacy = "pharmacy",
        Other = "other",
    }
}

vocabulary! {
    /// How the customer pays.
    Payment {
        Prepaid = "prepaid",
        Cash = "cash",
        CardOnDelivery = "card_on_delivery",
        Wallet = "wallet",
        Other = "other",
    }
}

/// Where an order is picked up or dropped off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub name: Option<String>,
    /// As the platform gives it.
    pub phone: Option<String>,
    pub address: Option<String>,
    pub location: Option<Point>,
    pub window_start: Option<DateTime<Utc>>,
    pub window_end: Option<DateTime<Utc>>,
    pub notes: Option<String>,
    pub attributes: Attributes,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    pub sku: Option<String>,
    pub name: String,
    pub quantity: u32,
    pub price: Option<Amount>,
    pub attributes: Attributes,
}

/// An order as the platform tells it. What it does not tell is `None` and stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub external_id: String,
    /// The platform's id of the message that said so.
    pub event_id: Option<String>,
    /// When the platform says it became so.
    pub as_of: DateTime<Utc>,
    pub platform: String,
    pub display_id: Option<String>,
    pub tracking_number: Option<String>,
    pub status: OrderStatus,
    pub status_name: Option<String>,
    pub kind: OrderKind,
    pub placed_at: Option<DateTime<Utc>>,
    pub pickup: Option<Stop>,
    pub dropoff: Option<Stop>,
    pub items: Vec<OrderItem>,
    pub payment: Option<Payment>,
    pub total: Option<Amount>,
    pub delivery_fee: Option<Amount>,
    /// What the courier collects; at most the total.
    pub cash_to_collect: Option<Amount>,
    pub distance_m: Option<u32>,
    pub courier_ref: Option<String>,
    pub reason: Option<String>,
    pub attributes: Attributes,
    /// Set by the checks, never by the plugin.
    pub flags: Vec<Flag>,
}

/// News of an order and nothing else about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderUpdate {
    pub external_id: String,
    pub event_id: Option<String>,
    pub as_of: DateTime<Utc>,
    pub platform: String,
    pub status: OrderStatus,
    pub status_name: Option<String>,
    pub courier_ref: Option<String>,
    pub courier_location: Option<Point>,
    pub reason: Option<String>,
    pub attributes: Attributes,
    /// Set by the checks, never by the plugin.
    pub flags: Vec<Flag>,
}

/// A courier's progress, for the platform to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusNotice {
    pub notice_id: String,
    pub external_id: String,
    pub platform: String,
    pub status: OrderStatus,
    pub at: DateTime<Utc>,
    pub courier_ref: Option<String>,
    pub courier_name: Option<String>,
    pub courier_phone: Option<String>,
    pub location: Option<Point>,
    pub reason: Option<String>,
    pub attributes: Attributes,
}

/// What became of one of several items handed to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    Done,
    /// The outside service has no use for it.
    Skipped(String),
    /// The failure's kind says whether this item is tried again.
    Failed(Failure),
}

/// What became of one notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeResult {
    pub notice_id: String,
    pub outcome: ItemOutcome,
    pub attributes: Attributes,
}

/// The orders that may be stored, one per order and message.
pub fn check_orders(orders: Vec<Order>, rules: &Rules, refused: &mut Vec<RefusedRow>) -> Vec<Order> {
    let id = |order: &Order| key(&order.platform, &order.external_id, order.event_id.as_deref());
    sift("order", orders, id, |order| check_order(order, rules), refused).0
}

/// The updates that may be stored, one per order and message.
pub fn check_order_updates(
    updates: Vec<OrderUpdate>,
    rules: &Rules,
    refused: &mut Vec<RefusedRow>,
) -> Vec<OrderUpdate> {
    // Without a message id, two updates of one order at different moments are two.
    let id = |update: &OrderUpdate| {
        let moment = update.as_of.timestamp_millis().to_string();
        let message = update.event_id.as_deref().unwrap_or(&moment);
        key(&update.platform, &update.external_id, Some(message))
    };
    sift(
        "order_update",
        updates,
        id,
        |update| check_update(update, rules),
        refused,
    )
    .0
}

/// One result for each notice of the call, in its order: what is missing failed and may be tried again.
pub fn check_notice_results(
    asked: &[StatusNotice],
    results: Vec<NoticeResult>,
    refused: &mut Vec<RefusedRow>,
) -> Vec<NoticeResult> {
    let known = |result: &mut NoticeResult| {
        if !asked.iter().any(|notice| notice.notice_id == result.notice_id) {
            return Err(("notice_id", "unknown"));
        }
        if let ItemOutcome::Failed(failure) = &mut result.outcome {
            tidy_failure(failure);
        }
        if let ItemOutcome::Skipped(why) = &mut result.outcome {
            *why = clean(why, MAX_WORDS_LENGTH).0.unwrap_or_default();
        }
        attributes(&mut result.attributes, &mut Vec::new())
    };
    let id = |result: &NoticeResult| result.notice_id.clone();
    let (results, _) = sift("notice_result", results, id, known, refused);
    let given = |notice: &StatusNotice| {
        results
            .iter()
            .find(|result| result.notice_id == notice.notice_id)
            .cloned()
    };
    let missing = |notice: &StatusNotice| NoticeResult {
        notice_id: notice.notice_id.clone(),
        outcome: ItemOutcome::Failed(no_result()),
        attributes: Attributes::new(),
    };
    asked
        .iter()
        .map(|notice| given(notice).unwrap_or_else(|| missing(notice)))
        .collect()
}

/// For an item the plugin said nothing about.
pub(crate) fn no_result() -> Failure {
    Failure {
        kind: FailureKind::Transient,
        code: "no_result".to_owned(),
        message: "The plugin did not say what became of this item.".to_owned(),
        retry_after_ms: None,
        attributes: Attributes::new(),
    }
}

/// A failure's words go to pages and logs.
pub(crate) fn tidy_failure(failure: &mut Failure) {
    failure.code = clean(&failure.code, 60).0.unwrap_or_default();
    failure.message = clean(&failure.message, MAX_WORDS_LENGTH).0.unwrap_or_default();
    failure.attributes.clear();
}

fn key(platform: &str, order: &str, message: Option<&str>) -> String {
    // A character no id may contain keeps the parts apart.
    format!("{order}\u{0}{platform}\u{0}{}", message.unwrap_or_default())
}

fn check_order(order: &mut Order, rules: &Rules) -> Verdict {
    let flags = &mut order.flags;
    flags.clear();
    id("external_id", &order.external_id)?;
    optional_id("event_id", order.event_id.as_ref())?;
    slug("platform", &order.platform)?;
    happened("as_of", order.as_of, rules)?;
    if let Some(at) = order.placed_at {
        happened("placed_at", at, rules)?;
    }
    amount("total", order.total.as_ref(), rules)?;
    amount("delivery_fee", order.delivery_fee.as_ref(), rules)?;
    amount("cash_to_collect", order.cash_to_collect.as_ref(), rules)?;
    if let (Some(total), Some(cash)) = (&order.total, &order.cash_to_collect)
        && (cash.currency != total.currency || cash.minor > total.minor)
    {
        return Err(("cash_to_collect", "out_of_range"));
    }
    within(
        "distance_m",
        i64::from(order.distance_m.unwrap_or(0)),
        0,
        MAX_DISTANCE_M,
    )?;
    if order.items.len() > MAX_ITEMS {
        return Err(("items", "too_many"));
    }
    for item in &mut order.items {
        tidy_required("items.name", &mut item.name, MAX_NAME_LENGTH, flags)?;
        tidy(&mut item.sku, MAX_NAME_LENGTH, flags);
        within("items.quantity", i64::from(item.quantity), 0, MAX_QUANTITY)?;
        amount("items.price", item.price.as_ref(), rules)?;
        attributes(&mut item.attributes, flags)?;
    }
    stop(
        ["pickup.location", "pickup.window", "pickup.phone"],
        order.pickup.as_mut(),
        rules,
        flags,
    )?;
    stop(
        ["dropoff.location", "dropoff.window", "dropoff.phone"],
        order.dropoff.as_mut(),
        rules,
        flags,
    )?;
    reference("courier_ref", &mut order.courier_ref, flags)?;
    reference("display_id", &mut order.display_id, flags)?;
    reference("tracking_number", &mut order.tracking_number, flags)?;
    tidy(&mut order.status_name, MAX_NAME_LENGTH, flags);
    tidy(&mut order.reason, MAX_WORDS_LENGTH, flags);
    attributes(&mut order.attributes, flags)?;
    settle(flags);
    Ok(())
}

fn stop(names: [&'static str; 3], stop: Option<&mut Stop>, rules: &Rules, flags: &mut Vec<Flag>) -> Verdict {
    let Some(stop) = stop else { return Ok(()) };
    let [location, window, phone] = names;
    point(location, stop.location.as_ref())?;
    for at in [stop.window_start, stop.window_end].into_iter().flatten() {
        planned(window, at, rules)?;
    }
    if stop
        .window_start
        .zip(stop.window_end)
        .is_some_and(|(start, end)| start > end)
    {
        return Err((window, "out_of_range"));
    }
    reference(phone, &mut stop.phone, flags)?;
    tidy(&mut stop.name, MAX_NAME_LENGTH, flags);
    tidy(&mut stop.address, MAX_ADDRESS_LENGTH, flags);
    tidy(&mut stop.notes, MAX_NOTES_LENGTH, flags);
    attributes(&mut stop.attributes, flags)
}

fn check_update(update: &mut OrderUpdate, rules: &Rules) -> Verdict {
    let flags = &mut update.flags;
    flags.clear();
    id("external_id", &update.external_id)?;
    optional_id("event_id", update.event_id.as_ref())?;
    slug("platform", &update.platform)?;
    happened("as_of", update.as_of, rules)?;
    point("courier_location", update.courier_location.as_ref())?;
    reference("courier_ref", &mut update.courier_ref, flags)?;
    tidy(&mut update.status_name, MAX_NAME_LENGTH, flags);
    tidy(&mut update.reason, MAX_WORDS_LENGTH, flags);
    attributes(&mut update.attributes, flags)?;
    settle(flags);
    Ok(())
}

#[cfg(test)]
mod tests;
