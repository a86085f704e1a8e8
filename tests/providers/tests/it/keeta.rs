//! Keeta: JSON in a JSON text, a signature inside the body that is no HMAC, status 200 for every refusal.

use std::collections::BTreeMap;

use platform_plugin_host::records::{OrderStatus, Payment};
use platform_plugin_host::{FailureKind, Health};
use provider_simulators::{Keeta, Trouble, shuffled};
use serde_json::json;

use crate::host::{Installation, anywhere, failure, notice};

const ADDRESS: &str = "https://barq.example/api/v1/integrations/hooks/keeta";
const ORDER: u64 = 553_440_887_574_627;

async fn world() -> Option<(Keeta, Installation)> {
    let platform = Keeta::start(anywhere(), 3_762_772_727, "keeta-app-secret", "keeta-access-token")
        .await
        .unwrap();
    let settings = json!({
        "base_url": format!("{}/api/open", platform.origin()), "app_id": 3_762_772_727_i64,
        "delivery_statuses": {"20": "assigned", "40": "picked_up"},
    });
    let secrets = [
        ("app_secret", "keeta-app-secret"),
        ("access_token", "keeta-access-token"),
    ];
    let installation = Installation::new("keeta-orders", &platform.origin(), settings, &secrets)?;
    Some((platform, installation))
}

#[tokio::test]
async fn a_story_told_out_of_order_and_twice_is_the_same_story() {
    use OrderStatus::{Accepted, Assigned, Delivered, Pending, PickedUp};
    let Some((platform, installation)) = world().await else {
        return;
    };
    assert_eq!(installation.check().await, Ok(Health::Ok));
    let story = platform.story(ADDRESS, ORDER);
    let mut statuses = BTreeMap::new();
    let mut orders = 0;
    for webhook in shuffled(&story, 2, 5) {
        let news = installation.event("orders", &webhook).await.unwrap();
        assert!(news.refused.is_empty(), "{:?}", news.refused);
        for order in &news.orders {
            orders += 1;
            assert_eq!(
                (order.external_id.clone(), order.payment),
                (ORDER.to_string(), Some(Payment::Cash))
            );
            let minor =
                |amount: &Option<platform_plugin_host::records::Amount>| amount.as_ref().map(|amount| amount.minor);
            assert_eq!(
                (
                    minor(&order.total),
                    minor(&order.delivery_fee),
                    minor(&order.cash_to_collect)
                ),
                (Some(6_350), Some(700), Some(6_350))
            );
            let dropoff = order.dropoff.as_ref().unwrap();
            assert_eq!(
                (dropoff.name.as_deref(), dropoff.phone.as_deref()),
                (None, Some("+966501234567")),
                "encrypted is left out"
            );
            statuses.insert(order.as_of, (order.status, order.event_id.clone()));
        }
        for update in news.updates {
            statuses.insert(update.as_of, (update.status, update.event_id));
        }
    }
    assert_eq!(
        (orders, statuses.len()),
        (2, 5),
        "each message has a time and an id of its own, however often it comes"
    );
    let order: Vec<_> = statuses.values().map(|(status, _)| *status).collect();
    assert_eq!(order, [Pending, Accepted, Assigned, PickedUp, Delivered]);
}

#[tokio::test]
async fn answers_are_signed_with_secrets_nobody_sees() {
    let Some((platform, mut installation)) = world().await else {
        return;
    };
    installation
        .event("orders", &platform.story(ADDRESS, ORDER)[1])
        .await
        .unwrap();
    let order = ORDER.to_string();
    let notices = [
        notice("n-1", &order, OrderStatus::Accepted),
        notice("n-2", &order, OrderStatus::AtPickup),
        notice("n-3", &order, OrderStatus::PickedUp),
        notice("n-4", &order, OrderStatus::Delivered),
        notice("n-5", "777777", OrderStatus::Accepted),
    ];
    assert_eq!(
        installation.tell(&notices).await.unwrap(),
        ["done", "skipped", "done", "done", "unknown_shop"]
    );
    let told = platform.told();
    let actions: Vec<_> = told.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["confirm", "dispatched", "delivered"]);
    assert_eq!(
        told[1].1["courierInfo"],
        json!({"courierName": "سالم", "courierPhone": "509876543", "courierPhoneInterCode": "+966"})
    );
    assert_eq!(
        (&told[1].1["shopId"], &told[1].1["orderViewId"]),
        (&json!(145_541), &json!(ORDER)),
        "the shop is known from its message"
    );
    // The same step twice is a wrong state; where the first answer was lost, it is done.
    assert_eq!(installation.tell(&notices[..1]).await.unwrap(), ["wrong_state"]);
    installation.attempt = 2;
    assert_eq!(installation.tell(&notices[..1]).await.unwrap(), ["done"]);
}

#[tokio::test]
async fn a_message_with_a_wrong_signature_is_refused() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    let good = platform.story(ADDRESS, ORDER).remove(1);
    assert!(installation.event("orders", &good).await.is_ok());
    let text = String::from_utf8(good.body.clone()).unwrap();
    let with_body = |body: String| provider_simulators::Webhook {
        body: body.into_bytes(),
        ..good.clone()
    };
    let changed = with_body(text.replace("145541", "145542"));
    let unsigned = with_body(text.replace("\"sig\"", "\"gis\""));
    let garbled = with_body(text.replacen("\"sig\":\"", "\"sig\":\"x", 1));
    let elsewhere = provider_simulators::Webhook {
        url: "https://barq.example/other".into(),
        ..good.clone()
    };
    for webhook in [changed, unsigned, garbled, elsewhere] {
        assert_eq!(failure(installation.event("orders", &webhook).await).1, "bad_signature");
    }
    let other = installation.with_secret("app_secret", "another");
    assert_eq!(failure(other.event("orders", &good).await).1, "bad_signature");
}

#[tokio::test]
async fn every_trouble_has_its_kind() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    installation
        .event("orders", &platform.story(ADDRESS, ORDER)[1])
        .await
        .unwrap();
    let one = [notice("n-1", &ORDER.to_string(), OrderStatus::Accepted)];
    platform.trouble(Trouble::RateLimited, 0);
    assert_eq!(
        failure(installation.tell(&one).await),
        (FailureKind::RateLimited, "rate_limited".to_owned(), Some(7_000))
    );
    for (trouble, code) in [
        (Trouble::ServerError, "provider_error"),
        (Trouble::Garbage, "bad_reply"),
        (Trouble::Truncated, "bad_reply"),
    ] {
        platform.trouble(trouble, 0);
        assert_eq!(installation.tell(&one).await.unwrap(), [code], "{trouble:?}");
    }
    platform.trouble(Trouble::None, 0);
    for secret in ["access_token", "app_secret"] {
        let (platform, installation) = world().await.unwrap();
        installation
            .event("orders", &platform.story(ADDRESS, ORDER)[1])
            .await
            .unwrap();
        let wrong = installation.with_secret(secret, "another");
        assert_eq!(failure(wrong.tell(&one).await).0, FailureKind::Auth, "{secret}");
        assert_eq!(failure(wrong.check().await).0, FailureKind::Auth, "{secret}");
    }
}
