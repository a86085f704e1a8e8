//! Schedules of loans: whatever is done with the instalments, they sum to the loan.

use hr::{BONUSES, COURIER_TARGETS, LOANS, PAYROLL_INPUTS, PAYROLL_RUNS};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

const SUM: &str = "SELECT sum(amount)::text FROM hr.loan_instalments WHERE organization_id = $1";
const PAID: &str =
    "SELECT string_agg(to_char(due_on, 'MM') || ' ' || paid_amount || ' ' || state, ', ' ORDER BY due_on)
    FROM hr.loan_instalments WHERE organization_id = $1 AND paid_amount > 0";
const COURIER_OF: &str = "SELECT courier_id::text FROM hr.loans WHERE organization_id = $1";

async fn loan(world: &World, amount: &str, monthly: &str) -> Uuid {
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let row = json!({"courier_id": courier, "loan_type": "personal", "amount": amount, "monthly_deduction": monthly,
                     "starts_on": "2026-05-03"});
    let loan = world.create(&LOANS, &row).await;
    world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();
    loan
}

/// The schedule as `month amount/left state`, and what is owed.
async fn schedule(world: &World, loan: Uuid) -> (String, String) {
    let schedule: Json = world
        .call("hr.loans.schedule", &format!("id={loan}"), "")
        .await
        .unwrap();
    let word = |row: &Json, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = schedule["instalments"].as_array().unwrap().iter().map(|row| {
        let (amount, left) = (word(row, "amount"), word(row, "left"));
        format!("{} {amount}/{left} {}", &word(row, "due_on")[..7], word(row, "state"))
    });
    (rows.collect::<Vec<_>>().join(", "), word(&schedule, "outstanding"))
}

#[tokio::test]
async fn approval_plans_every_instalment_and_the_plan_is_seen_before() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let row = json!({"courier_id": courier, "loan_type": "personal", "amount": "1000.00", "monthly_deduction": "300.00",
                     "starts_on": "2026-05-25"});
    let loan = world.create(&LOANS, &row).await;
    let plan = "2026-06 300.00/300.00 planned, 2026-07 300.00/300.00 planned, 2026-08 300.00/300.00 planned, \
                2026-09 100.00/100.00 planned";
    assert_eq!(schedule(&world, loan).await.0, plan);
    assert_eq!(world.text(SUM).await, "", "a plan is no debt");
    let approved = world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();
    assert_eq!(
        (approved.integer("total_installments"), approved.text("next_due_on")),
        (Some(4), Some("2026-06-01"))
    );
    assert_eq!(schedule(&world, loan).await, (plan.to_owned(), "1000.00".to_owned()));
    assert_eq!(world.text(SUM).await, "100000");
}

#[tokio::test]
async fn instalments_are_skipped_reduced_postponed_and_paid_early() {
    let world = World::new().await;
    let loan = loan(&world, "1000.00", "500.00").await;
    world
        .act(&LOANS, loan, "skip", &json!({"month": "2026-05-20"}))
        .await
        .unwrap();
    let first = "2026-06 500.00/500.00 planned, 2026-07 500.00/500.00 skipped";
    assert_eq!(schedule(&world, loan).await.0, first);
    let gone = world
        .act(&LOANS, loan, "skip", &json!({"month": "2026-05-01"}))
        .await
        .unwrap_err();
    assert_eq!(gone.code, "no_instalment_then");

    let whole = world
        .act(
            &LOANS,
            loan,
            "pay_part",
            &json!({"month": "2026-06-01", "part": "500.00"}),
        )
        .await;
    assert_eq!(whole.unwrap_err().code, "not_a_part");
    let part = json!({"month": "2026-06-01", "part": "120.00"});
    world.act(&LOANS, loan, "pay_part", &part).await.unwrap();
    let second = "2026-06 120.00/120.00 reduced, 2026-07 500.00/500.00 skipped, 2026-08 380.00/380.00 postponed";
    assert_eq!(schedule(&world, loan).await.0, second);

    let later = json!({"month": "2026-07-01", "months": 2});
    let row = world.act(&LOANS, loan, "postpone", &later).await.unwrap();
    assert_eq!(
        (row.integer("deferrals"), row.text("next_due_on")),
        (Some(3), Some("2026-06-01"))
    );
    let third = "2026-06 120.00/120.00 reduced, 2026-09 500.00/500.00 postponed, 2026-10 380.00/380.00 postponed";
    assert_eq!(schedule(&world, loan).await, (third.to_owned(), "1000.00".to_owned()));

    let over = world
        .act(&LOANS, loan, "pay", &json!({"payment": "1000.01"}))
        .await
        .unwrap_err();
    assert_eq!(over.code, "loan_overpaid");
    world
        .act(
            &LOANS,
            loan,
            "pay",
            &json!({"payment": "200.00", "last_paid_on": "2026-06-02"}),
        )
        .await
        .unwrap();
    let fourth = "2026-06 120.00/0.00 paid, 2026-09 500.00/420.00 postponed, 2026-10 380.00/380.00 postponed";
    assert_eq!(schedule(&world, loan).await, (fourth.to_owned(), "800.00".to_owned()));
    let done = world
        .act(&LOANS, loan, "pay_off", &json!({"last_paid_on": "2026-06-10"}))
        .await
        .unwrap();
    assert!(done.is("status", "completed") && !done.has("next_due_on"), "{done:?}");
    assert_eq!(schedule(&world, loan).await.1, "0.00");
    assert_eq!(world.text(SUM).await, "100000");
    let again = world.act(&LOANS, loan, "pay_off", &json!({})).await.unwrap_err();
    assert_eq!(again.code, "not_in_state");
}

#[tokio::test]
async fn what_is_called_off_is_due_no_more_and_a_loan_without_end_is_refused() {
    let world = World::new().await;
    let loan = loan(&world, "900.00", "300.00").await;
    world
        .act(&LOANS, loan, "pay", &json!({"payment": "100.00"}))
        .await
        .unwrap();
    world
        .act(&LOANS, loan, "cancel", &json!({"cancel_reason": "Written off"}))
        .await
        .unwrap();
    let after = "2026-05 300.00/0.00 called_off, 2026-06 300.00/0.00 called_off, 2026-07 300.00/0.00 called_off";
    assert_eq!(schedule(&world, loan).await, (after.to_owned(), "0.00".to_owned()));
    assert_eq!(world.text(SUM).await, "90000");

    let courier: Uuid = world.text(COURIER_OF).await.parse().unwrap();
    let row = json!({"courier_id": courier, "loan_type": "personal", "amount": "1000.00", "monthly_deduction": "1.00",
                     "starts_on": "2026-05-03"});
    let endless = world.create(&LOANS, &row).await;
    let refused = world.act(&LOANS, endless, "approve", &json!({})).await.unwrap_err();
    assert_eq!(refused.code, "too_many_instalments");
}

/// A tenth of 2,061.04 SAR is 206.10: the instalment of 500 stays due with the rest, and the next month asks for both.
#[tokio::test]
async fn a_run_settles_instalments_and_a_skipped_month_asks_for_nothing() {
    let world = World::new().await;
    let loan = loan(&world, "1000.00", "500.00").await;
    let courier: Uuid = world.text(COURIER_OF).await.parse().unwrap();
    let bonus = json!({"courier_id": courier, "bonus_type": "special", "amount": "200.00", "granted_on": "2026-05-01"});
    let bonus = world.create(&BONUSES, &bonus).await;
    world.act(&BONUSES, bonus, "approve", &json!({})).await.unwrap();
    let of = json!({"courier_id": courier, "year": 2026, "month": 5});
    let with = |more: Json| {
        let mut row = of.as_object().cloned().unwrap();
        row.extend(more.as_object().cloned().unwrap());
        Json::Object(row)
    };
    world
        .create(
            &COURIER_TARGETS,
            &with(json!({"category": "motorcycle", "period_target": "400"})),
        )
        .await;
    world
        .create(
            &PAYROLL_INPUTS,
            &with(json!({"total_orders": 450, "gas_usage": "300.00"})),
        )
        .await;
    let run = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    let net =
        "SELECT string_agg(net_salary::text, ' ') FROM hr.salaries WHERE organization_id = $1 AND deleted_at IS NULL";
    let calculate = async || world.act(&PAYROLL_RUNS, run, "calculate", &json!({})).await.unwrap();
    calculate().await;
    assert_eq!(world.text(net).await, "185494");
    world
        .act(&LOANS, loan, "skip", &json!({"month": "2026-05-01"}))
        .await
        .unwrap();
    calculate().await;
    assert_eq!(world.text(net).await, "206104", "nothing is due in May any more");
    world
        .act(
            &LOANS,
            loan,
            "pay",
            &json!({"payment": "100.00", "last_paid_on": "2026-05-02"}),
        )
        .await
        .unwrap();
    assert_eq!(world.text(PAID).await, "06 10000 planned");
}

#[tokio::test]
async fn a_loan_from_before_gets_its_instalments_by_night() {
    let world = World::new().await;
    let loan = loan(&world, "1000.00", "300.00").await;
    let pay = json!({"payment": "450.00", "last_paid_on": "2026-06-24"});
    world.act(&LOANS, loan, "pay", &pay).await.unwrap();
    let as_it_should_be = schedule(&world, loan).await;
    world
        .store("DELETE FROM hr.loan_instalments WHERE organization_id = $1", &[])
        .await;
    assert_eq!(world.text(SUM).await, "");
    world.run("hr.loans").await;
    assert_eq!(schedule(&world, loan).await, as_it_should_be);
    assert_eq!(world.text(SUM).await, "100000");
    world.run("hr.loans").await;
    assert_eq!(world.text(SUM).await, "100000", "once");
}
