//! The database crate against real servers. Throw-away clusters; the tests of one process share one where they can.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod cluster;
mod roles;
mod shared;
