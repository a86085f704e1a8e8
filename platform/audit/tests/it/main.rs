//! The audit chain on a real server: what a superuser breaks and the verifier finds, what is sealed and can be erased, search.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
#![expect(clippy::print_stdout, reason = "figures are a report to read")]

mod faults;
mod redacted;
mod sealed;
mod search;
mod shared;
mod throughput;
