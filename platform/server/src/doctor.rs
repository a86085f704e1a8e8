//! `barq doctor`: is this installation sound, and are its tenants kept apart?

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use platform_database::{Role, connected_role_is_safe, prove};
use sqlx::postgres::PgPoolOptions;

use crate::serve::{DatabaseArgs, open_database};

/// Options of `barq doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The data folder.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the proof of isolation; `false` when it has findings.
pub async fn doctor(args: &DoctorArgs) -> Result<(String, bool)> {
    let (cluster, target) = open_database(&args.database, &args.data).await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect(&target.url(Role::App))
        .await;
    let pool = pool.context("connecting as the application")?;
    let mut report = prove(&pool).await?;
    report.findings.extend(connected_role_is_safe(&pool).await?);
    pool.close().await;
    drop(cluster);
    let text = if args.json {
        serde_json::to_string_pretty(&report)?
    } else {
        report.to_string()
    };
    Ok((text, report.findings.is_empty()))
}
