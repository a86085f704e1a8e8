//! How dispatch does, and what its completed ones say of couriers.
#![expect(clippy::struct_field_names, reason = "fields are called as the answer calls them")]

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::period::Period;
use crate::score::{self, hundredths, percent};

pub(crate) const METRICS: &str = "SELECT count(*) AS total, count(*) FILTER (WHERE status = 'completed') AS completed,
    count(*) FILTER (WHERE is_reassignment) AS reassigned, coalesce(sum(rejection_count), 0)::bigint AS rejections,
    count(*) FILTER (WHERE status IN ('assigned', 'accepted', 'in_progress')) AS active,
    avg(extract(epoch FROM assigned_at - created_at))::numeric AS assign_s,
    avg(extract(epoch FROM accepted_at - assigned_at))::numeric AS accept_s, avg(on_time_score) AS on_time
    FROM operations.dispatch_assignments WHERE organization_id = $1 AND deleted_at IS NULL
    AND created_at >= $2::date::timestamp AT TIME ZONE $4 AND created_at < ($3::date + 1)::timestamp AT TIME ZONE $4";

pub(crate) const ACTIVE: &str = "SELECT count(*) FROM fleet.courier_facts WHERE organization_id = $1
    AND status = 'active' AND deleted_at IS NULL";

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedDays {
    /// First day; 29 days before the last unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
}

/// How dispatch does.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Metrics {
    from: NaiveDate,
    to: NaiveDate,
    total: i64,
    completed: i64,
    /// Asked, accepted or on the way now.
    active: i64,
    rejections: i64,
    /// Given to another courier, in percent of all.
    #[schemars(with = "Option<String>")]
    reassigned_percent: Option<Decimal>,
    /// Mean seconds until a courier was asked.
    #[schemars(with = "Option<String>")]
    mean_assign_s: Option<Decimal>,
    /// Mean seconds until the courier said yes.
    #[schemars(with = "Option<String>")]
    mean_accept_s: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    mean_on_time_score: Option<Decimal>,
    /// Active dispatches for each active courier.
    #[schemars(with = "Option<String>")]
    mean_load: Option<Decimal>,
}

/// `GET /operations/dispatch/metrics`.
pub(crate) async fn metrics(cx: &mut Cx, asked: AskedDays) -> Result<Metrics, Problem> {
    let period = Period::asked(cx, asked.from, asked.to)?;
    let (organization_id, zone) = (cx.organization_id, cx.time_zone().name());
    let row = sqlx::query(METRICS)
        .bind(organization_id)
        .bind(period.from)
        .bind(period.to)
        .bind(zone)
        .fetch_one(cx.db())
        .await?;
    let couriers: i64 = sqlx::query_scalar(ACTIVE)
        .bind(organization_id)
        .fetch_one(cx.db())
        .await?;
    let mean = |name: &str| row.try_get::<Option<Decimal>, _>(name).map(|mean| mean.map(hundredths));
    let (total, active): (i64, i64) = (row.try_get("total")?, row.try_get("active")?);
    Ok(Metrics {
        from: period.from,
        to: period.to,
        total,
        completed: row.try_get("completed")?,
        active,
        rejections: row.try_get("rejections")?,
        reassigned_percent: percent(row.try_get("reassigned")?, total),
        mean_assign_s: mean("assign_s")?,
        mean_accept_s: mean("accept_s")?,
        mean_on_time_score: mean("on_time")?,
        mean_load: (couriers > 0).then(|| hundredths(Decimal::from(active) / Decimal::from(couriers))),
    })
}

pub(crate) const SCORES: &str = "SELECT f.id, f.full_name, a.on_time_score FROM operations.dispatch_assignments a
    JOIN fleet.courier_facts f ON f.organization_id = a.organization_id AND f.id = a.courier_id
    WHERE a.organization_id = $1 AND a.status = 'completed' AND a.on_time_score IS NOT NULL AND a.deleted_at IS NULL
    AND ($2::uuid IS NULL OR a.courier_id = $2) ORDER BY f.full_name, f.id, a.completed_at, a.id";

/// Whose performance.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedPerformance {
    /// One courier only.
    courier_id: Option<Uuid>,
}

/// Performance of couriers, from their completed dispatches alone.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Performances {
    data: Vec<Performance>,
}

/// Begins at 70; each completed dispatch counts for a tenth, what was before for nine tenths.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Performance {
    courier_id: Uuid,
    courier_title: String,
    #[schemars(with = "String")]
    performance: Decimal,
    dispatches: i64,
}

/// `GET /operations/dispatch/performance`.
pub(crate) async fn performance(cx: &mut Cx, asked: AskedPerformance) -> Result<Performances, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(SCORES)
        .bind(organization_id)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    let mut data: Vec<Performance> = Vec::new();
    for row in &rows {
        let (id, on_time): (Uuid, Decimal) = (row.try_get("id")?, row.try_get("on_time_score")?);
        match data.last_mut().filter(|last| last.courier_id == id) {
            Some(last) => {
                last.performance = score::performance(Some(last.performance), on_time);
                last.dispatches += 1;
            }
            None => data.push(Performance {
                courier_id: id,
                courier_title: row.try_get("full_name")?,
                performance: score::performance(None, on_time),
                dispatches: 1,
            }),
        }
    }
    Ok(Performances { data })
}
