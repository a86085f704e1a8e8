//! Requests to the provider. The host must be granted; secrets are named and completed by the platform.

use serde::de::DeserializeOwned;

use crate::bindings::barq::plugin::http::{self, Body, HttpError, Method, Sealed};
use crate::{CallContext, Failure, Result};

/// A request being put together.
#[derive(Debug)]
pub struct Request(http::Request);

/// A provider's answer, whatever its status.
#[derive(Debug)]
pub struct Response(http::Response);

pub fn get(url: impl Into<String>) -> Request {
    Request::new(Method::Get, url)
}

pub fn post(url: impl Into<String>) -> Request {
    Request::new(Method::Post, url)
}

impl Request {
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self(http::Request {
            method,
            url: url.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            timeout_ms: None,
            idempotency_key: None,
        })
    }

    /// Adds a pair to the query.
    pub fn query(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.0.query.push((name.to_owned(), Sealed::Plain(value.to_string())));
        self
    }

    /// Adds a secret to the query, for providers that want it there.
    pub fn query_secret(mut self, name: &str, secret: &str) -> Self {
        self.0.query.push((name.to_owned(), sealed("", secret)));
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push((name.to_owned(), Sealed::Plain(value.into())));
        self
    }

    /// A header that is a secret, after `prefix`.
    pub fn header_secret(mut self, name: &str, prefix: &str, secret: &str) -> Self {
        self.0.headers.push((name.to_owned(), sealed(prefix, secret)));
        self
    }

    /// `Authorization: Bearer <secret>`.
    pub fn bearer(self, secret: &str) -> Self {
        self.header_secret("authorization", "Bearer ", secret)
    }

    /// `Authorization: Basic` from two secrets; an empty name stands for an empty part.
    pub fn basic(mut self, user_secret: &str, password_secret: &str) -> Self {
        let value = Sealed::Basic((user_secret.to_owned(), password_secret.to_owned()));
        self.0.headers.push(("authorization".to_owned(), value));
        self
    }

    pub fn json(mut self, value: &serde_json::Value) -> Self {
        self.0.body = Body::Bytes(value.to_string().into_bytes());
        self.header("content-type", "application/json")
    }

    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let plain = |(name, value): &(&str, &str)| ((*name).to_owned(), Sealed::Plain((*value).to_owned()));
        self.0.body = Body::Form(pairs.iter().map(plain).collect());
        self
    }

    /// Makes a repetition of this request safe where the provider honours `Idempotency-Key`. `item` tells apart the
    /// requests of one call.
    pub fn idempotent(mut self, ctx: &CallContext, item: &str) -> Self {
        self.0.idempotency_key = Some(format!("{}-{item}", ctx.idempotency_key));
        self
    }

    pub fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.0.timeout_ms = Some(timeout_ms);
        self
    }

    pub fn send(self) -> Result<Response> {
        http::send(&self.0).map(Response).map_err(failure)
    }

    /// Sends, wants success, reads JSON.
    pub fn send_json<T: DeserializeOwned>(self) -> Result<T> {
        self.send()?.success()?.json()
    }
}

fn sealed(prefix: &str, secret: &str) -> Sealed {
    Sealed::WithSecret((prefix.to_owned(), secret.to_owned(), String::new()))
}

impl Response {
    pub fn status(&self) -> u16 {
        self.0.status
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.0
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0.body
    }

    /// The response if its status is 2xx, otherwise the failure that fits.
    pub fn success(self) -> Result<Self> {
        let status = self.0.status;
        match status {
            200..=299 => Ok(self),
            401 | 403 => Err(Failure::auth(
                "credentials_refused",
                format!("The provider refused the credentials ({status})."),
            )),
            429 => Err(Failure::rate_limited(self.retry_after_ms())),
            408 | 500..=599 => Err(Failure::transient(
                "provider_error",
                format!("The provider answered with an error ({status})."),
            )),
            300..=399 => Err(Failure::config(
                "moved",
                format!("The provider points to another address ({status})."),
            )),
            _ => Err(Failure::permanent(
                "provider_refused",
                format!("The provider refused the request ({status})."),
            )),
        }
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.0.body).map_err(|e| {
            Failure::transient(
                "bad_reply",
                format!("The provider's answer is not the expected JSON: {e}."),
            )
        })
    }

    fn retry_after_ms(&self) -> Option<u32> {
        self.header("retry-after")?
            .trim()
            .parse::<u32>()
            .ok()?
            .checked_mul(1_000)
    }
}

fn failure(error: HttpError) -> Failure {
    match error {
        HttpError::Denied(why) => Failure::config("denied", format!("The request was not allowed: {why}.")),
        HttpError::BlockedAddress => Failure::config(
            "blocked_address",
            "The provider's address is not one of the public internet.",
        ),
        HttpError::Dns => Failure::transient("no_connection", "The provider's name cannot be resolved."),
        HttpError::Connect => Failure::transient("no_connection", "The provider cannot be reached."),
        HttpError::Tls => Failure::transient("no_connection", "No secure connection to the provider."),
        HttpError::Timeout => Failure::transient("timeout", "The provider did not answer in time."),
        HttpError::TooLarge => Failure::permanent("too_large", "The provider's answer is too large."),
        HttpError::Budget => Failure::permanent("budget", "The plugin made more requests than one call may make."),
        HttpError::Protocol(what) => {
            Failure::transient("bad_reply", format!("The provider's answer cannot be read: {what}."))
        }
    }
}
