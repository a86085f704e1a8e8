//! What fleet does when something happened in other modules, each event delivered twice.

use fleet::{COURIER_POSITIONS, COURIERS, VEHICLE_ASSIGNMENTS, VEHICLES};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::{World, id};

const LEAVE: &str =
    "INSERT INTO hr.leaves (organization_id, id, created_at, updated_at, courier_id, leave_type, starts_on, ends_on, status)
    VALUES ($1, $2, '2026-06-01T09:00Z', '2026-06-01T09:00Z', $3, 'annual', '2026-06-15', '2026-06-20', 'approved')";
const LATER_LEAVE: &str =
    "INSERT INTO hr.leaves (organization_id, id, created_at, updated_at, courier_id, leave_type, starts_on, ends_on, status)
    VALUES ($1, $2, '2026-06-01T09:00Z', '2026-06-01T09:00Z', $3, 'annual', '2026-07-15', '2026-07-20', 'cancelled')";
const COMPLETE_LEAVE: &str = "UPDATE hr.leaves SET status = 'completed' WHERE organization_id = $1 AND id = $2";
const CANCEL_LEAVE: &str = "UPDATE hr.leaves SET status = 'cancelled' WHERE organization_id = $1 AND id = $2";
const DELIVERY: &str = "INSERT INTO operations.deliveries (organization_id, id, created_at, updated_at, delivery_number, status,
        service_level, priority, platform, pickup_address, delivery_address, cod_amount, delivery_fee, is_fragile, attempt_count)
    VALUES ($1, $2, '2026-06-15T09:00Z', '2026-06-15T09:00Z', $2::text, 'delivered',
        'standard', 'normal', 'direct', 'A', 'B', 0, 0, false, 1)";
const DISPATCH: &str =
    "INSERT INTO operations.dispatch_assignments (organization_id, id, created_at, updated_at, assignment_number, status,
        priority, delivery_id, courier_id, assignment_algorithm, courier_max_capacity, rejection_count, is_reassignment,
        on_time_score)
    VALUES ($1, $2, '2026-06-15T09:00Z', '2026-06-15T09:00Z', $2::text, 'completed',
        'normal', $3, $4, 'manual', 5, 0, false, 84)";
const HANDOVER: &str =
    "INSERT INTO operations.handovers (organization_id, id, created_at, updated_at, handover_number, handover_type, status,
        from_courier_id, to_courier_id, vehicle_id, vehicle_mileage_km, completed_at, discrepancy_status)
    VALUES ($1, $2, '2026-06-14T22:00Z', '2026-06-14T22:00Z', $2::text, 'vehicle_swap', 'completed',
        $3, $4, $5, 1234.5, '2026-06-14T22:00Z', 'none')";

async fn courier(world: &World, number: &str, more: Json) -> Uuid {
    let mut row = json!({"barq_id": number, "full_name": number, "joined_on": "2025-01-01", "status": "active"});
    row.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    id(&world.create(&COURIERS, &row).await.unwrap())
}

async fn twice(world: &World, name: &str, subject: Uuid) {
    world.hear(name, subject).await;
    world.hear(name, subject).await;
}

#[tokio::test]
async fn who_is_on_leave_is_not_at_work_and_comes_back() {
    let world = World::new().await;
    let one = courier(&world, "1", json!({})).await;
    let status = async || world.load(&COURIERS, one).await.text("status").unwrap().to_owned();
    let first = world.store_foreign(LEAVE, &[one]).await;
    twice(&world, "hr.leaves.begin", first).await;
    assert_eq!(status().await, "on_leave");
    assert!(
        world
            .load(&COURIERS, one)
            .await
            .is("status_reason", "2026-06-15 – 2026-06-20")
    );

    // A leave that had not begun ends nothing, and another one that covers today keeps him away.
    let later = world.store_foreign(LATER_LEAVE, &[one]).await;
    twice(&world, "hr.leaves.cancel", later).await;
    let second = world.store_foreign(LEAVE, &[one]).await;
    world.write(COMPLETE_LEAVE, &[first]).await;
    twice(&world, "hr.leaves.complete", first).await;
    assert_eq!(status().await, "on_leave");
    world.write(CANCEL_LEAVE, &[second]).await;
    twice(&world, "hr.leaves.cancel", second).await;
    assert_eq!(status().await, "active");

    // A beginning that arrives after the end, and one of somebody who does not work.
    world.hear("hr.leaves.begin", first).await;
    assert_eq!(status().await, "active");
    let suspended = courier(&world, "2", json!({"status": "suspended"})).await;
    let leave = world.store_foreign(LEAVE, &[suspended]).await;
    world.hear("hr.leaves.begin", leave).await;
    world.write(COMPLETE_LEAVE, &[leave]).await;
    world.hear("hr.leaves.complete", leave).await;
    assert!(world.load(&COURIERS, suspended).await.is("status", "suspended"));
    // A leave that nobody knows.
    world.hear("hr.leaves.begin", Uuid::nil()).await;
}

#[tokio::test]
async fn each_dispatch_counts_once() {
    let world = World::new().await;
    let known = courier(
        &world,
        "1",
        json!({"performance_score": "82.00", "total_deliveries": 10}),
    )
    .await;
    let new = courier(&world, "2", json!({})).await;
    let dispatch = async |courier| {
        let delivery = world.store_foreign(DELIVERY, &[]).await;
        world.store_foreign(DISPATCH, &[delivery, courier]).await
    };
    let figures = async |courier| {
        let row = world.load(&COURIERS, courier).await;
        (
            row.text("performance_score").unwrap().to_owned(),
            row.integer("total_deliveries"),
        )
    };
    let name = "operations.dispatch_assignments.complete";
    let first = dispatch(known).await;
    twice(&world, name, first).await;
    assert_eq!(figures(known).await, ("82.20".to_owned(), Some(11)));
    // Two deliveries of one event at once, and two events at once.
    let (second, third) = (dispatch(known).await, dispatch(known).await);
    tokio::join!(
        world.hear(name, second),
        world.hear(name, second),
        world.hear(name, third)
    );
    assert_eq!(figures(known).await, ("82.54".to_owned(), Some(13)));
    world.hear(name, dispatch(new).await).await;
    assert_eq!(
        figures(new).await,
        ("71.40".to_owned(), Some(1)),
        "0.9 of 70 and 0.1 of 84"
    );
    world.hear(name, Uuid::nil()).await;
}

#[tokio::test]
async fn a_handover_moves_the_vehicle_once() {
    let world = World::new().await;
    let (giver, taker) = (
        courier(&world, "1", json!({})).await,
        courier(&world, "2", json!({})).await,
    );
    let expired = courier(&world, "3", json!({"license_expires_on": "2026-06-01"})).await;
    let vehicle = async |number: &str| {
        let row = json!({"internal_number": number, "vehicle_type": "car", "mileage_km": "1000.00"});
        id(&world.create(&VEHICLES, &row).await.unwrap())
    };
    let (first, second) = (vehicle("1").await, vehicle("2").await);
    let give = async |vehicle: Uuid, courier: Uuid| {
        let row = json!({"vehicle_id": vehicle, "courier_id": courier, "started_on": "2026-06-01",
            "start_odometer_km": "1100.00", "assignment_type": "temporary"});
        id(&world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap())
    };
    let (of_giver, of_taker) = (give(first, giver).await, give(second, taker).await);
    let name = "operations.handovers.complete";

    // Two couriers swap; in Riyadh it was the 15th already.
    let swap = world.store_foreign(HANDOVER, &[giver, taker, first]).await;
    let back = world.store_foreign(HANDOVER, &[taker, giver, second]).await;
    twice(&world, name, swap).await;
    twice(&world, name, back).await;
    let ended = world.load(&VEHICLE_ASSIGNMENTS, of_giver).await;
    for (field, value) in [
        ("status", "completed"),
        ("ended_on", "2026-06-15"),
        ("end_odometer_km", "1234.50"),
        ("end_reason", swap.to_string().as_str()),
    ] {
        assert!(ended.is(field, value), "{field}: {:?}", ended.get(field));
    }
    assert!(
        world
            .load(&VEHICLE_ASSIGNMENTS, of_taker)
            .await
            .is("status", "completed")
    );
    let open = "SELECT string_agg(v.internal_number || c.barq_id || a.assignment_type || a.started_on || coalesce(a.start_odometer_km, 0), ' '
            ORDER BY v.internal_number)
        FROM fleet.vehicle_assignments a
        JOIN fleet.vehicles v ON v.organization_id = a.organization_id AND v.id = a.vehicle_id
        JOIN fleet.couriers c ON c.organization_id = a.organization_id AND c.id = a.courier_id
        WHERE a.organization_id = $1 AND a.status = 'active'";
    assert_eq!(
        world.admin_text(open).await.unwrap(),
        "12temporary2026-06-151234.50 21permanent2026-06-151234.50"
    );
    assert!(world.load(&VEHICLES, first).await.is("mileage_km", "1234.50"));

    // Who may not drive gets nothing, but the giver has given it away.
    let refused = world.store_foreign(HANDOVER, &[taker, expired, first]).await;
    twice(&world, name, refused).await;
    assert_eq!(world.admin_text(open).await.unwrap(), "21permanent2026-06-151234.50");
    world.hear(name, swap).await;
    assert_eq!(
        world.admin_text(open).await.unwrap(),
        "21permanent2026-06-151234.50",
        "what was given on since is not given again"
    );
    let reason = "SELECT a.end_reason FROM fleet.vehicle_assignments a WHERE a.organization_id = $1 AND a.end_reason LIKE '%: %'";
    assert_eq!(
        world.admin_text(reason).await.unwrap(),
        format!("{refused}: The courier's iqama or driving licence has expired.")
    );

    // The vehicle has gone on since: a late event takes it from nobody.
    give(first, expired_renewed(&world, expired).await).await;
    let late = world.store_foreign(HANDOVER, &[taker, giver, first]).await;
    world.hear(name, late).await;
    assert_eq!(
        world.admin_text(open).await.unwrap(),
        "13temporary2026-06-011100.00 21permanent2026-06-151234.50"
    );
    world.hear(name, Uuid::nil()).await;
}

async fn expired_renewed(world: &World, courier: Uuid) -> Uuid {
    world
        .change(&COURIERS, courier, &json!({"license_expires_on": "2027-06-01"}))
        .await;
    courier
}

#[tokio::test]
async fn other_modules_read_the_last_position() {
    let world = World::new().await;
    let courier = courier(&world, "1", json!({"gosi_first_registered_on": "2024-07-03"})).await;
    for (at, latitude) in [
        ("08:00", "24.7000000"),
        ("08:30", "24.8000000"),
        ("08:10", "24.9000000"),
    ] {
        let row = json!({"courier_id": courier, "recorded_at": format!("2026-06-15T{at}:00Z"),
            "latitude": latitude, "longitude": "46.7000000"});
        world.create(&COURIER_POSITIONS, &row).await.unwrap();
    }
    let last = "SELECT string_agg(p.latitude::text, ' ') FROM fleet.position_facts p WHERE p.organization_id = $1";
    assert_eq!(world.admin_text(last).await.unwrap(), "24.8000000");
    let registered = "SELECT c.gosi_first_registered_on::text FROM fleet.courier_facts c WHERE c.organization_id = $1";
    assert_eq!(world.admin_text(registered).await.unwrap(), "2024-07-03");
}
