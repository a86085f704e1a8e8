//! Values the plugin names but never sees: used by the host, and removed from everything that goes back.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::wire::{Mac, SignError};

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

    pub(crate) fn sign(&self, name: &str, algorithm: Mac, data: &[u8]) -> Result<Vec<u8>, SignError> {
        let key = self.get(name).ok_or(SignError::NotSet)?.as_bytes();
        Ok(match algorithm {
            Mac::HmacSha1 => Hmac::<Sha1>::new_from_slice(key)
                .expect(ANY_LENGTH)
                .chain_update(data)
                .finalize()
                .into_bytes()
                .to_vec(),
            Mac::HmacSha256 => Hmac::<Sha256>::new_from_slice(key)
                .expect(ANY_LENGTH)
                .chain_update(data)
                .finalize()
                .into_bytes()
                .to_vec(),
            Mac::HmacSha512 => Hmac::<Sha512>::new_from_slice(key)
                .expect(ANY_LENGTH)
                .chain_update(data)
                .finalize()
                .into_bytes()
                .to_vec(),
        })
    }

    /// Everything to look for in what goes back to the plugin or into a log.
    pub(crate) fn scrubber(&self) -> Scrubber {
        let mut forms = Vec::new();
        for value in self.0.values().filter(|value| value.len() >= MIN_SCRUBBED) {
            forms.push(value.clone().into_bytes());
            forms.push(STANDARD_NO_PAD.encode(value).into_bytes());
            forms.push(STANDARD.encode(value).into_bytes());
            forms.push(URL_SAFE_NO_PAD.encode(value).into_bytes());
            forms.push(hex::encode(value).into_bytes());
            forms.push(
                url::form_urlencoded::byte_serialize(value.as_bytes())
                    .collect::<String>()
                    .into_bytes(),
            );
            let json = serde_json::Value::String(value.clone()).to_string();
            forms.push(json.as_bytes()[1..json.len() - 1].to_vec());
        }
        // The longest first: a form may be the beginning of another.
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Scrubber { forms }
    }
}

/// Replaces secrets by stars, in plain, base64, hexadecimal, URL-encoded and JSON-escaped form.
pub(crate) struct Scrubber {
    forms: Vec<Vec<u8>>,
}

impl Scrubber {
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
            .sign("k", Mac::HmacSha256, b"what do ya want for nothing?")
            .unwrap();
        assert_eq!(
            hex::encode(tag),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        // RFC 2202, test case 2.
        let tag = secrets
            .sign("k", Mac::HmacSha1, b"what do ya want for nothing?")
            .unwrap();
        assert_eq!(hex::encode(tag), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(secrets.sign("other", Mac::HmacSha512, b""), Err(SignError::NotSet));
    }
}
