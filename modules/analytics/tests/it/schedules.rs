//! What analytics does by the clock, and what follows an action.

use analytics::{KPI_TARGETS, KPIS, METRIC_SNAPSHOTS, PERFORMANCE_DATA, REPORT_SCHEDULES, REPORTS};
use platform_core::Mode;
use platform_resource::Record;
use serde_json::{Value as Json, json};

use crate::reports::{courier, delivery};
use crate::world::{World, id};

const DAYS: &str = "SELECT count(*) FROM analytics.performance_data WHERE organization_id = $1 AND deleted_at IS NULL";
const SNAPSHOTS: &str = "SELECT count(*) FROM analytics.metric_snapshots WHERE organization_id = $1";
const MADE: &str = "SELECT count(*) FROM analytics.reports WHERE organization_id = $1 AND status = 'completed'";

async fn only(world: &World, sql: &'static str, resource: &'static platform_resource::Resource) -> Record {
    let mut cx = world.cx(Mode::Read).await;
    let id = sqlx::query_scalar(sql)
        .bind(world.organization_id)
        .fetch_one(cx.db())
        .await
        .unwrap();
    cx.commit().await.unwrap();
    world.load(resource, id).await
}

#[tokio::test]
async fn a_night_measures_couriers_and_key_figures_once() {
    let world = World::new().await;
    let courier = courier(&world, "1").await;
    for _ in 0..3 {
        delivery(&world, courier, 14, "delivered").await;
    }
    delivery(&world, courier, 14, "failed").await;
    // Today is not over.
    delivery(&world, courier, 15, "delivered").await;
    let kpi = json!({"code": "success", "name": "Success", "period": "daily", "figure": "delivery_success.success_percent",
        "target_value": "95", "warning_threshold": "90", "critical_threshold": "70"});
    let kpi = id(&world.create(&KPIS, &kpi).await);
    for _ in 0..2 {
        world.run("analytics.metrics").await;
        assert_eq!(world.count(DAYS).await, 1);
        assert_eq!(world.count(SNAPSHOTS).await, 1);
    }
    let day = only(
        &world,
        "SELECT id FROM analytics.performance_data WHERE organization_id = $1",
        &PERFORMANCE_DATA,
    )
    .await;
    assert_eq!(day.text("performed_on"), Some("2026-06-14"));
    assert_eq!(
        (day.integer("orders_completed"), day.integer("orders_failed")),
        (Some(3), Some(1))
    );
    assert_eq!(
        (day.text("revenue"), day.text("efficiency_score")),
        (Some("42.00"), Some("75.00"))
    );
    let row = world.load(&KPIS, kpi).await;
    assert_eq!(
        (row.text("current_value"), row.text("period_ends_on")),
        (Some("75.0000"), Some("2026-06-14"))
    );
    let snapshot = only(
        &world,
        "SELECT id FROM analytics.metric_snapshots WHERE organization_id = $1",
        &METRIC_SNAPSHOTS,
    )
    .await;
    assert_eq!(
        (snapshot.text("metric_name"), snapshot.text("value")),
        (Some("kpi.success"), Some("75.0000"))
    );

    let card = world.call("analytics.kpi_scorecard.read", "").await.unwrap();
    assert_eq!(card["kpis"][0]["colour"], "yellow");
    assert_eq!(card["kpis"][0]["achievement_percent"], "78.95");
    assert_eq!(
        (&card["overall_score"], &card["categories"][0]["band"]),
        (&json!("78.95"), &json!("good"))
    );
    assert_eq!(card["alerts"], json!(["success"]));
    // A target of the time replaces the key figure's own, and moves the colour at once.
    let target = json!({"kpi_id": kpi, "starts_on": "2026-06-01", "ends_on": "2026-06-30", "target_value": "75"});
    world.create(&KPI_TARGETS, &target).await;
    let card = world.call("analytics.kpi_scorecard.read", "").await.unwrap();
    assert_eq!(
        (&card["kpis"][0]["colour"], &card["kpis"][0]["achievement_percent"]),
        (&json!("green"), &json!("100.00"))
    );
    assert_eq!(card["alerts"], json!([]));
}

#[tokio::test]
async fn a_schedule_makes_its_report_when_it_is_due() {
    let mut world = World::new().await;
    let courier = courier(&world, "1").await;
    delivery(&world, courier, 15, "delivered").await;
    let schedule =
        json!({"name": "Every morning", "report_type": "delivery_success", "format": "csv", "run_at": "06:00"});
    let schedule = id(&world.create(&REPORT_SCHEDULES, &schedule).await);
    let next = |row: &Record| row.text("next_run_at").unwrap_or_default().to_owned();

    world.run("analytics.reports_due").await;
    assert_eq!(
        next(&world.load(&REPORT_SCHEDULES, schedule).await),
        "2026-06-16T03:00:00.000Z"
    );
    assert_eq!(world.count(MADE).await, 0);
    world.at("2026-06-16T03:05:00Z").await;
    for _ in 0..2 {
        world.run("analytics.reports_due").await;
        assert_eq!(
            next(&world.load(&REPORT_SCHEDULES, schedule).await),
            "2026-06-17T03:00:00.000Z"
        );
        assert_eq!(world.count(MADE).await, 1, "made once");
    }
    let report = only(
        &world,
        "SELECT id FROM analytics.reports WHERE organization_id = $1",
        &REPORTS,
    )
    .await;
    assert_eq!(
        (report.text("period_starts_on"), report.text("period_ends_on")),
        (Some("2026-06-15"), Some("2026-06-15"))
    );
    let file = world
        .platform
        .data
        .join("files")
        .join(world.organization_id.to_string());
    let text = std::fs::read_to_string(file.join(report.text("file_id").unwrap())).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert!(
        lines[0].starts_with("section,key,title,Deliveries,Delivered"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("total,2026-06-15 – 2026-06-15,Delivery success,1,1,0,0,0,100.00"),
        "{}",
        lines[1]
    );
    assert_eq!(
        report.integer("row_count"),
        Some(i64::try_from(lines.len()).unwrap() - 2)
    );

    world.act(&REPORT_SCHEDULES, schedule, "pause").await.unwrap();
    world.at("2026-06-17T03:05:00Z").await;
    world.run("analytics.reports_due").await;
    assert_eq!(world.count(MADE).await, 1, "a paused schedule makes nothing");
    world.act(&REPORT_SCHEDULES, schedule, "run_now").await.unwrap();
    assert_eq!(world.count(MADE).await, 2);
}

#[tokio::test]
async fn a_report_keeps_rows_or_a_workbook() {
    let world = World::new().await;
    let courier = courier(&world, "1").await;
    delivery(&world, courier, 2, "delivered").await;
    for format in ["json", "xlsx"] {
        let row = json!({"name": "June", "report_type": "delivery_success", "format": format, "period_starts_on": "2026-06-01",
            "period_ends_on": "2026-06-30", "parameters": {"columns": ["delivered"]}});
        let report = id(&world.create(&REPORTS, &row).await);
        world.act(&REPORTS, report, "generate").await.unwrap();
        let row = world.load(&REPORTS, report).await;
        assert!(row.is("status", "completed"));
        if format == "json" {
            assert_eq!(row.get("result")["figures"].as_array().map(Vec::len), Some(1));
            assert_eq!(row.get("result")["figures"][0]["value"], "1");
        } else {
            assert!(row.get("result") == &Json::Null && row.has("file_id"));
            let size = row.integer("file_size_bytes").unwrap();
            assert!(size > 1000, "{size}");
        }
        let again = world.act(&REPORTS, report, "generate").await.unwrap_err();
        assert_eq!(again.code, "not_in_state");
    }
}
