//! `cargo xtask ci`: what a change has to pass, the quick and the telling first.

use crate::progress::{inline, step};
use crate::suites::{self, Report};
use crate::{generate, tree};
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Leave out the lints, which compile everything once more, when more than this has passed.
    #[arg(long, value_name = "MINUTES", default_value_t = u64::MAX / 60)]
    lint_until_min: u64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let started = Instant::now();
    let mut report = Report::default();
    report.check("Format", format);
    suites::run_into(&[], &mut report);
    report.check("Builds with fewer modules", features);
    report.check("Generated files", || {
        generate::run(&generate::Arguments { check: true })
    });
    if started.elapsed() > Duration::from_secs(arguments.lint_until_min.saturating_mul(60)) {
        report.skip(
            "Lints",
            "the time for them is over; `cargo xtask ci` without a limit runs them",
        );
    } else {
        report.check("Lints", lints);
    }
    report.close()
}

fn format() -> Result<()> {
    let root = tree::root();
    let mut cargo = tree::cargo();
    step("Format of the workspace", cargo.args(["fmt", "--all", "--check"]))?;
    for folder in ["plugin-sdk", "plugins"] {
        let mut cargo = tree::cargo();
        cargo
            .args(["fmt", "--all", "--check", "--manifest-path"])
            .arg(root.join(folder).join("Cargo.toml"));
        step(&format!("Format of {folder}"), &mut cargo)?;
    }
    Ok(())
}

/// The server without any module, and with each one alone: built, and started on a database of its own.
fn features() -> Result<()> {
    let root = tree::root();
    let mut names = vec![String::new()];
    for module in std::fs::read_dir(root.join("modules"))? {
        names.push(module?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    for name in names {
        let what = if name.is_empty() { "no module" } else { &name };
        let mut cargo = tree::cargo();
        cargo.args(["build", "--package", "barq", "--bin", "barq", "--locked"]);
        cargo.args(["--no-default-features", "--features", &name]);
        step(&format!("Building with {what} alone"), &mut cargo)?;
        inline(&format!("Starting with {what} alone"), |_| starts())?;
    }
    Ok(())
}

/// Starts the server that was built last, until it says that it is open.
fn starts() -> Result<()> {
    let data = tree::own().join("start");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    let mut command = Command::new(tree::built("barq"));
    command.args(["serve", "--empty", "--port", "0", "--data"]).arg(&data);
    command.env_remove("BARQ_DATABASE_URL").env_remove("BARQ_DATA");
    let log = std::fs::File::create(tree::own().join("start.log"))?;
    let mut server = command.stdout(Stdio::piped()).stderr(log).spawn()?;
    let lines = BufReader::new(server.stdout.take().context("its output")?).lines();
    let is_open = lines.map_while(Result::ok).any(|line| line.contains("is open at"));
    // Asked, not killed: it has a database to close.
    Command::new("kill").arg(server.id().to_string()).status()?;
    let status = server.wait()?;
    std::fs::remove_dir_all(&data)?;
    ensure!(
        is_open && status.success(),
        "it did not start, or did not stop: see {}",
        tree::own().join("start.log").display()
    );
    Ok(())
}

fn lints() -> Result<()> {
    let mut cargo = tree::cargo();
    cargo.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]);
    step("Lints of the workspace", &mut cargo)
}
