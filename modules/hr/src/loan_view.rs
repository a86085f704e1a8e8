//! What a loan's schedule looks like to whoever may see it: HR, finance, and the courier whose loan it is.

use chrono::NaiveDate;
use hr_pay::Instalment;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::LOANS;
use crate::loan_schedule::{Part, of_loan, parts, planned, text};

/// Whose schedule.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The loan.
    id: Uuid,
}

/// The schedule of a loan.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Schedule {
    loan_id: Uuid,
    courier_id: Uuid,
    loan_number: String,
    status: String,
    principal: String,
    paid: String,
    /// Not paid and not called off.
    outstanding: String,
    called_off: String,
    next_due_on: Option<NaiveDate>,
    /// In the order in which they are due; their amounts sum to the principal.
    instalments: Vec<Shown>,
}

/// One instalment.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// Nothing before the loan is approved: the plan is what approval would make.
    id: Option<Uuid>,
    position: i64,
    /// The month in which it was due at first.
    planned_on: NaiveDate,
    /// The month in which it is due, by its first day.
    due_on: NaiveDate,
    amount: String,
    paid: String,
    left: String,
    /// `planned`, `skipped`, `postponed`, `reduced`, `paid` or `called_off`.
    state: String,
    settled_on: Option<NaiveDate>,
}

/// `GET /hr/loans/{id}/schedule`.
pub(crate) async fn schedule(cx: &mut Cx, asked: Asked) -> Result<Schedule, Problem> {
    let loan = platform_engine::load_within(cx, &LOANS, "loans.read_pay", asked.id).await?;
    let (loan_id, principal, each, starts_on) = of_loan(&loan)?;
    let word = |field: &str| loan.text(field).unwrap_or_default().to_owned();
    let parts = parts(cx, loan_id).await?;
    let sum = |of: fn(&Part) -> Decimal| text(parts.iter().map(of).sum());
    let mut schedule = Schedule {
        loan_id,
        courier_id: loan.uuid("courier_id").ok_or_else(Problem::not_found)?,
        loan_number: word("loan_number"),
        status: word("status"),
        principal: text(principal),
        paid: sum(|part| part.paid),
        outstanding: sum(Part::left),
        called_off: sum(|part| {
            if part.state == "called_off" {
                part.amount - part.paid
            } else {
                Decimal::ZERO
            }
        }),
        next_due_on: parts.iter().find(|part| part.is_open()).map(|part| part.due_on),
        instalments: parts.into_iter().map(Shown::from).collect(),
    };
    // Before the decision there are no rows: the plan is what approval would make.
    if loan.is("status", "pending") {
        let due = planned(principal, each, starts_on).unwrap_or_default();
        schedule.instalments = due
            .iter()
            .zip(1..)
            .map(|(one, position)| Shown::to_be(position, one))
            .collect();
    }
    Ok(schedule)
}

impl From<Part> for Shown {
    fn from(part: Part) -> Self {
        Self {
            id: Some(part.id),
            position: part.position,
            planned_on: part.planned_on,
            due_on: part.due_on,
            amount: text(part.amount),
            paid: text(part.paid),
            left: text(part.left()),
            state: part.state,
            settled_on: part.settled_on,
        }
    }
}

impl Shown {
    /// One that approval would make.
    fn to_be(position: i64, one: &Instalment) -> Self {
        Self {
            id: None,
            position,
            planned_on: one.month,
            due_on: one.month,
            amount: text(one.amount),
            paid: text(Decimal::ZERO),
            left: text(one.amount),
            state: "planned".to_owned(),
            settled_on: None,
        }
    }
}
