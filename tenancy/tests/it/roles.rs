//! Roles of an organization's own: what they give, that nobody gives more than he has, and that a change acts at once everywhere.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use axum::http::StatusCode;
use platform_core::{Registry, ids};
use platform_resource::Scope;
use serde_json::{Value as Json, json};
use tenancy::{MEMBERSHIPS, Own, OwnRole, Policy, ROLES};
use uuid::Uuid;

use crate::catalogue;
use crate::shared::{Answer, PASSWORD, World, unique};

/// Somebody of an organization, signed in.
pub struct Colleague {
    pub user_id: String,
    pub token: String,
}

pub async fn colleague(world: &World, owner: &str, membership: &str, roles: &[&str]) -> Colleague {
    let email = unique("colleague");
    let body = json!({"email": email, "full_name": "Huda Al-Zahrani", "password": PASSWORD, "membership": membership, "roles": roles});
    let added = world.post_as(owner, "/tenancy/members", body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    Colleague {
        user_id: added.text("/user_id"),
        token: world.login(&email, PASSWORD).await.token(),
    }
}

/// Permissions as requests name them: `members.read`, or `shifts.read:own`.
pub fn given(permissions: &[&str]) -> Json {
    let one = |text: &&str| {
        let (name, scope) = text.split_once(':').unwrap_or((text, "all"));
        json!({"name": name, "scope": scope})
    };
    permissions.iter().map(one).collect()
}

pub async fn role(world: &World, token: &str, name: &str, permissions: &[&str]) -> Answer {
    let body = json!({"name": name, "permissions": given(permissions)});
    world.post_as(token, "/roles", body).await
}

async fn position(world: &World, token: &str, user_id: &str, membership: &str, roles: &[&str]) -> Answer {
    let body = json!({"membership": membership, "roles": roles});
    world
        .post_as(token, &format!("/tenancy/members/{user_id}/roles"), body)
        .await
}

pub async fn permissions(world: &World, token: &str) -> Vec<String> {
    let me = world.get_as(token, "/auth/me").await;
    serde_json::from_value(me.json["permissions"].clone()).unwrap()
}

#[tokio::test]
async fn a_role_is_made_given_changed_and_deleted() {
    let world = World::new().await;
    let (_, owner) = world.company("Roles of its own").await;
    let owner = owner.token();
    let made = role(&world, &owner, "Front desk", &["members.read"]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let id = made.text("/id");
    assert_eq!(
        role(&world, &owner, "Front desk", &[]).await.refused(),
        ("name".into(), "taken".into())
    );

    let huda = colleague(&world, &owner, "viewer", &[&id]).await;
    assert_eq!(permissions(&world, &huda.token).await, ["members.read"]);
    let path = format!("/roles/{id}");
    let change = json!({"name": "Reception", "permissions": given(&["members.read", "roles.read"]), "version": 1});
    let changed = world.post_as(&owner, &format!("{path}/change"), change.clone()).await;
    assert_eq!(
        (changed.status, changed.text("/name")),
        (StatusCode::OK, "Reception".into()),
        "{changed:?}"
    );
    assert_eq!(permissions(&world, &huda.token).await, ["members.read", "roles.read"]);
    let stale = world.post_as(&owner, &format!("{path}/change"), change).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);

    let listed = world.get_as(&huda.token, "/roles").await;
    let listed = listed.json["data"].as_array().unwrap().clone();
    assert_eq!(listed.len(), ROLES.len() + 1);
    let own = listed.iter().find(|role| role["id"] == id.as_str()).unwrap();
    assert_eq!((&own["members"], &own["is_built_in"]), (&json!(1), &json!(false)));

    // Whoever has it would see everything without it: it stays until he has another one.
    let delete = format!("{path}/delete");
    let refused = world.post_as(&owner, &delete, Json::Null).await;
    assert_eq!(
        (refused.status, refused.text("/code")),
        (StatusCode::CONFLICT, "role_in_use".into())
    );
    let moved = position(&world, &owner, &huda.user_id, "viewer", &["courier"]).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    assert_eq!(world.post_as(&owner, &delete, Json::Null).await.status, StatusCode::OK);
    assert_eq!(world.get_as(&owner, &path).await.status, StatusCode::NOT_FOUND);

    let history = world.get_as(&owner, &format!("{path}/history")).await;
    let verbs: Vec<&Json> = history.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["verb"])
        .collect();
    assert_eq!(verbs, ["deleted", "updated", "created"]);
    let updated = &history.json["data"][1]["changes"];
    assert_eq!(updated["name"], json!({"before": "Front desk", "after": "Reception"}));
    assert_eq!(updated["roles.read"], json!({"before": null, "after": "all"}));
}

#[tokio::test]
async fn an_editor_gets_groups_with_words() {
    let world = World::with(vec![fleet::module()]).await;
    let (_, owner) = world.company("Editors").await;
    let token = owner.token();
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("accept-language", "ar".to_owned()),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = world
        .call(platform_core::Method::Get, "/permissions", &headers, &Json::Null)
        .await;
    let parts = answer.json["data"].as_array().unwrap();
    let fleet = parts.iter().find(|part| part["module"] == "fleet").unwrap();
    let groups = fleet["groups"].as_array().unwrap();
    let couriers = groups.iter().find(|group| group["name"] == "couriers").unwrap();
    let entries = couriers["permissions"].as_array().unwrap();
    let entry = |name: &str| entries.iter().find(|entry| entry["name"] == name).unwrap();
    assert_eq!(
        (&entry("couriers.read")["kind"], &entry("couriers.read")["is_scoped"]),
        (&json!("verb"), &json!(true))
    );
    assert_eq!(entry("couriers.import")["is_scoped"], json!(false));
    assert_eq!(entry("couriers.suspend")["kind"], json!("action"));
    assert!(
        entry("couriers.read_pay")["fields"]
            .as_array()
            .unwrap()
            .contains(&json!("basic_salary"))
    );
    assert_eq!(entry("couriers.read_pay")["grantable"], json!("all"));
    let mut count = 0;
    for entry in parts
        .iter()
        .flat_map(|part| part["groups"].as_array().unwrap())
        .flat_map(|group| group["permissions"].as_array().unwrap())
    {
        let label = entry["label"].as_str().unwrap();
        assert!(label.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c)), "{entry}");
        // Steps of work in the background are no permissions; an owner may give everything that is one.
        assert_eq!(entry["grantable"], json!("all"), "{entry}");
        count += 1;
    }
    assert_eq!(count, world.platform.registry.permissions().len());
}

#[tokio::test]
async fn nobody_grants_above_himself() {
    let world = World::with(vec![fleet::module()]).await;
    let (_, owner) = world.company("Climbers").await;
    let owner = owner.token();
    let (_, stranger) = world.company("Strangers").await;
    let foreign = role(&world, &stranger.token(), "Foreign", &["members.read"])
        .await
        .text("/id");
    let held = [
        "members.read",
        "members.create",
        "members.update",
        "members.remove",
        "roles.read",
        "roles.create",
        "roles.update",
        "roles.delete",
        "shifts.read:team",
        "shifts.update:own",
        "couriers.read",
    ];
    let deputy = role(&world, &owner, "Deputy", &held).await.text("/id");
    let above = role(&world, &owner, "Above", &["members.read", "vehicles.delete"])
        .await
        .text("/id");
    let mona = colleague(&world, &owner, "viewer", &[&deputy]).await;
    let admin = colleague(&world, &owner, "admin", &[]).await;
    let plain = role(&world, &owner, "Plain", &["members.read"]).await.text("/id");
    let courier = colleague(&world, &owner, "viewer", &[&plain]).await;
    let own = world.get_as(&owner, &format!("/roles/{deputy}")).await.json;

    let mut tries: Vec<(String, Json)> = Vec::new();
    for wanted in [
        "vehicles.read",
        "vehicles.delete",
        "organization.switch_modules",
        "shifts.read",
        "shifts.update:team",
        "couriers.read_pay",
        "couriers.link_members",
        "support_access.grant",
    ] {
        tries.push((
            "/roles".into(),
            json!({"name": format!("Climb {wanted}"), "permissions": given(&[wanted])}),
        ));
        let more: Vec<&str> = held.iter().copied().chain([wanted]).collect();
        tries.push((format!("/roles/{deputy}/change"), json!({"permissions": given(&more)})));
    }
    tries.push((format!("/roles/{above}/change"), json!({"permissions": []})));
    tries.push((format!("/roles/{above}/change"), json!({"name": "Mine now"})));
    tries.push((format!("/roles/{above}/delete"), Json::Null));
    tries.push((format!("/roles/{foreign}/change"), json!({"name": "Mine now"})));
    tries.push((format!("/roles/{foreign}/delete"), Json::Null));
    for built_in in ["courier", "finance"] {
        tries.push((
            format!("/roles/{built_in}/change"),
            json!({"permissions": given(&["members.read"])}),
        ));
        tries.push((format!("/roles/{built_in}/delete"), Json::Null));
    }
    for body in [
        json!({"membership": "owner"}),
        json!({"membership": "admin"}),
        json!({"membership": "manager"}),
        json!({"roles": ["fleet_manager"]}),
        json!({"roles": []}),
        json!({"roles": [above]}),
        json!({"roles": [foreign]}),
        json!({"roles": [ids::new_id()]}),
        json!({"roles": ["courier"], "organization_id": ids::new_id()}),
        json!({"roles": ["courier"], "permissions": ["vehicles.delete"]}),
    ] {
        tries.push((format!("/tenancy/members/{}/roles", courier.user_id), body.clone()));
        tries.push((format!("/tenancy/members/{}/roles", mona.user_id), body));
    }
    tries.push((format!("/tenancy/members/{}/remove", admin.user_id), Json::Null));
    tries.push((
        format!("/tenancy/members/{}/roles", admin.user_id),
        json!({"membership": "viewer", "roles": [deputy]}),
    ));
    for extra in [
        json!({"is_built_in": true}),
        json!({"id": ids::new_id()}),
        json!({"organization_id": ids::new_id()}),
        json!({"members": 3}),
    ] {
        let mut body = json!({"name": "Extra", "permissions": given(&["members.read"])});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        tries.push(("/roles".into(), body));
    }
    tries.push((
        "/roles".into(),
        json!({"name": "Ghost", "permissions": given(&["ghosts.read"])}),
    ));
    tries.push((
        "/roles".into(),
        json!({"name": "Ghost", "permissions": given(&["members.read:own"])}),
    ));
    tries.push((
        "/roles".into(),
        json!({"name": "Ghost", "permissions": given(&["members.read:everything"])}),
    ));

    let mut done = Vec::new();
    for (path, body) in &tries {
        let answer = world.post_as(&mona.token, path, body.clone()).await;
        assert!(answer.status.as_u16() < 500, "{path} {body} {answer:?}");
        if answer.status.is_success() {
            done.push(format!("{path} {body}"));
        }
    }
    assert!(done.is_empty(), "{done:#?}");
    // Nothing of hers changed on the way.
    assert_eq!(world.get_as(&owner, &format!("/roles/{deputy}")).await.json, own);

    // The tries can succeed: the same with what she has herself, and by somebody who has more.
    let lesser = role(&world, &mona.token, "Lesser", &["members.read", "shifts.read:own"]).await;
    assert_eq!(lesser.status, StatusCode::CREATED, "{lesser:?}");
    let friend = colleague(&world, &owner, "viewer", &[&lesser.text("/id")]).await;
    let moved = position(&world, &mona.token, &friend.user_id, "viewer", &[&deputy]).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    let (path, body) = &tries[0];
    assert_eq!(
        world.post_as(&owner, path, body.clone()).await.status,
        StatusCode::CREATED
    );
    catalogue::line("A12", &format!("0 of {} attempts to grant above oneself", tries.len()));
}

#[tokio::test]
async fn a_change_acts_on_the_next_request_of_every_instance() {
    let (one, other) = (World::new().await, World::new().await);
    let (_, owner) = one.company("Two instances").await;
    let owner = owner.token();
    let mut changes = 0;
    let mut slowest_ms = 0;
    let id = role(&one, &owner, "Changing", &["members.read"]).await.text("/id");
    let huda = colleague(&one, &owner, "viewer", &[&id]).await;
    for (by, held) in [
        (&one, vec!["members.read", "roles.read"]),
        (&other, vec!["roles.read"]),
        (&one, vec![]),
        (&other, vec!["members.read"]),
    ] {
        // Both have the rules of before at hand.
        for world in [&one, &other] {
            permissions(world, &huda.token).await;
        }
        let body = json!({"permissions": given(&held)});
        let changed = by.post_as(&owner, &format!("/roles/{id}/change"), body).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        for world in [&one, &other] {
            let begun = Instant::now();
            assert_eq!(permissions(world, &huda.token).await, held);
            slowest_ms = slowest_ms.max(begun.elapsed().as_millis());
            changes += 1;
        }
    }
    let path = format!("/tenancy/members/{}", huda.user_id);
    let body = json!({"membership": "viewer", "roles": ["hr_manager"]});
    assert_eq!(
        other.post_as(&owner, &format!("{path}/roles"), body).await.status,
        StatusCode::OK
    );
    for world in [&one, &other] {
        assert_eq!(permissions(world, &huda.token).await, ["members.read"]);
        changes += 1;
    }
    assert_eq!(
        one.post_as(&owner, &format!("{path}/remove"), Json::Null).await.status,
        StatusCode::OK
    );
    for world in [&other, &one] {
        assert_eq!(world.knock(&huda.token).await, 401);
        changes += 1;
    }
    assert!(slowest_ms < 1000, "{slowest_ms} ms");
    catalogue::line(
        "A4",
        &format!(
            "{changes} of {changes} changes seen by the next request on both of two instances, slowest {slowest_ms} ms"
        ),
    );
}

/// Every membership and role, alone and with roles of the organization's own, over everything that is declared here.
#[tokio::test]
async fn casbin_and_the_snapshot_agree_on_everything() {
    let registry = Registry::new(vec![tenancy::module(), fleet::module()]).unwrap();
    let policy = Policy::new(&registry).await.unwrap();
    let permissions = registry.permissions();
    let scoped = permissions.iter().filter(|name| registry.is_owned(name)).step_by(3);
    let own = [OwnRole {
        id: Uuid::from_u128(5),
        permissions: scoped.map(|name| (name.clone(), Scope::Team)).collect(),
    }];
    let compiled = policy.organization(1, &own).await.unwrap();
    let id = own[0].id.to_string();
    let mut positions: Vec<(&str, Vec<String>)> = MEMBERSHIPS.iter().map(|name| (*name, Vec::new())).collect();
    positions.extend(ROLES.iter().map(|name| ("viewer", vec![(*name).to_owned()])));
    positions.push(("viewer", vec![id.clone()]));
    positions.push(("viewer", vec![id, "courier".to_owned()]));
    let mut verdicts: BTreeMap<Option<Scope>, usize> = BTreeMap::new();
    for (membership, roles) in &positions {
        let (user, organization) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let snapshot = policy.snapshot(&compiled, user, organization, membership, roles);
        let asked = policy.ask(&own, user, organization, membership, roles, &permissions);
        let asked = asked.await.unwrap();
        for name in &permissions {
            assert_eq!(snapshot.scope(name), asked.scope(name), "{membership} {roles:?} {name}");
            *verdicts.entry(asked.scope(name)).or_default() += 1;
        }
    }
    assert_eq!(verdicts.len(), 4, "every verdict occurs: {verdicts:?}");
    let total: usize = verdicts.values().sum();
    catalogue::line(
        "F9",
        &format!("Casbin and the snapshot agree on {total} of {total} verdicts"),
    );
}

/// Checks of 1,000 organizations with 500 rules each, against a look into a set of strings. Times are of an unoptimized build.
#[tokio::test]
async fn a_check_costs_as_little_with_a_thousand_organizations() {
    const ORGANIZATIONS: usize = 1_000;
    const RULES: usize = 500;
    const CHECKS: usize = 200_000;
    let registry = Registry::new(vec![tenancy::module(), fleet::module()]).unwrap();
    let policy = Policy::new(&registry).await.unwrap();
    let names = registry.permissions();
    // Casbin compiles one organization's rules; the others' are the same work a thousand times over, and differ by their part.
    let mut compiled = Vec::with_capacity(ORGANIZATIONS);
    let mut rules = 0;
    for organization in 0..ORGANIZATIONS {
        let id = Uuid::from_u128(organization as u128 + 1);
        let mut roles = Vec::new();
        let mut left = RULES;
        while left > 0 {
            let part = left.min(100);
            let start = organization + left;
            let held = (0..part).map(|place| (names[(start + place) % names.len()].clone(), Scope::All));
            let permissions: Vec<(String, Scope)> = held.collect();
            rules += permissions.len();
            left -= part;
            roles.push(OwnRole {
                id: Uuid::from_u128((id.as_u128() << 16) | left as u128),
                permissions,
            });
        }
        let links: Vec<String> = roles.iter().map(|role| role.id.to_string()).collect();
        let own = if organization < 20 {
            policy.organization(1, &roles).await.unwrap()
        } else {
            Own::default()
        };
        let held = if organization < 20 {
            policy.snapshot(&own, id, id, "viewer", &links[..1])
        } else {
            policy.of(roles[0].permissions.iter().map(|(name, scope)| (name.as_str(), *scope)))
        };
        compiled.push((held, roles.swap_remove(0)));
    }
    assert_eq!(rules, ORGANIZATIONS * RULES);
    let sets: Vec<HashSet<String>> = compiled
        .iter()
        .map(|(_, role)| role.permissions.iter().map(|(name, _)| name.clone()).collect())
        .collect();
    let questions: Vec<(usize, &str)> = (0..CHECKS)
        .map(|place| {
            (
                place * 7919 % ORGANIZATIONS,
                names[place * 104_729 % names.len()].as_str(),
            )
        })
        .collect();
    let (mut ours_ns, mut theirs_ns) = (u128::MAX, u128::MAX);
    for _ in 0..5 {
        let begun = Instant::now();
        let ours = questions
            .iter()
            .filter(|(place, name)| compiled[*place].0.contains(name))
            .count();
        ours_ns = ours_ns.min(begun.elapsed().as_nanos());
        let begun = Instant::now();
        let theirs = questions
            .iter()
            .filter(|(place, name)| sets[*place].contains(*name))
            .count();
        theirs_ns = theirs_ns.min(begun.elapsed().as_nanos());
        assert_eq!(ours, theirs);
        assert!(ours > 0 && ours < CHECKS);
    }
    let per_mille = ours_ns * 1000 / theirs_ns.max(1);
    assert!(per_mille < 4000, "{per_mille} thousandths of a look into a set");
    catalogue::line(
        "F9",
        &format!(
            "{} ns a check with {ORGANIZATIONS} organizations of {RULES} rules, {}.{:02} of a look into a set",
            ours_ns / CHECKS as u128,
            per_mille / 1000,
            per_mille % 1000 / 10
        ),
    );
}
