//! The assembled product with whatever modules this build has: with all of them, with one alone, with none.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod edges;
#[cfg(feature = "fleet")]
mod operator;
#[cfg(feature = "hr")]
mod payroll;
#[cfg(feature = "fleet")]
mod person;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use barq::app::{App, Config};
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use platform_core::{Clock, Method, Registry};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Target, prepare};
use platform_jobs::RunnerOptions;
use platform_resource::Verb;
use serde_json::{Value as Json, json};
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();

struct World {
    app: App,
    router: Router,
    target: Target,
    clock: Clock,
    _data: tempfile::TempDir,
}

/// A fresh database under the name of the test.
async fn world(name: &str) -> World {
    world_with(name, |_| {}).await
}

/// The same with some options changed.
async fn world_with(name: &str, change: impl FnOnce(&mut Config)) -> World {
    // A second call would change nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let start = || async {
        let (cluster, target) = prepared().await.unwrap();
        (cluster, target)
    };
    let target = SERVER.get_or_init(start).await.1.with_database(name);
    prepare(&target).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-03-01T12:00:00Z".parse().unwrap());
    let mut config = Config {
        clock: clock.clone(),
        jobs: RunnerOptions {
            poll: Duration::from_millis(20),
            ..RunnerOptions::default()
        },
        ..Config::new(data.path().to_owned())
    };
    change(&mut config);
    let app = App::assemble(&target, config).await.unwrap();
    World {
        router: barq::router(&app, None),
        app,
        target,
        clock,
        _data: data,
    }
}

impl World {
    async fn call(&self, method: &str, path: &str, token: &str, body: Json) -> (StatusCode, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if method == "GET" {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let answer = tower::ServiceExt::oneshot(self.router.clone(), request.body(body).unwrap())
            .await
            .unwrap();
        let status = answer.status();
        (status, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    async fn get(&self, token: &str, path: &str) -> Json {
        let (status, body) = self.call("GET", path, token, Json::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    async fn owner(&self, name: &str) -> String {
        let body = json!({"email": format!("{name}@example.sa"), "password": "correct horse battery",
            "full_name": "Noura Al-Harbi", "organization_name": name});
        let (status, body) = self.call("POST", "/auth/register", "", body).await;
        assert_eq!(status, StatusCode::CREATED);
        let session: Json = serde_json::from_slice(&body).unwrap();
        session["access_token"].as_str().unwrap().to_owned()
    }

    /// Names of the modules that a person sees.
    async fn seen(&self, token: &str) -> Vec<String> {
        let description = self.get(token, "/description").await;
        let modules = description["modules"].as_array().unwrap().iter();
        modules
            .map(|module| module["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn starts_with_whatever_was_built() {
    let world = world("starts").await;
    let owner = world.owner("starts").await;
    let registry = &world.app.platform.registry;
    let built = registry.modules.iter().filter(|module| !module.resources.is_empty());
    assert_eq!(
        world.seen(&owner).await,
        built.map(|module| module.name).collect::<Vec<_>>()
    );
    let listed = world.get(&owner, "/organization/modules").await;
    let switchable = registry.modules.iter().filter(|module| !module.essential).count();
    assert_eq!(listed["data"].as_array().unwrap().len(), switchable);
    assert!(world.get(&owner, "/openapi.json").await["paths"].is_object());
    assert!(barq::states().unwrap().contains("state machines"));
    assert!(barq::endpoints().unwrap().contains("/api/v1/auth/login"));
}

#[test]
fn each_module_stands_alone_and_each_can_be_left_out() {
    let names: Vec<&str> = barq::modules()
        .iter()
        .filter(|module| !module.essential)
        .map(|module| module.name)
        .collect();
    let build = |takes: &dyn Fn(&str) -> bool| {
        let modules = barq::modules().into_iter();
        Registry::new(
            modules
                .filter(|module| module.essential || takes(module.name))
                .collect(),
        )
        .map(drop)
    };
    for name in names {
        assert_eq!(build(&|module| module == name), Ok(()), "{name} alone");
        assert_eq!(build(&|module| module != name), Ok(()), "all but {name}");
    }
    assert_eq!(build(&|_| false), Ok(()), "none");
}

#[tokio::test]
async fn each_module_can_be_switched_off_for_one_organization_and_is_then_not_there() {
    let world = world("switched").await;
    let (owner, other) = (world.owner("switches").await, world.owner("does-not").await);
    let (_, unknown) = world.call("GET", "/nothing/here", &owner, Json::Null).await;
    let registry = &world.app.platform.registry;
    for module in registry.modules.iter().filter(|module| !module.essential) {
        let (name, own) = (module.name, module.own_permissions().collect::<Vec<_>>());
        let all = world.seen(&owner).await;
        let path = |to: &str| format!("/organization/modules/{name}/{to}");
        let (status, _) = world.call("POST", &path("disable"), &owner, json!({})).await;
        assert_eq!(status, StatusCode::OK, "{name}");
        assert!(!world.seen(&owner).await.contains(&name.to_owned()));
        assert_eq!(world.seen(&other).await, all);
        let me = world.get(&owner, "/auth/me").await;
        for permission in me["permissions"].as_array().unwrap() {
            assert!(!own.iter().any(|own| permission == own), "{permission} of {name}");
        }
        let reads = world.app.operations.iter().filter(|operation| {
            operation.module == name && operation.method == Method::Get && operation.path_names().is_empty()
        });
        for operation in reads {
            let (status, body) = world.call("GET", &operation.path, &owner, Json::Null).await;
            assert_eq!((status, &body), (StatusCode::NOT_FOUND, &unknown), "{}", operation.id);
        }
        world.call("POST", &path("enable"), &owner, json!({})).await;
        assert_eq!(world.seen(&owner).await, all);
        for resource in module.resources.iter().filter(|resource| resource.has(Verb::Read)) {
            world
                .get(&owner, &format!("/{}/{}", resource.module, resource.name))
                .await;
        }
    }
}

#[tokio::test]
async fn every_schedule_of_the_build_runs_for_every_organization() {
    let world = world("clocks").await;
    for name in ["first", "second"] {
        world.owner(name).await;
    }
    let mut admin = PgConnection::connect(&world.target.admin_url()).await.unwrap();
    // As organizations from before this version: their clocks are woken at start.
    sqlx::query("DELETE FROM platform.jobs")
        .execute(&mut admin)
        .await
        .unwrap();
    let platform = world.app.platform.clone();
    barq::wake_all(platform.clone()).await;
    let stop = CancellationToken::new();
    let runner = tokio::spawn(world.app.runner.run(stop.clone()));
    for _ in 0..9 {
        settle(&mut admin, world.clock.now()).await;
        world.clock.set(world.clock.now() + TimeDelta::hours(6));
    }
    settle(&mut admin, world.clock.now()).await;
    let failed = "SELECT DISTINCT name || ': ' || last_error FROM platform.schedules WHERE last_error IS NOT NULL";
    let failed: Vec<String> = sqlx::query_scalar(failed).fetch_all(&mut admin).await.unwrap();
    assert!(failed.is_empty(), "{failed:?}");
    let ran = "SELECT count(*) FROM platform.schedules WHERE last_run_at IS NOT NULL";
    let ran: i64 = sqlx::query_scalar(ran).fetch_one(&mut admin).await.unwrap();
    let declared = platform.registry.schedules().count();
    assert!(declared >= 5);
    assert_eq!(ran, i64::try_from(2 * declared).unwrap());
    stop.cancel();
    runner.await.unwrap();
}

/// Waits until nothing is due any more.
async fn settle(admin: &mut PgConnection, now: DateTime<Utc>) {
    let due = "SELECT count(*) FROM platform.jobs WHERE state = 'running' OR (state = 'queued' AND run_at <= $1)";
    for _ in 0..2000 {
        let count: i64 = sqlx::query_scalar(due).bind(now).fetch_one(&mut *admin).await.unwrap();
        if count == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("jobs are still due");
}
