//! `barq plugin build`: the component, and what it may do.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::Args;
use platform_plugin_build::{Interfaces, Options};
use platform_plugin_host::{Export, Manifest};
use platform_plugin_package::MAX_COMPONENT_BYTES;

use crate::folder::{COMPONENT, Folder, Language};
use crate::say::{columns, size};
use crate::{Context, sdk};

/// Options of `barq plugin build`.
#[derive(Args, Debug, Default)]
pub struct BuildArgs {
    /// Refuses to change Cargo.lock, for builds that must come out the same.
    #[arg(long)]
    pub locked: bool,
    /// Says nothing while it compiles.
    #[arg(long, short)]
    pub quiet: bool,
}

pub(crate) async fn build(args: &BuildArgs, context: &mut Context<'_>) -> Result<()> {
    let folder = Folder::open(context.folder)?;
    let component = match folder.language()? {
        Language::Rust => rust(&folder, args, context)?,
        Language::JavaScript => javascript(&folder, args, context)?,
    };
    let size_limit = MAX_COMPONENT_BYTES;
    ensure!(
        component.len() <= size_limit,
        "{COMPONENT} has {}, the limit is {}: leave out dependencies you do not need; in Cargo.toml, `opt-level = \"s\"` and \
         `lto = true` under [profile.release] help",
        size(component.len() as u64),
        size(size_limit as u64)
    );
    let inside = platform_plugin_build::interfaces(&component)?;
    let uses = uses(&folder.manifest, &inside)?;
    offers(&folder.manifest, &inside)?;
    let file = folder.path.join(COMPONENT);
    let draft = file.with_extension("wasm.new");
    std::fs::write(&draft, &component).with_context(|| format!("writing {}", draft.display()))?;
    std::fs::rename(&draft, &file).with_context(|| format!("writing {}", file.display()))?;
    // The last word is the sandbox's: the same that a server hears after an upload.
    context.say.step("Trying it in the sandbox");
    let plugin = folder.plugin()?;
    let judged = context.host()?.prepare(&plugin).await;
    judged.map_err(|fault| anyhow!("the sandbox refuses {COMPONENT}: {}", fault.detail))?;
    let Manifest {
        name, version, exports, ..
    } = &folder.manifest;
    let exports: Vec<_> = exports.iter().map(|export| export.as_str()).collect();
    context.say.line(&format!(
        "{name} {version}: {COMPONENT}, {} of {}\nIt offers {}. It uses",
        size(component.len() as u64),
        size(size_limit as u64),
        exports.join(", ")
    ));
    for line in columns(&uses) {
        context.say.line(&format!("  {line}"));
    }
    Ok(())
}

fn rust(folder: &Folder, args: &BuildArgs, context: &mut Context<'_>) -> Result<Vec<u8>> {
    let options = Options {
        locked: args.locked,
        shown: !args.quiet,
    };
    platform_plugin_build::build_component(&folder.path, options, &mut |text| context.say.step(text))
}

/// What compiles JavaScript, as the template's package.json names it.
const COMPILER: &str = "componentize-qjs";

fn javascript(folder: &Folder, args: &BuildArgs, context: &mut Context<'_>) -> Result<Vec<u8>> {
    let node = |program: &str| {
        anyhow!(
            "{program} cannot be started: plugins in JavaScript are compiled with Node.js 18 or newer and its npm, see nodejs.org"
        )
    };
    let compiler = folder.path.join("node_modules/.bin").join(COMPILER);
    if !compiler.exists() {
        context.say.step("Fetching the compiler with npm");
        let verb = if folder.path.join("package-lock.json").is_file() {
            "ci"
        } else {
            "install"
        };
        let mut npm = Command::new("npm");
        npm.args([verb, "--no-audit", "--no-fund", "--loglevel", "error"]);
        let done = quiet(npm.current_dir(&folder.path), args.quiet).map_err(|_| node("npm"))?;
        ensure!(done.0, "npm {verb} failed in {}:\n{}", folder.path.display(), done.1);
    }
    ensure!(
        compiler.exists(),
        "npm did not bring {COMPILER}: name it in package.json under devDependencies, as \"{COMPILER}\": \"0.4.5\""
    );
    let made = folder.path.join("target/plugin");
    let world = write_world(&made, &folder.manifest)?;
    let output = made.join("plugin.wasm");
    context.say.step("Compiling the JavaScript");
    let mut compile = Command::new(&compiler);
    compile
        .arg("--wit")
        .arg(&world)
        .args(["--world", "plugin", "--stub-wasi", "--sync", "--js"])
        .arg(folder.path.join(main_module(&folder.path)?))
        .arg("--module-root")
        .arg(&folder.path)
        .arg("--output")
        .arg(&output);
    let (good, said) = quiet(compile.current_dir(&folder.path), true).map_err(|_| node("node"))?;
    ensure!(
        good,
        "{COMPILER} refuses the plugin:\n{said}\nA name that cannot be imported is not among what plugin.toml asks for: `barq:plugin/http` \
         needs a [[host]], `barq:plugin/kv` keeps_state = true, `barq:plugin/secrets` a [[secret]], `barq:plugin/directory` a [[read]]"
    );
    std::fs::read(&output).with_context(|| format!("reading {}", output.display()))
}

/// Runs a command; whether it went well, and what it said if it was not shown.
fn quiet(command: &mut Command, quiet: bool) -> std::io::Result<(bool, String)> {
    command.stdin(Stdio::null());
    if !quiet {
        return Ok((command.status()?.success(), String::new()));
    }
    let output = command.output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

fn main_module(folder: &Path) -> Result<String> {
    let file = folder.join("package.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let package: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    Ok(package["main"].as_str().unwrap_or("src/plugin.js").to_owned())
}

/// The contract with a world of this plugin's own: an engine imports all that its world has, used or not, and a plugin may
/// import what it asks for.
fn write_world(made: &Path, manifest: &Manifest) -> Result<PathBuf> {
    let wit = made.join("wit");
    for (path, text) in sdk::below("wit/since_v1") {
        sdk::put(&wit.join(path), text)?;
    }
    sdk::put(&wit.join("plugin.wit"), &world(manifest))?;
    Ok(wit)
}

fn world(manifest: &Manifest) -> String {
    let asked = [
        ("types", true),
        ("log", true),
        ("settings", true),
        ("clock", true),
        ("random", true),
        ("kv", manifest.keeps_state),
        ("secrets", !manifest.secrets.is_empty()),
        ("http", !manifest.hosts.is_empty()),
        ("directory", !manifest.reads.is_empty()),
    ];
    let imports = asked
        .iter()
        .filter(|(_, asked)| *asked)
        .map(|(name, _)| format!("    import {name};\n"));
    let exports = manifest
        .exports
        .iter()
        .map(|export| format!("    export {};\n", export.as_str()));
    let lifecycle = std::iter::once("    export lifecycle;\n".to_owned());
    let lines: String = imports.chain(lifecycle).chain(exports).collect();
    format!("package barq:plugin@1.0.0;\n\nworld plugin {{\n{lines}}}\n")
}

/// What the component imports, and what in plugin.toml allows it.
fn uses(manifest: &Manifest, inside: &Interfaces) -> Result<Vec<[String; 2]>> {
    let mut uses = Vec::new();
    for import in &inside.imports {
        let name = import
            .strip_prefix("barq:plugin/")
            .map(|rest| rest.split('@').next().unwrap_or(rest));
        let Some(name) = name else {
            ensure!(
                !import.starts_with("wasi:"),
                "{COMPONENT} imports {import}: plugins run without WASI. Rust: a dependency uses files, threads or the system's clock; \
                 find it with `cargo tree`. JavaScript: build with `barq plugin build`, which leaves WASI out"
            );
            bail!("{COMPONENT} imports {import}, which no server has: plugins import barq:plugin and nothing else");
        };
        let (asked, needs, module) = match name {
            "kv" => (manifest.keeps_state, "keeps_state = true", "kv"),
            "secrets" => (!manifest.secrets.is_empty(), "a [[secret]]", "secrets"),
            "http" => (!manifest.hosts.is_empty(), "a [[host]]", "http"),
            "directory" => (!manifest.reads.is_empty(), "a [[read]]", "directory"),
            _ => {
                if matches!(name, "log" | "settings" | "clock" | "random") {
                    uses.push([name.to_owned(), "every plugin may".to_owned()]);
                }
                continue;
            }
        };
        ensure!(
            asked,
            "{COMPONENT} imports barq:plugin/{name}, but plugin.toml has no {needs}: add it, with the reason an administrator \
             reads, or stop using `{module}`"
        );
        uses.push([name.to_owned(), granted(manifest, name)]);
    }
    Ok(uses)
}

fn granted(manifest: &Manifest, import: &str) -> String {
    match import {
        "http" => manifest
            .hosts
            .iter()
            .map(|ask| ask.host.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        "secrets" => manifest
            .secrets
            .iter()
            .map(|ask| ask.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        "directory" => manifest
            .reads
            .iter()
            .map(|ask| format!("{} ({})", ask.resource, ask.fields.join(", ")))
            .collect::<Vec<_>>()
            .join(", "),
        _ => "keeps_state = true".to_owned(),
    }
}

/// What the component exports is what plugin.toml says.
fn offers(manifest: &Manifest, inside: &Interfaces) -> Result<()> {
    let has = |name: &str| {
        inside
            .exports
            .iter()
            .any(|export| export.starts_with(&format!("barq:plugin/{name}@")))
    };
    ensure!(
        has("lifecycle"),
        "{COMPONENT} does not export barq:plugin/lifecycle: in Rust, `barq_plugin::export!(Plugin: lifecycle, …)`"
    );
    for export in Export::ALL {
        let (name, listed) = (export.as_str(), manifest.exports.contains(&export));
        let written = name.replace('-', "_");
        match (listed, has(name)) {
            (true, false) => bail!(
                "plugin.toml lists {name:?} under exports, but {COMPONENT} does not have it: add `{written}` to \
                 barq_plugin::export!(…), or take it out of plugin.toml"
            ),
            (false, true) => bail!(
                "{COMPONENT} exports {name}, but plugin.toml does not list it: add \"{name}\" to exports, so that an \
                 administrator sees it"
            ),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(more: &str) -> Manifest {
        Manifest::parse(&format!(
            "name = \"a\"\nversion = \"1.0.0\"\napi = \"1.0\"\npublisher = \"p\"\nexports = [\"schedule\"]\n{more}\n\
             [title]\nen = \"a\"\nar = \"a\"\n[description]\nen = \"a\"\nar = \"a\"\n"
        ))
        .unwrap()
    }

    fn inside(imports: &[&str], exports: &[&str]) -> Interfaces {
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Interfaces {
            imports: named(imports),
            exports: named(exports),
        }
    }

    #[test]
    fn what_is_used_has_to_be_asked_for() {
        let plain = manifest("");
        let log = inside(&["barq:plugin/log@1.0.0", "barq:plugin/types@1.0.0"], &[]);
        assert_eq!(
            uses(&plain, &log).unwrap(),
            [["log".to_owned(), "every plugin may".to_owned()]]
        );
        let kv = inside(&["barq:plugin/kv@1.0.0"], &[]);
        let error = uses(&plain, &kv).unwrap_err().to_string();
        assert!(error.contains("keeps_state = true"), "{error}");
        assert!(uses(&manifest("keeps_state = true"), &kv).is_ok());
        let wasi = uses(&plain, &inside(&["wasi:io/poll@0.2.0"], &[]))
            .unwrap_err()
            .to_string();
        assert!(wasi.contains("without WASI"), "{wasi}");
        assert!(uses(&plain, &inside(&["env/print"], &[])).is_err());
    }

    #[test]
    fn what_is_offered_is_what_is_listed() {
        let plain = manifest("");
        let lifecycle = "barq:plugin/lifecycle@1.0.0";
        assert!(offers(&plain, &inside(&[], &[lifecycle, "barq:plugin/schedule@1.0.0"])).is_ok());
        assert!(offers(&plain, &inside(&[], &["barq:plugin/schedule@1.0.0"])).is_err());
        assert!(offers(&plain, &inside(&[], &[lifecycle])).is_err());
        let more = inside(
            &[],
            &[lifecycle, "barq:plugin/schedule@1.0.0", "barq:plugin/webhook@1.0.0"],
        );
        let error = offers(&plain, &more).unwrap_err().to_string();
        assert!(error.contains("add \"webhook\" to exports"), "{error}");
    }

    #[test]
    fn a_world_has_what_the_manifest_asks_for() {
        let world = world(&manifest("keeps_state = true"));
        assert!(
            world.contains("import kv;") && world.contains("export schedule;"),
            "{world}"
        );
        assert!(!world.contains("import http;"), "{world}");
    }
}
