//! `barq doctor`: is this installation sound, are its tenants kept apart, and is what should happen by the clock on time?

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use platform_core::Clock;
use platform_database::{Role, Target, connected_role_is_safe, prove};
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::serve::{DatabaseArgs, open_database};

/// What waits longer is late.
const LATE: TimeDelta = TimeDelta::minutes(15);
/// Most late organizations that are named.
const MOST: i64 = 20;

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
    let late = late(&target).await?;
    drop(cluster);
    let text = if args.json {
        let mut json = serde_json::to_value(&report)?;
        json["late"] = late
            .iter()
            .map(|(organization_id, since)| serde_json::json!({"organization_id": organization_id, "since": since}))
            .collect();
        serde_json::to_string_pretty(&json)?
    } else {
        let mut text = report.to_string();
        for (organization_id, since) in &late {
            write!(
                text,
                "\nQueue: jobs or schedules of {organization_id} wait since {since}"
            )?;
        }
        text
    };
    Ok((text, report.findings.is_empty()))
}

/// Organizations whose queue is late. No finding: the server may just not be running.
async fn late(target: &Target) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect(&target.url(Role::Dispatch))
        .await;
    let pool = pool.context("connecting as the dispatcher")?;
    let late = platform_jobs::late(&pool, Clock::System.now() - LATE, MOST).await?;
    pool.close().await;
    Ok(late)
}
