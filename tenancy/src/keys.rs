//! The installation's signing keys: made on the first start, shared by all instances, replaced every three months.

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::Sealer;
use platform_core::ids::random_bytes;
use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use crate::token::{Key, Tokens};

/// A key signs until there is a younger one, which is made after this time.
const SIGNS_FOR: TimeDelta = TimeDelta::days(90);
/// How long every instance has to learn of a new key before tokens are signed with it.
const PUBLISHED_BEFORE: TimeDelta = TimeDelta::hours(24);
/// When nothing that a key has signed can still be good.
const RETIRES_AFTER: TimeDelta = TimeDelta::days(93);

pub(crate) const KEYS: &str = "SELECT kid, private_key, public_key, created_at FROM identity.signing_keys
    WHERE retires_at > $1 ORDER BY created_at, kid";
pub(crate) const ADD: &str = "INSERT INTO identity.signing_keys (kid, private_key, public_key, created_at, retires_at)
    VALUES ($1, $2, $3, $4, $5)";
pub(crate) const RETIRE: &str = "DELETE FROM identity.signing_keys WHERE retires_at <= $1";

struct Stored {
    key: Key,
    created_at: DateTime<Utc>,
}

/// Reads the keys, makes one when the youngest is old, and takes them into use.
pub(crate) async fn load(pool: &PgPool, sealer: &Sealer, tokens: &Tokens, now: DateTime<Utc>) -> Result<()> {
    let mut keys = read(pool, sealer, now).await?;
    if keys.last().is_none_or(|key| key.created_at + SIGNS_FOR <= now) {
        make(pool, sealer, now).await?;
        sqlx::query(RETIRE).bind(now).execute(pool).await?;
        keys = read(pool, sealer, now).await?;
    }
    // The youngest that everybody knows. On the first start nobody knows any: then the oldest, which is the same for all.
    let known = keys.iter().rev().find(|key| key.created_at + PUBLISHED_BEFORE <= now);
    let signing = known.or(keys.first()).context("a signing key was just made")?;
    let all: Vec<Key> = keys.iter().map(|stored| stored.key.clone()).collect();
    tokens.take(signing.key.clone(), &all);
    Ok(())
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
    Ok(Some(Stored {
        key,
        created_at: row.try_get("created_at")?,
    }))
}

async fn make(pool: &PgPool, sealer: &Sealer, now: DateTime<Utc>) -> Result<()> {
    let kid = hex::encode(random_bytes::<8>());
    let secret = random_bytes::<32>();
    let (_, public) = Key::new(kid.clone(), &secret)?;
    sqlx::query(ADD)
        .bind(&kid)
        .bind(sealer.seal(&secret, kid.as_bytes()))
        .bind(public)
        .bind(now)
        .bind(now + RETIRES_AFTER)
        .execute(pool)
        .await?;
    tracing::info!(key.kid = %kid, "Made the signing key {kid}");
    Ok(())
}
