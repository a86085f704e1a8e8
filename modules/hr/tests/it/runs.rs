//! Runs that are whole: each courier is paid or refused for a reason of his own, and nothing is settled twice.

use hr::{COURIER_TARGETS, DEDUCTION_ORDERS, PAYROLL_INPUTS, PAYROLL_PARAMETERS, PAYROLL_RUNS};
use platform_core::{Handler, Mode, Problem, Request};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::io::Write as _;
use uuid::Uuid;

use crate::world::World;

const REFUSED: &str =
    "SELECT string_agg(c.full_name || ' ' || f.code, ', ' ORDER BY c.full_name) FROM hr.payroll_refusals f
    JOIN fleet.couriers c ON c.organization_id = f.organization_id AND c.id = f.courier_id
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL";
const FORGOTTEN: &str = "UPDATE fleet.couriers SET joined_on = NULL WHERE organization_id = $1 AND id = $2";
const LATER: &str = "UPDATE fleet.couriers SET joined_on = '2026-05-25' WHERE organization_id = $1 AND id = $2";
const LEFT: &str = "UPDATE fleet.couriers SET last_working_day = '2026-04-24' WHERE organization_id = $1 AND id = $2";
const STATELESS: &str = "UPDATE fleet.couriers SET nationality = NULL WHERE organization_id = $1 AND id = $2";
const ADJUSTED: &str =
    "SELECT string_agg(s.month || ' ' || s.adjustments || ' ' || s.other_deductions, ', ' ORDER BY s.month)
    FROM hr.salaries s WHERE s.organization_id = $1 AND s.deleted_at IS NULL";
const ONE: &str = "SELECT min(s.id::text) FROM hr.salaries s WHERE s.organization_id = $1";
/// Everything that a run stores, without ids and times.
pub const BYTES: &str = "SELECT md5(string_agg(concat_ws('|', c.barq_id, to_jsonb(s) - 'id' - 'created_at' - 'updated_at' - 'run_id'
        - 'courier_id' - 'organization_id', n.kinds), '#' ORDER BY c.barq_id))
    FROM hr.salaries s
    JOIN fleet.couriers c ON c.organization_id = s.organization_id AND c.id = s.courier_id
    JOIN LATERAL (SELECT string_agg(concat_ws('|', n.position, n.kind, n.amount, n.asked, n.carried, n.article, n.formula, n.inputs),
            '#' ORDER BY n.position) AS kinds
        FROM hr.salary_lines n WHERE n.organization_id = s.organization_id AND n.salary_id = s.id) n ON true
    WHERE s.organization_id = $1 AND s.deleted_at IS NULL";

async fn target(world: &World, courier: Uuid, month: i64) -> Uuid {
    let row =
        json!({"courier_id": courier, "year": 2026, "month": month, "category": "motorcycle", "period_target": "400"});
    world.create(&COURIER_TARGETS, &row).await
}

async fn work(world: &World, courier: Uuid, month: i64, orders: i64) -> Uuid {
    let row =
        json!({"courier_id": courier, "year": 2026, "month": month, "total_orders": orders, "gas_usage": "300.00"});
    world.create(&PAYROLL_INPUTS, &row).await
}

async fn run(world: &World, month: i64) -> Uuid {
    world
        .create(&PAYROLL_RUNS, &json!({"year": 2026, "month": month}))
        .await
}

async fn calculated(world: &World, month: i64) -> Uuid {
    let id = run(world, month).await;
    world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    id
}

async fn paid(world: &World, month: i64) -> Uuid {
    let id = calculated(world, month).await;
    for action in ["review", "approve", "pay", "lock"] {
        world.act(&PAYROLL_RUNS, id, action, &json!({})).await.unwrap();
    }
    id
}

/// Calls an operation on a row.
async fn on(world: &World, operation: &str, id: Uuid, query: &str, body: &[u8]) -> Result<Json, Problem> {
    let module = hr::module();
    let operation = module.operations.into_iter().find(|one| one.id == operation).unwrap();
    let Handler::Tenant(run) = operation.handler else {
        panic!("is public");
    };
    let mut cx = world.cx(Mode::Write).await;
    let request = Request {
        path: vec![("id".to_owned(), id.to_string())],
        query: query.into(),
        body: body.to_vec().into(),
        ..Request::default()
    };
    let reply = run(&mut cx, request).await?;
    cx.commit().await?;
    match reply.body {
        platform_core::Body::Bytes(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
        platform_core::Body::Empty => panic!("answers nothing"),
    }
}

#[tokio::test]
async fn who_cannot_be_paid_is_named_and_the_rest_goes_on() {
    let world = World::new().await;
    let mut people = Vec::new();
    for name in ["A", "B", "C", "D", "E", "F", "G"] {
        people.push(world.courier(name, "2024-01-01", "Pakistani").await);
    }
    for place in [0, 2, 3, 4, 5, 6] {
        target(&world, people[place], 5).await;
    }
    for place in [0, 1, 3, 4, 5, 6] {
        work(&world, people[place], 5, 450).await;
    }
    world.store(FORGOTTEN, &[people[3]]).await;
    world.store(LATER, &[people[4]]).await;
    world.store(LEFT, &[people[5]]).await;
    world.store(STATELESS, &[people[6]]).await;
    let id = calculated(&world, 5).await;
    let expected = "B no_target, C no_work, D no_joining_date, E joins_later, F left_before, G no_nationality";
    assert_eq!(world.text(REFUSED).await, expected);
    let run = world.load(&PAYROLL_RUNS, id).await;
    assert!(run.is("status", "calculated") && run.is("net_total", "1861.04"));
    assert_eq!(
        (run.integer("paid_count"), run.integer("refused_count")),
        (Some(1), Some(6))
    );
    let checksum = run.text("inputs_checksum").unwrap().to_owned();
    // What is open is told, and stops nobody.
    world.act(&PAYROLL_RUNS, id, "review", &json!({})).await.unwrap();
    world
        .act(&PAYROLL_RUNS, id, "reopen", &json!({"reopen_reason": "B"}))
        .await
        .unwrap();
    assert_eq!(world.text(REFUSED).await, "", "a draft refuses nobody");
    target(&world, people[1], 5).await;
    world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    let run = world.load(&PAYROLL_RUNS, id).await;
    assert_eq!(
        (run.integer("paid_count"), run.integer("calculation")),
        (Some(2), Some(2))
    );
    assert_ne!(run.text("inputs_checksum").unwrap(), checksum);
}

#[tokio::test]
async fn a_run_that_pays_nobody_is_refused_and_says_why() {
    let world = World::new().await;
    world.courier("A", "2024-01-01", "Pakistani").await;
    let id = run(&world, 5).await;
    let refused = world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap_err();
    assert_eq!(refused.code, "nothing_to_pay");
    assert_eq!(world.text(REFUSED).await, "A no_target");
    assert!(world.load(&PAYROLL_RUNS, id).await.is("status", "draft"));
}

#[tokio::test]
async fn what_changes_after_the_approval_changes_nothing_stored() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    target(&world, courier, 5).await;
    work(&world, courier, 5, 450).await;
    let id = calculated(&world, 5).await;
    for action in ["review", "approve"] {
        world.act(&PAYROLL_RUNS, id, action, &json!({})).await.unwrap();
    }
    let bytes = world.text(BYTES).await;
    raise(&world, "2026-01-01").await;
    let refused = world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap_err();
    assert_eq!(refused.code, "not_in_state");
    assert_eq!(world.text(BYTES).await, bytes);
    world
        .act(&PAYROLL_RUNS, id, "reopen", &json!({"reopen_reason": "Raise"}))
        .await
        .unwrap();
    world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    assert_ne!(world.text(BYTES).await, bytes);
}

/// Motorcycles earn 7 instead of 6 an order above target from a day on.
async fn raise(world: &World, from: &str) {
    let row = json!({"category": "motorcycle", "effective_from": from, "daily_target": "13.333", "basic_divisor": "13.333",
                     "basic_rate": "53.33333", "bonus_rate": "7", "penalty_rate": "10", "gas_rate": "0.65", "gas_cap": "261",
                     "rounds_target_up": true});
    world.create(&PAYROLL_PARAMETERS, &row).await;
}

/// A raise three months back, and orders that were counted wrong: the next run pays the difference, and the one after nothing.
#[tokio::test]
async fn late_facts_are_settled_by_the_next_run_and_once() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let mut inputs = Vec::new();
    for month in [1, 2, 3, 4, 5] {
        target(&world, courier, month).await;
        inputs.push(work(&world, courier, month, 450).await);
    }
    for month in [1, 2, 3] {
        paid(&world, month).await;
    }
    raise(&world, "2025-12-25").await;
    let mut cx = world.cx(Mode::Write).await;
    let fewer = crate::world::object(&json!({"total_orders": 400}));
    platform_engine::change(&mut cx, &PAYROLL_INPUTS, inputs[0], "update", fewer)
        .await
        .unwrap();
    cx.commit().await.unwrap();
    paid(&world, 4).await;
    // 50 orders × 1 for two months; 50 × 6 less for the first, of which a tenth of 2,011.04 comes back, then of 1,911.04.
    paid(&world, 5).await;
    assert_eq!(
        world.text(ADJUSTED).await,
        "1 0 0, 2 0 0, 3 0 0, 4 10000 20110, 5 0 9990"
    );
}

/// Other numbers are tried on the run's month; months that were paid stay as they are.
#[tokio::test]
async fn what_if_leaves_paid_months_alone() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    for month in [4, 5] {
        target(&world, courier, month).await;
        work(&world, courier, month, 450).await;
    }
    paid(&world, 4).await;
    let id = calculated(&world, 5).await;
    let body = json!({"changes": {"categories": {"motorcycle": {"bonus_rate": "5"}}}});
    let tried = on(&world, "hr.payroll_runs.what_if", id, "", body.to_string().as_bytes())
        .await
        .unwrap();
    let because = tried["rows"][0]["because"].as_array().unwrap();
    assert_eq!(
        (because.len(), &because[0]["kind"], &because[0]["change"]),
        (1, &json!("bonus"), &json!("-50.00"))
    );
}

#[tokio::test]
async fn orders_of_a_court_are_collected_month_by_month() {
    const LEFT_OF_IT: &str = "SELECT status || ' ' || outstanding FROM hr.deduction_orders WHERE organization_id = $1";
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let order = json!({"courier_id": courier, "kind": "court_debt", "amount": "700.00", "starts_on": "2026-05-01",
                       "document_reference": "45/1"});
    let order = world.create(&DEDUCTION_ORDERS, &order).await;
    world
        .act(&DEDUCTION_ORDERS, order, "approve", &json!({}))
        .await
        .unwrap();
    for (month, left) in [(5, "active 23474"), (6, "completed 0")] {
        target(&world, courier, month).await;
        work(&world, courier, month, 450).await;
        paid(&world, month).await;
        assert_eq!(world.text(LEFT_OF_IT).await, left, "a quarter of 1,861.04 at most");
    }
}

/// The worked examples of the pay document, as an accountant sends them: the run comes out as the document has it.
#[tokio::test]
async fn a_sheet_of_the_worked_examples_is_paid_as_the_document_has_it() {
    const FOUND: &str =
        "SELECT string_agg(concat_ws(' ', c.barq_id, round(s.final_target, 2), s.base_salary, s.bonus_amount,
            s.gas_deserved, s.gas_difference, s.category_total), ', ' ORDER BY c.barq_id)
        FROM hr.salaries s JOIN fleet.couriers c ON c.organization_id = s.organization_id AND c.id = s.courier_id
        WHERE s.organization_id = $1";
    let vectors = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/pay/tests/vectors/category_pay.csv"
    ))
    .unwrap();
    let table = platform_documents::read(&vectors, "", &platform_documents::ReadOptions::default()).unwrap();
    let world = World::new().await;
    let mut sheet = "courier,category,target,days,orders,revenue,gas_usage\n".to_owned();
    let mut expected = Vec::new();
    for (number, row) in table.rows.iter().enumerate() {
        let name = format!("W{number:02}");
        world.courier(&name, "2024-01-01", "Pakistani").await;
        let cell = |column: &str| {
            let place = table.headers.iter().position(|header| header == column).unwrap();
            row.cells[place].as_str()
        };
        let inputs = ["category", "target", "days", "orders", "revenue", "gas_usage"].map(cell);
        writeln!(sheet, "{name},{}", inputs.join(",")).expect("it is text");
        let halalas = |column: &str| cell(column).replace('.', "").parse::<i64>().unwrap();
        let amounts = ["basic", "bonus", "gas_deserved", "gas_difference", "total"].map(halalas);
        let amounts: Vec<String> = amounts.iter().map(ToString::to_string).collect();
        expected.push(format!("{name} {} {}", cell("final_target"), amounts.join(" ")));
    }
    let id = run(&world, 5).await;
    let answer = on(
        &world,
        "hr.payroll_runs.sheet",
        id,
        "file_name=may.csv",
        sheet.as_bytes(),
    )
    .await
    .unwrap();
    assert_eq!(
        (&answer["stored"], &answer["errors"]),
        (&json!(table.rows.len()), &json!([]))
    );
    let again = on(&world, "hr.payroll_runs.sheet", id, "", sheet.as_bytes())
        .await
        .unwrap();
    assert_eq!(again, answer);
    world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    assert_eq!(world.text(FOUND).await, expected.join(", "));
    // A run that is no draft takes no other sheet.
    let other = on(
        &world,
        "hr.payroll_runs.sheet",
        id,
        "",
        b"courier,category,target,days,orders,revenue,gas_usage\n",
    )
    .await;
    assert!(other.is_err());
    writeln!(
        std::io::stdout(),
        "CHECK PAY30 pass {} of {} rows of a sheet paid by a run as the document has them",
        table.rows.len(),
        table.rows.len()
    )
    .expect("somebody listens");
}

#[tokio::test]
async fn bad_rows_of_a_sheet_are_refusals_of_their_couriers() {
    let world = World::new().await;
    for name in ["A", "B", "C", "D"] {
        world.courier(name, "2024-01-01", "Pakistani").await;
    }
    let sheet = "barq_id,category,target,days,orders,revenue,gas_usage\n\
        A,motorcycle,400,,450,,300\n\
        B,motorcycle,400,,450,,-5\n\
        A,motorcycle,400,,500,,300\n\
        C,bicycle,400,,450,,300\n\
        D,motorcycle,,,450,,300\n\
        Z,motorcycle,400,,450,,300\n";
    let id = run(&world, 5).await;
    let answer = on(&world, "hr.payroll_runs.sheet", id, "", sheet.as_bytes())
        .await
        .unwrap();
    let told: Vec<String> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            format!(
                "{} {} {}",
                error["row"],
                error["courier"].as_str().unwrap(),
                error["code"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "3 B negative",
            "4 A taken",
            "5 C unknown_category",
            "6 D required",
            "7 Z unknown_courier"
        ]
    );
    assert!(
        answer["errors"][1]["message"].as_str().unwrap().contains("row 2"),
        "{answer}"
    );
    world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    assert_eq!(world.text(REFUSED).await, "B negative, C unknown_category, D required");
    assert_eq!(world.load(&PAYROLL_RUNS, id).await.text("net_total"), Some("1861.04"));
}

#[tokio::test]
async fn a_run_is_compared_tried_and_explained() {
    let world = World::new().await;
    let (a, b) = (
        world.courier("A", "2024-01-01", "Pakistani").await,
        world.courier("B", "2024-01-01", "Saudi").await,
    );
    for (month, orders) in [(5, 450), (6, 350)] {
        for courier in [a, b] {
            target(&world, courier, month).await;
        }
        work(&world, a, month, orders).await;
        work(&world, b, month, 450).await;
    }
    calculated(&world, 5).await;
    let id = calculated(&world, 6).await;
    let found = on(&world, "hr.payroll_runs.comparison", id, "", b"").await.unwrap();
    let first = &found["rows"][0];
    assert_eq!(
        (
            &first["courier_name"],
            &first["outlier"],
            &first["because"][0]["kind"],
            &first["because"][0]["change"]
        ),
        (&json!("A"), &json!("fell"), &json!("bonus"), &json!("-800.00"))
    );
    assert_eq!(
        (&found["rows"][1]["outlier"], &found["rows"][1]["change"]),
        (&Json::Null, &json!("0.00"))
    );
    let second = on(&world, "hr.payroll_runs.comparison", id, "limit=1&after=1", b"")
        .await
        .unwrap();
    assert_eq!((&second["rows"][0], &second["next"]), (&found["rows"][1], &Json::Null));

    let bytes = world.text(BYTES).await;
    let body = json!({"courier_ids": [a], "changes": {"categories": {"motorcycle": {"penalty_rate": "5"}}}});
    let tried = on(&world, "hr.payroll_runs.what_if", id, "", body.to_string().as_bytes())
        .await
        .unwrap();
    assert_eq!(
        (&tried["totals"]["change"], &tried["totals"]["couriers_now"]),
        (&json!("250.00"), &json!(1))
    );
    let body = json!({"changes": {"deducts_gosi": false, "inputs": [{"courier_id": a, "total_orders": 400}]}});
    let tried = on(&world, "hr.payroll_runs.what_if", id, "", body.to_string().as_bytes())
        .await
        .unwrap();
    assert_eq!(tried["rows"].as_array().unwrap().len(), 2);
    assert_eq!(world.text(BYTES).await, bytes, "nothing is stored");

    let salary: Uuid = world.text(ONE).await.parse().unwrap();
    for (language, label) in [("en", "Basic pay"), ("ar", "الأجر الأساسي")] {
        let told = on(
            &world,
            "hr.salaries.explanation",
            salary,
            &format!("language={language}"),
            b"",
        )
        .await
        .unwrap();
        let line = &told["lines"][0];
        assert_eq!((&line["kind"], &line["label"]), (&json!("basic"), &json!(label)));
        assert!(!line["steps"][0]["inputs"].as_array().unwrap().is_empty(), "{line}");
        assert_eq!(line["rules"][0]["id"], "pay.motorcycle.daily_target");
    }
    let rules = world
        .call("hr.pay_rules.list", "on=2026-06-01&language=ar", "")
        .await
        .unwrap();
    let share = rules["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|rule| rule["id"] == "gosi.saudi_new.annuities_employee" && rule["in_force"] == true);
    assert_eq!(share.unwrap()["value"], "0.095");
}
