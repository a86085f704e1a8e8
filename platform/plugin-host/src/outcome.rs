//! What came of a call, after the host looked at it: types, checks, and the removal of secrets.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use platform_plugin_records::{
    Effects, Failure, Fault, FaultKind, FuelTransaction, NoticeResult, Order, OrderUpdate, PayoutStatus, PreparedBatch,
    RefusedRow, Reply, SmsReport, SmsResult,
};
use serde::{Deserialize, Serialize};

use crate::http::{Http, HttpRecord};
use crate::kv::KvWrite;
use crate::recording::Recording;
use crate::wire;

const MAX_KV_KEY_BYTES: usize = 256;
const MAX_KV_VALUE_BYTES: usize = 64 * 1024;

/// A page of fuel transactions, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuelPage {
    /// One per external id.
    pub transactions: Vec<FuelTransaction>,
    /// Records that cannot be stored, refused by the host or unreadable to the plugin.
    pub refused: Vec<RefusedRow>,
    /// Records given twice in this page.
    pub repeated: usize,
    /// Commit it in the same transaction as the records.
    pub cursor: Option<String>,
    /// Whether to call again at once.
    pub more: bool,
}

/// A page of orders, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPage {
    pub orders: Vec<Order>,
    pub updates: Vec<OrderUpdate>,
    pub refused: Vec<RefusedRow>,
    /// Commit it in the same transaction as the orders.
    pub cursor: Option<String>,
    /// Whether to call again at once.
    pub more: bool,
}

/// What a message of a platform says, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderNews {
    pub orders: Vec<Order>,
    pub updates: Vec<OrderUpdate>,
    pub refused: Vec<RefusedRow>,
}

/// One result for each item of a call, and what was said of items nobody gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results<T> {
    pub results: Vec<T>,
    pub refused: Vec<RefusedRow>,
}

/// What a gateway or a bank says of what it took, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports<T> {
    pub reports: Vec<T>,
    pub refused: Vec<RefusedRow>,
}

/// What a gateway says of messages.
pub type SmsReports = Reports<SmsReport>;
/// What a bank says of payouts.
pub type PayoutReport = Reports<PayoutStatus>;

/// What a request from outside led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// For a sender that waits.
    pub reply: Option<Reply>,
    pub effects: Effects,
}

/// What any call can come to, one case for each kind of function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Health(Health),
    Migrated,
    FuelPage(FuelPage),
    OrderPage(OrderPage),
    OrderNews(OrderNews),
    OrderStatus(Results<NoticeResult>),
    SmsSend(Results<SmsResult>),
    SmsReports(Reports<SmsReport>),
    PayoutBatch(PreparedBatch),
    PayoutReport(Reports<PayoutStatus>),
    Effects(Effects),
    Webhook(Handled),
}

/// What a connection test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Ok,
    Degraded(String),
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The plugin says so.
    Failure(Failure),
    /// The host ended it.
    Fault(Fault),
}

impl CallError {
    /// A stable code for the run: `failure.<code of the plugin>` or `fault.<kind>`.
    pub fn code(&self) -> String {
        match self {
            Self::Failure(failure) => format!("failure.{}", failure.code),
            Self::Fault(fault) => format!("fault.{}", fault.kind.as_str()),
        }
    }

    /// One sentence for an administrator.
    pub fn detail(&self) -> &str {
        match self {
            Self::Failure(failure) => &failure.message,
            Self::Fault(fault) => &fault.detail,
        }
    }

    /// Whether the same call may be tried again by itself.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Failure(failure) => failure.kind.retryable(),
            Self::Fault(fault) => fault.kind.retryable(),
        }
    }
}

/// What came of a call.
#[derive(Debug)]
pub struct Outcome<T> {
    pub answer: Result<T, CallError>,
    /// To commit together with the answer, in order; `None` deletes. Empty unless the answer is good.
    pub kv_writes: Vec<KvWrite>,
    pub logs: Vec<LogLine>,
    /// Lines over the budget.
    pub logs_dropped: u32,
    pub http: Vec<HttpRecord>,
    pub stats: Stats,
    /// Everything that went in and out, if the call asked for it.
    pub recording: Option<Box<Recording>>,
}

impl<T> Outcome<T> {
    /// The same with another answer.
    pub(crate) fn with<U>(self, answer: impl FnOnce(T) -> Result<U, Fault>) -> Outcome<U> {
        let answer = self.answer.and_then(|given| answer(given).map_err(CallError::Fault));
        Outcome {
            answer,
            kv_writes: self.kv_writes,
            logs: self.logs,
            logs_dropped: self.logs_dropped,
            http: self.http,
            stats: self.stats,
            recording: self.recording,
        }
    }
}

/// How serious a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

impl LogLevel {
    /// The name used in tables and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// A line the plugin wrote, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    pub at: DateTime<Utc>,
    pub level: LogLevel,
    pub message: String,
    pub fields: Vec<(String, String)>,
}

/// What a call used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    pub wall_us: u64,
    pub guest_us: u64,
    pub host_calls: u32,
    pub http_calls: u32,
    pub memory_peak_bytes: u64,
}

/// A failure's words go to a page and a log: short, visible, without secrets.
pub(crate) fn tidy(mut failure: Failure, http: &Http<'_>) -> Failure {
    let safe = |text: String, max| {
        platform_plugin_records::clean(&http.scrubber.text(text), max)
            .0
            .unwrap_or_default()
    };
    failure.code = safe(failure.code, 60);
    failure.message = safe(failure.message, 500);
    failure
}

pub(crate) fn finish<T>(
    answer: Result<T, CallError>,
    done: Option<wire::Done>,
    http: Http<'_>,
    now: DateTime<Utc>,
    started: Instant,
) -> Outcome<T> {
    let mut stats = Stats {
        http_calls: http.calls,
        ..Stats::default()
    };
    stats.wall_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let mut outcome = Outcome {
        answer,
        kv_writes: Vec::new(),
        logs: Vec::new(),
        logs_dropped: 0,
        http: http.records,
        stats,
        recording: None,
    };
    let Some(done) = done else { return outcome };
    outcome.stats.guest_us = done.guest_us;
    outcome.stats.host_calls = done.host_calls;
    outcome.stats.memory_peak_bytes = done.memory_peak_bytes;
    outcome.logs_dropped = done.logs_dropped;
    let scrub = |text| {
        platform_plugin_records::clean(&http.scrubber.text(text), 4_096)
            .0
            .unwrap_or_default()
    };
    let line = |entry: wire::LogEntry| LogLine {
        at: now + TimeDelta::microseconds(i64::try_from(entry.after_us).unwrap_or(i64::MAX)),
        level: match entry.level {
            0 => LogLevel::Debug,
            1 => LogLevel::Info,
            2 => LogLevel::Warn,
            _ => LogLevel::Error,
        },
        message: scrub(entry.message),
        fields: entry
            .fields
            .into_iter()
            .map(|(name, value)| (scrub(name), scrub(value)))
            .collect(),
    };
    outcome.logs = done.logs.into_iter().map(line).collect();
    if outcome.answer.is_ok() {
        let fits = |write: &wire::KvWrite| {
            write.key.len() <= MAX_KV_KEY_BYTES
                && write
                    .value
                    .as_ref()
                    .is_none_or(|value| value.len() <= MAX_KV_VALUE_BYTES)
        };
        let due = |write: wire::KvWrite| KvWrite {
            key: write.key,
            value: write.value,
            expires_at: write
                .expires_in_s
                .map(|seconds| now + TimeDelta::seconds(i64::from(seconds))),
            expected: write.expected,
        };
        outcome.kv_writes = done.kv_writes.into_iter().filter(fits).map(due).collect();
    }
    outcome
}

pub(crate) fn fault(kind: FaultKind, detail: &str) -> Fault {
    Fault {
        kind,
        detail: detail.to_owned(),
    }
}

pub(crate) fn malformed(what: &str) -> Fault {
    fault(FaultKind::Malformed, &format!("the plugin answered with {what}"))
}
