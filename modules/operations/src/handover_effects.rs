//! What follows from handovers, from the end of a courier's service, and from new places on a zone's roster.

use chrono::NaiveDate;
use platform_core::{Cx, Event, Problem};
use platform_engine::{act, create, load};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::rows::{id_of, row};
use crate::{COD_TRANSACTIONS, DELIVERIES, HANDOVERS, INCIDENTS, ROUTES, ZONES};

pub(crate) const OPEN_OF: &str = "SELECT id, status FROM operations.deliveries WHERE organization_id = $1 AND courier_id = $2
    AND status IN ('assigned', 'accepted', 'pickup_started', 'picked_up', 'in_transit', 'arrived') AND deleted_at IS NULL
    ORDER BY id";

pub(crate) const CASH_OF: &str =
    "SELECT id FROM operations.cod_transactions WHERE organization_id = $1 AND courier_id = $2
    AND status = 'pending' AND deleted_at IS NULL ORDER BY id";

pub(crate) const DRIVES: &str =
    "SELECT count(*) FROM fleet.assignment_facts WHERE organization_id = $1 AND courier_id = $2
    AND vehicle_id = $3 AND status = 'active' AND deleted_at IS NULL";

pub(crate) const STATUS_OF: &str =
    "SELECT status FROM fleet.courier_facts WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

pub(crate) const ROSTER: &str =
    "SELECT count(*) FROM operations.zone_couriers WHERE organization_id = $1 AND zone_id = $2
    AND status = 'active' AND deleted_at IS NULL";

pub(crate) const GOODS_REPORTED: &str = "SELECT count(*) FROM operations.incidents WHERE organization_id = $1
    AND courier_id = $2 AND incident_type = 'lost_package' AND status IN ('reported', 'investigating', 'escalated')
    AND deleted_at IS NULL";

async fn status_of(cx: &mut Cx, courier: Uuid) -> Result<Option<String>, Problem> {
    let organization_id = cx.organization_id;
    Ok(sqlx::query_scalar(STATUS_OF)
        .bind(organization_id)
        .bind(courier)
        .fetch_optional(cx.db())
        .await?)
}

/// Only an active courier takes something over.
pub(crate) async fn must_work(cx: &mut Cx, courier: Uuid) -> Result<(), Problem> {
    match status_of(cx, courier).await?.as_deref() {
        Some("active") => Ok(()),
        _ => Err(Problem::refused("courier_not_available")),
    }
}

/// The giver drives the vehicle that is to change hands, and the taker works.
pub(crate) async fn approved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let handover = load(cx, &HANDOVERS, event.subject).await?;
    if let Some(taker) = handover.uuid("to_courier_id") {
        must_work(cx, taker).await?;
    }
    let Some(vehicle) = handover.uuid("vehicle_id") else {
        return Ok(());
    };
    let driven: i64 = sqlx::query_scalar(DRIVES)
        .bind(cx.organization_id)
        .bind(handover.uuid("from_courier_id"))
        .bind(vehicle)
        .fetch_one(cx.db())
        .await?;
    if driven == 0 {
        Err(Problem::refused("vehicle_not_with_giver"))
    } else {
        Ok(())
    }
}

/// Open deliveries and the cash in the giver's pocket become the taker's. The vehicle is fleet's to move.
pub(crate) async fn completed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let handover = load(cx, &HANDOVERS, event.subject).await?;
    let (Some(giver), Some(taker)) = (handover.uuid("from_courier_id"), handover.uuid("to_courier_id")) else {
        return Ok(());
    };
    let reason = handover.text("handover_number").unwrap_or_default().to_owned();
    let organization_id = cx.organization_id;
    let open: Vec<(Uuid, String)> = sqlx::query_as(OPEN_OF)
        .bind(organization_id)
        .bind(giver)
        .fetch_all(cx.db())
        .await?;
    for (id, _) in open {
        let inputs = json!({"courier_id": taker, "status_reason": reason});
        act(cx, &DELIVERIES, id, "transfer", row(inputs)).await?;
    }
    let cash: Vec<Uuid> = sqlx::query_scalar(CASH_OF)
        .bind(organization_id)
        .bind(giver)
        .fetch_all(cx.db())
        .await?;
    for id in cash {
        act(cx, &COD_TRANSACTIONS, id, "transfer", row(json!({"courier_id": taker}))).await?;
    }
    Ok(())
}

/// A courier's service ended: what he has not picked up waits for another one, what he carries is looked for. Called again,
/// it finds nothing left to do.
pub(crate) async fn courier_left(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if status_of(cx, event.subject).await?.as_deref() != Some("terminated") {
        return Ok(());
    }
    let organization_id = cx.organization_id;
    let open: Vec<(Uuid, String)> = sqlx::query_as(OPEN_OF)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_all(cx.db())
        .await?;
    let mut carried = 0_usize;
    for (id, status) in open {
        if matches!(status.as_str(), "assigned" | "accepted" | "pickup_started") {
            let reason = row(json!({"status_reason": "courier terminated"}));
            act(cx, &DELIVERIES, id, "unassign", reason).await?;
        } else {
            carried += 1;
        }
    }
    let reported: i64 = sqlx::query_scalar(GOODS_REPORTED)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_one(cx.db())
        .await?;
    if carried == 0 || reported > 0 {
        return Ok(());
    }
    let today: NaiveDate = cx.today();
    let incident = json!({
        "incident_type": "lost_package", "severity": "high", "courier_id": event.subject, "incident_on": today,
        "description": format!("{carried} deliveries are still with a courier whose service has ended."),
    });
    create(cx, &INCIDENTS, row(incident)).await.map(drop)
}

/// A zone holds only so many couriers. The zone is locked, so two places at once count each other.
pub(crate) async fn joined_zone(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let Some(id) = id_of(event.after("zone_id")) else {
        return Ok(());
    };
    let zone = load(cx, &ZONES, id).await?;
    let on_roster: i64 = sqlx::query_scalar(ROSTER)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_one(cx.db())
        .await?;
    if on_roster > zone.integer("max_couriers").unwrap_or(0) {
        return Err(Problem::refused("zone_full"));
    }
    Ok(())
}

/// A route is driven by somebody who works.
pub(crate) async fn route_assigned(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let route = load(cx, &ROUTES, event.subject).await?;
    match route.uuid("courier_id") {
        Some(courier) => must_work(cx, courier).await,
        None => Ok(()),
    }
}

pub(crate) const IS_SYSTEM: &str =
    "SELECT is_system FROM operations.operations_settings WHERE organization_id = $1 AND id = $2";

/// What the system needs stays.
pub(crate) async fn setting_deleted(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let is_system: Option<bool> = sqlx::query_scalar(IS_SYSTEM)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_optional(cx.db())
        .await?;
    if is_system == Some(true) {
        Err(Problem::refused("setting_is_system"))
    } else {
        Ok(())
    }
}

/// Nothing to give.
pub(crate) fn nothing() -> Map<String, serde_json::Value> {
    Map::new()
}
