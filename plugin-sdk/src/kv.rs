//! Values the plugin keeps between calls. Needs `keeps_state = true` in the manifest.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::barq::plugin::kv::{self, KvError};
use crate::{Failure, Result};

/// A value and the version by which [`compare_and_set`] knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    pub value: T,
    pub version: u64,
}

/// The value under a key, if there is one.
pub fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>> {
    Ok(get_versioned(key)?.map(|entry| entry.value))
}

/// The value under a key with its version.
pub fn get_versioned<T: DeserializeOwned>(key: &str) -> Result<Option<Versioned<T>>> {
    let Some(entry) = kv::get(key).map_err(|e| failure(&e))? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&entry.value);
    let value = value.map_err(|e| Failure::permanent("stored_value", format!("The stored value {key:?}: {e}.")))?;
    Ok(Some(Versioned {
        value,
        version: entry.version,
    }))
}

/// Stores a value; kept only when the call ends well.
pub fn set<T: Serialize>(key: &str, value: &T) -> Result<()> {
    kv::set(key, &bytes(key, value)?, None).map_err(|e| failure(&e))
}

/// Stores a value for so many seconds; kept only when the call ends well.
pub fn set_for<T: Serialize>(key: &str, value: &T, expires_in_s: u32) -> Result<()> {
    kv::set(key, &bytes(key, value)?, Some(expires_in_s)).map_err(|e| failure(&e))
}

/// Stores a value if the present one still has this version (`None`: if there is none). False when it has not.
pub fn compare_and_set<T: Serialize>(key: &str, expected: Option<u64>, value: &T) -> Result<bool> {
    match kv::compare_and_set(key, expected, &bytes(key, value)?) {
        Ok(()) => Ok(true),
        Err(KvError::Conflict) => Ok(false),
        Err(error) => Err(failure(&error)),
    }
}

/// Removes a value; kept only when the call ends well.
pub fn delete(key: &str) -> Result<()> {
    kv::delete(key).map_err(|e| failure(&e))
}

/// Keys that begin with `prefix`, in byte order, after `after`; at most `limit` and 1,000.
pub fn list_keys(prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>> {
    kv::list_keys(prefix, after, limit).map_err(|e| failure(&e))
}

fn bytes<T: Serialize>(key: &str, value: &T) -> Result<Vec<u8>> {
    let bytes = serde_json::to_vec(value);
    bytes.map_err(|e| Failure::permanent("stored_value", format!("The value for {key:?}: {e}.")))
}

fn failure(error: &KvError) -> Failure {
    match error {
        KvError::TooLarge => Failure::permanent("stored_value", "A stored value is too large."),
        KvError::Budget => Failure::permanent("budget", "More stored values were used than one call may use."),
        KvError::Quota => Failure::permanent("quota", "The plugin keeps more than an installation may keep."),
        KvError::Conflict => Failure::transient("conflict", "Another call changed a stored value at the same time."),
        KvError::Unavailable(_) | KvError::Other(_) => {
            Failure::transient("storage", "Stored values cannot be read at the moment.")
        }
    }
}
