//! Checking in where one stands: places, doubtful positions, nights, and the hours that come of it.

use hr::{ATTENDANCE, ROSTER_ENTRIES, WORK_PLACES, WORK_SHIFTS};
use platform_resource::Scope;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

async fn hub(world: &World) -> Uuid {
    let far = json!({"name": "Depot", "latitude": "24.8000000", "longitude": "46.7000000", "radius_m": 300});
    world.create(&WORK_PLACES, &far).await;
    let hub = json!({"name": "Hub", "latitude": "24.7136000", "longitude": "46.6753000", "radius_m": 150, "accuracy_limit_m": 50});
    world.create(&WORK_PLACES, &hub).await
}

fn at(courier: Uuid, latitude: &str, accuracy_m: u32, is_mock: bool) -> String {
    json!({"courier_id": courier, "latitude": latitude, "longitude": "46.6753", "accuracy_m": accuracy_m,
           "is_mock_location": is_mock})
    .to_string()
}

#[tokio::test]
async fn a_place_takes_the_check_in_and_outside_is_refused_with_the_distance() {
    let world = World::new().await;
    let place = hub(&world).await;
    let courier = world.courier("A", "2024-01-01", "Pakistani").await;
    let away = world
        .call("hr.attendance.arrive", "", &at(courier, "24.7163", 10, false))
        .await
        .unwrap_err();
    assert_eq!(away.code, "outside_places");
    let said: Vec<(&str, &str)> = away.params.iter().map(|(name, value)| (*name, &**value)).collect();
    assert_eq!(said, [("distance", "300"), ("place", "Hub"), ("radius", "150")]);

    let day = world
        .call("hr.attendance.arrive", "", &at(courier, "24.7140", 10, false))
        .await
        .unwrap();
    assert_eq!(
        (&day["place"]["id"], &day["place"]["distance_m"]),
        (&json!(place), &json!(44))
    );
    assert_eq!(
        (&day["doubt"], &day["waits_for_review"]),
        (&json!("none"), &json!(false))
    );
    let nowhere = json!({"courier_id": courier, "latitude": "91", "longitude": "46"}).to_string();
    let refused = world.call("hr.attendance.leave", "", &nowhere).await.unwrap_err();
    assert_eq!(
        (&*refused.errors[0].field, refused.errors[0].code),
        ("latitude", "not_on_the_globe")
    );
}

#[tokio::test]
async fn an_invented_or_uncertain_position_waits_for_somebody_to_look() {
    let world = World::new().await;
    hub(&world).await;
    let (mock, vague) = (
        world.courier("mock", "2024-01-01", "Saudi").await,
        world.courier("vague", "2024-01-01", "Saudi").await,
    );
    let day = world
        .call("hr.attendance.arrive", "", &at(mock, "24.7136", 5, true))
        .await
        .unwrap();
    assert_eq!(
        (&day["doubt"], &day["waits_for_review"]),
        (&json!("mock_location"), &json!(true))
    );
    let other = world
        .call("hr.attendance.arrive", "", &at(vague, "24.7136", 51, false))
        .await
        .unwrap();
    assert_eq!(other["doubt"], "inaccurate");
    let board = world
        .call("hr.attendance.board", "on=2026-06-17&status=waiting", "")
        .await
        .unwrap();
    assert_eq!(
        (board["data"].as_array().unwrap().len(), &board["counts"]["waiting"]),
        (2, &json!(2))
    );
    // Unseen hours are not counted; a dismissed position makes the day an absence.
    world
        .call(
            "hr.attendance.leave",
            "",
            &json!({"courier_id": mock, "time": "20:00"}).to_string(),
        )
        .await
        .unwrap();
    let query = format!("courier_id={mock}&from=2026-06-17&to=2026-06-17");
    let hours = world.call("hr.attendance.working_time", &query, "").await.unwrap();
    assert_eq!(
        (&hours["worked_minutes"], &hours["open_days"]),
        (&json!(0), &json!(["2026-06-17"]))
    );
    let id: Uuid = day["id"].as_str().unwrap().parse().unwrap();
    let gone = world
        .act(&ATTENDANCE, id, "dismiss_location", &json!({}))
        .await
        .unwrap();
    assert!(gone.is("status", "absent") && !gone.has("check_in"));
    let id: Uuid = other["id"].as_str().unwrap().parse().unwrap();
    world
        .act(&ATTENDANCE, id, "confirm_location", &json!({}))
        .await
        .unwrap();
    let board = world.call("hr.attendance.board", "on=2026-06-17", "").await.unwrap();
    let counts = &board["counts"];
    assert_eq!(
        (&counts["present"], &counts["absent"], &counts["waiting"]),
        (&json!(1), &json!(1), &json!(0))
    );
}

/// Now is noon in Riyadh, 09:00 in UTC.
#[tokio::test]
async fn a_moment_that_was_not_sent_at_once_is_doubtful_and_bounded() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let told = |at: &str| json!({"courier_id": courier, "at": at}).to_string();
    let future = world
        .call("hr.attendance.arrive", "", &told("2026-06-17T09:03:00Z"))
        .await
        .unwrap_err();
    assert_eq!(future.errors[0].code, "in_the_future");
    let old = world
        .call("hr.attendance.arrive", "", &told("2026-06-16T08:59:00Z"))
        .await
        .unwrap_err();
    assert_eq!(old.errors[0].code, "too_long_ago");
    let day = world
        .call("hr.attendance.arrive", "", &told("2026-06-17T05:00:00Z"))
        .await
        .unwrap();
    assert_eq!(
        (&day["check_in"], &day["doubt"]),
        (&json!("08:00"), &json!("late_report"))
    );
}

async fn night(world: &World) -> (Uuid, Uuid) {
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let shift = json!({"name": "Night", "starts_at": "22:00", "ends_at": "06:00", "break_minutes": 30});
    (courier, world.create(&WORK_SHIFTS, &shift).await)
}

/// A night of the last day of May is May's, though both ends were recorded in June.
#[tokio::test]
async fn a_night_belongs_to_the_day_on_which_its_shift_began() {
    let world = World::new().await;
    let (courier, shift) = night(&world).await;
    let entry = json!({"courier_id": courier, "day": "2026-06-16", "shift_id": shift});
    world.create(&ROSTER_ENTRIES, &entry).await;
    let told = |at: &str| json!({"courier_id": courier, "at": at}).to_string();
    // 00:10 in Riyadh on the 17th.
    let day = world
        .call("hr.attendance.arrive", "", &told("2026-06-16T21:10:00Z"))
        .await
        .unwrap();
    assert_eq!(
        (&day["day"], &day["check_in"], &day["shift_starts_at"], &day["status"]),
        (&json!("2026-06-16"), &json!("00:10"), &json!("22:00"), &json!("late"))
    );
    let day = world
        .call("hr.attendance.leave", "", &told("2026-06-17T03:10:00Z"))
        .await
        .unwrap();
    assert_eq!(
        (&day["day"], &day["worked_minutes"]),
        (&json!("2026-06-16"), &json!(360))
    );
    // Both were reported hours later: somebody looks before they count.
    let id: Uuid = day["id"].as_str().unwrap().parse().unwrap();
    world
        .act(&ATTENDANCE, id, "confirm_location", &json!({}))
        .await
        .unwrap();
    for (on, came, went) in [("2026-05-31", "22:00", "07:30"), ("2026-06-05", "09:00", "12:00")] {
        let row = json!({"courier_id": courier, "day": on, "status": "present", "check_in": came, "check_out": went, "break_minutes": 30});
        world.create(&ATTENDANCE, &row).await;
    }
    let query = format!("courier_id={courier}&from=2026-05-25&to=2026-06-30");
    let hours = world.call("hr.attendance.working_time", &query, "").await.unwrap();
    let days: Vec<(String, i64, i64, i64)> = hours["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| {
            let number = |name: &str| day[name].as_i64().unwrap();
            (
                day["day"].as_str().unwrap().to_owned(),
                number("worked_minutes"),
                number("overtime_minutes"),
                number("night_minutes"),
            )
        })
        .collect();
    // Nine hours of a night are one of overtime; 5 June is a Friday, all of it overtime.
    let expected = [
        ("2026-05-31", 540, 60, 390),
        ("2026-06-05", 150, 150, 0),
        ("2026-06-16", 360, 0, 350),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(day, worked, over, night)| (day.to_owned(), worked, over, night))
        .collect();
    assert_eq!(days, expected);
    // 3.5 hours: 3.5 × (3,750 + half of 3,000) / 240.
    assert_eq!(
        (&hours["overtime_minutes"], &hours["overtime_pay"]),
        (&json!(210), &json!("76.56"))
    );
}

#[tokio::test]
async fn a_forgotten_check_out_is_not_closed_by_the_next_day() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let row = json!({"courier_id": courier, "day": "2026-06-16", "status": "present", "check_in": "08:00"});
    world.create(&ATTENDANCE, &row).await;
    let refused: Json = {
        let problem = world
            .call("hr.attendance.leave", "", &json!({"courier_id": courier}).to_string())
            .await
            .unwrap_err();
        json!([problem.code, problem.params[0].1])
    };
    assert_eq!(refused, json!(["check_out_forgotten", "2026-06-16"]));
}

const MEMBER: &str =
    "INSERT INTO platform.members (organization_id, user_id, membership, full_name, email, created_at, updated_at)
    VALUES ($1, $2, 'viewer', 'Member', $2::text || '@example.test', now(), now())";
const IS: &str = "UPDATE fleet.couriers SET member_id = $3 WHERE organization_id = $1 AND id = $2";

#[tokio::test]
async fn a_courier_checks_himself_in_where_he_stands_and_nobody_else() {
    let world = World::new().await;
    hub(&world).await;
    let (courier, other) = (
        world.courier("A", "2024-01-01", "Saudi").await,
        world.courier("B", "2024-01-01", "Saudi").await,
    );
    let (user, viewer) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for id in [user, viewer] {
        world.store(MEMBER, &[id]).await;
    }
    world.store(IS, &[courier, user]).await;
    let own = [("attendance.read", Scope::Own)];
    let arrive = async |who: Uuid, held: &[(&str, Scope)], body: Json| {
        world
            .call_as(who, held, "hr.attendance.arrive", "", &body.to_string())
            .await
    };
    let refused = arrive(user, &own, json!({})).await.unwrap_err();
    assert_eq!(
        (&*refused.errors[0].field, refused.errors[0].code),
        ("latitude", "required")
    );
    let position = json!({"latitude": "24.71361234567", "longitude": "46.6753", "accuracy_m": 8});
    let with = |more: Json| {
        let mut body = position.clone();
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        body
    };
    let chosen = arrive(user, &own, with(json!({"time": "08:00"}))).await.unwrap_err();
    assert_eq!(
        (&*chosen.errors[0].field, chosen.errors[0].code),
        ("time", "not_of_oneself")
    );
    let theirs = arrive(user, &own, with(json!({"courier_id": other})))
        .await
        .unwrap_err();
    assert_eq!(theirs.code, "not_found");
    let reader = [("attendance.read", Scope::All)];
    let not_a_courier = arrive(viewer, &reader, with(json!({"courier_id": other})))
        .await
        .unwrap_err();
    assert_eq!(not_a_courier.errors[0].code, "required");
    let day = arrive(user, &own, position.clone()).await.unwrap();
    assert_eq!(
        (&day["courier_id"], &day["check_in"]),
        (&json!(courier), &json!("12:00"))
    );
    let again = arrive(user, &own, position.clone()).await.unwrap_err();
    assert_eq!(again.code, "already_checked_in");
    // Nothing of another's either.
    let query = format!("courier_id={other}&from=2026-06-17&to=2026-06-17");
    let hours = world
        .call_as(user, &own, "hr.attendance.working_time", &query, "")
        .await
        .unwrap_err();
    assert_eq!(hours.code, "not_found");
    let plan = [("roster_entries.read", Scope::Own)];
    let roster = "from=2026-06-14&to=2026-06-20";
    let seen = world
        .call_as(user, &plan, "hr.roster_entries.roster", roster, "")
        .await
        .unwrap();
    assert_eq!(
        (seen["data"].as_array().unwrap().len(), &seen["data"][0]["courier_id"]),
        (1, &json!(courier))
    );
    let named = format!("{roster}&courier_id={other}");
    let refused = world
        .call_as(user, &plan, "hr.roster_entries.roster", &named, "")
        .await
        .unwrap_err();
    assert_eq!(refused.code, "not_found");
}
