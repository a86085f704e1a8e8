//! The host against real guests: hostile ones, and the fuel card plugin against a provider.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod fuel;
mod hostile;
mod support;
