//! Figures of fuel: they follow the rows.

use fleet::{FUEL_LOGS, VEHICLES};
use serde_json::{Value as Json, json};

use crate::world::{World, id, record};

const COSTS: &str = "fleet.fuel_costs.list";
const FILLS: &str = "fleet.fuel_costs.fills";

#[tokio::test]
async fn figures_follow_the_rows() {
    let world = World::new().await;
    let vehicle = json!({"internal_number": "7", "vehicle_type": "car", "fuel_card_number": "7001"});
    let vehicle = id(&world.create(&VEHICLES, &vehicle).await.unwrap());
    let mut logs = Vec::new();
    // The first tank is May's: it opens June's first segment although June alone is asked for.
    for (day, odometer_km, litres) in [
        ("2026-05-20", 10_000, 30),
        ("2026-06-05", 10_360, 32),
        ("2026-06-20", 10_700, 31),
    ] {
        let log = json!({"vehicle_id": vehicle, "filled_on": day, "odometer_km": odometer_km.to_string(),
                         "volume_l": litres.to_string(), "cost": (litres * 2).to_string()});
        logs.push(id(&world.create(&FUEL_LOGS, &log).await.unwrap()));
    }
    let june = || world.call(COSTS, "from=2026-06&to=2026-06", "");
    let answer = june().await.unwrap();
    let row = &answer["data"][0];
    assert_eq!(row["vehicle_title"], "7");
    assert_eq!(
        (&row["km_per_l"], &row["distance_km"]),
        (&json!("11.11"), &json!("700.00"))
    );
    assert_eq!(
        (&row["volume_l"], &row["cost"], &row["fills"]),
        (&json!("63.000"), &json!("126.00"), &json!(2))
    );
    assert_eq!(answer["months"][0]["km_per_l"], "11.11");

    // One row changes, the figure moves.
    world.change(&FUEL_LOGS, logs[1], &json!({"volume_l": "39"})).await;
    assert_eq!(june().await.unwrap()["data"][0]["km_per_l"], "10.00");

    // The month's fills add up to it.
    let query = format!("vehicle_id={vehicle}&month=2026-06");
    let fills = world.call(FILLS, &query, "").await.unwrap();
    let rows = fills["data"].as_array().unwrap();
    let sum = |field: &str| -> f64 {
        rows.iter()
            .filter_map(|row| row[field].as_str())
            .map(|text| text.parse::<f64>().unwrap())
            .sum()
    };
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, [logs[1].to_string(), logs[2].to_string()]);
    assert!((sum("segment_distance_km") - 700.0).abs() < 1e-9 && (sum("segment_volume_l") - 70.0).abs() < 1e-9);

    // A card's purchase counts beside the logs; a log that names it stands for both.
    world.store(&[record("T1", "7001", 28, 40, 11_100)]).await.unwrap();
    assert_eq!(june().await.unwrap()["data"][0]["fills"], 3);
    let transaction = world
        .admin_text("SELECT id::text FROM fleet.fuel_transactions WHERE organization_id = $1")
        .await;
    let log = json!({"vehicle_id": vehicle, "filled_on": "2026-06-28", "volume_l": "41", "cost": "80",
                     "fuel_transaction_id": transaction});
    world.create(&FUEL_LOGS, &log).await.unwrap();
    let linked = june().await.unwrap()["data"][0].clone();
    assert_eq!((&linked["fills"], &linked["volume_l"]), (&json!(3), &json!("111.000")));
    // The log has no reading of its own: the transaction's closes the segment.
    assert_eq!(
        (&linked["distance_km"], &linked["km_per_l"]),
        (&json!("1100.00"), &json!("9.91"))
    );
}

#[tokio::test]
async fn another_company_sees_none_of_it() {
    let (ours, theirs) = (World::new().await, World::new().await);
    let vehicle = json!({"internal_number": "7", "vehicle_type": "car"});
    let vehicle = id(&ours.create(&VEHICLES, &vehicle).await.unwrap());
    let log = json!({"vehicle_id": vehicle, "filled_on": "2026-06-01", "volume_l": "1", "cost": "2"});
    ours.create(&FUEL_LOGS, &log).await.unwrap();
    let nothing = json!({"data": [], "months": [], "next": null});
    assert_eq!(theirs.call(COSTS, "", "").await.unwrap(), nothing);
    assert_eq!(
        theirs.call(COSTS, &format!("vehicle_id={vehicle}"), "").await.unwrap(),
        nothing
    );
    let missing = platform_core::ids::new_id();
    for vehicle in [vehicle, missing] {
        let problem = theirs
            .call(FILLS, &format!("vehicle_id={vehicle}&month=2026-06"), "")
            .await
            .unwrap_err();
        assert_eq!(problem.to_string(), "404 not_found");
    }
    let overview = theirs.call("fleet.overview.read", "", "").await.unwrap();
    assert_eq!(overview["vehicles"]["total"], 0);
    assert_eq!(
        ours.call("fleet.overview.read", "", "").await.unwrap()["vehicles"]["total"],
        1
    );
}

#[tokio::test]
async fn questions_that_make_no_sense_are_refused() {
    let world = World::new().await;
    let table: [(&str, &str); 7] = [
        ("from=2026-13", "422 invalid from=bad_month"),
        ("to=june", "422 invalid to=bad_month"),
        ("from=2026-02&to=2026-01", "422 invalid to=months_reversed"),
        ("from=2020-01&to=2026-01", "422 invalid from=too_many_months"),
        ("limit=0", "422 invalid limit=too_small"),
        ("limit=101", "422 invalid limit=too_large"),
        ("after=x", "422 invalid after=bad_cursor"),
    ];
    for (query, expected) in table {
        assert_eq!(
            world.call(COSTS, query, "").await.unwrap_err().to_string(),
            expected,
            "{query}"
        );
    }
    for query in ["nonsense=1", "vehicle_id=7", "limit=x"] {
        assert_eq!(
            world.call(COSTS, query, "").await.unwrap_err().code,
            "malformed",
            "{query}"
        );
    }
}

#[tokio::test]
async fn pages_of_vehicles_cover_each_once() {
    let world = World::new().await;
    for number in 0..5 {
        let vehicle = json!({"internal_number": number.to_string(), "vehicle_type": "car"});
        let vehicle = id(&world.create(&VEHICLES, &vehicle).await.unwrap());
        let log = json!({"vehicle_id": vehicle, "filled_on": "2026-06-01", "volume_l": "10", "cost": "20"});
        world.create(&FUEL_LOGS, &log).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = world.call(COSTS, &query, "").await.unwrap();
        assert_eq!(
            page["months"][0]["volume_l"], "50.000",
            "sums are of all vehicles on every page"
        );
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["vehicle_title"].clone()),
        );
        let Json::String(next) = &page["next"] else { break };
        query = format!("limit=2&after={next}");
    }
    assert_eq!(seen, ["0", "1", "2", "3", "4"]);
}
