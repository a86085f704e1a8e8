//! API keys: what programs call with, in place of a person who signs in.

mod accounts;
mod holder;
mod issue;
mod list;
mod text;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
pub(crate) use holder::ApiKeys;
use platform_core::{Method, Operation, Permit, Reply, schema_of};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub(crate) use text::PREFIX;
use uuid::Uuid;

pub(crate) use issue::revoke_of;

/// Who may see, make and revoke the keys of an organization.
pub(crate) const MANAGE: &str = "api_keys.manage";
/// What keys' and service accounts' histories are filed under.
const HISTORY: &str = "tenancy.api_keys";

/// Things that give access. No key holds a permission to change them, so that a stolen key makes no other one.
const FOR_PEOPLE: [&str; 5] = ["api_keys", "members", "organization", "roles", "support_access"];

/// Whether a key may hold a permission.
fn is_for_keys(permission: &str) -> bool {
    let (object, act) = permission.rsplit_once('.').unwrap_or((permission, ""));
    act == "read" || !FOR_PEOPLE.contains(&object)
}

pub(crate) const STATEMENTS: [&str; 13] = [
    accounts::ADD,
    accounts::LIST,
    accounts::ONE,
    holder::READ,
    holder::USED,
    issue::ADD,
    issue::HOLDER,
    issue::SHORTEN,
    issue::REVOKE,
    issue::REVOKE_OF,
    list::LIST,
    list::ONE,
    list::OF,
];

/// A key, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
struct Key {
    id: Uuid,
    name: String,
    /// How the key begins.
    prefix: String,
    /// Whose key it is.
    user_id: Uuid,
    user_name: String,
    /// person or service.
    user_kind: String,
    /// Who was shown the secret: the key ends with that person's membership.
    issued_to: Uuid,
    issued_to_name: String,
    /// Names of permissions.
    scopes: Vec<String>,
    requests_per_minute: i64,
    /// active, expired, revoked, or orphaned when its holder or the person who was shown it may not come in any more.
    state: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// To the minute.
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    /// The key that took its place.
    replaced_by: Option<Uuid>,
}

/// A new key.
#[derive(Serialize, JsonSchema)]
struct Issued {
    /// The whole key, for `Authorization: Bearer …`. It is shown this once and cannot be looked up.
    key: String,
    api_key: Key,
}

/// What names a key in the path.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

/// The operations of this part.
pub(crate) fn operations() -> Vec<Operation> {
    let manage = || Permit::needs(MANAGE);
    vec![
        Operation::get("/tenancy/api_keys", "tenancy.api_keys.list", manage(), |cx, input| {
            Box::pin(list::list(cx, input))
        })
        .summary("The API keys of the organization"),
        secret(
            Operation::raw(
                Method::Post,
                "/tenancy/api_keys",
                "tenancy.api_keys.create",
                manage(),
                |cx, request| Box::pin(async move { Ok(shown_once(&issue::create(cx, request.body_as()?).await?)) }),
            )
            .summary("Make an API key; the answer shows it this once"),
            schema_of::<issue::Create>(),
        ),
        secret(
            Operation::raw(
                Method::Post,
                "/tenancy/api_keys/{id}/rotate",
                "tenancy.api_keys.rotate",
                manage(),
                |cx, request| {
                    Box::pin(async move {
                        let id = request.id("id")?;
                        let input = serde_json::Value::Object(request.object()?);
                        let input = serde_json::from_value(input).map_err(platform_core::Problem::malformed)?;
                        Ok(shown_once(&issue::rotate(cx, id, input).await?))
                    })
                },
            )
            .summary("Replace an API key; the old one goes on for a while"),
            schema_of::<issue::Rotate>(),
        ),
        Operation::post(
            "/tenancy/api_keys/{id}/revoke",
            "tenancy.api_keys.revoke",
            manage(),
            |cx, named: Named| Box::pin(issue::revoke(cx, named.id)),
        )
        .summary("Revoke an API key: it acts on the next request"),
        Operation::get(
            "/tenancy/service_accounts",
            "tenancy.service_accounts.list",
            manage(),
            |cx, input| Box::pin(accounts::list(cx, input)),
        )
        .summary("Members that are programs"),
        Operation::acting(
            "/tenancy/service_accounts",
            "tenancy.service_accounts.create",
            manage(),
            201,
            |cx, input| Box::pin(accounts::create(cx, input)),
        )
        .summary("Add a service account")
        .step_up(),
        Operation::post(
            "/tenancy/service_accounts/{id}/remove",
            "tenancy.service_accounts.remove",
            manage(),
            |cx, named: Named| Box::pin(accounts::remove(cx, named.id)),
        )
        .summary("Remove a service account and revoke its keys"),
    ]
}

/// What holds for all operations of this crate. A key may call what one of its scopes names, and nothing that is there for
/// whoever is signed in: those are about the person. Refresh tokens are too long to guess: people who are signed in stay so
/// while the instances cannot count together.
pub(crate) fn finished(operation: Operation) -> Operation {
    let is_named = matches!(operation.permit, Permit::Needs(_) | Permit::AnyOf(_));
    let is_bearer = ["auth.refresh", "auth.logout", "auth.switch"].contains(&operation.id.as_str());
    Operation {
        people_only: !is_named,
        can_guess: operation.can_guess && !is_bearer,
        ..operation
    }
}

/// An operation that answers with a new key.
fn secret(mut operation: Operation, input: serde_json::Value) -> Operation {
    operation.doc.request = Some(("application/json", input));
    operation.doc.answer = Some((201, "application/json", schema_of::<Issued>()));
    operation.body_limit_bytes = 32 * 1024;
    operation.step_up()
}

/// An answer that nobody on the way keeps, ourselves included.
fn shown_once(issued: &Issued) -> Reply {
    Reply::json(StatusCode::CREATED, issued).header("cache-control", "no-store")
}

#[cfg(test)]
mod tests {
    use super::is_for_keys;

    #[test]
    fn no_key_gives_access() {
        for allowed in [
            "vehicles.read",
            "vehicles.create",
            "members.read",
            "runs.create",
            "vehicles.read_cost",
        ] {
            assert!(is_for_keys(allowed), "{allowed}");
        }
        for refused in [
            "api_keys.manage",
            "members.create",
            "roles.update",
            "organization.switch_modules",
        ] {
            assert!(!is_for_keys(refused), "{refused}");
        }
    }
}
