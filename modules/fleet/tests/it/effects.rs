//! What follows in the same transaction when something happens, and what is refused.

use fleet::{
    ACCIDENT_LOGS, COURIERS, DOCUMENTS, FUEL_LOGS, SHIFTS, VEHICLE_ASSIGNMENTS, VEHICLE_INSPECTIONS, VEHICLE_LOGS,
    VEHICLE_MAINTENANCE, VEHICLES,
};
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, id, refused};

async fn vehicle(world: &World, number: &str) -> Uuid {
    let row = json!({"internal_number": number, "vehicle_type": "car", "mileage_km": "1000.00"});
    id(&world.create(&VEHICLES, &row).await.unwrap())
}

async fn courier(world: &World, number: &str) -> Uuid {
    let row = json!({"barq_id": number, "full_name": "A", "joined_on": "2025-01-01", "status": "active"});
    id(&world.create(&COURIERS, &row).await.unwrap())
}

#[tokio::test]
async fn who_leaves_gives_the_vehicle_back_and_gets_none() {
    let world = World::new().await;
    let (vehicle, courier) = (vehicle(&world, "1").await, courier(&world, "1").await);
    let row = json!({"vehicle_id": vehicle, "courier_id": courier, "started_on": "2026-06-01"});
    let assignment = id(&world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap());
    let shift = |day: &str| json!({"courier_id": courier, "works_on": day, "starts_at": format!("{day}T05:00:00Z"), "ends_at": format!("{day}T13:00:00Z")});
    let before = id(&world.create(&SHIFTS, &shift("2026-06-20")).await.unwrap());
    let after = id(&world.create(&SHIFTS, &shift("2026-06-21")).await.unwrap());

    let retired = world
        .act(&VEHICLES, vehicle, "retire", &json!({"retired_on": "2026-06-15"}))
        .await;
    assert_eq!(retired.unwrap_err().code, "vehicle_assigned");
    assert!(world.load(&VEHICLES, vehicle).await.is("status", "active"), "undone");

    let leave = json!({"last_working_day": "2026-06-20", "status_reason": "Resigned"});
    world.act(&COURIERS, courier, "terminate", &leave).await.unwrap();
    let ended = world.load(&VEHICLE_ASSIGNMENTS, assignment).await;
    assert!(
        ended.is("status", "completed") && ended.is("ended_on", "2026-06-20") && ended.is("end_reason", "Resigned")
    );
    assert!(world.load(&SHIFTS, before).await.is("status", "planned"));
    assert!(world.load(&SHIFTS, after).await.is("status", "cancelled"));
    world
        .act(&VEHICLES, vehicle, "retire", &json!({"retired_on": "2026-06-21"}))
        .await
        .unwrap();

    let second = self::vehicle(&world, "2").await;
    let row = json!({"vehicle_id": second, "courier_id": courier, "started_on": "2026-06-25"});
    let problem = world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap_err();
    assert_eq!(refused(&problem), ["courier_id courier_not_active"]);
    let again = world.act(&COURIERS, courier, "activate", &json!({})).await.unwrap_err();
    assert_eq!(again.code, "not_in_state");
}

#[tokio::test]
async fn papers_have_to_be_good() {
    let world = World::new().await;
    let (vehicle, courier) = (vehicle(&world, "1").await, courier(&world, "1").await);
    let row = json!({"vehicle_id": vehicle, "courier_id": courier, "started_on": "2026-01-01"});
    let refusal = async || refused(&world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap_err());
    world
        .change(&COURIERS, courier, &json!({"license_expires_on": "2026-06-14"}))
        .await;
    assert_eq!(refusal().await, ["courier_id courier_papers_expired"]);
    world
        .change(&COURIERS, courier, &json!({"license_expires_on": "2026-06-15"}))
        .await;
    world
        .change(&VEHICLES, vehicle, &json!({"insurance_expires_on": "2026-06-14"}))
        .await;
    assert_eq!(refusal().await, ["vehicle_id vehicle_papers_expired"]);

    // The renewed paper is brought, verified, and opens the way.
    let paper = json!({"document_name": "Policy", "entity_type": "vehicle", "vehicle_id": vehicle,
        "document_type": "insurance", "expires_on": "2027-06-14"});
    let paper = id(&world.create(&DOCUMENTS, &paper).await.unwrap());
    world.act(&DOCUMENTS, paper, "verify", &json!({})).await.unwrap();
    assert!(
        world
            .load(&VEHICLES, vehicle)
            .await
            .is("insurance_expires_on", "2027-06-14")
    );
    world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap();
}

#[tokio::test]
async fn work_takes_a_vehicle_out_and_brings_it_back() {
    let world = World::new().await;
    let vehicle = vehicle(&world, "1").await;
    let status = async || world.load(&VEHICLES, vehicle).await.text("status").unwrap().to_owned();
    let job = async |kind: &str| {
        let row = json!({"vehicle_id": vehicle, "maintenance_type": kind, "description": "Oil"});
        let job = world.create(&VEHICLE_MAINTENANCE, &row).await.unwrap();
        assert!(job.text("maintenance_number").unwrap().starts_with("MNT-20260615-"));
        id(&job)
    };
    let (service, repair) = (job("routine").await, job("breakdown").await);
    world
        .act(&VEHICLE_MAINTENANCE, service, "start", &json!({}))
        .await
        .unwrap();
    assert_eq!(status().await, "maintenance");
    world
        .act(&VEHICLE_MAINTENANCE, repair, "start", &json!({}))
        .await
        .unwrap();
    assert_eq!(status().await, "maintenance");
    let done = json!({"service_km": "1200.00", "next_service_on": "2026-12-15", "next_service_km": "6200.00"});
    world
        .act(&VEHICLE_MAINTENANCE, service, "complete", &done)
        .await
        .unwrap();
    assert_eq!(status().await, "maintenance", "the other job goes on");
    world
        .act(
            &VEHICLE_MAINTENANCE,
            repair,
            "cancel",
            &json!({"status_reason": "Too dear"}),
        )
        .await
        .unwrap();
    let after = world.load(&VEHICLES, vehicle).await;
    for (field, value) in [
        ("status", "active"),
        ("mileage_km", "1200.00"),
        ("last_service_on", "2026-06-15"),
        ("last_service_km", "1200.00"),
        ("next_service_on", "2026-12-15"),
        ("next_service_km", "6200.00"),
    ] {
        assert!(after.is(field, value), "{field}: {:?}", after.get(field));
    }

    let row = json!({"vehicle_id": vehicle, "inspection_type": "safety", "steering": false, "odometer_km": "1100.00"});
    let inspection = id(&world.create(&VEHICLE_INSPECTIONS, &row).await.unwrap());
    let inspection = world
        .act(&VEHICLE_INSPECTIONS, inspection, "complete", &json!({}))
        .await
        .unwrap();
    assert!(inspection.is("verdict", "failed"), "{inspection:?}");
    assert_eq!(status().await, "repair");
    world
        .act(&VEHICLES, vehicle, "return_to_service", &json!({}))
        .await
        .unwrap();

    let row = json!({"vehicle_id": vehicle, "occurred_on": "2026-06-14", "accident_type": "collision", "severity": "minor",
        "description": "A bump", "location": "King Fahd Road"});
    let accident = id(&world.create(&ACCIDENT_LOGS, &row).await.unwrap());
    world
        .act(&ACCIDENT_LOGS, accident, "start_repair", &json!({}))
        .await
        .unwrap();
    assert_eq!(status().await, "repair");
    world
        .act(
            &ACCIDENT_LOGS,
            accident,
            "resolve",
            &json!({"actual_repair_cost": "8400.00"}),
        )
        .await
        .unwrap();
    assert_eq!(status().await, "active");

    world
        .act(&VEHICLES, vehicle, "retire", &json!({"retired_on": "2026-06-15"}))
        .await
        .unwrap();
    let late = job("recall").await;
    let problem = world
        .act(&VEHICLE_MAINTENANCE, late, "start", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(problem.code, "vehicle_retired");
    assert!(
        world.load(&VEHICLE_MAINTENANCE, late).await.is("status", "scheduled"),
        "undone"
    );
}

#[tokio::test]
async fn readings_raise_the_mileage_and_never_lower_it() {
    let world = World::new().await;
    let (vehicle, courier) = (vehicle(&world, "1").await, courier(&world, "1").await);
    let mileage = async || {
        world
            .load(&VEHICLES, vehicle)
            .await
            .text("mileage_km")
            .unwrap()
            .to_owned()
    };
    let log = |end: &str| json!({"vehicle_id": vehicle, "logged_on": "2026-06-14", "end_odometer_km": end});
    let first = id(&world.create(&VEHICLE_LOGS, &log("1118.00")).await.unwrap());
    assert_eq!(mileage().await, "1118.00");
    world.create(&VEHICLE_LOGS, &log("1050.00")).await.unwrap();
    assert_eq!(mileage().await, "1118.00");
    world
        .change(&VEHICLE_LOGS, first, &json!({"end_odometer_km": "1120.00"}))
        .await;
    assert_eq!(mileage().await, "1120.00");
    let fill = json!({"vehicle_id": vehicle, "filled_on": "2026-06-14", "volume_l": "30.000", "cost": "60.00", "odometer_km": "1130.00"});
    world.create(&FUEL_LOGS, &fill).await.unwrap();
    assert_eq!(mileage().await, "1130.00");
    let row = json!({"vehicle_id": vehicle, "courier_id": courier, "started_on": "2026-06-14", "start_odometer_km": "1100.00"});
    let assignment = id(&world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap());
    assert_eq!(mileage().await, "1130.00");
    let end = json!({"ended_on": "2026-06-15", "end_odometer_km": "1150.50"});
    world.act(&VEHICLE_ASSIGNMENTS, assignment, "end", &end).await.unwrap();
    assert_eq!(mileage().await, "1150.50");
}

#[tokio::test]
async fn a_courier_works_one_shift_at_a_time() {
    let world = World::new().await;
    let courier = courier(&world, "1").await;
    let shift = |start: &str, end: &str| {
        json!({"courier_id": courier, "works_on": "2026-06-20", "starts_at": format!("2026-06-20T{start}:00Z"),
               "ends_at": format!("2026-06-20T{end}:00Z")})
    };
    world.create(&SHIFTS, &shift("05:00", "13:00")).await.unwrap();
    let problem = world.create(&SHIFTS, &shift("12:59", "20:00")).await.unwrap_err();
    assert_eq!(refused(&problem), ["starts_at shift_overlaps"]);
    let second = id(&world.create(&SHIFTS, &shift("13:00", "20:00")).await.unwrap());
    world
        .act(&SHIFTS, second, "cancel", &json!({"status_reason": "Few orders"}))
        .await
        .unwrap();
    // Two at once.
    let (one, other) = (shift("14:00", "18:00"), shift("15:00", "19:00"));
    let (one, other) = tokio::join!(world.create(&SHIFTS, &one), world.create(&SHIFTS, &other));
    assert_eq!(
        [one, other].into_iter().flatten().count(),
        1,
        "exactly one of two is planned"
    );
}

#[tokio::test]
async fn readings_of_many_at_once_end_at_the_highest() {
    let world = World::new().await;
    let vehicle = vehicle(&world, "1").await;
    let log =
        |km: i64| json!({"vehicle_id": vehicle, "logged_on": "2026-06-14", "end_odometer_km": format!("{km}.00")});
    let logs: Vec<_> = (1..=8).map(|number| log(1000 + number)).collect();
    for pair in logs.chunks(2) {
        let (one, other) = tokio::join!(
            world.create(&VEHICLE_LOGS, &pair[0]),
            world.create(&VEHICLE_LOGS, &pair[1])
        );
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    }
    assert!(world.load(&VEHICLES, vehicle).await.is("mileage_km", "1008.00"));
    let slip = json!({"mileage_km": "1004.00", "mileage_correction_reason": "Misread"});
    let corrected = world.act(&VEHICLES, vehicle, "correct_mileage", &slip).await.unwrap();
    assert!(corrected.is("mileage_km", "1004.00") && corrected.has("mileage_corrected_at"));
}
