//! Passkeys: a device in a browser.

use axum::http::StatusCode;
use platform_core::Method;
use serde_json::{Value as Json, json};

use crate::authenticator::Browser;
use crate::factors::{Person, second, texts};
use crate::mailbox::{say, told};
use crate::shared::{Answer, PASSWORD, World};

const HOME: &str = "http://localhost:8080";

impl Browser {
    fn new() -> Self {
        Self::on(HOME, None)
    }

    async fn register(&mut self, world: &World, token: &str) -> Answer {
        let begun = world.post_as(token, "/auth/passkeys/begin", json!({})).await;
        assert_eq!(begun.status, StatusCode::OK, "{begun:?}");
        let credential = self.make(&begun.json["options"]);
        let body = json!({"ticket": begun.text("/ticket"), "name": "Telephone", "credential": credential});
        world.post_as(token, "/auth/passkeys", body).await
    }
}

async fn anybody(world: &World) -> Answer {
    let begun = world.post("/auth/passkeys/sign-in/begin", json!({})).await;
    assert_eq!(begun.status, StatusCode::OK, "{begun:?}");
    begun
}

async fn come_in(world: &World, ticket: &str, credential: &Json) -> Answer {
    world
        .post(
            "/auth/passkeys/sign-in",
            json!({"ticket": ticket, "credential": credential}),
        )
        .await
}

#[tokio::test]
async fn a_passkey_is_registered_signs_in_alone_and_as_the_second_step_and_is_removed() {
    let world = World::new().await;
    let person = Person::new(&world).await;
    let mut browser = Browser::new();
    let registered = browser.register(&world, &person.token).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    assert_eq!(texts(&registered.json["recovery_codes"]).len(), 10);

    // Alone, without a name being typed.
    let begun = anybody(&world).await;
    let credential = browser.answer(&begun.json["options"]);
    let signed_in = come_in(&world, &begun.text("/ticket"), &credential).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
    assert_eq!(signed_in.text("/user/email"), person.email);

    // After the password.
    let asked = world.login(&person.email, PASSWORD).await;
    assert_eq!(asked.json["second_factor"], json!(["passkey", "recovery_code"]));
    let ceremony = world
        .post("/auth/second-factor/passkey", json!({"ticket": asked.text("/ticket")}))
        .await;
    let credential = browser.answer(&ceremony.json["options"]);
    let in_two = second(&world, &ceremony.text("/ticket"), "credential", credential).await;
    assert_eq!(in_two.status, StatusCode::OK, "{in_two:?}");

    // In the middle of a session.
    let token = in_two.token();
    world.wait(601);
    let stale = world.post_as(&token, "/auth/passkeys/begin", json!({})).await;
    assert_eq!(stale.text("/code"), "step_up_needed");
    let ceremony = world.post_as(&token, "/auth/step-up/passkey", json!({})).await;
    let credential = browser.answer(&ceremony.json["options"]);
    let body = json!({"ticket": ceremony.text("/ticket"), "credential": credential});
    // It is this session's: another one of the same person cannot use it.
    let other = world.post_as(&signed_in.token(), "/auth/step-up", body.clone()).await;
    assert_eq!(other.refused(), ("ticket".to_owned(), "ticket_over".to_owned()));
    let ceremony = world.post_as(&token, "/auth/step-up/passkey", json!({})).await;
    let credential = browser.answer(&ceremony.json["options"]);
    let body = json!({"ticket": ceremony.text("/ticket"), "credential": credential});
    let proven = world.post_as(&token, "/auth/step-up", body).await;
    assert_eq!(proven.text("/shown"), "passkey");

    // A device registers once; a name is the person's; somebody else does not see it.
    let listed = world.get_as(&token, "/auth/factors").await;
    let id = listed.text("/passkeys/0/id");
    assert!(listed.json["passkeys"][0]["last_used_at"].is_string(), "{listed:?}");
    let (_, stranger) = world.company("Strangers").await;
    let call = async |token: &str, method: Method, body: Json| {
        let bearer = format!("Bearer {token}");
        world
            .call(
                method,
                &format!("/auth/passkeys/{id}"),
                &[("authorization", bearer.as_str())],
                &body,
            )
            .await
    };
    let renamed = call(&token, Method::Patch, json!({"name": " The key on the ring "})).await;
    assert_eq!(renamed.text("/name"), "The key on the ring");
    assert_eq!(
        call(&stranger.token(), Method::Patch, json!({"name": "Mine"}))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        call(&stranger.token(), Method::Delete, Json::Null).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        call(&token, Method::Delete, Json::Null).await.status,
        StatusCode::NO_CONTENT
    );
    let begun = anybody(&world).await;
    let credential = browser.answer(&begun.json["options"]);
    let gone = come_in(&world, &begun.text("/ticket"), &credential).await;
    assert_eq!(gone.refused(), ("credential".to_owned(), "wrong_passkey".to_owned()));
    assert_eq!(world.login(&person.email, PASSWORD).await.status, StatusCode::OK);
    say(
        &told(&world, &person.email, "factors_changed").await,
        &["a passkey was removed", "a passkey was added"],
    );
}

/// Passkeys that must not pass. Says how many were tried.
pub async fn passkeys(world: &World) -> usize {
    let person = Person::new(world).await;
    let mut browser = Browser::new();
    assert_eq!(browser.register(world, &person.token).await.status, StatusCode::CREATED);
    let mut vectors = 0;
    let mut refuse = |what: &str, answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {answer:?}");
        vectors += 1;
    };
    // The challenge: used twice, of another ceremony, too old.
    let begun = anybody(world).await;
    let credential = browser.answer(&begun.json["options"]);
    assert_eq!(
        come_in(world, &begun.text("/ticket"), &credential).await.status,
        StatusCode::OK
    );
    refuse(
        "the same answer twice",
        &come_in(world, &begun.text("/ticket"), &credential).await,
    );
    let other = anybody(world).await;
    refuse(
        "an answer to another challenge",
        &come_in(world, &other.text("/ticket"), &credential).await,
    );
    let begun = anybody(world).await;
    let credential = browser.answer(&begun.json["options"]);
    world.wait(301);
    refuse(
        "an answer that comes late",
        &come_in(world, &begun.text("/ticket"), &credential).await,
    );
    // The page: a look-alike that passes our challenge on, under its own name and under ours.
    let begun = anybody(world).await;
    let lured = Browser::on("https://localhost.example", browser.passkey.clone());
    let mut options = begun.json["options"].clone();
    options["rpId"] = json!("localhost.example");
    let credential = lured.answer(&options);
    refuse(
        "another relying party",
        &come_in(world, &begun.text("/ticket"), &credential).await,
    );
    let begun = anybody(world).await;
    let scheme = Browser::on("https://localhost", browser.passkey.clone());
    let credential = scheme.answer(&begun.json["options"]);
    refuse(
        "another origin of the same host",
        &come_in(world, &begun.text("/ticket"), &credential).await,
    );
    // The answer: changed, of another kind, for somebody else, of a key that nobody registered.
    let begun = anybody(world).await;
    let mut credential = browser.answer(&begun.json["options"]);
    credential["response"]["signature"] = credential["response"]["authenticatorData"].clone();
    refuse(
        "another signature",
        &come_in(world, &begun.text("/ticket"), &credential).await,
    );
    let begun = anybody(world).await;
    refuse("nothing", &come_in(world, &begun.text("/ticket"), &json!({})).await);
    let begun = anybody(world).await;
    let mut credential = browser.answer(&begun.json["options"]);
    credential["response"].as_object_mut().unwrap().remove("userHandle");
    refuse("nobody's", &come_in(world, &begun.text("/ticket"), &credential).await);
    let victim = Person::new(world).await;
    let mut theirs = Browser::new();
    assert_eq!(theirs.register(world, &victim.token).await.status, StatusCode::CREATED);
    let asked = victim.ticket(world).await;
    let ceremony = world
        .post("/auth/second-factor/passkey", json!({"ticket": asked}))
        .await;
    let mut options = ceremony.json["options"].clone();
    options["allowCredentials"] = json!([]);
    let credential = browser.answer(&options);
    let foreign = second(world, &ceremony.text("/ticket"), "credential", credential).await;
    refuse("somebody else's passkey", &foreign);
    // A registration: in another session, twice, for an answer of another ceremony.
    let begun = world.post_as(&victim.token, "/auth/passkeys/begin", json!({})).await;
    let credential = Browser::new().make(&begun.json["options"]);
    let body = json!({"ticket": begun.text("/ticket"), "name": "Mine", "credential": credential});
    let thief = Person::new(world).await;
    refuse(
        "a registration of another session",
        &world.post_as(&thief.token, "/auth/passkeys", body.clone()).await,
    );
    refuse(
        "a registration whose ticket is gone",
        &world.post_as(&victim.token, "/auth/passkeys", body.clone()).await,
    );
    let begun = world.post_as(&victim.token, "/auth/passkeys/begin", json!({})).await;
    let body = json!({"ticket": begun.text("/ticket"), "name": "Mine", "credential": body["credential"]});
    refuse(
        "a registration for another challenge",
        &world.post_as(&victim.token, "/auth/passkeys", body).await,
    );
    vectors
}
