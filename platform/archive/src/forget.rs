//! The personal part of what is held about somebody, made undone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platform_core::{Cx, Mode, Platform, ids};
use platform_resource::{Field, Kind};
use serde_json::Value as Json;
use sqlx::Row;
use uuid::Uuid;

use crate::export::{PATIENCE, folder};
use crate::person::{Held, held, of};
use crate::tables::tables;
use crate::{Error, sql};

pub(crate) const RENAME: &str =
    "UPDATE platform.files SET name = 'erased' WHERE organization_id = $1 AND id = ANY ($2)";
pub(crate) const EVENTS: &str =
    "DELETE FROM platform.outbox WHERE organization_id = $1 AND subject = ANY ($2) AND delivered_at IS NOT NULL";
pub(crate) const ERASED: &str = "INSERT INTO platform.history
        (organization_id, id, resource, record_id, verb, actor_id, actor_name, request_id, at, changes)
    VALUES ($1, $2, $3, $4, 'erase_person', $5, $6, '', $7, '{}')";

/// Columns of texts and of documents that the application may change, by table.
pub(crate) const WRITABLE: &str = "SELECT n.nspname || '.' || c.relname AS name,
        coalesce(array_agg(a.attname::text) FILTER (WHERE a.atttypid = 'text'::regtype), '{}') AS texts,
        coalesce(array_agg(a.attname::text) FILTER (WHERE a.atttypid = 'jsonb'::regtype), '{}') AS documents
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.atttypid IN ('text'::regtype, 'jsonb'::regtype)
    WHERE c.relkind IN ('r', 'p') AND has_column_privilege('barq_app', c.oid, a.attnum, 'UPDATE')
    GROUP BY 1";

/// Shorter texts stand in rows that have nothing to do with anybody.
const TELLING: usize = 6;

/// What was made undone.
#[derive(Clone, Debug, Default)]
pub struct PersonErasure {
    /// Fields of the record that are empty now, and of rows about it, as `document_number`.
    pub fields: Vec<&'static str>,
    /// Rows that were changed.
    pub rows: u64,
    /// Records whose personal values in histories cannot be read any more.
    pub histories: u64,
    /// Files that are gone.
    pub files: u64,
    /// Rows about these records in which a text was put out: titles, notifications.
    pub replaced: u64,
    /// Rows in which a text still stands that was erased, by table: of somebody with the same name, free texts, histories.
    pub mentioned: BTreeMap<String, i64>,
}

/// Empties what is said of the person, destroys the keys of its histories and the files that are declared personal. What the law
/// has an employer keep (attendance, pay, deliveries, cash) stays, of somebody without a name.
pub async fn erase_person(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    (name, id): (&str, Uuid),
) -> Result<PersonErasure, Error> {
    let resource = of(platform, name)?;
    let mut cx = Cx::begin_job(platform, organization_id, "person_erase", Mode::Write).await?;
    sqlx::raw_sql(PATIENCE).execute(cx.db()).await?;
    let all = held(&mut cx, resource, id).await?;
    let mut done = PersonErasure::default();
    let (mut erased, mut records, mut files) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    for held in &all {
        let fields: Vec<&Field> = held.personal().collect();
        if !fields.is_empty() {
            records.extend(&held.ids);
            empty(&mut cx, held, &fields, &mut done).await?;
        }
        let is_own = |column: &str| fields.iter().any(|field| field.name == column);
        files.extend(
            held.files
                .iter()
                .filter(|(column, _)| is_own(column))
                .map(|(_, id)| *id),
        );
        erased.extend(held.lines.iter().flat_map(|line| texts_of(line, &fields)));
    }
    let (files, erased): (Vec<Uuid>, Vec<String>) = (files.into_iter().collect(), erased.into_iter().collect());
    let now = cx.now;
    done.histories = cx.forget_records(&records).await?;
    for (statement, of) in [(RENAME, &files), (EVENTS, &records)] {
        sqlx::query(statement)
            .bind(organization_id)
            .bind(of)
            .execute(cx.db())
            .await?;
    }
    sqlx::query(ERASED)
        .bind(organization_id)
        .bind(ids::new_id())
        .bind(name)
        .bind(id)
        .bind(cx.actor_id())
        .bind(cx.actor_name().to_owned())
        .bind(now)
        .execute(cx.db())
        .await?;
    done.replaced = replace(&mut cx, &records, &erased).await?;
    for table in tables(cx.db()).await? {
        let mentions = sqlx::query(sql::mentions(&table)).bind(organization_id).bind(&erased);
        let count: i64 = mentions.fetch_one(cx.db()).await?.try_get(0)?;
        if count > 0 {
            done.mentioned.insert(table.full_name(), count);
        }
    }
    cx.commit().await?;
    let folder = folder(&platform.data, organization_id);
    for id in files {
        match tokio::fs::remove_file(folder.join(id.to_string())).await {
            Ok(()) => done.files += 1,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

/// Texts that tell who somebody is.
fn texts_of(line: &str, fields: &[&Field]) -> Vec<String> {
    let row: Json = serde_json::from_str(line).unwrap_or_default();
    let tells = |field: &&&Field| {
        // Ids and days are in many rows and say nothing without the rest; so does the name of a bank.
        !matches!(
            field.kind,
            Kind::Reference { .. } | Kind::Member | Kind::File | Kind::Date | Kind::Instant
        ) && (field.is_personal() || field.unique || matches!(field.kind, Kind::LongText { .. }))
    };
    let texts = fields.iter().filter(tells).filter_map(|field| row[field.name].as_str());
    texts
        .filter(|text| text.chars().count() >= TELLING)
        .map(str::to_owned)
        .collect()
}

/// Empties fields of the rows; one that needs a value and is no text stays.
async fn empty(cx: &mut Cx, held: &Held, fields: &[&'static Field], done: &mut PersonErasure) -> Result<(), Error> {
    let is_text = |field: &Field| matches!(field.kind, Kind::Text { .. } | Kind::LongText { .. });
    let (mut nullable, mut texts) = (Vec::new(), Vec::new());
    for field in fields {
        match field.required {
            false => nullable.push(field.name),
            true if is_text(field) => texts.push(field.name),
            true => continue,
        }
        done.fields.push(field.name);
    }
    if nullable.is_empty() && texts.is_empty() {
        return Ok(());
    }
    let empty = sqlx::query(sql::empty(&held.table, &nullable, &texts))
        .bind(cx.organization_id)
        .bind(&held.ids)
        .bind("erased")
        .bind(cx.now);
    done.rows += empty.execute(cx.db()).await?.rows_affected();
    Ok(())
}

/// Puts texts out in rows that name one of the records: what somebody else of the same name is called stays.
async fn replace(cx: &mut Cx, records: &[Uuid], erased: &[String]) -> Result<u64, Error> {
    let ids: Vec<String> = records.iter().map(Uuid::to_string).collect();
    let mut writable: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for row in sqlx::query(WRITABLE).fetch_all(cx.db()).await? {
        writable.insert(row.try_get("name")?, (row.try_get("texts")?, row.try_get("documents")?));
    }
    let mut rows = 0;
    for table in tables(cx.db()).await? {
        let Some((texts, documents)) = writable.get(&table.full_name()) else {
            continue;
        };
        for text in erased {
            let escaped = Json::from(text.as_str()).to_string();
            let replace = sqlx::query(sql::replace_text(&table, texts, documents))
                .bind(cx.organization_id)
                .bind(&ids)
                .bind(text)
                .bind(&escaped[1..escaped.len() - 1]);
            rows += replace.execute(cx.db()).await?.rows_affected();
        }
    }
    Ok(rows)
}
