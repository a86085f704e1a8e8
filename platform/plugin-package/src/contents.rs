//! What a package holds: a closed list of names with a limit for each.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::{Package, Refused};

/// Largest component: forty times what a plugin written in Rust needs, twice what one in JavaScript does.
pub const MAX_COMPONENT_BYTES: usize = 4 * 1024 * 1024;

const MANIFEST: &str = "plugin.toml";
const COMPONENT: &str = "plugin.wasm";
const README: &str = "README.md";
const LICENSE: &str = "LICENSE";
/// Words of the plugin's own, as `locales/ar.json`.
const LOCALES: &str = "locales/";

const MAX_MANIFEST_BYTES: usize = 64 * 1024;
const MAX_TEXT_BYTES: usize = 256 * 1024;

/// Name and version that a manifest gives itself, as `1.12.0`: compared as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Breaks what was.
    pub major: u32,
    /// Adds.
    pub minor: u32,
    /// Mends.
    pub patch: u32,
}

impl std::str::FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |part: &str| {
            let plain = (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            // One way to write each: `01` would be another name for `1`.
            let plain = plain && (part == "0" || !part.starts_with('0'));
            if plain { part.parse().map_err(|_| ()) } else { Err(()) }
        };
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(()).and_then(number);
        let version = Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
        };
        if parts.next().is_none() { Ok(version) } else { Err(()) }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What this crate reads of a manifest. The rest is for whoever runs the plugin to check.
#[derive(Deserialize)]
struct Named {
    name: String,
    version: String,
}

/// The files of a plugin, looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    files: BTreeMap<String, Vec<u8>>,
    name: String,
    version: Version,
}

/// The largest size of a file with this name; none when no package has one.
fn limit(name: &str) -> Option<usize> {
    match name {
        MANIFEST => Some(MAX_MANIFEST_BYTES),
        COMPONENT => Some(MAX_COMPONENT_BYTES),
        README | LICENSE => Some(MAX_TEXT_BYTES),
        _ => {
            let language = name.strip_prefix(LOCALES)?.strip_suffix(".json")?;
            let plain = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
            plain.then_some(MAX_TEXT_BYTES)
        }
    }
}

impl Contents {
    /// Looks at files by their names: which may be there, how large, what has to be there.
    pub fn of(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, Refused> {
        let mut all = BTreeMap::new();
        for (name, bytes) in files {
            let most = limit(&name).ok_or_else(|| Refused::file(&name, "does not belong into a package"))?;
            if bytes.len() > most {
                return Err(Refused::file(&name, "is too large"));
            }
            if name != COMPONENT && std::str::from_utf8(&bytes).is_err() {
                return Err(Refused::file(&name, "is not UTF-8"));
            }
            if all.insert(name.clone(), bytes).is_some() {
                return Err(Refused::file(&name, "is there twice"));
            }
        }
        for name in [MANIFEST, COMPONENT] {
            if all.get(name).is_none_or(Vec::is_empty) {
                return Err(Refused::file(name, "is missing"));
            }
        }
        let (name, version) = named(text(&all, MANIFEST).unwrap_or_default())?;
        Ok(Self {
            files: all,
            name,
            version,
        })
    }

    /// Collects a plugin's files from its folder; what does not belong into a package is left there.
    pub fn of_folder(folder: &Path) -> std::io::Result<Result<Self, Refused>> {
        let mut names: Vec<String> = [MANIFEST, COMPONENT, README, LICENSE].map(str::to_owned).to_vec();
        match std::fs::read_dir(folder.join(LOCALES)) {
            Ok(entries) => {
                for entry in entries {
                    names.push(format!("{LOCALES}{}", entry?.file_name().to_string_lossy()));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut files = Vec::new();
        for name in names.into_iter().filter(|name| limit(name).is_some()) {
            match std::fs::read(folder.join(&name)) {
                Ok(bytes) => files.push((name, bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self::of(files))
    }

    /// The plugin's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// `name-1.0.0.barq`.
    pub fn file_name(&self) -> String {
        format!("{}-{}.barq", self.name, self.version)
    }

    /// The text of `plugin.toml`.
    pub fn manifest(&self) -> &str {
        text(&self.files, MANIFEST).unwrap_or_default()
    }

    /// The component.
    pub fn component(&self) -> &[u8] {
        self.files.get(COMPONENT).map_or(&[], Vec::as_slice)
    }

    /// What the author tells.
    pub fn readme(&self) -> Option<&str> {
        text(&self.files, README)
    }

    /// The plugin's own words by language, as JSON.
    pub fn locales(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.keys().filter_map(|name| {
            let language = name.strip_prefix(LOCALES)?.strip_suffix(".json")?;
            Some((language, text(&self.files, name)?))
        })
    }

    /// Files in the order of their names.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// The package of these files, which nobody has signed yet.
    pub fn pack(self) -> Package {
        Package::unsigned(self)
    }
}

fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> Option<&'a str> {
    std::str::from_utf8(files.get(name)?).ok()
}

fn named(manifest: &str) -> Result<(String, Version), Refused> {
    let named: Named = toml::from_str(manifest).map_err(|error| {
        let message: String = error.message().chars().take(200).collect();
        Refused::Manifest(message)
    })?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = (1..=60).contains(&named.name.len())
        && named.name.chars().all(plain)
        && named.name.starts_with(|c: char| c.is_ascii_lowercase());
    if !good {
        return Err(Refused::Manifest(
            "name: use lower-case letters, digits and '-', at most 60".to_owned(),
        ));
    }
    let version = named.version.parse();
    let version = version.map_err(|()| Refused::Manifest("version: use three numbers, as in 1.0.0".to_owned()))?;
    Ok((named.name, version))
}
