//! Contracts, bills and repairs, by hand and by the clock.

use accommodation::{BEDS, HOUSING_CONTRACTS, HOUSING_INVENTORY, HOUSING_MAINTENANCE, ROOMS, UTILITY_BILLS};
use serde_json::json;

use crate::world::{World, id, refused};

#[tokio::test]
async fn contracts_warn_expire_and_are_renewed() {
    let world = World::new().await;
    let (building, _, _) = world.house("North", 1).await;
    let contract = |ends_on: &str| {
        json!({"building_id": building, "party_name": "Landlord", "rent": "12000", "starts_on": "2025-07-01",
               "ends_on": ends_on, "status": "active"})
    };
    let mut ids = Vec::new();
    for ends_on in ["2026-06-14", "2026-06-15", "2026-08-01", "2026-12-31"] {
        ids.push(id(&world.create(&HOUSING_CONTRACTS, contract(ends_on)).await.unwrap()));
    }
    for _ in 0..2 {
        world.run("accommodation.contracts").await;
        let mut found = Vec::new();
        for contract in &ids {
            let row = world.load(&HOUSING_CONTRACTS, *contract).await;
            let state = row.text("status").unwrap().to_owned();
            found.push((state, row.integer("warned_days_before"), row.integer("version")));
        }
        let expected = [
            ("expired".to_owned(), None, Some(2)),
            ("active".to_owned(), Some(30), Some(2)),
            ("active".to_owned(), Some(60), Some(2)),
            ("active".to_owned(), None, Some(1)),
        ];
        assert_eq!(found, expected, "a second run does nothing more");
    }
    let terms = json!({"renewed_until": "2027-06-15", "renewed_rent": "12500"});
    let old = world.act(&HOUSING_CONTRACTS, ids[1], "renew", terms).await.unwrap();
    assert!(old.is("status", "renewed"));
    let glance = world.get("accommodation.overview.read", "").await.unwrap();
    assert_eq!(
        glance["contracts_ending"],
        json!({"within_60_days": 1, "within_90_days": 1})
    );
    let early = world.act(&HOUSING_CONTRACTS, ids[3], "expire", json!({})).await;
    assert_eq!(refused(early), "409 contract_still_runs");
}

#[tokio::test]
async fn bills_and_reservations_run_out() {
    let world = World::new().await;
    let (building, _, beds) = world.house("North", 1).await;
    let bill = |utility: &str, due_on: &str| {
        json!({"building_id": building, "utility": utility, "amount": "100", "due_on": due_on,
               "period_starts_on": "2026-05-01", "period_ends_on": "2026-05-31"})
    };
    let late = id(&world.create(&UTILITY_BILLS, bill("water", "2026-06-14")).await.unwrap());
    let due = id(&world.create(&UTILITY_BILLS, bill("gas", "2026-06-15")).await.unwrap());
    let twice = world.create(&UTILITY_BILLS, bill("gas", "2026-06-20")).await;
    assert_eq!(refused(twice), "422 invalid building_id=taken");
    world.run("accommodation.bills").await;
    assert_eq!(world.status(&UTILITY_BILLS, late).await, "overdue");
    assert_eq!(world.status(&UTILITY_BILLS, due).await, "open");
    let paid = json!({"paid_on": "2026-06-15", "payment_reference": "T-1"});
    world.act(&UTILITY_BILLS, late, "pay", paid).await.unwrap();
    let again = world
        .act(&UTILITY_BILLS, late, "cancel", json!({"cancel_reason": "No"}))
        .await;
    assert_eq!(refused(again), "409 not_in_state");

    world
        .act(&BEDS, beds[0], "reserve", json!({"reserved_until": "2026-06-14"}))
        .await
        .unwrap();
    world
        .act(&BEDS, beds[1], "reserve", json!({"reserved_until": "2026-06-15"}))
        .await
        .unwrap();
    world.run("accommodation.reservations").await;
    assert_eq!(world.status(&BEDS, beds[0]).await, "available");
    assert_eq!(world.status(&BEDS, beds[1]).await, "reserved");
}

#[tokio::test]
async fn work_that_blocks_a_room_takes_it_out_of_use() {
    let world = World::new().await;
    let (building, rooms, _) = world.house("North", 1).await;
    let (other, ..) = world.house("South", 1).await;
    let request = |blocks: bool| json!({"building_id": building, "room_id": rooms[0], "title": "Leak", "category": "plumbing", "blocks_room": blocks});
    let mut requests = Vec::new();
    for blocks in [true, true, false] {
        requests.push(id(&world.create(&HOUSING_MAINTENANCE, request(blocks)).await.unwrap()));
    }
    let done = json!({"resolution": "Sealed"});
    for request in &requests {
        world
            .act(&HOUSING_MAINTENANCE, *request, "start", json!({}))
            .await
            .unwrap();
    }
    assert_eq!(world.status(&ROOMS, rooms[0]).await, "maintenance");
    world
        .act(&HOUSING_MAINTENANCE, requests[0], "complete", done.clone())
        .await
        .unwrap();
    assert_eq!(
        world.status(&ROOMS, rooms[0]).await,
        "maintenance",
        "other work blocks it still"
    );
    world
        .act(&HOUSING_MAINTENANCE, requests[1], "complete", done)
        .await
        .unwrap();
    assert_eq!(world.status(&ROOMS, rooms[0]).await, "available");

    let elsewhere = json!({"building_id": other, "room_id": rooms[0], "title": "Leak", "category": "plumbing"});
    let refusal = refused(world.create(&HOUSING_MAINTENANCE, elsewhere).await);
    assert_eq!(refusal, "422 invalid room_id=room_of_another_building");
    let thing = json!({"building_id": other, "room_id": rooms[0], "item_name": "Fan", "category": "appliance"});
    let refusal = refused(world.create(&HOUSING_INVENTORY, thing).await);
    assert_eq!(refusal, "422 invalid room_id=room_of_another_building");
}
