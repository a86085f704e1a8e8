//! The tools as an author uses them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod languages;
mod support;
mod tasks;
mod templates;
