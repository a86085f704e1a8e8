//! The organization's own dated rows, read once for a figure.

use chrono::NaiveDate;
use hr_pay::money::riyals;
use hr_pay::{Basis, Categories, Category, ClassRates, Entitlement, PARAMETERS, Rules, with_statute};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::refusals::refusal;

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
    p.revenue_coefficient, p.revenue_bonus_step, p.revenue_bonus_rate, p.revenue_bonus_rate_above, p.rounds_target_up,
    p.effective_from, p.effective_to
FROM hr.payroll_parameters p
WHERE p.organization_id = $1 AND p.category = $2 AND p.deleted_at IS NULL AND p.effective_from <= $3::date
    AND (p.effective_to IS NULL OR p.effective_to >= $3::date)
ORDER BY p.effective_from DESC, p.id DESC
LIMIT 1";

/// The law's rows, and the organization's in their place for every class of social insurance that it has some of.
pub(crate) async fn rules(cx: &mut Cx) -> Result<Rules, Problem> {
    let own = own_gosi(cx).await?;
    Ok(Rules::saudi().with(own.iter().flat_map(ClassRates::rules)))
}

/// The organization's own rates of social insurance.
pub(crate) async fn own_gosi(cx: &mut Cx) -> Result<Vec<ClassRates>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(GOSI).bind(organization_id).fetch_all(cx.db()).await?;
    Ok(rows.iter().map(class_rates).collect::<Result<_, _>>()?)
}

fn class_rates(row: &PgRow) -> Result<ClassRates, sqlx::Error> {
    Ok(ClassRates {
        class: row.try_get(0)?,
        from: row.try_get(1)?,
        to: row.try_get(2)?,
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
    Ok(with_statute(Rules::saudi(), own))
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

/// The formulas of a category on a day: of the organization's row with its id, or with the documented numbers.
pub(crate) async fn category(
    cx: &mut Cx,
    name: &str,
    day: NaiveDate,
) -> Result<(Option<uuid::Uuid>, Category), Problem> {
    let row = sqlx::query(FORMULA)
        .bind(cx.organization_id)
        .bind(name)
        .bind(day)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row else {
        let documented = Categories::documented()
            .at(name, day)
            .map_err(|error| refusal(&error))?;
        return Ok((None, documented.clone()));
    };
    let mut numbers: Vec<(&'static str, Option<Decimal>)> = Vec::with_capacity(PARAMETERS.len());
    for (place, parameter) in PARAMETERS.into_iter().enumerate() {
        let number = if parameter == "rounds_target_up" {
            row.try_get::<bool, _>(place + 1)?.then_some(Decimal::ONE)
        } else {
            row.try_get::<Option<Decimal>, _>(place + 1)?
                .map(|number| number.normalize())
        };
        numbers.push((parameter, number));
    }
    let (from, to) = (row.try_get(PARAMETERS.len() + 1)?, row.try_get(PARAMETERS.len() + 2)?);
    let id: uuid::Uuid = row.try_get(0)?;
    let category = Category::new(name, from, to, &id.to_string(), numbers).map_err(|error| refusal(&error))?;
    Ok((Some(id), category))
}
