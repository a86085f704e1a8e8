//! What follows when something happens: within HR in the same transaction, from fleet after it.

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Effect, Event, Problem};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::{
    ATTENDANCE, BONUSES, DEDUCTION_ORDERS, LEAVES, LOAN_PAYMENTS, LOANS, PAYROLL_RUNS, PENALTIES, SALARIES, run,
};
use crate::{final_settlements, holiday_calendar, leave_ledger, leave_requests, loan_schedule, roster};

/// HR's own consequences.
pub(crate) static EFFECTS: &[Effect] = &[
    Effect {
        on: "hr.leaves.approve",
        run: |cx, event| Box::pin(leave_approved(cx, event)),
    },
    Effect {
        on: "hr.leaves.created",
        run: |cx, event| Box::pin(leave_requests::asked(cx, event)),
    },
    Effect {
        on: "hr.public_holidays.created",
        run: |cx, event| Box::pin(holiday_calendar::changed(cx, event)),
    },
    Effect {
        on: "hr.public_holidays.updated",
        run: |cx, event| Box::pin(holiday_calendar::changed(cx, event)),
    },
    Effect {
        on: "hr.public_holidays.deleted",
        run: |cx, event| Box::pin(holiday_calendar::changed(cx, event)),
    },
    Effect {
        on: "hr.leaves.cancel",
        run: |cx, event| Box::pin(leave_over(cx, event)),
    },
    Effect {
        on: "hr.leaves.complete",
        run: |cx, event| Box::pin(leave_over(cx, event)),
    },
    Effect {
        on: "hr.leaves.deleted",
        run: |cx, event| Box::pin(still_pending(cx, event)),
    },
    Effect {
        on: "hr.roster_entries.created",
        run: |cx, event| Box::pin(roster::planned_day(cx, event)),
    },
    Effect {
        on: "hr.roster_entries.updated",
        run: |cx, event| Box::pin(roster::planned_day(cx, event)),
    },
    Effect {
        on: "hr.loans.approve",
        run: |cx, event| Box::pin(loan_schedule::approved(cx, event)),
    },
    Effect {
        on: "hr.loans.cancel",
        run: |cx, event| Box::pin(loan_schedule::called_off(cx, event)),
    },
    Effect {
        on: "hr.loans.skip",
        run: |cx, event| Box::pin(loan_schedule::replanned(cx, event)),
    },
    Effect {
        on: "hr.loans.pay_part",
        run: |cx, event| Box::pin(loan_schedule::replanned(cx, event)),
    },
    Effect {
        on: "hr.loans.postpone",
        run: |cx, event| Box::pin(loan_schedule::replanned(cx, event)),
    },
    Effect {
        on: "hr.loans.pay",
        run: |cx, event| Box::pin(loan_paid(cx, event)),
    },
    Effect {
        on: "hr.loans.pay_off",
        run: |cx, event| Box::pin(loan_paid(cx, event)),
    },
    Effect {
        on: "hr.loans.deleted",
        run: |cx, event| Box::pin(still_pending(cx, event)),
    },
    Effect {
        on: "hr.final_settlements.approve",
        run: |cx, event| Box::pin(final_settlements::approved(cx, event)),
    },
    Effect {
        on: "hr.final_settlements.pay",
        run: |cx, event| Box::pin(final_settlements::paid(cx, event)),
    },
    Effect {
        on: "hr.penalties.deleted",
        run: |cx, event| Box::pin(still_pending(cx, event)),
    },
    Effect {
        on: "hr.bonuses.deleted",
        run: |cx, event| Box::pin(still_pending(cx, event)),
    },
    Effect {
        on: "hr.expenses.deleted",
        run: |cx, event| Box::pin(still_pending(cx, event)),
    },
    Effect {
        on: "hr.payroll_runs.deleted",
        run: |cx, event| Box::pin(still_pending(cx, event)),
    },
    Effect {
        on: "hr.payroll_runs.calculate",
        run: |cx, event| Box::pin(run::calculated(cx, event)),
    },
    Effect {
        on: "hr.payroll_runs.reopen",
        run: |cx, event| Box::pin(run::reopened(cx, event)),
    },
    Effect {
        on: "hr.payroll_runs.pay",
        run: |cx, event| Box::pin(run_paid(cx, event)),
    },
    Effect {
        on: "hr.salaries.mark_paid",
        run: |cx, event| Box::pin(salary_paid(cx, event)),
    },
];

/// What HR does when something happens elsewhere.
pub(crate) static LISTENERS: &[Effect] = &[Effect {
    on: "fleet.couriers.terminate",
    run: |cx, event| Box::pin(courier_left(cx, event)),
}];

/// Another leave of the courier that shares a day.
pub(crate) const OVERLAP: &str = "SELECT l.id
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.id <> $3 AND l.deleted_at IS NULL
    AND l.status IN ('approved', 'completed') AND l.starts_on <= $5::date AND l.ends_on >= $4::date
LIMIT 1";

/// Days of the leave that have a row already.
pub(crate) const DAYS: &str = "SELECT a.id, a.day, a.status
FROM hr.attendance a
WHERE a.organization_id = $1 AND a.courier_id = $2 AND a.day BETWEEN $3::date AND $4::date AND a.deleted_at IS NULL
FOR UPDATE";

/// Days of a leave that did not come: from $3 on they are days like others.
pub(crate) const CLEAR_DAYS: &str = "UPDATE hr.attendance SET deleted_at = $4, version = version + 1
WHERE organization_id = $1 AND leave_id = $2 AND day >= $3::date AND status = 'on_leave' AND deleted_at IS NULL";

/// The state of a row that is just deleted.
pub(crate) const STATE: &str = "SELECT l.status FROM hr.leaves l WHERE l.organization_id = $1 AND l.id = $2
UNION ALL SELECT o.status FROM hr.loans o WHERE o.organization_id = $1 AND o.id = $2
UNION ALL SELECT p.status FROM hr.penalties p WHERE p.organization_id = $1 AND p.id = $2
UNION ALL SELECT b.payment_status FROM hr.bonuses b WHERE b.organization_id = $1 AND b.id = $2
UNION ALL SELECT e.status FROM hr.expenses e WHERE e.organization_id = $1 AND e.id = $2
UNION ALL SELECT r.status FROM hr.payroll_runs r WHERE r.organization_id = $1 AND r.id = $2";

/// Pay of a run that may be paid.
pub(crate) const TO_PAY: &str = "SELECT s.id
FROM hr.salaries s
WHERE s.organization_id = $1 AND s.run_id = $2 AND s.status = 'calculated' AND s.deleted_at IS NULL
ORDER BY s.id";

/// What a pay settles: each line names its row.
pub(crate) const SETTLED: &str = "SELECT n.kind, (n.inputs ->> 'id')::uuid, n.amount
FROM hr.salary_lines n
WHERE n.organization_id = $1 AND n.salary_id = $2 AND n.kind IN ('extra_bonus', 'loan', 'penalty', 'court', 'damage', 'consented')
    AND n.inputs ? 'id' AND n.amount <> 0
    AND n.deleted_at IS NULL
ORDER BY n.position";

/// What waits for a decision about a courier.
pub(crate) const PENDING: &str = "SELECT 'leave', l.id
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.deleted_at IS NULL
    AND (l.status = 'pending' OR (l.status = 'approved' AND l.starts_on > $3::date))
UNION ALL
SELECT 'loan', o.id
FROM hr.loans o
WHERE o.organization_id = $1 AND o.courier_id = $2 AND o.deleted_at IS NULL AND o.status = 'pending'
ORDER BY 1, 2";

fn inputs(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

/// A row's field that it cannot be without.
fn needed<T>(value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::internal(&"a stored row lacks a field that it needs"))
}

/// No other leave on these days, enough left of it, and a day of attendance for each.
async fn leave_approved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let leave = platform_engine::load(cx, &LEAVES, event.subject).await?;
    let courier_id = needed(leave.uuid("courier_id"))?;
    let (starts_on, ends_on) = needed(leave.date("starts_on").zip(leave.date("ends_on")))?;
    let organization_id = cx.organization_id;
    let other: Option<Uuid> = sqlx::query_scalar(OVERLAP)
        .bind(organization_id)
        .bind(courier_id)
        .bind(event.subject)
        .bind(starts_on)
        .bind(ends_on)
        .fetch_optional(cx.db())
        .await?;
    if other.is_some() {
        return Err(Problem::refused("leave_overlaps"));
    }
    leave_requests::enough_left(cx, &leave).await?;
    let rows = sqlx::query(DAYS)
        .bind(organization_id)
        .bind(courier_id)
        .bind(starts_on)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    let mut known = Vec::with_capacity(rows.len());
    for row in &rows {
        let (id, day, status): (Uuid, NaiveDate, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        match status.as_str() {
            "present" | "late" | "half_day" => return Err(Problem::refused("worked_in_leave").with("day", day)),
            "absent" => {
                platform_engine::act(cx, &ATTENDANCE, id, "mark_on_leave", Map::new()).await?;
                let of_leave = inputs(&json!({"leave_id": event.subject}));
                platform_engine::change(cx, &ATTENDANCE, id, "update", of_leave).await?;
            }
            _ => {}
        }
        known.push(day);
    }
    let days = starts_on.iter_days().take_while(|day| *day <= ends_on);
    let missing = days.filter(|day| !known.contains(day)).map(|day| {
        inputs(&json!({"courier_id": courier_id, "day": day, "status": "on_leave", "leave_id": event.subject}))
    });
    platform_engine::create_many(cx, &ATTENDANCE, missing.collect()).await?;
    roster::free(cx, courier_id, starts_on, ends_on).await?;
    charged(cx, &leave).await
}

/// Days of a leave that was called off, or that ended early, are days of work again.
async fn leave_over(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let leave = platform_engine::load(cx, &LEAVES, event.subject).await?;
    let (organization_id, now) = (cx.organization_id, cx.now);
    let today = cx.today();
    let from = if leave.is("status", "completed") {
        let ended = leave.date("ends_on").unwrap_or(today);
        // Nobody returns into his leave's last day unless he comes before it.
        let returned = leave.date("returned_on").unwrap_or(today);
        returned.min(ended.checked_add_days(Days::new(1)).unwrap_or(ended))
    } else {
        today
    };
    sqlx::query(CLEAR_DAYS)
        .bind(organization_id)
        .bind(event.subject)
        .bind(from)
        .bind(now)
        .execute(cx.db())
        .await?;
    charged(cx, &leave).await
}

/// What an annual leave costs goes into its ledger.
async fn charged(cx: &mut Cx, leave: &Record) -> Result<(), Problem> {
    match leave.uuid("courier_id").filter(|_| leave.is("leave_type", "annual")) {
        Some(courier_id) => leave_ledger::charge(cx, courier_id).await,
        None => Ok(()),
    }
}

/// Only what nobody has decided can be deleted: the rest is what happened.
async fn still_pending(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let state: Option<String> = sqlx::query_scalar(STATE)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_optional(cx.db())
        .await?;
    match state.as_deref() {
        None | Some("pending" | "draft") => Ok(()),
        Some(_) => Err(Problem::refused("decided_stays")),
    }
}

/// The ledger's row of a payment.
async fn loan_paid(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let loan = platform_engine::load(cx, &LOANS, event.subject).await?;
    let before = event
        .before("outstanding_balance")
        .as_str()
        .and_then(|text| text.parse().ok());
    let after = loan.decimal("outstanding_balance");
    let (before, after): (rust_decimal::Decimal, _) = needed(before.zip(after))?;
    let row = json!({
        "loan_id": event.subject, "paid_on": loan.get("last_paid_on"), "amount": (before - after).to_string(),
        "balance_after": after.to_string(), "method": loan.get("last_payment_method"), "salary_id": loan.get("last_salary_id"),
    });
    platform_engine::create(cx, &LOAN_PAYMENTS, inputs(&row)).await?;
    let paid_on = loan.date("last_paid_on").unwrap_or_else(|| cx.today());
    loan_schedule::settle(cx, event.subject, paid_on, before - after).await
}

/// Everybody of the run who is not held is paid.
async fn run_paid(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let run = platform_engine::load(cx, &PAYROLL_RUNS, event.subject).await?;
    let salaries: Vec<Uuid> = sqlx::query_scalar(TO_PAY)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_all(cx.db())
        .await?;
    for salary in salaries {
        let given = inputs(&json!({"paid_on": run.get("paid_on")}));
        platform_engine::act(cx, &SALARIES, salary, "mark_paid", given).await?;
    }
    Ok(())
}

/// Pay of an approved run only; what it settles is settled with it.
async fn salary_paid(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let salary = platform_engine::load(cx, &SALARIES, event.subject).await?;
    let run_id = needed(salary.uuid("run_id"))?;
    let run = platform_engine::load(cx, &PAYROLL_RUNS, run_id).await?;
    if !["approved", "paid"].iter().any(|state| run.is("status", state)) {
        return Err(Problem::refused("run_not_approved"));
    }
    let organization_id = cx.organization_id;
    let rows = sqlx::query(SETTLED)
        .bind(organization_id)
        .bind(event.subject)
        .fetch_all(cx.db())
        .await?;
    for row in &rows {
        let (kind, id, halalas): (String, Uuid, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let with = inputs(&json!({"salary_id": event.subject}));
        match kind.as_str() {
            "extra_bonus" => platform_engine::act(cx, &BONUSES, id, "pay", with).await?,
            "penalty" => platform_engine::act(cx, &PENALTIES, id, "apply", with).await?,
            "court" | "damage" | "consented" => {
                let payment = json!({"payment": hr_pay::money::amount(-halalas), "last_salary_id": event.subject});
                platform_engine::act(cx, &DEDUCTION_ORDERS, id, "collect", inputs(&payment)).await?
            }
            _ => {
                let payment = json!({
                    "payment": hr_pay::money::amount(-halalas), "last_paid_on": salary.get("paid_on"),
                    "last_payment_method": "salary", "last_salary_id": event.subject,
                });
                platform_engine::act(cx, &LOANS, id, "pay", inputs(&payment)).await?
            }
        };
    }
    Ok(())
}

/// Nothing is left to decide about who has left: requests and leave still to come are called off. What is called off already
/// is not found again.
async fn courier_left(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let (organization_id, today) = (cx.organization_id, cx.today());
    let rows = sqlx::query(PENDING)
        .bind(organization_id)
        .bind(event.subject)
        .bind(today)
        .fetch_all(cx.db())
        .await?;
    for row in &rows {
        let (kind, id): (String, Uuid) = (row.try_get(0)?, row.try_get(1)?);
        let resource = if kind == "leave" { &LEAVES } else { &LOANS };
        let reason = inputs(&json!({"cancel_reason": "The courier has left."}));
        platform_engine::act(cx, resource, id, "cancel", reason).await?;
    }
    Ok(())
}
