//! The plugins of this installation: a folder with one folder per plugin, each `plugin.toml` and `plugin.wasm`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};

use crate::manifest::Manifest;

/// 4 MiB is forty times what a plugin written in Rust needs.
pub(crate) const MAX_COMPONENT_BYTES: u64 = 4 * 1024 * 1024;

/// A compiled plugin as bytes, named by their hash.
#[derive(Clone)]
pub struct Component {
    pub bytes: Arc<[u8]>,
    pub sha256: [u8; 32],
}

impl Component {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            sha256: Sha256::digest(&bytes).into(),
            bytes: bytes.into(),
        }
    }
}

impl std::fmt::Debug for Component {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Component({}, {} bytes)",
            hex::encode(&self.sha256[..8]),
            self.bytes.len()
        )
    }
}

/// A plugin that can be installed.
#[derive(Debug, Clone)]
pub struct Plugin {
    pub manifest: Manifest,
    pub component: Component,
}

/// The plugins that can be installed, by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    plugins: Vec<Arc<Plugin>>,
}

impl Catalogue {
    /// Reads a folder of packed plugins. A folder that is not there is an empty catalogue.
    pub fn load(dir: &Path) -> anyhow::Result<Self> {
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(e).with_context(|| format!("reading the plugins folder {}", dir.display())),
        };
        let mut plugins = Vec::new();
        for entry in entries {
            let path = entry.context("reading the plugins folder")?.path();
            if path.join("plugin.toml").is_file() {
                let plugin = read(&path).with_context(|| format!("reading the plugin in {}", path.display()))?;
                plugins.push(Arc::new(plugin));
            }
        }
        plugins.sort_by(|a, b| a.manifest.name.cmp(&b.manifest.name));
        if let Some(pair) = plugins
            .windows(2)
            .find(|pair| pair[0].manifest.name == pair[1].manifest.name)
        {
            bail!("two plugins are named {:?}", pair[0].manifest.name);
        }
        Ok(Self { plugins })
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Plugin>> {
        self.plugins.iter().find(|plugin| plugin.manifest.name == name)
    }

    /// All of them, in the order of their names.
    pub fn plugins(&self) -> &[Arc<Plugin>] {
        &self.plugins
    }
}

fn read(dir: &Path) -> anyhow::Result<Plugin> {
    let manifest = std::fs::read_to_string(dir.join("plugin.toml")).context("plugin.toml")?;
    let wasm = dir.join("plugin.wasm");
    let size = std::fs::metadata(&wasm).context("plugin.wasm")?.len();
    ensure!(
        size <= MAX_COMPONENT_BYTES,
        "plugin.wasm has {size} bytes, the limit is {MAX_COMPONENT_BYTES}"
    );
    Ok(Plugin {
        manifest: Manifest::parse(&manifest)?,
        component: Component::new(std::fs::read(&wasm)?),
    })
}
