//! The last day: what is settled, what it waits for, and what it settles.

use hr::{ASSETS, BONUSES, FINAL_SETTLEMENTS, LEAVES, LOANS, PENALTIES};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::World;

const PAID_OUT: &str =
    "SELECT string_agg(kind || ' ' || trim_scale(days), ', ') FROM hr.leave_entries WHERE organization_id = $1";
const LEDGER: &str =
    "SELECT string_agg(method || ' ' || amount, ', ') FROM hr.loan_payments WHERE organization_id = $1";

async fn prepared(world: &World, courier: Uuid, more: Json) -> Json {
    let mut body = json!({"courier_id": courier, "reason": "resignation", "last_day": "2026-06-30"});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    world
        .call("hr.final_settlements.prepare", "", &body.to_string())
        .await
        .unwrap()
}

/// Joined on 1 July 2022, leaves on 30 June 2026 after four years: two wages of 3,750 and a third of them, 2,500. Half a year has
/// earned 10.41 days of 21, at 100 a day. Thirty days of notice are due; ten were given.
#[tokio::test]
async fn a_settlement_waits_for_assets_and_settles_loans_and_leave() {
    let world = World::new().await;
    let courier = world.courier("A", "2022-07-01", "Pakistani").await;
    let asset = world
        .create(&ASSETS, &json!({"name": "Phone", "asset_type": "phone"}))
        .await;
    world
        .act(&ASSETS, asset, "assign", &json!({"courier_id": courier}))
        .await
        .unwrap();
    let loan = json!({"courier_id": courier, "loan_type": "personal", "amount": "600.00", "monthly_deduction": "200.00",
                      "starts_on": "2026-05-01"});
    let loan = world.create(&LOANS, &loan).await;
    world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();

    let settlement = prepared(&world, courier, json!({"notice_days": 10})).await;
    let figures = &settlement["figures"];
    let of = |name: &str| figures[name].as_str().unwrap().to_owned();
    assert_eq!(
        ["award", "unused_leave_days", "unused_leave", "notice", "loans", "net"].map(of),
        ["2500.00", "10.41", "1041.00", "-2500.00", "600.00", "441.00"]
    );
    assert_eq!(
        (&figures["notice_required_days"], &figures["settle_by"]),
        (&json!(30), &json!("2026-07-14"))
    );
    assert_eq!(figures["open_assets"][0]["name"], "Phone");
    let again = json!({"courier_id": courier, "reason": "resignation"}).to_string();
    let twice = world
        .call("hr.final_settlements.prepare", "", &again)
        .await
        .unwrap_err();
    assert_eq!(twice.errors[0].code, "taken");

    let id: Uuid = settlement["id"].as_str().unwrap().parse().unwrap();
    let waits = world
        .act(&FINAL_SETTLEMENTS, id, "approve", &json!({}))
        .await
        .unwrap_err();
    assert_eq!((waits.code, &*waits.params[0].1), ("assets_open", "Phone"));
    world.act(&ASSETS, asset, "give_back", &json!({})).await.unwrap();
    let early = world.act(&FINAL_SETTLEMENTS, id, "pay", &json!({})).await.unwrap_err();
    assert_eq!(early.code, "not_in_state");
    world.act(&FINAL_SETTLEMENTS, id, "approve", &json!({})).await.unwrap();
    world
        .act(&FINAL_SETTLEMENTS, id, "pay", &json!({"paid_on": "2026-07-02"}))
        .await
        .unwrap();
    assert!(world.load(&LOANS, loan).await.is("status", "completed"));
    assert_eq!(
        (world.text(LEDGER).await, world.text(PAID_OUT).await),
        ("settlement 60000".into(), "paid_out -10.41".into())
    );
}

/// Fifty days without pay are thirty more than count as service, and a settlement that was overtaken is not approved.
#[tokio::test]
async fn unpaid_leave_beyond_twenty_days_is_no_service_and_what_changed_is_prepared_again() {
    let world = World::new().await;
    let courier = world.courier("A", "2022-07-01", "Pakistani").await;
    let leave =
        json!({"courier_id": courier, "leave_type": "unpaid", "starts_on": "2025-02-01", "ends_on": "2025-03-22"});
    let leave = world.create(&LEAVES, &leave).await;
    world.act(&LEAVES, leave, "approve", &json!({})).await.unwrap();
    let settlement = prepared(&world, courier, json!({})).await;
    let figures = &settlement["figures"];
    // Three years and eleven months: 3,750 × ½ × 3.9167, and a third of it.
    assert_eq!(
        (&figures["suspended_days"], &figures["award"]),
        (&json!(30), &json!("2447.92"))
    );
    assert_eq!(figures["notice_required_days"], Json::Null);
    let loan = json!({"courier_id": courier, "loan_type": "personal", "amount": "600.00", "monthly_deduction": "200.00",
                      "starts_on": "2026-05-01"});
    let loan = world.create(&LOANS, &loan).await;
    world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();
    let id: Uuid = settlement["id"].as_str().unwrap().parse().unwrap();
    let outdated = world
        .act(&FINAL_SETTLEMENTS, id, "approve", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(outdated.code, "settlement_outdated");
    world
        .act(
            &FINAL_SETTLEMENTS,
            id,
            "cancel",
            &json!({"cancel_reason": "A loan was granted"}),
        )
        .await
        .unwrap();
    let fresh = prepared(&world, courier, json!({})).await;
    assert_eq!(fresh["figures"]["loans"], "600.00");
}

/// Today is 17 June 2026.
#[tokio::test]
async fn penalties_come_in_time_or_not_at_all() {
    let world = World::new().await;
    let courier = world.courier("A", "2024-01-01", "Saudi").await;
    let penalty = |discovered: &str| {
        json!({"courier_id": courier, "penalty_type": "misconduct", "amount": "50.00", "reason": "Shouted at a customer",
               "incident_on": "2026-05-01", "discovered_on": discovered})
    };
    let late = world.create(&PENALTIES, &penalty("2026-05-17")).await;
    let refused = world.act(&PENALTIES, late, "approve", &json!({})).await.unwrap_err();
    assert_eq!(refused.code, "charged_too_late");
    let timely = world.create(&PENALTIES, &penalty("2026-05-18")).await;
    let old = world
        .act(&PENALTIES, timely, "approve", &json!({"investigated_on": "2026-05-17"}))
        .await
        .unwrap_err();
    assert_eq!(old.code, "decided_too_late");
    let row = world
        .act(&PENALTIES, timely, "approve", &json!({"investigated_on": "2026-06-10"}))
        .await
        .unwrap();
    assert_eq!(
        (row.text("charged_on"), row.text("status")),
        (Some("2026-06-17"), Some("approved"))
    );
    let early = world.refused(&PENALTIES, &penalty("2026-04-30")).await;
    assert_eq!(early.errors[0].code, "before_start");
    let bonus = json!({"courier_id": courier, "bonus_type": "special", "amount": "1.00", "granted_on": "2026-06-01"});
    let bonus = world.create(&BONUSES, &bonus).await;
    world.act(&BONUSES, bonus, "approve", &json!({})).await.unwrap();
}
