//! `barq person`: what a company holds about somebody, and its personal part made undone.

use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Subcommand;
use platform_archive::{erase_person, export_person};
use platform_database::Role;
use uuid::Uuid;

use super::{Installation, Place};

/// What can be done about a person.
#[derive(Subcommand, Debug)]
pub enum PersonCommand {
    /// Writes what is held about a person into a file: the record, whatever points at it, their histories and files. Without what
    /// the same rows say of other people.
    Export {
        #[command(flatten)]
        place: Place,
        /// Id or name of the organization.
        organization: String,
        /// The record, as fleet.couriers/0198c0de-….
        record: Record,
        /// The ZIP file to write; it must not be there yet.
        file: PathBuf,
    },
    /// Empties what the record and its papers say of the person, and makes its histories and files unreadable. Attendance, pay,
    /// deliveries and cash stay, of somebody without a name. Nobody can undo this.
    Erase {
        #[command(flatten)]
        place: Place,
        /// Id or name of the organization.
        organization: String,
        /// The record, as fleet.couriers/0198c0de-….
        record: Record,
        /// Does not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
}

/// A record of a resource.
#[derive(Clone, Debug)]
pub struct Record {
    resource: String,
    id: Uuid,
}

impl std::str::FromStr for Record {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let record = parts.and_then(|(resource, id)| {
            let id = Uuid::try_parse(id).ok()?;
            Some(Self {
                resource: resource.to_owned(),
                id,
            })
        });
        record.ok_or_else(|| "a record is written as fleet.couriers/ID".to_owned())
    }
}

impl PersonCommand {
    pub(super) const fn place(&self) -> &Place {
        match self {
            Self::Export { place, .. } | Self::Erase { place, .. } => place,
        }
    }
}

pub(super) async fn run(installation: &Installation, command: &PersonCommand) -> Result<(String, bool)> {
    let text = match command {
        PersonCommand::Export {
            organization,
            record,
            file,
            ..
        } => {
            let id = installation.present(organization).await?.id;
            ensure!(!file.exists(), "{} is there already", file.display());
            let of = (record.resource.as_str(), record.id);
            let done = export_person(&installation.platform, id, of, file).await;
            let done = done.map_err(|error| named(error, record))?;
            let rows: Vec<String> = done
                .rows
                .iter()
                .map(|(name, count)| format!("  {name}: {count}"))
                .collect();
            format!(
                "{}\n{} histories, {} files; {} values about other people were left out",
                rows.join("\n"),
                done.histories,
                done.files,
                done.left_out
            )
        }
        PersonCommand::Erase {
            organization,
            record,
            yes,
            ..
        } => {
            let one = installation.present(organization).await?;
            if !yes {
                confirm(&one.name, record)?;
            }
            let of = (record.resource.as_str(), record.id);
            let migrator = installation.target.url(Role::Migrator);
            let done = erase_person(&installation.platform, &migrator, one.id, of).await;
            let done = done.map_err(|error| named(error, record))?;
            let mut text = format!(
                "emptied {} fields in {} rows, put texts out in {} others and in {} histories, {} files are gone, histories of {} records are \
                 unreadable",
                done.fields.len(),
                done.rows,
                done.replaced,
                done.redacted,
                done.files,
                done.histories
            );
            for (name, count) in &done.mentioned {
                write!(text, "\n  {count} rows of {name} still hold such a text: look at them")?;
            }
            text
        }
    };
    Ok((text, true))
}

fn named(error: platform_archive::Error, record: &Record) -> anyhow::Error {
    anyhow!(error).context(format!("{}/{}", record.resource, record.id))
}

fn confirm(organization: &str, record: &Record) -> Result<()> {
    let mut err = std::io::stderr().lock();
    write!(
        err,
        "This makes unreadable what {organization} holds about {}/{}.\nType \"erase\" to go on: ",
        record.resource, record.id
    )?;
    err.flush()?;
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("reading the answer")?;
    ensure!(line.trim() == "erase", "nothing was erased");
    Ok(())
}
