use serde_json::json;

use super::*;

const TEXT: Kind = Kind::Text { max: 5 };
const CHOICE: Kind = Kind::Choice {
    values: &["active", "on_leave"],
};
const INTEGER: Kind = Kind::Integer { min: 0, max: 10 };
const DECIMAL: Kind = Kind::Decimal {
    scale: 3,
    signed: false,
};
const MONEY: Kind = Kind::Money { signed: false };

fn code(kind: Kind, json: Json) -> &'static str {
    kind.parse(&json).expect_err("refused").code
}

#[test]
fn every_kind_refuses_by_name() {
    let vehicles = Kind::Reference { to: "fleet.vehicles" };
    let table = [
        (TEXT, json!("123456"), "too_long"),
        (TEXT, json!("a\u{0}"), "bad_character"),
        (TEXT, json!("  "), "blank"),
        (TEXT, json!(3), "not_text"),
        (Kind::LongText { max: 9 }, json!([]), "not_text"),
        (CHOICE, json!("Active"), "not_a_choice"),
        (INTEGER, json!(1.5), "not_a_whole_number"),
        (INTEGER, json!("1"), "not_a_whole_number"),
        (INTEGER, json!(-1), "too_small"),
        (INTEGER, json!(11), "too_large"),
        (DECIMAL, json!("1.2345"), "too_precise"),
        (DECIMAL, json!("-1"), "too_small"),
        (DECIMAL, json!("NaN"), "not_a_number"),
        (MONEY, json!("1.005"), "too_precise"),
        (MONEY, json!(1e300), "not_a_number"),
        (MONEY, json!("9999999999999999"), "too_large"),
        (Kind::Date, json!("2026-02-30"), "not_a_date"),
        (Kind::Date, json!("0001-01-01"), "date_out_of_range"),
        (Kind::Instant, json!("2026-02-01"), "not_an_instant"),
        (Kind::Boolean, json!("true"), "not_a_boolean"),
        (vehicles, json!("1"), "not_an_id"),
        (Kind::File, json!("1"), "not_an_id"),
        (Kind::Json, json!("{}"), "not_an_object"),
        (Kind::Phone, json!("12"), "not_a_phone"),
        (Kind::Email, json!("a@b"), "not_an_email"),
        (Kind::Iban, json!("SA0380000000608010167510"), "bad_checksum"),
        (Kind::Iban, json!("SA03"), "not_an_iban"),
        (Kind::NationalId, json!("3000000000"), "not_a_national_id"),
        (Kind::NationalId, json!("1000000000"), "bad_checksum"),
        (Kind::Plate, json!("#"), "not_a_plate"),
    ];
    for (kind, json, expected) in table {
        assert_eq!(code(kind, json.clone()), expected, "{kind:?} {json}");
    }
}

#[test]
fn normal_forms() {
    let text = |kind: Kind, raw: &str| match kind.parse_text(raw) {
        Ok(Value::Text(text)) => text,
        other => panic!("{raw}: {other:?}"),
    };
    for raw in [
        "0512345678",
        "512345678",
        "966512345678",
        "00966512345678",
        "+966 51 234 5678",
        "٠٥١٢٣٤٥٦٧٨",
    ] {
        assert_eq!(text(Kind::Phone, raw), "+966512345678");
    }
    assert_eq!(
        text(Kind::Iban, "SA03 8000 0000 6080 1016 7519"),
        "SA0380000000608010167519"
    );
    assert_eq!(text(Kind::Email, "Ali@Example.COM"), "ali@example.com");
    assert_eq!(text(CHOICE, "On Leave"), "on_leave");
    assert_eq!(text(Kind::NationalId, "1000000008"), "1000000008");
}

#[test]
fn amounts_are_exact() {
    for (raw, minor) in [
        ("13.95", 1395),
        ("1,234.50", 123_450),
        ("13,95", 1395),
        ("١٣٫٩٥", 1395),
        ("5", 500),
    ] {
        assert_eq!(MONEY.parse_text(raw), Ok(Value::Integer(minor)), "{raw}");
    }
    assert_eq!(MONEY.parse(&json!(0.1)), Ok(Value::Integer(10)));
    let half = DECIMAL.parse(&json!("12.5")).expect("good");
    assert_eq!(half.to_json(DECIMAL), json!("12.500"));
    assert_eq!(Value::Integer(-5).to_json(MONEY), json!("-0.05"));
    assert_eq!(INTEGER.parse(&json!(3.0)), Ok(Value::Integer(3)));
}

#[test]
fn an_exact_number_fits_its_column() {
    let fine = Kind::Decimal {
        scale: 10,
        signed: true,
    };
    assert_eq!(code(fine, json!("123456789")), "too_large");
    assert_eq!(code(fine, json!("-100000000")), "too_large");
    assert!(fine.parse(&json!("99999999.9999999999")).is_ok());
}

#[test]
fn times_of_day_are_written_in_one_way() {
    assert_eq!(Kind::Time.parse(&json!("8:05")), Ok(Value::Text("08:05".into())));
    assert_eq!(Kind::Time.parse(&json!("٢٣:٥٩:٣٠")), Ok(Value::Text("23:59".into())));
    assert_eq!(code(Kind::Time, json!("24:00")), "not_a_time");
}
