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

/// Deliveries of couriers with a target and without work on record, delivered in the period.
pub(crate) const DELIVERED: &str = "SELECT t.courier_id, count(d.id), coalesce(sum(d.delivery_fee), 0)::bigint
FROM hr.courier_targets t
LEFT JOIN operations.delivery_facts d ON d.organization_id = t.organization_id AND d.courier_id = t.courier_id
    AND d.status = 'delivered' AND d.delivered_at >= $4 AND d.delivered_at < $5 AND d.deleted_at IS NULL
WHERE t.organization_id = $1 AND t.year = $2 AND t.month = $3 AND t.deleted_at IS NULL AND t.category <> 'ajeer'
    AND NOT EXISTS (SELECT FROM hr.payroll_inputs i WHERE i.organization_id = $1 AND i.courier_id = t.courier_id
        AND i.year = t.year AND i.month = t.month AND i.deleted_at IS NULL)
GROUP BY t.courier_id
ORDER BY t.courier_id";

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
    let rows = sqlx::query(DELIVERED)
        .bind(organization_id)
        .bind(year)
        .bind(month)
        .bind(from)
        .bind(until)
        .fetch_all(cx.db())
        .await?;
    let fuel = fuel(cx, starts_on, ends_on).await?;
    let (mut orders, mut inputs) = (0, Vec::with_capacity(rows.len()));
    for row in &rows {
        let (courier_id, count, revenue): (Uuid, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        orders += count;
        let input = json!({"courier_id": courier_id, "year": year, "month": month, "total_orders": count,
                           "total_revenue": amount(revenue), "source": "system",
                           "gas_usage": amount(fuel.get(&courier_id).copied().unwrap_or(0))});
        inputs.extend(input.as_object().cloned());
    }
    let couriers = platform_engine::create_many(cx, &PAYROLL_INPUTS, inputs).await?.len();
    Ok(Collected { couriers, orders })
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
