//! From a plugin's source folder to `plugin.wasm` and `plugin.toml`, ready for a catalogue.
//!
//! Light on purpose: the project's own commands build plugins without compiling the sandbox that runs them.

mod inside;
mod toolchain;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

pub use inside::{Interfaces, interfaces};

/// How to compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether a lock file that is there must fit as it is: ours do, an author's changes with every new dependency.
    pub locked: bool,
    /// Whether the compiler speaks to the terminal while it works; otherwise its words come with the error.
    pub shown: bool,
}

impl Options {
    const OWN: Self = Self {
        locked: true,
        shown: false,
    };
}

/// Wraps a core module, built against `barq:plugin`, as a component.
pub fn componentize(core_wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    const DESCRIPTION: &[u8] = b"component-type";
    let described = core_wasm.windows(DESCRIPTION.len()).any(|bytes| bytes == DESCRIPTION);
    ensure!(
        described,
        "the module carries no description of a barq:plugin world: is it built with barq-plugin?"
    );
    wit_component::ComponentEncoder::default()
        .module(core_wasm)
        .context("reading the module's description of its world")?
        .validate(true)
        .encode()
        .context("turning the module into a component")
}

/// Compiles the plugin in `dir` and packs it into `out/<name>/`. Says what it does through `progress`.
pub fn build_guest(dir: &Path, out: &Path, progress: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    build_guests(&[dir], out, progress)
}

/// Compiles several plugins and packs each into `out/<name>/`. Those of one workspace are compiled together: what they share
/// is compiled once, and all processors have work.
pub fn build_guests(dirs: &[&Path], out: &Path, progress: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    let mut workspaces: BTreeMap<PathBuf, Vec<(PathBuf, String)>> = BTreeMap::new();
    for dir in dirs {
        let dir = dir
            .canonicalize()
            .with_context(|| format!("the plugin's folder {}", dir.display()))?;
        let name = package_name(&dir)?;
        workspaces.entry(workspace_of(&dir)).or_default().push((dir, name));
    }
    for (workspace, plugins) in workspaces {
        let names: Vec<&str> = plugins.iter().map(|(_, name)| name.as_str()).collect();
        compile(&workspace, &names, Options::OWN, progress)?;
        for (dir, name) in &plugins {
            progress(&format!("Packing {name}"));
            pack(dir, &core_module(&workspace, name)?, &out.join(name))?;
        }
    }
    Ok(())
}

/// Compiles the plugin in `dir` and returns the core module, before it becomes a component.
pub fn compile_guest(dir: &Path, package: &str, progress: &mut dyn FnMut(&str)) -> anyhow::Result<Vec<u8>> {
    let workspace = workspace_of(dir);
    compile(&workspace, &[package], Options::OWN, progress)?;
    core_module(&workspace, package)
}

/// Compiles the plugin in `dir`, whoever wrote it, into a component.
pub fn build_component(dir: &Path, options: Options, progress: &mut dyn FnMut(&str)) -> anyhow::Result<Vec<u8>> {
    let package = package_name(dir)?;
    let workspace = workspace_of(dir);
    compile(&workspace, &[&package], options, progress)?;
    componentize(&core_module(&workspace, &package)?)
}

fn compile(
    workspace: &Path,
    packages: &[&str],
    options: Options,
    progress: &mut dyn FnMut(&str),
) -> anyhow::Result<()> {
    let toolchain = toolchain::find(workspace, progress)?;
    progress(&format!(
        "Compiling {} for WebAssembly with {}",
        packages.join(", "),
        toolchain.describe()
    ));
    toolchain.build(workspace, packages, &shared_target_dir(workspace)?, options)
}

fn core_module(workspace: &Path, package: &str) -> anyhow::Result<Vec<u8>> {
    let file = shared_target_dir(workspace)?
        .join("wasm32-unknown-unknown/release")
        .join(format!("{}.wasm", package.replace('-', "_")));
    std::fs::read(&file).with_context(|| format!("reading what the compiler made, {}", file.display()))
}

/// Writes `plugin.wasm` and `plugin.toml` into `to`.
pub fn pack(dir: &Path, core_wasm: &[u8], to: &Path) -> anyhow::Result<()> {
    let manifest = dir.join("plugin.toml");
    ensure!(manifest.is_file(), "{} is missing", manifest.display());
    let component = componentize(core_wasm)?;
    std::fs::create_dir_all(to).with_context(|| format!("making {}", to.display()))?;
    replace(&to.join("plugin.wasm"), &component)?;
    replace(
        &to.join("plugin.toml"),
        &std::fs::read(&manifest).context("reading plugin.toml")?,
    )?;
    Ok(())
}

/// The `name` under `[package]`.
fn package_name(dir: &Path) -> anyhow::Result<String> {
    let file = dir.join("Cargo.toml");
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let package = text.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let names = package
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='));
    match names
        .filter(|(key, _)| key.trim() == "name")
        .map(|(_, name)| name.trim().trim_matches('"'))
        .next()
    {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => bail!("{} has no package name", file.display()),
    }
}

/// The folder whose `Cargo.toml` has the workspace of the package in `dir`: its own, or one above it that names it.
fn workspace_of(dir: &Path) -> PathBuf {
    let is_workspace = |folder: &&Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
        manifest.is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
    };
    dir.ancestors().find(is_workspace).unwrap_or(dir).to_owned()
}

/// `target/guests` of the outermost folder with a `Cargo.toml`: guests of one repository share their standard library,
/// which some toolchains compile first. Absolute, because the compiler runs in another folder.
fn shared_target_dir(dir: &Path) -> anyhow::Result<PathBuf> {
    let dir = std::path::absolute(dir).with_context(|| format!("the full path of {}", dir.display()))?;
    let root = dir
        .ancestors()
        .filter(|folder| folder.join("Cargo.toml").is_file())
        .last();
    Ok(root.unwrap_or(&dir).join("target/guests"))
}

/// Whole or not at all: another process may be reading the file or writing it too.
fn replace(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&draft, content).with_context(|| format!("writing {}", draft.display()))?;
    std::fs::rename(&draft, path).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_plugin_is_refused() {
        let plain = b"\0asm\x01\0\0\0";
        assert!(componentize(plain).is_err(), "an empty module has no world");
        assert!(componentize(b"text").is_err());
    }

    #[test]
    fn a_package_is_named_by_its_own_table() {
        let dir = std::env::temp_dir().join(format!("package-name-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(
            dir.join("Cargo.toml"),
            "[package]\nname = \"a-b\"\n[dependencies]\nname = \"x\"\n",
        )
        .unwrap();
        assert_eq!(package_name(&dir).unwrap(), "a-b");
        std::fs::write(
            dir.join("Cargo.toml"),
            "[package]\nversion = \"1\"\n[lib]\nname = \"x\"\n",
        )
        .unwrap();
        assert!(package_name(&dir).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
