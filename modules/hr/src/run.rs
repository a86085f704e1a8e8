//! A run's calculation, from its start to its end. Who cannot be paid becomes a refusal, and the rest goes on. A small run is done
//! at once; a large one goes on as a job, from a copy of what was known when it began.

use std::sync::Arc;

use platform_core::{Cx, Event, Mode, Platform, Problem};
use platform_resource::Record;
use serde_json::{Map, json};
use sqlx::Row;
use uuid::Uuid;

use hr_pay::Period;
use hr_pay::money::amount;

use crate::payroll_refusals::Refused;
use crate::run_facts::{Facts, RunMonth, gather};
use crate::run_job::{self, Order};
use crate::run_pay::{Paid, fields, pay};
use crate::run_store;
use crate::run_terms::{Stored, Switches, Terms};
use crate::{PAYROLL_REFUSALS, PAYROLL_RUNS};

/// A calculation replaces what the run held before; nothing points at rows of a run that is not paid. Some at a time: no statement
/// has to be longer than the database lets one be, however large the run.
pub(crate) const FORGET_LINES: &str = "DELETE FROM hr.salary_lines
WHERE organization_id = $1 AND salary_id IN (
    SELECT s.id FROM hr.salaries s WHERE s.organization_id = $1 AND s.run_id = $2 ORDER BY s.id LIMIT $3
)";
pub(crate) const FORGET: &str = "DELETE FROM hr.salaries
WHERE organization_id = $1 AND id IN (
    SELECT s.id FROM hr.salaries s WHERE s.organization_id = $1 AND s.run_id = $2 ORDER BY s.id LIMIT $3
)";
const FORGOTTEN_AT_ONCE: i64 = 500;
pub(crate) const FORGET_REFUSALS: &str = "DELETE FROM hr.payroll_refusals WHERE organization_id = $1 AND run_id = $2";
pub(crate) const FORGET_WORK: &str = "DELETE FROM hr.payroll_work WHERE organization_id = $1 AND run_id = $2";

/// Whether somebody of the run has been paid already, ahead of the others.
pub(crate) const PARTLY_PAID: &str = "SELECT EXISTS (
    SELECT FROM hr.salaries s
    WHERE s.organization_id = $1 AND s.run_id = $2 AND s.status = 'paid' AND s.deleted_at IS NULL
)";

/// What a run came to: the sums of its rows.
pub(crate) const TOTALS: &str = "SELECT count(*), coalesce(sum(s.gross_salary), 0)::bigint,
    coalesce(sum(s.gross_salary - s.net_salary), 0)::bigint, coalesce(sum(s.net_salary), 0)::bigint,
    coalesce(sum(s.gosi_employer), 0)::bigint,
    (SELECT count(*) FROM hr.payroll_refusals f WHERE f.organization_id = $1 AND f.run_id = $2 AND f.deleted_at IS NULL)
FROM hr.salaries s
WHERE s.organization_id = $1 AND s.run_id = $2 AND s.deleted_at IS NULL";

/// Couriers that are calculated while the caller waits; more of them are a job's work.
pub(crate) const AT_ONCE: usize = 500;

/// Takes back what an earlier calculation of the run stored.
async fn forget(cx: &mut Cx, run_id: Uuid) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    loop {
        let mut gone = 0;
        for statement in [FORGET_LINES, FORGET] {
            let done = sqlx::query(statement)
                .bind(organization_id)
                .bind(run_id)
                .bind(FORGOTTEN_AT_ONCE)
                .execute(cx.db())
                .await?;
            gone = done.rows_affected();
        }
        if gone == 0 {
            break;
        }
    }
    for statement in [FORGET_REFUSALS, FORGET_WORK] {
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

/// The month of a run's row.
pub(crate) fn month_of(run: &Record) -> Result<RunMonth, Problem> {
    let parts = run.uuid("id").zip(run.integer("year").zip(run.integer("month")));
    let (run_id, (year, month)) = parts.ok_or_else(|| Problem::internal(&"a run without a month"))?;
    let period = Period::of(year, month).ok_or_else(|| Problem::field("month", "not_allowed"))?;
    Ok(RunMonth {
        run_id,
        year,
        month,
        period,
    })
}

/// Each courier's outcome, in the order of the couriers.
pub(crate) fn calculated_of(people: Vec<Facts>, terms: &Terms) -> (Vec<Paid>, Vec<(Uuid, Refused)>) {
    let (mut paid, mut refused) = (Vec::with_capacity(people.len()), Vec::new());
    for facts in people {
        match pay(facts, terms) {
            Ok(one) => paid.push(one),
            Err(one) => {
                let (facts, reason) = *one;
                refused.push((facts.id, reason));
            }
        }
    }
    (paid, refused)
}

/// On `hr.payroll_runs.calculate`: the run is `calculating` now.
pub(crate) async fn calculated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let run = platform_engine::load(cx, &PAYROLL_RUNS, event.subject).await?;
    let month = month_of(&run)?;
    let stored = Stored::read(cx, month, Switches::of(&run)).await?;
    let people = gather(cx, month).await?;
    if people.is_empty() {
        return Err(Problem::refused("nothing_to_pay"));
    }
    let checksum = run_store::fingerprint(&stored, &people);
    if people.len() > AT_ONCE {
        forget(cx, event.subject).await?;
        let order = Order {
            run_id: event.subject,
            calculation: run.integer("calculation").unwrap_or_default(),
            terms: stored,
            checksum,
        };
        return run_job::begin(cx, &order, &people).await;
    }
    let count = people.len();
    let terms = stored.ready()?;
    let (paid, refused) = calculated_of(people, &terms);
    if paid.is_empty() {
        // The refusals outlive the refusal of the run: whoever asks why nobody is paid finds the reasons.
        if event.before("status") == &json!("draft") {
            let (platform, organization_id) = (cx.platform.clone(), cx.organization_id);
            remember(&platform, organization_id, event.subject, &refused).await?;
        }
        return Err(Problem::refused("nothing_to_pay"));
    }
    forget(cx, event.subject).await?;
    run_store::store(cx, event.subject, &terms, &paid, &refused).await?;
    finish(cx, event.subject, count, &checksum).await
}

/// Stores refusals of a run that stays a draft, past the transaction that is about to be taken back.
async fn remember(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    run_id: Uuid,
    refused: &[(Uuid, Refused)],
) -> Result<(), Problem> {
    let mut own = Cx::begin_job(platform, organization_id, run_job::JOB, Mode::Write).await?;
    sqlx::query(FORGET_REFUSALS)
        .bind(organization_id)
        .bind(run_id)
        .execute(own.db())
        .await?;
    let rows = run_store::refusal_rows(run_id, refused);
    platform_engine::create_many(&mut own, &PAYROLL_REFUSALS, rows).await?;
    own.commit().await
}

/// Ends a calculation: sums are those of the rows that are there. Without anybody to pay the run is a draft again, and its refusals
/// say why.
pub(crate) async fn finish(cx: &mut Cx, run_id: Uuid, count: usize, checksum: &str) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let row = sqlx::query(TOTALS)
        .bind(organization_id)
        .bind(run_id)
        .fetch_one(cx.db())
        .await?;
    let (paid, refused): (i64, i64) = (row.try_get(0)?, row.try_get(5)?);
    let total = |place: usize| -> Result<String, sqlx::Error> { Ok(amount(row.try_get(place)?)) };
    let found: Map<_, _> = fields(json!({
        "courier_count": count, "done_count": count, "paid_count": paid, "refused_count": refused,
        "gross_total": total(1)?, "deducted_total": total(2)?, "net_total": total(3)?, "employer_total": total(4)?,
        "inputs_checksum": checksum,
    }));
    let end = if paid == 0 { "give_up" } else { "finish" };
    platform_engine::act(cx, &PAYROLL_RUNS, run_id, end, found).await?;
    Ok(())
}
