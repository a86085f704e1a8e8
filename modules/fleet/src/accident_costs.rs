//! What accidents cost: the damage, what the insurer leaves, and what was not earned meanwhile.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::asked::{Period, page};
use crate::economy::rounded;
use crate::fuel_costs::currency;

/// Accidents of a period.
pub(crate) const ACCIDENTS: &str =
    "SELECT l.id, l.accident_number, l.occurred_on, l.vehicle_id, l.courier_id, l.severity,
        l.fault_status, l.status, coalesce(l.actual_repair_cost, l.estimated_repair_cost, 0) AS repair,
        l.actual_repair_cost IS NULL AS is_estimate, coalesce(l.tow_cost, 0) AS tow,
        coalesce(l.insurance_covered, 0) AS covered, coalesce(l.lost_revenue, 0) AS lost
    FROM fleet.accident_logs l
    WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.occurred_on >= $2 AND l.occurred_on <= $3
        AND ($4::uuid IS NULL OR l.vehicle_id = $4) AND ($5::uuid IS NULL OR l.courier_id = $5)
    ORDER BY l.occurred_on DESC, l.id DESC";

/// Which accidents.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; 29 days before the last one unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// One vehicle only.
    vehicle_id: Option<Uuid>,
    /// One courier only.
    courier_id: Option<Uuid>,
    /// Accidents of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// What accidents cost.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccidentCosts {
    /// The latest first.
    data: Vec<AccidentCost>,
    currency: String,
    /// Over all pages.
    totals: AccidentTotals,
    next: Option<String>,
}

/// What an accident cost.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccidentCost {
    accident_id: Uuid,
    accident_number: String,
    occurred_on: NaiveDate,
    vehicle_id: Uuid,
    courier_id: Option<Uuid>,
    severity: String,
    fault_status: String,
    status: String,
    /// Whether the repair is only estimated.
    is_estimate: bool,
    #[serde(flatten)]
    costs: Costs,
}

/// Costs as amounts.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Costs {
    /// The actual repair, or else the estimated one, and the towing.
    total_cost: String,
    /// The total less what the insurer paid.
    out_of_pocket_cost: String,
    /// The total and the lost revenue less what the insurer paid.
    financial_impact: String,
}

/// Sums of a period.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccidentTotals {
    accidents: usize,
    /// Those that are major or a total loss.
    major: usize,
    /// Neither resolved nor closed.
    open: usize,
    by_severity: BTreeMap<String, i64>,
    by_fault: BTreeMap<String, i64>,
    #[serde(flatten)]
    costs: Costs,
}

/// What costs are made of.
#[derive(Clone, Copy, Default)]
struct Amounts {
    repair: Decimal,
    tow: Decimal,
    covered: Decimal,
    lost: Decimal,
}

impl Amounts {
    fn costs(self) -> Costs {
        let text = |amount| rounded(amount, 2).to_string();
        let total = self.repair + self.tow;
        Costs {
            total_cost: text(total),
            out_of_pocket_cost: text(total - self.covered),
            financial_impact: text(total + self.lost - self.covered),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            repair: self.repair + other.repair,
            tow: self.tow + other.tow,
            covered: self.covered + other.covered,
            lost: self.lost + other.lost,
        }
    }
}

fn minor(row: &PgRow, column: &str) -> Result<Decimal, sqlx::Error> {
    Ok(Decimal::new(row.try_get(column)?, 2))
}

/// `GET /fleet/accident_costs`.
pub(crate) async fn accident_costs(cx: &mut Cx, asked: Asked) -> Result<AccidentCosts, Problem> {
    let period = Period::of(cx, asked.from, asked.to)?;
    let rows = sqlx::query(ACCIDENTS)
        .bind(cx.organization_id)
        .bind(period.first)
        .bind(period.last)
        .bind(asked.vehicle_id)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    let (mut accidents, mut sum) = (Vec::with_capacity(rows.len()), Amounts::default());
    let (mut by_severity, mut by_fault) = (BTreeMap::new(), BTreeMap::new());
    for row in &rows {
        let amounts = Amounts {
            repair: minor(row, "repair")?,
            tow: minor(row, "tow")?,
            covered: minor(row, "covered")?,
            lost: minor(row, "lost")?,
        };
        sum = sum.plus(amounts);
        let accident = AccidentCost {
            accident_id: row.try_get("id")?,
            accident_number: row.try_get("accident_number")?,
            occurred_on: row.try_get("occurred_on")?,
            vehicle_id: row.try_get("vehicle_id")?,
            courier_id: row.try_get("courier_id")?,
            severity: row.try_get("severity")?,
            fault_status: row.try_get("fault_status")?,
            status: row.try_get("status")?,
            is_estimate: row.try_get("is_estimate")?,
            costs: amounts.costs(),
        };
        *by_severity.entry(accident.severity.clone()).or_default() += 1;
        *by_fault.entry(accident.fault_status.clone()).or_default() += 1;
        accidents.push(accident);
    }
    let count = |is: &dyn Fn(&AccidentCost) -> bool| accidents.iter().filter(|accident| is(accident)).count();
    let totals = AccidentTotals {
        accidents: accidents.len(),
        major: count(&|accident| matches!(accident.severity.as_str(), "major" | "total_loss")),
        open: count(&|accident| !matches!(accident.status.as_str(), "resolved" | "closed")),
        by_severity,
        by_fault,
        costs: sum.costs(),
    };
    let (data, next) = page(accidents, asked.limit, asked.after.as_deref())?;
    Ok(AccidentCosts {
        data,
        currency: currency(cx),
        totals,
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example() {
        let amounts = Amounts {
            repair: Decimal::new(840_000, 2),
            tow: Decimal::new(35_000, 2),
            covered: Decimal::new(600_000, 2),
            lost: Decimal::new(120_000, 2),
        };
        let costs = amounts.costs();
        assert_eq!(
            [costs.total_cost, costs.out_of_pocket_cost, costs.financial_impact],
            ["8750.00", "2750.00", "3950.00"]
        );
        let twice = amounts.plus(amounts).costs();
        assert_eq!(twice.financial_impact, "7900.00");
    }
}
