//! Jahez: a token that ends without a word, letters for statuses, prices as decimals.

use platform_plugin_host::records::{OrderStatus, Payment};
use platform_plugin_host::{FailureKind, Health};
use provider_simulators::{Jahez, Trouble, Webhook};
use serde_json::json;

use crate::host::{Installation, anywhere, failure, notice, now};

const ADDRESS: &str = "https://barq.example/api/v1/integrations/hooks/jahez";

async fn world() -> Option<(Jahez, Installation)> {
    let platform = Jahez::start(anywhere(), "jahez-api-key", "jahez-secret").await.unwrap();
    let settings = json!({"base_url": platform.origin()});
    let secrets = [("api_key", "jahez-api-key"), ("secret", "jahez-secret")];
    let installation = Installation::new("jahez-orders", &platform.origin(), settings, &secrets)?;
    Some((platform, installation))
}

#[tokio::test]
async fn orders_come_and_answers_go() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    assert_eq!(installation.check().await, Ok(Health::Ok));
    let news = installation
        .event("orders", &Jahez::order(ADDRESS, 8841))
        .await
        .unwrap();
    assert!(news.refused.is_empty(), "{:?}", news.refused);
    let order = &news.orders[0];
    assert_eq!(
        (order.external_id.as_str(), order.status, order.payment),
        ("8841", OrderStatus::Pending, Some(Payment::Cash))
    );
    assert_eq!(
        order.total.as_ref().map(|total| (total.minor, total.currency.as_str())),
        Some((4_250, "SAR"))
    );
    assert_eq!(order.placed_at, Some(now()));
    for (letter, status) in [
        ("A", OrderStatus::Accepted),
        ("O", OrderStatus::InTransit),
        ("D", OrderStatus::Delivered),
        ("Q", OrderStatus::Other),
    ] {
        let news = installation
            .event("orders", &Jahez::event(ADDRESS, 8841, letter))
            .await
            .unwrap();
        assert_eq!(
            (news.updates[0].status, news.updates[0].status_name.as_deref()),
            (status, Some(letter))
        );
    }

    let notices = [
        notice("n-1", "8841", OrderStatus::Accepted),
        notice("n-2", "8841", OrderStatus::PickedUp),
        notice("n-3", "8842", OrderStatus::Cancelled),
    ];
    assert_eq!(installation.tell(&notices).await.unwrap(), ["done", "skipped", "done"]);
    let logins = || {
        platform
            .received()
            .iter()
            .filter(|request| request.path == "/token")
            .count()
    };
    let before = logins();
    // The token ends some day: one login more, and nobody notices.
    platform.end_token();
    assert_eq!(installation.tell(&notices[..1]).await.unwrap(), ["done"]);
    assert_eq!(logins(), before + 1);
    let told = platform.told();
    assert_eq!(
        told,
        [("8841", "A"), ("8842", "C"), ("8841", "A")].map(|(order, letter)| (order.to_owned(), letter.to_owned()))
    );
}

#[tokio::test]
async fn the_host_keeps_the_token_and_the_plugin_never_sees_it() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    assert_eq!(
        installation
            .tell(&[notice("n-1", "1", OrderStatus::Accepted)])
            .await
            .unwrap(),
        ["done"]
    );
    let bearer = platform
        .received()
        .last()
        .unwrap()
        .header("authorization")
        .unwrap()
        .to_owned();
    assert!(bearer.starts_with("Bearer jahez-token-"), "the real one reaches Jahez");
    assert_eq!(
        installation
            .tell(&[notice("n-2", "2", OrderStatus::Accepted)])
            .await
            .unwrap(),
        ["done"]
    );
    let logins = platform
        .received()
        .iter()
        .filter(|request| request.path == "/token")
        .count();
    assert_eq!(logins, 1, "and is used again in the next call");
}

#[tokio::test]
async fn every_trouble_has_its_kind() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    let one = [notice("n-1", "8841", OrderStatus::Accepted)];
    platform.trouble(Trouble::RateLimited, 0);
    assert_eq!(
        failure(installation.tell(&one).await),
        (FailureKind::RateLimited, "rate_limited".to_owned(), Some(7_000))
    );
    platform.trouble(Trouble::ServerError, 0);
    assert_eq!(installation.tell(&one).await.unwrap(), ["provider_error"]);
    platform.trouble(Trouble::None, 0);
    for (body, expected) in [(&b"<html>"[..], "bad_message"), (b"{}", "bad_message")] {
        let webhook = Webhook {
            url: ADDRESS.into(),
            headers: vec![],
            body: body.to_vec(),
        };
        assert_eq!(failure(installation.event("orders", &webhook).await).1, expected);
    }
    let bad_amount = Webhook {
        url: ADDRESS.into(),
        headers: vec![],
        body: br#"{"jahez_id":9,"final_price":"ten"}"#.to_vec(),
    };
    let news = installation.event("orders", &bad_amount).await.unwrap();
    let row = &news.refused[0];
    assert_eq!(
        (news.orders.len(), row.external_id.as_str(), row.field.as_str()),
        (0, "9", "final_price")
    );
    let wrong = installation.with_secret("secret", "another");
    assert_eq!(failure(wrong.tell(&one).await).0, FailureKind::Auth);
    assert_eq!(failure(wrong.check().await).0, FailureKind::Auth);
}
