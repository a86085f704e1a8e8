//! A5: every sign-in is a new session, and one that was ended stays ended, whoever kept what of it. Sessions that people see and
//! end themselves.

use axum::http::StatusCode;
use platform_core::Method;
use serde_json::{Value as Json, json};

use crate::catalogue;
use crate::mailbox::House;
use crate::shared::{PASSWORD, World, unique};

async fn sessions(world: &World, token: &str) -> Vec<Json> {
    let listed = world.get_as(token, "/auth/sessions").await;
    assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
    listed.json["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a5_a_sign_in_is_always_new_and_an_ended_one_stays_ended() {
    let world = World::new().await;
    let mut checks = 0;
    let (email, planted) = world.company("Planted").await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..5 {
        // A cookie that somebody planted before the sign-in is not taken over by it.
        let body = json!({"email": email, "password": PASSWORD});
        let headers = [("cookie", planted.cookie.as_deref().unwrap()), ("x-barq-request", "1")];
        let signed_in = world.call(Method::Post, "/auth/login", &headers, &body).await;
        assert_ne!(signed_in.cookie(), planted.cookie());
        let current: Vec<Json> = sessions(&world, &signed_in.token()).await;
        let current = current
            .iter()
            .find(|session| session["is_current"] == true)
            .unwrap()
            .clone();
        assert!(
            ids.insert(current["id"].as_str().unwrap().to_owned()),
            "a new id each time"
        );
        checks += 2;
    }
    // Neither is another person signed in by it.
    let (_, stranger) = world.company("Stranger").await;
    let refreshed = world.with_cookie("/auth/refresh", &planted.cookie()).await;
    assert_ne!(refreshed.text("/user/id"), stranger.text("/user/id"));
    checks += 1;

    let cookie = stranger.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-barq_refresh="), "{cookie}");
    for flag in ["; Path=/;", "; HttpOnly", "; Secure", "; SameSite=Strict"] {
        assert!(cookie.contains(flag), "{flag}: {cookie}");
        checks += 1;
    }
    assert!(!cookie.to_lowercase().contains("domain="), "{cookie}");
    // What the back button would show again is not kept.
    assert_eq!(stranger.header("cache-control"), Some("no-store"));
    checks += 2;

    let kept = (stranger.token(), stranger.cookie());
    let out = world.with_cookie("/auth/logout", &kept.1).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let gone = out.header("set-cookie").unwrap();
    assert!(
        gone.contains("__Host-barq_refresh=;") && gone.contains("Max-Age=0"),
        "{gone}"
    );
    checks += 1;
    for path in [
        "/auth/me",
        "/auth/sessions",
        "/tenancy/members",
        "/organization",
        "/organization/mails",
    ] {
        assert_eq!(
            world.get_as(&kept.0, path).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
        checks += 1;
    }
    for _ in 0..3 {
        assert_eq!(
            world.with_cookie("/auth/refresh", &kept.1).await.status,
            StatusCode::UNAUTHORIZED
        );
        checks += 1;
    }
    let path = "/auth/password/change";
    let body = json!({"current_password": PASSWORD, "password": "an evening by the Red Sea"});
    assert_eq!(
        world.post_as(&kept.0, path, body).await.status,
        StatusCode::UNAUTHORIZED
    );
    checks += 1;
    catalogue::line(
        "A5",
        &format!("{checks} of {checks} checks; 5 new ids of 5 sign-ins; 9 of 9 uses after signing out refused"),
    );
}

#[tokio::test]
async fn a_person_sees_and_ends_own_sessions() {
    let world = World::new().await;
    let (email, first) = world.company("Lister").await;
    let (second, third) = (world.login(&email, PASSWORD).await, world.login(&email, PASSWORD).await);
    let listed = sessions(&world, &third.token()).await;
    assert_eq!(listed.len(), 3);
    assert_eq!(listed.iter().filter(|session| session["is_current"] == true).count(), 1);
    assert_eq!(listed[0]["organization"]["name"], "Lister");
    assert_eq!(listed[0]["address"], json!(world.address));

    let of = |token: String| {
        let world = &world;
        async move {
            let mine = sessions(world, &token).await;
            mine.iter().find(|session| session["is_current"] == true).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        }
    };
    let id = of(first.token()).await;
    // Somebody else's session is not there.
    let (_, stranger) = world.company("Other lister").await;
    let path = format!("/auth/sessions/{id}/end");
    assert_eq!(
        world.post_as(&stranger.token(), &path, Json::Null).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(world.knock(&first.token()).await, 200);
    let ended = world.post_as(&third.token(), &path, Json::Null).await;
    assert_eq!((ended.status, ended.json["ended"].clone()), (StatusCode::OK, json!(1)));
    assert_eq!(world.knock(&first.token()).await, 401);
    assert_eq!(
        world.with_cookie("/auth/refresh", &first.cookie()).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        world.post_as(&third.token(), &path, Json::Null).await.status,
        StatusCode::NOT_FOUND
    );
    for id in ["nothing", "00000000-0000-0000-0000-000000000000"] {
        let answer = world
            .post_as(&third.token(), &format!("/auth/sessions/{id}/end"), Json::Null)
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }

    assert_eq!(world.knock(&second.token()).await, 200);
    let rest = world
        .post_as(&third.token(), "/auth/sessions/end_others", Json::Null)
        .await;
    assert_eq!(rest.json["ended"], json!(1));
    assert_eq!(
        (world.knock(&second.token()).await, world.knock(&third.token()).await),
        (401, 200)
    );
    assert_eq!(sessions(&world, &third.token()).await.len(), 1);
}

#[tokio::test]
async fn an_administrator_ends_a_members_sessions_in_this_organization_alone() {
    let house = House::new("sessions_of_members").await;
    let world = &house.world;
    let (_, owner) = world.company("Here").await;
    let (_, elsewhere) = world.company("There").await;
    let email = unique("sami");
    let here = house.colleague(&owner.token(), &email, "viewer", &[]).await;
    let body = json!({"email": email, "full_name": "Sami", "password": PASSWORD, "membership": "viewer"});
    assert_eq!(
        world.post_as(&elsewhere.token(), "/tenancy/members", body).await.status,
        StatusCode::CREATED
    );
    let body = json!({"email": email, "password": PASSWORD, "organization_id": elsewhere.json["organization"]["id"]});
    let there = world.post("/auth/login", body).await;
    assert_eq!(
        (world.knock(&here.token()).await, world.knock(&there.token()).await),
        (200, 200)
    );

    let path = format!("/tenancy/members/{}/sessions", here.text("/user/id"));
    let listed = world.get_as(&owner.token(), &path).await;
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1, "{listed:?}");
    assert_eq!(world.get_as(&here.token(), &path).await.status, StatusCode::FORBIDDEN);
    let foreign = world.get_as(&elsewhere.token(), "/auth/sessions").await.json["data"][0]["id"].clone();
    let one = format!("{path}/{}/end", foreign.as_str().unwrap());
    assert_eq!(
        world.post_as(&owner.token(), &one, Json::Null).await.status,
        StatusCode::NOT_FOUND
    );
    let ended = world.post_as(&owner.token(), &format!("{path}/end"), Json::Null).await;
    assert_eq!(ended.json["ended"], json!(1), "{ended:?}");
    assert_eq!(
        (world.knock(&here.token()).await, world.knock(&there.token()).await),
        (401, 200)
    );
    assert_eq!(
        world.with_cookie("/auth/refresh", &here.cookie()).await.status,
        StatusCode::UNAUTHORIZED
    );

    // An administrator does not end an owner's.
    let admin = house.colleague(&owner.token(), &unique("admin"), "admin", &[]).await;
    let path = format!("/tenancy/members/{}/sessions/end", owner.text("/user/id"));
    let refused = world.post_as(&admin.token(), &path, Json::Null).await;
    assert_eq!(refused.text("/code"), "above_own");
    assert_eq!(world.knock(&owner.token()).await, 200);
}
