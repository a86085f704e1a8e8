//! Signing up and in, and what an access token opens.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::json;

use crate::shared::{PASSWORD, World, admin, unique};

#[tokio::test]
async fn a_newcomer_signs_up_and_is_the_owner() {
    let world = World::new().await;
    let (email, signed_up) = world.company("Najm Logistics").await;
    assert_eq!(signed_up.text("/organization/name"), "Najm Logistics");
    assert_eq!(signed_up.text("/membership"), "owner");
    assert_eq!(signed_up.json["expires_in_s"], 900);
    assert!(signed_up.cookie().starts_with("__Host-barq_refresh="));

    let signed_in = world.login(&email.to_uppercase(), PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
    let me = world.get_as(&signed_in.token(), "/auth/me").await;
    assert_eq!(me.status, StatusCode::OK, "{me:?}");
    assert_eq!(me.text("/user/email"), email);
    assert_eq!(me.text("/organization/currency"), "SAR");
    assert_eq!(
        me.json["organizations"],
        json!([{"id": signed_up.json["organization"]["id"], "name": "Najm Logistics"}])
    );
    assert!(
        me.json["permissions"]
            .as_array()
            .unwrap()
            .contains(&json!("members.create"))
    );
}

#[tokio::test]
async fn a_sign_up_is_told_everything_that_is_wrong_with_it() {
    let world = World::new().await;
    let (email, _) = world.company("Taken").await;
    let body = json!({"email": "nobody", "password": "short", "full_name": " ", "organization_name": "\u{7}"});
    let answer = world.post("/auth/register", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors: Vec<(&str, &str)> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    let expected = [
        ("organization_name", "bad_character"),
        ("email", "not_an_email"),
        ("full_name", "required"),
        ("password", "password_short"),
    ];
    assert_eq!(errors, expected);

    let answer = world.register(&email, "Second").await;
    assert_eq!(answer.refused(), ("email".to_owned(), "taken".to_owned()));

    let extra = json!({"email": unique("x"), "password": PASSWORD, "full_name": "X", "organization_name": "Y", "membership": "owner"});
    assert_eq!(
        world.post("/auth/register", extra).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let world = World::new().await;
    let (email, _) = world.company("Same").await;
    let wrong = world.login(&email, "correct horse batterx").await;
    let unknown = world.login(&unique("nobody"), PASSWORD).await;
    let strange = world.login("a\u{0}b", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.text("/code"), "wrong_credentials");
    assert_eq!(wrong.json, unknown.json);
    assert_eq!(wrong.json, strange.json);
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_read() {
    let world = World::new().await;
    let answer = world.login(&unique("big"), &"x".repeat(5000)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn of_two_sign_ups_with_one_address_at_once_one_is_made() {
    let world = World::new().await;
    let email = unique("race");
    let answers = join_all((0..4).map(|number| {
        let name = format!("Race {number}");
        let (world, email) = (&world, &email);
        async move { world.register(email, &name).await }
    }))
    .await;
    let made: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != StatusCode::CREATED) {
        assert_eq!(answer.refused(), ("email".to_owned(), "taken".to_owned()));
    }
    assert_eq!(
        world.login(&email, PASSWORD).await.json["organization"],
        made[0].json["organization"]
    );
    // What the others had begun is closed and belongs to nobody.
    let open: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM platform.organizations o JOIN platform.members m USING (organization_id)
         WHERE m.email = $1 AND o.status <> 'cancelled'",
    )
    .bind(&email)
    .fetch_one(&mut admin().await)
    .await
    .unwrap();
    assert_eq!(open, 1);
}

#[tokio::test]
async fn a_weak_hash_is_replaced_at_sign_in() {
    let world = World::new().await;
    let (email, signed_up) = world.company("Old hash").await;
    let weak = Params::new(8192, 1, 1, None).unwrap();
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak);
    let weak = weak
        .hash_password_with_salt(PASSWORD.as_bytes(), b"sixteen bytes ok")
        .unwrap()
        .to_string();
    let user: uuid::Uuid = signed_up.text("/user/id").parse().unwrap();
    let mut admin = admin().await;
    sqlx::query("UPDATE identity.credentials SET password_hash = $2 WHERE user_id = $1")
        .bind(user)
        .bind(&weak)
        .execute(&mut admin)
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(world.login(&email, PASSWORD).await.status, StatusCode::OK);
        let stored: String = sqlx::query_scalar("SELECT password_hash FROM identity.credentials WHERE user_id = $1")
            .bind(user)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        assert!(stored.contains("m=19456,t=2,p=1"), "{stored}");
    }
}

#[tokio::test]
async fn a_closed_account_gets_the_answer_of_a_wrong_password() {
    let world = World::new().await;
    let (email, signed_up) = world.company("Closed").await;
    let user: uuid::Uuid = signed_up.text("/user/id").parse().unwrap();
    sqlx::query("UPDATE identity.users SET status = 'locked' WHERE id = $1")
        .bind(user)
        .execute(&mut admin().await)
        .await
        .unwrap();
    assert_eq!(world.login(&email, PASSWORD).await.text("/code"), "wrong_credentials");
    let refreshed = world.with_cookie("/auth/refresh", &signed_up.cookie()).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
}
