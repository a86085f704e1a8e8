//! Measures what was: couriers' days from deliveries and attendance, and key figures from reports. Every night, and again
//! for the last days, because proofs and check-outs come late.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, NaiveTime, SecondsFormat, TimeZone};
use platform_core::{Cx, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::catalogue;
use crate::formulas::{percent, rounded};
use crate::kpis::{KPIS, Period as KpiPeriod};
use crate::metric_snapshots::METRIC_SNAPSHOTS;
use crate::operations::Nothing;
use crate::performance_data::PERFORMANCE_DATA;
use crate::run::{Compare, Period, figure_value};

/// Days that are computed anew each night.
const LATE_DAYS: u64 = 3;

/// What couriers did: $1 organization, $2 first day, $3 last day, $4 time zone. An order counts on the day on which it
/// ended.
pub(crate) const DAYS: &str = "WITH ended AS (
    SELECT f.courier_id, f.status, f.on_time, f.distance_km, f.delivery_fee, f.cod_amount,
        (coalesce(f.delivered_at, f.failed_at, f.ordered_at) AT TIME ZONE $4::text)::date AS day
    FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.courier_id IS NOT NULL
        AND f.status IN ('delivered', 'failed', 'returned')
        AND coalesce(f.delivered_at, f.failed_at, f.ordered_at) >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND coalesce(f.delivered_at, f.failed_at, f.ordered_at) < ($3::date + 1)::timestamp AT TIME ZONE $4::text
), delivered AS (
    SELECT e.courier_id, e.day,
        count(*) FILTER (WHERE e.status = 'delivered') AS completed,
        count(*) FILTER (WHERE e.status <> 'delivered') AS failed,
        count(*) FILTER (WHERE e.status = 'delivered' AND e.on_time) AS on_time,
        count(*) FILTER (WHERE e.status = 'delivered' AND NOT e.on_time) AS late,
        coalesce(sum(e.distance_km) FILTER (WHERE e.status = 'delivered'), 0) AS distance_km,
        coalesce(sum(e.delivery_fee) FILTER (WHERE e.status = 'delivered'), 0)::bigint AS revenue,
        coalesce(sum(e.cod_amount) FILTER (WHERE e.status = 'delivered'), 0)::bigint AS cod_collected
    FROM ended e
    GROUP BY e.courier_id, e.day
), worked AS (
    SELECT a.courier_id, a.day, sum(a.worked_minutes)::numeric / 60 AS hours
    FROM hr.attendance_facts a
    WHERE a.organization_id = $1 AND a.deleted_at IS NULL AND a.day >= $2::date AND a.day <= $3::date
        AND a.worked_minutes > 0
    GROUP BY a.courier_id, a.day
), rated AS (
    SELECT f.courier_id, (f.submitted_at AT TIME ZONE $4::text)::date AS day, avg(f.overall_rating) AS rating
    FROM operations.feedback_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.courier_id IS NOT NULL AND f.overall_rating IS NOT NULL
        AND f.submitted_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.submitted_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
    GROUP BY f.courier_id, (f.submitted_at AT TIME ZONE $4::text)::date
)
SELECT courier_id, day, coalesce(d.completed, 0) AS completed, coalesce(d.failed, 0) AS failed,
    coalesce(d.on_time, 0) AS on_time, coalesce(d.late, 0) AS late, coalesce(d.distance_km, 0) AS distance_km,
    coalesce(d.revenue, 0) AS revenue, coalesce(d.cod_collected, 0) AS cod_collected, w.hours,
    r.rating::numeric AS rating
FROM delivered d
FULL JOIN worked w USING (courier_id, day)
LEFT JOIN rated r USING (courier_id, day)
JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = courier_id AND c.deleted_at IS NULL
ORDER BY day, courier_id";

/// Days that are stored: what a person gave is not overwritten.
pub(crate) const STORED_DAYS: &str = "SELECT p.id, p.courier_id, p.performed_on, p.source FROM analytics.performance_data p
    WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.performed_on >= $2::date AND p.performed_on <= $3::date";

/// The efficiency of a day: of a hundred orders that ended, how many arrived, and in time where a time was promised.
fn efficiency(completed: i64, failed: i64, on_time: i64, late: i64) -> Option<Decimal> {
    let success = percent(completed.into(), (completed + failed).into())?;
    let in_time = percent(on_time.into(), (on_time + late).into());
    Some(rounded(
        in_time.map_or(success, |share| success * share / Decimal::ONE_HUNDRED),
        2,
    ))
}

fn money(minor: i64) -> Json {
    format!("{}.{:02}", minor / 100, minor % 100).into()
}

/// Stores the couriers' days from one day to another; running twice does nothing more.
pub(crate) async fn performance(cx: &mut Cx, from: NaiveDate, to: NaiveDate) -> Result<(), Problem> {
    let zone = cx.time_zone().name();
    let stored = sqlx::query(STORED_DAYS)
        .bind(cx.organization_id)
        .bind(from)
        .bind(to)
        .fetch_all(cx.db())
        .await?;
    let mut known: HashMap<(Uuid, NaiveDate), (Uuid, String)> = HashMap::new();
    for row in stored {
        let of = (row.try_get("courier_id")?, row.try_get("performed_on")?);
        known.insert(of, (row.try_get("id")?, row.try_get("source")?));
    }
    let rows = sqlx::query(DAYS)
        .bind(cx.organization_id)
        .bind(from)
        .bind(to)
        .bind(zone)
        .fetch_all(cx.db())
        .await?;
    let mut fresh = Vec::new();
    for row in rows {
        let (courier, day): (Uuid, NaiveDate) = (row.try_get("courier_id")?, row.try_get("day")?);
        let count = |name: &str| row.try_get::<i64, _>(name);
        let (completed, failed) = (count("completed")?, count("failed")?);
        let (on_time, late) = (count("on_time")?, count("late")?);
        let decimal = |value: Option<Decimal>| value.map(|value| rounded(value, 2).to_string());
        let values = json!({
            "orders_completed": completed, "orders_failed": failed,
            "on_time_deliveries": on_time, "late_deliveries": late,
            "distance_km": decimal(row.try_get("distance_km")?),
            "revenue": money(count("revenue")?), "cod_collected": money(count("cod_collected")?),
            "working_hours": decimal(row.try_get("hours")?), "average_rating": decimal(row.try_get("rating")?),
            "efficiency_score": efficiency(completed, failed, on_time, late).map(|score| score.to_string()),
        });
        let mut values = values.as_object().cloned().unwrap_or_default();
        match known.get(&(courier, day)) {
            Some((id, source)) if source == "computed" => {
                platform_engine::change(cx, &PERFORMANCE_DATA, *id, "compute", values).await?;
            }
            Some(_) => {}
            None => {
                values.insert("courier_id".into(), json!(courier));
                values.insert("performed_on".into(), json!(day));
                values.insert("source".into(), json!("computed"));
                fresh.push(values);
            }
        }
    }
    if !fresh.is_empty() {
        platform_engine::create_many(cx, &PERFORMANCE_DATA, fresh).await?;
    }
    Ok(())
}

pub(crate) const MEASURED: &str = "SELECT k.id FROM analytics.kpis k
    WHERE k.organization_id = $1 AND k.deleted_at IS NULL AND k.is_active AND k.figure IS NOT NULL ORDER BY k.id";

pub(crate) const HAS_SNAPSHOT: &str = "SELECT EXISTS (
        SELECT FROM analytics.metric_snapshots m
        WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.metric_name = $2 AND m.measured_at = $3
    )";

/// The days of a key figure: so many whole days until yesterday.
fn window(period: KpiPeriod, today: NaiveDate) -> Result<Period, Problem> {
    let days = match period {
        KpiPeriod::Daily => 1,
        KpiPeriod::Weekly => 7,
        KpiPeriod::Monthly => 30,
        KpiPeriod::Quarterly => 91,
        KpiPeriod::Yearly => 365,
    };
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    Period::new(back(days), back(1))
}

/// Measures every active key figure that names a figure; answers how many got a value.
async fn key_figures(cx: &mut Cx) -> Result<u32, Problem> {
    let ids: Vec<Uuid> = sqlx::query_scalar(MEASURED)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let mut measured = 0;
    for id in ids {
        let row = platform_engine::load(cx, &KPIS, id).await?;
        measured += u32::from(key_figure(cx, id, &row).await?);
    }
    Ok(measured)
}

async fn key_figure(cx: &mut Cx, id: Uuid, row: &Record) -> Result<bool, Problem> {
    let period = row.text("period").and_then(|word| word.parse::<KpiPeriod>().ok());
    let named = row.text("figure").and_then(catalogue::figure);
    let (Some(period), Some((report, figure))) = (period, named) else {
        return Ok(false);
    };
    if !cx.may(report.area.permission()) {
        return Ok(false);
    }
    let period = window(period, cx.today())?;
    // What cannot be computed leaves the last value, with its days beside it.
    let Some(value) = figure_value(cx, report, figure, period).await? else {
        return Ok(false);
    };
    let previous = match period.before(Compare::Preceding) {
        Some(before) => figure_value(cx, report, figure, before).await?,
        None => None,
    };
    let mut given = Map::from_iter([
        ("current_value".to_owned(), json!(value.to_string())),
        ("period_starts_on".to_owned(), json!(period.from)),
        ("period_ends_on".to_owned(), json!(period.to)),
    ]);
    given.extend(previous.map(|value| ("previous_value".to_owned(), json!(value.to_string()))));
    platform_engine::act(cx, &KPIS, id, "record_value", given).await?;
    if let Some(code) = row.text("code") {
        snapshot(cx, &format!("kpi.{code}"), value, period.to).await?;
    }
    Ok(true)
}

/// Keeps a metric as it was at the end of a day, once.
async fn snapshot(cx: &mut Cx, name: &str, value: Decimal, day: NaiveDate) -> Result<(), Problem> {
    let midnight = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
    let Some(at) = cx.time_zone().from_local_datetime(&midnight).earliest() else {
        return Ok(());
    };
    let at = at.with_timezone(&chrono::Utc);
    // A name fits the column: a code has at most a hundred characters.
    let name: String = name.chars().take(100).collect();
    let known: bool = sqlx::query_scalar(HAS_SNAPSHOT)
        .bind(cx.organization_id)
        .bind(&name)
        .bind(at)
        .fetch_one(cx.db())
        .await?;
    if known {
        return Ok(());
    }
    let row = json!({"metric_name": name, "metric_type": "gauge", "value": value.to_string(),
        "measured_at": at.to_rfc3339_opts(SecondsFormat::Millis, true), "source": "analytics.metrics"});
    platform_engine::create(cx, &METRIC_SNAPSHOTS, row.as_object().cloned().unwrap_or_default()).await?;
    Ok(())
}

/// The schedule `analytics.metrics`.
pub(crate) async fn metrics(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    performance(cx, back(LATE_DAYS), back(1)).await?;
    key_figures(cx).await?;
    Ok(())
}

/// How many key figures were measured.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Measured {
    /// Key figures that got a value.
    measured: u32,
}

/// `POST /analytics/kpis/measure`: what happens every night, now. Figures that the caller may not see are left out.
pub(crate) async fn measure(cx: &mut Cx, _: Nothing) -> Result<Measured, Problem> {
    Ok(Measured {
        measured: key_figures(cx).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_days_efficiency() {
        let score = |completed, failed, on_time, late| efficiency(completed, failed, on_time, late);
        let number = |text: &str| text.parse::<Decimal>().ok();
        // 94.40 of a hundred arrived, 92.37 of these in time.
        assert_eq!(score(118, 7, 109, 9), number("87.20"));
        assert_eq!(score(10, 0, 0, 0), number("100"));
        assert_eq!(score(0, 3, 0, 0), number("0"));
        assert_eq!(score(0, 0, 0, 0), None);
    }

    #[test]
    fn windows_end_yesterday() {
        let today: NaiveDate = "2026-06-15".parse().expect("good");
        let month = window(KpiPeriod::Monthly, today).expect("good");
        assert_eq!(
            (month.from.to_string(), month.to.to_string()),
            ("2026-05-16".into(), "2026-06-14".into())
        );
        assert_eq!(window(KpiPeriod::Daily, today).expect("good").days, 1);
    }
}
