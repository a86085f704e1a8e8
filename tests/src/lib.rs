//! What every test of the whole product stands on: a prepared database, the assembled product, and people who call it.
//!
//! A test is a tenant: tests share one migrated database and each makes organizations of its own.

#[path = "../../tenancy/tests/it/authenticator.rs"]
pub mod authenticator;
mod client;
mod dice;
mod harness;
mod overheard;
mod people;
mod program;
mod redis;
mod sample;
mod stock;

pub use client::{Answer, PASSWORD, Person};
pub use dice::Dice;
pub use harness::{Harness, database, own_database, unique};
pub use overheard::Overheard;
pub use program::{Caller, Server, barq, program, run};
pub use redis::Redis;
pub use sample::{Sampler, sample};
pub use stock::{Stock, beside, example};
