//! The law's and the pay document's numbers as rows of the organization, so that somebody can change them from a day on.

use chrono::NaiveDate;
use hr_pay::{Basis, CATEGORIES, Categories, Category, ClassRates, Rules};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::{GOSI_RATES, LEAVE_ENTITLEMENTS, PAYROLL_PARAMETERS};

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
    let rates = ClassRates::of(Rules::saudi())
        .into_iter()
        .filter(|rate| is_new(&rate.class));
    let rates = rates.map(|rate| {
        fields(json!({
            "contributor_class": rate.class, "effective_from": rate.from, "effective_to": rate.to,
            "annuities_employee_percent": text(rate.annuities_employee),
            "annuities_employer_percent": text(rate.annuities_employer),
            "saned_employee_percent": text(rate.saned_employee), "saned_employer_percent": text(rate.saned_employer),
            "hazards_employer_percent": text(rate.hazards_employer), "floor_wage": text(rate.floor),
            "ceiling_wage": text(rate.ceiling), "article": rate.article,
        }))
    });
    let entitlements = hr_pay::statute(Rules::saudi())
        .into_iter()
        .filter(|row| is_new(&row.leave_type) && row.until.is_none_or(|until| until >= ever()));
    let entitlements = entitlements.map(|row| {
        let basis = match row.basis {
            Basis::Year => "year",
            Basis::Event => "event",
            Basis::Once => "once",
        };
        fields(json!({
            "leave_type": row.leave_type, "min_service_years": row.min_service_years, "days_per_year": text(row.days),
            "basis": basis, "accrual": if row.monthly { "monthly" } else { "upfront" }, "article": row.article,
            "effective_from": row.from.max(ever()), "effective_to": row.until,
        }))
    });
    let formulas = CATEGORIES.iter().filter(|category| is_new(category));
    let formulas = formulas.filter_map(|category| Some(formula(Categories::documented().at(category, ever()).ok()?)));
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

fn formula(category: &Category) -> Map<String, Json> {
    let mut row = fields(json!({"category": category.name(), "effective_from": ever(), "rounds_target_up": false}));
    for (parameter, value) in category.numbers() {
        let value = if parameter == "rounds_target_up" {
            json!(!value.is_zero())
        } else {
            json!(text(value))
        };
        row.insert(parameter.to_owned(), value);
    }
    row
}
