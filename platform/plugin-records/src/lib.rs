//! What a plugin hands over: the records, how a call can fail, and the checks every record passes before anyone may
//! store it. Modules depend on this crate, not on the host: it compiles without the sandbox.
//!
//! Figures are exact integers in the unit their name says; nothing here is a float.

mod text;
mod validate;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use text::{clean, mask_card};
pub use validate::{Checked, MAX_ATTRIBUTES, MAX_ID_LENGTH, MAX_REF_LENGTH, Refused, Rules, check_fuel_transactions};

/// What was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FuelProduct {
    Gasoline91,
    Gasoline95,
    Gasoline98,
    Diesel,
    Electric,
    /// Anything else; the provider's own word is in `product_name`.
    Other,
}

impl FuelProduct {
    /// The name used in tables and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gasoline91 => "gasoline91",
            Self::Gasoline95 => "gasoline95",
            Self::Gasoline98 => "gasoline98",
            Self::Diesel => "diesel",
            Self::Electric => "electric",
            Self::Other => "other",
        }
    }
}

/// Something a person should know about an accepted record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Amount and volume × unit price are more than 2 % apart.
    TotalDiffers,
    /// A payment card number came where a card reference belongs; only first six and last four digits were kept.
    CardMasked,
    /// Invisible or direction-changing characters were removed, or a long text was cut.
    TextCleaned,
    /// The provider gave a day without a time.
    TimeUnknown,
    /// No card, plate, VIN or internal number: nothing to find the vehicle by.
    NoReference,
}

impl Flag {
    /// The name used in tables and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TotalDiffers => "total_differs",
            Self::CardMasked => "card_masked",
            Self::TextCleaned => "text_cleaned",
            Self::TimeUnknown => "time_unknown",
            Self::NoReference => "no_reference",
        }
    }
}

/// One purchase of fuel as the provider reports it. References are the provider's raw words; whoever stores the record
/// finds the vehicle from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuelTransaction {
    /// The provider's id, or a hash the plugin made of the content. The key of an idempotent upsert.
    pub external_id: String,
    pub occurred_at: DateTime<Utc>,
    /// False when the provider gave only a day: `occurred_at` is then noon in the organization's zone.
    pub time_known: bool,
    pub product: FuelProduct,
    pub product_name: Option<String>,
    /// Millilitres, or watt-hours for `Electric`. Negative for a reversal.
    pub volume_ml: i64,
    /// Ten-thousandths of the major unit for one litre or kWh.
    pub unit_price_e4: Option<i64>,
    /// Minor units (halalas), VAT included. Negative for a reversal.
    pub amount_minor: i64,
    /// ISO 4217, upper case.
    pub currency: String,
    pub vat_minor: Option<i64>,
    pub card_ref: Option<String>,
    pub plate_ref: Option<String>,
    /// The plate in Arabic letters, where the provider gives both.
    pub plate_ref_ar: Option<String>,
    pub vin_ref: Option<String>,
    pub internal_ref: Option<String>,
    pub driver_ref: Option<String>,
    pub station_name: Option<String>,
    pub station_city: Option<String>,
    /// Degrees × 10⁷; both or neither.
    pub station_lat_e7: Option<i32>,
    pub station_lon_e7: Option<i32>,
    pub odometer_m: Option<i64>,
    pub receipt_no: Option<String>,
    /// What the typed fields do not cover.
    pub attributes: BTreeMap<String, String>,
    /// Set by the checks, never by the plugin.
    #[serde(default)]
    pub flags: Vec<Flag>,
}

/// What a plugin says about a call it could not finish. The platform owns the retry policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Worth trying again later: network, 5xx, maintenance.
    Transient,
    /// The provider asked to slow down; see `retry_after_ms`.
    RateLimited,
    /// Credentials refused: a person must act, no retry.
    Auth,
    /// Wrong and will stay wrong.
    Permanent,
    /// Settings are missing or contradict each other: a person must act, no retry.
    Config,
    /// This plugin does not do that.
    Unsupported,
}

impl FailureKind {
    /// The name used in tables and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::RateLimited => "rate_limited",
            Self::Auth => "auth",
            Self::Permanent => "permanent",
            Self::Config => "config",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether the same call may be tried again without a person changing something.
    pub fn retryable(self) -> bool {
        match self {
            Self::Transient | Self::RateLimited => true,
            Self::Auth | Self::Permanent | Self::Config | Self::Unsupported => false,
        }
    }
}

/// A failure the plugin reported itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// Stable and machine readable, e.g. `page_limit`.
    pub code: String,
    /// One sentence for an administrator.
    pub message: String,
    pub retry_after_ms: Option<u32>,
}

/// Why the host ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The plugin crashed.
    Trap,
    /// Wall time or processor time ran out.
    Timeout,
    /// It asked for more memory than it may have.
    Memory,
    /// Too many host calls, or too much data across the boundary.
    Budget,
    /// The worker process ended during the call. Nothing was committed.
    WorkerLost,
    /// The answer breaks the contract.
    Malformed,
    /// The component needs something its manifest does not declare, or cannot be loaded.
    Denied,
}

impl FaultKind {
    /// The name used in tables and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Budget => "budget",
            Self::WorkerLost => "worker_lost",
            Self::Malformed => "malformed",
            Self::Denied => "denied",
        }
    }

    /// Whether trying once more can help.
    pub fn retryable(self) -> bool {
        match self {
            Self::Trap | Self::Timeout | Self::Memory | Self::Budget | Self::WorkerLost => true,
            Self::Malformed | Self::Denied => false,
        }
    }
}

/// A call the host ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    /// Which limit or rule, with its value. Safe to show to the organization's administrator.
    pub detail: String,
}
