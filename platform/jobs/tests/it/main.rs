//! The queue, the outbox and the clock against a real server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod outbox;
mod runner;
mod schedules;
mod sweep;
mod world;
