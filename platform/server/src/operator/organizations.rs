//! `barq organization`: what the operator does with a whole organization.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use clap::Subcommand;
use platform_archive::{erase, export, import};
use platform_database::Role;
use serde_json::{Value as Json, json as object};
use tenancy::{Standing, Summary, set_standing};
use uuid::Uuid;

use super::{Installation, Place, columns, failed, json};

/// What can be done with organizations.
#[derive(Subcommand, Debug)]
pub enum OrganizationCommand {
    /// Lists them.
    List {
        #[command(flatten)]
        place: Place,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lets nobody of it in from the next request on; nothing is lost, and its owners get a letter.
    Suspend {
        #[command(flatten)]
        place: Place,
        /// Id or name.
        organization: String,
    },
    /// Lets its members in again.
    Activate {
        #[command(flatten)]
        place: Place,
        /// Id or name.
        organization: String,
    },
    /// Writes everything of it into a file: rows, uploaded files, its key, checksums. The file is as secret as all that.
    Export {
        #[command(flatten)]
        place: Place,
        /// Id or name.
        organization: String,
        /// The ZIP file to write; it must not be there yet.
        file: PathBuf,
    },
    /// Reads such a file into an installation that does not have the organization. Its people come without a password, and get
    /// one with "forgot password"; who has an account here by his address keeps it.
    Import {
        #[command(flatten)]
        place: Place,
        /// The ZIP file.
        file: PathBuf,
    },
    /// Destroys its key, its rows, its files, and the people who belong to no other organization. What stays is its audit chain:
    /// hashes. Nobody can undo this but with an archive.
    Erase {
        #[command(flatten)]
        place: Place,
        /// Id or name.
        organization: String,
        /// Does not ask for the name as confirmation.
        #[arg(long)]
        yes: bool,
    },
}

impl OrganizationCommand {
    pub(super) const fn place(&self) -> &Place {
        match self {
            Self::List { place, .. }
            | Self::Suspend { place, .. }
            | Self::Activate { place, .. }
            | Self::Export { place, .. }
            | Self::Import { place, .. }
            | Self::Erase { place, .. } => place,
        }
    }
}

pub(super) async fn run(installation: &Installation, command: &OrganizationCommand) -> Result<(String, bool)> {
    let text = match command {
        OrganizationCommand::List { json: as_json, .. } => list(installation, *as_json).await?,
        OrganizationCommand::Suspend { organization, .. } => {
            stand(installation, organization, Standing::Suspended, "suspended").await?
        }
        OrganizationCommand::Activate { organization, .. } => {
            stand(installation, organization, Standing::Active, "active").await?
        }
        OrganizationCommand::Export { organization, file, .. } => write(installation, organization, file).await?,
        OrganizationCommand::Import { file, .. } => read(installation, file).await?,
        OrganizationCommand::Erase { organization, yes, .. } => destroy(installation, organization, *yes).await?,
    };
    Ok((text, true))
}

async fn list(installation: &Installation, as_json: bool) -> Result<String> {
    let all = installation.organizations().await?;
    if as_json {
        return json(&all);
    }
    let rows: Vec<_> = all
        .into_iter()
        .map(|one| {
            [
                one.id.to_string(),
                one.status,
                one.plan,
                one.members.to_string(),
                one.created_at.format("%F").to_string(),
                one.name,
            ]
        })
        .collect();
    Ok(columns(["ID", "STATUS", "PLAN", "MEMBERS", "SINCE", "NAME"], &rows))
}

async fn stand(installation: &Installation, named: &str, standing: Standing, word: &str) -> Result<String> {
    let one = installation.present(named).await?;
    ensure!(
        one.status != "cancelled",
        "{} was cancelled, which is for good",
        one.name
    );
    let set = set_standing(&installation.platform, one.id, standing).await;
    set.map_err(failed)?;
    Ok(format!("{} ({}) was {}, is {word}", one.name, one.id, one.status))
}

/// Tells somebody who waits what is done; each line in the place of the one before where a person looks.
struct Progress {
    is_person: bool,
    done: AtomicU64,
    rows: AtomicU64,
}

impl Progress {
    fn new() -> Self {
        Self {
            is_person: std::io::stderr().is_terminal(),
            done: AtomicU64::new(0),
            rows: AtomicU64::new(0),
        }
    }

    fn tell(&self, name: &str, count: u64) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let rows = self.rows.fetch_add(count, Ordering::Relaxed) + count;
        let line = format!("{done:>4}  {name}: {count} ({rows} in all)");
        let mut err = std::io::stderr().lock();
        // Nobody is hurt by a progress that cannot be shown.
        let _ = if self.is_person {
            write!(err, "\r\x1b[K{line}").and_then(|()| err.flush())
        } else if count > 0 {
            writeln!(err, "{line}")
        } else {
            Ok(())
        };
    }

    fn end(&self) {
        if self.is_person {
            let _ = writeln!(std::io::stderr());
        }
    }
}

async fn write(installation: &Installation, named: &str, file: &Path) -> Result<String> {
    let one = installation.present(named).await?;
    ensure!(!file.exists(), "{} is there already", file.display());
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let progress = Progress::new();
    let written = export(&installation.platform, one.id, &part, &|name, count| {
        progress.tell(name, count);
    })
    .await;
    progress.end();
    let manifest = match written {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            return Err(error).with_context(|| format!("writing {}", file.display()));
        }
    };
    std::fs::rename(&part, file).with_context(|| format!("writing {}", file.display()))?;
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    let mut text = format!(
        "{} ({}): {rows} rows of {} tables and {} files are in {}",
        one.name,
        one.id,
        manifest.tables.len(),
        manifest.files.len(),
        file.display()
    );
    if !manifest.missing_files.is_empty() {
        let missing = manifest.missing_files.len();
        write!(text, "; {missing} files were missing from the data folder")?;
    }
    Ok(text)
}

async fn read(installation: &Installation, file: &Path) -> Result<String> {
    ensure!(file.is_file(), "there is no file {}", file.display());
    let progress = Progress::new();
    let told = |name: &str, count: u64| progress.tell(name, count);
    let imported = import(&installation.platform, &installation.auth, file, &told).await;
    progress.end();
    let imported = imported.with_context(|| format!("reading {}", file.display()))?;
    Ok(format!(
        "{} ({}) is here: {} rows of {} tables and {} files; {} people were known here by their address",
        imported.manifest.organization_name,
        imported.manifest.organization_id,
        imported.rows,
        imported.manifest.tables.len(),
        imported.manifest.files.len(),
        imported.people_matched
    ))
}

async fn destroy(installation: &Installation, named: &str, yes: bool) -> Result<String> {
    let Summary { id, name, .. } = installation.present(named).await?;
    if !yes {
        confirm(&name, id)?;
    }
    let progress = Progress::new();
    let told = |name: &str, count: u64| progress.tell(name, count);
    let migrator = installation.target.url(Role::Migrator);
    let erased = erase(&installation.platform, &installation.auth, &migrator, id, &told).await;
    progress.end();
    let erased = erased.with_context(|| format!("erasing {name}"))?;
    forget_sign_ins(&installation.platform.data, id)?;
    Ok(format!(
        "{id} is erased: its key, {} rows, its files, {} people who belonged to no other organization. Its audit chain stays. \
         Backups keep what they hold until they are thrown away",
        erased.rows, erased.people
    ))
}

/// Asks for the name: who has the wrong one before him notices now.
fn confirm(name: &str, id: Uuid) -> Result<()> {
    let mut err = std::io::stderr().lock();
    write!(
        err,
        "This destroys everything of {name} ({id}).\nType its name to go on: "
    )?;
    err.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    ensure!(line.trim() == name, "that is not its name: nothing was erased");
    Ok(())
}

/// The sign-ins of a demonstration are kept in the data folder, with names and addresses.
fn forget_sign_ins(data: &Path, id: Uuid) -> Result<()> {
    let path = data.join("demo.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(());
    };
    let mut stored: Json = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    if let Some(organizations) = stored["organizations"].as_array_mut() {
        organizations.retain(|one| one["id"] != object!(id));
    }
    std::fs::write(&path, serde_json::to_string_pretty(&stored)?).with_context(|| format!("writing {}", path.display()))
}
