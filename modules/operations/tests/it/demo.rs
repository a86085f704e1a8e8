//! The demonstration's month is written by the same rules as anybody's, and its figures agree with each other.

use platform_core::Mode;
use serde_json::json;

use crate::world::World;

const STATES: &str = "SELECT count(DISTINCT status)::text FROM operations.deliveries WHERE organization_id = $1";
const UNBALANCED: &str = "SELECT (
        (SELECT coalesce(sum(amount), 0) FROM operations.cod_transactions WHERE organization_id = $1 AND status = 'pending')
        - (SELECT coalesce(sum(CASE WHEN debit_account = 'courier_cash' THEN amount ELSE 0 END
            - CASE WHEN credit_account = 'courier_cash' THEN amount ELSE 0 END), 0)
            FROM operations.cod_ledger WHERE organization_id = $1)
    )::text";

#[tokio::test]
async fn a_month_has_something_of_everything() {
    let world = World::new().await;
    for number in 0..12 {
        world.courier(&format!("Courier {number}"), "active").await;
    }
    let mut cx = world.cx(Mode::Write).await;
    operations::demo::demo(&mut cx, 1).await.unwrap();
    cx.commit().await.unwrap();
    assert_eq!(
        world.admin_text(STATES).await.as_deref(),
        Some("11"),
        "every state of a delivery"
    );
    assert_eq!(
        world.admin_text(UNBALANCED).await.as_deref(),
        Some("0"),
        "the ledger says what the entries say"
    );
    let none = json!({});
    let control = world.call("operations.cod.control", "", &none).await.unwrap();
    assert_eq!(control["agrees"], true, "{control}");
    let statistics = world.call("operations.deliveries.statistics", "", &none).await.unwrap();
    assert!(statistics["total"].as_i64() >= Some(400), "{statistics}");
    assert!(statistics["days"].as_array().unwrap().len() >= 28);
    let overview = world.call("operations.overview.read", "", &none).await.unwrap();
    for part in [
        "deliveries",
        "queue",
        "incidents",
        "feedback",
        "handovers",
        "cash",
        "dispatch",
    ] {
        assert!(!overview[part].as_object().unwrap().is_empty(), "{part}: {overview}");
    }
    let quality = world.call("operations.quality.report", "", &none).await.unwrap();
    assert!(
        quality["failed"].as_i64() >= Some(1) && quality["passed"].as_i64() >= Some(1),
        "{quality}"
    );
    let compliance = world.call("operations.sla.compliance", "", &none).await.unwrap();
    assert!(compliance["total"]["met"].as_i64() >= Some(100), "{compliance}");
    let empty = World::new().await;
    let mut cx = empty.cx(Mode::Write).await;
    operations::demo::demo(&mut cx, 1).await.unwrap();
    cx.commit().await.unwrap();
    assert_eq!(
        empty
            .admin_text("SELECT count(*)::text FROM operations.zones WHERE organization_id = $1")
            .await
            .as_deref(),
        Some("0")
    );
}
