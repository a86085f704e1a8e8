//! A demonstration month is written by the same rules as anybody's.

use platform_core::Mode;
use serde_json::json;
use uuid::Uuid;

use crate::world::World;

const STATES: &str = "SELECT DISTINCT status FROM workflow.workflow_instances WHERE organization_id = $1 AND \
     $2::uuid IS NOT NULL ORDER BY 1";
const DAYS: &str = "SELECT DISTINCT measured_on::text
    FROM workflow.workflow_metrics WHERE organization_id = $1 AND $2::uuid IS NOT NULL
    AND completed_instances > 0";
const ANY: &str =
    "SELECT i.id::text FROM workflow.workflow_instances i WHERE i.organization_id = $1 AND $2::uuid IS NOT NULL";

#[tokio::test]
async fn a_month_has_something_of_everything() {
    let world = World::new().await;
    for role in [
        "fleet_manager",
        "hr_manager",
        "finance",
        "dispatcher",
        "support_agent",
        "",
    ] {
        world.member(role).await;
    }
    let mut cx = world.cx(Mode::Write).await;
    workflow::demo::demo(&mut cx, 2).await.unwrap();
    cx.commit().await.unwrap();
    let nobody = Uuid::nil();
    let states = world.texts(STATES, nobody).await;
    for state in ["cancelled", "completed", "pending_approval", "rejected"] {
        assert!(states.iter().any(|one| one == state), "{state} of {states:?}");
    }
    assert!(world.texts(DAYS, nobody).await.len() > 10, "figures of many days");

    let job = world.job();
    let figures = job
        .call("workflow.analytics.read", &[], json!({"from": "2026-10-15"}))
        .await
        .unwrap();
    assert!(figures["completed"].as_i64() > Some(20), "{figures}");
    assert!(figures["deadlines_met"].as_i64() > Some(10), "{figures}");
    assert!(figures["deadlines_missed"].as_i64() > Some(0), "{figures}");
    assert_eq!(figures["bottlenecks"].as_array().map(Vec::len), Some(3));
    for instance in world.texts(ANY, nobody).await {
        let id = instance.parse().unwrap();
        let seals = job
            .call("workflow.workflow_instances.verify", &[("id", id)], json!({}))
            .await
            .unwrap();
        assert_eq!(seals["is_intact"], true, "{seals}");
    }
}
