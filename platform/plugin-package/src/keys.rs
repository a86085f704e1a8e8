//! Keys of publishers: who vouches for a package, and whom an operator or an organization believes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The first half of a public key's hash: names a key in a signature and in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::str::FromStr for KeyId {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let mut id = [0; 8];
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        hex::decode_to_slice(text, &mut id)
            .ok()
            .filter(|()| lower)
            .map(|()| Self(id))
            .ok_or(BadKey)
    }
}

/// Not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no ed25519 key: 32 bytes in base64 are")]
pub struct BadKey;

/// What checks a publisher's signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key's name.
    pub fn id(&self) -> KeyId {
        let hash = Sha256::digest(self.0.as_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        KeyId(id)
    }

    /// Whether the signature is this key's. Keys and signatures that fit more than one text are refused.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0.verify_strict(message, &signature).is_ok()
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD.encode(self.0.as_bytes()))
    }
}

impl std::str::FromStr for PublicKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| BadKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| BadKey)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey)?;
        // Everybody can sign for such a key.
        if key.is_weak() { Err(BadKey) } else { Ok(Self(key)) }
    }
}

/// What signs. Its text form is a line of base64, kept in a file that only the publisher reads.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From 32 random bytes.
    pub fn new(random: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(random))
    }

    /// What the publisher gives away.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The line to keep.
    pub fn to_text(&self) -> String {
        STANDARD.encode(self.0.to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl std::str::FromStr for SecretKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| BadKey)?;
        Ok(Self::new(&bytes.try_into().map_err(|_| BadKey)?))
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}

/// A publisher's key that somebody believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// Who signs with it.
    pub publisher: String,
    /// The key.
    pub key: PublicKey,
    /// Whether it got lost: nothing new is installed on its word.
    pub revoked: bool,
}

/// The keys that somebody believes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedKeys(Vec<TrustedKey>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    key: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Line {
    publisher: String,
    public_key: String,
    #[serde(default)]
    revoked: bool,
}

impl TrustedKeys {
    /// The text of `publishers.toml`: a `[[key]]` for each, with `publisher`, `public-key` and perhaps `revoked`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let keys = file.key.into_iter().map(|line| {
            let key = line.public_key.parse();
            let key = key.map_err(|error: BadKey| format!("{}: {error}", line.publisher))?;
            Ok(TrustedKey {
                publisher: line.publisher,
                key,
                revoked: line.revoked,
            })
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The key of this name. One that is revoked anywhere is revoked.
    pub fn find(&self, id: KeyId) -> Option<&TrustedKey> {
        let mut found = self.0.iter().filter(|trusted| trusted.key.id() == id);
        let first = found.next()?;
        Some(found.find(|trusted| trusted.revoked).unwrap_or(first))
    }
}

impl FromIterator<TrustedKey> for TrustedKeys {
    fn from_iter<I: IntoIterator<Item = TrustedKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}
