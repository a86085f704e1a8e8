//! `fuel-simulator --port 8099 --mode good`: a provider for demonstrations and browser tests.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use fuel_simulator::{Config, Mode, Simulator};

/// A fuel-card provider to test against.
#[derive(Debug, Parser)]
struct Options {
    /// 0 takes a free one.
    #[arg(long, default_value_t = 8099)]
    port: u16,
    #[arg(long, value_enum, default_value_t = Mode::Good)]
    mode: Mode,
    #[arg(long, default_value_t = 50)]
    per_page: usize,
    /// So many bills and no more.
    #[arg(long)]
    bills: Option<usize>,
    /// No bill is older.
    #[arg(long)]
    first_day: Option<chrono::NaiveDate>,
    #[arg(long, default_value = "simulator-key")]
    api_key: String,
    /// A JSON list of vehicles: internal_number, plate, plate_ar, vin, card, odometer_km.
    #[arg(long)]
    fleet: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let mut config = Config {
        mode: options.mode,
        per_page: options.per_page,
        bills: options.bills,
        ..Config::default()
    };
    config.api_key = options.api_key;
    config.first_day = options.first_day.unwrap_or(config.first_day);
    if let Some(path) = options.fleet {
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        config.fleet = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    }
    let simulator = Simulator::start_on(config, ([127, 0, 0, 1], options.port).into()).await?;
    writeln!(std::io::stdout(), "{}", simulator.origin())?;
    simulator.run().await;
    Ok(())
}
