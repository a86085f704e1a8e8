//! Erasing an organization: its key first, so that whatever is interrupted afterwards is unreadable already; then its rows, its
//! people, its files. The audit chain stays, and a signed anchor says that what it was made of is gone for this reason.

use std::sync::Arc;

use platform_core::{Cx, Mode, Platform, Problem, ids};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::export::{PATIENCE, folder};
use crate::operations::{HISTORY, exports};
use crate::tables::{Table, tables};
use crate::{Error, Watch, people, sql};

pub(crate) const CLOSE: &str = "UPDATE platform.organizations SET status = 'cancelled', updated_at = $2, version = version + 1 WHERE organization_id = $1";
pub(crate) const RAISE: &str =
    "UPDATE platform.members SET access_version = access_version + 1 WHERE organization_id = $1";
pub(crate) const DESTROY_KEY: &str = "DELETE FROM platform.organization_keys WHERE organization_id = $1";
pub(crate) const MEMBERS: &str = "SELECT user_id FROM platform.members WHERE organization_id = $1";

/// What stays: hashes alone.
const KEPT: [&str; 2] = ["platform.audit_chain", "platform.audit_heads"];
/// Rounds over all tables: what a job that was under way wrote behind the first one goes with the second.
const ROUNDS: usize = 3;

/// What went.
#[derive(Clone, Debug, Default)]
pub struct Erasure {
    /// Rows of all tables.
    pub rows: u64,
    /// People who belonged to no other organization.
    pub people: usize,
}

/// Erases an organization. `auth` is a pool of `barq_auth`; `migrator_url` the address of `barq_migrator`, the only one who can
/// delete histories. Can be repeated after it was interrupted.
pub async fn erase(
    platform: &Arc<Platform>,
    auth: &PgPool,
    migrator_url: &str,
    organization_id: Uuid,
    watch: Watch<'_>,
) -> Result<Erasure, Error> {
    let members = close(platform, organization_id).await?;
    mark(platform, organization_id).await?;
    let mut cx = begin(platform, organization_id).await?;
    sqlx::query(DESTROY_KEY).bind(organization_id).execute(cx.db()).await?;
    let mut order = tables(cx.db()).await?;
    cx.commit().await?;
    platform.forget_key(organization_id);
    order.retain(|table| !KEPT.contains(&&*table.full_name()));
    order.reverse();

    let mut erasure = Erasure::default();
    let mut owner = PgConnection::connect(migrator_url).await?;
    for _ in 0..ROUNDS {
        for table in &order {
            let deleted = delete(platform, &mut owner, table, organization_id).await?;
            if deleted > 0 {
                watch(&table.full_name(), deleted);
            }
            erasure.rows += deleted;
        }
        if left(platform, &order, organization_id).await?.is_none() {
            break;
        }
    }
    owner.close().await?;
    if let Some(name) = left(platform, &order, organization_id).await? {
        return Err(Error::Refused(format!(
            "{name} still gets new rows: stop the server and try again"
        )));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "identity has no tenants: this is the pool of barq_auth"
    )]
    let mut transaction = auth.begin().await?;
    erasure.people = people::forget(&mut transaction, organization_id, &members).await?;
    transaction.commit().await?;
    for folder in [
        folder(&platform.data, organization_id),
        exports(&platform.data, organization_id),
    ] {
        match tokio::fs::remove_dir_all(folder).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    // Whatever entered the chain meanwhile is gone as well.
    mark(platform, organization_id).await?;
    Ok(erasure)
}

async fn begin(platform: &Arc<Platform>, organization_id: Uuid) -> Result<Cx, Error> {
    let mut cx = Cx::begin_job(platform, organization_id, "organization_erase", Mode::Write).await?;
    sqlx::raw_sql(PATIENCE).execute(cx.db()).await?;
    Ok(cx)
}

/// Lets nobody in any more and writes down why. Answers who belonged to it.
async fn close(platform: &Arc<Platform>, organization_id: Uuid) -> Result<Vec<Uuid>, Error> {
    let mut cx = begin(platform, organization_id).await?;
    let now = cx.now;
    let members = sqlx::query_scalar(MEMBERS)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    let close = sqlx::query(CLOSE).bind(organization_id).bind(now);
    if close.execute(cx.db()).await?.rows_affected() == 0 {
        return Err(Problem::not_found().into());
    }
    sqlx::query(RAISE).bind(organization_id).execute(cx.db()).await?;
    sqlx::query(HISTORY)
        .bind(organization_id)
        .bind(ids::new_id())
        .bind("erase")
        .bind(cx.actor_id())
        .bind(cx.actor_name().to_owned())
        .bind("")
        .bind(now)
        .bind(json!({}))
        .bind(None::<Uuid>)
        .execute(cx.db())
        .await?;
    cx.commit().await?;
    Ok(members)
}

async fn mark(platform: &Arc<Platform>, organization_id: Uuid) -> Result<(), Error> {
    let mut cx = Cx::begin_job(platform, organization_id, "organization_erase", Mode::Read).await?;
    platform_audit::mark_erased(&mut cx).await?;
    Ok(cx.commit().await?)
}

async fn delete(
    platform: &Arc<Platform>,
    owner: &mut PgConnection,
    table: &Table,
    organization_id: Uuid,
) -> Result<u64, Error> {
    if !table.may_delete {
        return Ok(sql::delete_as_owner(owner, table, organization_id).await?);
    }
    let mut cx = begin(platform, organization_id).await?;
    let deleted = sql::delete(cx.db(), &table.quoted(), organization_id).await?;
    cx.commit().await?;
    Ok(deleted)
}

/// The first table that still has rows.
async fn left(platform: &Arc<Platform>, order: &[Table], organization_id: Uuid) -> Result<Option<String>, Error> {
    let mut cx = Cx::begin_job(platform, organization_id, "organization_erase", Mode::Read).await?;
    for table in order {
        if sql::count(cx.db(), table, organization_id).await? > 0 {
            return Ok(Some(table.full_name()));
        }
    }
    cx.commit().await?;
    Ok(None)
}
