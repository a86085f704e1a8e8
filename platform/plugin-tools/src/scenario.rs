//! `tests/NAME.toml`: calls of a plugin, and what the world outside answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use platform_plugin_host::Input;
use platform_plugin_host::guard::SendError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Handlers by the names of the contract, and the cases of [`Input`] they are.
const HANDLERS: &[(&str, &str)] = &[
    ("lifecycle.check", "check"),
    ("lifecycle.migrate", "migrate"),
    ("fuel-source.pull", "fuel_pull"),
    ("order-source.pull", "orders_pull"),
    ("order-source.event", "order_event"),
    ("order-source.push-status", "order_status"),
    ("sms-gateway.send", "sms_send"),
    ("sms-gateway.report", "sms_report"),
    ("sms-gateway.query", "sms_query"),
    ("payout-gateway.prepare", "payout_batch"),
    ("payout-gateway.read-file", "payout_file"),
    ("payout-gateway.query", "payout_query"),
    ("events.handle", "event"),
    ("schedule.run", "schedule"),
    ("schedule.job", "job"),
    ("webhook.receive", "webhook"),
];

/// Of the organization a plugin is tried at.
pub(crate) const TIME_ZONE: &str = "Asia/Riyadh";
pub(crate) const LOCALE: &str = "ar-SA";
pub(crate) const CURRENCY: &str = "SAR";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    now: DateTime<Utc>,
    time_zone: Option<String>,
    locale: Option<String>,
    currency: Option<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    /// Values the plugin kept before.
    #[serde(default)]
    kept: BTreeMap<String, Value>,
    #[serde(default, rename = "row")]
    rows: Vec<Row>,
    #[serde(rename = "step")]
    steps: Vec<StepText>,
}

/// A row of the organization's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub resource: String,
    pub id: String,
    #[serde(default)]
    pub fields: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    call: String,
    #[serde(default)]
    input: Value,
    now: Option<DateTime<Utc>>,
    attempt: Option<u32>,
    #[serde(default)]
    http: Vec<ExchangeText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExchangeText {
    /// `METHOD URL`, query included.
    request: String,
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    json: Option<Value>,
    /// A file beside the scenario.
    file: Option<PathBuf>,
    error: Option<Trouble>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Trouble {
    Dns,
    Connect,
    Tls,
    Timeout,
    TooLarge,
    BrokenOff,
}

impl From<Trouble> for SendError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Dns => Self::Dns,
            Trouble::Connect => Self::Connect,
            Trouble::Tls => Self::Tls,
            Trouble::Timeout => Self::Timeout,
            Trouble::TooLarge => Self::TooLarge,
            Trouble::BrokenOff => Self::Protocol("the answer broke off"),
        }
    }
}

/// A recorded reply.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub request: String,
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub error: Option<Trouble>,
}

/// One call.
pub(crate) struct Step {
    pub call: String,
    pub input: Input,
    pub now: DateTime<Utc>,
    pub attempt: u32,
    pub http: Vec<Exchange>,
}

/// A scenario that can be run.
pub(crate) struct Scenario {
    pub title: String,
    pub time_zone: String,
    pub locale: String,
    pub currency: String,
    pub settings: Map<String, Value>,
    pub secrets: BTreeMap<String, String>,
    pub kept: BTreeMap<String, Value>,
    pub rows: Vec<Row>,
    pub steps: Vec<Step>,
}

impl Scenario {
    /// Reads one file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, folder).with_context(|| path.display().to_string())
    }

    fn parse(text: &str, folder: &Path) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            anyhow!("line {line}: {}", error.message())
        })?;
        ensure!(!file.steps.is_empty(), "a scenario has at least one [[step]]");
        let step = |(at, step): (usize, StepText)| -> Result<Step> {
            let number = at + 1;
            let now = step.now.unwrap_or(file.now);
            let input = input(&step.call, step.input, now).with_context(|| format!("step {number}"))?;
            let http = step.http.into_iter().map(|exchange| exchange.read(folder));
            Ok(Step {
                call: step.call,
                input,
                now,
                attempt: step.attempt.unwrap_or(1),
                http: http.collect::<Result<_>>().with_context(|| format!("step {number}"))?,
            })
        };
        Ok(Self {
            title: file.title,
            time_zone: file.time_zone.unwrap_or_else(|| TIME_ZONE.to_owned()),
            locale: file.locale.unwrap_or_else(|| LOCALE.to_owned()),
            currency: file.currency.unwrap_or_else(|| CURRENCY.to_owned()),
            settings: file.settings,
            secrets: file.secrets,
            kept: file.kept,
            rows: file.rows,
            steps: file.steps.into_iter().enumerate().map(step).collect::<Result<_>>()?,
        })
    }
}

impl ExchangeText {
    fn read(self, folder: &Path) -> Result<Exchange> {
        let (method, address) = self.request.split_once(' ').unwrap_or_default();
        let url = url::Url::parse(address).ok().filter(|_| !method.is_empty());
        let url = url.ok_or_else(|| {
            anyhow!(
                "{:?} is no request: write it as `GET https://api.example.com/orders?page=1`",
                self.request
            )
        })?;
        let body = match (self.body, self.json, self.file) {
            (body, None, None) => body.unwrap_or_default().into_bytes(),
            (None, Some(value), None) => value.to_string().into_bytes(),
            (None, None, Some(file)) => {
                let file = folder.join(file);
                std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?
            }
            _ => bail!("{}: an answer has one of body, json and file", self.request),
        };
        Ok(Exchange {
            request: format!("{} {url}", method.to_ascii_uppercase()),
            status: self.status.unwrap_or(200),
            headers: self.headers,
            body,
            error: self.error,
        })
    }
}

/// The input of a handler from what an author writes: what every call has is filled in.
pub(crate) fn input(handler: &str, given: Value, now: DateTime<Utc>) -> Result<Input> {
    let case = HANDLERS
        .iter()
        .find(|(name, _)| *name == handler)
        .map(|(_, case)| *case);
    let case = case.ok_or_else(|| {
        let known: Vec<_> = HANDLERS.iter().map(|(name, _)| *name).collect();
        anyhow!("{handler:?} is no handler; known: {}", known.join(", "))
    })?;
    if case == "check" {
        return Ok(Input::Check);
    }
    let mut value = given;
    if value.is_null() {
        value = json!({});
    }
    let usual = usual(case, now);
    match &mut value {
        Value::Array(all) => all.iter_mut().for_each(|one| complete(one, &usual)),
        one => complete(one, &usual),
    }
    attributes(&mut value);
    serde_json::from_value(json!({ case: value })).with_context(|| format!("the input of {handler}"))
}

/// What is the same for nearly everybody.
fn usual(case: &str, now: DateTime<Utc>) -> Value {
    let inbound = || {
        json!({
            "request_id": "r-1", "endpoint": "default", "address": "https://fleet.example.com/api/v1/integrations/hooks/token",
            "method": "POST", "path": "", "query": [], "headers": [], "body": "", "received_at": now, "verified": true,
        })
    };
    match case {
        "fuel_pull" | "orders_pull" => json!({ "since": now - TimeDelta::days(30) }),
        "order_event" | "sms_report" | "webhook" => inbound(),
        "sms_send" => json!({ "kind": "transactional" }),
        "order_status" => json!({ "at": now }),
        "event" => json!({ "event_id": "e-1", "version": 1, "occurred_at": now, "data": "{}" }),
        "schedule" => json!({ "planned_for": now }),
        "job" => json!({ "key": "job", "payload": [] }),
        _ => json!({}),
    }
}

fn complete(value: &mut Value, usual: &Value) {
    if let (Value::Object(value), Value::Object(usual)) = (value, usual) {
        for (name, usual) in usual {
            value.entry(name.clone()).or_insert_with(|| usual.clone());
        }
        // Bytes may be written as text.
        for name in ["content", "payload"] {
            if let Some(Value::String(text)) = value.get(name).cloned() {
                value.insert(name.to_owned(), json!(text.as_bytes()));
            }
        }
    }
}

/// Records have attributes; nobody wants to write empty ones.
fn attributes(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(attributes),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if name != "attributes" {
                    attributes(field);
                }
            }
            fields.entry("attributes").or_insert_with(|| json!({}));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
title = "Sends"
now = "2026-11-20T09:00:00Z"
[settings]
sender = "BARQ"
[secrets]
api_key = "key"
[[step]]
call = "sms-gateway.send"
input = [{ message_id = "m", to = "+966501234567", body = "x" }]
[[step.http]]
request = "post https://sms.example.com/messages"
json = { id = 1 }
"#;

    #[test]
    fn what_every_call_has_is_filled_in() {
        let scenario = Scenario::parse(GOOD, Path::new(".")).unwrap();
        let Input::SmsSend(messages) = &scenario.steps[0].input else {
            panic!("another input")
        };
        assert_eq!((messages.len(), messages[0].message_id.as_str()), (1, "m"));
        let exchange = &scenario.steps[0].http[0];
        assert_eq!(exchange.request, "POST https://sms.example.com/messages");
        assert_eq!(
            (exchange.status, exchange.body.as_slice()),
            (200, br#"{"id":1}"#.as_slice())
        );
        assert_eq!(scenario.time_zone, "Asia/Riyadh");
    }

    #[test]
    fn every_handler_has_an_input() {
        let now = "2026-11-20T09:00:00Z".parse().unwrap();
        for (handler, _) in HANDLERS {
            let given = match *handler {
                "schedule.run" | "schedule.job" | "events.handle" => json!({ "name": "daily" }),
                "payout-gateway.query" => json!({ "batch_id": "b" }),
                "payout-gateway.read-file" => json!({ "name": "a.csv", "media_type": "text/csv", "content": "x" }),
                "payout-gateway.prepare" => json!({
                    "batch_id": "b", "reference": "R", "purpose": "salary", "value_day": "2026-11-25",
                    "total": { "minor": 0, "currency": "SAR" }, "payer": { "holder": "x", "iban": "x" }, "payouts": [],
                }),
                "sms-gateway.send" | "sms-gateway.query" | "order-source.push-status" => json!([]),
                _ => Value::Null,
            };
            let input = input(handler, given, now).unwrap_or_else(|error| panic!("{handler}: {error:#}"));
            assert_eq!(input.handler(), *handler);
        }
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        let told = |from: &str, to: &str| {
            let error = Scenario::parse(&GOOD.replace(from, to), Path::new("."))
                .err()
                .expect(to);
            format!("{error:#}")
        };
        assert!(told("sms-gateway.send", "sms-gateway.sent").contains("step 1: \"sms-gateway.sent\" is no handler"));
        assert!(told("message_id =", "id =").contains("message_id"));
        assert!(told("post https", "https").contains("is no request"));
        assert!(told("title =", "name =").contains("line 2"));
        assert!(told("json =", "body = \"x\"\njson =").contains("one of body, json and file"));
    }
}
