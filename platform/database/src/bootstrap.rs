//! Roles and the empty database: what has to be there before the first migration.

use crate::target::{Role, Target};
use anyhow::{Context, Result, ensure};
use sqlx::{Connection, PgConnection};

/// Makes roles and database, or brings them back to what they should be. Safe to repeat and to run at the same time as
/// another bootstrap of the same server.
pub async fn bootstrap(target: &Target) -> Result<()> {
    let maintenance = target.with_database("postgres");
    let mut connection = match PgConnection::connect(&maintenance.admin_url()).await {
        Ok(connection) => connection,
        // Some hosted servers keep their own database closed.
        Err(sqlx::Error::Database(_)) => connect(target).await?,
        Err(error) => return Err(error).context("connecting to the database server"),
    };
    sqlx::raw_sql(include_str!("../sql/roles.sql"))
        .execute(&mut connection)
        .await
        .context("making the roles")?;
    set_passwords(&mut connection, target).await?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(target.database())
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        create_on(&mut connection, target.database(), "template0").await?;
    }
    connection.close().await?;
    let mut connection = connect(target).await?;
    sqlx::raw_sql(include_str!("../sql/database.sql"))
        .execute(&mut connection)
        .await
        .context("setting the rights of the database")?;
    Ok(connection.close().await?)
}

/// A copy of a database, roles' rights included: tests clone the migrated one. Nobody may be connected to the template.
pub async fn create_database(template: &Target, name: &str) -> Result<Target> {
    let mut connection = connect(&template.with_database("postgres")).await?;
    create_on(&mut connection, name, template.database()).await?;
    connection.close().await?;
    let target = template.with_database(name);
    bootstrap(&target).await?;
    Ok(target)
}

async fn connect(target: &Target) -> Result<PgConnection> {
    PgConnection::connect(&target.admin_url())
        .await
        .with_context(|| format!("connecting to the database {} as its administrator", target.database()))
}

async fn set_passwords(connection: &mut PgConnection, target: &Target) -> Result<()> {
    for role in Role::ALL {
        let Some(password) = target.password(role) else {
            continue;
        };
        let mut transaction = connection.begin().await?;
        // Bound, so that a server that logs statements does not log the password.
        sqlx::query("select set_config('barq.role_name', $1, true), set_config('barq.role_password', $2, true)")
            .bind(role.name())
            .bind(password)
            .execute(&mut *transaction)
            .await?;
        sqlx::raw_sql(include_str!("../sql/password.sql"))
            .execute(&mut *transaction)
            .await
            .with_context(|| format!("setting the password of {}", role.name()))?;
        transaction.commit().await?;
    }
    Ok(())
}

async fn create_on(connection: &mut PgConnection, name: &str, template: &str) -> Result<()> {
    for name in [name, template] {
        ensure!(
            is_plain(name),
            "{name:?} is no name for a database: use a-z, 0-9 and _, and start with a letter"
        );
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "CREATE DATABASE takes neither bound values nor a DO block; both names were just checked letter by letter"
    )]
    let sql = sqlx::AssertSqlSafe(format!("create database {name} template {template} encoding 'UTF8'"));
    match sqlx::raw_sql(sql).execute(connection).await {
        // Somebody else was faster.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P04") => Ok(()),
        other => other.map(drop).with_context(|| format!("making the database {name}")),
    }
}

fn is_plain(name: &str) -> bool {
    name.len() < 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
