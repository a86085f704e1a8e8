//! Invitations, from the letter to the member, and keeping members out for a while.

use axum::http::StatusCode;
use futures_util::future::join_all;
use platform_core::Method;
use serde_json::{Value as Json, json};

use crate::mailbox::House;
use crate::shared::{PASSWORD, unique};

#[tokio::test]
async fn somebody_new_comes_in_by_a_letter() {
    let house = House::new("invitations_new").await;
    let world = &house.world;
    let (_, owner) = world.company("Najm & Sons").await;
    let email = unique("fahad");
    let body = json!({"email": email, "membership": "manager", "roles": ["dispatcher"], "locale": "ar"});
    let invited = world
        .post_as(&owner.token(), "/tenancy/invitations", body.clone())
        .await;
    assert_eq!(
        (invited.status, invited.text("/state")),
        (StatusCode::CREATED, "open".to_owned()),
        "{invited:?}"
    );
    assert!(!invited.json.to_string().contains("token"), "{invited:?}");
    let twice = world.post_as(&owner.token(), "/tenancy/invitations", body).await;
    assert_eq!(twice.refused(), ("email".to_owned(), "taken".to_owned()));

    let token = house.token(&email, "invitation", 1).await;
    let letter = house.letters(&email).await.remove(0);
    assert_eq!(letter.subject.as_deref(), Some("دعوة إلى Najm & Sons"));
    // The owner may hand the letter over himself.
    let mails = world.get_as(&owner.token(), "/organization/mails").await;
    assert!(mails.text("/data/0/text").contains(&token), "{mails:?}");

    let looked = world.post("/auth/invitations/look", json!({"token": token})).await;
    assert_eq!(looked.text("/organization_name"), "Najm & Sons");
    assert_eq!(
        (looked.text("/inviter_name"), looked.text("/email")),
        ("Noura Al-Harbi".to_owned(), email.clone())
    );
    assert_eq!(looked.json["has_account"], false);
    let nameless = world
        .post(
            "/auth/invitations/accept",
            json!({"token": token, "password": PASSWORD}),
        )
        .await;
    assert_eq!(nameless.refused().0, "full_name");
    let weak = json!({"token": token, "full_name": "Fahad", "password": "password1234"});
    assert_eq!(
        world.post("/auth/invitations/accept", weak).await.refused().1,
        "password_common"
    );

    let good = json!({"token": token, "full_name": "Fahad", "password": PASSWORD});
    let answers = join_all((0..3).map(|_| world.post("/auth/invitations/accept", good.clone()))).await;
    let came: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .collect();
    assert_eq!(came.len(), 1, "{answers:?}");
    assert_eq!(
        (came[0].text("/membership"), came[0].json["roles"].clone()),
        ("manager".to_owned(), json!(["dispatcher"]))
    );
    let me = world.get_as(&came[0].token(), "/auth/me").await;
    assert_eq!(me.json["email_verified"], true);
    assert_eq!(world.login(&email, PASSWORD).await.status, StatusCode::OK);
    let listed = world.get_as(&owner.token(), "/tenancy/invitations").await;
    assert_eq!(listed.text("/data/0/state"), "accepted");
    assert_eq!(
        world
            .post("/auth/invitations/look", json!({"token": token}))
            .await
            .refused()
            .1,
        "invitation_over"
    );
}

#[tokio::test]
async fn somebody_with_an_account_signs_in_first() {
    let house = House::new("invitations_known").await;
    let world = &house.world;
    let (_, owner) = world.company("Host").await;
    let (email, guest) = world.company("Own").await;
    let (_, token) = house.invite(&owner.token(), &email, "viewer").await;
    let looked = world.post("/auth/invitations/look", json!({"token": token})).await;
    assert_eq!(looked.json["has_account"], true);
    let body = json!({"token": token, "full_name": "Fahad", "password": "an evening by the Red Sea"});
    let refused = world.post("/auth/invitations/accept", body).await;
    assert_eq!(
        (refused.status, refused.text("/code")),
        (StatusCode::CONFLICT, "sign_in_first".to_owned())
    );
    let accept = json!({"token": token});
    let other = world
        .post_as(&owner.token(), "/auth/invitations/accept", accept.clone())
        .await;
    assert_eq!(other.text("/code"), "other_address");
    let came = world.post_as(&guest.token(), "/auth/invitations/accept", accept).await;
    assert_eq!(came.status, StatusCode::CREATED, "{came:?}");
    assert_eq!(came.json["organizations"].as_array().unwrap().len(), 2);
    assert_eq!(
        (came.text("/organization/name"), came.text("/membership")),
        ("Host".to_owned(), "viewer".to_owned())
    );
    // Other rights are another session.
    assert_eq!(
        (world.knock(&guest.token()).await, world.knock(&came.token()).await),
        (401, 200)
    );
    // The password is still the person's own.
    assert_eq!(world.login(&email, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_invitation_is_sent_again_withdrawn_and_forgotten() {
    let house = House::new("invitations_again").await;
    let world = &house.world;
    let (_, owner) = world.company("Again").await;
    let email = unique("late");
    let (invited, first) = house.invite(&owner.token(), &email, "viewer").await;
    let act = |act: &str| format!("/tenancy/invitations/{}/{act}", invited.text("/id"));
    let soon = world.post_as(&owner.token(), &act("resend"), Json::Null).await;
    assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
    world.wait(7 * 24 * 3600);
    let owner = world.login(&owner.text("/user/email"), PASSWORD).await;
    let listed = world.get_as(&owner.token(), "/tenancy/invitations").await;
    assert_eq!(listed.text("/data/0/state"), "expired");
    assert_eq!(
        world
            .post("/auth/invitations/look", json!({"token": first}))
            .await
            .refused()
            .1,
        "invitation_over"
    );
    let again = world.post_as(&owner.token(), &act("resend"), Json::Null).await;
    assert_eq!(
        (again.text("/state"), again.json["letters"].clone()),
        ("open".to_owned(), json!(2)),
        "{again:?}"
    );
    let second = house.token(&email, "invitation", 2).await;
    assert_ne!(first, second);
    assert_eq!(
        world
            .post("/auth/invitations/look", json!({"token": first}))
            .await
            .refused()
            .1,
        "invitation_over"
    );
    assert_eq!(
        world
            .post("/auth/invitations/look", json!({"token": second}))
            .await
            .status,
        StatusCode::OK
    );
    let withdrawn = world.post_as(&owner.token(), &act("withdraw"), Json::Null).await;
    assert_eq!(withdrawn.text("/state"), "withdrawn");
    assert_eq!(
        world
            .post("/auth/invitations/look", json!({"token": second}))
            .await
            .refused()
            .1,
        "invitation_over"
    );
    for verb in ["withdraw", "resend"] {
        let refused = world.post_as(&owner.token(), &act(verb), Json::Null).await;
        assert_eq!(refused.text("/code"), "invitation_settled");
    }
    // Whose invitation was withdrawn can be invited again.
    house.world.wait(60);
    let body = json!({"email": email, "membership": "viewer"});
    assert_eq!(
        world.post_as(&owner.token(), "/tenancy/invitations", body).await.status,
        StatusCode::CREATED
    );
    // Others see and touch nothing of it.
    let (_, stranger) = world.company("Stranger").await;
    assert_eq!(
        world.get_as(&stranger.token(), "/tenancy/invitations").await.json["data"],
        json!([])
    );
    assert_eq!(
        world
            .post_as(&stranger.token(), &act("withdraw"), Json::Null)
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_suspended_member_is_out_until_he_is_reinstated() {
    let house = House::new("members_suspended").await;
    let world = &house.world;
    let (_, owner) = world.company("Suspending").await;
    let email = unique("sami");
    let sami = house.colleague(&owner.token(), &email, "admin", &[]).await;
    let (_, invited) = house.invite(&sami.token(), &unique("friend"), "viewer").await;
    let act = |act: &str| format!("/tenancy/members/{}/{act}", sami.text("/user/id"));
    assert_eq!(
        world
            .post_as(&owner.token(), &act("reinstate"), Json::Null)
            .await
            .text("/code"),
        "not_suspended"
    );
    let suspended = world.post_as(&owner.token(), &act("suspend"), Json::Null).await;
    assert_eq!(
        (suspended.status, suspended.text("/status")),
        (StatusCode::OK, "suspended".to_owned())
    );
    assert_eq!(world.knock(&sami.token()).await, 401);
    assert_eq!(
        world.with_cookie("/auth/refresh", &sami.cookie()).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.login(&email, PASSWORD).await.text("/code"), "no_organization");
    // Whom he invited does not come in for him.
    assert_eq!(
        world
            .post("/auth/invitations/look", json!({"token": invited}))
            .await
            .refused()
            .1,
        "invitation_over"
    );
    assert_eq!(
        world
            .post_as(&owner.token(), &act("suspend"), Json::Null)
            .await
            .text("/code"),
        "already_suspended"
    );
    let back = world.post_as(&owner.token(), &act("reinstate"), Json::Null).await;
    assert_eq!(back.text("/status"), "active");
    assert_eq!(
        world.knock(&sami.token()).await,
        401,
        "what was handed out before stays dead"
    );
    assert_eq!(world.login(&email, PASSWORD).await.text("/membership"), "admin");
}

#[tokio::test]
async fn the_operator_closes_an_organization_and_its_owners_are_told() {
    let house = House::new("organization_closed").await;
    let world = &house.world;
    let (email, owner) = world.company("Closed by the operator").await;
    let found = world.tenancy.find_organizations("by the OPERATOR").await.unwrap();
    assert_eq!(found.len(), 1);
    let id = found[0].id;
    tenancy::set_standing(&world.platform, id, tenancy::Standing::Suspended)
        .await
        .unwrap();
    assert_eq!(world.knock(&owner.token()).await, 401);
    assert_eq!(world.login(&email, PASSWORD).await.text("/code"), "no_organization");
    for _ in 0..1_000 {
        if house
            .letters(&email)
            .await
            .iter()
            .any(|letter| letter.template == "organization_suspended")
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(
        house
            .letters(&email)
            .await
            .iter()
            .any(|letter| letter.template == "organization_suspended")
    );
    tenancy::set_standing(&world.platform, id, tenancy::Standing::Active)
        .await
        .unwrap();
    let back = world.login(&email, PASSWORD).await;
    let history = world.get_as(&back.token(), "/organization/history").await;
    assert_eq!(
        history.json["data"][0]["changes"]["status"],
        json!({"before": "suspended", "after": "active"})
    );
}

#[tokio::test]
async fn settings_of_an_organization_act_on_the_next_request() {
    let house = House::new("organization_settings").await;
    let world = &house.world;
    let (_, owner) = world.company("Before").await;
    let token = owner.token();
    let bearer = format!("Bearer {token}");
    let patch = async |body: Json, version: Option<&str>| {
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(version.map(|version| ("if-match", version)));
        world.call(Method::Patch, "/organization", &headers, &body).await
    };
    let before = world.get_as(&token, "/organization").await;
    assert_eq!(
        (before.text("/locale"), before.text("/week_start")),
        ("en".to_owned(), "sunday".to_owned())
    );
    let seen = before.header("etag").unwrap().to_owned();
    let body = json!({"name": "بعد", "time_zone": "Asia/Dubai", "currency": "AED", "locale": "ar", "calendar": "umalqura",
        "week_start": "monday"});
    let after = patch(body.clone(), Some(seen.as_str())).await;
    assert_eq!(after.status, StatusCode::OK, "{after:?}");
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(after.json[field], *value, "{field}");
    }
    assert_eq!(
        patch(json!({"name": "C"}), Some(seen.as_str())).await.status,
        StatusCode::PRECONDITION_FAILED
    );
    let me = world.get_as(&token, "/auth/me").await;
    assert_eq!(me.text("/organization/time_zone"), "Asia/Dubai");
    assert_eq!(
        (me.text("/organizations/0/name"), me.text("/organization/currency")),
        ("بعد".to_owned(), "AED".to_owned())
    );
    let history = world.get_as(&token, "/organization/history").await;
    assert_eq!(history.text("/data/0/by_name"), "Noura Al-Harbi");
    assert_eq!(
        history.json["data"][0]["changes"]["currency"],
        json!({"before": "SAR", "after": "AED"})
    );
    // Nothing changed: no version, no history.
    let same = patch(body, None).await;
    assert_eq!(same.json["version"], after.json["version"]);

    let bad = json!({"name": " ", "time_zone": "Mars/Olympus", "currency": "KWD", "locale": "fr", "calendar": "julian",
        "week_start": "friday"});
    let refused = patch(bad.clone(), None).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refused.json["errors"].as_array().unwrap().len(),
        bad.as_object().unwrap().len(),
        "{refused:?}"
    );
    let nothing = patch(json!({"logo_file_id": "0199d3f2-0000-7000-8000-000000000000"}), None).await;
    assert_eq!(
        nothing.refused(),
        ("logo_file_id".to_owned(), "not_an_image".to_owned())
    );
    let organization = owner.text("/organization/id").parse::<uuid::Uuid>().unwrap();
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(&house.target.admin_url())
        .await
        .unwrap();
    for (media_type, good) in [("image/png", true), ("application/pdf", false)] {
        let file = platform_core::ids::new_id();
        let add = "INSERT INTO platform.files (organization_id, id, name, media_type, size_bytes, sha256, created_at)
            VALUES ($1, $2, 'logo', $3, 10, repeat('0', 64), now())";
        let add = sqlx::query(add).bind(organization).bind(file).bind(media_type);
        add.execute(&mut admin).await.unwrap();
        let answer = patch(json!({"logo_file_id": file}), None).await;
        assert_eq!(answer.status == StatusCode::OK, good, "{answer:?}");
    }
    assert_eq!(
        patch(json!({"logo_file_id": null}), None).await.json["logo_file_id"],
        Json::Null
    );

    let viewer = house.colleague(&token, &unique("viewer"), "viewer", &[]).await;
    assert_eq!(
        world.get_as(&viewer.token(), "/organization").await.status,
        StatusCode::OK
    );
    let bearer = format!("Bearer {}", viewer.token());
    let headers = [("authorization", bearer.as_str())];
    let refused = world
        .call(Method::Patch, "/organization", &headers, &json!({"name": "Mine"}))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
