//! Jobs: what has to happen after a request was answered, kept in the tenant's own rows.
//!
//! [`enqueue`] writes a job in the caller's transaction: it exists exactly when what it belongs to exists. A [`Runner`] claims
//! due jobs, one organization after the other, and runs the handler registered for their kind. Delivery is at least once: a
//! job whose process died is claimed again when its lease ends. Whatever a handler writes, it writes in a transaction that
//! [`JobCall::holds`] its claim, so that a claim that was lost in the meantime has no effect.
//!
//! Two kinds of jobs are this crate's own and known to every runner: `outbox` delivers events to the modules that listen to them,
//! `schedules` does what modules want done by the clock. `sweep` is what this crate itself does by the clock.

mod attempt;
mod claim;
mod outbox;
mod runner;
mod schedules;
mod sweep;
mod undelivered;
mod wake;
mod when;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Boxed, Cx, Platform, Problem, ids};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use runner::{Runner, RunnerOptions};
pub use schedules::wake_clock;
pub use sweep::{KEEP_EVENTS, KEEP_IMPORTS, KEEP_JOBS, KEEP_KEYS, module};
pub use undelivered::{Undelivered, deliver_again, undelivered};
pub use when::next_run;

const ENQUEUE: &str = "INSERT INTO platform.jobs
    (organization_id, id, kind, dedupe_key, payload, run_at, created_at, updated_at, max_attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
    ON CONFLICT (organization_id, dedupe_key) WHERE state IN ('queued', 'running') DO NOTHING";
const SAME: &str = "SELECT id FROM platform.jobs
    WHERE organization_id = $1 AND dedupe_key = $2 AND state IN ('queued', 'running')";
const HOLD: &str = "SELECT id FROM platform.jobs
    WHERE organization_id = $1 AND id = $2 AND token = $3 AND state = 'running' FOR UPDATE";

/// Hand-written statements of this crate, for the test that prepares each of them. The dispatcher's own are
/// [`DUE`] and [`LATE`].
pub const STATEMENTS: &[&str] = &[
    ENQUEUE,
    SAME,
    HOLD,
    claim::CLAIM,
    claim::RENEW,
    claim::FINISH,
    claim::POSTPONE,
    outbox::NEXT,
    outbox::DELIVERED,
    outbox::REFUSED,
    outbox::FORGOTTEN,
    undelivered::UNDELIVERED,
    undelivered::NOW,
    schedules::AGENDA,
    schedules::PLAN,
    schedules::TAKE,
    schedules::RAN,
    schedules::FAILED,
    sweep::JOBS,
    sweep::EVENTS,
    sweep::KEYS,
    sweep::IMPORTS,
];

pub use claim::{DUE, LATE, late};

/// Tries of a job that is enqueued without saying how many.
pub const TRIES: i32 = 5;

/// Kind of the job that delivers events to the modules that listen to them.
pub const OUTBOX: &str = "outbox.deliver";

/// Kind of the job that runs the schedules of an organization that are due.
pub const CLOCK: &str = "clock";

/// Wakes the delivery of events that the caller's transaction writes. Each transaction has one job of its own: one that ran
/// already may have looked before the events were there.
pub async fn announce(cx: &mut Cx) -> Result<(), Problem> {
    // Its row, not a mark in memory, says that it was announced: a savepoint may undo both the events and the job.
    let key = format!("{OUTBOX}:{}", cx.transaction_id());
    let new = New {
        kind: OUTBOX,
        dedupe_key: Some(&key),
        payload: &json!({}),
        run_at: cx.now,
        tries: TRIES,
    };
    insert(cx, ids::new_id(), &new).await.map(drop)
}

/// Writes a job in the caller's transaction. While a job with the same key waits or runs, that one is answered instead.
pub async fn enqueue(
    cx: &mut Cx,
    kind: &'static str,
    dedupe_key: Option<&str>,
    payload: Json,
    run_at: DateTime<Utc>,
) -> Result<Uuid, Problem> {
    enqueue_with_tries(cx, kind, dedupe_key, payload, run_at, TRIES).await
}

/// As [`enqueue`], for work that is given up after another number of tries than the usual: a try whose process died counts, and
/// what is given up needs a person.
pub async fn enqueue_with_tries(
    cx: &mut Cx,
    kind: &'static str,
    dedupe_key: Option<&str>,
    payload: Json,
    run_at: DateTime<Utc>,
    tries: i32,
) -> Result<Uuid, Problem> {
    let organization_id = cx.organization_id;
    let new = New {
        kind,
        dedupe_key,
        payload: &payload,
        run_at,
        tries,
    };
    loop {
        let id = ids::new_id();
        if insert(cx, id, &new).await? {
            return Ok(id);
        }
        let same = sqlx::query_scalar(SAME)
            .bind(organization_id)
            .bind(dedupe_key)
            .fetch_optional(cx.db())
            .await?;
        // None when the other one ended between the two statements: then there is room for ours.
        if let Some(id) = same {
            return Ok(id);
        }
    }
}

struct New<'a> {
    kind: &'static str,
    dedupe_key: Option<&'a str>,
    payload: &'a Json,
    run_at: DateTime<Utc>,
    tries: i32,
}

/// Stores a job; false when one with the same key waits or runs.
async fn insert(cx: &mut Cx, id: Uuid, new: &New<'_>) -> Result<bool, Problem> {
    let stored = sqlx::query(ENQUEUE)
        .bind(cx.organization_id)
        .bind(id)
        .bind(new.kind)
        .bind(new.dedupe_key)
        .bind(new.payload)
        .bind(new.run_at)
        .bind(cx.now)
        .bind(new.tries)
        .execute(cx.db())
        .await?;
    let is_new = stored.rows_affected() == 1;
    if is_new {
        wake::wake();
    }
    Ok(is_new)
}

/// One claim of one job, as its handler sees it.
#[derive(Clone, Debug)]
pub struct JobCall {
    /// The tenant.
    pub organization_id: Uuid,
    /// The job.
    pub id: Uuid,
    /// What it was enqueued as.
    pub kind: &'static str,
    /// What it was enqueued with.
    pub payload: Json,
    /// 1 for the first try; a try whose process died counts.
    pub attempt: i32,
    /// The last try that is made.
    pub max_attempts: i32,
    /// No try is left: the process died in the last one. The handler only writes down that it is over.
    pub exhausted: bool,
    /// Proof of this claim.
    pub token: Uuid,
    /// Cancelled when the process wants to end: stop at the next good place and answer [`JobFailure::postpone`].
    pub stop: CancellationToken,
}

impl JobCall {
    /// Whether the claim is still ours; if so nobody can take it before the transaction ends.
    pub async fn holds(&self, cx: &mut Cx) -> Result<bool, Problem> {
        let held = sqlx::query(HOLD)
            .bind(self.organization_id)
            .bind(self.id)
            .bind(self.token)
            .fetch_optional(cx.db())
            .await?;
        Ok(held.is_some())
    }
}

/// Why a job is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobFailure {
    /// Try again, after the standing pause unless another is named; the last try makes the job dead.
    Retry {
        /// For the person who looks at dead jobs.
        error: String,
        /// How long to wait.
        after: Option<TimeDelta>,
    },
    /// Not now and nobody's fault: try again after the pause without counting this try.
    Postpone {
        /// How long to wait.
        after: TimeDelta,
    },
    /// Trying again cannot help.
    Dead {
        /// For the person who looks at dead jobs.
        error: String,
    },
}

impl JobFailure {
    /// Try again after the standing pause.
    pub fn retry(error: impl ToString) -> Self {
        Self::Retry {
            error: error.to_string(),
            after: None,
        }
    }

    /// Something of ours is not there right now, as the database.
    fn later(problem: Problem) -> Self {
        tracing::warn!(%problem, "Goes on later: {problem}");
        Self::Postpone { after: RECOVERY }
    }

    /// The process ends: somebody else goes on at once.
    pub const fn postpone() -> Self {
        Self::Postpone {
            after: TimeDelta::zero(),
        }
    }
}

impl From<Problem> for JobFailure {
    fn from(problem: Problem) -> Self {
        Self::retry(problem)
    }
}

/// Time for something of ours to come back.
const RECOVERY: TimeDelta = TimeDelta::seconds(30);
/// Longest pause between two tries of an event or a schedule.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// The pause after so many failures before: each is twice as long as the one before.
fn pause(first: TimeDelta, failures: i64) -> TimeDelta {
    let doubled = u32::try_from(failures).unwrap_or_default().min(12);
    (first * 2_i32.pow(doubled)).min(LONGEST_PAUSE)
}

/// What is kept of an error's text.
fn shortened(error: &str) -> String {
    error.chars().take(2_000).collect()
}

/// What runs jobs of one kind.
pub type Handler = Arc<dyn Fn(Arc<Platform>, JobCall) -> Boxed<'static, Result<(), JobFailure>> + Send + Sync>;
