//! Whether a request from outside is the sender's: checked over the bytes as they came, before anything reads them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};

/// How a sender hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// How it writes a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Hex,
    Base64,
}

/// What a manifest says of a sender's signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme<'a> {
    pub hash: Hash,
    pub encoding: Encoding,
    /// Where it stands.
    pub header: &'a str,
    /// What stands before it, as `sha256=`.
    pub prefix: &'a str,
    /// What is signed: `{body}`, `{timestamp}.{body}` and the like.
    pub signs: &'a str,
    /// Where the sender's time stands, in seconds since 1970.
    pub timestamp_header: Option<&'a str>,
    /// How far that time may be from ours.
    pub tolerance: TimeDelta,
}

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It has no signature, or one that cannot be read.
    NoSignature,
    /// It has no time, or one that is too far away: somebody may say again what was said before.
    Stale,
    /// It was signed with another key, or is of other bytes.
    Wrong,
}

/// A request, as far as a signature is about it.
pub(crate) struct Signed<'a> {
    pub header: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    pub body: &'a [u8],
}

/// Checks a request with the key that only the sender and the organization know.
pub(crate) fn check(scheme: Scheme<'_>, key: &[u8], request: &Signed<'_>, now: DateTime<Utc>) -> Result<(), Doubt> {
    let said = (request.header)(scheme.header).ok_or(Doubt::NoSignature)?.trim();
    let said = said.strip_prefix(scheme.prefix).ok_or(Doubt::NoSignature)?;
    let tag = match scheme.encoding {
        Encoding::Hex => hex::decode(said).map_err(|_| Doubt::NoSignature)?,
        Encoding::Base64 => STANDARD.decode(said).map_err(|_| Doubt::NoSignature)?,
    };
    let timestamp = match scheme.timestamp_header {
        Some(name) => {
            let text = (request.header)(name).ok_or(Doubt::Stale)?;
            // Some senders count milliseconds.
            let number: i64 = text.parse().map_err(|_| Doubt::Stale)?;
            let seconds = if number > 100_000_000_000 {
                number / 1000
            } else {
                number
            };
            let at = DateTime::from_timestamp(seconds, 0).ok_or(Doubt::Stale)?;
            if (now - at).abs() > scheme.tolerance {
                return Err(Doubt::Stale);
            }
            text
        }
        None => "",
    };
    let message = message(scheme.signs, timestamp, request.body);
    let good = match scheme.hash {
        Hash::Sha1 => verify::<Hmac<sha1::Sha1>>(key, &message, &tag),
        Hash::Sha256 => verify::<Hmac<sha2::Sha256>>(key, &message, &tag),
        Hash::Sha512 => verify::<Hmac<sha2::Sha512>>(key, &message, &tag),
    };
    if good { Ok(()) } else { Err(Doubt::Wrong) }
}

/// In constant time.
fn verify<M: Mac + KeyInit>(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    <M as KeyInit>::new_from_slice(key).is_ok_and(|mac| mac.chain_update(message).verify_slice(tag).is_ok())
}

/// The pattern with its holes filled; the body goes in as it is, whatever bytes it has.
fn message(signs: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(body.len() + 64);
    let mut rest = signs;
    while let Some(at) = rest.find('{') {
        message.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{body}") {
            message.extend_from_slice(body);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{timestamp}") {
            message.extend_from_slice(timestamp.as_bytes());
            rest = after;
        } else {
            message.push(b'{');
            rest = &rest[1..];
        }
    }
    message.extend_from_slice(rest.as_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"key";
    const BODY: &[u8] = b"The quick brown fox jumps over the lazy dog";
    /// The widely published vectors of HMAC over this text with this key.
    const SHA1: &str = "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9";
    const SHA256: &str = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";

    const SCHEME: Scheme<'_> = Scheme {
        hash: Hash::Sha256,
        encoding: Encoding::Hex,
        header: "x-signature",
        prefix: "",
        signs: "{body}",
        timestamp_header: None,
        tolerance: TimeDelta::seconds(300),
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a time")
    }

    fn judge(scheme: Scheme<'_>, headers: &[(&str, &str)], body: &[u8]) -> Result<(), Doubt> {
        let header = |name: &str| headers.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        let request = Signed { header: &header, body };
        check(scheme, KEY, &request, at(1_700_000_100))
    }

    #[test]
    fn published_vectors() {
        assert_eq!(judge(SCHEME, &[("x-signature", SHA256)], BODY), Ok(()));
        let upper = SHA256.to_uppercase();
        assert_eq!(judge(SCHEME, &[("x-signature", &upper)], BODY), Ok(()));
        let sha1 = Scheme {
            hash: Hash::Sha1,
            ..SCHEME
        };
        assert_eq!(judge(sha1, &[("x-signature", SHA1)], BODY), Ok(()));
        let base64 = Scheme {
            encoding: Encoding::Base64,
            prefix: "sha256=",
            ..SCHEME
        };
        let tag = format!("sha256={}", STANDARD.encode(hex::decode(SHA256).expect("hex")));
        assert_eq!(judge(base64, &[("x-signature", &tag)], BODY), Ok(()));
    }

    #[test]
    fn one_bit_of_anything_else_is_refused() {
        for at in [0, 7, BODY.len() - 1] {
            let mut other = BODY.to_vec();
            other[at] ^= 1;
            assert_eq!(judge(SCHEME, &[("x-signature", SHA256)], &other), Err(Doubt::Wrong));
        }
        let mut longer = BODY.to_vec();
        longer.push(b'\n');
        assert_eq!(judge(SCHEME, &[("x-signature", SHA256)], &longer), Err(Doubt::Wrong));
        let other = SHA256.replace("f7", "f6");
        assert_eq!(judge(SCHEME, &[("x-signature", &other)], BODY), Err(Doubt::Wrong));
        // A part of the right hash is not the right hash.
        assert_eq!(
            judge(SCHEME, &[("x-signature", &SHA256[..62])], BODY),
            Err(Doubt::Wrong)
        );
        assert_eq!(judge(SCHEME, &[("x-signature", SHA1)], BODY), Err(Doubt::Wrong));
        assert_eq!(judge(SCHEME, &[("x-signature", "")], BODY), Err(Doubt::Wrong));
    }

    #[test]
    fn what_cannot_be_read_is_no_signature() {
        assert_eq!(judge(SCHEME, &[], BODY), Err(Doubt::NoSignature));
        assert_eq!(judge(SCHEME, &[("x-signature", "xyz")], BODY), Err(Doubt::NoSignature));
        let prefixed = Scheme {
            prefix: "v1=",
            ..SCHEME
        };
        assert_eq!(
            judge(prefixed, &[("x-signature", SHA256)], BODY),
            Err(Doubt::NoSignature)
        );
    }

    #[test]
    fn an_old_request_is_not_said_again() {
        let scheme = Scheme {
            signs: "v0:{timestamp}:{body}",
            timestamp_header: Some("x-time"),
            ..SCHEME
        };
        let sign = |time: &str| {
            let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(KEY).expect("any key");
            mac.update(format!("v0:{time}:").as_bytes());
            mac.update(BODY);
            hex::encode(mac.finalize().into_bytes())
        };
        for (time, expected) in [
            ("1700000000", Ok(())),
            ("1700000399", Ok(())),
            ("1700000000000", Ok(())),
            ("1699999799", Err(Doubt::Stale)),
            ("1700000401", Err(Doubt::Stale)),
            ("soon", Err(Doubt::Stale)),
            ("9223372036854775807", Err(Doubt::Stale)),
        ] {
            let tag = sign(time);
            assert_eq!(
                judge(scheme, &[("x-signature", &tag), ("x-time", time)], BODY),
                expected,
                "{time}"
            );
        }
        let tag = sign("1700000000");
        assert_eq!(judge(scheme, &[("x-signature", &tag)], BODY), Err(Doubt::Stale));
        // The time is signed too.
        assert_eq!(
            judge(scheme, &[("x-signature", &tag), ("x-time", "1700000001")], BODY),
            Err(Doubt::Wrong)
        );
    }

    #[test]
    fn a_body_is_no_pattern() {
        assert_eq!(
            message("{timestamp}.{body}{x}", "7", b"{timestamp}\xff"),
            b"7.{timestamp}\xff{x}"
        );
    }
}
