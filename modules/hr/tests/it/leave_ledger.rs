//! The ledger of annual leave, feasts within it, and leaves that are granted once.

use hr::{LEAVE_ENTRIES, LEAVES};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

const ENTRIES: &str = "SELECT string_agg(kind || ' ' || leave_year || ' ' || trim_scale(days), ', ' ORDER BY id)
    FROM hr.leave_entries WHERE organization_id = $1 AND kind <> 'earned'";
const EARNED: &str =
    "SELECT string_agg(earned_from || ' ' || earned_until || ' ' || trim_scale(days), ', ' ORDER BY earned_from)
    FROM hr.leave_entries WHERE organization_id = $1 AND kind = 'earned'";
const ALL: &str = "SELECT trim_scale(sum(days))::text FROM hr.leave_entries WHERE organization_id = $1";

fn leave(courier: Uuid, kind: &str, starts_on: &str, ends_on: &str) -> Json {
    json!({"courier_id": courier, "leave_type": kind, "starts_on": starts_on, "ends_on": ends_on})
}

async fn approved(world: &World, row: &Json) -> Uuid {
    let id = world.create(&LEAVES, row).await;
    world.act(&LEAVES, id, "approve", &json!({})).await.unwrap();
    id
}

async fn balance(world: &World, courier: Uuid, kind: &str, on: &str) -> Json {
    let all = world
        .call("hr.leaves.balances", &format!("courier_id={courier}&on={on}"), "")
        .await
        .unwrap();
    let found = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["leave_type"] == kind);
    found.cloned().unwrap_or_default()
}

/// Joined on 1 July 2020: five years are complete on 1 July 2025, from then on thirty days a year. Today is 17 June 2026.
#[tokio::test]
async fn days_are_earned_by_the_clock_once_and_thirty_a_year_from_the_anniversary() {
    let world = World::new().await;
    let courier = world.courier("A", "2020-07-01", "Pakistani").await;
    for _ in 0..2 {
        world.run("hr.leave_accrual").await;
    }
    // 181 days at 21 and 184 at 30 in 2025; 151 days at 30 in 2026. The year of service with 29 February has a day more.
    assert_eq!(
        world.text(EARNED).await,
        "2020-07-01 2020-12-31 10.586, 2021-01-01 2021-12-31 21, 2022-01-01 2022-12-31 21, 2023-01-01 2023-12-31 20.971, \
         2024-01-01 2024-12-31 21.029, 2025-01-01 2025-12-31 25.537, 2026-01-01 2026-05-31 12.411"
    );
    let until = world
        .call("hr.leaves.balances", &format!("courier_id={courier}&on=2026-05-31"), "")
        .await
        .unwrap();
    assert_eq!(
        (until["ledger_days"].as_str().unwrap(), &*world.text(ALL).await),
        ("132.534", "132.534")
    );
}

/// Arafah 2026 is on 26 May: a leave over the feast costs two days; when the feast is announced a day later it still costs two, and
/// a leave of the day before it costs one more.
#[tokio::test]
async fn feasts_within_a_leave_cost_nothing_and_an_announcement_recounts_what_it_touches() {
    let world = World::new().await;
    let (a, b) = (
        world.courier("A", "2024-01-01", "Saudi").await,
        world.courier("B", "2024-01-01", "Saudi").await,
    );
    let over = leave(a, "annual", "2026-05-25", "2026-05-30");
    let over = approved(&world, &over).await;
    assert_eq!(world.text(ENTRIES).await, "taken 2026 -2");
    approved(&world, &leave(b, "annual", "2026-05-24", "2026-05-26")).await;
    assert_eq!(world.text(ENTRIES).await, "taken 2026 -2, taken 2026 -2");

    let moved = json!({"kind": "eid_al_adha", "hijri_year": 1447, "shift_days": 1}).to_string();
    for _ in 0..2 {
        let told = world.call("hr.public_holidays.announce", "", &moved).await.unwrap();
        assert_eq!(
            (&told["calculated_from"], &told["from"], &told["until"]),
            (&json!("2026-05-26"), &json!("2026-05-27"), &json!("2026-05-30"))
        );
    }
    // The first leave loses 26 May and wins 30 May; the second loses 26 May.
    assert_eq!(world.text(ENTRIES).await, "taken 2026 -2, taken 2026 -2, taken 2026 -1");
    assert_eq!(balance(&world, b, "annual", "2026-12-31").await["taken_days"], "3.00");
    let days = world
        .call("hr.leaves.calendar", "from=2026-05-20&to=2026-06-10", "")
        .await
        .unwrap();
    assert_eq!(
        (&days["holidays"][0]["from"], &days["holidays"][0]["is_announced"]),
        (&json!("2026-05-27"), &json!(true))
    );
    assert_eq!(days["data"].as_array().unwrap().len(), 2);

    // Back before the feast was over: what was charged and not taken is given back.
    world
        .act(&LEAVES, over, "complete", &json!({"returned_on": "2026-05-26"}))
        .await
        .unwrap();
    assert_eq!(
        world.text(ENTRIES).await,
        "taken 2026 -2, taken 2026 -2, taken 2026 -1, returned 2026 1"
    );
    let far = json!({"kind": "eid_al_fitr", "hijri_year": 1447, "shift_days": 2}).to_string();
    let refused = world.call("hr.public_holidays.announce", "", &far).await.unwrap_err();
    assert_eq!(refused.errors[0].code, "shift_too_far");
}

#[tokio::test]
async fn what_is_called_off_half_way_costs_the_days_that_were_taken() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let id = approved(&world, &leave(courier, "annual", "2026-06-15", "2026-06-19")).await;
    world.act(&LEAVES, id, "cancel", &json!({})).await.unwrap();
    // 15 and 16 June are past.
    assert_eq!(world.text(ENTRIES).await, "taken 2026 -5, returned 2026 3");
    assert_eq!(
        balance(&world, courier, "annual", "2026-06-17").await["left_days"],
        "19.00"
    );
}

#[tokio::test]
async fn days_are_carried_over_and_corrected_with_a_reason_and_never_twice() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let carry = json!({"courier_id": courier, "from_year": 2025, "days": "6", "reason": "Agreed with the supervisor"});
    world.call("hr.leaves.carry", "", &carry.to_string()).await.unwrap();
    assert_eq!(world.text(ENTRIES).await, "carried 2025 -6, carried 2026 6");
    let short = world
        .call(
            "hr.leaves.carry",
            "",
            &json!({"courier_id": courier, "from_year": 2025, "days": "16", "reason": "Agreed with the supervisor"})
                .to_string(),
        )
        .await;
    let short = short.unwrap_err();
    assert_eq!(
        (short.code, short.params[0].clone()),
        ("leave_balance_short", ("left", "15".to_owned()))
    );
    let correction =
        json!({"courier_id": courier, "leave_year": 2026, "day": "2026-06-17", "days": "-2", "reason": "short"});
    assert_eq!(
        world.refused(&LEAVE_ENTRIES, &correction).await.errors[0].code,
        "reason_too_short"
    );
    let correction = json!({"courier_id": courier, "leave_year": 2026, "day": "2026-06-17", "days": "-2", "reason": "Counted twice in May"});
    world.create(&LEAVE_ENTRIES, &correction).await;
    let annual = balance(&world, courier, "annual", "2026-06-17").await;
    assert_eq!(
        (&annual["carried_days"], &annual["left_days"]),
        (&json!("4.00"), &json!("25.00"))
    );
    // Twenty-five days are left: so many are granted, and one more is refused with what is left.
    let long = leave(courier, "annual", "2026-07-01", "2026-07-26");
    let refused = world.refused(&LEAVES, &long).await;
    assert_eq!(
        (refused.code, refused.params[0].clone()),
        ("leave_balance_short", ("left", "25".to_owned()))
    );
    approved(&world, &leave(courier, "annual", "2026-07-01", "2026-07-25")).await;
    let annual = balance(&world, courier, "annual", "2026-06-17").await;
    assert_eq!(
        (&annual["booked_days"], &annual["left_days"]),
        (&json!("25.00"), &json!("0.00"))
    );
}

#[tokio::test]
async fn hajj_is_once_and_after_two_years_and_the_sick_year_begins_with_its_first_day() {
    let world = World::new().await;
    let young = world.courier("young", "2025-01-01", "Saudi").await;
    let hajj = leave(young, "hajj", "2026-05-20", "2026-05-31");
    assert_eq!(world.refused(&LEAVES, &hajj).await.code, "too_early");
    let old = world.courier("old", "2020-01-01", "Saudi").await;
    approved(&world, &leave(old, "hajj", "2024-06-10", "2024-06-21")).await;
    assert_eq!(
        world
            .refused(&LEAVES, &leave(old, "hajj", "2026-05-20", "2026-05-22"))
            .await
            .code,
        "once_only"
    );

    approved(&world, &leave(old, "sick", "2025-11-01", "2025-12-05")).await;
    approved(&world, &leave(old, "sick", "2026-02-01", "2026-03-31")).await;
    let all = world
        .call("hr.leaves.balances", &format!("courier_id={old}&on=2026-06-17"), "")
        .await
        .unwrap();
    let parts: Vec<String> = all["sick_days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            format!(
                "{} {} {}",
                part["from"].as_str().unwrap(),
                part["until"].as_str().unwrap(),
                part["paid_percent"].as_str().unwrap()
            )
        })
        .collect();
    // Thirty days in full and sixty at three quarters, of which 55 lie in 2026; Eid al-Fitr is paid in full.
    let expected = [
        "2025-11-01 2025-11-30 100.00",
        "2025-12-01 2025-12-05 75.00",
        "2026-02-01 2026-03-18 75.00",
        "2026-03-19 2026-03-22 100.00",
        "2026-03-23 2026-03-27 75.00",
        "2026-03-28 2026-03-31 0.00",
    ];
    assert_eq!(parts, expected);
    let over = leave(old, "sick", "2026-06-01", "2026-07-01");
    assert_eq!(world.refused(&LEAVES, &over).await.code, "leave_balance_short");
}
