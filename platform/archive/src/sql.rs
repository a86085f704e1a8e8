//! Statements whose tables come from the catalogue: the only SQL of this crate that is put together at run time. Names are quoted,
//! every value is bound.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Error;
use crate::tables::Table;

/// `"name"`.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[expect(
    clippy::disallowed_methods,
    reason = "names come from the catalogue and are quoted; this file is the one place of built SQL"
)]
fn safe(text: String) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(text)
}

/// Reads the rows of an organization as lines of JSON, in the order of the key.
pub fn select(table: &Table) -> sqlx::AssertSqlSafe<String> {
    let columns: Vec<String> = table.columns.iter().map(|name| quoted(name)).collect();
    let order: Vec<String> = table
        .key
        .iter()
        .map(|(name, is_text)| quoted(name) + if *is_text { " COLLATE \"C\"" } else { "" })
        .collect();
    let but = table.but.map_or_else(String::new, |but| format!(" AND {but}"));
    safe(format!(
        "SELECT to_jsonb(archived)::text FROM (SELECT {} FROM {} WHERE organization_id = $1{but} ORDER BY {}) AS archived",
        columns.join(", "),
        table.quoted(),
        order.join(", ")
    ))
}

/// Reads the rows of an organization in which one of the columns has one of its values: as JSON, and the values of `picked`. The
/// values are bound after the organization, in the order of the columns.
pub fn select_where(table: &Table, columns: &[String], picked: &str) -> sqlx::AssertSqlSafe<String> {
    let held: Vec<String> = columns
        .iter()
        .zip(2..)
        .map(|(name, place)| format!("{} = ANY (${place})", quoted(name)))
        .collect();
    safe(format!(
        "SELECT to_jsonb(held)::text, {} FROM {} AS held WHERE organization_id = $1 AND ({}) ORDER BY 2",
        quoted(picked),
        table.quoted(),
        held.join(" OR ")
    ))
}

/// Empties columns of rows; those that need a text get `$3`.
pub fn empty(table: &Table, nullable: &[&str], texts: &[&str]) -> sqlx::AssertSqlSafe<String> {
    let nulls = nullable.iter().map(|name| format!("{} = NULL", quoted(name)));
    let texts = texts.iter().map(|name| format!("{} = $3", quoted(name)));
    let set: Vec<String> = nulls.chain(texts).collect();
    safe(format!(
        "UPDATE {} SET {}, version = version + 1, updated_at = $4 WHERE organization_id = $1 AND id = ANY ($2) AND $3::text <> ''",
        table.quoted(),
        set.join(", ")
    ))
}

/// Puts another word in the place of a text (`$3`, and `$4` as it stands in JSON) in rows that name one of the ids (`$2`), or in
/// all rows where there are no ids.
pub fn replace_text(table: &Table, texts: &[String], documents: &[String]) -> sqlx::AssertSqlSafe<String> {
    let texts = texts.iter().map(|name| {
        let name = quoted(name);
        format!("{name} = replace({name}, $3, 'erased')")
    });
    let documents = documents.iter().map(|name| {
        let name = quoted(name);
        format!("{name} = replace({name}::text, $4, 'erased')::jsonb")
    });
    let set: Vec<String> = texts.chain(documents).collect();
    safe(format!(
        "UPDATE {} AS told SET {} WHERE organization_id = $1 AND strpos(to_jsonb(told)::text, $4) > 0 AND $3::text <> ''
            AND ($2::text[] IS NULL OR EXISTS (SELECT FROM unnest($2) AS id WHERE strpos(to_jsonb(told)::text, id) > 0))",
        table.quoted(),
        set.join(", ")
    ))
}

/// Which of the texts (`$2`) stand in one of the columns of other rows than these (`$3`).
pub fn borne(table: &Table, columns: &[&str], key: &str) -> sqlx::AssertSqlSafe<String> {
    let columns: Vec<String> = columns.iter().map(|name| format!("({})", quoted(name))).collect();
    safe(format!(
        "SELECT text FROM unnest($2::text[]) AS text WHERE EXISTS (
            SELECT FROM {} AS other, LATERAL (VALUES {}) AS said (value)
            WHERE organization_id = $1 AND strpos(said.value, text) > 0 AND NOT other.{} = ANY ($3::uuid[]))",
        table.quoted(),
        columns.join(", "),
        quoted(key)
    ))
}

/// Counts the rows of an organization in which one of the texts stands.
pub fn mentions(table: &Table) -> sqlx::AssertSqlSafe<String> {
    safe(format!(
        "SELECT count(*) FROM {} AS told WHERE organization_id = $1
            AND EXISTS (SELECT FROM unnest($2::text[]) AS text WHERE strpos(to_jsonb(told)::text, text) > 0)",
        table.quoted()
    ))
}

/// Stores lines of JSON.
pub async fn insert(
    connection: &mut PgConnection,
    table: &Table,
    columns: &[String],
    lines: &[String],
) -> Result<u64, Error> {
    let columns: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    let columns = columns.join(", ");
    let name = table.quoted();
    let text = format!(
        "INSERT INTO {name} ({columns}) SELECT {columns} FROM unnest($1::jsonb[]) AS line, \
         jsonb_populate_record(NULL::{name}, line)"
    );
    let stored = sqlx::query(safe(text)).bind(lines).execute(connection).await?;
    Ok(stored.rows_affected())
}

/// Deletes the rows of an organization.
pub async fn delete(connection: &mut PgConnection, table: &str, organization_id: Uuid) -> Result<u64, sqlx::Error> {
    let text = format!("DELETE FROM {table} WHERE organization_id = $1");
    let deleted = sqlx::query(safe(text))
        .bind(organization_id)
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected())
}

/// The same where the application may not: as the owner, whom row security lets do it within this transaction alone.
pub async fn delete_as_owner(
    connection: &mut PgConnection,
    table: &Table,
    organization_id: Uuid,
) -> Result<u64, sqlx::Error> {
    let name = table.quoted();
    begin_as_owner(connection, &name).await?;
    let deleted = delete(connection, &name, organization_id).await;
    end_as_owner(connection, &name, deleted).await
}

/// Changes of histories (ids in `ids`) with other words in the place of texts.
pub async fn redact_as_owner(
    connection: &mut PgConnection,
    organization_id: Uuid,
    (ids, changes): (&[Uuid], &[String]),
) -> Result<u64, sqlx::Error> {
    let name = "platform.history";
    begin_as_owner(connection, name).await?;
    let update = "UPDATE platform.history AS h SET changes = said.changes::jsonb
        FROM unnest($2::uuid[], $3::text[]) AS said (id, changes) WHERE h.organization_id = $1 AND h.id = said.id";
    let update = sqlx::query(update).bind(organization_id).bind(ids).bind(changes);
    let changed = update.execute(&mut *connection).await.map(|done| done.rows_affected());
    end_as_owner(connection, name, changed).await
}

async fn begin_as_owner(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    // Whoever writes waits behind this: it gives up rather than make them wait long.
    let begin = format!(
        "BEGIN; SET LOCAL lock_timeout = '15s'; SET LOCAL ROLE barq_owner; ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"
    );
    let begun = sqlx::raw_sql(safe(begin)).execute(&mut *connection).await;
    if begun.is_err() {
        sqlx::raw_sql("ROLLBACK").execute(connection).await?;
    }
    begun.map(drop)
}

async fn end_as_owner(
    connection: &mut PgConnection,
    name: &str,
    done: Result<u64, sqlx::Error>,
) -> Result<u64, sqlx::Error> {
    let end = match done {
        Ok(_) => format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY; COMMIT"),
        Err(_) => "ROLLBACK".to_owned(),
    };
    sqlx::raw_sql(safe(end)).execute(connection).await?;
    done
}

/// Deletes rows of a table of schema `identity` whose column has one of the values.
pub async fn delete_identity<T>(
    connection: &mut PgConnection,
    (table, column): (&str, &str),
    values: &[T],
) -> Result<u64, sqlx::Error>
where
    for<'q> Vec<T>: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    T: Clone + Send + 'static,
{
    let text = format!(
        "DELETE FROM identity.{} WHERE {} = ANY ($1)",
        quoted(table),
        quoted(column)
    );
    let deleted = sqlx::query(safe(text))
        .bind(values.to_vec())
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected())
}

/// Rows of an organization that a table still has.
pub async fn count(connection: &mut PgConnection, table: &Table, organization_id: Uuid) -> Result<i64, sqlx::Error> {
    let text = format!("SELECT count(*) FROM {} WHERE organization_id = $1", table.quoted());
    let row = sqlx::query(safe(text))
        .bind(organization_id)
        .fetch_one(connection)
        .await?;
    row.try_get(0)
}
