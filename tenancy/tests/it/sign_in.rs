//! Signing up and in, and what an access token opens.

use axum::http::StatusCode;
use serde_json::json;

use crate::shared::{PASSWORD, World, unique};

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
