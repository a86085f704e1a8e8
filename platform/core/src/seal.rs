//! Small secrets, sealed with a key of the installation or of a tenant.

use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::ids::random_bytes;
use crate::{KEY_BYTES, key_file};

const NONCE_BYTES: usize = 24;

/// Seals small secrets. Whoever reads the database without the key file learns nothing from them.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// With the key in `<data>/keys/<name>`; the first call makes it.
    pub fn open(data: &Path, name: &str) -> std::io::Result<Self> {
        Ok(Self::new(&key_file(data, name)?))
    }

    /// With a key.
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(&(*key).into()))
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
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: about,
        };
        self.0.decrypt(&XNonce::from(*nonce), payload).ok()
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
        assert_ne!(sealed, ours.seal(b"secret", b"about"), "another nonce each time");
        sealed[30] ^= 1;
        assert_eq!(ours.unseal(&sealed, b"about"), None);
    }
}
