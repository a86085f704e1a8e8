//! The demonstration fleets are stored by the same rules as anybody's.

use fleet::demo::{Company, Installation, seed};
use platform_core::Mode;

use crate::world::World;

#[tokio::test]
async fn a_demonstration_fleet_has_something_of_everything() {
    let world = World::new().await;
    let mut cx = world.cx(Mode::Write).await;
    let installation = Installation {
        id: world.installation_id,
        provider: "fuel",
    };
    let seeded = seed(&mut cx, Company::NajdExpress, 7, Some(installation))
        .await
        .unwrap();
    cx.commit().await.unwrap();
    let overview = world.call("fleet.overview.read", "", "").await.unwrap();
    assert_eq!(overview["couriers"]["total"], seeded.couriers);
    assert_eq!(overview["vehicles"]["total"], seeded.vehicles);
    let at_least = |pointer: &str, least: i64| {
        let found = overview.pointer(pointer).and_then(serde_json::Value::as_i64);
        assert!(found >= Some(least), "{pointer} {found:?}");
    };
    at_least("/couriers_without_vehicle", 1);
    at_least("/vehicles_without_courier", 1);
    at_least("/fuel_transactions/unmatched", 1);
    at_least("/fuel_transactions/doubtful", 2);
    for month in overview["fuel"].as_array().unwrap() {
        assert!(month["fills"].as_i64() >= Some(50), "{month}");
    }
    assert!(overview["papers"].as_array().unwrap().len() >= 4);
    let matched = "SELECT round(100.0 * count(*) FILTER (WHERE match_status = 'matched') / count(*))::text \
         FROM fleet.fuel_transactions WHERE organization_id = $1";
    let matched: u32 = world.admin_text(matched).await.unwrap().parse().unwrap();
    assert!((80..100).contains(&matched), "{matched} % matched");

    for (rows, least) in [
        (
            "SELECT count(*)::text FROM fleet.vehicle_logs WHERE organization_id = $1",
            400,
        ),
        (
            "SELECT count(*)::text FROM fleet.vehicle_maintenance WHERE organization_id = $1",
            32,
        ),
        (
            "SELECT count(*)::text FROM fleet.vehicle_inspections WHERE organization_id = $1",
            20,
        ),
        (
            "SELECT count(*)::text FROM fleet.accident_logs WHERE organization_id = $1",
            6,
        ),
        (
            "SELECT count(*)::text FROM fleet.documents WHERE organization_id = $1",
            100,
        ),
        (
            "SELECT count(*)::text FROM fleet.courier_positions WHERE organization_id = $1",
            100,
        ),
        (
            "SELECT count(*)::text FROM fleet.shifts WHERE organization_id = $1",
            500,
        ),
        (
            "SELECT count(*)::text FROM fleet.expiry_warnings WHERE organization_id = $1 AND status = 'open'",
            5,
        ),
    ] {
        let found: i64 = world.admin_text(rows).await.unwrap().parse().unwrap();
        assert!(found >= least, "{rows}: {found}");
    }
    let economics = world.call("fleet.vehicle_log_economics.list", "", "").await.unwrap();
    let ratio: f64 = economics["totals"]["km_per_l"].as_str().unwrap().parse().unwrap();
    assert!((10.0..35.0).contains(&ratio), "{ratio}");
    let live = world.call("fleet.live_positions.list", "", "").await.unwrap();
    assert!(
        live["moving"].as_i64() >= Some(1) && live["offline"].as_i64() >= Some(1),
        "{live}"
    );

    let costs = world.call("fleet.fuel_costs.list", "limit=100", "").await.unwrap();
    assert!(costs["data"].as_array().unwrap().len() > 100);
    let driven =
        "SELECT count(*)::text FROM fleet.fuel_transactions WHERE organization_id = $1 AND courier_id IS NOT NULL";
    assert_ne!(world.admin_text(driven).await.as_deref(), Some("0"));
}

#[tokio::test]
async fn a_demonstration_fleet_needs_no_fuel_card() {
    let world = World::new().await;
    let mut cx = world.cx(Mode::Write).await;
    let seeded = seed(&mut cx, Company::RedSeaCouriers, 8, None).await.unwrap();
    cx.commit().await.unwrap();
    assert_eq!(seeded.fuel_transactions, 0);
    let health = world.call("fleet.health.read", "", "").await.unwrap();
    assert!(
        matches!(health["rating"].as_str(), Some("excellent" | "good")),
        "{health}"
    );
}
