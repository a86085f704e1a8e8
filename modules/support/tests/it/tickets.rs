//! What happens to tickets when something is said or done.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use support::{CANNED_RESPONSES, TICKET_TEMPLATES, TICKETS};
use uuid::Uuid;

use crate::world::{World, at, refused};

fn question() -> Json {
    json!({"subject": "Card declined", "description": "At the pump", "category": "vehicle"})
}

async fn say(world: &World, now: DateTime<Utc>, who: Uuid, ticket: Uuid, body: Json) {
    let said = world.call_at(now, who, "support.tickets.reply", ticket, "", body).await;
    said.unwrap();
}

#[tokio::test]
async fn the_first_public_answer_of_somebody_else_counts() {
    let world = World::new().await;
    // Nobody is named: whoever opened it asks.
    let ticket = world.create(at("09:00"), &TICKETS, question()).await;
    say(
        &world,
        at("09:05"),
        world.requester,
        ticket,
        json!({"message": "Still so"}),
    )
    .await;
    say(
        &world,
        at("09:06"),
        world.agent,
        ticket,
        json!({"message": "Look at the log", "is_internal": true}),
    )
    .await;
    assert!(!world.load(&TICKETS, ticket).await.has("first_response_at"));
    say(
        &world,
        at("09:12"),
        world.agent,
        ticket,
        json!({"message": "We look at it"}),
    )
    .await;
    say(&world, at("09:30"), world.agent, ticket, json!({"message": "Done"})).await;
    let row = world.load(&TICKETS, ticket).await;
    assert_eq!(row.instant("first_response_at"), Some(at("09:12")));

    // Waited for, the requester answers: work goes on.
    world
        .act(
            at("09:31"),
            &TICKETS,
            ticket,
            "assign",
            json!({"assigned_to": world.agent}),
        )
        .await
        .unwrap();
    world
        .act(at("09:32"), &TICKETS, ticket, "wait_for_requester", json!({}))
        .await
        .unwrap();
    say(
        &world,
        at("09:40"),
        world.requester,
        ticket,
        json!({"message": "Now it works"}),
    )
    .await;
    assert!(world.load(&TICKETS, ticket).await.is("status", "in_progress"));

    let said = world.call_at(
        at("09:41"),
        world.agent,
        "support.tickets.conversation",
        ticket,
        "",
        Json::Null,
    );
    let said: Json = serde_json::from_slice(&said.await.unwrap()).unwrap();
    let parts = said["data"].as_array().unwrap();
    assert_eq!(parts.len(), 5);
    assert_eq!(
        (&parts[1]["is_internal"], &parts[2]["author_name"]),
        (&json!(true), &json!("Agent"))
    );
}

#[tokio::test]
async fn a_ticket_runs_from_open_to_closed_and_back() {
    let world = World::new().await;
    let ticket = world.create(at("09:00"), &TICKETS, question()).await;
    let act = |time: &str, name: &'static str, input: Json| {
        let (world, time) = (&world, at(time));
        async move { world.act(time, &TICKETS, ticket, name, input).await }
    };
    assert_eq!(refused(act("09:01", "close", json!({})).await), "409 not_in_state");
    act("09:01", "assign", json!({"assigned_to": world.agent}))
        .await
        .unwrap();
    let resolved = act("10:00", "resolve", json!({"resolution": "New card"}))
        .await
        .unwrap();
    assert_eq!(resolved.uuid("resolved_by"), Some(world.agent));
    act("10:05", "rate", json!({"satisfaction_rating": 5})).await.unwrap();
    act("11:00", "close", json!({})).await.unwrap();
    let again = act("12:00", "reopen", json!({})).await.unwrap();
    for field in [
        "resolution",
        "resolved_at",
        "resolved_by",
        "closed_at",
        "satisfaction_rating",
    ] {
        assert!(!again.has(field), "{field}");
    }
    assert_eq!(
        (again.text("status"), again.integer("reopen_count")),
        (Some("open"), Some(1))
    );
    let closed = world.create(at("09:00"), &TICKETS, question()).await;
    world
        .act(at("09:01"), &TICKETS, closed, "resolve", json!({"resolution": "x"}))
        .await
        .unwrap();
    world
        .act(at("09:02"), &TICKETS, closed, "close", json!({}))
        .await
        .unwrap();
    let late = world
        .call(
            world.agent,
            "support.tickets.reply",
            closed,
            json!({"message": "One more"}),
        )
        .await;
    assert_eq!(refused(late), "409 ticket_closed");
}

#[tokio::test]
async fn the_clock_marks_what_is_near_and_what_is_late_once() {
    let world = World::new().await;
    let mut tickets = Vec::new();
    for hours in [1, 3, 30] {
        let ticket = world.create(at("09:00"), &TICKETS, question()).await;
        world
            .act(at("09:00"), &TICKETS, ticket, "set_sla", json!({"sla_hours": hours}))
            .await
            .unwrap();
        tickets.push(ticket);
    }
    let settled = world.create(at("09:00"), &TICKETS, question()).await;
    world
        .act(at("09:00"), &TICKETS, settled, "set_sla", json!({"sla_hours": 1}))
        .await
        .unwrap();
    world
        .act(at("09:30"), &TICKETS, settled, "resolve", json!({"resolution": "x"}))
        .await
        .unwrap();
    for _ in 0..2 {
        world.watch(at("10:30")).await;
        let mut found = Vec::new();
        for ticket in tickets.iter().chain([&settled]) {
            let row = world.load(&TICKETS, *ticket).await;
            let late = row.get("sla_breached") == true;
            found.push((
                row.text("sla_status").unwrap().to_owned(),
                late,
                row.integer("version").unwrap(),
            ));
        }
        let expected = [
            ("breached", true, 3),
            ("at_risk", false, 3),
            ("on_track", false, 2),
            ("met", false, 3),
        ];
        let expected = expected.map(|(state, late, version)| (state.to_owned(), late, version));
        assert_eq!(found, expected, "a second run does nothing more");
    }
    let query = "with_breached=true&hours=2";
    let listed = world.call_at(
        at("10:30"),
        world.agent,
        "support.tickets_at_risk.list",
        Uuid::nil(),
        query,
        Json::Null,
    );
    let listed: Json = serde_json::from_slice(&listed.await.unwrap()).unwrap();
    let ids: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["ticket_id"].clone())
        .collect();
    assert_eq!(ids, [json!(tickets[0]), json!(tickets[1])]);
}

#[tokio::test]
async fn a_merge_takes_along_what_was_said() {
    let world = World::new().await;
    let (kept, twin) = (
        world.create(at("09:00"), &TICKETS, question()).await,
        world.create(at("09:01"), &TICKETS, question()).await,
    );
    say(&world, at("09:02"), world.requester, kept, json!({"message": "One"})).await;
    say(&world, at("09:03"), world.requester, twin, json!({"message": "Two"})).await;
    let into = |ticket: Uuid| json!({"merged_into_id": ticket});
    assert_eq!(
        refused(world.act(at("09:04"), &TICKETS, twin, "merge", into(twin)).await),
        "409 merge_into_itself"
    );
    world
        .act(at("09:04"), &TICKETS, twin, "merge", into(kept))
        .await
        .unwrap();
    let row = world.load(&TICKETS, twin).await;
    assert_eq!(
        (row.text("status"), row.uuid("merged_into_id")),
        (Some("closed"), Some(kept))
    );
    for (ticket, said) in [(kept, 2), (twin, 0)] {
        let parts = world
            .call(world.agent, "support.tickets.conversation", ticket, Json::Null)
            .await
            .unwrap();
        assert_eq!(parts["data"].as_array().unwrap().len(), said);
    }
    let back = world.act(at("09:05"), &TICKETS, twin, "reopen", json!({})).await;
    assert_eq!(refused(back), "409 ticket_merged");
    let chain = world.act(at("09:05"), &TICKETS, kept, "merge", into(twin)).await;
    assert_eq!(refused(chain), "422 invalid merged_into_id=merge_target_closed");
    assert!(
        world.load(&TICKETS, kept).await.is("status", "open"),
        "the refusal undid the merge"
    );
}

#[tokio::test]
async fn templates_give_deadlines_and_ready_answers_are_counted() {
    let world = World::new().await;
    let template = json!({"name": "Card", "default_subject": "Card lost", "default_description": "A card was lost",
                          "default_category": "vehicle", "default_priority": "urgent", "sla_hours": 4});
    let template = world.create(at("08:00"), &TICKET_TEMPLATES, template).await;
    let body = json!({"template_id": template, "description": "Card 7001"});
    let opened = world
        .call(world.requester, "support.tickets.from_template", Uuid::nil(), body)
        .await
        .unwrap();
    assert_eq!(opened["ticket_number"], "TKT-20260615-0001");
    assert_eq!(opened["sla_due_at"], "2026-06-15T13:00:00.000Z");
    let ticket = opened["ticket_id"].as_str().unwrap().parse().unwrap();
    let row = world.load(&TICKETS, ticket).await;
    assert_eq!(
        (row.text("subject"), row.text("description")),
        (Some("Card lost"), Some("Card 7001"))
    );
    assert_eq!(
        (row.text("priority"), row.text("sla_status")),
        (Some("urgent"), Some("on_track"))
    );
    let unknown = json!({"template_id": Uuid::nil()});
    let unknown = world
        .call(world.requester, "support.tickets.from_template", Uuid::nil(), unknown)
        .await;
    assert_eq!(refused(unknown), "422 invalid template_id=not_known");

    let ready = json!({"title": "Hello", "content": "Dear {name}, {what}", "category": "General", "shortcut": "/hi"});
    let ready = world.create(at("08:00"), &CANNED_RESPONSES, ready).await;
    let filled = world.call(
        world.agent,
        "support.canned_responses.use",
        ready,
        json!({"variables": {"name": "Sara"}}),
    );
    assert_eq!(
        filled.await.unwrap(),
        json!({"text": "Dear Sara, {what}", "missing": ["what"]})
    );
    let body = json!({"canned_response_id": ready, "variables": {"name": "Sara", "what": "done"}});
    let said = world
        .call(world.agent, "support.tickets.reply", ticket, body)
        .await
        .unwrap();
    assert_eq!(said["message"], "Dear Sara, done");
    assert_eq!(
        world.load(&CANNED_RESPONSES, ready).await.integer("usage_count"),
        Some(2)
    );
}

#[tokio::test]
async fn many_at_once_or_none() {
    let world = World::new().await;
    let mut tickets = Vec::new();
    for _ in 0..3 {
        tickets.push(world.create(at("09:00"), &TICKETS, question()).await);
    }
    let many = |action: &str, tickets: &[Uuid], more: Json| {
        let mut body =
            json!({"action": action, "tickets": tickets.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let call = |body: Json| world.call(world.agent, "support.tickets.bulk_act", Uuid::nil(), body);
    let done = call(many("assign", &tickets, json!({"assigned_to": world.agent})))
        .await
        .unwrap();
    assert_eq!(done["changed"], 3);
    let resolution = json!({"resolution": "Outage is over"});
    call(many("resolve", &tickets[..1], resolution.clone())).await.unwrap();
    assert_eq!(
        refused(call(many("resolve", &tickets, resolution)).await),
        "409 not_in_state"
    );
    for ticket in &tickets[1..] {
        assert!(
            world.load(&TICKETS, *ticket).await.is("status", "in_progress"),
            "none of them"
        );
    }
    call(many("change_priority", &tickets, json!({"priority": "urgent"})))
        .await
        .unwrap();
    assert!(world.load(&TICKETS, tickets[0]).await.is("priority", "urgent"));
    let nobody = call(many("assign", &tickets, json!({"assigned_to": Uuid::nil()}))).await;
    assert_eq!(refused(nobody), "422 invalid assigned_to=not_known");
    let without = call(many("assign", &tickets, json!({}))).await;
    assert_eq!(refused(without), "422 invalid assigned_to=required");
}

#[tokio::test]
async fn tickets_are_found_where_the_word_stands() {
    let world = World::new().await;
    let of =
        |subject: &str, description: &str| json!({"subject": subject, "description": description, "category": "other"});
    let in_text = world
        .create(at("09:00"), &TICKETS, of("One", "The Pump is broken"))
        .await;
    let in_reply = world.create(at("09:00"), &TICKETS, of("Two", "Nothing")).await;
    let in_subject = world.create(at("09:00"), &TICKETS, of("Pump 7", "Nothing")).await;
    let in_note = world.create(at("09:00"), &TICKETS, of("Three", "Nothing")).await;
    say(
        &world,
        at("09:01"),
        world.agent,
        in_reply,
        json!({"message": "the pump again"}),
    )
    .await;
    say(
        &world,
        at("09:01"),
        world.agent,
        in_note,
        json!({"message": "pump", "is_internal": true}),
    )
    .await;
    let found = world.get("support.ticket_search.list", "q=pump").await.unwrap();
    let found: Vec<_> = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["ticket_id"].clone(), row["found_in"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [(in_subject, "subject"), (in_text, "text"), (in_reply, "reply")];
    assert_eq!(found, expected.map(|(id, place)| (json!(id), place.to_owned())));
    let number = world
        .get("support.ticket_search.list", "q=tkt-20260615-0002&limit=1")
        .await
        .unwrap();
    assert_eq!(number["data"][0]["ticket_id"], json!(in_reply));
    assert_eq!(
        refused(world.get("support.ticket_search.list", "q=x").await),
        "422 invalid q=too_short_to_search"
    );
}
