//! The organization's own dated rows, read once for a figure.

use platform_core::{Cx, Problem};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::formula::Formula;
use crate::gosi::{self, Rate};
use crate::leave_balance::{Basis, Entitlement, with_statute};
use crate::money::riyals;

pub(crate) const GOSI: &str =
    "SELECT g.contributor_class, g.effective_from, g.effective_to, g.annuities_employee_percent,
    g.annuities_employer_percent, g.saned_employee_percent, g.saned_employer_percent, g.hazards_employer_percent,
    g.floor_wage, g.ceiling_wage, g.article
FROM hr.gosi_rates g
WHERE g.organization_id = $1 AND g.deleted_at IS NULL";

pub(crate) const ENTITLEMENTS: &str = "SELECT e.leave_type, e.min_service_years, e.days_per_year, e.basis, e.accrual,
    e.effective_from, e.effective_to, e.article
FROM hr.leave_entitlements e
WHERE e.organization_id = $1 AND e.deleted_at IS NULL";

/// The version of a category that is in force on $3: the latest of those that began.
pub(crate) const FORMULA: &str =
    "SELECT p.id, p.daily_target, p.basic_divisor, p.gas_divisor, p.basic_rate, p.bonus_rate,
    p.bonus_step, p.bonus_rate_above_step, p.penalty_rate, p.gas_rate, p.gas_target_rate, p.gas_revenue_rate, p.gas_cap,
    p.revenue_coefficient, p.revenue_bonus_step, p.revenue_bonus_rate, p.revenue_bonus_rate_above, p.rounds_target_up
FROM hr.payroll_parameters p
WHERE p.organization_id = $1 AND p.category = $2 AND p.deleted_at IS NULL AND p.effective_from <= $3::date
    AND (p.effective_to IS NULL OR p.effective_to >= $3::date)
ORDER BY p.effective_from DESC, p.id DESC
LIMIT 1";

/// Social insurance: the law's rows, and the organization's in their place for every class that it has some of.
pub(crate) async fn gosi_rates(cx: &mut Cx) -> Result<Vec<Rate>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(GOSI).bind(organization_id).fetch_all(cx.db()).await?;
    let own = rows.iter().map(gosi_rate).collect::<Result<Vec<_>, _>>()?;
    let mut rates = gosi::statute();
    rates.retain(|rate| own.iter().all(|other| other.class != rate.class));
    rates.extend(own);
    Ok(rates)
}

fn gosi_rate(row: &PgRow) -> Result<Rate, sqlx::Error> {
    Ok(Rate {
        class: row.try_get(0)?,
        from: row.try_get(1)?,
        until: row.try_get(2)?,
        annuities_employee: row.try_get(3)?,
        annuities_employer: row.try_get(4)?,
        saned_employee: row.try_get(5)?,
        saned_employer: row.try_get(6)?,
        hazards_employer: row.try_get(7)?,
        floor: riyals(row.try_get(8)?),
        ceiling: riyals(row.try_get(9)?),
        article: row.try_get::<Option<String>, _>(10)?.unwrap_or_default(),
    })
}

/// Leave entitlements, with the law's for every kind that the organization has no row of.
pub(crate) async fn entitlements(cx: &mut Cx) -> Result<Vec<Entitlement>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ENTITLEMENTS)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    let own = rows.iter().map(entitlement).collect::<Result<Vec<_>, _>>()?;
    Ok(with_statute(own))
}

fn entitlement(row: &PgRow) -> Result<Entitlement, sqlx::Error> {
    Ok(Entitlement {
        leave_type: row.try_get(0)?,
        min_service_years: row.try_get(1)?,
        days: row.try_get(2)?,
        basis: match row.try_get::<&str, _>(3)? {
            "event" => Basis::Event,
            "once" => Basis::Once,
            _ => Basis::Year,
        },
        monthly: row.try_get::<&str, _>(4)? == "monthly",
        from: row.try_get(5)?,
        until: row.try_get(6)?,
        article: row.try_get::<Option<String>, _>(7)?.unwrap_or_default(),
    })
}

/// The formula of a category on a day: the organization's row with its id, or the documented numbers.
pub(crate) async fn formula(
    cx: &mut Cx,
    category: &str,
    day: chrono::NaiveDate,
) -> Result<Option<(Option<uuid::Uuid>, Formula)>, Problem> {
    let row = sqlx::query(FORMULA)
        .bind(cx.organization_id)
        .bind(category)
        .bind(day)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else {
        return Ok(Formula::documented(category).map(|formula| (None, formula)));
    };
    let formula = Formula {
        daily_target: row.try_get(1)?,
        basic_divisor: row.try_get(2)?,
        gas_divisor: row.try_get(3)?,
        basic_rate: row.try_get(4)?,
        bonus_rate: row.try_get(5)?,
        bonus_step: row.try_get(6)?,
        bonus_rate_above_step: row.try_get(7)?,
        penalty_rate: row.try_get(8)?,
        gas_rate: row.try_get(9)?,
        gas_target_rate: row.try_get(10)?,
        gas_revenue_rate: row.try_get(11)?,
        gas_cap: row.try_get(12)?,
        revenue_coefficient: row.try_get(13)?,
        revenue_bonus_step: row.try_get(14)?,
        revenue_bonus_rate: row.try_get(15)?,
        revenue_bonus_rate_above: row.try_get(16)?,
        rounds_target_up: row.try_get(17)?,
    };
    Ok(Some((Some(row.try_get(0)?), formula)))
}
