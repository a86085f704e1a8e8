//! Who drives what, also when two people decide at once.

use fleet::{COURIERS, VEHICLE_ASSIGNMENTS, VEHICLES};
use serde_json::json;

use crate::world::{World, id, refused};

#[tokio::test]
async fn a_vehicle_and_a_courier_have_one_open_assignment() {
    let world = World::new().await;
    let mut vehicles = Vec::new();
    let mut couriers = Vec::new();
    for number in 1..=2 {
        let vehicle = json!({"internal_number": number.to_string(), "vehicle_type": "car"});
        vehicles.push(id(&world.create(&VEHICLES, &vehicle).await.unwrap()));
        let courier = json!({"barq_id": number.to_string(), "full_name": "A"});
        couriers.push(id(&world.create(&COURIERS, &courier).await.unwrap()));
    }
    let row = |vehicle: usize, courier: usize| json!({"vehicle_id": vehicles[vehicle], "courier_id": couriers[courier], "started_on": "2026-06-01"});
    let first = world.create(&VEHICLE_ASSIGNMENTS, &row(0, 0)).await.unwrap();
    assert!(first.is("status", "active"));
    for (row, expected) in [(row(0, 1), "vehicle_id taken"), (row(1, 0), "courier_id taken")] {
        let problem = world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap_err();
        assert_eq!(refused(&problem), [expected]);
    }
    let ended = json!({"status": "completed", "ended_on": "2026-06-02"});
    world.change(&VEHICLE_ASSIGNMENTS, id(&first), &ended).await;

    // Both at once, in transactions of their own.
    let (one, other) = (row(0, 0), row(0, 1));
    let (one, other) = tokio::join!(
        world.create(&VEHICLE_ASSIGNMENTS, &one),
        world.create(&VEHICLE_ASSIGNMENTS, &other)
    );
    let problems: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(problems.len(), 1, "exactly one of two is refused");
    assert_eq!(refused(&problems[0]), ["vehicle_id taken"]);
}
