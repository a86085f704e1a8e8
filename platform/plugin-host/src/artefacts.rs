//! Native code made from plugins, kept so that it can be trusted: only what our own compiler process made is ever loaded.
//!
//! An artefact is named by the hash of the component it came from and the fingerprint of the engine, and carries a keyed hash
//! over both and every byte. The key stays in this process. Bytes that were checked go into a sealed memory file, which nobody
//! can change any more, and that is what the worker gets: not a path, whose content could be another one a moment later.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail, ensure};
use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::{MemfdFlags, SealFlags};
use sha2::{Digest, Sha256};
use tracing::warn;

use crate::boot::Fingerprint;

/// Starts each file, so that another format is told from a damaged one.
const MAGIC: &[u8; 8] = b"barqart1";
const MAC_BYTES: usize = 32;
/// Four times the largest component: machine code of what compilers emit is less than that.
pub(crate) const MAX_ARTEFACT_BYTES: u64 = 16 * 1024 * 1024;
/// Artefacts held open at once, and what they may hold together.
const MAX_OPEN: usize = 256;
const MAX_OPEN_BYTES: u64 = 256 * 1024 * 1024;

/// What an artefact is made of: a component's hash and an engine's fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ArtefactKey {
    pub component: [u8; 32],
    pub engine: Fingerprint,
}

impl ArtefactKey {
    fn file_name(&self) -> String {
        format!(
            "{}-{}.cwasm",
            hex::encode(self.component),
            hex::encode(&self.engine[..8])
        )
    }
}

/// Verified bytes that cannot change any more.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub file: OwnedFd,
    pub length: u64,
}

/// Where artefacts are kept, and the installation's key that vouches for them.
#[derive(Clone)]
pub struct ArtefactStore {
    folder: Option<PathBuf>,
    key: [u8; 32],
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    held: HashMap<ArtefactKey, (Arc<Sealed>, u64)>,
    bytes: u64,
    clock: u64,
}

impl std::fmt::Debug for ArtefactStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArtefactStore")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl ArtefactStore {
    /// Keeps nothing beyond this process.
    pub fn in_memory() -> Self {
        Self {
            folder: None,
            // Nothing that was authenticated with it outlives it: there is no file to forge.
            key: [0; 32],
            open: Arc::default(),
        }
    }

    /// Keeps artefacts in a folder, which is made when it is missing. `key` must be secret and the installation's own.
    pub fn in_folder(folder: &Path, key: [u8; 32]) -> anyhow::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let mut builder = std::fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("making {}", folder.display()))?;
        Ok(Self {
            folder: Some(folder.to_owned()),
            key,
            open: Arc::default(),
        })
    }

    /// An artefact that was made before, or nothing. A file that does not verify is removed and counts as nothing.
    pub(crate) fn get(&self, key: &ArtefactKey) -> Option<Arc<Sealed>> {
        if let Some(sealed) = self.lock().touch(key) {
            return Some(sealed);
        }
        let path = self.folder.as_ref()?.join(key.file_name());
        match self.read(&path, key) {
            Ok(Some(sealed)) => Some(self.lock().hold(*key, sealed)),
            Ok(None) => None,
            Err(error) => {
                warn!("Plugin artefact {} is not used: {error:#}", path.display());
                let _ = std::fs::remove_file(&path);
                None
            }
        }
    }

    /// Takes what the compiler made.
    pub(crate) fn put(&self, key: &ArtefactKey, artefact: &[u8]) -> anyhow::Result<Arc<Sealed>> {
        let sealed = seal(artefact)?;
        if let Some(folder) = &self.folder {
            let path = folder.join(key.file_name());
            // A full disk costs the next start a compilation and nobody a call.
            if let Err(error) = self.write(&path, key, artefact) {
                warn!("Plugin artefact {} is not kept: {error:#}", path.display());
            }
        }
        Ok(self.lock().hold(*key, sealed))
    }

    fn write(&self, path: &Path, key: &ArtefactKey, artefact: &[u8]) -> anyhow::Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let draft = path.with_extension(format!("{}.new", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(MAGIC)?;
        file.write_all(&self.mac(key, artefact).finalize().into_bytes())?;
        file.write_all(artefact)?;
        drop(file);
        Ok(std::fs::rename(&draft, path)?)
    }

    fn read(&self, path: &Path, key: &ArtefactKey) -> anyhow::Result<Option<Sealed>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("opening it"),
        };
        let head = MAGIC.len() + MAC_BYTES;
        let mut bytes = Vec::new();
        let mut limited = file.take(MAX_ARTEFACT_BYTES + head as u64 + 1);
        limited.read_to_end(&mut bytes).context("reading it")?;
        let Some((magic, rest)) = bytes.split_at_checked(MAGIC.len()) else {
            bail!("it is cut off")
        };
        ensure!(magic == MAGIC, "it is of another format");
        let Some((tag, artefact)) = rest.split_at_checked(MAC_BYTES) else {
            bail!("it is cut off")
        };
        ensure!(artefact.len() as u64 <= MAX_ARTEFACT_BYTES, "it is too large");
        let verified = self.mac(key, artefact).verify_slice(tag);
        ensure!(verified.is_ok(), "it is not as our compiler made it");
        seal(artefact).map(Some)
    }

    fn mac(&self, key: &ArtefactKey, artefact: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length will do");
        mac.update(MAGIC);
        mac.update(&key.component);
        mac.update(&key.engine);
        mac.update(&(artefact.len() as u64).to_le_bytes());
        mac.update(artefact);
        mac
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn touch(&mut self, key: &ArtefactKey) -> Option<Arc<Sealed>> {
        self.clock += 1;
        let (sealed, used) = self.held.get_mut(key)?;
        *used = self.clock;
        Some(sealed.clone())
    }

    /// Keeps it open, and lets go of those that were not used for the longest time.
    fn hold(&mut self, key: ArtefactKey, sealed: Sealed) -> Arc<Sealed> {
        self.clock += 1;
        let sealed = Arc::new(sealed);
        self.bytes += sealed.length;
        if let Some((before, _)) = self.held.insert(key, (sealed.clone(), self.clock)) {
            self.bytes -= before.length;
        }
        while self.held.len() > 1 && (self.held.len() > MAX_OPEN || self.bytes > MAX_OPEN_BYTES) {
            let oldest = self.held.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            let Some((gone, _)) = oldest.and_then(|key| self.held.remove(&key)) else {
                break;
            };
            self.bytes -= gone.length;
        }
        sealed
    }
}

/// Copies bytes to a memory file and takes every right to change it, also our own.
fn seal(bytes: &[u8]) -> anyhow::Result<Sealed> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = rustix::fs::memfd_create("barq-plugin-artefact", flags).context("making a memory file")?;
    let mut file = File::from(file);
    file.write_all(bytes).context("writing a memory file")?;
    let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&file, seals).context("sealing a memory file")?;
    Ok(Sealed {
        file: file.into(),
        length: bytes.len() as u64,
    })
}

/// Feeds a hash of standard's kind with a cryptographic one.
#[derive(Default)]
pub(crate) struct Sha256Hasher(Sha256);

impl std::hash::Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest.iter().fold(0, |all, byte| (all << 8) | u64::from(*byte))
    }
}

impl Sha256Hasher {
    pub fn fingerprint(self) -> Fingerprint {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests;
