//! What every request and job stands on: the context with its one transaction, problems, ids, clock, operations.
//!
//! [`Cx::begin`] is the only way to a tenant's rows. Neighbours: `platform-resource` declares, `platform-engine` serves what is
//! declared, `tenancy` implements [`Authority`].

mod catalogue;
mod clock;
mod cx;
mod dispatch;
mod gate;
pub mod ids;
mod input;
mod key_file;
mod operation;
mod platform;
mod problem;
mod registry;
mod reply;
mod seal;

pub use catalogue::{Catalogue, Locale};
pub use clock::Clock;
pub use cx::{Actor, Authority, Cx, Identity, Member, Mode};
pub use dispatch::{BODY_LIMIT_BYTES, STATEMENTS, dispatch};
pub use gate::{Gate, GateOptions};
pub use input::Request;
pub use key_file::{KEY_BYTES, key_file};
pub use operation::{Doc, Handler, Method, Operation, Permit, Visit, schema_of};
pub use platform::{
    Effect, EffectFn, Event, Module, Platform, Schedule, ScheduleFn, Sink, SinkFn, SinkReport, Source, When,
};
pub use problem::{FieldError, Problem};
pub use registry::Registry;
pub use reply::{Body, Reply};
pub use seal::Sealer;

/// The type of a boxed future that borrows its context.
pub type Boxed<'a, T> = futures_util::future::BoxFuture<'a, T>;
