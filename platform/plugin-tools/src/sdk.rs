//! The SDK inside this program.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::Context;
use crate::folder::{Folder, Language};

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Where a plugin keeps its SDK.
pub(crate) const FOLDER: &str = "sdk";

/// Files below a path, with what follows it.
pub(crate) fn below(prefix: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES
        .iter()
        .filter_map(move |(path, text)| Some((path.strip_prefix(prefix)?.strip_prefix('/')?, *text)))
}

/// One file.
pub(crate) fn file(path: &str) -> &'static str {
    FILES
        .iter()
        .find(|(name, _)| *name == path)
        .map_or("", |(_, text)| text)
}

/// The version of the crate `barq-plugin` in this program.
pub(crate) fn version() -> &'static str {
    version_of(file("Cargo.toml")).unwrap_or_default()
}

fn version_of(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find(|line| line.starts_with("version"))?;
    Some(line.split('"').nth(1)?.trim())
}

/// Writes the SDK of a language into a plugin's folder.
pub(crate) fn write(folder: &Path, language: Language) -> Result<()> {
    let sdk = folder.join(FOLDER);
    // What was frozen is for the tests of the contract itself.
    for (path, text) in below("wit").filter(|(path, _)| !path.starts_with("frozen")) {
        put(&sdk.join("wit").join(path), text)?;
    }
    match language {
        Language::Rust => {
            put(&sdk.join("Cargo.toml"), file("Cargo.toml"))?;
            for (path, text) in below("src") {
                put(&sdk.join("src").join(path), text)?;
            }
        }
        Language::JavaScript => {
            for (path, text) in below("javascript") {
                put(&sdk.join(path), text)?;
            }
        }
    }
    Ok(())
}

/// Writes a file and the folders above it.
pub(crate) fn put(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// `barq plugin sdk`.
pub(crate) fn renew(context: &mut Context<'_>) -> Result<()> {
    let folder = Folder::open(context.folder)?;
    let sdk = folder.path.join(FOLDER);
    if sdk.exists() {
        // Only what a program like this one wrote is replaced.
        if !sdk.join("wit/since_v1").is_dir() {
            bail!(
                "{} is not an SDK of BARQ: move it away, then run this again",
                sdk.display()
            );
        }
        std::fs::remove_dir_all(&sdk).with_context(|| format!("removing {}", sdk.display()))?;
    }
    write(&folder.path, folder.language()?)?;
    context
        .say
        .line(&format!("{} is barq-plugin {}", sdk.display(), version()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_has_the_sdk_in_it() {
        assert!(version().split('.').count() == 3, "{}", version());
        for path in [
            "src/lib.rs",
            "src/http.rs",
            "wit/since_v1/host.wit",
            "javascript/http.js",
        ] {
            assert!(!file(path).is_empty(), "{path}");
        }
        assert!(below("templates/rust").count() > 5);
    }
}
