//! The database crate against real servers. Throw-away clusters; the tests of one process share one where they can.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
#![expect(
    clippy::print_stdout,
    reason = "the planted faults and what found them are a report to read"
)]

mod cluster;
mod faults;
mod prover;
mod roles;
mod shared;
