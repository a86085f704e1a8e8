//! Who acts with a key.
//!
//! A key is bound twice, on every request: to its holder (a service account, or the person himself) and to the person who was
//! shown its secret. It allows what its scopes, its holder and that person allow together, now. Bound to the holder alone, a
//! colleague who has left would still know a secret that works: what was the leak of the product before. When he leaves,
//! somebody else rotates the key and is bound to it from then on.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use moka::sync::Cache;
use platform_core::{Cx, Holder, Identity, KEY_BYTES, KeyUse, Member, Mode, Permissions, Platform, Problem, ShownKey};
use sha2::Sha256;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::text::Parts;
use crate::Tenancy;
use crate::member::Stored;

pub(crate) const READ: &str = "SELECT name, user_id, issued_to, secret_hash, scopes, requests_per_minute, expires_at
    FROM platform.api_keys WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";
pub(crate) const USED: &str = "UPDATE platform.api_keys SET last_used_at = $3
    WHERE organization_id = $1 AND id = $2
        AND (last_used_at IS NULL OR last_used_at <= $3::timestamptz - interval '1 minute')";

/// Keys that are kept compiled.
const REMEMBERED: u64 = 20_000;
/// How often the time of use is written.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A key, and the sum of the versions that it was compiled from.
#[derive(Clone)]
struct Compiled {
    version: i64,
    secret_hash: [u8; 32],
    expires_at: DateTime<Utc>,
    identity: Identity,
    member: Arc<Member>,
    key: KeyUse,
}

impl Compiled {
    /// Whether this is the secret, in a time that does not tell how much of it is right.
    fn proves(&self, proof: &[u8; 32]) -> bool {
        let differs = self.secret_hash.iter().zip(proof).fold(0, |all, (a, b)| all | (a ^ b));
        differs == 0
    }
}

/// What the process keeps about keys.
pub(crate) struct ApiKeys {
    pepper: [u8; KEY_BYTES],
    compiled: Cache<Uuid, Compiled>,
    noted: Cache<Uuid, DateTime<Utc>>,
}

impl ApiKeys {
    /// With the installation's secret, which is not in the database: whoever reads the hashes cannot try secrets on them.
    pub fn new(pepper: [u8; KEY_BYTES]) -> Self {
        Self {
            pepper,
            compiled: Cache::new(REMEMBERED),
            noted: Cache::new(REMEMBERED),
        }
    }

    /// What is stored of a secret.
    pub fn hash(&self, parts: &Parts) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.pepper).expect("a key of any length will do");
        mac.update(parts.organization_id.as_bytes());
        mac.update(parts.id.as_bytes());
        mac.update(&parts.secret);
        mac.finalize().into_bytes().into()
    }

    /// The key of an `Authorization` header.
    pub fn shown(&self, text: &str, now: DateTime<Utc>) -> Result<ShownKey, Problem> {
        let parts = Parts::read(text).ok_or_else(Problem::not_signed_in)?;
        let proof = self.hash(&parts);
        let known = self.compiled.get(&parts.id).filter(|known| known.proves(&proof));
        Ok(ShownKey {
            organization_id: parts.organization_id,
            id: parts.id,
            proof,
            at: now,
            known: known.map(|known| (known.identity, known.key)),
        })
    }
}

impl Tenancy {
    /// Whom a key names at a version, if it is good.
    pub(crate) async fn key_holder(
        &self,
        connection: &mut PgConnection,
        shown: &ShownKey,
        version: i64,
    ) -> Result<Holder, Problem> {
        let known = self.api_keys.compiled.get(&shown.id);
        let compiled = if let Some(known) = known.filter(|known| known.version == version) {
            known
        } else {
            let compiled = self.compile_key(connection, shown, version).await?;
            self.api_keys.compiled.insert(shown.id, compiled.clone());
            compiled
        };
        if !compiled.proves(&shown.proof) || compiled.expires_at <= shown.at {
            return Err(Problem::not_signed_in());
        }
        Ok(Holder {
            identity: compiled.identity,
            member: compiled.member,
            key: compiled.key,
        })
    }

    async fn compile_key(
        &self,
        connection: &mut PgConnection,
        shown: &ShownKey,
        version: i64,
    ) -> Result<Compiled, Problem> {
        let organization_id = shown.organization_id;
        let row = sqlx::query(READ).bind(organization_id).bind(shown.id);
        let row = row.fetch_optional(&mut *connection).await?;
        let row = row.ok_or_else(Problem::not_signed_in)?;
        let (user_id, issued_to): (Uuid, Uuid) = (row.try_get("user_id")?, row.try_get("issued_to")?);
        let scopes: Vec<String> = row.try_get("scopes")?;
        let (identity, member) = self.standing(connection, organization_id, user_id, shown.id).await?;
        let mut permissions = member
            .permissions
            .filtered(|name| scopes.iter().any(|scope| scope == name));
        if issued_to != user_id {
            let (_, issued_to) = self.standing(connection, organization_id, issued_to, shown.id).await?;
            permissions = permissions.narrowed(&issued_to.permissions);
        }
        Ok(Compiled {
            version,
            secret_hash: row.try_get::<Vec<u8>, _>("secret_hash")?.try_into().unwrap_or_default(),
            expires_at: row.try_get("expires_at")?,
            member: Arc::new(named(member, row.try_get("name")?, permissions)),
            identity,
            key: KeyUse {
                id: shown.id,
                requests_per_minute: u32::try_from(row.try_get::<i64, _>("requests_per_minute")?).unwrap_or(1),
            },
        })
    }

    /// A member of an open organization, as he stands now.
    async fn standing(
        &self,
        connection: &mut PgConnection,
        organization_id: Uuid,
        user_id: Uuid,
        key_id: Uuid,
    ) -> Result<(Identity, Member), Problem> {
        let stored = Stored::read(&mut *connection, organization_id, user_id).await?;
        let stored = stored.filter(|stored| stored.is_open);
        let stored = stored.ok_or_else(Problem::not_signed_in)?;
        let identity = Identity {
            user_id,
            organization_id,
            session_id: key_id,
            session_version: stored.session_version,
            support: None,
        };
        let member = self.compile_member(connection, &identity, stored).await?;
        Ok((identity, member))
    }

    /// Writes down that a key is in use, beside the request, which may only read.
    pub(crate) fn note_use(&self, platform: &Arc<Platform>, shown: &ShownKey) {
        let noted = &self.api_keys.noted;
        if noted.get(&shown.id).is_some_and(|last| shown.at - last < NOTED_EVERY) {
            return;
        }
        noted.insert(shown.id, shown.at);
        let (platform, shown) = (platform.clone(), shown.clone());
        tokio::spawn(async move {
            if let Err(problem) = note(&platform, &shown).await {
                tracing::debug!(%problem, "The use of an API key was not noted");
            }
        });
    }
}

async fn note(platform: &Arc<Platform>, shown: &ShownKey) -> Result<(), Problem> {
    let mut cx = Cx::begin_job(platform, shown.organization_id, "note_api_key", Mode::Write).await?;
    let used = sqlx::query(USED)
        .bind(shown.organization_id)
        .bind(shown.id)
        .bind(shown.at);
    used.execute(cx.db()).await?;
    cx.commit().await
}

/// The member as histories name him when he acts with a key.
fn named(member: Member, key: &str, permissions: Permissions) -> Member {
    Member {
        name: format!("{} (API key {key})", member.name),
        permissions,
        ..member
    }
}
