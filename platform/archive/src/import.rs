//! Reading an archive into an installation that does not have the organization.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use platform_audit::Anchors;
use platform_core::{Cx, KEY_BYTES, Mode, Platform};
use serde_json::Value as Json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::export::{PATIENCE, folder};
use crate::manifest::{Manifest, TableEntry};
use crate::people::{self, Person};
use crate::tables::{LEFT_OUT, Table, tables};
use crate::zipped::{self, Lines};
use crate::{Error, Watch, sql};

pub(crate) const THERE: &str = "SELECT EXISTS (SELECT FROM platform.organizations WHERE organization_id = $1)
    OR EXISTS (SELECT FROM platform.audit_heads WHERE organization_id = $1)";

/// Lines of one statement.
const BUNDLE: usize = 1_000;
const MEMBERS: &str = "platform.members";

/// What came in.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The archive.
    pub manifest: Manifest,
    /// Rows of all tables.
    pub rows: u64,
    /// People who were known here by their address under another id.
    pub people_matched: usize,
}

/// Stores everything of an archive: people first, then in one transaction the organization's rows, then its files. Whatever does
/// not agree with the archive's checksums stops it.
pub async fn import(platform: &Arc<Platform>, auth: &PgPool, path: &Path, watch: Watch<'_>) -> Result<Imported, Error> {
    let manifest = zipped::manifest(path).await?;
    let id = manifest.organization_id;
    let mut cx = Cx::begin_job(platform, id, "organization_import", Mode::Write).await?;
    sqlx::raw_sql(PATIENCE).execute(cx.db()).await?;
    if sqlx::query_scalar(THERE).bind(id).fetch_one(cx.db()).await? {
        return Err(Error::Refused(format!(
            "the organization {id} is here already, or was erased here"
        )));
    }
    let here: BTreeMap<String, Table> = tables(cx.db())
        .await?
        .into_iter()
        .map(|table| (table.full_name(), table))
        .collect();
    refuse_unknown(&manifest, &here)?;
    let moved = admit(platform, auth, path, &manifest).await?;
    if let Some(key) = &manifest.data_key {
        let key: Option<[u8; KEY_BYTES]> = hex::decode(key).ok().and_then(|key| key.try_into().ok());
        let key = key.ok_or_else(|| Error::Refused("the organization's key is damaged".into()))?;
        cx.put_organization_key(key).await?;
    }
    let order = tables(cx.db()).await?;
    let mut rows = 0;
    for table in &order {
        if let Some(entry) = manifest.tables.iter().find(|entry| entry.name == table.full_name()) {
            let stored = read_table(&mut cx, path, table, entry, &moved).await?;
            watch(&entry.name, stored);
            rows += stored;
        }
    }
    let folder = folder(&platform.data, id);
    tokio::fs::create_dir_all(&folder).await?;
    for file in &manifest.files {
        let sha256 = zipped::unpack(path, format!("files/{}", file.id), folder.join(file.id.to_string())).await?;
        if sha256 != file.sha256 {
            return Err(Error::Refused(format!("the file {} is damaged", file.id)));
        }
    }
    watch(crate::FILES, manifest.files.len() as u64);
    // What the other installation signed, this one vouches for with the rest of the archive.
    let redacted = manifest.redactions.iter();
    let redacted: Vec<_> = redacted
        .map(|one| (one.history_id, one.was.clone(), one.is.clone()))
        .collect();
    Anchors::open(&platform.data)?.redact(id, &redacted, cx.now)?;
    cx.commit().await?;
    let mut cx = Cx::begin_job(platform, id, "organization_import", Mode::Read).await?;
    platform_audit::anchor(&mut cx).await?;
    cx.commit().await?;
    Ok(Imported {
        manifest,
        rows,
        people_matched: moved.len(),
    })
}

/// A table or column that this build does not have would be lost.
fn refuse_unknown(manifest: &Manifest, here: &BTreeMap<String, Table>) -> Result<(), Error> {
    for entry in &manifest.tables {
        let known = here.get(&entry.name).filter(|_| !LEFT_OUT.contains(&&*entry.name));
        let missing = match known {
            None => Some(String::new()),
            Some(table) => {
                let lost = entry.columns.iter().find(|column| !table.columns.contains(column));
                lost.map(|column| format!(".{column}"))
            }
        };
        if let Some(column) = missing
            && entry.rows > 0
        {
            return Err(Error::Refused(format!(
                "the archive has {}{column}, which this build does not know",
                entry.name
            )));
        }
    }
    Ok(())
}

/// Makes the people of the archive; answers the ids that are others here.
async fn admit(
    platform: &Arc<Platform>,
    auth: &PgPool,
    path: &Path,
    manifest: &Manifest,
) -> Result<BTreeMap<String, String>, Error> {
    let mut people = Vec::new();
    let mut lines = zipped::lines(path, format!("tables/{MEMBERS}.ndjson"), BUNDLE);
    while let Some(bundle) = lines.recv().await {
        let Lines::Some(bundle) = bundle? else { break };
        for line in bundle {
            let row: Json = serde_json::from_str(&line)?;
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let id = Uuid::try_parse(&text("user_id")).map_err(|_| Error::Refused("a member has no id".into()))?;
            people.push(Person {
                id,
                email: text("email"),
                full_name: text("full_name"),
                is_in: text("status") != "removed",
            });
        }
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "identity has no tenants: this is the pool of barq_auth"
    )]
    let mut transaction = auth.begin().await?;
    let organization = (manifest.organization_id, manifest.organization_name.as_str());
    let moved = people::admit(&mut transaction, organization, &people, platform.clock.now()).await?;
    transaction.commit().await?;
    let text = |(from, to): (Uuid, Uuid)| (from.to_string(), to.to_string());
    Ok(moved.into_iter().map(text).collect())
}

async fn read_table(
    cx: &mut Cx,
    path: &Path,
    table: &Table,
    entry: &TableEntry,
    moved: &BTreeMap<String, String>,
) -> Result<u64, Error> {
    let damaged = || Error::Refused(format!("the table {} is damaged", entry.name));
    // Rows that point at rows of the same table have to come in one statement, whatever their order.
    let most = if table.is_circular { usize::MAX } else { BUNDLE };
    let mut lines = zipped::lines(path, format!("tables/{}.ndjson", entry.name), most);
    let mut stored = 0;
    while let Some(bundle) = lines.recv().await {
        match bundle? {
            Lines::Some(mut bundle) => {
                if !moved.is_empty() && !table.members.is_empty() {
                    for line in &mut bundle {
                        *line = with_people(line, table, moved)?;
                    }
                }
                stored += sql::insert(cx.db(), table, &entry.columns, &bundle).await?;
            }
            Lines::End(sha256) => {
                return if sha256 == entry.sha256 && stored == entry.rows {
                    Ok(stored)
                } else {
                    Err(damaged())
                };
            }
        }
    }
    Err(damaged())
}

/// The line with the ids that its members have here.
fn with_people(line: &str, table: &Table, moved: &BTreeMap<String, String>) -> Result<String, Error> {
    let mut row: Json = serde_json::from_str(line)?;
    for column in &table.members {
        let here = row[column].as_str().and_then(|id| moved.get(id));
        if let Some(here) = here {
            row[column] = here.clone().into();
        }
    }
    Ok(row.to_string())
}
