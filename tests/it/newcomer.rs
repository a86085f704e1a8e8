//! The guide for people who write plugins, done by a script: from an empty folder to a text message at a gateway.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use barq_tests::{program, run};
use platform_database::testing::ephemeral;

use crate::report;

const GUIDE: &str = "docs/guides/write-a-plugin.md";
const SECRET: &str = "not-a-secret-tests-only";
/// What the guide promises.
const DEADLINE: Duration = Duration::from_mins(15);

/// The commands of the guide in their order, and how many blocks they stand in.
fn commands(guide: &str) -> (String, usize) {
    let (mut script, mut blocks) = (String::new(), 0);
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        if line == "```sh" {
            blocks += 1;
            for command in lines.by_ref().take_while(|line| *line != "```") {
                script.push_str(command);
                script.push('\n');
            }
        }
    }
    (script, blocks)
}

/// A port that is free now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// What has to be built: the program, and the gateway beside it.
fn built() -> Result<Option<PathBuf>> {
    let in_ci = std::env::var_os("CI").is_some();
    let folder = program().and_then(|program| {
        let folder = program.parent().context("its folder")?.to_owned();
        let gateway = folder.join("provider-simulator");
        ensure!(gateway.is_file(), "{} is not built: cargo build -p provider-simulators", gateway.display());
        Ok(folder)
    });
    match folder {
        Ok(folder) => Ok(Some(folder)),
        Err(error) if in_ci => Err(error),
        Err(error) => report(&format!("SKIPPED {error:#}")).map(|()| None),
    }
}

#[tokio::test]
async fn a_newcomer_sends_a_message_through_a_plugin_of_his_own() -> Result<()> {
    let Some(programs) = built()? else { return Ok(()) };
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(own.join("..").join(GUIDE)).context(GUIDE)?;
    let (script, blocks) = commands(&guide);
    ensure!(blocks >= 8, "the guide has only {blocks} blocks of commands");
    // Other tests have servers too: only the ports are others than the guide's.
    let (server, gateway) = (free_port()?, free_port()?);
    let script = script.replace("8080", &server.to_string()).replace("8098", &gateway.to_string());
    let cluster = ephemeral().await?;
    let folder = tempfile::tempdir()?;
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    // Whatever happens, nothing of it goes on running.
    shell
        .args(["-eu", "-o", "pipefail", "-c"])
        .arg(format!("trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"))
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("BARQ_DATABASE_URL", cluster.admin_url("barq"))
        .env("BARQ_DATABASE_SECRET", SECRET)
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .env_remove("CARGO_TARGET_DIR")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let began = Instant::now();
    let output = tokio::task::spawn_blocking(move || run(shell, DEADLINE)).await??;
    let took = began.elapsed();
    let (said, steps) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    ensure!(
        output.status.success(),
        "the guide's commands failed:\n{said}\n{steps}\nserver:\n{}",
        read("server.log").lines().rev().take(40).collect::<Vec<_>>().join("\n")
    );
    let sent = read("gateway.log");
    for text in ["to 966501234567 (1 parts): From my desk", "to 966501234567 (1 parts): Sent by my own plugin"] {
        ensure!(sent.contains(text), "the gateway did not get {text:?}:\n{sent}");
    }
    ensure!(sent.matches("Sent by my own plugin").count() == 1, "it was sent more than once:\n{sent}");
    ensure!(said.contains("sms-gateway.send"), "the logs do not show the call:\n{said}");
    report(&format!(
        "Guide for plugins: {blocks} blocks of commands from an empty folder to a message at the gateway in {} s",
        took.as_secs()
    ))
}
