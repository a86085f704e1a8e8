//! Requests of one call: grants, budgets, secrets in, secrets out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use crate::guard::{Admitted, Guard, Outbound, Reply, SendError};
use crate::limits::Limits;
use crate::secrets::{Scrubber, Secrets};
use crate::wire::{self, Body, Capture, HttpError, HttpRequest, HttpResponse, Sealed};

const MAX_HEADERS: usize = 64;
/// Requests of one call on their way at once.
const PARALLEL: usize = 8;
/// Bytes of a credential. Shorter ones would be found everywhere by chance.
const MIN_CAPTURED: usize = 4;
const MAX_CAPTURED: usize = 8 * 1024;

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

/// One `[[host]]` of the manifest that was granted.
pub(crate) struct HostRule {
    /// Empty: any.
    pub methods: Vec<String>,
    /// What paths begin with; empty: any.
    pub paths: Vec<String>,
}

impl HostRule {
    fn allows(&self, method: &str, path: &str) -> bool {
        let begins = |prefix: &String| {
            path.strip_prefix(prefix.as_str())
                .is_some_and(|rest| prefix.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
        };
        (self.methods.is_empty() || self.methods.iter().any(|allowed| allowed == method))
            && (self.paths.is_empty() || self.paths.iter().any(begins))
    }
}

/// What the requests of one call may do.
pub(crate) struct Http<'a> {
    pub guard: &'a Guard,
    pub secrets: Secrets,
    /// Granted by the administrator and asked for by the manifest.
    pub hosts: BTreeMap<String, Vec<HostRule>>,
    /// Where each declared secret may go.
    pub secret_hosts: BTreeMap<String, BTreeSet<String>>,
    /// Secrets that replies may bring.
    pub capturable: BTreeSet<String>,
    /// What they brought in this call: name, value, seconds.
    pub captured: Vec<(String, String, Option<u32>)>,
    pub limits: Limits,
    pub scrubber: Scrubber,
    pub records: Vec<HttpRecord>,
    pub calls: u32,
}

/// A request that may leave.
struct Ready {
    method: wire::Method,
    to: Admitted,
    headers: HeaderMap,
    body: Vec<u8>,
    timeout: Duration,
    captures: Vec<Capture>,
}

impl Http<'_> {
    pub async fn send(&mut self, request: HttpRequest, remaining: Duration) -> Result<HttpResponse, HttpError> {
        let mut answers = self.send_all(vec![request], remaining).await;
        answers.pop().unwrap_or(Err(HttpError::Budget))
    }

    /// Sends requests, a few at a time, and answers in their order.
    pub async fn send_all(
        &mut self,
        requests: Vec<HttpRequest>,
        remaining: Duration,
    ) -> Vec<Result<HttpResponse, HttpError>> {
        let mut records = Vec::with_capacity(requests.len());
        let mut ready = Vec::with_capacity(requests.len());
        for request in requests {
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
            ready.push(self.prepare(request, remaining, &mut record));
            records.push(record);
        }
        let sent: Vec<_> = futures_util::stream::iter(ready)
            .map(|ready| self.transmit(ready))
            .buffered(PARALLEL)
            .collect()
            .await;
        let mut answers = Vec::with_capacity(sent.len());
        let mut bytes_in = 0;
        for (mut record, (sent, captures, took)) in records.into_iter().zip(sent) {
            record.took_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
            let answer = sent.and_then(|reply| {
                bytes_in += reply.body.len() as u64;
                record.status = Some(reply.status);
                record.bytes_in = reply.body.len() as u64;
                // Together they have to fit into one answer to the guest.
                if bytes_in > self.limits.http_response_bytes * 2 {
                    return Err(HttpError::TooLarge);
                }
                self.receive(reply, &captures)
            });
            record.error = answer.as_ref().err().map(describe);
            if !matches!(answer, Err(HttpError::Budget)) {
                self.records.push(record);
            }
            answers.push(answer);
        }
        answers
    }

    /// Everything that is decided before a byte leaves.
    fn prepare(
        &mut self,
        request: HttpRequest,
        remaining: Duration,
        record: &mut HttpRecord,
    ) -> Result<Ready, HttpError> {
        self.calls += 1;
        if self.calls > self.limits.http_calls {
            return Err(HttpError::Budget);
        }
        let mut to = self
            .guard
            .admit(&request.url)
            .map_err(|refusal| HttpError::Denied(refusal.to_string()))?;
        record.host = to.authority();
        record.path = self.scrubber.text(to.url().path().to_owned());
        let Some(rules) = self.hosts.get(&record.host) else {
            return Err(HttpError::Denied(format!(
                "{} is not granted to this plugin",
                record.host
            )));
        };
        let (verb, path) = (method(request.method).0, to.url().path());
        if !rules.iter().any(|rule| rule.allows(verb, path)) {
            return Err(HttpError::Denied(format!(
                "{verb} {} at {} is not granted to this plugin",
                record.path, record.host
            )));
        }
        for capture in &request.captures {
            let goes_back = self
                .secret_hosts
                .get(&capture.secret)
                .is_some_and(|hosts| hosts.contains(&record.host));
            if !self.capturable.contains(&capture.secret) || !goes_back {
                return Err(HttpError::Denied(format!(
                    "the manifest declares no captured secret {:?} for {}",
                    capture.secret, record.host
                )));
            }
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
        let timeout_ms = request.timeout_ms.unwrap_or(u32::MAX).min(self.limits.http_timeout_ms);
        Ok(Ready {
            method: request.method,
            to,
            headers,
            body,
            timeout: Duration::from_millis(u64::from(timeout_ms)).min(remaining),
            captures: request.captures,
        })
    }

    async fn transmit(&self, ready: Result<Ready, HttpError>) -> (Result<Reply, HttpError>, Vec<Capture>, Duration) {
        let ready = match ready {
            Ok(ready) => ready,
            Err(error) => return (Err(error), Vec::new(), Duration::ZERO),
        };
        let outbound = Outbound {
            method: method(ready.method).1,
            to: ready.to,
            headers: ready.headers,
            body: ready.body,
            timeout: ready.timeout,
            max_response_bytes: self.limits.http_response_bytes,
        };
        let started = Instant::now();
        let reply = self.guard.send(outbound).await.map_err(|error| match error {
            SendError::BlockedAddress => HttpError::BlockedAddress,
            SendError::Dns => HttpError::Dns,
            SendError::Connect => HttpError::Connect,
            SendError::Tls => HttpError::Tls,
            SendError::Timeout => HttpError::Timeout,
            SendError::TooLarge => HttpError::TooLarge,
            SendError::Protocol(why) => HttpError::Protocol(why.to_owned()),
        });
        (reply, ready.captures, started.elapsed())
    }

    /// Takes credentials out of a reply, then everything that looks like one of ours.
    fn receive(&mut self, reply: Reply, captures: &[Capture]) -> Result<HttpResponse, HttpError> {
        let mut captured = Vec::new();
        if !captures.is_empty() && (200..300).contains(&reply.status) {
            let json = serde_json::from_slice::<serde_json::Value>(&reply.body);
            let json = json.map_err(|_| HttpError::Protocol("the reply with the credential is not JSON".to_owned()))?;
            for capture in captures {
                let value = match json.pointer(&capture.pointer) {
                    Some(serde_json::Value::String(text)) => text.clone(),
                    Some(serde_json::Value::Number(number)) => number.to_string(),
                    _ => String::new(),
                };
                if !(MIN_CAPTURED..=MAX_CAPTURED).contains(&value.len()) || value.contains(char::is_control) {
                    let why = format!("the reply has no credential at {:?}", capture.pointer);
                    return Err(HttpError::Protocol(why));
                }
                self.scrubber.add(&value);
                self.secrets.insert(capture.secret.clone(), value.clone());
                self.captured
                    .push((capture.secret.clone(), value, capture.expires_in_s));
                captured.push(capture.secret.clone());
            }
        }
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
            captured,
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
            Body::JsonTemplate(text) => (self.fill(&text, host)?.into_bytes(), Some("application/json")),
        })
    }

    /// Fills `{{secret:name}}`, each as the inside of a JSON string.
    fn fill(&self, template: &str, host: &str) -> Result<String, HttpError> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{secret:") {
            let (name, after) = after
                .split_once("}}")
                .ok_or_else(|| HttpError::Denied("a hole of the template does not end".to_owned()))?;
            let value = serde_json::Value::from(self.secret(name, host)?).to_string();
            filled.push_str(before);
            filled.push_str(&value[1..value.len() - 1]);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
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

pub(crate) fn method(method: wire::Method) -> (&'static str, Method) {
    match method {
        wire::Method::Get => ("GET", Method::GET),
        wire::Method::Head => ("HEAD", Method::HEAD),
        wire::Method::Post => ("POST", Method::POST),
        wire::Method::Put => ("PUT", Method::PUT),
        wire::Method::Patch => ("PATCH", Method::PATCH),
        wire::Method::Delete => ("DELETE", Method::DELETE),
    }
}

pub(crate) fn describe(error: &HttpError) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_names_methods_and_whole_segments_of_paths() {
        let rule = |methods: &[&str], paths: &[&str]| HostRule {
            methods: methods.iter().map(|m| (*m).to_owned()).collect(),
            paths: paths.iter().map(|p| (*p).to_owned()).collect(),
        };
        assert!(rule(&[], &[]).allows("DELETE", "/anything"));
        let narrow = rule(&["GET", "POST"], &["/v1/", "/token"]);
        for (method, path) in [
            ("GET", "/v1/orders"),
            ("POST", "/token"),
            ("GET", "/token/new"),
            ("GET", "/v1/"),
        ] {
            assert!(narrow.allows(method, path), "{method} {path}");
        }
        for (method, path) in [
            ("DELETE", "/v1/orders"),
            ("GET", "/v2/"),
            ("GET", "/v1"),
            ("GET", "/tokens"),
            ("GET", "/"),
        ] {
            assert!(!narrow.allows(method, path), "{method} {path}");
        }
    }
}
