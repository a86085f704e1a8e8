//! Newcomers whom an organization's own domain brings.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Mode, Problem, Visit, ids};
use sqlx::{Connection, Row};
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{Position, put};
use crate::oidc::domains::{self, Standing};
use crate::oidc::provider::Who;
use crate::oidc::rows::Provider;
use crate::store::{Offer, Person, Store};

/// A proof in the DNS is looked at again when it is older.
const PROOF_LASTS: TimeDelta = TimeDelta::days(1);

pub(crate) const DOMAIN: &str = "SELECT d.id, d.organization_id, d.domain, d.token, d.checked_at, o.name
    FROM identity.domains d JOIN identity.organizations o ON o.id = d.organization_id
    WHERE d.domain = $1 AND d.verified_at IS NOT NULL AND d.provider_id = $2";
/// Somebody with the address: whether its mail was ever proved, and whether the organization itself has offered him a place.
pub(crate) const KNOWN: &str = "SELECT u.id, u.email_verified_at IS NOT NULL AS is_verified,
        EXISTS (SELECT FROM identity.directory d WHERE d.user_id = u.id AND d.organization_id = $2) AS is_offered
    FROM identity.users u WHERE u.email = $1 FOR UPDATE OF u";
pub(crate) const ADD_VERIFIED: &str =
    "INSERT INTO identity.users (id, email, full_name, email_verified_at, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $4, $4)";
/// The account of somebody who took an address that was never his.
pub(crate) const RETIRE: &str = "UPDATE identity.users
    SET status = 'closed', email = 'closed-' || id || '@invalid', updated_at = $2 WHERE id = $1";
pub(crate) const RETIRE_PASSWORD: &str = "DELETE FROM identity.credentials WHERE user_id = $1";
pub(crate) const RETIRE_PASSKEYS: &str = "DELETE FROM identity.passkeys WHERE user_id = $1";
pub(crate) const RETIRE_IDENTITIES: &str = "DELETE FROM identity.federated_identities WHERE user_id = $1";
pub(crate) const RETIRE_LETTERS: &str = "DELETE FROM identity.mail_tokens WHERE user_id = $1";
pub(crate) const RETIRE_SESSIONS: &str = "UPDATE identity.sessions
    SET ended_at = $2, ended_because = 'address_proved', successor = NULL WHERE user_id = $1 AND ended_at IS NULL
    RETURNING id, organization_id";

/// An organization that is willing to take whoever its provider vouches for.
struct Willing {
    organization: Offer,
    email: String,
}

fn no_account() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "no_account")
}

impl Tenancy {
    /// Makes an account for somebody whom nobody knows yet, where an organization has proved the domain of his address, takes
    /// people of this provider, and the provider vouches for both person and address.
    pub(crate) async fn join(&self, visit: &Visit, provider: &Provider, who: &Who) -> Result<Person, Problem> {
        let willing = self.willing(provider, who, visit.now).await?.ok_or_else(no_account)?;
        let organization_id = willing.organization.id;
        let person = Person {
            id: ids::new_id(),
            full_name: name(who, &willing.email),
            email: willing.email,
        };
        let mut connection = self.store.connection().await?;
        let mut transaction = connection.begin().await?;
        let known = sqlx::query(KNOWN).bind(&person.email).bind(organization_id);
        let known = known.fetch_optional(&mut *transaction).await?;
        let mut ended = Vec::new();
        if let Some(known) = known {
            // Proved, or given a place by the organization itself: that is somebody. He links the identity when he is signed in.
            if known.try_get("is_verified")? || known.try_get("is_offered")? {
                return Err(Problem::refused("link_first"));
            }
            // Whoever signed up with this address never showed that it is his, and the provider says whose it is. Nothing of
            // that account may stay behind as a way into the new one.
            let user_id: Uuid = known.try_get("id")?;
            ended = retire(&mut transaction, user_id, visit.now).await?;
            tracing::warn!(user.id = %user_id, "Closed the account {user_id}: its address was proved by somebody else");
        }
        let add = sqlx::query(ADD_VERIFIED)
            .bind(person.id)
            .bind(&person.email)
            .bind(&person.full_name)
            .bind(visit.now);
        add.execute(&mut *transaction).await?;
        if !Store::link(&mut transaction, person.id, who, visit.now).await? {
            return Err(Problem::refused("try_again"));
        }
        Store::offer(&mut transaction, person.id, &willing.organization, visit.now).await?;
        transaction.commit().await?;

        for (session_id, organization_id, user_id) in ended {
            crate::entry::kill(visit, session_id, organization_id, user_id, "address_proved").await?;
        }
        let mut cx = Cx::begin_job(&visit.platform, organization_id, "join_by_domain", Mode::Write).await?;
        put(&mut cx, &person, &Position::new("viewer", &[])).await?;
        cx.commit().await?;
        Ok(person)
    }

    async fn willing(&self, provider: &Provider, who: &Who, now: DateTime<Utc>) -> Result<Option<Willing>, Problem> {
        let Some(email) = who.email.clone().filter(|_| who.email_verified) else {
            return Ok(None);
        };
        let Some((_, domain)) = email.rsplit_once('@').filter(|(local, _)| !local.is_empty()) else {
            return Ok(None);
        };
        // A provider of many companies has to name the one that vouches; any other may, and then it has to be the same.
        let vouches = match &who.hosted_domain {
            Some(hosted) => hosted == domain,
            None => !provider.is_shared,
        };
        if !vouches || domains::domain(domain).as_deref() != Some(domain) || email.len() > 254 {
            return Ok(None);
        }
        let row = sqlx::query(DOMAIN).bind(domain).bind(&provider.id);
        let Some(row) = row.fetch_optional(&self.store.0).await? else {
            return Ok(None);
        };
        let checked_at: Option<DateTime<Utc>> = row.try_get("checked_at")?;
        if checked_at.is_none_or(|at| at + PROOF_LASTS <= now) {
            let (id, token) = (row.try_get("id")?, row.try_get::<String, _>("token")?);
            if self.prove_domain(id, domain, &token, now).await? != Standing::Proved {
                return Ok(None);
            }
        }
        Ok(Some(Willing {
            organization: Offer {
                id: row.try_get("organization_id")?,
                name: row.try_get("name")?,
            },
            email,
        }))
    }
}

/// The name that the provider gives, or what stands before the @.
fn name(who: &Who, email: &str) -> String {
    let given = who.name.as_deref().unwrap_or_default();
    let clean: String = given.chars().filter(|c| !c.is_control()).take(200).collect();
    match clean.trim() {
        "" => email.split('@').next().unwrap_or(email).to_owned(),
        name => name.to_owned(),
    }
}

/// Closes an account and takes away everything that leads into it. Gives back the sessions whose access tokens still have to die.
async fn retire(
    connection: &mut sqlx::PgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<(Uuid, Uuid, Uuid)>, Problem> {
    let retire = sqlx::query(RETIRE).bind(user_id).bind(now);
    retire.execute(&mut *connection).await?;
    for statement in [RETIRE_PASSWORD, RETIRE_PASSKEYS, RETIRE_IDENTITIES, RETIRE_LETTERS] {
        sqlx::query(statement).bind(user_id).execute(&mut *connection).await?;
    }
    for statement in [crate::factors::rows::REMOVE_TOTP, crate::factors::recovery::CLEAR] {
        sqlx::query(statement).bind(user_id).execute(&mut *connection).await?;
    }
    let sessions = sqlx::query_as::<_, (Uuid, Uuid)>(RETIRE_SESSIONS)
        .bind(user_id)
        .bind(now);
    let sessions = sessions.fetch_all(connection).await?;
    Ok(sessions
        .into_iter()
        .map(|(id, organization_id)| (id, organization_id, user_id))
        .collect())
}
