//! Sign-in through a real OpenID provider, and everything that must not be one (A10).

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform_core::Method;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::catalogue;
use crate::mailbox::{say, told};
use crate::provider::{Running, Sent};
use crate::scene::{Scene, person};
use crate::shared::{Answer, PASSWORD, admin};

#[tokio::test]
async fn a_newcomer_of_a_proved_domain_joins_as_a_viewer_and_comes_back_as_himself() {
    let scene = Scene::new(true).await;
    scene.open().await;
    let joined = scene.sign_in("reem").await;
    assert_eq!(joined.status, StatusCode::OK, "{joined:?}");
    assert_eq!(joined.text("/membership"), "viewer");
    assert_eq!(joined.json["organization"], scene.owner.json["organization"]);
    assert_eq!(joined.text("/user/full_name"), "Reem Al-Otaibi");
    assert!(joined.cookie().starts_with("__Host-barq_refresh="));
    assert_eq!(scene.world.knock(&joined.token()).await, 200);

    let again = scene.sign_in("reem").await;
    assert_eq!(again.json["user"], joined.json["user"]);
    assert_eq!(scene.identities().await, 1);
    assert_eq!(scene.members().await.len(), 2);
    // There is no password, so none fits.
    let email = joined.text("/user/email");
    assert_eq!(
        scene.world.login(&email, PASSWORD).await.text("/code"),
        "wrong_credentials"
    );

    // The domain is no longer the organization's: nobody new, and those who are there stay.
    scene.zone.0.lock().unwrap().clear();
    sqlx::query("UPDATE identity.domains SET checked_at = checked_at - interval '25 hours' WHERE domain = $1")
        .bind(&scene.domain)
        .execute(&mut admin().await)
        .await
        .unwrap();
    assert_eq!(scene.sign_in("sami").await.text("/code"), "no_account");
    assert_eq!(scene.sign_in("reem").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_person_links_an_identity_and_a_provider_counts_as_a_recent_proof() {
    let scene = Scene::new(true).await;
    let token = scene.owner.token();
    let bearer = format!("Bearer {token}");
    let begin = json!({"provider": scene.id});
    let sent = Sent::of(
        &scene
            .world
            .post_as(&token, "/auth/identities/begin", begin.clone())
            .await,
    );
    let back = scene.provider.visit(&sent.url, "reem").await;
    let body = json!({"state": back["state"], "code": back["code"]});
    // Somebody else who was handed the address of the return does not get the identity.
    let (_, stranger) = scene.world.company("Strangers").await;
    let foreign = format!("Bearer {}", stranger.token());
    let headers = [("authorization", foreign.as_str()), ("cookie", &sent.cookie)];
    let stolen = scene.back("/auth/identities", &headers, body.clone()).await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY, "{stolen:?}");
    assert_eq!(scene.identities().await, 0);

    let sent = Sent::of(
        &scene
            .world
            .post_as(&token, "/auth/identities/begin", begin.clone())
            .await,
    );
    let back = scene.provider.visit(&sent.url, "reem").await;
    let body = json!({"state": back["state"], "code": back["code"]});
    let headers = [("authorization", bearer.as_str()), ("cookie", &sent.cookie)];
    let linked = scene.back("/auth/identities", &headers, body).await;
    assert_eq!(linked.status, StatusCode::NO_CONTENT, "{linked:?}");
    let signed_in = scene.sign_in("reem").await;
    assert_eq!(signed_in.json["user"], scene.owner.json["user"]);
    let letters = told(&scene.world, &scene.owner.text("/user/email"), "factors_changed").await;
    say(&letters, &["an account at another provider was linked"]);
    let factors = scene.world.get_as(&token, "/auth/factors").await;
    assert_eq!(factors.text("/identities/0/provider"), "Provider of the tests");

    // A quarter of an hour later the proof is old; a new sign-in at the provider is a new one, an old one is not.
    let session: Uuid = scene.owner.text("/user/id").parse().unwrap();
    sqlx::query("UPDATE identity.sessions SET proved_at = proved_at - interval '15 minutes' WHERE user_id = $1")
        .bind(session)
        .execute(&mut admin().await)
        .await
        .unwrap();
    let old = scene
        .world
        .post_as(&token, "/auth/identities/begin", begin.clone())
        .await;
    assert_eq!(
        (old.status, old.text("/code")),
        (StatusCode::FORBIDDEN, "step_up_needed".to_owned())
    );
    let sent = Sent::of(
        &scene
            .world
            .post_as(&token, "/auth/step-up/provider/begin", begin.clone())
            .await,
    );
    assert_eq!(
        (sent.part("max_age"), sent.part("prompt")),
        ("0".to_owned(), "login".to_owned())
    );
    let back = scene.provider.visit(&sent.url, "sami").await;
    let body = json!({"state": back["state"], "code": back["code"]});
    let headers = [("authorization", bearer.as_str()), ("cookie", &sent.cookie)];
    let other = scene.back("/auth/step-up/provider", &headers, body).await;
    assert_eq!(other.text("/code"), "provider_refused");
    let sent = Sent::of(
        &scene
            .world
            .post_as(&token, "/auth/step-up/provider/begin", begin.clone())
            .await,
    );
    let back = scene.provider.visit(&sent.url, "reem").await;
    let body = json!({"state": back["state"], "code": back["code"]});
    let headers = [("authorization", bearer.as_str()), ("cookie", &sent.cookie)];
    let proven = scene.back("/auth/step-up/provider", &headers, body).await;
    assert_eq!(proven.status, StatusCode::OK, "{proven:?}");
    let fresh = scene.world.post_as(&token, "/auth/identities/begin", begin).await;
    assert_eq!(fresh.status, StatusCode::OK, "{fresh:?}");
}

fn forged(token: &str, algorithm: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "typ": "JWT"}).to_string());
    let claims = token.split('.').nth(1).unwrap();
    format!("{header}.{claims}.")
}

#[tokio::test]
async fn a10_nothing_but_the_providers_own_word_for_this_visit_lets_anybody_in() {
    let scene = Scene::new(true).await;
    scene.open().await;
    let mut vectors = 0;
    let mut refuse = |what: &str, answer: &Answer| {
        assert!(answer.status.is_client_error(), "{what}: {answer:?}");
        assert!(answer.json.get("access_token").is_none(), "{what}");
        vectors += 1;
    };

    // The state: missing, made up, another browser's, without the browser's cookie, used twice.
    let sent = scene.send().await;
    let back = scene.provider.visit(&sent.url, "reem").await;
    let (state, code) = (&back["state"], &back["code"]);
    assert_eq!(*state, sent.part("state"));
    let headers = [("cookie", sent.cookie.as_str())];
    refuse(
        "no state",
        &scene
            .back("/auth/providers/sign-in", &headers, json!({"code": code}))
            .await,
    );
    refuse(
        "made-up state",
        &scene.finish(&sent, &URL_SAFE_NO_PAD.encode([7; 32]), code).await,
    );
    let thief = scene.send().await;
    refuse("another browser's cookie", &scene.finish(&thief, state, code).await);
    let sent = scene.send().await;
    let back = scene.provider.visit(&sent.url, "reem").await;
    let body = json!({"state": back["state"], "code": back["code"]});
    refuse(
        "no cookie",
        &scene.back("/auth/providers/sign-in", &[], body.clone()).await,
    );
    let headers = [("cookie", sent.cookie.as_str())];
    let cross_site = scene
        .world
        .call(Method::Post, "/auth/providers/sign-in", &headers, &body)
        .await;
    refuse("from another site", &cross_site);

    // The code: of another visit (so PKCE does not fit), of another client, with another challenge, without one.
    let (first, second) = (scene.send().await, scene.send().await);
    let of_first = scene.provider.visit(&first.url, "reem").await;
    refuse(
        "a code of another visit",
        &scene.finish(&second, &second.part("state"), &of_first["code"]).await,
    );
    let sent = scene.send().await;
    let (foreign_code, foreign_token) = scene.provider.token_of_other("reem", &sent.part("nonce")).await;
    refuse(
        "a code of another client",
        &scene.finish(&sent, &sent.part("state"), &foreign_code).await,
    );
    assert_eq!(sent.part("code_challenge_method"), "S256");
    for (what, challenge) in [
        ("another challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")),
        ("no challenge", None),
    ] {
        let sent = scene.send().await;
        let mut url = sent.with("code_challenge", challenge);
        if challenge.is_none() {
            let stripped = Sent {
                url,
                cookie: sent.cookie.clone(),
            };
            url = stripped.with("code_challenge_method", None);
        }
        let back = scene.provider.visit(&url, "reem").await;
        refuse(what, &scene.finish(&sent, &back["state"], &back["code"]).await);
    }

    // The nonce: taken out, replaced, and a token of an earlier visit.
    for (what, nonce) in [("no nonce", None), ("another nonce", Some("another"))] {
        let sent = scene.send().await;
        let back = scene.provider.visit(&sent.with("nonce", nonce), "reem").await;
        refuse(what, &scene.finish(&sent, &back["state"], &back["code"]).await);
    }
    let earlier = scene.provider.seen();

    // The token: of an earlier visit, for another client, unsigned, signed with the client's secret, of another issuer.
    let claims = |token: &str| -> Json {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    assert_eq!(claims(&foreign_token)["aud"], "other");
    let other = Running::start(
        json!({"reem": person("sub-reem", &format!("reem@{}", scene.domain), json!({"hd": scene.domain}))}),
    )
    .await;
    let (_, other_issuer) = other.token_of_other("reem", "x").await;
    let secret_signed = {
        let mut claims = claims(&earlier);
        claims["nonce"] = "see below".into();
        let key = jsonwebtoken::EncodingKey::from_secret(b"the secret of barq");
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
    };
    for (what, token) in [
        ("a token of an earlier visit", earlier.clone()),
        ("a token for another client", foreign_token.clone()),
        ("a token without a signature", forged(&earlier, "none")),
        ("a token signed with the client's secret", secret_signed),
        ("a token of another issuer", other_issuer),
    ] {
        let sent = scene.send().await;
        let back = scene.provider.visit(&sent.url, "reem").await;
        scene.provider.instead(&token);
        refuse(what, &scene.finish(&sent, &back["state"], &back["code"]).await);
    }
    // A token for the other client with the nonce of this very visit: the audience alone is wrong.
    let sent = scene.send().await;
    let (_, audience) = scene.provider.token_of_other("reem", &sent.part("nonce")).await;
    let back = scene.provider.visit(&sent.url, "reem").await;
    scene.provider.instead(&audience);
    refuse(
        "a token for another client and this visit",
        &scene.finish(&sent, &back["state"], &back["code"]).await,
    );
    // The same for a good token that arrives late, by the clock that we go by.
    let sent = scene.send().await;
    let back = scene.provider.visit(&sent.url, "reem").await;
    let headers = [("cookie", sent.cookie.as_str())];
    let mixed = json!({"state": back["state"], "code": back["code"], "iss": other.issuer});
    refuse(
        "an answer in another issuer's name",
        &scene.back("/auth/providers/sign-in", &headers, mixed).await,
    );

    // Whom the provider does not vouch for in the name of the domain.
    for what in ["unverified", "no-hd", "other-hd", "other-mail", "no-mail", "gmail"] {
        refuse(what, &scene.sign_in(what).await);
    }
    let gmail = scene
        .as_owner("/organization/domains", json!({"domain": "gmail.com"}))
        .await;
    assert_eq!(gmail.refused(), ("domain".to_owned(), "not_your_domain".to_owned()));
    vectors += 1;
    assert_eq!(scene.identities().await, 0, "nobody was linked");
    assert_eq!(scene.members().await.len(), 1, "nobody joined");

    // The same mail under another subject is another person, and the first one is nobody's to take.
    let reem = scene.sign_in("reem").await;
    assert_eq!(reem.status, StatusCode::OK, "{reem:?}");
    let other_reem = scene.sign_in("other-reem").await;
    assert_eq!(other_reem.text("/code"), "link_first");
    vectors += 1;
    // A return is good once.
    let sent = scene.send().await;
    let back = scene.provider.visit(&sent.url, "reem").await;
    assert_eq!(
        scene.finish(&sent, &back["state"], &back["code"]).await.status,
        StatusCode::OK
    );
    let replayed = scene.finish(&sent, &back["state"], &back["code"]).await;
    assert!(replayed.status.is_client_error(), "{replayed:?}");
    vectors += 1;
    assert_eq!(scene.identities().await, 1);
    assert!(vectors >= 14);
    vectors += pre_registered(&scene).await;
    catalogue::line("A10", &format!("0 linked or signed in of {vectors}"));
}

/// Somebody signed up with an address that is not his, and waits for its owner. And a member whom the organization made itself.
async fn pre_registered(scene: &Scene) -> usize {
    let email = format!("victim@{}", scene.domain);
    let attacker = scene.world.register(&email, "Trap").await;
    assert_eq!(attacker.status, StatusCode::CREATED, "{attacker:?}");
    sqlx::query("UPDATE identity.users SET email_verified_at = NULL WHERE email = $1")
        .bind(&email)
        .execute(&mut admin().await)
        .await
        .unwrap();
    let victim = scene.sign_in("victim").await;
    assert_eq!(victim.status, StatusCode::OK, "{victim:?}");
    assert_ne!(victim.json["user"]["id"], attacker.json["user"]["id"]);
    assert_eq!(victim.json["organizations"], json!([scene.owner.json["organization"]]));
    // Nothing that the attacker had leads anywhere: neither his password, nor his session, nor his access token.
    assert_eq!(
        scene.world.login(&email, PASSWORD).await.text("/code"),
        "wrong_credentials"
    );
    assert_eq!(scene.world.knock(&attacker.token()).await, 401);
    assert_eq!(
        scene
            .world
            .with_cookie("/auth/refresh", &attacker.cookie())
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );

    let member = format!("member@{}", scene.domain);
    let body =
        json!({"email": member, "full_name": "Made by the owner", "password": PASSWORD, "membership": "manager"});
    let made = scene.as_owner("/tenancy/members", body).await;
    if made.status == StatusCode::CREATED {
        let refused = scene.sign_in("member").await;
        assert_eq!(refused.text("/code"), "link_first");
        assert!(refused.json.get("access_token").is_none());
    }
    4
}
