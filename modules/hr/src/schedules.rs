//! What the clock does for each organization: who did not come, whose leave begins or is over, which loans are repaid or lack their plan.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use platform_core::{Cx, Problem, Schedule, When};
use platform_resource::Resource;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::{ATTENDANCE, LEAVES, LOANS, holiday_calendar, loan_schedule};

/// HR's schedules.
pub(crate) static SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "hr.attendance",
        when: When::Daily("03:00"),
        run: |cx| Box::pin(attendance(cx)),
    },
    Schedule {
        name: "hr.leave_start",
        when: When::Daily("00:10"),
        run: |cx| Box::pin(leave_start(cx)),
    },
    Schedule {
        name: "hr.leave_end",
        when: When::Daily("00:15"),
        run: |cx| Box::pin(leave_end(cx)),
    },
    Schedule {
        name: "hr.leave_accrual",
        when: When::Daily("00:20"),
        run: |cx| Box::pin(crate::leave_ledger::accrue(cx)),
    },
    Schedule {
        name: "hr.loans",
        when: When::Daily("00:30"),
        run: |cx| Box::pin(loans(cx)),
    },
];

/// The weekly day of rest (Labour Law, Art. 104).
const REST_DAY: Weekday = Weekday::Fri;

/// Active couriers who worked there by then and have neither a row nor leave on $2.
pub(crate) const NOT_THERE: &str = "SELECT c.id
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status = 'active' AND c.joined_on <= $2::date
    AND NOT EXISTS (SELECT FROM hr.attendance a WHERE a.organization_id = $1 AND a.courier_id = c.id AND a.day = $2::date
        AND a.deleted_at IS NULL)
    AND NOT EXISTS (SELECT FROM hr.leaves l WHERE l.organization_id = $1 AND l.courier_id = c.id AND l.deleted_at IS NULL
        AND l.status IN ('approved', 'completed') AND $2::date BETWEEN l.starts_on AND coalesce(l.returned_on - 1, l.ends_on))
ORDER BY c.id";

pub(crate) const LEAVE_DUE: &str = "SELECT l.id
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = 'approved' AND l.began_on IS NULL
    AND l.starts_on <= $2::date AND l.ends_on >= $2::date
ORDER BY l.id";

pub(crate) const LEAVE_OVER: &str = "SELECT l.id
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = 'approved' AND l.ends_on < $2::date
ORDER BY l.id";

pub(crate) const REPAID: &str = "SELECT l.id
FROM hr.loans l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = 'active' AND l.outstanding_balance = 0
ORDER BY l.id";

/// Loans from before instalments were rows.
pub(crate) const WITHOUT_INSTALMENTS: &str = "SELECT l.id
FROM hr.loans l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = 'active'
    AND NOT EXISTS (SELECT FROM hr.loan_instalments i
        WHERE i.organization_id = $1 AND i.loan_id = l.id AND i.deleted_at IS NULL)
ORDER BY l.id";

fn inputs(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

/// Ids that a statement finds for a day.
async fn found(cx: &mut Cx, statement: &'static str, day: NaiveDate) -> Result<Vec<Uuid>, Problem> {
    let organization_id = cx.organization_id;
    let ids = sqlx::query_scalar(statement)
        .bind(organization_id)
        .bind(day)
        .fetch_all(cx.db())
        .await?;
    Ok(ids)
}

/// One row of a run. What its own rules refuse does not keep the other rows from theirs.
async fn step(
    cx: &mut Cx,
    resource: &'static Resource,
    id: Uuid,
    verb: &str,
    given: Map<String, Json>,
) -> Result<(), Problem> {
    match platform_engine::act(cx, resource, id, verb, given).await {
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Yesterday, once nights are over: who had to work, did not come and has no leave was absent.
pub(crate) async fn attendance(cx: &mut Cx) -> Result<(), Problem> {
    let Some(yesterday) = cx.today().pred_opt().filter(|day| day.weekday() != REST_DAY) else {
        return Ok(());
    };
    if holiday_calendar::calendar(cx, yesterday, yesterday)
        .await?
        .contains(yesterday)
    {
        return Ok(());
    }
    let missing = found(cx, NOT_THERE, yesterday).await?;
    let rows = missing
        .into_iter()
        .map(|courier_id| inputs(&json!({"courier_id": courier_id, "day": yesterday, "status": "absent"})));
    platform_engine::create_many(cx, &ATTENDANCE, rows.collect()).await?;
    Ok(())
}

/// Approved leave begins on its first day: its courier is away from then on.
pub(crate) async fn leave_start(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    for id in found(cx, LEAVE_DUE, today).await? {
        step(cx, &LEAVES, id, "begin", Map::new()).await?;
    }
    Ok(())
}

/// Leave whose last day has passed is over; the courier is back on the day after it.
pub(crate) async fn leave_end(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    for id in found(cx, LEAVE_OVER, today).await? {
        let leave = platform_engine::load(cx, &LEAVES, id).await?;
        let back = leave.date("ends_on").and_then(|day| day.checked_add_days(Days::new(1)));
        let given = inputs(&json!({"returned_on": back.unwrap_or(today)}));
        step(cx, &LEAVES, id, "complete", given).await?;
    }
    Ok(())
}

/// Loans on which nothing is owed any more are closed.
pub(crate) async fn loans(cx: &mut Cx) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let ids: Vec<Uuid> = sqlx::query_scalar(REPAID)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    for id in ids {
        step(cx, &LOANS, id, "complete", Map::new()).await?;
    }
    let bare: Vec<Uuid> = sqlx::query_scalar(WITHOUT_INSTALMENTS)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    for id in bare {
        match loan_schedule::laid_out_late(cx, id).await {
            Err(problem) if problem.status.is_server_error() => return Err(problem),
            // A loan of more months than any may have: a person has to mend it, and the others get theirs.
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
