//! The rows of schema `identity`: people, how they prove who they are, their sessions, and which organizations to offer them.
//! Only the pool of `barq_auth` reaches them, and it reaches nothing else.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Problem, Request, ids};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{Connection, PgConnection, Postgres, Row, pool::PoolConnection};
use uuid::Uuid;

use crate::factors::Shown;
use crate::refresh::Refresh;

/// A session without a refresh for so long is over.
pub const IDLE: TimeDelta = TimeDelta::hours(12);
/// No session is older.
pub const OLDEST: TimeDelta = TimeDelta::days(30);
/// How long the token before the one in use still gets the same answer: two pages that ask at once, or an answer lost on the way.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);

pub(crate) const EMAIL_TAKEN: &str = "SELECT EXISTS (SELECT FROM identity.users WHERE email = $1)";
pub(crate) const ACCOUNT: &str = "SELECT u.id, u.email, u.full_name, u.status, c.password_hash
    FROM identity.users u LEFT JOIN identity.credentials c ON c.user_id = u.id WHERE u.email = $1";
pub(crate) const PERSON: &str = "SELECT id, email, full_name FROM identity.users WHERE id = $1";
pub(crate) const ADD_USER: &str = "INSERT INTO identity.users (id, email, full_name, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $4) ON CONFLICT (email) DO NOTHING";
pub(crate) const ADD_CREDENTIAL: &str =
    "INSERT INTO identity.credentials (user_id, password_hash, changed_at) VALUES ($1, $2, $3)";
pub(crate) const REHASH: &str = "UPDATE identity.credentials SET password_hash = $2 WHERE user_id = $1";
pub(crate) const ADD_ORGANIZATION: &str =
    "INSERT INTO identity.organizations (id, name, created_at) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO NOTHING";
pub(crate) const ORGANIZATIONS: &str = "SELECT id FROM identity.organizations WHERE id > $1 ORDER BY id LIMIT $2";
pub(crate) const ENTER: &str =
    "INSERT INTO identity.directory (user_id, organization_id, offered_at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, organization_id) DO UPDATE SET offered_at = excluded.offered_at";
/// Spares what was offered just now: the member's row may still be on its way.
pub(crate) const LEAVE: &str = "DELETE FROM identity.directory
    WHERE user_id = $1 AND organization_id = $2 AND offered_at < $3::timestamptz - interval '1 minute'";
pub(crate) const OFFERED: &str = "SELECT o.id, o.name FROM identity.directory d
    JOIN identity.organizations o ON o.id = d.organization_id
    WHERE d.user_id = $1 ORDER BY d.last_used_at DESC NULLS LAST, o.id";
pub(crate) const USED: &str =
    "UPDATE identity.directory SET last_used_at = $3 WHERE user_id = $1 AND organization_id = $2";
pub(crate) const START: &str = "INSERT INTO identity.sessions (id, user_id, organization_id, family_hash, refresh_hash,
        rotated_at, created_at, last_used_at, expires_at, user_agent, address, proved_by, proved_at)
    VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $7, $8, $9, $10, CASE WHEN $10::text IS NOT NULL THEN $6::timestamptz END)";
pub(crate) const SESSION: &str =
    "SELECT s.id, s.user_id, s.organization_id, s.refresh_hash, s.previous_hash, s.successor,
        s.rotated_at, s.last_used_at, s.expires_at, s.ended_at, u.email, u.full_name, u.status
    FROM identity.sessions s JOIN identity.users u ON u.id = s.user_id WHERE s.family_hash = $1";
pub(crate) const LOCK: &str = "SELECT refresh_hash, previous_hash, successor, rotated_at, ended_at
    FROM identity.sessions WHERE id = $1 FOR UPDATE";
pub(crate) const ROTATE: &str = "UPDATE identity.sessions
    SET previous_hash = refresh_hash, refresh_hash = $2, successor = $3, rotated_at = $4, last_used_at = $4 WHERE id = $1";
pub(crate) const END: &str = "UPDATE identity.sessions SET ended_at = $2, ended_because = $3, successor = NULL WHERE id = $1 AND ended_at IS NULL";
pub(crate) const SWEEP: &str =
    "DELETE FROM identity.sessions WHERE expires_at < $1 OR last_used_at < $1::timestamptz - interval '30 days'";

/// Somebody who signs in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Person {
    /// Id.
    pub id: Uuid,
    /// E-mail address, lower case.
    pub email: String,
    /// Name.
    pub full_name: String,
}

/// An organization, to be chosen.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Offer {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

/// A person with what proves it.
pub struct Account {
    /// Who.
    pub person: Person,
    /// Whether the person may sign in at all.
    pub is_active: bool,
    /// The password's hash.
    pub password_hash: Option<String>,
}

/// One sign-in.
pub struct Session {
    /// Id, also in access tokens.
    pub id: Uuid,
    /// Whose.
    pub person: Person,
    /// Where.
    pub organization_id: Uuid,
    /// Whether it was ended, or is too old, or the person may no longer sign in.
    pub is_over: bool,
}

/// What becomes of a refresh token that was shown.
pub enum Turn {
    /// It is good: this is the next one.
    Next(Refresh),
    /// It was spent before: somebody has a copy.
    Reused,
    /// The session was ended in the meantime.
    Over,
}

fn person(row: &PgRow) -> Result<Person, sqlx::Error> {
    Ok(Person {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        full_name: row.try_get("full_name")?,
    })
}

/// The pool of `barq_auth`.
#[derive(Clone)]
pub struct Store(pub(crate) PgPool);

impl Store {
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "identity has no tenants: this is the pool of barq_auth"
        )]
        self.0.acquire().await
    }

    /// Whether somebody has the e-mail address.
    pub async fn knows(&self, email: &str) -> Result<bool, Problem> {
        Ok(sqlx::query_scalar(EMAIL_TAKEN).bind(email).fetch_one(&self.0).await?)
    }

    /// Ids of organizations, in order, beginning after `after`.
    pub async fn organizations(&self, after: Uuid, most: i64) -> Result<Vec<Uuid>, Problem> {
        let ids = sqlx::query_scalar(ORGANIZATIONS).bind(after).bind(most);
        Ok(ids.fetch_all(&self.0).await?)
    }

    /// The account of an e-mail address.
    pub async fn account(&self, email: &str) -> Result<Option<Account>, Problem> {
        let row = sqlx::query(ACCOUNT).bind(email).fetch_optional(&self.0).await?;
        let account = |row: PgRow| -> Result<Account, sqlx::Error> {
            Ok(Account {
                person: person(&row)?,
                is_active: row.try_get::<String, _>("status")? == "active",
                password_hash: row.try_get("password_hash")?,
            })
        };
        Ok(row.map(account).transpose()?)
    }

    /// A person by id.
    pub async fn person(&self, id: Uuid) -> Result<Person, Problem> {
        let row = sqlx::query(PERSON).bind(id).fetch_optional(&self.0).await?;
        Ok(person(&row.ok_or_else(Problem::not_signed_in)?)?)
    }

    /// Stores a new person with a password; `false` when the e-mail address is taken.
    pub(crate) async fn add(
        connection: &mut PgConnection,
        person: &Person,
        password_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, sqlx::Error> {
        let added = sqlx::query(ADD_USER)
            .bind(person.id)
            .bind(&person.email)
            .bind(&person.full_name)
            .bind(now)
            .execute(&mut *connection)
            .await?;
        if added.rows_affected() == 0 {
            return Ok(false);
        }
        let credential = sqlx::query(ADD_CREDENTIAL)
            .bind(person.id)
            .bind(password_hash)
            .bind(now);
        credential.execute(connection).await?;
        Ok(true)
    }

    /// Stores a new person with a new organization, all or nothing; `false` when the e-mail address is taken.
    pub async fn found(
        &self,
        person: &Person,
        password_hash: &str,
        organization: &Offer,
        now: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        if !Self::add(&mut transaction, person, password_hash, now).await? {
            return Ok(false);
        }
        Self::offer(&mut transaction, person.id, organization, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The person with the e-mail address, made if there is none, is offered the organization. Whoever exists keeps his
    /// password and his name.
    pub async fn invite(
        &self,
        wanted: &Person,
        password_hash: &str,
        organization: &Offer,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Problem> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        Self::add(&mut transaction, wanted, password_hash, now).await?;
        let row = sqlx::query(ACCOUNT)
            .bind(&wanted.email)
            .fetch_one(&mut *transaction)
            .await?;
        let user_id = row.try_get("id")?;
        Self::offer(&mut transaction, user_id, organization, now).await?;
        transaction.commit().await?;
        Ok(user_id)
    }

    /// Offers an organization to somebody who has an account.
    pub async fn offer_to(&self, user_id: Uuid, organization: &Offer, now: DateTime<Utc>) -> Result<(), Problem> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        Self::offer(&mut transaction, user_id, organization, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn offer(
        connection: &mut PgConnection,
        user_id: Uuid,
        organization: &Offer,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        let add = sqlx::query(ADD_ORGANIZATION)
            .bind(organization.id)
            .bind(&organization.name)
            .bind(now);
        add.execute(&mut *connection).await?;
        sqlx::query(ENTER)
            .bind(user_id)
            .bind(organization.id)
            .bind(now)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Replaces a hash by one with today's settings.
    pub async fn rehash(&self, user_id: Uuid, password_hash: &str) -> Result<(), Problem> {
        sqlx::query(REHASH)
            .bind(user_id)
            .bind(password_hash)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Organizations to offer somebody, the last used first.
    pub async fn offered(&self, user_id: Uuid) -> Result<Vec<Offer>, Problem> {
        let rows = sqlx::query(OFFERED).bind(user_id).fetch_all(&self.0).await?;
        let offer = |row: &PgRow| -> Result<Offer, sqlx::Error> {
            Ok(Offer {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
            })
        };
        Ok(rows.iter().map(offer).collect::<Result<_, _>>()?)
    }

    /// No longer offers an organization that turned out to be closed to the person.
    pub async fn withdraw(&self, user_id: Uuid, organization_id: Uuid, now: DateTime<Utc>) -> Result<(), Problem> {
        let leave = sqlx::query(LEAVE).bind(user_id).bind(organization_id).bind(now);
        leave.execute(&self.0).await?;
        Ok(())
    }

    /// Starts a session: its id and its first refresh token. What was shown just now counts as a proof of who is there.
    pub async fn start(
        &self,
        user_id: Uuid,
        organization_id: Uuid,
        request: &Request,
        shown: Option<Shown>,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, Refresh), Problem> {
        let (id, token) = (ids::new_id(), Refresh::first());
        let short = |text: &str| text.chars().take(200).collect::<String>();
        sqlx::query(START)
            .bind(id)
            .bind(user_id)
            .bind(organization_id)
            .bind(token.family_hash())
            .bind(token.hash())
            .bind(now)
            .bind(now + OLDEST)
            .bind(request.header("user-agent").map(short))
            .bind(short(&request.address))
            .bind(shown.map(Shown::name))
            .execute(&self.0)
            .await?;
        let used = sqlx::query(USED).bind(user_id).bind(organization_id).bind(now);
        used.execute(&self.0).await?;
        Ok((id, token))
    }

    /// The session of a refresh token, whether the token is still good or not.
    pub async fn session(&self, token: &Refresh, now: DateTime<Utc>) -> Result<Option<Session>, Problem> {
        let row = sqlx::query(SESSION)
            .bind(token.family_hash())
            .fetch_optional(&self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let is_ended = row.try_get::<Option<DateTime<Utc>>, _>("ended_at")?.is_some();
        let is_old = row.try_get::<DateTime<Utc>, _>("expires_at")? <= now
            || row.try_get::<DateTime<Utc>, _>("last_used_at")? + IDLE <= now;
        let is_closed = row.try_get::<String, _>("status")? != "active";
        Ok(Some(Session {
            id: row.try_get("id")?,
            person: Person {
                id: row.try_get("user_id")?,
                email: row.try_get("email")?,
                full_name: row.try_get("full_name")?,
            },
            organization_id: row.try_get("organization_id")?,
            is_over: is_ended || is_old || is_closed,
        }))
    }

    /// Spends a refresh token. Calls with the same token at once wait for each other and get the same successor.
    pub async fn turn(&self, session_id: Uuid, token: &Refresh, now: DateTime<Utc>) -> Result<Turn, Problem> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        let row = sqlx::query(LOCK).bind(session_id).fetch_one(&mut *transaction).await?;
        if row.try_get::<Option<DateTime<Utc>>, _>("ended_at")?.is_some() {
            return Ok(Turn::Over);
        }
        let shown = token.hash();
        if row.try_get::<Vec<u8>, _>("refresh_hash")? == shown {
            let next = token.next();
            sqlx::query(ROTATE)
                .bind(session_id)
                .bind(next.hash())
                .bind(token.hide(&next))
                .bind(now)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            return Ok(Turn::Next(next));
        }
        let is_previous = row
            .try_get::<Option<Vec<u8>>, _>("previous_hash")?
            .is_some_and(|hash| hash == shown);
        let is_recent = now - row.try_get::<DateTime<Utc>, _>("rotated_at")? <= GRACE;
        let successor = row.try_get::<Option<Vec<u8>>, _>("successor")?;
        let successor = successor
            .filter(|_| is_previous && is_recent)
            .and_then(|hidden| token.reveal(&hidden));
        Ok(successor.map_or(Turn::Reused, Turn::Next))
    }

    /// Ends a session: its refresh tokens are dead.
    pub async fn end(&self, session_id: Uuid, because: &'static str, now: DateTime<Utc>) -> Result<(), Problem> {
        sqlx::query(END)
            .bind(session_id)
            .bind(now)
            .bind(because)
            .execute(&self.0)
            .await?;
        Ok(())
    }
}

/// An account that may not sign in anywhere.
pub fn no_organization() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "no_organization")
}
