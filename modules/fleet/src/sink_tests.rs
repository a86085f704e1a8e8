use std::collections::BTreeMap as Map;

use chrono::{TimeZone, Utc};
use chrono_tz::Tz;

use super::*;

fn record() -> FuelTransaction {
    FuelTransaction {
        external_id: "B-1".into(),
        // 01:30 of the next day in Riyadh.
        occurred_at: Utc.with_ymd_and_hms(2026, 1, 31, 22, 30, 0).unwrap(),
        time_known: true,
        product: FuelProduct::Gasoline91,
        product_name: Some("91".into()),
        volume_ml: 32_125,
        unit_price_e4: Some(21_800),
        amount_minor: 7003,
        currency: "SAR".into(),
        vat_minor: Some(913),
        discount_minor: None,
        card_ref: Some("7001".into()),
        plate_ref: None,
        plate_ref_ar: Some("ا ب ح 1234".into()),
        vin_ref: None,
        internal_ref: None,
        driver_ref: None,
        station_name: Some("محطة".into()),
        station_city: None,
        station_lat_e7: Some(247_136_000),
        station_lon_e7: Some(-467_000_001),
        odometer_m: Some(10_360_125),
        receipt_no: None,
        attributes: Map::from([("payment_method".to_owned(), "card".to_owned())]),
        flags: Vec::new(),
    }
}

fn terms() -> Terms {
    Terms {
        currency: "SAR".into(),
        time_zone: Tz::Asia__Riyadh,
    }
}

#[test]
fn a_record_becomes_a_row_without_losing_a_digit() {
    let record = record();
    let raw = serde_json::to_value(&record).expect("JSON");
    let row = row_of(&record, &raw, content_hash(&record), &terms());
    for field in row.keys() {
        let declared = FUEL_TRANSACTIONS.field(field).expect("declared");
        assert!(declared.kind.parse(&row[field]).is_ok(), "{field} is {}", row[field]);
    }
    let expected = json!({
        "at": "2026-01-31T22:30:00.000000Z", "local_date": "2026-02-01", "volume_l": "32.125", "amount": "70.03",
        "vat_amount": "9.13", "unit_price": "2.1800", "odometer_km": "10360.13", "station_lat": "24.7136000",
        "station_lon": "-46.7000001", "product": "gasoline91", "pay_method": "card", "currency": "SAR",
    });
    for (field, value) in expected.as_object().expect("object") {
        assert_eq!(&row[field], value, "{field}");
    }
}

#[test]
fn the_hash_follows_the_content_alone() {
    let same = FuelTransaction {
        flags: vec![platform_plugin_records::Flag::TextCleaned],
        ..record()
    };
    assert_eq!(content_hash(&record()), content_hash(&same));
    let other = FuelTransaction {
        amount_minor: 7004,
        ..record()
    };
    assert_ne!(content_hash(&record()), content_hash(&other));
    assert_eq!(content_hash(&record()).len(), 64);
}

#[test]
fn a_page_that_repeats_itself_is_read_once() {
    let first = serde_json::to_value(record()).expect("JSON");
    let mut last = first.clone();
    last["amount_minor"] = 1.into();
    let page = [first, last];
    let read = read_records(&page).expect("good");
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].0.amount_minor, 1);
    assert!(read_records(&[json!({"external_id": "x"})]).is_err());
}
