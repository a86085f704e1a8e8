//! The installation's signing keys: made on the first start, shared by all instances, replaced every three months.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::Sealer;
use platform_core::ids::random_bytes;
use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use crate::token::{Key, LIFETIME_S, Timed, Tokens};

/// A key signs until there is a younger one, which is made after this time.
const SIGNS_FOR: TimeDelta = TimeDelta::days(90);
/// How long every instance has to learn of a new key before tokens are signed with it.
const PUBLISHED_BEFORE: TimeDelta = TimeDelta::hours(24);
/// The least of it: an instance looks for keys each minute.
const PUBLISHED_AT_LEAST: TimeDelta = TimeDelta::minutes(3);
/// How long after its last token is over a key is believed still: clocks differ.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// When nothing that a key has signed can still be good, if no younger one says so earlier.
const RETIRES_AFTER: TimeDelta = TimeDelta::days(93);

pub(crate) const KEYS: &str = "SELECT kid, private_key, public_key, created_at, signs_from, retires_at
    FROM identity.signing_keys WHERE retires_at > $1 ORDER BY created_at, kid";
pub(crate) const ADD: &str = "INSERT INTO identity.signing_keys
        (kid, private_key, public_key, created_at, signs_from, retires_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const REPLACE: &str = "UPDATE identity.signing_keys SET retires_at = least(retires_at, $2) WHERE kid <> $1";
pub(crate) const RETIRE: &str = "DELETE FROM identity.signing_keys WHERE retires_at <= $1";

/// How the signing keys are replaced before their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new key signs when every instance has had this long to learn of it (at least three minutes), and the old ones are
    /// believed until their last tokens are over. Nobody notices.
    Planned(TimeDelta),
    /// The old keys are known to somebody else: each instance stops to believe them when it looks next, within a minute. Pages
    /// that are open get a new token with their refresh cookie, as soon as the instance that they ask knows the new key.
    Compromised,
}

struct Stored {
    timed: Timed,
    created_at: DateTime<Utc>,
}

/// Reads the keys, makes one when the youngest is old, and takes them into use.
pub(crate) async fn load(pool: &PgPool, sealer: &Sealer, tokens: &Tokens, now: DateTime<Utc>) -> Result<()> {
    let mut keys = read(pool, sealer, now).await?;
    if keys.last().is_none_or(|key| key.created_at + SIGNS_FOR <= now) {
        make(pool, sealer, now, Rotation::Planned(PUBLISHED_BEFORE)).await?;
        sqlx::query(RETIRE).bind(now).execute(pool).await?;
        keys = read(pool, sealer, now).await?;
    }
    tokens.take(keys.into_iter().map(|stored| stored.timed).collect());
    Ok(())
}

/// Replaces the keys now. Running instances learn of it when they look next.
pub(crate) async fn rotate(pool: &PgPool, sealer: &Sealer, now: DateTime<Utc>, rotation: Rotation) -> Result<String> {
    let kid = make(pool, sealer, now, rotation).await?;
    sqlx::query(RETIRE).bind(now).execute(pool).await?;
    Ok(kid)
}

async fn read(pool: &PgPool, sealer: &Sealer, now: DateTime<Utc>) -> Result<Vec<Stored>> {
    let rows = sqlx::query(KEYS).bind(now).fetch_all(pool).await?;
    let mut keys = Vec::new();
    for row in &rows {
        if let Some(key) = open(row, sealer)? {
            keys.push(key);
        } else {
            tracing::warn!("A signing key does not open with this key file and is not used");
        }
    }
    Ok(keys)
}

/// A key is believed only when its private half opens with our key file: a row that somebody slipped in does not.
fn open(row: &PgRow, sealer: &Sealer) -> Result<Option<Stored>> {
    let kid: String = row.try_get("kid")?;
    let Some(secret) = sealer.unseal(row.try_get("private_key")?, kid.as_bytes()) else {
        return Ok(None);
    };
    let Ok(secret) = <[u8; 32]>::try_from(secret) else {
        return Ok(None);
    };
    let (key, public) = Key::new(kid, &secret)?;
    if public != row.try_get::<Vec<u8>, _>("public_key")? {
        return Ok(None);
    }
    let seconds = |name: &str| row.try_get::<DateTime<Utc>, _>(name).map(|at| at.timestamp());
    Ok(Some(Stored {
        timed: Timed {
            key,
            signs_from: seconds("signs_from")?,
            retires_at: seconds("retires_at")?,
        },
        created_at: row.try_get("created_at")?,
    }))
}

/// Makes a key; those before it go once the last tokens that they may sign are over.
async fn make(pool: &PgPool, sealer: &Sealer, now: DateTime<Utc>, rotation: Rotation) -> Result<String> {
    let kid = hex::encode(random_bytes::<8>());
    let secret = random_bytes::<32>();
    let (_, public) = Key::new(kid.clone(), &secret)?;
    let (signs_from, others_retire_at) = match rotation {
        Rotation::Planned(lead) => {
            let signs_from = now + lead.max(PUBLISHED_AT_LEAST);
            (signs_from, signs_from + TimeDelta::seconds(LIFETIME_S) + SKEW)
        }
        Rotation::Compromised => (now, now),
    };
    let add = sqlx::query(ADD)
        .bind(&kid)
        .bind(sealer.seal(&secret, kid.as_bytes()))
        .bind(public)
        .bind(now)
        .bind(signs_from)
        .bind(now + RETIRES_AFTER);
    add.execute(pool).await?;
    let replace = sqlx::query(REPLACE).bind(&kid).bind(others_retire_at);
    replace.execute(pool).await?;
    tracing::info!(key.kid = %kid, "Made the signing key {kid}");
    Ok(kid)
}
