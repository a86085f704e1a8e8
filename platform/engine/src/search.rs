//! One search over everything that the caller may read.

use platform_core::{Cx, Problem};
use platform_resource::{Resource, Verb};
use sqlx::Row;
use uuid::Uuid;

use crate::query::write_search;
use crate::scope;
use crate::sql::{self, Statement};

/// A row that was found.
pub struct Found {
    /// Full name of its resource.
    pub resource: String,
    /// Its id.
    pub id: Uuid,
    /// What names it to people.
    pub title: Option<String>,
}

/// At most `limit` rows of each resource whose searched fields have every word, newest first, in one statement.
pub async fn search(cx: &mut Cx, words: &str, limit: u32) -> Result<Vec<Found>, Problem> {
    let platform = cx.platform.clone();
    let seen: Vec<&Resource> = platform
        .registry
        .resources()
        .filter(|resource| resource.fields.iter().any(|field| field.search))
        .filter(|resource| resource.has(Verb::Read) && cx.scope(&resource.permission(Verb::Read)).is_some())
        .collect();
    let mut statement = Statement::default();
    for (place, resource) in seen.iter().enumerate() {
        statement.push(if place == 0 { "(" } else { " UNION ALL (" });
        statement.push(&format!(
            "SELECT '{}' AS resource, t.id, {} AS title",
            resource.full_name(),
            sql::title(resource, "t")
        ));
        scope::living(cx, resource, &resource.permission(Verb::Read), "", &mut statement);
        write_search(&mut statement, resource, words);
        statement.push(&format!(" ORDER BY t.id DESC LIMIT {limit})"));
    }
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    let rows = statement.fetch(cx.db()).await?;
    let found = rows.iter().map(|row| {
        Ok(Found {
            resource: row.try_get(0)?,
            id: row.try_get(1)?,
            title: row.try_get(2)?,
        })
    });
    found.collect()
}
