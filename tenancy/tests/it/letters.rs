//! Letters that a real mail server took, and what becomes of those that it did not take.

use axum::http::StatusCode;
use serde_json::json;
use tenancy::{Letter, MailSettings, Round};

use crate::mailbox::{House, Sink, token_of};
use crate::shared::unique;

fn settings(sink: &Sink) -> MailSettings {
    MailSettings {
        smtp_url: Some(sink.url()),
        from: "برق <no-reply@barq.example>".to_owned(),
        base_url: "https://fleet.example.sa".to_owned(),
    }
}

#[tokio::test]
async fn a_sign_up_goes_by_letter_where_letters_are_sent() {
    let mut sink = Sink::start();
    let house = House::with("letters_sign_up", &settings(&sink)).await;
    let world = &house.world;
    let email = unique("noura");
    let direct = world.register(&email, "Najm").await;
    assert_eq!(direct.refused(), ("token".to_owned(), "link_needed".to_owned()));
    let asked = world
        .post("/auth/sign_up", json!({"email": email.to_uppercase()}))
        .await;
    assert_eq!(asked.status, StatusCode::NO_CONTENT);
    assert_eq!(
        house.deliver().await,
        Round {
            sent: 1,
            ..Round::default()
        }
    );
    let letter = sink.next();
    assert_eq!(letter["recipients"], json!([email]));
    assert_eq!(letter["sender"], "no-reply@barq.example");
    assert_eq!(letter["headers"]["subject"], "Finish signing up");
    assert_eq!(letter["headers"]["from"], "برق <no-reply@barq.example>");
    assert_eq!(letter["headers"]["auto-submitted"], "auto-generated");
    let (text, html) = (letter["text"].as_str().unwrap(), letter["html"].as_str().unwrap());
    assert!(text.contains("https://fleet.example.sa/sign-up#token="), "{text}");
    assert!(
        html.contains("href=\"https://fleet.example.sa/sign-up#token="),
        "{html}"
    );
    let body = json!({"email": email, "password": "a long day in Riyadh", "full_name": "Noura", "organization_name": "Najm",
        "token": token_of(text)});
    let other = json!({"email": unique("other"), "password": "a long day in Riyadh", "full_name": "Noura",
        "organization_name": "Najm", "token": token_of(text)});
    assert_eq!(world.post("/auth/register", other).await.refused().1, "link_over");
    let registered = world.post("/auth/register", body.clone()).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    let me = world.get_as(&registered.token(), "/auth/me").await;
    assert_eq!(me.json["email_verified"], true);
    assert_eq!(world.post("/auth/register", body).await.refused().1, "link_over");

    // Whoever has an account gets a letter that says so, and the request looked the same.
    let again = world.post("/auth/sign_up", json!({"email": email})).await;
    assert_eq!((again.status, again.json), (asked.status, asked.json));
    house.deliver().await;
    let letter = sink.next();
    assert_eq!(letter["headers"]["subject"], "You have an account already");
    assert!(!letter["text"].as_str().unwrap().contains("token"));
}

#[tokio::test]
async fn an_arabic_letter_is_written_from_right_to_left() {
    let mut sink = Sink::start();
    let house = House::with("letters_arabic", &settings(&sink)).await;
    let letter = Letter::new(
        "invitation",
        "fahad@example.sa",
        platform_core::Locale::Ar,
        house.world.clock.now(),
    )
    .with("organization", "نجم <b>")
    .with("inviter", "نورة")
    .with("membership", "مدير")
    .with("days", 7)
    .link("/invitation", "abc");
    house
        .world
        .tenancy
        .post(&letter, house.world.clock.now())
        .await
        .unwrap();
    house.deliver().await;
    let taken = sink.next();
    assert_eq!(taken["headers"]["subject"], "دعوة إلى نجم <b>");
    let html = taken["html"].as_str().unwrap();
    assert!(
        html.contains("lang=\"ar\" dir=\"rtl\"") && html.contains("<bdi>نجم &lt;b&gt;</bdi>"),
        "{html}"
    );
    assert!(taken["text"].as_str().unwrap().contains("يدعوك نورة"), "{taken}");
    let id = taken["headers"]["message-id"].as_str().unwrap();
    assert!(
        id.contains(&letter.id.to_string()) && id.ends_with("@barq.example>"),
        "{id}"
    );
    // Posted again under the same name it is the same letter.
    house
        .world
        .tenancy
        .post(&letter, house.world.clock.now())
        .await
        .unwrap();
    assert_eq!(house.deliver().await, Round::default());
}

#[tokio::test]
async fn a_letter_is_tried_again_given_up_or_too_late() {
    let mut sink = Sink::start();
    let house = House::with("letters_retries", &settings(&sink)).await;
    let world = &house.world;
    let now = world.clock.now();
    let to =
        |recipient: &str| Letter::new("password_changed", recipient, platform_core::Locale::En, now).with("at", "noon");
    for letter in [
        to("later@example.sa"),
        to("nobody@example.sa"),
        to("is no address"),
        to("late@example.sa").until(now),
    ] {
        world.tenancy.post(&letter, now).await.unwrap();
    }
    let round = house.deliver().await;
    assert_eq!((round.sent, round.postponed, round.dead), (0, 1, 3));
    let state = |letters: &[tenancy::Outgoing], recipient: &str| {
        let letter = letters.iter().find(|letter| letter.recipient == recipient).unwrap();
        (letter.state.clone(), letter.last_error.clone().unwrap_or_default())
    };
    let all = world
        .tenancy
        .outbox(&world.platform.catalogue, None, 100)
        .await
        .unwrap();
    let (later, error) = state(&all, "later@example.sa");
    assert!(
        later == "waiting" && error.contains("try again later"),
        "{later} {error}"
    );
    let (nobody, error) = state(&all, "nobody@example.sa");
    assert!(
        nobody == "dead" && error.contains("no such mailbox"),
        "{nobody} {error}"
    );
    assert_eq!(state(&all, "is no address").0, "dead");
    assert_eq!(state(&all, "late@example.sa").1, "it came too late");
    // Not before its pause is over.
    world.wait(29);
    assert_eq!(house.deliver().await, Round::default());
    world.wait(1);
    assert_eq!(house.deliver().await.sent, 1);
    assert_eq!(sink.next()["recipients"], json!(["later@example.sa"]));
    // What was sent is not kept.
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM identity.mails WHERE sealed IS NOT NULL")
        .fetch_one(&mut admin(&house).await)
        .await
        .unwrap();
    assert_eq!(kept, 0);

    // A server that is not there is a reason to try again, too.
    let port = sink.port;
    drop(sink);
    let gone = House::with(
        "letters_gone",
        &MailSettings {
            smtp_url: Some(format!("smtp://127.0.0.1:{port}")),
            ..MailSettings::default()
        },
    )
    .await;
    gone.world.tenancy.post(&to("a@example.sa"), now).await.unwrap();
    assert_eq!(gone.deliver().await.postponed, 1);
}

#[tokio::test]
async fn without_a_mail_server_letters_wait_in_the_outbox_and_the_table_tells_no_link() {
    let house = House::new("letters_outbox").await;
    let (email, owner) = house.world.company("Outbox").await;
    let link = house.token(&email, "email_verification", 1).await;
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("SELECT sealed FROM identity.mails WHERE sealed IS NOT NULL")
        .fetch_all(&mut admin(&house).await)
        .await
        .unwrap();
    let contains = |hidden: &[u8]| hidden.windows(link.len()).any(|window| window == link.as_bytes());
    assert!(!stored.is_empty() && !stored.iter().any(|hidden| contains(hidden)));
    // A person's letter is not the organization's.
    let mails = house.world.get_as(&owner.token(), "/organization/mails").await;
    assert_eq!(
        (mails.json["data"].clone(), mails.json["is_sent"].clone()),
        (json!([]), json!(false))
    );
    let verified = house.world.post("/auth/email/verify", json!({"token": link})).await;
    assert_eq!(verified.status, StatusCode::NO_CONTENT, "{verified:?}");
    assert_eq!(
        house
            .world
            .post("/auth/email/verify", json!({"token": link}))
            .await
            .refused()
            .1,
        "link_over"
    );
    assert_eq!(
        house.world.get_as(&owner.token(), "/auth/me").await.json["email_verified"],
        true
    );
}

async fn admin(house: &House) -> sqlx::PgConnection {
    <sqlx::PgConnection as sqlx::Connection>::connect(&house.target.admin_url())
        .await
        .unwrap()
}
