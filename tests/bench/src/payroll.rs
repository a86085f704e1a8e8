//! A payroll run beside a plain SQL aggregate over the same rows: what the server and the database use from the month's deliveries,
//! fuel and attendance to payslips, for some couriers and for ten times as many.

use anyhow::{Context, Result, ensure};
use platform_database::Options;
use platform_database::testing::{Ephemeral, ephemeral_with};
use serde_json::{Value as Json, json};
use sqlx::{Connection as _, PgConnection};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::machine;
use crate::world::{Organization, Server};

const COURIERS: &str = include_str!("../../../modules/hr/tests/month/couriers.sql");
/// 40 deliveries, 4 fills of fuel and 30 days of attendance for each.
const MONTH: [&str; 3] = [
    include_str!("../../../modules/hr/tests/month/deliveries.sql"),
    include_str!("../../../modules/hr/tests/month/fuel.sql"),
    include_str!("../../../modules/hr/tests/month/attendance.sql"),
];
const PLAIN: &str = include_str!("../../../modules/hr/tests/month/plain.sql");

const FEW: i32 = 1_000;
const MANY: i32 = 10_000;
/// Companies of each size; the figures are medians.
const ROUNDS: usize = 3;

/// What a month cost.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
struct Month {
    server_ms: f64,
    database_ms: f64,
    took_ms: f64,
    plain_ms: f64,
}

/// Medians of a small and of a large company.
pub struct Payroll {
    few: Month,
    many: Month,
}

impl Payroll {
    /// Starts a database and a server of its own, and pays companies of both sizes in turn.
    pub async fn measure(binary: &Path) -> Result<Self> {
        let cluster = ephemeral_with(Options::default()).await?;
        let folder = tempfile::tempdir()?;
        let socket = cluster.socket_dir().to_string_lossy().replace('/', "%2F");
        let address = format!("postgres://postgres@{socket}:5432/barq");
        let server = Server::start(binary, folder.path(), &address, 8, "all")?;
        // What is prepared and compiled once is not a month's.
        pay(&cluster, &server, "warm", 510).await?;
        let (mut few, mut many) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            few.push(pay(&cluster, &server, &format!("few-{round}"), FEW).await?);
            many.push(pay(&cluster, &server, &format!("many-{round}"), MANY).await?);
        }
        Ok(Self {
            few: medians(&few),
            many: medians(&many),
        })
    }

    fn ratio(&self) -> f64 {
        self.many.server_ms / self.few.server_ms
    }

    /// What is asked of the figures, and whether they keep it.
    pub fn targets(&self) -> Vec<(String, bool)> {
        let (server_s, ratio) = (self.many.server_ms / 1e3, self.ratio());
        vec![
            (
                format!("the month of {MANY} couriers takes less than 5 s of the server's processor: {server_s:.2} s"),
                server_s < 5.0,
            ),
            (
                format!("ten times the couriers take 8 to 12 times as long: {ratio:.2}"),
                (8.0..=12.0).contains(&ratio),
            ),
        ]
    }

    /// For programs.
    pub fn json(&self) -> Json {
        let month = |month: &Month| {
            json!({"server_cpu_ms": month.server_ms, "database_cpu_ms": month.database_ms, "took_ms": month.took_ms,
                "plain_sql_ms": month.plain_ms})
        };
        json!({"few": month(&self.few), "many": month(&self.many), "ratio": self.ratio()})
    }

    /// For people, as Markdown.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| payroll run | CPU s: server | CPU s: database | from the call to the payslips, s | plain SQL aggregate, s |\n\
             |---|--:|--:|--:|--:|\n",
        );
        for (couriers, month) in [(FEW, &self.few), (MANY, &self.many)] {
            let [server, database, took, plain] =
                [month.server_ms, month.database_ms, month.took_ms, month.plain_ms].map(|ms| ms / 1e3);
            let _ = writeln!(
                text,
                "| {couriers} couriers | {server:.2} | {database:.2} | {took:.2} | {plain:.2} |"
            );
        }
        text + "\n"
    }
}

fn medians(months: &[Month]) -> Month {
    let median = |of: fn(&Month) -> f64| {
        let mut values: Vec<f64> = months.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Month {
        server_ms: median(|month| month.server_ms),
        database_ms: median(|month| month.database_ms),
        took_ms: median(|month| month.took_ms),
        plain_ms: median(|month| month.plain_ms),
    }
}

/// A company of so many couriers, from their work to their payslips.
async fn pay(cluster: &Ephemeral, server: &Server, name: &str, couriers: i32) -> Result<Month> {
    let company = Organization::register(server.port, name, &format!("owner@{name}.example"))?;
    let mut admin = PgConnection::connect(&cluster.admin_url("barq")).await?;
    let load = sqlx::query(COURIERS).bind(company.id).bind(couriers);
    load.execute(&mut admin).await.context("loading couriers")?;
    for rows in MONTH {
        let load = sqlx::query(rows).bind(company.id);
        load.execute(&mut admin).await.context("loading a month")?;
    }
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut admin).await?;
    let plain = Instant::now();
    sqlx::query(PLAIN).bind(company.id).execute(&mut admin).await?;
    let plain_ms = plain.elapsed().as_secs_f64() * 1e3;
    drop(admin);

    let database = cluster.pid().context("the database is gone")?;
    let before = (machine::process_us(server.pid())?, machine::family_us(database)?);
    let began = Instant::now();
    let month = json!({"year": 2026, "month": 5});
    company.post(server.port, "/api/v1/hr/payroll_inputs/collect", &month)?;
    let run = company.post(server.port, "/api/v1/hr/payroll_runs", &month)?;
    let run = format!("/api/v1/hr/payroll_runs/{}", run["id"].as_str().context("a run")?);
    company.post(server.port, &format!("{run}/calculate"), &json!({}))?;
    let done = loop {
        std::thread::sleep(Duration::from_millis(50));
        let run = company.get(server.port, &run)?;
        if run["status"] != "calculating" {
            break run;
        }
        ensure!(began.elapsed() < Duration::from_mins(5), "the run does not end: {run}");
    };
    let took_ms = began.elapsed().as_secs_f64() * 1e3;
    let after = (machine::process_us(server.pid())?, machine::family_us(database)?);
    ensure!(done["status"] == "calculated", "the run ended as {done}");
    // Every fiftieth from the seventh on has no joining date.
    let paid = couriers - ((couriers - 7) / 50 + 1);
    ensure!(done["paid_count"] == paid, "{paid} were to be paid: {done}");
    Ok(Month {
        server_ms: (after.0 - before.0) / 1e3,
        database_ms: (after.1 - before.1) / 1e3,
        took_ms,
        plain_ms,
    })
}
