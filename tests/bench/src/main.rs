//! `cargo xtask bench`: what the server costs beside `pgbench` running the same statements, in the same run.

mod baseline;
mod http;
mod machine;
mod payroll;
mod report;
mod scenario;
mod wire;
mod world;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use platform_database::Options;
use platform_database::testing::{Ephemeral, ephemeral_with};
use sqlx::{Connection as _, PgConnection};
use std::path::PathBuf;
use std::time::Duration;

use baseline::{Pgbench, Script};
use http::{Connection, Run};
use payroll::Payroll;
use report::{Line, Plugin, Report, Round};
use scenario::{SCENARIOS, Scenario};
use world::{Organization, Server};

/// Measures `barq serve` beside `pgbench`.
#[derive(Parser)]
struct Arguments {
    /// The server's program.
    #[arg(long, env = "BARQ_BIN", default_value = "target/release/barq")]
    server: PathBuf,
    /// A program that prints what a plugin call costs: the example `overhead` of platform-plugin-host.
    #[arg(long, env = "BARQ_PLUGIN_OVERHEAD")]
    plugin_overhead: Option<PathBuf>,
    /// Also write the figures there, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Time of each measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Measurements of each side, taken in turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections to the server, from it to the database, and from pgbench to the database.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Only scenarios whose name has this part, as `fuel_logs: list`.
    #[arg(long, default_value = "")]
    only: String,
    /// Only what plugins cost: no server, no database.
    #[arg(long)]
    only_plugins: bool,
    /// Only a payroll run.
    #[arg(long)]
    only_payroll: bool,
    /// Prints each scenario's script for pgbench.
    #[arg(long)]
    scripts: bool,
}

struct Bench {
    arguments: Arguments,
    cluster: Ephemeral,
    folder: tempfile::TempDir,
    organizations: [Organization; 2],
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.only_plugins {
        return plugins(&arguments);
    }
    if arguments.only_payroll {
        return payroll(&arguments).await;
    }
    say("Starting a database of its own");
    let cluster = ephemeral_with(Options::default()).await?;
    let folder = tempfile::tempdir()?;
    let heard = wire::Wire::default();
    let beside = folder.path().join("socket");
    std::fs::create_dir(&beside)?;
    heard.listen(&beside, cluster.socket_dir())?;
    let address = |socket: &std::path::Path| {
        let socket = socket.to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{socket}:5432/barq")
    };
    let data = folder.path().join("data");
    // Jobs speak to the database by themselves: a process that only answers requests says nothing else.
    let server = Server::start(
        &arguments.server,
        &data,
        &address(&beside),
        arguments.connections,
        "api",
    )?;
    say("Loading two organizations");
    let organizations = [
        Organization::register(server.port, "Najd Express", "owner@najd-express.example")?,
        Organization::register(server.port, "Red Sea Couriers", "owner@red-sea-couriers.example")?,
    ];
    let mut connection = PgConnection::connect(&cluster.admin_url("barq")).await?;
    for organization in &organizations {
        world::load(&mut connection, organization.id).await?;
    }
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut connection).await?;
    let mut bench = Bench {
        arguments,
        cluster,
        folder,
        organizations,
    };
    let wanted =
        |scenario: &&Scenario| format!("{}: {}", scenario.resource, scenario.name).contains(&bench.arguments.only);
    let scenarios: Vec<&Scenario> = SCENARIOS.iter().filter(wanted).collect();
    ensure!(
        !scenarios.is_empty(),
        "no scenario has {} in its name",
        bench.arguments.only
    );
    say("Listening to what the server says to the database");
    let mut plans = Vec::new();
    for scenario in &scenarios {
        plans.push(bench.listen(scenario, &server, &heard, &mut connection).await?);
    }
    drop(server);
    let server = Server::start(
        &bench.arguments.server,
        &data,
        &address(bench.cluster.socket_dir()),
        bench.arguments.connections,
        "all",
    )?;
    let mut report = Report::new(
        bench.arguments.connections,
        bench.arguments.rounds,
        bench.arguments.seconds,
    );
    let mut base = 0;
    for (scenario, (scripts, messages)) in scenarios.iter().zip(&plans) {
        say(&format!("{}: {}", scenario.resource, scenario.name));
        let rounds = bench.measure(scenario, scripts, &server, &mut base)?;
        report.lines.push(Line::new(scenario, *messages, &rounds));
    }
    report.server_peak_mib = machine::peak_mib(server.pid())?;
    drop(server);
    if let Some(program) = &bench.arguments.plugin_overhead {
        say("A plugin call beside a bare one");
        report.plugin = Some(Plugin::measure(program)?);
    }
    say("A payroll run");
    report.payroll = Some(Payroll::measure(&bench.arguments.server).await?);
    told(&report, &bench.arguments)
}

fn told(report: &Report, arguments: &Arguments) -> Result<()> {
    report.print()?;
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&report.json())?;
        std::fs::write(path, text + "\n").with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

async fn payroll(arguments: &Arguments) -> Result<()> {
    say("A payroll run");
    let mut report = Report::new(arguments.connections, arguments.rounds, arguments.seconds);
    report.payroll = Some(Payroll::measure(&arguments.server).await?);
    told(&report, arguments)
}

fn plugins(arguments: &Arguments) -> Result<()> {
    let program = arguments
        .plugin_overhead
        .as_ref()
        .context("the program that measures plugins is not named")?;
    say("A plugin call beside others");
    let mut report = Report::new(arguments.connections, arguments.rounds, arguments.seconds);
    report.plugin = Some(Plugin::measure(program)?);
    told(&report, arguments)
}

fn say(text: &str) {
    use std::io::Write;
    // Nobody may be listening to progress.
    let _ = writeln!(std::io::stderr(), "==> {text}");
}

/// Callers for each connection to the database: a server under load has somebody waiting while the database thinks.
const CLIENTS: usize = 2;
/// Requests before the one that is listened to, so that everything is prepared.
const WARM: u32 = 12;
/// Requests over which round trips are counted.
const COUNTED: u32 = 20;

impl Bench {
    /// One script for each organization, and the round trips of a request.
    async fn listen(
        &self,
        scenario: &Scenario,
        server: &Server,
        heard: &wire::Wire,
        connection: &mut PgConnection,
    ) -> Result<(Vec<Script>, f64)> {
        let mut client = Connection::open(server.port)?;
        let mut scripts = Vec::new();
        let mut round_trips = 0;
        for (place, organization) in self.organizations.iter().enumerate() {
            let mut send = |count: u32| -> Result<()> {
                for _ in 0..count {
                    let mut request = Vec::new();
                    scenario.request(organization, &mut request);
                    let (status, body) = client.call(&request)?;
                    ensure!(status == scenario.status, "{status}: {}", String::from_utf8_lossy(body));
                }
                Ok(())
            };
            send(WARM)?;
            heard.take();
            send(COUNTED)?;
            let (earlier, trips, _) = heard.take();
            round_trips += trips;
            let mut request = Vec::new();
            let instead = scenario.heard(organization, &mut request);
            client.call(&request)?;
            let (said, _, prepared) = heard.take();
            let rows = scenario.rows();
            let script = Script::new(place, rows, &said, &prepared, &instead, &earlier, connection).await?;
            if self.arguments.scripts && place == 0 {
                say(&script.text);
            }
            scripts.push(script);
        }
        Ok((scripts, f64::from(round_trips) / f64::from(COUNTED * 2)))
    }

    fn measure(
        &mut self,
        scenario: &Scenario,
        scripts: &[Script],
        server: &Server,
        base: &mut i64,
    ) -> Result<Vec<Round>> {
        for organization in &mut self.organizations {
            organization.login(server.port)?;
        }
        let organizations = &self.organizations;
        let write = |place: usize, out: &mut Vec<u8>| scenario.request(&organizations[place % 2], out);
        let connections = (0..self.arguments.connections * CLIENTS)
            .map(|_| Connection::open(server.port))
            .collect::<Result<Vec<_>>>()?;
        let database = self.cluster.pid().context("the database is gone")?;
        let pgbench = Pgbench {
            program: self.cluster.binaries().program("pgbench"),
            socket: self.cluster.socket_dir().to_owned(),
            database,
            connections: self.arguments.connections,
        };
        let time = Duration::from_secs(self.arguments.seconds);
        http::drive(&connections, Duration::from_secs(1), scenario.status, &write)?;
        let mut rounds = Vec::new();
        for _ in 0..self.arguments.rounds {
            let before = (machine::process_us(server.pid())?, machine::family_us(database)?);
            let ours: Run = http::drive(&connections, time, scenario.status, &write)?;
            let after = (machine::process_us(server.pid())?, machine::family_us(database)?);
            let theirs = pgbench.run(scripts, self.folder.path(), self.arguments.seconds, base)?;
            rounds.push(Round {
                server_us: (after.0 - before.0) / ours.requests,
                database_us: (after.1 - before.1) / ours.requests,
                ours,
                pgbench_client_us: theirs.client_us / theirs.transactions,
                pgbench_database_us: theirs.database_us / theirs.transactions,
                pgbench_per_second: theirs.per_second,
            });
        }
        Ok(rounds)
    }
}
