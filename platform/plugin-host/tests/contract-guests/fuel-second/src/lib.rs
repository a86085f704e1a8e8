//! Says what only the second contract can say.

use barq_plugin::time::Moment;
use barq_plugin::v2::{FuelPage, FuelProduct, FuelSource, FuelTransaction};
use barq_plugin::{CallContext, Health, Lifecycle, Money, Result};

struct Second;

impl Lifecycle for Second {
    fn check(_: &CallContext) -> Result<Health> {
        Ok(Health::Ok)
    }
}

impl FuelSource for Second {
    fn pull(ctx: &CallContext, _: Option<&str>, _: i64) -> Result<FuelPage> {
        let at = Moment {
            instant_ms: ctx.now - 60_000,
            time_known: true,
        };
        let transaction = FuelTransaction {
            product: FuelProduct::Lpg,
            unit_price_e4: Some(10_000),
            discount_minor: Some(500),
            card_ref: Some("7002".to_owned()),
            ..FuelTransaction::new("second", at, 40_000, Money::sar(3_500))
        };
        Ok(FuelPage {
            transactions: vec![transaction],
            unreadable: Vec::new(),
            cursor: None,
            more: false,
        })
    }
}

barq_plugin::export!(Second: lifecycle, fuel_source_v2);
