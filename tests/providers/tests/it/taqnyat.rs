//! Taqnyat: 201 for good, and lists that are texts.

use platform_plugin_host::records::SmsState;
use platform_plugin_host::{FailureKind, Health};
use provider_simulators::{Taqnyat, Trouble, parts};
use serde_json::json;

use crate::host::{Installation, anywhere, failure, message, refused};

async fn world() -> Option<(Taqnyat, Installation)> {
    let gateway = Taqnyat::start(anywhere(), "taqnyat-token", &["BARQ"]).await.unwrap();
    let settings = json!({"base_url": gateway.origin(), "sender": "BARQ"});
    let installation = Installation::new(
        "taqnyat-sms",
        &gateway.origin(),
        settings,
        &[("token", "taqnyat-token")],
    )?;
    Some((gateway, installation))
}

#[tokio::test]
async fn messages_are_taken_one_by_one_and_bad_ones_are_named() {
    let Some((gateway, installation)) = world().await else {
        return;
    };
    assert_eq!(installation.check().await, Ok(Health::Ok));
    let long = "طلبك في الطريق. ".repeat(10);
    let messages = vec![
        message("m-1", "0501234567", "سلام"),
        message("m-2", "+971501234567", "not a Saudi number"),
        message("m-3", "12", "no number at all"),
        message("m-4", "00966501234568", &long),
    ];
    let results = installation.send(messages).await.unwrap();
    assert_eq!(refused(&results), [("m-2", "bad_number"), ("m-3", "bad_number")]);
    let sent = gateway.sent();
    let arrived: Vec<_> = sent.iter().map(|sent| (sent.to.as_str(), sent.parts)).collect();
    assert_eq!(arrived, [("966501234567", 1), ("966501234568", parts(&long))]);
    for (result, sent) in [(&results[0], &sent[0]), (&results[3], &sent[1])] {
        assert_eq!(
            (result.state, result.provider_ref.as_ref()),
            (SmsState::Accepted, Some(&sent.id))
        );
        assert_eq!(result.segments.map(|parts| parts as usize), Some(sent.parts));
    }
    assert_eq!(
        results[3].cost.as_ref().map(|cost| cost.minor),
        Some(15),
        "0.1470 for three parts, rounded"
    );
}

#[tokio::test]
async fn every_trouble_has_its_kind() {
    let Some((gateway, installation)) = world().await else {
        return;
    };
    let one = || vec![message("m-1", "0501234567", "سلام")];
    gateway.trouble(Trouble::RateLimited, 0);
    let expected = (FailureKind::RateLimited, "rate_limited".to_owned(), Some(7_000));
    assert_eq!(failure(installation.send(one()).await), expected);
    for (trouble, code) in [
        (Trouble::ServerError, "provider_error"),
        (Trouble::Garbage, "bad_reply"),
        (Trouble::Truncated, "bad_reply"),
    ] {
        gateway.trouble(trouble, 0);
        let results = installation.send(one()).await.unwrap();
        assert_eq!(refused(&results), [("m-1", code)], "{trouble:?}");
        assert_eq!(results[0].failure.as_ref().unwrap().kind, FailureKind::Transient);
    }
    // In the middle of a call: what was sent stays sent, what was not tried is tried again.
    gateway.trouble(Trouble::RateLimited, 16);
    gateway.forget();
    let before = gateway.sent().len();
    let many = (0..20)
        .map(|n| message(&format!("m-{n:02}"), "0501234567", "سلام"))
        .collect();
    let results = installation.send(many).await.unwrap();
    assert_eq!((gateway.sent().len() - before, refused(&results).len()), (16, 4));
    assert!(
        results
            .iter()
            .all(|result| result.failure.as_ref().is_none_or(|failure| failure.kind.retryable()))
    );
    gateway.trouble(Trouble::None, 0);
    let wrong = installation.with_secret("token", "another");
    let expected = (FailureKind::Auth, "credentials_refused".to_owned(), None);
    assert_eq!(failure(wrong.send(one()).await), expected);
    assert_eq!(failure(wrong.check().await).0, FailureKind::Auth);
}

#[tokio::test]
async fn a_gateway_that_takes_few_a_second_gets_the_rest_later() {
    let Some((gateway, installation)) = world().await else {
        return;
    };
    gateway.limit_per_second(5);
    let mut left: Vec<_> = (0..12)
        .map(|n| message(&format!("m-{n:02}"), "0501234567", "سلام"))
        .collect();
    for _ in 0..10 {
        match installation.send(left.clone()).await {
            Ok(results) => left.retain(|message| {
                results
                    .iter()
                    .any(|r| r.message_id == message.message_id && r.failure.is_some())
            }),
            Err(error) => assert!(error.retryable(), "{error:?}"),
        }
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
    }
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(gateway.sent().len(), 12, "each once");
}
