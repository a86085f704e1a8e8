//! The second contract, where it differs from the first: fuel transactions with a discount, and one more product. A plugin
//! that exports `fuel_source_v2` says `api = "2.0"` in its manifest.

use crate::time::Moment;
use crate::{CallContext, Money, Result};

pub use crate::bindings::fuel_source_v2::barq::plugin2_0_0::fuel::{FuelProduct, FuelTransaction};
pub use crate::bindings::fuel_source_v2::exports::barq::plugin2_0_0::fuel_source::Page as FuelPage;

/// Brings fuel transactions.
pub trait FuelSource {
    /// The next page after `cursor`, with transactions not before `since` (milliseconds since 1970).
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage>;
}

impl FuelTransaction {
    /// A purchase of `volume_ml` millilitres for `amount`, value added tax included and discount taken off.
    pub fn new(external_id: impl Into<String>, at: Moment, volume_ml: i64, amount: Money) -> Self {
        Self {
            external_id: external_id.into(),
            occurred_at: at.instant_ms,
            time_known: at.time_known,
            product: FuelProduct::Other,
            product_name: None,
            volume_ml,
            unit_price_e4: None,
            amount,
            vat_minor: None,
            discount_minor: None,
            card_ref: None,
            plate_ref: None,
            plate_ref_ar: None,
            vin_ref: None,
            internal_ref: None,
            driver_ref: None,
            station_name: None,
            station_city: None,
            station_location: None,
            odometer_m: None,
            receipt_no: None,
            attributes: Vec::new(),
        }
    }
}
