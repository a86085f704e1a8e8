//! Claims: who may work on a job until when. Every statement that ends one names its token.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Mode, Platform, Problem, ids};
use serde_json::Value as Json;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// Runs as `barq_dispatch`, which sees of a job only whose it is and when it is due.
pub const DUE: &str = "SELECT organization_id FROM platform.jobs
    WHERE organization_id > $1
        AND ((state = 'queued' AND run_at <= $2) OR (state = 'running' AND lease_until < $2))
    GROUP BY organization_id ORDER BY organization_id LIMIT $3";
/// Runs as `barq_dispatch`, as [`DUE`].
pub const LATE: &str = "SELECT organization_id, min(run_at) FROM platform.jobs
    WHERE (state = 'queued' AND run_at < $1) OR (state = 'running' AND lease_until < $1)
    GROUP BY organization_id ORDER BY 2, 1 LIMIT $2";
pub(crate) const CLAIM: &str = "UPDATE platform.jobs
    SET state = 'running', attempt = attempt + 1, token = $3, lease_until = $4, updated_at = $2
    WHERE organization_id = $1 AND id = (
        SELECT id FROM platform.jobs
        WHERE organization_id = $1 AND kind = ANY ($5)
            AND ((state = 'queued' AND run_at <= $2) OR (state = 'running' AND lease_until < $2))
        ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, payload, attempt, max_attempts";
pub(crate) const RENEW: &str = "UPDATE platform.jobs SET lease_until = $4
    WHERE organization_id = $1 AND id = $2 AND token = $3 AND state = 'running'";
pub(crate) const FINISH: &str = "UPDATE platform.jobs
    SET state = $4, last_error = $5, lease_until = NULL, token = NULL, updated_at = $6
    WHERE organization_id = $1 AND id = $2 AND token = $3 AND state = 'running'";
pub(crate) const POSTPONE: &str = "UPDATE platform.jobs
    SET state = 'queued', run_at = $4, attempt = attempt - $5, last_error = $6, lease_until = NULL, token = NULL,
        updated_at = $7
    WHERE organization_id = $1 AND id = $2 AND token = $3 AND state = 'running'";

/// The name under which the runner's own transactions appear.
const ACTOR: &str = "jobs";

/// A claimed job.
pub(crate) struct Claim {
    pub organization_id: Uuid,
    pub id: Uuid,
    pub kind: String,
    pub payload: Json,
    pub attempt: i32,
    pub max_attempts: i32,
    pub token: Uuid,
}

/// How a claim ends.
pub(crate) enum End<'a> {
    Done,
    Dead(&'a str),
    /// Back into the queue; whether the try counts.
    Again {
        after: TimeDelta,
        counts: bool,
        error: Option<&'a str>,
    },
}

/// Organizations with due jobs, in the order of their ids, beginning after `after`.
pub(crate) async fn due(
    dispatch: &PgPool,
    after: Uuid,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar(DUE)
        .bind(after)
        .bind(now)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(dispatch)
        .await
}

/// Organizations whose jobs, schedules among them, wait since before a time, and since when: the longest waiting first.
pub async fn late(
    dispatch: &PgPool,
    before: DateTime<Utc>,
    most: i64,
) -> Result<Vec<(Uuid, DateTime<Utc>)>, sqlx::Error> {
    sqlx::query_as(LATE).bind(before).bind(most).fetch_all(dispatch).await
}

/// Takes the organization's longest waiting job of these kinds.
pub(crate) async fn claim(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    kinds: &[&str],
    lease: Duration,
) -> Result<Option<Claim>, Problem> {
    let mut cx = Cx::begin_job(platform, organization_id, ACTOR, Mode::Write).await?;
    let token = ids::new_id();
    let now = cx.now;
    let row = sqlx::query(CLAIM)
        .bind(organization_id)
        .bind(now)
        .bind(token)
        .bind(now + lease)
        .bind(kinds)
        .fetch_optional(cx.db())
        .await?;
    let claim = match row {
        None => None,
        Some(row) => Some(Claim {
            organization_id,
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            payload: row.try_get("payload")?,
            attempt: row.try_get("attempt")?,
            max_attempts: row.try_get("max_attempts")?,
            token,
        }),
    };
    cx.commit().await?;
    Ok(claim)
}

impl Claim {
    /// Keeps the claim for another while; false when it is lost.
    pub async fn renew(&self, platform: &Arc<Platform>, lease: Duration) -> Result<bool, Problem> {
        let mut cx = Cx::begin_job(platform, self.organization_id, ACTOR, Mode::Write).await?;
        let until = cx.now + lease;
        let renewed = sqlx::query(RENEW)
            .bind(self.organization_id)
            .bind(self.id)
            .bind(self.token)
            .bind(until)
            .execute(cx.db())
            .await?;
        cx.commit().await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// Ends the claim; false when it was lost before.
    pub async fn end(&self, platform: &Arc<Platform>, end: &End<'_>) -> Result<bool, Problem> {
        let mut cx = Cx::begin_job(platform, self.organization_id, ACTOR, Mode::Write).await?;
        let now = cx.now;
        let query = match end {
            End::Done => sqlx::query(FINISH)
                .bind_claim(self)
                .bind("done")
                .bind(None::<&str>)
                .bind(now),
            End::Dead(error) => sqlx::query(FINISH)
                .bind_claim(self)
                .bind("dead")
                .bind(Some(*error))
                .bind(now),
            End::Again { after, counts, error } => sqlx::query(POSTPONE)
                .bind_claim(self)
                .bind(now + *after)
                .bind(i32::from(!counts))
                .bind(*error)
                .bind(now),
        };
        let ended = query.execute(cx.db()).await?;
        cx.commit().await?;
        Ok(ended.rows_affected() == 1)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

trait BindClaim<'q>: Sized {
    /// The first three parameters of every statement that ends a claim.
    fn bind_claim(self, claim: &Claim) -> Self;
}

impl<'q> BindClaim<'q> for Query<'q> {
    fn bind_claim(self, claim: &Claim) -> Self {
        self.bind(claim.organization_id).bind(claim.id).bind(claim.token)
    }
}
