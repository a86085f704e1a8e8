//! `barq rotate-keys`: an operator replaces the keys that sign access tokens.

use std::path::PathBuf;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;
use platform_core::Clock;
use platform_database::Role;
use tenancy::{Rotation, Tenancy};

use crate::serve::{DatabaseArgs, open_database, stop};

/// Options of `barq rotate-keys`.
#[derive(Args, Debug)]
pub struct RotateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The data folder, where the key file is that seals the keys.
    #[arg(long, env = "BARQ_DATA", default_value = "data")]
    data: PathBuf,
    /// Minutes until the new key signs, in which every running instance learns of it. Nobody is signed out.
    #[arg(long, default_value_t = 24 * 60, value_parser = clap::value_parser!(i64).range(3..=10_080))]
    notice_min: i64,
    /// The old keys are known to somebody else: they are worth nothing within a minute, and open pages sign in with their
    /// refresh cookie.
    #[arg(long)]
    compromised: bool,
}

/// Makes a new key and says its name.
pub async fn rotate_keys(args: &RotateArgs) -> Result<String> {
    let (cluster, target) = open_database(&args.database, &args.data).await?;
    platform_database::prepare(&target).await?;
    let registry = crate::app::registry()?;
    let tenancy = Tenancy::connect(&target.url(Role::Auth), &registry, &args.data, &Clock::System).await?;
    let rotation = if args.compromised {
        Rotation::Compromised
    } else {
        Rotation::Planned(TimeDelta::minutes(args.notice_min))
    };
    let kid = tenancy.rotate_keys(Clock::System.now(), rotation).await?;
    tenancy.close().await;
    stop(cluster).await?;
    Ok(kid)
}
