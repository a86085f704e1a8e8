//! Plugins of an organization, against a real database, the real worker, the real guest and a provider that can be bad.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
#![expect(clippy::print_stderr, reason = "says why nothing was tested")]
#![expect(clippy::print_stdout, reason = "says what was counted")]

mod crashes;
mod events;
mod faults;
mod guests;
mod hooks;
mod inside;
mod installs;
mod messages;
mod orders;
mod providers;
mod sink;
mod story;
mod versions;
mod world;
