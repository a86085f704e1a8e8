//! `barq plugin new`: a folder that compiles as it is.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use clap::{Args, ValueEnum};

use crate::{Context, sdk};

/// What a plugin connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Fuel card transactions.
    Fuel,
    /// Orders of a delivery platform.
    Orders,
    /// Text messages.
    Sms,
    /// Payments to people through a bank.
    Payouts,
    /// Events, schedules, requests from outside.
    Automation,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Orders => "orders",
            Self::Sms => "sms",
            Self::Payouts => "payouts",
            Self::Automation => "automation",
        }
    }
}

/// What a plugin is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// The smallest and fastest plugins.
    Rust,
    /// Runs on an engine that is part of the plugin.
    #[value(name = "javascript", alias = "js")]
    JavaScript,
}

impl Language {
    const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
        }
    }

    /// Of a plugin's folder.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        match () {
            () if folder.join("Cargo.toml").is_file() => Some(Self::Rust),
            () if folder.join("package.json").is_file() => Some(Self::JavaScript),
            () => None,
        }
    }
}

/// Options of `barq plugin new`.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// Its name, and the folder's: lower-case letters, digits and `-`.
    pub name: String,
    /// What it connects.
    #[arg(long, value_enum, default_value = "sms")]
    pub kind: Kind,
    /// What it is written in.
    #[arg(long, value_enum, default_value = "rust")]
    pub lang: Language,
}

pub(crate) fn new(args: &NewArgs, context: &mut Context<'_>) -> Result<()> {
    let NewArgs { name, kind, lang } = args;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = (1..=60).contains(&name.len())
        && name.chars().all(plain)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-');
    ensure!(
        good,
        "{name:?} cannot be a plugin's name: use lower-case letters, digits and '-', as in `my-gateway`"
    );
    // A package of this name would be what the plugin is built with.
    ensure!(
        sdk::file("Cargo.lock")
            .lines()
            .all(|line| line != format!("name = {name:?}")),
        "{name:?} is the name of a crate that plugins are built with: choose another"
    );
    let folder = context.folder.join(name);
    if folder.exists() {
        bail!(
            "{} is there already: choose another name, or remove it",
            folder.display()
        );
    }
    for part in [
        "kinds/common",
        &format!("kinds/{}", kind.name()),
        "{lang}/common",
        "{lang}/{kind}",
    ] {
        let part = part.replace("{lang}", lang.name()).replace("{kind}", kind.name());
        for (path, text) in sdk::below(&format!("templates/{part}")) {
            let path = path.replace("gitignore.in", ".gitignore");
            let path = path.strip_suffix(".in").unwrap_or(&path);
            let text = text.replace("{{name}}", name).replace("{{title}}", &title(name));
            sdk::put(&folder.join(path), &text)?;
        }
    }
    sdk::write(&folder, *lang)?;
    if *lang == Language::Rust {
        sdk::put(&folder.join("Cargo.lock"), &lock(name))?;
    }
    context.say.line(&format!(
        "{} is a plugin of kind {} in {}.\nNext:\n  cd {name}\n  barq plugin build\n  barq plugin test",
        folder.display(),
        kind.name(),
        match lang {
            Language::Rust => "Rust",
            Language::JavaScript => "JavaScript",
        }
    ));
    Ok(())
}

/// `my-gateway` as people would write it.
fn title(name: &str) -> String {
    let spaced = name.replace('-', " ");
    let mut letters = spaced.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

/// The lock file of the SDK with the plugin in it: everybody's first build takes what was tried.
fn lock(name: &str) -> String {
    let (head, packages) = sdk::file("Cargo.lock").split_once("[[package]]\n").unwrap_or_default();
    let own = format!(
        "name = {name:?}\nversion = \"0.1.0\"\ndependencies = [\n \"barq-plugin\",\n \"serde\",\n \"serde_json\",\n]\n"
    );
    let mut packages: Vec<String> = packages
        .split("[[package]]\n")
        .map(|one| one.trim_end().to_owned() + "\n")
        .collect();
    packages.push(own);
    packages.sort_by(|one, other| one.lines().next().cmp(&other.lines().next()));
    format!("{head}[[package]]\n{}", packages.join("\n[[package]]\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_has_the_plugin_and_what_it_is_built_with() {
        let lock = lock("my-gateway");
        assert!(lock.contains("name = \"my-gateway\"\nversion = \"0.1.0\""));
        assert_eq!(
            lock.matches("[[package]]").count(),
            sdk::file("Cargo.lock").matches("[[package]]").count() + 1
        );
        assert!(lock.starts_with("# This file is automatically @generated by Cargo."));
        assert_eq!(title("my-gateway"), "My gateway");
    }
}
