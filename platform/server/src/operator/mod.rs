//! Commands for whoever runs an installation. They work beside a running server and without one: the private database is joined
//! where it runs and started where it does not.

mod audit;
mod organizations;
mod outbox;
mod person;
mod staff;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use platform_core::{Clock, Cx, Gate, GateOptions, Mode, Platform, Problem};
use platform_database::{Cluster, Role, Target};
use serde::Serialize;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tenancy::{Summary, Tenancy};
use uuid::Uuid;

use crate::serve::{DatabaseArgs, open_database, stop};
pub use audit::AuditCommand;
pub use organizations::OrganizationCommand;
pub use outbox::OutboxArgs;
pub use person::PersonCommand;
pub use staff::StaffCommand;

/// Organizations that are asked for at once.
const PAGE: i64 = 500;

/// Where the installation is.
#[derive(Args, Debug)]
pub struct Place {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The data folder.
    #[arg(long, env = "BARQ_DATA", default_value = "data")]
    data: PathBuf,
}

/// What an operator asks for.
#[derive(Subcommand, Debug)]
pub enum OperatorCommand {
    /// The audit chains.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Organizations: list, suspend, activate, export, import, erase.
    #[command(subcommand)]
    Organization(OrganizationCommand),
    /// What an organization holds about one person: export and erase it.
    #[command(subcommand)]
    Person(PersonCommand),
    /// Letters and events that have not left, and their next try.
    Outbox(OutboxArgs),
    /// Who of the operator may use the access that organizations grant to support.
    #[command(subcommand)]
    Staff(StaffCommand),
}

/// Does what was asked for and answers what to print, and whether all is well.
pub async fn operate(command: OperatorCommand) -> Result<(String, bool)> {
    let place = match &command {
        OperatorCommand::Audit(command) => command.place(),
        OperatorCommand::Organization(command) => command.place(),
        OperatorCommand::Person(command) => command.place(),
        OperatorCommand::Outbox(args) => args.place(),
        OperatorCommand::Staff(command) => command.place(),
    };
    let installation = Installation::open(place).await?;
    let done = match &command {
        OperatorCommand::Audit(command) => audit::run(&installation, command).await,
        OperatorCommand::Organization(command) => organizations::run(&installation, command).await,
        OperatorCommand::Person(command) => person::run(&installation, command).await,
        OperatorCommand::Outbox(args) => outbox::run(&installation, args).await,
        OperatorCommand::Staff(command) => staff::run(&installation, command).await,
    };
    let closed = installation.close().await;
    let done = done?;
    closed?;
    Ok(done)
}

/// An installation that is open for its operator.
struct Installation {
    cluster: Option<Cluster>,
    target: Target,
    platform: Arc<Platform>,
    tenancy: Arc<Tenancy>,
    /// As `barq_auth`, for what archives say of people.
    auth: PgPool,
}

impl Installation {
    async fn open(place: &Place) -> Result<Self> {
        std::fs::create_dir_all(&place.data).with_context(|| format!("making {}", place.data.display()))?;
        let (cluster, target) = open_database(&place.database, &place.data).await?;
        platform_database::prepare(&target).await?;
        let registry = crate::app::registry()?;
        let url = target.url(Role::Auth);
        let tenancy = Tenancy::connect(&url, &registry, &place.data, &Clock::System).await?;
        let connect = target
            .url(Role::App)
            .parse()
            .context("the application's database address")?;
        let gate = Gate::new(connect, &GateOptions::default());
        let platform = Platform::new(gate, Clock::System, registry, place.data.clone())?;
        let platform = Arc::new(platform.with(tenancy.clone()).with_authority(tenancy.clone()));
        let auth = PgPoolOptions::new().max_connections(1).connect_lazy(&url)?;
        Ok(Self {
            cluster,
            target,
            platform,
            tenancy,
            auth,
        })
    }

    async fn close(self) -> Result<()> {
        self.auth.close().await;
        self.tenancy.close().await;
        self.platform.gate.close().await;
        stop(self.cluster).await
    }

    /// A transaction of an organization.
    async fn begin(&self, organization_id: Uuid, mode: Mode) -> Result<Cx> {
        Cx::begin_job(&self.platform, organization_id, "operator", mode)
            .await
            .map_err(failed)
    }

    /// Every organization that is there.
    async fn organizations(&self) -> Result<Vec<Summary>> {
        let mut all = Vec::new();
        for id in self.ids().await? {
            let mut cx = self.begin(id, Mode::Read).await?;
            all.extend(tenancy::summary(&mut cx).await.map_err(failed)?);
            cx.commit().await.map_err(failed)?;
        }
        Ok(all)
    }

    async fn ids(&self) -> Result<Vec<Uuid>> {
        let mut all: Vec<Uuid> = Vec::new();
        loop {
            let after = all.last().copied().unwrap_or(Uuid::nil());
            let page = self.tenancy.organizations(after, PAGE).await.map_err(failed)?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// The organization of an id or a name; a name that several have is refused with their ids.
    async fn organization(&self, named: &str) -> Result<Uuid> {
        if let Ok(id) = Uuid::try_parse(named) {
            return Ok(id);
        }
        let offers = self.tenancy.find_organizations(named).await.map_err(failed)?;
        let exact: Vec<_> = offers
            .iter()
            .filter(|offer| offer.name.to_lowercase() == named.to_lowercase())
            .collect();
        let found = if exact.is_empty() {
            offers.iter().collect()
        } else {
            exact
        };
        match found[..] {
            [one] => Ok(one.id),
            [] => bail!("there is no organization of the name \"{named}\": barq organization list shows all"),
            _ => {
                let named: Vec<String> = found
                    .iter()
                    .map(|offer| format!("  {}  {}", offer.id, offer.name))
                    .collect();
                bail!("several organizations fit, name one by its id:\n{}", named.join("\n"))
            }
        }
    }

    /// The same, and that it is there.
    async fn present(&self, named: &str) -> Result<Summary> {
        let id = self.organization(named).await?;
        let mut cx = self.begin(id, Mode::Read).await?;
        let found = tenancy::summary(&mut cx).await.map_err(failed)?;
        cx.commit().await.map_err(failed)?;
        found.ok_or_else(|| anyhow!("there is no organization {id}: barq organization list shows all"))
    }
}

/// A refusal in the words of the code, for a terminal.
fn failed(problem: Problem) -> anyhow::Error {
    anyhow!(problem)
}

fn json(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}

/// Columns of texts, each as wide as its widest; the last as it is.
fn columns<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|word| word.chars().count());
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let padded = row.iter().zip(widths).map(|(text, width)| format!("{text:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&head.map(str::to_owned))];
    lines.extend(rows.iter().map(line));
    lines.join("\n")
}
