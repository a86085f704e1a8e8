//! A plugin in one file, `name-1.0.0.barq`: what its author hands out, and what an organization uploads.
//!
//! The file is a tar archive in one fixed form: names in order, no compression, no owner, no time, then `DIGESTS` (as
//! `sha256sum -c` reads it) and, when somebody vouches for it, `SIGNATURE` (ed25519 over the digests, with the key's id). The
//! same content is always the same bytes, and [`Package::read`] takes nothing else: whatever an archive could hide between,
//! behind or instead of its files makes it another sequence of bytes, and that is refused. Nothing is unpacked to a disk,
//! and nothing can grow while it is read.
//!
//! This crate opens files of strangers, so it is pure: bytes in, bytes or a refusal out.

mod archive;
mod contents;
mod keys;
mod package;

pub use archive::MAX_PACKAGE_BYTES;
pub use contents::{Contents, MAX_COMPONENT_BYTES, Version};
pub use keys::{BadKey, KeyId, PublicKey, SecretKey, TrustedKey, TrustedKeys};
pub use package::{Package, Signature, Trust};

/// Why a file is no package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Larger than any package may be.
    #[error("the package has more than {MAX_PACKAGE_BYTES} bytes")]
    TooLarge,
    /// Not the one form of archive that a package is.
    #[error("this is no package: {0}")]
    NotCanonical(&'static str),
    /// A name that no package has, or a file that is missing or stands twice.
    #[error("{file}: {problem}")]
    File {
        /// Its name, made printable.
        file: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A file that is not what the list of digests says.
    #[error("{0} is not what DIGESTS says")]
    Digest(String),
    /// `plugin.toml` does not name the plugin.
    #[error("plugin.toml: {0}")]
    Manifest(String),
    /// `SIGNATURE` cannot be read.
    #[error("SIGNATURE cannot be read: {0}")]
    Signature(&'static str),
}

impl Refused {
    /// A stable code for an answer.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "package_too_large",
            Self::NotCanonical(_) => "not_a_package",
            Self::File { .. } => "package_file_refused",
            Self::Digest(_) => "package_digest_wrong",
            Self::Manifest(_) => "package_manifest_wrong",
            Self::Signature(_) => "package_signature_unreadable",
        }
    }

    pub(crate) fn file(name: &str, problem: &'static str) -> Self {
        let file = name.chars().take(80).flat_map(char::escape_default).collect();
        Self::File { file, problem }
    }
}
