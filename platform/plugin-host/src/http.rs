//! Requests of one call: grants, budgets, secrets in, secrets out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::guard::{Admitted, Guard, Outbound, SendError};
use crate::limits::Limits;
use crate::secrets::{Scrubber, Secrets};
use crate::wire::{self, Body, HttpError, HttpRequest, HttpResponse, Sealed};

const MAX_HEADERS: usize = 64;

/// A request as it is recorded: never its query, headers or bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HttpRecord {
    pub method: &'static str,
    pub host: String,
    pub path: String,
    /// `None` when there was no reply; `error` says why.
    pub status: Option<u16>,
    pub error: Option<String>,
    pub took_ms: u32,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

/// What the requests of one call may do.
pub(crate) struct Http<'a> {
    pub guard: &'a Guard,
    pub secrets: &'a Secrets,
    /// Granted by the administrator and asked for by the manifest.
    pub hosts: BTreeSet<String>,
    /// Where each declared secret may go.
    pub secret_hosts: BTreeMap<String, BTreeSet<String>>,
    pub limits: Limits,
    pub scrubber: Scrubber,
    pub records: Vec<HttpRecord>,
    pub calls: u32,
}

impl Http<'_> {
    pub async fn send(&mut self, request: HttpRequest, remaining: Duration) -> Result<HttpResponse, HttpError> {
        self.calls += 1;
        if self.calls > self.limits.http_calls {
            return Err(HttpError::Budget);
        }
        let started = Instant::now();
        let mut record = HttpRecord {
            method: method(request.method).0,
            host: String::new(),
            path: String::new(),
            status: None,
            error: None,
            took_ms: 0,
            bytes_in: 0,
            bytes_out: 0,
        };
        let result = self.exchange(request, remaining, &mut record).await;
        record.took_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        match &result {
            Ok(response) => {
                record.status = Some(response.status);
                record.bytes_in = response.body.len() as u64;
            }
            Err(error) => record.error = Some(describe(error)),
        }
        self.records.push(record);
        result
    }

    async fn exchange(
        &mut self,
        request: HttpRequest,
        remaining: Duration,
        record: &mut HttpRecord,
    ) -> Result<HttpResponse, HttpError> {
        let mut to = self
            .guard
            .admit(&request.url)
            .map_err(|refusal| HttpError::Denied(refusal.to_string()))?;
        record.host = to.authority();
        record.path = self.scrubber.text(to.url().path().to_owned());
        if !self.hosts.contains(&record.host) {
            return Err(HttpError::Denied(format!(
                "{} is not granted to this plugin",
                record.host
            )));
        }
        let query = self.open_pairs(&request.query, &record.host)?;
        to.add_query(&query);
        let (body, content_type) = self.body(request.body, &record.host)?;
        let mut headers = self.headers(&request.headers, &record.host)?;
        if let (Some(kind), false) = (content_type, headers.contains_key("content-type")) {
            headers.insert("content-type", HeaderValue::from_static(kind));
        }
        if let Some(key) = &request.idempotency_key {
            headers.insert("idempotency-key", header_value(key)?);
        }
        record.bytes_out = body.len() as u64;
        if record.bytes_out > self.limits.http_request_bytes {
            return Err(HttpError::TooLarge);
        }
        self.transmit(request.method, to, headers, body, request.timeout_ms, remaining)
            .await
    }

    async fn transmit(
        &self,
        verb: wire::Method,
        to: Admitted,
        headers: HeaderMap,
        body: Vec<u8>,
        timeout_ms: Option<u32>,
        remaining: Duration,
    ) -> Result<HttpResponse, HttpError> {
        let timeout_ms = timeout_ms.unwrap_or(u32::MAX).min(self.limits.http_timeout_ms);
        let timeout = Duration::from_millis(u64::from(timeout_ms)).min(remaining);
        let max_response_bytes = self.limits.http_response_bytes;
        let outbound = Outbound {
            method: method(verb).1,
            to,
            headers,
            body,
            timeout,
            max_response_bytes,
        };
        let reply = self.guard.send(outbound).await.map_err(|error| match error {
            SendError::BlockedAddress => HttpError::BlockedAddress,
            SendError::Dns => HttpError::Dns,
            SendError::Connect => HttpError::Connect,
            SendError::Tls => HttpError::Tls,
            SendError::Timeout => HttpError::Timeout,
            SendError::TooLarge => HttpError::TooLarge,
            SendError::Protocol(why) => HttpError::Protocol(why.to_owned()),
        })?;
        let readable = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((
                name.as_str().to_owned(),
                self.scrubber.text(value.to_str().ok()?.to_owned()),
            ))
        };
        Ok(HttpResponse {
            status: reply.status,
            headers: reply.headers.iter().filter_map(readable).collect(),
            body: self.scrubber.bytes(reply.body),
        })
    }

    /// The value of a secret, if it may go to this host.
    fn secret(&self, name: &str, host: &str) -> Result<&str, HttpError> {
        let Some(hosts) = self.secret_hosts.get(name) else {
            return Err(HttpError::Denied(format!("the manifest declares no secret {name:?}")));
        };
        if !hosts.contains(host) {
            return Err(HttpError::Denied(format!(
                "the secret {name:?} may not be sent to {host}"
            )));
        }
        self.secrets
            .get(name)
            .ok_or_else(|| HttpError::Denied(format!("the secret {name:?} is not set")))
    }

    fn open(&mut self, sealed: &Sealed, host: &str) -> Result<String, HttpError> {
        Ok(match sealed {
            Sealed::Plain(text) => text.clone(),
            Sealed::WithSecret { prefix, secret, suffix } => format!("{prefix}{}{suffix}", self.secret(secret, host)?),
            Sealed::Basic { user, password } => {
                let part = |name: &str| {
                    if name.is_empty() {
                        Ok("")
                    } else {
                        self.secret(name, host)
                    }
                };
                let encoded = STANDARD.encode(format!("{}:{}", part(user)?, part(password)?));
                self.scrubber.hide(encoded.clone());
                format!("Basic {encoded}")
            }
        })
    }

    fn open_pairs(&mut self, pairs: &[(String, Sealed)], host: &str) -> Result<Vec<(String, String)>, HttpError> {
        pairs
            .iter()
            .map(|(name, sealed)| Ok((name.clone(), self.open(sealed, host)?)))
            .collect()
    }

    fn body(&mut self, body: Body, host: &str) -> Result<(Vec<u8>, Option<&'static str>), HttpError> {
        Ok(match body {
            Body::Empty => (Vec::new(), None),
            Body::Bytes(bytes) => (bytes, None),
            Body::Form(pairs) => {
                let pairs = self.open_pairs(&pairs, host)?;
                let text = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs)
                    .finish();
                (text.into_bytes(), Some("application/x-www-form-urlencoded"))
            }
        })
    }

    fn headers(&mut self, pairs: &[(String, Sealed)], host: &str) -> Result<HeaderMap, HttpError> {
        if pairs.len() > MAX_HEADERS {
            return Err(HttpError::Denied(format!("more than {MAX_HEADERS} headers")));
        }
        let mut headers = HeaderMap::new();
        for (name, sealed) in pairs {
            let plain = matches!(sealed, Sealed::Plain(_));
            let key = HeaderName::from_bytes(name.as_bytes());
            let key = key.map_err(|_| HttpError::Denied(format!("{name:?} is not a header name")))?;
            if reserved(key.as_str()) || (plain && credential(key.as_str())) {
                return Err(HttpError::Denied(format!("a plugin may not set the header {key}")));
            }
            let mut value = header_value(&self.open(sealed, host)?)?;
            value.set_sensitive(!plain);
            headers.append(key, value);
        }
        Ok(headers)
    }
}

/// Headers that decide where a message ends or goes.
fn reserved(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "forwarded",
    ];
    NAMES.contains(&name) || name.starts_with("proxy-") || name.starts_with("x-forwarded-")
}

/// Headers that prove who is asking: they carry a secret by name or nothing.
fn credential(name: &str) -> bool {
    matches!(name, "authorization" | "cookie")
}

fn header_value(text: &str) -> Result<HeaderValue, HttpError> {
    HeaderValue::from_str(text)
        .map_err(|_| HttpError::Denied("a header value has characters HTTP does not allow".into()))
}

fn method(method: wire::Method) -> (&'static str, Method) {
    match method {
        wire::Method::Get => ("GET", Method::GET),
        wire::Method::Post => ("POST", Method::POST),
        wire::Method::Put => ("PUT", Method::PUT),
        wire::Method::Patch => ("PATCH", Method::PATCH),
        wire::Method::Delete => ("DELETE", Method::DELETE),
    }
}

fn describe(error: &HttpError) -> String {
    match error {
        HttpError::Denied(why) | HttpError::Protocol(why) => why.clone(),
        HttpError::BlockedAddress => SendError::BlockedAddress.to_string(),
        HttpError::Dns => SendError::Dns.to_string(),
        HttpError::Connect => SendError::Connect.to_string(),
        HttpError::Tls => SendError::Tls.to_string(),
        HttpError::Timeout => SendError::Timeout.to_string(),
        HttpError::TooLarge => SendError::TooLarge.to_string(),
        HttpError::Budget => "no more requests in this call".to_owned(),
    }
}
