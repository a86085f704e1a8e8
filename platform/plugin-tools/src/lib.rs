//! `barq plugin …`: from nothing to a plugin that runs at an organization.
//!
//! `new` needs nothing but the program itself: SDK, contract and templates are in it. `build`, `test`, `run` and `pack` work
//! in the plugin's folder; `test` and `run` use the same host and the same sandbox as the server. `install`, `logs` and
//! `replay` speak to a server as any client does, with an API key.

mod build;
mod calls;
mod dev;
mod fake;
mod folder;
mod install;
mod new;
mod package;
mod run;
mod say;
mod scenario;
mod sdk;
mod server;
mod suite;
mod trial;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand};
use platform_plugin_host::{ArtefactStore, HostOptions, PluginHost, WorkerCommand};

pub use new::{Kind, Language};
pub use say::Say;

/// What an author asks for.
#[derive(Subcommand, Debug)]
pub enum PluginCommand {
    /// Makes a folder with a plugin that compiles and passes its tests as it is.
    New(new::NewArgs),
    /// Writes the SDK of this program into the plugin's folder, over the one that is there.
    Sdk,
    /// Compiles the plugin in this folder to plugin.wasm, and says what it may do.
    Build(build::BuildArgs),
    /// Runs tests/*.toml in the sandbox, against recorded replies.
    Test(suite::TestArgs),
    /// Runs the plugin on this machine against the real service; addresses, settings and secrets come from dev.toml.
    Run(run::RunArgs),
    /// Puts the plugin into one file, NAME-VERSION.barq.
    Pack,
    /// Makes a key that signs packages.
    Keygen(package::KeygenArgs),
    /// Signs the package.
    Sign(package::SignArgs),
    /// Uploads the signed package to a server and installs it at the key's organization.
    Install(install::InstallArgs),
    /// Shows the plugin's calls at a server, and what it wrote in them.
    Logs(calls::LogsArgs),
    /// Repeats a recorded call at a server, with the recorded answers, and says whether the same came of it.
    Replay(calls::ReplayArgs),
}

/// The folder a command works in, and how it says what it does.
pub struct Context<'a> {
    /// The plugin's folder.
    pub folder: &'a Path,
    /// The program that runs plugins.
    pub worker: &'a WorkerCommand,
    /// Where words go.
    pub say: &'a mut Say,
}

impl Context<'_> {
    /// A host for one command. Compiled plugins are kept for its time only.
    fn host(&self) -> Result<PluginHost> {
        PluginHost::new(HostOptions {
            worker: self.worker.clone(),
            allow: platform_plugin_host::guard::AllowList::default(),
            artefacts: ArtefactStore::in_memory(),
        })
    }
}

/// Where a plugin is looked for.
#[derive(Args, Debug)]
pub struct PluginArgs {
    /// The plugin's folder.
    #[arg(long, global = true, default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    #[command(subcommand)]
    command: PluginCommand,
}

/// Does what was asked for; false when it was done and something is wrong with the plugin.
pub async fn run(args: &PluginArgs, worker: &WorkerCommand) -> Result<bool> {
    let mut say = Say::terminal();
    let mut context = Context {
        folder: &args.folder,
        worker,
        say: &mut say,
    };
    perform(&args.command, &mut context).await
}

/// The same with a folder and an ear of one's own.
pub async fn perform(command: &PluginCommand, context: &mut Context<'_>) -> Result<bool> {
    match command {
        PluginCommand::New(args) => new::new(args, context).map(|()| true),
        PluginCommand::Sdk => sdk::renew(context).map(|()| true),
        PluginCommand::Build(args) => build::build(args, context).await.map(|()| true),
        PluginCommand::Test(args) => suite::test(args, context).await,
        PluginCommand::Run(args) => run::run(args, context).await,
        PluginCommand::Pack => package::pack(context).map(|_| true),
        PluginCommand::Keygen(args) => package::keygen(args, context).map(|()| true),
        PluginCommand::Sign(args) => package::sign(args, context).map(|()| true),
        PluginCommand::Install(args) => install::install(args, context).await.map(|()| true),
        PluginCommand::Logs(args) => calls::logs(args, context).await.map(|()| true),
        PluginCommand::Replay(args) => calls::replay(args, context).await,
    }
}
