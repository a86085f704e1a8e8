//! A run's calculation: each courier's month from target to net, with a line for each part. It reads each source once.

use chrono::NaiveDate;
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::formula::{Formula, Pay, Work, days_since_joining, stored_target};
use crate::gosi::{Class, Rate, contribution, rate_at};
use crate::money::{amount, halalas, riyals};
use crate::period::pay_period;
use crate::settlement::{Kind, deduct};
use crate::{PAYROLL_RUNS, SALARIES, SALARY_LINES, rates};

/// Couriers with a target and work of the month who joined by its last day. Ajeer couriers are paid by their own employer.
pub(crate) const WORK: &str = "SELECT t.courier_id, t.category, t.period_target, c.joined_on, c.nationality,
    coalesce(c.basic_salary, 0), coalesce(c.housing_allowance, 0), coalesce(c.transportation_allowance, 0),
    i.total_orders, i.total_revenue, i.gas_usage, c.gosi_first_registered_on
FROM hr.courier_targets t
JOIN fleet.courier_facts c ON c.organization_id = t.organization_id AND c.id = t.courier_id
JOIN hr.payroll_inputs i ON i.organization_id = t.organization_id AND i.courier_id = t.courier_id
    AND i.year = t.year AND i.month = t.month AND i.deleted_at IS NULL
WHERE t.organization_id = $1 AND t.year = $2 AND t.month = $3 AND t.deleted_at IS NULL AND t.category <> 'ajeer'
    AND c.joined_on <= $4::date AND c.deleted_at IS NULL
ORDER BY t.courier_id";

/// Approved bonuses and penalties up to the period's end, and active loans: in this order, the oldest first.
pub(crate) const CLAIMS: &str = "SELECT b.courier_id, 'extra_bonus' AS kind, b.id, b.amount, b.granted_on AS day
FROM hr.bonuses b
WHERE b.organization_id = $1 AND b.deleted_at IS NULL AND b.payment_status = 'approved' AND b.granted_on <= $2::date
UNION ALL
SELECT l.courier_id, 'loan', l.id, least(l.monthly_deduction, l.outstanding_balance), l.starts_on
FROM hr.loans l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = 'active' AND l.outstanding_balance > 0
    AND l.starts_on <= $2::date
UNION ALL
SELECT p.courier_id, 'penalty', p.id, p.amount, p.incident_on
FROM hr.penalties p
WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.status = 'approved' AND p.incident_on <= $2::date
ORDER BY 1, 2, 5, 3";

/// A calculation replaces what the run held before; nothing points at rows of a run that is not paid.
pub(crate) const FORGET_LINES: &str = "DELETE FROM hr.salary_lines
WHERE organization_id = $1 AND salary_id IN (SELECT s.id FROM hr.salaries s WHERE s.organization_id = $1 AND s.run_id = $2)";
pub(crate) const FORGET: &str = "DELETE FROM hr.salaries WHERE organization_id = $1 AND run_id = $2";

/// Whether somebody of the run has been paid already, ahead of the others.
pub(crate) const PARTLY_PAID: &str = "SELECT EXISTS (
    SELECT FROM hr.salaries s
    WHERE s.organization_id = $1 AND s.run_id = $2 AND s.status = 'paid' AND s.deleted_at IS NULL
)";

/// What the run pays besides work and what it deducts.
#[derive(Clone, Copy)]
struct Switches {
    loans: bool,
    penalties: bool,
    gosi: bool,
    allowances: bool,
}

struct Claim {
    courier_id: Uuid,
    kind: String,
    id: Uuid,
    amount: i64,
}

struct Courier {
    id: Uuid,
    category: String,
    target: rust_decimal::Decimal,
    days: i64,
    nationality: Option<String>,
    /// First registration with the social insurance.
    insured_since: Option<NaiveDate>,
    basic: i64,
    housing: i64,
    transport: i64,
    orders: i64,
    revenue: i64,
    gas: i64,
}

impl Courier {
    fn of(row: &PgRow, ends_on: NaiveDate) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            category: row.try_get(1)?,
            target: row.try_get(2)?,
            days: days_since_joining(row.try_get(3)?, ends_on),
            nationality: row.try_get(4)?,
            basic: row.try_get(5)?,
            housing: row.try_get(6)?,
            transport: row.try_get(7)?,
            orders: row.try_get(8)?,
            revenue: row.try_get(9)?,
            gas: row.try_get(10)?,
            insured_since: row.try_get(11)?,
        })
    }

    fn work(&self) -> Work {
        Work {
            period_target: self.target,
            days: self.days,
            orders: self.orders,
            revenue: riyals(self.revenue),
            gas_usage: riyals(self.gas),
        }
    }
}

/// Takes back what an earlier calculation of the run stored.
async fn forget(cx: &mut Cx, run_id: Uuid) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    for statement in [FORGET_LINES, FORGET] {
        sqlx::query(statement)
            .bind(organization_id)
            .bind(run_id)
            .execute(cx.db())
            .await?;
    }
    Ok(())
}

/// On `hr.payroll_runs.reopen`: a draft pays nobody, and whoever was paid stays paid.
pub(crate) async fn reopened(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let is_paid: bool = sqlx::query_scalar(PARTLY_PAID)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_one(cx.db())
        .await?;
    if is_paid {
        return Err(Problem::refused("run_partly_paid"));
    }
    forget(cx, event.subject).await
}

/// On `hr.payroll_runs.calculate`.
pub(crate) async fn calculated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let run = platform_engine::load(cx, &PAYROLL_RUNS, event.subject).await?;
    let month = run.integer("year").zip(run.integer("month"));
    let (year, month) = month.ok_or_else(|| Problem::internal(&"a run without a month"))?;
    let period = pay_period(year, month).ok_or_else(|| Problem::field("month", "not_allowed"))?;
    forget(cx, event.subject).await?;
    let couriers = couriers(cx, year, month, period.1).await?;
    if couriers.is_empty() {
        return Err(Problem::refused("nothing_to_pay"));
    }
    let claims = claims(cx, period.1).await?;
    let gosi = rates::gosi_rates(cx).await?;
    let mut formulas: Vec<(String, Option<Uuid>, Formula)> = Vec::new();
    let (mut salaries, mut lines) = (Vec::new(), Vec::new());
    for courier in &couriers {
        if !formulas.iter().any(|(category, ..)| *category == courier.category) {
            let found = rates::formula(cx, &courier.category, period.1).await?;
            let (id, formula) =
                found.ok_or_else(|| Problem::refused("no_formula").with("category", &courier.category))?;
            formulas.push((courier.category.clone(), id, formula));
        }
        let Some((_, parameter_id, formula)) = formulas.iter().find(|(category, ..)| *category == courier.category)
        else {
            continue;
        };
        let pay = formula
            .pay(&courier.work())
            .map_err(|missing| Problem::refused("formula_incomplete").with("field", missing.0))?;
        let own: Vec<&Claim> = claims.iter().filter(|claim| claim.courier_id == courier.id).collect();
        let (row, parts) = settle(courier, &pay, &own, switches(&run), &gosi, period.1);
        let mut row = row;
        row.extend(fields(json!({
            "run_id": event.subject, "courier_id": courier.id, "year": year, "month": month, "category": courier.category,
            "period_starts_on": period.0, "period_ends_on": period.1, "days_since_joining": courier.days,
            "total_orders": courier.orders, "total_revenue": amount(courier.revenue), "gas_usage": amount(courier.gas),
            "period_target": stored_target(courier.target), "final_target": stored_target(pay.final_target),
            "payroll_parameter_id": parameter_id,
        })));
        salaries.push(row);
        lines.push(parts);
    }
    let ids = platform_engine::create_many(cx, &SALARIES, salaries).await?;
    let rows = ids.iter().zip(lines).flat_map(|(id, parts)| {
        parts.into_iter().enumerate().map(move |(place, mut line)| {
            line.insert("salary_id".to_owned(), json!(id));
            line.insert("position".to_owned(), json!(place + 1));
            line
        })
    });
    platform_engine::create_many(cx, &SALARY_LINES, rows.collect()).await?;
    Ok(())
}

fn switches(run: &Record) -> Switches {
    let on = |field: &str| run.get(field).as_bool().unwrap_or(false);
    Switches {
        loans: on("deducts_loans"),
        penalties: on("deducts_penalties"),
        gosi: on("deducts_gosi"),
        allowances: on("adds_allowances"),
    }
}

async fn couriers(cx: &mut Cx, year: i64, month: i64, ends_on: NaiveDate) -> Result<Vec<Courier>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(WORK)
        .bind(organization_id)
        .bind(year)
        .bind(month)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    Ok(rows
        .iter()
        .map(|row| Courier::of(row, ends_on))
        .collect::<Result<_, _>>()?)
}

async fn claims(cx: &mut Cx, ends_on: NaiveDate) -> Result<Vec<Claim>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(CLAIMS)
        .bind(organization_id)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    let claim = |row: &PgRow| -> Result<Claim, sqlx::Error> {
        Ok(Claim {
            courier_id: row.try_get(0)?,
            kind: row.try_get(1)?,
            id: row.try_get(2)?,
            amount: row.try_get(3)?,
        })
    };
    Ok(rows.iter().map(claim).collect::<Result<_, _>>()?)
}

fn fields(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

/// One line of pay.
fn line(kind: &str, halalas: i64, article: &str, formula: &str, inputs: Json) -> Map<String, Json> {
    let inputs = if inputs.is_null() { json!({}) } else { inputs };
    fields(json!({"kind": kind, "amount": amount(halalas), "article": article, "formula": formula, "inputs": inputs}))
}

/// From pay for work to net: the row's amounts, and a line for each of its parts.
fn settle(
    courier: &Courier,
    pay: &Pay,
    claims: &[&Claim],
    switches: Switches,
    rates: &[Rate],
    ends_on: NaiveDate,
) -> (Map<String, Json>, Vec<Map<String, Json>>) {
    const DOCUMENT: &str = "Pay document";
    let [basic, bonus, gas, rounding, total] =
        [pay.basic, pay.bonus, pay.gas_difference, pay.rounding, pay.total].map(halalas);
    let work = json!({"orders": courier.orders, "revenue": amount(courier.revenue), "gas_usage": amount(courier.gas),
                      "target": stored_target(courier.target), "final_target": stored_target(pay.final_target),
                      "days": courier.days});
    let mut lines = vec![
        line("basic", basic, DOCUMENT, "final target / divisor × rate", work.clone()),
        line("bonus", bonus, DOCUMENT, "(work − final target) × rate", work.clone()),
        line("gas", gas, DOCUMENT, "fuel deserved − fuel used", work),
    ];
    if rounding != 0 {
        lines.push(line("rounding", rounding, DOCUMENT, "total − parts", Json::Null));
    }
    let mut extra_bonuses = 0;
    for claim in claims.iter().filter(|claim| claim.kind == "extra_bonus") {
        extra_bonuses += claim.amount;
        lines.push(line("extra_bonus", claim.amount, "", "", json!({"id": claim.id})));
    }
    let allowances = if switches.allowances {
        courier.housing + courier.transport
    } else {
        0
    };
    if allowances > 0 {
        let inputs = json!({"housing": amount(courier.housing), "transport": amount(courier.transport)});
        lines.push(line("allowance", allowances, "Contract", "housing + transport", inputs));
    }
    let gross = total + extra_bonuses + allowances;
    let class = Class::of(courier.nationality.as_deref(), courier.insured_since);
    let rate = class.and_then(|class| rate_at(rates, class, crate::gosi_figures::month_end(ends_on)));
    let social = rate
        .filter(|_| courier.basic > 0)
        .map(|rate| contribution(rate, riyals(courier.basic), riyals(courier.housing)));
    let employee = social
        .as_ref()
        .filter(|_| switches.gosi)
        .map_or(0, |paid| halalas(paid.employee()));
    let employer = social.as_ref().map_or(0, |paid| halalas(paid.employer()));

    let wanted = |kind: &'static str, on: bool| claims.iter().filter(move |claim| on && claim.kind == kind);
    let loans: Vec<_> = wanted("loan", switches.loans).collect();
    let penalties: Vec<_> = wanted("penalty", switches.penalties).collect();
    let mut asked = vec![(Kind::Social, employee)];
    asked.extend(loans.iter().map(|claim| (Kind::Loan, claim.amount)));
    asked.extend(penalties.iter().map(|claim| (Kind::Fine, claim.amount)));
    let deductions = deduct(gross, &asked);
    let mut sums = [0; 3];
    let ids = std::iter::once(None).chain(loans.iter().chain(&penalties).map(|claim| Some(claim.id)));
    for ((deduction, (kind, _)), id) in deductions.iter().zip(&asked).zip(ids) {
        let (place, word) = match kind {
            Kind::Social => (0, "gosi"),
            Kind::Loan => (1, "loan"),
            Kind::Fine => (2, "penalty"),
        };
        sums[place] += deduction.allowed;
        if deduction.asked == 0 {
            continue;
        }
        let inputs = id.map_or(Json::Null, |id| json!({"id": id}));
        let mut line = line(word, -deduction.allowed, deduction.article, "", inputs);
        line.insert("asked".to_owned(), json!(amount(deduction.asked)));
        lines.push(line);
    }
    let carried: i64 = deductions.iter().map(|one| one.asked - one.allowed).sum();
    let [gosi, loan, penalty] = sums;
    let row = fields(json!({
        "base_salary": amount(basic), "bonus_amount": amount(bonus), "gas_deserved": amount(halalas(pay.gas_deserved)),
        "gas_difference": amount(gas), "rounding_amount": amount(rounding), "category_total": amount(total),
        "extra_bonuses": amount(extra_bonuses), "allowances": amount(allowances), "gross_salary": amount(gross),
        "gosi_employee": amount(gosi), "gosi_employer": amount(employer), "loan_deduction": amount(loan),
        "penalty_deduction": amount(penalty), "other_deductions": amount(0),
        "net_salary": amount(gross - gosi - loan - penalty), "carried_forward": amount(carried),
    }));
    (row, lines)
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
