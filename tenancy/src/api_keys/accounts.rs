//! Service accounts: members that are programs. They stand in histories and in lists of who did something like everybody
//! else, have a membership and job roles, which are changed as everybody else's, and come in with a key alone.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem, ids};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::issue::{self, revoke_of};
use crate::account::{MEMBERS, Position, changes, lock, record, set_roles};
use crate::members::{REMOVE, within_own};

pub(crate) const ADD: &str = "INSERT INTO platform.members
        (organization_id, user_id, kind, membership, full_name, email, created_at, updated_at)
    VALUES ($1, $2, 'service', $3, $4, $5, $6, $6)";
pub(crate) const LIST: &str = "SELECT m.user_id, m.full_name, m.membership, m.created_at,
        ARRAY(SELECT r.role FROM platform.member_roles r
            WHERE r.organization_id = $1 AND r.user_id = m.user_id ORDER BY r.role) AS roles,
        (SELECT count(*) FROM platform.api_keys k
            WHERE k.organization_id = $1 AND k.user_id = m.user_id AND k.revoked_at IS NULL AND k.expires_at > $2) AS keys
    FROM platform.members m
    WHERE m.organization_id = $1 AND m.kind = 'service' AND m.status <> 'removed' ORDER BY m.user_id LIMIT 500";
pub(crate) const ONE: &str = "SELECT m.user_id, m.full_name, m.membership, m.created_at,
        ARRAY(SELECT r.role FROM platform.member_roles r
            WHERE r.organization_id = $1 AND r.user_id = m.user_id ORDER BY r.role) AS roles,
        (SELECT count(*) FROM platform.api_keys k
            WHERE k.organization_id = $1 AND k.user_id = m.user_id AND k.revoked_at IS NULL AND k.expires_at > $2) AS keys
    FROM platform.members m
    WHERE m.organization_id = $1 AND m.kind = 'service' AND m.status <> 'removed' AND m.user_id = $3";

/// A member that is a program.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Account {
    id: Uuid,
    name: String,
    membership: String,
    roles: Vec<String>,
    created_at: DateTime<Utc>,
    /// How many of its keys are good.
    keys: i64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Accounts {
    data: Vec<Account>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    name: String,
    /// admin, manager or viewer.
    membership: String,
    /// Job roles: names of built-in ones, ids of the organization's own.
    #[serde(default)]
    roles: Vec<String>,
}

fn account(row: &PgRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        id: row.try_get("user_id")?,
        name: row.try_get("full_name")?,
        membership: row.try_get("membership")?,
        roles: row.try_get("roles")?,
        created_at: row.try_get("created_at")?,
        keys: row.try_get("keys")?,
    })
}

pub(super) async fn list(cx: &mut Cx, _: Nothing) -> Result<Accounts, Problem> {
    let rows = sqlx::query(LIST).bind(cx.organization_id).bind(cx.now);
    let rows = rows.fetch_all(cx.db()).await?;
    let data = rows.iter().map(account).collect::<Result<_, _>>()?;
    Ok(Accounts { data })
}

async fn find(cx: &mut Cx, id: Uuid) -> Result<Account, Problem> {
    let one = sqlx::query(ONE).bind(cx.organization_id).bind(cx.now).bind(id);
    let row = one.fetch_optional(cx.db()).await?.ok_or_else(Problem::not_found)?;
    Ok(account(&row)?)
}

pub(super) async fn create(cx: &mut Cx, input: Create) -> Result<Account, Problem> {
    let name = issue::name(&input.name)?;
    if input.membership == "owner" {
        return Err(Problem::field("membership", "not_allowed"));
    }
    let position = Position {
        membership: input.membership,
        roles: input.roles,
    };
    let position = position.checked()?;
    within_own(cx, &position).await?;
    let id = ids::new_id();
    // No address: this domain never exists.
    let email = format!("{id}@service.invalid");
    let add = sqlx::query(ADD)
        .bind(cx.organization_id)
        .bind(id)
        .bind(&position.membership)
        .bind(&name)
        .bind(email)
        .bind(cx.now);
    add.execute(cx.db()).await?;
    set_roles(cx, id, &position.roles).await?;
    let changes = changes(&[
        ("kind", Json::Null, json!("service")),
        ("full_name", Json::Null, json!(name)),
        ("membership", Json::Null, json!(position.membership)),
        ("roles", Json::Null, json!(position.roles)),
    ]);
    record(cx, MEMBERS, id, "created", changes).await?;
    find(cx, id).await
}

pub(super) async fn remove(cx: &mut Cx, id: String) -> Result<Account, Problem> {
    let id = Uuid::try_parse(&id).map_err(|_| Problem::not_found())?;
    lock(cx).await?;
    let before = find(cx, id).await?;
    let position = Position {
        membership: before.membership.clone(),
        roles: before.roles.clone(),
    };
    within_own(cx, &position).await?;
    revoke_of(cx, id).await?;
    let remove = sqlx::query(REMOVE).bind(cx.organization_id).bind(id).bind(cx.now);
    remove.execute(cx.db()).await?;
    set_roles(cx, id, &[]).await?;
    let changes = changes(&[
        ("status", json!("active"), json!("removed")),
        ("roles", json!(before.roles), json!([])),
    ]);
    record(cx, MEMBERS, id, "removed", changes).await?;
    Ok(Account { keys: 0, ..before })
}
