//! A delivery's way, and what follows from it.

use operations::{
    CUSTOMER_FEEDBACKS, DELIVERIES, HANDOVERS, OPERATIONS_DOCUMENTS, SLA_THRESHOLDS, SLA_TRACKING, ZONE_COURIERS, ZONES,
};
use platform_core::{Event, Mode};
use serde_json::json;

use crate::world::{World, id};

const EVENTS: &str = "SELECT string_agg(event || ' ' || from_status || '>' || to_status, ', ' ORDER BY id)
    FROM operations.delivery_events WHERE organization_id = $1";
const CLOCK: &str = "SELECT id::text FROM operations.sla_tracking WHERE organization_id = $1";
const PROOFS: &str = "SELECT string_agg(outcome || ' ' || coalesce(receiver_name, failure_reason), ', ' ORDER BY id)
    FROM operations.delivery_proofs WHERE organization_id = $1";

#[tokio::test]
async fn every_step_is_written_down_and_proved() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    let delivery = world.delivery("0").await;
    world
        .act(&DELIVERIES, delivery, "assign", &json!({"courier_id": courier}))
        .await
        .unwrap();
    world
        .steps(delivery, &["accept", "start_pickup", "pick_up", "depart"])
        .await;
    let place = json!({"last_latitude": "24.7", "last_longitude": "46.7"});
    world.act(&DELIVERIES, delivery, "arrive", &place).await.unwrap();
    let failed = json!({"failure_reason": "customer_absent"});
    world.act(&DELIVERIES, delivery, "fail", &failed).await.unwrap();
    // Another try by another courier.
    let other = world.courier("Omar", "active").await;
    let again = world
        .act(&DELIVERIES, delivery, "assign", &json!({"courier_id": other}))
        .await
        .unwrap();
    assert_eq!(
        (again.integer("attempt_count"), again.text("failure_reason")),
        (Some(2), None)
    );
    world
        .steps(delivery, &["accept", "start_pickup", "pick_up", "depart", "arrive"])
        .await;
    let bare = world
        .act(&DELIVERIES, delivery, "deliver", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(bare.code, "proof_missing");
    world
        .act(&DELIVERIES, delivery, "deliver", &json!({"receiver_name": "Sara"}))
        .await
        .unwrap();
    let over = world
        .act(&DELIVERIES, delivery, "cancel", &json!({"status_reason": "x"}))
        .await
        .unwrap_err();
    assert_eq!(over.code, "not_in_state");
    let events = world.admin_text(EVENTS).await.unwrap();
    assert!(
        events.starts_with("assign pending>assigned, accept assigned>accepted, start_pickup"),
        "{events}"
    );
    assert!(
        events.contains("fail arrived>failed, assign failed>assigned"),
        "{events}"
    );
    assert!(
        events.ends_with("arrive in_transit>arrived, deliver arrived>delivered"),
        "{events}"
    );
    assert_eq!(
        world.admin_text(PROOFS).await.unwrap(),
        "failed customer_absent, delivered Sara"
    );
    let located =
        "SELECT latitude::text FROM operations.delivery_events WHERE organization_id = $1 AND event = 'fail' IS FALSE
        AND latitude IS NOT NULL LIMIT 1";
    assert_eq!(world.admin_text(located).await.as_deref(), Some("24.7000000"));
}

#[tokio::test]
async fn a_clock_runs_from_the_order_to_the_door() {
    let world = World::new().await;
    let threshold = json!({"threshold_code": "T", "threshold_name": "T", "sla_type": "delivery_time", "target_minutes": 45,
                           "warning_minutes": 35, "critical_minutes": 60, "penalty_amount": "50"});
    world.create(&SLA_THRESHOLDS, &threshold).await.unwrap();
    let courier = world.courier("Ali", "active").await;
    let delivery = world.delivery("0").await;
    let clock = world.admin_text(CLOCK).await.unwrap().parse().unwrap();
    world.later(34);
    world.tick("operations.sla_clock").await;
    assert!(world.load(&SLA_TRACKING, clock).await.is("status", "active"));
    world.later(1);
    world.tick("operations.sla_clock").await;
    assert!(world.load(&SLA_TRACKING, clock).await.is("status", "at_risk"));
    world.later(12);
    world.tick("operations.sla_clock").await;
    world.tick("operations.sla_clock").await;
    let row = world.load(&SLA_TRACKING, clock).await;
    assert_eq!(
        (row.text("status"), row.text("breach_severity")),
        (Some("breached"), Some("minor"))
    );
    assert_eq!(
        (row.text("penalty_applied"), row.has("completed_at")),
        (Some("50.00"), false)
    );
    // Delivered after 54 minutes: 9 minutes or 20 % late.
    world.later(7);
    world
        .act(&DELIVERIES, delivery, "assign", &json!({"courier_id": courier}))
        .await
        .unwrap();
    world
        .steps(delivery, &["accept", "start_pickup", "pick_up", "depart", "arrive"])
        .await;
    world
        .act(&DELIVERIES, delivery, "deliver", &json!({"receiver_name": "Sara"}))
        .await
        .unwrap();
    let row = world.load(&SLA_TRACKING, clock).await;
    assert_eq!(
        (row.text("variance"), row.text("compliance_score")),
        (Some("9.00"), Some("80.00"))
    );
    assert!(row.has("completed_at") && row.is("status", "breached"));
    let late = "SELECT string_agg(on_time::text, ',') FROM operations.delivery_facts WHERE organization_id = $1";
    assert_eq!(world.admin_text(late).await.as_deref(), Some("false"));

    // In time, however early.
    world.delivered(courier, "0").await;
    let met = "SELECT status || ' ' || compliance_score FROM operations.sla_tracking WHERE organization_id = $1
        AND status <> 'breached'";
    assert_eq!(world.admin_text(met).await.as_deref(), Some("met 100.00"));
}

#[tokio::test]
async fn a_handover_moves_deliveries_and_cash() {
    let world = World::new().await;
    let (giver, taker) = (
        world.courier("Ali", "active").await,
        world.courier("Omar", "active").await,
    );
    let open = world.delivery("0").await;
    world
        .act(&DELIVERIES, open, "assign", &json!({"courier_id": giver}))
        .await
        .unwrap();
    world.delivered(giver, "120.00").await;
    let row = json!({"handover_type": "shift_end", "from_courier_id": giver, "to_courier_id": taker});
    let handover = id(&world.create(&HANDOVERS, &row).await.unwrap());
    let early = world
        .act(&HANDOVERS, handover, "complete", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(early.code, "not_in_state");
    world.act(&HANDOVERS, handover, "approve", &json!({})).await.unwrap();
    world.act(&HANDOVERS, handover, "complete", &json!({})).await.unwrap();
    assert_eq!(world.load(&DELIVERIES, open).await.uuid("courier_id"), Some(taker));
    let ledger =
        "SELECT string_agg(kind || ' ' || debit_account || ' ' || credit_account || ' ' || amount, ', ' ORDER BY id)
        FROM operations.cod_ledger WHERE organization_id = $1";
    assert_eq!(
        world.admin_text(ledger).await.unwrap(),
        "delivery courier_cash merchant_payable 12000, handover courier_cash courier_cash 12000"
    );
    // Nobody hands over to somebody who does not work.
    let away = world.courier("Zaid", "on_leave").await;
    let row = json!({"handover_type": "emergency", "from_courier_id": taker, "to_courier_id": away});
    let handover = id(&world.create(&HANDOVERS, &row).await.unwrap());
    let problem = world
        .act(&HANDOVERS, handover, "approve", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(problem.code, "courier_not_available");
}

#[tokio::test]
async fn a_courier_who_left_leaves_no_delivery_behind() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    let (waiting, carried) = (world.delivery("0").await, world.delivery("0").await);
    for delivery in [waiting, carried] {
        world
            .act(&DELIVERIES, delivery, "assign", &json!({"courier_id": courier}))
            .await
            .unwrap();
    }
    world.steps(carried, &["accept", "start_pickup", "pick_up"]).await;
    let leave =
        "UPDATE fleet.couriers SET status = 'terminated', last_working_day = '2026-06-15' WHERE organization_id = $1
        RETURNING status";
    world.admin_text(leave).await;
    let listener = operations::module().listeners[0];
    let event = Event {
        name: listener.on.into(),
        subject: courier,
        data: json!({}),
        occurred_at: world.platform.clock.now(),
    };
    for _ in 0..2 {
        let mut cx = world.cx(Mode::Write).await;
        (listener.run)(&mut cx, &event).await.unwrap();
        cx.commit().await.unwrap();
    }
    assert!(world.load(&DELIVERIES, waiting).await.is("status", "pending"));
    assert!(world.load(&DELIVERIES, carried).await.is("status", "picked_up"));
    let incidents = "SELECT count(*)::text FROM operations.incidents WHERE organization_id = $1";
    assert_eq!(world.admin_text(incidents).await.as_deref(), Some("1"));
    let problem = world
        .act(&DELIVERIES, waiting, "assign", &json!({"courier_id": courier}))
        .await
        .unwrap_err();
    assert_eq!(problem.code, "courier_not_available");
}

#[tokio::test]
async fn a_zone_takes_no_more_than_it_holds() {
    let world = World::new().await;
    let row = json!({"zone_code": "Z", "zone_name": "Z", "city": "Riyadh", "max_couriers": 1});
    let zone = id(&world.create(&ZONES, &row).await.unwrap());
    let place = async |courier: uuid::Uuid| {
        let row = json!({"zone_id": zone, "courier_id": courier, "started_on": "2026-06-01"});
        world.create(&ZONE_COURIERS, &row).await
    };
    let first = id(&place(world.courier("Ali", "active").await).await.unwrap());
    let other = world.courier("Omar", "active").await;
    assert_eq!(place(other).await.unwrap_err().code, "zone_full");
    world.act(&ZONE_COURIERS, first, "end", &json!({})).await.unwrap();
    place(other).await.unwrap();
}

#[tokio::test]
async fn feedback_is_read_when_it_is_taken_up() {
    let world = World::new().await;
    let row = json!({"feedback_type": "delivery", "overall_rating": 5, "feedback_text": "Terrible, the food was cold and late"});
    let feedback = id(&world.create(&CUSTOMER_FEEDBACKS, &row).await.unwrap());
    let read = world
        .act(&CUSTOMER_FEEDBACKS, feedback, "review", &json!({}))
        .await
        .unwrap();
    assert_eq!(
        (read.text("sentiment"), read.text("category")),
        (Some("neutral"), Some("delivery_speed"))
    );
}

#[tokio::test]
async fn papers_run_out_on_their_last_day() {
    let world = World::new().await;
    let paper = |last: &str| json!({"doc_name": last, "expires_on": last});
    let mut papers = Vec::new();
    for last in ["2026-06-14", "2026-06-15"] {
        papers.push(id(&world.create(&OPERATIONS_DOCUMENTS, &paper(last)).await.unwrap()));
    }
    let refused = world
        .act(&OPERATIONS_DOCUMENTS, papers[0], "approve", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "document_expired");
    world
        .act(&OPERATIONS_DOCUMENTS, papers[1], "approve", &json!({}))
        .await
        .unwrap();
    world.tick("operations.documents").await;
    assert!(
        world
            .load(&OPERATIONS_DOCUMENTS, papers[1])
            .await
            .is("status", "approved")
    );
    world.later(24 * 60);
    for _ in 0..2 {
        world.tick("operations.documents").await;
    }
    let row = world.load(&OPERATIONS_DOCUMENTS, papers[1]).await;
    assert!(row.is("status", "expired"));
    assert_eq!(row.text("doc_number"), Some("DOC-00002"));
}
