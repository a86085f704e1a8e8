//! One throw-away server for the whole binary; an organization of its own for each test.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{Clock, Cx, Gate, GateOptions, Handler, Method, Mode, Platform, Problem, Registry, Request, ids};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target};
use platform_resource::{Record, Resource};
use serde_json::{Map, Value as Json};
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;
use uuid::Uuid;

pub struct Server {
    _cluster: Ephemeral,
    pub target: Target,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();

pub async fn server() -> &'static Server {
    let start = || async {
        let (cluster, target) = prepared().await.unwrap();
        Server {
            _cluster: cluster,
            target,
        }
    };
    SERVER.get_or_init(start).await
}

/// A company on a Monday at noon in Riyadh.
pub struct World {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
    data: tempfile::TempDir,
}

pub fn noon() -> DateTime<Utc> {
    "2026-06-15T09:00:00Z".parse().unwrap()
}

impl World {
    pub async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let organization_id = ids::new_id();
        let world = Self {
            platform: platform(noon(), &data).await,
            organization_id,
            data,
        };
        let mut admin = PgConnection::connect(&server().await.target.admin_url()).await.unwrap();
        sqlx::query(
            "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at) VALUES ($1, 'Org', $2, $2)",
        )
        .bind(world.organization_id)
        .bind(noon())
        .execute(&mut admin)
        .await
        .unwrap();
        world
    }

    /// The same company at another time.
    pub async fn at(&mut self, now: &str) {
        self.platform = platform(now.parse().unwrap(), &self.data).await;
    }

    pub async fn cx(&self, mode: Mode) -> Cx {
        Cx::begin_job(&self.platform, self.organization_id, "test", mode)
            .await
            .unwrap()
    }

    pub async fn create(&self, resource: &'static Resource, row: &Json) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::create(&mut cx, resource, object(row)).await.unwrap();
        cx.commit().await.unwrap();
        record
    }

    pub async fn change(&self, resource: &'static Resource, id: Uuid, row: &Json) {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::change(&mut cx, resource, id, "update", object(row))
            .await
            .unwrap();
        cx.commit().await.unwrap();
    }

    pub async fn act(&self, resource: &'static Resource, id: Uuid, action: &str) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::act(&mut cx, resource, id, action, Map::new()).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn load(&self, resource: &'static Resource, id: Uuid) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::load(&mut cx, resource, id).await.unwrap()
    }

    /// Runs a schedule of analytics.
    pub async fn run(&self, name: &str) {
        let module = analytics::module();
        let schedule = module.schedules.iter().find(|one| one.name == name).expect("declared");
        let mut cx = self.cx(Mode::Write).await;
        (schedule.run)(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }

    /// Runs an operation of analytics as a job would.
    pub async fn call(&self, id: &str, query: &str) -> Result<Json, Problem> {
        let operation = analytics::module()
            .operations
            .into_iter()
            .find(|one| one.id == id)
            .expect("declared");
        let Handler::Tenant(run) = operation.handler else {
            panic!("{id} is public");
        };
        let mode = if operation.method == Method::Get {
            Mode::Read
        } else {
            Mode::Write
        };
        let mut cx = self.cx(mode).await;
        let request = Request {
            query: query.into(),
            ..Request::default()
        };
        let reply = run(&mut cx, request).await?;
        cx.commit().await?;
        match reply.body {
            platform_core::Body::Bytes(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
            platform_core::Body::Empty => panic!("{id} answers nothing"),
        }
    }

    /// One value as the database's owner sees it.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut admin = PgConnection::connect(&server().await.target.admin_url()).await.unwrap();
        sqlx::query_scalar(sql)
            .bind(self.organization_id)
            .fetch_one(&mut admin)
            .await
            .unwrap()
    }
}

async fn platform(now: DateTime<Utc>, data: &tempfile::TempDir) -> Arc<Platform> {
    let modules = vec![fleet::module(), operations::module(), analytics::module()];
    let registry = Registry::new(modules).unwrap();
    let target = &server().await.target;
    let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
    Arc::new(Platform::new(gate, Clock::fixed(now), registry, data.path().to_owned()).unwrap())
}

pub fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

pub fn id(record: &Record) -> Uuid {
    record.uuid("id").expect("an id")
}

/// A figure of a report's answer.
pub fn figure<'a>(answer: &'a Json, name: &str) -> &'a Json {
    let figures = answer["figures"].as_array().unwrap();
    figures.iter().find(|one| one["name"] == name).expect("a figure")
}
