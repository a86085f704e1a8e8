//! How a key is written: `barq_live_<id>_<secret><checksum>`.
//!
//! The id says the organization and the key, so that nothing has to be looked up outside the organization's own rows. The
//! checksum lets scanners of source code tell our keys from what looks like one, and refuses a mistyped key without a question
//! to the database.

use platform_core::ids::random_bytes;
use uuid::Uuid;

pub(crate) const PREFIX: &str = "barq_live_";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^43 is just above 2^256.
const WIDTH: usize = 43;
/// 62^6 is above 2^32.
const CHECKSUM_WIDTH: usize = 6;

/// The parts of a key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    pub organization_id: Uuid,
    pub id: Uuid,
    pub secret: [u8; 32],
}

impl Parts {
    pub fn new(organization_id: Uuid, id: Uuid) -> Self {
        Self {
            organization_id,
            id,
            secret: random_bytes(),
        }
    }

    /// The beginning, by which people tell keys apart; no secret.
    pub fn prefix(organization_id: Uuid, id: Uuid) -> String {
        let mut public = [0; 32];
        public[..16].copy_from_slice(organization_id.as_bytes());
        public[16..].copy_from_slice(id.as_bytes());
        format!("{PREFIX}{}", encode(public))
    }

    /// The whole key.
    pub fn write(&self) -> String {
        let key = format!(
            "{}_{}",
            Self::prefix(self.organization_id, self.id),
            encode(self.secret)
        );
        let checksum = checksum(&key);
        key + checksum.as_str()
    }

    /// Reads a key; nothing when it is not quite one.
    pub fn read(text: &str) -> Option<Self> {
        let (id, rest) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let whole = text.len().checked_sub(CHECKSUM_WIDTH)?;
        let (key, given) = text.split_at_checked(whole)?;
        if checksum(key) != given {
            return None;
        }
        let (secret, _) = rest.split_at_checked(WIDTH)?;
        let (public, secret) = (decode(id)?, decode(secret)?);
        let uuid = |bytes: &[u8]| Uuid::from_slice(bytes).ok();
        let parts = Self {
            organization_id: uuid(&public[..16])?,
            id: uuid(&public[16..])?,
            secret,
        };
        // One way to write each key, and no other.
        (parts.write() == text).then_some(parts)
    }
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [0; CHECKSUM_WIDTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// A number of 32 bytes in base 62, always as long.
fn encode(mut number: [u8; 32]) -> String {
    let mut digits = [0; WIDTH];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0;
        for byte in &mut number {
            let part = rest * 256 + usize::from(*byte);
            *byte = u8::try_from(part / 62).unwrap_or_default();
            rest = part % 62;
        }
        *digit = DIGITS[rest];
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

fn decode(text: &str) -> Option<[u8; 32]> {
    if text.len() != WIDTH {
        return None;
    }
    let mut number = [0; 32];
    for byte in text.bytes() {
        let mut carry = DIGITS.iter().position(|digit| *digit == byte)?;
        for byte in number.iter_mut().rev() {
            carry += usize::from(*byte) * 62;
            *byte = u8::try_from(carry % 256).unwrap_or_default();
            carry /= 256;
        }
        // More than 32 bytes hold.
        if carry > 0 {
            return None;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(fill: u8) -> Parts {
        Parts {
            organization_id: Uuid::from_bytes([fill; 16]),
            id: Uuid::from_bytes([!fill; 16]),
            secret: [fill; 32],
        }
    }

    #[test]
    fn reads_what_it_writes() {
        for fill in [0, 1, 0x7f, 0xfe, 0xff] {
            let written = parts(fill).write();
            assert_eq!(written.len(), 103, "{written}");
            assert!(written.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            assert!(Parts::read(&written).unwrap() == parts(fill));
        }
        let (one, other) = (
            Parts::new(Uuid::nil(), Uuid::nil()),
            Parts::new(Uuid::nil(), Uuid::nil()),
        );
        assert!(one != other, "another secret each time");
        assert!(one.write().starts_with(&Parts::prefix(Uuid::nil(), Uuid::nil())));
    }

    #[test]
    fn refuses_every_other_text() {
        let good = parts(7).write();
        for index in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            assert!(Parts::read(&String::from_utf8(bytes).unwrap()).is_none(), "{index}");
            assert!(Parts::read(&good[..index]).is_none(), "cut at {index}");
        }
        for bad in [
            "",
            "barq_live_",
            "barq_live__",
            &format!("{good}A"),
            &format!(" {good}"),
            "barq_live_\u{661}",
        ] {
            assert!(Parts::read(bad).is_none(), "{bad}");
        }
        // A number that 32 bytes do not hold, with the right checksum.
        let long = format!("{PREFIX}{}_{}", "z".repeat(43), "z".repeat(43));
        assert!(Parts::read(&format!("{long}{}", checksum(&long))).is_none());
    }
}
