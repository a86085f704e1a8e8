//! Values the plugin keeps between calls. Needs `keeps_state = true` in the manifest.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::barq::plugin::kv::{self, KvError};
use crate::{Failure, Result};

/// The value under a key, if there is one.
pub fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>> {
    let Some(bytes) = kv::get(key).map_err(|e| failure(&e))? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes);
    value
        .map(Some)
        .map_err(|e| Failure::permanent("stored_value", format!("The stored value {key:?}: {e}.")))
}

/// Stores a value; kept only when the call ends well.
pub fn set<T: Serialize>(key: &str, value: &T) -> Result<()> {
    let bytes = serde_json::to_vec(value);
    let bytes = bytes.map_err(|e| Failure::permanent("stored_value", format!("The value for {key:?}: {e}.")))?;
    kv::set(key, &bytes).map_err(|e| failure(&e))
}

/// Removes a value; kept only when the call ends well.
pub fn delete(key: &str) -> Result<()> {
    kv::delete(key).map_err(|e| failure(&e))
}

fn failure(error: &KvError) -> Failure {
    match error {
        KvError::TooLarge => Failure::permanent("stored_value", "A stored value is too large."),
        KvError::Budget => Failure::permanent("budget", "More stored values were used than one call may use."),
        KvError::Unavailable(_) => Failure::transient("storage", "Stored values cannot be read at the moment."),
    }
}
