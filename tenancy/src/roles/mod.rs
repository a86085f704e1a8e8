//! Roles of an organization's own: what they are given, and that nobody gives more than he has.
//!
//! A role is known by its id; its name is for people. Every change raises the organization's policy version in the same
//! transaction, so that the next request of everybody reads the rules anew, on every instance.

mod catalogue;
mod edit;

use chrono::{DateTime, Utc};
use platform_core::{Boxed, Cx, Operation, Permit, Problem};
use platform_resource::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::policy::{OwnRole, ROLES};

pub(crate) const RULES: &str = "SELECT role_id, permission, scope FROM platform.role_permissions
    WHERE organization_id = $1 ORDER BY role_id, permission";
pub(crate) const LIST: &str = "SELECT r.id, r.name, r.description, r.version, r.created_at, r.updated_at,
        (SELECT count(*) FROM platform.member_roles m WHERE m.organization_id = $1 AND m.role_id = r.id) AS members
    FROM platform.roles r WHERE r.organization_id = $1 ORDER BY r.name, r.id";
pub(crate) const ONE: &str = "SELECT r.id, r.name, r.description, r.version, r.created_at, r.updated_at,
        (SELECT count(*) FROM platform.member_roles m WHERE m.organization_id = $1 AND m.role_id = r.id) AS members
    FROM platform.roles r WHERE r.organization_id = $1 AND r.id = $2";
pub(crate) const GIVEN: &str = "SELECT permission, scope FROM platform.role_permissions
    WHERE organization_id = $1 AND role_id = $2 ORDER BY permission";
/// Members of every role, by name or id.
pub(crate) const COUNTS: &str = "SELECT role, count(*) AS members FROM platform.member_roles
    WHERE organization_id = $1 GROUP BY role";
pub(crate) const HISTORY: &str = "SELECT at, actor_name, verb, changes FROM platform.history
    WHERE organization_id = $1 AND resource = 'tenancy.roles' AND record_id = $2 ORDER BY id DESC LIMIT 100";

pub(crate) use edit::{ADD, CHANGE, CLEAR, GIVE, RAISE, REMOVE, VERSION};
pub(crate) use edit::{covers, refuse_above};

/// One permission of a role.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Given {
    /// The permission's name, as `vehicles.update`.
    name: String,
    /// The rows that it is for: own, team or all.
    #[serde(default = "every")]
    scope: String,
}

fn every() -> String {
    Scope::All.name().to_owned()
}

/// A role, built in or of the organization's own.
#[derive(Debug, Serialize, JsonSchema)]
struct Role {
    /// What members' roles name: an id, or the name of a built-in role.
    id: String,
    name: String,
    description: Option<String>,
    /// Whether every organization has it, and nobody can change it.
    is_built_in: bool,
    /// How many members have it.
    members: i64,
    permissions: Vec<Given>,
    /// Absent for built-in roles.
    version: Option<i64>,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
struct Roles {
    data: Vec<Role>,
}

/// One change of a role.
#[derive(Serialize, JsonSchema)]
struct Change {
    at: DateTime<Utc>,
    by_name: String,
    verb: String,
    /// By field: before and after. Permissions stand by their name, with the scope that they had and have.
    changes: Map<String, Json>,
}

#[derive(Serialize, JsonSchema)]
struct Changes {
    data: Vec<Change>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

/// The operations of this folder.
pub(crate) fn operations() -> Vec<Operation> {
    let needs = Permit::needs;
    vec![
        Operation::get("/permissions", "permissions.list", needs("roles.read"), catalogue::list)
            .summary("Everything that can be allowed, grouped for an editor of roles"),
        Operation::get("/roles", "roles.list", needs("roles.read"), list)
            .summary("Built-in roles and roles of the organization's own"),
        Operation::get("/roles/{id}", "roles.read", needs("roles.read"), one).summary("A role and what it allows"),
        Operation::get("/roles/{id}/history", "roles.history", needs("roles.read"), history)
            .summary("Who changed the role, and how"),
        Operation::acting("/roles", "roles.create", needs("roles.create"), 201, edit::create)
            .step_up()
            .summary("Make a role of the organization's own"),
        Operation::post(
            "/roles/{id}/change",
            "roles.change",
            needs("roles.update"),
            edit::change,
        )
        .step_up()
        .summary("Rename a role, or change what it allows: it acts on the next request of everybody who has it"),
        Operation::post(
            "/roles/{id}/delete",
            "roles.delete",
            needs("roles.delete"),
            edit::delete,
        )
        .step_up()
        .summary("Delete a role that nobody has"),
    ]
}

/// The rules of an organization's own roles, inside its transaction.
pub(crate) async fn read(connection: &mut PgConnection, organization_id: Uuid) -> Result<Vec<OwnRole>, Problem> {
    let rows = sqlx::query(RULES).bind(organization_id).fetch_all(connection).await?;
    let mut roles: Vec<OwnRole> = Vec::new();
    for row in &rows {
        let id: Uuid = row.try_get("role_id")?;
        if roles.last().is_none_or(|role| role.id != id) {
            roles.push(OwnRole {
                id,
                permissions: Vec::new(),
            });
        }
        if let (Some(role), Some(scope)) = (roles.last_mut(), Scope::named(row.try_get("scope")?)) {
            role.permissions.push((row.try_get("permission")?, scope));
        }
    }
    Ok(roles)
}

fn list(cx: &mut Cx, _: Nothing) -> Boxed<'_, Result<Roles, Problem>> {
    Box::pin(async move {
        let organization_id = cx.organization_id;
        let counts = sqlx::query(COUNTS).bind(organization_id).fetch_all(cx.db()).await?;
        let members = |name: &str| -> Result<i64, sqlx::Error> {
            for row in &counts {
                if row.try_get::<&str, _>("role")? == name {
                    return row.try_get("members");
                }
            }
            Ok(0)
        };
        let mut data = Vec::new();
        for name in ROLES {
            data.push(Role {
                members: members(name)?,
                ..built_in(cx, name)
            });
        }
        let rules = read(cx.db(), organization_id).await?;
        let rows = sqlx::query(LIST).bind(organization_id).fetch_all(cx.db()).await?;
        for row in &rows {
            let id: Uuid = row.try_get("id")?;
            let held = rules.iter().filter(|role| role.id == id);
            let held = held.flat_map(|role| role.permissions.iter().map(|(name, scope)| given(name, *scope)));
            data.push(role(row, held.collect())?);
        }
        Ok(Roles { data })
    })
}

fn given(name: &str, scope: Scope) -> Given {
    Given {
        name: name.to_owned(),
        scope: scope.name().to_owned(),
    }
}

fn built_in(cx: &Cx, name: &str) -> Role {
    let words = &cx.platform.catalogue.words(cx.locale)["role"][name];
    let granted = cx.platform.registry.granted(name);
    Role {
        id: name.to_owned(),
        name: words.as_str().unwrap_or(name).to_owned(),
        description: None,
        is_built_in: true,
        members: 0,
        permissions: granted.iter().map(|(name, scope)| given(name, *scope)).collect(),
        version: None,
        created_at: None,
        updated_at: None,
    }
}

fn role(row: &PgRow, permissions: Vec<Given>) -> Result<Role, sqlx::Error> {
    Ok(Role {
        id: row.try_get::<Uuid, _>("id")?.to_string(),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        is_built_in: false,
        members: row.try_get("members")?,
        permissions,
        version: Some(row.try_get("version")?),
        created_at: Some(row.try_get("created_at")?),
        updated_at: Some(row.try_get("updated_at")?),
    })
}

/// A role of the organization's own by the id of the path; what is not there, not an id or not of this organization gets one
/// answer.
async fn find(cx: &mut Cx, id: &str) -> Result<Role, Problem> {
    let (organization_id, id) = (
        cx.organization_id,
        Uuid::try_parse(id).map_err(|_| Problem::not_found())?,
    );
    let one = sqlx::query(ONE).bind(organization_id).bind(id);
    let row = one.fetch_optional(cx.db()).await?.ok_or_else(Problem::not_found)?;
    let rows = sqlx::query(GIVEN).bind(organization_id).bind(id);
    let rows = rows.fetch_all(cx.db()).await?;
    let permission = |row: &PgRow| -> Result<Given, sqlx::Error> {
        Ok(Given {
            name: row.try_get("permission")?,
            scope: row.try_get("scope")?,
        })
    };
    let permissions = rows.iter().map(permission).collect::<Result<_, _>>()?;
    Ok(role(&row, permissions)?)
}

fn one(cx: &mut Cx, named: Named) -> Boxed<'_, Result<Role, Problem>> {
    Box::pin(async move {
        if !ROLES.contains(&named.id.as_str()) {
            return find(cx, &named.id).await;
        }
        let counts = sqlx::query(COUNTS).bind(cx.organization_id).fetch_all(cx.db()).await?;
        let mut role = built_in(cx, &named.id);
        for row in &counts {
            if row.try_get::<&str, _>("role")? == named.id {
                role.members = row.try_get("members")?;
            }
        }
        Ok(role)
    })
}

fn history(cx: &mut Cx, named: Named) -> Boxed<'_, Result<Changes, Problem>> {
    Box::pin(async move {
        let id = Uuid::try_parse(&named.id).map_err(|_| Problem::not_found())?;
        let rows = sqlx::query(HISTORY).bind(cx.organization_id).bind(id);
        let rows = rows.fetch_all(cx.db()).await?;
        let change = |row: &PgRow| -> Result<Change, sqlx::Error> {
            Ok(Change {
                at: row.try_get("at")?,
                by_name: row.try_get("actor_name")?,
                verb: row.try_get("verb")?,
                changes: match row.try_get("changes")? {
                    Json::Object(changes) => changes,
                    _ => Map::new(),
                },
            })
        };
        // A role that was deleted keeps its history.
        if rows.is_empty() {
            return Err(Problem::not_found());
        }
        let data = rows.iter().map(change).collect::<Result<_, _>>()?;
        Ok(Changes { data })
    })
}
