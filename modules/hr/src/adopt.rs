//! The law's and the pay document's numbers as rows of the organization, so that somebody can change them from a day on.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::formula::Formula;
use crate::leave_balance::Basis;
use crate::payroll_parameters::CATEGORIES;
use crate::{GOSI_RATES, LEAVE_ENTITLEMENTS, PAYROLL_PARAMETERS, gosi, leave_balance};

/// What the organization has rows of already.
pub(crate) const KNOWN: &str = "SELECT DISTINCT g.contributor_class FROM hr.gosi_rates g
WHERE g.organization_id = $1 AND g.deleted_at IS NULL
UNION
SELECT DISTINCT e.leave_type FROM hr.leave_entitlements e WHERE e.organization_id = $1 AND e.deleted_at IS NULL
UNION
SELECT DISTINCT p.category FROM hr.payroll_parameters p WHERE p.organization_id = $1 AND p.deleted_at IS NULL";

/// Nothing to give.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {}

/// Rows that were made.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Adopted {
    gosi_rates: usize,
    leave_entitlements: usize,
    payroll_parameters: usize,
}

fn fields(json: Json) -> Map<String, Json> {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn text(number: Decimal) -> String {
    number.normalize().to_string()
}

/// First day of rows without a date in their source: before any pay that is calculated here.
fn ever() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 1, 1).unwrap_or_default()
}

/// `POST /hr/rules/adopt`: rows for every class, kind and category that has none; asked again it makes nothing.
pub(crate) async fn adopt(cx: &mut Cx, _: Asked) -> Result<Adopted, Problem> {
    let organization_id = cx.organization_id;
    let known: Vec<String> = sqlx::query_scalar(KNOWN)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    let is_new = |word: &str| known.iter().all(|other| other != word);
    let rates = gosi::statute().into_iter().filter(|rate| is_new(&rate.class));
    let rates = rates.map(|rate| {
        fields(json!({
            "contributor_class": rate.class, "effective_from": rate.from, "effective_to": rate.until,
            "annuities_employee_percent": text(rate.annuities_employee),
            "annuities_employer_percent": text(rate.annuities_employer),
            "saned_employee_percent": text(rate.saned_employee), "saned_employer_percent": text(rate.saned_employer),
            "hazards_employer_percent": text(rate.hazards_employer), "floor_wage": text(rate.floor),
            "ceiling_wage": text(rate.ceiling), "article": rate.article,
        }))
    });
    let entitlements = leave_balance::statute()
        .into_iter()
        .filter(|row| is_new(&row.leave_type));
    let entitlements = entitlements.map(|row| {
        let basis = match row.basis {
            Basis::Year => "year",
            Basis::Event => "event",
            Basis::Once => "once",
        };
        fields(json!({
            "leave_type": row.leave_type, "min_service_years": row.min_service_years, "days_per_year": text(row.days),
            "basis": basis, "accrual": if row.monthly { "monthly" } else { "upfront" }, "article": row.article,
            "effective_from": ever(),
        }))
    });
    let formulas = CATEGORIES.iter().filter(|category| is_new(category));
    let formulas = formulas.filter_map(|category| Some(formula(category, &Formula::documented(category)?)));
    let (rates, entitlements, formulas) = (rates.collect(), entitlements.collect(), formulas.collect());
    Ok(Adopted {
        gosi_rates: platform_engine::create_many(cx, &GOSI_RATES, rates).await?.len(),
        leave_entitlements: platform_engine::create_many(cx, &LEAVE_ENTITLEMENTS, entitlements)
            .await?
            .len(),
        payroll_parameters: platform_engine::create_many(cx, &PAYROLL_PARAMETERS, formulas)
            .await?
            .len(),
    })
}

fn formula(category: &str, formula: &Formula) -> Map<String, Json> {
    let optional = |number: Option<Decimal>| number.map(text);
    fields(json!({
        "category": category, "effective_from": ever(), "daily_target": text(formula.daily_target),
        "basic_divisor": text(formula.basic_divisor), "gas_divisor": optional(formula.gas_divisor),
        "basic_rate": text(formula.basic_rate), "bonus_rate": optional(formula.bonus_rate),
        "bonus_step": optional(formula.bonus_step), "bonus_rate_above_step": optional(formula.bonus_rate_above_step),
        "penalty_rate": optional(formula.penalty_rate), "gas_rate": optional(formula.gas_rate),
        "gas_target_rate": optional(formula.gas_target_rate), "gas_revenue_rate": optional(formula.gas_revenue_rate),
        "gas_cap": text(formula.gas_cap), "revenue_coefficient": optional(formula.revenue_coefficient),
        "revenue_bonus_step": optional(formula.revenue_bonus_step),
        "revenue_bonus_rate": optional(formula.revenue_bonus_rate),
        "revenue_bonus_rate_above": optional(formula.revenue_bonus_rate_above),
        "rounds_target_up": formula.rounds_target_up,
    }))
}
