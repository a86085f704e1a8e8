//! What platforms say about orders comes in here: each event once, whatever its order of arrival. An order stands where the
//! latest event by its own time put it; a word that is not known is kept and flagged, and moves nothing.

use chrono::{DateTime, SecondsFormat, Utc};
use platform_core::{Cx, Operation, Permit, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::platform_orders::{PLATFORM_ORDER_EVENTS, PLATFORM_ORDERS};
use crate::platform_statuses::{OrderStatus, PLATFORM_ALIASES, PLATFORMS, meaning};

/// $1 organization, $2 platform, $3 its id of the order.
pub(crate) const FIND: &str = "SELECT o.id FROM integrations.platform_orders o
    WHERE o.organization_id = $1 AND o.platform = $2 AND o.platform_order_id = $3 AND o.deleted_at IS NULL";

/// What was said about an order, the latest first; of two at once, the one that came later.
pub(crate) const SAID: &str = "SELECT e.platform_status, e.status, e.occurred_at, e.event_key
    FROM integrations.platform_order_events e
    WHERE e.organization_id = $1 AND e.platform_order_id = $2 AND e.deleted_at IS NULL
    ORDER BY e.occurred_at DESC, e.id DESC";

/// The courier with the platform's id of him. $2 is the platform's name for the courier, $3 the id.
pub(crate) const COURIER: &str = "SELECT c.id FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND $2 = 'barq' AND c.barq_id = $3";

/// One event of an order, with what the platform says about the order itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    /// The platform, as `jahez`.
    platform: String,
    /// Its id of the order.
    platform_order_id: String,
    /// Its word for where the order is.
    platform_status: String,
    /// When it happened there.
    occurred_at: DateTime<Utc>,
    /// Its id of the event, where it has one; an event with the same id is the same event.
    event_id: Option<String>,
    /// Its id of the courier.
    platform_driver_id: Option<String>,
    /// Number for following the order.
    tracking_number: Option<String>,
    /// The order's total, as a decimal in the organization's currency.
    total_amount: Option<String>,
    /// The fee for the delivery.
    delivery_fee: Option<String>,
    /// Cash to collect; the total when the customer pays cash and nothing is said.
    cod_amount: Option<String>,
    /// How the customer pays: `prepaid`, `cash`, `card_on_delivery`, `wallet` or `other`.
    payment_method: Option<String>,
    /// When it was ordered.
    ordered_at: Option<DateTime<Utc>>,
}

/// What became of the event.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Taken {
    /// Our order.
    order_id: Uuid,
    /// Whether the order was not known before.
    is_new_order: bool,
    /// Whether the event was not known before.
    is_new_event: bool,
    /// Where the order stands.
    status: String,
    /// What it is as a delivery of ours: `pending`, `in_transit`, `delivered`, `failed` or `returned`.
    delivery_status: &'static str,
    /// Whether the platform's latest word is understood.
    is_status_known: bool,
}

pub(crate) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The platform's name as it is stored.
pub(crate) fn platform(given: &str) -> Result<&'static str, Problem> {
    let folded = given.trim().to_lowercase().replace([' ', '-'], "_");
    let aliased = PLATFORM_ALIASES.iter().find(|(alias, _)| *alias == folded);
    let name = aliased.map_or(folded.as_str(), |(_, stored)| *stored);
    let known = PLATFORMS.iter().find(|platform| **platform == name);
    known
        .copied()
        .ok_or_else(|| Problem::field("platform", "not_a_choice").with("allowed", PLATFORMS.join(", ")))
}

impl Taken {
    /// Whether anything about it was new.
    pub const fn is_new(&self) -> bool {
        self.is_new_order || self.is_new_event
    }
}

/// An event as it is stored: its word's meaning, and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fact<'a> {
    word: &'a str,
    status: Option<OrderStatus>,
    at: DateTime<Utc>,
}

/// Where an order stands after what was said about it, the latest first.
#[derive(Debug, PartialEq, Eq)]
struct Standing<'a> {
    /// By the latest event that is understood.
    status: OrderStatus,
    /// The latest word, understood or not.
    word: &'a str,
    is_known: bool,
    last_event_at: DateTime<Utc>,
    picked_up_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
}

fn standing<'a>(facts: &[Fact<'a>]) -> Option<Standing<'a>> {
    let latest = facts.first()?;
    // The first time of a state counts: a repeated message is not a second delivery.
    let first = |wanted: OrderStatus| {
        facts
            .iter()
            .rev()
            .find(|fact| fact.status == Some(wanted))
            .map(|fact| fact.at)
    };
    let status = facts
        .iter()
        .find_map(|fact| fact.status)
        .unwrap_or(OrderStatus::Pending);
    Some(Standing {
        status,
        word: latest.word,
        is_known: latest.status.is_some(),
        last_event_at: latest.at,
        picked_up_at: first(OrderStatus::PickedUp),
        delivered_at: first(OrderStatus::Delivered)
            .filter(|_| status == OrderStatus::Delivered || status == OrderStatus::Returned),
    })
}

/// Facts about the order itself, which later events may tell again.
fn details(said: &Said) -> Map<String, Json> {
    let is_cash = said
        .payment_method
        .as_deref()
        .is_some_and(|method| matches!(method, "cash" | "cod"));
    let cash = said
        .cod_amount
        .clone()
        .or_else(|| said.total_amount.clone().filter(|_| is_cash));
    let details = json!({
        "tracking_number": said.tracking_number,
        "total_amount": said.total_amount, "delivery_fee": said.delivery_fee, "cod_amount": cash,
        "payment_method": said.payment_method.as_deref().map(|method| if method == "cod" { "cash" } else { method }),
        "ordered_at": said.ordered_at.map(written),
    });
    let details = details.as_object().cloned().unwrap_or_default();
    details.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

async fn find(cx: &mut Cx, platform: &str, order: &str) -> Result<Option<Uuid>, Problem> {
    let found = sqlx::query_scalar(FIND)
        .bind(cx.organization_id)
        .bind(platform)
        .bind(order)
        .fetch_optional(cx.db())
        .await?;
    Ok(found)
}

/// What somebody says about an order, whoever it is.
pub(crate) struct News {
    pub platform: &'static str,
    pub order: String,
    /// The platform's word for where the order is, and what it means.
    pub word: String,
    pub status: Option<OrderStatus>,
    pub at: DateTime<Utc>,
    /// The same key is the same event.
    pub key: String,
    pub driver: Option<String>,
    /// Facts about the order itself.
    pub change: Map<String, Json>,
    /// Facts that only a new order gets.
    pub first: Map<String, Json>,
    /// As it came.
    pub raw: Json,
}

/// `POST /integrations/platform_orders/events`.
pub(crate) async fn take(cx: &mut Cx, said: Said) -> Result<Taken, Problem> {
    let platform = platform(&said.platform)?;
    for (field, text) in [
        ("platform_order_id", Some(&said.platform_order_id)),
        ("platform_status", Some(&said.platform_status)),
        ("event_id", said.event_id.as_ref()),
        ("platform_driver_id", said.platform_driver_id.as_ref()),
    ] {
        if text.is_some_and(|text| text.contains('\0')) {
            return Err(Problem::field(field, "bad_character"));
        }
    }
    let news = News {
        platform,
        change: details(&said),
        first: Map::new(),
        raw: Json::Null,
        status: meaning(platform, &said.platform_status),
        key: said
            .event_id
            .clone()
            .unwrap_or_else(|| format!("{}@{}", said.platform_status, written(said.occurred_at))),
        at: said.occurred_at,
        order: said.platform_order_id,
        word: said.platform_status,
        driver: said.platform_driver_id,
    };
    learn(cx, news).await
}

/// Takes news of an order: stored once, and the order stands where the latest of them put it.
pub(crate) async fn learn(cx: &mut Cx, news: News) -> Result<Taken, Problem> {
    let mut change = news.change;
    if let Some(driver) = &news.driver {
        let courier: Option<Uuid> = sqlx::query_scalar(COURIER)
            .bind(cx.organization_id)
            .bind(news.platform)
            .bind(driver)
            .fetch_optional(cx.db())
            .await?;
        change.insert("platform_driver_id".into(), json!(driver));
        change.extend(courier.map(|courier| ("courier_id".to_owned(), json!(courier))));
    }
    let found = find(cx, news.platform, &news.order).await?;
    let order = if let Some(id) = found {
        // Locks the order: two events of it come one after the other.
        platform_engine::load(cx, &PLATFORM_ORDERS, id).await?;
        id
    } else {
        let mut row = change.clone();
        row.extend(news.first);
        row.insert("platform".into(), json!(news.platform));
        row.insert("platform_order_id".into(), json!(news.order));
        let stored = platform_engine::create(cx, &PLATFORM_ORDERS, row).await?;
        stored
            .uuid("id")
            .ok_or_else(|| Problem::internal(&"a row without an id"))?
    };
    let is_new_event = !known(cx, order, &news.key).await?;
    if is_new_event {
        let event = json!({"platform_order_id": order, "platform_status": news.word,
            "status": news.status.map(<&'static str>::from), "is_applied": news.status.is_some(),
            "occurred_at": written(news.at), "received_at": written(cx.now), "event_key": news.key, "raw": news.raw});
        let event = event.as_object().cloned().unwrap_or_default();
        platform_engine::create(cx, &PLATFORM_ORDER_EVENTS, event).await?;
    }
    let rows = sqlx::query(SAID)
        .bind(cx.organization_id)
        .bind(order)
        .fetch_all(cx.db())
        .await?;
    let rows: Vec<(String, Option<String>, DateTime<Utc>)> = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
        .collect::<Result<_, sqlx::Error>>()?;
    let facts: Vec<Fact<'_>> = rows
        .iter()
        .map(|(word, status, at)| Fact {
            word,
            status: status.as_deref().and_then(|word| word.parse().ok()),
            at: *at,
        })
        .collect();
    let standing = standing(&facts).ok_or_else(|| Problem::internal(&"an order without events"))?;
    // What a late event says about the order is older than what is stored.
    if standing.last_event_at > news.at {
        change.clear();
    }
    let name: &'static str = standing.status.into();
    change.insert("status".into(), json!(name));
    change.insert("platform_status".into(), json!(standing.word));
    change.insert("is_status_known".into(), json!(standing.is_known));
    change.insert("last_event_at".into(), json!(written(standing.last_event_at)));
    change.insert("picked_up_at".into(), json!(standing.picked_up_at.map(written)));
    change.insert("delivered_at".into(), json!(standing.delivered_at.map(written)));
    // An event that was known changes nothing, and tells nobody.
    if is_new_event || found.is_none() {
        platform_engine::change(cx, &PLATFORM_ORDERS, order, "event", change).await?;
    }
    Ok(Taken {
        order_id: order,
        is_new_order: found.is_none(),
        is_new_event,
        status: name.to_owned(),
        delivery_status: standing.status.as_delivery(),
        is_status_known: standing.is_known,
    })
}

async fn known(cx: &mut Cx, order: Uuid, key: &str) -> Result<bool, Problem> {
    let rows = sqlx::query(SAID)
        .bind(cx.organization_id)
        .bind(order)
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        if row.try_get::<String, _>("event_key")? == key {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The operation.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::post(
            "/integrations/platform_orders/events",
            "integrations.platform_orders.take_event",
            Permit::needs("platform_orders.create"),
            |cx, input| Box::pin(take(cx, input)),
        )
        .summary(
            "Take an event of a platform's order: once, in the order of its own time, unknown words kept and flagged",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2026-06-01T06:{minute:02}:00Z").parse().expect("good")
    }

    /// The latest first, as the statement answers them.
    fn facts<'a>(said: &[(&'a str, u32)]) -> Vec<Fact<'a>> {
        let mut facts: Vec<Fact<'a>> = said
            .iter()
            .map(|(word, minute)| Fact {
                word,
                status: meaning("jahez", word),
                at: at(*minute),
            })
            .collect();
        facts.sort_by_key(|fact| std::cmp::Reverse(fact.at));
        facts
    }

    #[test]
    fn the_latest_by_its_own_time_counts() {
        // `picked_up` comes after `delivered` arrived.
        let said = facts(&[("accepted", 3), ("delivered", 30), ("picked_up", 12)]);
        let standing = standing(&said).expect("something was said");
        assert_eq!(standing.status, OrderStatus::Delivered);
        assert_eq!(
            (standing.picked_up_at, standing.delivered_at),
            (Some(at(12)), Some(at(30)))
        );
        assert_eq!(standing.last_event_at, at(30));
    }

    #[test]
    fn an_unknown_word_is_flagged_and_moves_nothing() {
        let said = facts(&[("picked_up", 12), ("teleported", 20)]);
        let now = standing(&said).expect("something was said");
        assert_eq!(
            (now.status, now.word, now.is_known),
            (OrderStatus::PickedUp, "teleported", false)
        );
        let said = facts(&[("teleported", 20)]);
        let now = standing(&said).expect("something was said");
        assert_eq!((now.status, now.is_known), (OrderStatus::Pending, false));
        assert_eq!(standing(&[]), None);
    }

    #[test]
    fn platforms_have_other_names() {
        assert_eq!(platform("Hunger Station").ok(), Some("hungerstation"));
        assert_eq!(platform("JAHEZ").ok(), Some("jahez"));
        assert!(platform("nobody").is_err());
    }
}
