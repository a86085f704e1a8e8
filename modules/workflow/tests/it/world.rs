//! One throw-away server for the whole binary; an organization of its own, with members, for each test.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{
    Actor, Clock, Cx, Gate, GateOptions, Handler, Identity, Member, Method, Mode, Platform, Problem, Registry, Request,
    ids,
};
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

/// A company and its people.
pub struct World {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
}

/// Thursday afternoon in Riyadh.
pub fn thursday() -> DateTime<Utc> {
    "2026-11-19T11:00:00Z".parse().unwrap()
}

impl World {
    pub async fn new() -> Self {
        let target = &server().await.target;
        let registry = Registry::new(vec![workflow::module()]).unwrap();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let platform = Platform::new(gate, Clock::fixed(thursday()), registry, std::env::temp_dir()).unwrap();
        let world = Self {
            platform: Arc::new(platform),
            organization_id: ids::new_id(),
        };
        let mut admin = world.admin().await;
        sqlx::query(
            "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at) VALUES \
         ($1, 'Org', $2, $2)",
        )
        .bind(world.organization_id)
        .bind(thursday())
        .execute(&mut admin)
        .await
        .unwrap();
        world
    }

    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&server().await.target.admin_url()).await.unwrap()
    }

    /// A member with a job role, or with none.
    pub async fn member(&self, role: &str) -> Person<'_> {
        let user_id = ids::new_id();
        let mut admin = self.admin().await;
        sqlx::query(
            "INSERT INTO platform.members (organization_id, user_id, membership, full_name, email, created_at, \
             updated_at) \
             VALUES ($1, $2, 'viewer', 'Somebody', $2::text || '@example.test', $3, $3)",
        )
        .bind(self.organization_id)
        .bind(user_id)
        .bind(thursday())
        .execute(&mut admin)
        .await
        .unwrap();
        if !role.is_empty() {
            sqlx::query("INSERT INTO platform.member_roles (organization_id, user_id, role) VALUES ($1, $2, $3)")
                .bind(self.organization_id)
                .bind(user_id)
                .bind(role)
                .execute(&mut admin)
                .await
                .unwrap();
        }
        Person {
            world: self,
            id: user_id,
            role: role.into(),
        }
    }

    /// Nobody: the clock.
    pub fn job(&self) -> Person<'_> {
        Person {
            world: self,
            id: Uuid::nil(),
            role: String::new(),
        }
    }

    pub async fn cx(&self, mode: Mode) -> Cx {
        Cx::begin_job(&self.platform, self.organization_id, "test", mode)
            .await
            .unwrap()
    }

    /// The clock goes on.
    pub fn at(&self, moment: &str) {
        self.platform.clock.set(moment.parse().unwrap());
    }

    pub async fn load(&self, resource: &'static Resource, id: Uuid) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::load(&mut cx, resource, id).await.unwrap()
    }

    /// Values of one text column, in order of creation.
    pub async fn texts(&self, sql: &'static str, about: Uuid) -> Vec<String> {
        sqlx::query_scalar(sql)
            .bind(self.organization_id)
            .bind(about)
            .fetch_all(&mut self.admin().await)
            .await
            .unwrap()
    }

    /// What the schedule of this name does.
    pub async fn tick(&self, name: &str) {
        let module = workflow::module();
        let schedule = module.schedules.iter().find(|one| one.name == name).expect("declared");
        let mut cx = self.cx(Mode::Write).await;
        (schedule.run)(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }
}

/// Somebody who acts.
pub struct Person<'a> {
    world: &'a World,
    pub id: Uuid,
    role: String,
}

impl Person<'_> {
    pub async fn cx(&self, mode: Mode) -> Cx {
        let mut cx = self.world.cx(mode).await;
        if !self.id.is_nil() {
            let identity = Identity {
                user_id: self.id,
                organization_id: self.world.organization_id,
                session_id: self.id,
                session_version: 1,
                support: None,
            };
            let member = Member {
                name: "Somebody".into(),
                membership: "viewer".into(),
                roles: vec![self.role.clone()],
                permissions: [].into(),
                session_version: 1,
                organization_name: "Org".into(),
                time_zone: chrono_tz::Tz::Asia__Riyadh,
                currency: "SAR".into(),
                modules_off: [].into(),
            };
            cx.actor = Actor::Member(identity, Arc::new(member));
        }
        cx
    }

    pub async fn create(&self, resource: &'static Resource, row: Json) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::create(&mut cx, resource, object(&row)).await.unwrap();
        cx.commit().await.unwrap();
        record
    }

    pub async fn act(&self, resource: &'static Resource, id: Uuid, action: &str, input: Json) -> Result<(), String> {
        let mut cx = self.cx(Mode::Write).await;
        match platform_engine::act(&mut cx, resource, id, action, object(&input)).await {
            Ok(_) => cx.commit().await.map_err(|problem| problem.to_string()),
            Err(problem) => {
                cx.rollback().await.unwrap();
                Err(problem.code.into())
            }
        }
    }

    /// Calls an operation: what is asked goes into the query of a read and into the body of anything else.
    pub async fn call(&self, name: &str, path: &[(&str, Uuid)], asked: Json) -> Result<Json, Problem> {
        let operations = workflow::module().operations;
        let operation = operations.into_iter().find(|one| one.id == name).expect("declared");
        let Handler::Tenant(run) = operation.handler else {
            panic!("{name} is public");
        };
        let reads = operation.method == Method::Get;
        let mut cx = self.cx(if reads { Mode::Read } else { Mode::Write }).await;
        let pairs = asked.as_object().into_iter().flatten();
        let query: Vec<String> = pairs
            .map(|(name, value)| {
                format!(
                    "{name}={}",
                    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                )
            })
            .collect();
        let request = Request {
            path: path
                .iter()
                .map(|(name, id)| ((*name).to_owned(), id.to_string()))
                .collect(),
            query: if reads { query.join("&") } else { String::new() },
            body: if reads { String::new() } else { asked.to_string() }.into(),
            ..Request::default()
        };
        let reply = run(&mut cx, request).await?;
        cx.commit().await?;
        match reply.body {
            platform_core::Body::Bytes(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
            platform_core::Body::Empty => panic!("{name} answers nothing"),
        }
    }
}

pub fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

pub fn id(record: &Record) -> Uuid {
    record.uuid("id").expect("an id")
}
