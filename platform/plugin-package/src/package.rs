//! The package: contents, the list of their digests, and who vouches for the list.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::{Contents, KeyId, Refused, SecretKey, TrustedKeys, archive};

const DIGESTS: &str = "DIGESTS";
const SIGNATURE: &str = "SIGNATURE";
/// A signature of a package is good for nothing else.
const PURPOSE: &[u8] = b"barq plugin package 1\n";

/// Who signed, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key that it says it is of.
    pub key_id: KeyId,
    bytes: [u8; 64],
}

impl Signature {
    fn to_text(&self) -> String {
        format!("{} {}\n", self.key_id, STANDARD.encode(self.bytes))
    }

    fn parse(text: &[u8]) -> Result<Self, Refused> {
        let odd = || Refused::Signature("a key's id and 64 bytes in base64 are expected");
        let text = std::str::from_utf8(text).map_err(|_| odd())?;
        let (id, bytes) = text
            .strip_suffix('\n')
            .and_then(|line| line.split_once(' '))
            .ok_or_else(odd)?;
        let bytes = STANDARD.decode(bytes).map_err(|_| odd())?;
        Ok(Self {
            key_id: id.parse().map_err(|_| odd())?,
            bytes: bytes.try_into().map_err(|_| odd())?,
        })
    }
}

/// What a signature is worth to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nobody vouches for it.
    Unsigned,
    /// A key vouches that is not among the trusted ones.
    UnknownKey(KeyId),
    /// The key got lost.
    RevokedKey(KeyId),
    /// The signature is not of this package.
    Broken(KeyId),
    /// A trusted key vouches for every byte.
    Good {
        /// The key.
        key_id: KeyId,
        /// Whose it is.
        publisher: String,
    },
}

/// A plugin as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    contents: Contents,
    digests: String,
    signature: Option<Signature>,
}

/// `sha256sum`'s form: the whole list has one form too.
fn digests(contents: &Contents) -> String {
    let mut list = String::new();
    for (name, bytes) in contents.files() {
        let _ = writeln!(list, "{}  {name}", hex::encode(Sha256::digest(bytes)));
    }
    list
}

impl Package {
    pub(crate) fn unsigned(contents: Contents) -> Self {
        Self {
            digests: digests(&contents),
            contents,
            signature: None,
        }
    }

    /// Reads a package. Every file is what the list of digests says; whether somebody trusted vouches for the list is
    /// [`Package::trust`]'s question.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let mut files = archive::read(bytes)?;
        let signature = match files.last() {
            Some((SIGNATURE, text)) => {
                let signature = Signature::parse(text)?;
                files.pop();
                Some(signature)
            }
            _ => None,
        };
        let Some((DIGESTS, list)) = files.pop() else {
            return Err(Refused::file(DIGESTS, "is missing"));
        };
        let owned = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
        let contents = Contents::of(owned)?;
        let package = Self {
            digests: digests(&contents),
            contents,
            signature,
        };
        if package.digests.as_bytes() != list {
            return Err(Refused::Digest(package.first_difference(list)));
        }
        // Names out of order, for one: there is one archive of each content.
        if package.to_bytes() != bytes {
            return Err(Refused::NotCanonical("it is not written as packages are"));
        }
        Ok(package)
    }

    fn first_difference(&self, list: &[u8]) -> String {
        let list = String::from_utf8_lossy(list);
        let mut lines = self.digests.lines();
        let wrong = lines.find(|line| !list.lines().any(|said| said == *line));
        let name = wrong.and_then(|line| line.split_once("  ")).map(|(_, name)| name);
        name.unwrap_or(DIGESTS).to_owned()
    }

    /// What is in it.
    pub const fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The list of digests.
    pub fn digests(&self) -> &str {
        &self.digests
    }

    /// Who says that it is theirs.
    pub const fn signature(&self) -> Option<&Signature> {
        self.signature.as_ref()
    }

    /// Vouches for it; a signature that was there is replaced.
    pub fn sign(&mut self, key: &SecretKey) {
        self.signature = Some(Signature {
            key_id: key.public().id(),
            bytes: key.sign(&self.signed()),
        });
    }

    fn signed(&self) -> Vec<u8> {
        [PURPOSE, self.digests.as_bytes()].concat()
    }

    /// What the signature is worth to whoever believes these keys.
    pub fn trust(&self, keys: &TrustedKeys) -> Trust {
        let Some(signature) = &self.signature else {
            return Trust::Unsigned;
        };
        let key_id = signature.key_id;
        match keys.find(key_id) {
            None => Trust::UnknownKey(key_id),
            Some(trusted) if !trusted.key.verifies(&self.signed(), &signature.bytes) => Trust::Broken(key_id),
            Some(trusted) if trusted.revoked => Trust::RevokedKey(key_id),
            Some(trusted) => Trust::Good {
                key_id,
                publisher: trusted.publisher.clone(),
            },
        }
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let signature = self.signature.as_ref().map(Signature::to_text);
        let signature = signature.iter().map(|text| (SIGNATURE, text.as_bytes()));
        let digests = std::iter::once((DIGESTS, self.digests.as_bytes()));
        archive::write(self.contents.files().chain(digests).chain(signature))
    }
}
