//! What one call holds: budgets, log, key-value writes, and the host functions that use them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use platform_plugin_records::{Fault, FaultKind};
use wasmtime::ResourceLimiter;

use super::Line;
use super::bindings::{clock, http, kv, log, records, secrets, settings, types};
use super::engine::TABLE_ELEMENTS;
use crate::limits::Limits;
use crate::wire::{Ask, CallContext, LogEntry, Mac, SignError, Told};

const MAX_LINE_BYTES: usize = 4 * 1024;
const MAX_LINE_FIELDS: usize = 32;
const MAX_KEY_BYTES: usize = 256;
const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Values a call may hold here before they are committed.
const MAX_OVERLAY_BYTES: usize = 1024 * 1024;

/// The host ends the call: travels through the guest as a trap.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.detail)]
pub(crate) struct Stop(pub Fault);

pub(crate) fn stop(kind: FaultKind, detail: impl Into<String>) -> wasmtime::Error {
    wasmtime::Error::new(Stop(Fault {
        kind,
        detail: detail.into(),
    }))
}

/// Processor time of one guest, measured around each turn it gets.
#[derive(Clone)]
pub(crate) struct Cpu {
    base: Instant,
    spent_us: Arc<AtomicU64>,
    /// When the present turn began, in microseconds since `base`, plus one; zero between turns.
    turn_us: Arc<AtomicU64>,
}

impl Cpu {
    fn new(base: Instant) -> Self {
        Self {
            base,
            spent_us: Arc::default(),
            turn_us: Arc::default(),
        }
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub fn begin_turn(&self) {
        self.turn_us.store(self.now_us() + 1, Ordering::Relaxed);
    }

    pub fn end_turn(&self) {
        let began = self.turn_us.swap(0, Ordering::Relaxed);
        self.spent_us
            .fetch_add(self.now_us().saturating_sub(began.saturating_sub(1)), Ordering::Relaxed);
    }

    pub fn spent_us(&self) -> u64 {
        let spent = self.spent_us.load(Ordering::Relaxed);
        match self.turn_us.load(Ordering::Relaxed) {
            0 => spent,
            began => spent + self.now_us().saturating_sub(began - 1),
        }
    }
}

/// Memory and tables of one call, all of its core instances together.
pub(crate) struct Memory {
    limit: u64,
    held: u64,
    pub peak: u64,
    pub refused: bool,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let after = self.held + (desired - current) as u64;
        if after > self.limit {
            self.refused = true;
            return Ok(false);
        }
        self.held = after;
        self.peak = self.peak.max(after);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

/// The data of one store.
pub(crate) struct State {
    line: Option<Line>,
    pub limits: Limits,
    pub memory: Memory,
    pub cpu: Cpu,
    context: CallContext,
    settings: BTreeMap<String, String>,
    settings_json: String,
    secrets: BTreeMap<String, bool>,
    started: Instant,
    pub host_calls: u32,
    kv_calls: u32,
    secret_calls: u32,
    /// Writes by key, the last one of each.
    pub kv_writes: BTreeMap<String, Option<Vec<u8>>>,
    kv_bytes: usize,
    pub logs: Vec<LogEntry>,
    log_bytes: usize,
    pub logs_dropped: u32,
}

impl State {
    pub fn new(limits: Limits, context: CallContext, line: Option<Line>) -> Self {
        let started = Instant::now();
        Self {
            line,
            limits,
            memory: Memory {
                limit: limits.memory_bytes,
                held: 0,
                peak: 0,
                refused: false,
            },
            cpu: Cpu::new(started),
            context,
            settings: BTreeMap::new(),
            settings_json: String::from("{}"),
            secrets: BTreeMap::new(),
            started,
            host_calls: 0,
            kv_calls: 0,
            secret_calls: 0,
            kv_writes: BTreeMap::new(),
            kv_bytes: 0,
            logs: Vec::new(),
            log_bytes: 0,
            logs_dropped: 0,
        }
    }

    pub fn with_settings(
        mut self,
        settings: BTreeMap<String, String>,
        json: String,
        secrets: BTreeMap<String, bool>,
    ) -> Self {
        self.settings = settings;
        self.settings_json = json;
        self.secrets = secrets;
        self
    }

    /// The guest's `call-context`.
    pub fn call_context(&self) -> types::CallContext {
        let context = &self.context;
        types::CallContext {
            call_id: context.call_id.clone(),
            idempotency_key: context.idempotency_key.clone(),
            organization_id: context.organization_id.clone(),
            installation_id: context.installation_id.clone(),
            time_zone: context.time_zone.clone(),
            locale: context.locale.clone(),
            now: context.now_ms,
            deadline: context.now_ms + i64::from(self.limits.wall_ms),
        }
    }

    fn charge(&mut self) -> wasmtime::Result<()> {
        self.host_calls += 1;
        if self.host_calls > self.limits.host_calls {
            let limit = self.limits.host_calls;
            return Err(stop(
                FaultKind::Budget,
                format!("more than {limit} calls of host functions"),
            ));
        }
        Ok(())
    }

    async fn ask(&mut self, ask: Ask) -> wasmtime::Result<Told> {
        let Some(line) = &mut self.line else {
            return Err(stop(
                FaultKind::Denied,
                "host functions cannot be used while a plugin is being loaded",
            ));
        };
        line.ask(ask)
            .await
            .map_err(|e| stop(FaultKind::WorkerLost, e.to_string()))
    }

    fn stray() -> wasmtime::Error {
        stop(FaultKind::WorkerLost, "the server answered another question")
    }
}

impl types::Host for State {}
impl records::Host for State {}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        self.charge()?;
        let bytes = message.len()
            + fields
                .iter()
                .map(|(name, value)| name.len() + value.len())
                .sum::<usize>();
        let full = self.logs.len() >= self.limits.log_lines as usize
            || self.log_bytes + bytes > self.limits.log_bytes as usize
            || bytes > MAX_LINE_BYTES
            || fields.len() > MAX_LINE_FIELDS;
        if full {
            self.logs_dropped += 1;
            return Ok(());
        }
        self.log_bytes += bytes;
        let level = match level {
            log::Level::Debug => 0,
            log::Level::Info => 1,
            log::Level::Warn => 2,
            log::Level::Error => 3,
        };
        let after_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.logs.push(LogEntry {
            after_us,
            level,
            message,
            fields,
        });
        Ok(())
    }
}

impl settings::Host for State {
    fn get(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.charge()?;
        Ok(self.settings.get(&name).cloned())
    }

    fn all_json(&mut self) -> wasmtime::Result<String> {
        self.charge()?;
        Ok(self.settings_json.clone())
    }
}

impl clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<i64> {
        self.charge()?;
        Ok(self.context.now_ms + i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn remaining_ms(&mut self) -> wasmtime::Result<u32> {
        self.charge()?;
        let used = u32::try_from(self.started.elapsed().as_millis()).unwrap_or(u32::MAX);
        Ok(self.limits.wall_ms.saturating_sub(used))
    }
}

impl State {
    fn charge_kv(&mut self, key: &str, value_bytes: usize) -> wasmtime::Result<Result<(), kv::KvError>> {
        self.charge()?;
        self.kv_calls += 1;
        Ok(match () {
            () if self.kv_calls > self.limits.kv_calls => Err(kv::KvError::Budget),
            () if key.is_empty() || key.len() > MAX_KEY_BYTES || value_bytes > MAX_VALUE_BYTES => {
                Err(kv::KvError::TooLarge)
            }
            () => Ok(()),
        })
    }

    fn put(&mut self, key: String, value: Option<Vec<u8>>) -> Result<(), kv::KvError> {
        let size = |value: &Option<Vec<u8>>| value.as_ref().map_or(0, Vec::len);
        let before = self.kv_writes.get(&key).map_or(0, size);
        let after = self.kv_bytes - before + size(&value);
        if after > MAX_OVERLAY_BYTES {
            return Err(kv::KvError::Budget);
        }
        self.kv_bytes = after;
        self.kv_writes.insert(key, value);
        Ok(())
    }
}

impl kv::Host for State {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Vec<u8>>, kv::KvError>> {
        if let Err(error) = self.charge_kv(&key, 0)? {
            return Ok(Err(error));
        }
        if let Some(own) = self.kv_writes.get(&key) {
            return Ok(Ok(own.clone()));
        }
        match self.ask(Ask::KvGet { key }).await? {
            Told::Kv(result) => Ok(result.map_err(kv::KvError::Unavailable)),
            Told::Http(_) | Told::Sign(_) => Err(Self::stray()),
        }
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), kv::KvError>> {
        let charged = self.charge_kv(&key, value.len())?;
        Ok(charged.and_then(|()| self.put(key, Some(value))))
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), kv::KvError>> {
        let charged = self.charge_kv(&key, 0)?;
        Ok(charged.and_then(|()| self.put(key, None)))
    }
}

impl secrets::Host for State {
    fn is_set(&mut self, name: String) -> wasmtime::Result<bool> {
        self.charge()?;
        Ok(self.secrets.get(&name).copied().unwrap_or(false))
    }

    async fn sign(
        &mut self,
        name: String,
        algorithm: secrets::Mac,
        data: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, secrets::SecretError>> {
        self.charge()?;
        self.secret_calls += 1;
        if self.secret_calls > self.limits.kv_calls {
            return Ok(Err(secrets::SecretError::Budget));
        }
        let algorithm = match algorithm {
            secrets::Mac::HmacSha1 => Mac::HmacSha1,
            secrets::Mac::HmacSha256 => Mac::HmacSha256,
            secrets::Mac::HmacSha512 => Mac::HmacSha512,
        };
        match self.ask(Ask::Sign { name, algorithm, data }).await? {
            Told::Sign(result) => Ok(result.map_err(|error| match error {
                SignError::NotDeclared => secrets::SecretError::NotDeclared,
                SignError::NotSet => secrets::SecretError::NotSet,
                SignError::Budget => secrets::SecretError::Budget,
            })),
            Told::Http(_) | Told::Kv(_) => Err(Self::stray()),
        }
    }
}

impl http::Host for State {
    async fn send(&mut self, request: http::Request) -> wasmtime::Result<Result<http::Response, http::HttpError>> {
        self.charge()?;
        match self.ask(Ask::Http(request.into())).await? {
            Told::Http(result) => Ok(result.map(Into::into).map_err(Into::into)),
            Told::Kv(_) | Told::Sign(_) => Err(Self::stray()),
        }
    }
}
