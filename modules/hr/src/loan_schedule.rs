//! Instalments of loans as rows: planned, skipped, put off, deducted in part, paid. Whatever is done with them, their amounts sum
//! to the loan; `hr_pay::Loan` says what becomes of which month, and the rows follow it.

use chrono::{Datelike, Months, NaiveDate};
use hr_pay::{Instalment, Loan, PayError, Period};
use platform_core::{Cx, Event, Problem};
use platform_resource::{Field, Record, Resource, Verb, choice, date, integer, money, reference};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::LOANS;
use hr_pay::money::{half_up, riyals};

/// Instalments: they come from the loan and change by its actions.
pub static LOAN_INSTALMENTS: Resource = Resource::new("hr", "loan_instalments", FIELDS)
    .owned_by("loan_id")
    .title(&["due_on"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("due_on");

const FIELDS: &[Field] = &[
    reference("loan_id", "hr.loans").required().filter().list(),
    integer("position", 1, 1_000).required().list(),
    date("planned_on").required().list(),
    date("due_on").required().filter().list(),
    money("amount").required().list().permission("read_pay"),
    money("paid_amount")
        .required()
        .default("0")
        .list()
        .permission("read_pay"),
    choice(
        "state",
        &["planned", "skipped", "postponed", "reduced", "paid", "called_off"],
    )
    .required()
    .default("planned")
    .filter()
    .list(),
    date("settled_on").list(),
];

/// Instalments of a loan in the order in which they are due, locked with the loan.
pub(crate) const ROWS: &str =
    "SELECT i.id, i.position, i.planned_on, i.due_on, i.amount, i.paid_amount, i.state, i.settled_on
FROM hr.loan_instalments i
WHERE i.organization_id = $1 AND i.loan_id = $2 AND i.deleted_at IS NULL
ORDER BY i.due_on, i.position";

/// No loan has more: five years of months.
const MOST: usize = 60;

/// An instalment as it is stored.
pub(crate) struct Part {
    pub id: Uuid,
    pub position: i64,
    /// The month in which it was due at first.
    pub planned_on: NaiveDate,
    /// The month in which it is due, by its first day.
    pub due_on: NaiveDate,
    pub amount: Decimal,
    pub paid: Decimal,
    pub state: String,
    pub settled_on: Option<NaiveDate>,
}

impl Part {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            position: row.try_get(1)?,
            planned_on: row.try_get(2)?,
            due_on: row.try_get(3)?,
            amount: riyals(row.try_get(4)?),
            paid: riyals(row.try_get(5)?),
            state: row.try_get(6)?,
            settled_on: row.try_get(7)?,
        })
    }

    /// What is still due of it.
    pub fn left(&self) -> Decimal {
        if self.is_open() {
            self.amount - self.paid
        } else {
            Decimal::ZERO
        }
    }

    /// Whether something of it is still due.
    pub fn is_open(&self) -> bool {
        !matches!(&*self.state, "paid" | "called_off")
    }
}

fn fields(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

pub(crate) fn text(amount: Decimal) -> String {
    half_up(amount, 2).to_string()
}

/// A schedule's refusal in the words of loans.
fn refused(error: &PayError) -> Problem {
    match error {
        PayError::Missing { .. } => Problem::refused("no_instalment_then"),
        PayError::Overpayment { .. } => Problem::refused("loan_overpaid"),
        PayError::AboveMost { field, most, .. } if field == "part" => {
            Problem::refused("not_a_part").with("instalment", text(*most))
        }
        PayError::NotPositive { .. } => Problem::refused("nothing_paid"),
        other => Problem::internal(other),
    }
}

/// The month whose pay a first instalment is taken from: the one whose pay period the day belongs to.
fn pay_month(day: NaiveDate) -> NaiveDate {
    let period = Period::of(day.year().into(), day.month().into());
    let first = day.with_day(1).unwrap_or(day);
    match period {
        Some(period) if day > period.ends_on => first.checked_add_months(Months::new(1)).unwrap_or(first),
        Some(_) | None => first,
    }
}

/// Instalments of an amount, so much a month; nothing where they would be too many.
pub(crate) fn planned(principal: Decimal, each: Decimal, starts_on: NaiveDate) -> Option<Vec<Instalment>> {
    if each <= Decimal::ZERO || principal / each > Decimal::from(MOST) {
        return None;
    }
    let loan = Loan::by_amount(principal, each, pay_month(starts_on)).ok()?;
    Some(loan.due().to_vec())
}

/// Id, amount, monthly part and first day.
pub(crate) fn of_loan(loan: &Record) -> Result<(Uuid, Decimal, Decimal, NaiveDate), Problem> {
    let amounts = loan.decimal("amount").zip(loan.decimal("monthly_deduction"));
    let ids = loan.uuid("id").zip(loan.date("starts_on"));
    let ((id, starts_on), (amount, each)) = ids
        .zip(amounts)
        .ok_or_else(|| Problem::internal(&"a loan lacks its amounts"))?;
    Ok((id, amount, each, starts_on))
}

/// Instalments of a loan by the month in which they are due.
pub(crate) async fn parts(cx: &mut Cx, loan_id: Uuid) -> Result<Vec<Part>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ROWS)
        .bind(organization_id)
        .bind(loan_id)
        .fetch_all(cx.db())
        .await?;
    Ok(rows.iter().map(Part::of).collect::<Result<_, _>>()?)
}

/// The loan as the core knows it. What is called off is neither paid nor due and no part of what can be done.
fn resumed(parts: &[Part]) -> Result<Loan, Problem> {
    let known = |amount: Decimal, month: NaiveDate| (amount > Decimal::ZERO).then_some(Instalment { month, amount });
    let paid = parts.iter().filter_map(|part| known(part.paid, part.due_on));
    let due = parts.iter().filter(|part| part.is_open());
    let due = due.filter_map(|part| known(part.amount - part.paid, part.due_on));
    let (paid, due): (Vec<_>, Vec<_>) = (paid.collect(), due.collect());
    let principal = paid.iter().chain(&due).map(|one| one.amount).sum();
    Loan::resumed(principal, paid, due).map_err(|error| Problem::internal(&error))
}

/// On `hr.loans.approve`: a row for each month.
pub(crate) async fn approved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let loan = platform_engine::load(cx, &LOANS, event.subject).await?;
    lay_out(cx, &loan).await
}

/// A loan that was granted before instalments were rows: its plan as on its first day, and what was repaid since.
pub(crate) async fn laid_out_late(cx: &mut Cx, loan_id: Uuid) -> Result<(), Problem> {
    let loan = platform_engine::load(cx, &LOANS, loan_id).await?;
    lay_out(cx, &loan).await?;
    let amounts = loan.decimal("amount").zip(loan.decimal("outstanding_balance"));
    let repaid = amounts.map_or(Decimal::ZERO, |(amount, owed)| amount - owed);
    if repaid <= Decimal::ZERO {
        return Ok(());
    }
    let on = loan.date("last_paid_on").unwrap_or_else(|| cx.today());
    settle(cx, loan_id, on, repaid).await
}

async fn lay_out(cx: &mut Cx, loan: &Record) -> Result<(), Problem> {
    let (id, amount, each, starts_on) = of_loan(loan)?;
    let due = planned(amount, each, starts_on).ok_or_else(|| Problem::refused("too_many_instalments"))?;
    let rows = due.iter().zip(1_i64..).map(|(one, position)| {
        fields(json!({
            "loan_id": id, "position": position, "planned_on": one.month, "due_on": one.month, "amount": text(one.amount),
        }))
    });
    platform_engine::create_many(cx, &LOAN_INSTALMENTS, rows.collect()).await?;
    let first = due.first().map(|one| one.month);
    let known = fields(json!({"total_installments": due.len(), "next_due_on": first}));
    platform_engine::change(cx, &LOANS, id, "update", known).await?;
    Ok(())
}

/// On a payment, whoever made it: of what is due first, first.
pub(crate) async fn settle(cx: &mut Cx, loan_id: Uuid, on: NaiveDate, payment: Decimal) -> Result<(), Problem> {
    let parts = parts(cx, loan_id).await?;
    if parts.is_empty() {
        return Ok(());
    }
    let mut loan = resumed(&parts)?;
    loan.pay(on, payment).map_err(|error| refused(&error))?;
    let mut next = None;
    for part in parts.iter().filter(|part| part.is_open()) {
        let still = loan.due().iter().find(|one| one.month == part.due_on);
        let paid = part.amount - still.map_or(Decimal::ZERO, |one| one.amount);
        if still.is_some() && next.is_none() {
            next = Some(part.due_on);
        }
        if paid == part.paid {
            continue;
        }
        let mut change = fields(json!({"paid_amount": text(paid), "settled_on": on}));
        if still.is_none() {
            change.insert("state".to_owned(), "paid".into());
        }
        platform_engine::change(cx, &LOAN_INSTALMENTS, part.id, "update", change).await?;
    }
    next_due(cx, loan_id, next).await
}

async fn next_due(cx: &mut Cx, loan_id: Uuid, next: Option<NaiveDate>) -> Result<(), Problem> {
    let known = fields(json!({"next_due_on": next}));
    platform_engine::change(cx, &LOANS, loan_id, "update", known).await?;
    Ok(())
}

/// What is done with the plan of a loan.
enum Plan {
    /// A month is left out: its instalment is due behind the last one.
    Skip(NaiveDate),
    /// In a month only a part is deducted; the rest is due behind the last one.
    Reduce(NaiveDate, Decimal),
    /// Everything from a month on is due so many months later.
    Postpone(NaiveDate, u32),
}

/// On `hr.loans.skip`, `pay_part` and `postpone`: the inputs are those that the loan's row keeps of its last change.
pub(crate) async fn replanned(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let loan = platform_engine::load(cx, &LOANS, event.subject).await?;
    let month = loan
        .date("changed_month")
        .ok_or_else(|| Problem::field("changed_month", "required"))?;
    let plan = match event.name.rsplit('.').next().unwrap_or_default() {
        "skip" => Plan::Skip(month),
        "pay_part" => Plan::Reduce(month, loan.decimal("changed_part").unwrap_or_default()),
        _ => {
            let months = loan
                .integer("changed_months")
                .and_then(|months| u32::try_from(months).ok());
            Plan::Postpone(month, months.unwrap_or(1))
        }
    };
    let parts = parts(cx, event.subject).await?;
    let mut known = resumed(&parts)?;
    let open: Vec<&Part> = parts.iter().filter(|part| part.is_open()).collect();
    let of_month = |month: NaiveDate| {
        let first = month.with_day(1).unwrap_or(month);
        open.iter().find(|part| part.due_on == first)
    };
    let mut moves: Vec<(Uuid, Map<String, Json>)> = Vec::new();
    match plan {
        Plan::Skip(month) => {
            known.skip(month).map_err(|error| refused(&error))?;
            if let Some((part, last)) = of_month(month).zip(known.due().last()) {
                moves.push((part.id, fields(json!({"due_on": last.month, "state": "skipped"}))));
            }
        }
        Plan::Reduce(month, rest) => {
            known.reduce(month, rest).map_err(|error| refused(&error))?;
            if let Some((part, last)) = of_month(month).zip(known.due().last()) {
                // What was paid of it stays with it.
                let amount = part.amount - last.amount;
                moves.push((part.id, fields(json!({"amount": text(amount), "state": "reduced"}))));
                let position = parts.iter().map(|part| part.position).max().unwrap_or(0) + 1;
                let row = json!({"loan_id": event.subject, "position": position, "planned_on": part.planned_on,
                    "due_on": last.month, "amount": text(last.amount), "state": "postponed"});
                platform_engine::create(cx, &LOAN_INSTALMENTS, fields(row)).await?;
            }
        }
        Plan::Postpone(month, months) => {
            known.postpone(month, months).map_err(|error| refused(&error))?;
            let moved = open
                .iter()
                .zip(known.due())
                .filter(|(part, one)| part.due_on != one.month);
            moves
                .extend(moved.map(|(part, one)| (part.id, fields(json!({"due_on": one.month, "state": "postponed"})))));
        }
    }
    for (id, change) in moves {
        platform_engine::change(cx, &LOAN_INSTALMENTS, id, "update", change).await?;
    }
    next_due(cx, event.subject, known.due().first().map(|one| one.month)).await
}

/// On `hr.loans.cancel`: nothing of it is due any more.
pub(crate) async fn called_off(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let today = cx.today();
    let parts = parts(cx, event.subject).await?;
    for part in parts.into_iter().filter(Part::is_open) {
        let change = fields(json!({"state": "called_off", "settled_on": today}));
        platform_engine::change(cx, &LOAN_INSTALMENTS, part.id, "update", change).await?;
    }
    next_due(cx, event.subject, None).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use hr_pay::money::number;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_first_instalment_is_of_the_pay_period_that_holds_the_first_day() {
        assert_eq!(pay_month(day("2026-05-24")), day("2026-05-01"));
        assert_eq!(pay_month(day("2026-05-25")), day("2026-06-01"));
        assert_eq!(pay_month(day("2026-12-31")), day("2027-01-01"));
    }

    #[test]
    fn the_last_instalment_takes_the_rest_and_a_plan_has_an_end() {
        let plan = planned(number("1000"), number("300"), day("2026-05-01")).expect("a plan");
        let amounts: Vec<String> = plan.iter().map(|one| one.amount.normalize().to_string()).collect();
        assert_eq!(amounts, ["300", "300", "300", "100"]);
        assert_eq!(planned(number("1000"), number("1"), day("2026-05-01")), None);
    }
}
