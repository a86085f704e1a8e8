//! What came of a call, after the host looked at it: types, checks, and the removal of secrets.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use platform_plugin_records::{Failure, Fault, FaultKind, FuelTransaction, Rules, check_fuel_transactions};
use serde::Serialize;

use crate::http::{Http, HttpRecord};
use crate::wire;

const MAX_CURSOR_BYTES: usize = 4 * 1024;
const MAX_KV_KEY_BYTES: usize = 256;
const MAX_KV_VALUE_BYTES: usize = 64 * 1024;

/// A page of fuel transactions, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A record of the provider that is not among the transactions, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    pub external_id: String,
    pub field: String,
    pub reason: String,
}

/// What a connection test found.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub kv_writes: Vec<(String, Option<Vec<u8>>)>,
    pub logs: Vec<LogLine>,
    /// Lines over the budget.
    pub logs_dropped: u32,
    pub http: Vec<HttpRecord>,
    pub stats: Stats,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    pub wall_us: u64,
    pub guest_us: u64,
    pub host_calls: u32,
    pub http_calls: u32,
    pub memory_peak_bytes: u64,
}

pub(crate) fn fuel_page(page: wire::RawPage, max_records: usize, rules: &Rules) -> Result<FuelPage, Fault> {
    let given = page.transactions.len() + page.unreadable.len();
    if given > max_records {
        return Err(fault(
            FaultKind::Budget,
            &format!("a page of {given} records; the limit is {max_records}"),
        ));
    }
    if page
        .cursor
        .as_ref()
        .is_some_and(|cursor| cursor.len() > MAX_CURSOR_BYTES)
    {
        return Err(malformed("a cursor over 4 KiB"));
    }
    if page.more && page.cursor.is_none() {
        return Err(malformed("more pages but no cursor to continue from"));
    }
    let checked = check_fuel_transactions(page.transactions, rules);
    let safe = |text: String| platform_plugin_records::clean(&text, 200).0.unwrap_or_default();
    let unreadable = page.unreadable.into_iter().map(|(id, field, reason)| RefusedRow {
        external_id: safe(id),
        field: safe(field),
        reason: safe(reason),
    });
    let refused = checked.refused.into_iter().map(|refused| RefusedRow {
        external_id: refused.external_id,
        field: refused.field.to_owned(),
        reason: refused.code.to_owned(),
    });
    Ok(FuelPage {
        transactions: checked.transactions,
        refused: unreadable.chain(refused).collect(),
        repeated: checked.repeated,
        cursor: page.cursor,
        more: page.more,
    })
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
        let fits = |(key, value): &(String, Option<Vec<u8>>)| {
            key.len() <= MAX_KV_KEY_BYTES && value.as_ref().is_none_or(|value| value.len() <= MAX_KV_VALUE_BYTES)
        };
        outcome.kv_writes = done.kv_writes.into_iter().filter(fits).collect();
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
