//! What every test of the whole product stands on: a prepared database, the assembled product, and people who call it.
//!
//! A test is a tenant: tests share one migrated database and each makes organizations of its own.

mod client;
mod harness;
mod sample;

pub use client::{Answer, Person};
pub use harness::{Harness, database, unique};
pub use sample::{Sampler, sample};
