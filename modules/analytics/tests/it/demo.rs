//! The demonstration's figures are those of its rows.

use platform_core::Mode;

use crate::reports::{courier, delivery};
use crate::world::World;

#[tokio::test]
async fn a_demonstration_measures_what_is_there() {
    let world = World::new().await;
    let courier = courier(&world, "1").await;
    for day in 5..15 {
        delivery(&world, courier, day, "delivered").await;
    }
    let mut cx = world.cx(Mode::Write).await;
    analytics::demo::demo(&mut cx, 1).await.unwrap();
    cx.commit().await.unwrap();
    for (count, sql) in [
        (
            10,
            "SELECT count(*) FROM analytics.performance_data WHERE organization_id = $1",
        ),
        (12, "SELECT count(*) FROM analytics.kpis WHERE organization_id = $1"),
        (
            3,
            "SELECT count(*) FROM analytics.dashboards WHERE organization_id = $1",
        ),
        (
            3,
            "SELECT count(*) FROM analytics.reports WHERE organization_id = $1 AND status = 'completed'",
        ),
        (
            1,
            "SELECT count(*) FROM analytics.kpis WHERE organization_id = $1 AND code = 'delivery_success' AND current_value = 100",
        ),
    ] {
        assert_eq!(world.count(sql).await, count, "{sql}");
    }
    let report = world
        .call(
            "analytics.operations.courier_performance",
            "from=2026-06-01&to=2026-06-14",
        )
        .await
        .unwrap();
    assert_eq!(crate::world::figure(&report, "completed")["value"], "10");
    assert_eq!(crate::world::figure(&report, "revenue")["value"], "140.00");
}
