//! Payouts by a file that a person brings to the bank.

mod files;

use barq_plugin::{
    Batch, BatchFile, CallContext, Failure, Health, Lifecycle, PayoutGateway, PayoutReport, Prepared, Result, log,
    settings,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    customer_no: String,
}

struct Plugin;

impl Lifecycle for Plugin {
    /// There is nobody to ask: a file is all there is.
    fn check(_: &CallContext) -> Result<Health> {
        settings::all::<Settings>()?;
        Ok(Health::Ok)
    }
}

impl PayoutGateway for Plugin {
    fn prepare(_: &CallContext, batch: Batch) -> Result<Prepared> {
        let settings: Settings = settings::all()?;
        let content = files::write(&settings.customer_no, &batch)?;
        log::info("Wrote a file", &[("payouts", &batch.payouts.len())]);
        Ok(Prepared::file(format!("{}.csv", batch.reference), "text/csv", content.into_bytes()))
    }

    fn read_file(_: &CallContext, file: BatchFile) -> Result<PayoutReport> {
        let text = String::from_utf8(file.content);
        let text = text.map_err(|_| Failure::permanent("bad_file", "The bank's file is not UTF-8 text."))?;
        Ok(files::read(&text))
    }
}

barq_plugin::export!(Plugin: lifecycle, payout_gateway);
