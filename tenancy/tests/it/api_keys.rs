//! API keys: what they open, for how long, and what anybody else can do with a piece of one.

use platform_core::{Cx, Module, Operation, Permit, ids};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::catalogue;
use crate::shared::{Answer, DATA, PASSWORD, World, noon, target, unique};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Who the operation thinks it is called by.
#[derive(Serialize, JsonSchema)]
struct Seen {
    actor_id: uuid::Uuid,
    actor_name: String,
}

fn look(cx: &Cx) -> Seen {
    Seen {
        actor_id: cx.actor_id(),
        actor_name: cx.actor_name().to_owned(),
    }
}

/// A module whose operations a key may call.
pub fn yard() -> Module {
    let get = |path, id, permission| {
        Operation::get(path, id, Permit::needs(permission), |cx: &mut Cx, _: Nothing| {
            Box::pin(std::future::ready(Ok(look(cx))))
        })
    };
    Module {
        name: "yard",
        operations: vec![
            get("/yard/look", "yard.look", "yard.read"),
            get("/yard/deep", "yard.deep", "yard.read_deep"),
            Operation::get(
                "/yard/anybody",
                "yard.anybody",
                Permit::SignedIn,
                |cx: &mut Cx, _: Nothing| Box::pin(std::future::ready(Ok(look(cx)))),
            ),
            Operation::post(
                "/yard/touch",
                "yard.touch",
                Permit::needs("yard.touch"),
                |cx: &mut Cx, _: Nothing| Box::pin(std::future::ready(Ok(look(cx)))),
            ),
        ],
        locales: ("{}", "{}"),
        permissions: &["yard.read", "yard.read_deep", "yard.touch"],
        essential: true,
        ..Module::default()
    }
}

/// A company in a world with the yard; the owner has just proven that he is there.
pub async fn company(world: &World, name: &str) -> Answer {
    let (_, owner) = world.company(name).await;
    prove(world, &owner.token()).await;
    owner
}

async fn prove(world: &World, token: &str) {
    let proven = world
        .post_as(token, "/auth/step-up", json!({"password": PASSWORD}))
        .await;
    assert_eq!(proven.status.as_u16(), 200, "{proven:?}");
}

async fn make(world: &World, token: &str, mut more: Json) -> Answer {
    let usual = json!({"name": "Nightly export", "scopes": ["yard.read"]});
    for (name, value) in usual.as_object().unwrap() {
        if more.get(name).is_none() {
            more[name] = value.clone();
        }
    }
    world.post_as(token, "/tenancy/api_keys", more).await
}

/// A new key's text and id.
pub async fn key(world: &World, token: &str, more: Json) -> (String, String) {
    let made = make(world, token, more).await;
    assert_eq!(made.status.as_u16(), 201, "{made:?}");
    (made.text("/key"), made.text("/api_key/id"))
}

pub async fn status(world: &World, key: &str, path: &str) -> u16 {
    world.get_as(key, path).await.status.as_u16()
}

/// A colleague who may do everything but own.
async fn admin_of(world: &World, owner: &str) -> (String, String) {
    let email = unique("admin");
    let body = json!({"email": email, "password": PASSWORD, "full_name": "Fahad Al-Qahtani", "membership": "admin"});
    let made = world.post_as(owner, "/tenancy/members", body).await;
    assert_eq!(made.status.as_u16(), 201, "{made:?}");
    let token = world.login(&email, PASSWORD).await.token();
    prove(world, &token).await;
    (token, made.text("/user_id"))
}

#[tokio::test]
async fn a_key_opens_what_it_names_and_histories_name_the_key() {
    let world = World::with(vec![yard()]).await;
    let owner = company(&world, "Opens").await;
    let (text, id) = key(&world, &owner.token(), json!({"scopes": ["yard.read", "members.read"]})).await;
    let seen = world.get_as(&text, "/yard/look").await;
    assert_eq!(seen.text("/actor_name"), "Noura Al-Harbi (API key Nightly export)");
    assert_eq!(seen.text("/actor_id"), owner.text("/user/id"));
    for (path, expected) in [
        ("/yard/look", 200),
        ("/yard/anybody", 200),
        ("/tenancy/members", 200),
        ("/yard/deep", 403),
        ("/organization/modules", 403),
        ("/tenancy/api_keys", 403),
        // What is about the person who is signed in is not for programs.
        ("/auth/me", 403),
        ("/members/options", 403),
    ] {
        assert_eq!(status(&world, &text, path).await, expected, "{path}");
    }
    for path in ["/auth/switch", "/auth/logout"] {
        let body = json!({"organization_id": owner.text("/organization/id")});
        let answer = world.post_as(&text, path, body).await;
        assert!(answer.status.is_client_error(), "{path}: {answer:?}");
    }
    assert_eq!(world.knock(&owner.token()).await, 200);

    // A program of the company's own, with a name of its own.
    let body = json!({"name": "Warehouse link", "membership": "viewer"});
    let account = world.post_as(&owner.token(), "/tenancy/service_accounts", body).await;
    assert_eq!(account.status.as_u16(), 201, "{account:?}");
    let for_account = json!({"service_account_id": account.text("/id"), "name": "Stock"});
    let (text, _) = key(&world, &owner.token(), for_account.clone()).await;
    let seen = world.get_as(&text, "/yard/look").await;
    assert_eq!(seen.text("/actor_name"), "Warehouse link (API key Stock)");
    assert_eq!(seen.text("/actor_id"), account.text("/id"));
    // It is no colleague to choose or to list, and does not sign in.
    let people = world.get_as(&owner.token(), "/tenancy/members").await;
    assert_eq!(people.json["data"].as_array().unwrap().len(), 1);
    // What it may not do itself no key of it may.
    let mut above = for_account;
    above["scopes"] = json!(["yard.touch"]);
    let refused = make(&world, &owner.token(), above).await;
    assert_eq!(refused.refused(), ("scopes".into(), "above_holder".into()));

    let listed = world.get_as(&owner.token(), "/tenancy/api_keys").await;
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 2);
    assert!(text.starts_with(&listed.text("/data/0/prefix")));
    assert_eq!(listed.text("/data/1/id"), id);
    assert_eq!(listed.text("/data/0/user_kind"), "service");
    assert!(!listed.json.to_string().contains(&text[54..]), "no secret is listed");
}

#[tokio::test]
async fn nobody_makes_a_key_above_himself_or_without_being_there() {
    let world = World::with(vec![yard()]).await;
    let (_, absent) = world.company("Absent").await;
    // Whoever has just signed in is there; after a while he has to show it.
    world.wait(890);
    let refused = make(&world, &absent.token(), json!({})).await;
    assert_eq!(
        (refused.status.as_u16(), refused.text("/code")),
        (403, "step_up_needed".into())
    );
    let owner = company(&world, "Above").await;
    let body = json!({"email": unique("viewer"), "password": PASSWORD, "full_name": "Sara Al-Otaibi", "membership": "manager"});
    let email = body["email"].as_str().unwrap().to_owned();
    world.post_as(&owner.token(), "/tenancy/members", body).await;
    let manager = world.login(&email, PASSWORD).await.token();
    prove(&world, &manager).await;
    assert_eq!(make(&world, &manager, json!({})).await.status.as_u16(), 403);

    let (admin, admin_id) = admin_of(&world, &owner.token()).await;
    for (more, field, code) in [
        (json!({"scopes": []}), "scopes", "required"),
        (json!({"scopes": ["yard.nothing"]}), "scopes", "unknown_permission"),
        (json!({"scopes": ["api_keys.manage"]}), "scopes", "scope_for_people"),
        (json!({"scopes": ["members.create"]}), "scopes", "scope_for_people"),
        (json!({"expires_at": noon()}), "expires_at", "bad_expiry"),
        (
            json!({"expires_at": "2030-01-01T00:00:00Z"}),
            "expires_at",
            "bad_expiry",
        ),
        (json!({"requests_per_minute": 0}), "requests_per_minute", "too_small"),
        (
            json!({"requests_per_minute": 60_001}),
            "requests_per_minute",
            "too_large",
        ),
        (json!({"name": " "}), "name", "required"),
        (
            json!({"service_account_id": owner.text("/user/id")}),
            "service_account_id",
            "not_known",
        ),
        (
            json!({"service_account_id": ids::new_id()}),
            "service_account_id",
            "not_known",
        ),
        (json!({"service_account_id": "me"}), "service_account_id", "not_known"),
    ] {
        let refused = make(&world, &admin, more).await;
        assert_eq!(refused.refused(), (field.into(), code.into()), "{refused:?}");
    }
    let body = json!({"name": "Above", "membership": "owner"});
    let refused = world.post_as(&admin, "/tenancy/service_accounts", body).await;
    assert_eq!(refused.refused(), ("membership".into(), "not_allowed".into()));
    // Nobody replaces the key of a person but that person.
    let (_, owners) = key(&world, &owner.token(), json!({})).await;
    let stolen = world
        .post_as(&admin, &format!("/tenancy/api_keys/{owners}/rotate"), json!({}))
        .await;
    assert_eq!(stolen.text("/code"), "not_your_key");
    // Another company's keys are not there.
    let other = company(&world, "Other").await;
    for verb in ["rotate", "revoke"] {
        let path = format!("/tenancy/api_keys/{owners}/{verb}");
        assert_eq!(
            world.post_as(&other.token(), &path, json!({})).await.status.as_u16(),
            404
        );
    }
    let foreign = make(&world, &other.token(), json!({"service_account_id": admin_id})).await;
    assert_eq!(foreign.refused(), ("service_account_id".into(), "not_known".into()));
}

/// The catalogue's A13.
#[tokio::test]
async fn no_piece_of_a_key_opens_anything() {
    let world = World::with(vec![yard()]).await;
    let owner = company(&world, "Pieces").await;
    let other = company(&world, "Other pieces").await;
    let (text, id) = key(&world, &owner.token(), json!({})).await;
    let (theirs, _) = key(
        &world,
        &other.token(),
        json!({"scopes": ["yard.read", "yard.read_deep"]}),
    )
    .await;
    assert_eq!(status(&world, &text, "/yard/look").await, 200);

    // As our own code writes keys, so that the checksum is right and the rest has to be looked at.
    let written = |organization: &str, id: &str, secret: &str| {
        let whole = format!("barq_live_{organization}{id}_{secret}");
        let mut rest = crc32fast::hash(whole.as_bytes());
        let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut checksum = [0; 6];
        for digit in checksum.iter_mut().rev() {
            *digit = digits[(rest % 62) as usize];
            rest /= 62;
        }
        whole + std::str::from_utf8(&checksum).unwrap()
    };
    let (public, secret) = (&text[10..53], &text[54..97]);
    let (their_public, their_secret) = (&theirs[10..53], &theirs[54..97]);
    assert_eq!(written("", public, secret), text, "this is how they are written");
    let swapped = format!("{}{}", &their_public[..21], &public[21..]);
    let changed = |index: usize| {
        let mut bytes = secret.as_bytes().to_vec();
        bytes[index] = if bytes[index] == b'0' { b'1' } else { b'0' };
        written("", public, std::str::from_utf8(&bytes).unwrap())
    };
    let mut refused = vec![
        "barq_live_".to_owned(),
        text[..53].to_owned(),
        text[..54].to_owned(),
        text[..97].to_owned(),
        text[..102].to_owned(),
        format!("{text}0"),
        text.to_uppercase(),
        text.replace("live", "test"),
        text[10..].to_owned(),
        written("", public, their_secret),
        written("", their_public, secret),
        written("", &swapped, secret),
        written("", public, &"0".repeat(43)),
        written("", &"0".repeat(43), secret),
        written("", &"0".repeat(43), &"0".repeat(43)),
        id,
    ];
    refused.extend((0..secret.len()).step_by(3).map(changed));
    for wrong in &refused {
        assert_eq!(status(&world, wrong, "/yard/look").await, 401, "{wrong}");
    }
    // Anywhere but in the one header it is nothing.
    let mut elsewhere = 0;
    for (path, headers) in [
        (format!("/yard/look?api_key={text}"), vec![]),
        (format!("/yard/look?access_token={text}"), vec![]),
        ("/yard/look".to_owned(), vec![("x-api-key", text.clone())]),
        (
            "/yard/look".to_owned(),
            vec![("cookie", format!("__Host-barq_refresh={text}"))],
        ),
        (
            "/yard/look".to_owned(),
            vec![("authorization", format!("Basic {text}"))],
        ),
        ("/yard/look".to_owned(), vec![("authorization", text.clone())]),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = world
            .call(platform_core::Method::Get, &path, &headers, &Json::Null)
            .await;
        assert_eq!(answer.status.as_u16(), 401, "{path} {headers:?}");
        elsewhere += 1;
    }
    // One permission more, and one company more.
    assert_eq!(status(&world, &text, "/yard/deep").await, 403);
    assert_eq!(status(&world, &theirs, "/yard/deep").await, 200);
    // Over, by the clock of the request.
    let end = noon() + chrono::TimeDelta::hours(1);
    let (short, _) = key(&world, &owner.token(), json!({"expires_at": end})).await;
    world.wait(3599);
    assert_eq!(status(&world, &short, "/yard/look").await, 200);
    world.wait(1);
    assert_eq!(status(&world, &short, "/yard/look").await, 401);
    let tried = refused.len() + elsewhere + 2;
    catalogue::line("A13", &format!("0 of {tried} wrong uses of a key admitted"));
}

/// The catalogue's A4, for keys: a change acts on the next request, on an instance that has the key in its cache.
#[tokio::test]
async fn every_change_acts_on_the_next_request_of_every_instance() {
    let one = World::with(vec![yard()]).await;
    let two = World::assemble(target().await, DATA.path(), one.clock.clone(), vec![yard()]).await;
    let owner = company(&one, "Two instances").await;
    let owner = owner.token();
    let (admin, admin_id) = admin_of(&one, &owner).await;
    let mut changes = 0;
    let mut acts = async |text: &str, before: u16, after: u16, path: &'static str, body: Json| {
        for world in [&one, &two] {
            assert_eq!(status(world, text, "/yard/look").await, before, "before {path}");
        }
        if !path.is_empty() {
            let path = path.replace("{admin}", &admin_id);
            let answer = one.post_as(&owner, &path, body).await;
            assert!(answer.status.is_success(), "{path}: {answer:?}");
        }
        for world in [&two, &one] {
            assert_eq!(status(world, text, "/yard/look").await, after, "after {path}");
        }
        changes += 1;
    };

    let (text, id) = key(&one, &owner, json!({})).await;
    let path: &'static str = format!("/tenancy/api_keys/{id}/revoke").leak();
    acts(&text, 200, 401, path, json!({})).await;

    // The person who was shown the secret, and the program that holds it: whichever may less decides.
    let body = json!({"name": "Link", "membership": "manager"});
    let account = one.post_as(&admin, "/tenancy/service_accounts", body).await.text("/id");
    let (text, link) = key(&one, &admin, json!({"service_account_id": account})).await;
    let narrow = json!({"membership": "viewer", "roles": ["courier"]});
    let wide = json!({"membership": "admin", "roles": []});
    acts(&text, 200, 403, "/tenancy/members/{admin}/roles", narrow.clone()).await;
    acts(&text, 403, 200, "/tenancy/members/{admin}/roles", wide.clone()).await;
    let of_account: &'static str = format!("/tenancy/members/{account}/roles").leak();
    acts(&text, 200, 403, of_account, narrow).await;
    acts(
        &text,
        403,
        200,
        of_account,
        json!({"membership": "manager", "roles": []}),
    )
    .await;

    // Rotated by the owner, the link goes on without the administrator.
    let path = format!("/tenancy/api_keys/{link}/rotate");
    let rotated = one.post_as(&owner, &path, json!({"overlap_s": 3600})).await;
    assert_eq!(rotated.status.as_u16(), 201, "{rotated:?}");
    assert_eq!(one.post_as(&owner, &path, json!({})).await.text("/code"), "key_over");
    let fresh = rotated.text("/key");
    acts(&text, 200, 401, "/tenancy/members/{admin}/remove", json!({})).await;
    acts(&fresh, 200, 200, "", json!({})).await;
    let path: &'static str = format!("/tenancy/service_accounts/{account}/remove").leak();
    acts(&fresh, 200, 401, path, json!({})).await;
    // An administrator who comes back does not bring his keys.
    let email: String = sqlx::query_scalar("SELECT email FROM platform.members WHERE user_id = $1")
        .bind(uuid::Uuid::try_parse(&admin_id).unwrap())
        .fetch_one(&mut crate::shared::admin().await)
        .await
        .unwrap();
    let body = json!({"email": email, "password": PASSWORD, "full_name": "Fahad Al-Qahtani", "membership": "admin"});
    assert_eq!(one.post_as(&owner, "/tenancy/members", body).await.status.as_u16(), 201);
    acts(&text, 401, 401, "", json!({})).await;
    catalogue::line(
        "A4",
        &format!("{changes} of {changes} changes act on the next request of two instances (keys)"),
    );
}

#[tokio::test]
async fn an_old_key_goes_on_for_its_overlap() {
    let world = World::with(vec![yard()]).await;
    let owner = company(&world, "Overlap").await.token();
    let (old, id) = key(&world, &owner, json!({})).await;
    let path = format!("/tenancy/api_keys/{id}/rotate");
    let young = world
        .post_as(&owner, &path, json!({"overlap_s": 600}))
        .await
        .text("/key");
    world.wait(599);
    assert_eq!(status(&world, &old, "/yard/look").await, 200);
    world.wait(1);
    assert_eq!(status(&world, &old, "/yard/look").await, 401);
    assert_eq!(status(&world, &young, "/yard/look").await, 200);
}

#[tokio::test]
async fn a_key_has_a_rate_of_its_own() {
    let world = World::with(vec![yard()]).await;
    let owner = company(&world, "Rate").await.token();
    let (text, _) = key(&world, &owner, json!({"requests_per_minute": 3})).await;
    let (other, _) = key(&world, &owner, json!({})).await;
    for _ in 0..3 {
        assert_eq!(status(&world, &text, "/yard/look").await, 200);
    }
    let refused = world.get_as(&text, "/yard/look").await;
    assert_eq!(
        (refused.status.as_u16(), refused.text("/code")),
        (429, "too_many_requests".into())
    );
    assert_eq!(refused.retry_after_s, Some(20));
    assert_eq!(status(&world, &other, "/yard/look").await, 200);
    world.wait(20);
    assert_eq!(status(&world, &text, "/yard/look").await, 200);
    assert_eq!(status(&world, &text, "/yard/look").await, 429);
}
