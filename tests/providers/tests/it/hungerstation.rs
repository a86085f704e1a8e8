//! HungerStation: prices as texts, a login, signed callbacks and the places of riders.

use platform_plugin_host::records::OrderStatus;
use platform_plugin_host::{FailureKind, Health};
use provider_simulators::{HungerStation, Trouble, hmac_sha256_hex, shuffled};
use serde_json::json;

use crate::host::{Installation, anywhere, failure, notice};

const ADDRESS: &str = "https://barq.example/api/v1/integrations/hooks/hs";

async fn world() -> Option<(HungerStation, Installation)> {
    let platform = HungerStation::start(anywhere(), "barq-user", "hs-password", "hs-webhook-secret")
        .await
        .unwrap();
    let settings = json!({"base_url": platform.origin()});
    let secrets = [
        ("username", "barq-user"),
        ("password", "hs-password"),
        ("webhook_secret", "hs-webhook-secret"),
    ];
    let installation = Installation::new("hungerstation-orders", &platform.origin(), settings, &secrets)?;
    Some((platform, installation))
}

#[tokio::test]
async fn orders_and_riders() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    assert_eq!(installation.check().await, Ok(Health::Ok));
    let news = installation
        .event("orders", &platform.order(ADDRESS, "f0f5c7d4"))
        .await
        .unwrap();
    assert!(news.refused.is_empty(), "{:?}", news.refused);
    let order = &news.orders[0];
    assert_eq!(
        order.total.as_ref().map(|total| (total.minor, total.currency.as_str())),
        Some((5_890, "SAR"))
    );
    assert_eq!(order.cash_to_collect.as_ref().map(|cash| cash.minor), Some(5_890));
    assert_eq!(order.placed_at.unwrap().to_rfc3339(), "2026-11-20T08:55:10+00:00");

    let start = 1_795_165_200;
    let words = [
        ("COURIER_ACCEPTED_DELIVERY", OrderStatus::Assigned),
        ("NEAR_VENDOR", OrderStatus::AtPickup),
        ("PICKED_UP", OrderStatus::PickedUp),
        ("NEAR_CUSTOMER", OrderStatus::AtDropoff),
        ("DELIVERED", OrderStatus::Delivered),
        ("DELAYED", OrderStatus::Other),
    ];
    let callbacks: Vec<_> = (0_u64..)
        .zip(words)
        .map(|(minute, (word, status))| {
            (
                platform.rider(ADDRESS, "f0f5c7d4", word, start + minute * 60),
                status,
                start + minute * 60,
            )
        })
        .collect();
    for (webhook, status, at) in shuffled(&callbacks, 2, 3) {
        let news = installation.event("callback", &webhook).await.unwrap();
        let update = &news.updates[0];
        assert_eq!(
            (update.status, u64::try_from(update.as_of.timestamp()).unwrap()),
            (status, at)
        );
        assert_eq!(update.courier_ref.as_deref(), Some("r-5"));
    }
    let news = installation
        .event("callback-location", &platform.location(ADDRESS, "f0f5c7d4", start))
        .await
        .unwrap();
    let update = &news.updates[0];
    assert_eq!(
        (update.status, update.courier_location.map(|place| place.lat_e7)),
        (OrderStatus::Other, Some(247_013_000))
    );
    let news = installation
        .event("orders", &platform.cancelled(ADDRESS, "f0f5c7d4"))
        .await
        .unwrap();
    assert_eq!(
        (news.updates[0].status, news.updates[0].reason.as_deref()),
        (OrderStatus::Cancelled, Some("CUSTOMER_CANCELLED"))
    );
}

#[tokio::test]
async fn the_manifest_names_the_signature_that_the_platform_makes() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    assert_eq!(installation.plugin.manifest.webhooks.len(), 3);
    let order = platform.order(ADDRESS, "f0f5c7d4");
    for webhook in &installation.plugin.manifest.webhooks {
        let ask = webhook.signature.as_ref().unwrap();
        assert!(ask.is_checked_by_host() && ask.signs == "{body}" && ask.encoding == "hex" && ask.prefix.is_empty());
        assert_eq!(
            (ask.scheme.as_str(), ask.secret.as_str()),
            ("hmac-sha256", "webhook_secret")
        );
        let made = hmac_sha256_hex(b"hs-webhook-secret", &order.body);
        assert_eq!(order.header(&ask.header), Some(made.as_str()), "over the raw body");
    }
}

#[tokio::test]
async fn answers_go_through_one_login() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    let notices = [
        notice("n-1", "f0f5c7d4", OrderStatus::Accepted),
        notice("n-2", "f0f5c7d4", OrderStatus::Ready),
        notice("n-3", "f0f5c7d4", OrderStatus::PickedUp),
        notice("n-4", "f0f5c7d4", OrderStatus::Delivered),
        notice("n-5", "unknown", OrderStatus::Cancelled),
        notice("n-6", "../../v2/login", OrderStatus::Accepted),
    ];
    let told = installation.tell(&notices).await.unwrap();
    assert_eq!(
        told,
        ["done", "done", "done", "skipped", "order_refused", "unknown_order"]
    );
    let words: Vec<_> = platform.told().into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["order_accepted", "prepared", "order_picked_up"]);
    let requests = platform.received();
    assert_eq!(requests.iter().filter(|request| request.path == "/v2/login").count(), 1);
    let accepted = requests
        .iter()
        .find(|request| request.path.ends_with("/status/f0f5c7d4"))
        .unwrap()
        .json();
    assert_eq!(
        accepted,
        json!({"status": "order_accepted", "acceptanceTime": "2026-11-20T09:00:00Z", "remoteOrderId": "f0f5c7d4"})
    );
    let rejected = requests
        .iter()
        .find(|request| request.path.ends_with("/status/unknown"))
        .unwrap()
        .json();
    assert_eq!(rejected["reason"], "NO_COURIER");
}

#[tokio::test]
async fn every_trouble_has_its_kind() {
    let Some((platform, installation)) = world().await else {
        return;
    };
    let one = [notice("n-1", "f0f5c7d4", OrderStatus::Accepted)];
    platform.trouble(Trouble::RateLimited, 0);
    assert_eq!(
        failure(installation.tell(&one).await),
        (FailureKind::RateLimited, "rate_limited".to_owned(), Some(7_000))
    );
    platform.trouble(Trouble::ServerError, 0);
    assert_eq!(installation.tell(&one).await.unwrap(), ["provider_error"]);
    platform.trouble(Trouble::None, 0);
    let wrong = installation.with_secret("password", "another");
    assert_eq!(failure(wrong.tell(&one).await).0, FailureKind::Auth);
    assert_eq!(failure(wrong.check().await).0, FailureKind::Auth);
}
