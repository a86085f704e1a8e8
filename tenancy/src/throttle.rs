//! Guessing gets slow: after some failures each further one doubles the wait. Nobody is ever locked out for good.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use platform_core::Problem;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgPool;

/// What may be tried how often.
#[derive(Clone, Copy)]
pub struct Limit {
    name: &'static str,
    /// Tries before the first wait.
    free: i64,
    /// The longest wait.
    longest_s: f64,
}

/// One account from one address: a person who mistypes.
pub const ACCOUNT: Limit = Limit {
    name: "account",
    free: 5,
    longest_s: 900.0,
};
/// One account from all the addresses from which nobody has signed in to it: guesses that come from everywhere at once. Whoever
/// signed in from an address before does not wait for them.
pub const STRANGERS: Limit = Limit {
    name: "strangers",
    free: 20,
    longest_s: 60.0,
};
/// One address for all accounts: an office behind one address mistypes too, so it has more tries.
pub const ADDRESS: Limit = Limit {
    name: "address",
    free: 100,
    longest_s: 300.0,
};
/// Letters to one recipient that one address wishes for.
pub const WISH: Limit = Limit {
    name: "wish",
    free: 5,
    longest_s: 900.0,
};
/// Letters that one address wishes for.
pub const WISHES: Limit = Limit {
    name: "wishes",
    free: 50,
    longest_s: 300.0,
};
/// Links of letters that one address opens and that open nothing.
pub const LINK: Limit = Limit {
    name: "link",
    free: 50,
    longest_s: 300.0,
};
/// Invitations that one organization sends.
pub const INVITATIONS: Limit = Limit {
    name: "invitations",
    free: 200,
    longest_s: 60.0,
};
/// New organizations from one address.
pub const SIGN_UP: Limit = Limit {
    name: "sign_up",
    free: 200,
    longest_s: 60.0,
};

/// Counts the try before it is made, so that a hundred at once are no cheaper than one after the other. Says how many so far;
/// nothing while the key has to wait. A day without a try forgets everything.
pub(crate) const TRY: &str = "INSERT INTO identity.login_attempts AS a (key, failures, last_at, blocked_until)
    VALUES ($1, 1, $2, $2)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN a.last_at < $2 - interval '1 day' THEN 1 ELSE a.failures + 1 END,
        last_at = $2,
        blocked_until = CASE
            WHEN a.last_at < $2 - interval '1 day' OR a.failures + 1 < $3 THEN $2
            ELSE $2 + least($4, power(2::float8, least(a.failures + 1 - $3, 30))) * interval '1 second'
        END
    WHERE a.blocked_until <= $2
    RETURNING a.failures";
/// Whether the account has a session from the address. Ended ones count for a month.
pub(crate) const IS_KNOWN: &str =
    "SELECT EXISTS (SELECT FROM identity.sessions s JOIN identity.users u ON u.id = s.user_id
    WHERE u.email = $1 AND s.address = $2)";
pub(crate) const WAIT: &str = "SELECT blocked_until FROM identity.login_attempts WHERE key = $1";
pub(crate) const FORGET: &str = "DELETE FROM identity.login_attempts WHERE key = $1";
pub(crate) const RETURN: &str =
    "UPDATE identity.login_attempts SET failures = greatest(failures - 1, 0), blocked_until = last_at
    WHERE key = $1";
pub(crate) const SWEEP: &str = "DELETE FROM identity.login_attempts WHERE last_at < $1::timestamptz - interval '1 day'";

/// What an address counts as: somebody with an IPv6 line has 2^64 addresses to try from.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_string(),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Counts a sign-in from an address that the account does not know; nothing when it does.
pub async fn count_stranger(
    pool: &PgPool,
    email: &str,
    address: &str,
    now: DateTime<Utc>,
) -> Result<Option<Try>, Problem> {
    // PostgreSQL takes no NUL; an address that has one belongs to nobody.
    let mine = sqlx::query_scalar(IS_KNOWN).bind(email.replace('\0', "")).bind(address);
    if mine.fetch_one(pool).await? {
        return Ok(None);
    }
    Try::count(pool, STRANGERS, &[email], now).await.map(Some)
}

/// A counted try.
pub struct Try {
    key: String,
}

impl Try {
    /// Counts a try, or refuses it with the seconds to wait.
    pub async fn count(pool: &PgPool, limit: Limit, what: &[&str], now: DateTime<Utc>) -> Result<Self, Problem> {
        let mut hash = Sha256::new().chain_update(limit.name);
        for part in what {
            hash.update([0]);
            hash.update(part);
        }
        let key = hex::encode(hash.finalize());
        let counted: Option<i64> = sqlx::query_scalar(TRY)
            .bind(&key)
            .bind(now)
            .bind(limit.free)
            .bind(limit.longest_s)
            .fetch_optional(pool)
            .await?;
        if counted.is_some() {
            return Ok(Self { key });
        }
        let until: Option<DateTime<Utc>> = sqlx::query_scalar(WAIT).bind(&key).fetch_optional(pool).await?;
        let wait = until.map_or(0, |until| (until - now).num_milliseconds().max(0).unsigned_abs());
        Err(Problem {
            retry_after_s: Some(wait.div_ceil(1000).max(1)),
            ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
        })
    }

    /// It succeeded: what failed before is forgotten.
    pub async fn forget(self, pool: &PgPool) -> Result<(), Problem> {
        sqlx::query(FORGET).bind(self.key).execute(pool).await?;
        Ok(())
    }

    /// It succeeded: this one try does not count.
    pub async fn give_back(self, pool: &PgPool) -> Result<(), Problem> {
        sqlx::query(RETURN).bind(self.key).execute(pool).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn an_ipv6_line_counts_as_one_address() {
        for (address, counts_as) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
            ("::1", "::"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(network(address), counts_as);
        }
    }
}
