//! `cargo xtask bench`: the figures of `docs/BENCHMARKS.md`, measured side by side in one run.

use crate::progress::{say, step};
use crate::{builds, needs, tree};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Also write the figures there.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Everything else goes to the load driver as it is.
    #[arg(last = true)]
    driver: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    needs::ensure(&[&needs::POSTGRES, &needs::WASM])?;
    builds::plugins()?;
    let mut cargo = tree::cargo();
    cargo.args([
        "build",
        "--release",
        "--locked",
        "--package",
        "barq",
        "--package",
        "barq-bench",
        "--package",
        "platform-plugin-host",
        "--bins",
        "--example",
        "overhead",
    ]);
    step("Building server and load driver for speed", &mut cargo)?;
    let release = tree::target().join("release");
    let extism = extism()?;
    let mut driver = Command::new(release.join("barq-bench"));
    driver.current_dir(tree::root()).env("BARQ_BIN", release.join("barq"));
    driver.env("BARQ_PLUGIN_OVERHEAD", release.join("examples/overhead"));
    driver.env("BARQ_BENCH_EXTISM", extism);
    if let Some(file) = &arguments.json {
        driver.arg("--json").arg(std::path::absolute(file)?);
    }
    driver.args(&arguments.driver);
    say("==> Measuring");
    let status = driver.status().context("starting the load driver")?;
    if status.success() {
        Ok(())
    } else {
        bail!("the load driver failed ({status})")
    }
}

/// The program and the guest that make the same call through another project's crate. It has a lock file of its own, so that nobody
/// else compiles it.
fn extism() -> Result<String> {
    let folder = tree::root().join("tests/bench/extism");
    let target = tree::target().join("extism");
    let mut program = tree::cargo();
    program.args(["build", "--release", "--locked", "--manifest-path"]);
    program.arg(folder.join("Cargo.toml")).arg("--target-dir").arg(&target);
    step("Building the program that calls through extism", &mut program)?;
    let guest = target.join("record.wasm");
    let mut build = Command::new(tree::target().join("release/examples/overhead"));
    build.arg("build-guest").arg(folder.join("guest")).arg(&guest);
    step("Building its guest", &mut build)?;
    let program = target.join("release/barq-bench-extism");
    Ok(format!("{},{}", program.display(), guest.display()))
}
