//! What others ask plugins to do: send a message, prepare a batch of payments, tell a platform where an order is, hear an event.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Effect, Event, Problem};
use platform_plugin_host::records::OrderStatus as Said;
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::tasks::{self, New, Work};
use crate::{PAYOUT_BATCHES, SMS_MESSAGES};

/// Installations that have a handler and work, or will once a person has seen to them; $2 the handler. The one that was
/// installed first goes first.
pub(crate) const ABLE: &str = "SELECT i.id, i.plugin FROM integrations.plugin_handlers h
    JOIN integrations.installations i ON i.organization_id = h.organization_id AND i.id = h.installation_id
    WHERE h.organization_id = $1 AND h.handler = $2 AND h.deleted_at IS NULL AND i.deleted_at IS NULL
        AND i.status IN ('active', 'needs_attention', 'needs_settings')
    ORDER BY i.status = 'needs_settings', i.id";
/// The order that a delivery is of; $2 the platform here, $3 its id of the order.
pub(crate) const ORDER: &str = "SELECT o.id, o.status, o.installation_id FROM integrations.platform_orders o
    WHERE o.organization_id = $1 AND o.platform = $2 AND o.platform_order_id = $3 AND o.deleted_at IS NULL";
pub(crate) const DELIVERY: &str = "SELECT d.platform, d.platform_order_id, d.status_reason
    FROM operations.platform_delivery_facts d WHERE d.organization_id = $1 AND d.id = $2";

pub(crate) const UNSENT: &str = "SELECT m.id FROM integrations.sms_messages m
    WHERE m.organization_id = $1 AND m.status = 'queued' AND m.installation_id IS NULL AND m.deleted_at IS NULL
    ORDER BY m.id LIMIT 1000";

macro_rules! heard {
    ($on:literal, $run:path) => {
        Effect {
            on: $on,
            run: |cx, event| Box::pin($run(cx, event)),
        }
    };
}

/// In the transaction of the cause.
pub(crate) const EFFECTS: &[Effect] = &[
    heard!("integrations.sms_messages.created", message),
    heard!("integrations.payout_batches.prepare", batch),
];

/// What plugins can subscribe to. Each name costs a delivery for every such event of every organization, so the list has what
/// integrations live on and not all there is.
pub(crate) const LISTENERS: &[Effect] = &[
    heard!("fleet.couriers.created", event),
    heard!("fleet.couriers.deleted", event),
    heard!("fleet.couriers.suspend", event),
    heard!("fleet.couriers.terminate", event),
    heard!("fleet.vehicles.created", event),
    heard!("fleet.vehicle_maintenance.created", event),
    heard!("fleet.accident_logs.created", event),
    heard!("hr.leaves.created", event),
    heard!("hr.loans.created", event),
    heard!("hr.expenses.created", event),
    heard!("hr.penalties.created", event),
    heard!("operations.incidents.created", event),
    heard!("operations.sla_tracking.breach", event),
    heard!("operations.deliveries.assign", delivery),
    heard!("operations.deliveries.pick_up", delivery),
    heard!("operations.deliveries.depart", delivery),
    heard!("operations.deliveries.arrive", delivery),
    heard!("operations.deliveries.deliver", delivery),
    heard!("operations.deliveries.fail", delivery),
    heard!("operations.deliveries.return_to_sender", delivery),
    heard!("operations.deliveries.cancel", delivery),
    heard!("workflow.workflow_notifications.created", notification),
];

/// Names of events that a manifest may subscribe to: the product's own, of three parts, and those of other plugins, of two.
pub(crate) fn is_heard(name: &str) -> bool {
    LISTENERS.iter().any(|effect| effect.on == name) || name.split('.').count() == 2
}

pub(crate) async fn able(cx: &mut Cx, handler: &str) -> Result<Vec<(Uuid, String)>, Problem> {
    let rows = sqlx::query(ABLE)
        .bind(cx.organization_id)
        .bind(handler)
        .fetch_all(cx.db())
        .await?;
    let pairs = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    Ok(pairs.collect::<Result<_, sqlx::Error>>()?)
}

/// The installation for a job: the one that is named, or the first that can do it.
async fn chosen(cx: &mut Cx, handler: &str, named: Option<Uuid>) -> Result<Option<(Uuid, String)>, Problem> {
    let able = able(cx, handler).await?;
    Ok(able.into_iter().find(|(id, _)| named.is_none_or(|named| named == *id)))
}

/// A message that is to be sent.
async fn message(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let message = platform_engine::load(cx, &SMS_MESSAGES, event.subject).await?;
    send(cx, event.subject, &message).await
}

/// Hands a message to a gateway; while there is none, it waits for one.
async fn send(cx: &mut Cx, message_id: Uuid, message: &Record) -> Result<(), Problem> {
    let named = message.uuid("installation_id");
    let Some((installation_id, plugin)) = chosen(cx, "sms-gateway.send", named).await? else {
        return Ok(());
    };
    if named.is_none() {
        let change = json!({"installation_id": installation_id});
        let change = change.as_object().cloned().unwrap_or_default();
        platform_engine::change(cx, &SMS_MESSAGES, message_id, "address", change).await?;
    }
    let task = New {
        installation_id,
        plugin: &plugin,
        handler: "sms-gateway.send",
        key: &message_id.to_string(),
        origin: "message",
        endpoint_id: None,
        subject: message.text("kind").map(ToOwned::to_owned),
        work: Work::Sms { message_id },
        body: &[],
        at: cx.now,
    };
    tasks::add(cx, task).await?;
    Ok(())
}

/// Messages that waited for a gateway go to the one that is there now.
pub(crate) async fn send_waiting(cx: &mut Cx) -> Result<(), Problem> {
    let waiting: Vec<Uuid> = sqlx::query_scalar(UNSENT)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    for id in waiting {
        let message = platform_engine::load(cx, &SMS_MESSAGES, id).await?;
        send(cx, id, &message).await?;
    }
    Ok(())
}

/// A batch of payments whose file is wanted.
async fn batch(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let batch = platform_engine::load(cx, &PAYOUT_BATCHES, event.subject).await?;
    let chosen = chosen(cx, "payout-gateway.prepare", batch.uuid("installation_id")).await?;
    let (installation_id, plugin) = chosen.ok_or_else(|| Problem::refused("no_payout_gateway"))?;
    let version = batch.integer("version").unwrap_or_default();
    let task = New {
        installation_id,
        plugin: &plugin,
        handler: "payout-gateway.prepare",
        key: &format!("{}:{version}", event.subject),
        origin: "payout",
        endpoint_id: None,
        subject: batch.text("batch_number").map(ToOwned::to_owned),
        work: Work::Payouts {
            batch_id: event.subject,
        },
        body: &[],
        at: cx.now,
    };
    tasks::add(cx, task).await?;
    Ok(())
}

/// Something happened that plugins may have subscribed to.
pub(crate) async fn event(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let body = serde_json::to_vec(&event.data).map_err(|error| Problem::internal(&error))?;
    let news = News {
        name: &event.name,
        // The same event has the same key, also when it is delivered again.
        key: &format!("{}:{}", event.subject, event.occurred_at.timestamp_micros()),
        subject: event.subject,
        occurred_at: event.occurred_at,
        hops: 0,
        body: &body,
    };
    tell(cx, news).await
}

/// Something to tell plugins.
pub(crate) struct News<'a> {
    pub name: &'a str,
    pub key: &'a str,
    pub subject: Uuid,
    pub occurred_at: DateTime<Utc>,
    /// How many plugins it went through.
    pub hops: u8,
    pub body: &'a [u8],
}

/// Tells every installation that hears of it.
pub(crate) async fn tell(cx: &mut Cx, news: News<'_>) -> Result<(), Problem> {
    let handler = format!("events.handle:{}", news.name);
    for (installation_id, plugin) in able(cx, &handler).await? {
        let task = New {
            installation_id,
            plugin: &plugin,
            handler: &handler,
            key: news.key,
            origin: "event",
            endpoint_id: None,
            subject: Some(news.subject.to_string()),
            work: Work::Event {
                event_id: event_id(news.name, news.key),
                name: news.name.to_owned(),
                subject: news.subject,
                occurred_at: news.occurred_at,
                hops: news.hops,
            },
            body: news.body,
            at: cx.now,
        };
        tasks::add(cx, task).await?;
    }
    Ok(())
}

/// An id of an event that follows from what it is.
fn event_id(name: &str, key: &str) -> Uuid {
    use sha2::{Digest, Sha256};
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What a delivery's state is to a platform.
fn progress(status: &str) -> Option<Said> {
    match status {
        "assigned" | "accepted" => Some(Said::Assigned),
        "pickup_started" => Some(Said::AtPickup),
        "picked_up" => Some(Said::PickedUp),
        "in_transit" => Some(Said::InTransit),
        "arrived" => Some(Said::AtDropoff),
        "delivered" => Some(Said::Delivered),
        "failed" => Some(Said::Failed),
        "returned" => Some(Said::Returned),
        "cancelled" => Some(Said::Cancelled),
        _ => None,
    }
}

/// The platform that a delivery came from, as orders name it.
fn platform_of(delivery: &str) -> Option<&'static str> {
    crate::order_events::platform(delivery).ok()
}

/// A delivery moved: whoever subscribed hears it, and the platform of its order is told.
async fn delivery(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    self::event(cx, event).await?;
    let row = sqlx::query(DELIVERY)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let platform = platform_of(row.try_get("platform")?);
    let order: Option<String> = row.try_get("platform_order_id")?;
    let Some((platform, order)) = platform.zip(order) else {
        return Ok(());
    };
    // What the event says, and not what became of it since.
    let status = event.after("status").as_str().unwrap_or_default().to_owned();
    let Some(said) = progress(&status) else { return Ok(()) };
    let found = sqlx::query(ORDER)
        .bind(cx.organization_id)
        .bind(platform)
        .bind(order)
        .fetch_optional(cx.db())
        .await?;
    let Some(found) = found else { return Ok(()) };
    let (order_id, installation): (Uuid, Option<Uuid>) = (found.try_get("id")?, found.try_get("installation_id")?);
    let Some(installation) = installation else {
        return Ok(());
    };
    // It was the platform that said so: it does not have to be told.
    if is_told(found.try_get("status")?, said) {
        return Ok(());
    }
    let Some((installation_id, plugin)) = chosen(cx, "order-source.push-status", Some(installation)).await? else {
        return Ok(());
    };
    let task = New {
        installation_id,
        plugin: &plugin,
        handler: "order-source.push-status",
        key: &format!("{order_id}:{status}:{}", event.occurred_at.timestamp_micros()),
        origin: "order",
        endpoint_id: None,
        subject: Some(order_id.to_string()),
        work: Work::OrderStatus {
            order_id,
            status: said.as_str().to_owned(),
            at: event.occurred_at,
            reason: row.try_get("status_reason")?,
        },
        body: &[],
        at: cx.now,
    };
    tasks::add(cx, task).await?;
    Ok(())
}

/// Whether an order already stands where it is to be put.
fn is_told(order: &str, said: Said) -> bool {
    matches!(
        (order, said),
        ("picked_up", Said::PickedUp)
            | ("in_transit", Said::InTransit)
            | ("delivered", Said::Delivered)
            | ("failed", Said::Failed)
            | ("returned", Said::Returned)
            | ("cancelled", Said::Cancelled)
    )
}

/// A notification of a workflow that is to be a text message becomes one.
async fn notification(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let text = |field: &str| event.after(field).as_str().map(ToOwned::to_owned);
    if text("channel").as_deref() != Some("sms") || text("status").as_deref() != Some("pending") {
        return Ok(());
    }
    let body = text("sms_content").or_else(|| text("body"));
    let Some((phone, body)) = text("recipient_phone").zip(body) else {
        return Ok(());
    };
    let row = json!({
        "recipient_phone": phone, "body": body.chars().take(1600).collect::<String>(),
        "source": format!("workflow.workflow_notifications/{}", event.subject),
    });
    ask(cx, row).await
}

/// Asks for a message in the name of a row; the second time nothing happens, and without a gateway neither.
async fn ask(cx: &mut Cx, row: Json) -> Result<(), Problem> {
    let row: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    let known: bool = sqlx::query_scalar(ASKED)
        .bind(cx.organization_id)
        .bind(row["source"].as_str())
        .fetch_one(cx.db())
        .await?;
    if known || able(cx, "sms-gateway.send").await?.is_empty() {
        return Ok(());
    }
    platform_engine::create(cx, &SMS_MESSAGES, row).await?;
    Ok(())
}

pub(crate) const ASKED: &str = "SELECT EXISTS (SELECT FROM integrations.sms_messages
    WHERE organization_id = $1 AND source = $2 AND deleted_at IS NULL)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_one_id() {
        let id = event_id("fleet.vehicles.created", "a:1");
        assert_eq!(id, event_id("fleet.vehicles.created", "a:1"));
        assert_ne!(id, event_id("fleet.vehicles.created", "a:2"));
        assert_ne!(id, event_id("fleet.vehicles.createda", ":1"));
    }

    #[test]
    fn a_platform_is_not_told_what_it_said() {
        assert!(is_told("delivered", Said::Delivered));
        assert!(!is_told("in_transit", Said::Delivered));
        assert!(!is_told("assigned", Said::Assigned), "it may be another courier");
    }
}
