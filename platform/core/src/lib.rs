//! What every request and job stands on: the context with its one transaction, problems, ids, clock, operations.
//!
//! [`Cx::begin`] is the only way to a tenant's rows. Neighbours: `platform-resource` declares, `platform-engine` serves what is
//! declared, `tenancy` implements [`Authority`].

mod catalogue;
mod clock;
mod cx;
mod dispatch;
mod gate;
mod histories;
pub mod ids;
mod input;
mod json;
mod key;
mod key_file;
mod limited;
mod operation;
mod permissions;
mod platform;
mod problem;
mod registry;
mod reply;
mod scope;
mod seal;
mod vault;

pub use catalogue::{Catalogue, Locale};
pub use clock::Clock;
pub use cx::{Actor, Author, Authority, Cx, Identity, Member, Mode, Support};
pub use dispatch::{BODY_LIMIT_BYTES, dispatch};
pub use gate::{Gate, GateOptions};
pub use input::Request;
pub use key::{Holder, KeyUse, ShownKey};
pub use key_file::{KEY_BYTES, key_file};
pub use operation::{Doc, Handler, Method, Operation, Permit, Visit, schema_of};
pub use permissions::{Permissions, Places};
pub use platform::{
    Effect, EffectFn, Event, Module, Platform, Schedule, ScheduleFn, Sink, SinkFn, SinkReport, Source, When,
};
pub use problem::{FieldError, Problem};
pub use registry::Registry;
pub use reply::{Body, Reply};
pub use scope::Asker;
pub use seal::Sealer;
pub use vault::Owner;

/// Hand-written statements of this crate, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    dispatch::STATEMENTS[0],
    dispatch::STATEMENTS[1],
    dispatch::STATEMENTS[2],
    vault::STATEMENTS[0],
    vault::STATEMENTS[1],
    vault::STATEMENTS[2],
    vault::STATEMENTS[3],
    vault::STATEMENTS[4],
];

/// The type of a boxed future that borrows its context.
pub type Boxed<'a, T> = futures_util::future::BoxFuture<'a, T>;
