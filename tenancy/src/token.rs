//! Access tokens: short-lived JWTs signed with the installation's own Ed25519 keys, and nothing else.

use std::sync::{Arc, PoisonError, RwLock};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use moka::sync::Cache;
use platform_core::{Identity, Problem, Support};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long an access token is good.
pub const LIFETIME_S: i64 = 15 * 60;
/// How far the clocks of two instances may be apart.
const SKEW_S: i64 = 30;
const ISSUER: &str = "barq";
const AUDIENCE: &str = "barq-api";
/// The type of RFC 9068: other tokens that we may sign one day are no access tokens.
const TYPE: &str = "at+jwt";
/// More than any token of ours, less than is worth hashing.
const LONGEST_BYTES: usize = 2048;
/// Verifying costs some 50 µs; the same token comes with every request of a page.
const REMEMBERED: u64 = 20_000;

/// What a token says. Every claim is required and typed: a missing one or an `exp` that is text is refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    org: Uuid,
    sid: Uuid,
    /// Session version of the member.
    ver: i64,
    iat: i64,
    nbf: i64,
    exp: i64,
    /// Support that acts in the person's place (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    act: Option<Act>,
}

/// Who acts, and what lets him.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Act {
    sub: Uuid,
    name: String,
    grant: Uuid,
}

/// One signing key.
#[derive(Clone)]
pub struct Key {
    kid: String,
    sign: EncodingKey,
    verify: DecodingKey,
}

/// PKCS #8 of an Ed25519 key is this prefix and the 32 secret bytes (RFC 8410).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl Key {
    /// The key pair of 32 secret bytes, and its public half.
    pub fn new(kid: String, secret: &[u8; 32]) -> jsonwebtoken::errors::Result<(Self, Vec<u8>)> {
        let sign = EncodingKey::from_ed_der(&[PKCS8.as_slice(), secret].concat());
        let verify = DecodingKey::from_jwk(&Jwk::from_encoding_key(&sign, Algorithm::EdDSA)?)?;
        let public = verify.try_get_as_bytes()?.to_vec();
        Ok((Self { kid, sign, verify }, public))
    }
}

/// A key with the times, in seconds, from which it signs and from which nothing that it signed is believed.
#[derive(Clone)]
pub struct Timed {
    /// The key.
    pub key: Key,
    /// Until then other instances learn of it.
    pub signs_from: i64,
    /// From then on it is as if it had never been.
    pub retires_at: i64,
}

/// The keys in use, the oldest first.
#[derive(Default)]
struct Ring {
    keys: Vec<Timed>,
}

impl Ring {
    /// The youngest that everybody knows. On the first start nobody knows any: then the oldest, which is the same for all.
    fn signing(&self, now: i64) -> Option<&Key> {
        let good = || self.keys.iter().filter(|timed| now < timed.retires_at);
        let known = good().rfind(|timed| timed.signs_from <= now);
        known.or_else(|| good().next()).map(|timed| &timed.key)
    }

    fn find(&self, kid: &str) -> Option<&Timed> {
        self.keys.iter().find(|timed| timed.key.kid == kid)
    }
}

#[derive(Clone)]
struct Verified {
    identity: Identity,
    not_before: i64,
    expires: i64,
}

/// Signs and verifies access tokens.
pub struct Tokens {
    ring: RwLock<Arc<Ring>>,
    verified: Cache<[u8; 32], Verified>,
}

impl Tokens {
    /// Without keys yet.
    pub fn new() -> Self {
        Self {
            ring: RwLock::default(),
            verified: Cache::new(REMEMBERED),
        }
    }

    /// Takes keys into use, the oldest first. Tokens that were verified with a key that is gone, or that goes earlier now, are
    /// verified again.
    pub fn take(&self, keys: Vec<Timed>) {
        let next = Ring { keys };
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let lost = ring.keys.iter().any(|old| {
            let kept = next.find(&old.key.kid);
            kept.is_none_or(|kept| kept.retires_at < old.retires_at)
        });
        *ring = Arc::new(next);
        drop(ring);
        if lost {
            self.verified.invalidate_all();
        }
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token that names the identity for the next quarter of an hour.
    pub fn issue(&self, identity: &Identity, now: DateTime<Utc>) -> Result<String, Problem> {
        let ring = self.ring();
        let key = ring
            .signing(now.timestamp())
            .ok_or_else(|| Problem::internal(&"there is no signing key"))?;
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(key.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: identity.user_id,
            org: identity.organization_id,
            sid: identity.session_id,
            ver: identity.session_version,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.timestamp() + LIFETIME_S,
            act: identity.support.as_deref().map(|support| Act {
                sub: support.staff_id,
                name: support.staff_name.clone(),
                grant: support.grant_id,
            }),
        };
        encode(&header, &claims, &key.sign).map_err(|error| Problem::internal(&error))
    }

    /// Whom the `Authorization` header names.
    pub fn identify(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Identity, Problem> {
        let token = bearer(headers).ok_or_else(Problem::not_signed_in)?;
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let verified = if let Some(verified) = self.verified.get(&digest) {
            verified
        } else {
            let verified = self.verify(token).ok_or_else(Problem::not_signed_in)?;
            self.verified.insert(digest, verified.clone());
            verified
        };
        // The times are compared on every request, with the clock of the request; the rest of a token does not change.
        let now = now.timestamp();
        if now < verified.expires && verified.not_before <= now + SKEW_S {
            Ok(verified.identity)
        } else {
            Err(Problem::not_signed_in())
        }
    }

    /// Everything about a token that does not depend on the time.
    fn verify(&self, token: &str) -> Option<Verified> {
        let header = decode_header(token).ok()?;
        // Keys come from our own ring: what the header offers (jku, jwk, x5u, x5c) is not looked at.
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return None;
        }
        let ring = self.ring();
        let timed = ring.find(header.kid.as_deref()?)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Compared in `identify`, with the clock of the context instead of the machine's.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = decode::<Claims>(token, &timed.key.verify, &rules).ok()?.claims;
        Some(Verified {
            identity: Identity {
                user_id: claims.sub,
                organization_id: claims.org,
                session_id: claims.sid,
                session_version: claims.ver,
                support: claims.act.map(|act| {
                    Arc::new(Support {
                        staff_id: act.sub,
                        staff_name: act.name,
                        grant_id: act.grant,
                    })
                }),
            },
            not_before: claims.nbf,
            // Nothing outlives the key that signed it, whatever it says.
            expires: claims.exp.min(timed.retires_at),
        })
    }
}

/// The token of `Authorization: Bearer <token>`; nothing when there is none, or more than one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() || value.len() > LONGEST_BYTES {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
