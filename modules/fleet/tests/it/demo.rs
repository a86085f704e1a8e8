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

    let costs = world.call("fleet.fuel_costs.list", "limit=100", "").await.unwrap();
    assert!(costs["data"].as_array().unwrap().len() > 100);
    let driven =
        "SELECT count(*)::text FROM fleet.fuel_transactions WHERE organization_id = $1 AND courier_id IS NOT NULL";
    assert_ne!(world.admin_text(driven).await.as_deref(), Some("0"));
}
