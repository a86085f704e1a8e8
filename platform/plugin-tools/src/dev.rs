//! `dev.toml`: what `barq plugin run` needs of this machine. It is neither packed nor committed, for it has secrets.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use platform_plugin_host::guard::AllowList;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Its name.
pub(crate) const FILE: &str = "dev.toml";

/// Addresses, settings and secrets of the author's own.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dev {
    /// Origins that may be reached although they are not public.
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub settings: Map<String, Value>,
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
}

impl Dev {
    /// Reads a file; without one there is nothing.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            anyhow!("{}: line {line}: {}", path.display(), error.message())
        })
    }

    /// The origins as the guard wants them.
    pub fn allow(&self) -> Result<AllowList> {
        let allow = self.hosts.join(",").parse::<AllowList>();
        allow.map_err(|error| anyhow!("{FILE}: hosts: {error}"))
    }
}
