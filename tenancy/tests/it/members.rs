//! The people of an organization, and that changes act on the next request.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::shared::{Answer, Held, PASSWORD, World, admin, unique};

/// A colleague, signed in.
struct Colleague {
    user_id: String,
    email: String,
    token: String,
    cookie: String,
}

async fn add(world: &World, token: &str, email: &str, membership: &str, roles: &[&str]) -> Answer {
    let body = json!({"email": email, "full_name": "Sami Al-Otaibi", "password": PASSWORD, "membership": membership, "roles": roles});
    world.post_as(token, "/tenancy/members", body).await
}

async fn colleague(world: &World, token: &str, membership: &str, roles: &[&str]) -> Colleague {
    let email = unique(membership);
    let added = add(world, token, &email, membership, roles).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let signed_in = world.login(&email, PASSWORD).await;
    Colleague {
        user_id: added.text("/user_id"),
        email,
        token: signed_in.token(),
        cookie: signed_in.cookie(),
    }
}

async fn act(world: &World, token: &str, user_id: &str, act: &str, body: Json) -> Answer {
    world
        .post_as(token, &format!("/tenancy/members/{user_id}/{act}"), body)
        .await
}

async fn permissions(world: &World, token: &str) -> Vec<String> {
    let me = world.get_as(token, "/auth/me").await;
    serde_json::from_value(me.json["permissions"].clone()).unwrap()
}

#[tokio::test]
async fn a_removed_member_is_out_on_the_next_request() {
    let world = World::new().await;
    let (_, owner) = world.company("Remover").await;
    let sami = colleague(&world, &owner.token(), "manager", &[]).await;
    assert_eq!(world.knock(&sami.token).await, 200);
    let elsewhere = world.login(&sami.email, PASSWORD).await.token();
    let removed = act(&world, &owner.token(), &sami.user_id, "remove", Json::Null).await;
    assert_eq!(
        (removed.status, removed.text("/status")),
        (StatusCode::OK, "removed".to_owned())
    );
    assert_eq!(world.knock(&sami.token).await, 401);
    assert_eq!(
        world.with_cookie("/auth/refresh", &sami.cookie).await.status,
        StatusCode::UNAUTHORIZED
    );
    let login = world.login(&sami.email, PASSWORD).await;
    assert_eq!(
        (login.status, login.text("/code")),
        (StatusCode::FORBIDDEN, "no_organization".to_owned())
    );
    assert_eq!(
        act(&world, &owner.token(), &sami.user_id, "remove", Json::Null)
            .await
            .status,
        StatusCode::NOT_FOUND
    );

    // Back again: a sign-in works, what was handed out before does not.
    let back = add(&world, &owner.token(), &sami.email, "viewer", &["courier"]).await;
    assert_eq!(
        (back.status, back.text("/user_id")),
        (StatusCode::CREATED, sami.user_id.clone())
    );
    assert_eq!(world.knock(&sami.token).await, 401);
    assert_eq!(world.knock(&elsewhere).await, 401);
    assert_eq!(world.login(&sami.email, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_roles_act_on_the_next_request() {
    let world = World::new().await;
    let (_, owner) = world.company("Roles").await;
    let sami = colleague(&world, &owner.token(), "viewer", &["courier"]).await;
    assert!(permissions(&world, &sami.token).await.is_empty());
    let path = "/tenancy/members";
    assert_eq!(world.get_as(&sami.token, path).await.status, StatusCode::FORBIDDEN);
    let changed = act(
        &world,
        &owner.token(),
        &sami.user_id,
        "roles",
        json!({"roles": ["hr_manager", "courier", "courier"]}),
    )
    .await;
    assert_eq!(changed.json["roles"], json!(["courier", "hr_manager"]), "{changed:?}");
    assert_eq!(permissions(&world, &sami.token).await, ["members.read"]);
    assert_eq!(world.get_as(&sami.token, path).await.status, StatusCode::OK);
    act(
        &world,
        &owner.token(),
        &sami.user_id,
        "roles",
        json!({"membership": "admin", "roles": []}),
    )
    .await;
    assert!(
        permissions(&world, &sami.token)
            .await
            .contains(&"members.remove".to_owned())
    );
}

#[tokio::test]
async fn nobody_gives_or_takes_more_than_he_has() {
    let world = World::new().await;
    let (_, owner) = world.company("Ranks").await;
    let admin = colleague(&world, &owner.token(), "admin", &[]).await;
    let manager = colleague(&world, &owner.token(), "manager", &[]).await;
    let owner_id = owner.text("/user/id");
    let refused = |answer: Answer| (answer.status.as_u16(), answer.text("/code"));
    let above = (409, "above_own".to_owned());

    assert_eq!(
        refused(add(&world, &admin.token, &unique("x"), "owner", &[]).await),
        above
    );
    assert_eq!(
        refused(
            act(
                &world,
                &admin.token,
                &manager.user_id,
                "roles",
                json!({"membership": "owner"})
            )
            .await
        ),
        above
    );
    assert_eq!(
        refused(
            act(
                &world,
                &admin.token,
                &owner_id,
                "roles",
                json!({"membership": "viewer"})
            )
            .await
        ),
        above
    );
    assert_eq!(
        refused(act(&world, &admin.token, &owner_id, "remove", Json::Null).await),
        above
    );
    let own = act(
        &world,
        &admin.token,
        &admin.user_id,
        "roles",
        json!({"membership": "owner"}),
    )
    .await;
    assert_eq!(refused(own), (409, "own_position".to_owned()));
    // A manager runs the business and not the organization.
    for (path, body) in [
        (format!("/tenancy/members/{}/remove", admin.user_id), Json::Null),
        (
            format!("/tenancy/members/{}/roles", admin.user_id),
            json!({"membership": "viewer"}),
        ),
    ] {
        assert_eq!(
            world.post_as(&manager.token, &path, body).await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(
        add(&world, &manager.token, &unique("x"), "viewer", &[]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        add(&world, &admin.token, &unique("x"), "admin", &["finance"])
            .await
            .status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new().await;
    let (_, owner) = world.company("Last").await;
    let owner_id = owner.text("/user/id");
    let kept = act(&world, &owner.token(), &owner_id, "remove", Json::Null).await;
    assert_eq!(
        (kept.status, kept.text("/code")),
        (StatusCode::CONFLICT, "last_owner".to_owned())
    );

    // Two owners who remove each other at the same time: one of them stays.
    let second = colleague(&world, &owner.token(), "owner", &[]).await;
    let organization: Uuid = owner.text("/organization/id").parse().unwrap();
    let held = Held::take(
        "SELECT user_id FROM platform.members WHERE organization_id = $1 FOR UPDATE",
        organization,
    )
    .await;
    let owner_token = owner.token();
    let (one, two, ()) = tokio::join!(
        act(&world, &owner_token, &second.user_id, "remove", Json::Null),
        act(&world, &second.token, &owner_id, "remove", Json::Null),
        held.release_when_two_wait(),
    );
    let done = [&one, &two]
        .iter()
        .filter(|answer| answer.status == StatusCode::OK)
        .count();
    assert_eq!(done, 1, "{one:?} {two:?}");
    let owners: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM platform.members WHERE organization_id = $1 AND membership = 'owner' AND status = 'active'",
    )
    .bind(organization)
    .fetch_one(&mut admin().await)
    .await
    .unwrap();
    assert_eq!(owners, 1);
}

#[tokio::test]
async fn members_of_others_are_not_there() {
    let world = World::new().await;
    let (_, mine) = world.company("Mine").await;
    let (_, theirs) = world.company("Theirs").await;
    let stranger = colleague(&world, &theirs.token(), "viewer", &[]).await;
    for (name, body) in [("remove", Json::Null), ("roles", json!({"membership": "admin"}))] {
        let foreign = act(&world, &mine.token(), &stranger.user_id, name, body.clone()).await;
        let missing = act(
            &world,
            &mine.token(),
            &Uuid::from_u128(77).to_string(),
            name,
            body.clone(),
        )
        .await;
        let strange = act(&world, &mine.token(), "not-an-id", name, body).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        assert_eq!(foreign.json, missing.json);
        assert_eq!(foreign.json, strange.json);
    }
    assert_eq!(world.knock(&stranger.token).await, 200);
    let list = world.get_as(&mine.token(), "/tenancy/members").await;
    assert_eq!(list.json["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn members_are_listed_page_by_page() {
    let world = World::new().await;
    let (_, owner) = world.company("Pages").await;
    for number in 0..4 {
        let added = add(
            &world,
            &owner.token(),
            &unique(&format!("m{number}")),
            "viewer",
            &["courier"],
        )
        .await;
        assert_eq!(added.status, StatusCode::CREATED);
    }
    let mut seen = Vec::new();
    let mut path = "/tenancy/members?limit=2".to_owned();
    loop {
        let page = world.get_as(&owner.token(), &path).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let data = page.json["data"].as_array().unwrap().clone();
        assert!(data.len() <= 2);
        seen.extend(data.iter().map(|member| member["user_id"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/tenancy/members?limit=2&after={next}");
    }
    assert_eq!(seen.len(), 5);
    seen.dedup();
    assert_eq!(seen.len(), 5);
    for query in ["limit=0", "limit=101", "limit=x", "after=x", "page=2"] {
        let answer = world.get_as(&owner.token(), &format!("/tenancy/members?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

#[tokio::test]
async fn a_new_member_is_checked_and_written_into_the_history() {
    let world = World::new().await;
    let (_, owner) = world.company("Checks").await;
    let token = owner.token();
    let email = unique("once");
    assert_eq!(
        add(&world, &token, &email, "viewer", &["courier"]).await.status,
        StatusCode::CREATED
    );
    let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(
        add(&world, &token, &email, "viewer", &[]).await.refused(),
        pair("email", "taken")
    );
    assert_eq!(
        add(&world, &token, &unique("x"), "king", &[]).await.refused(),
        pair("membership", "not_a_choice")
    );
    assert_eq!(
        add(&world, &token, &unique("x"), "viewer", &["owner"]).await.refused(),
        pair("roles", "not_a_choice")
    );
    assert_eq!(
        add(&world, &token, "x", "viewer", &[]).await.refused(),
        pair("email", "not_an_email")
    );
    let short = json!({"email": unique("x"), "full_name": "X", "password": "short", "membership": "viewer"});
    assert_eq!(
        world.post_as(&token, "/tenancy/members", short).await.refused(),
        pair("password", "password_short")
    );

    let organization: Uuid = owner.text("/organization/id").parse().unwrap();
    let rows: Vec<(String, Json)> = sqlx::query_as(
        "SELECT actor_name, changes FROM platform.history WHERE organization_id = $1 AND resource = 'tenancy.members' ORDER BY id",
    )
    .bind(organization)
    .fetch_all(&mut admin().await)
    .await
    .unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[1].0, "Noura Al-Harbi");
    assert_eq!(rows[1].1["email"], json!({"before": null, "after": email}));
    assert!(!format!("{rows:?}").contains(PASSWORD));
}
