//! Figures follow the rows.

use operations::{
    DELIVERIES, QUALITY_INSPECTION_SCORES, QUALITY_INSPECTIONS, QUALITY_METRICS, SLA_THRESHOLDS, ZONE_COURIERS, ZONES,
};
use serde_json::{Value as Json, json};

use crate::world::{World, id};

fn square(west: f64, south: f64) -> Json {
    let (east, north) = (west + 0.1, south + 0.1);
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

#[tokio::test]
async fn success_counts_what_ended_at_a_door() {
    let world = World::new().await;
    let courier = world.courier("Ali", "active").await;
    world.delivered(courier, "40.00").await;
    world.delivery("60.00").await;
    let failed = world.delivery("0").await;
    world
        .act(&DELIVERIES, failed, "assign", &json!({"courier_id": courier}))
        .await
        .unwrap();
    world
        .steps(failed, &["accept", "start_pickup", "pick_up", "depart", "arrive"])
        .await;
    world
        .act(&DELIVERIES, failed, "fail", &json!({"failure_reason": "wrong_address"}))
        .await
        .unwrap();
    let told = world
        .call("operations.deliveries.statistics", "", &json!({}))
        .await
        .unwrap();
    assert_eq!(
        (&told["total"], &told["open"], &told["success_percent"]),
        (&json!(3), &json!(1), &json!("50.0"))
    );
    assert_eq!(
        (&told["cod_collected"], &told["cod_pending"]),
        (&json!("40.00"), &json!("60.00"))
    );
    assert_eq!(
        told["failure_reasons"],
        json!([{"reason": "wrong_address", "deliveries": 1}])
    );
    let other = World::new().await;
    let nothing = other
        .call("operations.deliveries.statistics", "", &json!({}))
        .await
        .unwrap();
    assert_eq!(nothing["total"], 0);
}

#[tokio::test]
async fn a_zone_s_shape_is_measured_and_couriers_are_proposed_from_it() {
    let world = World::new().await;
    let row = json!({"zone_code": "Z", "zone_name": "Z", "city": "Riyadh", "boundaries": square(46.6, 24.7), "max_couriers": 4});
    let zone = id(&world.create(&ZONES, &row).await.unwrap());
    let courier = world.courier("Ali", "active").await;
    let place = json!({"zone_id": zone, "courier_id": courier, "started_on": "2026-06-01"});
    world.create(&ZONE_COURIERS, &place).await.unwrap();
    let measured = world
        .call("operations.zones.metrics", &format!("zone_id={zone}"), &json!({}))
        .await
        .unwrap();
    let told = &measured["data"][0];
    assert_eq!(
        (&told["area_km2"], &told["center_latitude"]),
        (&json!("112.29"), &json!("24.7500000"))
    );
    assert_eq!(
        (&told["couriers"], &told["utilisation_percent"], &told["is_full"]),
        (&json!(1), &json!("25.0"), &json!(false))
    );

    let away = world.courier("Zaid", "on_leave").await;
    let row = json!({"pickup_address": "A", "delivery_address": "B", "zone_id": zone, "pickup_latitude": "24.76",
                     "pickup_longitude": "46.65", "delivery_latitude": "24.77", "delivery_longitude": "46.66"});
    let delivery = id(&world.create(&DELIVERIES, &row).await.unwrap());
    let asked = json!({"delivery_id": delivery});
    let told = world.call("operations.dispatch.recommend", "", &asked).await.unwrap();
    let best = &told["data"][0];
    assert_eq!(told["data"].as_array().unwrap().len(), 1, "{away} does not work");
    assert_eq!((&best["position_from"], &best["load"]), (&json!("zone"), &json!(0)));
    // 1.11 km: 97.78 for nearness, 50 for room, 40 for a performance of 80.
    assert_eq!(
        (&best["distance_km"], &best["score"]),
        (&json!("1.11"), &json!("187.78"))
    );

    let proposed = world.call("operations.dispatch.propose", "", &asked).await.unwrap();
    assert_eq!(
        (&proposed["dispatch_assignment_id"], &proposed["data"][0]["orders"]),
        (&Json::Null, &json!(1))
    );
    let together = world
        .call("operations.dispatch.propose_all", "", &json!({}))
        .await
        .unwrap();
    assert_eq!(together["data"][0]["courier_id"], json!(courier));
    assert_eq!(
        (
            &together["data"][0]["dispatch_assignment_id"],
            &together["without_courier"]
        ),
        (&Json::Null, &json!([]))
    );
    let taken = json!({"delivery_id": delivery, "assign": true});
    world.call("operations.dispatch.propose", "", &taken).await.unwrap();
    assert_eq!(
        world.load(&DELIVERIES, delivery).await.uuid("courier_id"),
        Some(courier)
    );
    let again = world.call("operations.dispatch.propose", "", &taken).await.unwrap_err();
    assert_eq!(again.code, "delivery_not_open");
}

#[tokio::test]
async fn a_route_is_planned_from_deliveries_and_gets_shorter() {
    let world = World::new().await;
    let mut deliveries = Vec::new();
    for (pickup, drop) in [("46.70", "46.90"), ("46.80", "46.71"), ("46.72", "46.89")] {
        let row = json!({"pickup_address": "A", "delivery_address": "B", "pickup_latitude": "24.7", "pickup_longitude": pickup,
                         "delivery_latitude": "24.7", "delivery_longitude": drop});
        deliveries.push(json!({"delivery_id": id(&world.create(&DELIVERIES, &row).await.unwrap())}));
    }
    let planned = json!({"route_name": "R", "deliveries": deliveries});
    let told = world.call("operations.routes.plan", "", &planned).await.unwrap();
    let number = |field: &str| told[field].as_str().unwrap().parse::<f64>().unwrap();
    assert!(number("total_distance_km") < number("input_km"), "{told}");
    assert!(
        (number("input_km") - number("total_distance_km") - number("distance_saved_km")).abs() < 0.02,
        "{told}"
    );
    let late = "SELECT count(*)::text FROM operations.route_stops d JOIN operations.route_stops p ON p.delivery_id = d.delivery_id
        AND p.stop_type = 'pickup' WHERE d.organization_id = $1 AND d.stop_type = 'dropoff' AND d.stop_number < p.stop_number";
    assert_eq!(
        world.admin_text(late).await.as_deref(),
        Some("0"),
        "nothing is dropped before it is picked up"
    );
}

#[tokio::test]
async fn the_threshold_of_the_zone_goes_first() {
    let world = World::new().await;
    let row = json!({"zone_code": "Z", "zone_name": "Z", "city": "Riyadh"});
    let zone = id(&world.create(&ZONES, &row).await.unwrap());
    for (code, zone, service, target) in [
        ("ANY", None, None, 90),
        ("EXPRESS", None, Some("express"), 30),
        ("ZONE", Some(zone), None, 60),
    ] {
        let row = json!({"threshold_code": code, "threshold_name": code, "sla_type": "delivery_time", "zone_id": zone,
            "service_type": service, "applies_to_all_zones": zone.is_none(), "target_minutes": target, "warning_minutes": 20,
            "critical_minutes": 120});
        world.create(&SLA_THRESHOLDS, &row).await.unwrap();
    }
    for (query, expected) in [
        (format!("zone_id={zone}&service_type=express"), json!(60)),
        ("service_type=express".into(), json!(30)),
        ("service_type=economy".into(), json!(90)),
        ("sla_type=pickup_time".into(), Json::Null),
    ] {
        let told = world
            .call("operations.sla.threshold", &query, &json!({}))
            .await
            .unwrap();
        assert_eq!(told["target_minutes"], expected, "{query}");
    }
}

#[tokio::test]
async fn one_critical_failure_fails_an_inspection() {
    let world = World::new().await;
    let inspection = json!({"inspection_type": "compliance", "scheduled_on": "2026-06-15"});
    let inspection = id(&world.create(&QUALITY_INSPECTIONS, &inspection).await.unwrap());
    let judge = json!({"quality_inspection_id": inspection});
    let early = world.call("operations.quality.judge", "", &judge).await.unwrap_err();
    assert_eq!(early.code, "no_scores");
    for (code, weight, is_critical, score) in [("A", "9", false, "100"), ("B", "1", true, "60")] {
        let metric = json!({"metric_code": code, "metric_name": code, "metric_type": "compliance", "target_value": "90",
                            "weight": weight, "is_critical": is_critical});
        let metric = id(&world.create(&QUALITY_METRICS, &metric).await.unwrap());
        let score = json!({"quality_inspection_id": inspection, "quality_metric_id": metric, "score": score, "is_violation": is_critical});
        world.create(&QUALITY_INSPECTION_SCORES, &score).await.unwrap();
    }
    let told = world.call("operations.quality.judge", "", &judge).await.unwrap();
    assert_eq!(
        (&told["status"], &told["overall_score"]),
        (&json!("failed"), &json!("96.00"))
    );
    assert_eq!(told["critical_failures"], json!(["B"]));
    let report = world.call("operations.quality.report", "", &json!({})).await.unwrap();
    assert_eq!(
        (
            &report["failed"],
            &report["critical_violations"],
            &report["pending_followups"]
        ),
        (&json!(1), &json!(1), &json!(1))
    );
}
