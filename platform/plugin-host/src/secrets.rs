//! Values the plugin names but never sees: used by the host, and removed from everything that goes back.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::manifest::SecretEncoding;
use crate::wire::{Hash, Mac, Part, SecretError};

/// Shorter values would be found everywhere by chance.
const MIN_SCRUBBED: usize = 4;
const STARS: &[u8] = b"***";
const ANY_LENGTH: &str = "HMAC takes a key of any length";

/// Secrets of one installation by name. Printing shows names only.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Secrets {
    /// The value, where there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(crate) fn insert(&mut self, name: String, value: String) {
        self.0.insert(name, value);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    fn key(&self, name: &str, encoding: SecretEncoding) -> Result<Vec<u8>, SecretError> {
        let text = self.get(name).ok_or(SecretError::NotSet)?;
        key_bytes(text, encoding).ok_or(SecretError::Unusable)
    }

    pub(crate) fn sign(
        &self,
        name: &str,
        encoding: SecretEncoding,
        algorithm: Mac,
        data: &[u8],
    ) -> Result<Vec<u8>, SecretError> {
        let key = self.key(name, encoding)?;
        Ok(match algorithm {
            Mac::HmacSha1 => Hmac::<Sha1>::new_from_slice(&key)
                .expect(ANY_LENGTH)
                .chain_update(data)
                .finalize()
                .into_bytes()
                .to_vec(),
            Mac::HmacSha256 => Hmac::<Sha256>::new_from_slice(&key)
                .expect(ANY_LENGTH)
                .chain_update(data)
                .finalize()
                .into_bytes()
                .to_vec(),
            Mac::HmacSha512 => Hmac::<Sha512>::new_from_slice(&key)
                .expect(ANY_LENGTH)
                .chain_update(data)
                .finalize()
                .into_bytes()
                .to_vec(),
        })
    }

    /// The hash of parts; secrets among them as text.
    pub(crate) fn digest(&self, algorithm: Hash, parts: &[Part]) -> Result<Vec<u8>, SecretError> {
        let bytes = |part: &Part| match part {
            Part::Plain(bytes) => Ok(bytes.clone()),
            Part::Secret(name) => self.key(name, SecretEncoding::Text),
        };
        let whole = parts.iter().map(bytes).collect::<Result<Vec<_>, _>>()?.concat();
        Ok(match algorithm {
            Hash::Sha256 => Sha256::digest(whole).to_vec(),
            Hash::Sha512 => Sha512::digest(whole).to_vec(),
        })
    }

    /// Everything to look for in what goes back to the plugin or into a log.
    pub(crate) fn scrubber(&self) -> Scrubber {
        let mut scrubber = Scrubber { forms: Vec::new() };
        self.0.values().for_each(|value| scrubber.add(value));
        scrubber
    }
}

/// The bytes of a key from a secret's text; nothing when it is not written so.
pub(crate) fn key_bytes(text: &str, encoding: SecretEncoding) -> Option<Vec<u8>> {
    match encoding {
        SecretEncoding::Text => Some(text.as_bytes().to_vec()),
        SecretEncoding::Hex => hex::decode(text.trim()).ok(),
        SecretEncoding::Base64 => STANDARD.decode(text.trim()).ok(),
    }
}

/// Whether two signatures are the same, in a time that says nothing of where they differ.
pub(crate) fn same_tag(ours: &[u8], theirs: &[u8]) -> bool {
    let differences = ours.iter().zip(theirs).fold(0, |all, (a, b)| all | (a ^ b));
    ours.len() == theirs.len() && std::hint::black_box(differences) == 0
}

/// Replaces secrets by stars, in plain, base64, hexadecimal, URL-encoded and JSON-escaped form.
pub(crate) struct Scrubber {
    forms: Vec<Vec<u8>>,
}

impl Scrubber {
    /// Also hides this value, in every form.
    pub fn add(&mut self, value: &str) {
        if value.len() < MIN_SCRUBBED {
            return;
        }
        let json = serde_json::Value::from(value).to_string();
        self.forms.extend([
            value.as_bytes().to_vec(),
            STANDARD_NO_PAD.encode(value).into_bytes(),
            STANDARD.encode(value).into_bytes(),
            URL_SAFE_NO_PAD.encode(value).into_bytes(),
            hex::encode(value).into_bytes(),
            url::form_urlencoded::byte_serialize(value.as_bytes())
                .collect::<String>()
                .into_bytes(),
            json.as_bytes()[1..json.len() - 1].to_vec(),
        ]);
        // The longest first: a form may be the beginning of another.
        self.forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.forms.dedup();
    }

    /// Also hides this text: credentials put together from several secrets.
    pub fn hide(&mut self, form: String) {
        self.forms.insert(0, form.into_bytes());
    }

    pub fn bytes(&self, mut text: Vec<u8>) -> Vec<u8> {
        for form in &self.forms {
            text = replace(text, form);
        }
        text
    }

    pub fn text(&self, text: String) -> String {
        // Both the forms and the stars are whole UTF-8 sequences, so what is left is UTF-8.
        String::from_utf8(self.bytes(text.into_bytes())).unwrap_or_default()
    }
}

fn replace(text: Vec<u8>, form: &[u8]) -> Vec<u8> {
    let mut found = find(&text, form, 0);
    if found.is_none() {
        return text;
    }
    let mut result = Vec::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = found {
        result.extend_from_slice(&text[from..at]);
        result.extend_from_slice(STARS);
        from = at + form.len();
        found = find(&text, form, from);
    }
    result.extend_from_slice(&text[from..]);
    result
}

fn find(text: &[u8], form: &[u8], from: usize) -> Option<usize> {
    let (first, rest) = form.split_first()?;
    let mut at = from;
    while let Some(offset) = text[at..].iter().position(|byte| byte == first) {
        let start = at + offset;
        if text[start + 1..].starts_with(rest) {
            return Some(start);
        }
        at = start + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        let secrets: Secrets = [("api_key".into(), "s3cr\"et/ق+z".into())].into_iter().collect();
        let scrubber = secrets.scrubber();
        let value = secrets.get("api_key").unwrap();
        let forms = [
            value.to_owned(),
            STANDARD.encode(value),
            URL_SAFE_NO_PAD.encode(value),
            hex::encode(value),
            url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
            serde_json::to_string(value).unwrap().trim_matches('"').to_owned(),
        ];
        for form in forms {
            let text = scrubber.text(format!("Bearer {form}; and again {form}."));
            assert!(
                !text.contains(&form) && text.starts_with("Bearer ***"),
                "{form} in {text}"
            );
            assert!(text.ends_with('.'), "{text}");
        }
        assert_eq!(scrubber.text("nothing to hide".into()), "nothing to hide");
        assert_eq!(format!("{secrets:?}"), "{\"api_key\"}");
    }

    #[test]
    fn signatures_match_published_ones() {
        // RFC 4231, test case 2.
        let secrets: Secrets = [("k".into(), "Jefe".into())].into_iter().collect();
        let tag = secrets
            .sign(
                "k",
                SecretEncoding::Text,
                Mac::HmacSha256,
                b"what do ya want for nothing?",
            )
            .unwrap();
        assert_eq!(
            hex::encode(tag),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        // RFC 2202, test case 2.
        let tag = secrets
            .sign(
                "k",
                SecretEncoding::Text,
                Mac::HmacSha1,
                b"what do ya want for nothing?",
            )
            .unwrap();
        assert_eq!(hex::encode(tag), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        let sign = |name, encoding| secrets.sign(name, encoding, Mac::HmacSha512, b"");
        assert_eq!(sign("other", SecretEncoding::Text), Err(SecretError::NotSet));
        assert_eq!(sign("k", SecretEncoding::Hex), Err(SecretError::Unusable));
    }

    #[test]
    fn a_key_in_hexadecimal_is_its_bytes() {
        let secrets: Secrets = [("k".into(), hex::encode("Jefe"))].into_iter().collect();
        let tag = secrets.sign(
            "k",
            SecretEncoding::Hex,
            Mac::HmacSha256,
            b"what do ya want for nothing?",
        );
        assert!(hex::encode(tag.unwrap()).starts_with("5bdcc146bf60754e"));
    }

    #[test]
    fn a_hash_can_have_a_secret_in_it() {
        let secrets: Secrets = [("k".into(), "c".into())].into_iter().collect();
        let parts = [Part::Plain(b"ab".to_vec()), Part::Secret("k".into())];
        let hash = secrets.digest(Hash::Sha256, &parts).unwrap();
        // FIPS 180-2, the hash of "abc".
        assert_eq!(
            hex::encode(&hash),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(same_tag(&hash, &hash) && !same_tag(&hash, &hash[1..]) && !same_tag(&hash, &[0; 32]));
    }
}
