//! Administration against a real database.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::sync::Arc;
use std::time::Duration;

use admin::{BACKUPS, NOTIFICATIONS, SUBSCRIPTIONS};
use chrono::{DateTime, Utc};
use platform_core::{Clock, Cx, Gate, GateOptions, Mode, Platform, Registry, ids};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target};
use platform_jobs::{Runner, RunnerOptions};
use serde_json::{Map, Value as Json, json};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};
use tenancy::Tenancy;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();

async fn target() -> &'static Target {
    let start = || async {
        let (cluster, target) = prepared().await.unwrap();
        (cluster, target)
    };
    &SERVER.get_or_init(start).await.1
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap()
}

/// A company with an owner and a viewer.
struct World {
    organization_id: Uuid,
    data: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let world = Self {
            organization_id: ids::new_id(),
            data: tempfile::tempdir().unwrap(),
        };
        let mut admin = PgConnection::connect(&target().await.admin_url()).await.unwrap();
        sqlx::query(
            "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at) VALUES ($1, 'Org', now(), now())",
        )
        .bind(world.organization_id)
        .execute(&mut admin)
        .await
        .unwrap();
        for membership in ["owner", "viewer"] {
            sqlx::query(
                "INSERT INTO platform.members (organization_id, user_id, membership, full_name, email, created_at, updated_at) \
                 VALUES ($1, $2, $3, $3, $3 || '@example.test', now(), now())",
            )
            .bind(world.organization_id)
            .bind(ids::new_id())
            .bind(membership)
            .execute(&mut admin)
            .await
            .unwrap();
        }
        world
    }

    async fn platform(&self, now: &str) -> Platform {
        let registry = Registry::new(vec![tenancy::module(), analytics::module(), admin::module()]).unwrap();
        let gate = Gate::new(target().await.url(Role::App).parse().unwrap(), &GateOptions::default());
        let (clock, data) = (Clock::fixed(at(now)), self.data.path());
        let url = target().await.url(Role::Auth);
        // Suspension writes a letter to the owners.
        let tenancy = Tenancy::connect(&url, &registry, data, &clock).await.unwrap();
        Platform::new(gate, clock, registry, data.to_owned())
            .unwrap()
            .with(tenancy)
    }

    async fn cx(&self, now: &str) -> Cx {
        let platform = Arc::new(self.platform(now).await);
        Cx::begin_job(&platform, self.organization_id, "test", Mode::Write)
            .await
            .unwrap()
    }

    /// Does every job that is due.
    async fn work(&self, platform: Arc<Platform>) {
        const DUE: &str = "SELECT count(*) FROM platform.jobs WHERE organization_id = $1
            AND (state = 'running' OR (state = 'queued' AND run_at <= $2))";
        let dispatch = PgPoolOptions::new().max_connections(1);
        let dispatch = dispatch.connect_lazy(&target().await.url(Role::Dispatch)).unwrap();
        let now = platform.clock.now();
        let runner = Runner::new(platform, dispatch, RunnerOptions::default());
        let stop = CancellationToken::new();
        let running = tokio::spawn(runner.run(stop.clone()));
        let mut admin = PgConnection::connect(&target().await.admin_url()).await.unwrap();
        for _ in 0..1_000 {
            let due = sqlx::query_scalar::<_, i64>(DUE).bind(self.organization_id).bind(now);
            if due.fetch_one(&mut admin).await.unwrap() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.cancel();
        running.await.unwrap();
    }

    async fn text(&self, sql: &'static str) -> String {
        let mut admin = PgConnection::connect(&target().await.admin_url()).await.unwrap();
        let text = sqlx::query_scalar(sql).bind(self.organization_id).fetch_one(&mut admin);
        text.await.unwrap()
    }

    async fn trial_end(&self, now: &str) {
        let module = admin::module();
        let schedule = module
            .schedules
            .iter()
            .find(|one| one.name == "admin.trial_end")
            .unwrap();
        let mut cx = self.cx(now).await;
        (schedule.run)(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }

    async fn count(&self, sql: &'static str) -> i64 {
        let mut admin = PgConnection::connect(&target().await.admin_url()).await.unwrap();
        let count = sqlx::query_scalar(sql).bind(self.organization_id).fetch_one(&mut admin);
        count.await.unwrap()
    }
}

#[tokio::test]
async fn every_hand_written_statement_is_good() {
    let url = target().await.url(Role::App);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for statement in admin::STATEMENTS {
        assert!(statement.contains("organization_id = $1"), "{statement}");
        let prepared = connection.prepare(statement.into_sql_str()).await;
        assert!(prepared.is_ok(), "{statement}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn a_trial_warns_once_a_step_and_then_ends() {
    const TOLD: &str = "SELECT count(*) FROM admin.notifications WHERE organization_id = $1";
    const STANDING: &str = "SELECT status FROM platform.organizations WHERE organization_id = $1";
    let world = World::new().await;
    let mut cx = world.cx("2026-06-01T09:00:00Z").await;
    let row = json!({"plan": "basic", "started_on": "2026-06-01", "trial_ends_at": "2026-06-15T09:00:00Z"});
    let trial = platform_engine::create(&mut cx, &SUBSCRIPTIONS, object(&row))
        .await
        .unwrap();
    cx.commit().await.unwrap();
    // Nobody is told before the seventh day; the owner alone is told, once for each step.
    for (now, told) in [
        ("2026-06-05T03:00:00Z", 0),
        ("2026-06-09T03:00:00Z", 1),
        ("2026-06-10T03:00:00Z", 1),
        ("2026-06-13T03:00:00Z", 2),
        ("2026-06-15T03:00:00Z", 3),
        ("2026-06-16T03:00:00Z", 4),
        ("2026-06-17T03:00:00Z", 4),
    ] {
        world.trial_end(now).await;
        assert_eq!(world.count(TOLD).await, told, "{now}");
    }
    let mut cx = world.cx("2026-06-17T04:00:00Z").await;
    let ended = platform_engine::load(&mut cx, &SUBSCRIPTIONS, trial.uuid("id").unwrap())
        .await
        .unwrap();
    assert_eq!(ended.text("status"), Some("suspended"));
    assert_eq!(ended.text("suspended_at"), Some("2026-06-16T03:00:00.000Z"));
    let again = platform_engine::act(
        &mut cx,
        &SUBSCRIPTIONS,
        trial.uuid("id").unwrap(),
        "end_trial",
        Map::new(),
    )
    .await;
    assert_eq!(again.unwrap_err().code, "not_in_state");
    cx.rollback().await.unwrap();

    // The organization waits with its subscription, until the operator makes it a customer.
    assert_eq!(world.text(STANDING).await, "trial");
    world.work(Arc::new(world.platform("2026-06-17T04:00:00Z").await)).await;
    assert_eq!(world.text(STANDING).await, "suspended");
    let mut cx = world.cx("2026-06-18T04:00:00Z").await;
    let given = object(&json!({"plan": "professional", "max_users": 50}));
    let id = trial.uuid("id").unwrap();
    let active = platform_engine::act(&mut cx, &SUBSCRIPTIONS, id, "activate", given)
        .await
        .unwrap();
    assert_eq!(
        (active.text("status"), active.text("suspended_at")),
        (Some("active"), None)
    );
    cx.commit().await.unwrap();
    world.work(Arc::new(world.platform("2026-06-18T04:00:01Z").await)).await;
    assert_eq!(world.text(STANDING).await, "active");
}

#[tokio::test]
async fn a_demonstration_has_something_everywhere() {
    let world = World::new().await;
    let mut cx = world.cx("2026-06-15T09:00:00Z").await;
    admin::demo::demo(&mut cx, 1).await.unwrap();
    let notes = platform_engine::create(
        &mut cx,
        &NOTIFICATIONS,
        object(&json!({"title": "A", "recipient": ids::new_id()})),
    );
    assert_eq!(notes.await.unwrap_err().errors[0].code, "not_known");
    cx.rollback().await.unwrap();

    let mut cx = world.cx("2026-06-15T09:00:00Z").await;
    admin::demo::demo(&mut cx, 1).await.unwrap();
    let pinned = object(&json!({"name": "Before the move", "is_pinned": true}));
    let pinned = platform_engine::create(&mut cx, &BACKUPS, pinned).await.unwrap();
    assert_eq!(pinned.text("status"), Some("pending"));
    cx.commit().await.unwrap();
    for resource in admin::module().resources {
        let table = match resource.name {
            "system_settings" => "SELECT count(*) FROM admin.system_settings WHERE organization_id = $1",
            "connections" => "SELECT count(*) FROM admin.connections WHERE organization_id = $1",
            "backups" => "SELECT count(*) FROM admin.backups WHERE organization_id = $1",
            "webhooks" => "SELECT count(*) FROM admin.webhooks WHERE organization_id = $1",
            "webhook_deliveries" => "SELECT count(*) FROM admin.webhook_deliveries WHERE organization_id = $1",
            "email_templates" => "SELECT count(*) FROM admin.email_templates WHERE organization_id = $1",
            "user_preferences" => "SELECT count(*) FROM admin.user_preferences WHERE organization_id = $1",
            "notifications" => "SELECT count(*) FROM admin.notifications WHERE organization_id = $1",
            "announcements" => "SELECT count(*) FROM admin.announcements WHERE organization_id = $1",
            "subscriptions" => "SELECT count(*) FROM admin.subscriptions WHERE organization_id = $1",
            other => panic!("{other} is not looked at"),
        };
        assert!(world.count(table).await > 0, "{} has no rows", resource.name);
    }
}
