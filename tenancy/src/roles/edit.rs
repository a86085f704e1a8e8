//! Changes of an organization's own roles.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use platform_core::{Boxed, Cx, FieldError, Permissions, Problem, ids};
use platform_resource::{Kind, Scope, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Given, Named, Role, find, read};
use crate::Tenancy;
use crate::account::{changes, lock, record};
use crate::policy::ROLES;

pub(crate) const ADD: &str =
    "INSERT INTO platform.roles (organization_id, id, name, description, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $5)";
pub(crate) const CHANGE: &str = "UPDATE platform.roles SET name = $3, description = $4, updated_at = $5,
    version = version + 1 WHERE organization_id = $1 AND id = $2";
pub(crate) const REMOVE: &str = "DELETE FROM platform.roles WHERE organization_id = $1 AND id = $2";
pub(crate) const CLEAR: &str = "DELETE FROM platform.role_permissions WHERE organization_id = $1 AND role_id = $2";
pub(crate) const GIVE: &str = "INSERT INTO platform.role_permissions (organization_id, role_id, permission, scope)
    SELECT $1, $2, given.permission, given.scope FROM unnest($3::text[], $4::text[]) AS given (permission, scope)";
/// Compiled rules of an older version are dropped.
pub(crate) const RAISE: &str =
    "UPDATE platform.organizations SET policy_version = policy_version + 1 WHERE organization_id = $1";
pub(crate) const VERSION: &str = "SELECT policy_version FROM platform.organizations WHERE organization_id = $1";

/// What a role's history is filed under.
const ROLE: &str = "tenancy.roles";
/// More roles than people can tell apart; a limit for what one organization may make the others carry.
const MOST: usize = 100;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    name: String,
    description: Option<String>,
    permissions: Vec<Given>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    id: String,
    /// As it is when absent.
    name: Option<String>,
    /// As it is when absent; empty takes it away.
    description: Option<String>,
    /// Everything that it allows from now on; as it is when absent.
    permissions: Option<Vec<Given>>,
    /// The version that the caller saw: another one refuses the change.
    version: Option<i64>,
}

/// A role was deleted.
#[derive(Serialize, JsonSchema)]
pub(super) struct Deleted {
    id: String,
}

/// What the caller may give: everything that his membership and roles allow, modules that are switched off included, because
/// they may come back.
pub(crate) async fn covers(cx: &mut Cx, membership: &str, roles: &[String]) -> Result<Permissions, Problem> {
    let organization_id = cx.organization_id;
    let tenancy = cx.platform.service::<Tenancy>();
    let user_id = cx.actor_id();
    let version = sqlx::query_scalar(VERSION).bind(organization_id);
    let version = version.fetch_one(cx.db()).await?;
    let own = tenancy.own(cx.db(), organization_id, version).await?;
    Ok(tenancy
        .policy
        .snapshot(&own, user_id, organization_id, membership, roles))
}

/// Refuses what the caller does not have himself.
pub(crate) async fn refuse_above(cx: &mut Cx, wanted: &Permissions) -> Result<(), Problem> {
    let member = cx.member()?.1.clone();
    let own = covers(cx, &member.membership, &member.roles).await?;
    if own.covers(wanted) {
        Ok(())
    } else {
        Err(Problem::refused("above_own"))
    }
}

/// A name or description as it is stored, or why it is refused.
fn text(field: &'static str, max: u32, given: &str) -> Result<Option<String>, FieldError> {
    match (Kind::Text { max }).parse_text(given.trim()) {
        Ok(Value::Text(text)) => Ok(Some(text)),
        Ok(_) => Ok(None),
        Err(refusal) => Err(FieldError::new(field, refusal.code).with(refusal.params)),
    }
}

/// Checked permissions by name; the wider scope counts where one is named twice.
fn checked(cx: &Cx, given: &[Given], errors: &mut Vec<FieldError>) -> BTreeMap<String, Scope> {
    let tenancy = cx.platform.service::<Tenancy>();
    let mut wanted = BTreeMap::new();
    for Given { name, scope } in given {
        let scope = Scope::named(scope);
        let fits = match scope {
            Some(Scope::All) => true,
            Some(Scope::Own | Scope::Team) => cx.platform.registry.is_owned(name),
            None => false,
        };
        if !tenancy.policy.has(name) {
            let unknown = FieldError::new("permissions", "unknown_permission");
            errors.push(unknown.with(vec![("permission", name.chars().take(80).collect())]));
        } else if !fits {
            let wrong = FieldError::new("permissions", "scope_not_possible");
            errors.push(wrong.with(vec![("permission", name.clone())]));
        } else if let Some(scope) = scope {
            let widest = wanted.entry(name.clone()).or_insert(scope);
            *widest = scope.max(*widest);
        }
    }
    wanted
}

fn snapshot(cx: &Cx, permissions: &BTreeMap<String, Scope>) -> Permissions {
    let tenancy = cx.platform.service::<Tenancy>();
    let held = permissions.iter().map(|(name, scope)| (name.as_str(), *scope));
    tenancy.policy.of(held)
}

async fn store(cx: &mut Cx, id: Uuid, permissions: &BTreeMap<String, Scope>) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let clear = sqlx::query(CLEAR).bind(organization_id).bind(id);
    clear.execute(cx.db()).await?;
    let (names, scopes): (Vec<&str>, Vec<&str>) = permissions
        .iter()
        .map(|(name, scope)| (name.as_str(), scope.name()))
        .unzip();
    let give = sqlx::query(GIVE)
        .bind(organization_id)
        .bind(id)
        .bind(names)
        .bind(scopes);
    give.execute(cx.db()).await?;
    let raise = sqlx::query(RAISE).bind(organization_id);
    raise.execute(cx.db()).await?;
    Ok(())
}

/// What differs, in the form of histories: permissions stand by their name.
fn differences(
    texts: &[(&str, Json, Json)],
    before: &BTreeMap<String, Scope>,
    after: &BTreeMap<String, Scope>,
) -> Json {
    let word = |scope: Option<&Scope>| scope.map_or(Json::Null, |scope| json!(scope.name()));
    let mut fields: Vec<(&str, Json, Json)> = texts.to_vec();
    let names = before
        .keys()
        .chain(after.keys().filter(|name| !before.contains_key(*name)));
    fields.extend(names.map(|name| (name.as_str(), word(before.get(name)), word(after.get(name)))));
    changes(&fields)
}

fn taken(error: sqlx::Error) -> Problem {
    let constraint = error.as_database_error().and_then(|refusal| refusal.constraint());
    match constraint {
        Some("roles_name_key") => Problem::field("name", "taken"),
        _ => error.into(),
    }
}

pub(super) fn create(cx: &mut Cx, input: Create) -> Boxed<'_, Result<Role, Problem>> {
    Box::pin(async move {
        let mut errors = Vec::new();
        let mut checked_text = |field, max, given: &str| {
            text(field, max, given).unwrap_or_else(|error| {
                errors.push(error);
                None
            })
        };
        let name = checked_text("name", 100, &input.name);
        let description = checked_text("description", 500, input.description.as_deref().unwrap_or_default());
        let permissions = checked(cx, &input.permissions, &mut errors);
        if name.is_none() && !errors.iter().any(|error| error.field == "name") {
            errors.push(FieldError::new("name", "required"));
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        lock(cx).await?;
        let wanted = snapshot(cx, &permissions);
        refuse_above(cx, &wanted).await?;
        let (organization_id, id, now) = (cx.organization_id, ids::new_id(), cx.now);
        if read(cx.db(), organization_id).await?.len() >= MOST {
            return Err(Problem::refused("too_many_roles").with("max", MOST));
        }
        let add = sqlx::query(ADD)
            .bind(organization_id)
            .bind(id)
            .bind(&name)
            .bind(&description)
            .bind(now);
        add.execute(cx.db()).await.map_err(taken)?;
        store(cx, id, &permissions).await?;
        let texts = [
            ("name", Json::Null, json!(name)),
            ("description", Json::Null, json!(description)),
        ];
        let changed = differences(&texts, &BTreeMap::new(), &permissions);
        record(cx, ROLE, id, "created", changed).await?;
        find(cx, &id.to_string()).await
    })
}

/// A role that can be changed, with what it allows; the caller must have all of that himself.
async fn own(cx: &mut Cx, id: &str) -> Result<(Role, Uuid, BTreeMap<String, Scope>), Problem> {
    if ROLES.contains(&id) {
        return Err(Problem::refused("built_in_role"));
    }
    lock(cx).await?;
    let role = find(cx, id).await?;
    let id = Uuid::try_parse(&role.id).map_err(|error| Problem::internal(&error))?;
    let held = role.permissions.iter();
    let held = held.filter_map(|given| Some((given.name.clone(), Scope::named(&given.scope)?)));
    let held: BTreeMap<String, Scope> = held.collect();
    let snapshot = snapshot(cx, &held);
    refuse_above(cx, &snapshot).await?;
    Ok((role, id, held))
}

pub(super) fn change(cx: &mut Cx, input: Edit) -> Boxed<'_, Result<Role, Problem>> {
    Box::pin(async move {
        let (before, id, held) = own(cx, &input.id).await?;
        if input.version.is_some() && input.version != before.version {
            return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "stale"));
        }
        let mut errors = Vec::new();
        let mut name = before.name.clone();
        if let Some(given) = &input.name {
            match text("name", 100, given) {
                Ok(Some(given)) => name = given,
                Ok(None) => errors.push(FieldError::new("name", "required")),
                Err(error) => errors.push(error),
            }
        }
        let mut description = before.description.clone();
        if let Some(given) = &input.description {
            match text("description", 500, given) {
                Ok(given) => description = given,
                Err(error) => errors.push(error),
            }
        }
        let permissions = match &input.permissions {
            Some(given) => checked(cx, given, &mut errors),
            None => held.clone(),
        };
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let wanted = snapshot(cx, &permissions);
        refuse_above(cx, &wanted).await?;
        let texts = [
            ("name", json!(before.name), json!(name)),
            ("description", json!(before.description), json!(description)),
        ];
        let changed = differences(&texts, &held, &permissions);
        if changed.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(before);
        }
        let change = sqlx::query(CHANGE)
            .bind(cx.organization_id)
            .bind(id)
            .bind(&name)
            .bind(&description)
            .bind(cx.now);
        change.execute(cx.db()).await.map_err(taken)?;
        store(cx, id, &permissions).await?;
        record(cx, ROLE, id, "updated", changed).await?;
        find(cx, &before.id).await
    })
}

pub(super) fn delete(cx: &mut Cx, input: Named) -> Boxed<'_, Result<Deleted, Problem>> {
    Box::pin(async move {
        let (before, id, held) = own(cx, &input.id).await?;
        // A viewer who loses his last role sees everything: whoever has the role gets another one first.
        if before.members > 0 {
            return Err(Problem::refused("role_in_use").with("members", before.members));
        }
        store(cx, id, &BTreeMap::new()).await?;
        let remove = sqlx::query(REMOVE).bind(cx.organization_id).bind(id);
        remove.execute(cx.db()).await?;
        let texts = [
            ("name", json!(before.name), Json::Null),
            ("description", json!(before.description), Json::Null),
        ];
        let changed = differences(&texts, &held, &BTreeMap::new());
        record(cx, ROLE, id, "deleted", changed).await?;
        Ok(Deleted { id: before.id })
    })
}
