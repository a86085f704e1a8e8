//! Before a run: whom it would leave out, and work that our own deliveries know.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::PAYROLL_INPUTS;
use crate::figures::Month;
use hr_pay::money::{amount, halalas, riyals};
use hr_pay::pay_period;

/// Couriers who worked in the period, or have a target in it, and cannot be paid.
pub(crate) const GAPS: &str = "SELECT c.id, c.full_name,
    CASE
        WHEN t.id IS NULL THEN 'no_target'
        WHEN t.category = 'ajeer' THEN 'ajeer'
        WHEN c.joined_on IS NULL THEN 'no_joining_date'
        WHEN c.joined_on > $5::date THEN 'joins_later'
        WHEN i.id IS NULL THEN 'no_work'
        WHEN c.iban IS NULL THEN 'no_iban'
    END AS problem
FROM fleet.courier_facts c
LEFT JOIN hr.courier_targets t ON t.organization_id = c.organization_id AND t.courier_id = c.id AND t.year = $2
    AND t.month = $3 AND t.deleted_at IS NULL
LEFT JOIN hr.payroll_inputs i ON i.organization_id = c.organization_id AND i.courier_id = c.id AND i.year = $2
    AND i.month = $3 AND i.deleted_at IS NULL
WHERE c.organization_id = $1 AND c.deleted_at IS NULL
    AND (t.id IS NOT NULL OR c.status IN ('active', 'on_leave', 'suspended') OR c.last_working_day >= $4::date)
    AND (c.last_working_day IS NULL OR c.last_working_day >= $4::date OR t.id IS NOT NULL)
    AND (t.id IS NULL OR t.category = 'ajeer' OR c.joined_on IS NULL OR c.joined_on > $5::date OR i.id IS NULL
        OR c.iban IS NULL)
ORDER BY 3, 2, 1
LIMIT 20000";

/// Couriers with a target and without work on record.
pub(crate) const WANTED: &str = "SELECT t.courier_id
FROM hr.courier_targets t
WHERE t.organization_id = $1 AND t.year = $2 AND t.month = $3 AND t.deleted_at IS NULL AND t.category <> 'ajeer'
    AND NOT EXISTS (SELECT FROM hr.payroll_inputs i WHERE i.organization_id = $1 AND i.courier_id = t.courier_id
        AND i.year = t.year AND i.month = t.month AND i.deleted_at IS NULL)
ORDER BY t.courier_id";

/// Our own deliveries of the period, by courier.
pub(crate) const DELIVERED: &str = "SELECT d.courier_id, count(*), coalesce(sum(d.delivery_fee), 0)::bigint
FROM operations.delivery_facts d
WHERE d.organization_id = $1 AND d.status = 'delivered' AND d.delivered_at >= $2 AND d.delivered_at < $3
    AND d.courier_id IS NOT NULL AND d.deleted_at IS NULL
GROUP BY d.courier_id";

/// Orders of platforms in the period, by courier. Those that become deliveries of ours are counted there.
pub(crate) const ORDERED: &str = "SELECT o.courier_id, count(*), coalesce(sum(o.delivery_fee), 0)::bigint
FROM integrations.platform_order_facts o
WHERE o.organization_id = $1 AND o.status = 'delivered' AND o.delivered_at >= $2 AND o.delivered_at < $3
    AND o.courier_id IS NOT NULL AND NOT o.makes_deliveries AND o.deleted_at IS NULL
GROUP BY o.courier_id";

/// Days of the period as attendance has them, and approved minutes beyond the ordinary ones.
pub(crate) const ATTENDED: &str =
    "SELECT a.courier_id, count(*) FILTER (WHERE a.status IN ('present', 'late', 'half_day')),
    count(*) FILTER (WHERE a.status = 'absent'), count(*) FILTER (WHERE a.status = 'late'),
    count(*) FILTER (WHERE a.status = 'on_leave' AND NOT a.is_paid_leave), coalesce(sum(a.overtime_minutes), 0)::bigint
FROM hr.attendance_facts a
WHERE a.organization_id = $1 AND a.day BETWEEN $2::date AND $3::date AND a.deleted_at IS NULL
GROUP BY a.courier_id";

/// Fuel that couriers bought in the period, with VAT; a purchase of nobody's is that of who drove the vehicle on the day.
pub(crate) const FUEL: &str = "SELECT coalesce(f.courier_id, a.courier_id), sum(f.cost)::bigint
FROM fleet.fuel_facts f
LEFT JOIN LATERAL (
    SELECT s.courier_id
    FROM fleet.assignment_facts s
    WHERE s.organization_id = $1 AND s.vehicle_id = f.vehicle_id AND s.started_on <= f.day
        AND (s.ended_on IS NULL OR s.ended_on >= f.day) AND s.status <> 'cancelled' AND s.deleted_at IS NULL
    ORDER BY s.started_on DESC
    LIMIT 1
) a ON true
WHERE f.organization_id = $1 AND f.day BETWEEN $2::date AND $3::date
    AND coalesce(f.courier_id, a.courier_id) IS NOT NULL
GROUP BY 1";

/// Percent of a price without VAT that a price with it is.
const WITH_VAT_PERCENT: i64 = 115;

/// Who would be left out of a month's pay.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Gaps {
    year: i64,
    month: i64,
    period_from: NaiveDate,
    period_to: NaiveDate,
    data: Vec<Gap>,
}

/// One courier.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Gap {
    courier_id: Uuid,
    courier_name: String,
    /// no_target, no_joining_date, joins_later, no_work or ajeer: not in the run; no_iban: in the run, and no transfer is
    /// possible.
    problem: String,
}

fn period_of(asked: &Month) -> Result<(NaiveDate, NaiveDate), Problem> {
    let in_range = (2000..=2200).contains(&asked.year);
    let period = pay_period(asked.year, asked.month).filter(|_| in_range);
    period.ok_or_else(|| Problem::field("month", "not_allowed"))
}

/// `GET /hr/payroll_gaps`.
pub(crate) async fn gaps(cx: &mut Cx, asked: Month) -> Result<Gaps, Problem> {
    let (starts_on, ends_on) = period_of(&asked)?;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(GAPS)
        .bind(organization_id)
        .bind(asked.year)
        .bind(asked.month)
        .bind(starts_on)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        data.push(Gap {
            courier_id: row.try_get(0)?,
            courier_name: row.try_get(1)?,
            problem: row.try_get(2)?,
        });
    }
    Ok(Gaps {
        year: asked.year,
        month: asked.month,
        period_from: starts_on,
        period_to: ends_on,
        data,
    })
}

/// A month to collect.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Collect {
    /// Year, as 2026.
    year: i64,
    /// Month, 1 to 12.
    month: i64,
}

/// What was collected.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Collected {
    /// Couriers whose work is on record now.
    couriers: usize,
    /// Their deliveries.
    orders: i64,
}

/// `POST /hr/payroll_inputs/collect`.
pub(crate) async fn collect(cx: &mut Cx, asked: Collect) -> Result<Collected, Problem> {
    let Collect { year, month } = asked;
    let (starts_on, ends_on) = period_of(&Month { year, month })?;
    let zone = cx.time_zone();
    let begins = |day: NaiveDate| {
        let midnight = day.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest();
        midnight
            .map(|at| at.to_utc())
            .ok_or_else(|| Problem::field("month", "not_allowed"))
    };
    let (from, until) = (begins(starts_on)?, begins(ends_on.succ_opt().unwrap_or(ends_on))?);
    let organization_id = cx.organization_id;
    let wanted: Vec<Uuid> = sqlx::query_scalar(WANTED)
        .bind(organization_id)
        .bind(year)
        .bind(month)
        .fetch_all(cx.db())
        .await?;
    if wanted.is_empty() {
        return Ok(Collected { couriers: 0, orders: 0 });
    }
    let mut work: HashMap<Uuid, (i64, i64)> = HashMap::new();
    for statement in [DELIVERED, ORDERED] {
        let rows = sqlx::query(statement)
            .bind(organization_id)
            .bind(from)
            .bind(until)
            .fetch_all(cx.db())
            .await?;
        for row in &rows {
            let done = work.entry(row.try_get(0)?).or_default();
            *done = (done.0 + row.try_get::<i64, _>(1)?, done.1 + row.try_get::<i64, _>(2)?);
        }
    }
    let fuel = fuel(cx, starts_on, ends_on).await?;
    let days = attended(cx, starts_on, ends_on).await?;
    let (mut orders, mut inputs) = (0, Vec::with_capacity(wanted.len()));
    for courier_id in wanted {
        let (count, revenue) = work.get(&courier_id).copied().unwrap_or_default();
        let [present, absent, late, unpaid, overtime] = days.get(&courier_id).copied().unwrap_or_default();
        orders += count;
        let input = json!({"courier_id": courier_id, "year": year, "month": month, "total_orders": count,
                           "total_revenue": amount(revenue), "source": "system",
                           "gas_usage": amount(fuel.get(&courier_id).copied().unwrap_or(0)),
                           "present_days": present, "absent_days": absent, "late_days": late,
                           "unpaid_leave_days": unpaid, "overtime_minutes": overtime});
        inputs.extend(input.as_object().cloned());
    }
    let couriers = platform_engine::create_many(cx, &PAYROLL_INPUTS, inputs).await?.len();
    Ok(Collected { couriers, orders })
}

/// Days present, absent, late and of unpaid leave, and minutes of overtime, by courier.
async fn attended(cx: &mut Cx, starts_on: NaiveDate, ends_on: NaiveDate) -> Result<HashMap<Uuid, [i64; 5]>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ATTENDED)
        .bind(organization_id)
        .bind(starts_on)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    let mut days = HashMap::with_capacity(rows.len());
    for row in &rows {
        let mut counts = [0; 5];
        for (place, count) in counts.iter_mut().enumerate() {
            *count = row.try_get(place + 1)?;
        }
        days.insert(row.try_get(0)?, counts);
    }
    Ok(days)
}

/// Fuel of each courier without VAT, in halalas.
async fn fuel(cx: &mut Cx, starts_on: NaiveDate, ends_on: NaiveDate) -> Result<HashMap<Uuid, i64>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(FUEL)
        .bind(organization_id)
        .bind(starts_on)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    let mut fuel = HashMap::with_capacity(rows.len());
    for row in &rows {
        let cost: i64 = row.try_get(1)?;
        let net = riyals(cost.max(0)) * Decimal::ONE_HUNDRED / Decimal::from(WITH_VAT_PERCENT);
        fuel.insert(row.try_get(0)?, halalas(net));
    }
    Ok(fuel)
}
