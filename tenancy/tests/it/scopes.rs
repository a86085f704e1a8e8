//! Own rows, those of a team, all: what is out of reach is answered like what is not there.

use axum::http::StatusCode;
use platform_core::{Method, Module, Operation, Permit, ids};
use serde_json::{Value as Json, json};

use crate::catalogue;
use crate::roles::{Colleague, colleague, given, role};
use crate::shared::{Answer, World};

struct Yard {
    world: World,
    owner: String,
    /// Couriers: the first and second are members; the second and third are led by the supervisor.
    couriers: Vec<String>,
    shifts: Vec<String>,
    members: Vec<Colleague>,
    supervisor: Colleague,
}

async fn call(world: &World, token: &str, method: Method, path: &str, body: &Json) -> Answer {
    let bearer = format!("Bearer {token}");
    world.call(method, path, &[("authorization", &bearer)], body).await
}

impl Yard {
    /// Roles reach shifts as far as the word says.
    async fn new(name: &str) -> Self {
        let world = World::with(vec![fleet::module()]).await;
        let (_, owner) = world.company(name).await;
        let owner = owner.token();
        let verbs = ["read", "create", "update", "delete", "export", "cancel"];
        let mut roles = Vec::new();
        for scope in ["own", "team"] {
            let mut held: Vec<String> = verbs.iter().map(|verb| format!("shifts.{verb}:{scope}")).collect();
            held.push(format!("couriers.read:{scope}"));
            let held: Vec<&str> = held.iter().map(String::as_str).collect();
            roles.push(role(&world, &owner, scope, &held).await.text("/id"));
        }
        let mut members = Vec::new();
        for _ in 0..2 {
            members.push(colleague(&world, &owner, "viewer", &[&roles[0]]).await);
        }
        let supervisor = colleague(&world, &owner, "viewer", &[&roles[1]]).await;
        let (mut couriers, mut shifts) = (Vec::new(), Vec::new());
        for number in 0..3 {
            let body = json!({"barq_id": format!("BQ-{number}"), "full_name": format!("Courier {number}"),
                "member_id": members.get(number).map(|member| member.user_id.clone()),
                "supervised_by": (number > 0).then(|| supervisor.user_id.clone())});
            let courier = world.post_as(&owner, "/fleet/couriers", body).await;
            assert_eq!(courier.status, StatusCode::CREATED, "{courier:?}");
            couriers.push(courier.text("/id"));
            let shift = world.post_as(&owner, "/fleet/shifts", shift(&couriers[number])).await;
            assert_eq!(shift.status, StatusCode::CREATED, "{shift:?}");
            shifts.push(shift.text("/id"));
        }
        Self {
            world,
            owner,
            couriers,
            shifts,
            members,
            supervisor,
        }
    }

    /// Which of the three shifts each way of looking shows, and that all ways agree.
    async fn seen(&self, token: &str) -> Vec<usize> {
        let ids = |rows: &Json| -> Vec<usize> {
            let found = |row: &Json| self.shifts.iter().position(|id| row["id"] == id.as_str()).unwrap();
            let mut places: Vec<usize> = rows.as_array().unwrap().iter().map(found).collect();
            places.sort_unstable();
            places
        };
        let get = |path: String| async move { self.world.get_as(token, &path).await };
        let list = get("/fleet/shifts?total=true&titles=true".into()).await;
        let places = ids(&list.json["data"]);
        assert_eq!(list.json["total"], json!(places.len()));
        let filtered = get(format!("/fleet/shifts?courier_id.in={}", self.couriers.join(","))).await;
        assert_eq!(ids(&filtered.json["data"]), places);
        assert_eq!(ids(&get("/fleet/shifts/options".into()).await.json["data"]), places);
        let export = get("/fleet/shifts/export".into()).await;
        let lines = export.json.as_str().unwrap().lines().count();
        assert_eq!(lines, places.len() + 1, "{export:?}");
        let nothing = self.absent(token, "").await;
        let no_history = self.absent(token, "/history").await;
        for (place, id) in self.shifts.iter().enumerate() {
            let (row, history) = (
                get(format!("/fleet/shifts/{id}")).await,
                get(format!("/fleet/shifts/{id}/history")).await,
            );
            if places.contains(&place) {
                assert_eq!((row.status, history.status), (StatusCode::OK, StatusCode::OK));
            } else {
                assert_eq!((row.status, &row.json), (StatusCode::NOT_FOUND, &nothing), "{row:?}");
                assert_eq!((history.status, &history.json), (StatusCode::NOT_FOUND, &no_history));
            }
        }
        places
    }

    /// What is answered for a row that never was.
    async fn absent(&self, token: &str, tail: &str) -> Json {
        let path = format!("/fleet/shifts/{}{tail}", ids::new_id());
        self.world.get_as(token, &path).await.json
    }
}

fn shift(courier: &str) -> Json {
    json!({"courier_id": courier, "works_on": "2026-03-02", "starts_at": "2026-03-02T06:00:00Z",
        "ends_at": "2026-03-02T14:00:00Z", "area": "Olaya"})
}

#[tokio::test]
async fn rows_are_shown_as_far_as_a_role_reaches() {
    let yard = Yard::new("Reach").await;
    assert_eq!(yard.seen(&yard.owner).await, [0, 1, 2]);
    assert_eq!(yard.seen(&yard.members[0].token).await, [0]);
    assert_eq!(yard.seen(&yard.members[1].token).await, [1]);
    assert_eq!(yard.seen(&yard.supervisor.token).await, [1, 2]);
    let me = yard.world.get_as(&yard.supervisor.token, "/auth/me").await;
    assert_eq!(me.json["scopes"]["shifts.read"], json!("team"));

    // The words that the caller may read: his own row of couriers, and what everybody finds in it.
    let found = |token: String| {
        let world = &yard.world;
        async move {
            let identity = world.get_as(&token, "/fleet/couriers?search=Courier").await;
            identity.json["data"].as_array().unwrap().len()
        }
    };
    assert_eq!(found(yard.members[0].token.clone()).await, 1);
    assert_eq!(found(yard.supervisor.token.clone()).await, 2);
    assert_eq!(found(yard.owner.clone()).await, 3);

    // A row moves with its owner: the next request sees it.
    let path = format!("/fleet/couriers/{}", yard.couriers[2]);
    let body = json!({"supervised_by": null});
    let moved = call(&yard.world, &yard.owner, Method::Patch, &path, &body).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    assert_eq!(yard.seen(&yard.supervisor.token).await, [1]);
}

#[tokio::test]
async fn writes_stay_within_reach() {
    let yard = Yard::new("Writes").await;
    let (world, token) = (&yard.world, yard.members[0].token.as_str());
    let (mine, other) = (&yard.shifts[0], &yard.shifts[1]);
    let nowhere = ids::new_id().to_string();
    let mut refused = 0;
    for (method, tail, body) in [
        (Method::Patch, "", json!({"area": "Malaz"})),
        (Method::Delete, "", Json::Null),
        (Method::Post, "/cancel", json!({"status_reason": "rain"})),
    ] {
        let there = call(world, token, method, &format!("/fleet/shifts/{other}{tail}"), &body).await;
        let never = call(world, token, method, &format!("/fleet/shifts/{nowhere}{tail}"), &body).await;
        assert_eq!(
            (there.status, &there.json),
            (StatusCode::NOT_FOUND, &never.json),
            "{method:?} {tail}"
        );
        refused += 1;
    }
    for op in [
        json!({"op": "update", "id": other, "data": {"area": "Malaz"}}),
        json!({"op": "delete", "id": other}),
        json!({"op": "create", "data": shift(&yard.couriers[1])}),
    ] {
        let good = json!({"op": "update", "id": mine, "data": {"area": "Malaz"}});
        let body = json!({"operations": [good, op]});
        let answer = world.post_as(token, "/fleet/shifts/bulk", body).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
        refused += 1;
    }
    // For somebody else, also when the courier is there, as for one who never was.
    // The hours are those of a shift that the other one has: that is not told either.
    for courier in [&yard.couriers[1], &nowhere] {
        let answer = world.post_as(token, "/fleet/shifts", shift(courier)).await;
        assert_eq!(
            answer.refused(),
            ("courier_id".into(), "not_known".into()),
            "{answer:?}"
        );
        refused += 1;
    }
    let mut untouched = Vec::new();
    for id in &yard.shifts {
        untouched.push(world.get_as(&yard.owner, &format!("/fleet/shifts/{id}")).await.json["area"].clone());
    }
    assert_eq!(untouched, ["Olaya", "Olaya", "Olaya"]);

    // The same on one's own rows.
    let path = format!("/fleet/shifts/{mine}");
    let changed = call(world, token, Method::Patch, &path, &json!({"area": "Malaz"})).await;
    assert_eq!(
        (changed.status, changed.text("/area")),
        (StatusCode::OK, "Malaz".into())
    );
    let mut later = shift(&yard.couriers[0]);
    for (field, value) in [
        ("works_on", "2026-03-03"),
        ("starts_at", "2026-03-03T06:00:00Z"),
        ("ends_at", "2026-03-03T14:00:00Z"),
    ] {
        later[field] = value.into();
    }
    let made = world.post_as(token, "/fleet/shifts", later).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let cancelled = world
        .post_as(token, &format!("{path}/cancel"), json!({"status_reason": "rain"}))
        .await;
    assert_eq!(cancelled.status, StatusCode::OK, "{cancelled:?}");
    catalogue::line(
        "F9",
        &format!("0 of {refused} writes out of reach, lists and single rows agree"),
    );
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

/// Figures of all couriers: no list of rows.
fn figures() -> Module {
    let needs = Permit::needs("couriers.read");
    Module {
        name: "figures",
        operations: vec![Operation::get("/figures", "figures.read", needs, |_, _: Nothing| {
            Box::pin(std::future::ready(Ok(7)))
        })],
        locales: ("{}", "{}"),
        ..Module::default()
    }
}

#[tokio::test]
async fn what_is_counted_over_all_rows_needs_all_rows() {
    let world = World::with(vec![fleet::module(), figures()]).await;
    let (_, owner) = world.company("Figures").await;
    let owner = owner.token();
    for (scope, status) in [
        ("own", StatusCode::FORBIDDEN),
        ("team", StatusCode::FORBIDDEN),
        ("all", StatusCode::OK),
    ] {
        let permissions = given(&[format!("couriers.read:{scope}").as_str(), "couriers.read_pay:own"]);
        let made = world
            .post_as(&owner, "/roles", json!({"name": scope, "permissions": permissions}))
            .await;
        let member = colleague(&world, &owner, "viewer", &[&made.text("/id")]).await;
        assert_eq!(world.get_as(&member.token, "/figures").await.status, status, "{scope}");
        assert_eq!(
            world.get_as(&member.token, "/fleet/couriers").await.status,
            StatusCode::OK,
            "{scope}"
        );
        // A private field is shown in every row of an answer or in none.
        let private = world.get_as(&member.token, "/fleet/couriers?fields=basic_salary").await;
        let expected = if scope == "own" {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        assert_eq!(private.status, expected, "{scope}");
    }
}
