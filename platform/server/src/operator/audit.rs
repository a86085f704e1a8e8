//! `barq audit verify`.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Subcommand;
use platform_audit::{Anchors, Report, verify};

use super::{Installation, Place, failed, json};

/// What can be done with audit chains.
#[derive(Subcommand, Debug)]
pub enum AuditCommand {
    /// Recomputes every chain and compares it with its anchors. The exit status is 1 on a finding, and the first broken entry is
    /// named.
    Verify {
        #[command(flatten)]
        place: Place,
        /// Only this organization, by id or name. May be given several times.
        #[arg(long = "organization", value_name = "ID OR NAME")]
        organizations: Vec<String>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

impl AuditCommand {
    pub(super) const fn place(&self) -> &Place {
        let Self::Verify { place, .. } = self;
        place
    }
}

pub(super) async fn run(installation: &Installation, command: &AuditCommand) -> Result<(String, bool)> {
    let AuditCommand::Verify {
        organizations,
        json: as_json,
        ..
    } = command;
    let mut ids = BTreeSet::new();
    for named in organizations {
        ids.insert(installation.organization(named).await?);
    }
    if organizations.is_empty() {
        // Who can delete a chain can delete the organization as well: the anchors still know it.
        ids.extend(installation.ids().await?);
        ids.extend(Anchors::open(&installation.platform.data)?.organizations()?);
    }
    let mut reports = Vec::with_capacity(ids.len());
    for id in ids {
        reports.push(verify(&installation.platform, id).await.map_err(failed)?);
    }
    let is_whole = reports.iter().all(Report::is_whole);
    if *as_json {
        return Ok((json(&reports)?, is_whole));
    }
    let entries: i64 = reports.iter().map(|report| report.entries).sum();
    let broken = reports.iter().filter(|report| !report.is_whole()).count();
    let mut lines: Vec<String> = reports.iter().map(Report::to_string).collect();
    lines.push(format!(
        "{} chains, {entries} entries, {}",
        reports.len(),
        if broken == 0 {
            "all whole".to_owned()
        } else {
            format!("{broken} BROKEN")
        }
    ));
    Ok((lines.join("\n"), is_whole))
}
