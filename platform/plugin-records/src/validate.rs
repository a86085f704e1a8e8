//! The meaning of a record, checked by the host: the type system already checked its shape.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::text::{clean, invisible, mask_card};
use crate::{Flag, FuelTransaction};

/// Longest id a provider may give a record.
pub const MAX_ID_LENGTH: usize = 128;
/// Longest card, plate, VIN, internal or driver reference.
pub const MAX_REF_LENGTH: usize = 64;
/// Attributes a record may carry.
pub const MAX_ATTRIBUTES: usize = 32;

const MAX_NAME_LENGTH: usize = 200;
const MAX_ATTRIBUTE_LENGTH: usize = 256;
/// 10 billion in a currency with two decimals: above any purchase, far below where sums overflow.
const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;
/// 100,000 litres: three road tankers.
const MAX_VOLUME_ML: i64 = 100_000_000;
/// 10,000 of the major unit for a litre.
const MAX_UNIT_PRICE_E4: i64 = 100_000_000;
/// 10 million kilometres.
const MAX_ODOMETER_M: i64 = 10_000_000_000;
/// 2000-01-01T00:00:00Z: an earlier purchase is a wrong date.
const EARLIEST_S: i64 = 946_684_800;
/// Clocks of stations run ahead; two days is beyond any of that.
const LATEST_AHEAD: TimeDelta = TimeDelta::hours(48);

/// What the checks depend on besides the record.
#[derive(Debug, Clone)]
pub struct Rules {
    pub now: DateTime<Utc>,
    /// Accepted currencies; empty accepts any.
    pub currencies: Vec<String>,
}

/// A record that cannot be stored, with the field and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Position in the page.
    pub index: usize,
    /// As the plugin gave it, made safe to show; empty when it gave none.
    pub external_id: String,
    pub field: &'static str,
    /// `required`, `too_long`, `invisible_characters`, `out_of_range`, `unknown_currency`, `too_many`.
    pub code: &'static str,
}

/// A page after the checks. Every record given is in one of the three counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// One for each external id, in the order of the page.
    pub transactions: Vec<FuelTransaction>,
    pub refused: Vec<Refused>,
    /// Records given again in the same page; the last one counts.
    pub repeated: usize,
}

/// Checks and cleans what a plugin returned.
pub fn check_fuel_transactions(records: Vec<FuelTransaction>, rules: &Rules) -> Checked {
    let mut checked = Checked::default();
    let mut position: HashMap<String, usize> = HashMap::with_capacity(records.len());
    for (index, mut record) in records.into_iter().enumerate() {
        if let Err((field, code)) = check(&mut record, rules) {
            let external_id = clean(&record.external_id, MAX_ID_LENGTH).0.unwrap_or_default();
            checked.refused.push(Refused {
                index,
                external_id,
                field,
                code,
            });
        } else if let Some(at) = position.get(&record.external_id) {
            checked.transactions[*at] = record;
            checked.repeated += 1;
        } else {
            position.insert(record.external_id.clone(), checked.transactions.len());
            checked.transactions.push(record);
        }
    }
    checked
}

type Verdict = Result<(), (&'static str, &'static str)>;

fn check(record: &mut FuelTransaction, rules: &Rules) -> Verdict {
    record.flags.clear();
    id(&record.external_id)?;
    let latest = rules.now + LATEST_AHEAD;
    within(
        "occurred_at",
        record.occurred_at.timestamp(),
        EARLIEST_S,
        latest.timestamp(),
    )?;
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
    record.flags.sort_unstable();
    record.flags.dedup();
    Ok(())
}

/// An id is compared byte by byte ever after, so it is refused rather than changed.
fn id(text: &str) -> Verdict {
    match text {
        text if text.trim().is_empty() => Err(("external_id", "required")),
        text if text.len() > MAX_ID_LENGTH => Err(("external_id", "too_long")),
        text if text.chars().any(invisible) => Err(("external_id", "invisible_characters")),
        _ => Ok(()),
    }
}

fn figures(record: &mut FuelTransaction, rules: &Rules) -> Verdict {
    let currency = &record.currency;
    let known = rules.currencies.is_empty() || rules.currencies.contains(currency);
    if !known || currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(("currency", "unknown_currency"));
    }
    within("volume_ml", record.volume_ml, -MAX_VOLUME_ML, MAX_VOLUME_ML)?;
    within("amount_minor", record.amount_minor, -MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR)?;
    if record.volume_ml.signum() * record.amount_minor.signum() < 0 {
        return Err(("amount_minor", "out_of_range"));
    }
    if let Some(vat) = record.vat_minor {
        let (low, high) = (record.amount_minor.min(0), record.amount_minor.max(0));
        within("vat_minor", vat, low, high)?;
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
    let expected = product / 10_000_000;
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
        // A cut reference would find the wrong vehicle.
        if value
            .as_ref()
            .is_some_and(|text| text.trim().chars().count() > MAX_REF_LENGTH)
        {
            return Err((field, "too_long"));
        }
        tidy(value, MAX_REF_LENGTH, flags);
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

fn tidy(value: &mut Option<String>, max: usize, flags: &mut Vec<Flag>) {
    let Some(text) = value.take() else { return };
    let (cleaned, lost) = clean(&text, max);
    *value = cleaned;
    if lost {
        flags.push(Flag::TextCleaned);
    }
    if let Some(masked) = value.as_deref().and_then(mask_card) {
        *value = Some(masked);
        flags.push(Flag::CardMasked);
    }
}

fn attributes(attributes: &mut BTreeMap<String, String>, flags: &mut Vec<Flag>) -> Verdict {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(("attributes", "too_many"));
    }
    for (name, value) in std::mem::take(attributes) {
        if name.len() > MAX_REF_LENGTH || name.is_empty() || name.chars().any(invisible) {
            return Err(("attributes", "too_long"));
        }
        let mut value = Some(value);
        tidy(&mut value, MAX_ATTRIBUTE_LENGTH, flags);
        if let Some(value) = value {
            attributes.insert(name, value);
        }
    }
    Ok(())
}

fn within(field: &'static str, value: i64, low: i64, high: i64) -> Verdict {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err((field, "out_of_range"))
    }
}

#[cfg(test)]
mod tests;
