//! What the clock does, day after day.

use fleet::{COURIERS, DOCUMENTS, EXPIRY_WARNINGS, VEHICLES};
use platform_core::Mode;
use serde_json::json;

use crate::world::{World, id};

/// Warnings as `paper threshold status`, in the order of papers and thresholds.
const WARNINGS: &str =
    "SELECT string_agg(paper || ' ' || threshold_days || ' ' || status, ', ' ORDER BY paper, threshold_days DESC)
    FROM fleet.expiry_warnings WHERE organization_id = $1";

async fn tick(world: &World, name: &str, day: &str) {
    world.platform.clock.set(format!("{day}T03:00:00Z").parse().unwrap());
    let module = fleet::module();
    let schedule = module.schedules.iter().find(|schedule| schedule.name == name).unwrap();
    let mut cx = world.cx(Mode::Write).await;
    (schedule.run)(&mut cx).await.unwrap();
    cx.commit().await.unwrap();
}

#[tokio::test]
async fn each_warning_comes_once_and_goes_with_its_reason() {
    let world = World::new().await;
    let row = json!({"barq_id": "1", "full_name": "A", "status": "active", "license_expires_on": "2026-09-01"});
    let courier = id(&world.create(&COURIERS, &row).await.unwrap());
    let warnings = async |day: &str| {
        tick(&world, "fleet.expiries", day).await;
        world.admin_text(WARNINGS).await.unwrap_or_default()
    };
    assert_eq!(warnings("2026-06-02").await, "");
    assert_eq!(warnings("2026-06-03").await, "license 90 open");
    assert_eq!(warnings("2026-06-04").await, "license 90 open");
    assert_eq!(warnings("2026-07-03").await, "license 90 resolved, license 60 open");
    // Nobody looked for a while: the day has passed, and the courier is suspended.
    assert_eq!(
        warnings("2026-09-02").await,
        "license 90 resolved, license 60 resolved, license 0 open"
    );
    let suspended = world.load(&COURIERS, courier).await;
    assert!(suspended.is("status", "suspended"));
    assert!(suspended.is("status_reason", "Driving licence expired on 2026-09-01."));
    world
        .change(&COURIERS, courier, &json!({"license_expires_on": "2030-01-01"}))
        .await;
    assert_eq!(
        warnings("2026-09-03").await,
        "license 90 resolved, license 60 resolved, license 0 resolved"
    );
}

#[tokio::test]
async fn whoever_wants_no_suspensions_gets_none() {
    let world = World::new().await;
    let row = json!({"barq_id": "1", "full_name": "A", "status": "active", "iqama_expires_on": "2026-06-01"});
    let courier = id(&world.create(&COURIERS, &row).await.unwrap());
    world
        .admin_text("UPDATE platform.organizations SET settings = '{\"fleet\": {\"suspend_expired_couriers\": false}}' WHERE organization_id = $1 RETURNING name")
        .await;
    tick(&world, "fleet.expiries", "2026-06-15").await;
    assert!(world.load(&COURIERS, courier).await.is("status", "active"));
}

#[tokio::test]
async fn documents_expire_and_services_fall_due() {
    let world = World::new().await;
    let row = json!({"document_name": "Commercial registration", "entity_type": "company",
        "document_type": "commercial_registration", "expires_on": "2026-06-20"});
    let document = id(&world.create(&DOCUMENTS, &row).await.unwrap());
    tick(&world, "fleet.expiries", "2026-06-20").await;
    assert!(world.load(&DOCUMENTS, document).await.is("status", "pending"));
    tick(&world, "fleet.expiries", "2026-06-21").await;
    assert!(world.load(&DOCUMENTS, document).await.is("status", "expired"));
    let warnings = world.admin_text(WARNINGS).await.unwrap();
    assert_eq!(warnings, "document 30 resolved, document 0 open");

    let row = json!({"internal_number": "1", "vehicle_type": "car", "mileage_km": "4900.00", "next_service_km": "5000.00",
        "next_service_on": "2026-07-10"});
    let vehicle = id(&world.create(&VEHICLES, &row).await.unwrap());
    let services = async |day: &str| {
        tick(&world, "fleet.service_due", day).await;
        let found = world.admin_text(WARNINGS).await.unwrap();
        found
            .split_once("open, ")
            .map(|(_, services)| services.to_owned())
            .unwrap_or_default()
    };
    assert_eq!(services("2026-07-02").await, "");
    assert_eq!(services("2026-07-03").await, "service 7 open");
    world
        .change(&VEHICLES, vehicle, &json!({"mileage_km": "5000.00"}))
        .await;
    assert_eq!(services("2026-07-04").await, "service 7 resolved, service 0 open");
    assert_eq!(services("2026-07-05").await, "service 7 resolved, service 0 open");
    let open = "SELECT id::text FROM fleet.expiry_warnings WHERE organization_id = $1 AND paper = 'service' AND status = 'open'";
    let warning = world.admin_text(open).await.unwrap().parse().unwrap();
    let seen = json!({"action_taken": "Booked for Sunday"});
    let warning = world
        .act(&EXPIRY_WARNINGS, warning, "acknowledge", &seen)
        .await
        .unwrap();
    assert!(warning.is("status", "acknowledged") && warning.has("acknowledged_at"));
}
