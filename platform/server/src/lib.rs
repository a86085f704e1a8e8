//! The one binary, `barq`: puts modules together and serves them.
//!
//! Here are the router, the commands and the demonstration data; what is served comes from the modules.

pub mod app;
mod clocks;
#[cfg(feature = "fleet")]
mod demo;
mod doctor;
pub mod edges;
pub mod files;
mod http;
mod metrics;
mod modules;
mod openapi;
mod operator;
#[cfg(feature = "hr")]
mod payroll;
mod print;
mod rotate;
mod search;
mod serve;
mod system;

pub use clocks::wake_all;
#[cfg(feature = "fleet")]
pub use demo::seed_demo;
pub use doctor::{DoctorArgs, doctor};
pub use http::router;
pub use modules::modules;
pub use operator::{OperatorCommand, operate};
#[cfg(feature = "hr")]
pub use payroll::{PayrollCommand, payroll};
pub use print::{endpoints, openapi_document, permissions, states};
pub use rotate::{RotateArgs, rotate_keys};
pub use serve::{DatabaseArgs, ServeArgs, migrate, serve};
