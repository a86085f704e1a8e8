//! What one call holds: budgets, log, key-value writes, and the notes of its host calls.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use platform_plugin_records::{Fault, FaultKind};
use wasmtime::ResourceLimiter;

use super::Line;
use super::bindings::types;
use super::engine::TABLE_ELEMENTS;
use crate::limits::Limits;
use crate::priority::thread_time;
use crate::wire::{Ask, Given, Local, LogEntry, Told, Traced};

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

/// Processor time of one guest, measured around each turn it gets. A turn begins, is asked about and ends on one thread, and what
/// that thread waits for a processor is not the guest's: on a busy machine it may be most of the time.
#[derive(Clone, Default)]
pub(crate) struct Cpu {
    spent_us: Arc<AtomicU64>,
    /// When the present turn began, in microseconds of the thread's time, plus one; zero between turns.
    turn_us: Arc<AtomicU64>,
}

impl Cpu {
    fn now_us() -> u64 {
        u64::try_from(thread_time().as_micros()).unwrap_or(u64::MAX - 1)
    }

    pub fn begin_turn(&self) {
        self.turn_us.store(Self::now_us() + 1, Ordering::Relaxed);
    }

    pub fn end_turn(&self) {
        let began = self.turn_us.swap(0, Ordering::Relaxed);
        self.spent_us.fetch_add(
            Self::now_us().saturating_sub(began.saturating_sub(1)),
            Ordering::Relaxed,
        );
    }

    pub fn spent_us(&self) -> u64 {
        let spent = self.spent_us.load(Ordering::Relaxed);
        match self.turn_us.load(Ordering::Relaxed) {
            0 => spent,
            began => spent + Self::now_us().saturating_sub(began - 1),
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

/// A replay went another way.
#[derive(Debug, thiserror::Error)]
#[error("step {step}: recorded {recorded}, now {now}")]
pub(crate) struct Diverged {
    pub step: u32,
    pub recorded: String,
    pub now: String,
}

/// The data of one store.
pub(crate) struct State {
    line: Option<Line>,
    pub limits: Limits,
    pub memory: Memory,
    pub cpu: Cpu,
    pub given: Given,
    pub started: Instant,
    pub host_calls: u32,
    pub kv: super::kept::Kept,
    pub secret_calls: u32,
    pub directory_calls: u32,
    pub random_bytes: u32,
    pub logs: Vec<LogEntry>,
    pub log_bytes: usize,
    pub logs_dropped: u32,
    /// Notes of host calls, if anybody wants them.
    pub trace: Option<Vec<Traced>>,
    script: Option<VecDeque<Traced>>,
    step: u32,
}

impl State {
    pub fn new(limits: Limits, given: Given, line: Option<Line>) -> Self {
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
            cpu: Cpu::default(),
            given,
            started,
            host_calls: 0,
            kv: super::kept::Kept::default(),
            secret_calls: 0,
            directory_calls: 0,
            random_bytes: 0,
            logs: Vec::new(),
            log_bytes: 0,
            logs_dropped: 0,
            trace: None,
            script: None,
            step: 0,
        }
    }

    pub fn noting(mut self, trace: bool, script: Option<Vec<Traced>>) -> Self {
        self.trace = (trace || script.is_some()).then(Vec::new);
        self.script = script.map(VecDeque::from);
        self
    }

    /// The guest's `call-context`.
    pub fn call_context(&self) -> types::CallContext {
        let context = &self.given.context;
        types::CallContext {
            call_id: context.call_id.clone(),
            idempotency_key: context.idempotency_key.clone(),
            attempt: context.attempt,
            organization_id: context.organization_id.clone(),
            installation_id: context.installation_id.clone(),
            time_zone: context.time_zone.clone(),
            locale: context.locale.clone(),
            currency: context.currency.clone(),
            now: context.now_ms,
            deadline: context.now_ms + i64::from(self.limits.wall_ms),
            attributes: Vec::new(),
        }
    }

    pub fn charge(&mut self) -> wasmtime::Result<()> {
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

    /// Notes a host call. While an earlier call is repeated, the answer of then is the answer.
    pub fn note(&mut self, what: Local) -> wasmtime::Result<Local> {
        self.step += 1;
        let what = match &mut self.script {
            None => what,
            Some(script) => match script.pop_front() {
                Some(then) if same(&then.what, &what) => then.what,
                then => {
                    return Err(wasmtime::Error::new(Diverged {
                        step: self.step,
                        recorded: then.map_or_else(|| "the end of the call".to_owned(), |then| describe(&then.what)),
                        now: describe(&what),
                    }));
                }
            },
        };
        if let Some(trace) = &mut self.trace {
            let after_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
            trace.push(Traced {
                after_us,
                what: what.clone(),
            });
        }
        Ok(what)
    }

    /// What a repeated call has left out.
    pub fn unrepeated(&mut self) -> Option<Diverged> {
        let next = self.script.as_mut()?.pop_front()?;
        Some(Diverged {
            step: self.step + 1,
            recorded: describe(&next.what),
            now: "the end of the call".to_owned(),
        })
    }

    pub async fn ask(&mut self, ask: Ask) -> wasmtime::Result<Told> {
        self.note(Local::Asked)?;
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

    pub fn stray() -> wasmtime::Error {
        stop(FaultKind::WorkerLost, "the server answered another question")
    }
}

/// Whether two notes are of the same question; answers of the clock and of chance are not part of it.
fn same(then: &Local, now: &Local) -> bool {
    match (then, now) {
        (Local::Now(_), Local::Now(_)) | (Local::Remaining(_), Local::Remaining(_)) => true,
        (Local::Random(then), Local::Random(now)) => then.len() == now.len(),
        (then, now) => then == now,
    }
}

/// A note in words.
pub(crate) fn describe(what: &Local) -> String {
    match what {
        Local::Setting { name } => format!("settings.get({name:?})"),
        Local::Settings => "settings.all-json".to_owned(),
        Local::Now(_) => "clock.now".to_owned(),
        Local::Remaining(_) => "clock.remaining-ms".to_owned(),
        Local::Random(bytes) => format!("random.bytes({})", bytes.len()),
        Local::Log { .. } => "log.write".to_owned(),
        Local::IsSet { name } => format!("secrets.is-set({name:?})"),
        Local::KvOwn { key } => format!("kv.get({key:?})"),
        Local::KvSet { key, .. } => format!("kv.set({key:?})"),
        Local::KvDelete { key } => format!("kv.delete({key:?})"),
        Local::Asked => "a question to the server".to_owned(),
    }
}

/// A name as it is noted: long ones are somebody's attempt to fill our memory.
pub(crate) fn noted(name: &str) -> String {
    name.chars().take(64).collect()
}

/// What tells two values apart in a note.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    u64::from_le_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}
