//! One person in two organizations.

use axum::http::StatusCode;
use serde_json::json;
use tenancy::{NewPerson, Offer, Position, Standing, create_member, set_standing};
use uuid::Uuid;

use crate::shared::{Answer, PASSWORD, World};

fn organization(answer: &Answer) -> Offer {
    Offer {
        id: answer.text("/organization/id").parse().unwrap(),
        name: answer.text("/organization/name"),
    }
}

/// The owner of the first company becomes a dispatcher of the second.
async fn two_companies(world: &World) -> (String, Answer, Answer) {
    let (email, first) = world.company("First").await;
    let (_, second) = world.company("Second").await;
    let person = NewPerson {
        email: email.clone(),
        full_name: "Known otherwise".to_owned(),
        password: "another password altogether".to_owned(),
    };
    let position = Position::new("viewer", &["dispatcher"]);
    create_member(&world.platform, &organization(&second), &person, &position)
        .await
        .unwrap();
    (email, first, second)
}

#[tokio::test]
async fn a_person_switches_between_the_organizations_of_his_own() {
    let world = World::new().await;
    let (email, first, second) = two_companies(&world).await;
    let wanted = organization(&second).id;
    world.wait(1);

    let switched = world
        .post_as(&first.token(), "/auth/switch", json!({"organization_id": wanted}))
        .await;
    assert_eq!(switched.status, StatusCode::OK, "{switched:?}");
    assert_eq!(switched.text("/organization/name"), "Second");
    assert_eq!(switched.text("/membership"), "viewer");
    assert_eq!(switched.json["roles"], json!(["dispatcher"]));
    assert_eq!(switched.json["organizations"].as_array().unwrap().len(), 2);
    // The session before is over, the new one is of the other organization.
    assert_eq!(world.knock(&first.token()).await, 401);
    let refreshed = world.with_cookie("/auth/refresh", &first.cookie()).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    let me = world.get_as(&switched.token(), "/auth/me").await;
    assert_eq!(me.text("/organization/id"), wanted.to_string());
    assert!(
        !me.json["permissions"]
            .as_array()
            .unwrap()
            .contains(&json!("members.create"))
    );

    // Sign-in opens the organization used last, or the one that is asked for.
    let again = world.login(&email, PASSWORD).await;
    assert_eq!(again.text("/organization/name"), "Second");
    let body = json!({"email": email, "password": PASSWORD, "organization_id": organization(&first).id});
    assert_eq!(
        world.post("/auth/login", body).await.text("/organization/name"),
        "First"
    );
    // Whoever was known before keeps his password.
    assert_eq!(
        world.login(&email, "another password altogether").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn an_organization_of_others_is_not_there() {
    let world = World::new().await;
    let (_, mine) = world.company("Mine").await;
    let (_, theirs) = world.company("Theirs").await;
    let foreign = world
        .post_as(
            &mine.token(),
            "/auth/switch",
            json!({"organization_id": organization(&theirs).id}),
        )
        .await;
    let missing = world
        .post_as(
            &mine.token(),
            "/auth/switch",
            json!({"organization_id": Uuid::from_u128(5)}),
        )
        .await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(foreign.json, missing.json);
    assert_eq!(
        world
            .post("/auth/switch", json!({"organization_id": Uuid::nil()}))
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.knock(&mine.token()).await, 200);
}

#[tokio::test]
async fn a_suspended_organization_is_closed_on_the_next_request() {
    let world = World::new().await;
    let (email, first, second) = two_companies(&world).await;
    let id_of_second = organization(&second).id;
    let token = second.token();
    assert_eq!(world.knock(&token).await, 200);
    set_standing(&world.platform, id_of_second, Standing::Suspended)
        .await
        .unwrap();
    assert_eq!(world.knock(&token).await, 401);
    let wanted = json!({"organization_id": id_of_second});
    let switched = world.post_as(&first.token(), "/auth/switch", wanted).await;
    assert_eq!(switched.status, StatusCode::NOT_FOUND);
    assert_eq!(world.knock(&first.token()).await, 200);
    // Nothing is lost when it opens again.
    set_standing(&world.platform, id_of_second, Standing::Active)
        .await
        .unwrap();
    assert_eq!(world.knock(&token).await, 200);

    set_standing(&world.platform, id_of_second, Standing::Suspended)
        .await
        .unwrap();
    let refreshed = world.with_cookie("/auth/refresh", &second.cookie()).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    set_standing(&world.platform, organization(&first).id, Standing::Cancelled)
        .await
        .unwrap();
    let closed = world.login(&email, PASSWORD).await;
    assert_eq!(
        (closed.status, closed.text("/code")),
        (StatusCode::FORBIDDEN, "no_organization".to_owned())
    );
    set_standing(&world.platform, id_of_second, Standing::Active)
        .await
        .unwrap();
    assert_eq!(world.login(&email, PASSWORD).await.text("/organization/name"), "Second");
}

#[tokio::test]
async fn an_organization_that_let_somebody_go_is_no_longer_offered() {
    let world = World::new().await;
    let (email, first, second) = two_companies(&world).await;
    let user_id = first.text("/user/id");
    let removed = world
        .post_as(
            &second.token(),
            &format!("/tenancy/members/{user_id}/remove"),
            json!({}),
        )
        .await;
    assert_eq!(removed.status, StatusCode::OK, "{removed:?}");
    let offered = |answer: &Answer| answer.json["organizations"].as_array().unwrap().len();
    let (token, wanted) = (first.token(), json!({"organization_id": organization(&second).id}));
    let ask = || world.post_as(&token, "/auth/switch", wanted.clone());
    // An offer of just now is spared: who is being added at this moment is not a member yet either.
    assert_eq!(ask().await.status, StatusCode::NOT_FOUND);
    assert_eq!(offered(&world.get_as(&first.token(), "/auth/me").await), 2);
    world.wait(61);
    assert_eq!(ask().await.status, StatusCode::NOT_FOUND);
    assert_eq!(offered(&world.get_as(&first.token(), "/auth/me").await), 1);
    assert_eq!(offered(&world.login(&email, PASSWORD).await), 1);
}
