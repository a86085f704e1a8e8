//! Archives on a real server: out, gone, in again somewhere else, equal row for row.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
#![expect(clippy::print_stdout, reason = "figures are a report to read")]

mod round_trip;
mod shared;
