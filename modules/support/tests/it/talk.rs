//! Chats, the contact form and what readers think of articles.

use serde_json::{Value as Json, json};
use support::{CHAT_SESSIONS, CONTACT_REQUESTS, FAQS, KB_ARTICLES, KB_CATEGORIES, TICKETS};
use uuid::Uuid;

use crate::world::{World, at, refused};

#[tokio::test]
async fn a_chat_is_written_down() {
    let world = World::new().await;
    let opened = json!({"customer": world.requester, "initial_message": "Hello"});
    let chat = world.create(at("09:00"), &CHAT_SESSIONS, opened).await;
    let say =
        |who: Uuid, message: &str| world.call(who, "support.chat_sessions.send", chat, json!({"message": message}));
    assert_eq!(refused(say(world.agent, "Hi").await), "409 not_in_chat");
    let taken = world
        .act(at("09:02"), &CHAT_SESSIONS, chat, "accept", json!({}))
        .await
        .unwrap();
    assert_eq!(
        (taken.uuid("agent"), taken.instant("started_at")),
        (Some(world.agent), Some(at("09:02")))
    );
    assert_eq!(say(world.agent, "Hi").await.unwrap()["is_agent"], true);
    assert_eq!(say(world.requester, "Thanks").await.unwrap()["is_agent"], false);
    world
        .act(at("09:12"), &CHAT_SESSIONS, chat, "end", json!({}))
        .await
        .unwrap();
    assert_eq!(refused(say(world.requester, "Wait").await), "409 chat_ended");
    let text = world.call_at(
        at("09:13"),
        world.agent,
        "support.chat_sessions.transcript",
        chat,
        "",
        Json::Null,
    );
    let text = String::from_utf8(text.await.unwrap()).unwrap();
    let line = "2026-06-15 12:00]";
    let expected =
        format!("CHAT-20260615-0001\n[{line} Requester: Hello\n[{line} Agent: Hi\n[{line} Requester: Thanks\n");
    assert_eq!(text, expected);
    let figures = world.get("support.analytics.chat", "").await.unwrap();
    // Opened 09:00, taken 09:02, ended 09:12.
    assert_eq!(
        (&figures["mean_wait_s"], &figures["mean_duration_s"]),
        (&json!("120.00"), &json!("600.00"))
    );
}

#[tokio::test]
async fn the_contact_form_opens_a_ticket_with_its_promise() {
    let world = World::new().await;
    let form = |urgency: &str| json!({"name": "Maha", "email": "maha@example.test", "subject": "Help", "message": "Now", "urgency": urgency});
    let send = |body: Json| world.call(world.requester, "support.contact.submit", Uuid::nil(), body);
    let sent = send(form("critical")).await.unwrap();
    assert_eq!(sent["request_number"], "REF-20260615-0001");
    assert_eq!(sent["promised_at"], "2026-06-15T13:00:00.000Z");
    let id = |field: &str| sent[field].as_str().unwrap().parse::<Uuid>().unwrap();
    let ticket = world.load(&TICKETS, id("ticket_id")).await;
    assert_eq!(
        (ticket.text("priority"), ticket.text("source")),
        (Some("urgent"), Some("contact_form"))
    );
    assert_eq!(ticket.instant("sla_due_at"), Some(at("13:00")));
    world
        .act(
            at("10:00"),
            &TICKETS,
            id("ticket_id"),
            "resolve",
            json!({"resolution": "Called"}),
        )
        .await
        .unwrap();
    let request = world.load(&CONTACT_REQUESTS, id("contact_request_id")).await;
    assert_eq!(
        (request.text("status"), request.instant("answered_at")),
        (Some("answered"), Some(at("10:00")))
    );
    assert_eq!(
        refused(send(form("yesterday")).await),
        "422 invalid urgency=not_one_of_ours"
    );
    let mut bad = form("normal");
    bad["email"] = "nowhere".into();
    assert_eq!(refused(send(bad).await), "422 invalid email=not_an_email");
    let info = world.get("support.contact.info", "").await.unwrap();
    assert_eq!(
        info["urgencies"][3],
        json!({"urgency": "critical", "label": "Critical", "priority": "urgent", "from_hours": 2, "to_hours": 4})
    );
    assert_eq!(info["working_days"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn one_vote_of_a_reader_on_an_article() {
    let world = World::new().await;
    let article = json!({"title": "Fuel card", "slug": "fuel-card", "content": "At the pump", "language": "en"});
    let article = world.create(at("09:00"), &KB_ARTICLES, article).await;
    let vote =
        |who: Uuid, helped: bool| world.call(who, "support.kb_articles.vote", article, json!({"is_helpful": helped}));
    assert_eq!(
        refused(vote(world.agent, true).await),
        "404 not_found",
        "a draft has no readers"
    );
    let published = world
        .act(at("09:10"), &KB_ARTICLES, article, "publish", json!({}))
        .await
        .unwrap();
    assert_eq!(
        (published.integer("revision"), published.uuid("published_by")),
        (Some(2), Some(world.agent))
    );
    let counts = |yes: i64, no: i64| json!({"helpful_count": yes, "not_helpful_count": no});
    assert_eq!(vote(world.agent, true).await.unwrap(), counts(1, 0));
    assert_eq!(vote(world.agent, true).await.unwrap(), counts(1, 0));
    assert_eq!(vote(world.requester, true).await.unwrap(), counts(2, 0));
    assert_eq!(vote(world.agent, false).await.unwrap(), counts(1, 1));
    for views in 1..=2 {
        let seen = world
            .call(world.requester, "support.kb_articles.view", article, json!({}))
            .await
            .unwrap();
        assert_eq!(seen["view_count"], views);
    }
    let figures = world.get("support.analytics.knowledge_base", "").await.unwrap();
    assert_eq!(
        (&figures["helpfulness_percent"], &figures["views"]),
        (&json!("50.00"), &json!(2))
    );

    let faq = json!({"question": "Where is the pump?", "answer": "Behind", "category": "Fuel", "language": "en"});
    let faq = world.create(at("09:00"), &FAQS, faq).await;
    let helped = json!({"is_helpful": false});
    for _ in 0..2 {
        let told = world
            .call(world.requester, "support.faqs.vote", faq, helped.clone())
            .await;
        assert_eq!(told.unwrap(), counts(0, 1));
    }
    let found = world.get("support.kb_search.list", "q=pump&language=en").await.unwrap();
    let kinds: Vec<_> = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["kind"].clone())
        .collect();
    assert_eq!(kinds, ["faq", "article"], "a question's title before an article's text");
    world
        .act(at("09:20"), &KB_ARTICLES, article, "unpublish", json!({}))
        .await
        .unwrap();
    let found = world.get("support.kb_search.list", "q=card").await.unwrap();
    assert_eq!(found["data"], json!([]));
}

#[tokio::test]
async fn categories_are_a_tree() {
    let world = World::new().await;
    let top = world
        .create(at("09:00"), &KB_CATEGORIES, json!({"name": "Top", "slug": "top"}))
        .await;
    let leaf = json!({"name": "Leaf", "slug": "leaf", "parent_id": top});
    let leaf = world.create(at("09:00"), &KB_CATEGORIES, leaf).await;
    for parent in [leaf, top] {
        let mut cx = world.cx(world.agent, platform_core::Mode::Write, at("09:00")).await;
        let change = json!({"parent_id": parent}).as_object().cloned().unwrap();
        let moved = platform_engine::change(&mut cx, &KB_CATEGORIES, top, "update", change).await;
        assert_eq!(refused(moved), "422 invalid parent_id=within_itself");
    }
}
