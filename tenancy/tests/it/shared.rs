//! One throw-away server for the whole binary; a world of its own, with its own clock, for each test.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{
    Body, Clock, Gate, GateOptions, Method, Module, Operation, Platform, Registry, Reply, Request, dispatch, ids,
};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target, prepare};
use serde_json::{Value as Json, json};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tenancy::Tenancy;
use tokio::sync::OnceCell;
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse battery";

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();
/// The data folder that the processes on the shared database share.
pub static DATA: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

pub async fn target() -> &'static Target {
    let start = || async {
        let _ = tracing_subscriber::fmt().with_test_writer().try_init();
        let (cluster, target) = prepared().await.unwrap();
        (cluster, target)
    };
    &SERVER.get_or_init(start).await.1
}

/// A migrated database of the caller's own, for what would disturb the others.
pub async fn database(name: &str) -> Target {
    let own = target().await.with_database(name);
    prepare(&own).await.unwrap();
    own
}

/// A process of its own on the shared database: keys, caches and clock.
pub struct World {
    pub platform: Arc<Platform>,
    pub tenancy: Arc<Tenancy>,
    pub clock: Clock,
    operations: Vec<Arc<Operation>>,
    pub address: String,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub json: Json,
    /// `name=value` of the cookie that was set.
    pub cookie: Option<String>,
    pub retry_after_s: Option<u64>,
    headers: Vec<(String, String)>,
}

impl Answer {
    pub fn text(&self, pointer: &str) -> String {
        self.json
            .pointer(pointer)
            .and_then(Json::as_str)
            .unwrap_or_else(|| panic!("{pointer} in {self:?}"))
            .to_owned()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(header, _)| header == name);
        header.map(|(_, value)| value.as_str())
    }

    pub fn token(&self) -> String {
        self.text("/access_token")
    }

    pub fn cookie(&self) -> String {
        self.cookie.clone().unwrap()
    }

    /// The first refused field and why.
    pub fn refused(&self) -> (String, String) {
        (self.text("/errors/0/field"), self.text("/errors/0/code"))
    }
}

pub fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::start(target().await, DATA.path(), Clock::fixed(noon())).await
    }

    /// With modules besides.
    pub async fn with(modules: Vec<Module>) -> Self {
        Self::assemble(target().await, DATA.path(), Clock::fixed(noon()), modules).await
    }

    /// Another process of an installation.
    pub async fn start(target: &Target, data: &Path, clock: Clock) -> Self {
        Self::assemble(target, data, clock, Vec::new()).await
    }

    pub async fn assemble(target: &Target, data: &Path, clock: Clock, mut modules: Vec<Module>) -> Self {
        modules.push(tenancy::module());
        let registry = Registry::new(modules).unwrap();
        let tenancy = Tenancy::connect(&target.url(Role::Auth), &registry, data, &clock)
            .await
            .unwrap();
        let operations = registry.modules.iter().flat_map(|module| {
            let of = |operation: Operation| Operation {
                module: module.name,
                ..operation
            };
            let resources = module.resources.iter();
            let of_resources = resources.copied().flat_map(platform_engine::resource_operations);
            let own = module.operations.iter().cloned().chain(of_resources);
            own.map(move |operation| Arc::new(of(operation)))
        });
        let mut operations: Vec<Arc<Operation>> = operations.collect();
        // As a router does: what is written out goes before what stands for anything.
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let platform = Platform::new(gate, clock.clone(), registry, data.to_owned())
            .unwrap()
            .with(tenancy.clone())
            .with_authority(tenancy.clone());
        Self {
            platform: Arc::new(platform),
            tenancy,
            clock,
            operations,
            // Of its own, so that the tests do not slow each other down.
            address: ids::new_id().to_string(),
        }
    }

    /// Moves the clock on.
    pub fn wait(&self, seconds: i64) {
        self.clock.set(self.clock.now() + TimeDelta::seconds(seconds));
    }

    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Json) -> Answer {
        self.call_as(&self.address, method, path, headers, body).await
    }

    /// A call of nobody in particular from an address.
    pub async fn call_from(&self, address: &str, path: &str, body: Json) -> Answer {
        self.call_as(address, Method::Post, path, &[], &body).await
    }

    async fn call_as(
        &self,
        address: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Json,
    ) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (operation, parts) = self.find(method, path);
        let pairs = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        let request = Request {
            path: parts,
            query: query.to_owned(),
            headers: pairs.collect(),
            body: if body.is_null() {
                Vec::new().into()
            } else {
                body.to_string().into()
            },
            address: address.to_owned(),
        };
        read(dispatch(self.platform.clone(), operation, request).await)
    }

    fn find(&self, method: Method, path: &str) -> (Arc<Operation>, Vec<(String, String)>) {
        let given: Vec<&str> = path.split('/').collect();
        for operation in self.operations.iter().filter(|operation| operation.method == method) {
            let pattern: Vec<&str> = operation.path.split('/').collect();
            let fits = |(pattern, given): (&&str, &&str)| pattern.starts_with('{') || pattern == given;
            if pattern.len() == given.len() && pattern.iter().zip(&given).all(fits) {
                let parts = pattern
                    .iter()
                    .zip(&given)
                    .filter(|(pattern, _)| pattern.starts_with('{'));
                let parts = parts.map(|(name, value)| (name.trim_matches(['{', '}']).to_owned(), (*value).to_owned()));
                return (operation.clone(), parts.collect());
            }
        }
        panic!("no operation {} {path}", method.name());
    }

    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.call(Method::Post, path, &[], &body).await
    }

    pub async fn post_as(&self, token: &str, path: &str, body: Json) -> Answer {
        self.call(
            Method::Post,
            path,
            &[("authorization", &format!("Bearer {token}"))],
            &body,
        )
        .await
    }

    pub async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.call(
            Method::Get,
            path,
            &[("authorization", &format!("Bearer {token}"))],
            &Json::Null,
        )
        .await
    }

    pub async fn with_cookie(&self, path: &str, cookie: &str) -> Answer {
        self.call(
            Method::Post,
            path,
            &[("x-barq-request", "1"), ("cookie", cookie)],
            &Json::Null,
        )
        .await
    }

    /// Signs a new company up; the address is unique.
    pub async fn company(&self, name: &str) -> (String, Answer) {
        let email = unique("owner");
        let answer = self.register(&email, name).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        (email, answer)
    }

    pub async fn register(&self, email: &str, name: &str) -> Answer {
        let body =
            json!({"email": email, "password": PASSWORD, "full_name": "Noura Al-Harbi", "organization_name": name});
        self.post("/auth/register", body).await
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", json!({"email": email, "password": password}))
            .await
    }

    /// The status that a token gets.
    pub async fn knock(&self, token: &str) -> u16 {
        self.get_as(token, "/auth/me").await.status.as_u16()
    }
}

pub fn unique(name: &str) -> String {
    format!("{name}-{}@example.sa", ids::new_id().simple())
}

pub async fn admin() -> PgConnection {
    PgConnection::connect(&target().await.admin_url()).await.unwrap()
}

/// Rows that somebody else holds, so that whoever wants them has to wait, and goes on together with the others.
pub struct Held {
    connection: PgConnection,
    watcher: PgConnection,
    pid: i32,
}

impl Held {
    /// Takes rows with a `SELECT … FOR UPDATE` that binds one id.
    pub async fn take(statement: &'static str, id: Uuid) -> Self {
        let mut connection = admin().await;
        connection.execute("BEGIN").await.unwrap();
        sqlx::query(statement).bind(id).execute(&mut connection).await.unwrap();
        let pid = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        Self {
            connection,
            watcher: admin().await,
            pid,
        }
    }

    /// Lets go once two wait: for us, or for one who waits for us.
    pub async fn release_when_two_wait(mut self) {
        let waiting = "WITH blocked AS (SELECT pid, pg_blocking_pids(pid) AS by FROM pg_stat_activity)
            SELECT count(*) FROM blocked WHERE $1 = ANY (by)
                OR by && ARRAY(SELECT pid FROM blocked WHERE $1 = ANY (by))";
        for _ in 0..1000 {
            let count: i64 = sqlx::query_scalar(waiting)
                .bind(self.pid)
                .fetch_one(&mut self.watcher)
                .await
                .unwrap();
            if count >= 2 {
                self.connection.execute("COMMIT").await.unwrap();
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody came to wait");
    }
}

fn read(reply: Reply) -> Answer {
    let json = match &reply.body {
        Body::Empty => Json::Null,
        // A file is no JSON: its text then.
        Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into()),
    };
    let cookie = reply
        .get("set-cookie")
        .and_then(|cookie| cookie.split(';').next())
        .map(ToOwned::to_owned);
    Answer {
        headers: reply
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        status: reply.status,
        retry_after_s: reply.get("retry-after").and_then(|seconds| seconds.parse().ok()),
        json,
        cookie,
    }
}
