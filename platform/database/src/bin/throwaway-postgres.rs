//! Runs a command beside a throw-away PostgreSQL: `throwaway-postgres COMMAND [ARGUMENT]…`.
//!
//! The command finds the superuser's address in `BARQ_TEST_DATABASE`. Server and data are gone when it ends, in whatever
//! way. Tests that run in many processes share one server like this instead of making one each; those that need one of
//! their own copy the prepared one that `BARQ_TEST_TEMPLATE` names.

use anyhow::{Context, Result};
use platform_database::Options;
use platform_database::testing::{TEMPLATE, ephemeral_with, keep_template};
use std::process::{Command, ExitCode};

/// Every test process has its own pools.
const CONNECTIONS: u16 = 300;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments
        .next()
        .context("usage: throwaway-postgres COMMAND [ARGUMENT]…")?;
    let options = Options {
        durable: false,
        max_connections: CONNECTIONS,
        ..Options::default()
    };
    let server = ephemeral_with(options).await?;
    let template = server.folder().join("template");
    keep_template(&template).await?;
    let mut command = Command::new(&program);
    command
        .args(arguments)
        .env("BARQ_TEST_DATABASE", server.admin_url("postgres"))
        .env(TEMPLATE, &template);
    let status = command
        .status()
        .with_context(|| format!("running {}", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
