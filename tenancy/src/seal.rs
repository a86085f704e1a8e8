//! The installation's key file, and what is sealed with it.

use std::path::Path;

use anyhow::{Context, Result};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use platform_core::ids::random_bytes;

const NONCE_BYTES: usize = 24;

/// Seals small secrets. Whoever reads the database without the key file learns nothing from them.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// With the key in `<data>/keys/sign-in.key`; the first start makes it.
    pub fn open(data: &Path) -> Result<Self> {
        let key = platform_core::key_file(data, "sign-in.key").context("the key file of sign-in")?;
        Ok(Self::new(&key))
    }

    fn new(key: &[u8]) -> Self {
        let key: Key = key.try_into().expect("the length was checked");
        Self(XChaCha20Poly1305::new(&key))
    }

    /// The nonce and the sealed text. `about` is not hidden, but has to be the same when it is opened.
    pub fn seal(&self, text: &[u8], about: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE_BYTES>();
        let payload = Payload { msg: text, aad: about };
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a short text can be sealed");
        [nonce.as_slice(), &sealed].concat()
    }

    /// What was sealed; nothing when the key, the text or `about` is another.
    pub fn unseal(&self, sealed: &[u8], about: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let payload = Payload {
            msg: sealed,
            aad: about,
        };
        self.0.decrypt(&XNonce::from(nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_sealed() {
        let (ours, other) = (Sealer::new(&[1; 32]), Sealer::new(&[2; 32]));
        let mut sealed = ours.seal(b"secret", b"about");
        assert_eq!(ours.unseal(&sealed, b"about").as_deref(), Some(b"secret".as_slice()));
        assert_eq!(ours.unseal(&sealed, b"other"), None);
        assert_eq!(other.unseal(&sealed, b"about"), None);
        assert_eq!(ours.unseal(&sealed[..10], b"about"), None);
        sealed[30] ^= 1;
        assert_eq!(ours.unseal(&sealed, b"about"), None);
    }
}
