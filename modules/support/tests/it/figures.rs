//! Figures of support follow the rows.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use support::{PRODUCT_FEEDBACKS, TICKETS};
use uuid::Uuid;

use crate::world::{World, at, refused};

async fn resolved(world: &World, opened: DateTime<Utc>, hours: i64, priority: &str, sla_hours: i64) -> Uuid {
    let row = json!({"subject": "S", "description": "D", "category": "it", "priority": priority});
    let ticket = world.create(opened, &TICKETS, row).await;
    world
        .act(opened, &TICKETS, ticket, "set_sla", json!({"sla_hours": sla_hours}))
        .await
        .unwrap();
    world
        .act(opened, &TICKETS, ticket, "assign", json!({"assigned_to": world.agent}))
        .await
        .unwrap();
    let answered = opened + TimeDelta::minutes(10 * hours);
    world
        .call_at(
            answered,
            world.agent,
            "support.tickets.reply",
            ticket,
            "",
            json!({"message": "On it"}),
        )
        .await
        .unwrap();
    let done = opened + TimeDelta::hours(hours);
    world
        .act(done, &TICKETS, ticket, "resolve", json!({"resolution": "R"}))
        .await
        .unwrap();
    ticket
}

#[tokio::test]
async fn how_fast_and_within_which_deadline() {
    let world = World::new().await;
    // Two hours and four: mean 3, median 3 (the middle of both, not the upper one).
    let first = resolved(&world, at("06:00"), 2, "high", 3).await;
    resolved(&world, at("06:00"), 4, "high", 3).await;
    let speeds = world.get("support.analytics.response_times", "").await.unwrap();
    assert_eq!(speeds["all"]["resolution_mean_hours"], "3.00");
    assert_eq!(speeds["all"]["resolution_median_hours"], "3.00");
    assert_eq!(speeds["all"]["first_response_median_minutes"], "30.00");
    assert_eq!(speeds["by_priority"]["high"]["resolved"], 2);

    // One within three hours, one not.
    let sla = world.get("support.analytics.sla", "").await.unwrap();
    assert_eq!(
        sla["all"],
        json!({"with_deadline": 2, "breached": 1, "compliance_percent": "50.00"})
    );
    resolved(&world, at("06:00"), 9, "low", 24).await;
    resolved(&world, at("06:00"), 1, "low", 24).await;
    let sla = world.get("support.analytics.sla", "").await.unwrap();
    assert_eq!(sla["all"]["compliance_percent"], "75.00");
    assert_eq!(sla["by_priority"]["low"]["compliance_percent"], "100.00");
    let speeds = world.get("support.analytics.response_times", "").await.unwrap();
    // 1, 2, 4 and 9 hours.
    assert_eq!(speeds["all"]["resolution_mean_hours"], "4.00");
    assert_eq!(speeds["all"]["resolution_median_hours"], "3.00");

    world
        .act(at("11:00"), &TICKETS, first, "rate", json!({"satisfaction_rating": 4}))
        .await
        .unwrap();
    let agents = world.get("support.analytics.agents", "").await.unwrap();
    let agent = &agents["data"][0];
    assert_eq!(
        (&agent["name"], &agent["assigned"], &agent["resolved"]),
        (&json!("Agent"), &json!(4), &json!(4))
    );
    assert_eq!((&agent["rating_mean"], &agent["breached"]), (&json!("4.00"), &json!(1)));

    let counts = world.get("support.analytics.tickets", "").await.unwrap();
    assert_eq!(
        (&counts["total"], &counts["settled_percent"]),
        (&json!(4), &json!("100.00"))
    );
    assert_eq!(counts["by_priority"], json!({"high": 2, "low": 2}));
    let trend = world
        .get("support.analytics.trends", "from=2026-06-14&to=2026-06-15")
        .await
        .unwrap();
    let days = [
        json!({"day": "2026-06-14", "created": 0, "resolved": 0}),
        json!({"day": "2026-06-15", "created": 4, "resolved": 4}),
    ];
    assert_eq!(trend["data"], json!(days));
    let none = world.get("support.analytics.tickets", "to=2026-06-14").await.unwrap();
    assert_eq!((&none["total"], &none["settled_percent"]), (&json!(0), &Json::Null));
}

#[tokio::test]
async fn how_content_people_are() {
    let world = World::new().await;
    for rating in [5, 4, 4, 2, 1] {
        let row = json!({"subject": "S", "message": "M", "rating": rating});
        world.create(at("09:00"), &PRODUCT_FEEDBACKS, row).await;
    }
    let told = world.get("support.analytics.satisfaction", "").await.unwrap();
    let expected = json!({"rated": 5, "mean": "3.20", "csat_percent": "60.00", "positive": 3, "negative": 2,
                          "distribution": [1, 1, 0, 2, 1]});
    assert_eq!(told["product"], expected);
    assert_eq!(told["tickets"]["csat_percent"], Json::Null);
}

#[tokio::test]
async fn how_much_is_escalated_and_why() {
    let world = World::new().await;
    for place in 0..4 {
        let row = json!({"subject": "S", "description": "D", "category": "it"});
        let ticket = world.create(at("09:00"), &TICKETS, row).await;
        if place > 0 {
            let up = json!({"escalation_level": "level_1", "escalation_reason": if place == 1 { "Late" } else { "Unclear" }});
            let when = at("09:00") + TimeDelta::hours(place);
            world.act(when, &TICKETS, ticket, "escalate", up).await.unwrap();
        }
    }
    let told = world.get("support.analytics.escalations", "").await.unwrap();
    assert_eq!((&told["tickets"], &told["escalated"]), (&json!(4), &json!(3)));
    assert_eq!(
        (&told["escalated_percent"], &told["mean_hours_to_escalate"]),
        (&json!("75.00"), &json!("2.00"))
    );
    assert_eq!(told["reasons"][0], json!({"reason": "Unclear", "tickets": 2}));
    let glance = world.get("support.overview.read", "").await.unwrap();
    assert_eq!(
        (&glance["escalated"], &glance["unassigned"], &glance["opened_today"]),
        (&json!(3), &json!(4), &json!(4))
    );
}

#[tokio::test]
async fn questions_that_make_no_sense_are_refused() {
    let world = World::new().await;
    let table = [
        ("from=2026-06-02&to=2026-06-01", "422 invalid to=ends_before_start"),
        ("from=2020-01-01", "422 invalid from=at_most_two_years"),
        ("to=%2B262142-12-31", "422 invalid to=date_out_of_range"),
        ("from=-262143-01-01", "422 invalid from=date_out_of_range"),
    ];
    for (query, expected) in table {
        assert_eq!(
            refused(world.get("support.analytics.tickets", query).await),
            expected,
            "{query}"
        );
    }
    let other = World::new().await;
    let row = json!({"subject": "Secret", "description": "D", "category": "it"});
    let ticket = other.create(at("09:00"), &TICKETS, row).await;
    assert_eq!(
        world.get("support.ticket_search.list", "q=secret").await.unwrap()["data"],
        json!([])
    );
    let said = world
        .call(world.agent, "support.tickets.conversation", ticket, Json::Null)
        .await;
    assert_eq!(refused(said), "404 not_found");
}

#[tokio::test]
async fn a_demonstration_is_stored_by_the_same_rules() {
    let world = World::new().await;
    let mut cx = world.cx(Uuid::nil(), platform_core::Mode::Write, at("09:00")).await;
    support::demo(&mut cx, 1).await.unwrap();
    assert_eq!(cx.now, at("09:00"), "the caller's clock goes on");
    cx.commit().await.unwrap();
    let counts = world.get("support.analytics.tickets", "from=2026-05-01").await.unwrap();
    assert_eq!(counts["total"], 42, "forty, and two of the contact form");
    assert_eq!(counts["by_status"].as_object().unwrap().len(), 5, "{counts}");
    let sla = world.get("support.analytics.sla", "from=2026-05-01").await.unwrap();
    assert!(sla["all"]["breached"].as_i64() > Some(2), "{sla}");
    let told = world
        .get("support.analytics.satisfaction", "from=2026-05-01")
        .await
        .unwrap();
    assert!(told["tickets"]["rated"].as_i64() > Some(10), "{told}");
    let found = world
        .get("support.kb_search.list", "q=%D8%A7%D9%84%D9%88%D9%82%D9%88%D8%AF")
        .await
        .unwrap();
    assert!(!found["data"].as_array().unwrap().is_empty());
}
