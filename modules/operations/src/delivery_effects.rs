//! What follows from the actions of deliveries, in the same transaction: the event, the proof, the cash, the clocks, and the
//! dispatch and queue entries that ask for the same delivery. Each partner looks at the other's state before it acts, so it
//! does not matter on which of them somebody presses the button.

use platform_core::{Cx, Event, Problem};
use platform_engine::{act, change, create, load};
use platform_resource::Record;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, json};
use sqlx::Row;
use uuid::Uuid;

use crate::rows::{id_of, row, setting};
use crate::{
    COD_TRANSACTIONS, DELIVERIES, DELIVERY_EVENTS, DELIVERY_PROOFS, DISPATCH_ASSIGNMENTS, PRIORITY_QUEUE_ENTRIES,
    SLA_TRACKING,
};

/// Open deliveries that a courier may hold unless the company sets `max_concurrent_deliveries`.
pub(crate) const USUAL_LOAD: i64 = 10;

/// A courier's state, open deliveries and cash in hand.
pub(crate) const COURIER: &str = "SELECT f.status,
    (SELECT count(*) FROM operations.deliveries d WHERE d.organization_id = $1 AND d.courier_id = f.id
        AND d.status IN ('assigned', 'accepted', 'pickup_started', 'picked_up', 'in_transit', 'arrived')
        AND d.deleted_at IS NULL) AS load,
    (SELECT coalesce(sum(t.amount), 0)::bigint FROM operations.cod_transactions t WHERE t.organization_id = $1
        AND t.courier_id = f.id AND t.status = 'pending' AND t.deleted_at IS NULL) AS cash
    FROM fleet.courier_facts f WHERE f.organization_id = $1 AND f.id = $2 AND f.deleted_at IS NULL";

pub(crate) const DISPATCH_OF: &str = "SELECT id FROM operations.dispatch_assignments WHERE organization_id = $1
    AND delivery_id = $2 AND status IN ('pending', 'assigned', 'accepted', 'in_progress') AND deleted_at IS NULL";

pub(crate) const ENTRY_OF: &str = "SELECT id FROM operations.priority_queue_entries WHERE organization_id = $1
    AND delivery_id = $2 AND status IN ('queued', 'processing', 'assigned') AND deleted_at IS NULL";

pub(crate) const CLOCKS_OF: &str = "SELECT id, status FROM operations.sla_tracking WHERE organization_id = $1
    AND delivery_id = $2 AND completed_at IS NULL AND status IN ('active', 'at_risk', 'breached') AND deleted_at IS NULL
    ORDER BY id";

/// The threshold for a delivery: of its zone, else of its service for all zones, else any for all zones.
pub(crate) const THRESHOLD_OF: &str = "SELECT id, target_minutes, warning_minutes, critical_minutes, penalty_amount
    FROM operations.sla_thresholds WHERE organization_id = $1 AND sla_type = $2 AND is_active AND deleted_at IS NULL
    AND ((zone_id = $3 AND (service_type IS NULL OR service_type = $4))
        OR (zone_id IS NULL AND applies_to_all_zones AND (service_type IS NULL OR service_type = $4)))
    ORDER BY (zone_id IS NOT NULL) DESC, (service_type IS NOT NULL) DESC, threshold_code LIMIT 1";

/// A new delivery is measured from the moment it was ordered, where a threshold fits it.
pub(crate) async fn created(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.after("status") != "pending" {
        return Ok(());
    }
    let found = sqlx::query(THRESHOLD_OF)
        .bind(cx.organization_id)
        .bind("delivery_time")
        .bind(id_of(event.after("zone_id")))
        .bind(event.after("service_level").as_str().unwrap_or("standard"))
        .fetch_optional(cx.db())
        .await?;
    let Some(found) = found else { return Ok(()) };
    let given = event.after("ordered_at").as_str().and_then(|at| at.parse().ok());
    let start: chrono::DateTime<chrono::Utc> = given.unwrap_or(cx.now);
    let after = |minutes: i64| start + chrono::TimeDelta::minutes(minutes);
    let target: i64 = found.try_get("target_minutes")?;
    let clock = json!({
        "sla_threshold_id": found.try_get::<Uuid, _>("id")?,
        "delivery_id": event.subject,
        "started_at": start,
        "target_at": after(target),
        "warning_at": after(found.try_get("warning_minutes")?),
        "critical_at": after(found.try_get("critical_minutes")?),
        "target_value": target.to_string(),
        "penalty_per_breach": crate::rows::amount(found.try_get("penalty_amount")?),
    });
    create(cx, &SLA_TRACKING, row(clock)).await.map(drop)
}

/// Every action of a delivery.
pub(crate) async fn moved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let delivery = load(cx, &DELIVERIES, event.subject).await?;
    let verb = event.name.rsplit('.').next().unwrap_or_default().to_owned();
    write_event(cx, event, &delivery, &verb).await?;
    let none = Map::new;
    match verb.as_str() {
        "assign" => {
            courier_is_ready(cx, &delivery).await?;
            let courier = row(json!({"courier_id": delivery.get("courier_id")}));
            follow_dispatch(cx, event.subject, &["pending"], "assign", courier).await?;
            take_from_queue(cx, event.subject).await
        }
        "accept" => follow_dispatch(cx, event.subject, &["assigned"], "accept", none()).await,
        "start_pickup" => follow_dispatch(cx, event.subject, &["accepted"], "start", none()).await,
        "reject" | "time_out" => {
            let reason = if verb == "reject" {
                row(json!({"rejection_reason": event.after("status_reason")}))
            } else {
                none()
            };
            follow_dispatch(cx, event.subject, &["assigned"], &verb, reason).await?;
            follow_queue(cx, event.subject, &["assigned"], "release", none()).await
        }
        "unassign" => {
            end_dispatch(cx, event.subject, &delivery).await?;
            follow_queue(cx, event.subject, &["assigned"], "release", none()).await
        }
        "deliver" => {
            prove(cx, &delivery, "delivered").await?;
            take_cash(cx, event.subject, &delivery).await?;
            stop_clocks(cx, event.subject).await?;
            follow_dispatch(cx, event.subject, &["in_progress"], "complete", none()).await?;
            follow_queue(cx, event.subject, &["assigned"], "complete", none()).await
        }
        "fail" => {
            prove(cx, &delivery, "failed").await?;
            follow_dispatch(cx, event.subject, &["in_progress"], "complete", none()).await
        }
        "return_to_sender" => expire_clocks(cx, event.subject).await,
        "cancel" => {
            end_dispatch(cx, event.subject, &delivery).await?;
            let reason = row(json!({"cancel_reason": delivery.get("status_reason")}));
            follow_queue(
                cx,
                event.subject,
                &["queued", "processing", "assigned"],
                "cancel",
                reason,
            )
            .await?;
            expire_clocks(cx, event.subject).await
        }
        "transfer" => {
            courier_is_ready(cx, &delivery).await?;
            hand_dispatch(cx, event.subject, &delivery).await
        }
        _ => Ok(()),
    }
}

async fn write_event(cx: &mut Cx, event: &Event, delivery: &Record, verb: &str) -> Result<(), Problem> {
    let (before, now) = (event.before("status"), delivery.get("status"));
    let reason = [event.after("status_reason"), event.after("failure_reason")]
        .into_iter()
        .find(|reason| !reason.is_null());
    let actor = cx.actor_id();
    let courier = if delivery.has("courier_id") {
        delivery.get("courier_id")
    } else {
        event.before("courier_id")
    };
    let written = json!({
        "delivery_id": event.subject, "event": verb, "occurred_at": cx.now,
        "from_status": if before.is_null() { now } else { before }, "to_status": now,
        "courier_id": courier, "previous_courier_id": event.before("courier_id"),
        "latitude": event.after("last_latitude"), "longitude": event.after("last_longitude"),
        "recorded_by": (!actor.is_nil()).then_some(actor), "reason": reason,
    });
    create(cx, &DELIVERY_EVENTS, row(written)).await.map(drop)
}

/// The courier works, has room for it, and does not walk about with more cash than the company allows.
async fn courier_is_ready(cx: &mut Cx, delivery: &Record) -> Result<(), Problem> {
    let most = setting(cx, "max_concurrent_deliveries")
        .await?
        .and_then(|number| number.to_i64())
        .unwrap_or(USUAL_LOAD);
    let limit = setting(cx, "cod_cash_limit").await?;
    let found = sqlx::query(COURIER)
        .bind(cx.organization_id)
        .bind(delivery.uuid("courier_id"))
        .fetch_optional(cx.db())
        .await?;
    let Some(found) = found.filter(|row| row.try_get("status").is_ok_and(|status: String| status == "active")) else {
        return Err(Problem::refused("courier_not_available"));
    };
    if found.try_get::<i64, _>("load")? > most {
        return Err(Problem::refused("courier_full"));
    }
    let owed = delivery.decimal("cod_amount").unwrap_or_default();
    let cash = rust_decimal::Decimal::new(found.try_get("cash")?, 2) + owed;
    if !owed.is_zero() && limit.is_some_and(|limit| cash > limit) {
        return Err(Problem::refused("cash_limit"));
    }
    Ok(())
}

async fn prove(cx: &mut Cx, delivery: &Record, outcome: &str) -> Result<(), Problem> {
    let field = |name: &str| delivery.get(name).clone();
    let mut proof = json!({
        "delivery_id": field("id"), "outcome": outcome, "courier_id": field("courier_id"),
        "photo_file_id": field("photo_file_id"), "latitude": field("last_latitude"), "longitude": field("last_longitude"),
        "captured_at": cx.now,
    });
    let of_outcome: &[&str] = if outcome == "delivered" {
        &["receiver_type", "receiver_name", "signature_file_id", "cash_collected"]
    } else {
        &["failure_reason"]
    };
    for name in of_outcome {
        proof[*name] = field(name);
    }
    create(cx, &DELIVERY_PROOFS, row(proof)).await.map(drop)
}

/// What the courier took in is his until a supervisor receives it.
async fn take_cash(cx: &mut Cx, id: Uuid, delivery: &Record) -> Result<(), Problem> {
    if delivery.decimal("cod_amount").unwrap_or_default().is_zero() {
        return Ok(());
    }
    let cash = json!({
        "delivery_id": id, "courier_id": delivery.get("courier_id"), "amount": delivery.get("cod_amount"),
        "collected_on": cx.today(),
    });
    create(cx, &COD_TRANSACTIONS, row(cash)).await.map(drop)
}

async fn open_clocks(cx: &mut Cx, delivery: Uuid) -> Result<Vec<(Uuid, String)>, Problem> {
    let organization_id = cx.organization_id;
    Ok(sqlx::query_as(CLOCKS_OF)
        .bind(organization_id)
        .bind(delivery)
        .fetch_all(cx.db())
        .await?)
}

/// In time or too late: the clock itself knows.
async fn stop_clocks(cx: &mut Cx, delivery: Uuid) -> Result<(), Problem> {
    for (id, status) in open_clocks(cx, delivery).await? {
        if status != "breached" {
            match act(cx, &SLA_TRACKING, id, "meet", Map::new()).await {
                Ok(_) => continue,
                // Nothing was written yet: the decision comes first.
                Err(problem) if problem.code == "target_missed" => {
                    act(cx, &SLA_TRACKING, id, "breach", Map::new()).await?;
                }
                Err(problem) => return Err(problem),
            }
        }
        act(cx, &SLA_TRACKING, id, "finish", Map::new()).await?;
    }
    Ok(())
}

async fn expire_clocks(cx: &mut Cx, delivery: Uuid) -> Result<(), Problem> {
    for (id, status) in open_clocks(cx, delivery).await? {
        let verb = if status == "breached" { "finish" } else { "expire" };
        act(cx, &SLA_TRACKING, id, verb, Map::new()).await?;
    }
    Ok(())
}

/// The open dispatch of a delivery.
async fn dispatch_of(cx: &mut Cx, delivery: Uuid) -> Result<Option<Record>, Problem> {
    let organization_id = cx.organization_id;
    let id: Option<Uuid> = sqlx::query_scalar(DISPATCH_OF)
        .bind(organization_id)
        .bind(delivery)
        .fetch_optional(cx.db())
        .await?;
    match id {
        Some(id) => load(cx, &DISPATCH_ASSIGNMENTS, id).await.map(Some),
        None => Ok(None),
    }
}

fn is_one_of(record: &Record, states: &[&str]) -> bool {
    record.text("status").is_some_and(|status| states.contains(&status))
}

async fn follow_dispatch(
    cx: &mut Cx,
    delivery: Uuid,
    from: &[&str],
    verb: &str,
    inputs: Map<String, serde_json::Value>,
) -> Result<(), Problem> {
    let Some(dispatch) = dispatch_of(cx, delivery)
        .await?
        .filter(|dispatch| is_one_of(dispatch, from))
    else {
        return Ok(());
    };
    act(cx, &DISPATCH_ASSIGNMENTS, crate::rows::own_id(&dispatch)?, verb, inputs)
        .await
        .map(drop)
}

async fn end_dispatch(cx: &mut Cx, id: Uuid, delivery: &Record) -> Result<(), Problem> {
    let reason = row(json!({"cancel_reason": delivery.text("status_reason").unwrap_or("-")}));
    follow_dispatch(cx, id, &["assigned", "accepted", "in_progress"], "cancel", reason).await
}

/// The dispatch goes with the delivery to the other courier, in the state in which it is.
async fn hand_dispatch(cx: &mut Cx, id: Uuid, delivery: &Record) -> Result<(), Problem> {
    let Some(dispatch) = dispatch_of(cx, id).await? else {
        return Ok(());
    };
    if !dispatch.has("courier_id") || dispatch.get("courier_id") == delivery.get("courier_id") {
        return Ok(());
    }
    let handed = json!({
        "courier_id": delivery.get("courier_id"), "previous_courier_id": dispatch.get("courier_id"),
        "is_reassignment": true,
    });
    change(
        cx,
        &DISPATCH_ASSIGNMENTS,
        crate::rows::own_id(&dispatch)?,
        "hand_over",
        row(handed),
    )
    .await
    .map(drop)
}

async fn entry_of(cx: &mut Cx, delivery: Uuid) -> Result<Option<Record>, Problem> {
    let organization_id = cx.organization_id;
    let id: Option<Uuid> = sqlx::query_scalar(ENTRY_OF)
        .bind(organization_id)
        .bind(delivery)
        .fetch_optional(cx.db())
        .await?;
    match id {
        Some(id) => load(cx, &PRIORITY_QUEUE_ENTRIES, id).await.map(Some),
        None => Ok(None),
    }
}

async fn follow_queue(
    cx: &mut Cx,
    delivery: Uuid,
    from: &[&str],
    verb: &str,
    inputs: Map<String, serde_json::Value>,
) -> Result<(), Problem> {
    let Some(entry) = entry_of(cx, delivery).await?.filter(|entry| is_one_of(entry, from)) else {
        return Ok(());
    };
    act(cx, &PRIORITY_QUEUE_ENTRIES, crate::rows::own_id(&entry)?, verb, inputs)
        .await
        .map(drop)
}

/// A person may give a delivery to a courier although the queue has used up its attempts: it is assigned all the same.
async fn take_from_queue(cx: &mut Cx, delivery: Uuid) -> Result<(), Problem> {
    let Some(entry) = entry_of(cx, delivery)
        .await?
        .filter(|entry| is_one_of(entry, &["queued", "processing"]))
    else {
        return Ok(());
    };
    let id = crate::rows::own_id(&entry)?;
    if entry.is("status", "queued") {
        let most = entry.integer("max_assignment_attempts").unwrap_or(0);
        if entry.integer("assignment_attempts").unwrap_or(0) >= most {
            let reason = row(json!({"cancel_reason": "assigned by hand"}));
            return act(cx, &PRIORITY_QUEUE_ENTRIES, id, "cancel", reason).await.map(drop);
        }
        act(cx, &PRIORITY_QUEUE_ENTRIES, id, "process", Map::new()).await?;
    }
    act(cx, &PRIORITY_QUEUE_ENTRIES, id, "assign", Map::new())
        .await
        .map(drop)
}
