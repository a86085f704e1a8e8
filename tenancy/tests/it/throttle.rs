//! Guessing gets slow, and nobody is locked out.

use axum::http::StatusCode;
use futures_util::future::join_all;

use crate::shared::{PASSWORD, World};

#[tokio::test]
async fn each_failure_after_the_fourth_doubles_the_wait() {
    let world = World::new().await;
    let (email, _) = world.company("Guessed").await;
    for _ in 0..5 {
        assert_eq!(
            world.login(&email, "wrong password").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    for wait in [1, 2, 4, 8, 16, 32] {
        let refused = world.login(&email, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.retry_after_s, Some(wait));
        world.wait(i64::try_from(wait).unwrap() - 1);
        // Asking while it waits does not make the wait longer.
        assert_eq!(world.login(&email, PASSWORD).await.retry_after_s, Some(1));
        world.wait(1);
        assert_eq!(
            world.login(&email, "wrong password").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    // The right password after the wait opens, and what was before is forgotten.
    world.wait(64);
    assert_eq!(world.login(&email, PASSWORD).await.status, StatusCode::OK);
    assert_eq!(
        world.login(&email, "wrong password").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.login(&email, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_wait_has_an_end_and_a_day_forgets_it() {
    let world = World::new().await;
    let (email, _) = world.company("Patient").await;
    for _ in 0..40 {
        world.login(&email, "wrong password").await;
        world.wait(900);
    }
    world.login(&email, "wrong password").await;
    assert_eq!(world.login(&email, PASSWORD).await.retry_after_s, Some(900));
    world.wait(24 * 3600 + 1);
    for _ in 0..4 {
        assert_eq!(
            world.login(&email, "wrong password").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(world.login(&email, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn many_guesses_at_once_are_no_cheaper() {
    let world = World::new().await;
    let (email, _) = world.company("Rushed").await;
    let answers = join_all((0..20).map(|_| world.login(&email, "wrong password"))).await;
    let tried = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::UNAUTHORIZED)
        .count();
    let slowed = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
        .count();
    assert_eq!((tried, slowed), (5, 15));
}

#[tokio::test]
async fn another_address_is_not_slowed_by_somebody_elses_guesses() {
    let world = World::new().await;
    let (email, _) = world.company("Attacked").await;
    for _ in 0..6 {
        world.login(&email, "wrong password").await;
    }
    assert_eq!(
        world.login(&email, PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let elsewhere = World::new().await;
    assert_eq!(elsewhere.login(&email, PASSWORD).await.status, StatusCode::OK);
}
