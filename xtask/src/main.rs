//! The project's own commands: `cargo xtask run | test | generate | bench | ci`.
//!
//! They prepare what they need (programs of the machine, console, plugins, server), say what they do while they do it,
//! and do nothing twice. This crate stays small, because nothing else starts before it is compiled.

mod bench;
mod builds;
mod ci;
mod counts;
mod generate;
mod hostile;
mod needs;
mod progress;
mod run;
mod stamp;
mod suites;
mod tenancy;
mod tree;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build everything and serve it with demonstration data until Ctrl-C.
    Run(run::Arguments),
    /// Run every test, against a throw-away PostgreSQL.
    Test(suites::Arguments),
    /// Write what follows from the code: API description, its types, permissions, endpoints.
    Generate(generate::Arguments),
    /// Measure the server and PostgreSQL side by side.
    Bench(bench::Arguments),
    /// What a change has to pass: format, tests, generated files, lints.
    Ci(ci::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Test(arguments) => suites::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Ci(arguments) => ci::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress::say(&format!("\nerror: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn run_takes_port_folder_and_empty() {
        let parsed = Arguments::try_parse_from(["xtask", "run", "--port", "9000", "--data", "d", "--empty"]);
        let Command::Run(run) = parsed.expect("is understood").command else {
            panic!("another command")
        };
        assert_eq!((run.port, run.empty), (Some(9000), true));
        assert!(Arguments::try_parse_from(["xtask", "run", "--port", "70000"]).is_err());
        assert!(Arguments::try_parse_from(["xtask", "test", "--suite", "unknown"]).is_err());
    }
}
