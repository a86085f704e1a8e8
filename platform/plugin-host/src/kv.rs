//! An installation's key-value space as the dispatcher offers it, and what a call wants changed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::host::BoxFuture;

/// Keys an installation may keep.
pub const MAX_KEYS: u64 = 10_000;
/// Bytes an installation may keep, keys included.
pub const MAX_KEPT_BYTES: u64 = 10 * 1024 * 1024;

/// A stored value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KvEntry {
    #[serde(with = "crate::octets")]
    pub value: Vec<u8>,
    /// Another number after every change.
    pub version: u64,
}

/// What an installation may still add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KvRoom {
    pub keys: u64,
    pub bytes: u64,
}

impl KvRoom {
    /// What is left of an installation's space beside this much.
    pub fn beside(keys: u64, bytes: u64) -> Self {
        Self {
            keys: MAX_KEYS.saturating_sub(keys),
            bytes: MAX_KEPT_BYTES.saturating_sub(bytes),
        }
    }
}

/// A change to commit together with the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvWrite {
    pub key: String,
    /// `None` deletes.
    pub value: Option<Vec<u8>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// The version that must still be there when the change is committed; the inner `None` stands for no value at all. If it
    /// is not, nothing of the call may be committed and the call is made again.
    pub expected: Option<Option<u64>>,
}

/// Reads of the installation's key-value space. Values past their time are not there. Writes come back with the outcome.
pub trait KvReader: Send + Sync {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<KvEntry>, String>>;

    /// Keys that begin with `prefix`, after `after`, in byte order.
    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, String>>;

    /// What may still be added; asked before the first write of a call.
    fn room(&self) -> BoxFuture<'_, Result<KvRoom, String>>;
}

/// For plugins that keep nothing.
pub struct NoKv;

impl KvReader for NoKv {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<KvEntry>, String>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn list<'a>(&'a self, _: &'a str, _: Option<&'a str>, _: u32) -> BoxFuture<'a, Result<Vec<String>, String>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn room(&self) -> BoxFuture<'_, Result<KvRoom, String>> {
        Box::pin(std::future::ready(Ok(KvRoom::beside(0, 0))))
    }
}
