//! The migrator. Tables come from `migrations/*.sql` and from nowhere else; they only go forward.

use crate::target::{Role, Target};
use anyhow::{Context, Result};
use sqlx::migrate::{MigrationType, Migrator};
use sqlx::{Connection, PgConnection, SqlSafeStr};

/// One file of `migrations/`, as it was when this program was built.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

const MIGRATIONS: &[(i64, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// Every migration, oldest first.
pub fn migrations() -> impl Iterator<Item = Migration> {
    MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| Migration { version, name, sql })
}

/// Applies what is missing, each file in a transaction of its own. Refuses a database whose applied files have changed.
pub async fn migrate(target: &Target) -> Result<()> {
    let files = migrations().map(|file| {
        sqlx::migrate::Migration::new(
            file.version,
            file.name.into(),
            MigrationType::Simple,
            file.sql.into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(files.collect());
    migrator.create_schema("platform");
    migrator.dangerous_set_table_name("platform.migrations");
    let mut connection = PgConnection::connect(&target.url(Role::Migrator))
        .await
        .context("connecting as the migrator")?;
    sqlx::raw_sql("set role barq_owner")
        .execute(&mut connection)
        .await
        .context("becoming the owner")?;
    migrator.run(&mut connection).await.context("migrating")?;
    Ok(connection.close().await?)
}
