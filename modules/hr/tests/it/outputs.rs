//! Files about a run that was really calculated: the wage file from check to bytes, the sheets, the payslip.

use hr::{BONUSES, COURIER_TARGETS, LEDGER_ACCOUNTS, LOANS, PAYING_ACCOUNTS, PAYROLL_INPUTS, PAYROLL_RUNS, SALARIES};
use platform_core::{Body, Handler, Mode, Problem, Reply, Request};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

const SALARY: &str = "SELECT id::text FROM hr.salaries WHERE organization_id = $1";
const BANK: &str = "UPDATE fleet.couriers SET iban = 'SA0380000000608010167519', national_id = '1000000008'
    WHERE organization_id = $1 AND id = $2";
const OTHER_BANK: &str =
    "UPDATE fleet.couriers SET iban = 'SA4420000001234567891234' WHERE organization_id = $1 AND id = $2";

/// Runs an operation on a row, as a job would.
async fn reply(world: &World, id: &str, row: Uuid, query: &str, body: &str) -> Result<Reply, Problem> {
    let operation = hr::module().operations.into_iter().find(|one| one.id == id).expect(id);
    let Handler::Tenant(run) = operation.handler else {
        panic!("{id} is public");
    };
    let mut cx = world.cx(Mode::Write).await;
    let request = Request {
        path: vec![("id".to_owned(), row.to_string())],
        query: query.to_owned(),
        body: body.to_owned().into(),
        ..Request::default()
    };
    let reply = run(&mut cx, request).await?;
    cx.commit().await?;
    Ok(reply)
}

fn bytes(reply: &Reply) -> Vec<u8> {
    match &reply.body {
        Body::Bytes(bytes) => bytes.to_vec(),
        Body::Empty => Vec::new(),
    }
}

fn json_of(reply: &Reply) -> Json {
    serde_json::from_slice(&bytes(reply)).unwrap()
}

/// One courier who is paid 1,854.94: 2,061.04 less 206.10 of a loan.
async fn paid(world: &World) -> (Uuid, Uuid) {
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let mut of =
        json!({"courier_id": courier, "year": 2026, "month": 5, "category": "motorcycle", "period_target": "400"});
    world.create(&COURIER_TARGETS, &of).await;
    of = json!({"courier_id": courier, "year": 2026, "month": 5, "total_orders": 450, "gas_usage": "300.00"});
    world.create(&PAYROLL_INPUTS, &of).await;
    let bonus =
        json!({"courier_id": courier, "bonus_type": "performance", "amount": "200.00", "granted_on": "2026-05-01"});
    let bonus = world.create(&BONUSES, &bonus).await;
    world.act(&BONUSES, bonus, "approve", &json!({})).await.unwrap();
    let loan = json!({"courier_id": courier, "loan_type": "personal", "amount": "1000.00", "monthly_deduction": "500.00",
                      "starts_on": "2026-05-01"});
    let loan = world.create(&LOANS, &loan).await;
    world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();
    let run = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    world.act(&PAYROLL_RUNS, run, "calculate", &json!({})).await.unwrap();
    (courier, run)
}

fn codes(checked: &Json) -> Vec<&str> {
    let findings = checked["findings"].as_array().into_iter().flatten();
    findings.filter_map(|finding| finding["code"].as_str()).collect()
}

#[tokio::test]
async fn a_wage_file_is_refused_with_its_findings_made_once_and_held_to_its_checksum() {
    const CHECK: &str = "hr.payroll_runs.wage_file_check";
    const MAKE: &str = "hr.payroll_runs.wage_file";
    let world = World::new().await;
    let (courier, run) = paid(&world).await;
    let checked = json_of(&reply(&world, CHECK, run, "", "").await.unwrap());
    let expected = [
        "wage_no_iban",
        "wage_no_person_number",
        "wage_no_paying_account",
        "run_not_approved",
    ];
    let mut found = codes(&checked);
    found.sort_unstable();
    let mut sorted = expected;
    sorted.sort_unstable();
    assert_eq!(found, sorted, "{checked}");

    let account = json!({"name": "Payroll", "iban": "SA8880000123456789012345", "establishment_number": "1234567890",
        "ministry_number": "2-1234567"});
    world.create(&PAYING_ACCOUNTS, &account).await;
    for (field, value, code) in [
        ("iban", "GB33BUKB20201555555555", "wage_not_a_saudi_iban"),
        ("establishment_number", "123", "wage_not_ten_digits"),
        ("ministry_number", "1234567", "wage_not_a_ministry_number"),
    ] {
        let mut bad = account.clone();
        bad["name"] = json!("Another");
        bad[field] = json!(value);
        assert_eq!(world.refused(&PAYING_ACCOUNTS, &bad).await.errors[0].code, code);
    }
    world.store(BANK, &[courier]).await;
    let early = reply(&world, MAKE, run, "", "{}").await.unwrap_err();
    assert_eq!(early.code, "run_not_approved");
    world.act(&PAYROLL_RUNS, run, "review", &json!({})).await.unwrap();
    world.act(&PAYROLL_RUNS, run, "approve", &json!({})).await.unwrap();
    let late = reply(&world, MAKE, run, "", r#"{"value_date": "2026-06-01"}"#)
        .await
        .unwrap_err();
    assert_eq!(late.errors[0].code, "wage_in_the_past", "{late}");
    let checked = json_of(&reply(&world, CHECK, run, "", "").await.unwrap());
    assert_eq!(codes(&checked), [""; 0], "{checked}");

    let made = json_of(&reply(&world, MAKE, run, "", "{}").await.unwrap());
    assert_eq!(made, json_of(&reply(&world, MAKE, run, "", "{}").await.unwrap()));
    assert_eq!((&made["workers"], &made["total"]), (&json!(1), &json!("1854.94")));
    let id: Uuid = made["id"].as_str().unwrap().parse().unwrap();
    let download = async || reply(&world, "hr.wage_files.download", id, "", "").await;
    let text = String::from_utf8(bytes(&download().await.unwrap())).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        (lines.len(), lines[0].len(), lines[1].len(), lines[2][0]),
        (3, 10, 14, "-")
    );
    assert_eq!(
        (lines[0][5], lines[1][0], lines[1][9]),
        ("1854.94", "1854.94", "206.10")
    );
    assert_eq!((lines[0][4], lines[0][9]), ("20260617", "2-1234567"));
    // Being paid changes nothing of the file.
    world
        .act(&PAYROLL_RUNS, run, "pay", &json!({"paid_on": "2026-06-17"}))
        .await
        .unwrap();
    assert_eq!(String::from_utf8(bytes(&download().await.unwrap())).unwrap(), text);
    world.store(OTHER_BANK, &[courier]).await;
    assert_eq!(download().await.unwrap_err().code, "wage_file_outdated");
    let anew = json_of(&reply(&world, MAKE, run, "", "{}").await.unwrap());
    assert_ne!(
        (&anew["sha256"], &anew["reference"]),
        (&made["sha256"], &made["reference"])
    );
}

#[tokio::test]
async fn sheets_and_payslips_say_what_the_run_pays() {
    let world = World::new().await;
    let (_, run) = paid(&world).await;
    let own = json!({"posting": "wages", "account_code": "60100", "account_name": "Couriers' wages"});
    world.create(&LEDGER_ACCOUNTS, &own).await;
    let csv = async |id: &str| {
        let reply = reply(&world, id, run, "language=en&format=csv", "").await.unwrap();
        String::from_utf8(bytes(&reply)).unwrap()
    };
    let journal = csv("hr.payroll_runs.journal").await;
    let total = journal.lines().last().unwrap();
    // 1,861.04 of work, 200.00 of bonus, 75.00 to the social insurance.
    assert!(total.ends_with(",2136.04,2136.04"), "{journal}");
    assert!(journal.contains(",60100,Couriers' wages,1861.04,0.00"), "{journal}");
    assert!(journal.contains(",2110,Wages payable,0.00,1854.94"), "{journal}");
    let gosi = csv("hr.payroll_runs.gosi_report").await;
    assert!(
        gosi.lines().last().unwrap().ends_with(",3750.00,0.00,75.00,75.00,0.00"),
        "{gosi}"
    );
    let register = csv("hr.payroll_runs.register").await;
    let rows: Vec<&str> = register.lines().collect();
    assert_eq!(rows.len(), 3, "{register}");
    for amount in [",2061.04,", ",-206.10,", ",1854.94,75.00,"] {
        assert!(
            rows[1].contains(amount) && rows[2].contains(amount),
            "{amount} in {register}"
        );
    }
    let sheet = reply(&world, "hr.payroll_runs.register", run, "language=ar", "")
        .await
        .unwrap();
    assert!(bytes(&sheet).starts_with(b"PK"));

    let salary: Uuid = world.text(SALARY).await.parse().unwrap();
    let slip = async |language: &str| {
        let query = format!("language={language}");
        bytes(&reply(&world, "hr.salaries.payslip", salary, &query, "").await.unwrap())
    };
    for language in ["ar", "en"] {
        let (one, same) = (slip(language).await, slip(language).await);
        assert!(one.starts_with(b"%PDF-") && one == same);
    }
    assert_eq!(world.load(&SALARIES, salary).await.text("net_salary"), Some("1854.94"));
}
