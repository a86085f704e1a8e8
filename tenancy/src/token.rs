//! Access tokens: short-lived JWTs signed with the installation's own Ed25519 keys, and nothing else.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use moka::sync::Cache;
use platform_core::{Identity, Problem};
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

/// The keys in use: one that signs, all that verify.
#[derive(Clone, Default)]
struct Ring {
    signing: Option<Key>,
    verifying: HashMap<String, DecodingKey>,
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

    /// Takes other keys into use. Tokens that were verified with a key that is gone are verified again, and refused.
    pub fn take(&self, signing: Key, verifying: &[Key]) {
        let keys = verifying.iter().map(|key| (key.kid.clone(), key.verify.clone()));
        let next = Ring {
            signing: Some(signing),
            verifying: keys.collect(),
        };
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let lost = ring.verifying.keys().any(|kid| !next.verifying.contains_key(kid));
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
            .signing
            .as_ref()
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
        let key = ring.verifying.get(header.kid.as_deref()?)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Compared in `identify`, with the clock of the context instead of the machine's.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = decode::<Claims>(token, key, &rules).ok()?.claims;
        Some(Verified {
            identity: Identity {
                user_id: claims.sub,
                organization_id: claims.org,
                session_id: claims.sid,
                session_version: claims.ver,
            },
            not_before: claims.nbf,
            expires: claims.exp,
        })
    }
}

/// The token of `Authorization: Bearer <token>`; nothing when there is none, or more than one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
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
