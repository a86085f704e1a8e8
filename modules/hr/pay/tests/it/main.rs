//! The core against tables that a lawyer can read, and what must hold for every input.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod category;
mod law;
mod properties;
mod settlement;
mod sheet;
mod support;
mod throughput;
mod time;
mod wage_file;
mod wage_reader;
mod words;
