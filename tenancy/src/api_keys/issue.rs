//! Making, replacing and revoking keys.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, FieldError, Problem, ids};
use platform_resource::{Kind, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use super::list::{self, find};
use super::text::Parts;
use super::{HISTORY, Issued, Key, is_for_keys};
use crate::Tenancy;
use crate::account::{changes, record};
use crate::roles::covers;

pub(crate) const ADD: &str = "INSERT INTO platform.api_keys
        (organization_id, id, created_at, updated_at, name, user_id, issued_to, secret_hash, scopes, requests_per_minute,
         expires_at)
    VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(crate) const HOLDER: &str = "SELECT m.membership, m.kind,
        ARRAY(SELECT r.role FROM platform.member_roles r
            WHERE r.organization_id = $1 AND r.user_id = $2 ORDER BY r.role) AS roles
    FROM platform.members m WHERE m.organization_id = $1 AND m.user_id = $2 AND m.status = 'active'";
pub(crate) const SHORTEN: &str = "UPDATE platform.api_keys SET expires_at = least(expires_at, $3), replaced_by = $4,
        updated_at = $5, version = version + 1
    WHERE organization_id = $1 AND id = $2";
pub(crate) const REVOKE: &str = "UPDATE platform.api_keys SET revoked_at = $3, revoked_by = $4, updated_at = $3,
        version = version + 1
    WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";
pub(crate) const REVOKE_OF: &str = "UPDATE platform.api_keys SET revoked_at = $3, revoked_by = $4, updated_at = $3,
        version = version + 1
    WHERE organization_id = $1 AND (user_id = $2 OR issued_to = $2) AND revoked_at IS NULL RETURNING id";

/// How long a key is good when nobody says.
const USUAL: TimeDelta = TimeDelta::days(90);
/// No key is good for longer.
const LONGEST: TimeDelta = TimeDelta::days(730);
/// How long the old key goes on when nobody says.
const OVERLAP_S: i64 = 86_400;
const LONGEST_OVERLAP_S: i64 = 7 * 86_400;
const USUAL_RATE: i64 = 600;
const HIGHEST_RATE: i64 = 60_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    /// What it is for; histories name it.
    name: String,
    /// Whose key it is; the caller's own when absent.
    service_account_id: Option<String>,
    /// Names of permissions, all of which the caller and the holder have.
    scopes: Vec<String>,
    /// 90 days from now when absent, 730 at most.
    expires_at: Option<DateTime<Utc>>,
    /// 600 when absent, 60,000 at most.
    requests_per_minute: Option<i64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotate {
    /// How long the old key goes on: a day when absent, 0 for not at all, seven days at most.
    overlap_s: Option<i64>,
}

/// A whole number from `min` to `max`.
fn within(field: &'static str, given: i64, min: i64, max: i64) -> Result<i64, Problem> {
    let (code, name, bound) = match given {
        given if given < min => ("too_small", "min", min),
        given if given > max => ("too_large", "max", max),
        _ => return Ok(given),
    };
    let error = FieldError::new(field, code).with(vec![(name, bound.to_string())]);
    Err(Problem::invalid(vec![error]))
}

/// A name as it is stored.
pub(super) fn name(given: &str) -> Result<String, Problem> {
    match (Kind::Text { max: 100 }).parse_text(given.trim()) {
        Ok(Value::Text(text)) => Ok(text),
        Ok(_) => Err(Problem::field("name", "required")),
        Err(refusal) => {
            let error = FieldError::new("name", refusal.code).with(refusal.params);
            Err(Problem::invalid(vec![error]))
        }
    }
}

/// Refuses scopes that do not exist, that no key may have, or that the caller or the holder does not have.
async fn check_scopes(cx: &mut Cx, user_id: Uuid, scopes: &mut Vec<String>) -> Result<(), Problem> {
    scopes.sort();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Problem::field("scopes", "required"));
    }
    let tenancy = cx.platform.service::<Tenancy>();
    let wrong = |code, scope: &String| {
        let scope = scope.chars().take(80).collect();
        FieldError::new("scopes", code).with(vec![("permission", scope)])
    };
    let mut errors = Vec::new();
    for scope in scopes.iter() {
        if !tenancy.policy.has(scope) {
            errors.push(wrong("unknown_permission", scope));
        } else if !is_for_keys(scope) {
            errors.push(wrong("scope_for_people", scope));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let own = cx.member()?.1.permissions.clone();
    if scopes.iter().any(|scope| own.scope(scope).is_none()) {
        return Err(Problem::refused("above_own"));
    }
    if user_id == cx.actor_id() {
        return Ok(());
    }
    let holder = sqlx::query(HOLDER).bind(cx.organization_id).bind(user_id);
    let holder = holder.fetch_optional(cx.db()).await?;
    let holder = holder.ok_or_else(|| Problem::field("service_account_id", "not_known"))?;
    if holder.try_get::<&str, _>("kind")? != "service" {
        return Err(Problem::field("service_account_id", "not_known"));
    }
    let roles: Vec<String> = holder.try_get("roles")?;
    let holds = covers(cx, holder.try_get("membership")?, &roles).await?;
    let missing = scopes.iter().filter(|scope| holds.scope(scope).is_none());
    let errors: Vec<_> = missing.map(|scope| wrong("above_holder", scope)).collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(errors))
    }
}

/// What a new key is.
struct New {
    name: String,
    user_id: Uuid,
    scopes: Vec<String>,
    requests_per_minute: i64,
    expires_at: DateTime<Utc>,
}

async fn add(cx: &mut Cx, new: New) -> Result<Issued, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let parts = Parts::new(cx.organization_id, ids::new_id());
    let add = sqlx::query(ADD)
        .bind(cx.organization_id)
        .bind(parts.id)
        .bind(cx.now)
        .bind(&new.name)
        .bind(new.user_id)
        .bind(cx.actor_id())
        .bind(tenancy.api_keys.hash(&parts).to_vec())
        .bind(&new.scopes)
        .bind(new.requests_per_minute)
        .bind(new.expires_at);
    add.execute(cx.db()).await?;
    let changes = changes(&[
        ("name", Json::Null, json!(new.name)),
        ("user_id", Json::Null, json!(new.user_id)),
        ("scopes", Json::Null, json!(new.scopes)),
        ("requests_per_minute", Json::Null, json!(new.requests_per_minute)),
        ("expires_at", Json::Null, json!(new.expires_at)),
    ]);
    record(cx, HISTORY, parts.id, "created", changes).await?;
    Ok(Issued {
        key: parts.write(),
        api_key: find(cx, parts.id).await?,
    })
}

pub(super) async fn create(cx: &mut Cx, input: Create) -> Result<Issued, Problem> {
    let name = name(&input.name)?;
    let user_id = match input.service_account_id.as_deref().map(Uuid::try_parse) {
        None => cx.actor_id(),
        Some(Ok(id)) if id != cx.actor_id() => id,
        Some(_) => return Err(Problem::field("service_account_id", "not_known")),
    };
    let expires_at = input.expires_at.unwrap_or(cx.now + USUAL);
    if expires_at <= cx.now || expires_at > cx.now + LONGEST {
        return Err(Problem::field("expires_at", "bad_expiry"));
    }
    let rate = input.requests_per_minute.unwrap_or(USUAL_RATE);
    let requests_per_minute = within("requests_per_minute", rate, 1, HIGHEST_RATE)?;
    let mut scopes = input.scopes;
    check_scopes(cx, user_id, &mut scopes).await?;
    let new = New {
        name,
        user_id,
        scopes,
        requests_per_minute,
        expires_at,
    };
    add(cx, new).await
}

/// The new key is bound to whoever rotates, who is the one that sees it; the old one stays bound to whoever saw that.
pub(super) async fn rotate(cx: &mut Cx, id: Uuid, input: Rotate) -> Result<Issued, Problem> {
    let overlap_s = within("overlap_s", input.overlap_s.unwrap_or(OVERLAP_S), 0, LONGEST_OVERLAP_S)?;
    let lock = sqlx::query(list::OF).bind(cx.organization_id).bind(id);
    lock.execute(cx.db()).await?;
    let old = find(cx, id).await?;
    if matches!(old.state.as_str(), "revoked" | "expired") || old.replaced_by.is_some() {
        return Err(Problem::refused("key_over"));
    }
    // Somebody's own key is rotated by himself: nobody else gets a key that acts in his name.
    if old.user_kind == "person" && old.user_id != cx.actor_id() {
        return Err(Problem::refused("not_your_key"));
    }
    let mut scopes = old.scopes.clone();
    check_scopes(cx, old.user_id, &mut scopes).await?;
    let new = New {
        name: old.name.clone(),
        user_id: old.user_id,
        scopes,
        requests_per_minute: old.requests_per_minute,
        expires_at: cx.now + (old.expires_at - old.created_at),
    };
    let issued = add(cx, new).await?;
    let ends_at = old.expires_at.min(cx.now + TimeDelta::seconds(overlap_s));
    let shorten = sqlx::query(SHORTEN)
        .bind(cx.organization_id)
        .bind(id)
        .bind(ends_at)
        .bind(issued.api_key.id)
        .bind(cx.now);
    shorten.execute(cx.db()).await?;
    let changes = changes(&[
        ("expires_at", json!(old.expires_at), json!(ends_at)),
        ("replaced_by", Json::Null, json!(issued.api_key.id)),
    ]);
    record(cx, HISTORY, id, "rotated", changes).await?;
    Ok(issued)
}

pub(super) async fn revoke(cx: &mut Cx, id: String) -> Result<Key, Problem> {
    let id = Uuid::try_parse(&id).map_err(|_| Problem::not_found())?;
    let before = find(cx, id).await?;
    let revoke = sqlx::query(REVOKE)
        .bind(cx.organization_id)
        .bind(id)
        .bind(cx.now)
        .bind(cx.actor_id());
    if revoke.execute(cx.db()).await?.rows_affected() > 0 {
        let changes = changes(&[("state", json!(before.state), json!("revoked"))]);
        record(cx, HISTORY, id, "revoked", changes).await?;
    }
    find(cx, id).await
}

/// Revokes every key that somebody holds or was shown, for when he is removed: if he comes back one day, they do not.
pub(crate) async fn revoke_of(cx: &mut Cx, user_id: Uuid) -> Result<(), Problem> {
    let revoke = sqlx::query_scalar(REVOKE_OF)
        .bind(cx.organization_id)
        .bind(user_id)
        .bind(cx.now)
        .bind(cx.actor_id());
    let revoked: Vec<Uuid> = revoke.fetch_all(cx.db()).await?;
    for id in revoked {
        let changes = changes(&[("state", json!("active"), json!("revoked"))]);
        record(cx, HISTORY, id, "revoked", changes).await?;
    }
    Ok(())
}
