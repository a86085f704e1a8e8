//! Links in letters: 32 random bytes that prove that somebody reads the mail of an address. They are stored as hashes, open one
//! thing once, and soon nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::Problem;
use platform_core::ids::random_bytes;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::letter::Letter;
use crate::store;

pub(crate) const ADD: &str =
    "INSERT INTO identity.mail_tokens (token_hash, purpose, user_id, email, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const FIND: &str = "SELECT t.user_id, t.email, t.expires_at, u.email AS current_email, u.status
    FROM identity.mail_tokens t LEFT JOIN identity.users u ON u.id = t.user_id
    WHERE t.token_hash = $1 AND t.purpose = $2 FOR UPDATE OF t";
pub(crate) const FORGET: &str = "DELETE FROM identity.mail_tokens WHERE user_id = $1 AND purpose = $2";
pub(crate) const FORGET_ADDRESS: &str = "DELETE FROM identity.mail_tokens WHERE email = $1 AND purpose = $2";
pub(crate) const VERIFY: &str =
    "UPDATE identity.users SET email_verified_at = coalesce(email_verified_at, $2), updated_at = $2 WHERE id = $1";
pub(crate) const SWEEP: &str = "DELETE FROM identity.mail_tokens WHERE expires_at < $1";

/// What a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new password.
    Reset,
    /// Nothing: that it was opened is the point.
    Verification,
    /// A new account.
    SignUp,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Reset => "password_reset",
            Self::Verification => "email_verification",
            Self::SignUp => "sign_up",
        }
    }

    /// How long it opens anything.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Reset => TimeDelta::minutes(20),
            Self::Verification => TimeDelta::days(3),
            Self::SignUp => TimeDelta::hours(1),
        }
    }
}

/// The secret of a link.
pub struct Secret([u8; 32]);

impl Secret {
    /// A new one.
    pub fn new() -> Self {
        Self(random_bytes())
    }

    /// The secret of a link that somebody opened.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// How it stands in a link.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

/// Who opened a link.
pub struct Opened {
    /// The person; nobody yet when it is for signing up.
    pub user_id: Option<Uuid>,
    /// The address that it proves.
    pub email: String,
}

/// One refusal for a link that never was, was used, or is too old.
pub fn over() -> Problem {
    Problem::field("token", "link_over")
}

/// Makes a link; those before it for the same person or address open nothing any more.
pub(crate) async fn make(
    connection: &mut PgConnection,
    purpose: Purpose,
    user_id: Option<Uuid>,
    email: &str,
    now: DateTime<Utc>,
) -> Result<Secret, Problem> {
    if let Some(user_id) = user_id {
        forget(connection, purpose, user_id).await?;
    } else {
        forget_address(connection, purpose, email).await?;
    }
    let secret = Secret::new();
    sqlx::query(ADD)
        .bind(secret.hash())
        .bind(purpose.name())
        .bind(user_id)
        .bind(email)
        .bind(now)
        .bind(now + purpose.lifetime())
        .execute(connection)
        .await?;
    Ok(secret)
}

/// Takes away what a person's links of a purpose open.
pub(crate) async fn forget(connection: &mut PgConnection, purpose: Purpose, user_id: Uuid) -> Result<(), Problem> {
    let forget = sqlx::query(FORGET).bind(user_id).bind(purpose.name());
    forget.execute(connection).await?;
    Ok(())
}

/// The same for an address that has no account.
pub(crate) async fn forget_address(
    connection: &mut PgConnection,
    purpose: Purpose,
    email: &str,
) -> Result<(), Problem> {
    let forget = sqlx::query(FORGET_ADDRESS).bind(email).bind(purpose.name());
    forget.execute(connection).await?;
    Ok(())
}

/// Whom a link belongs to, while it opens something. In a transaction nobody else opens it before that ends.
pub(crate) async fn open(
    connection: &mut PgConnection,
    purpose: Purpose,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Opened, Problem> {
    let secret = Secret::read(token).ok_or_else(over)?;
    let row = sqlx::query(FIND).bind(secret.hash()).bind(purpose.name());
    let row = row.fetch_optional(connection).await?.ok_or_else(over)?;
    let email: String = row.try_get("email")?;
    let current: Option<String> = row.try_get("current_email")?;
    let is_active = row
        .try_get::<Option<String>, _>("status")?
        .is_none_or(|status| status == "active");
    let is_young = row.try_get::<DateTime<Utc>, _>("expires_at")? > now;
    // An address that the person has given up since proves nothing.
    if !is_young || !is_active || current.is_some_and(|current| current != email) {
        return Err(over());
    }
    Ok(Opened {
        user_id: row.try_get("user_id")?,
        email,
    })
}

/// The letter that answers the wish of somebody who typed an address; none when there is nothing to say.
pub(crate) async fn answer(
    connection: &mut PgConnection,
    asked: Letter,
    now: DateTime<Utc>,
) -> Result<Option<Letter>, Problem> {
    let row = sqlx::query(store::ACCOUNT).bind(&asked.recipient);
    let account = row.fetch_optional(&mut *connection).await?;
    let account = account.as_ref().map(|row| -> Result<_, sqlx::Error> {
        let is_active = row.try_get::<String, _>("status")? == "active";
        let has_password = row.try_get::<Option<String>, _>("password_hash")?.is_some();
        Ok((row.try_get::<Uuid, _>("id")?, is_active && has_password))
    });
    match (asked.template.as_str(), account.transpose()?) {
        ("password_reset", Some((user_id, true))) => {
            let secret = make(connection, Purpose::Reset, Some(user_id), &asked.recipient, now).await?;
            let letter = asked.with("minutes", Purpose::Reset.lifetime().num_minutes());
            let letter = letter.link("/reset-password", &secret.text());
            Ok(Some(letter.until(now + Purpose::Reset.lifetime())))
        }
        ("sign_up", None) => {
            let secret = make(connection, Purpose::SignUp, None, &asked.recipient, now).await?;
            let letter = asked.with("minutes", Purpose::SignUp.lifetime().num_minutes());
            let letter = letter.link("/sign-up", &secret.text());
            Ok(Some(letter.until(now + Purpose::SignUp.lifetime())))
        }
        ("sign_up", Some(_)) => {
            let known = Letter {
                template: "sign_up_known".to_owned(),
                ..asked
            };
            Ok(Some(known.link("/sign-in", "")))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_it_was_written_and_nothing_else_is_one() {
        let secret = Secret::new();
        assert_eq!(secret.text().len(), 43);
        assert_eq!(Secret::read(&secret.text()).unwrap().hash(), secret.hash());
        assert_ne!(secret.hash(), Secret::new().hash());
        let mut longer = secret.text();
        longer.push('A');
        for text in ["", "A", "%%%", longer.as_str(), &secret.text()[..42]] {
            assert!(Secret::read(text).is_none(), "{text}");
        }
    }
}
