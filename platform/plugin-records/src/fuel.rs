//! Purchases of fuel.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Flag;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What was bought.
    FuelProduct {
        Gasoline91 = "gasoline91",
        Gasoline95 = "gasoline95",
        Gasoline98 = "gasoline98",
        Diesel = "diesel",
        Electric = "electric",
        /// Since the second contract.
        Lpg = "lpg",
        /// Anything else; the provider's own word is in `product_name`.
        Other = "other",
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
    /// What was taken off before the amount was charged. Since the second contract; older plugins say nothing of it.
    #[serde(default)]
    pub discount_minor: Option<i64>,
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
