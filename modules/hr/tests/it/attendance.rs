//! Coming, going, and not coming.

use hr::{ATTENDANCE, LEAVES, PUBLIC_HOLIDAYS};
use platform_core::Mode;
use serde_json::json;

use crate::world::World;

const ROWS: &str = "SELECT string_agg(day || ' ' || status, ', ' ORDER BY day, status) FROM hr.attendance
    WHERE organization_id = $1 AND deleted_at IS NULL";

#[tokio::test]
async fn a_check_in_makes_the_row_of_the_day_and_a_check_out_counts_minutes() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let body =
        json!({"courier_id": courier, "time": "08:20", "shift_starts_at": "08:00", "lat": "24.7136"}).to_string();
    let day = world.call("hr.attendance.arrive", "", &body).await.unwrap();
    assert_eq!((&day["status"], &day["day"]), (&json!("late"), &json!("2026-06-17")));
    let again = world.call("hr.attendance.arrive", "", &body).await.unwrap_err();
    assert_eq!(again.code, "already_checked_in");

    let out = json!({"courier_id": courier, "time": "16:50"}).to_string();
    let day = world.call("hr.attendance.leave", "", &out).await.unwrap();
    assert_eq!(day["worked_minutes"], 510);
    let nothing_open = world.call("hr.attendance.leave", "", &out).await.unwrap_err();
    assert_eq!(nothing_open.code, "not_checked_in");
    let summary = world.call("hr.attendance.summary", "", "").await.unwrap();
    assert_eq!(summary["data"][0]["worked_minutes"], 510);
    assert_eq!(summary["data"][0]["rate_percent"], "100.00");
}

/// A shift of last night is open this morning.
#[tokio::test]
async fn a_night_shift_is_checked_out_the_next_day() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let night = json!({"courier_id": courier, "day": "2026-06-16", "status": "present", "check_in": "22:00"});
    world.create(&ATTENDANCE, &night).await;
    let body = json!({"courier_id": courier, "time": "06:15"}).to_string();
    let day = world.call("hr.attendance.leave", "", &body).await.unwrap();
    assert_eq!(
        (&day["day"], &day["worked_minutes"]),
        (&json!("2026-06-16"), &json!(495))
    );
}

/// Yesterday was a Tuesday. One came, one is on leave, one joined today, one did not come.
#[tokio::test]
async fn who_did_not_come_was_absent_once() {
    let world = World::new().await;
    let came = world.courier("came", "2024-01-01", "Pakistani").await;
    let away = world.courier("away", "2024-01-01", "Pakistani").await;
    world.courier("new", "2026-06-17", "Pakistani").await;
    world.courier("missing", "2024-01-01", "Pakistani").await;
    world
        .create(&ATTENDANCE, &json!({"courier_id": came, "day": "2026-06-16"}))
        .await;
    let leave = json!({"courier_id": away, "leave_type": "annual", "starts_on": "2026-06-16", "ends_on": "2026-06-16"});
    let leave = world.create(&LEAVES, &leave).await;
    world.act(&LEAVES, leave, "approve", &json!({})).await.unwrap();
    for _ in 0..2 {
        world.run("hr.attendance").await;
    }
    assert_eq!(
        world.text(ROWS).await,
        "2026-06-16 absent, 2026-06-16 on_leave, 2026-06-16 present"
    );
}

#[tokio::test]
async fn nobody_is_absent_on_a_holiday() {
    let world = World::new().await;
    world.courier("missing", "2024-01-01", "Pakistani").await;
    let holiday = json!({"name": "Eid", "kind": "eid_al_adha", "starts_on": "2026-06-15", "ends_on": "2026-06-18"});
    world.create(&PUBLIC_HOLIDAYS, &holiday).await;
    world.run("hr.attendance").await;
    assert_eq!(world.text(ROWS).await, "");
    world.cx(Mode::Read).await.rollback().await.unwrap();
}
