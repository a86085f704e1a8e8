//! `barq outbox`: what should have left and has not.

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use platform_core::Mode;
use platform_jobs::{Undelivered, deliver_again, undelivered};
use serde_json::json as object;
use tenancy::{Stuck, Summary};
use uuid::Uuid;

use super::{Installation, Place, columns, failed, json};

/// Letters, and events of an organization, that are listed.
const MOST: i64 = 200;

/// Options of `barq outbox`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct OutboxArgs {
    #[command(subcommand)]
    command: Option<OutboxCommand>,
    #[command(flatten)]
    listed: Listed,
}

#[derive(Args, Debug)]
struct Listed {
    #[command(flatten)]
    place: Place,
    /// Only of this organization, by id or name.
    #[arg(long, value_name = "ID OR NAME")]
    organization: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand, Debug)]
enum OutboxCommand {
    /// Has letters and events that wait tried now, by the server that runs or the next one that does.
    Resend {
        #[command(flatten)]
        place: Place,
        /// Only of this organization, by id or name.
        #[arg(long, value_name = "ID OR NAME")]
        organization: Option<String>,
        /// Only these letters and events; all that wait when none is named.
        ids: Vec<Uuid>,
    },
}

impl OutboxArgs {
    pub(super) const fn place(&self) -> &Place {
        match &self.command {
            Some(OutboxCommand::Resend { place, .. }) => place,
            None => &self.listed.place,
        }
    }
}

/// Events of an organization.
struct Waiting {
    organization: Summary,
    total: i64,
    /// At most [`MOST`] of them, the oldest.
    found: Vec<Undelivered>,
}

pub(super) async fn run(installation: &Installation, args: &OutboxArgs) -> Result<(String, bool)> {
    let text = match &args.command {
        None => list(installation, &args.listed).await?,
        Some(OutboxCommand::Resend { organization, ids, .. }) => {
            resend(installation, organization.as_deref(), ids).await?
        }
    };
    Ok((text, true))
}

/// The organizations that are meant, and the one that was named.
async fn meant(installation: &Installation, named: Option<&str>) -> Result<(Vec<Summary>, Option<Uuid>)> {
    match named {
        None => Ok((installation.organizations().await?, None)),
        Some(named) => {
            let one = installation.present(named).await?;
            let id = one.id;
            Ok((vec![one], Some(id)))
        }
    }
}

async fn list(installation: &Installation, args: &Listed) -> Result<String> {
    let (organizations, only) = meant(installation, args.organization.as_deref()).await?;
    let letters = installation.tenancy.stuck(only, MOST).await.map_err(failed)?;
    let mut events: Vec<Waiting> = Vec::new();
    for organization in organizations {
        let mut cx = installation.begin(organization.id, Mode::Read).await?;
        let (total, found) = undelivered(&mut cx, MOST).await.map_err(failed)?;
        cx.commit().await.map_err(failed)?;
        events.push(Waiting {
            organization,
            total,
            found,
        });
    }
    if args.json {
        let events: Vec<_> = events
            .iter()
            .filter(|waiting| waiting.total > 0)
            .map(|Waiting { organization, total, found }| {
                object!({"organization_id": organization.id, "name": organization.name, "total": total, "events": found})
            })
            .collect();
        return json(&object!({"letters": letters, "organizations": events}));
    }
    Ok(told(&letters, &events))
}

fn told(letters: &[Stuck], events: &[Waiting]) -> String {
    let name = |id: Option<Uuid>| {
        let of = events.iter().find(|waiting| Some(waiting.organization.id) == id);
        of.map_or_else(|| "-".to_owned(), |waiting| waiting.organization.name.clone())
    };
    let dead = letters.iter().filter(|letter| letter.state == "dead").count();
    let waiting: i64 = events.iter().map(|waiting| waiting.total).sum();
    let mut text = format!(
        "{} letters wait, {dead} were given up, {waiting} events are not delivered",
        letters.len() - dead
    );
    if !letters.is_empty() {
        let row = |letter: &Stuck| {
            [
                letter.id.to_string(),
                letter.state.clone(),
                name(letter.organization_id),
                letter.template.clone(),
                letter.recipient.clone(),
                letter.attempts.to_string(),
                letter.last_error.clone().unwrap_or_default(),
            ]
        };
        let rows: Vec<_> = letters.iter().map(row).collect();
        let head = ["LETTER", "STATE", "ORGANIZATION", "KIND", "TO", "TRIES", "LAST ERROR"];
        text = format!("{text}\n\n{}", columns(head, &rows));
    }
    let rows: Vec<_> = events
        .iter()
        .flat_map(|waiting| waiting.found.iter().map(move |event| (&waiting.organization, event)))
        .map(|(organization, event)| {
            [
                event.id.to_string(),
                organization.name.clone(),
                event.name.clone(),
                event.occurred_at.format("%F %R").to_string(),
                event.attempts.to_string(),
                event.last_error.clone().unwrap_or_default(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let head = ["EVENT", "ORGANIZATION", "NAME", "AT (UTC)", "TRIES", "LAST ERROR"];
        text = format!("{text}\n\n{}", columns(head, &rows));
    }
    text
}

async fn resend(installation: &Installation, named: Option<&str>, ids: &[Uuid]) -> Result<String> {
    let (organizations, only) = meant(installation, named).await?;
    let chosen = (!ids.is_empty()).then_some(ids);
    let now = installation.platform.clock.now();
    let letters = installation.tenancy.resend(only, chosen, now).await.map_err(failed)?;
    let mut events = 0;
    for organization in organizations {
        let mut cx = installation.begin(organization.id, Mode::Write).await?;
        events += deliver_again(&mut cx, chosen).await.map_err(failed)?;
        cx.commit().await.map_err(failed)?;
    }
    ensure!(
        chosen.is_none() || letters + events > 0,
        "none of these waits: a letter that was given up has lost what it said and has to be asked for anew"
    );
    Ok(format!("{letters} letters and {events} events are tried now"))
}
