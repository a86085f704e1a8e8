//! What plugins bring is stored once, whatever happens.

use fleet::{FUEL_TRANSACTIONS, VEHICLES};
use platform_core::SinkReport;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::{World, id, record};

const STATES: &str = "SELECT string_agg(provider_txn_id || ' ' || match_status || ' ' || version, ', ' ORDER BY provider_txn_id) \
     FROM fleet.fuel_transactions WHERE organization_id = $1";

async fn vehicle(world: &World, number: &str, card: Option<&str>) -> Uuid {
    let row =
        json!({"internal_number": number, "vehicle_type": "car", "fuel_card_number": card, "fuel_capacity_l": "45"});
    id(&world.create(&VEHICLES, &row).await.unwrap())
}

async fn transaction(world: &World) -> Uuid {
    let id = world
        .admin_text("SELECT id::text FROM fleet.fuel_transactions WHERE organization_id = $1")
        .await;
    id.unwrap().parse().unwrap()
}

fn page() -> Vec<Json> {
    vec![
        record("T1", "7001", 1, 30, 1000),
        record("T2", "7001", 5, 60, 1400),
        record("T3", "7999", 6, 30, 900),
    ]
}

#[tokio::test]
async fn the_same_page_twice_changes_nothing() {
    let world = World::new().await;
    vehicle(&world, "1", Some("7001")).await;
    let first = world.store(&page()).await.unwrap();
    let report = |created, unchanged| SinkReport {
        created,
        unchanged,
        updated: 0,
        matched: 1,
        doubtful: 1,
        unmatched: 1,
    };
    assert_eq!(first, report(3, 0));
    let states = world.admin_text(STATES).await;
    assert_eq!(states.as_deref(), Some("T1 matched 1, T2 doubtful 1, T3 unmatched 1"));
    assert_eq!(world.store(&page()).await.unwrap(), report(0, 3));
    assert_eq!(world.admin_text(STATES).await, states);
    let events = "SELECT count(*)::text FROM platform.outbox WHERE organization_id = $1 AND name LIKE 'fleet.fuel_%'";
    assert_eq!(world.admin_text(events).await.as_deref(), Some("3"));
}

#[tokio::test]
async fn two_runs_at_once_store_each_transaction_once() {
    let world = World::new().await;
    vehicle(&world, "1", Some("7001")).await;
    let page: Vec<Json> = (1..=20)
        .map(|number| record(&format!("T{number}"), "7001", number, 20, 0))
        .collect();
    let (one, other) = tokio::join!(world.store(&page), world.store(&page));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.created + other.created, one.unchanged + other.unchanged), (20, 20));
    let count = "SELECT count(*)::text FROM fleet.fuel_transactions WHERE organization_id = $1";
    assert_eq!(world.admin_text(count).await.as_deref(), Some("20"));
}

#[tokio::test]
async fn a_change_at_the_source_is_taken_over_and_matched_again() {
    let world = World::new().await;
    let ours = vehicle(&world, "1", Some("7001")).await;
    world.store(&[record("T1", "7999", 1, 30, 1000)]).await.unwrap();
    let row = world.load(&FUEL_TRANSACTIONS, transaction(&world).await).await;
    assert_eq!(
        (row.text("match_status"), row.uuid("vehicle_id")),
        (Some("unmatched"), None)
    );
    assert_eq!(row.get("match_reasons"), &json!(["match.card_unknown"]));

    let report = world.store(&[record("T1", "7001", 1, 31, 1000)]).await.unwrap();
    assert_eq!((report.created, report.updated, report.matched), (0, 1, 1));
    let row = world.load(&FUEL_TRANSACTIONS, transaction(&world).await).await;
    assert_eq!(
        (row.text("match_status"), row.uuid("vehicle_id")),
        (Some("matched"), Some(ours))
    );
    assert_eq!(
        (row.text("volume_l"), row.text("amount")),
        (Some("31.000"), Some("62.00"))
    );
    assert_eq!(row.text("odometer_km"), Some("1000.00"));
}

#[tokio::test]
async fn what_a_person_settled_stays_settled() {
    let world = World::new().await;
    vehicle(&world, "1", Some("7001")).await;
    let chosen = vehicle(&world, "2", None).await;
    world.store(&[record("T1", "7001", 1, 30, 1000)]).await.unwrap();
    let settled = json!({"vehicle_id": chosen, "match_status": "matched", "matched_by": "person", "match_reasons": ["match.manual"]});
    world
        .change(&FUEL_TRANSACTIONS, transaction(&world).await, &settled)
        .await;
    world.store(&[record("T1", "7001", 1, 33, 1000)]).await.unwrap();
    world.call("fleet.fuel_transactions.rematch", "", "{}").await.unwrap();
    let row = world.load(&FUEL_TRANSACTIONS, transaction(&world).await).await;
    assert_eq!(
        (row.uuid("vehicle_id"), row.text("volume_l")),
        (Some(chosen), Some("33.000"))
    );
    assert_eq!(
        row.get("match_reasons"),
        &json!(["match.manual", "match.changed_at_source"])
    );
}

#[tokio::test]
async fn what_waits_settles_itself_once_the_vehicle_is_put_right() {
    let world = World::new().await;
    let ours = vehicle(&world, "1", None).await;
    world.store(&page()).await.unwrap();
    let rematch = || world.call("fleet.fuel_transactions.rematch", "", "{}");
    let before = rematch().await.unwrap();
    assert_eq!((&before["examined"], &before["changed"]), (&json!(3), &json!(0)));
    world
        .change(&VEHICLES, ours, &json!({"fuel_card_number": "7001"}))
        .await;
    let after = rematch().await.unwrap();
    let expected = json!({"examined": 3, "changed": 2, "matched": 1, "doubtful": 1, "unmatched": 1, "more": false});
    assert_eq!(after, expected);
    let again = rematch().await.unwrap();
    assert_eq!((&again["examined"], &again["changed"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn a_page_that_cannot_be_read_stores_nothing() {
    let world = World::new().await;
    let problem = world
        .store(&[record("T1", "7001", 1, 30, 1000), json!({"external_id": "T2"})])
        .await
        .unwrap_err();
    assert_eq!(problem.code, "malformed");
    assert_eq!(world.admin_text(STATES).await, None);
    assert_eq!(world.store(&[]).await.unwrap(), SinkReport::default());
}
