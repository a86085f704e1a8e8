//! What is held about one person, for who asks what a company knows of him. [`crate::forget`] makes its personal part undone.
//!
//! The person is a record of a resource, as a courier. Whatever points at it is about it, and so is what points at that. In such
//! rows what is declared personal (the number on a paper, the reason of a leave) is the person's; what is personal by its kind
//! alone (the telephone of a delivery's customer) is somebody else's and is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use platform_core::{Cx, Mode, Platform, Problem};
use platform_resource::{Field, Kind, Resource};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::export::{PATIENCE, folder};
use crate::tables::{Table, tables};
use crate::zipped::Writer;
use crate::{Error, export, sql};

pub(crate) const HISTORIES: &str = "SELECT id, at, verb, resource, record_id, changes FROM platform.history
    WHERE organization_id = $1 AND record_id = ANY ($2) ORDER BY id";
pub(crate) const FILES: &str = "SELECT to_jsonb(f)::text FROM platform.files f
    WHERE f.organization_id = $1 AND f.id = ANY ($2) ORDER BY f.id";
/// What was written.
#[derive(Clone, Debug, Default)]
pub struct PersonExport {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Histories of these rows.
    pub histories: u64,
    /// Files that they tell of.
    pub files: u64,
    /// Values about somebody else that were left out.
    pub left_out: u64,
}

/// Rows about the person, by table.
pub(crate) struct Held {
    pub(crate) table: Table,
    pub(crate) lines: Vec<String>,
    pub(crate) ids: Vec<Uuid>,
    declared: Option<&'static Resource>,
    is_subject: bool,
    /// Files by the column that names them.
    pub(crate) files: Vec<(String, Uuid)>,
}

impl Held {
    /// What says something of the person.
    pub(crate) fn personal(&self) -> impl Iterator<Item = &'static Field> {
        let is_subject = self.is_subject;
        let fields = self.declared.map_or(&[][..], |resource| resource.fields);
        fields.iter().filter(move |field| {
            field.personal || (is_subject && (field.is_sealed() || matches!(field.kind, Kind::LongText { .. })))
        })
    }
}

pub(crate) fn of(platform: &Platform, resource: &str) -> Result<&'static Resource, Error> {
    let found = platform.registry.resource(resource);
    let known = found.filter(|resource| resource.fields.iter().any(Field::is_personal));
    known.ok_or_else(|| Error::Refused(format!("{resource} is not a resource about people")))
}

/// Everything about the record, the record first.
pub(crate) async fn held(cx: &mut Cx, resource: &'static Resource, id: Uuid) -> Result<Vec<Held>, Error> {
    let subject = format!("{}.{}", resource.module, resource.name);
    let mut all: Vec<Held> = Vec::new();
    for table in tables(cx.db()).await? {
        let name = table.full_name();
        if !table.columns.iter().any(|column| column == "id") {
            continue;
        }
        let mut columns: Vec<(String, Vec<Uuid>)> = Vec::new();
        if name == subject {
            columns.push(("id".to_owned(), vec![id]));
        } else {
            for (here, target, there) in &table.refs {
                let at = all
                    .iter()
                    .find(|held| held.table.full_name() == *target && there == "id");
                columns.extend(at.map(|held| (here.clone(), held.ids.clone())));
            }
        }
        if columns.is_empty() {
            continue;
        }
        let declared = cx.platform.registry.resource(&name);
        let mut held = Held {
            lines: Vec::new(),
            ids: Vec::new(),
            declared,
            is_subject: name == subject,
            files: Vec::new(),
            table,
        };
        read(cx, &mut held, columns).await?;
        if !held.ids.is_empty() {
            all.push(held);
        }
    }
    if all.first().is_none_or(|first| first.table.full_name() != subject) {
        return Err(Problem::not_found().into());
    }
    Ok(all)
}

async fn read(cx: &mut Cx, held: &mut Held, columns: Vec<(String, Vec<Uuid>)>) -> Result<(), Error> {
    let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let files = held
        .table
        .refs
        .iter()
        .filter(|(_, target, _)| target == "platform.files");
    let files: Vec<String> = files.map(|(here, ..)| here.clone()).collect();
    let mut query = sqlx::query(sql::select_where(&held.table, &names, "id")).bind(cx.organization_id);
    for (_, ids) in columns {
        query = query.bind(ids);
    }
    for row in query.fetch_all(cx.db()).await? {
        let line: String = row.try_get(0)?;
        let values: Json = serde_json::from_str(&line)?;
        for column in &files {
            let id = values[column].as_str().and_then(|id| Uuid::try_parse(id).ok());
            held.files.extend(id.map(|id| (column.clone(), id)));
        }
        held.ids.push(row.try_get(1)?);
        held.lines.push(line);
    }
    Ok(())
}

/// Writes what is held about a record into a file.
pub async fn export_person(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    (resource, id): (&str, Uuid),
    path: &Path,
) -> Result<PersonExport, Error> {
    let resource = of(platform, resource)?;
    let mut cx = Cx::begin_job(platform, organization_id, "person_export", Mode::Snapshot).await?;
    sqlx::raw_sql(PATIENCE).execute(cx.db()).await?;
    let all = held(&mut cx, resource, id).await?;
    let mut done = PersonExport::default();
    let mut writer = Writer::create(path)?;
    for held in &all {
        let name = held.table.full_name();
        writer.entry(format!("tables/{name}.ndjson")).await?;
        for line in &held.lines {
            let line = if held.is_subject {
                line.clone()
            } else {
                let mut row: Map<String, Json> = serde_json::from_str(line)?;
                done.left_out += without_others(platform, &name, &mut row);
                Json::Object(row).to_string()
            };
            writer.bytes(line.into_bytes()).await?;
            writer.bytes(b"\n".to_vec()).await?;
        }
        done.rows.insert(name, held.lines.len() as u64);
    }
    let records: Vec<Uuid> = all.iter().flat_map(|held| held.ids.iter().copied()).collect();
    writer.entry("histories.ndjson".to_owned()).await?;
    let rows = sqlx::query(HISTORIES).bind(organization_id).bind(&records);
    let rows = rows.fetch_all(cx.db()).await?;
    let mut entries: Vec<(Uuid, Map<String, Json>)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let changes: Json = row.try_get("changes")?;
        entries.push((
            row.try_get("record_id")?,
            changes.as_object().cloned().unwrap_or_default(),
        ));
    }
    cx.reveal(&mut entries).await?;
    for (row, (record_id, mut changes)) in rows.iter().zip(entries) {
        let of: String = row.try_get("resource")?;
        if record_id != id {
            done.left_out += without_others(platform, &of, &mut changes);
        }
        let at: chrono::DateTime<chrono::Utc> = row.try_get("at")?;
        let line = json!({"at": at, "verb": row.try_get::<String, _>("verb")?, "resource": of, "record_id": record_id,
            "changes": changes});
        writer.bytes(format!("{line}\n").into_bytes()).await?;
        done.histories += 1;
    }
    let files: BTreeSet<Uuid> = all
        .iter()
        .flat_map(|held| held.files.iter().map(|(_, id)| *id))
        .collect();
    let files: Vec<Uuid> = files.into_iter().collect();
    writer.entry("tables/platform.files.ndjson".to_owned()).await?;
    let rows = sqlx::query_scalar::<_, String>(FILES)
        .bind(organization_id)
        .bind(&files);
    for line in rows.fetch_all(cx.db()).await? {
        writer.bytes(format!("{line}\n").into_bytes()).await?;
    }
    cx.commit().await?;
    let folder = folder(&platform.data, organization_id);
    for id in files {
        done.files += u64::from(export::write_file(&folder, id, &mut writer).await?.is_some());
    }
    writer.finish().await?;
    Ok(done)
}

/// Takes out what a row of another resource says of people: that is somebody else.
fn without_others(platform: &Platform, resource: &str, row: &mut Map<String, Json>) -> u64 {
    let Some(resource) = platform.registry.resource(resource) else {
        return 0;
    };
    let mut left_out = 0;
    for field in resource
        .fields
        .iter()
        .filter(|field| field.is_personal() && !field.personal)
    {
        if let Some(value) = row.get_mut(field.name).filter(|value| !value.is_null()) {
            *value = Json::Null;
            left_out += 1;
        }
    }
    left_out
}
