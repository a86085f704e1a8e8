//! Which rows of a resource the caller reaches: the living ones of the organization, as far as his permission goes.

use platform_core::{Asker, Cx, Problem};
use platform_resource::{Record, Resource, Scope, Verb};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::record::Stored;
use crate::sql::{self, Statement};
use crate::write;

/// How far a permission goes; never beyond what may be read.
fn reach(cx: &Cx, resource: &Resource, permission: &str) -> Option<Scope> {
    let held = cx.scope(permission)?;
    Some(
        cx.scope(&resource.permission(Verb::Read))
            .map_or(held, |read| held.min(read)),
    )
}

/// ` FROM … WHERE …`: every row `t` of the organization that a permission reaches, deleted ones too.
pub fn every(cx: &Cx, resource: &Resource, permission: &str, joins: &str, statement: &mut Statement) {
    statement.push(&format!(
        " FROM {} t{joins} WHERE t.organization_id = ",
        sql::table(resource)
    ));
    let (organization, reach) = (statement.argument(cx.organization_id), reach(cx, resource, permission));
    statement.push(&format!("${organization}"));
    if let Some(scope @ (Scope::Own | Scope::Team)) = reach {
        let (registry, member) = (&cx.platform.registry, statement.argument(cx.actor_id()));
        let within = registry.within(resource, scope, "t", Asker { organization, member });
        statement.push(" AND ").push(&within);
    } else if reach.is_none() {
        statement.push(" AND false");
    }
}

/// The same without deleted rows.
pub fn living(cx: &Cx, resource: &Resource, permission: &str, joins: &str, statement: &mut Statement) {
    every(cx, resource, permission, joins, statement);
    statement.push(" AND t.deleted_at IS NULL");
}

/// Whether a permission reaches a row, living or deleted.
pub async fn reaches(cx: &mut Cx, resource: &Resource, permission: &str, id: Uuid) -> Result<bool, Problem> {
    if reach(cx, resource, permission) == Some(Scope::All) {
        return Ok(true);
    }
    let mut statement = Statement::default();
    statement.push("SELECT 1");
    every(cx, resource, permission, "", &mut statement);
    statement.push(" AND t.id = ").bind(id);
    Ok(!statement.fetch(cx.db()).await?.is_empty())
}

/// A row that a permission reaches, locked for the rest of the transaction; what is out of reach is not there.
pub async fn reached(cx: &mut Cx, resource: &'static Resource, permission: &str, id: Uuid) -> Result<Stored, Problem> {
    let row = write::stored(cx, resource, id).await?;
    let is_reached = reaches(cx, resource, permission, id).await?;
    is_reached.then_some(row).ok_or_else(Problem::not_found)
}

/// The same for an operation of a module's own: what it says of a row is for whom the row is.
pub async fn load_within(
    cx: &mut Cx,
    resource: &'static Resource,
    permission: &str,
    id: Uuid,
) -> Result<Record, Problem> {
    Ok(reached(cx, resource, permission, id).await?.record(resource))
}

/// Refuses a row that its writer would give to somebody out of his reach. Asked before anything is stored: what follows from a
/// row would tell about the rows of others.
pub async fn keep(
    cx: &mut Cx,
    resource: &Resource,
    permission: &str,
    before: Option<&Stored>,
    given: &Map<String, Json>,
) -> Result<(), Problem> {
    let (Some(owner), Some(scope @ (Scope::Own | Scope::Team))) = (resource.owner, reach(cx, resource, permission))
    else {
        return Ok(());
    };
    let value = |name: &str| match given.get(name) {
        Some(json) => Uuid::try_parse(json.as_str()?).ok(),
        None => before?.record(resource).uuid(name),
    };
    let mut statement = Statement::default();
    statement.push("SELECT 1 FROM (SELECT 1 AS row");
    for name in [Some(owner), resource.leader].into_iter().flatten() {
        statement
            .push(", ")
            .bind(value(name))
            .push(&format!("::uuid AS \"{name}\""));
    }
    let organization = statement.push(") t WHERE ").argument(cx.organization_id);
    let (registry, member) = (&cx.platform.registry, statement.argument(cx.actor_id()));
    statement.push(&registry.within(resource, scope, "t", Asker { organization, member }));
    let is_reached = !statement.fetch(cx.db()).await?.is_empty();
    is_reached
        .then_some(())
        .ok_or_else(|| Problem::field(owner, "not_known"))
}
