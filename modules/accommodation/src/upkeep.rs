//! What utilities cost for each bed, and what waits for somebody: contracts that end, bills, repairs.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::figures::{Month, amount, amount_each};

/// Bills by the month in which their period begins.
pub(crate) const BILLS: &str =
    "SELECT u.building_id, h.name, u.utility, count(*) AS bills, sum(u.amount)::bigint AS amount,
        coalesce(sum(u.amount) FILTER (WHERE u.status <> 'paid'), 0)::bigint AS unpaid,
        coalesce(sum(u.consumption), 0) AS consumption,
        (SELECT count(*) FROM accommodation.beds b
            JOIN accommodation.rooms r ON r.organization_id = b.organization_id AND r.id = b.room_id
            WHERE b.organization_id = $1 AND r.building_id = u.building_id AND b.deleted_at IS NULL) AS beds
    FROM accommodation.utility_bills u
    JOIN accommodation.buildings h ON h.organization_id = u.organization_id AND h.id = u.building_id
    WHERE u.organization_id = $1 AND u.deleted_at IS NULL AND u.status <> 'cancelled'
        AND u.period_starts_on >= $2 AND u.period_starts_on < $3 AND ($4::uuid IS NULL OR u.building_id = $4)
    GROUP BY u.building_id, h.name, u.utility
    ORDER BY h.name, u.building_id, u.utility LIMIT 2000";

/// Which months.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedBills {
    /// First month, as `2026-01`; this month when it is not given.
    from: Option<String>,
    /// Last month; this month when it is not given.
    to: Option<String>,
    /// One building instead of all.
    building_id: Option<Uuid>,
}

/// One utility of one building.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UtilityCost {
    building_id: Uuid,
    building: String,
    utility: String,
    bills: i64,
    consumption: String,
    amount: String,
    unpaid: String,
    beds: i64,
    /// The amount over the building's beds; nothing without beds.
    amount_per_bed: Option<String>,
}

/// What utilities cost.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UtilityCosts {
    from: String,
    to: String,
    /// By building and utility.
    data: Vec<UtilityCost>,
    total: String,
    unpaid: String,
}

/// `GET /accommodation/utility_costs`.
pub(crate) async fn utility_costs(cx: &mut Cx, asked: AskedBills) -> Result<UtilityCosts, Problem> {
    let this = Month::of(cx.today());
    let month = |field, text: &Option<String>| match text {
        Some(text) => Month::parse(field, text),
        None => Ok(this),
    };
    let (from, to) = (month("from", &asked.from)?, month("to", &asked.to)?);
    if to.first < from.first {
        return Err(Problem::field("to", "ends_before_start"));
    }
    let rows = sqlx::query(BILLS)
        .bind(cx.organization_id)
        .bind(from.first)
        .bind(to.next)
        .bind(asked.building_id)
        .fetch_all(cx.db())
        .await?;
    let mut data = Vec::with_capacity(rows.len());
    let (mut total, mut all_unpaid) = (0, 0);
    for row in &rows {
        let (cost, unpaid, beds): (i64, i64, i64) =
            (row.try_get("amount")?, row.try_get("unpaid")?, row.try_get("beds")?);
        total += cost;
        all_unpaid += unpaid;
        data.push(UtilityCost {
            building_id: row.try_get("building_id")?,
            building: row.try_get("name")?,
            utility: row.try_get("utility")?,
            bills: row.try_get("bills")?,
            consumption: row.try_get::<Decimal, _>("consumption")?.to_string(),
            amount: amount(cost),
            unpaid: amount(unpaid),
            beds,
            amount_per_bed: amount_each(cost, beds),
        });
    }
    Ok(UtilityCosts {
        from: from.to_string(),
        to: to.to_string(),
        data,
        total: amount(total),
        unpaid: amount(all_unpaid),
    })
}

/// One row for each fact: what it is about, its name, a count and an amount. $2 is today, $3 to $5 the last days of the windows.
pub(crate) const OVERVIEW: &str = "SELECT 'bed' AS about, b.status AS name, count(*) AS n, 0::bigint AS amount
    FROM accommodation.beds b WHERE b.organization_id = $1 AND b.deleted_at IS NULL GROUP BY b.status
    UNION ALL
    SELECT 'building', h.status, count(*), 0 FROM accommodation.buildings h
    WHERE h.organization_id = $1 AND h.deleted_at IS NULL GROUP BY h.status
    UNION ALL
    SELECT 'room', r.status, count(*), 0 FROM accommodation.rooms r
    WHERE r.organization_id = $1 AND r.deleted_at IS NULL GROUP BY r.status
    UNION ALL
    SELECT 'contract', ends.name, count(*), 0 FROM accommodation.housing_contracts c
    CROSS JOIN LATERAL (VALUES ('within_30_days', $3::date), ('within_60_days', $4::date), ('within_90_days', $5::date))
        AS ends (name, last)
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status = 'active' AND c.ends_on >= $2::date
        AND c.ends_on <= ends.last
    GROUP BY ends.name
    UNION ALL
    SELECT 'bill', u.status, count(*), sum(u.amount)::bigint FROM accommodation.utility_bills u
    WHERE u.organization_id = $1 AND u.deleted_at IS NULL AND u.status IN ('open', 'overdue', 'disputed') GROUP BY u.status
    UNION ALL
    SELECT 'repair', m.priority, count(*), 0 FROM accommodation.housing_maintenance m
    WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.status IN ('reported', 'assigned', 'in_progress')
    GROUP BY m.priority
    UNION ALL
    SELECT 'stay', 'active', count(*), coalesce(sum(a.monthly_deduction), 0)::bigint FROM accommodation.allocations a
    WHERE a.organization_id = $1 AND a.deleted_at IS NULL AND a.status = 'active'
    ORDER BY 1, 2";

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {}

/// Housing at a glance.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Overview {
    /// The business day it is about.
    today: NaiveDate,
    /// Buildings by status.
    buildings: BTreeMap<String, i64>,
    /// Rooms by status.
    rooms: BTreeMap<String, i64>,
    /// Beds by status.
    beds: BTreeMap<String, i64>,
    /// Occupied beds in per cent of all beds; nothing without beds.
    occupancy_percent: Option<String>,
    /// Couriers who live there.
    residents: i64,
    /// Their monthly deductions; nothing for callers who may not see costs.
    revenue: Option<String>,
    /// Contracts in force that end soon; each window contains the shorter ones.
    contracts_ending: BTreeMap<String, i64>,
    /// Bills that are not paid, by status.
    unpaid_bills: BTreeMap<String, i64>,
    /// Their amounts together; nothing for callers who may not see costs.
    unpaid_amount: Option<String>,
    /// Repairs that are not done, by priority.
    repairs: BTreeMap<String, i64>,
}

/// `GET /accommodation/overview`.
pub(crate) async fn overview(cx: &mut Cx, _: Asked) -> Result<Overview, Problem> {
    let today = cx.today();
    let sees_money = cx.may("housing_costs.read");
    let until = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    let rows = sqlx::query(OVERVIEW)
        .bind(cx.organization_id)
        .bind(today)
        .bind(until(30))
        .bind(until(60))
        .bind(until(90))
        .fetch_all(cx.db())
        .await?;
    let mut overview = Overview {
        today,
        ..Overview::default()
    };
    let (mut revenue, mut unpaid) = (0, 0);
    for row in rows {
        let (about, name): (String, String) = (row.try_get("about")?, row.try_get("name")?);
        let (count, minor): (i64, i64) = (row.try_get("n")?, row.try_get("amount")?);
        let counts = match about.as_str() {
            "bed" => &mut overview.beds,
            "building" => &mut overview.buildings,
            "room" => &mut overview.rooms,
            "contract" => &mut overview.contracts_ending,
            "repair" => &mut overview.repairs,
            "bill" => {
                unpaid += minor;
                &mut overview.unpaid_bills
            }
            _ => {
                overview.residents = count;
                revenue = minor;
                continue;
            }
        };
        counts.insert(name, count);
    }
    let occupied = overview.beds.get("occupied").copied().unwrap_or_default();
    overview.occupancy_percent = crate::figures::percent(occupied, overview.beds.values().sum());
    overview.revenue = sees_money.then(|| amount(revenue));
    overview.unpaid_amount = sees_money.then(|| amount(unpaid));
    Ok(overview)
}
