//! Requests to the provider. The host must be granted; secrets are named and completed by the platform.

use serde::de::DeserializeOwned;

use crate::bindings::barq::plugin::http::{self, Body, Capture, HttpError, Sealed};
use crate::{CallContext, Failure, Result};

pub use http::Method;

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
            captures: Vec::new(),
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

    /// JSON with `{{secret:name}}` in its strings, which the platform fills in.
    pub fn json_template(mut self, value: &serde_json::Value) -> Self {
        self.0.body = Body::JsonTemplate(value.to_string());
        self.header("content-type", "application/json")
    }

    pub fn body(mut self, content_type: &str, bytes: Vec<u8>) -> Self {
        self.0.body = Body::Bytes(bytes);
        self.header("content-type", content_type)
    }

    /// A form; [`form_secret`](Self::form_secret) adds to it.
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let plain = |(name, value): &(&str, &str)| ((*name).to_owned(), Sealed::Plain((*value).to_owned()));
        self.form_pairs().extend(pairs.iter().map(plain));
        self
    }

    /// A field of the form that is a secret.
    pub fn form_secret(mut self, name: &str, secret: &str) -> Self {
        self.form_pairs().push((name.to_owned(), sealed("", secret)));
        self
    }

    fn form_pairs(&mut self) -> &mut Vec<(String, Sealed)> {
        if !matches!(self.0.body, Body::Form(_)) {
            self.0.body = Body::Form(Vec::new());
        }
        match &mut self.0.body {
            Body::Form(pairs) => pairs,
            Body::Empty | Body::Bytes(_) | Body::JsonTemplate(_) => unreachable!("it was just made a form"),
        }
    }

    /// Keeps the value at a JSON pointer of the reply as the secret `secret`, without showing it to the plugin: how a token
    /// is obtained. The manifest declares the secret with `captured = true`.
    pub fn capture(mut self, secret: &str, pointer: &str, expires_in_s: Option<u32>) -> Self {
        self.0.captures.push(Capture {
            secret: secret.to_owned(),
            pointer: pointer.to_owned(),
            expires_in_s,
        });
        self
    }

    /// Makes a repetition of this request safe where the provider honours `Idempotency-Key`. `item` tells apart the
    /// requests of one call: the id of the message, notice or payout it is about.
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

    /// Sends several at once, up to 16, and answers in their order.
    pub fn send_all(requests: Vec<Self>) -> Vec<Result<Response>> {
        let requests: Vec<_> = requests.into_iter().map(|request| request.0).collect();
        let answers = http::send_all(&requests);
        answers
            .into_iter()
            .map(|answer| answer.map(Response).map_err(failure))
            .collect()
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
        HttpError::Protocol(what) | HttpError::Other(what) => {
            Failure::transient("bad_reply", format!("The provider's answer cannot be read: {what}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> CallContext {
        CallContext {
            call_id: "call".into(),
            idempotency_key: "work".into(),
            attempt: 1,
            organization_id: "o".into(),
            installation_id: "i".into(),
            time_zone: "Asia/Riyadh".into(),
            locale: "ar-SA".into(),
            currency: "SAR".into(),
            now: 0,
            deadline: 60_000,
            attributes: vec![],
        }
    }

    #[test]
    fn requests_of_one_call_have_keys_of_their_own() {
        let key = |item| {
            post("https://sms.example.com/")
                .idempotent(&context(), item)
                .0
                .idempotency_key
        };
        assert_eq!(key("m1").as_deref(), Some("work-m1"));
        assert_ne!(key("m1"), key("m2"));
    }

    #[test]
    fn a_form_mixes_texts_and_secrets_and_replaces_another_body() {
        let request = post("https://sms.example.com/")
            .json(&serde_json::json!({}))
            .form(&[("To", "966501234567")])
            .form_secret("AppSid", "app_sid")
            .form(&[("Body", "سلام")]);
        let Body::Form(pairs) = request.0.body else {
            panic!("not a form")
        };
        let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["To", "AppSid", "Body"]);
        assert!(matches!(&pairs[1].1, Sealed::WithSecret((_, secret, _)) if secret == "app_sid"));
    }

    #[test]
    fn statuses_become_failures() {
        let reply = |status, headers: &[(&str, &str)]| {
            let headers = headers
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect();
            Response(http::Response {
                status,
                headers,
                body: vec![],
            })
            .success()
        };
        assert!(reply(204, &[]).is_ok());
        for (status, code, retryable) in [
            (401, "credentials_refused", false),
            (404, "provider_refused", false),
            (302, "moved", false),
            (429, "rate_limited", true),
            (503, "provider_error", true),
        ] {
            let failure = reply(status, &[("Retry-After", "7")]).unwrap_err();
            assert_eq!(
                (failure.code.as_str(), failure.is_retryable()),
                (code, retryable),
                "{status}"
            );
        }
        assert_eq!(
            reply(429, &[("Retry-After", "7")]).unwrap_err().retry_after_ms,
            Some(7_000)
        );
    }
}
