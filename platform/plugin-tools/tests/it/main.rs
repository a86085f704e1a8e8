//! The tools as an author uses them.

mod languages;
mod support;
mod tasks;
mod templates;
