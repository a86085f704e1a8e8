//! Twilio: figures that are texts, and callbacks that are signed over their address, out of order and twice.

use platform_plugin_host::records::SmsState;
use platform_plugin_host::{FailureKind, Health};
use provider_simulators::{TWILIO_KEY_SID, Trouble, Twilio, shuffled};
use serde_json::json;

use crate::host::{Installation, anywhere, failure, message, refused};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const ADDRESS: &str = "https://barq.example/api/v1/integrations/hooks/twilio?x=1";

async fn world() -> Option<(Twilio, Installation)> {
    let gateway = Twilio::start(anywhere(), ACCOUNT, "twilio-auth-token", &["BARQ"])
        .await
        .unwrap();
    let settings =
        json!({"base_url": gateway.origin(), "account_sid": ACCOUNT, "sender": "BARQ", "status_callback": ADDRESS});
    let secrets = [
        ("key_sid", TWILIO_KEY_SID),
        ("key_secret", "twilio-auth-token"),
        ("auth_token", "twilio-auth-token"),
    ];
    let installation = Installation::new("twilio-sms", &gateway.origin(), settings, &secrets)?;
    Some((gateway, installation))
}

#[tokio::test]
async fn messages_their_state_and_their_callbacks() {
    let Some((gateway, installation)) = world().await else {
        return;
    };
    assert_eq!(installation.check().await, Ok(Health::Ok));
    let results = installation
        .send(vec![
            message("m-1", "0501234567", "سلام عليكم"),
            message("m-2", "+971501234567", "Hello"),
        ])
        .await
        .unwrap();
    assert_eq!(refused(&results), []);
    assert!(
        results
            .iter()
            .all(|result| result.state == SmsState::Queued && result.segments == Some(1))
    );
    let posted = gateway
        .received()
        .into_iter()
        .filter(|request| request.method == "POST")
        .collect::<Vec<_>>();
    assert_eq!(posted[0].form("StatusCallback").as_deref(), Some(ADDRESS));

    let asked = installation.query(&results).await.unwrap().reports;
    assert_eq!(asked.len(), 2);
    for (report, result) in asked.iter().zip(&results) {
        assert_eq!(
            (report.state, report.message_id.as_ref()),
            (SmsState::Delivered, Some(&result.message_id))
        );
        assert_eq!(
            report.cost.as_ref().map(|cost| (cost.minor, cost.currency.as_str())),
            Some((8, "USD"))
        );
        assert_eq!(report.attributes["cost"], "0.07500");
    }

    // In any order, and each twice: each says what it says.
    let sent = &gateway.sent()[0];
    let statuses = ["queued", "sending", "sent", "delivered", "undelivered"];
    let callbacks: Vec<_> = statuses
        .iter()
        .map(|status| (*status, gateway.callback(ADDRESS, sent, status)))
        .collect();
    for (status, callback) in shuffled(&callbacks, 2, 11) {
        let reports = installation.report("reports", &callback).await.unwrap().reports;
        let expected = match status {
            "queued" | "sending" => SmsState::Queued,
            "sent" => SmsState::Sent,
            "delivered" => SmsState::Delivered,
            _ => SmsState::Undelivered,
        };
        assert_eq!((reports.len(), reports[0].state), (1, expected), "{status}");
        assert_eq!(reports[0].provider_ref.as_ref(), Some(&sent.id));
        assert_eq!(reports[0].reason.is_some(), status == "undelivered");
    }
}

#[tokio::test]
async fn a_callback_with_a_wrong_signature_is_refused() {
    let Some((gateway, installation)) = world().await else {
        return;
    };
    installation
        .send(vec![message("m-1", "0501234567", "سلام")])
        .await
        .unwrap();
    let good = gateway.callback(ADDRESS, &gateway.sent()[0], "delivered");
    assert!(installation.report("reports", &good).await.is_ok());
    let mut changed = good.clone();
    changed.body = String::from_utf8(changed.body)
        .unwrap()
        .replace("delivered", "undelivered")
        .into_bytes();
    let mut elsewhere = good.clone();
    elsewhere.url = ADDRESS.replace("x=1", "x=2");
    let mut unsigned = good.clone();
    unsigned.headers.retain(|(name, _)| name != "x-twilio-signature");
    let mut garbled = good.clone();
    garbled
        .headers
        .iter_mut()
        .filter(|(name, _)| name == "x-twilio-signature")
        .for_each(|(_, value)| *value = "?".into());
    for webhook in [changed, elsewhere, unsigned, garbled] {
        assert_eq!(
            failure(installation.report("reports", &webhook).await).1,
            "bad_signature"
        );
    }
    let other = installation.with_secret("auth_token", "another");
    assert_eq!(failure(other.report("reports", &good).await).1, "bad_signature");
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
        (Trouble::Truncated, "bad_reply"),
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
    other.sender_name = Some("+15005550006".into());
    assert_eq!(
        failure(installation.send(vec![other]).await),
        (FailureKind::Config, "sender".to_owned(), None)
    );
    let wrong = installation.with_secret("key_secret", "another");
    assert_eq!(failure(wrong.send(one()).await).0, FailureKind::Auth);
    assert_eq!(failure(wrong.check().await).0, FailureKind::Auth);
}
