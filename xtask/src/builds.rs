//! The parts that are built before something runs: console, plugins, server.

use crate::progress::{inline, say, step};
use crate::{stamp, tree};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// npm in a folder, without its questions and advertisements.
pub fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = tree::program("npm", folder);
    command
        .args(arguments)
        .env("NO_COLOR", "1")
        .env("npm_config_fund", "false")
        .env("npm_config_audit", "false");
    command
}

/// The packages of a folder's lock file; `name` is for the stamp and for people.
///
/// `npm ci` refuses a lock file without the optional packages of every other platform, and a registry need not have all
/// of those. `npm install` takes the same versions from the lock file and leaves out what this platform does not use.
pub fn npm_packages(name: &str, folder: &Path) -> Result<()> {
    let inputs = [folder.join("package.json"), folder.join("package-lock.json")];
    stamp::when_changed(
        &format!("{name}-packages"),
        &inputs,
        &folder.join("node_modules"),
        || {
            step(
                &format!("Installing the packages of the {name}"),
                &mut npm(folder, &["install", "--no-save"]),
            )
        },
    )?;
    Ok(())
}

/// The console's files in `admin-console/dist`.
pub fn console() -> Result<()> {
    let folder = tree::console();
    npm_packages("console", &folder)?;
    let output = folder.join("dist/index.html");
    let built = stamp::when_changed("console", &console_inputs(&folder), &output, || {
        step("Building the console", &mut npm(&folder, &["run", "build"]))
    })?;
    said_fresh(built, "console");
    Ok(())
}

fn console_inputs(folder: &Path) -> Vec<PathBuf> {
    let mut inputs = vec![folder.join("src"), folder.join("public")];
    let files = [
        "package.json",
        "package-lock.json",
        "index.html",
        "vite.config.ts",
        "tsconfig.json",
    ];
    inputs.extend(files.map(|file| folder.join(file)));
    inputs
}

/// The source folders of all plugins.
pub fn plugin_folders() -> Result<Vec<PathBuf>> {
    let folder = tree::root().join("plugins");
    let mut found: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("plugin.toml").is_file() && path.join("Cargo.toml").is_file())
        .collect();
    found.sort();
    Ok(found)
}

/// Every plugin as a component in `plugins/dist/<name>`, with its manifest. One compilation for all of them.
pub fn plugins() -> Result<()> {
    let root = tree::root();
    let packed = root.join("plugins/dist");
    let folders = plugin_folders()?;
    let shared = [
        "plugin-sdk",
        "plugins/common",
        "plugins/Cargo.toml",
        "plugins/Cargo.lock",
        "platform/plugin-build",
    ];
    let inputs: Vec<PathBuf> = shared
        .iter()
        .map(|path| root.join(path))
        .chain(folders.iter().cloned())
        .collect();
    let outputs: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| Some(packed.join(folder.file_name()?).join("plugin.wasm")))
        .collect();
    // One that is missing is as good as all of them: cargo knows itself what changed.
    let output = outputs.iter().find(|output| !output.exists()).or(outputs.first());
    let Some(output) = output else { return Ok(()) };
    let built = stamp::when_changed("plugins", &inputs, output, || {
        inline("Building the plugins", |progress| {
            let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
            platform_plugin_build::build_guests(&folders, &packed, progress)
        })
    })?;
    said_fresh(built, "plugins");
    Ok(())
}

/// All programs of the workspace. Cargo knows itself what changed.
///
/// The whole workspace is named although only `barq` is wanted: with the same packages the same features are chosen, so
/// that tests and server share one compilation of everything below them.
pub fn programs(release: bool) -> Result<()> {
    let mut cargo = tree::cargo();
    cargo.args(["build", "--workspace", "--exclude", "xtask", "--bins", "--locked"]);
    if release {
        cargo.arg("--release");
    }
    step("Building the server", &mut cargo)
}

/// Where the environment of the API's outside checker is.
pub fn schemathesis_folder() -> PathBuf {
    tree::target().join("schemathesis/environment")
}

/// The API's outside checker, in an environment of its own.
pub fn schemathesis() -> Result<()> {
    let requirements = tree::root().join("tests/schemathesis/requirements.txt");
    let folder = schemathesis_folder();
    let program = folder.join("bin/schemathesis");
    let built = stamp::when_changed("schemathesis", std::slice::from_ref(&requirements), &program, || {
        let mut python = tree::program("python3", &tree::root());
        python.args(["-m", "venv", "--clear"]).arg(&folder);
        step("Making an environment for schemathesis", &mut python)?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements);
        step("Installing schemathesis", &mut pip)
    })?;
    said_fresh(built, "environment of schemathesis");
    Ok(())
}

fn said_fresh(built: bool, name: &str) {
    if !built {
        say(&format!("==> The {name} is up to date"));
    }
}
