//! Figures follow the rows that they are made of.

use fleet::{
    ACCIDENT_LOGS, COURIER_POSITIONS, COURIERS, SHIFTS, VEHICLE_ASSIGNMENTS, VEHICLE_INSPECTIONS, VEHICLE_LOGS,
    VEHICLE_MAINTENANCE, VEHICLES,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::{World, id};

async fn fleet_of(world: &World) -> (Uuid, Uuid) {
    let row = json!({"internal_number": "1", "vehicle_type": "car", "purchase_price": "62000.00", "purchased_on": "2024-06-15",
        "next_service_on": "2026-06-20", "registration_expires_on": "2026-06-25"});
    let vehicle = id(&world.create(&VEHICLES, &row).await.unwrap());
    let row = json!({"barq_id": "1", "full_name": "A", "status": "active", "nationality": "Saudi", "city": "Riyadh",
        "license_expires_on": "2026-06-10"});
    let courier = id(&world.create(&COURIERS, &row).await.unwrap());
    (vehicle, courier)
}

#[tokio::test]
async fn logs_shifts_and_accidents_make_a_performance() {
    let world = World::new().await;
    let (vehicle, courier) = fleet_of(&world).await;
    let log = json!({"vehicle_id": vehicle, "courier_id": courier, "logged_on": "2026-06-14", "start_odometer_km": "46210.00",
        "end_odometer_km": "46328.00", "fuel_l": "6.400", "fuel_cost": "13.95", "deliveries_count": 22, "revenue": "330.00",
        "working_hours": "8.00"});
    world.create(&VEHICLE_LOGS, &log).await.unwrap();
    for (day, action) in [("2026-06-13", "miss"), ("2026-06-14", "start")] {
        let row = json!({"courier_id": courier, "works_on": day, "starts_at": format!("{day}T05:00:00Z"), "ends_at": format!("{day}T13:00:00Z")});
        let shift = id(&world.create(&SHIFTS, &row).await.unwrap());
        world.act(&SHIFTS, shift, action, &json!({})).await.unwrap();
        if action == "start" {
            world.act(&SHIFTS, shift, "finish", &json!({})).await.unwrap();
        }
    }
    let row = json!({"vehicle_id": vehicle, "courier_id": courier, "occurred_on": "2026-06-14", "accident_type": "collision",
        "severity": "major", "fault_status": "shared", "description": "A bump", "location": "King Fahd Road",
        "estimated_repair_cost": "9999.00", "actual_repair_cost": "8400.00", "tow_cost": "350.00", "insurance_covered": "6000.00",
        "lost_revenue": "1200.00"});
    world.create(&ACCIDENT_LOGS, &row).await.unwrap();

    let economics = world.call("fleet.vehicle_log_economics.list", "", "").await.unwrap();
    let figures = &economics["data"][0];
    let wanted = [
        ("distance_km", "118.00"),
        ("km_per_l", "18.44"),
        ("fuel_cost_per_km", "0.118"),
        ("revenue_per_delivery", "15.00"),
    ];
    for (name, value) in wanted {
        assert_eq!(
            (&figures[name], &economics["totals"][name]),
            (&json!(value), &json!(value)),
            "{name}"
        );
    }
    let costs = world
        .call("fleet.accident_costs.list", "from=2026-06-14&to=2026-06-14", "")
        .await
        .unwrap();
    for (name, value) in [
        ("total_cost", "8750.00"),
        ("out_of_pocket_cost", "2750.00"),
        ("financial_impact", "3950.00"),
    ] {
        assert_eq!(
            (&costs["data"][0][name], &costs["totals"][name]),
            (&json!(value), &json!(value)),
            "{name}"
        );
    }
    assert_eq!(
        (&costs["totals"]["major"], &costs["totals"]["open"]),
        (&json!(1), &json!(1))
    );
    let none = world
        .call("fleet.accident_costs.list", "from=2026-06-15", "")
        .await
        .unwrap();
    assert_eq!(none["totals"]["total_cost"], "0.00");

    let compared = world
        .call("fleet.courier_performance.list", "order=revenue", "")
        .await
        .unwrap();
    let found = &compared["data"][0];
    assert_eq!(
        (
            &found["rank"],
            &found["deliveries"],
            &found["deliveries_per_hour"],
            &found["shift_attendance_percent"]
        ),
        (&json!(1), &json!("22"), &json!("2.75"), &json!("50.0"))
    );
    assert_eq!(
        (&found["revenue"], &found["accidents_at_fault"]),
        (&json!("330.00"), &json!(1))
    );
    let bad = world
        .call("fleet.courier_performance.list", "city=%00", "")
        .await
        .unwrap_err();
    assert_eq!(crate::world::refused(&bad), ["city bad_character"]);
    let statistics = world.call("fleet.courier_statistics.read", "", "").await.unwrap();
    assert_eq!(statistics["by_city"], json!({"Riyadh": 1}));
    assert_eq!(
        (&statistics["total"], &statistics["without_vehicle"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_vehicle_has_a_past_a_value_and_a_use() {
    let world = World::new().await;
    let (vehicle, courier) = fleet_of(&world).await;
    world
        .change(&COURIERS, courier, &json!({"license_expires_on": "2027-01-01"}))
        .await;
    let row = json!({"vehicle_id": vehicle, "courier_id": courier, "started_on": "2026-06-06"});
    world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap();
    let row = json!({"vehicle_id": vehicle, "maintenance_type": "routine", "description": "Oil", "labor_cost": "100.00",
        "parts_cost": "50.00", "tax_amount": "22.50", "discount_amount": "10.00"});
    let job = id(&world.create(&VEHICLE_MAINTENANCE, &row).await.unwrap());
    world.act(&VEHICLE_MAINTENANCE, job, "start", &json!({})).await.unwrap();
    world
        .act(&VEHICLE_MAINTENANCE, job, "complete", &json!({}))
        .await
        .unwrap();
    let row = json!({"vehicle_id": vehicle, "inspection_type": "periodic", "horn": false});
    let inspection = id(&world.create(&VEHICLE_INSPECTIONS, &row).await.unwrap());
    world
        .act(&VEHICLE_INSPECTIONS, inspection, "complete", &json!({}))
        .await
        .unwrap();

    let history = world
        .call("fleet.vehicle_history.read", &format!("vehicle_id={vehicle}"), "")
        .await
        .unwrap();
    assert_eq!(
        (
            &history["maintenance"][0]["total_cost"],
            &history["maintenance"][0]["payable"]
        ),
        (&json!("150.00"), &json!("162.50"))
    );
    assert_eq!(
        (
            &history["assignments"][0]["days"],
            &history["totals"]["maintenance_cost"]
        ),
        (&json!(10), &json!("162.50"))
    );
    let missing = world
        .call("fleet.vehicle_history.read", &format!("vehicle_id={courier}"), "")
        .await
        .unwrap_err();
    assert_eq!(missing.code, "not_found");

    let costs = world.call("fleet.maintenance_costs.list", "", "").await.unwrap();
    let sums = json!({"jobs": 1, "downtime_hours": "0.00", "total_cost": "150.00", "total_with_tax": "172.50", "net_cost": "140.00", "payable": "162.50"});
    assert_eq!((&costs["totals"], &costs["by_type"]["routine"]), (&sums, &sums));
    let values = world.call("fleet.vehicle_book_values.list", "", "").await.unwrap();
    assert_eq!(
        (&values["data"][0]["book_value"], &values["book_value"]),
        (&json!("39680.00"), &json!("39680.00"))
    );
    let used = world
        .call("fleet.utilisation.list", "from=2026-05-27&to=2026-06-15", "")
        .await
        .unwrap();
    assert_eq!(
        (&used["data"][0]["assigned_days"], &used["utilisation_percent"]),
        (&json!(10), &json!("50.0"))
    );
    assert_eq!(used["current_percent"], "100.0");
    let inspected = world.call("fleet.inspection_compliance.list", "", "").await.unwrap();
    assert_eq!(
        (&inspected["compliance_percent"], &inspected["average_score"]),
        (&json!("100.0"), &json!("97.0"))
    );
    assert_eq!(inspected["data"][0]["verdict"], "passed");
}

#[tokio::test]
async fn what_runs_out_is_listed_and_health_follows() {
    let world = World::new().await;
    let (vehicle, courier) = fleet_of(&world).await;
    let papers = world.call("fleet.expiring_papers.list", "", "").await.unwrap();
    let found: Vec<_> = papers["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|paper| (&paper["paper"], &paper["days_left"]))
        .collect();
    assert_eq!(
        found,
        [(&json!("license"), &json!(-5)), (&json!("registration"), &json!(10))]
    );
    assert_eq!((&papers["total"], &papers["expired"]), (&json!(2), &json!(1)));
    let near = world
        .call("fleet.expiring_papers.list", "within_days=9", "")
        .await
        .unwrap();
    assert_eq!(near["total"], 1);
    let services = world.call("fleet.service_due.list", "", "").await.unwrap();
    assert_eq!(
        (&services["data"][0]["days_left"], &services["data"][0]["by_mileage"]),
        (&json!(5), &json!(false))
    );

    let health = async || world.call("fleet.health.read", "", "").await.unwrap();
    let told = health().await;
    assert_eq!((&told["score"], &told["rating"]), (&json!("55.0"), &json!("fair")));
    let waiting = async |id: &str| world.call(id, "", "").await.unwrap();
    let couriers = waiting("fleet.couriers_without_vehicle.list").await;
    assert_eq!((&couriers["total"], &couriers["ready"]), (&json!(1), &json!(0)));
    let vehicles = waiting("fleet.available_vehicles.list").await;
    assert_eq!(
        (&vehicles["data"][0]["title"], &vehicles["ready"]),
        (&json!("1"), &json!(1))
    );
    assert_eq!(
        told["alerts"],
        json!([{"code": "papers_expired", "severity": "critical", "count": 1}])
    );
    world
        .change(&COURIERS, courier, &json!({"license_expires_on": "2027-01-01"}))
        .await;
    let row = json!({"vehicle_id": vehicle, "courier_id": courier, "started_on": "2026-06-06"});
    world.create(&VEHICLE_ASSIGNMENTS, &row).await.unwrap();
    let told = health().await;
    assert_eq!(
        (&told["score"], &told["rating"]),
        (&json!("100.0"), &json!("excellent"))
    );
    world
        .change(&COURIERS, courier, &json!({"license_expires_on": null}))
        .await;
    let told = health().await;
    assert_eq!(
        (
            &told["couriers_with_unknown_papers"],
            &told["shares"]["good_papers_percent"]
        ),
        (&json!(1), &Json::Null)
    );
}

#[tokio::test]
async fn the_last_position_counts() {
    let world = World::new().await;
    let (_, courier) = fleet_of(&world).await;
    let report = |minute: u32, speed: &str| {
        json!({"courier_id": courier, "recorded_at": format!("2026-06-15T08:{minute:02}:00Z"), "latitude": "24.7135517",
               "longitude": "46.6752957", "speed_km_h": speed})
    };
    world.create(&COURIER_POSITIONS, &report(30, "40.0")).await.unwrap();
    let state = async || {
        let live = world.call("fleet.live_positions.list", "", "").await.unwrap();
        live["data"][0]["state"].clone()
    };
    assert_eq!(state().await, "offline");
    world.create(&COURIER_POSITIONS, &report(50, "40.0")).await.unwrap();
    assert_eq!(state().await, "moving");
    world.create(&COURIER_POSITIONS, &report(55, "2.0")).await.unwrap();
    assert_eq!(state().await, "idle");
    let moving = world
        .call("fleet.live_positions.list", "state=moving", "")
        .await
        .unwrap();
    assert_eq!((&moving["data"], &moving["idle"]), (&json!([]), &json!(1)));
}
