//! What a plugin keeps for itself: read during a call, written with what the call brought.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{Cx, Mode, Platform, Problem, ids::new_id};
use platform_plugin_host::{BoxFuture, KvEntry, KvReader, KvRoom, KvWrite, MAX_KEPT_BYTES, MAX_KEYS};
use sqlx::Row;
use uuid::Uuid;

pub(crate) const GET: &str = "SELECT value, version FROM integrations.plugin_kv
    WHERE organization_id = $1 AND installation_id = $2 AND key = $3 AND (expires_at IS NULL OR expires_at > $4)";
/// The order of bytes is the same in every database.
pub(crate) const LIST: &str = r#"SELECT key FROM integrations.plugin_kv
    WHERE organization_id = $1 AND installation_id = $2 AND starts_with(key, $3) AND key COLLATE "C" > $4 COLLATE "C"
        AND (expires_at IS NULL OR expires_at > $5) ORDER BY key COLLATE "C" LIMIT $6"#;
/// Locked until the transaction ends: what is compared stays as it is.
pub(crate) const VERSIONS: &str = "SELECT key, version, expires_at FROM integrations.plugin_kv
    WHERE organization_id = $1 AND installation_id = $2 AND key = ANY ($3) ORDER BY key FOR UPDATE";
/// A number that was used once is not used again, also when the value was away in between: versions go up with time.
pub(crate) const PUT: &str = "INSERT INTO integrations.plugin_kv
    (organization_id, id, created_at, updated_at, installation_id, key, value, expires_at, version)
    SELECT $1, pair.id, $3, $3, $2, pair.key, pair.value, pair.expires_at, $8
    FROM unnest($4::uuid[], $5::text[], $6::bytea[], $7::timestamptz[]) AS pair (id, key, value, expires_at)
    ON CONFLICT (organization_id, installation_id, key)
    DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, expires_at = excluded.expires_at,
        version = greatest(plugin_kv.version + 1, excluded.version)";
pub(crate) const DELETE: &str = "DELETE FROM integrations.plugin_kv
    WHERE organization_id = $1 AND installation_id = $2 AND key = ANY ($3)";
pub(crate) const USED: &str = "SELECT count(*) AS keys,
        coalesce(sum(octet_length(value) + octet_length(key)), 0)::bigint AS bytes
    FROM integrations.plugin_kv WHERE organization_id = $1 AND installation_id = $2";

/// Reads of one installation, each in a short transaction of its own: none is open while the guest runs.
pub(crate) struct Store {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
    pub installation_id: Uuid,
}

impl KvReader for Store {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<KvEntry>, String>> {
        Box::pin(async move { self.read(key).await.map_err(|problem| problem.to_string()) })
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, String>> {
        Box::pin(async move {
            let keys = self.keys(prefix, after.unwrap_or_default(), limit).await;
            keys.map_err(|problem| problem.to_string())
        })
    }

    fn room(&self) -> BoxFuture<'_, Result<KvRoom, String>> {
        Box::pin(async move { self.left().await.map_err(|problem| problem.to_string()) })
    }
}

impl Store {
    async fn begin(&self) -> Result<Cx, Problem> {
        Cx::begin_job(&self.platform, self.organization_id, crate::runs::JOB, Mode::Read).await
    }

    async fn read(&self, key: &str) -> Result<Option<KvEntry>, Problem> {
        let mut cx = self.begin().await?;
        let now = cx.now;
        let row = sqlx::query(GET)
            .bind(self.organization_id)
            .bind(self.installation_id)
            .bind(key)
            .bind(now)
            .fetch_optional(cx.db())
            .await?;
        cx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(KvEntry {
            value: row.try_get("value")?,
            version: version(row.try_get("version")?),
        }))
    }

    async fn keys(&self, prefix: &str, after: &str, limit: u32) -> Result<Vec<String>, Problem> {
        let mut cx = self.begin().await?;
        let now = cx.now;
        let keys = sqlx::query_scalar(LIST)
            .bind(self.organization_id)
            .bind(self.installation_id)
            .bind(prefix)
            .bind(after)
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(cx.db())
            .await?;
        cx.commit().await?;
        Ok(keys)
    }

    async fn left(&self) -> Result<KvRoom, Problem> {
        let mut cx = self.begin().await?;
        let (keys, bytes) = kept(&mut cx, self.installation_id).await?;
        cx.commit().await?;
        Ok(KvRoom::beside(keys, bytes))
    }
}

fn version(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}

/// Keys and bytes that an installation keeps.
async fn kept(cx: &mut Cx, installation_id: Uuid) -> Result<(u64, u64), Problem> {
    let used = sqlx::query(USED)
        .bind(cx.organization_id)
        .bind(installation_id)
        .fetch_one(cx.db())
        .await?;
    let many = |name| used.try_get::<i64, _>(name).map(version);
    Ok((many("keys")?, many("bytes")?))
}

/// What came of storing what a call wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Kept,
    /// Another call changed a value that this one compared.
    Conflict,
    /// The installation keeps more than it may.
    TooMuch,
}

/// Stores what a call wrote, in its order.
pub(crate) async fn write(cx: &mut Cx, installation_id: Uuid, writes: &[KvWrite]) -> Result<Written, Problem> {
    if writes.is_empty() {
        return Ok(Written::Kept);
    }
    if !compares(cx, installation_id, writes).await? {
        return Ok(Written::Conflict);
    }
    // The last write of a key is what counts.
    let last: BTreeMap<&str, &KvWrite> = writes.iter().map(|write| (write.key.as_str(), write)).collect();
    let (organization_id, now) = (cx.organization_id, cx.now);
    let gone: Vec<&str> = last
        .iter()
        .filter(|(_, write)| write.value.is_none())
        .map(|(key, _)| *key)
        .collect();
    if !gone.is_empty() {
        sqlx::query(DELETE)
            .bind(organization_id)
            .bind(installation_id)
            .bind(gone)
            .execute(cx.db())
            .await?;
    }
    let (mut ids, mut keys, mut values, mut ends) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (key, write) in last {
        if let Some(value) = &write.value {
            ids.push(new_id());
            keys.push(key);
            values.push(value.as_slice());
            ends.push(write.expires_at);
        }
    }
    if keys.is_empty() {
        return Ok(Written::Kept);
    }
    sqlx::query(PUT)
        .bind(organization_id)
        .bind(installation_id)
        .bind(now)
        .bind(ids)
        .bind(keys)
        .bind(values)
        .bind(ends)
        .bind(now.timestamp_micros())
        .execute(cx.db())
        .await?;
    let (keys, bytes) = kept(cx, installation_id).await?;
    Ok(if keys <= MAX_KEYS && bytes <= MAX_KEPT_BYTES {
        Written::Kept
    } else {
        Written::TooMuch
    })
}

/// Whether everything that the call compared is still so.
async fn compares(cx: &mut Cx, installation_id: Uuid, writes: &[KvWrite]) -> Result<bool, Problem> {
    // Only the first comparison of a key is with what is stored: later ones are with what the call itself wrote.
    let mut expected: BTreeMap<&str, Option<u64>> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for write in writes {
        if seen.insert(write.key.as_str())
            && let Some(version) = write.expected
        {
            expected.insert(&write.key, version);
        }
    }
    if expected.is_empty() {
        return Ok(true);
    }
    let now = cx.now;
    let rows = sqlx::query(VERSIONS)
        .bind(cx.organization_id)
        .bind(installation_id)
        .bind(expected.keys().copied().collect::<Vec<_>>())
        .fetch_all(cx.db())
        .await?;
    let mut stored: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows {
        let ends: Option<DateTime<Utc>> = row.try_get("expires_at")?;
        if ends.is_none_or(|ends| ends > now) {
            stored.insert(row.try_get("key")?, version(row.try_get("version")?));
        }
    }
    Ok(expected
        .into_iter()
        .all(|(key, version)| stored.get(key).copied() == version))
}
