//! Requests that providers send to us, signed as they sign them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// One request of a provider to the address it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// As the provider calls it.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Webhook {
    pub(crate) fn json(url: &str, body: Vec<u8>) -> Self {
        Self {
            url: url.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body,
        }
    }

    pub(crate) fn form(url: &str, fields: &[(&str, String)]) -> Self {
        Self {
            url: url.to_owned(),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: serde_urlencoded::to_string(fields).unwrap_or_default().into_bytes(),
        }
    }

    pub(crate) fn with_header(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// HMAC-SHA256 as lower-case hexadecimal.
pub fn hmac_sha256_hex(key: &[u8], data: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is good");
    mac.update(data);
    hex::encode(mac.finalize().into_bytes())
}

/// A webhook of Onfleet: `X-Onfleet-Signature` is HMAC-SHA512 of the raw body, the key being the bytes that the secret is the
/// hexadecimal of. `None` when the secret is not hexadecimal.
pub fn onfleet(url: &str, secret_hex: &str, body: &[u8]) -> Option<Webhook> {
    let key = hex::decode(secret_hex).ok()?;
    let mut mac = Hmac::<Sha512>::new_from_slice(&key).ok()?;
    mac.update(body);
    let signature = hex::encode(mac.finalize().into_bytes());
    Some(Webhook::json(url, body.to_vec()).with_header("x-onfleet-signature", signature))
}

/// HMAC-SHA1 as Base64.
pub fn hmac_sha1_base64(key: &[u8], data: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("a key of any length is good");
    mac.update(data);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Every one `times` times, in an order that has nothing to do with the one they happened in; the same for the same seed.
pub fn shuffled<T: Clone>(items: &[T], times: usize, seed: u64) -> Vec<T> {
    let mut all: Vec<T> = items.iter().flat_map(|item| vec![item.clone(); times]).collect();
    let mut state = seed | 1;
    for last in (1..all.len()).rev() {
        // Knuth's multiplier: good enough to mix a handful.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap_or(0) % (last + 1);
        all.swap(last, other);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_the_standard_ones() {
        // RFC 4231, case 2, and RFC 2202, case 2.
        let (key, data) = (b"Jefe".as_slice(), b"what do ya want for nothing?".as_slice());
        assert_eq!(
            hmac_sha256_hex(key, data),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(hmac_sha1_base64(key, data), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn a_secret_in_hexadecimal_is_decoded_first() {
        // RFC 4231, case 2, its key written in hexadecimal.
        let webhook =
            onfleet("https://barq.example/", "4a656665", b"what do ya want for nothing?").expect("it is hexadecimal");
        assert_eq!(
            webhook.header("x-onfleet-signature"),
            Some(
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            )
        );
        assert_eq!(onfleet("https://barq.example/", "Jefe", b""), None);
    }

    #[test]
    fn shuffling_loses_nothing_and_changes_the_order() {
        let mixed = shuffled(&[1, 2, 3, 4, 5], 2, 7);
        assert_eq!(mixed, shuffled(&[1, 2, 3, 4, 5], 2, 7));
        assert_ne!(mixed, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        let mut sorted = mixed;
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }
}
