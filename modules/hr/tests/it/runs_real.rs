//! A run driven by real orders: the public file of 11,399 deliveries of March 2022, with its 1,297 couriers.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use hr::PAYROLL_RUNS;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use crate::world::{World, server};

/// The public file is not part of the repository.
fn food_orders() -> Option<Vec<u8>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever has the data elsewhere says so this way"
    )]
    let named = std::env::var("BARQ_SHARED_DATA").ok();
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::fs::read(named.map_or_else(beside, PathBuf::from).join("food-orders.csv")).ok()
}

const COURIERS: &str = "WITH made AS (
    INSERT INTO fleet.couriers (organization_id, id, created_at, updated_at, barq_id, full_name, status, sponsorship_status,
        project_type, performance_score, total_deliveries, joined_on, nationality, basic_salary, housing_allowance,
        transportation_allowance)
    SELECT $1, gen_random_uuid(), now(), now(), name, name, 'active', 'inhouse', 'food', 0, 0, '2021-01-01', 'Indian', 300000, 0, 0
    FROM unnest($2::text[]) AS name
    RETURNING id
), vehicles AS (
    INSERT INTO fleet.vehicles (organization_id, id, created_at, updated_at, internal_number, vehicle_type, status,
        ownership_type, is_pool_vehicle, mileage_km, total_distance_km, total_trips, is_gps_active)
    SELECT $1, id, now(), now(), 'V' || row_number() OVER (ORDER BY id), 'motorcycle', 'active', 'owned', false, 0, 0, 0, false
    FROM made
)
INSERT INTO hr.courier_targets (organization_id, id, created_at, updated_at, courier_id, year, month, category, period_target)
SELECT $1, gen_random_uuid(), now(), now(), id, 2022, 3, 'motorcycle', 5 FROM made";
const DELIVERIES: &str = "INSERT INTO operations.deliveries (organization_id, id, created_at, updated_at, delivery_number, status,
        service_level, priority, platform, pickup_address, delivery_address, cod_amount, delivery_fee, is_fragile, attempt_count,
        courier_id, delivered_at)
    SELECT $1, gen_random_uuid(), now(), now(), o.number, 'delivered', 'standard', 'normal', 'direct', 'A', 'B', 0, 1500, false, 1,
        c.id, (o.day || ' ' || o.time || '+03')::timestamptz
    FROM unnest($2::text[], $3::text[], $4::date[], $5::text[]) AS o (number, name, day, time)
    JOIN fleet.couriers c ON c.organization_id = $1 AND c.barq_id = o.name";
/// A fill of 2.30 riyals, VAT included, on every Friday; each courier absent on one day of the first week.
const FUEL: &str = "INSERT INTO fleet.fuel_logs (organization_id, id, created_at, updated_at, vehicle_id, courier_id, filled_on,
        volume_l, cost)
    SELECT $1, gen_random_uuid(), now(), now(), c.id, c.id, day::date, 1, 230
    FROM fleet.couriers c, generate_series('2022-02-25'::date, '2022-03-25', '7 days') day WHERE c.organization_id = $1";
const ATTENDANCE: &str = "INSERT INTO hr.attendance (organization_id, id, created_at, updated_at, courier_id, day, status,
        check_in, check_out, break_minutes, overtime_minutes, doubt, location_review)
    SELECT $1, gen_random_uuid(), now(), now(), c.id, day::date, CASE WHEN day = '2022-03-01' THEN 'absent' ELSE 'present' END,
        CASE WHEN day = '2022-03-01' THEN NULL ELSE '12:00' END, CASE WHEN day = '2022-03-01' THEN NULL ELSE '20:00' END, 60, 0, 'none', 'not_needed'
    FROM fleet.couriers c, generate_series('2022-02-25'::date, '2022-03-24', '1 day') day WHERE c.organization_id = $1";
const STORED: &str =
    "SELECT string_agg(c.barq_id || ' ' || s.total_orders || ' ' || s.gas_usage || ' ' || s.net_salary, ', '
        ORDER BY c.barq_id COLLATE \"C\")
    FROM hr.salaries s JOIN fleet.couriers c ON c.organization_id = s.organization_id AND c.id = s.courier_id
    WHERE s.organization_id = $1";
const ABSENT: &str =
    "SELECT min(absent_days) || ' ' || max(absent_days) || ' ' || max(present_days) FROM hr.payroll_inputs
    WHERE organization_id = $1";

/// A motorcycle's month of a target of five orders by the pay document, written down here once more: in riyals.
fn by_hand(orders: i64, gas_usage: Decimal) -> Decimal {
    let number = |text: &str| text.parse::<Decimal>().unwrap();
    let basic = Decimal::from(5) / number("13.333") * number("53.33333");
    let excess = Decimal::from(orders - 5);
    let bonus = excess
        * if orders > 5 {
            Decimal::from(6)
        } else {
            Decimal::from(10)
        };
    let gas = (Decimal::from(orders) * number("0.65")).min(Decimal::from(261)) - gas_usage;
    (basic + bonus + gas)
        .max(Decimal::ZERO)
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_orders_are_paid_as_they_are_counted_by_hand() {
    let Some(file) = food_orders() else {
        writeln!(
            std::io::stdout(),
            "SKIPPED food-orders.csv is absent: BARQ_SHARED_DATA names the folder that has it"
        )
        .expect("somebody listens");
        return;
    };
    let table =
        platform_documents::read(&file, "food-orders.csv", &platform_documents::ReadOptions::default()).unwrap();
    let place = |name: &str| table.headers.iter().position(|header| header == name).unwrap();
    let columns = ["ID", "Delivery_person_ID", "Order_Date", "Time_Order_picked"].map(place);
    let (mut numbers, mut names, mut days, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut counted: BTreeMap<String, i64> = BTreeMap::new();
    let period = "2022-02-25".parse::<NaiveDate>().unwrap()..="2022-03-24".parse().unwrap();
    for row in &table.rows {
        let [number, name, day, time] = columns.map(|column| row.cells[column].trim().to_owned());
        let day = NaiveDate::parse_from_str(&day, "%d-%m-%Y").unwrap();
        let count = counted.entry(name.clone()).or_default();
        *count += i64::from(period.contains(&day));
        numbers.push(format!("{number}-{}", row.number));
        names.push(name);
        days.push(day);
        times.push(time);
    }
    let world = World::new().await;
    let mut admin = world.admin().await;
    let people: Vec<String> = counted.keys().cloned().collect();
    assert_eq!((people.len(), numbers.len()), (1_297, 11_399));
    let store = sqlx::query(COURIERS).bind(world.organization_id).bind(&people);
    store.execute(&mut admin).await.unwrap();
    let store = sqlx::query(DELIVERIES)
        .bind(world.organization_id)
        .bind(&numbers)
        .bind(&names)
        .bind(&days);
    assert_eq!(
        store.bind(&times).execute(&mut admin).await.unwrap().rows_affected(),
        11_399
    );
    for statement in [FUEL, ATTENDANCE] {
        world.store(statement, &[]).await;
    }
    let body = r#"{"year": 2022, "month": 3}"#;
    let collected = world.call("hr.payroll_inputs.collect", "", body).await.unwrap();
    let orders: i64 = counted.values().sum();
    assert_eq!(collected, json!({"couriers": 1_297, "orders": orders}));
    assert_eq!(world.text(ABSENT).await, "1 1 27");
    let id = world.create(&PAYROLL_RUNS, &json!({"year": 2022, "month": 3})).await;
    world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    crate::runs_large::to_the_end(&world, server().await, id).await;

    // Four fills within the period, without VAT.
    let gas = Decimal::new(800, 2);
    let by_hand: Vec<String> = counted
        .iter()
        .map(|(name, orders)| {
            format!(
                "{name} {orders} 800 {}",
                (by_hand(*orders, gas) * Decimal::ONE_HUNDRED).normalize()
            )
        })
        .collect();
    assert_eq!(world.text(STORED).await, by_hand.join(", "));
    let run = world.load(&PAYROLL_RUNS, id).await;
    let told = format!(
        "{} {} {orders}",
        run.integer("paid_count").unwrap(),
        run.text("net_total").unwrap()
    );
    writeln!(
        std::io::stdout(),
        "CHECK PAY33 pass {} couriers of the real orders paid {} for {orders} orders, each as by hand",
        1_297,
        told
    )
    .expect("somebody listens");
    assert_eq!(told, GOLDEN);
}

const GOLDEN: &str = "1297 27069.90 6041";
