use chrono::DateTime;

use super::*;

fn rules() -> Rules {
    Rules {
        now: DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        currencies: vec!["SAR".into()],
    }
}

fn sar(minor: i64) -> Amount {
    Amount {
        minor,
        currency: "SAR".into(),
    }
}

fn account(holder: &str) -> BankAccount {
    BankAccount {
        holder: holder.into(),
        iban: "SA0380000000608010167519".into(),
        bank_code: None,
        attributes: Attributes::new(),
    }
}

fn batch() -> PayoutBatch {
    PayoutBatch {
        batch_id: "batch".into(),
        reference: "2026-10".into(),
        purpose: Purpose::Salary,
        value_day: "2026-11-27".into(),
        total: sar(500_000),
        payer: account("Fleet"),
        establishment_no: None,
        payouts: vec![Payout {
            payout_id: "p-1".into(),
            amount: sar(500_000),
            beneficiary: account("Courier"),
            identity_no: None,
            wage: None,
            memo: String::new(),
            attributes: Attributes::new(),
        }],
        attributes: Attributes::new(),
    }
}

fn status(payout_id: Option<&str>) -> PayoutStatus {
    PayoutStatus {
        payout_id: payout_id.map(str::to_owned),
        provider_ref: None,
        state: PayoutState::Accepted,
        state_name: None,
        settled_on: Some("2026-02-03".into()),
        amount: Some(sar(500_000)),
        fee: None,
        reason: None,
        attributes: Attributes::new(),
        flags: vec![],
    }
}

fn prepared() -> PreparedBatch {
    PreparedBatch {
        files: vec![PayoutFile {
            name: "wages-2026-10.txt".into(),
            media_type: "text/plain".into(),
            content: b"SAR".to_vec(),
        }],
        statuses: vec![status(Some("p-1"))],
        ..PreparedBatch::default()
    }
}

type Case = (&'static str, &'static str, fn(&mut PreparedBatch));

#[test]
fn a_batch_is_prepared_as_a_whole_or_not_at_all() {
    assert_eq!(check_prepared(&batch(), prepared(), &rules()), Ok(prepared()));
    let cases: &[Case] = &[
        ("files", "required", |p| p.files.clear()),
        ("files", "too_many", |p| p.files = vec![p.files[0].clone(); 11]),
        ("files.name", "required", |p| p.files[0].name = " ".into()),
        ("files.name", "invisible_characters", |p| {
            p.files[0].name = "../../etc/passwd".into();
        }),
        ("files.name", "invisible_characters", |p| {
            p.files[0].name = "wages\u{202E}txt.exe".into();
        }),
        ("files.media_type", "unknown", |p| {
            p.files[0].media_type = "text/html; charset=utf-8".into();
        }),
        ("files.content", "required", |p| p.files[0].content.clear()),
        ("files.content", "too_long", |p| {
            p.files[0].content = vec![0; 2 * 1024 * 1024 + 1];
        }),
        ("payout_id", "unknown", |p| p.statuses = vec![status(Some("p-2"))]),
        ("payout_id", "unknown", |p| {
            p.statuses[0] = PayoutStatus {
                provider_ref: Some("r".into()),
                ..status(None)
            }
        }),
        ("settled_on", "out_of_range", |p| {
            p.statuses[0].settled_on = Some("2026-02-30".into());
        }),
        ("amount", "out_of_range", |p| p.statuses[0].amount = Some(sar(i64::MIN))),
        ("provider_ref", "too_long", |p| p.provider_ref = Some("r".repeat(129))),
    ];
    for (field, reason, change) in cases {
        let mut bad = prepared();
        change(&mut bad);
        let row = check_prepared(&batch(), bad, &rules()).unwrap_err();
        assert_eq!((row.field.as_str(), row.reason.as_str()), (*field, *reason));
    }
}

#[test]
fn a_status_file_is_read_row_by_row() {
    let mut refused = Vec::new();
    let given = vec![status(Some("p-1")), status(None), status(Some("p-1"))];
    let kept = check_payout_statuses(given, &rules(), &mut refused);
    assert_eq!((kept.len(), refused.len()), (1, 1));
    assert_eq!((refused[0].index, refused[0].reason.as_str()), (Some(1), "required"));
}
