//! Who has no partner: vehicles that wait for a courier and couriers who wait for a vehicle, and what stands in their way.

use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::asked::page;

/// Active vehicles without an open assignment; $2 is today.
pub(crate) const VEHICLES: &str = "SELECT v.id, coalesce(v.plate_number, v.internal_number) AS title, v.vehicle_type AS kind,
        v.assigned_to_city AS city, coalesce(least(v.registration_expires_on, v.insurance_expires_on) < $2, false) AS expired
    FROM fleet.vehicles v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status = 'active' AND NOT EXISTS (
        SELECT FROM fleet.vehicle_assignments a
        WHERE a.organization_id = $1 AND a.vehicle_id = v.id AND a.status = 'active' AND a.deleted_at IS NULL)
    ORDER BY expired, title, v.id";

/// Active and onboarding couriers without an open assignment; $2 is today.
pub(crate) const COURIERS: &str = "SELECT c.id, c.full_name AS title, c.status AS kind, c.city,
        coalesce(least(c.iqama_expires_on, c.license_expires_on) < $2, false) AS expired
    FROM fleet.couriers c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status IN ('active', 'onboarding') AND NOT EXISTS (
        SELECT FROM fleet.vehicle_assignments a
        WHERE a.organization_id = $1 AND a.courier_id = c.id AND a.status = 'active' AND a.deleted_at IS NULL)
    ORDER BY expired, title, c.id";

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Rows of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Who has no partner, those with good papers first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Unassigned {
    data: Vec<One>,
    /// How many there are on all pages, and how many of them may be assigned at once.
    total: usize,
    ready: usize,
    next: Option<String>,
}

/// A vehicle or a courier without a partner.
#[derive(Serialize, JsonSchema)]
pub(crate) struct One {
    id: Uuid,
    /// Plate, internal number or name.
    title: String,
    /// The vehicle's type or the courier's status.
    kind: String,
    city: Option<String>,
    /// Whether an assignment is refused because a paper has expired.
    has_expired_papers: bool,
}

/// `GET /fleet/available_vehicles`.
pub(crate) async fn vehicles(cx: &mut Cx, asked: Asked) -> Result<Unassigned, Problem> {
    list(cx, VEHICLES, &asked).await
}

/// `GET /fleet/couriers_without_vehicle`.
pub(crate) async fn couriers(cx: &mut Cx, asked: Asked) -> Result<Unassigned, Problem> {
    list(cx, COURIERS, &asked).await
}

async fn list(cx: &mut Cx, statement: &'static str, asked: &Asked) -> Result<Unassigned, Problem> {
    let today = cx.today();
    let rows = sqlx::query(statement)
        .bind(cx.organization_id)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    let all = rows.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let (total, ready) = (all.len(), all.iter().filter(|one| !one.has_expired_papers).count());
    let (data, next) = page(all, asked.limit, asked.after.as_deref())?;
    Ok(Unassigned {
        data,
        total,
        ready,
        next,
    })
}

fn one(row: &PgRow) -> Result<One, sqlx::Error> {
    Ok(One {
        id: row.try_get("id")?,
        title: row.try_get("title")?,
        kind: row.try_get("kind")?,
        city: row.try_get("city")?,
        has_expired_papers: row.try_get("expired")?,
    })
}
