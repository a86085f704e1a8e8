//! A run's calculation: each courier's month from target to net, with a line for each part. It reads each source once.

use chrono::NaiveDate;
use hr_pay::money::{amount, half_up, riyals};
use hr_pay::{
    CapOptions, Category, Choices, Claim, ClaimKind, Class, Days, Grant, Kind, Line, Payslip, Period, Rules, Terms,
    Work, WorkPay, days_since_joining, settle, work_pay,
};
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::gosi_figures::contributor;
use crate::refusals::refusal;
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

/// A bonus, a loan or a penalty of somebody.
struct Due {
    courier_id: Uuid,
    kind: String,
    id: Uuid,
    amount: i64,
    since: NaiveDate,
}

struct Courier {
    id: Uuid,
    category: String,
    target: Decimal,
    joined_on: NaiveDate,
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
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            category: row.try_get(1)?,
            target: row.try_get(2)?,
            joined_on: row.try_get(3)?,
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
            period_target: Some(self.target),
            days: Days::Joined(Some(self.joined_on)),
            last_working_day: None,
            unpaid_days: 0,
            orders: Some(self.orders),
            revenue: Some(riyals(self.revenue)),
            gas_usage: Some(riyals(self.gas)),
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
    let period = Period::of(year, month).ok_or_else(|| Problem::field("month", "not_allowed"))?;
    forget(cx, event.subject).await?;
    let couriers = couriers(cx, year, month, period.ends_on).await?;
    if couriers.is_empty() {
        return Err(Problem::refused("nothing_to_pay"));
    }
    let dues = dues(cx, period.ends_on).await?;
    let rules = rates::rules(cx).await?;
    let mut categories: Vec<(Option<Uuid>, Category)> = Vec::new();
    let (mut salaries, mut lines) = (Vec::new(), Vec::new());
    for courier in &couriers {
        if !categories
            .iter()
            .any(|(_, category)| category.name() == courier.category)
        {
            categories.push(rates::category(cx, &courier.category, period.ends_on).await?);
        }
        let known = categories
            .iter()
            .find(|(_, category)| category.name() == courier.category);
        let Some((parameter_id, category)) = known else {
            continue;
        };
        let pay =
            work_pay(category, period, &courier.work(), CapOptions::default()).map_err(|error| refusal(&error))?;
        let own: Vec<&Due> = dues.iter().filter(|due| due.courier_id == courier.id).collect();
        let terms = terms(courier, &pay, &own, switches(&run), &rules, period);
        let slip = settle(terms).map_err(|error| refusal(&error))?;
        let mut row = figures(&pay, &slip);
        row.extend(fields(json!({
            "run_id": event.subject, "courier_id": courier.id, "year": year, "month": month, "category": courier.category,
            "period_starts_on": period.starts_on, "period_ends_on": period.ends_on,
            "days_since_joining": days_since_joining(courier.joined_on, period.ends_on),
            "total_orders": courier.orders, "total_revenue": amount(courier.revenue), "gas_usage": amount(courier.gas),
            "period_target": stored_target(courier.target), "final_target": stored_target(pay.final_target),
            "payroll_parameter_id": parameter_id,
        })));
        salaries.push(row);
        lines.push(stored_lines(&slip));
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
    Ok(rows.iter().map(Courier::of).collect::<Result<_, _>>()?)
}

async fn dues(cx: &mut Cx, ends_on: NaiveDate) -> Result<Vec<Due>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(CLAIMS)
        .bind(organization_id)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    let due = |row: &PgRow| -> Result<Due, sqlx::Error> {
        Ok(Due {
            courier_id: row.try_get(0)?,
            kind: row.try_get(1)?,
            id: row.try_get(2)?,
            amount: row.try_get(3)?,
            since: row.try_get(4)?,
        })
    };
    Ok(rows.iter().map(due).collect::<Result<_, _>>()?)
}

fn fields(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

/// A target as a table stores it.
fn stored_target(target: Decimal) -> String {
    half_up(target, 4).to_string()
}

/// Everything that a courier's net pay depends on.
fn terms<'a>(
    courier: &Courier,
    pay: &WorkPay,
    dues: &[&Due],
    switches: Switches,
    rules: &'a Rules,
    period: Period,
) -> Terms<'a> {
    let of_kind = |kind: &'static str, on: bool| dues.iter().filter(move |due| on && due.kind == kind);
    let bonuses = of_kind("extra_bonus", true).map(|due| Grant {
        id: due.id.to_string(),
        kind: Kind::ExtraBonus,
        amount: riyals(due.amount),
    });
    let mut grants: Vec<_> = bonuses.collect();
    for (name, halalas) in [("housing", courier.housing), ("transport", courier.transport)] {
        if switches.allowances && halalas > 0 {
            grants.push(Grant {
                id: name.to_owned(),
                kind: Kind::Allowance,
                amount: riyals(halalas),
            });
        }
    }
    // A fine is deducted whole or waits for another month; an instalment may be a part.
    let claim = |due: &&Due, kind, whole| Claim {
        id: due.id.to_string(),
        kind,
        amount: riyals(due.amount),
        since: due.since,
        whole,
    };
    let loans = of_kind("loan", switches.loans).map(|due| claim(due, ClaimKind::Loan, false));
    let fines = of_kind("penalty", switches.penalties).map(|due| claim(due, ClaimKind::Fine, true));
    let class = Class::of(courier.nationality.as_deref(), courier.insured_since);
    let has_contract = courier.basic > 0;
    Terms {
        rules,
        period,
        earned: pay.lines.clone(),
        grants,
        social: class
            .filter(|_| has_contract)
            .map(|class| contributor(class, riyals(courier.basic), riyals(courier.housing))),
        deducts_social: switches.gosi,
        claims: loans.chain(fines).collect(),
        choices: Choices::default(),
    }
}

/// The amounts of a salary's row.
fn figures(pay: &WorkPay, slip: &Payslip) -> Map<String, Json> {
    let of = |kind: Kind| slip.amount(kind);
    let text = |number: Decimal| half_up(number, 2).to_string();
    fields(json!({
        "base_salary": text(pay.basic), "bonus_amount": text(pay.bonus), "gas_deserved": text(pay.gas_deserved),
        "gas_difference": text(pay.gas_difference), "rounding_amount": text(of(Kind::Rounding) + of(Kind::Floor)),
        "category_total": text(pay.total), "extra_bonuses": text(of(Kind::ExtraBonus)),
        "allowances": text(of(Kind::Allowance)), "gross_salary": text(slip.gross), "gosi_employee": text(-of(Kind::Gosi)),
        "gosi_employer": text(of(Kind::GosiEmployer)), "loan_deduction": text(-of(Kind::Loan)),
        "penalty_deduction": text(-of(Kind::Penalty)), "other_deductions": text(Decimal::ZERO),
        "net_salary": text(slip.net), "carried_forward": text(slip.carried()),
    }))
}

/// The rows of a payslip's lines, each with its trace: whoever has the row can count it again.
fn stored_lines(slip: &Payslip) -> Vec<Map<String, Json>> {
    let first = slip.lines.len() - slip.deductions.len();
    let row = |(place, line): (usize, &Line)| {
        let deduction = place.checked_sub(first).and_then(|place| slip.deductions.get(place));
        let article = deduction.and_then(|one| one.stopped_by.as_deref()).or(line.article());
        let formula = line.trace.steps.last().map_or("", |step| &*step.formula);
        let subject = line.trace.about.iter().find(|(name, _)| name == "id");
        // Effects look for the loan or penalty that a line settles.
        let subject = subject.and_then(|(_, id)| id.parse::<Uuid>().ok());
        let mut inputs = fields(json!({"trace": line.trace}));
        if let Some(id) = subject {
            inputs.insert("id".to_owned(), json!(id));
        }
        let mut row = fields(json!({
            "kind": stored_kind(line.kind), "amount": line.amount.to_string(), "article": article.unwrap_or_default(),
            "formula": formula, "inputs": inputs,
        }));
        if let Some(deduction) = deduction {
            row.insert("asked".to_owned(), json!(deduction.asked.to_string()));
        }
        row
    };
    slip.lines.iter().enumerate().map(row).collect()
}

/// The word that a line has in its table. What the floor forgives stands with the rounding, as in the salary's row.
const fn stored_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Basic
        | Kind::Bonus
        | Kind::Gas
        | Kind::Rounding
        | Kind::ExtraBonus
        | Kind::Allowance
        | Kind::Gosi
        | Kind::Loan
        | Kind::Penalty => kind.word(),
        Kind::Floor => "rounding",
        Kind::MonthlyPay
        | Kind::Absence
        | Kind::AttendanceBonus
        | Kind::Overtime
        | Kind::Adjustment
        | Kind::Court
        | Kind::Damage
        | Kind::Consented
        | Kind::GosiEmployer
        | Kind::EndOfService
        | Kind::EndOfServiceProvision
        | Kind::Compensation
        | Kind::UnusedLeave
        | Kind::UnpaidLeave => "other",
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
