//! A month of pay from targets to the bank, and what is settled with it.

use hr::{ATTENDANCE, BONUSES, COURIER_TARGETS, LOANS, PAYROLL_INPUTS, PAYROLL_RUNS, PENALTIES, SALARIES};
use platform_core::Mode;
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, object};

const PAID: &str = "SELECT string_agg(net_salary || ' ' || status, ', ' ORDER BY net_salary) FROM hr.salaries
    WHERE organization_id = $1";
const LINES: &str = "SELECT (sum(n.amount) = min(s.net_salary))::text FROM hr.salary_lines n
    JOIN hr.salaries s ON s.organization_id = n.organization_id AND s.id = n.salary_id WHERE n.organization_id = $1";
const LEDGER: &str = "SELECT string_agg(amount || ' ' || balance_after || ' ' || method, ', ' ORDER BY created_at)
    FROM hr.loan_payments WHERE organization_id = $1";
const HELD: &str = "SELECT count(*)::text FROM hr.salaries WHERE organization_id = $1 AND status = 'held'";

async fn month(world: &World, courier: Uuid, orders: i64, gas: &str) {
    let of = json!({"courier_id": courier, "year": 2026, "month": 5});
    let mut target = of.clone();
    target["category"] = json!("motorcycle");
    target["period_target"] = json!("400");
    world.create(&COURIER_TARGETS, &target).await;
    let mut input = of;
    input["total_orders"] = json!(orders);
    input["gas_usage"] = json!(gas);
    world.create(&PAYROLL_INPUTS, &input).await;
}

#[tokio::test]
async fn a_run_pays_and_settles_what_it_deducted() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    month(&world, courier, 450, "300.00").await;
    let bonus =
        json!({"courier_id": courier, "bonus_type": "performance", "amount": "200.00", "granted_on": "2026-05-01"});
    let bonus = world.create(&BONUSES, &bonus).await;
    world.act(&BONUSES, bonus, "approve", &json!({})).await.unwrap();
    let penalty = json!({"courier_id": courier, "penalty_type": "late_delivery", "amount": "100.00",
                         "reason": "Forty minutes late", "incident_on": "2026-05-02"});
    let penalty = world.create(&PENALTIES, &penalty).await;
    world.act(&PENALTIES, penalty, "approve", &json!({})).await.unwrap();
    let loan = json!({"courier_id": courier, "loan_type": "personal", "amount": "1000.00", "monthly_deduction": "500.00",
                      "starts_on": "2026-05-01"});
    let loan = world.create(&LOANS, &loan).await;
    world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();

    let run = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    for _ in 0..2 {
        world.act(&PAYROLL_RUNS, run, "calculate", &json!({})).await.unwrap();
    }
    // 1,861.04 and 200.00, less 206.10 of the loan (a tenth) and 100.00.
    assert_eq!(world.text(PAID).await, "175494 calculated");
    assert_eq!(world.text(LINES).await, "true");

    let twin = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    let refused = world
        .act(&PAYROLL_RUNS, twin, "calculate", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(refused.errors[0].code, "taken");

    world.act(&PAYROLL_RUNS, run, "review", &json!({})).await.unwrap();
    world.act(&PAYROLL_RUNS, run, "approve", &json!({})).await.unwrap();
    world
        .act(&PAYROLL_RUNS, run, "pay", &json!({"paid_on": "2026-05-28"}))
        .await
        .unwrap();
    assert_eq!(world.text(PAID).await, "175494 paid");
    assert_eq!(world.text(LEDGER).await, "20610 79390 salary");
    assert!(world.load(&BONUSES, bonus).await.is("payment_status", "paid"));
    assert!(world.load(&PENALTIES, penalty).await.is("status", "applied"));
    assert_eq!(
        world.load(&LOANS, loan).await.text("outstanding_balance"),
        Some("793.90")
    );
    let again = world
        .act(&PAYROLL_RUNS, run, "calculate", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(again.code, "not_in_state");

    let totals = world.call("hr.payroll.summary", "year=2026&month=5", "").await.unwrap();
    assert_eq!(
        (&totals["net"], &totals["cost"]),
        (&json!("1754.94"), &json!("2136.04"))
    );
    let statistics = world.call("hr.loans.statistics", "", "").await.unwrap();
    assert_eq!(
        (&statistics["repaid"], &statistics["repaid_percent"]),
        (&json!("206.10"), &json!("20.61"))
    );
}

#[tokio::test]
async fn a_held_courier_waits_and_an_unapproved_run_pays_nobody() {
    let world = World::new().await;
    for (name, orders) in [("A", 450), ("B", 350)] {
        let courier = world.courier(name, "2024-01-01", "Pakistani").await;
        month(&world, courier, orders, "280.00").await;
    }
    let run = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    world.act(&PAYROLL_RUNS, run, "calculate", &json!({})).await.unwrap();
    let one: Uuid = {
        let mut cx = world.cx(Mode::Read).await;
        let organization_id = cx.organization_id;
        sqlx::query_scalar("SELECT id FROM hr.salaries WHERE organization_id = $1 ORDER BY net_salary LIMIT 1")
            .bind(organization_id)
            .fetch_one(cx.db())
            .await
            .unwrap()
    };
    let early = world.act(&SALARIES, one, "mark_paid", &json!({})).await.unwrap_err();
    assert_eq!(early.code, "run_not_approved");
    world
        .act(&SALARIES, one, "hold", &json!({"hold_reason": "No bank account"}))
        .await
        .unwrap();
    world.act(&PAYROLL_RUNS, run, "review", &json!({})).await.unwrap();
    world.act(&PAYROLL_RUNS, run, "approve", &json!({})).await.unwrap();
    world.act(&PAYROLL_RUNS, run, "pay", &json!({})).await.unwrap();
    assert_eq!(world.text(HELD).await, "1");
    world.act(&SALARIES, one, "release", &json!({})).await.unwrap();
    let paid = world
        .act(&SALARIES, one, "mark_paid", &json!({"payment_method": "cash"}))
        .await
        .unwrap();
    assert_eq!(paid.text("net_salary"), Some("1047.54"));
}

#[tokio::test]
async fn a_run_in_which_somebody_was_paid_is_not_reopened() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    month(&world, courier, 450, "280.00").await;
    let run = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    let act = async |name: &'static str, input: serde_json::Value| world.act(&PAYROLL_RUNS, run, name, &input).await;
    act("calculate", json!({})).await.unwrap();
    act("reopen", json!({"reopen_reason": "A target was wrong"}))
        .await
        .unwrap();
    assert_eq!(world.text(PAID).await, "", "a draft holds no pay");
    for name in ["calculate", "review", "approve"] {
        act(name, json!({})).await.unwrap();
    }
    let one: Uuid = world
        .text("SELECT min(id::text) FROM hr.salaries WHERE organization_id = $1")
        .await
        .parse()
        .unwrap();
    world.act(&SALARIES, one, "mark_paid", &json!({})).await.unwrap();
    let refused = act("reopen", json!({"reopen_reason": "Too late"})).await.unwrap_err();
    assert_eq!(refused.code, "run_partly_paid");
}

const VEHICLE: &str =
    "INSERT INTO fleet.vehicles (organization_id, id, created_at, updated_at, internal_number, vehicle_type,
    status, ownership_type, is_pool_vehicle, mileage_km, total_distance_km, total_trips, is_gps_active)
    VALUES ($1, $2, now(), now(), 'V1', 'motorcycle', 'active', 'owned', false, 0, 0, 0, false)";
const DRIVEN: &str = "INSERT INTO fleet.vehicle_assignments (organization_id, id, created_at, updated_at, vehicle_id, courier_id,
    assignment_type, status, started_on) VALUES ($1, gen_random_uuid(), now(), now(), $2, $3, 'permanent', 'active', '2026-01-01')";
const FUELLED: &str =
    "INSERT INTO fleet.fuel_logs (organization_id, id, created_at, updated_at, vehicle_id, filled_on, volume_l, cost)
    SELECT $1, gen_random_uuid(), now(), now(), $2, day::date, 10, 2300
    FROM unnest(ARRAY['2026-04-24', '2026-04-25', '2026-05-24', '2026-05-25']) AS day";
const DELIVERED: &str = "INSERT INTO operations.deliveries (organization_id, id, created_at, updated_at, delivery_number, status,
    service_level, priority, platform, pickup_address, delivery_address, cod_amount, delivery_fee, is_fragile, attempt_count,
    courier_id, delivered_at)
    SELECT $1, gen_random_uuid(), now(), now(), at, 'delivered', 'standard', 'normal', 'direct', 'A', 'B', 0, 1500, false, 1, $2,
        at::timestamptz
    FROM unnest(ARRAY['2026-04-24T20:59:59Z', '2026-04-24T21:00:00Z', '2026-05-24T20:59:59Z', '2026-05-24T21:00:00Z']) AS at";
const COLLECTED: &str =
    "SELECT string_agg(total_orders || ' ' || total_revenue || ' ' || gas_usage || ' ' || source, ', ')
    FROM hr.payroll_inputs WHERE organization_id = $1";

/// The period is from the 25th to the 24th by the organization's midnight; fuel is that of who drove, without VAT.
#[tokio::test]
async fn work_is_collected_from_our_own_records() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let vehicle = platform_core::ids::new_id();
    for (statement, ids) in [
        (VEHICLE, vec![vehicle]),
        (DRIVEN, vec![vehicle, courier]),
        (FUELLED, vec![vehicle]),
        (DELIVERED, vec![courier]),
    ] {
        world.store(statement, &ids).await;
    }
    let target =
        json!({"courier_id": courier, "year": 2026, "month": 5, "category": "motorcycle", "period_target": "400"});
    world.create(&COURIER_TARGETS, &target).await;
    let body = r#"{"year": 2026, "month": 5}"#;
    let collected = world.call("hr.payroll_inputs.collect", "", body).await.unwrap();
    assert_eq!(collected, json!({"couriers": 1, "orders": 2}));
    assert_eq!(world.text(COLLECTED).await, "2 3000 4000 system");
    let again = world.call("hr.payroll_inputs.collect", "", body).await.unwrap();
    assert_eq!(again, json!({"couriers": 0, "orders": 0}));
}

#[tokio::test]
async fn the_ledger_of_the_document_and_what_is_too_much() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let loan = json!({"courier_id": courier, "loan_type": "personal", "amount": "5000.00", "total_installments": 5,
                      "monthly_deduction": "1000.00", "starts_on": "2026-01-01"});
    let loan = world.create(&LOANS, &loan).await;
    let pay = |amount: &str| json!({"payment": amount, "last_payment_method": "cash"});
    assert_eq!(
        world.act(&LOANS, loan, "pay", &pay("1.00")).await.unwrap_err().code,
        "not_in_state"
    );
    world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();
    for _ in 0..2 {
        world.act(&LOANS, loan, "pay", &pay("1000.00")).await.unwrap();
    }
    let statistics = world.call("hr.loans.statistics", "", "").await.unwrap();
    assert_eq!(
        (&statistics["outstanding"], &statistics["repaid_percent"]),
        (&json!("3000.00"), &json!("40.00"))
    );
    assert_eq!(
        world.act(&LOANS, loan, "pay", &pay("3500.00")).await.unwrap_err().code,
        "loan_overpaid"
    );
    let done = world.act(&LOANS, loan, "pay", &pay("3000.00")).await.unwrap();
    assert!(done.is("status", "completed") && done.is("ended_on", "2026-06-17"));
    assert_eq!(
        world.text(LEDGER).await,
        "100000 400000 cash, 100000 300000 cash, 300000 0 cash"
    );

    // What was called off is not thereby repaid.
    let other = json!({"courier_id": courier, "loan_type": "emergency", "amount": "5000.00",
                       "monthly_deduction": "1000.00", "starts_on": "2026-01-01"});
    let other = world.create(&LOANS, &other).await;
    world.act(&LOANS, other, "approve", &json!({})).await.unwrap();
    world
        .act(&LOANS, other, "cancel", &json!({"cancel_reason": "Left"}))
        .await
        .unwrap();
    let statistics = world.call("hr.loans.statistics", "", "").await.unwrap();
    assert_eq!(
        (&statistics["repaid"], &statistics["repaid_percent"]),
        (&json!("5000.00"), &json!("50.00"))
    );
}

#[tokio::test]
async fn who_leaves_leaves_no_request_behind_however_often_it_is_told() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let loan = json!({"courier_id": courier, "loan_type": "personal", "amount": "500.00", "monthly_deduction": "500.00",
                      "starts_on": "2026-07-01"});
    let loan = world.create(&LOANS, &loan).await;
    let leave =
        json!({"courier_id": courier, "leave_type": "annual", "starts_on": "2026-07-01", "ends_on": "2026-07-02"});
    let leave = world.create(&hr::LEAVES, &leave).await;
    for _ in 0..2 {
        world.hear("fleet.couriers.terminate", courier).await;
    }
    assert!(world.load(&LOANS, loan).await.is("status", "cancelled"));
    assert!(world.load(&hr::LEAVES, leave).await.is("status", "cancelled"));
}

#[tokio::test]
async fn what_was_decided_cannot_be_deleted() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let row = json!({"courier_id": courier, "penalty_type": "other", "amount": "10.00", "reason": "Lost the helmet",
                     "incident_on": "2026-06-01"});
    let id = world.create(&PENALTIES, &row).await;
    world.act(&PENALTIES, id, "approve", &json!({})).await.unwrap();
    let mut cx = world.cx(Mode::Write).await;
    let event = platform_core::Event {
        name: "hr.penalties.deleted".into(),
        subject: id,
        data: json!({}),
        occurred_at: cx.now,
    };
    let platform = cx.platform.clone();
    let effect = platform.registry.effects("hr.penalties.deleted").next().unwrap();
    assert_eq!((effect.run)(&mut cx, &event).await.unwrap_err().code, "decided_stays");
    let patch = object(&json!({"amount": "20.00"}));
    let refused = platform_engine::change(&mut cx, &PENALTIES, id, "update", patch)
        .await
        .unwrap_err();
    assert_eq!(refused.errors[0].code, "already_decided");
    cx.rollback().await.unwrap();
}

/// Hired before the law of July 2024: the first registration decides, never the day of hiring.
#[tokio::test]
async fn the_first_registration_decides_what_insurance_costs() {
    const NEW: &str = "UPDATE fleet.couriers SET basic_salary = 600000, housing_allowance = 150000,
        gosi_first_registered_on = '2024-07-03' WHERE organization_id = $1 AND id = $2";
    const OLD: &str = "UPDATE fleet.couriers SET basic_salary = 600000, housing_allowance = 150000,
        gosi_first_registered_on = '2024-07-02' WHERE organization_id = $1 AND id = $2";
    const INSURED: &str = "SELECT string_agg(gosi_employee || ' ' || gosi_employer, ', ' ORDER BY gosi_employee)
        FROM hr.salaries WHERE organization_id = $1";
    let world = World::new().await;
    let new = world.courier("New", "2024-01-01", "Saudi").await;
    let old = world.courier("Old", "2024-01-01", "Saudi").await;
    world.store(NEW, &[new]).await;
    world.store(OLD, &[old]).await;
    for (month, of_new) in [
        ("year=2024&month=9", ("731.25", "881.25")),
        ("year=2025&month=9", ("768.75", "918.75")),
        ("year=2026&month=11", ("806.25", "956.25")),
        ("year=2027&month=9", ("843.75", "993.75")),
        ("year=2028&month=9", ("881.25", "1031.25")),
    ] {
        let found = world.call("hr.gosi.summary", month, "").await.unwrap();
        let told = |place: usize| {
            let row = &found["data"][place]["contributions"];
            (row["employee"].as_str().unwrap(), row["employer"].as_str().unwrap())
        };
        assert_eq!(told(0), of_new, "{month}");
        assert_eq!(told(1), ("731.25", "881.25"), "{month}");
    }
    for courier in [new, old] {
        month(&world, courier, 450, "300.00").await;
    }
    let run = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    world.act(&PAYROLL_RUNS, run, "calculate", &json!({})).await.unwrap();
    assert_eq!(world.text(INSURED).await, "73125 88125, 76875 91875");
}

#[tokio::test]
async fn who_is_paid_by_the_month_is_in_the_run_with_his_attendance() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    world
        .create(
            &COURIER_TARGETS,
            &json!({"courier_id": courier, "year": 2026, "month": 5, "category": "salaried"}),
        )
        .await;
    for (day, status) in [
        ("2026-05-03", "present"),
        ("2026-05-04", "late"),
        ("2026-05-05", "absent"),
    ] {
        let row = json!({"courier_id": courier, "day": day, "status": status});
        world.create(&ATTENDANCE, &row).await;
    }
    let body = r#"{"year": 2026, "month": 5}"#;
    let collected = world.call("hr.payroll_inputs.collect", "", body).await.unwrap();
    assert_eq!(collected["couriers"], 1);
    let run = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    let run = world.act(&PAYROLL_RUNS, run, "calculate", &json!({})).await.unwrap();
    assert_eq!(
        (run.integer("paid_count"), run.integer("refused_count")),
        (Some(1), Some(0))
    );
    // 3,000.00 by contract, less 100.00 for the day of absence and a fine of 50.00 for coming late.
    let told =
        "SELECT concat_ws(' ', category, base_salary, bonus_amount, penalty_deduction, net_salary) FROM hr.salaries
        WHERE organization_id = $1 AND deleted_at IS NULL";
    assert_eq!(world.text(told).await, "salaried 290000 0 5000 285000");
    let kinds = "SELECT string_agg(kind, ' ' ORDER BY position) FROM hr.salary_lines WHERE organization_id = $1";
    assert!(world.text(kinds).await.starts_with("monthly_pay absence"));
}
