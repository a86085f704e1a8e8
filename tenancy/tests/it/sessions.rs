//! Refresh tokens, and how a session ends.

use axum::http::StatusCode;
use futures_util::future::join_all;
use platform_core::Method;
use serde_json::Value as Json;
use sqlx::Row;

use crate::catalogue;
use crate::shared::{Answer, Held, PASSWORD, World, admin};

async fn refresh(world: &World, cookie: &str) -> Answer {
    world.with_cookie("/auth/refresh", cookie).await
}

#[tokio::test]
async fn each_refresh_gives_another_token_and_the_old_one_is_soon_worth_nothing() {
    let world = World::new().await;
    let (_, first) = world.company("Rotating").await;
    world.wait(60);
    let second = refresh(&world, &first.cookie()).await;
    assert_eq!(second.status, StatusCode::OK, "{second:?}");
    assert_ne!(second.cookie(), first.cookie());
    assert_ne!(second.token(), first.token());
    assert_eq!(world.knock(&second.token()).await, 200);
    world.wait(60);
    let third = refresh(&world, &second.cookie()).await;
    assert_eq!(third.status, StatusCode::OK);
    assert_eq!(third.json["organization"], first.json["organization"]);
}

#[tokio::test]
async fn a_spent_token_ends_the_whole_session() {
    let world = World::new().await;
    let (email, first) = world.company("Stolen").await;
    let elsewhere = world.login(&email, PASSWORD).await;
    let second = refresh(&world, &first.cookie()).await;
    world.wait(11);
    let thief = refresh(&world, &first.cookie()).await;
    assert_eq!(thief.status, StatusCode::UNAUTHORIZED);
    assert_eq!(thief.cookie(), "__Host-barq_refresh=");
    // The one who was robbed signs in again; what the thief may have got meanwhile is dead too.
    assert_eq!(refresh(&world, &second.cookie()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.knock(&second.token()).await, 401);
    assert_eq!(world.knock(&first.token()).await, 401);
    // Other sign-ins of the person go on.
    assert_eq!(world.knock(&elsewhere.token()).await, 200);
    assert_eq!(refresh(&world, &elsewhere.cookie()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_was_spent_long_ago_is_a_theft_even_within_the_grace_of_a_later_one() {
    let world = World::new().await;
    let (_, first) = world.company("Chain").await;
    let second = refresh(&world, &first.cookie()).await;
    let third = refresh(&world, &second.cookie()).await;
    assert_eq!(third.status, StatusCode::OK);
    // Ten seconds are for the token right before the one in use, not for the one before that.
    assert_eq!(refresh(&world, &first.cookie()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&world, &third.cookie()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_pages_that_refresh_at_once_get_the_same_token() {
    let world = World::new().await;
    let (_, first) = world.company("Parallel").await;
    let cookie = first.cookie();
    let user = first.text("/user/id").parse().unwrap();
    let held = Held::take("SELECT id FROM identity.sessions WHERE user_id = $1 FOR UPDATE", user).await;
    let (answers, ()) = tokio::join!(
        join_all((0..3).map(|_| refresh(&world, &cookie))),
        held.release_when_two_wait(),
    );
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.cookie(), answers[0].cookie());
    }
    // An answer that was lost on the way is asked for once more.
    world.wait(10);
    assert_eq!(refresh(&world, &cookie).await.cookie(), answers[0].cookie());
    world.wait(5);
    assert_eq!(refresh(&world, &answers[0].cookie()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let world = World::new().await;
    let (email, idle) = world.company("Idle").await;
    world.wait(12 * 3600);
    assert_eq!(refresh(&world, &idle.cookie()).await.status, StatusCode::UNAUTHORIZED);

    let mut cookie = world.login(&email, PASSWORD).await.cookie();
    let eleven_hours = 11 * 3600;
    for _ in 0..(30 * 24 / 11) {
        world.wait(eleven_hours);
        let answer = refresh(&world, &cookie).await;
        assert_eq!(answer.status, StatusCode::OK);
        cookie = answer.cookie();
    }
    world.wait(eleven_hours);
    assert_eq!(refresh(&world, &cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signing_out_acts_on_the_next_request_and_on_this_session_alone() {
    let world = World::new().await;
    let (email, one) = world.company("Leaving").await;
    let other = world.login(&email, PASSWORD).await;
    assert_eq!(world.knock(&one.token()).await, 200);
    let out = world.with_cookie("/auth/logout", &one.cookie()).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(out.cookie(), "__Host-barq_refresh=");
    assert_eq!(world.knock(&one.token()).await, 401);
    assert_eq!(refresh(&world, &one.cookie()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.knock(&other.token()).await, 200);

    // Without the cookie, the access token says which session it is.
    let bearer = format!("Bearer {}", other.token());
    let headers = [("x-barq-request", "1"), ("authorization", bearer.as_str())];
    let out = world.call(Method::Post, "/auth/logout", &headers, &Json::Null).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(world.knock(&other.token()).await, 401);
    assert_eq!(refresh(&world, &other.cookie()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_cookie_alone_does_nothing() {
    let world = World::new().await;
    let (_, first) = world.company("Other site").await;
    let cookie = first.cookie();
    for path in ["/auth/refresh", "/auth/logout"] {
        for headers in [
            vec![("cookie", cookie.as_str())],
            vec![
                ("cookie", cookie.as_str()),
                ("x-barq-request", "1"),
                ("host", "barq.example"),
                ("origin", "https://evil.example"),
            ],
        ] {
            let answer = world.call(Method::Post, path, &headers, &Json::Null).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert_eq!(answer.text("/code"), "cross_site");
        }
    }
    assert_eq!(world.knock(&first.token()).await, 200);
    for cookie in ["", "__Host-barq_refresh=AAAA"] {
        assert_eq!(refresh(&world, cookie).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(refresh(&world, &first.cookie()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_database_never_holds_a_token() {
    let world = World::new().await;
    let (_, first) = world.company("Hashed").await;
    let second = refresh(&world, &first.cookie()).await;
    let user: uuid::Uuid = first.text("/user/id").parse().unwrap();
    let row = sqlx::query(
        "SELECT family_hash, refresh_hash, previous_hash, successor FROM identity.sessions WHERE user_id = $1",
    )
    .bind(user)
    .fetch_one(&mut admin().await)
    .await
    .unwrap();
    let encoded = second.cookie();
    let encoded = encoded.split_once('=').unwrap().1;
    let token = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, encoded).unwrap();
    let (family, secret) = token.split_at(16);
    for column in ["family_hash", "refresh_hash", "previous_hash", "successor"] {
        let stored: Vec<u8> = row.try_get(column).unwrap();
        assert_eq!(stored.len(), 32, "{column}");
        assert!(
            !stored
                .windows(16)
                .any(|window| window == family || secret.starts_with(window)),
            "{column}"
        );
    }
}

/// The catalogue's A3: spent tokens, those of two generations ago, and twenty refreshes at once.
#[tokio::test]
async fn a3_a_spent_token_ends_its_family_and_many_at_once_leave_one_session() {
    const FAMILIES: usize = 12;
    const PARALLEL: usize = 20;
    let world = World::new().await;
    let (email, _) = world.company("Replayed").await;
    let mut ended = 0;
    for number in 0..FAMILIES {
        let first = world.login(&email, PASSWORD).await;
        let second = refresh(&world, &first.cookie()).await;
        let last = if number % 2 == 0 {
            // One generation old, when the grace is over.
            world.wait(11);
            second
        } else {
            // Two generations old, within the grace of the one between.
            refresh(&world, &second.cookie()).await
        };
        assert_eq!(last.status, StatusCode::OK, "{last:?}");
        let replayed = refresh(&world, &first.cookie()).await;
        assert_eq!(replayed.status, StatusCode::UNAUTHORIZED, "{replayed:?}");
        assert_eq!(refresh(&world, &last.cookie()).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(world.knock(&last.token()).await, 401);
        ended += 1;
    }

    let first = world.login(&email, PASSWORD).await;
    let live = "SELECT count(*) FROM identity.sessions WHERE user_id = $1 AND ended_at IS NULL";
    let user: uuid::Uuid = first.text("/user/id").parse().unwrap();
    let mut admin = admin().await;
    let before: i64 = sqlx::query_scalar(live).bind(user).fetch_one(&mut admin).await.unwrap();
    let cookie = first.cookie();
    let answers = join_all((0..PARALLEL).map(|_| refresh(&world, &cookie))).await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.cookie(), answers[0].cookie(), "all got the one successor");
    }
    let after: i64 = sqlx::query_scalar(live).bind(user).fetch_one(&mut admin).await.unwrap();
    assert_eq!(before, after, "no session more");
    let next = refresh(&world, &answers[PARALLEL - 1].cookie()).await;
    assert_eq!(next.status, StatusCode::OK, "{next:?}");
    catalogue::line(
        "A3",
        &format!(
            "{ended} of {FAMILIES} families ended by a spent token, 0 accepted of two generations ago; {PARALLEL} refreshes at \
             once left one session"
        ),
    );
}
