//! What a plugin keeps for itself: read during a call, written with the page.

use std::collections::BTreeMap;
use std::sync::Arc;

use platform_core::{Cx, Mode, Platform, Problem, ids::new_id};
use platform_plugin_host::{BoxFuture, KvReader};
use sqlx::Row;
use uuid::Uuid;

pub(crate) const GET: &str = "SELECT value FROM integrations.plugin_kv
    WHERE organization_id = $1 AND installation_id = $2 AND key = $3 AND (expires_at IS NULL OR expires_at > $4)";
pub(crate) const PUT: &str = "INSERT INTO integrations.plugin_kv
    (organization_id, id, created_at, updated_at, installation_id, key, value)
    SELECT $1, pair.id, $3, $3, $2, pair.key, pair.value
    FROM unnest($4::uuid[], $5::text[], $6::bytea[]) AS pair (id, key, value)
    ON CONFLICT (organization_id, installation_id, key)
    DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, expires_at = NULL,
        version = plugin_kv.version + 1";
pub(crate) const DELETE: &str = "DELETE FROM integrations.plugin_kv
    WHERE organization_id = $1 AND installation_id = $2 AND key = ANY ($3)";
pub(crate) const USED: &str = "SELECT count(*) AS keys,
        coalesce(sum(octet_length(value) + octet_length(key)), 0)::bigint AS bytes
    FROM integrations.plugin_kv WHERE organization_id = $1 AND installation_id = $2";

/// What one installation may keep.
const MOST_KEYS: i64 = 10_000;
const MOST_BYTES: i64 = 10 * 1024 * 1024;

/// Reads of one installation, each in a short transaction of its own: none is open while the guest runs.
pub(crate) struct Store {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
    pub installation_id: Uuid,
}

impl KvReader for Store {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>> {
        Box::pin(async move { self.read(key).await.map_err(|problem| problem.to_string()) })
    }
}

impl Store {
    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let mut cx = Cx::begin_job(&self.platform, self.organization_id, crate::runs::JOB, Mode::Read).await?;
        let now = cx.now;
        let value = sqlx::query_scalar(GET)
            .bind(self.organization_id)
            .bind(self.installation_id)
            .bind(key)
            .bind(now)
            .fetch_optional(cx.db())
            .await?;
        cx.commit().await?;
        Ok(value)
    }
}

/// Stores what a call wrote, in its order. False when the installation keeps more than it may.
pub(crate) async fn write(
    cx: &mut Cx,
    installation_id: Uuid,
    writes: &[(String, Option<Vec<u8>>)],
) -> Result<bool, Problem> {
    // The last write of a key is what counts.
    let last: BTreeMap<&str, Option<&[u8]>> = writes
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_deref()))
        .collect();
    let (organization_id, now) = (cx.organization_id, cx.now);
    let (mut ids, mut keys, mut values, mut gone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (key, value) in last {
        match value {
            Some(value) => {
                ids.push(new_id());
                keys.push(key);
                values.push(value);
            }
            None => gone.push(key),
        }
    }
    if !gone.is_empty() {
        sqlx::query(DELETE)
            .bind(organization_id)
            .bind(installation_id)
            .bind(gone)
            .execute(cx.db())
            .await?;
    }
    if keys.is_empty() {
        return Ok(true);
    }
    sqlx::query(PUT)
        .bind(organization_id)
        .bind(installation_id)
        .bind(now)
        .bind(ids)
        .bind(keys)
        .bind(values)
        .execute(cx.db())
        .await?;
    let used = sqlx::query(USED)
        .bind(organization_id)
        .bind(installation_id)
        .fetch_one(cx.db())
        .await?;
    Ok(used.try_get::<i64, _>("keys")? <= MOST_KEYS && used.try_get::<i64, _>("bytes")? <= MOST_BYTES)
}
