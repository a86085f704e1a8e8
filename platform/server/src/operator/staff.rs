//! `barq staff`: people of the operator who may use the access that organizations grant to support.

use anyhow::{Result, bail};
use clap::Subcommand;

use super::{Installation, Place, columns, failed, json};

/// What can be done with staff.
#[derive(Subcommand, Debug)]
pub enum StaffCommand {
    /// Adds somebody who has an account.
    Add {
        #[command(flatten)]
        place: Place,
        /// E-mail address of the account.
        email: String,
    },
    /// Takes somebody off; he can use no grant from then on.
    Remove {
        #[command(flatten)]
        place: Place,
        /// E-mail address of the account.
        email: String,
    },
    /// Lists them.
    List {
        #[command(flatten)]
        place: Place,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

impl StaffCommand {
    pub(super) const fn place(&self) -> &Place {
        match self {
            Self::Add { place, .. } | Self::Remove { place, .. } | Self::List { place, .. } => place,
        }
    }
}

pub(super) async fn run(installation: &Installation, command: &StaffCommand) -> Result<(String, bool)> {
    let text = match command {
        StaffCommand::Add { email, .. } => set(installation, email, true).await?,
        StaffCommand::Remove { email, .. } => set(installation, email, false).await?,
        StaffCommand::List { json: as_json, .. } => {
            let staff = installation.tenancy.staff().await.map_err(failed)?;
            if *as_json {
                json(&staff)?
            } else {
                let rows: Vec<_> = staff
                    .into_iter()
                    .map(|one| [one.email, one.full_name, one.added_at.format("%F %R").to_string()])
                    .collect();
                columns(["E-MAIL", "NAME", "SINCE (UTC)"], &rows)
            }
        }
    };
    Ok((text, true))
}

async fn set(installation: &Installation, email: &str, is_staff: bool) -> Result<String> {
    let (tenancy, now) = (&installation.tenancy, installation.platform.clock.now());
    let wanted = email.trim().to_lowercase();
    let is_changed = tenancy.set_staff(&wanted, is_staff, now).await.map_err(failed)?;
    let staff = tenancy.staff().await.map_err(failed)?;
    let is_there = staff.iter().any(|one| one.email == wanted);
    Ok(match (is_staff, is_changed) {
        (true, true) => format!("{wanted} is staff now"),
        (true, false) if is_there => format!("{wanted} was staff already"),
        (true, false) => bail!("nobody has an account with the address {wanted}: who is to be staff signs up first"),
        (false, true) => format!("{wanted} is not staff any more"),
        (false, false) => bail!("{wanted} is not staff: barq staff list shows who is"),
    })
}
