//! The personal part of what is held about somebody, made undone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platform_audit::{Anchors, changes_hash};
use platform_core::{Cx, Mode, Platform, Problem, ids};
use platform_resource::{Field, Kind, Resource};
use serde_json::Value as Json;
use sqlx::{Connection, PgConnection, Row};
use uuid::Uuid;

use crate::export::{PATIENCE, folder};
use crate::person::{Held, held, of};
use crate::tables::tables;
use crate::{Error, sql};

pub(crate) const RENAME: &str =
    "UPDATE platform.files SET name = 'erased' WHERE organization_id = $1 AND id = ANY ($2)";
pub(crate) const EVENTS: &str =
    "DELETE FROM platform.outbox WHERE organization_id = $1 AND subject = ANY ($2) AND delivered_at IS NOT NULL";
/// Events that tell of him without being about one of his records.
pub(crate) const TELLING_EVENTS: &str =
    "DELETE FROM platform.outbox AS o WHERE organization_id = $1 AND delivered_at IS NOT NULL
        AND EXISTS (SELECT FROM unnest($2::text[]) AS text WHERE strpos(o.data::text, text) > 0)";
/// Histories that say one of the texts in the clear, and whether they name one of the ids.
pub(crate) const TELLING_HISTORIES: &str = "SELECT h.id, h.changes::text AS changes, is_linked
    FROM platform.history h, LATERAL (SELECT EXISTS (
        SELECT FROM unnest($4::text[]) AS id WHERE strpos(to_jsonb(h)::text, id) > 0) AS is_linked) AS l
    WHERE h.organization_id = $1 AND (
        EXISTS (SELECT FROM unnest($2::text[]) AS text WHERE strpos(h.changes::text, text) > 0)
        OR is_linked AND EXISTS (SELECT FROM unnest($3::text[]) AS text WHERE strpos(h.changes::text, text) > 0))
    ORDER BY h.id";
/// As the database will write them.
pub(crate) const WRITTEN: &str =
    "SELECT changes::jsonb::text FROM unnest($1::text[]) WITH ORDINALITY AS said (changes, place)
    ORDER BY place";
pub(crate) const OTHER_MEMBERS: &str = "SELECT text FROM unnest($2::text[]) AS text WHERE EXISTS (
        SELECT FROM platform.members WHERE organization_id = $1 AND strpos(full_name, text) > 0)";
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
    /// Histories about other things in which a text was put out; the redaction is signed.
    pub redacted: u64,
    /// Files that are gone.
    pub files: u64,
    /// Rows about these records in which a text was put out: titles, notifications.
    pub replaced: u64,
    /// Rows in which a text still stands that was erased, by table: of somebody with the same name, free texts, histories.
    pub mentioned: BTreeMap<String, i64>,
}

/// What tells who somebody is.
#[derive(Default)]
struct Told {
    /// Texts that stand nowhere else as what somebody is called: put out wherever they are.
    alone: Vec<String>,
    /// Texts that somebody else bears too, or that are part of theirs: put out beside one of the records only.
    shared: Vec<String>,
    /// Records that say them.
    records: Vec<Uuid>,
}

impl Told {
    fn record_ids(&self) -> Vec<String> {
        self.records.iter().map(Uuid::to_string).collect()
    }
}

/// Empties what is said of the person, destroys the keys of its histories and the files that are declared personal, and puts its
/// name out wherever somebody typed it. What the law has an employer keep (attendance, pay, deliveries, cash) stays, of somebody
/// without a name. `migrator_url` is the address of `barq_migrator`, the only one who can change histories. Can be repeated after
/// it was interrupted: the record itself is emptied last.
pub async fn erase_person(
    platform: &Arc<Platform>,
    migrator_url: &str,
    organization_id: Uuid,
    (name, id): (&str, Uuid),
) -> Result<PersonErasure, Error> {
    let resource = of(platform, name)?;
    let mut done = PersonErasure {
        redacted: redact(platform, migrator_url, organization_id, (resource, id)).await?,
        ..PersonErasure::default()
    };
    let mut cx = Cx::begin_job(platform, organization_id, "person_erase", Mode::Write).await?;
    sqlx::raw_sql(PATIENCE).execute(cx.db()).await?;
    let all = held(&mut cx, resource, id).await?;
    let told = told(&mut cx, &all).await?;
    let mut files = BTreeSet::new();
    for held in &all {
        let fields: Vec<&Field> = held.personal().collect();
        if !fields.is_empty() {
            empty(&mut cx, held, &fields, &mut done).await?;
        }
        let is_own = |column: &str| fields.iter().any(|field| field.name == column);
        files.extend(
            held.files
                .iter()
                .filter(|(column, _)| is_own(column))
                .map(|(_, id)| *id),
        );
    }
    let files: Vec<Uuid> = files.into_iter().collect();
    let now = cx.now;
    done.histories = cx.forget_records(&told.records).await?;
    sqlx::query(TELLING_EVENTS)
        .bind(organization_id)
        .bind(&told.alone)
        .execute(cx.db())
        .await?;
    for (statement, of) in [(RENAME, &files), (EVENTS, &told.records)] {
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
    done.replaced = replace(&mut cx, &told).await?;
    let texts: Vec<&String> = told.alone.iter().chain(&told.shared).collect();
    for table in tables(cx.db()).await? {
        let mentions = sqlx::query(sql::mentions(&table)).bind(organization_id).bind(&texts);
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

/// Sorts the texts of the records by whether somebody else is called so.
async fn told(cx: &mut Cx, all: &[Held]) -> Result<Told, Error> {
    let (mut texts, mut told) = (BTreeSet::new(), Told::default());
    for held in all {
        let fields: Vec<&Field> = held.personal().collect();
        if !fields.is_empty() {
            told.records.extend(&held.ids);
            texts.extend(held.lines.iter().flat_map(|line| texts_of(line, &fields)));
        }
    }
    let texts: Vec<String> = texts.into_iter().collect();
    let others = sqlx::query_scalar(OTHER_MEMBERS).bind(cx.organization_id).bind(&texts);
    let mut borne: BTreeSet<String> = others.fetch_all(cx.db()).await?.into_iter().collect();
    for table in tables(cx.db()).await? {
        let declared = cx.platform.registry.resource(&table.full_name());
        let fields = declared.map_or(&[][..], |resource| resource.fields);
        let columns: Vec<&str> = fields
            .iter()
            .filter(|field| names_somebody(field))
            .map(|field| field.name)
            .collect();
        if columns.is_empty() {
            continue;
        }
        let others = sqlx::query_scalar(sql::borne(&table, &columns, "id"))
            .bind(cx.organization_id)
            .bind(&texts)
            .bind(&told.records);
        borne.extend(others.fetch_all(cx.db()).await?);
    }
    (told.shared, told.alone) = texts.into_iter().partition(|text| borne.contains(text));
    Ok(told)
}

/// Whether a field says what somebody is called or how to reach him.
fn names_somebody(field: &Field) -> bool {
    let is_text = matches!(
        field.kind,
        Kind::Text { .. } | Kind::Phone | Kind::Email | Kind::Iban | Kind::NationalId
    );
    is_text && (field.is_sealed() || field.name == "name" || field.name.ends_with("_name"))
}

/// Puts texts out in histories that are no record's of the person: first signed, then changed.
async fn redact(
    platform: &Arc<Platform>,
    migrator_url: &str,
    organization_id: Uuid,
    (resource, id): (&'static Resource, Uuid),
) -> Result<u64, Error> {
    let mut cx = Cx::begin_job(platform, organization_id, "person_erase", Mode::Snapshot).await?;
    sqlx::raw_sql(PATIENCE).execute(cx.db()).await?;
    let all = held(&mut cx, resource, id).await?;
    let told = told(&mut cx, &all).await?;
    let telling = sqlx::query(TELLING_HISTORIES)
        .bind(organization_id)
        .bind(&told.alone)
        .bind(&told.shared)
        .bind(told.record_ids());
    let (mut ids, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for row in telling.fetch_all(cx.db()).await? {
        let changes: String = row.try_get("changes")?;
        let shared: &[String] = if row.try_get("is_linked")? { &told.shared } else { &[] };
        let put_out = |changes: String, text: &String| changes.replace(escaped(text).as_str(), "erased");
        after.push(told.alone.iter().chain(shared).fold(changes.clone(), put_out));
        ids.push(row.try_get::<Uuid, _>("id")?);
        before.push(changes);
    }
    let written: Vec<String> = sqlx::query_scalar(WRITTEN).bind(&after).fetch_all(cx.db()).await?;
    let now = cx.now;
    // The owner cannot change the table while this transaction reads it.
    cx.commit().await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let hashes: Vec<(Uuid, String, String)> = ids
        .iter()
        .zip(before.iter().zip(&written))
        .map(|(id, (was, is))| (*id, changes_hash(was), changes_hash(is)))
        .collect();
    let data = platform.data.clone();
    let sign = move || Anchors::open(&data)?.redact(organization_id, &hashes, now);
    tokio::task::spawn_blocking(sign)
        .await
        .map_err(|error| Problem::internal(&error))??;
    let mut owner = PgConnection::connect(migrator_url).await?;
    let redacted = sql::redact_as_owner(&mut owner, organization_id, (&ids, &written)).await;
    owner.close().await?;
    Ok(redacted?)
}

/// As it stands within a text of JSON.
fn escaped(text: &str) -> String {
    let quoted = Json::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Puts texts out: what is the person's alone everywhere, what somebody else is called too only beside one of the records.
async fn replace(cx: &mut Cx, told: &Told) -> Result<u64, Error> {
    let ids = told.record_ids();
    let mut writable: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for row in sqlx::query(WRITABLE).fetch_all(cx.db()).await? {
        writable.insert(row.try_get("name")?, (row.try_get("texts")?, row.try_get("documents")?));
    }
    let alone = told.alone.iter().map(|text| (text, None));
    let texts: Vec<(&String, Option<&[String]>)> = alone
        .chain(told.shared.iter().map(|text| (text, Some(&*ids))))
        .collect();
    let mut rows = 0;
    for table in tables(cx.db()).await? {
        let Some((columns, documents)) = writable.get(&table.full_name()) else {
            continue;
        };
        for (text, beside) in &texts {
            let replace = sqlx::query(sql::replace_text(&table, columns, documents))
                .bind(cx.organization_id)
                .bind(*beside)
                .bind(*text)
                .bind(escaped(text));
            rows += replace.execute(cx.db()).await?.rows_affected();
        }
    }
    Ok(rows)
}
