//! `cargo xtask run`: from a clone to a page that signs in.

use crate::progress::say;
use crate::{builds, needs, tree};
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The port of the page.
    #[arg(long)]
    pub port: Option<u16>,
    /// The folder that keeps database, files and keys; `data` in the work tree when absent.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// No demonstration organizations.
    #[arg(long)]
    pub empty: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    needs::ensure(&[&needs::POSTGRES, &needs::NODE, &needs::NPM, &needs::WASM])?;
    builds::console()?;
    builds::plugins()?;
    builds::programs(false)?;
    let mut server = server(arguments)?;
    say("==> Starting the server (Ctrl-C stops it)");
    // The server takes our place: Ctrl-C and every other signal reach it directly.
    Err(server.exec()).with_context(|| format!("starting {}", server.get_program().display()))
}

fn server(arguments: &Arguments) -> Result<Command> {
    let mut command = Command::new(tree::built("barq"));
    command.current_dir(tree::root()).arg("serve");
    if let Some(data) = &arguments.data {
        // The server runs in the root of the tree, the person perhaps elsewhere.
        let data = std::path::absolute(data).with_context(|| format!("finding {}", data.display()))?;
        command.arg("--data").arg(data);
    }
    if let Some(port) = arguments.port {
        command.args(["--port", &port.to_string()]);
    }
    command.arg(if arguments.empty { "--empty" } else { "--demo" });
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(arguments: &Arguments) -> Vec<String> {
        let command = server(arguments).expect("is a command");
        command
            .get_args()
            .map(|part| part.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn the_server_gets_what_was_asked_for() {
        let asked = Arguments {
            port: Some(9000),
            data: Some(PathBuf::from("/srv/barq")),
            empty: true,
        };
        assert_eq!(
            line(&asked),
            ["serve", "--data", "/srv/barq", "--port", "9000", "--empty"]
        );
        assert_eq!(
            line(&Arguments {
                port: None,
                data: None,
                empty: false
            }),
            ["serve", "--demo"]
        );
        let relative = line(&Arguments {
            port: None,
            data: Some(PathBuf::from("here")),
            empty: false,
        });
        assert!(PathBuf::from(&relative[2]).is_absolute());
    }
}
