//! Each plugin through the real host, against a server that behaves as its provider does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anb;
mod host;
mod hungerstation;
mod jahez;
mod keeta;
mod petroapp;
mod taqnyat;
mod twilio;
mod unifonic;
