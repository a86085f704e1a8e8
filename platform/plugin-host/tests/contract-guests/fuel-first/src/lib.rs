//! Written without the SDK, against the text of the first contract as it was released.

wit_bindgen::generate!({
    path: "../../../../../plugin-sdk/wit/frozen/since_v1",
    world: "fuel-plugin",
    generate_all,
});

use barq::plugin::fuel::{FuelProduct, FuelTransaction};
use barq::plugin::types::{CallContext, Failure, Money};
use exports::barq::plugin::{fuel_source, lifecycle};

struct First;

impl lifecycle::Guest for First {
    fn check(_: CallContext) -> Result<lifecycle::Health, Failure> {
        Ok(lifecycle::Health::Ok)
    }

    fn migrate(_: CallContext, _: Option<String>) -> Result<(), Failure> {
        Ok(())
    }
}

impl fuel_source::Guest for First {
    fn pull(ctx: CallContext, _: Option<String>, _: i64) -> Result<fuel_source::Page, Failure> {
        let transaction = FuelTransaction {
            external_id: "first".to_owned(),
            occurred_at: ctx.now - 60_000,
            time_known: true,
            product: FuelProduct::Diesel,
            product_name: None,
            volume_ml: 40_000,
            unit_price_e4: Some(16_600),
            amount: Money {
                minor: 6_640,
                currency: "SAR".to_owned(),
            },
            vat_minor: None,
            card_ref: Some("7001".to_owned()),
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
        };
        Ok(fuel_source::Page {
            transactions: vec![transaction],
            unreadable: Vec::new(),
            cursor: None,
            more: false,
        })
    }
}

export!(First);
