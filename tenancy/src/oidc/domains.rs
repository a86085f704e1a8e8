//! Domains of an organization, proved by a record in their DNS, for people who may join by themselves.

use chrono::{DateTime, Utc};
use platform_core::ids::{self, random_bytes};
use platform_core::{Boxed, Cx, Method, Operation, Permit, Problem, Reply, Request};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::{changes, record};

pub(crate) const LIST: &str = "SELECT id, domain, token, verified_at, checked_at, provider_id FROM identity.domains
    WHERE organization_id = $1 ORDER BY domain";
pub(crate) const ONE: &str = "SELECT id, domain, token, verified_at, checked_at, provider_id FROM identity.domains
    WHERE organization_id = $1 AND id = $2";
pub(crate) const ADD: &str = "INSERT INTO identity.domains (id, organization_id, domain, token, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (organization_id, domain) DO NOTHING";
pub(crate) const CHECKED: &str = "UPDATE identity.domains
    SET checked_at = $2, updated_at = $2, verified_at = CASE WHEN $3 THEN coalesce(verified_at, $2) END WHERE id = $1";
pub(crate) const SET_PROVIDER: &str = "UPDATE identity.domains SET provider_id = $3, updated_at = $4
    WHERE organization_id = $1 AND id = $2 AND (verified_at IS NOT NULL OR $3::text IS NULL)";
pub(crate) const REMOVE: &str = "DELETE FROM identity.domains WHERE organization_id = $1 AND id = $2";

const PERMISSION: &str = "organization.manage_sign_in";
const RESOURCE: &str = "tenancy.domains";
/// Domains under which everybody can have an address prove nothing of a company.
const EVERYBODYS: [&str; 24] = [
    "aol.com",
    "duck.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mac.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "outlook.sa",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "yahoo.com",
    "yandex.com",
    "ymail.com",
    "zoho.com",
];

/// A domain of the organization.
#[derive(Serialize, JsonSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "a domain's domain is its name, and clients know it by that"
)]
pub(crate) struct Domain {
    id: Uuid,
    domain: String,
    /// Where the TXT record belongs.
    record_name: String,
    /// What it has to say.
    record_value: String,
    verified_at: Option<DateTime<Utc>>,
    checked_at: Option<DateTime<Utc>>,
    /// The provider whose people may join by themselves, as viewers; nobody may while there is none.
    provider: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Domains {
    data: Vec<Domain>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct New {
    /// As in addresses of mail: `najm.example`.
    domain: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    id: Uuid,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Joining {
    id: Uuid,
    /// Whose people may join by themselves; null lets nobody.
    provider: Option<String>,
}

type ListFn = for<'a> fn(&'a mut Cx, Nothing) -> Boxed<'a, Result<Domains, Problem>>;
type AddFn = for<'a> fn(&'a mut Cx, New) -> Boxed<'a, Result<Domain, Problem>>;
type OneFn = for<'a> fn(&'a mut Cx, One) -> Boxed<'a, Result<Domain, Problem>>;
type JoiningFn = for<'a> fn(&'a mut Cx, Joining) -> Boxed<'a, Result<Domain, Problem>>;

pub(crate) fn operations() -> Vec<Operation> {
    let needs = || Permit::needs(PERMISSION);
    let mut remove = Operation::raw(
        Method::Delete,
        "/organization/domains/{id}",
        "tenancy.domains.remove",
        needs(),
        |cx, request| Box::pin(remove(cx, request)),
    );
    remove.doc.answer = Some((204, "", Json::Null));
    vec![
        Operation::get("/organization/domains", "tenancy.domains.list", needs(), list as ListFn)
            .summary("Domains of the organization"),
        Operation::acting(
            "/organization/domains",
            "tenancy.domains.create",
            needs(),
            201,
            add as AddFn,
        )
        .step_up()
        .summary("Name a domain; the answer says which TXT record proves it"),
        Operation::post(
            "/organization/domains/{id}/verify",
            "tenancy.domains.verify",
            needs(),
            verify as OneFn,
        )
        .step_up()
        .summary("Look for the record in the DNS"),
        Operation::post(
            "/organization/domains/{id}/joining",
            "tenancy.domains.joining",
            needs(),
            joining as JoiningFn,
        )
        .step_up()
        .summary("Say whose people may join by themselves"),
        remove.step_up().summary("The domain is no longer the organization's"),
    ]
}

/// A domain as it is compared: small letters, no dot at the end. Nothing when it is none, or everybody's.
pub(crate) fn domain(given: &str) -> Option<String> {
    let domain = given.trim().trim_end_matches('.').to_ascii_lowercase();
    let good_part = |part: &str| {
        let clean = part
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        !part.is_empty() && part.len() <= 63 && clean && !part.starts_with('-') && !part.ends_with('-')
    };
    let parts: Vec<&str> = domain.split('.').collect();
    let is_name = parts.len() >= 2 && domain.len() <= 230 && parts.iter().all(|part| good_part(part));
    let is_address = parts
        .last()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    (is_name && !is_address && !EVERYBODYS.contains(&domain.as_str())).then_some(domain)
}

fn record_name(domain: &str) -> String {
    format!("_barq-domain.{domain}")
}

fn record_value(token: &str) -> String {
    format!("barq-domain={token}")
}

/// What the DNS says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The record is there.
    Proved,
    /// It is not.
    Unproved,
    /// Another organization has proved it.
    Taken,
}

impl Tenancy {
    /// Looks for the record, and keeps what was found.
    pub(crate) async fn prove_domain(
        &self,
        id: Uuid,
        domain: &str,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Standing, Problem> {
        let texts = self
            .outside()
            .records
            .texts(&record_name(domain))
            .await
            .map_err(|error| {
                tracing::warn!("The DNS of {domain} does not answer: {error:#}");
                Problem {
                    retry_after_s: Some(30),
                    ..Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "dns_unreachable")
                }
            })?;
        let wanted = record_value(token);
        let is_proved = texts.iter().any(|text| text.trim() == wanted);
        let checked = sqlx::query(CHECKED).bind(id).bind(now).bind(is_proved);
        match checked.execute(&self.store.0).await {
            Ok(_) if is_proved => Ok(Standing::Proved),
            Ok(_) => Ok(Standing::Unproved),
            Err(error) => match error.as_database_error().and_then(|refusal| refusal.constraint()) {
                Some("domains_verified_key") => Ok(Standing::Taken),
                _ => Err(error.into()),
            },
        }
    }

    async fn domain(&self, organization_id: Uuid, id: Uuid) -> Result<Domain, Problem> {
        let row = sqlx::query(ONE).bind(organization_id).bind(id);
        let row = row
            .fetch_optional(&self.store.0)
            .await?
            .ok_or_else(Problem::not_found)?;
        Ok(read(&row)?)
    }
}

fn read(row: &PgRow) -> Result<Domain, sqlx::Error> {
    let domain: String = row.try_get("domain")?;
    Ok(Domain {
        id: row.try_get("id")?,
        record_name: record_name(&domain),
        record_value: record_value(row.try_get("token")?),
        domain,
        verified_at: row.try_get("verified_at")?,
        checked_at: row.try_get("checked_at")?,
        provider: row.try_get("provider_id")?,
    })
}

fn list(cx: &mut Cx, _: Nothing) -> Boxed<'_, Result<Domains, Problem>> {
    Box::pin(async move {
        let tenancy = cx.platform.service::<Tenancy>();
        let rows = sqlx::query(LIST)
            .bind(cx.organization_id)
            .fetch_all(&tenancy.store.0)
            .await?;
        let data = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Domains { data })
    })
}

fn add(cx: &mut Cx, input: New) -> Boxed<'_, Result<Domain, Problem>> {
    Box::pin(async move {
        let domain = domain(&input.domain).ok_or_else(|| Problem::field("domain", "not_your_domain"))?;
        let tenancy = cx.platform.service::<Tenancy>();
        let id = ids::new_id();
        let added = sqlx::query(ADD)
            .bind(id)
            .bind(cx.organization_id)
            .bind(&domain)
            .bind(hex::encode(random_bytes::<16>()))
            .bind(cx.now)
            .execute(&tenancy.store.0)
            .await?;
        if added.rows_affected() == 0 {
            return Err(Problem::field("domain", "taken"));
        }
        let changes = changes(&[("domain", Json::Null, json!(domain))]);
        record(cx, RESOURCE, id, "created", changes).await?;
        tenancy.domain(cx.organization_id, id).await
    })
}

fn verify(cx: &mut Cx, input: One) -> Boxed<'_, Result<Domain, Problem>> {
    Box::pin(async move {
        let tenancy = cx.platform.service::<Tenancy>();
        let row = sqlx::query(ONE).bind(cx.organization_id).bind(input.id);
        let row = row
            .fetch_optional(&tenancy.store.0)
            .await?
            .ok_or_else(Problem::not_found)?;
        let (domain, token): (String, String) = (row.try_get("domain")?, row.try_get("token")?);
        match tenancy.prove_domain(input.id, &domain, &token, cx.now).await? {
            Standing::Proved => {}
            Standing::Unproved => return Err(Problem::refused("domain_unproved")),
            Standing::Taken => return Err(Problem::refused("domain_taken")),
        }
        let after = tenancy.domain(cx.organization_id, input.id).await?;
        let before: Option<DateTime<Utc>> = row.try_get("verified_at")?;
        let changes = changes(&[("verified_at", json!(before), json!(after.verified_at))]);
        record(cx, RESOURCE, input.id, "verified", changes).await?;
        Ok(after)
    })
}

fn joining(cx: &mut Cx, input: Joining) -> Boxed<'_, Result<Domain, Problem>> {
    Box::pin(async move {
        let tenancy = cx.platform.service::<Tenancy>();
        let before = tenancy.domain(cx.organization_id, input.id).await?;
        if let Some(provider) = &input.provider {
            tenancy.provider(provider).await?;
        }
        let set = sqlx::query(SET_PROVIDER)
            .bind(cx.organization_id)
            .bind(input.id)
            .bind(&input.provider)
            .bind(cx.now)
            .execute(&tenancy.store.0)
            .await?;
        if set.rows_affected() == 0 {
            return Err(Problem::refused("domain_unproved"));
        }
        let changes = changes(&[("provider", json!(before.provider), json!(input.provider))]);
        record(cx, RESOURCE, input.id, "joining", changes).await?;
        tenancy.domain(cx.organization_id, input.id).await
    })
}

async fn remove(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let id = request.id("id")?;
    let tenancy = cx.platform.service::<Tenancy>();
    let before = tenancy.domain(cx.organization_id, id).await?;
    let gone = sqlx::query(REMOVE).bind(cx.organization_id).bind(id);
    gone.execute(&tenancy.store.0).await?;
    let changes = changes(&[("domain", json!(before.domain), Json::Null)]);
    record(cx, RESOURCE, id, "deleted", changes).await?;
    Ok(Reply::empty())
}

#[cfg(test)]
mod tests {
    use super::domain;

    #[test]
    fn reads_domains_of_companies_alone() {
        for (given, read) in [
            ("najm.example", Some("najm.example")),
            (" Fleet.Najm.Example. ", Some("fleet.najm.example")),
            ("gmail.com", None),
            ("GoogleMail.com", None),
            ("localhost", None),
            ("-a.example", None),
            ("a..example", None),
            ("najm.example/x", None),
            ("noura@najm.example", None),
            ("127.0.0.1", None),
            ("نجم.example", None),
            ("", None),
        ] {
            assert_eq!(domain(given).as_deref(), read, "{given}");
        }
    }
}
