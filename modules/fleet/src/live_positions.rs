//! Where couriers are now: the last report of each, and whether he moves, stands or has fallen silent.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::asked::page;

/// A report older than this says nothing of now.
const SILENT_AFTER: TimeDelta = TimeDelta::minutes(15);
/// From this speed on somebody moves; below it GPS trembles.
const MOVING_KM_H: i64 = 5;

/// The last report of each courier who has not left.
pub(crate) const LAST: &str = "SELECT c.id, c.full_name, c.status, p.vehicle_id, p.recorded_at, p.latitude, p.longitude, p.speed_km_h,
        p.heading_degrees, p.battery_percent, p.source
    FROM fleet.couriers c
    JOIN LATERAL (
        SELECT p.vehicle_id, p.recorded_at, p.latitude, p.longitude, p.speed_km_h, p.heading_degrees, p.battery_percent, p.source
        FROM fleet.courier_positions p
        WHERE p.organization_id = $1 AND p.courier_id = c.id AND p.deleted_at IS NULL
        ORDER BY p.recorded_at DESC
        LIMIT 1
    ) p ON true
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status <> 'terminated'
        AND ($2::uuid IS NULL OR c.id = $2)
    ORDER BY p.recorded_at DESC, c.id";

/// Whose positions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// One courier only.
    courier_id: Option<Uuid>,
    /// `moving`, `idle` or `offline` only.
    state: Option<State>,
    /// Couriers of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// What somebody does, as far as his last report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Reported within 15 minutes, at 5 km/h or more.
    Moving,
    /// Reported within 15 minutes, slower or without a speed.
    Idle,
    /// No report for more than 15 minutes.
    Offline,
}

/// Where couriers are.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LivePositions {
    /// The freshest first. Couriers who never reported are not there.
    data: Vec<LivePosition>,
    /// Over all pages and states.
    moving: usize,
    idle: usize,
    offline: usize,
    next: Option<String>,
}

/// Where a courier is.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LivePosition {
    courier_id: Uuid,
    courier_title: String,
    /// The courier's status.
    status: String,
    vehicle_id: Option<Uuid>,
    state: State,
    recorded_at: DateTime<Utc>,
    latitude: String,
    longitude: String,
    speed_km_h: Option<String>,
    heading_degrees: Option<i64>,
    battery_percent: Option<i64>,
    source: String,
}

fn state(now: DateTime<Utc>, recorded_at: DateTime<Utc>, speed_km_h: Option<Decimal>) -> State {
    if now - recorded_at > SILENT_AFTER {
        State::Offline
    } else if speed_km_h.is_some_and(|speed| speed >= Decimal::from(MOVING_KM_H)) {
        State::Moving
    } else {
        State::Idle
    }
}

/// `GET /fleet/live_positions`.
pub(crate) async fn live_positions(cx: &mut Cx, asked: Asked) -> Result<LivePositions, Problem> {
    let now = cx.now;
    let rows = sqlx::query(LAST)
        .bind(cx.organization_id)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    let mut positions = Vec::with_capacity(rows.len());
    for row in &rows {
        let recorded_at = row.try_get("recorded_at")?;
        let speed: Option<Decimal> = row.try_get("speed_km_h")?;
        positions.push(LivePosition {
            courier_id: row.try_get("id")?,
            courier_title: row.try_get("full_name")?,
            status: row.try_get("status")?,
            vehicle_id: row.try_get("vehicle_id")?,
            state: state(now, recorded_at, speed),
            recorded_at,
            latitude: row.try_get::<Decimal, _>("latitude")?.to_string(),
            longitude: row.try_get::<Decimal, _>("longitude")?.to_string(),
            speed_km_h: speed.map(|speed| speed.to_string()),
            heading_degrees: row.try_get("heading_degrees")?,
            battery_percent: row.try_get("battery_percent")?,
            source: row.try_get("source")?,
        });
    }
    let count = |state| positions.iter().filter(|position| position.state == state).count();
    let (moving, idle, offline) = (count(State::Moving), count(State::Idle), count(State::Offline));
    positions.retain(|position| asked.state.is_none_or(|state| state == position.state));
    let (data, next) = page(positions, asked.limit, asked.after.as_deref())?;
    Ok(LivePositions {
        data,
        moving,
        idle,
        offline,
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_report_tells() {
        let now = DateTime::UNIX_EPOCH;
        let at = |minutes| now - TimeDelta::minutes(minutes);
        assert_eq!(state(now, at(15), Some(Decimal::from(5))), State::Moving);
        assert_eq!(state(now, at(15), Some(Decimal::new(49, 1))), State::Idle);
        assert_eq!(state(now, at(0), None), State::Idle);
        assert_eq!(state(now, at(16), Some(Decimal::from(50))), State::Offline);
    }
}
