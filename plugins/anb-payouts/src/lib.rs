//! Payroll files of Arab National Bank: what ANB Connect's payroll payment takes.

mod banks;
mod files;

use std::collections::BTreeMap;

use barq_plugin::{Batch, CallContext, Failure, Health, Lifecycle, PayoutGateway, Prepared, Result, settings};
use serde_json::Value;

use files::Settings;

struct Anb;

/// A setting of kind JSON comes as an object or as its text.
fn load() -> Result<Settings> {
    let mut all: BTreeMap<String, Value> = settings::all()?;
    if let Some(Value::String(text)) = all.get("bank_codes") {
        let codes = serde_json::from_str(text);
        let codes = codes.map_err(|e| Failure::config("bank_codes", format!("The codes of banks: {e}.")))?;
        all.insert("bank_codes".to_owned(), codes);
    }
    all.retain(|_, value| !value.is_null());
    let all = Value::Object(all.into_iter().collect());
    serde_json::from_value(all).map_err(|e| Failure::config("settings", format!("The settings: {e}.")))
}

impl Lifecycle for Anb {
    /// There is no account to reach: the settings are all.
    fn check(_: &CallContext) -> Result<Health> {
        load()?;
        Ok(Health::Ok)
    }
}

impl PayoutGateway for Anb {
    fn prepare(_: &CallContext, batch: Batch) -> Result<Prepared> {
        Ok(Prepared {
            files: files::of(&batch, &load()?)?,
            provider_ref: None,
            statuses: Vec::new(),
            attributes: Vec::new(),
        })
    }
}

barq_plugin::export!(Anb: lifecycle, payout_gateway);
