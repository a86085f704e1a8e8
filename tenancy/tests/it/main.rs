//! Sign-in and members against a real server, through the operations as the router calls them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod keys;
mod members;
mod modules;
mod sessions;
mod shared;
mod sign_in;
mod statements;
mod switch;
mod throttle;
