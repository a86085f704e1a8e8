//! Everything of an organization in one file.
//!
//! [`export`] writes each table of tenants as lines of JSON, the uploaded files, and a manifest with checksums, through the
//! organization's own row security. [`import`] reads that into an installation that does not have the organization; rows come out
//! equal. [`erase`] destroys the organization's key, its rows, its files and the people who belong to no other organization; what
//! stays is the audit chain, without what it was made of.
//!
//! Which tables there are, and in which order, is read from the database's catalogue: a table is covered the day it is made.

mod erase;
mod export;
mod forget;
mod import;
mod manifest;
mod operations;
mod people;
mod person;
mod sql;
mod tables;
mod zipped;

use platform_core::{Module, Problem, Schedule, When};

pub use erase::{Erasure, erase};
pub use export::export;
pub use forget::{PersonErasure, erase_person};
pub use import::{Imported, import};
pub use manifest::{FileEntry, Manifest, TableEntry};
pub use operations::{KIND, register_jobs};
pub use person::{PersonExport, export_person};
pub use tables::{LEFT_OUT, Table, tables};

/// Who is told of every table that is done, and of how many rows it had; and of the files last.
pub type Watch<'a> = &'a (dyn Fn(&str, u64) + Send + Sync);

/// Nobody waits for it.
pub fn unwatched(_: &str, _: u64) {}

const FILES: &str = "files";

/// Hand-written statements over tenant tables, for the test that prepares each of them as the application.
pub const STATEMENTS: &[&str] = &[
    erase::CLOSE,
    erase::RAISE,
    erase::DESTROY_KEY,
    erase::MEMBERS,
    export::NAME,
    export::FILES,
    import::THERE,
    operations::HISTORY,
    operations::LIST,
    operations::ONE,
    person::HISTORIES,
    person::FILES,
    forget::RENAME,
    forget::EVENTS,
    forget::TELLING_EVENTS,
    forget::TELLING_HISTORIES,
    forget::WRITTEN,
    forget::OTHER_MEMBERS,
    forget::ERASED,
    forget::WRITABLE,
    tables::TABLES,
];

/// Hand-written statements over schema `identity`, for the test that prepares each of them as `barq_auth`.
pub const IDENTITY_STATEMENTS: &[&str] = &[
    people::KNOWN,
    people::ADD_USERS,
    people::ADD_ORGANIZATION,
    people::OFFER,
    people::ALONE,
    people::TABLES,
    people::FORGET_ORGANIZATION,
    people::FORGET_USERS,
];

/// Why an archive was not written, read or made undone.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database or the application said no.
    #[error("{0}")]
    Problem(Problem),
    /// The database said no.
    #[error("{0}")]
    Database(#[from] sqlx::Error),
    /// A file could not be written or read.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// The file is no archive.
    #[error("{0}")]
    Zip(#[from] zip::result::ZipError),
    /// What is written is not what is read.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The archive does not fit.
    #[error("{0}")]
    Refused(String),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => problem,
            Error::Database(error) => error.into(),
            other => Self::internal(&other),
        }
    }
}

const SCHEDULES: &[Schedule] = &[Schedule {
    name: "archive.old_exports",
    when: When::Daily("03:40"),
    run: |cx| Box::pin(operations::sweep(cx)),
}];

/// What this crate brings to the server.
pub fn module() -> Module {
    Module {
        name: "archive",
        operations: operations::operations(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        permissions: &["organization.export"],
        schedules: SCHEDULES,
        essential: true,
        ..Module::default()
    }
}
