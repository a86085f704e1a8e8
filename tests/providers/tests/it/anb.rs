//! Arab National Bank: two files for a batch, or none and the row that is wrong.

use std::collections::BTreeMap;

use platform_plugin_host::FailureKind;
use platform_plugin_host::records::{Amount, BankAccount, Payout, PayoutBatch, Purpose, WageParts};
use serde_json::json;

use crate::host::{Installation, failure};

fn installation() -> Option<Installation> {
    let settings = json!({
        "main_account": "0108061198800026", "organization_name": "Barq Express", "address_1": "King Fahd Rd",
        "address_2": "Olaya", "address_3": "Riyadh", "narrative": "November wages", "employees_at_employer": true,
    });
    Installation::new("anb-payouts", "", settings, &[])
}

fn payout(id: &str, iban: &str, amount: i64, parts: [i64; 4]) -> Payout {
    Payout {
        payout_id: id.into(),
        amount: Amount {
            minor: amount,
            currency: "SAR".into(),
        },
        beneficiary: BankAccount {
            holder: "Salem Ali".into(),
            iban: iban.into(),
            bank_code: None,
            attributes: BTreeMap::new(),
        },
        identity_no: Some("1000000008".into()),
        wage: Some(WageParts {
            basic_minor: parts[0],
            housing_minor: parts[1],
            other_minor: parts[2],
            deductions_minor: parts[3],
        }),
        memo: String::new(),
        attributes: BTreeMap::new(),
    }
}

fn batch() -> PayoutBatch {
    PayoutBatch {
        batch_id: "0190c5a0-0000-7000-8000-0000000000aa".into(),
        reference: "670".into(),
        purpose: Purpose::Salary,
        value_day: "2026-11-27".into(),
        total: Amount {
            minor: 870_050,
            currency: "SAR".into(),
        },
        payer: BankAccount {
            holder: "Barq Express".into(),
            iban: "SA5030000000000608010167".into(),
            bank_code: None,
            attributes: BTreeMap::new(),
        },
        establishment_no: Some("1234-5".into()),
        payouts: vec![
            payout(
                "p-1",
                "SA8380000000000608010167",
                520_050,
                [400_000, 100_000, 50_050, 30_000],
            ),
            payout("p-2", "SA5030000000000608010167", 350_000, [350_000, 0, 0, 0]),
        ],
        attributes: BTreeMap::new(),
    }
}

#[tokio::test]
async fn the_files_are_these_bytes_each_time() {
    let Some(installation) = installation() else { return };
    let first = installation.pay(batch()).await.unwrap();
    let text = |n: usize| {
        String::from_utf8(first.files[n].content.clone())
            .unwrap()
            .replace("\r\n", "\n")
    };
    assert_eq!(
        text(0),
        include_str!("../../../../plugins/anb-payouts/fixtures/header.csv")
    );
    assert_eq!(
        text(1),
        include_str!("../../../../plugins/anb-payouts/fixtures/body.csv")
    );
    assert_eq!(
        installation.pay(batch()).await.unwrap(),
        first,
        "called twice, it makes one batch"
    );
}

#[tokio::test]
async fn a_batch_of_thousands_fits_into_one_call() {
    let Some(mut installation) = installation() else { return };
    // The limit counts time on the clock, of which a busy machine gives a guest little.
    installation.limits.cpu_ms = 20_000;
    let mut many = batch();
    many.payouts = (0..2_000)
        .map(|n| {
            payout(
                &format!("p-{n}"),
                "SA8380000000000608010167",
                100_000 + n,
                [100_000 + n, 0, 0, 0],
            )
        })
        .collect();
    many.total.minor = many.payouts.iter().map(|payout| payout.amount.minor).sum();
    let files = installation.pay(many).await.unwrap().files;
    let body = String::from_utf8(files[1].content.clone()).unwrap();
    assert_eq!(body.lines().count(), 2_001);
}

#[tokio::test]
async fn a_bad_row_is_named_and_nobody_is_paid() {
    let Some(installation) = installation() else { return };
    let mut wrong = batch();
    wrong.payouts[1].beneficiary.iban = "SA5030000000000608010168".into();
    assert_eq!(
        failure(installation.pay(wrong).await),
        (FailureKind::Permanent, "bad_row".to_owned(), None)
    );
    let mut wrong = batch();
    wrong.total.minor -= 1;
    assert_eq!(failure(installation.pay(wrong).await).1, "total_mismatch");
    let mut wrong = batch();
    wrong.establishment_no = None;
    assert_eq!(
        failure(installation.pay(wrong).await),
        (FailureKind::Config, "header".to_owned(), None)
    );
}
