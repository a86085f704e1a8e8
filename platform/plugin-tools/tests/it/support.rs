//! Folders of authors, and the tools in them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;
use platform_plugin_host::WorkerCommand;
use platform_plugin_tools::{Context, PluginCommand, Say, perform};

/// The program that runs plugins.
pub fn worker() -> WorkerCommand {
    WorkerCommand {
        program: env!("CARGO_BIN_EXE_barq-plugin").into(),
        args: vec!["plugin-worker".into()],
    }
}

/// A folder below `target`, where what guests are compiled with is compiled once for all of them.
pub fn bench(name: &str) -> Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugin-tools");
    std::fs::create_dir_all(&own)?;
    let folder = own.canonicalize()?.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: PluginCommand,
}

/// What a command said, and whether all was well.
pub struct Said {
    pub well: Result<bool>,
    pub text: String,
}

/// `barq plugin WORDS` in a folder.
pub async fn plugin(folder: &Path, words: &[&str]) -> Said {
    plugin_in(&worker(), folder, words).await
}

/// The same with another sandbox.
pub async fn plugin_in(worker: &WorkerCommand, folder: &Path, words: &[&str]) -> Said {
    let line = Line::parse_from(["plugin"].iter().chain(words));
    let mut say = Say::Text(String::new());
    let mut context = Context {
        folder,
        worker,
        say: &mut say,
    };
    let well = perform(&line.command, &mut context).await;
    let Say::Text(text) = say else {
        unreachable!("it is a text")
    };
    Said { well, text }
}

impl Said {
    /// The words of a command that went well.
    pub fn good(self) -> String {
        match self.well {
            Ok(true) => self.text,
            Ok(false) => panic!("something is wrong:\n{}", self.text),
            Err(error) => panic!("{error:#}\n{}", self.text),
        }
    }

    /// The words of a command that did not.
    pub fn bad(self) -> String {
        match self.well {
            Err(error) => format!("{error:#}"),
            Ok(false) => self.text,
            Ok(true) => panic!("nothing is wrong:\n{}", self.text),
        }
    }
}

/// Whether plugins in JavaScript can be compiled here; says so where they cannot. In CI they can.
pub fn has_node() -> bool {
    let answers = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
    let has = answers("node") && answers("npm");
    assert!(has || std::env::var_os("CI").is_none(), "Node.js is not there");
    if !has {
        eprintln!("SKIPPED: Node.js is not there, so plugins in JavaScript are not tried");
    }
    has
}
