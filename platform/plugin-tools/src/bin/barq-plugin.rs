//! The tools without the server: what `barq plugin …` does, for people who only write plugins.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use platform_plugin_host::WorkerCommand;
use platform_plugin_tools::PluginArgs;

/// Tools for people who write plugins for BARQ.
#[derive(Parser)]
#[command(name = "barq-plugin", version)]
struct Cli {
    #[command(flatten)]
    plugin: PluginArgs,
}

fn main() -> ExitCode {
    // The sandbox is this program again, started so.
    if std::env::args_os().nth(1).is_some_and(|first| first == "plugin-worker") {
        return ended(platform_plugin_host::worker_main().map(|()| true));
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return ended(Err(error.into())),
    };
    ended(runtime.block_on(platform_plugin_tools::run(&cli.plugin, &WorkerCommand::this_program())))
}

fn ended(result: anyhow::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}
