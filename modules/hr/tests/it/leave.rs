//! Leave: what approval does, refuses and undoes.

use hr::{ATTENDANCE, LEAVES};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

const ROWS: &str = "SELECT string_agg(extract(day from day) || ' ' || status, ', ' ORDER BY day) FROM hr.attendance
    WHERE organization_id = $1 AND deleted_at IS NULL";

fn leave(courier: Uuid, kind: &str, starts_on: &str, ends_on: &str) -> Json {
    json!({"courier_id": courier, "leave_type": kind, "starts_on": starts_on, "ends_on": ends_on})
}

#[tokio::test]
async fn approval_marks_the_days_and_calling_off_frees_those_to_come() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let absent = json!({"courier_id": courier, "day": "2026-06-15", "status": "absent"});
    world.create(&ATTENDANCE, &absent).await;
    let id = world
        .create(&LEAVES, &leave(courier, "annual", "2026-06-15", "2026-06-19"))
        .await;
    let approved = world.act(&LEAVES, id, "approve", &json!({})).await.unwrap();
    assert_eq!(approved.integer("days"), Some(5));
    assert_eq!(
        world.text(ROWS).await,
        "15 on_leave, 16 on_leave, 17 on_leave, 18 on_leave, 19 on_leave"
    );

    let other = world
        .create(&LEAVES, &leave(courier, "sick", "2026-06-19", "2026-06-20"))
        .await;
    let refused = world.act(&LEAVES, other, "approve", &json!({})).await.unwrap_err();
    assert_eq!(refused.code, "leave_overlaps");
    assert!(
        world.load(&LEAVES, other).await.is("status", "pending"),
        "a refused effect undoes its cause"
    );

    world.act(&LEAVES, id, "cancel", &json!({})).await.unwrap();
    assert_eq!(world.text(ROWS).await, "15 on_leave, 16 on_leave");
    world.act(&LEAVES, other, "approve", &json!({})).await.unwrap();
}

#[tokio::test]
async fn nobody_gets_more_than_is_left_or_leave_for_days_he_worked() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let long = leave(courier, "annual", "2026-07-01", "2026-07-22");
    assert_eq!(world.refused(&LEAVES, &long).await.code, "leave_balance_short");
    // Two requests for the same days are both asked for in time; one of them can be granted.
    let more = world
        .create(&LEAVES, &leave(courier, "annual", "2026-08-01", "2026-08-01"))
        .await;
    let whole = world
        .create(&LEAVES, &leave(courier, "annual", "2026-07-01", "2026-07-21"))
        .await;
    world.act(&LEAVES, whole, "approve", &json!({})).await.unwrap();
    let one_day = leave(courier, "annual", "2026-09-01", "2026-09-01");
    assert_eq!(world.refused(&LEAVES, &one_day).await.code, "leave_balance_short");
    assert_eq!(
        world.act(&LEAVES, more, "approve", &json!({})).await.unwrap_err().code,
        "leave_balance_short"
    );

    let worked = json!({"courier_id": courier, "day": "2026-06-10", "status": "present"});
    world.create(&ATTENDANCE, &worked).await;
    let past = world
        .create(&LEAVES, &leave(courier, "unpaid", "2026-06-09", "2026-06-11"))
        .await;
    assert_eq!(
        world.act(&LEAVES, past, "approve", &json!({})).await.unwrap_err().code,
        "worked_in_leave"
    );

    let balances = world
        .call("hr.leaves.balances", &format!("courier_id={courier}&on=2026-12-31"), "")
        .await
        .unwrap();
    let annual = balances["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["leave_type"] == "annual")
        .unwrap();
    assert_eq!(
        (&annual["entitled_days"], &annual["taken_days"], &annual["left_days"]),
        (&json!("21.00"), &json!("21.00"), &json!("0.00"))
    );
}

#[tokio::test]
async fn leave_ends_by_the_clock_once() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let id = world
        .create(&LEAVES, &leave(courier, "annual", "2026-06-14", "2026-06-16"))
        .await;
    world.act(&LEAVES, id, "approve", &json!({})).await.unwrap();
    for _ in 0..2 {
        world.run("hr.leave_end").await;
    }
    let over = world.load(&LEAVES, id).await;
    assert!(over.is("status", "completed"));
    assert_eq!(
        (over.text("returned_on"), over.integer("version")),
        (Some("2026-06-17"), Some(3))
    );
    assert_eq!(world.text(ROWS).await, "14 on_leave, 15 on_leave, 16 on_leave");
}

#[tokio::test]
async fn leave_begins_by_the_clock_once() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let due = world
        .create(&LEAVES, &leave(courier, "annual", "2026-06-17", "2026-06-18"))
        .await;
    let later = world
        .create(&LEAVES, &leave(courier, "annual", "2026-06-20", "2026-06-21"))
        .await;
    for id in [due, later] {
        world.act(&LEAVES, id, "approve", &json!({})).await.unwrap();
    }
    for _ in 0..2 {
        world.run("hr.leave_start").await;
    }
    let began = world.load(&LEAVES, due).await;
    assert_eq!(
        (began.text("began_on"), began.integer("version")),
        (Some("2026-06-17"), Some(3))
    );
    assert!(!world.load(&LEAVES, later).await.has("began_on"));
}
