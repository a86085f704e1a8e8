//! Tickets: what was begun in one request and can be ended in another, once and soon. What the end needs to know stays here,
//! sealed; the caller gets 32 random bytes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::Problem;
use platform_core::ids::random_bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::Tenancy;

pub(crate) const ADD: &str =
    "INSERT INTO identity.tickets (ticket_hash, purpose, user_id, session_id, sealed, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(crate) const PEEK: &str = "SELECT user_id, session_id, sealed, created_at FROM identity.tickets
    WHERE ticket_hash = $1 AND purpose = $2 AND expires_at > $3";
pub(crate) const TAKE: &str = "DELETE FROM identity.tickets WHERE ticket_hash = $1 AND purpose = $2 AND expires_at > $3
    RETURNING user_id, session_id, sealed, created_at";
pub(crate) const SWEEP: &str = "DELETE FROM identity.tickets WHERE expires_at < $1";

/// What a ticket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A sign-in that waits for its second factor.
    SecondFactor,
    /// The same, with a passkey that was asked for.
    SecondPasskey,
    /// A sign-in with a passkey alone.
    PasskeySignIn,
    /// A new passkey.
    PasskeyNew,
    /// A passkey in the middle of a session.
    PasskeyStepUp,
    /// A sign-in through a provider.
    ProviderSignIn,
    /// An identity at a provider for the person who is signed in.
    ProviderLink,
    /// A provider in the middle of a session.
    ProviderStepUp,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::SecondFactor => "second_factor",
            Self::SecondPasskey => "second_passkey",
            Self::PasskeySignIn => "passkey_sign_in",
            Self::PasskeyNew => "passkey_new",
            Self::PasskeyStepUp => "passkey_step_up",
            Self::ProviderSignIn => "provider_sign_in",
            Self::ProviderLink => "provider_link",
            Self::ProviderStepUp => "provider_step_up",
        }
    }

    /// People look for their telephone, and type a password at the provider.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::ProviderSignIn | Self::ProviderLink | Self::ProviderStepUp => TimeDelta::minutes(10),
            _ => TimeDelta::minutes(5),
        }
    }
}

/// Who begins something.
#[derive(Clone, Copy, Default)]
pub struct Beginner {
    /// The person, once known.
    pub user_id: Option<Uuid>,
    /// His session, if he is signed in.
    pub session_id: Option<Uuid>,
}

/// An open ticket.
pub struct Ticket<T> {
    /// Who began.
    pub by: Beginner,
    /// When.
    pub created_at: DateTime<Utc>,
    /// What the end needs to know.
    pub state: T,
}

impl<T> Ticket<T> {
    /// The person; every ticket that is not for signing in has one.
    pub fn user_id(&self) -> Result<Uuid, Problem> {
        self.by.user_id.ok_or_else(over)
    }

    /// Refuses a ticket of another session.
    pub fn of(self, session_id: Uuid) -> Result<Self, Problem> {
        if self.by.session_id == Some(session_id) {
            Ok(self)
        } else {
            Err(over())
        }
    }
}

/// One refusal for a ticket that never was, was used, is too old, or is somebody else's.
pub fn over() -> Problem {
    Problem::field("ticket", "ticket_over")
}

/// 32 random bytes as text, and what is stored of them.
pub fn secret() -> (String, [u8; 32]) {
    let bytes = random_bytes::<32>();
    (URL_SAFE_NO_PAD.encode(bytes), Sha256::digest(bytes).into())
}

/// What would be stored of a secret that came back.
pub fn hash(text: &str) -> Option<[u8; 32]> {
    let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    Some(Sha256::digest(bytes).into())
}

fn about(hash: &[u8; 32], purpose: Purpose) -> Vec<u8> {
    [hash.as_slice(), purpose.name().as_bytes()].concat()
}

impl Tenancy {
    /// Writes a ticket.
    pub(crate) async fn begin<T: Serialize>(
        &self,
        purpose: Purpose,
        by: Beginner,
        state: &T,
        now: DateTime<Utc>,
    ) -> Result<String, Problem> {
        let (text, hash) = secret();
        let state = serde_json::to_vec(state).map_err(|error| Problem::internal(&error))?;
        sqlx::query(ADD)
            .bind(hash)
            .bind(purpose.name())
            .bind(by.user_id)
            .bind(by.session_id)
            .bind(self.sealer.seal(&state, &about(&hash, purpose)))
            .bind(now)
            .bind(now + purpose.lifetime())
            .execute(&self.store.0)
            .await?;
        Ok(text)
    }

    /// What a ticket says, which stays good.
    pub(crate) async fn peek<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<Ticket<T>, Problem> {
        self.open(PEEK, purpose, text, now).await
    }

    /// What a ticket says, which is gone from now on: of two at once one gets it.
    pub(crate) async fn take<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<Ticket<T>, Problem> {
        self.open(TAKE, purpose, text, now).await
    }

    async fn open<T: DeserializeOwned>(
        &self,
        statement: &'static str,
        purpose: Purpose,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<Ticket<T>, Problem> {
        let hash = hash(text).ok_or_else(over)?;
        let row: Option<PgRow> = sqlx::query(statement)
            .bind(hash)
            .bind(purpose.name())
            .bind(now)
            .fetch_optional(&self.store.0)
            .await?;
        let row = row.ok_or_else(over)?;
        let state = self.sealer.unseal(row.try_get("sealed")?, &about(&hash, purpose));
        let state = serde_json::from_slice(&state.ok_or_else(over)?);
        Ok(Ticket {
            by: Beginner {
                user_id: row.try_get("user_id")?,
                session_id: row.try_get("session_id")?,
            },
            created_at: row.try_get("created_at")?,
            state: state.map_err(|error| Problem::internal(&error))?,
        })
    }
}
