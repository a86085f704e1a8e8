//! Each plugin through the real host, against a server that behaves as its provider does.

mod anb;
mod host;
mod hungerstation;
mod jahez;
mod keeta;
mod petroapp;
mod taqnyat;
mod twilio;
mod unifonic;
