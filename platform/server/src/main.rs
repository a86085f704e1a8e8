//! `barq`: serve, migrate, doctor, what an operator does, and what generates committed documents.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use barq::{DatabaseArgs, DoctorArgs, OperatorCommand, RotateArgs, ServeArgs};
use clap::{Parser, Subcommand};

/// Each request makes some hundred small allocations on whichever thread is free, which this one is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Courier fleets: couriers, vehicles, fuel and what connects them.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves API and console.
    Serve(Box<ServeArgs>),
    /// Makes roles and tables, then ends.
    Migrate {
        #[command(flatten)]
        database: DatabaseArgs,
        /// The data folder.
        #[arg(long, env = "BARQ_DATA", default_value = "data")]
        data: PathBuf,
    },
    /// Proves that organizations are kept apart; the exit status is not 0 on a finding.
    Doctor(DoctorArgs),
    /// Replaces the keys that sign access tokens.
    RotateKeys(Box<RotateArgs>),
    #[command(flatten)]
    Operator(Box<OperatorCommand>),
    /// Pay without a database: what a sheet of work is worth.
    #[cfg(feature = "hr")]
    #[command(subcommand)]
    Payroll(barq::PayrollCommand),
    /// Prints the OpenAPI document.
    Openapi,
    /// Prints role × permission.
    Permissions,
    /// Prints every operation.
    Endpoints,
    /// Prints every state machine.
    States,
    /// Runs plugins for the server; started by it, without credentials.
    #[cfg(feature = "integrations")]
    #[command(hide = true)]
    PluginWorker,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "integrations")]
    if matches!(cli.command, Command::PluginWorker) {
        return outcome(platform_plugin_host::worker_main().map(|()| true));
    }
    #[cfg(feature = "hr")]
    if let Command::Payroll(command) = &cli.command {
        return outcome(barq::payroll(command));
    }
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr)
        .init();
    // One provider of cryptography for every TLS connection of the process; a second call would change nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return outcome(Err(error.into())),
    };
    // Who watches chains asks for 1 on a finding; the doctor's 2 is older.
    if let Command::Operator(command) = cli.command {
        return match runtime.block_on(barq::operate(*command)) {
            Ok((text, is_well)) => said(&text, is_well),
            Err(error) => outcome(Err(error)),
        };
    }
    outcome(runtime.block_on(run(cli.command)))
}

fn outcome(result: Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "barq: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn said(text: &str, is_well: bool) -> ExitCode {
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) if is_well => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

async fn run(command: Command) -> Result<bool> {
    let mut out = std::io::stdout();
    match command {
        Command::Serve(args) => barq::serve(*args).await?,
        Command::Migrate { database, data } => barq::migrate(&database, &data).await?,
        Command::Doctor(args) => {
            let (text, clean) = barq::doctor(&args).await?;
            writeln!(out, "{text}")?;
            return Ok(clean);
        }
        Command::RotateKeys(args) => writeln!(out, "{}", barq::rotate_keys(&args).await?)?,
        Command::Openapi => write!(out, "{}", barq::openapi_document()?)?,
        Command::Permissions => write!(out, "{}", barq::permissions().await?)?,
        Command::Endpoints => write!(out, "{}", barq::endpoints()?)?,
        Command::States => write!(out, "{}", barq::states()?)?,
        Command::Operator(_) => {}
        #[cfg(feature = "hr")]
        Command::Payroll(_) => {}
        #[cfg(feature = "integrations")]
        Command::PluginWorker => {}
    }
    Ok(true)
}
