//! Second factors: codes of an app and recovery codes, and everything that must not pass for one (A11).

use std::fmt::Write;

use axum::http::StatusCode;
use hmac::{Hmac, KeyInit, Mac};
use platform_core::Method;
use serde_json::{Value as Json, json};
use sha1::Sha1;

use crate::catalogue;
use crate::mailbox::{say, told};
use crate::passkeys::passkeys;
use crate::shared::{Answer, PASSWORD, World, admin};

/// An app that shows codes, written apart from what is tested.
pub struct App(Vec<u8>);

impl App {
    fn of(begun: &Answer) -> Self {
        let mut bits = String::new();
        for letter in begun.text("/secret").bytes() {
            let value = if letter.is_ascii_digit() {
                letter - b'2' + 26
            } else {
                letter - b'A'
            };
            write!(bits, "{value:05b}").unwrap();
        }
        let bytes = bits.as_bytes().chunks_exact(8);
        Self(
            bytes
                .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
                .collect(),
        )
    }

    /// The code that the app shows when its clock differs from ours.
    fn shows(&self, world: &World, drift_s: i64) -> String {
        let step = u64::try_from((world.clock.now().timestamp() + drift_s) / 30).unwrap();
        let mac = Hmac::<Sha1>::new_from_slice(&self.0)
            .unwrap()
            .chain_update(step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 15);
        let word = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }
}

/// A person who owns an organization.
pub struct Person {
    pub email: String,
    pub token: String,
}

impl Person {
    pub async fn new(world: &World) -> Self {
        let (email, signed_up) = world.company("Najm").await;
        Self {
            email,
            token: signed_up.token(),
        }
    }

    /// Sets up an app; the clock has moved to the next code since.
    pub async fn app(&self, world: &World) -> (App, Vec<String>) {
        let begun = world.post_as(&self.token, "/auth/factors/totp", json!({})).await;
        assert_eq!(begun.status, StatusCode::OK, "{begun:?}");
        let app = App::of(&begun);
        let body = json!({"code": app.shows(world, 0)});
        let confirmed = world.post_as(&self.token, "/auth/factors/totp/confirm", body).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{confirmed:?}");
        world.wait(90);
        (app, texts(&confirmed.json["recovery_codes"]))
    }

    /// The ticket of a good password.
    pub async fn ticket(&self, world: &World) -> String {
        let asked = world.login(&self.email, PASSWORD).await;
        assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
        assert!(
            asked.json.get("access_token").is_none() && asked.cookie.is_none(),
            "{asked:?}"
        );
        asked.text("/ticket")
    }
}

pub fn texts(list: &Json) -> Vec<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

pub async fn second(world: &World, ticket: &str, name: &str, value: impl Into<Json>) -> Answer {
    world
        .post("/auth/second-factor", json!({"ticket": ticket, name: value.into()}))
        .await
}

#[tokio::test]
async fn a_sign_in_takes_two_steps_once_there_is_an_app() {
    let world = World::new().await;
    let person = Person::new(&world).await;
    let begun = world.post_as(&person.token, "/auth/factors/totp", json!({})).await;
    assert!(begun.text("/url").starts_with("otpauth://totp/BARQ:"), "{begun:?}");
    // Until the first code nothing is asked for.
    let other = world.login(&person.email, PASSWORD).await;
    assert_eq!(world.knock(&other.token()).await, 200);

    let (app, codes) = person.app(&world).await;
    assert_eq!(codes.len(), 10);
    // Whoever had come in with less has to come again; this session goes on.
    assert_eq!(world.knock(&other.token()).await, 401);
    assert_eq!(world.knock(&person.token).await, 200);
    let there = world.post_as(&person.token, "/auth/factors/totp", json!({})).await;
    assert_eq!(there.text("/code"), "totp_there");

    let asked = world.login(&person.email, PASSWORD).await;
    assert_eq!(asked.json["second_factor"], json!(["totp", "recovery_code"]));
    let signed_in = second(&world, &asked.text("/ticket"), "code", app.shows(&world, 0)).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
    assert!(signed_in.cookie().starts_with("__Host-barq_refresh="));
    assert_eq!(world.knock(&signed_in.token()).await, 200);
    let yours = world.get_as(&signed_in.token(), "/auth/factors").await;
    assert_eq!(yours.json["recovery_codes_left"], 10);
    assert!(
        yours.json["totp_since"].is_string() && yours.json["has_password"] == true,
        "{yours:?}"
    );

    // Without the app: a recovery code, once, however it is typed; and with it the app can be taken off.
    let typed = codes[3].to_lowercase().replace('-', " ");
    let recovered = second(&world, &person.ticket(&world).await, "recovery_code", typed.clone()).await;
    assert_eq!(recovered.status, StatusCode::OK, "{recovered:?}");
    let again = second(&world, &person.ticket(&world).await, "recovery_code", typed).await;
    assert_eq!(again.refused(), ("recovery_code".to_owned(), "wrong_code".to_owned()));
    let bearer = format!("Bearer {}", recovered.token());
    let headers = [("authorization", bearer.as_str())];
    let removed = world
        .call(Method::Delete, "/auth/factors/totp", &headers, &Json::Null)
        .await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{removed:?}");
    // The person was told each time.
    say(
        &told(&world, &person.email, "factors_changed").await,
        &[
            "the app that shows codes was removed",
            "with a recovery code",
            "an app that shows codes was added",
        ],
    );
    assert_eq!(
        world.knock(&world.login(&person.email, PASSWORD).await.token()).await,
        200
    );
}

#[tokio::test]
async fn what_is_worth_it_asks_for_a_recent_proof() {
    let world = World::new().await;
    let person = Person::new(&world).await;
    world.wait(601);
    let needed = |answer: Answer| {
        assert_eq!(
            (answer.status.as_u16(), answer.text("/code").as_str()),
            (403, "step_up_needed")
        );
    };
    needed(world.post_as(&person.token, "/auth/factors/totp", json!({})).await);
    // A refreshed or switched session has proved nothing; a wrong password neither.
    let me = world.get_as(&person.token, "/auth/me").await;
    let body = json!({"organization_id": me.json["organization"]["id"]});
    let switched = world.post_as(&person.token, "/auth/switch", body).await;
    let token = switched.token();
    needed(world.post_as(&token, "/auth/factors/totp", json!({})).await);
    let wrong = world
        .post_as(&token, "/auth/step-up", json!({"password": "not the password"}))
        .await;
    assert_eq!(wrong.refused(), ("password".to_owned(), "wrong_password".to_owned()));
    for body in [
        json!({}),
        json!({"password": PASSWORD, "code": "123456"}),
        json!({"ticket": "x"}),
    ] {
        let answer = world.post_as(&token, "/auth/step-up", body).await;
        assert_eq!(answer.text("/code"), "one_way");
    }
    let proven = world
        .post_as(&token, "/auth/step-up", json!({"password": PASSWORD}))
        .await;
    assert_eq!(
        (proven.status, proven.json["expires_in_s"].as_i64()),
        (StatusCode::OK, Some(600))
    );
    let person = Person { token, ..person };
    let (app, _) = person.app(&world).await;
    let signed_in = second(&world, &person.ticket(&world).await, "code", app.shows(&world, 0)).await;
    let person = Person {
        token: signed_in.token(),
        ..person
    };
    world.wait(601);
    // Who has a second factor shows it; the password is no proof any more.
    needed(
        world
            .post_as(&person.token, "/auth/factors/recovery-codes", json!({}))
            .await,
    );
    let weak = world
        .post_as(&person.token, "/auth/step-up", json!({"password": PASSWORD}))
        .await;
    assert_eq!(weak.text("/code"), "factor_needed");
    let proven = world
        .post_as(&person.token, "/auth/step-up", json!({"code": app.shows(&world, 0)}))
        .await;
    assert_eq!(proven.status, StatusCode::OK, "{proven:?}");
    let renewed = world
        .post_as(&person.token, "/auth/factors/recovery-codes", json!({}))
        .await;
    assert_eq!(texts(&renewed.json["recovery_codes"]).len(), 10);
    world.wait(600);
    let refreshed = world.with_cookie("/auth/refresh", &signed_in.cookie()).await;
    let person = Person {
        token: refreshed.token(),
        ..person
    };
    needed(
        world
            .post_as(&person.token, "/auth/factors/recovery-codes", json!({}))
            .await,
    );
}

/// Codes that must not pass. Says how many were tried.
async fn codes(world: &World) -> usize {
    let person = Person::new(world).await;
    let (app, recovery) = person.app(world).await;
    let mut vectors = 0;
    let mut refuse = |what: &str, answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {answer:?}");
        vectors += 1;
    };
    // Replay: of the same code, of one before it, at once from two sides.
    let code = app.shows(world, 0);
    let early = app.shows(world, -30);
    assert_eq!(
        second(world, &person.ticket(world).await, "code", code.clone())
            .await
            .status,
        StatusCode::OK
    );
    refuse(
        "the same code",
        &second(world, &person.ticket(world).await, "code", code.clone()).await,
    );
    refuse(
        "an earlier code",
        &second(world, &person.ticket(world).await, "code", early).await,
    );
    world.wait(120);
    let code = app.shows(world, 0);
    let (one, two) = (person.ticket(world).await, person.ticket(world).await);
    let both = tokio::join!(
        second(world, &one, "code", code.clone()),
        second(world, &two, "code", code)
    );
    let good = [&both.0, &both.1]
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .count();
    assert_eq!(good, 1, "{both:?}");
    vectors += 1;
    let mut refuse = |what: &str, answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {answer:?}");
        vectors += 1;
    };
    // Drift: two steps are too many, one is not.
    world.wait(120);
    let ticket = person.ticket(world).await;
    refuse(
        "two steps late",
        &second(world, &ticket, "code", app.shows(world, -61)).await,
    );
    refuse(
        "two steps early",
        &second(world, &ticket, "code", app.shows(world, 61)).await,
    );
    let late = second(world, &ticket, "code", app.shows(world, -30)).await;
    assert_eq!(late.status, StatusCode::OK, "{late:?}");
    // The ticket: used, somebody else's purpose, too old.
    world.wait(120);
    refuse(
        "a used ticket",
        &second(world, &ticket, "code", app.shows(world, 0)).await,
    );
    let ticket = person.ticket(world).await;
    let passkey = second(world, &ticket, "credential", json!({})).await;
    refuse("another kind of proof", &passkey);
    world.wait(301);
    refuse(
        "an old ticket",
        &second(world, &ticket, "code", app.shows(world, 0)).await,
    );
    refuse(
        "no code",
        &world.post("/auth/second-factor", json!({"ticket": ticket})).await,
    );
    // A recovery code of somebody else.
    let other = Person::new(world).await;
    other.app(world).await;
    let foreign = second(world, &other.ticket(world).await, "recovery_code", recovery[0].clone()).await;
    refuse("somebody else's recovery code", &foreign);

    // Guessing: five in a minute, whatever ticket, way or address, and the right one waits too.
    world.wait(120);
    let mut tried = Vec::new();
    for guess in 0..12 {
        let ticket = person.ticket(world).await;
        let (way, code) = if guess % 2 == 0 {
            ("code", "000000")
        } else {
            ("recovery_code", "AAAA-AAAA-AAAA-AAAA")
        };
        tried.push(second(world, &ticket, way, code).await.status.as_u16());
    }
    assert_eq!(tried, [vec![422; 5], vec![429; 7]].concat());
    let waiting = second(world, &person.ticket(world).await, "code", app.shows(world, 0)).await;
    assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(waiting.retry_after_s, Some(60));
    world.wait(60);
    let right = second(world, &person.ticket(world).await, "code", app.shows(world, 0)).await;
    assert_eq!(right.status, StatusCode::OK, "{right:?}");
    // A day of guessing: after twenty in a row each costs up to a quarter of an hour.
    let mut hashed = 0;
    let ticket_of = person.ticket(world).await;
    for _ in 0..(6 * 60) {
        world.wait(10);
        let counted = sqlx::query_scalar::<_, i64>(
            "SELECT failures FROM identity.factor_tries WHERE user_id = (SELECT id FROM identity.users WHERE email = $1)",
        )
        .bind(&person.email)
        .fetch_one(&mut admin().await)
        .await
        .unwrap();
        let ticket = if hashed % 5 == 0 {
            person.ticket(world).await
        } else {
            ticket_of.clone()
        };
        let _ = second(world, &ticket, "code", "000000").await;
        hashed = counted;
    }
    assert!(hashed <= 30, "{hashed} guesses in an hour");
    vectors + tried.len()
}

#[tokio::test]
async fn a11_no_code_twice_none_guessed_and_no_passkey_of_another_page() {
    let world = World::new().await;
    let vectors = codes(&world).await + passkeys(&world).await;
    catalogue::line("A11", &format!("0 accepted of {vectors}, 5 codes a minute"));
}
