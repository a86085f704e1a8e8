//! Histories that nobody can rewrite unseen.
//!
//! Whatever the application writes into `platform.history` enters the organization's chain with the commit of the transaction
//! that wrote it (`platform.seal_history`, called by `Cx::commit`). [`verify`] goes through a chain and names what does not fit.
//! Somebody with all rights on the database can write a whole new chain; [`anchor`] therefore signs its end every day and keeps
//! the signature outside the database. What lies between the last anchor and now is as safe as the database.

mod anchor;
mod chain;
mod redaction;
mod search;

use platform_core::{Module, Schedule, When};

pub use anchor::{Anchor, AnchorKind, Anchors, anchor, mark_erased};
pub use chain::{Fault, Finding, Report, verify};
pub use redaction::{Redaction, changes_hash};

/// Hand-written statements of this crate, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[anchor::HEAD, chain::ENTRIES, chain::ROWS, search::PAGE];

const SCHEDULES: &[Schedule] = &[Schedule {
    name: "audit.anchor",
    when: When::Daily("02:30"),
    run: |cx| Box::pin(async move { anchor(cx).await.map(drop) }),
}];

/// What this crate brings to the server.
pub fn module() -> Module {
    Module {
        name: "audit",
        operations: search::operations(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        permissions: &["audit.read"],
        schedules: SCHEDULES,
        essential: true,
        ..Module::default()
    }
}
