//! The operator's plugins: folders that were built here, and signed packages, several versions of each beside one another.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use platform_plugin_host::{Catalogue, Component, Manifest, Plugin};
use platform_plugin_package::{Package, Trust, TrustedKeys, Version};

/// Whom the operator believes, beside the packages.
const PUBLISHERS: &str = "publishers.toml";

/// One version that the operator offers.
#[derive(Clone)]
pub(crate) struct Offer {
    pub plugin: Arc<Plugin>,
    /// The key that vouches for it; none for what the operator built.
    pub key_id: Option<String>,
    /// Who vouches.
    pub publisher: String,
    pub readme: Option<String>,
    version: Version,
}

/// Everything that the operator offers.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    offers: Vec<Offer>,
    /// Whom the operator believes, also for what organizations upload.
    pub publishers: TrustedKeys,
}

/// The version of a manifest, which has been checked.
pub(crate) fn version(manifest: &Manifest) -> Version {
    let none = Version {
        major: 0,
        minor: 0,
        patch: 0,
    };
    manifest.version.parse().unwrap_or(none)
}

impl Shelf {
    /// What was built: a folder that the operator put there is the operator's word.
    pub fn of(catalogue: &Catalogue) -> Self {
        let offers = catalogue.plugins().iter().map(|plugin| Offer {
            key_id: None,
            publisher: plugin.manifest.publisher.clone(),
            readme: None,
            version: version(&plugin.manifest),
            plugin: plugin.clone(),
        });
        Self {
            offers: offers.collect(),
            publishers: TrustedKeys::default(),
        }
    }

    /// Adds the packages of a folder that a publisher of its list vouches for; others are left and said.
    pub fn add_packages(&mut self, folder: &Path) -> anyhow::Result<()> {
        match std::fs::read_to_string(folder.join(PUBLISHERS)) {
            Ok(text) => {
                let keys = TrustedKeys::parse(&text).map_err(|error| anyhow!(error));
                self.publishers = keys.with_context(|| folder.join(PUBLISHERS).display().to_string())?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| folder.join(PUBLISHERS).display().to_string()),
        }
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| folder.display().to_string()),
        };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "barq") {
                match self.package(&path) {
                    Ok(offer) => self.add(offer),
                    Err(error) => tracing::warn!("{} is not offered: {error:#}", path.display()),
                }
            }
        }
        Ok(())
    }

    fn package(&self, path: &Path) -> anyhow::Result<Offer> {
        let package = Package::read(&std::fs::read(path)?)?;
        let (key_id, publisher) = match package.trust(&self.publishers) {
            Trust::Good { key_id, publisher } => (key_id.to_string(), publisher),
            Trust::Unsigned => return Err(anyhow!("nobody has signed it")),
            Trust::UnknownKey(key) => return Err(anyhow!("{PUBLISHERS} does not name the key {key}")),
            Trust::RevokedKey(key) => return Err(anyhow!("the key {key} is revoked")),
            Trust::Broken(key) => return Err(anyhow!("the signature is not the one of {key}")),
        };
        let contents = package.contents();
        let manifest = Manifest::parse(contents.manifest())?;
        Ok(Offer {
            version: version(&manifest),
            plugin: Arc::new(Plugin {
                manifest,
                component: Component::new(contents.component().to_vec()),
            }),
            key_id: Some(key_id),
            publisher,
            readme: contents.readme().map(ToOwned::to_owned),
        })
    }

    /// What was built goes before a package of the same version: whoever builds a plugin wants to see what he built.
    fn add(&mut self, offer: Offer) {
        let manifest = &offer.plugin.manifest;
        if self.get(&manifest.name, &manifest.version).is_none() {
            self.offers.push(offer);
        }
    }

    /// One version.
    pub fn get(&self, name: &str, version: &str) -> Option<&Offer> {
        let mut offers = self.offers.iter();
        offers.find(|offer| offer.plugin.manifest.name == name && offer.plugin.manifest.version == version)
    }

    /// The newest version.
    pub fn latest(&self, name: &str) -> Option<&Offer> {
        let offers = self.offers.iter().filter(|offer| offer.plugin.manifest.name == name);
        offers.max_by_key(|offer| offer.version)
    }

    /// Every version of a plugin, the newest first.
    pub fn versions(&self, name: &str) -> Vec<String> {
        let mut versions: Vec<Version> = self
            .offers
            .iter()
            .filter(|offer| offer.plugin.manifest.name == name)
            .map(|offer| offer.version)
            .collect();
        versions.sort_unstable_by(|a, b| b.cmp(a));
        versions.iter().map(ToString::to_string).collect()
    }

    /// The newest version of each plugin, by name.
    pub fn newest(&self) -> Vec<&Offer> {
        let mut names: Vec<&str> = self
            .offers
            .iter()
            .map(|offer| offer.plugin.manifest.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().filter_map(|name| self.latest(name)).collect()
    }
}
