//! The world outside of a plugin, as far as a scenario has it: recorded replies, kept values, rows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use platform_plugin_host::guard::{Network, Outbound, Reply, SendError};
use platform_plugin_host::{
    BoxFuture, Directory, DirectoryError, DirectoryPage, DirectoryQuery, DirectoryRow, KvEntry, KvReader, KvRoom,
    KvWrite, Operator,
};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::scenario::{Exchange, Row};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers requests from a list, each answer once.
#[derive(Default)]
pub(crate) struct Recorded(Mutex<Records>);

#[derive(Default)]
struct Records {
    waiting: Vec<Exchange>,
    asked: Vec<Value>,
    unexpected: Vec<String>,
}

impl Recorded {
    /// What the next call finds.
    pub fn expect(&self, exchanges: Vec<Exchange>) {
        let mut records = lock(&self.0);
        *records = Records {
            waiting: exchanges,
            ..Records::default()
        };
    }

    /// The requests of the call as they left; what nobody had recorded; what nobody asked for.
    pub fn met(&self) -> (Vec<Value>, Vec<String>, Vec<String>) {
        let records = std::mem::take(&mut *lock(&self.0));
        let left = records.waiting.into_iter().map(|exchange| exchange.request).collect();
        (records.asked, records.unexpected, left)
    }
}

impl Network for Recorded {
    fn exchange(&self, request: Outbound) -> BoxFuture<'_, Result<Reply, SendError>> {
        let mut records = lock(&self.0);
        records.asked.push(shown(&request));
        let line = format!("{} {}", request.method, request.to.url());
        let found = records.waiting.iter().position(|exchange| exchange.request == line);
        let answer = if let Some(at) = found {
            answer(records.waiting.remove(at))
        } else {
            records.unexpected.push(line);
            Err(SendError::Connect)
        };
        Box::pin(std::future::ready(answer))
    }
}

fn answer(exchange: Exchange) -> Result<Reply, SendError> {
    if let Some(error) = exchange.error {
        return Err(error.into());
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &exchange.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    Ok(Reply {
        status: exchange.status,
        headers,
        body: exchange.body,
    })
}

/// A request with everything the host put into it, so that a scenario proves what the provider would see.
fn shown(request: &Outbound) -> Value {
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        headers.insert(name.to_string(), json!(String::from_utf8_lossy(value.as_bytes())));
    }
    let mut all = json!({ "method": request.method.as_str(), "url": request.to.url().as_str(), "headers": headers });
    if !request.body.is_empty() {
        let (key, body) = body(&request.body);
        all[key] = body;
    }
    all
}

/// JSON as such, text as text, the rest in base64.
pub(crate) fn body(bytes: &[u8]) -> (&'static str, Value) {
    use base64::Engine as _;
    if let Ok(value) = serde_json::from_slice::<Value>(bytes).and_then(|value| match value {
        Value::Object(_) | Value::Array(_) => Ok(value),
        _ => Err(serde::de::Error::custom("a lone value is text")),
    }) {
        return ("json", value);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => ("body", json!(text)),
        Err(_) => ("base64", json!(base64::engine::general_purpose::STANDARD.encode(bytes))),
    }
}

/// Values a plugin keeps, for the time of a scenario or of `barq plugin run`.
#[derive(Default)]
pub(crate) struct Kept(Mutex<State>);

#[derive(Default)]
struct State {
    values: BTreeMap<String, (KvEntry, Option<DateTime<Utc>>)>,
    now: DateTime<Utc>,
    changes: u64,
}

impl Kept {
    /// What is there when the scenario begins.
    pub fn with(values: &BTreeMap<String, Value>) -> Self {
        let kept = Self::default();
        for (key, value) in values {
            let value = value.to_string().into_bytes();
            lock(&kept.0)
                .values
                .insert(key.clone(), (KvEntry { value, version: 1 }, None));
        }
        kept
    }

    /// Time goes on: values end.
    pub fn at(&self, now: DateTime<Utc>) {
        let mut state = lock(&self.0);
        state.now = now;
        state
            .values
            .retain(|_, (_, until)| until.is_none_or(|until| until > now));
    }

    /// Keeps what a call that ended well wants kept. False when another call was faster, and nothing was kept.
    pub fn commit(&self, writes: &[KvWrite]) -> bool {
        let mut state = lock(&self.0);
        let stored = |key: &str| state.values.get(key).map(|(entry, _)| entry.version);
        if writes
            .iter()
            .any(|write| write.expected.is_some_and(|expected| stored(&write.key) != expected))
        {
            return false;
        }
        for write in writes {
            state.changes += 1;
            let version = state.changes + 1;
            match &write.value {
                Some(value) => {
                    let entry = KvEntry {
                        value: value.clone(),
                        version,
                    };
                    state.values.insert(write.key.clone(), (entry, write.expires_at));
                }
                None => drop(state.values.remove(&write.key)),
            }
        }
        true
    }

    /// All of it, for people.
    pub fn shown(&self) -> Value {
        let state = lock(&self.0);
        let value = |entry: &KvEntry| match serde_json::from_slice(&entry.value) {
            Ok(value) => value,
            Err(_) => body(&entry.value).1,
        };
        Value::Object(
            state
                .values
                .iter()
                .map(|(key, (entry, _))| (key.clone(), value(entry)))
                .collect(),
        )
    }
}

impl KvReader for Kept {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<KvEntry>, String>> {
        let found = lock(&self.0).values.get(key).map(|(entry, _)| entry.clone());
        Box::pin(std::future::ready(Ok(found)))
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, String>> {
        let state = lock(&self.0);
        let fits = |key: &&String| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after);
        let keys = state.values.keys().filter(fits).take(limit as usize).cloned().collect();
        Box::pin(std::future::ready(Ok(keys)))
    }

    fn room(&self) -> BoxFuture<'_, Result<KvRoom, String>> {
        let state = lock(&self.0);
        let bytes: usize = state
            .values
            .iter()
            .map(|(key, (entry, _))| key.len() + entry.value.len())
            .sum();
        let room = KvRoom::beside(state.values.len() as u64, bytes as u64);
        Box::pin(std::future::ready(Ok(room)))
    }
}

/// Rows a scenario has.
pub(crate) struct Rows(pub Vec<Row>);

impl Rows {
    fn row(row: &Row, fields: &[String]) -> DirectoryRow {
        let asked = fields
            .iter()
            .map(|field| (field.clone(), row.fields.get(field).cloned().unwrap_or_default()));
        DirectoryRow {
            id: row.id.clone(),
            json: Value::Object(asked.collect()).to_string(),
        }
    }
}

fn holds(value: Option<&Value>, operator: Operator, wanted: &[String]) -> bool {
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => return false,
        Some(other) => other.to_string(),
    };
    match operator {
        Operator::Equals | Operator::AnyOf => wanted.contains(&text),
        Operator::AtLeast => wanted.iter().all(|least| text >= *least),
        Operator::AtMost => wanted.iter().all(|most| text <= *most),
        Operator::Contains => wanted
            .iter()
            .all(|part| text.to_lowercase().contains(&part.to_lowercase())),
    }
}

impl Directory for Rows {
    fn read<'a>(&'a self, query: &'a DirectoryQuery) -> BoxFuture<'a, Result<DirectoryPage, DirectoryError>> {
        let fits = |row: &&Row| {
            row.resource == query.source
                && query
                    .conditions
                    .iter()
                    .all(|c| holds(row.fields.get(&c.field), c.operator, &c.values))
        };
        let skip: usize = query
            .cursor
            .as_deref()
            .and_then(|cursor| cursor.parse().ok())
            .unwrap_or(0);
        let found: Vec<&Row> = self.0.iter().filter(fits).collect();
        let end = (skip + query.limit as usize).min(found.len());
        let page = DirectoryPage {
            rows: found
                .get(skip..end)
                .unwrap_or_default()
                .iter()
                .map(|row| Self::row(row, &query.fields))
                .collect(),
            cursor: (end < found.len()).then(|| end.to_string()),
        };
        Box::pin(std::future::ready(Ok(page)))
    }

    fn get<'a>(
        &'a self,
        source: &'a str,
        id: &'a str,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Option<DirectoryRow>, DirectoryError>> {
        let found = self.0.iter().find(|row| row.resource == source && row.id == id);
        Box::pin(std::future::ready(Ok(found.map(|row| Self::row(row, fields)))))
    }
}
