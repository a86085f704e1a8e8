//! A plugin's folder.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use platform_plugin_host::{Component, Manifest, Plugin};

pub(crate) use crate::new::Language;

/// What the plugin is described by.
pub(crate) const MANIFEST: &str = "plugin.toml";
/// What `build` makes.
pub(crate) const COMPONENT: &str = "plugin.wasm";

/// A folder with a plugin that is described.
pub(crate) struct Folder {
    pub path: PathBuf,
    pub manifest: Manifest,
}

impl Folder {
    /// Reads `plugin.toml`.
    pub fn open(path: &Path) -> Result<Self> {
        let file = path.join(MANIFEST);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
                "there is no {MANIFEST} in {}: go into the plugin's folder, or make one with `barq plugin new NAME`",
                shown(path)
            ),
            Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
        };
        let manifest = Manifest::parse(&text).map_err(|error| anyhow!("{}", Self::told(path, &error.to_string())))?;
        let path = path
            .canonicalize()
            .with_context(|| format!("reading {}", path.display()))?;
        Ok(Self { path, manifest })
    }

    fn told(path: &Path, error: &str) -> String {
        format!("{}: {error}", shown(path))
    }

    /// What it is written in.
    pub fn language(&self) -> Result<Language> {
        Language::of(&self.path).ok_or_else(|| {
            anyhow!(
                "{} has neither Cargo.toml nor package.json: a plugin is written in Rust or in JavaScript",
                self.path.display()
            )
        })
    }

    /// What `build` made.
    pub fn plugin(&self) -> Result<Plugin> {
        let file = self.path.join(COMPONENT);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                bail!("{} is not there: make it with `barq plugin build`", file.display())
            }
            Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
        };
        Ok(Plugin {
            manifest: self.manifest.clone(),
            component: Component::new(bytes),
        })
    }

    /// Whether something that goes into the component is newer than it.
    pub fn is_stale(&self) -> bool {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let Some(built) = changed(&self.path.join(COMPONENT)) else {
            return true;
        };
        let mut waiting: Vec<PathBuf> = ["src", "Cargo.toml", "package.json"]
            .map(|part| self.path.join(part))
            .into();
        while let Some(path) = waiting.pop() {
            if let Ok(entries) = std::fs::read_dir(&path) {
                waiting.extend(entries.flatten().map(|entry| entry.path()));
            } else if changed(&path).is_some_and(|at| at > built) {
                return true;
            }
        }
        false
    }
}

fn shown(path: &Path) -> String {
    match path.to_str() {
        Some("." | "") => "this folder".to_owned(),
        _ => path.display().to_string(),
    }
}
