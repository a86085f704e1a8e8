use super::*;
use crate::FailureKind;

fn rules() -> Rules {
    Rules {
        now: DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        currencies: vec!["SAR".into()],
    }
}

fn message(id: &str) -> SmsMessage {
    SmsMessage {
        message_id: id.into(),
        to: "+966501234567".into(),
        sender_name: None,
        body: "سلام".into(),
        kind: SmsKind::Transactional,
        expires_at: None,
        attributes: Attributes::new(),
    }
}

fn result(id: &str) -> SmsResult {
    SmsResult {
        message_id: id.into(),
        provider_ref: Some(format!("ref-{id}")),
        state: SmsState::Accepted,
        segments: Some(1),
        cost: None,
        failure: None,
        attributes: Attributes::new(),
    }
}

fn failure(kind: FailureKind) -> Failure {
    Failure {
        kind,
        code: "number".into(),
        message: "The number is\u{0} unknown.".into(),
        retry_after_ms: None,
        attributes: Attributes::new(),
    }
}

#[test]
fn every_message_has_one_result_and_nobody_else_has() {
    let asked = [message("a"), message("b"), message("c")];
    let mut failed = result("c");
    failed.state = SmsState::Rejected;
    failed.failure = Some(failure(FailureKind::Permanent));
    let mut refused = Vec::new();
    let results = check_sms_results(&asked, vec![result("b"), failed, result("z")], &rules(), &mut refused);
    let ids: Vec<_> = results.iter().map(|r| r.message_id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(results[0].failure.as_ref().unwrap().code, "no_result");
    assert_eq!(results[1].provider_ref.as_deref(), Some("ref-b"));
    assert_eq!(results[2].failure.as_ref().unwrap().message, "The number is unknown.");
    assert_eq!((refused.len(), refused[0].field.as_str()), (1, "message_id"));
}

type Case = (&'static str, fn(&mut SmsResult));

#[test]
fn a_result_that_contradicts_itself_is_not_believed() {
    let cases: [Case; 4] = [
        ("failure", |r| r.failure = Some(failure(FailureKind::Transient))),
        ("segments", |r| r.segments = Some(51)),
        ("provider_ref", |r| r.provider_ref = Some(String::new())),
        ("cost", |r| {
            r.cost = Some(Amount {
                minor: -5,
                currency: "SAR".into(),
            });
        }),
    ];
    for (field, change) in cases {
        let mut bad = result("a");
        change(&mut bad);
        let mut refused = Vec::new();
        let results = check_sms_results(&[message("a")], vec![bad], &rules(), &mut refused);
        assert_eq!(refused[0].field, field);
        assert_eq!(results[0].failure.as_ref().unwrap().code, "no_result", "{field}");
    }
}

#[test]
fn a_report_says_whose_it_is() {
    let report = |provider_ref: Option<&str>, message_id: Option<&str>| SmsReport {
        provider_ref: provider_ref.map(str::to_owned),
        message_id: message_id.map(str::to_owned),
        state: SmsState::Delivered,
        state_name: Some("DELIVRD".into()),
        at: Some(rules().now),
        segments: None,
        cost: None,
        reason: None,
        attributes: Attributes::new(),
        flags: vec![],
    };
    let given = vec![
        report(Some("r"), None),
        report(None, Some("m")),
        report(None, None),
        report(Some("r"), None),
    ];
    let mut refused = Vec::new();
    let kept = check_sms_reports(given, &rules(), &mut refused);
    assert_eq!(kept.len(), 2, "the same report twice is one");
    assert_eq!((refused[0].index, refused[0].field.as_str()), (Some(2), "provider_ref"));
}
