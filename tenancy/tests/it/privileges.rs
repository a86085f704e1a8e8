//! A12: nobody becomes more than somebody made him: no field of a request, no invitation and no other member's rights do it.

use axum::http::StatusCode;
use platform_core::Method;
use serde_json::{Map, Value as Json, json};

use crate::catalogue;
use crate::mailbox::House;
use crate::shared::{Answer, PASSWORD, unique};

/// A body with one field more.
fn with(body: &Json, field: &str, value: Json) -> Json {
    let mut object: Map<String, Json> = body.as_object().unwrap().clone();
    object.insert(field.to_owned(), value);
    Json::Object(object)
}

#[tokio::test]
async fn a12_nobody_becomes_more_than_somebody_made_him() {
    let house = House::new("privileges").await;
    let world = &house.world;
    let (owner_email, owner) = world.company("Guarded").await;
    let (_, stranger) = world.company("Strange").await;
    let foreign = stranger.json["organization"]["id"].clone();
    let admin = house.colleague(&owner.token(), &unique("admin"), "admin", &[]).await;
    let manager = house
        .colleague(&owner.token(), &unique("manager"), "manager", &[])
        .await;
    let clerk = house
        .colleague(&owner.token(), &unique("clerk"), "viewer", &["hr_manager"])
        .await;
    let mut tried: Vec<(String, Answer)> = Vec::new();

    // Fields that are not the caller's to say.
    let guest =
        |email: String| json!({"email": email, "password": PASSWORD, "full_name": "N", "organization_name": "N"});
    for (field, value) in [
        ("membership", json!("owner")),
        ("roles", json!(["finance"])),
        ("organization_id", foreign.clone()),
        ("status", json!("active")),
        ("plan", json!("enterprise")),
        ("email_verified_at", json!("2026-01-01T00:00:00Z")),
    ] {
        let body = with(&guest(unique("mass")), field, value);
        tried.push((
            format!("sign up with {field}"),
            world.post("/auth/register", body).await,
        ));
    }
    let login = json!({"email": owner_email, "password": PASSWORD});
    for (field, value) in [("membership", json!("owner")), ("session_id", foreign.clone())] {
        tried.push((
            format!("sign in with {field}"),
            world.post("/auth/login", with(&login, field, value)).await,
        ));
    }
    let bearer = format!("Bearer {}", owner.token());
    for (field, value) in [
        ("status", json!("active")),
        ("plan", json!("enterprise")),
        ("organization_id", foreign.clone()),
        ("id", foreign.clone()),
        ("version", json!(7)),
        ("max_users", json!(1_000_000)),
        ("policy_version", json!(7)),
        ("trial_ends_at", json!("2099-01-01T00:00:00Z")),
    ] {
        let headers = [("authorization", bearer.as_str())];
        let body = with(&json!({"week_start": "monday"}), field, value);
        let answer = world.call(Method::Patch, "/organization", &headers, &body).await;
        tried.push((format!("settings with {field}"), answer));
    }
    let invite = |membership: &str| json!({"email": unique("invited"), "membership": membership});
    for (field, value) in [
        ("state", json!("accepted")),
        ("token_hash", json!("00")),
        ("organization_id", foreign.clone()),
        ("invited_by", owner.json["user"]["id"].clone()),
        ("expires_at", json!("2099-01-01T00:00:00Z")),
    ] {
        let body = with(&invite("viewer"), field, value);
        tried.push((
            format!("invite with {field}"),
            world.post_as(&owner.token(), "/tenancy/invitations", body).await,
        ));
    }
    let (_, link) = house.invite(&owner.token(), &unique("comer"), "viewer").await;
    let accept = json!({"token": link, "full_name": "Comer", "password": PASSWORD});
    for (field, value) in [
        ("membership", json!("owner")),
        ("roles", json!(["finance"])),
        ("organization_id", foreign.clone()),
        ("email", json!(owner_email)),
        ("user_id", owner.json["user"]["id"].clone()),
    ] {
        let body = with(&accept, field, value);
        tried.push((
            format!("accept with {field}"),
            world.post("/auth/invitations/accept", body).await,
        ));
    }
    let member =
        |email: String| json!({"email": email, "full_name": "M", "password": PASSWORD, "membership": "viewer"});
    for (field, value) in [
        ("organization_id", foreign.clone()),
        ("status", json!("active")),
        ("access_version", json!(9)),
    ] {
        let body = with(&member(unique("mass")), field, value);
        tried.push((
            format!("add with {field}"),
            world.post_as(&admin.token(), "/tenancy/members", body).await,
        ));
    }

    // More than the caller has.
    let of = |who: &Answer, act: &str| format!("/tenancy/members/{}/{act}", who.text("/user/id"));
    let owners = |act: &str| of(&owner, act);
    let (owned, _) = house.invite(&owner.token(), &unique("second-owner"), "owner").await;
    let owned = |act: &str| format!("/tenancy/invitations/{}/{act}", owned.text("/id"));
    world.wait(120);
    for (what, who, path, body) in [
        (
            "an admin invites an owner",
            &admin,
            "/tenancy/invitations".to_owned(),
            invite("owner"),
        ),
        (
            "an admin adds an owner",
            &admin,
            "/tenancy/members".to_owned(),
            with(&member(unique("o")), "membership", json!("owner")),
        ),
        (
            "an admin makes himself owner",
            &admin,
            of(&admin, "roles"),
            json!({"membership": "owner"}),
        ),
        (
            "an admin makes another owner",
            &admin,
            of(&manager, "roles"),
            json!({"membership": "owner"}),
        ),
        (
            "an admin lowers the owner",
            &admin,
            owners("roles"),
            json!({"membership": "viewer"}),
        ),
        ("an admin suspends the owner", &admin, owners("suspend"), Json::Null),
        ("an admin removes the owner", &admin, owners("remove"), Json::Null),
        (
            "an admin ends the owner's sessions",
            &admin,
            owners("sessions/end"),
            Json::Null,
        ),
        (
            "an admin sends an owner's invitation again",
            &admin,
            owned("resend"),
            Json::Null,
        ),
        (
            "an admin withdraws an owner's invitation",
            &admin,
            owned("withdraw"),
            Json::Null,
        ),
        (
            "a manager invites",
            &manager,
            "/tenancy/invitations".to_owned(),
            invite("viewer"),
        ),
        (
            "a manager raises himself",
            &manager,
            of(&manager, "roles"),
            json!({"membership": "admin"}),
        ),
        (
            "a clerk invites",
            &clerk,
            "/tenancy/invitations".to_owned(),
            invite("viewer"),
        ),
        ("a clerk suspends", &clerk, of(&manager, "suspend"), Json::Null),
        ("a stranger removes", &stranger, of(&manager, "remove"), Json::Null),
        ("the last owner leaves", &owner, owners("remove"), Json::Null),
        (
            "the last owner lowers himself",
            &owner,
            owners("roles"),
            json!({"membership": "admin"}),
        ),
        ("the last owner suspends himself", &owner, owners("suspend"), Json::Null),
    ] {
        tried.push((what.to_owned(), world.post_as(&who.token(), &path, body).await));
    }
    // The link of an owner's invitation is not shown to an admin.
    let mails = world.get_as(&admin.token(), "/organization/mails").await;
    let texts: Vec<&Json> = mails.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|letter| &letter["text"])
        .collect();
    assert_eq!(texts.iter().filter(|text| text.is_null()).count(), 1, "{mails:?}");

    // Invitations that were good once.
    let taken = world.post("/auth/invitations/accept", accept.clone()).await;
    assert_eq!(
        taken.status,
        StatusCode::CREATED,
        "the control: a good one opens the door {taken:?}"
    );
    tried.push((
        "the same link again".to_owned(),
        world.post("/auth/invitations/accept", accept).await,
    ));
    let comer = |link: &str| json!({"token": link, "full_name": "Comer", "password": PASSWORD});
    let (invited, link) = house.invite(&owner.token(), &unique("withdrawn"), "viewer").await;
    let path = format!("/tenancy/invitations/{}/withdraw", invited.text("/id"));
    assert_eq!(
        world.post_as(&owner.token(), &path, Json::Null).await.status,
        StatusCode::OK
    );
    tried.push((
        "a withdrawn one".to_owned(),
        world.post("/auth/invitations/accept", comer(&link)).await,
    ));
    let (_, link) = house.invite(&owner.token(), &unique("wrong-house"), "viewer").await;
    let (ids, secret) = link.split_once('.').unwrap();
    let (_, theirs) = house.invite(&stranger.token(), &unique("theirs"), "viewer").await;
    let (other_ids, _) = theirs.split_once('.').unwrap();
    let mixed = format!("{other_ids}.{secret}");
    tried.push((
        "the secret of another's".to_owned(),
        world.post("/auth/invitations/accept", comer(&mixed)).await,
    ));
    let cut = format!("{ids}.{}", &secret[1..]);
    tried.push((
        "a secret cut short".to_owned(),
        world.post("/auth/invitations/accept", comer(&cut)).await,
    ));
    let signed_in = world
        .post_as(&stranger.token(), "/auth/invitations/accept", json!({"token": link}))
        .await;
    tried.push(("somebody else's account".to_owned(), signed_in));
    let email = unique("demoted");
    let inviter = house.colleague(&owner.token(), &email, "admin", &[]).await;
    let (_, link) = house.invite(&inviter.token(), &unique("friend"), "admin").await;
    let lowered = world
        .post_as(&owner.token(), &of(&inviter, "roles"), json!({"membership": "viewer"}))
        .await;
    assert_eq!(lowered.status, StatusCode::OK, "{lowered:?}");
    tried.push((
        "of who is an admin no more".to_owned(),
        world.post("/auth/invitations/accept", comer(&link)).await,
    ));
    let (_, link) = house.invite(&owner.token(), &unique("late"), "viewer").await;
    world.wait(8 * 24 * 3600);
    tried.push((
        "after a week".to_owned(),
        world.post("/auth/invitations/accept", comer(&link)).await,
    ));

    for (what, answer) in &tried {
        assert!(answer.status.is_client_error(), "{what}: {answer:?}");
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{what}");
    }
    assert!(tried.len() >= 40, "{}", tried.len());
    catalogue::line("A12", &format!("0 accepted of {}", tried.len()));
}
