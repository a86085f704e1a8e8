//! A module that an organization switches off is gone with the next request, for this organization alone; pickers of colleagues.

use axum::http::StatusCode;
use platform_core::{Module, Operation, Permit, Schedule, When};
use platform_resource::{Field, Resource, text};
use serde_json::{Value as Json, json};
use sqlx::Connection;
use uuid::Uuid;

use crate::shared::{Answer, PASSWORD, World, admin, unique};

static VANS: Resource = Resource::new("yard", "vans", FIELDS);
const FIELDS: &[Field] = &[text("name", 20).required()];
const VANS_OF_YARD: &[&Resource] = &[&VANS];
const SCHEDULES: &[Schedule] = &[Schedule {
    name: "yard.count",
    when: When::Daily("06:00"),
    run: |_| Box::pin(async { Ok(()) }),
}];

fn build() -> Vec<Module> {
    let get = |path, id, permit| {
        Operation::get::<serde_json::Map<String, Json>, Json>(path, id, permit, |_, _| {
            Box::pin(async { Ok(json!({})) })
        })
    };
    let yard = Module {
        name: "yard",
        resources: VANS_OF_YARD,
        operations: vec![
            get("/yard/count", "yard.count", Permit::needs("vans.read")),
            get("/yard/hello", "yard.hello", Permit::SignedIn),
        ],
        locales: ("{}", "{}"),
        grants: &[("fleet_manager", &["vans.*"])],
        schedules: SCHEDULES,
        ..Module::default()
    };
    let shop = Module {
        name: "shop",
        operations: vec![get("/shop/hello", "shop.hello", Permit::SignedIn)],
        locales: ("{}", "{}"),
        ..Module::default()
    };
    vec![yard, shop]
}

async fn add(world: &World, token: &str, membership: &str, roles: &[&str]) -> Answer {
    named(world, token, "Sami Al-Otaibi", membership, roles).await
}

async fn named(world: &World, token: &str, full_name: &str, membership: &str, roles: &[&str]) -> Answer {
    let email = unique(membership);
    let body =
        json!({"email": email, "full_name": full_name, "password": PASSWORD, "membership": membership, "roles": roles});
    let added = world.post_as(token, "/tenancy/members", body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    added
}

async fn colleague(world: &World, token: &str, membership: &str, roles: &[&str]) -> String {
    let email = add(world, token, membership, roles).await.text("/email");
    world.login(&email, PASSWORD).await.token()
}

async fn vans(world: &World, token: &str) -> bool {
    let me = world.get_as(token, "/auth/me").await;
    let permissions: Vec<String> = serde_json::from_value(me.json["permissions"].clone()).unwrap();
    permissions.iter().any(|permission| permission.starts_with("vans."))
}

async fn switch(world: &World, token: &str, module: &str, to: &str) -> Answer {
    world
        .post_as(token, &format!("/organization/modules/{module}/{to}"), json!({}))
        .await
}

#[tokio::test]
async fn a_module_that_is_off_is_gone_with_the_next_request_for_this_organization_alone() {
    let world = World::with(build()).await;
    let (_, owner) = world.company("Without a yard").await;
    let (_, other) = world.company("With a yard").await;
    let (owner, other) = (owner.token(), other.token());
    let driver = colleague(&world, &owner, "viewer", &["fleet_manager"]).await;
    for token in [&owner, &driver, &other] {
        assert_eq!(world.get_as(token, "/yard/count").await.status, StatusCode::OK);
        assert!(vans(&world, token).await);
    }

    let off = switch(&world, &owner, "yard", "disable").await;
    assert_eq!(
        (off.status, &off.json["is_enabled"]),
        (StatusCode::OK, &json!(false)),
        "{off:?}"
    );
    assert_eq!(off.text("/changed_by_name"), "Noura Al-Harbi");
    for token in [&owner, &driver] {
        for path in ["/yard/count", "/yard/hello"] {
            let gone = world.get_as(token, path).await;
            assert_eq!(
                (gone.status, gone.text("/code")),
                (StatusCode::NOT_FOUND, "not_found".to_owned())
            );
        }
        assert!(!vans(&world, token).await);
        assert_eq!(world.get_as(token, "/shop/hello").await.status, StatusCode::OK);
    }
    assert_eq!(world.get_as(&other, "/yard/count").await.status, StatusCode::OK);
    assert!(vans(&world, &other).await);
    // Whoever comes meanwhile has the role, and what it gives when the module is back.
    let newcomer = colleague(&world, &owner, "viewer", &["fleet_manager"]).await;
    assert_eq!(
        world.get_as(&newcomer, "/yard/hello").await.status,
        StatusCode::NOT_FOUND
    );

    let on = switch(&world, &owner, "yard", "enable").await;
    assert_eq!(on.json["is_enabled"], json!(true));
    for token in [&owner, &driver, &newcomer] {
        assert_eq!(world.get_as(token, "/yard/count").await.status, StatusCode::OK);
        assert!(vans(&world, token).await);
    }
}

#[tokio::test]
async fn only_administrators_switch_and_everything_is_written_down() {
    let world = World::with(build()).await;
    let (_, answer) = world.company("Switching").await;
    let owner = answer.token();
    let boss = colleague(&world, &owner, "admin", &[]).await;
    let manager = colleague(&world, &owner, "manager", &["fleet_manager"]).await;
    let driver = colleague(&world, &owner, "viewer", &["fleet_manager"]).await;
    for (token, may_look) in [(&manager, true), (&driver, false)] {
        let refused = switch(&world, token, "yard", "disable").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
        let looked = world.get_as(token, "/organization/modules").await;
        assert_eq!(looked.status == StatusCode::OK, may_look);
    }
    for (module, status) in [("nothing", 404), ("tenancy", 409), ("yard", 200), ("yard", 200)] {
        assert_eq!(
            switch(&world, &boss, module, "disable").await.status.as_u16(),
            status,
            "{module}"
        );
    }
    switch(&world, &owner, "yard", "enable").await;
    let listed = world.get_as(&owner, "/organization/modules").await;
    let names = |json: &Json| {
        json["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&listed.json), ["yard", "shop"]);
    assert_eq!(
        listed.json["data"][1],
        json!({"name": "shop", "is_enabled": true, "changed_by_name": null, "changed_at": null})
    );
    let history = world.get_as(&owner, "/organization/modules/history").await;
    let rows = history.json["data"].as_array().unwrap().clone();
    let expected = [
        ("Noura Al-Harbi", json!({"yard": {"before": false, "after": true}})),
        ("Sami Al-Otaibi", json!({"yard": {"before": true, "after": false}})),
    ];
    assert_eq!(rows.len(), expected.len(), "nothing is written where nothing changed");
    for (row, (name, changes)) in rows.iter().zip(expected) {
        assert_eq!((&row["by_name"], &row["changes"]), (&json!(name), &changes));
    }
}

#[tokio::test]
async fn nobody_gives_what_comes_back_with_a_module() {
    let world = World::with(build()).await;
    let (_, answer) = world.company("Latent").await;
    let owner = answer.token();
    // An administrator of everything but what only an owner has: rank decides, also while a module is off.
    let boss = colleague(&world, &owner, "admin", &[]).await;
    switch(&world, &owner, "yard", "disable").await;
    let body =
        json!({"email": unique("owner"), "full_name": "Sami Al-Otaibi", "password": PASSWORD, "membership": "owner"});
    let refused = world.post_as(&boss, "/tenancy/members", body).await;
    assert_eq!(refused.text("/code"), "above_own");
    add(&world, &boss, "viewer", &["fleet_manager"]).await;
}

#[tokio::test]
async fn a_new_organization_has_a_clock_and_the_installation_knows_it() {
    let world = World::with(build()).await;
    let (_, answer) = world.company("Clocks").await;
    let id: Uuid = answer.text("/organization/id").parse().unwrap();
    let clocks = "SELECT count(*) FROM platform.jobs WHERE organization_id = $1 AND kind = 'clock'";
    let mut admin = admin().await;
    let count: i64 = sqlx::query_scalar(clocks).bind(id).fetch_one(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    assert_eq!(count, 1);
    let (mut after, mut found, mut pages) = (Uuid::nil(), Vec::new(), 0);
    loop {
        let page = world.tenancy.organizations(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        (after, pages) = (*last, pages + 1);
        found.extend(page);
    }
    assert!(found.contains(&id) && pages > 0);
    assert!(found.is_sorted());
}

#[tokio::test]
async fn colleagues_are_offered_by_name_within_the_organization() {
    let world = World::new().await;
    let (_, answer) = world.company("Pickers").await;
    let owner = answer.token();
    let (_, other) = world.company("Elsewhere").await;
    let huda = named(&world, &owner, "Huda Al-Zahrani", "viewer", &["courier"]).await;
    let gone = named(&world, &owner, "Huda Al-Gone", "viewer", &[]).await;
    let path = format!("/tenancy/members/{}/remove", gone.text("/user_id"));
    world.post_as(&owner, &path, Json::Null).await;
    // Everybody may, also a courier: whom to name is no secret among colleagues.
    let token = world.login(&huda.text("/email"), PASSWORD).await.token();
    let ask = async |query: &str| world.get_as(&token, &format!("/members/options{query}")).await;
    let huda = json!({"id": huda.text("/user_id"), "title": "Huda Al-Zahrani"});
    assert_eq!(ask("?search=HUDA").await.json["data"], json!([huda]));
    assert_eq!(ask("?search=%25").await.json["data"], json!([]));
    let all = ask("").await;
    let titles: Vec<&Json> = all.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["title"])
        .collect();
    assert_eq!(titles, ["Huda Al-Zahrani", "Noura Al-Harbi"]);
    assert_eq!(ask("?limit=1").await.json["data"], json!([huda]));
    assert_eq!(
        ask("?limit=0").await.refused(),
        ("limit".to_owned(), "bad_limit".to_owned())
    );
    assert_eq!(
        ask("?search=%00").await.refused(),
        ("search".to_owned(), "bad_character".to_owned())
    );
    let elsewhere = world.get_as(&other.token(), "/members/options?search=huda").await;
    assert_eq!(elsewhere.json["data"], json!([]));
}
