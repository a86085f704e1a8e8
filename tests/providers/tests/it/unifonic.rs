//! Unifonic: refusals with status 200 and with statuses of its own, and `success` as text or boolean.

use platform_plugin_host::records::SmsState;
use platform_plugin_host::{FailureKind, Health};
use provider_simulators::{Trouble, Unifonic};
use serde_json::json;

use crate::host::{Installation, anywhere, failure, message, refused};

async fn world() -> Option<(Unifonic, Installation)> {
    let gateway = Unifonic::start(anywhere(), "unifonic-app-sid", &["BARQ"])
        .await
        .unwrap();
    let settings = json!({"base_url": gateway.origin(), "sender": "BARQ"});
    let installation = Installation::new(
        "unifonic-sms",
        &gateway.origin(),
        settings,
        &[("app_sid", "unifonic-app-sid")],
    )?;
    Some((gateway, installation))
}

#[tokio::test]
async fn messages_and_their_reports() {
    let Some((gateway, installation)) = world().await else {
        return;
    };
    assert_eq!(
        installation.check().await,
        Ok(Health::Ok),
        "and nothing was sent: {:?}",
        gateway.sent()
    );
    assert!(gateway.sent().is_empty());
    let short = message("m-3", "+4512345678", "too short for this gateway");
    let messages = vec![
        message("m-1", "+966501234567", "سلام"),
        message("m-2", "0501234568", "Your code is 1234"),
        short,
    ];
    let results = installation.send(messages).await.unwrap();
    assert_eq!(refused(&results), [("m-3", "bad_number")], "a refusal with status 200");
    let sent = gateway.sent();
    let mut taken: Vec<_> = sent
        .iter()
        .map(|sent| (sent.reference.as_str(), sent.to.as_str()))
        .collect();
    taken.sort_unstable();
    assert_eq!(taken, [("m-1", "966501234567"), ("m-2", "966501234568")]);
    assert!(
        results[..2].iter().all(|result| result.state == SmsState::Queued),
        "success as boolean and as text: {results:?}"
    );

    let address = "https://barq.example/api/v1/integrations/hooks/abc";
    for (delivered, state) in [(true, SmsState::Delivered), (false, SmsState::Undelivered)] {
        let webhook = gateway.report(address, &sent[0], delivered);
        let reports = installation.report("reports", &webhook).await.unwrap().reports;
        assert_eq!(
            (reports.len(), reports[0].state, reports[0].provider_ref.as_ref()),
            (1, state, Some(&sent[0].id))
        );
        assert_eq!(reports[0].at.unwrap().to_rfc3339(), "2026-11-20T09:00:03+00:00");
    }
    let mut empty = gateway.report(address, &sent[0], true);
    empty.body = b"hello=1".to_vec();
    assert_eq!(failure(installation.report("reports", &empty).await).1, "bad_message");
}

#[tokio::test]
async fn every_trouble_has_its_kind() {
    let Some((gateway, installation)) = world().await else {
        return;
    };
    let one = || vec![message("m-1", "0501234567", "سلام")];
    gateway.trouble(Trouble::RateLimited, 0);
    assert_eq!(
        failure(installation.send(one()).await),
        (FailureKind::RateLimited, "rate_limited".to_owned(), Some(7_000))
    );
    for (trouble, code) in [
        (Trouble::ServerError, "provider_error"),
        (Trouble::Garbage, "bad_reply"),
    ] {
        gateway.trouble(trouble, 0);
        assert_eq!(
            refused(&installation.send(one()).await.unwrap()),
            [("m-1", code)],
            "{trouble:?}"
        );
    }
    gateway.trouble(Trouble::None, 0);
    let mut other = message("m-1", "0501234567", "سلام");
    other.sender_name = Some("NOBODY".into());
    assert_eq!(
        failure(installation.send(vec![other]).await),
        (FailureKind::Config, "sender".to_owned(), None)
    );
    let wrong = installation.with_secret("app_sid", "another");
    assert_eq!(failure(wrong.send(one()).await).0, FailureKind::Auth);
    assert_eq!(failure(wrong.check().await).0, FailureKind::Auth);
}
