//! What server and worker say to each other: frames of a 4-byte little-endian length and a postcard body.
//!
//! The server trusts nothing it reads here: the worker runs other people's code, so every budget that guards something
//! outside the worker (requests, key-value reads, signatures) is counted again by the server.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use platform_plugin_records::{
    Failure, Fault, FuelTransaction, NoticeResult, Order, OrderUpdate, PayoutStatus, PreparedBatch, RawEffect,
    RefusedRow, Reply, SmsReport, SmsResult,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::directory::{DirectoryError, DirectoryPage, DirectoryQuery, DirectoryRow};
use crate::input::Input;
use crate::kv::{KvEntry, KvRoom};
use crate::limits::Limits;
use crate::manifest::Exports;

/// Largest frame: a component for the compiler, or a full page of records with room to spare.
pub(crate) const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// The number of a load: a component's place in one worker.
pub(crate) type ComponentKey = u64;

/// Interfaces a manifest declares; a component that imports another is refused, and so is one that lacks an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Declared {
    pub http: bool,
    pub secrets: bool,
    pub kv: bool,
    pub directory: bool,
    pub exports: Exports,
    /// Major version of the contract it says it was compiled against; zero: whichever.
    pub major: u8,
}

impl Declared {
    /// For measurements: anything goes, and only what is there is used.
    pub const ANY: Self = Self {
        http: true,
        secrets: true,
        kv: true,
        directory: true,
        exports: Exports::NONE,
        major: 0,
    };
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    Call(Box<Start>),
    Told {
        call: u64,
        told: Told,
    },
    Cancel {
        call: u64,
    },
    /// The component is no longer called.
    Unload {
        slot: u64,
    },
    /// Answered with a pong of the same bytes: one round trip and nothing else.
    Ping {
        call: u64,
        bytes: Vec<u8>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// The first frame: what code has to be compiled for, to run here.
    Ready {
        fingerprint: [u8; 32],
    },
    Loaded {
        slot: u64,
        refusal: Option<String>,
    },
    Ask {
        call: u64,
        ask: Ask,
    },
    Done {
        call: u64,
        done: Box<Done>,
    },
    Pong {
        call: u64,
        bytes: Vec<u8>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    pub call: u64,
    pub component: ComponentKey,
    pub input: Input,
    pub given: Given,
    pub limits: Limits,
    /// Whether to note every host call.
    pub trace: bool,
    /// The host calls of an earlier time, which this one must repeat.
    pub script: Option<Vec<Traced>>,
}

/// What a call knows besides its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Given {
    pub context: CallContext,
    pub settings: BTreeMap<String, String>,
    pub settings_json: String,
    /// Declared secrets and whether each has a value.
    pub secrets: BTreeMap<String, bool>,
}

/// The guest's `call-context`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CallContext {
    pub call_id: String,
    pub idempotency_key: String,
    pub attempt: u32,
    pub organization_id: String,
    pub installation_id: String,
    pub time_zone: String,
    pub locale: String,
    pub currency: String,
    pub now_ms: i64,
}

/// A question only the server can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ask {
    Http(HttpRequest),
    HttpAll(Vec<HttpRequest>),
    KvGet {
        key: String,
    },
    KvList {
        prefix: String,
        after: Option<String>,
        limit: u32,
    },
    KvRoom,
    Secret(SecretAsk),
    Rows(DirectoryQuery),
    Row {
        source: String,
        id: String,
        fields: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Told {
    Http(Result<HttpResponse, HttpError>),
    HttpAll(Vec<Result<HttpResponse, HttpError>>),
    Kv(Result<Option<KvEntry>, String>),
    KvKeys(Result<Vec<String>, String>),
    KvRoom(Result<KvRoom, String>),
    Secret(Result<SecretTold, SecretError>),
    Rows(Result<DirectoryPage, DirectoryError>),
    Row(Result<Option<DirectoryRow>, DirectoryError>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SecretAsk {
    Sign {
        name: String,
        algorithm: Mac,
        #[serde(with = "crate::octets")]
        data: Vec<u8>,
    },
    Verify {
        name: String,
        algorithm: Mac,
        #[serde(with = "crate::octets")]
        data: Vec<u8>,
        tag: Vec<u8>,
    },
    Digest {
        algorithm: Hash,
        parts: Vec<Part>,
    },
    Matches {
        algorithm: Hash,
        parts: Vec<Part>,
        tag: Vec<u8>,
    },
    Forget {
        name: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SecretTold {
    Bytes(Vec<u8>),
    Verdict(bool),
    Done,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Part {
    Plain(#[serde(with = "crate::octets")] Vec<u8>),
    Secret(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mac {
    HmacSha1,
    HmacSha256,
    HmacSha512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Hash {
    Sha256,
    Sha512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SecretError {
    NotDeclared,
    NotSet,
    Budget,
    Unusable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sealed {
    Plain(String),
    WithSecret {
        prefix: String,
        secret: String,
        suffix: String,
    },
    Basic {
        user: String,
        password: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    Empty,
    Bytes(#[serde(with = "crate::octets")] Vec<u8>),
    Form(Vec<(String, Sealed)>),
    JsonTemplate(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Capture {
    pub secret: String,
    pub pointer: String,
    pub expires_in_s: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HttpRequest {
    pub method: Method,
    pub url: String,
    pub query: Vec<(String, Sealed)>,
    pub headers: Vec<(String, Sealed)>,
    pub body: Body,
    pub timeout_ms: Option<u32>,
    pub idempotency_key: Option<String>,
    pub captures: Vec<Capture>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    #[serde(with = "crate::octets")]
    pub body: Vec<u8>,
    /// Secrets that have a value since.
    pub captured: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HttpError {
    Denied(String),
    BlockedAddress,
    Dns,
    Connect,
    Tls,
    Timeout,
    TooLarge,
    Budget,
    Protocol(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    pub answer: Answer,
    pub kv_writes: Vec<KvWrite>,
    pub logs: Vec<LogEntry>,
    pub logs_dropped: u32,
    pub guest_us: u64,
    pub host_calls: u32,
    pub memory_peak_bytes: u64,
    pub trace: Vec<Traced>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KvWrite {
    pub key: String,
    /// `None` deletes.
    #[serde(with = "crate::octets")]
    pub value: Option<Vec<u8>>,
    pub expires_in_s: Option<u32>,
    /// The version that must still be there; the inner `None` stands for none at all.
    #[expect(
        clippy::option_option,
        reason = "no value expected is something else than nothing expected"
    )]
    pub expected: Option<Option<u64>>,
}

/// A host call as the worker saw it, with the answer where the worker gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Traced {
    pub after_us: u64,
    pub what: Local,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Local {
    Setting {
        name: String,
    },
    Settings,
    Now(i64),
    Remaining(u32),
    Random(Vec<u8>),
    Log {
        digest: u64,
    },
    IsSet {
        name: String,
    },
    KvOwn {
        key: String,
    },
    KvSet {
        key: String,
        digest: u64,
    },
    KvDelete {
        key: String,
    },
    /// The server has the rest.
    Asked,
}

/// What the guest returned: shape checked, meaning not yet.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Health {
        degraded: Option<String>,
    },
    Migrated,
    FuelPage(RawPage<FuelTransaction>),
    Orders(RawPage<Order>, Vec<OrderUpdate>),
    NoticeResults(Vec<NoticeResult>),
    SmsResults(Vec<SmsResult>),
    SmsReports(RawPage<SmsReport>),
    Prepared(Box<PreparedBatch>),
    PayoutReport(RawPage<PayoutStatus>),
    Effects {
        reply: Option<Reply>,
        effects: Vec<RawEffect>,
    },
    Failure(Failure),
    Fault(Fault),
    /// A replay went another way: step, what was recorded, what the guest does now.
    Diverged {
        step: u32,
        recorded: String,
        now: String,
    },
}

impl Answer {
    /// Records of all kinds.
    pub fn records(&self) -> usize {
        match self {
            Self::FuelPage(page) => page.len(),
            Self::Orders(page, updates) => page.len() + updates.len(),
            Self::NoticeResults(results) => results.len(),
            Self::SmsResults(results) => results.len(),
            Self::SmsReports(page) => page.len(),
            Self::Prepared(prepared) => prepared.statuses.len(),
            Self::PayoutReport(page) => page.len(),
            Self::Effects { effects, .. } => effects.len(),
            Self::Health { .. } | Self::Migrated | Self::Failure(_) | Self::Fault(_) | Self::Diverged { .. } => 0,
        }
    }
}

/// Records of one kind with what follows them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RawPage<T> {
    pub records: Vec<T>,
    pub unreadable: Vec<RefusedRow>,
    pub cursor: Option<String>,
    pub more: bool,
}

impl<T> RawPage<T> {
    fn len(&self) -> usize {
        self.records.len() + self.unreadable.len()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    pub after_us: u64,
    pub level: u8,
    pub message: String,
    pub fields: Vec<(String, String)>,
}

pub(crate) fn encode<T: Serialize>(message: &T) -> anyhow::Result<Vec<u8>> {
    // Room for most messages: growing step by step costs more than writing them.
    let mut frame = Vec::with_capacity(2 * 1024);
    frame.resize(4, 0);
    let mut frame = postcard::to_extend(message, frame).context("encoding a frame")?;
    let length = frame.len() - 4;
    ensure!(
        length <= MAX_FRAME_BYTES,
        "a frame of {length} bytes is over the limit of {MAX_FRAME_BYTES}"
    );
    let length = u32::try_from(length).context("the limit is below 4 GiB")?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> anyhow::Result<T> {
    postcard::from_bytes(body).context("decoding a frame")
}

/// The next frame's body, or `None` at the end of the stream.
pub(crate) async fn read_frame<R>(reader: &mut R) -> anyhow::Result<Option<Vec<u8>>>
where
    R: tokio::io::AsyncRead + Unpin,
{
    use tokio::io::AsyncReadExt;
    let mut length = [0; 4];
    match reader.read_exact(&mut length).await {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e).context("reading a frame's length"),
    }
    let length = usize::try_from(u32::from_le_bytes(length)).context("usize holds 32 bits")?;
    ensure!(
        length <= MAX_FRAME_BYTES,
        "a frame of {length} bytes is over the limit of {MAX_FRAME_BYTES}"
    );
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.context("reading a frame")?;
    Ok(Some(body))
}
