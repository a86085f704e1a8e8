//! What a plugin hands over and is handed: the records, how a call can fail, and the checks every record passes before
//! anyone may store it. Modules depend on this crate, not on the host: it compiles without the sandbox.
//!
//! Figures are exact integers in the unit their name says; nothing here is a float.

mod check;
mod effect;
mod failure;
mod fuel;
mod inbound;
mod order;
mod payout;
mod sms;
mod text;
mod validate;
mod vocabulary;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use check::{MAX_ATTRIBUTES, MAX_ID_LENGTH, MAX_REF_LENGTH, RefusedRow, Rules};
pub use effect::{
    EffectKind, Effects, EmittedEvent, JobRequest, Notice, Permitted, RawEffect, Severity, Words, check_effects,
};
pub use failure::{Failure, FailureKind, Fault, FaultKind};
pub use fuel::{FuelProduct, FuelTransaction};
pub use inbound::{Inbound, PluginEvent, Reply, check_reply};
pub use order::{
    ItemOutcome, NoticeResult, Order, OrderItem, OrderKind, OrderStatus, OrderUpdate, Payment, StatusNotice, Stop,
    check_notice_results, check_order_updates, check_orders,
};
pub use payout::{
    BankAccount, Payout, PayoutBatch, PayoutFile, PayoutState, PayoutStatus, PreparedBatch, Purpose, WageParts,
    check_payout_statuses, check_prepared,
};
pub use sms::{SmsKind, SmsMessage, SmsRef, SmsReport, SmsResult, SmsState, check_sms_reports, check_sms_results};
pub use text::{clean, mask_card};
pub use validate::{Checked, Refused, check_fuel_transactions};

/// An amount in the currency's minor unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Negative for a reversal.
    pub minor: i64,
    /// ISO 4217, upper case.
    pub currency: String,
}

/// A place on earth, in degrees × 10⁷.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    pub lat_e7: i32,
    pub lon_e7: i32,
}

/// What typed fields do not cover.
pub type Attributes = BTreeMap<String, String>;

vocabulary::vocabulary! {
    /// Something a person should know about an accepted record.
    #[derive(PartialOrd, Ord)]
    Flag {
        /// Amount and volume × unit price are more than 2 % apart.
        TotalDiffers = "total_differs",
        /// A payment card number came where none belongs; only first six and last four digits were kept.
        CardMasked = "card_masked",
        /// Invisible or direction-changing characters were removed, or a long text was cut.
        TextCleaned = "text_cleaned",
        /// The provider gave a day without a time.
        TimeUnknown = "time_unknown",
        /// No card, plate, VIN or internal number: nothing to find the vehicle by.
        NoReference = "no_reference",
    }
}
