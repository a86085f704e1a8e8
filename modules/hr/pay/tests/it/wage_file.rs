//! Wage files: what is written is read by somebody else's eyes, and what a bank would send back is found before.

use hr_pay::wage_file::{Finding, Header, Known, WageRow, inspect, write};
use hr_pay::{Choices, Grant, Kind, Period, Rules, Terms, settle};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::support::{day, each, number, said};
use crate::wage_reader::read;

fn known() -> Known {
    Known::new(Rules::saudi(), day("2026-11-24"), vec!["BARQ202610A".to_owned()]).unwrap()
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/wage_files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn told(findings: &[Finding]) -> String {
    let one = |finding: &Finding| format!("{} {} {}", finding.line, finding.column, finding.code);
    findings.iter().map(one).collect::<Vec<_>>().join(";")
}

#[test]
fn every_broken_file_is_found_with_its_reason() {
    assert_eq!(inspect(&file("good.txt"), &known()), []);
    assert_eq!(
        read(std::str::from_utf8(&file("good.txt")).unwrap())
            .unwrap()
            .workers
            .len(),
        3
    );
    each(
        "wage_files.csv",
        "PAY24",
        "broken wage files found with their reason",
        |case| {
            let findings = inspect(&file(case.text("file")), &known());
            assert_eq!(told(&findings), case.text("findings"), "{}", case.name());
            assert!(findings.iter().all(|finding| !finding.reason.is_empty()));
        },
    );
}

/// An account at a bank, with its check digits.
fn iban(bank: &str, account: u64) -> String {
    let rest = format!("{bank}{account:018}281000");
    let remainder = rest
        .bytes()
        .fold(0, |sum, byte| (sum * 10 + u64::from(byte - b'0')) % 97);
    format!("SA{:02}{bank}{account:018}", 98 - remainder)
}

/// The id that has this beginning and a good last digit.
fn id(start: u64) -> String {
    let ends = (0..10).map(|digit| format!("{start}{digit}"));
    let mut good = ends.filter(|id| {
        let doubled = |(place, byte): (usize, u8)| {
            let digit = u32::from(byte - b'0');
            if place.is_multiple_of(2) {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                digit
            }
        };
        id.bytes().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
    });
    good.next().unwrap()
}

fn header() -> Header {
    Header {
        establishment_id: "7000012345".to_owned(),
        account: iban("80", 608_010),
        value_date: day("2026-11-27"),
        debit_date: Some(day("2026-11-26")),
        reference: "BARQ202611B".to_owned(),
        ministry_id: "2-1234567".to_owned(),
    }
}

#[test]
fn what_is_written_is_what_another_reader_reads() {
    const BANKS: [&str; 5] = ["05", "10", "20", "80", "40"];
    let mut rows = Vec::new();
    for number in 0..2_000_u64 {
        let part = |most: u64, step: u64| Decimal::new(i64::try_from(number * step % most).unwrap(), 2);
        let (basic, housing, other) = (
            part(400_000, 7_919) + Decimal::ONE,
            part(90_000, 104_729),
            part(50_000, 613),
        );
        let most = (basic + housing + other) / Decimal::TWO;
        rows.push(WageRow {
            name: format!("Worker {number}"),
            national_id: id(100_000_000 + number * 37 + number % 2 * 100_000_000),
            iban: iban(BANKS[usize::try_from(number % 5).unwrap()], number),
            basic,
            housing,
            other,
            deductions: part(80_000, 31)
                .min(most)
                .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::ToZero),
            details: (number % 3 == 0).then(|| "November".to_owned()),
        });
    }
    let text = write(&header(), &rows, &known()).unwrap();
    let found = read(&text).unwrap();
    assert_eq!(
        (found.header[0].as_str(), found.header[7].as_str(), found.workers.len()),
        ("RJHI", "BARQ202611B", rows.len())
    );
    for (worker, row) in found.workers.iter().zip(&rows) {
        let halalas = |amount: Decimal| (amount * Decimal::ONE_HUNDRED).to_u64().unwrap();
        assert_eq!(
            (&worker.name, &worker.id, &worker.iban),
            (&row.name, &row.national_id, &row.iban)
        );
        assert_eq!(
            [
                worker.net,
                worker.basic,
                worker.housing,
                worker.other,
                worker.deductions
            ],
            [row.net(), row.basic, row.housing, row.other, row.deductions].map(halalas)
        );
    }
    said(
        "PAY25",
        &format!(
            "{} rows of a wage file read by another reader, sums and check digits right",
            rows.len()
        ),
    );
}

#[test]
fn nothing_is_written_that_would_come_back() {
    let row = WageRow {
        name: "Sami".to_owned(),
        national_id: id(108_537_261),
        iban: iban("80", 1),
        basic: number("1000"),
        housing: number("0"),
        other: number("0"),
        deductions: number("600"),
        details: None,
    };
    let findings = write(&header(), &[row], &known()).unwrap_err();
    assert_eq!(told(&findings), "2 MOL-DED deductions_above_half");
}

#[test]
fn a_payslip_becomes_a_row_whose_parts_are_never_below_zero() {
    let grant = |kind, id: &str, amount: &str| Grant {
        id: id.to_owned(),
        kind,
        amount: number(amount),
    };
    let slip = settle(Terms {
        rules: Rules::saudi(),
        period: Period::of(2026, 11).unwrap(),
        earned: Vec::new(),
        grants: vec![
            grant(Kind::Basic, "work", "1600.04"),
            grant(Kind::Allowance, "housing", "750"),
            grant(Kind::ExtraBonus, "b", "100"),
        ],
        social: None,
        deducts_social: true,
        claims: Vec::new(),
        choices: Choices::default(),
    })
    .unwrap();
    let row = WageRow::of(&slip, "Sami", &id(108_537_261), &iban("80", 1)).unwrap();
    assert_eq!(
        [row.basic, row.housing, row.other, row.net()],
        ["1600.04", "750", "100", "2450.04"].map(number)
    );
    assert_eq!(WageRow::of(&slip, "Sami", "1", "").unwrap_err().field(), Some("iban"));
}
