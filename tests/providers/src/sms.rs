//! What the gateways have in common: an outbox, and counting of parts that was written apart from the plugins' own, so that
//! the two check each other.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A message the gateway took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The gateway's id.
    pub id: String,
    /// What the sender called it, where the gateway takes such a thing.
    pub reference: String,
    pub sender: String,
    /// As it was given.
    pub to: String,
    pub body: String,
    pub parts: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox(Mutex<Vec<Sent>>);

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Vec<Sent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message: its number, counted from 1.
    pub fn put(&self, message: impl FnOnce(usize) -> Sent) -> Sent {
        let mut all = self.lock();
        let message = message(all.len() + 1);
        all.push(message.clone());
        message
    }

    pub fn all(&self) -> Vec<Sent> {
        self.lock().clone()
    }
}

/// Of GSM 03.38: the basic table in the order of its codes, then what needs an escape before it.
const TABLE: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const ESCAPED: &str = "\u{C}^{}\\[~]|€";

/// Parts of a text as the networks count them.
pub fn parts(text: &str) -> usize {
    let narrow = text.chars().all(|c| TABLE.contains(c) || ESCAPED.contains(c));
    let (one, joined) = if narrow { (160, 153) } else { (70, 67) };
    let width = |c: char| match narrow {
        true => 1 + usize::from(ESCAPED.contains(c)),
        false => c.len_utf16(),
    };
    if text.chars().map(width).sum::<usize>() <= one {
        return 1;
    }
    let (count, _) = text.chars().fold((1, 0), |(count, filled), c| match filled + width(c) {
        filled if filled > joined => (count + 1, width(c)),
        filled => (count, filled),
    });
    count
}

/// Whether a number is one of a Saudi mobile, as digits in international form without `00` or `+`.
pub(crate) fn saudi_mobile(digits: &str) -> bool {
    digits.len() == 12 && digits.starts_with("9665") && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_at_the_borders() {
        for (letter, length, expected) in [
            ("a", 160, 1),
            ("a", 161, 2),
            ("م", 70, 1),
            ("م", 71, 2),
            ("م", 134, 2),
            ("م", 135, 3),
            ("€", 80, 1),
            ("€", 81, 2),
        ] {
            assert_eq!(parts(&letter.repeat(length)), expected, "{length} × {letter}");
        }
    }
}
