//! Social insurance of one wage, and of all couriers in a month.

use chrono::NaiveDate;
use hr_pay::money::{half_up, riyals};
use hr_pay::{Class, Contribution, Contributor, Housing, contribution, month_end};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::figures::Month;
use crate::inputs::Amount;
use crate::rates;
use crate::refusals::refusal;

/// Couriers with contract pay who worked in the month: also those who left within it.
pub(crate) const COURIERS: &str = "SELECT c.id, c.full_name, c.nationality, coalesce(c.basic_salary, 0),
    coalesce(c.housing_allowance, 0), c.gosi_first_registered_on
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.basic_salary > 0 AND c.sponsorship_status = 'inhouse'
    AND c.status <> 'onboarding' AND (c.joined_on IS NULL OR c.joined_on <= $3::date)
    AND (c.last_working_day IS NULL OR c.last_working_day >= $2::date)
ORDER BY c.full_name, c.id
LIMIT 20000";

/// One wage.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wage {
    /// Basic pay of a month.
    basic: Amount,
    /// Housing allowance of a month.
    housing: Option<Amount>,
    /// Nationality, as `Saudi`; decides with the first registration.
    nationality: Option<String>,
    /// The class itself, instead of the nationality.
    contributor_class: Option<Class>,
    /// First registration with the social insurance.
    first_registered_on: Option<NaiveDate>,
    /// A day of the month; today unless given. The rate of the month's last day counts.
    on: Option<NaiveDate>,
}

/// Contributions on one wage.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Contributions {
    contributor_class: Class,
    /// Day whose rates count.
    rates_of: NaiveDate,
    article: String,
    /// Basic pay and housing between floor and ceiling.
    contributory_wage: String,
    annuities_employee: String,
    saned_employee: String,
    employee: String,
    annuities_employer: String,
    saned_employer: String,
    hazards_employer: String,
    employer: String,
    total: String,
}

impl Contributions {
    fn of(class: Class, rates_of: NaiveDate, paid: &Contribution) -> Self {
        let text = |number: Decimal| number.to_string();
        Self {
            contributor_class: class,
            rates_of,
            article: paid.article().to_owned(),
            contributory_wage: text(half_up(paid.base, 2)),
            annuities_employee: text(paid.annuities_employee),
            saned_employee: text(paid.saned_employee),
            employee: text(paid.employee()),
            annuities_employer: text(paid.annuities_employer),
            saned_employer: text(paid.saned_employer),
            hazards_employer: text(paid.hazards_employer),
            employer: text(paid.employer()),
            total: text(paid.employee() + paid.employer()),
        }
    }
}

/// Somebody with a month's basic pay and housing allowance.
pub(crate) fn contributor(class: Class, basic: Decimal, housing: Decimal) -> Contributor {
    Contributor {
        class,
        basic,
        housing: Housing::Cash(housing),
        days: None,
    }
}

/// `GET /hr/gosi_calculation`.
pub(crate) async fn calculation(cx: &mut Cx, wage: Wage) -> Result<Contributions, Problem> {
    let named = Class::of(wage.nationality.as_deref(), wage.first_registered_on);
    let class = wage
        .contributor_class
        .or(named)
        .ok_or_else(|| Problem::field("nationality", "required"))?;
    let day = month_end(crate::inputs::day("on", wage.on.unwrap_or_else(|| cx.today()))?);
    let rules = rates::rules(cx).await?;
    let person = contributor(class, wage.basic.0, wage.housing.unwrap_or_default().0);
    let paid = contribution(&rules, day, &person).map_err(|error| refusal(&error))?;
    Ok(Contributions::of(class, day, &paid))
}

/// Social insurance of a month.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MonthOfGosi {
    year: i64,
    month: i64,
    employee: String,
    employer: String,
    total: String,
    data: Vec<OfCourier>,
}

/// Contributions of one courier, or why there are none.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OfCourier {
    courier_id: Uuid,
    courier_name: String,
    contributions: Option<Contributions>,
    /// `no_nationality` or `no_gosi_rate`.
    problem: Option<&'static str>,
}

/// `GET /hr/gosi_summary`.
pub(crate) async fn summary(cx: &mut Cx, asked: Month) -> Result<MonthOfGosi, Problem> {
    let parts = i32::try_from(asked.year).ok().zip(u32::try_from(asked.month).ok());
    let first = parts
        .filter(|(year, _)| (2000..=2200).contains(year))
        .and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1))
        .ok_or_else(|| Problem::field("month", "not_allowed"))?;
    let last = month_end(first);
    let rules = rates::rules(cx).await?;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(COURIERS)
        .bind(organization_id)
        .bind(first)
        .bind(last)
        .fetch_all(cx.db())
        .await?;
    let (mut employee, mut employer) = (Decimal::ZERO, Decimal::ZERO);
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        let nationality: Option<String> = row.try_get(2)?;
        let class = Class::of(nationality.as_deref(), row.try_get(5)?).ok_or("no_nationality");
        let (basic, housing) = (riyals(row.try_get(3)?), riyals(row.try_get(4)?));
        let paid = class.and_then(|class| {
            let paid = contribution(&rules, last, &contributor(class, basic, housing)).map_err(|_| "no_gosi_rate")?;
            employee += paid.employee();
            employer += paid.employer();
            Ok(Contributions::of(class, last, &paid))
        });
        data.push(OfCourier {
            courier_id: row.try_get(0)?,
            courier_name: row.try_get(1)?,
            problem: paid.as_ref().err().copied(),
            contributions: paid.ok(),
        });
    }
    let text = |number: Decimal| half_up(number, 2).to_string();
    Ok(MonthOfGosi {
        year: asked.year,
        month: asked.month,
        employee: text(employee),
        employer: text(employer),
        total: text(employee + employer),
        data,
    })
}
