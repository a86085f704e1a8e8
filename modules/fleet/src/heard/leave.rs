//! Leave of HR: who is on leave is not at work, and comes back when nothing keeps him away any more.

use chrono::NaiveDate;
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use serde_json::{Map, json};
use sqlx::Row;
use uuid::Uuid;

use super::found;
use crate::COURIERS;

/// A leave as it is now.
pub(crate) const LEAVE: &str = "SELECT l.courier_id, l.status, l.starts_on, l.ends_on FROM hr.leave_facts l
    WHERE l.organization_id = $1 AND l.id = $2 AND l.deleted_at IS NULL";

/// Whether another leave of courier $2 than $3 covers a day.
pub(crate) const STILL_AWAY: &str = "SELECT EXISTS (SELECT FROM hr.leave_facts l
    WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.id <> $3 AND l.deleted_at IS NULL
        AND l.status = 'approved' AND l.starts_on <= $4 AND l.ends_on >= $4)";

struct Leave {
    courier_id: Uuid,
    status: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
}

async fn read(cx: &mut Cx, id: Uuid) -> Result<Option<Leave>, Problem> {
    let Some(row) = found(cx, LEAVE, id).await? else {
        return Ok(None);
    };
    Ok(Some(Leave {
        courier_id: row.try_get("courier_id")?,
        status: row.try_get("status")?,
        starts_on: row.try_get("starts_on")?,
        ends_on: row.try_get("ends_on")?,
    }))
}

/// The courier, locked; none when he was deleted since.
async fn courier(cx: &mut Cx, id: Uuid) -> Result<Option<Record>, Problem> {
    match platform_engine::load(cx, &COURIERS, id).await {
        Ok(courier) => Ok(Some(courier)),
        Err(problem) if problem.code == Problem::not_found().code => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Who works goes on leave; who is suspended or not there anyway stays what he is.
pub(super) async fn began(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let Some(leave) = read(cx, event.subject)
        .await?
        .filter(|leave| leave.status == "approved")
    else {
        return Ok(());
    };
    let courier = courier(cx, leave.courier_id).await?;
    if courier.is_some_and(|courier| courier.is("status", "active")) {
        let days = format!("{} – {}", leave.starts_on, leave.ends_on);
        let inputs = Map::from_iter([("status_reason".to_owned(), json!(days))]);
        platform_engine::act(cx, &COURIERS, leave.courier_id, "put_on_leave", inputs).await?;
    }
    Ok(())
}

/// Who is on leave comes back, unless another leave covers today. The end of one that had not begun brings nobody back.
pub(super) async fn over(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let today = cx.today();
    let Some(leave) = read(cx, event.subject).await?.filter(|leave| leave.starts_on <= today) else {
        return Ok(());
    };
    let courier = courier(cx, leave.courier_id).await?;
    if !courier.is_some_and(|courier| courier.is("status", "on_leave")) {
        return Ok(());
    }
    let still_away: bool = sqlx::query_scalar(STILL_AWAY)
        .bind(cx.organization_id)
        .bind(leave.courier_id)
        .bind(event.subject)
        .bind(today)
        .fetch_one(cx.db())
        .await?;
    if !still_away {
        platform_engine::act(cx, &COURIERS, leave.courier_id, "return_from_leave", Map::new()).await?;
    }
    Ok(())
}
