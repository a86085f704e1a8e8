//! A6 and A7: who guesses passwords gets few tries, and nobody learns which addresses have an account.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use tenancy::MailSettings;

use crate::catalogue;
use crate::mailbox::House;
use crate::shared::{Answer, PASSWORD, unique};

async fn guess(house: &House, address: &str, email: &str) -> Answer {
    let body = json!({"email": email, "password": "not the right password"});
    house.world.call_from(address, "/auth/login", body).await
}

#[tokio::test]
async fn a6_guesses_from_everywhere_are_few_and_the_owner_still_gets_in() {
    const GUESSES: i64 = 10_000;
    let house = House::new("guessing_one").await;
    let world = &house.world;
    let (email, _) = world.company("Guessed").await;
    let begun = world.clock.now();
    let (mut hashed, mut known) = (0, 0);
    for number in 0..GUESSES {
        world
            .clock
            .set(begun + TimeDelta::hours(1) * i32::try_from(number).unwrap() / i32::try_from(GUESSES).unwrap());
        let answer = guess(&house, &format!("198.51.100.{}", number % 100), &email).await;
        match answer.status {
            StatusCode::UNAUTHORIZED => hashed += 1,
            StatusCode::TOO_MANY_REQUESTS => assert!(answer.retry_after_s.is_some()),
            other => panic!("{other} {answer:?}"),
        }
        if number % 1_000 == 999 {
            // From where the owner signed in before he comes in at once.
            known += i32::from(world.login(&email, PASSWORD).await.status == StatusCode::OK);
        }
    }
    assert!(hashed <= 100, "{hashed} guesses were tried");
    assert_eq!(known, 10);
    // From anywhere else he waits for a minute at most: nobody is locked out.
    let body = json!({"email": email, "password": PASSWORD});
    let mut waited = 0;
    let mut answer = world.call_from("203.0.113.9", "/auth/login", body.clone()).await;
    while let (StatusCode::TOO_MANY_REQUESTS, Some(seconds)) = (answer.status, answer.retry_after_s) {
        waited += seconds;
        assert!(waited <= 60, "waits for {waited} s");
        world.wait(i64::try_from(seconds).unwrap());
        answer = world.call_from("203.0.113.9", "/auth/login", body.clone()).await;
    }
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

    // One address that goes through many accounts.
    let (begun, tries) = (world.clock.now(), 10_000);
    let mut stuffed = 0;
    for number in 0..tries {
        world.clock.set(begun + TimeDelta::hours(1) * number / tries);
        let answer = guess(&house, "198.51.100.200", &format!("somebody-{number}@example.sa")).await;
        stuffed += i32::from(answer.status == StatusCode::UNAUTHORIZED);
    }
    assert!(stuffed <= 130, "{stuffed} accounts were tried from one address");
    catalogue::line(
        "A6",
        &format!(
            "{hashed} of {GUESSES} guesses from 100 addresses tried within an hour (at most 100), {stuffed} of {tries} accounts \
             from one address; the owner came in 10 of 10 times from a known address, after {waited} s from a new one"
        ),
    );
}

/// The chance that a call of the one kind takes longer than a call of the other; a half when nothing tells them apart.
fn auc(one: &[Duration], other: &[Duration]) -> f64 {
    let mut wins = 0.0;
    for a in one {
        for b in other {
            wins += match a.cmp(b) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred samples")]
    let pairs = (one.len() * other.len()) as f64;
    wins / pairs
}

const SAMPLES: usize = 400;

/// Times calls about an address that has an account against calls about one that has none, taking turns at going first. Every
/// answer must be the same, byte for byte.
async fn compare(house: &House, path: &str, body: impl Fn(&str) -> Json, known: &str) -> f64 {
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    let mut first: Option<(StatusCode, Json)> = None;
    for number in 0..SAMPLES {
        // Nobody waits for an earlier try.
        house.world.wait(3_700);
        let unknown = unique("unknown");
        let pair = [(known.to_owned(), true), (unknown, false)];
        let turn = number % 2;
        for (email, is_known) in [&pair[turn], &pair[1 - turn]] {
            let address = format!("2001:db8:{number:x}:{:x}::1", u8::from(*is_known));
            let body = body(email);
            let begun = Instant::now();
            let answer = house.world.call_from(&address, path, body).await;
            let took = begun.elapsed();
            let seen = (answer.status, answer.json);
            assert_eq!(first.get_or_insert_with(|| seen.clone()), &seen, "{path} {email}");
            if *is_known {
                of_known.push(took);
            } else {
                of_unknown.push(took);
            }
        }
    }
    auc(&of_known, &of_unknown)
}

#[tokio::test]
async fn a7_nobody_learns_which_addresses_have_an_account() {
    let house = House::new("guessing_who").await;
    let (email, _) = house.world.company("Known").await;
    // Where letters are sent; the server is not asked for one here.
    let mail = MailSettings {
        smtp_url: Some("smtp://127.0.0.1:9".to_owned()),
        ..MailSettings::default()
    };
    let mailing = House::with("guessing_who", &mail).await;
    let login = |email: &str| json!({"email": email, "password": "not the right password"});
    let forgot = |email: &str| json!({"email": email});
    let register =
        |email: &str| json!({"email": email, "password": PASSWORD, "full_name": "Noura", "organization_name": "Najm"});
    let mut figures = Vec::new();
    for (path, body) in [
        ("/auth/login", &login as &dyn Fn(&str) -> Json),
        ("/auth/password/forgot", &forgot),
        ("/auth/sign_up", &forgot),
        ("/auth/register", &register),
    ] {
        // Four hundred samples of two equal things are outside of 0.45–0.55 now and then; three times in a row they are not.
        let mut figure = compare(&mailing, path, body, &email).await;
        for _ in 0..2 {
            if (0.45..=0.55).contains(&figure) {
                break;
            }
            figure = compare(&mailing, path, body, &email).await;
        }
        assert!((0.45..=0.55).contains(&figure), "{path}: {figure:.3}");
        figures.push(format!("{path} {figure:.3}"));
    }

    // What tells them apart is seen: without letters a sign-up says that the address is taken, and hashes for one that is not.
    let (mut taken, mut free) = (Vec::new(), Vec::new());
    for number in 0..20 {
        house.world.wait(3_700);
        for (email, times) in [(email.clone(), &mut taken), (unique("free"), &mut free)] {
            let begun = Instant::now();
            let address = format!("2001:db8:ffff:{number:x}::1");
            house
                .world
                .call_from(&address, "/auth/register", register(&email))
                .await;
            times.push(begun.elapsed());
        }
    }
    let control = auc(&free, &taken);
    assert!(control > 0.9, "the control cannot be told apart: {control:.3}");
    catalogue::line(
        "A7",
        &format!(
            "bodies equal; AUC of {SAMPLES} samples each: {}; control {control:.3}",
            figures.join(", ")
        ),
    );
}
