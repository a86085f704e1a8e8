//! What server and worker say to each other: frames of a 4-byte little-endian length and a postcard body.
//!
//! The server trusts nothing it reads here: the worker runs other people's code, so every budget that guards something
//! outside the worker (requests, key-value reads, signatures) is counted again by the server.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use platform_plugin_records::{Failure, Fault, FuelTransaction};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// Largest frame: a component, or a full page of records with room to spare.
pub(crate) const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;

pub(crate) type ComponentKey = [u8; 32];

/// Interfaces a manifest declares; a component that imports another is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Declared {
    pub http: bool,
    pub secrets: bool,
    pub kv: bool,
    pub fuel_source: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    Load {
        key: ComponentKey,
        declared: Declared,
        bytes: Vec<u8>,
    },
    Call(Box<Start>),
    Told {
        call: u64,
        told: Told,
    },
    Cancel {
        call: u64,
    },
    /// Answered with a pong of the same bytes: one round trip and nothing else.
    Ping {
        call: u64,
        bytes: Vec<u8>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    Loaded { key: ComponentKey, refusal: Option<String> },
    Ask { call: u64, ask: Ask },
    Done { call: u64, done: Box<Done> },
    Pong { call: u64, bytes: Vec<u8> },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    pub call: u64,
    pub component: ComponentKey,
    pub entry: Entry,
    pub context: CallContext,
    pub settings: BTreeMap<String, String>,
    pub settings_json: String,
    /// Declared secrets and whether each has a value.
    pub secrets: BTreeMap<String, bool>,
    pub limits: Limits,
}

/// The guest's `call-context`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CallContext {
    pub call_id: String,
    pub idempotency_key: String,
    pub organization_id: String,
    pub installation_id: String,
    pub time_zone: String,
    pub locale: String,
    pub now_ms: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Entry {
    FuelPull { cursor: Option<String>, since_ms: i64 },
    Check,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    Http(HttpRequest),
    KvGet {
        key: String,
    },
    Sign {
        name: String,
        algorithm: Mac,
        data: Vec<u8>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    Http(Result<HttpResponse, HttpError>),
    Kv(Result<Option<Vec<u8>>, String>),
    Sign(Result<Vec<u8>, SignError>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mac {
    HmacSha1,
    HmacSha256,
    HmacSha512,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SignError {
    NotDeclared,
    NotSet,
    Budget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
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

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Body {
    Empty,
    Bytes(Vec<u8>),
    Form(Vec<(String, Sealed)>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HttpRequest {
    pub method: Method,
    pub url: String,
    pub query: Vec<(String, Sealed)>,
    pub headers: Vec<(String, Sealed)>,
    pub body: Body,
    pub timeout_ms: Option<u32>,
    pub idempotency_key: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
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
    /// `None` deletes.
    pub kv_writes: Vec<(String, Option<Vec<u8>>)>,
    pub logs: Vec<LogEntry>,
    pub logs_dropped: u32,
    pub guest_us: u64,
    pub host_calls: u32,
    pub memory_peak_bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    FuelPage(RawPage),
    Health { degraded: Option<String> },
    Failure(Failure),
    Fault(Fault),
}

/// A page as the guest returned it: shape checked, meaning not yet.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RawPage {
    pub transactions: Vec<FuelTransaction>,
    /// External id, field, reason.
    pub unreadable: Vec<(String, String, String)>,
    pub cursor: Option<String>,
    pub more: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    pub after_us: u64,
    pub level: u8,
    pub message: String,
    pub fields: Vec<(String, String)>,
}

pub(crate) fn encode<T: Serialize>(message: &T) -> anyhow::Result<Vec<u8>> {
    let mut frame = postcard::to_extend(message, vec![0; 4]).context("encoding a frame")?;
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
