//! Who is planned when, and what a plan may not do.

use hr::{LEAVES, ROSTER_ENTRIES, WORK_SHIFTS};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

async fn shift(world: &World, name: &str, starts_at: &str, ends_at: &str) -> Uuid {
    let row = json!({"name": name, "starts_at": starts_at, "ends_at": ends_at, "break_minutes": 60});
    world.create(&WORK_SHIFTS, &row).await
}

fn plan(courier: Uuid, day: &str, shift: Uuid) -> Json {
    json!({"courier_id": courier, "day": day, "shift_id": shift})
}

#[tokio::test]
async fn a_week_is_planned_and_seen() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    world.courier("B", "2024-01-01", "Saudi").await;
    let day = shift(&world, "Day", "08:00", "17:00").await;
    for on in ["2026-06-21", "2026-06-22"] {
        world.create(&ROSTER_ENTRIES, &plan(courier, on, day)).await;
    }
    let seen = world
        .call("hr.roster_entries.roster", "from=2026-06-21&to=2026-06-27", "")
        .await
        .unwrap();
    let rows = seen["data"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["planned_minutes"]), (2, &json!(960)));
    assert_eq!(
        (&rows[0]["entries"][0]["starts_at"], &rows[0]["entries"][0]["minutes"]),
        (&json!("08:00"), &json!(480))
    );
    // A shift that changes later does not change what was planned.
    let mut cx = world.cx(platform_core::Mode::Write).await;
    let other = json!({"starts_at": "10:00"}).as_object().cloned().unwrap();
    platform_engine::change(&mut cx, &WORK_SHIFTS, day, "update", other)
        .await
        .unwrap();
    cx.commit().await.unwrap();
    let seen = world
        .call("hr.roster_entries.roster", "from=2026-06-21&to=2026-06-27", "")
        .await
        .unwrap();
    assert_eq!(seen["data"][0]["entries"][0]["starts_at"], "08:00");
    let long = world
        .call("hr.roster_entries.roster", "from=2026-06-01&to=2026-07-02", "")
        .await
        .unwrap_err();
    assert_eq!(long.errors[0].code, "roster_too_long");
}

#[tokio::test]
async fn what_overlaps_or_leaves_too_little_rest_is_refused() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let night = shift(&world, "Night", "22:00", "06:00").await;
    let early = shift(&world, "Early", "05:00", "13:00").await;
    let late = shift(&world, "Late", "14:00", "22:00").await;
    let long = shift(&world, "Long", "08:00", "20:00").await;
    world.create(&ROSTER_ENTRIES, &plan(courier, "2026-06-21", night)).await;
    let refused = world
        .refused(&ROSTER_ENTRIES, &plan(courier, "2026-06-22", early))
        .await;
    assert_eq!((refused.code, &*refused.params[0].1), ("shift_overlaps", "2026-06-21"));
    // Eight hours after a night: twelve are needed.
    let refused = world.refused(&ROSTER_ENTRIES, &plan(courier, "2026-06-22", late)).await;
    let said: Vec<&str> = refused.params.iter().map(|(_, value)| &**value).collect();
    assert_eq!(
        (refused.code, said[0], said[2], said[3]),
        ("plan_against_law", "2026-06-22", "12:00", "8:00")
    );
    // Twelve hours with one of break are eleven: more than ten.
    let refused = world.refused(&ROSTER_ENTRIES, &plan(courier, "2026-06-25", long)).await;
    assert_eq!((refused.code, &*refused.params[3].1), ("plan_against_law", "11:00"));
    world.create(&ROSTER_ENTRIES, &plan(courier, "2026-06-23", late)).await;
}

#[tokio::test]
async fn nobody_is_planned_seven_days_in_a_row_or_in_his_leave() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let day = shift(&world, "Day", "08:00", "16:00").await;
    for on in 21..=26 {
        world
            .create(&ROSTER_ENTRIES, &plan(courier, &format!("2026-06-{on}"), day))
            .await;
    }
    for on in ["2026-06-27", "2026-06-20"] {
        assert_eq!(
            world.refused(&ROSTER_ENTRIES, &plan(courier, on, day)).await.code,
            "no_day_of_rest"
        );
    }
    let leave =
        json!({"courier_id": courier, "leave_type": "annual", "starts_on": "2026-06-25", "ends_on": "2026-06-30"});
    let leave = world.create(&LEAVES, &leave).await;
    world.act(&LEAVES, leave, "approve", &json!({})).await.unwrap();
    let planned = "SELECT string_agg(extract(day from day)::text, ' ' ORDER BY day) FROM hr.roster_entries
        WHERE organization_id = $1 AND deleted_at IS NULL";
    assert_eq!(world.text(planned).await, "21 22 23 24");
    let refused = world.refused(&ROSTER_ENTRIES, &plan(courier, "2026-06-28", day)).await;
    assert_eq!((refused.code, &*refused.params[0].1), ("on_leave_then", "2026-06-28"));
}
