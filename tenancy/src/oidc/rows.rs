//! The rows of providers and of identities at them.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use openidconnect::IssuerUrl;
use platform_core::{Problem, ids};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::Tenancy;
use crate::store::Store;

pub(crate) const PROVIDERS: &str = "SELECT id, title FROM identity.providers WHERE is_enabled ORDER BY title, id";
pub(crate) const PROVIDER: &str = "SELECT id, title, issuer, client_id, client_secret, scopes, is_shared
    FROM identity.providers WHERE id = $1 AND is_enabled";
pub(crate) const SET_PROVIDER: &str = "INSERT INTO identity.providers
        (id, title, issuer, client_id, client_secret, scopes, is_shared, is_enabled, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, issuer = excluded.issuer, client_id = excluded.client_id,
        client_secret = excluded.client_secret, scopes = excluded.scopes, is_shared = excluded.is_shared,
        is_enabled = excluded.is_enabled, updated_at = excluded.updated_at";
pub(crate) const IDENTITY: &str =
    "SELECT id, user_id FROM identity.federated_identities WHERE issuer = $1 AND subject = $2";
pub(crate) const LINK: &str =
    "INSERT INTO identity.federated_identities (id, issuer, subject, user_id, email, created_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (issuer, subject) DO NOTHING";
pub(crate) const USED: &str = "UPDATE identity.federated_identities SET last_used_at = $2 WHERE id = $1";
pub(crate) const IDENTITIES: &str = "SELECT f.id, f.email, f.created_at, f.last_used_at,
        (SELECT min(p.title) FROM identity.providers p WHERE p.issuer = f.issuer) AS title
    FROM identity.federated_identities f WHERE f.user_id = $1 ORDER BY f.created_at, f.id";
pub(crate) const UNLINK: &str = "DELETE FROM identity.federated_identities WHERE id = $1 AND user_id = $2";

/// Where people may sign in, as its operator describes it.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Short name: google.
    pub id: String,
    /// As people call it.
    pub title: String,
    /// As its tokens name it: `https://accounts.google.com`.
    pub issuer: String,
    /// As it knows us.
    pub client_id: String,
    /// What proves it to be us.
    pub client_secret: Option<String>,
    /// What is asked for besides openid, email and profile.
    pub scopes: Vec<String>,
    /// Serves many companies, and tells in the claim `hd` which one vouches for the person.
    pub is_shared: bool,
}

impl Provider {
    /// Google, for which the operator registered a client.
    pub fn google(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self {
            id: "google".to_owned(),
            title: "Google".to_owned(),
            issuer: "https://accounts.google.com".to_owned(),
            client_id: client_id.into(),
            client_secret: Some(client_secret.into()),
            scopes: Vec::new(),
            is_shared: true,
        }
    }
}

/// A provider to choose.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Choice {
    pub id: String,
    pub title: String,
}

/// An identity at a provider, for people.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Linked {
    pub id: Uuid,
    /// The provider, while it is known here.
    pub provider: Option<String>,
    /// As the provider gave it when it was linked.
    pub email: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What the secret of a provider is sealed for.
fn about(id: &str) -> Vec<u8> {
    [b"provider\0".as_slice(), id.as_bytes()].concat()
}

impl Tenancy {
    /// Adds or changes a provider, for whoever runs the installation; off means that nobody comes in through it.
    pub async fn set_provider(&self, provider: &Provider, is_enabled: bool, now: DateTime<Utc>) -> Result<()> {
        IssuerUrl::new(provider.issuer.clone()).context("the issuer is no address")?;
        let well_named = provider
            .id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        ensure!(
            well_named,
            "the short name has other than small letters, digits and hyphens"
        );
        let secret = provider.client_secret.as_ref();
        let sealed = secret.map(|secret| self.sealer.seal(secret.as_bytes(), &about(&provider.id)));
        sqlx::query(SET_PROVIDER)
            .bind(&provider.id)
            .bind(&provider.title)
            .bind(&provider.issuer)
            .bind(&provider.client_id)
            .bind(sealed)
            .bind(provider.scopes.join(" "))
            .bind(provider.is_shared)
            .bind(is_enabled)
            .bind(now)
            .execute(&self.store.0)
            .await?;
        Ok(())
    }

    /// A provider that is on.
    pub(crate) async fn provider(&self, id: &str) -> Result<Provider, Problem> {
        // PostgreSQL takes no NUL; no provider has one.
        if id.contains('\0') {
            return Err(Problem::field("provider", "not_known"));
        }
        let row = sqlx::query(PROVIDER).bind(id).fetch_optional(&self.store.0).await?;
        let row = row.ok_or_else(|| Problem::field("provider", "not_known"))?;
        let sealed: Option<Vec<u8>> = row.try_get("client_secret")?;
        let open = |sealed: Vec<u8>| {
            let secret = self.sealer.unseal(&sealed, &about(id));
            let secret = secret.and_then(|secret| String::from_utf8(secret).ok());
            secret.ok_or_else(|| Problem::internal(&"a provider's secret does not open with this key file"))
        };
        Ok(Provider {
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            issuer: row.try_get("issuer")?,
            client_id: row.try_get("client_id")?,
            client_secret: sealed.map(open).transpose()?,
            scopes: row
                .try_get::<String, _>("scopes")?
                .split_whitespace()
                .map(ToOwned::to_owned)
                .collect(),
            is_shared: row.try_get("is_shared")?,
        })
    }
}

impl Store {
    /// Providers to choose from.
    pub(crate) async fn providers(&self) -> Result<Vec<Choice>, Problem> {
        let rows = sqlx::query(PROVIDERS).fetch_all(&self.0).await?;
        let choice = |row: &PgRow| -> Result<Choice, sqlx::Error> {
            Ok(Choice {
                id: row.try_get("id")?,
                title: row.try_get("title")?,
            })
        };
        Ok(rows.iter().map(choice).collect::<Result<_, _>>()?)
    }

    /// The identity's row and whose it is.
    pub(crate) async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<(Uuid, Uuid)>, Problem> {
        let found = sqlx::query_as(IDENTITY).bind(issuer).bind(subject);
        Ok(found.fetch_optional(&self.0).await?)
    }

    /// Links an identity to a person; `false` when it is somebody's already.
    pub(crate) async fn link(
        connection: &mut sqlx::PgConnection,
        user_id: Uuid,
        who: &super::provider::Who,
        now: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let linked = sqlx::query(LINK)
            .bind(ids::new_id())
            .bind(&who.issuer)
            .bind(&who.subject)
            .bind(user_id)
            .bind(&who.email)
            .bind(now)
            .execute(connection)
            .await?;
        Ok(linked.rows_affected() == 1)
    }

    /// The identities of a person.
    pub(crate) async fn identities(&self, user_id: Uuid) -> Result<Vec<Linked>, Problem> {
        let rows = sqlx::query(IDENTITIES).bind(user_id).fetch_all(&self.0).await?;
        let linked = |row: &PgRow| -> Result<Linked, sqlx::Error> {
            Ok(Linked {
                id: row.try_get("id")?,
                provider: row.try_get("title")?,
                email: row.try_get("email")?,
                created_at: row.try_get("created_at")?,
                last_used_at: row.try_get("last_used_at")?,
            })
        };
        Ok(rows.iter().map(linked).collect::<Result<_, _>>()?)
    }
}
