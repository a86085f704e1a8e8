//! Codes that an app on a telephone shows: RFC 6238 with what every app knows, SHA-1, six digits and thirty seconds.
//!
//! Written here and not taken from a crate because what has to be stored is which step a code was for, so that it and all before
//! it are spent; crates answer yes or no.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Bytes of a secret: what RFC 4226 recommends for SHA-1.
pub const SECRET_BYTES: usize = 20;
const STEP_S: i64 = 30;
/// How many steps the clock of a telephone may be early or late.
const DRIFT: i64 = 1;

fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0xf);
    let word = [
        digest[offset],
        digest[offset + 1],
        digest[offset + 2],
        digest[offset + 3],
    ];
    format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// The step that a code is for, if it is a code of about now.
pub fn step(secret: &[u8], given: &str, now: DateTime<Utc>) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let current = now.timestamp().div_euclid(STEP_S);
    // All are computed and compared whatever was given: how long it takes says nothing.
    let mut found = None;
    for step in current - DRIFT..=current + DRIFT {
        let differs = code(secret, step)
            .bytes()
            .zip(given.bytes())
            .fold(given.len() ^ 6, |differs, (a, b)| differs | usize::from(a ^ b));
        if differs == 0 {
            found = Some(step);
        }
    }
    found
}

/// Base32 of RFC 4648, in which apps want a secret; without padding.
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut word = [0; 8];
        word[3..3 + chunk.len()].copy_from_slice(chunk);
        let word = u64::from_be_bytes(word);
        let letters = (chunk.len() * 8).div_ceil(5);
        text.extend((0..letters).map(|place| char::from(LETTERS[((word >> (35 - 5 * place)) & 31) as usize])));
    }
    text
}

/// What the QR code says. The account is shown in the app's list.
pub fn address(issuer: &str, account: &str, secret: &[u8]) -> String {
    let mut url = url::Url::parse("otpauth://totp/").expect("the address is one");
    url.set_path(&format!("/{issuer}:{account}"));
    url.query_pairs_mut()
        .append_pair("secret", &base32(secret))
        .append_pair("issuer", issuer)
        .append_pair("algorithm", "SHA1")
        .append_pair("digits", "6")
        .append_pair("period", "30");
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six digits.
    const SECRET: &[u8] = b"12345678901234567890";
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn shows_the_codes_of_the_standard() {
        for (second, shown) in VECTORS {
            assert_eq!(code(SECRET, second / 30), shown);
            assert_eq!(step(SECRET, shown, at(second)), Some(second / 30));
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_step_late_and_no_more() {
        let shown = "081804";
        let made_for = 1_111_111_109 / 30;
        for (drift, good) in [(-61, false), (-30, true), (0, true), (30, true), (90, false)] {
            let now = at(made_for * 30 + drift);
            assert_eq!(step(SECRET, shown, now), good.then_some(made_for), "{drift}");
        }
        for other in ["", "0818", "08180", "0818044", "081805", "٠٨١٨٠٤", "-81804"] {
            assert_eq!(step(SECRET, other, at(1_111_111_109)), None, "{other}");
        }
        assert_eq!(step(SECRET, "081 804 ", at(1_111_111_109)), Some(made_for));
    }

    #[test]
    fn a_secret_is_written_as_apps_read_it() {
        // RFC 4648, section 10.
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(
            address("BARQ", "noura@example.sa", SECRET),
            "otpauth://totp/BARQ:noura@example.sa?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=BARQ\
             &algorithm=SHA1&digits=6&period=30"
        );
    }
}
