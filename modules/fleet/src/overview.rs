//! What a fleet manager sees first: how many of what, what has no partner, which papers run out, which purchases wait for a
//! person, and fuel by month.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::economy::rounded;
use crate::fills::fills;
use crate::fuel_costs::{amount, currency};
use crate::health::{self, Health};
use crate::month::Month;

/// Months of fuel shown.
const MONTHS: i32 = 6;

/// One row for each fact: what it is about, its name, up to four counts and litres. $1 to $5 are those of `fills`; $6 is
/// today, $7 to $9 the last days of the three windows.
pub(crate) const OVERVIEW: &str = concat!(
    "WITH ",
    fills!(),
    ", open AS (
    SELECT a.vehicle_id, a.courier_id
    FROM fleet.vehicle_assignments a
    WHERE a.organization_id = $1 AND a.status = 'active' AND a.deleted_at IS NULL
), papers AS (
    SELECT paper.name, paper.day
    FROM fleet.couriers c
    CROSS JOIN LATERAL (VALUES
        ('couriers.iqama_expires_on', c.iqama_expires_on), ('couriers.passport_expires_on', c.passport_expires_on),
        ('couriers.license_expires_on', c.license_expires_on)
    ) AS paper (name, day)
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status <> 'terminated' AND paper.day <= $9::date
    UNION ALL
    SELECT paper.name, paper.day
    FROM fleet.vehicles v
    CROSS JOIN LATERAL (VALUES
        ('vehicles.registration_expires_on', v.registration_expires_on),
        ('vehicles.insurance_expires_on', v.insurance_expires_on)
    ) AS paper (name, day)
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired' AND paper.day <= $9::date
)
SELECT 'courier' AS about, c.status AS name, count(*) AS n1,
    count(*) FILTER (WHERE c.status = 'active' AND NOT EXISTS (SELECT FROM open o WHERE o.courier_id = c.id)) AS n2,
    0::bigint AS n3, 0::bigint AS n4, 0::numeric AS volume_l
FROM fleet.couriers c
WHERE c.organization_id = $1 AND c.deleted_at IS NULL
GROUP BY c.status
UNION ALL
SELECT 'vehicle', v.status, count(*),
    count(*) FILTER (WHERE v.status = 'active' AND NOT EXISTS (SELECT FROM open o WHERE o.vehicle_id = v.id)), 0, 0, 0
FROM fleet.vehicles v
WHERE v.organization_id = $1 AND v.deleted_at IS NULL
GROUP BY v.status
UNION ALL
SELECT 'paper', p.name, count(*) FILTER (WHERE p.day < $6::date),
    count(*) FILTER (WHERE p.day >= $6::date AND p.day <= $7::date),
    count(*) FILTER (WHERE p.day >= $6::date AND p.day <= $8::date), count(*) FILTER (WHERE p.day >= $6::date), 0
FROM papers p
GROUP BY p.name
UNION ALL
SELECT 'transaction', t.match_status, count(*), 0, 0, 0, 0
FROM fleet.fuel_transactions t
WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.match_status IN ('unmatched', 'doubtful')
GROUP BY t.match_status
UNION ALL
SELECT 'fuel', to_char(f.day, 'YYYY-MM'), count(*), sum(f.cost)::bigint, 0, 0,
    coalesce(sum(f.volume_l) FILTER (WHERE NOT f.is_electric), 0)
FROM fills f
GROUP BY to_char(f.day, 'YYYY-MM')
ORDER BY 1, 2"
);

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {}

/// The fleet at a glance.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Overview {
    /// The business day it is about.
    today: NaiveDate,
    currency: String,
    couriers: States,
    vehicles: States,
    /// Active couriers without an open assignment.
    couriers_without_vehicle: i64,
    /// Active vehicles without an open assignment.
    vehicles_without_courier: i64,
    /// Papers of couriers who are not terminated and vehicles that are not retired; those with nothing to say are left out.
    papers: Vec<Paper>,
    /// Purchases that wait for a person; nothing for callers who may not see them.
    fuel_transactions: Option<Waiting>,
    /// Fuel of the last six months, oldest first; nothing for callers who may not see costs.
    fuel: Option<Vec<FuelMonth>>,
    /// The score of the fleet, what it is made of, and what asks for attention.
    health: Option<Health>,
}

/// Rows by status.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct States {
    total: i64,
    by_status: BTreeMap<String, i64>,
}

/// Papers of one kind that run out. Each window contains the shorter ones; none contains what has expired.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Paper {
    /// Where the day is, as `fleet.couriers`.
    resource: String,
    /// The field with the day: its label names the paper.
    field: String,
    expired: i64,
    within_30_days: i64,
    within_60_days: i64,
    within_90_days: i64,
}

/// Purchases that wait for a person.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Waiting {
    unmatched: i64,
    doubtful: i64,
}

/// Fuel of a month over all vehicles.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FuelMonth {
    month: String,
    volume_l: String,
    cost: String,
    fills: i64,
}

/// One fact of the answer of the database.
struct Fact {
    about: String,
    name: String,
    counts: [i64; 4],
    volume_l: Decimal,
}

impl Fact {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            about: row.try_get("about")?,
            name: row.try_get("name")?,
            counts: [
                row.try_get("n1")?,
                row.try_get("n2")?,
                row.try_get("n3")?,
                row.try_get("n4")?,
            ],
            volume_l: row.try_get("volume_l")?,
        })
    }
}

/// `GET /fleet/overview`.
pub(crate) async fn overview(cx: &mut Cx, _: Asked) -> Result<Overview, Problem> {
    let today = cx.today();
    let currency = currency(cx);
    let this_month = Month::of(today);
    let until = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    let rows = sqlx::query(OVERVIEW)
        .bind(cx.organization_id)
        .bind(None::<Uuid>)
        .bind(this_month.plus(1 - MONTHS).first_day())
        .bind(this_month.plus(1).first_day())
        .bind(&currency)
        .bind(today)
        .bind(until(30))
        .bind(until(60))
        .bind(until(90))
        .fetch_all(cx.db())
        .await?;
    let facts = rows.iter().map(Fact::of).collect::<Result<Vec<_>, _>>()?;
    let mut overview = put_together(facts, this_month);
    overview.fuel = overview.fuel.filter(|_| cx.may("fuel_costs.read"));
    overview.fuel_transactions = overview.fuel_transactions.filter(|_| cx.may("fuel_transactions.read"));
    Ok(Overview {
        today,
        currency,
        health: Some(health::health(cx, health::Asked {}).await?),
        ..overview
    })
}

/// Months without fuel are there too, with nothing in them.
fn put_together(facts: Vec<Fact>, this_month: Month) -> Overview {
    let mut overview = Overview::default();
    let mut waiting = Waiting::default();
    let mut fuel: BTreeMap<String, FuelMonth> = (1 - MONTHS..=0)
        .map(|back| fuel_month(this_month.plus(back).to_string(), Decimal::ZERO, 0, 0))
        .map(|month| (month.month.clone(), month))
        .collect();
    for Fact {
        about,
        name,
        counts,
        volume_l,
    } in facts
    {
        let [n1, n2, n3, n4] = counts;
        match (about.as_str(), name.as_str()) {
            ("courier", _) => {
                overview.couriers.count(name, n1);
                overview.couriers_without_vehicle += n2;
            }
            ("vehicle", _) => {
                overview.vehicles.count(name, n1);
                overview.vehicles_without_courier += n2;
            }
            ("paper", _) => {
                if let Some((resource, field)) = name.split_once('.') {
                    overview.papers.push(Paper {
                        resource: format!("fleet.{resource}"),
                        field: field.to_owned(),
                        expired: n1,
                        within_30_days: n2,
                        within_60_days: n3,
                        within_90_days: n4,
                    });
                }
            }
            ("transaction", "doubtful") => waiting.doubtful = n1,
            ("transaction", _) => waiting.unmatched = n1,
            _ => {
                fuel.insert(name.clone(), fuel_month(name, volume_l, n2, n1));
            }
        }
    }
    overview.fuel_transactions = Some(waiting);
    overview.fuel = Some(fuel.into_values().collect());
    overview
}

fn fuel_month(month: String, volume_l: Decimal, cost_minor: i64, fills: i64) -> FuelMonth {
    FuelMonth {
        month,
        volume_l: rounded(volume_l, 3).to_string(),
        cost: amount(cost_minor),
        fills,
    }
}

impl States {
    fn count(&mut self, status: String, rows: i64) {
        self.total += rows;
        self.by_status.insert(status, rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_become_an_overview() {
        let fact = |about: &str, name: &str, counts, volume: i64| Fact {
            about: about.into(),
            name: name.into(),
            counts,
            volume_l: Decimal::from(volume),
        };
        let facts = vec![
            fact("courier", "active", [5, 2, 0, 0], 0),
            fact("courier", "onboarding", [1, 0, 0, 0], 0),
            fact("fuel", "2026-01", [3, 12_345, 0, 0], 60),
            fact("paper", "couriers.iqama_expires_on", [1, 2, 3, 4], 0),
            fact("transaction", "doubtful", [7, 0, 0, 0], 0),
            fact("vehicle", "active", [4, 1, 0, 0], 0),
        ];
        let overview = put_together(facts, "2026-02".parse().expect("a month"));
        let told = serde_json::to_value(&overview).expect("JSON");
        assert_eq!(
            told["couriers"],
            serde_json::json!({"total": 6, "by_status": {"active": 5, "onboarding": 1}})
        );
        assert_eq!(
            (&told["couriers_without_vehicle"], &told["vehicles_without_courier"]),
            (&2.into(), &1.into())
        );
        assert_eq!(told["papers"][0]["field"], "iqama_expires_on");
        assert_eq!(told["papers"][0]["within_90_days"], 4);
        assert_eq!(
            told["fuel_transactions"],
            serde_json::json!({"unmatched": 0, "doubtful": 7})
        );
        let fuel = told["fuel"].as_array().expect("months");
        let months: Vec<_> = fuel.iter().filter_map(|month| month["month"].as_str()).collect();
        assert_eq!(
            months,
            ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]
        );
        assert_eq!(
            (&fuel[4]["volume_l"], &fuel[4]["cost"]),
            (&"60.000".into(), &"123.45".into())
        );
        assert_eq!(fuel[5]["volume_l"], "0.000");
    }
}
