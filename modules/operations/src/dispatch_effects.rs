//! What follows from the actions of a dispatch: the delivery goes the same way. Its courier is moved by `transfer` and
//! `assign` of the delivery, which look whether he works and has room.

use platform_core::{Cx, Event, Problem};
use platform_engine::{act, change, load};
use platform_resource::Record;
use serde_json::{Map, json};
use uuid::Uuid;

use crate::rows::row;
use crate::{DELIVERIES, DISPATCH_ASSIGNMENTS};

pub(crate) const LOAD: &str = "SELECT count(*) FROM operations.dispatch_assignments WHERE organization_id = $1
    AND courier_id = $2 AND status IN ('assigned', 'accepted', 'in_progress') AND deleted_at IS NULL";

/// Every action of a dispatch.
pub(crate) async fn moved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let dispatch = load(cx, &DISPATCH_ASSIGNMENTS, event.subject).await?;
    let Some(id) = dispatch.uuid("delivery_id") else {
        return Ok(());
    };
    let delivery = load(cx, &DELIVERIES, id).await?;
    let is = |status: &str| delivery.is("status", status);
    let courier = || row(json!({"courier_id": dispatch.get("courier_id")}));
    match event.name.rsplit('.').next().unwrap_or_default() {
        "assign" => {
            has_room(cx, &dispatch).await?;
            match delivery.text("status") {
                Some("pending" | "failed") => go(cx, id, "assign", courier()).await,
                _ if delivery.get("courier_id") == dispatch.get("courier_id") => Ok(()),
                _ => Err(Problem::refused("delivery_not_open")),
            }
        }
        "accept" if is("assigned") => go(cx, id, "accept", Map::new()).await,
        "reject" if is("assigned") => {
            go(
                cx,
                id,
                "reject",
                row(json!({"status_reason": dispatch.get("rejection_reason")})),
            )
            .await
        }
        "time_out" if is("assigned") => go(cx, id, "time_out", Map::new()).await,
        "start" if is("accepted") => go(cx, id, "start_pickup", Map::new()).await,
        "complete" => complete(cx, id, &delivery, &dispatch).await,
        "reassign" => {
            has_room(cx, &dispatch).await?;
            if delivery.get("courier_id") != dispatch.get("courier_id") {
                go(cx, id, "transfer", courier()).await?;
            }
            // The new courier has not accepted it yet.
            if is("accepted") {
                let asked = Map::from_iter([
                    ("status".to_owned(), json!("assigned")),
                    ("accepted_at".to_owned(), json!(null)),
                ]);
                change(cx, &DELIVERIES, id, "ask_again", asked).await?;
            }
            Ok(())
        }
        "cancel" if is("assigned") || is("accepted") || is("pickup_started") => {
            go(
                cx,
                id,
                "unassign",
                row(json!({"status_reason": dispatch.get("cancel_reason")})),
            )
            .await
        }
        _ => Ok(()),
    }
}

async fn go(cx: &mut Cx, id: Uuid, verb: &str, inputs: Map<String, serde_json::Value>) -> Result<(), Problem> {
    act(cx, &DELIVERIES, id, verb, inputs).await.map(drop)
}

async fn has_room(cx: &mut Cx, dispatch: &Record) -> Result<(), Problem> {
    let load: i64 = sqlx::query_scalar(LOAD)
        .bind(cx.organization_id)
        .bind(dispatch.uuid("courier_id"))
        .fetch_one(cx.db())
        .await?;
    if load
        > dispatch
            .integer("courier_max_capacity")
            .unwrap_or(crate::delivery_effects::USUAL_LOAD)
    {
        return Err(Problem::refused("courier_full"));
    }
    Ok(())
}

/// Takes the delivery along the steps that are left, and delivers it with the proof that came with the dispatch.
async fn complete(cx: &mut Cx, id: Uuid, delivery: &Record, dispatch: &Record) -> Result<(), Problem> {
    const STEPS: [(&str, &str); 5] = [
        ("accepted", "start_pickup"),
        ("pickup_started", "pick_up"),
        ("picked_up", "depart"),
        ("in_transit", "arrive"),
        ("arrived", "deliver"),
    ];
    let Some(first) = STEPS.iter().position(|(status, _)| delivery.is("status", status)) else {
        return if delivery.is("status", "assigned") {
            Err(Problem::refused("delivery_still_open"))
        } else {
            Ok(())
        };
    };
    for (_, verb) in &STEPS[first..] {
        let proof = if *verb == "deliver" {
            row(json!({
                "receiver_name": dispatch.get("receiver_name"), "photo_file_id": dispatch.get("photo_file_id"),
                "cash_collected": dispatch.get("cash_collected"),
            }))
        } else {
            Map::new()
        };
        go(cx, id, verb, proof).await?;
    }
    Ok(())
}
