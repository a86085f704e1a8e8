//! Codes have six digits: who guesses gets five a minute, and after twenty wrong ones in a row each costs a longer wait. Nobody
//! is locked out for good, and passkeys, which cannot be guessed, go on.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use platform_core::Problem;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::Tenancy;

/// Counts a try before it is made. Nothing comes back while the person has to wait.
pub(crate) const TRY: &str = "INSERT INTO identity.factor_tries AS t (user_id, recent, failures, blocked_until)
    VALUES ($1, ARRAY[$2::timestamptz], 1, $2)
    ON CONFLICT (user_id) DO UPDATE SET
        recent = (t.recent || $2::timestamptz)[greatest(cardinality(t.recent) - 3, 1):],
        failures = t.failures + 1,
        blocked_until = CASE WHEN t.failures + 1 < 20 THEN $2
            ELSE $2 + least(900, power(2::float8, least(t.failures + 1 - 20, 30))) * interval '1 second' END
    WHERE t.blocked_until <= $2
        AND (cardinality(t.recent) < 5 OR t.recent[cardinality(t.recent) - 4] <= $2 - interval '1 minute')
    RETURNING t.failures";
pub(crate) const WAIT: &str = "SELECT greatest(blocked_until,
        CASE WHEN cardinality(recent) >= 5 THEN recent[cardinality(recent) - 4] + interval '1 minute' END)
    FROM identity.factor_tries WHERE user_id = $1";
/// It succeeded. The tries of the last minute stay counted: what succeeds five times a minute is no person.
pub(crate) const FORGET: &str =
    "UPDATE identity.factor_tries SET failures = 0, blocked_until = recent[cardinality(recent)] WHERE user_id = $1";

/// Counts a try of a person's code, or refuses it with the seconds to wait.
pub async fn count(pool: &PgPool, user_id: Uuid, now: DateTime<Utc>) -> Result<(), Problem> {
    let counted: Option<i64> = sqlx::query_scalar(TRY)
        .bind(user_id)
        .bind(now)
        .fetch_optional(pool)
        .await?;
    if counted.is_some() {
        return Ok(());
    }
    let until: Option<DateTime<Utc>> = sqlx::query_scalar(WAIT).bind(user_id).fetch_optional(pool).await?;
    let wait = until.map_or(0, |until| (until - now).num_milliseconds().max(0).unsigned_abs());
    Err(Problem {
        retry_after_s: Some(wait.div_ceil(1000).max(1)),
        ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
    })
}

/// A code was right.
pub async fn forget(pool: &PgPool, user_id: Uuid) -> Result<(), Problem> {
    sqlx::query(FORGET).bind(user_id).execute(pool).await?;
    Ok(())
}

impl Tenancy {
    /// Takes a code of the app: counted, and once.
    pub(crate) async fn try_totp(&self, user_id: Uuid, code: &str, now: DateTime<Utc>) -> Result<(), Problem> {
        count(&self.store.0, user_id, now).await?;
        if !self.take_totp(user_id, code, now).await? {
            return Err(Problem::field("code", "wrong_code"));
        }
        forget(&self.store.0, user_id).await
    }
}
