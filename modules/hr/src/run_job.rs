//! A large run, batch by batch. What was known of everybody when the calculation began waits in `hr.payroll_work`; each batch is one
//! transaction that takes some couriers from there and stores what became of them. A process that dies leaves whole batches: the
//! next one goes on with what is left, and the run comes out as without.

use std::sync::Arc;

use platform_core::{Cx, Mode, Platform, Problem};
use platform_jobs::{JobCall, JobFailure, Runner};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sqlx::Row;
use sqlx::types::Json;
use uuid::Uuid;

use crate::PAYROLL_RUNS;
use crate::run::{calculated_of, finish, month_of};
use crate::run_facts::Facts;
use crate::run_store;
use crate::run_terms::{Stored, Switches};

/// Kind of the job.
pub(crate) const JOB: &str = "payroll.calculate";

/// A batch that fails leaves nothing behind, and a run that is given up needs a person: servers that die one after the other do
/// not use its tries up.
const TRIES: i32 = 25;

/// Couriers of one transaction.
const BATCH: i64 = 500;

pub(crate) const KEEP: &str = "INSERT INTO hr.payroll_work (organization_id, run_id, courier_id, facts)
SELECT r.organization_id, r.id, work.courier_id, work.facts::jsonb
FROM hr.payroll_runs r, unnest($3::uuid[], $4::text[]) AS work (courier_id, facts)
WHERE r.organization_id = $1 AND r.id = $2";

/// Takes the next couriers; whoever takes the same at the same time waits for the run's row before.
pub(crate) const TAKE: &str = "WITH next AS (
    SELECT w.courier_id
    FROM hr.payroll_work w
    WHERE w.organization_id = $1 AND w.run_id = $2
    ORDER BY w.courier_id
    LIMIT $3
), taken AS (
    DELETE FROM hr.payroll_work w USING next
    WHERE w.organization_id = $1 AND w.run_id = $2 AND w.courier_id = next.courier_id
    RETURNING w.courier_id, w.facts
)
SELECT taken.facts FROM taken ORDER BY taken.courier_id";

/// How far a calculation is: no change that anybody made, so it has no history.
pub(crate) const PROGRESS: &str = "UPDATE hr.payroll_runs
SET courier_count = coalesce($3, courier_count), done_count = coalesce(done_count, 0) + $4
WHERE organization_id = $1 AND id = $2 AND status = 'calculating'";

/// What the job is enqueued with: everything that is the same for all couriers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub run_id: Uuid,
    /// A run that was reopened or started again since has another one.
    pub calculation: i64,
    pub terms: Stored,
    pub checksum: String,
}

/// Keeps what is known of everybody and lets the job begin.
pub(crate) async fn begin(cx: &mut Cx, order: &Order, people: &[Facts]) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    for people in people.chunks(2_000) {
        let ids: Vec<Uuid> = people.iter().map(|facts| facts.id).collect();
        let facts: Result<Vec<String>, _> = people.iter().map(serde_json::to_string).collect();
        sqlx::query(KEEP)
            .bind(organization_id)
            .bind(order.run_id)
            .bind(ids)
            .bind(facts.map_err(|error| Problem::internal(&error))?)
            .execute(cx.db())
            .await?;
    }
    progress(cx, order.run_id, Some(people.len()), 0).await?;
    let key = format!("{JOB}:{}:{}", order.run_id, order.calculation);
    platform_jobs::enqueue_with_tries(cx, JOB, Some(&key), json!(order), now, TRIES).await?;
    Ok(())
}

async fn progress(cx: &mut Cx, run_id: Uuid, count: Option<usize>, done: usize) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query(PROGRESS)
        .bind(organization_id)
        .bind(run_id)
        .bind(count.map(whole))
        .bind(whole(done))
        .execute(cx.db())
        .await?;
    Ok(())
}

/// Says who goes on with runs.
pub fn register_jobs(runner: &mut Runner) {
    runner.register(JOB, work);
}

async fn work(platform: Arc<Platform>, call: JobCall) -> Result<(), JobFailure> {
    let order: Order = serde_json::from_value(call.payload.clone()).map_err(|error| JobFailure::Dead {
        error: error.to_string(),
    })?;
    if call.exhausted {
        return Ok(give_up(&platform, &call, &order).await?);
    }
    let done = step(&platform, &call, &order).await;
    if done.is_err() && call.attempt >= call.max_attempts {
        give_up(&platform, &call, &order).await?;
    }
    Ok(done?)
}

/// One batch, and the job of the next one: tries are counted for each batch by itself.
async fn step(platform: &Arc<Platform>, call: &JobCall, order: &Order) -> Result<(), Problem> {
    let mut cx = Cx::begin_job(platform, call.organization_id, JOB, Mode::Write).await?;
    if !batch(&mut cx, order).await? {
        let now = cx.now;
        let key = format!("{JOB}:{}:{}", order.run_id, call.id);
        platform_jobs::enqueue_with_tries(&mut cx, JOB, Some(&key), json!(order), now, TRIES).await?;
    }
    // Asked last: the claim is renewed while the batch works, which its lock would hinder.
    if call.holds(&mut cx).await? {
        cx.commit().await
    } else {
        cx.rollback().await
    }
}

/// Whether the run is still the one that the job was for; its row is locked then.
async fn is_current(cx: &mut Cx, order: &Order) -> Result<Option<i64>, Problem> {
    let run = platform_engine::load(cx, &PAYROLL_RUNS, order.run_id).await?;
    let same = run.is("status", "calculating") && run.integer("calculation") == Some(order.calculation);
    Ok(same.then(|| run.integer("courier_count").unwrap_or_default()))
}

/// The next couriers; true when there is nothing left to do.
pub(crate) async fn batch(cx: &mut Cx, order: &Order) -> Result<bool, Problem> {
    let Some(count) = is_current(cx, order).await? else {
        return Ok(true);
    };
    let organization_id = cx.organization_id;
    let rows = sqlx::query(TAKE)
        .bind(organization_id)
        .bind(order.run_id)
        .bind(BATCH)
        .fetch_all(cx.db())
        .await?;
    if rows.is_empty() {
        finish(
            cx,
            order.run_id,
            usize::try_from(count).unwrap_or_default(),
            &order.checksum,
        )
        .await?;
        return Ok(true);
    }
    let taken = rows
        .iter()
        .map(|row| row.try_get::<Json<Facts>, _>(0).map(|json| json.0));
    let people: Vec<Facts> = taken.collect::<Result<_, _>>()?;
    let done = people.len();
    let terms = order.terms.ready()?;
    let (paid, refused) = calculated_of(people, &terms);
    run_store::store(cx, order.run_id, &terms, &paid, &refused).await?;
    progress(cx, order.run_id, None, done).await?;
    Ok(false)
}

/// Every try failed: the run is a draft that can be started again.
async fn give_up(platform: &Arc<Platform>, call: &JobCall, order: &Order) -> Result<(), Problem> {
    let mut cx = Cx::begin_job(platform, call.organization_id, JOB, Mode::Write).await?;
    if call.holds(&mut cx).await? && is_current(&mut cx, order).await?.is_some() {
        platform_engine::act(&mut cx, &PAYROLL_RUNS, order.run_id, "give_up", Map::new()).await?;
    }
    cx.commit().await
}

/// Goes on with a run to its end in the caller's transaction: for rows that are made at once, as those of a demonstration.
pub(crate) async fn to_the_end(cx: &mut Cx, run_id: Uuid) -> Result<(), Problem> {
    let run = platform_engine::load(cx, &PAYROLL_RUNS, run_id).await?;
    if !run.is("status", "calculating") {
        return Ok(());
    }
    let terms = Stored::read(cx, month_of(&run)?, Switches::of(&run)).await?;
    let order = Order {
        run_id,
        calculation: run.integer("calculation").unwrap_or_default(),
        terms,
        checksum: String::new(),
    };
    while !batch(cx, &order).await? {}
    Ok(())
}
