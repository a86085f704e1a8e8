//! The operator's support in a member's place: only where it was let in, for as long, with less, and never without its name.

use axum::http::StatusCode;
use platform_core::{Method, ids};
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::catalogue;
use crate::roles::{colleague, role};
use crate::shared::{Answer, World, admin};

struct Help {
    world: World,
    /// The customer's owner.
    owner: String,
    organization_id: String,
    /// Somebody of the operator's staff, in an organization of the operator's own.
    staff: String,
    staff_id: String,
}

impl Help {
    async fn new() -> Self {
        let world = World::with(vec![fleet::module()]).await;
        let (_, customer) = world.company("Customer").await;
        let (email, staff) = world.company("Operator").await;
        assert!(world.tenancy.set_staff(&email, true, world.clock.now()).await.unwrap());
        Self {
            owner: customer.token(),
            organization_id: customer.text("/organization/id"),
            staff: staff.token(),
            staff_id: staff.text("/user/id"),
            world,
        }
    }

    async fn grant(&self, minutes: i64) -> Answer {
        let body = json!({"reason": "Payroll does not add up", "minutes": minutes});
        self.world.post_as(&self.owner, "/support/grants", body).await
    }

    async fn enter(&self, token: &str, grant_id: &str) -> Answer {
        let body = json!({"organization_id": self.organization_id, "grant_id": grant_id});
        self.world.post_as(token, "/support/enter", body).await
    }
}

#[tokio::test]
async fn support_comes_in_where_it_is_let_in_and_leaves_its_name() {
    let help = Help::new().await;
    let world = &help.world;
    let grant = help.grant(30).await;
    assert_eq!(grant.status, StatusCode::CREATED, "{grant:?}");
    let entered = help.enter(&help.staff, &grant.text("/id")).await;
    assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    let token = entered.token();
    let me = world.get_as(&token, "/auth/me").await;
    assert_eq!(me.text("/organization/id"), help.organization_id);
    assert_eq!(me.text("/support/reason"), "Payroll does not add up");
    assert_eq!(me.text("/support/staff_name"), "Noura Al-Harbi");
    assert!(world.get_as(&help.owner, "/auth/me").await.json["support"].is_null());

    let mut writes = 0;
    for number in 0..4 {
        let body = json!({"barq_id": format!("BQ-{number}"), "full_name": "Helped"});
        let made = world.post_as(&token, "/fleet/couriers", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let path = format!("/fleet/couriers/{}", made.text("/id"));
        let bearer = format!("Bearer {token}");
        let body = json!({"city": "Riyadh"});
        let changed = world
            .call(Method::Patch, &path, &[("authorization", &bearer)], &body)
            .await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        let history = world.get_as(&help.owner, &format!("{path}/history")).await;
        assert_eq!(history.text("/data/0/actor/id"), help.staff_id);
        assert!(history.json["data"][0]["on_behalf_of"].is_string());
        writes += 2;
    }
    let rows = sqlx::query(
        "SELECT actor_id, on_behalf_of, resource, verb FROM platform.history
            WHERE organization_id = $1 AND (resource = 'fleet.couriers' OR verb = 'entered')",
    )
    .bind(Uuid::try_parse(&help.organization_id).unwrap())
    .fetch_all(&mut admin().await)
    .await
    .unwrap();
    assert_eq!(rows.len(), writes + 1);
    for row in &rows {
        assert_eq!(row.get::<Uuid, _>("actor_id").to_string(), help.staff_id);
        assert_eq!(row.get::<Uuid, _>("on_behalf_of").to_string(), me.text("/user/id"));
    }
    catalogue::line("A17", &format!("both identities in {0} of {0} entries", rows.len()));
}

#[tokio::test]
async fn support_gets_nothing_that_it_was_not_given() {
    let help = Help::new().await;
    let world = &help.world;
    let grant = help.grant(60).await.text("/id");
    let mut tries = 0;
    let mut expect = |answer: &Answer, status: u16, what: &str| {
        assert_eq!(answer.status.as_u16(), status, "{what}: {answer:?}");
        tries += 1;
    };
    // Without a grant, with another organization's, and by somebody who is no staff.
    expect(
        &help.enter(&help.staff, &ids::new_id().to_string()).await,
        404,
        "no grant",
    );
    let (_, other) = world.company("Somebody else").await;
    let body = json!({"organization_id": other.text("/organization/id"), "grant_id": grant});
    expect(
        &world.post_as(&help.staff, "/support/enter", body).await,
        404,
        "another organization",
    );
    expect(&help.enter(&other.token(), &grant).await, 404, "not staff");
    expect(&help.enter(&help.owner, &grant).await, 404, "the customer");
    for (minutes, reason) in [(0, "Long enough"), (61, "Long enough"), (-5, "Long enough"), (30, "no")] {
        let body = json!({"reason": reason, "minutes": minutes});
        expect(
            &world.post_as(&help.owner, "/support/grants", body).await,
            422,
            "a grant out of bounds",
        );
    }
    let viewer = colleague(world, &help.owner, "viewer", &["courier"]).await;
    let body = json!({"reason": "Long enough", "minutes": 10});
    expect(
        &world.post_as(&viewer.token, "/support/grants", body).await,
        403,
        "a viewer's grant",
    );

    let token = help.enter(&help.staff, &grant).await.token();
    for path in ["/support/grants", "/organization/modules/history"] {
        let status = if path.starts_with("/support") { 403 } else { 200 };
        expect(&world.get_as(&token, path).await, status, path);
    }
    for (path, body) in [
        (
            "/support/grants".to_owned(),
            json!({"reason": "Longer please", "minutes": 60}),
        ),
        (format!("/support/grants/{grant}/end"), Json::Null),
        ("/roles".to_owned(), json!({"name": "Back door", "permissions": []})),
        (
            format!("/tenancy/members/{}/roles", viewer.user_id),
            json!({"membership": "owner"}),
        ),
        (format!("/tenancy/members/{}/remove", viewer.user_id), Json::Null),
        ("/organization/modules/fleet/disable".to_owned(), Json::Null),
    ] {
        expect(&world.post_as(&token, &path, body).await, 403, &path);
    }
    // What belongs to the person: other organizations, sessions, a grant to come in elsewhere.
    let body = json!({"organization_id": help.organization_id});
    expect(&world.post_as(&token, "/auth/switch", body).await, 401, "switch");
    expect(&help.enter(&token, &grant).await, 401, "in again as the customer");
    let held = crate::roles::permissions(world, &token).await;
    for object in [
        "api_keys",
        "support_access",
        "plugins",
        "installations",
        "subscriptions",
        "audit",
    ] {
        let leaks: Vec<&String> = held
            .iter()
            .filter(|name| name.split('.').next() == Some(object))
            .collect();
        assert!(leaks.is_empty(), "{leaks:?}");
        tries += 1;
    }
    assert!(!held.contains(&"couriers.read_bank".to_owned()) && held.contains(&"couriers.update".to_owned()));
    catalogue::line("A17", &format!("0 of {tries} calls beyond what was granted"));
}

#[tokio::test]
async fn it_ends_by_the_clock_by_the_organization_and_with_the_member() {
    let help = Help::new().await;
    let world = &help.world;
    let grant = help.grant(5).await;
    let token = help.enter(&help.staff, &grant.text("/id")).await.token();
    assert_eq!(world.knock(&token).await, 200);
    world.wait(299);
    assert_eq!(world.knock(&token).await, 200);
    world.wait(1);
    assert_eq!(world.knock(&token).await, 401);
    assert_eq!(
        help.enter(&help.staff, &grant.text("/id")).await.status,
        StatusCode::NOT_FOUND
    );

    let grant = help.grant(10).await.text("/id");
    let token = help.enter(&help.staff, &grant).await.token();
    assert_eq!(world.knock(&token).await, 200);
    let ended = world
        .post_as(&help.owner, &format!("/support/grants/{grant}/end"), Json::Null)
        .await;
    assert_eq!(
        (ended.status, &ended.json["is_open"]),
        (StatusCode::OK, &json!(false)),
        "{ended:?}"
    );
    assert_eq!(world.knock(&token).await, 401);
    assert_eq!(help.enter(&help.staff, &grant).await.status, StatusCode::NOT_FOUND);

    // Whoever let support in and is gone has taken it with him.
    let keeper = role(world, &help.owner, "Keeper", &["support_access.grant", "couriers.read"])
        .await
        .text("/id");
    let keeper = colleague(world, &help.owner, "viewer", &[&keeper]).await;
    let body = json!({"reason": "One more look", "minutes": 10});
    let grant = world.post_as(&keeper.token, "/support/grants", body).await.text("/id");
    let token = help.enter(&help.staff, &grant).await.token();
    assert_eq!(crate::roles::permissions(world, &token).await, ["couriers.read"]);
    let path = format!("/tenancy/members/{}/remove", keeper.user_id);
    assert_eq!(
        world.post_as(&help.owner, &path, Json::Null).await.status,
        StatusCode::OK
    );
    assert_eq!(world.knock(&token).await, 401);
}
