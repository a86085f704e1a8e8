//! The rows of factors.

use chrono::{DateTime, Utc};
use platform_core::{Problem, ids};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

use crate::Tenancy;
use crate::factors::{Shown, totp};
use crate::store::{Person, Store};

pub(crate) const FACTORS: &str =
    "SELECT (SELECT t.confirmed_at FROM identity.totp t WHERE t.user_id = $1) AS totp_since,
        (SELECT count(*) FROM identity.passkeys p WHERE p.user_id = $1) AS passkeys";
pub(crate) const ACTIVE: &str = "SELECT id, email, full_name FROM identity.users WHERE id = $1 AND status = 'active'";
pub(crate) const PROVED: &str = "SELECT proved_at, proved_by FROM identity.sessions
    WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3";
pub(crate) const PROVE: &str = "UPDATE identity.sessions SET proved_at = $2, proved_by = $3 WHERE id = $1";
pub(crate) const TOTP: &str = "SELECT secret, confirmed_at FROM identity.totp WHERE user_id = $1";
/// One that is confirmed is not replaced: it has to be removed first.
pub(crate) const SET_TOTP: &str = "INSERT INTO identity.totp AS t (user_id, secret, created_at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0
    WHERE t.confirmed_at IS NULL";
pub(crate) const CONFIRM_TOTP: &str = "UPDATE identity.totp SET confirmed_at = $2, last_step = $3
    WHERE user_id = $1 AND confirmed_at IS NULL AND secret = $4";
/// A step is taken once, and none before it: of two at once one gets it.
pub(crate) const SPEND_TOTP: &str = "UPDATE identity.totp SET last_step = $2
    WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL";
pub(crate) const REMOVE_TOTP: &str = "DELETE FROM identity.totp WHERE user_id = $1";
pub(crate) const PASSKEYS: &str = "SELECT id, name, passkey, created_at, last_used_at FROM identity.passkeys
    WHERE user_id = $1 ORDER BY created_at, id";
pub(crate) const PASSKEY: &str = "SELECT id, passkey FROM identity.passkeys WHERE credential_id = $1 AND user_id = $2";
pub(crate) const ADD_PASSKEY: &str =
    "INSERT INTO identity.passkeys (id, user_id, credential_id, name, passkey, created_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential_id) DO NOTHING";
pub(crate) const USED_PASSKEY: &str =
    "UPDATE identity.passkeys SET passkey = $3, last_used_at = $4 WHERE id = $1 AND passkey = $2";
pub(crate) const RENAME_PASSKEY: &str = "UPDATE identity.passkeys SET name = $3 WHERE id = $1 AND user_id = $2";
pub(crate) const REMOVE_PASSKEY: &str = "DELETE FROM identity.passkeys WHERE id = $1 AND user_id = $2";
pub(crate) const PASSWORD: &str = "SELECT password_hash FROM identity.credentials WHERE user_id = $1";

/// The factors that a person has.
#[derive(Clone, Copy, Debug)]
pub struct Factors {
    /// Since when codes of an app are asked for.
    pub totp_since: Option<DateTime<Utc>>,
    /// How many passkeys there are.
    pub passkeys: i64,
}

impl Factors {
    /// Whether a password alone lets the person in.
    pub const fn is_empty(self) -> bool {
        self.totp_since.is_none() && self.passkeys == 0
    }
}

/// A stored passkey.
#[derive(Clone)]
pub struct Key {
    /// Id.
    pub id: Uuid,
    /// As the person calls it.
    pub name: String,
    /// Public key, counter and flags.
    pub passkey: Passkey,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// When and how a session last proved who is there.
#[derive(Clone, Copy, Debug)]
pub struct Proved {
    /// When, and what was shown as a word.
    pub at: Option<DateTime<Utc>>,
    /// Whether it was more than a password.
    pub is_enough: bool,
}

impl Store {
    /// The factors of a person.
    pub async fn factors(&self, user_id: Uuid) -> Result<Factors, Problem> {
        let row = sqlx::query(FACTORS).bind(user_id).fetch_one(&self.0).await?;
        Ok(Factors {
            totp_since: row.try_get("totp_since")?,
            passkeys: row.try_get("passkeys")?,
        })
    }

    /// A person who may sign in.
    pub async fn active(&self, user_id: Uuid) -> Result<Option<Person>, Problem> {
        let row = sqlx::query(ACTIVE).bind(user_id).fetch_optional(&self.0).await?;
        let person = |row: PgRow| -> Result<Person, sqlx::Error> {
            Ok(Person {
                id: row.try_get("id")?,
                email: row.try_get("email")?,
                full_name: row.try_get("full_name")?,
            })
        };
        Ok(row.map(person).transpose()?)
    }

    /// What a living session has proved; nothing when there is none.
    pub async fn proved(&self, session_id: Uuid, user_id: Uuid, now: DateTime<Utc>) -> Result<Option<Proved>, Problem> {
        let row = sqlx::query(PROVED)
            .bind(session_id)
            .bind(user_id)
            .bind(now)
            .fetch_optional(&self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let by: Option<String> = row.try_get("proved_by")?;
        let weak = [Shown::Password.name(), Shown::Provider.name()];
        Ok(Some(Proved {
            at: row.try_get("proved_at")?,
            is_enough: by.is_some_and(|by| !weak.contains(&by.as_str())),
        }))
    }

    /// Notes what a session has proved.
    pub async fn prove(&self, session_id: Uuid, shown: Shown, now: DateTime<Utc>) -> Result<(), Problem> {
        let prove = sqlx::query(PROVE).bind(session_id).bind(now).bind(shown.name());
        prove.execute(&self.0).await?;
        Ok(())
    }

    /// The passkeys of a person, the oldest first.
    pub async fn passkeys(&self, user_id: Uuid) -> Result<Vec<Key>, Problem> {
        let rows = sqlx::query(PASSKEYS).bind(user_id).fetch_all(&self.0).await?;
        let key = |row: &PgRow| -> Result<Key, sqlx::Error> {
            let sqlx::types::Json(passkey) = row.try_get("passkey")?;
            Ok(Key {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                passkey,
                created_at: row.try_get("created_at")?,
                last_used_at: row.try_get("last_used_at")?,
            })
        };
        Ok(rows.iter().map(key).collect::<Result<_, _>>()?)
    }

    /// A person's passkey by its credential.
    pub async fn passkey(&self, credential_id: &[u8], user_id: Uuid) -> Result<Option<(Uuid, Passkey)>, Problem> {
        let row = sqlx::query(PASSKEY)
            .bind(credential_id)
            .bind(user_id)
            .fetch_optional(&self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let sqlx::types::Json(passkey) = row.try_get("passkey")?;
        Ok(Some((row.try_get("id")?, passkey)))
    }

    /// Stores a passkey; nothing when the credential is registered already.
    pub async fn add_passkey(
        &self,
        user_id: Uuid,
        name: &str,
        passkey: &Passkey,
        now: DateTime<Utc>,
    ) -> Result<Option<Uuid>, Problem> {
        let id = ids::new_id();
        let added = sqlx::query(ADD_PASSKEY)
            .bind(id)
            .bind(user_id)
            .bind(passkey.cred_id().as_slice())
            .bind(name)
            .bind(sqlx::types::Json(passkey))
            .bind(now)
            .execute(&self.0)
            .await?;
        Ok((added.rows_affected() == 1).then_some(id))
    }

    /// Notes a use with the new counter; `false` when somebody else used it meanwhile: a copy, or the same answer twice.
    pub async fn used_passkey(
        &self,
        id: Uuid,
        before: &Passkey,
        after: &Passkey,
        now: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let used = sqlx::query(USED_PASSKEY)
            .bind(id)
            .bind(sqlx::types::Json(before))
            .bind(sqlx::types::Json(after))
            .bind(now)
            .execute(&self.0)
            .await?;
        Ok(used.rows_affected() == 1)
    }

    /// The hash of a person's password, if there is one.
    pub async fn password(&self, user_id: Uuid) -> Result<Option<String>, Problem> {
        Ok(sqlx::query_scalar(PASSWORD)
            .bind(user_id)
            .fetch_optional(&self.0)
            .await?)
    }
}

impl Tenancy {
    /// What a secret is sealed for.
    fn about(user_id: Uuid) -> Vec<u8> {
        [b"totp".as_slice(), user_id.as_bytes()].concat()
    }

    /// Stores a new secret that waits for its first code; `false` when a confirmed one is there.
    pub(crate) async fn set_totp(
        &self,
        user_id: Uuid,
        secret: &[u8; totp::SECRET_BYTES],
        now: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let set = sqlx::query(SET_TOTP)
            .bind(user_id)
            .bind(self.sealer.seal(secret, &Self::about(user_id)))
            .bind(now)
            .execute(&self.store.0)
            .await?;
        Ok(set.rows_affected() == 1)
    }

    /// Takes the first code of a new secret; the secret asks for codes from now on.
    pub(crate) async fn confirm_totp(&self, user_id: Uuid, code: &str, now: DateTime<Utc>) -> Result<bool, Problem> {
        let Some((sealed, secret, false)) = self.totp(user_id).await? else {
            return Ok(false);
        };
        let Some(step) = totp::step(&secret, code, now) else {
            return Ok(false);
        };
        let confirm = sqlx::query(CONFIRM_TOTP)
            .bind(user_id)
            .bind(now)
            .bind(step)
            .bind(sealed);
        Ok(confirm.execute(&self.store.0).await?.rows_affected() == 1)
    }

    /// Takes a code, once.
    pub(crate) async fn take_totp(&self, user_id: Uuid, code: &str, now: DateTime<Utc>) -> Result<bool, Problem> {
        let Some((_, secret, true)) = self.totp(user_id).await? else {
            return Ok(false);
        };
        let Some(step) = totp::step(&secret, code, now) else {
            return Ok(false);
        };
        let spend = sqlx::query(SPEND_TOTP).bind(user_id).bind(step);
        Ok(spend.execute(&self.store.0).await?.rows_affected() == 1)
    }

    /// The secret, sealed and open, and whether it is confirmed.
    async fn totp(&self, user_id: Uuid) -> Result<Option<(Vec<u8>, Vec<u8>, bool)>, Problem> {
        let row = sqlx::query(TOTP).bind(user_id).fetch_optional(&self.store.0).await?;
        let Some(row) = row else { return Ok(None) };
        let sealed: Vec<u8> = row.try_get("secret")?;
        let is_confirmed = row.try_get::<Option<DateTime<Utc>>, _>("confirmed_at")?.is_some();
        let secret = self.sealer.unseal(&sealed, &Self::about(user_id));
        let secret = secret.ok_or_else(|| Problem::internal(&"a secret does not open with this key file"))?;
        Ok(Some((sealed, secret, is_confirmed)))
    }
}
