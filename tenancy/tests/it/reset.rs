//! A9: links to a new password, and what must not open one. Changing a password ends what was signed in with the old one.

use axum::http::StatusCode;
use chrono::TimeDelta;
use futures_util::future::join_all;
use platform_core::Method;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};
use tenancy::MailSettings;

use crate::catalogue;
use crate::mailbox::{House, token_of};
use crate::shared::{Answer, PASSWORD, unique};

const NEW: &str = "an evening by the Red Sea";

async fn house(name: &str) -> House {
    let mail = MailSettings {
        base_url: "https://fleet.example.sa".to_owned(),
        ..MailSettings::default()
    };
    House::with(name, &mail).await
}

/// Asks for a letter and answers what its link opens.
async fn ask(house: &House, email: &str) -> String {
    let sent = house
        .letters(email)
        .await
        .iter()
        .filter(|letter| letter.template == "password_reset")
        .count();
    let asked = house.world.post("/auth/password/forgot", json!({"email": email})).await;
    assert_eq!(asked.status, StatusCode::NO_CONTENT, "{asked:?}");
    house.token(email, "password_reset", sent + 1).await
}

async fn choose(house: &House, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    house.world.post("/auth/password/reset", body).await
}

async fn person(house: &House, name: &str) -> String {
    let email = unique(name);
    let registered = house.world.register(&email, name).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    email
}

async fn run(house: &House, statement: &'static str, email: &str) {
    let mut admin = PgConnection::connect(&house.target.admin_url()).await.unwrap();
    sqlx::query(statement).bind(email).execute(&mut admin).await.unwrap();
}

#[tokio::test]
async fn a9_a_link_to_a_new_password_opens_once_soon_and_for_its_person_alone() {
    let house = house("reset_links").await;
    let world = &house.world;
    let mut tried: Vec<(&str, Answer)> = Vec::new();

    // Good once: the control that shows that a good link opens.
    let email = person(&house, "once").await;
    let token = ask(&house, &email).await;
    assert_eq!(choose(&house, &token, "too short").await.refused().0, "password");
    assert_eq!(choose(&house, &token, NEW).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.login(&email, PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.login(&email, NEW).await.status, StatusCode::OK);
    tried.push(("reused", choose(&house, &token, PASSWORD).await));

    let late = person(&house, "late").await;
    let token = ask(&house, &late).await;
    world.wait(20 * 60);
    tried.push(("after twenty minutes", choose(&house, &token, NEW).await));

    let two = person(&house, "two").await;
    let (first, second) = (ask(&house, &two).await, ask(&house, &two).await);
    tried.push(("the first of two", choose(&house, &first, NEW).await));
    assert_eq!(choose(&house, &second, NEW).await.status, StatusCode::NO_CONTENT);
    tried.push(("the first of two, after the second", choose(&house, &first, NEW).await));

    let changed = person(&house, "changed").await;
    let signed_in = world.login(&changed, PASSWORD).await;
    let token = ask(&house, &changed).await;
    let body = json!({"current_password": PASSWORD, "password": NEW});
    let answer = world.post_as(&signed_in.token(), "/auth/password/change", body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    tried.push(("after the password was changed", choose(&house, &token, PASSWORD).await));

    let other = person(&house, "other").await;
    let token = ask(&house, &other).await;
    let last = if token.ends_with('A') { "E" } else { "A" };
    tried.push(("cut short", choose(&house, &token[..42], NEW).await));
    tried.push((
        "a letter changed",
        choose(&house, &format!("{}{last}", &token[..42]), NEW).await,
    ));
    let stored = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        Sha256::digest(base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &token).unwrap()),
    );
    tried.push(("the stored hash", choose(&house, &stored, NEW).await));
    tried.push(("nothing", choose(&house, "", NEW).await));
    let letters = house.letters(&other).await;
    let verification = letters
        .iter()
        .find(|letter| letter.template == "email_verification")
        .unwrap();
    let verification = token_of(verification.text.as_deref().unwrap());
    tried.push(("the link of another letter", choose(&house, &verification, NEW).await));
    let opened = world.post("/auth/email/verify", json!({"token": token})).await;
    tried.push(("as proof of an address", opened));
    run(
        &house,
        "UPDATE identity.users SET email = 'new-' || email WHERE email = $1",
        &other,
    )
    .await;
    tried.push(("after the address was changed", choose(&house, &token, NEW).await));

    let locked = person(&house, "locked").await;
    let token = ask(&house, &locked).await;
    run(
        &house,
        "UPDATE identity.users SET status = 'locked' WHERE email = $1",
        &locked,
    )
    .await;
    tried.push(("of a locked account", choose(&house, &token, NEW).await));

    for (what, answer) in &tried {
        assert_eq!(
            answer.refused(),
            ("token".to_owned(), "link_over".to_owned()),
            "{what}: {answer:?}"
        );
    }

    // Two at once: one.
    let both = person(&house, "both").await;
    let token = ask(&house, &both).await;
    let answers = join_all((0..4).map(|_| choose(&house, &token, NEW))).await;
    let good = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::NO_CONTENT)
        .count();
    assert_eq!(good, 1, "{answers:?}");

    // A link never leads to a host that a request named.
    let mut hosts = 0;
    for header in ["host", "x-forwarded-host", "forwarded", "x-host", "origin", "referer"] {
        let email = person(&house, "host").await;
        let value = if header == "forwarded" {
            "host=evil.example"
        } else {
            "evil.example"
        };
        let body = json!({"email": email});
        let asked = world
            .call(Method::Post, "/auth/password/forgot", &[(header, value)], &body)
            .await;
        assert_eq!(asked.status, StatusCode::NO_CONTENT);
        let letter = house.letters(&email).await.remove(0);
        let text = letter.text.unwrap();
        assert!(
            text.contains("https://fleet.example.sa/reset-password#token="),
            "{text}"
        );
        assert!(!text.contains("evil.example"), "{header}: {text}");
        hosts += 1;
    }
    let all = tried.len() + answers.len() - 1 + hosts;
    catalogue::line("A9", &format!("0 accepted of {all}"));
}

#[tokio::test]
async fn an_address_gets_few_letters_and_a_stranger_none() {
    let house = house("reset_few").await;
    let email = person(&house, "flooded").await;
    for _ in 0..8 {
        house.world.wait(1000);
        for address in ["192.0.2.1", "192.0.2.2"] {
            house
                .world
                .call_from(address, "/auth/password/forgot", json!({"email": email}))
                .await;
        }
    }
    let letters = house.letters(&email).await;
    let letters = letters
        .iter()
        .filter(|letter| letter.template == "password_reset")
        .count();
    assert_eq!(letters, 5, "an hour's worth");
    let stranger = unique("stranger");
    let asked = house
        .world
        .post("/auth/password/forgot", json!({"email": stranger}))
        .await;
    assert_eq!(asked.status, StatusCode::NO_CONTENT);
    assert!(house.letters(&stranger).await.is_empty());
    for bad in ["", "nobody", "a@b\u{0}.sa", "a b@example.sa"] {
        let asked = house.world.post("/auth/password/forgot", json!({"email": bad})).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}

#[tokio::test]
async fn a_new_password_ends_what_was_signed_in_with_the_old_one() {
    let house = house("reset_sessions").await;
    let world = &house.world;
    let email = person(&house, "ends").await;
    let (here, there) = (world.login(&email, PASSWORD).await, world.login(&email, PASSWORD).await);
    let change = |current: &str, password: &str| json!({"current_password": current, "password": password});
    let path = "/auth/password/change";
    let wrong = world.post_as(&here.token(), path, change("not my password", NEW)).await;
    assert_eq!(
        wrong.refused(),
        ("current_password".to_owned(), "wrong_password".to_owned())
    );
    let same = world.post_as(&here.token(), path, change(PASSWORD, PASSWORD)).await;
    assert_eq!(same.refused(), ("password".to_owned(), "password_same".to_owned()));
    let common = world
        .post_as(&here.token(), path, change(PASSWORD, "Password2026!"))
        .await;
    assert_eq!(common.refused(), ("password".to_owned(), "password_common".to_owned()));
    assert_eq!(
        world.post(path, change(PASSWORD, NEW)).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.knock(&there.token()).await, 200);
    let changed = world.post_as(&here.token(), path, change(PASSWORD, NEW)).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{changed:?}");
    assert_eq!(
        (world.knock(&here.token()).await, world.knock(&there.token()).await),
        (200, 401)
    );
    let refreshed = world.with_cookie("/auth/refresh", &there.cookie()).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    let told = house.letters(&email).await;
    assert!(
        told.iter().any(|letter| letter.template == "password_changed"),
        "{told:?}"
    );

    // A letter ends all of them.
    let token = ask(&house, &email).await;
    assert_eq!(choose(&house, &token, PASSWORD).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.knock(&here.token()).await, 401);
    assert_eq!(
        world.with_cookie("/auth/refresh", &here.cookie()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let back = world.login(&email, PASSWORD).await;
    assert_eq!(world.knock(&back.token()).await, 200);
    assert_eq!(
        world.get_as(&back.token(), "/auth/me").await.json["email_verified"],
        true
    );

    // Who guesses the old password has to wait.
    for _ in 0..10 {
        world.post_as(&back.token(), path, change("not my password", NEW)).await;
    }
    let guessed = world.post_as(&back.token(), path, change(PASSWORD, NEW)).await;
    assert_eq!(guessed.status, StatusCode::TOO_MANY_REQUESTS);
    world.clock.set(world.clock.now() + TimeDelta::minutes(5));
    assert_eq!(
        world
            .post_as(
                &world.login(&email, PASSWORD).await.token(),
                path,
                change(PASSWORD, NEW)
            )
            .await
            .status
            .as_u16(),
        204
    );
}
