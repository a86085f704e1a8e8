//! Secrets by name. Their values never get here.

use crate::bindings::barq::plugin::secrets::{self, SecretError};
use crate::{Failure, Result};

pub use secrets::{Hash, Mac, Part};

/// Whether the administrator gave it a value, or a reply was captured into it.
pub fn is_set(name: &str) -> bool {
    secrets::is_set(name)
}

/// The signature of `data`.
pub fn sign(name: &str, algorithm: Mac, data: &[u8]) -> Result<Vec<u8>> {
    secrets::sign(name, algorithm, data).map_err(|e| failure(name, e))
}

/// The signature of `data` in lower-case hexadecimal.
pub fn sign_hex(name: &str, algorithm: Mac, data: &[u8]) -> Result<String> {
    Ok(hex(&sign(name, algorithm, data)?))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The bytes that hexadecimal digits of either case stand for.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Whether `tag` is the signature of `data`.
pub fn verify(name: &str, algorithm: Mac, data: &[u8], tag: &[u8]) -> Result<bool> {
    secrets::verify(name, algorithm, data, tag).map_err(|e| failure(name, e))
}

/// The hash of parts, some of them secrets, one after the other.
pub fn digest(algorithm: Hash, parts: &[Part]) -> Result<Vec<u8>> {
    secrets::digest(algorithm, parts).map_err(|e| failure(named(parts), e))
}

/// Whether `tag` is that hash.
pub fn matches(algorithm: Hash, parts: &[Part], tag: &[u8]) -> Result<bool> {
    secrets::matches(algorithm, parts, tag).map_err(|e| failure(named(parts), e))
}

fn named(parts: &[Part]) -> &str {
    let names = parts.iter().filter_map(|part| match part {
        Part::Secret(name) => Some(name.as_str()),
        Part::Plain(_) => None,
    });
    names.last().unwrap_or_default()
}

/// Drops a captured value, for example a token the provider no longer accepts.
pub fn forget(name: &str) -> Result<()> {
    secrets::forget(name).map_err(|e| failure(name, e))
}

fn failure(name: &str, error: SecretError) -> Failure {
    match error {
        SecretError::NotDeclared => Failure::permanent("secret", format!("The manifest declares no secret {name:?}.")),
        SecretError::NotSet => Failure::config("secret", format!("The secret {name:?} is not set.")),
        SecretError::Unusable => Failure::config("secret", format!("The secret {name:?} is not written as expected.")),
        SecretError::Budget => Failure::permanent("budget", "More signatures were asked for than one call may make."),
        SecretError::Other(why) => Failure::transient("secret", format!("The secret {name:?}: {why}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
        assert_eq!(unhex("000FFf"), Some(vec![0, 15, 255]));
        assert_eq!((unhex("0"), unhex("0g")), (None, None));
    }
}
