use barq_plugin::Account;

use super::*;

/// A good number of an account at the bank with these digits.
fn iban(bank: &str, account: u64) -> String {
    let body = format!("{bank}{account:018}");
    (2..98)
        .map(|check| format!("SA{check:02}{body}"))
        .find(|text| Iban::parse(text).is_some())
        .unwrap()
}

fn settings() -> Settings {
    Settings {
        main_account: "0108061198800026".into(),
        organization_name: "Barq Express".into(),
        address_1: "King Fahd Rd".into(),
        address_2: "Olaya".into(),
        address_3: "Riyadh".into(),
        narrative: "November wages".into(),
        automatic_upload: false,
        national_unified_no: String::new(),
        employees_at_employer: true,
        bank_codes: BTreeMap::new(),
    }
}

fn payout(id: &str, bank: &str, amount: i64, parts: [i64; 4]) -> Payout {
    Payout {
        payout_id: id.into(),
        amount: Money::sar(amount),
        beneficiary: Account {
            holder: "Salem Ali".into(),
            iban: iban(bank, 608_010_167),
            bank_code: None,
            attributes: vec![],
        },
        identity_no: Some("1000000008".into()),
        wage: Some(WageParts {
            basic_minor: parts[0],
            housing_minor: parts[1],
            other_minor: parts[2],
            deductions_minor: parts[3],
        }),
        memo: String::new(),
        attributes: vec![],
    }
}

fn batch(payouts: Vec<Payout>) -> Batch {
    Batch {
        batch_id: "0190c5a0-0000-7000-8000-0000000000aa".into(),
        reference: "670".into(),
        purpose: Purpose::Salary,
        value_day: "2026-11-27".into(),
        total: Money::sar(payouts.iter().map(|payout| payout.amount.minor).sum()),
        payer: Account {
            holder: "Barq Express".into(),
            iban: iban("30", 26),
            bank_code: None,
            attributes: vec![],
        },
        establishment_no: Some("1234-5".into()),
        payouts,
        attributes: vec![],
    }
}

fn two() -> Batch {
    batch(vec![
        payout("p-1", "80", 520_050, [400_000, 100_000, 50_050, 30_000]),
        payout("p-2", "30", 350_000, [350_000, 0, 0, 0]),
    ])
}

fn text(file: &BatchFile) -> String {
    String::from_utf8(file.content.clone()).unwrap()
}

#[test]
fn the_files_are_these_bytes() {
    let files = of(&two(), &settings()).unwrap();
    assert_eq!(files[0].name, "anb-670-header.csv");
    assert_eq!(
        text(&files[0]),
        include_str!("../../fixtures/header.csv").replace('\n', "\r\n")
    );
    assert_eq!(
        text(&files[1]),
        include_str!("../../fixtures/body.csv").replace('\n', "\r\n")
    );
    let again = of(&two(), &settings()).unwrap();
    assert_eq!(again[1].content, files[1].content, "the same batch, the same bytes");
}

#[test]
fn the_bank_may_pass_the_file_on() {
    let settings = Settings {
        automatic_upload: true,
        national_unified_no: "7001234567".into(),
        ..settings()
    };
    let header = text(&of(&two(), &settings).unwrap()[0]);
    assert!(
        header
            .lines()
            .next()
            .unwrap()
            .ends_with("narrative,autowpsfileupload,nationalunifiedno")
    );
    assert!(
        header
            .lines()
            .nth(1)
            .unwrap()
            .ends_with("November wages,YES,7001234567")
    );
    let unset = Settings {
        national_unified_no: "7".into(),
        ..settings
    };
    assert_eq!(of(&two(), &unset).unwrap_err().code, "header");
}

#[test]
fn a_bad_row_is_named_and_makes_no_file() {
    type Change = fn(&mut Payout);
    let cases: [(Change, &str); 12] = [
        (
            |p| p.beneficiary.iban = "SA0380000000608010167518".into(),
            "account: the IBAN's check digits are wrong",
        ),
        (
            |p| p.beneficiary.iban = "GB82WEST12345698765432".into(),
            "account: it is not at a bank of the Kingdom",
        ),
        (
            |p| p.beneficiary.iban = iban("99", 1),
            "bank: its international code is not known",
        ),
        (
            |p| p.identity_no = Some("1000000009".into()),
            "identity: it is no number of a national or residence identity",
        ),
        (
            |p| p.identity_no = None,
            "identity: it is no number of a national or residence identity",
        ),
        (|p| p.wage = None, "wage: its parts are missing"),
        (
            |p| p.wage.as_mut().unwrap().housing_minor += 1,
            "wage: basic, housing and other less deductions are not the amount",
        ),
        (
            |p| p.wage.as_mut().unwrap().deductions_minor = -1,
            "wage: a part is negative",
        ),
        (
            |p| p.beneficiary.holder = "=cmd()".into(),
            "name: it is missing, or is no name",
        ),
        (
            |p| p.beneficiary.holder = " ".into(),
            "name: it is missing, or is no name",
        ),
        (|p| p.amount.currency = "USD".into(), "amount: the bank pays in SAR"),
        (|p| p.amount.minor = 0, "amount: it is not positive"),
    ];
    for (change, expected) in cases {
        let mut batch = two();
        change(&mut batch.payouts[1]);
        let failure = of(&batch, &settings()).unwrap_err();
        assert_eq!(failure.code, "bad_row", "{expected}");
        assert_eq!(failure.attributes, [("p-2".to_owned(), expected.to_owned())]);
        assert!(
            failure.message.contains("p-2") && !failure.message.contains("more"),
            "{}",
            failure.message
        );
    }
    let mut batch = two();
    batch.payouts[0].identity_no = None;
    batch.payouts[1].wage = None;
    let failure = of(&batch, &settings()).unwrap_err();
    assert!(failure.message.ends_with("(1 more)."), "{}", failure.message);
}

#[test]
fn the_sum_is_the_batchs_and_nobody_is_paid_twice() {
    let mut batch = two();
    batch.total.minor += 1;
    assert_eq!(of(&batch, &settings()).unwrap_err().code, "total_mismatch");
    let mut batch = two();
    batch.payouts[1].payout_id = "p-1".into();
    assert_eq!(
        of(&batch, &settings()).unwrap_err().attributes[0].1,
        "payout: it is in the batch twice"
    );
    let mut batch = two();
    batch.payouts.clear();
    assert_eq!(of(&batch, &settings()).unwrap_err().code, "empty_batch");
}

#[test]
fn addresses_are_peoples_own_or_none_is_made_up() {
    let strict = Settings {
        employees_at_employer: false,
        ..settings()
    };
    let failure = of(&two(), &strict).unwrap_err();
    assert!(failure.attributes[0].1.starts_with("address:"), "{failure:?}");
    let mut batch = two();
    for payout in &mut batch.payouts {
        let lines = [
            ("address_1", "Street 1, \"A\""),
            ("address_2", "Malaz"),
            ("address_3", "Riyadh"),
        ];
        payout.beneficiary.attributes = lines.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    }
    let body = text(&of(&batch, &strict).unwrap()[1]);
    assert!(
        body.lines()
            .nth(1)
            .unwrap()
            .ends_with(r#","Street 1, ""A""",Malaz,Riyadh"#),
        "{body}"
    );
}

#[test]
fn codes_of_banks_are_given_set_or_known() {
    let code = |batch: &Batch, settings: &Settings| {
        let body = text(&of(batch, settings).unwrap()[1]);
        body.lines().nth(1).unwrap().split(',').nth(7).unwrap().to_owned()
    };
    let mut batch = two();
    assert_eq!(code(&batch, &settings()), "RJHISARI");
    let set = Settings {
        bank_codes: [("80".to_owned(), "NEWBSARI".to_owned())].into(),
        ..settings()
    };
    assert_eq!(code(&batch, &set), "NEWBSARI");
    batch.payouts[0].beneficiary.bank_code = Some("RJHISARIXXX".into());
    assert_eq!(code(&batch, &set), "RJHISARIXXX");
    batch.payouts[0].beneficiary.bank_code = Some("RJHI".into());
    assert_eq!(
        code(&batch, &settings()),
        "RJHISARI",
        "an id of the payment system is no international code"
    );
}

#[test]
fn a_long_name_ends_after_a_word_and_numbers_are_made_once() {
    assert_eq!(
        holder("Mohammed Abdulrahman  Abdullah Alqahtani Alshehri").unwrap(),
        "Mohammed Abdulrahman Abdullah"
    );
    assert_eq!(holder("سالم علي").unwrap(), "سالم علي");
    let mut named = two();
    named.reference = "NOV-26".into();
    let made = number(&named);
    assert!(digits(&made, 18, 18) && made == number(&named));
    named.batch_id = "another".into();
    assert_ne!(made, number(&named));
    assert_eq!(value_date("2026-11-27").as_deref(), Some("261127"));
    assert_eq!(value_date("27/11/2026"), None);
}

#[test]
fn headers_that_the_bank_refuses_are_not_written() {
    type Change = fn(&mut Batch, &mut Settings);
    let cases: [Change; 6] = [
        |batch, _| batch.establishment_no = None,
        |batch, _| batch.establishment_no = Some("12 34".into()),
        |batch, _| batch.value_day = "soon".into(),
        |_, settings| settings.main_account = "SA0380000000608010167519".into(),
        |_, settings| settings.organization_name = "x".repeat(36),
        |_, settings| settings.narrative = String::new(),
    ];
    for (number, change) in cases.iter().enumerate() {
        let (mut batch, mut settings) = (two(), settings());
        change(&mut batch, &mut settings);
        assert_eq!(of(&batch, &settings).unwrap_err().code, "header", "case {number}");
    }
}
