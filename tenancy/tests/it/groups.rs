//! Groups: both sides agree, siblings do not see each other, the parent looks in when it was granted, and writes nothing.

use axum::http::StatusCode;
use platform_core::Method;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::shared::{Answer, World, admin};

async fn join(world: &World, parent: &str, child: &str) -> Answer {
    let code = world.post_as(parent, "/organization/children/codes", json!({})).await;
    assert_eq!(code.status, StatusCode::CREATED, "{code:?}");
    let code = json!({"code": code.text("/code")});
    let joined = world.post_as(child, "/organization/parent", code.clone()).await;
    let again = world.post_as(child, "/organization/parent", code).await;
    assert_ne!(again.status, StatusCode::OK, "a code opens once");
    joined
}

async fn children(world: &World, token: &str) -> Vec<String> {
    let answer = world.get_as(token, "/organization/children").await;
    let data = answer.json["data"].as_array().unwrap().clone();
    data.iter()
        .map(|child| child["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn verbs(organization: Uuid) -> Vec<String> {
    let sql =
        "SELECT verb FROM platform.history WHERE organization_id = $1 AND resource = 'tenancy.groups' ORDER BY id";
    sqlx::query_scalar(sql)
        .bind(organization)
        .fetch_all(&mut admin().await)
        .await
        .unwrap()
}

fn organization(answer: &Answer) -> Uuid {
    answer.text("/organization/id").parse().unwrap()
}

#[tokio::test]
async fn a_parent_sees_what_a_child_grants_and_siblings_see_nothing() {
    let world = World::new().await;
    let (_, above) = world.company("Holding").await;
    let (_, first) = world.company("First").await;
    let (_, second) = world.company("Second").await;
    let (above_token, first_token, second_token) = (above.token(), first.token(), second.token());
    let (first_id, second_id) = (organization(&first), organization(&second));
    for child in [&first_token, &second_token] {
        let joined = join(&world, &above_token, child).await;
        assert_eq!(
            (joined.status, joined.text("/name")),
            (StatusCode::OK, "Holding".to_owned()),
            "{joined:?}"
        );
    }
    assert_eq!(children(&world, &above_token).await, ["First", "Second"]);
    assert!(
        children(&world, &first_token).await.is_empty(),
        "a child sees no siblings"
    );
    let seen = world.get_as(&first_token, "/organization/parent").await;
    assert!(!seen.json.to_string().contains("Second"));
    let circle = join(&world, &first_token, &above_token).await;
    assert_eq!(circle.text("/code"), "own_group");

    // Nothing before the grant, nothing from a sibling, and the same answer for an organization that is not there.
    let enter = format!("/organization/children/{first_id}/enter");
    assert_eq!(
        world.post_as(&above_token, &enter, json!({})).await.text("/code"),
        "no_view"
    );
    let sibling = world.post_as(&second_token, &enter, json!({})).await;
    let nobody = format!("/organization/children/{}/enter", platform_core::ids::new_id());
    let missing = world.post_as(&second_token, &nobody, json!({})).await;
    assert_eq!((sibling.status, sibling.json), (StatusCode::NOT_FOUND, missing.json));

    let granted = world
        .post_as(&first_token, "/organization/parent/grant", json!({"days": 30}))
        .await;
    assert_eq!(granted.status, StatusCode::OK, "{granted:?}");
    let entered = world.post_as(&above_token, &enter, json!({})).await;
    assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    let inside = world
        .post_as(&above_token, "/auth/switch", json!({"organization_id": first_id}))
        .await;
    assert_eq!(
        (inside.status, inside.text("/membership")),
        (StatusCode::OK, "visitor".to_owned()),
        "{inside:?}"
    );
    let token = inside.token();
    let me = world.get_as(&token, "/auth/me").await;
    assert_eq!(me.text("/membership"), "visitor", "the session says so");
    let may: Vec<&str> = me.json["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Json::as_str)
        .collect();
    assert!(
        may.contains(&"members.read") && may.iter().all(|name| name.rsplit('.').next() == Some("read")),
        "{may:?}"
    );
    assert!(!may.contains(&"audit.read"));
    assert_eq!(world.get_as(&token, "/tenancy/members").await.status, StatusCode::OK);
    for (method, path) in [
        (Method::Post, "/tenancy/members"),
        (Method::Post, "/organization/parent/revoke"),
        (Method::Post, "/organization/children/codes"),
    ] {
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let refused = world.call(method, path, &headers, &json!({})).await;
        assert_eq!(refused.text("/code"), "read_only_visit", "{path}");
    }
    let listed = world.get_as(&first_token, "/organization/parent").await;
    assert_eq!(listed.json["visitors"].as_array().unwrap().len(), 1, "{listed:?}");
    // The code is of the circle that was refused.
    assert_eq!(verbs(first_id).await, ["join", "code", "grant", "visit"]);
    assert_eq!(verbs(organization(&above)).await, ["code", "code", "visit"]);
    assert_eq!(verbs(second_id).await, ["join"]);

    // Revoked: out with the next request.
    let revoked = world
        .post_as(&first_token, "/organization/parent/revoke", json!({}))
        .await;
    assert_eq!(revoked.status, StatusCode::OK, "{revoked:?}");
    assert_eq!(world.knock(&token).await, 401);
    let (_, again) = world.company("Third").await;
    assert!(children(&world, &again.token()).await.is_empty());
}

#[tokio::test]
async fn a_visit_ends_with_the_grant_and_with_the_position_in_the_parent() {
    let world = World::new().await;
    let (email, above) = world.company("Holding of visits").await;
    let (_, child) = world.company("Visited").await;
    let id = organization(&child);
    join(&world, &above.token(), &child.token()).await;
    let days = json!({"days": 1});
    world.post_as(&child.token(), "/organization/parent/grant", days).await;
    let enter = format!("/organization/children/{id}/enter");
    assert_eq!(
        world.post_as(&above.token(), &enter, json!({})).await.status,
        StatusCode::OK
    );
    let inside = world
        .post_as(&above.token(), "/auth/switch", json!({"organization_id": id}))
        .await;
    assert_eq!(inside.status, StatusCode::OK, "{inside:?}");
    assert_eq!(
        world.with_cookie("/auth/refresh", &inside.cookie()).await.status,
        StatusCode::OK
    );
    world.wait(25 * 3600);
    // The session of the visit goes on no more, and the next sign-in does not lead into it.
    let back = world.login(&email, crate::shared::PASSWORD).await;
    assert_eq!(back.text("/organization/name"), "Holding of visits");
    let switched = world
        .post_as(&back.token(), "/auth/switch", json!({"organization_id": id}))
        .await;
    assert_eq!(switched.status, StatusCode::NOT_FOUND);
    assert_eq!(
        world.post_as(&back.token(), &enter, json!({})).await.text("/code"),
        "no_view"
    );
}
