//! Write plugins for BARQ.
//!
//! ```text
//! use barq_plugin::{CallContext, FuelPage, FuelSource, Health, Lifecycle, Result, http};
//!
//! struct MyCards;
//! impl Lifecycle for MyCards {
//!     fn check(_: &CallContext) -> Result<Health> {
//!         http::get("https://api.example.com/me").bearer("api_key").send()?.success()?;
//!         Ok(Health::Ok)
//!     }
//! }
//! impl FuelSource for MyCards {
//!     fn pull(_: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage> { … }
//! }
//! barq_plugin::export!(MyCards: lifecycle, fuel_source);
//! ```
//!
//! A plugin returns data; the platform checks and stores it. A call may be repeated: return the same external ids and
//! nothing doubles. Figures are exact integers: [`decimal`] and [`money`] read them, [`time`] reads dates. Secrets are named,
//! never seen: [`http`] sends them, [`secrets`] signs with them.

pub mod bindings;
mod build;
pub mod decimal;
pub mod directory;
mod export;
mod failure;
mod handlers;
pub mod http;
mod iban;
mod inbound;
pub mod kv;
pub mod log;
pub mod money;
mod phone;
pub mod secrets;
pub mod settings;
pub mod time;
pub mod v2;

pub use bindings::barq::plugin::effects::{Effect, EmittedEvent, JobRequest, Notice, OtherEffect, Severity};
pub use bindings::barq::plugin::fuel::{FuelProduct, FuelTransaction};
pub use bindings::barq::plugin::orders::{
    NoticeResult, OrderItem, OrderKind, OrderStatus, OrderUpdate, Payment, PlatformOrder, StatusNotice, Stop,
};
pub use bindings::barq::plugin::payouts::{
    Account, Batch, File as BatchFile, Payout, PayoutState, PayoutStatus, Prepared, Purpose, WageParts,
};
pub use bindings::barq::plugin::sms::{
    DeliveryReport, Message as SmsMessage, MessageKind as SmsKind, MessageRef as SmsRef, MessageState as SmsState,
    SendResult as SmsResult,
};
pub use bindings::barq::plugin::types::{
    CallContext, Failure, FailureKind, GeoPoint, Inbound, ItemOutcome, Money, UnreadableRow, Words,
};
pub use bindings::events::exports::barq::plugin::events::Event;
pub use bindings::fuel_source::exports::barq::plugin::fuel_source::Page as FuelPage;
pub use bindings::lifecycle::exports::barq::plugin::lifecycle::Health;
pub use bindings::order_source::exports::barq::plugin::order_source::{News as OrderNews, Page as OrderPage};
pub use bindings::payout_gateway::exports::barq::plugin::payout_gateway::Report as PayoutReport;
pub use bindings::webhook::exports::barq::plugin::webhook::{Handled, Reply};
#[doc(hidden)]
pub use export::begin;
pub use handlers::{
    Events, FuelPlugin, FuelSource, Lifecycle, OrderSource, PayoutGateway, Schedule, SmsGateway, Webhook,
};
pub use iban::Iban;
pub use phone::Phone;
pub use {serde, serde_json};

/// What a plugin's functions answer.
pub type Result<T> = std::result::Result<T, Failure>;

/// The purchase with what every one has.
pub fn fuel_transaction(external_id: String, at: time::Moment, volume_ml: i64, amount: Money) -> FuelTransaction {
    FuelTransaction::new(external_id, at, volume_ml, amount)
}

/// The time now, in milliseconds since 1970.
pub fn now() -> i64 {
    bindings::barq::plugin::clock::now()
}

/// Milliseconds left before the platform ends this call.
pub fn remaining_ms() -> u32 {
    bindings::barq::plugin::clock::remaining_ms()
}

/// Bytes nobody can predict.
pub fn random_bytes(length: u32) -> Vec<u8> {
    bindings::barq::plugin::random::bytes(length)
}
