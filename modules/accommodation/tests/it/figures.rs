//! Figures follow the rows.

use accommodation::{ALLOCATIONS, UTILITY_BILLS};
use platform_core::Mode;
use serde_json::json;

use crate::world::{World, id, object};

#[tokio::test]
async fn the_example_of_the_documents() {
    let world = World::new().await;
    let (building, _, beds) = world.house("North", 20).await;
    let mut cx = world.cx(Mode::Write).await;
    let mut rows = Vec::new();
    for (number, bed) in beds.iter().take(65).enumerate() {
        let courier = world.courier(&number.to_string(), "active").await;
        rows.push(object(
            &json!({"courier_id": courier, "bed_id": bed, "started_on": "2026-06-01"}),
        ));
    }
    let stays = platform_engine::create_many(&mut cx, &ALLOCATIONS, rows).await.unwrap();
    cx.commit().await.unwrap();
    let answer = world.get("accommodation.occupancy.buildings", "").await.unwrap();
    // 65 of 80 beds; each at 500 a month.
    assert_eq!(answer["total"]["beds"], 80);
    assert_eq!(answer["total"]["occupied"], 65);
    assert_eq!(answer["total"]["occupancy_percent"], "81.25");
    assert_eq!(answer["revenue"], "32500.00");
    assert_eq!(answer["data"][0]["month"]["cost_per_bed"], "150.00");
    let rooms = world
        .get("accommodation.occupancy.rooms", &format!("building_id={building}"))
        .await
        .unwrap();
    assert_eq!(rooms["data"].as_array().unwrap().len(), 20);
    assert_eq!(rooms["total"]["occupancy_percent"], "81.25");
    let glance = world.get("accommodation.overview.read", "").await.unwrap();
    assert_eq!(
        (&glance["residents"], &glance["revenue"]),
        (&json!(65), &json!("32500.00"))
    );

    // One leaves, the figures move.
    world.act(&ALLOCATIONS, stays[0], "release", json!({})).await.unwrap();
    let answer = world.get("accommodation.occupancy.buildings", "").await.unwrap();
    assert_eq!(answer["total"]["occupancy_percent"], "80.00");
    assert_eq!(answer["revenue"], "32000.00");
}

#[tokio::test]
async fn what_is_withheld_follows_the_nights() {
    let world = World::new().await;
    let (_, _, beds) = world.house("North", 2).await;
    let whole = world.courier("A whole month", "active").await;
    let half = world.courier("B half a month", "active").await;
    let moved = world.courier("C two beds", "active").await;
    let stay = |courier, bed, start: &str| json!({"courier_id": courier, "bed_id": bed, "started_on": start});
    world
        .create(&ALLOCATIONS, stay(whole, beds[0], "2026-01-01"))
        .await
        .unwrap();
    let ended = id(&world
        .create(&ALLOCATIONS, stay(half, beds[1], "2026-05-01"))
        .await
        .unwrap());
    let first = id(&world
        .create(&ALLOCATIONS, stay(moved, beds[2], "2026-05-01"))
        .await
        .unwrap());
    world
        .act(&ALLOCATIONS, ended, "release", json!({"ended_on": "2026-05-16"}))
        .await
        .unwrap();
    let to = json!({"moved_to_bed_id": beds[3], "ended_on": "2026-05-12"});
    world.act(&ALLOCATIONS, first, "transfer", to).await.unwrap();
    let answer = world
        .get("accommodation.deductions.list", "month=2026-05")
        .await
        .unwrap();
    let withheld: Vec<_> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["nights"].as_i64().unwrap(), row["amount"].as_str().unwrap()))
        .collect();
    // May has 31 nights: a whole month is 500, in one bed or in two; fifteen nights are 500 × 15 / 30.
    assert_eq!(
        withheld,
        [(31, "500.00"), (15, "250.00"), (11, "177.42"), (20, "322.58")]
    );
    assert_eq!(answer["total"], "1250.00");
    let stays = world.get("accommodation.stays.read", "").await.unwrap();
    assert_eq!((&stays["active"], &stays["ended"]), (&json!(2), &json!(2)));
    // (165 + 15 + 11 + 34) / 4 nights until 2026-06-15, (15 + 11) / 2 of those that ended.
    assert_eq!(stays["mean_nights"], "56.3");
    assert_eq!(stays["mean_nights_of_ended"], "13.0");
    let wrong = world
        .get("accommodation.deductions.list", "month=2026-13")
        .await
        .unwrap_err();
    assert_eq!(wrong.to_string(), "422 invalid month=bad_month");
}

#[tokio::test]
async fn a_bed_carries_its_part_of_the_bills() {
    let world = World::new().await;
    let (building, _, _) = world.house("North", 2).await;
    for (utility, amount) in [("electricity", "2000"), ("water", "300")] {
        let bill = json!({"building_id": building, "utility": utility, "amount": amount,
                          "period_starts_on": "2026-05-01", "period_ends_on": "2026-05-31"});
        world.create(&UTILITY_BILLS, bill).await.unwrap();
    }
    let answer = world
        .get("accommodation.utility_costs.list", "from=2026-05&to=2026-05")
        .await
        .unwrap();
    assert_eq!(answer["data"][0]["amount_per_bed"], "250.00");
    assert_eq!(answer["data"][1]["amount_per_bed"], "37.50");
    assert_eq!(
        (&answer["total"], &answer["unpaid"]),
        (&json!("2300.00"), &json!("2300.00"))
    );
}

#[tokio::test]
async fn another_company_sees_none_of_it() {
    let (ours, theirs) = (World::new().await, World::new().await);
    let (building, _, _) = ours.house("North", 1).await;
    for query in [String::new(), format!("building_id={building}")] {
        let answer = theirs.get("accommodation.occupancy.buildings", &query).await.unwrap();
        assert_eq!((&answer["data"], &answer["buildings"]), (&json!([]), &json!(0)));
    }
}

#[tokio::test]
async fn a_demonstration_is_stored_by_the_same_rules() {
    let world = World::new().await;
    for number in 0..24 {
        let status = if number % 12 == 11 { "terminated" } else { "active" };
        world.courier(&format!("C{number:02}"), status).await;
    }
    let mut cx = world.cx(Mode::Write).await;
    accommodation::demo(&mut cx, 1).await.unwrap();
    cx.commit().await.unwrap();
    let glance = world.get("accommodation.overview.read", "").await.unwrap();
    assert_eq!(glance["residents"], 16, "three of four of 22");
    assert!(glance["beds"]["occupied"].as_i64() == Some(16) && glance["beds"]["reserved"].as_i64() == Some(1));
    assert!(
        glance["unpaid_bills"]
            .as_object()
            .is_some_and(|bills| !bills.is_empty())
    );
    assert!(glance["repairs"].as_object().is_some_and(|repairs| repairs.len() >= 2));
}
