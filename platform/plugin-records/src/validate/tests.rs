use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use super::*;
use crate::FuelProduct;

fn rules() -> Rules {
    Rules {
        now: DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        currencies: vec!["SAR".into()],
    }
}

fn good() -> FuelTransaction {
    FuelTransaction {
        external_id: "b-1".into(),
        occurred_at: DateTime::from_timestamp(1_769_990_000, 0).unwrap(),
        time_known: true,
        product: FuelProduct::Gasoline91,
        product_name: None,
        volume_ml: 40_000,
        unit_price_e4: Some(21_800),
        amount_minor: 8_720,
        currency: "SAR".into(),
        vat_minor: Some(1_137),
        discount_minor: None,
        card_ref: Some("7005 1234".into()),
        plate_ref: None,
        plate_ref_ar: None,
        vin_ref: None,
        internal_ref: None,
        driver_ref: None,
        station_name: Some("محطة العليا".into()),
        station_city: None,
        station_lat_e7: Some(246_900_000),
        station_lon_e7: Some(467_000_000),
        odometer_m: Some(120_000_000),
        receipt_no: None,
        attributes: BTreeMap::new(),
        flags: vec![],
    }
}

fn verdict(change: impl FnOnce(&mut FuelTransaction)) -> Result<FuelTransaction, (String, String)> {
    let mut record = good();
    change(&mut record);
    let checked = check_fuel_transactions(vec![record], &rules());
    match (checked.transactions.into_iter().next(), checked.refused.first()) {
        (Some(record), None) => Ok(record),
        (None, Some(refused)) => Err((refused.field.clone(), refused.reason.clone())),
        other => panic!("exactly one answer for one record, got {other:?}"),
    }
}

#[test]
fn a_good_record_passes_unchanged() {
    assert_eq!(verdict(|_| {}), Ok(good()));
}

type Case = (&'static str, &'static str, fn(&mut FuelTransaction));

#[test]
fn a_bad_record_is_refused_with_field_and_reason() {
    let cases: &[Case] = &[
        ("discount_minor", "out_of_range", |r| r.discount_minor = Some(i64::MIN)),
        ("discount_minor", "out_of_range", |r| r.discount_minor = Some(-1)),
        ("external_id", "required", |r| r.external_id = "  ".into()),
        ("external_id", "too_long", |r| r.external_id = "x".repeat(129)),
        ("external_id", "invisible_characters", |r| {
            r.external_id = "a\u{202E}b".into();
        }),
        ("occurred_at", "out_of_range", |r| {
            r.occurred_at = DateTime::from_timestamp(0, 0).unwrap();
        }),
        ("occurred_at", "out_of_range", |r| {
            r.occurred_at = rules().now + TimeDelta::hours(49);
        }),
        ("currency", "unknown_currency", |r| r.currency = "USD".into()),
        ("currency", "unknown_currency", |r| r.currency = "sar".into()),
        ("amount_minor", "out_of_range", |r| r.amount_minor = i64::MIN),
        ("amount_minor", "out_of_range", |r| {
            r.amount_minor = MAX_AMOUNT_MINOR + 1;
        }),
        ("amount_minor", "out_of_range", |r| r.amount_minor = -8_720),
        ("volume_ml", "out_of_range", |r| r.volume_ml = i64::MAX),
        ("vat_minor", "out_of_range", |r| r.vat_minor = Some(9_000)),
        ("vat_minor", "out_of_range", |r| r.vat_minor = Some(-1)),
        ("unit_price_e4", "out_of_range", |r| r.unit_price_e4 = Some(-1)),
        ("odometer_m", "out_of_range", |r| r.odometer_m = Some(-1)),
        ("station_lat_e7", "out_of_range", |r| {
            r.station_lat_e7 = Some(900_000_001);
        }),
        ("station_lon_e7", "required", |r| r.station_lon_e7 = None),
        ("plate_ref", "too_long", |r| r.plate_ref = Some("x".repeat(65))),
        ("attributes", "too_many", |r| {
            r.attributes = (0..33).map(|i| (format!("k{i}"), "v".into())).collect();
        }),
    ];
    for (field, code, change) in cases {
        assert_eq!(
            verdict(change),
            Err(((*field).to_owned(), (*code).to_owned())),
            "{field} {code}"
        );
    }
}

#[test]
fn a_doubtful_record_is_kept_and_flagged() {
    let differs = verdict(|r| r.amount_minor = 9_000).unwrap();
    assert_eq!(differs.flags, [Flag::TotalDiffers]);
    let reversal = verdict(|r| (r.amount_minor, r.volume_ml, r.vat_minor) = (-8_720, -40_000, None)).unwrap();
    assert_eq!(reversal.flags, []);
    let card = verdict(|r| r.card_ref = Some("4111111111111111".into())).unwrap();
    assert_eq!(
        (card.card_ref.as_deref(), card.flags),
        (Some("411111******1111"), vec![Flag::CardMasked])
    );
    let attribute = verdict(|r| drop(r.attributes.insert("pan".into(), "4111-1111-1111-1111".into()))).unwrap();
    assert_eq!(attribute.attributes["pan"], "411111******1111");
    let station = verdict(|r| r.station_name = Some("A\u{202E}B".into())).unwrap();
    assert_eq!(
        (station.station_name.as_deref(), station.flags),
        (Some("AB"), vec![Flag::TextCleaned])
    );
    let nothing = verdict(|r| (r.card_ref, r.time_known) = (None, false)).unwrap();
    assert_eq!(nothing.flags, [Flag::TimeUnknown, Flag::NoReference]);
}

#[test]
fn two_percent_is_the_line() {
    // 40 l at 2.18 are 87.20; the line is drawn on the amount that was charged.
    for (amount_minor, flagged) in [(8_890, false), (8_900, true), (8_550, false), (8_540, true)] {
        let record = verdict(|r| (r.amount_minor, r.vat_minor) = (amount_minor, None)).unwrap();
        assert_eq!(record.flags.contains(&Flag::TotalDiffers), flagged, "{amount_minor}");
    }
}

#[test]
fn the_last_of_repeated_records_counts() {
    let mut changed = good();
    changed.volume_ml = 41_000;
    changed.unit_price_e4 = None;
    let mut other = good();
    other.external_id = "b-2".into();
    let checked = check_fuel_transactions(vec![good(), other, changed.clone()], &rules());
    assert_eq!((checked.transactions.len(), checked.repeated), (2, 1));
    assert_eq!(checked.transactions[0], changed);
}

#[test]
fn a_discount_explains_a_smaller_amount() {
    let flags = |discount_minor| {
        let record = verdict(|r| {
            r.amount_minor -= 500;
            r.discount_minor = discount_minor;
        });
        record.unwrap().flags
    };
    assert_eq!(flags(None), [Flag::TotalDiffers]);
    assert_eq!(flags(Some(500)), []);
}
