//! `cargo xtask test`: every test of the product, each suite to its end, one table at the close.

use crate::builds::{npm, npm_packages};
use crate::counts::{self, Counts};
use crate::needs::{self, Need};
use crate::progress::{Output, duration_text, observe, say};
use crate::{builds, hostile, tenancy, tree};
use anyhow::{Result, bail};
use clap::ValueEnum;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this suite; may be given several times.
    #[arg(long, value_enum)]
    suite: Vec<Suite>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Suite {
    /// The crates of the workspace.
    Rust,
    /// The plugins and their SDK, compiled for this machine; when it is named, also the hostile guests with the long shares, one line
    /// for each check of the catalogue, and the tools of authors with every template and the guide. (The short shares of all of them
    /// are among the tests of the workspace.)
    Plugins,
    /// Lint, unit tests and build of the console.
    Console,
    /// The story in a real browser against the real server.
    Browser,
    /// The whole API document, walked by a checker from outside as three identities. Takes long: only when it is named.
    Schemathesis,
    /// The catalogue of isolation, fuzz, robustness and sign-in, one line for each of its checks, with the long shares. Only when
    /// it is named.
    Tenancy,
}

/// What runs when nothing is chosen.
const USUAL: [Suite; 4] = [Suite::Rust, Suite::Plugins, Suite::Console, Suite::Browser];

/// How a step of a suite ended.
enum Outcome {
    Passed(Counts),
    Failed(Counts),
    Skipped(String),
}

struct Line {
    name: String,
    took: Duration,
    outcome: Outcome,
}

/// What was run so far; a failed step does not stop the others.
#[derive(Default)]
pub struct Report {
    lines: Vec<Line>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let mut report = Report::default();
    run_into(&arguments.suite, &mut report);
    report.close()
}

/// Runs the chosen suites, the usual ones when none is chosen.
pub fn run_into(chosen: &[Suite], report: &mut Report) {
    let named = chosen.contains(&Suite::Plugins);
    let chosen = if chosen.is_empty() { &USUAL[..] } else { chosen };
    for suite in Suite::value_variants().iter().filter(|suite| chosen.contains(suite)) {
        match suite {
            Suite::Rust => rust(report),
            Suite::Plugins => {
                plugins(report);
                if named {
                    authors_tools(report);
                    hostile_guests(report);
                }
            }
            Suite::Console => console(report),
            Suite::Browser => browser(report),
            Suite::Schemathesis => {
                schemathesis(report);
            }
            Suite::Tenancy => tenancy(report),
        }
    }
}

impl Report {
    /// A step that has no tests of its own to count: it passes or it fails.
    pub fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        let started = Instant::now();
        let outcome = match work() {
            Ok(()) => Outcome::Passed(Counts::default()),
            Err(error) => {
                say(&format!("    {error:#}"));
                Outcome::Failed(Counts {
                    failed: 1,
                    ..Counts::default()
                })
            }
        };
        let passed = matches!(outcome, Outcome::Passed(_));
        self.lines.push(Line {
            name: name.to_owned(),
            took: started.elapsed(),
            outcome,
        });
        passed
    }

    /// A step whose output says how many tests it ran; answers that output.
    pub fn tests(&mut self, name: &str, command: &mut Command, output: Output) -> String {
        let started = Instant::now();
        let mut log = String::new();
        let outcome = match observe(name, command, output) {
            Ok(run) => {
                log = std::fs::read_to_string(&run.log).unwrap_or_default();
                let mut counts = counts::of_log(&log);
                if run.success && counts.failed == 0 {
                    Outcome::Passed(counts)
                } else {
                    counts.failed = counts.failed.max(1);
                    Outcome::Failed(counts)
                }
            }
            Err(error) => {
                say(&format!("    {error:#}"));
                Outcome::Failed(Counts {
                    failed: 1,
                    ..Counts::default()
                })
            }
        };
        self.lines.push(Line {
            name: name.to_owned(),
            took: started.elapsed(),
            outcome,
        });
        log
    }

    pub fn skip(&mut self, name: &str, reason: &str) {
        say(&format!("==> {name}: skipped, {reason}"));
        let outcome = Outcome::Skipped(reason.to_owned());
        self.lines.push(Line {
            name: name.to_owned(),
            took: Duration::ZERO,
            outcome,
        });
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        for line in &self.lines {
            match &line.outcome {
                Outcome::Passed(counts) | Outcome::Failed(counts) => total += *counts,
                Outcome::Skipped(_) => {}
            }
        }
        total
    }

    /// The table of what was run, and an error when something failed.
    pub fn close(&self) -> Result<()> {
        say("\n==> Summary");
        for line in &self.lines {
            let (word, detail) = match &line.outcome {
                Outcome::Passed(counts) if *counts == Counts::default() => ("ok", String::new()),
                Outcome::Passed(counts) => ("ok", counts.to_string()),
                Outcome::Failed(counts) => ("FAILED", counts.to_string()),
                Outcome::Skipped(reason) => ("skipped", reason.clone()),
            };
            say(&format!(
                "    {word:<8} {:<44} {:>12}  {detail}",
                line.name,
                duration_text(line.took)
            ));
        }
        say(&format!("\n{}", self.total()));
        self.verdict()
    }

    fn verdict(&self) -> Result<()> {
        if self.total().failed > 0 {
            bail!("tests failed");
        }
        if !self.lines.iter().any(|line| matches!(line.outcome, Outcome::Passed(_))) {
            bail!("nothing was tested");
        }
        Ok(())
    }
}

/// What has to be there and built before a suite; a failure is the suite's only line.
fn prepared(report: &mut Report, suite: &str, needs: &[&Need], builds: &[fn() -> Result<()>]) -> bool {
    report.check(&format!("{suite}: preparation"), || {
        needs::ensure(needs)?;
        builds.iter().try_for_each(|build| build())
    })
}

fn debug_programs() -> Result<()> {
    builds::programs(false)
}

fn rust(report: &mut Report) {
    if !prepared(
        report,
        "Rust",
        &[&needs::POSTGRES, &needs::REDIS, &needs::WASM],
        &[builds::plugins, debug_programs],
    ) {
        return;
    }
    // One server for all test processes; the address is in the environment of the tests.
    let mut command = Command::new(tree::built("throwaway-postgres"));
    command.current_dir(tree::root());
    command.arg(tree::cargo_program());
    tree::as_if_first(&mut command);
    let nextest = needs::found("cargo-nextest");
    command.args(if nextest { &["nextest", "run"][..] } else { &["test"] });
    command
        .args(["--workspace", "--locked", "--no-fail-fast"])
        .env("BARQ_BIN", tree::built("barq"));
    report.tests("Rust: tests of the workspace", &mut command, Output::Shown);
}

fn plugins(report: &mut Report) {
    for name in ["plugin-sdk", "plugins"] {
        let mut tests = guest_tests(&tree::root().join(name));
        report.tests(&format!("Plugins: {name}"), &mut tests, Output::Quiet);
    }
}

/// What an author does: every template in every language, and the guide from an empty folder to a message at a gateway.
fn authors_tools(report: &mut Report) {
    let needs = [
        &needs::POSTGRES,
        &needs::NODE,
        &needs::NPM,
        &needs::WASM,
        &needs::NEXTEST,
    ];
    if !prepared(report, "Tools for plugins", &needs, &[debug_programs]) {
        return;
    }
    let mut command = tree::cargo();
    command.args(["nextest", "run", "--locked", "--no-fail-fast"]);
    command.args(["--package", "platform-plugin-tools", "--package", "barq-tests"]);
    command.args(["-E", "package(platform-plugin-tools) or test(/^newcomer::/)"]);
    command.env("BARQ_BIN", tree::built("barq"));
    if !tenancy::short_shares() {
        command.env("BARQ_LONG_TESTS", "1");
    }
    report.tests("Tools for plugins: tests", &mut command, Output::Shown);
}

/// The sandbox against guests that misbehave, each part with its long share; then one table.
fn hostile_guests(report: &mut Report) {
    if !prepared(report, "Hostile guests", &[&needs::WASM, &needs::NEXTEST], &[]) {
        return;
    }
    let mut command = tree::cargo();
    command.args(["nextest", "run", "--locked", "--profile", "tenancy"]);
    // Times are judged on what an operator runs.
    command.args(["--cargo-profile", "measured"]);
    command.args(["--package", hostile::PACKAGE, "-E", hostile::TESTS]);
    if !tenancy::short_shares() {
        command.env("BARQ_LONG_TESTS", "1");
    }
    let said = report.tests("Hostile guests: tests", &mut command, Output::Quiet);
    // What speaks for another catalogue has its own table.
    let said: Vec<&str> = said.lines().filter(|line| !line.contains("CHECK A")).collect();
    report.check("Hostile guests: catalogue", || {
        tenancy::close("P", &hostile::CATALOGUE, &said.join("\n"))
    });
}

/// A guest's rules are plain Rust: they are tested on this machine, not in the sandbox.
fn guest_tests(folder: &Path) -> Command {
    let mut command = tree::cargo();
    command
        .args(["test", "--workspace", "--manifest-path"])
        .arg(folder.join("Cargo.toml"));
    command.arg("--target-dir").arg(tree::target().join("guest-tests"));
    command
}

fn console(report: &mut Report) {
    let folder = tree::console();
    let packages: fn() -> Result<()> = || npm_packages("console", &tree::console());
    if !prepared(report, "Console", &[&needs::NODE, &needs::NPM], &[packages]) {
        return;
    }
    report.tests("Console: lint", &mut npm(&folder, &["run", "lint"]), Output::Quiet);
    report.tests("Console: unit tests", &mut npm(&folder, &["test"]), Output::Quiet);
    report.check("Console: build", builds::console);
}

fn browser(report: &mut Report) {
    if let Err(error) = needs::ensure(&[&needs::CHROMIUM])
        && !tree::in_ci()
    {
        report.skip("Browser: story", &format!("{error:#}"));
        return;
    }
    in_browser(report, "Browser: story", &["test"]);
}

/// Runs a script of the browser tests against the debug build; answers what it said.
fn in_browser(report: &mut Report, name: &str, script: &[&str]) -> String {
    let folder = tree::root().join("tests/browser");
    let needs = [
        &needs::POSTGRES,
        &needs::NODE,
        &needs::NPM,
        &needs::WASM,
        &needs::CHROMIUM,
    ];
    let packages: fn() -> Result<()> = || npm_packages("browser-tests", &tree::root().join("tests/browser"));
    let builds = [builds::console, builds::plugins, debug_programs, packages];
    if !prepared(report, "Browser", &needs, &builds) {
        return String::new();
    }
    let mut command = npm(&folder, script);
    command.env("BARQ_BIN", tree::built("barq"));
    if let Some(chromium) = needs::chromium() {
        command.env("BARQ_CHROMIUM", chromium);
    }
    if script != ["test"] && !tenancy::short_shares() {
        command.env("BARQ_LONG_TESTS", "1");
    }
    report.tests(name, &mut command, Output::Shown)
}

fn schemathesis(report: &mut Report) -> String {
    let needs = [&needs::POSTGRES, &needs::WASM, &needs::PYTHON];
    let builds = [builds::plugins, debug_programs, builds::schemathesis];
    if !prepared(report, "Schemathesis", &needs, &builds) {
        return String::new();
    }
    let mut command = Command::new(tree::built("throwaway-postgres"));
    command.current_dir(tree::root());
    command
        .arg(builds::schemathesis_folder().join("bin/python"))
        .arg(tree::root().join("tests/schemathesis/run.py"))
        .env("BARQ_BIN", tree::built("barq"));
    report.tests("Schemathesis: three identities", &mut command, Output::Shown)
}

/// The tests that stand for the catalogue, each with its long share, and the walk from outside; then one table.
fn tenancy(report: &mut Report) {
    let needs = [&needs::POSTGRES, &needs::REDIS, &needs::WASM, &needs::NEXTEST];
    if !prepared(report, "Tenancy", &needs, &[builds::plugins, debug_programs]) {
        return;
    }
    let mut command = Command::new(tree::built("throwaway-postgres"));
    command.current_dir(tree::root()).arg(tree::cargo_program());
    tree::as_if_first(&mut command);
    command.args([
        "nextest",
        "run",
        "--locked",
        "--profile",
        "tenancy",
        "-E",
        tenancy::TESTS,
    ]);
    for package in tenancy::PACKAGES {
        command.args(["--package", package]);
    }
    command.env("BARQ_BIN", tree::built("barq"));
    if !tenancy::short_shares() {
        command.env("BARQ_LONG_TESTS", "1");
    }
    let mut said = report.tests("Tenancy: tests", &mut command, Output::Quiet);
    said.push_str("\n==> tests/browser/markup.test.mjs\n");
    said.push_str(&in_browser(report, "Tenancy: markup in a browser", &["run", "markup"]));
    if !tenancy::without_walk_from_outside() {
        said.push_str("\n==> tests/schemathesis/run.py\n");
        said.push_str(&schemathesis(report));
    }
    report.check("Tenancy: catalogue", || {
        tenancy::close("T, F, S and A", &tenancy::CATALOGUE, &said)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn figures_add_up_and_a_failure_is_an_error() {
        let mut report = Report::default();
        report.tests(
            "unit test, good",
            &mut shell("echo 'test result: ok. 3 passed; 0 failed; 1 ignored'"),
            Output::Quiet,
        );
        assert!(report.verdict().is_ok());
        assert!(report.check("unit test, check", || Ok(())));
        report.tests("unit test, crash", &mut shell("exit 1"), Output::Quiet);
        assert_eq!(
            report.total(),
            Counts {
                passed: 3,
                failed: 1,
                skipped: 1
            }
        );
        assert!(report.verdict().is_err());
    }

    #[test]
    fn a_runner_that_hides_a_failure_behind_its_exit_code_fails() {
        let mut report = Report::default();
        report.tests(
            "unit test, liar",
            &mut shell("echo 'test result: FAILED. 3 passed; 2 failed'"),
            Output::Quiet,
        );
        assert!(report.verdict().is_err());
    }

    #[test]
    fn skipping_everything_is_no_success() {
        let mut report = Report::default();
        report.skip("unit test, skipped", "no browser");
        assert!(report.verdict().is_err());
    }
}
