//! Figures over tables: loans, penalties, budgets, VAT and pay of a month. Each can be counted again from its rows.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::inputs::{Amount, day};
use hr_pay::money::{amount, halalas, half_up, share};

/// Loans that were paid out: those that are or were active. A loan that was called off counts with what it was repaid.
pub(crate) const LOANS: &str = "SELECT count(*), count(*) FILTER (WHERE l.status = 'active'),
    coalesce(sum(l.amount), 0)::bigint, coalesce(sum(l.outstanding_balance) FILTER (WHERE l.status = 'active'), 0)::bigint,
    coalesce(sum(least(l.monthly_deduction, l.outstanding_balance)) FILTER (WHERE l.status = 'active'), 0)::bigint,
    (SELECT coalesce(sum(p.amount), 0)::bigint
        FROM hr.loan_payments p
        JOIN hr.loans o ON o.organization_id = p.organization_id AND o.id = p.loan_id
        WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND ($2::uuid IS NULL OR o.courier_id = $2))
FROM hr.loans l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.approved_at IS NOT NULL
    AND ($2::uuid IS NULL OR l.courier_id = $2)";

pub(crate) const PENALTIES: &str = "SELECT p.courier_id, max(c.full_name), p.penalty_type, count(*),
    count(*) FILTER (WHERE p.status IN ('approved', 'applied')),
    coalesce(sum(p.amount) FILTER (WHERE p.status IN ('approved', 'applied')), 0)::bigint,
    count(*) FILTER (WHERE p.status IN ('pending', 'appealed'))
FROM hr.penalties p
JOIN fleet.courier_facts c ON c.organization_id = p.organization_id AND c.id = p.courier_id
WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.incident_on BETWEEN $2::date AND $3::date
    AND ($4::uuid IS NULL OR p.courier_id = $4)
GROUP BY p.courier_id, p.penalty_type
ORDER BY 6 DESC, p.courier_id, p.penalty_type
LIMIT 1000";

/// Budgets that touch a period, with what was approved or paid of their category in their own days.
pub(crate) const BUDGETS: &str = "SELECT b.id, b.name, b.category, b.starts_on, b.ends_on, b.amount,
    (SELECT coalesce(sum(e.amount), 0)::bigint
        FROM hr.expenses e
        WHERE e.organization_id = $1 AND e.deleted_at IS NULL AND e.category = b.category
            AND e.spent_on BETWEEN b.starts_on AND b.ends_on AND e.status IN ('approved', 'paid'))
FROM hr.budgets b
WHERE b.organization_id = $1 AND b.deleted_at IS NULL AND b.starts_on <= $3::date AND b.ends_on >= $2::date
ORDER BY b.starts_on, b.name
LIMIT 500";

pub(crate) const INPUT_VAT: &str = "SELECT coalesce(sum(e.amount) FILTER (WHERE e.vat_amount > 0), 0)::bigint,
    coalesce(sum(e.vat_amount), 0)::bigint, count(*) FILTER (WHERE e.vat_amount > 0 AND e.vendor_vat_number IS NULL)
FROM hr.expenses e
WHERE e.organization_id = $1 AND e.deleted_at IS NULL AND e.spent_on BETWEEN $2::date AND $3::date
    AND e.status IN ('approved', 'paid')";

pub(crate) const PAYROLL: &str = "SELECT s.category, count(*), count(*) FILTER (WHERE s.status = 'held'),
    count(*) FILTER (WHERE s.status = 'paid'), sum(s.gross_salary)::bigint, sum(s.net_salary)::bigint,
    sum(s.gosi_employee)::bigint, sum(s.gosi_employer)::bigint, sum(s.loan_deduction)::bigint,
    sum(s.penalty_deduction)::bigint, sum(s.carried_forward)::bigint
FROM hr.salaries s
WHERE s.organization_id = $1 AND s.deleted_at IS NULL AND s.year = $2 AND s.month = $3
GROUP BY s.category
ORDER BY s.category";

/// Days that a figure is about.
fn period(cx: &Cx, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(NaiveDate, NaiveDate), Problem> {
    let to = day("to", to.unwrap_or_else(|| cx.today()))?;
    let from = from.unwrap_or_else(|| chrono::Datelike::with_ordinal(&to, 1).unwrap_or(to));
    let from = day("from", from)?;
    if to < from {
        return Err(Problem::field("to", "before_start"));
    }
    Ok((from, to))
}

/// A part in percent; nothing of nothing.
pub(crate) fn percent(part: i64, whole: i64) -> Option<String> {
    (whole != 0).then(|| half_up(Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole), 2).to_string())
}

/// One courier, or all.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfCourier {
    /// One courier only.
    courier_id: Option<Uuid>,
}

/// Loans at a glance.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct LoanStatistics {
    /// Loans that were ever approved.
    loans: i64,
    active_loans: i64,
    /// Sum of the amounts of approved loans.
    disbursed: String,
    /// Sum of the balances of active loans.
    outstanding: String,
    /// Sum of the ledger: a loan that is called off is not thereby repaid.
    repaid: String,
    /// Repaid of disbursed, in percent; nothing before the first loan.
    repaid_percent: Option<String>,
    /// What the next pay would deduct.
    monthly_deduction: String,
}

/// `GET /hr/loan_statistics`.
pub(crate) async fn loan_statistics(cx: &mut Cx, asked: OfCourier) -> Result<LoanStatistics, Problem> {
    let organization_id = cx.organization_id;
    let row = sqlx::query(LOANS)
        .bind(organization_id)
        .bind(asked.courier_id)
        .fetch_one(cx.db())
        .await?;
    let (disbursed, repaid): (i64, i64) = (row.try_get(2)?, row.try_get(5)?);
    Ok(LoanStatistics {
        loans: row.try_get(0)?,
        active_loans: row.try_get(1)?,
        disbursed: amount(disbursed),
        outstanding: amount(row.try_get(3)?),
        repaid: amount(repaid),
        repaid_percent: percent(repaid, disbursed),
        monthly_deduction: amount(row.try_get(4)?),
    })
}

/// Which days and whose.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CourierPeriod {
    /// First day; the first of the year unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// One courier only.
    courier_id: Option<Uuid>,
}

/// Penalties by courier and kind, the dearest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PenaltyTotals {
    from: NaiveDate,
    to: NaiveDate,
    /// Approved and deducted, over everything that is shown.
    total: String,
    data: Vec<PenaltyTotal>,
}

/// Penalties of one kind of one courier.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PenaltyTotal {
    courier_id: Uuid,
    courier_name: String,
    penalty_type: String,
    /// Of every state.
    penalties: i64,
    /// Approved and deducted ones: these make the total.
    decided: i64,
    total: String,
    /// Pending and appealed ones.
    open: i64,
}

/// `GET /hr/penalty_totals`.
pub(crate) async fn penalty_totals(cx: &mut Cx, asked: CourierPeriod) -> Result<PenaltyTotals, Problem> {
    let (from, to) = period(cx, asked.from, asked.to)?;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(PENALTIES)
        .bind(organization_id)
        .bind(from)
        .bind(to)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    let mut sum = 0;
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        let total: i64 = row.try_get(5)?;
        sum += total;
        data.push(PenaltyTotal {
            courier_id: row.try_get(0)?,
            courier_name: row.try_get(1)?,
            penalty_type: row.try_get(2)?,
            penalties: row.try_get(3)?,
            decided: row.try_get(4)?,
            total: amount(total),
            open: row.try_get(6)?,
        });
    }
    Ok(PenaltyTotals {
        from,
        to,
        total: amount(sum),
        data,
    })
}

/// Days of a figure.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Period {
    /// First day; the first of the year unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
}

/// Budgets against what was spent.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BudgetVariances {
    from: NaiveDate,
    to: NaiveDate,
    data: Vec<BudgetVariance>,
}

/// One budget.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct BudgetVariance {
    budget_id: Uuid,
    name: String,
    category: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    budget: String,
    /// Approved and paid expenses of the category in the budget's days, without VAT.
    actual: String,
    /// Actual less budget: above zero is overspent.
    variance: String,
    /// Variance of the budget, in percent; nothing for an empty budget.
    variance_percent: Option<String>,
    /// Actual of the budget, in percent.
    used_percent: Option<String>,
}

/// `GET /hr/budget_variances`.
pub(crate) async fn budget_variances(cx: &mut Cx, asked: Period) -> Result<BudgetVariances, Problem> {
    let (from, to) = period(cx, asked.from, asked.to)?;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(BUDGETS)
        .bind(organization_id)
        .bind(from)
        .bind(to)
        .fetch_all(cx.db())
        .await?;
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        let (budget, actual): (i64, i64) = (row.try_get(5)?, row.try_get(6)?);
        data.push(BudgetVariance {
            budget_id: row.try_get(0)?,
            name: row.try_get(1)?,
            category: row.try_get(2)?,
            starts_on: row.try_get(3)?,
            ends_on: row.try_get(4)?,
            budget: amount(budget),
            actual: amount(actual),
            variance: amount(actual - budget),
            variance_percent: percent(actual - budget, budget),
            used_percent: percent(actual, budget),
        });
    }
    Ok(BudgetVariances { from, to, data })
}

/// Sales of a VAT period.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VatAsked {
    /// First day of the period.
    from: NaiveDate,
    /// Last day of the period.
    to: NaiveDate,
    /// Sales at the standard rate, without VAT.
    taxable_sales: Option<Amount>,
    /// Standard rate in percent; 15 unless given.
    rate_percent: Option<Amount>,
}

/// Figures of a VAT return.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct VatFigures {
    from: NaiveDate,
    to: NaiveDate,
    rate_percent: String,
    taxable_sales: String,
    /// Sales × rate.
    output_vat: String,
    /// Approved and paid expenses with VAT, without it.
    taxable_purchases: String,
    /// The VAT of their invoices.
    input_vat: String,
    /// Output less input; below zero is refunded.
    net_vat: String,
    /// Expenses with VAT whose vendor's VAT number is missing: their VAT may be refused.
    without_vat_number: i64,
}

/// `GET /hr/vat_figures`.
pub(crate) async fn vat_figures(cx: &mut Cx, asked: VatAsked) -> Result<VatFigures, Problem> {
    let (from, to) = period(cx, Some(asked.from), Some(asked.to))?;
    let rate = asked.rate_percent.map_or(Decimal::from(15), |rate| rate.0);
    if rate > Decimal::ONE_HUNDRED {
        return Err(Problem::field("rate_percent", "over_scale"));
    }
    let organization_id = cx.organization_id;
    let row = sqlx::query(INPUT_VAT)
        .bind(organization_id)
        .bind(from)
        .bind(to)
        .fetch_one(cx.db())
        .await?;
    let sales = asked.taxable_sales.unwrap_or_default().0;
    let (output, input) = (halalas(share(sales, rate)), row.try_get::<i64, _>(1)?);
    Ok(VatFigures {
        from,
        to,
        rate_percent: half_up(rate, 2).to_string(),
        taxable_sales: half_up(sales, 2).to_string(),
        output_vat: amount(output),
        taxable_purchases: amount(row.try_get(0)?),
        input_vat: amount(input),
        net_vat: amount(output - input),
        without_vat_number: row.try_get(2)?,
    })
}

/// A month of pay.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Month {
    /// Year, as 2026.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
}

/// Pay of a month by category.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PayrollSummary {
    year: i64,
    month: i64,
    couriers: i64,
    gross: String,
    net: String,
    /// Gross and the employer's part of social insurance.
    cost: String,
    data: Vec<CategoryPay>,
}

/// Pay of one category.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CategoryPay {
    category: String,
    couriers: i64,
    held: i64,
    paid: i64,
    gross: String,
    net: String,
    gosi_employee: String,
    gosi_employer: String,
    loans: String,
    penalties: String,
    /// Deductions that the law's limits put off.
    carried_forward: String,
}

/// `GET /hr/payroll_summary`.
pub(crate) async fn payroll_summary(cx: &mut Cx, asked: Month) -> Result<PayrollSummary, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(PAYROLL)
        .bind(organization_id)
        .bind(asked.year)
        .bind(asked.month)
        .fetch_all(cx.db())
        .await?;
    let (mut couriers, mut gross, mut net, mut employer) = (0, 0, 0, 0);
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        let sum = |place: usize| row.try_get::<i64, _>(place);
        couriers += sum(1)?;
        gross += sum(4)?;
        net += sum(5)?;
        employer += sum(7)?;
        data.push(CategoryPay {
            category: row.try_get(0)?,
            couriers: sum(1)?,
            held: sum(2)?,
            paid: sum(3)?,
            gross: amount(sum(4)?),
            net: amount(sum(5)?),
            gosi_employee: amount(sum(6)?),
            gosi_employer: amount(sum(7)?),
            loans: amount(sum(8)?),
            penalties: amount(sum(9)?),
            carried_forward: amount(sum(10)?),
        });
    }
    Ok(PayrollSummary {
        year: asked.year,
        month: asked.month,
        couriers,
        gross: amount(gross),
        net: amount(net),
        cost: amount(gross + employer),
        data,
    })
}
