//! Dispatch and delivery go the same way, whichever is pressed.

use operations::{DELIVERIES, DISPATCH_ASSIGNMENTS, PRIORITY_QUEUE_ENTRIES};
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, id};

async fn dispatch(world: &World, delivery: Uuid) -> Uuid {
    let row = json!({"delivery_id": delivery, "estimated_time_minutes": 40});
    id(&world.create(&DISPATCH_ASSIGNMENTS, &row).await.unwrap())
}

#[tokio::test]
async fn a_dispatch_takes_its_delivery_along() {
    let world = World::new().await;
    let (ali, omar) = (
        world.courier("Ali", "active").await,
        world.courier("Omar", "active").await,
    );
    let delivery = world.delivery("25.00").await;
    let one = dispatch(&world, delivery).await;
    let twice = world
        .create(&DISPATCH_ASSIGNMENTS, &json!({"delivery_id": delivery}))
        .await
        .unwrap_err();
    assert_eq!(twice.errors[0].code, "taken");
    let act = async |verb: &str, inputs: serde_json::Value| world.act(&DISPATCH_ASSIGNMENTS, one, verb, &inputs).await;
    act("assign", json!({"courier_id": ali})).await.unwrap();
    assert!(world.load(&DELIVERIES, delivery).await.is("status", "assigned"));
    let refused = act("reject", json!({"rejection_reason": "Too far"})).await.unwrap();
    assert_eq!(
        (refused.text("status"), refused.integer("rejection_count")),
        (Some("pending"), Some(1))
    );
    assert!(world.load(&DELIVERIES, delivery).await.is("status", "pending"));
    act("assign", json!({"courier_id": ali})).await.unwrap();
    act("accept", json!({})).await.unwrap();
    act(
        "reassign",
        json!({"courier_id": omar, "reassignment_reason": "Flat tyre"}),
    )
    .await
    .unwrap();
    let moved = world.load(&DELIVERIES, delivery).await;
    assert_eq!(
        (moved.uuid("courier_id"), moved.text("status")),
        (Some(omar), Some("assigned"))
    );
    // Accepted at the delivery, started at the dispatch.
    world.steps(delivery, &["accept"]).await;
    assert!(world.load(&DISPATCH_ASSIGNMENTS, one).await.is("status", "accepted"));
    act("start", json!({})).await.unwrap();
    assert!(world.load(&DELIVERIES, delivery).await.is("status", "pickup_started"));
    world.later(52);
    let short = act("complete", json!({"receiver_name": "Sara", "cash_collected": "20.00"}))
        .await
        .unwrap_err();
    assert_eq!(short.code, "cash_differs");
    assert!(
        world.load(&DISPATCH_ASSIGNMENTS, one).await.is("status", "in_progress"),
        "a refusal undoes its cause"
    );
    let done = act("complete", json!({"receiver_name": "Sara", "cash_collected": "25.00"}))
        .await
        .unwrap();
    assert_eq!(
        (done.text("on_time_score"), done.integer("performance_variance_minutes")),
        (Some("84.00"), Some(12))
    );
    assert!(world.load(&DELIVERIES, delivery).await.is("status", "delivered"));
    let cash = "SELECT amount::text FROM operations.cod_transactions WHERE organization_id = $1";
    assert_eq!(world.admin_text(cash).await.as_deref(), Some("2500"));
}

#[tokio::test]
async fn a_courier_takes_no_more_than_he_can_carry() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    let limit = json!({"setting_key": "max_concurrent_deliveries", "setting_name": "Most", "setting_group": "dispatch",
                       "value_type": "number", "number_value": "1"});
    world.create(&operations::OPERATIONS_SETTINGS, &limit).await.unwrap();
    let limit = json!({"setting_key": "cod_cash_limit", "setting_name": "Cash", "setting_group": "cod",
                       "value_type": "number", "number_value": "100"});
    world.create(&operations::OPERATIONS_SETTINGS, &limit).await.unwrap();
    let to = json!({"courier_id": courier});
    let (one, two) = (world.delivery("0").await, world.delivery("0").await);
    world.act(&DELIVERIES, one, "assign", &to).await.unwrap();
    assert_eq!(
        world.act(&DELIVERIES, two, "assign", &to).await.unwrap_err().code,
        "courier_full"
    );
    world
        .act(&DELIVERIES, one, "cancel", &json!({"status_reason": "x"}))
        .await
        .unwrap();
    let dear = world.delivery("100.01").await;
    assert_eq!(
        world.act(&DELIVERIES, dear, "assign", &to).await.unwrap_err().code,
        "cash_limit"
    );
    world.act(&DELIVERIES, two, "assign", &to).await.unwrap();
}

#[tokio::test]
async fn what_waits_is_taken_put_back_and_finished() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    let delivery = world.delivery("0").await;
    let row = json!({"delivery_id": delivery, "sla_deadline_at": "2026-06-15T10:00:00Z"});
    let entry = id(&world.create(&PRIORITY_QUEUE_ENTRIES, &row).await.unwrap());
    let status = async || {
        world
            .load(&PRIORITY_QUEUE_ENTRIES, entry)
            .await
            .text("status")
            .unwrap()
            .to_owned()
    };
    world
        .act(&DELIVERIES, delivery, "assign", &json!({"courier_id": courier}))
        .await
        .unwrap();
    assert_eq!(status().await, "assigned");
    world
        .act(&DELIVERIES, delivery, "reject", &json!({"status_reason": "No"}))
        .await
        .unwrap();
    assert_eq!(status().await, "queued");
    // A day after the deadline nobody waits any more.
    world.later(60 * 25 + 1);
    world.tick("operations.queue").await;
    assert_eq!(status().await, "expired");
}
