//! The reason of a state.

use platform_resource::{Decision, Given};
use serde_json::Map;

/// The reason that is given now, or none: an earlier one does not outlive the state that it explained.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
pub(crate) fn why(given: &Given<'_>) -> Decision {
    let reason = given.input.get("status_reason").clone();
    Ok(Map::from_iter([("status_reason".to_owned(), reason)]))
}
