//! Checks of fuel transactions.

use crate::check::{
    MAX_AMOUNT_MINOR, MAX_NAME_LENGTH, RefusedRow, Rules, Verdict, attributes, currency, happened, id, reference,
    settle, sift, tidy, within,
};
use crate::{Flag, FuelTransaction};

/// 100,000 litres: three road tankers.
const MAX_VOLUME_ML: i64 = 100_000_000;
/// 10,000 of the major unit for a litre.
const MAX_UNIT_PRICE_E4: i64 = 100_000_000;
/// 10 million kilometres.
const MAX_ODOMETER_M: i64 = 10_000_000_000;

/// A record that cannot be stored, with the field and the reason.
pub type Refused = RefusedRow;

/// A page after the checks. Every record given is in one of the three counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// One for each external id, in the order of the page.
    pub transactions: Vec<FuelTransaction>,
    pub refused: Vec<RefusedRow>,
    /// Records given again in the same page; the last one counts.
    pub repeated: usize,
}

/// Checks and cleans what a plugin returned.
pub fn check_fuel_transactions(records: Vec<FuelTransaction>, rules: &Rules) -> Checked {
    let mut refused = Vec::new();
    let id = |record: &FuelTransaction| record.external_id.clone();
    let check = |record: &mut FuelTransaction| check(record, rules);
    let (transactions, repeated) = sift("fuel_transaction", records, id, check, &mut refused);
    Checked {
        transactions,
        refused,
        repeated,
    }
}

fn check(record: &mut FuelTransaction, rules: &Rules) -> Verdict {
    record.flags.clear();
    id("external_id", &record.external_id)?;
    happened("occurred_at", record.occurred_at, rules)?;
    figures(record, rules)?;
    place(record)?;
    texts(record)?;
    attributes(&mut record.attributes, &mut record.flags)?;
    if !record.time_known {
        record.flags.push(Flag::TimeUnknown);
    }
    let references = [
        &record.card_ref,
        &record.plate_ref,
        &record.plate_ref_ar,
        &record.vin_ref,
        &record.internal_ref,
    ];
    if references.iter().all(|reference| reference.is_none()) {
        record.flags.push(Flag::NoReference);
    }
    settle(&mut record.flags);
    Ok(())
}

fn figures(record: &mut FuelTransaction, rules: &Rules) -> Verdict {
    currency("currency", &record.currency, rules)?;
    within("volume_ml", record.volume_ml, -MAX_VOLUME_ML, MAX_VOLUME_ML)?;
    within("amount_minor", record.amount_minor, -MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR)?;
    if record.volume_ml.signum() * record.amount_minor.signum() < 0 {
        return Err(("amount_minor", "out_of_range"));
    }
    if let Some(vat) = record.vat_minor {
        let (low, high) = (record.amount_minor.min(0), record.amount_minor.max(0));
        within("vat_minor", vat, low, high)?;
    }
    if let Some(discount) = record.discount_minor {
        within("discount_minor", discount, -MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR)?;
        if discount.signum() * record.amount_minor.signum() < 0 {
            return Err(("discount_minor", "out_of_range"));
        }
    }
    if let Some(price) = record.unit_price_e4 {
        within("unit_price_e4", price, 0, MAX_UNIT_PRICE_E4)?;
        if total_differs(record, price) {
            record.flags.push(Flag::TotalDiffers);
        }
    }
    if let Some(odometer) = record.odometer_m {
        within("odometer_m", odometer, 0, MAX_ODOMETER_M)?;
    }
    Ok(())
}

fn total_differs(record: &FuelTransaction, unit_price_e4: i64) -> bool {
    // ml/1000 × e4/10⁴ × 10^digits of the minor unit.
    let product =
        i128::from(record.volume_ml) * i128::from(unit_price_e4) * 10_i128.pow(minor_digits(&record.currency));
    let expected = product / 10_000_000 - i128::from(record.discount_minor.unwrap_or(0));
    let amount = i128::from(record.amount_minor);
    // Below five minor units it is rounding.
    let tolerance = (amount.abs() * 2 / 100).max(5);
    (expected - amount).abs() > tolerance
}

/// Decimals of a currency (ISO 4217); two unless it is one of the few others.
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "JPY" | "KRW" | "VND" => 0,
        _ => 2,
    }
}

fn place(record: &FuelTransaction) -> Verdict {
    match (record.station_lat_e7, record.station_lon_e7) {
        (None, None) => Ok(()),
        (Some(lat), Some(lon)) => {
            within("station_lat_e7", i64::from(lat), -900_000_000, 900_000_000)?;
            within("station_lon_e7", i64::from(lon), -1_800_000_000, 1_800_000_000)
        }
        (Some(_), None) => Err(("station_lon_e7", "required")),
        (None, Some(_)) => Err(("station_lat_e7", "required")),
    }
}

fn texts(record: &mut FuelTransaction) -> Verdict {
    let flags = &mut record.flags;
    let references: [(&'static str, &mut Option<String>); 6] = [
        ("card_ref", &mut record.card_ref),
        ("plate_ref", &mut record.plate_ref),
        ("plate_ref_ar", &mut record.plate_ref_ar),
        ("vin_ref", &mut record.vin_ref),
        ("internal_ref", &mut record.internal_ref),
        ("driver_ref", &mut record.driver_ref),
    ];
    for (field, value) in references {
        reference(field, value, flags)?;
    }
    for value in [
        &mut record.product_name,
        &mut record.station_name,
        &mut record.station_city,
        &mut record.receipt_no,
    ] {
        tidy(value, MAX_NAME_LENGTH, flags);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
