//! Writing an archive.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt;
use platform_audit::Anchors;
use platform_core::{Cx, Mode, Platform, Problem};
use sha2::{Digest, Sha256};
use sqlx::Row;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

use crate::manifest::{FORMAT, FileEntry, Manifest, NAME as MANIFEST, TableEntry};
use crate::tables::{LEFT_OUT, Table, tables};
use crate::zipped::Writer;
use crate::{Error, Watch, sql};

pub(crate) const NAME: &str = "SELECT name FROM platform.organizations WHERE organization_id = $1";
pub(crate) const FILES: &str = "SELECT id FROM platform.files WHERE organization_id = $1 ORDER BY id";

/// A table is read in one statement, which a request's few seconds are too short for.
pub(crate) const PATIENCE: &str =
    "SET LOCAL statement_timeout = '30min'; SET LOCAL idle_in_transaction_session_timeout = '30min'";
/// Bytes that are handed to the compressor at once.
const BUNDLE: usize = 256 * 1024;

/// Where the files of an organization are.
pub(crate) fn folder(data: &Path, organization_id: Uuid) -> PathBuf {
    data.join("files").join(organization_id.to_string())
}

/// Writes everything of an organization into a file, as it is at one moment.
pub async fn export(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    path: &Path,
    watch: Watch<'_>,
) -> Result<Manifest, Error> {
    let mut cx = Cx::begin_job(platform, organization_id, "organization_export", Mode::Snapshot).await?;
    sqlx::raw_sql(PATIENCE).execute(cx.db()).await?;
    let name: Option<String> = sqlx::query_scalar(NAME)
        .bind(organization_id)
        .fetch_optional(cx.db())
        .await?;
    let mut manifest = Manifest {
        format: FORMAT,
        organization_id,
        organization_name: name.ok_or_else(Problem::not_found)?,
        exported_at: cx.now,
        data_key: cx.organization_key().await?.map(hex::encode),
        tables: Vec::new(),
        files: Vec::new(),
        missing_files: Vec::new(),
        redactions: Anchors::open(&platform.data)?.redactions(organization_id)?,
    };
    let mut writer = Writer::create(path)?;
    for table in tables(cx.db()).await? {
        if !LEFT_OUT.contains(&&*table.full_name()) {
            let entry = write_table(&mut cx, &table, &mut writer).await?;
            watch(&entry.name, entry.rows);
            manifest.tables.push(entry);
        }
    }
    let files: Vec<Uuid> = sqlx::query_scalar(FILES)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    cx.commit().await?;
    let folder = folder(&platform.data, organization_id);
    for id in files {
        match write_file(&folder, id, &mut writer).await? {
            Some(entry) => manifest.files.push(entry),
            None => manifest.missing_files.push(id),
        }
    }
    watch(crate::FILES, manifest.files.len() as u64);
    writer.entry(MANIFEST.to_owned()).await?;
    writer.bytes(serde_json::to_vec_pretty(&manifest)?).await?;
    writer.finish().await?;
    Ok(manifest)
}

async fn write_table(cx: &mut Cx, table: &Table, writer: &mut Writer) -> Result<TableEntry, Error> {
    writer.entry(format!("tables/{}.ndjson", table.full_name())).await?;
    let (mut hash, mut bytes, mut count) = (Sha256::new(), Vec::new(), 0);
    let organization_id = cx.organization_id;
    let mut rows = sqlx::query(sql::select(table)).bind(organization_id).fetch(cx.db());
    while let Some(row) = rows.try_next().await? {
        bytes.extend_from_slice(row.try_get::<&str, _>(0)?.as_bytes());
        bytes.push(b'\n');
        count += 1;
        if bytes.len() >= BUNDLE {
            hash.update(&bytes);
            writer.bytes(std::mem::take(&mut bytes)).await?;
        }
    }
    hash.update(&bytes);
    writer.bytes(bytes).await?;
    Ok(TableEntry {
        name: table.full_name(),
        columns: table.columns.clone(),
        rows: count,
        sha256: hex::encode(hash.finalize()),
    })
}

pub(crate) async fn write_file(folder: &Path, id: Uuid, writer: &mut Writer) -> Result<Option<FileEntry>, Error> {
    let mut file = match tokio::fs::File::open(folder.join(id.to_string())).await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    writer.entry(format!("files/{id}")).await?;
    let (mut hash, mut size_bytes) = (Sha256::new(), 0);
    loop {
        let mut bytes = vec![0; BUNDLE];
        let read = file.read(&mut bytes).await?;
        if read == 0 {
            break;
        }
        bytes.truncate(read);
        hash.update(&bytes);
        size_bytes += u64::try_from(read).unwrap_or_default();
        writer.bytes(bytes).await?;
    }
    Ok(Some(FileEntry {
        id,
        size_bytes,
        sha256: hex::encode(hash.finalize()),
    }))
}
