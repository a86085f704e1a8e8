//! Reports against rows: a changed row moves the figure, and nothing to compute from is no figure.

use fleet::COURIERS;
use operations::DELIVERIES;
use platform_core::Method;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::{World, figure, id};

pub async fn courier(world: &World, number: &str) -> Uuid {
    let row = json!({"barq_id": number, "full_name": format!("Courier {number}"), "status": "active", "joined_on": "2026-01-01"});
    id(&world.create(&COURIERS, &row).await)
}

/// A delivery of a day in June 2026 with a fee.
pub async fn delivery(world: &World, courier: Uuid, day: u32, status: &str) -> Uuid {
    let mut row = json!({"courier_id": courier, "status": status, "delivery_fee": "14.00", "platform": "barq",
        "ordered_at": format!("2026-06-{day:02}T09:00:00Z"), "scheduled_delivery_at": format!("2026-06-{day:02}T10:00:00Z"),
        "pickup_address": "A", "delivery_address": "B"});
    if status == "delivered" {
        row["delivered_at"] = json!(format!("2026-06-{day:02}T09:30:00Z"));
    }
    id(&world.create(&DELIVERIES, &row).await)
}

#[tokio::test]
async fn every_report_answers_without_data_and_nothing_is_a_rate() {
    let world = World::new().await;
    for operation in analytics::module().operations {
        let is_report = operation.method == Method::Get
            && operation.path.matches('/').count() == 3
            && !operation.path.contains('{');
        if !is_report {
            continue;
        }
        let answer = world
            .call(&operation.id, "from=2026-06-01&to=2026-06-14")
            .await
            .unwrap();
        for figure in answer["figures"].as_array().unwrap() {
            let is_rate = figure["definition"].as_str().unwrap().contains('÷');
            assert!(!is_rate || figure["value"].is_null(), "{} {figure}", operation.id);
        }
        assert_eq!(
            answer["compared_with"],
            json!({"from": "2026-05-18", "to": "2026-05-31", "days": 14})
        );
    }
}

#[tokio::test]
async fn a_changed_delivery_moves_the_figures() {
    let world = World::new().await;
    let courier = courier(&world, "1").await;
    for day in 1..=4 {
        delivery(&world, courier, day, "delivered").await;
    }
    let last = delivery(&world, courier, 5, "in_transit").await;
    let asked = "from=2026-06-01&to=2026-06-14";
    let success = "analytics.operations.delivery_success";
    let before = world.call(success, asked).await.unwrap();
    assert_eq!(figure(&before, "deliveries")["value"], "5");
    assert_eq!(figure(&before, "success_percent")["value"], "100.00");
    assert_eq!(figure(&before, "success_percent")["previous"], Json::Null);

    world
        .change(
            &DELIVERIES,
            last,
            &json!({"status": "failed", "failed_at": "2026-06-05T10:00:00Z", "failure_reason": "customer_refused"}),
        )
        .await;
    let after = world.call(success, asked).await.unwrap();
    assert_eq!(figure(&after, "failed")["value"], "1");
    assert_eq!(figure(&after, "success_percent")["value"], "80.00");
    let sections = after["sections"].as_array().unwrap();
    let days = sections.iter().find(|one| one["name"] == "day").unwrap();
    assert_eq!(days["rows"].as_array().unwrap().len(), 5);
    assert_eq!(days["rows"][4]["key"], "2026-06-05");
    let couriers = sections.iter().find(|one| one["name"] == "courier").unwrap();
    assert_eq!(
        couriers["rows"][0]["title"], "Courier 1",
        "an id means nothing to people"
    );
    assert_eq!(days["rows"][4]["values"]["success_percent"], "0.00");

    let revenue = world.call("analytics.financial.revenue", asked).await.unwrap();
    assert_eq!(figure(&revenue, "revenue")["value"], "56.00");
    assert_eq!(figure(&revenue, "revenue_per_delivery")["value"], "14.00");
    assert_eq!(figure(&revenue, "revenue_per_day")["value"], "4.00");
    let later = world
        .call("analytics.financial.revenue", "from=2026-06-05&to=2026-06-08")
        .await
        .unwrap();
    assert_eq!(figure(&later, "revenue")["value"], Json::Null);
    assert_eq!(figure(&later, "revenue")["previous"], "56.00");

    let time = world.call("analytics.operations.delivery_time", asked).await.unwrap();
    assert_eq!(figure(&time, "median_minutes")["value"], "30.00");
    let on_time = world
        .call("analytics.operations.on_time_delivery", asked)
        .await
        .unwrap();
    assert_eq!(figure(&on_time, "on_time_percent")["value"], "100.00");
    let workforce = world.call("analytics.hr.workforce", asked).await.unwrap();
    assert_eq!(figure(&workforce, "headcount")["value"], "1");

    let trend = world
        .call(
            "analytics.trends.read",
            "figure=delivery_success.deliveries&from=2026-06-01&to=2026-06-07",
        )
        .await;
    let trend = trend.unwrap();
    assert_eq!(trend["points"].as_array().unwrap().len(), 7);
    assert_eq!(trend["points"][6]["value"], "0.00");
    assert_eq!(trend["points"][6]["moving_average"], "0.71");
    let unknown = world
        .call("analytics.trends.read", "figure=moon.light")
        .await
        .unwrap_err();
    assert_eq!(unknown.errors[0].code, "unknown_figure");
}
