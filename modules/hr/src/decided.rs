//! What was decided stays as it was decided.

use platform_resource::{Record, Violation};

/// A violation for each of the fields that changed although the row's proposal is no longer pending.
pub(crate) fn kept_once_decided(before: Option<&Record>, after: &Record, fields: &[&'static str]) -> Vec<Violation> {
    let Some(before) = before.filter(|before| !before.is("status", "pending")) else {
        return Vec::new();
    };
    let changed = fields.iter().filter(|field| before.get(field) != after.get(field));
    changed.map(|field| Violation::new(field, "already_decided")).collect()
}
