use chrono::NaiveDate;
use hr_pay::money::number;
use platform_core::Catalogue;

use super::*;

/// A picture of two points.
const LOGO_FILE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x7b, 0x40, 0xe8, 0xdd, 0x00, 0x00, 0x00, 0x0d, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xe0, 0xf7, 0x89, 0x01, 0x22, 0x00, 0x04, 0x6e, 0x01, 0x6f, 0x6e, 0xcc, 0x70,
    0x18, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn line(kind: &str, amount: &str, asked: Option<&str>, article: &str) -> SlipLine {
    SlipLine {
        kind: kind.to_owned(),
        detail: (kind == "allowance").then(|| "housing".to_owned()),
        amount: number(amount),
        asked: asked.map(number),
        article: article.to_owned(),
    }
}

fn slip() -> Slip {
    Slip {
        company: "شركة برق للخدمات اللوجستية Barq Logistics Co.".to_owned(),
        logo: None,
        name: "محمد عبدالرحمن الخالدي".to_owned(),
        barq_id: "BRQ-1042".to_owned(),
        person_number: Some("2345678901".to_owned()),
        joined_on: Some(day("2024-01-14")),
        category: "food_inhouse_new".to_owned(),
        year: 2026,
        month: 5,
        period: (day("2026-04-25"), day("2026-05-24")),
        run_number: "RUN-00017".to_owned(),
        is_final: true,
        is_held: false,
        iban: Some("SA0380000000608010167519".to_owned()),
        bank: Some("مصرف الراجحي".to_owned()),
        payment: Some((
            "bank_transfer".to_owned(),
            day("2026-05-28"),
            Some("TRX 2026-0991".to_owned()),
        )),
        orders: 450,
        target: number("400"),
        days: 862,
        revenue: number("0"),
        fuel: number("340.50"),
        lines: vec![
            line("basic", "1600.04", None, "Pay document, 4.2"),
            line("bonus", "400.00", None, "Pay document, 4.2"),
            line("gas", "-138.96", None, "Pay document, 4.2"),
            line("rounding", "-0.04", None, ""),
            line("allowance", "750.00", None, ""),
            line("gosi", "-195.00", Some("195.00"), "Labour Law, Art. 92(2)"),
            line("loan", "-206.10", Some("500.00"), "Labour Law, Art. 92(1)"),
            line("penalty", "-100.00", Some("100.00"), "Labour Law, Art. 70"),
        ],
        gross: number("2611.04"),
        net: number("2109.94"),
        employer: number("235.00"),
    }
}

/// Payslips that are hard to lay out, each with its number of pages.
fn cases() -> Vec<(&'static str, Slip, usize)> {
    let long = Slip {
        company: "شركة النخبة المتحدة للتوصيل السريع والخدمات اللوجستية والتجارة المحدودة – فرع المنطقة الشرقية United Elite Express".to_owned(),
        name: "Abdulrahman Muhammad Abdulaziz bin Ibrahim Al-Shahrani Al-Qahtani عبدالرحمن محمد عبدالعزيز".to_owned(),
        logo: Some(LOGO_FILE.to_vec()),
        ..slip()
    };
    let mut many = slip();
    for place in 0..24 {
        let article = "Labour Law, Art. 93; wage protection rules";
        many.lines
            .push(line("penalty", "-1.50", Some(&format!("{}.00", 2 + place)), article));
    }
    let negative = Slip {
        lines: vec![
            line("basic", "533.33", None, ""),
            line("bonus", "-1250.75", None, ""),
            line("gas", "-88.00", None, ""),
            line("floor", "805.42", None, "Company rules"),
        ],
        gross: number("0"),
        net: number("0"),
        employer: number("0"),
        is_final: false,
        is_held: true,
        payment: None,
        iban: None,
        bank: None,
        person_number: None,
        joined_on: None,
        ..slip()
    };
    let large = Slip {
        gross: number("1234567.89"),
        net: number("1234567.89"),
        lines: vec![line("basic", "1234567.89", None, "")],
        logo: Some(b"\x89PNG broken".to_vec()),
        ..slip()
    };
    vec![
        ("usual", slip(), 1),
        ("long", long, 1),
        ("many", many, 2),
        ("negative", negative, 1),
        ("large", large, 1),
    ]
}

fn catalogue() -> Catalogue {
    let (en, ar) = (
        include_str!("../../locales/en.json"),
        include_str!("../../locales/ar.json"),
    );
    Catalogue::new(&[("hr", en, ar)]).expect("the catalogues are well formed")
}

#[test]
fn payslips_of_all_lengths_are_the_same_bytes_every_time() {
    let catalogue = catalogue();
    for locale in [Locale::Ar, Locale::En] {
        let twice = cases().into_iter().zip(cases());
        for ((name, one, pages), (_, again, _)) in twice {
            let words = Words::new(&catalogue, locale);
            let bytes = page(one, words).expect(name);
            assert!(bytes.starts_with(b"%PDF-"), "{name}");
            assert_eq!(bytes, page(again, words).expect(name), "{name}");
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.contains(&format!("/Count {pages}")), "{name} in {}", locale.code());
        }
    }
}
