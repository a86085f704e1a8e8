//! Settings of the installation, as the administrator saved them, defaults filled in.

use serde::de::DeserializeOwned;

use crate::bindings::barq::plugin::settings;
use crate::{Failure, Result};

/// One setting as text; `None` when it is not set or empty.
pub fn get(name: &str) -> Option<String> {
    settings::get(name).filter(|text| !text.trim().is_empty())
}

/// All of them as a struct.
pub fn all<T: DeserializeOwned>() -> Result<T> {
    serde_json::from_str(&settings::all_json()).map_err(|e| Failure::config("settings", format!("The settings: {e}.")))
}
