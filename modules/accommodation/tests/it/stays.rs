//! A stay, its bed and its room change together or not at all.

use accommodation::{ALLOCATIONS, BEDS, BUILDINGS, ROOMS};
use serde_json::json;

use crate::world::{World, id, refused};

const MOVES: &str = "SELECT string_agg(concat_ws(' ', from_bed_id, to_bed_id, transferred_on, reason), '; ')
    FROM accommodation.bed_transfers WHERE organization_id = $1";

#[tokio::test]
async fn a_stay_occupies_its_bed_and_its_end_frees_it() {
    let world = World::new().await;
    let (_, rooms, beds) = world.house("North", 1).await;
    let mut stays = Vec::new();
    for (number, bed) in beds.iter().enumerate() {
        assert_eq!(world.status(&ROOMS, rooms[0]).await, "available");
        let courier = world.courier(&number.to_string(), "active").await;
        let row = json!({"courier_id": courier, "bed_id": bed, "started_on": "2026-06-01"});
        stays.push(id(&world.create(&ALLOCATIONS, row).await.unwrap()));
        assert_eq!(world.status(&BEDS, *bed).await, "occupied");
    }
    assert_eq!(world.status(&ROOMS, rooms[0]).await, "occupied", "four of four");
    let ended = world.act(&ALLOCATIONS, stays[0], "release", json!({})).await.unwrap();
    assert_eq!(
        (ended.text("status"), ended.text("ended_on")),
        (Some("ended"), Some("2026-06-15"))
    );
    assert_eq!(world.status(&BEDS, beds[0]).await, "available");
    assert_eq!(world.status(&ROOMS, rooms[0]).await, "available");
    let again = world.act(&ALLOCATIONS, stays[0], "release", json!({})).await;
    assert_eq!(refused(again), "409 not_in_state");
}

#[tokio::test]
async fn one_open_stay_for_a_bed_and_for_a_courier() {
    let world = World::new().await;
    let (_, _, beds) = world.house("North", 1).await;
    let (one, two) = (world.courier("1", "active").await, world.courier("2", "active").await);
    let row = |courier, bed| json!({"courier_id": courier, "bed_id": bed, "started_on": "2026-06-01"});
    world.create(&ALLOCATIONS, row(one, beds[0])).await.unwrap();
    assert_eq!(
        refused(world.create(&ALLOCATIONS, row(two, beds[0])).await),
        "422 invalid bed_id=taken"
    );
    assert_eq!(
        refused(world.create(&ALLOCATIONS, row(one, beds[1])).await),
        "422 invalid courier_id=taken"
    );
    // Both at once, in transactions of their own.
    let (first, second) = (world.courier("3", "active").await, world.courier("4", "active").await);
    let (first, second) = tokio::join!(
        world.create(&ALLOCATIONS, row(first, beds[2])),
        world.create(&ALLOCATIONS, row(second, beds[2]))
    );
    let refusals: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert_eq!(refusals.len(), 1, "exactly one of two is refused");
    assert_eq!(refusals[0].to_string(), "422 invalid bed_id=taken");
}

#[tokio::test]
async fn a_reserved_bed_waits_for_its_courier() {
    let world = World::new().await;
    let (_, _, beds) = world.house("North", 1).await;
    let (awaited, other) = (world.courier("1", "active").await, world.courier("2", "active").await);
    let reservation = json!({"reserved_courier_id": awaited, "reserved_until": "2026-06-20"});
    world.act(&BEDS, beds[0], "reserve", reservation).await.unwrap();
    let row = |courier| json!({"courier_id": courier, "bed_id": beds[0], "started_on": "2026-06-15"});
    let refusal = refused(world.create(&ALLOCATIONS, row(other)).await);
    assert_eq!(refusal, "422 invalid bed_id=bed_of_somebody_else");
    assert_eq!(
        world.status(&BEDS, beds[0]).await,
        "reserved",
        "the refusal undid everything"
    );
    world.create(&ALLOCATIONS, row(awaited)).await.unwrap();
    let bed = world.load(&BEDS, beds[0]).await;
    assert_eq!(
        (bed.text("status"), bed.has("reserved_courier_id")),
        (Some("occupied"), false)
    );

    let gone = world.courier("3", "terminated").await;
    let row = json!({"courier_id": gone, "bed_id": beds[1], "started_on": "2026-06-15"});
    assert_eq!(
        refused(world.create(&ALLOCATIONS, row).await),
        "422 invalid courier_id=courier_has_left"
    );
}

#[tokio::test]
async fn nobody_says_what_the_stays_do_not() {
    let world = World::new().await;
    let (building, rooms, beds) = world.house("North", 1).await;
    assert_eq!(
        refused(world.act(&BEDS, beds[0], "occupy", json!({})).await),
        "409 bed_not_allocated"
    );
    assert_eq!(
        refused(world.act(&ROOMS, rooms[0], "fill", json!({})).await),
        "409 room_not_full"
    );
    let courier = world.courier("1", "active").await;
    let row = json!({"courier_id": courier, "bed_id": beds[0], "started_on": "2026-06-01"});
    world.create(&ALLOCATIONS, row).await.unwrap();
    assert_eq!(
        refused(world.act(&BEDS, beds[0], "vacate", json!({})).await),
        "409 bed_still_allocated"
    );
    let closing = world.act(&BUILDINGS, building, "close", json!({})).await;
    assert_eq!(refused(closing), "409 building_has_residents");
    let fifth = world
        .create(&BEDS, json!({"room_id": rooms[0], "bed_number": "5"}))
        .await;
    assert_eq!(refused(fifth), "422 invalid room_id=room_full");
    let smaller = world.change(&ROOMS, rooms[0], json!({"capacity": 3})).await;
    assert_eq!(refused(smaller), "422 invalid capacity=room_has_more_beds");
}

#[tokio::test]
async fn maintenance_of_a_room_outlives_moves() {
    let world = World::new().await;
    let (_, rooms, beds) = world.house("North", 1).await;
    let courier = world.courier("1", "active").await;
    let row = json!({"courier_id": courier, "bed_id": beds[0], "started_on": "2026-06-01"});
    let stay = id(&world.create(&ALLOCATIONS, row).await.unwrap());
    world
        .act(&ROOMS, rooms[0], "send_to_maintenance", json!({}))
        .await
        .unwrap();
    world.act(&ALLOCATIONS, stay, "release", json!({})).await.unwrap();
    assert_eq!(world.status(&ROOMS, rooms[0]).await, "maintenance");
    let row = json!({"courier_id": courier, "bed_id": beds[1], "started_on": "2026-06-15"});
    let refusal = refused(world.create(&ALLOCATIONS, row).await);
    assert_eq!(refusal, "422 invalid bed_id=room_in_maintenance");
}

#[tokio::test]
async fn a_move_is_an_end_and_a_beginning() {
    let world = World::new().await;
    let (_, _, beds) = world.house("North", 2).await;
    let (mover, other) = (world.courier("1", "active").await, world.courier("2", "active").await);
    let row = |courier, bed| json!({"courier_id": courier, "bed_id": bed, "started_on": "2026-06-01", "monthly_deduction": "400"});
    let old = id(&world.create(&ALLOCATIONS, row(mover, beds[0])).await.unwrap());
    world.create(&ALLOCATIONS, row(other, beds[1])).await.unwrap();
    let to = |bed| json!({"moved_to_bed_id": bed, "ended_on": "2026-06-11", "termination_reason": "Nearer"});

    // Into a bed that is not free: nothing happens.
    let refusal = refused(world.act(&ALLOCATIONS, old, "transfer", to(beds[1])).await);
    assert_eq!(refusal, "422 invalid bed_id=taken");
    assert_eq!(world.status(&ALLOCATIONS, old).await, "active");
    assert_eq!(world.status(&BEDS, beds[0]).await, "occupied");

    world.act(&ALLOCATIONS, old, "transfer", to(beds[4])).await.unwrap();
    assert_eq!(world.status(&ALLOCATIONS, old).await, "ended");
    assert_eq!(world.status(&BEDS, beds[0]).await, "available");
    assert_eq!(world.status(&BEDS, beds[4]).await, "occupied");
    let residents = world
        .get("accommodation.residents.list", &format!("courier_id={mover}"))
        .await
        .unwrap();
    let new = &residents["data"][0];
    assert_eq!(
        (&new["bed_id"], &new["started_on"]),
        (&json!(beds[4]), &json!("2026-06-11"))
    );
    let stay = world
        .load(&ALLOCATIONS, new["allocation_id"].as_str().unwrap().parse().unwrap())
        .await;
    assert_eq!(stay.text("monthly_deduction"), Some("400.00"));
    let moved = format!("{} {} 2026-06-11 Nearer", beds[0], beds[4]);
    assert_eq!(
        world.text(MOVES).await,
        moved,
        "one move, and nothing of the one that was refused"
    );
}

#[tokio::test]
async fn who_leaves_the_company_leaves_his_bed_once() {
    let world = World::new().await;
    let (_, _, beds) = world.house("North", 1).await;
    let courier = world.courier("1", "active").await;
    let row = json!({"courier_id": courier, "bed_id": beds[0], "started_on": "2026-06-01"});
    let stay = id(&world.create(&ALLOCATIONS, row).await.unwrap());
    let reservation = json!({"reserved_courier_id": courier});
    world.act(&BEDS, beds[1], "reserve", reservation).await.unwrap();
    let data = json!({"last_working_day": {"before": null, "after": "2026-06-10"}});
    for _ in 0..2 {
        world.hear("fleet.couriers.terminate", courier, data.clone()).await;
        let row = world.load(&ALLOCATIONS, stay).await;
        assert_eq!(
            (row.text("status"), row.text("ended_on")),
            (Some("ended"), Some("2026-06-10"))
        );
        assert_eq!(row.integer("version"), Some(2));
        assert_eq!(world.status(&BEDS, beds[0]).await, "available");
        assert_eq!(world.status(&BEDS, beds[1]).await, "available");
    }
}
