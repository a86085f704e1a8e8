use barq_plugin::decimal::Separator;
use barq_plugin::time::Zone;

use super::*;
use crate::reply::Reply;
use crate::rows::{Page, read};
use crate::settings::Mode;

fn riyadh() -> Zone {
    Zone::named("Asia/Riyadh").unwrap()
}

fn petroapp(bills: &str) -> Result<Page> {
    petroapp_with(bills, None)
}

fn petroapp_with(bills: &str, separator: Option<Separator>) -> Result<Page> {
    let body = format!(r#"{{"success":true,"data":{{"data":[{bills}],"last_page":1,"next_page_url":null}}}}"#);
    let mapping = Mapping::petroapp();
    let reply = Reply::parse(Mode::Petroapp, &mapping, body.as_bytes())?;
    read(&reply.rows, 0, 100, &mapping, separator, "SAR", riyadh())
}

const BILL: &str = r#"{"id": 9001, "bill_date": "2026-11-01 12:30:15", "vehicle_id": 7, "vehicle_card_id": "C-77",
    "internal_number": "V-12", "structure_number": "JTDBR32E720012345", "plate_snum": "ABJ 1234",
    "station_name": "محطة العليا", "station_lat": "24.6900001", "station_lng": 46.7, "num_of_liters": "40.125",
    "cost": "87.47", "odometer": 120345, "payment_method_text": "card", "branch_name": "Riyadh", "city": "Riyadh",
    "delegate_name": "Ali", "fuel_type": "بنزين ٩١"}"#;

#[test]
fn a_bill_is_read_exactly() {
    let page = petroapp(BILL).unwrap();
    let bill = &page.transactions[0];
    assert_eq!(bill.external_id, "9001");
    // 12:30:15 in Riyadh is 09:30:15 UTC.
    assert_eq!((bill.occurred_at, bill.time_known), (1_793_525_415_000, true));
    assert_eq!(
        (bill.volume_ml, bill.amount.minor, bill.amount.currency.as_str()),
        (40_125, 8_747, "SAR")
    );
    assert_eq!(bill.product, FuelProduct::Gasoline91);
    assert_eq!(bill.card_ref.as_deref(), Some("C-77"));
    assert_eq!(bill.plate_ref.as_deref(), Some("ABJ 1234"));
    assert_eq!(bill.vin_ref.as_deref(), Some("JTDBR32E720012345"));
    assert_eq!(bill.internal_ref.as_deref(), Some("V-12"));
    assert_eq!(bill.odometer_m, Some(120_345_000));
    let place = bill.station_location.unwrap();
    assert_eq!((place.lat_e7, place.lon_e7), (246_900_001, 467_000_000));
    assert!(
        bill.attributes
            .contains(&("provider_vehicle_id".to_owned(), "7".to_owned()))
    );
}

#[test]
fn other_keys_and_letters_mean_the_same() {
    let bill = r#"{"bill_id": "B-1", "billDate": "٢٠٢٦-١١-٠١", "card_number": "5", "num_of_liters": "٤٠٫٥",
        "cost": "٨٨٫٢٩ ر.س", "plate_snum": "أ ب ح ١٢٣٤", "vin_number": "X", "odometer": "0"}"#;
    let page = petroapp(bill).unwrap();
    let bill = &page.transactions[0];
    assert_eq!(
        (bill.external_id.as_str(), bill.volume_ml, bill.amount.minor),
        ("B-1", 40_500, 8_829)
    );
    assert!(!bill.time_known);
    assert_eq!(
        (bill.plate_ref.as_deref(), bill.plate_ref_ar.as_deref()),
        (None, Some("أ ب ح ١٢٣٤"))
    );
    assert_eq!(bill.odometer_m, None);
}

#[test]
fn a_bill_without_id_has_the_id_of_its_content() {
    let bill = |cost: &str, odometer: u32| {
        let text = format!(
            r#"{{"bill_date":"2026-11-01 08:00:00","internal_number":"V-1","num_of_liters":"10","cost":"{cost}","odometer":{odometer}}}"#
        );
        petroapp(&text).unwrap().transactions[0].external_id.clone()
    };
    assert!(bill("21.80", 1).starts_with("h-"));
    assert_eq!(bill("21.80", 1), bill("21.8", 2), "the same bill, written differently");
    assert_ne!(bill("21.80", 1), bill("21.81", 1));
}

#[test]
fn the_decimal_separator_is_proven_or_asked_for() {
    let bill = |litres: &str, cost: &str| {
        format!(r#"{{"id":"1","bill_date":"2026-11-01 08:00:00","num_of_liters":"{litres}","cost":"{cost}"}}"#)
    };
    let figures = |page: Result<Page>| page.map(|p| (p.transactions[0].volume_ml, p.transactions[0].amount.minor));
    assert_eq!(figures(petroapp(&bill("40,125", "87,47"))).unwrap(), (40_125, 8_747));
    assert_eq!(
        figures(petroapp(&bill("40.125", "1,087.47"))).unwrap(),
        (40_125, 108_747)
    );
    assert_eq!(
        figures(petroapp(&bill("40", "1,087,000"))).unwrap(),
        (40_000, 108_700_000),
        "groups only"
    );
    assert_eq!(figures(petroapp(&bill("40.125", "87"))).unwrap(), (40_125, 8_700));
    let open = petroapp(&bill("40,125", "87")).unwrap_err();
    assert_eq!(open.code, "decimal_separator");
    let set = petroapp_with(&bill("40,125", "87"), Some(Separator::Comma));
    assert_eq!(figures(set).unwrap(), (40_125, 8_700));
    let both = format!("{},{}", bill("40,5", "87"), bill("40.5", "87"));
    assert_eq!(petroapp(&both).unwrap_err().code, "decimal_separator");
}

#[test]
fn a_bad_row_is_named_and_a_bad_page_is_a_failure() {
    let good = r#"{"id":"1","bill_date":"2026-11-01 08:00:00","num_of_liters":10,"cost":21.8}"#;
    let cases = [
        (
            r#"{"id":"2","num_of_liters":10,"cost":21.8}"#,
            "occurred_at",
            "is missing",
        ),
        (
            r#"{"id":"2","bill_date":"yesterday","num_of_liters":10,"cost":21.8}"#,
            "occurred_at",
            "is not a date in the expected format",
        ),
        (
            r#"{"id":"2","bill_date":"2026-11-01","num_of_liters":"NaN","cost":21.8}"#,
            "volume",
            "is not a number",
        ),
        (
            r#"{"id":"2","bill_date":"2026-11-01","num_of_liters":10,"cost":""}"#,
            "amount",
            "is missing",
        ),
        (
            r#"{"id":"2","bill_date":"2026-11-01","num_of_liters":10,"cost":99999999999999999999}"#,
            "amount",
            "is too large",
        ),
    ];
    for (bad, field, reason) in cases {
        let page = petroapp(&format!("{good},{bad}")).unwrap();
        assert_eq!(page.transactions.len(), 1);
        let row = &page.unreadable[0];
        assert_eq!(
            (row.external_id.as_str(), row.field.as_str(), row.reason.as_str()),
            ("2", field, reason)
        );
    }
    let all_bad = [r#"{"id":"2","cost":1}"#; 4].join(",");
    assert_eq!(petroapp(&all_bad).unwrap_err().code, "unreadable_page");
}

#[test]
fn garbage_is_a_failure_that_may_pass() {
    for body in [
        "",
        "<html>Bad gateway</html>",
        "[1,2",
        r#"{"data":{}}"#,
        r#"{"data":{"data":[1]}}"#,
        "null",
    ] {
        let failure = Reply::parse(Mode::Petroapp, &Mapping::petroapp(), body.as_bytes()).unwrap_err();
        assert_eq!(failure.code, "bad_reply", "{body}");
    }
    let refused = Reply::parse(
        Mode::Petroapp,
        &Mapping::petroapp(),
        br#"{"success":false,"message":"No account"}"#,
    );
    assert_eq!(refused.unwrap_err().code, "provider_refused");
}

fn mapping(text: &str) -> Result<Mapping> {
    let mut mapping: Mapping = serde_json::from_str(text).map_err(|e| Failure::config("mapping", e.to_string()))?;
    mapping.check(false)?;
    Ok(mapping)
}

#[test]
fn a_csv_file_is_read_by_its_mapping() {
    let mapping = mapping(
        r#"{"fields":{"external_id":"No","occurred_at":"Date","volume":"Gallons","amount":"Halalas","plate":"Plate L+Plate N","odometer":"Km","product":"Type"},
            "attributes":{"pump":"Pump"},"date_format":"DD/MM/YYYY HH:mm","factors":{"volume":"3.785411784","amount":"0.01"},
            "products":{"P1":"gasoline95"}}"#,
    )
    .unwrap();
    let file = "\u{FEFF}No;Date;Gallons;Halalas;Plate L;Plate N;Km;Type;Pump\n\
                17;01/11/2026 08:05;10,5;8720;ABJ;1234;1200,5;P1;4\n\
                ;;;;;;;;\n\
                18;31/02/2026 08:05;10,5;8720;ABJ;1234;1200,5;P1;4\n";
    let reply = Reply::parse(Mode::Csv, &mapping, file.as_bytes()).unwrap();
    let page = read(&reply.rows, 0, 100, &mapping, None, "SAR", riyadh()).unwrap();
    let bill = &page.transactions[0];
    assert_eq!(
        (bill.external_id.as_str(), bill.volume_ml, bill.amount.minor),
        ("17", 39_747, 8_720)
    );
    assert_eq!(
        (bill.plate_ref.as_deref(), bill.odometer_m),
        (Some("ABJ 1234"), Some(1_200_500))
    );
    assert_eq!(bill.product, FuelProduct::Gasoline95);
    assert_eq!(page.unreadable.len(), 1);
    let other = Reply::parse(Mode::Csv, &mapping, b"a,b\n1,2\n").unwrap_err();
    assert_eq!(other.code, "missing_column");
    let page_instead = Reply::parse(Mode::Csv, &mapping, b"<html></html>").unwrap_err();
    assert_eq!(page_instead.code, "bad_reply");
}

#[test]
fn a_long_file_is_returned_in_parts() {
    let mapping = mapping(r#"{"rows":"items","fields":{"external_id":"id","occurred_at":"t","volume":"v","amount":"a"},"date_format":"epoch"}"#).unwrap();
    let rows: Vec<_> = (0..5)
        .map(|i| format!(r#"{{"id":{i},"t":1793525415,"v":1,"a":2}}"#))
        .collect();
    let body = format!(r#"{{"items":[{}]}}"#, rows.join(","));
    let reply = Reply::parse(Mode::Json, &mapping, body.as_bytes()).unwrap();
    let part = |from| {
        let page = read(&reply.rows, from, 2, &mapping, None, "SAR", riyadh()).unwrap();
        (
            page.transactions
                .iter()
                .map(|t| t.external_id.clone())
                .collect::<Vec<_>>()
                .join(","),
            page.rest,
        )
    };
    assert_eq!(
        (part(0), part(2), part(4)),
        (("0,1".into(), 3), ("2,3".into(), 1), ("4".into(), 0))
    );
    assert_eq!(part(9), (String::new(), 0));
}

#[test]
fn a_mapping_that_cannot_work_is_refused_in_words() {
    let cases = [
        (r#"{"fields":{"occurred_at":"d","volume":"v"}}"#, "amount"),
        (
            r#"{"fields":{"occurred_at":"d","volume":"v","amount":"a","litres":"l"}}"#,
            "litres",
        ),
        (
            r#"{"fields":{"occurred_at":"d","volume":"v","amount":"a"},"factors":{"volume":"x"}}"#,
            "volume",
        ),
        (
            r#"{"fields":{"occurred_at":"d","volume":"v","amount":"a"},"products":{"x":"petrol"}}"#,
            "petrol",
        ),
        (
            r#"{"fields":{"occurred_at":"d","volume":"v","amount":"a"},"delimiter":";;"}"#,
            "delimiter",
        ),
        (r#"{"field":{}}"#, "field"),
    ];
    for (text, named) in cases {
        let failure = mapping(text).unwrap_err();
        assert!(
            failure.code == "mapping" && failure.message.contains(named),
            "{}",
            failure.message
        );
    }
}
