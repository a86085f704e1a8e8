//! Refresh tokens and their cookie.
//!
//! A token is 16 bytes that stay the same for one sign-in (the family) and 32 bytes that change with every use. Both are random
//! and stored as hashes. The family finds the session also for a token that was spent long ago, which is how a stolen one shows.

use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform_core::ids::random_bytes;
use platform_core::{Problem, Reply, Request};
use sha2::{Digest, Sha256};

const FAMILY_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
/// `__Host-`: the browser takes it only over a secure connection, for this host alone and for all of its paths.
const COOKIE: &str = "__Host-barq_refresh";

/// A refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Refresh {
    family: [u8; FAMILY_BYTES],
    secret: [u8; SECRET_BYTES],
}

impl Refresh {
    /// The first token of a new sign-in.
    pub fn first() -> Self {
        Self {
            family: random_bytes(),
            secret: random_bytes(),
        }
    }

    /// The token that replaces this one.
    pub fn next(&self) -> Self {
        Self {
            family: self.family,
            secret: random_bytes(),
        }
    }

    /// What the session is found by.
    pub fn family_hash(&self) -> [u8; 32] {
        Sha256::digest(self.family).into()
    }

    /// What shows that it is the token in use.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    /// The successor, readable only with this token: its secret is random and used for this one pad.
    pub fn hide(&self, successor: &Self) -> [u8; SECRET_BYTES] {
        let mut hidden = self.pad();
        for (byte, secret) in hidden.iter_mut().zip(successor.secret) {
            *byte ^= secret;
        }
        hidden
    }

    /// The successor that was hidden with this token.
    pub fn reveal(&self, hidden: &[u8]) -> Option<Self> {
        let mut secret: [u8; SECRET_BYTES] = hidden.try_into().ok()?;
        for (byte, pad) in secret.iter_mut().zip(self.pad()) {
            *byte ^= pad;
        }
        Some(Self {
            family: self.family,
            secret,
        })
    }

    fn pad(&self) -> [u8; SECRET_BYTES] {
        let digest = Sha256::new().chain_update("barq successor\0").chain_update(self.secret);
        digest.finalize().into()
    }

    /// The token of the request's cookie. An answer when the request may come from another site.
    pub fn of(request: &Request) -> Result<Self, Problem> {
        same_site(request)?;
        Self::peek(request).ok_or_else(Problem::not_signed_in)
    }

    /// The token of the request's cookie, if there is a readable one.
    pub fn peek(request: &Request) -> Option<Self> {
        let headers = request.headers.get_all(header::COOKIE).iter();
        let cookies = headers
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'));
        let mut found = cookies.filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='));
        let bytes = URL_SAFE_NO_PAD.decode(found.next()?).ok()?;
        let (family, secret) = bytes.split_at_checked(FAMILY_BYTES)?;
        Some(Self {
            family: family.try_into().ok()?,
            secret: secret.try_into().ok()?,
        })
    }

    /// The answer with the token as a cookie.
    pub fn put(&self, reply: Reply, lifetime_s: i64) -> Reply {
        let text = URL_SAFE_NO_PAD.encode([self.family.as_slice(), &self.secret].concat());
        reply.header("set-cookie", cookie(&text, lifetime_s))
    }
}

/// The answer with the cookie taken away.
pub fn forget(reply: Reply) -> Reply {
    reply.header("set-cookie", cookie("", 0))
}

fn cookie(value: &str, lifetime_s: i64) -> String {
    format!("{COOKIE}={value}; Path=/; Max-Age={lifetime_s}; HttpOnly; Secure; SameSite=Strict")
}

/// Cookies come along by themselves, so what they allow needs a header that another site cannot send, and the right origin.
pub fn same_site(request: &Request) -> Result<(), Problem> {
    let refuse = || Problem::new(axum::http::StatusCode::FORBIDDEN, "cross_site");
    if request.header("x-barq-request") != Some("1") {
        return Err(refuse());
    }
    // Browsers say it of every request, and no page can change it.
    if request
        .header("sec-fetch-site")
        .is_some_and(|site| site != "same-origin")
    {
        return Err(refuse());
    }
    if request.headers.contains_key(header::ORIGIN) {
        let origin = request.header("origin").and_then(|origin| origin.split_once("://"));
        if origin.map(|(_, host)| host) != request.header("host") {
            return Err(refuse());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue, StatusCode};

    use super::*;

    fn request(headers: &[(&'static str, &str)]) -> Request {
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        Request {
            headers: pairs.collect(),
            ..Request::default()
        }
    }

    #[test]
    fn reads_the_cookie_that_it_wrote() {
        let token = Refresh::first();
        let reply = token.put(Reply::empty(), 60);
        let cookie = reply.get("set-cookie").unwrap();
        assert!(
            cookie.ends_with("; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict"),
            "{cookie}"
        );
        let pair = cookie.split(';').next().unwrap();
        assert!(Refresh::peek(&request(&[("cookie", &format!("a=b; {pair}; c=d"))])) == Some(token));
        for broken in [
            "",
            "a=b",
            "__Host-barq_refresh=",
            "__Host-barq_refresh=%%",
            "__Host-barq_refresh=AAAA",
        ] {
            assert!(Refresh::peek(&request(&[("cookie", broken)])).is_none(), "{broken}");
        }
    }

    #[test]
    fn shows_a_successor_only_to_the_token_before_it() {
        let first = Refresh::first();
        let second = first.next();
        assert!(first.reveal(&first.hide(&second)) == Some(second.clone()));
        assert!(Refresh::first().reveal(&first.hide(&second)) != Some(second.clone()));
        assert_eq!(first.family_hash(), second.family_hash());
        assert_ne!(first.hash(), second.hash());
    }

    #[test]
    fn refuses_what_another_site_could_send() {
        for (headers, good) in [
            (vec![("x-barq-request", "1")], true),
            (
                vec![("x-barq-request", "1"), ("origin", "http://a.sa"), ("host", "a.sa")],
                true,
            ),
            (
                vec![
                    ("x-barq-request", "1"),
                    ("origin", "https://a.sa:81"),
                    ("host", "a.sa:81"),
                ],
                true,
            ),
            (vec![], false),
            (vec![("x-barq-request", "0")], false),
            (
                vec![("x-barq-request", "1"), ("origin", "https://b.sa"), ("host", "a.sa")],
                false,
            ),
            (
                vec![
                    ("x-barq-request", "1"),
                    ("origin", "https://a.sa.b.sa"),
                    ("host", "a.sa"),
                ],
                false,
            ),
            (
                vec![("x-barq-request", "1"), ("origin", "null"), ("host", "a.sa")],
                false,
            ),
            (vec![("x-barq-request", "1"), ("origin", "https://a.sa")], false),
            (vec![("x-barq-request", "1"), ("sec-fetch-site", "same-origin")], true),
            (vec![("x-barq-request", "1"), ("sec-fetch-site", "same-site")], false),
        ] {
            let answer = same_site(&request(&headers));
            assert_eq!(answer.is_ok(), good, "{headers:?}");
            assert!(
                answer
                    .err()
                    .is_none_or(|problem| problem.status == StatusCode::FORBIDDEN)
            );
        }
    }
}
