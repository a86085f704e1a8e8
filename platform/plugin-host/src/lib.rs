//! Plugins in a sandboxed worker process: other people's code, run with what a tenant's administrator granted.
//!
//! * [`Catalogue`] reads the packed plugins; [`Manifest`] is what a plugin asks for, and checks settings.
//! * [`PluginHost`] makes calls. The guest runs in a process that [`worker_main`] is the whole of: no environment, no
//!   credentials, no network. It asks this side for every request, stored value and signature.
//! * [`Outcome`] is everything that came of a call. **Nothing is committed here**: the caller writes records, cursor,
//!   key-value writes and log in one transaction of its own, or drops them.
//! * [`guard`] is the way out to addresses that tenants choose.
//! * [`records`] (also the crate `platform-plugin-records`, which modules use without the sandbox) is what is handed over.
//!
//! A pull, page by page:
//! ```text
//! let host = PluginHost::new(HostOptions { worker: WorkerCommand::this_program(), allow, artefacts })?;
//! loop {
//!     let outcome = host.call_fuel_pull(Call { plugin, grants, secrets, settings, … }, cursor, since).await;
//!     match outcome.answer {
//!         Ok(page) => { /* one transaction: upsert page.transactions, save page.cursor, outcome.kv_writes */ }
//!         Err(error) => { /* nothing written; error.code(), error.detail(), error.retryable() */ break }
//!     }
//!     // outcome.logs, outcome.http and outcome.stats are recorded either way.
//!     if !page.more { break }
//! }
//! ```
//! A call that failed may be made again with the same cursor: the cursor only moves with a page that was committed.

mod accept;
mod artefacts;
pub mod bench;
mod boot;
mod calls;
mod catalogue;
mod compile;
mod converse;
mod directory;
pub mod guard;
mod host;
mod http;
mod input;
mod kv;
mod lane;
mod limits;
mod link;
mod loads;
mod manifest;
mod octets;
mod outcome;
mod priority;
#[doc(hidden)]
pub mod probing;
mod process;
mod questions;
mod recording;
mod secrets;
mod slots;
mod spawn;
mod tokens;
mod wire;
mod worker;

pub use platform_plugin_records as records;
pub use platform_plugin_records::{Failure, FailureKind, Fault, FaultKind, FuelTransaction};

pub use artefacts::ArtefactStore;
pub use catalogue::{Catalogue, Component, Plugin};
pub use directory::{
    Condition, Directory, DirectoryError, DirectoryPage, DirectoryQuery, DirectoryRow, NoDirectory, Operator, ReadGrant,
};
pub use host::{BoxFuture, Call, Grants, HostOptions, PluginHost};
pub use http::HttpRecord;
pub use input::Input;
pub use kv::{KvEntry, KvReader, KvRoom, KvWrite, MAX_KEPT_BYTES, MAX_KEYS, NoKv};
pub use limits::{Limits, MAX_MEMORY_BYTES};
pub use manifest::{
    Ask, AskKind, EventAsk, Export, HostAsk, Label, LimitsAsk, Manifest, ManifestError, ReadAsk, ReplyAsk,
    ResolvedHost, ScheduleAsk, SecretAsk, SecretEncoding, Setting, SettingKind, SettingProblem, SignatureAsk,
    WebhookAsk,
};
pub use outcome::{
    Answer, CallError, FuelPage, Handled, Health, LogLevel, LogLine, OrderNews, OrderPage, Outcome, PayoutReport,
    Reports, Results, SmsReports, Stats,
};
pub use platform_plugin_records::{RefusedRow, Rules};
pub use process::WorkerCommand;
pub use recording::{Recording, ReplayError, Replayed, Step};
pub use secrets::Secrets;
pub use worker::{worker_main, worker_main_then};
