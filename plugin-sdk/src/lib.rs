//! Write plugins for BARQ.
//!
//! ```text
//! use barq_plugin::{CallContext, FuelPage, FuelPlugin, Health, Result, http};
//!
//! struct MyCards;
//! impl FuelPlugin for MyCards {
//!     fn check(_: &CallContext) -> Result<Health> {
//!         http::get("https://api.example.com/me").bearer("api_key").send()?.success()?;
//!         Ok(Health::Ok)
//!     }
//!     fn pull(_: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage> { … }
//! }
//! barq_plugin::fuel_plugin!(MyCards);
//! ```
//!
//! A plugin returns data; the platform checks and stores it. A call may be repeated with the same cursor: return the same
//! external ids and nothing doubles. Figures are exact integers: [`decimal`] reads them, [`time`] reads dates. Secrets are
//! named, never seen: [`http`] sends them.

#[expect(clippy::same_length_and_capacity, reason = "generated from the contract")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "fuel-plugin",
        pub_export_macro: true,
        default_bindings_module: "barq_plugin::bindings",
    });
}

pub mod decimal;
mod failure;
pub mod http;
pub mod kv;
pub mod log;
pub mod settings;
pub mod time;

pub use bindings::barq::plugin::records::{FuelProduct, FuelTransaction};
pub use bindings::barq::plugin::types::{CallContext, Failure, FailureKind, GeoPoint, Money};
pub use bindings::exports::barq::plugin::fuel_source::{Page as FuelPage, UnreadableRow};
pub use bindings::exports::barq::plugin::lifecycle::Health;
pub use {serde, serde_json};

/// What a plugin's functions answer.
pub type Result<T> = std::result::Result<T, Failure>;

/// A plugin that brings fuel transactions.
pub trait FuelPlugin {
    /// A cheap call that proves address and credentials.
    fn check(ctx: &CallContext) -> Result<Health>;

    /// The next page after `cursor`, with transactions not before `since` (milliseconds since 1970).
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage>;
}

/// A transaction with what every one has; the rest is filled by `FuelTransaction { card_ref, ..fuel_transaction(…) }`.
pub fn fuel_transaction(external_id: String, at: time::Moment, volume_ml: i64, amount: Money) -> FuelTransaction {
    FuelTransaction {
        external_id,
        occurred_at: at.instant_ms,
        time_known: at.time_known,
        product: FuelProduct::Other,
        product_name: None,
        volume_ml,
        unit_price_e4: None,
        amount,
        vat_minor: None,
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

/// Makes a panic's words reach the log; called by [`fuel_plugin!`] before each call.
pub fn begin() {
    std::panic::set_hook(Box::new(|info| log::error(&info.to_string(), &[])));
}

/// Exports a type as the plugin.
#[macro_export]
macro_rules! fuel_plugin {
    ($plugin:ty) => {
        struct ExportedPlugin;

        impl $crate::bindings::exports::barq::plugin::lifecycle::Guest for ExportedPlugin {
            fn check(ctx: $crate::CallContext) -> $crate::Result<$crate::Health> {
                $crate::begin();
                <$plugin as $crate::FuelPlugin>::check(&ctx)
            }
        }

        impl $crate::bindings::exports::barq::plugin::fuel_source::Guest for ExportedPlugin {
            fn pull(ctx: $crate::CallContext, cursor: Option<String>, since: i64) -> $crate::Result<$crate::FuelPage> {
                $crate::begin();
                <$plugin as $crate::FuelPlugin>::pull(&ctx, cursor.as_deref(), since)
            }
        }

        $crate::bindings::export!(ExportedPlugin with_types_in $crate::bindings);
    };
}
