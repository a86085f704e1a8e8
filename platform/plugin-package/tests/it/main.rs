//! Packages as authors make them, and as somebody with bad intentions does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod honest;
mod hostile;
