//! PetroApp's answers, read exactly or not at all.

use barq_plugin::time::{Moment, Zone, parse_moment};
use barq_plugin::{Failure, FuelProduct, FuelTransaction, Money, Result, UnreadableRow};
use barq_plugin_common::fuel::{content_id, guess_product, location, plates, unmistakable};
use barq_plugin_common::paging::{Answer, hash_of};
use barq_plugin_common::value::{at, text, text_of, whole};
use serde_json::Value;

/// PetroApp serves the Kingdom: its times are Riyadh's, its amounts riyals with two decimals.
pub const ZONE: &str = "Asia/Riyadh";
const CURRENCY: &str = "SAR";
const DATE_FORMATS: &[&str] = &[
    "YYYY-MM-DD HH:mm:ss",
    "YYYY/MM/DD HH:mm:ss",
    "DD-MM-YYYY HH:mm:ss",
    "DD/MM/YYYY HH:mm:ss",
];
/// Pages of which no row can be read mean that the format changed, not that a row is broken.
const TELLING_ROWS: usize = 3;

/// One page of bills.
#[derive(Debug)]
pub struct Page {
    pub transactions: Vec<FuelTransaction>,
    pub unreadable: Vec<UnreadableRow>,
    /// What paging goes by.
    pub answer: Answer,
}

/// Reads a page of `bills`.
pub fn page(body: &[u8]) -> Result<Page> {
    let answer = envelope(body)?;
    let rows = at(&answer, "data.data")
        .and_then(Value::as_array)
        .ok_or_else(|| Failure::transient("bad_reply", "PetroApp's answer has no list of bills."))?;
    let (mut transactions, mut unreadable) = (Vec::new(), Vec::new());
    for row in rows {
        match transaction(row) {
            Ok(transaction) => transactions.push(transaction),
            Err((field, reason)) => unreadable.push(UnreadableRow {
                external_id: text(row, &["id", "bill_id"]).unwrap_or_default(),
                field: field.to_owned(),
                reason: reason.to_owned(),
            }),
        }
    }
    if let Some(row) = unreadable
        .first()
        .filter(|_| transactions.is_empty() && rows.len() > TELLING_ROWS)
    {
        let message = format!(
            "None of {} bills can be read; the first one: {} {}.",
            rows.len(),
            row.field,
            row.reason
        );
        return Err(Failure::permanent("unreadable_page", message));
    }
    let next = at(&answer, "data.next_page_url").map(|url| text_of(url).is_some());
    let answer = Answer {
        rows: rows.len(),
        last_page: whole(&answer, &["data.last_page"]).and_then(|page| u32::try_from(page).ok()),
        next,
        hash: hash_of(rows.iter().map(Value::to_string)),
    };
    Ok(Page {
        transactions,
        unreadable,
        answer,
    })
}

/// How many vehicles the first page of `vehicles` has: proof of a good key.
pub fn vehicles(body: &[u8]) -> Result<usize> {
    let answer = envelope(body)?;
    let rows = at(&answer, "data.data")
        .or_else(|| at(&answer, "data"))
        .and_then(Value::as_array);
    rows.map(Vec::len)
        .ok_or_else(|| Failure::transient("bad_reply", "PetroApp's answer has no list of vehicles."))
}

/// `success` is false for a refusal, with status 200.
fn envelope(body: &[u8]) -> Result<Value> {
    let answer: Value = serde_json::from_slice(body)
        .map_err(|e| Failure::transient("bad_reply", format!("PetroApp's answer is not JSON: {e}.")))?;
    if answer.get("success") == Some(&Value::Bool(false)) {
        let message = text(&answer, &["message"]).unwrap_or_else(|| "no reason given".to_owned());
        return Err(Failure::permanent(
            "provider_refused",
            format!("PetroApp refused: {message}."),
        ));
    }
    Ok(answer)
}

type Unreadable = (&'static str, &'static str);

fn transaction(row: &Value) -> std::result::Result<FuelTransaction, Unreadable> {
    let at = moment(row)?;
    let volume_ml = number(row, "num_of_liters", 3)?.ok_or(("num_of_liters", "is missing"))?;
    let amount = Money {
        minor: number(row, "cost", 2)?.ok_or(("cost", "is missing"))?,
        currency: CURRENCY.to_owned(),
    };
    let (plate_ref, plate_ref_ar) = plates(
        text(row, &["plate_snum"]).or_else(|| pair(row, "english_plate_letter", "english_plate_number")),
        pair(row, "arabic_plate_letter", "arabic_plate_number"),
    );
    let product_name = text(row, &["fuel_type", "product"]);
    let degrees = |key| text(row, &[key]).and_then(|text| unmistakable(&text)?.scaled(7));
    let mut bill = FuelTransaction {
        product: product_name.as_deref().map_or(FuelProduct::Other, guess_product),
        product_name,
        card_ref: text(row, &["vehicle_card_id", "fuel_card_number", "card_number"]),
        plate_ref,
        plate_ref_ar,
        vin_ref: text(row, &["vin", "vin_number", "structure_number"]),
        internal_ref: text(row, &["internal_number"]),
        driver_ref: text(row, &["delegate_name"]),
        station_name: text(row, &["station_name"]),
        station_city: text(row, &["city"]),
        station_location: location(degrees("station_lat"), degrees("station_lng")),
        // Zero is what a pump sends when nobody typed it in.
        odometer_m: number(row, "odometer", 3)?.filter(|metres| *metres > 0),
        attributes: attributes(row),
        ..FuelTransaction::new(String::new(), at, volume_ml, amount)
    };
    bill.external_id = text(row, &["id", "bill_id"]).unwrap_or_else(|| content_id(&bill));
    Ok(bill)
}

fn moment(row: &Value) -> std::result::Result<Moment, Unreadable> {
    let text = text(row, &["bill_date", "billDate"]).ok_or(("bill_date", "is missing"))?;
    let zone = Zone::named(ZONE).ok_or(("bill_date", "has no zone"))?;
    let read = |format: &&str| parse_moment(&text, format, zone);
    let moment = DATE_FORMATS.iter().find_map(read);
    moment.ok_or(("bill_date", "is not a date in a known format"))
}

fn number(row: &Value, key: &'static str, digits: u32) -> std::result::Result<Option<i64>, Unreadable> {
    let Some(text) = text(row, &[key]) else {
        return Ok(None);
    };
    let number = unmistakable(&text).ok_or((key, "is not a number, or one that can be read in two ways"))?;
    number.scaled(digits).map(Some).ok_or((key, "is too large"))
}

fn pair(row: &Value, letters: &str, digits: &str) -> Option<String> {
    Some(format!("{} {}", text(row, &[letters])?, text(row, &[digits])?))
}

fn attributes(row: &Value) -> Vec<(String, String)> {
    let kept: [(&str, &[&str]); 6] = [
        ("provider_vehicle_id", &["vehicle_id"]),
        ("serial_number", &["serial_number"]),
        ("trip_number", &["trip_number"]),
        ("payment_method", &["payment_method_text", "payment_method"]),
        ("branch", &["branch_name"]),
        ("district", &["district"]),
    ];
    let kept = kept.into_iter();
    kept.filter_map(|(name, keys)| Some((name.to_owned(), text(row, keys)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BILLS: &str = include_str!("../fixtures/bills.json");

    #[test]
    fn bills_are_read_exactly() {
        let page = page(BILLS.as_bytes()).unwrap();
        assert_eq!(
            (page.answer.rows, page.answer.last_page, page.answer.next),
            (4, Some(3), Some(true))
        );
        let bill = &page.transactions[0];
        assert_eq!((bill.external_id.as_str(), bill.time_known), ("918273", true));
        // 12:30:15 in Riyadh is 09:30:15 UTC.
        assert_eq!(bill.occurred_at, 1_793_525_415_000);
        assert_eq!((bill.volume_ml, bill.amount.minor), (40_125, 8_747));
        assert_eq!(bill.plate_ref.as_deref(), Some("A B J 1 2 3 4"));
        assert_eq!(bill.vin_ref.as_deref(), Some("JTDBR32E720012345"));
        assert_eq!(bill.odometer_m, Some(120_345_000));
        let place = bill.station_location.unwrap();
        assert_eq!((place.lat_e7, place.lon_e7), (246_900_001, 467_000_000));

        let bill = &page.transactions[1];
        assert_eq!(
            (bill.external_id.as_str(), bill.volume_ml, bill.amount.minor),
            ("B-918274", 35_000, 7_630)
        );
        assert_eq!(
            (bill.plate_ref.as_deref(), bill.plate_ref_ar.as_deref()),
            (None, Some("د ر س ٤٣٢١"))
        );
        assert!(bill.station_location.is_none() && bill.odometer_m.is_none());

        let reversal = &page.transactions[2];
        assert!(
            reversal.external_id.starts_with("h-"),
            "a bill without id has the id of its content"
        );
        assert_eq!((reversal.volume_ml, reversal.amount.minor), (-10_000, -2_180));
    }

    #[test]
    fn a_bad_row_is_named_and_the_others_are_read() {
        let page = page(BILLS.as_bytes()).unwrap();
        assert_eq!((page.transactions.len(), page.unreadable.len()), (3, 1));
        let bad = &page.unreadable[0];
        assert_eq!(
            (bad.external_id.as_str(), bad.field.as_str()),
            ("918275", "num_of_liters")
        );
    }

    #[test]
    fn refusals_and_garbage_are_failures() {
        let code = |body: &str| page(body.as_bytes()).unwrap_err().code;
        assert_eq!(
            code(r#"{"success":false,"message":"Account suspended"}"#),
            "provider_refused"
        );
        assert_eq!(code("<html>"), "bad_reply");
        assert_eq!(code(r#"{"success":true,"data":{}}"#), "bad_reply");
        let rows = [r#"{"bill_date":"?"}"#; 4].join(",");
        assert_eq!(code(&format!(r#"{{"data":{{"data":[{rows}]}}}}"#)), "unreadable_page");
    }

    #[test]
    fn a_list_of_vehicles_proves_the_key() {
        assert_eq!(vehicles(include_bytes!("../fixtures/vehicles.json")).unwrap(), 1);
        assert_eq!(vehicles(br#"{"success":true,"data":[]}"#).unwrap(), 0);
        assert!(vehicles(b"{}").is_err());
    }
}
