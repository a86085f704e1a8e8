//! One throw-away server for the whole binary; an organization with members of its own for each test.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{
    Actor, Body, Clock, Cx, Gate, GateOptions, Handler, Identity, Member, Mode, Platform, Problem, Registry, Request,
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

/// A company with an agent and a requester.
pub struct World {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
    pub agent: Uuid,
    pub requester: Uuid,
}

const ORGANIZATION: &str = "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at)
    VALUES ($1, 'Org', '2026-06-01T09:00Z', '2026-06-01T09:00Z')";
const MEMBER: &str = "INSERT INTO platform.members (organization_id, user_id, membership, full_name, email, created_at,
        updated_at) VALUES ($1, $2, 'viewer', $3, $3 || '@example.test', '2026-06-01T09:00Z', '2026-06-01T09:00Z')";

/// 2026-06-15 at this time in UTC.
pub fn at(time: &str) -> DateTime<Utc> {
    format!("2026-06-15T{time}:00Z").parse().unwrap()
}

impl World {
    pub async fn new() -> Self {
        let target = &server().await.target;
        let registry = Registry::new(vec![support::module()]).unwrap();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let platform = Platform::new(gate, Clock::fixed(at("09:00")), registry, std::env::temp_dir()).unwrap();
        let world = Self {
            platform: Arc::new(platform),
            organization_id: ids::new_id(),
            agent: ids::new_id(),
            requester: ids::new_id(),
        };
        let mut admin = PgConnection::connect(&target.admin_url()).await.unwrap();
        sqlx::query(ORGANIZATION)
            .bind(world.organization_id)
            .execute(&mut admin)
            .await
            .unwrap();
        for (user, name) in [(world.agent, "Agent"), (world.requester, "Requester")] {
            sqlx::query(MEMBER)
                .bind(world.organization_id)
                .bind(user)
                .bind(name)
                .execute(&mut admin)
                .await
                .unwrap();
        }
        world
    }

    /// A member's request, or a job's when the id is nil.
    pub async fn cx(&self, user_id: Uuid, mode: Mode, now: DateTime<Utc>) -> Cx {
        let mut cx = Cx::begin_job(&self.platform, self.organization_id, "test", mode)
            .await
            .unwrap();
        cx.now = now;
        if !user_id.is_nil() {
            let identity = Identity {
                user_id,
                organization_id: self.organization_id,
                session_id: Uuid::nil(),
                session_version: 1,
                support: None,
            };
            let member = Member {
                name: "Member".into(),
                membership: "viewer".into(),
                roles: Vec::new(),
                permissions: self.platform.registry.permissions().into_iter().collect(),
                session_version: 1,
                organization_name: "Org".into(),
                time_zone: "Asia/Riyadh".parse().unwrap(),
                currency: "SAR".into(),
                modules_off: BTreeSet::new(),
            };
            cx.actor = Actor::Member(identity, Arc::new(member));
        }
        cx
    }

    pub async fn create(&self, now: DateTime<Utc>, resource: &'static Resource, row: Json) -> Uuid {
        let mut cx = self.cx(self.requester, Mode::Write, now).await;
        let record = platform_engine::create(&mut cx, resource, object(&row)).await.unwrap();
        cx.commit().await.unwrap();
        record.uuid("id").expect("an id")
    }

    /// The agent acts.
    pub async fn act(
        &self,
        now: DateTime<Utc>,
        resource: &'static Resource,
        id: Uuid,
        name: &str,
        row: Json,
    ) -> Result<Record, Problem> {
        let mut cx = self.cx(self.agent, Mode::Write, now).await;
        let record = platform_engine::act(&mut cx, resource, id, name, object(&row)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn load(&self, resource: &'static Resource, id: Uuid) -> Record {
        let mut cx = self.cx(Uuid::nil(), Mode::Write, at("09:00")).await;
        platform_engine::load(&mut cx, resource, id).await.unwrap()
    }

    /// Calls an operation as a member: `?query` for reads, a body for writes; `{id}` is the row's.
    pub async fn call_at(
        &self,
        now: DateTime<Utc>,
        user_id: Uuid,
        operation: &str,
        id: Uuid,
        query: &str,
        body: Json,
    ) -> Result<Vec<u8>, Problem> {
        let operations = support::module().operations;
        let operation = operations
            .into_iter()
            .find(|one| one.id == operation)
            .expect("declared");
        let Handler::Tenant(run) = operation.handler else {
            panic!("public");
        };
        let mode = if operation.method == platform_core::Method::Get {
            Mode::Read
        } else {
            Mode::Write
        };
        let mut cx = self.cx(user_id, mode, now).await;
        let has_id = operation.path.contains("{id}");
        let request = Request {
            path: if has_id {
                vec![("id".into(), id.to_string())]
            } else {
                Vec::new()
            },
            query: query.into(),
            body: if body.is_null() {
                Vec::new().into()
            } else {
                body.to_string().into()
            },
            ..Request::default()
        };
        let reply = run(&mut cx, request).await?;
        cx.commit().await?;
        match reply.body {
            Body::Bytes(bytes) => Ok(bytes.to_vec()),
            Body::Empty => panic!("answers nothing"),
        }
    }

    pub async fn call(&self, user_id: Uuid, operation: &str, id: Uuid, body: Json) -> Result<Json, Problem> {
        let bytes = self.call_at(at("09:00"), user_id, operation, id, "", body).await?;
        Ok(serde_json::from_slice(&bytes).unwrap())
    }

    pub async fn get(&self, operation: &str, query: &str) -> Result<Json, Problem> {
        let now = at("20:00");
        let bytes = self
            .call_at(now, self.agent, operation, Uuid::nil(), query, Json::Null)
            .await?;
        Ok(serde_json::from_slice(&bytes).unwrap())
    }

    /// The schedule runs.
    pub async fn watch(&self, now: DateTime<Utc>) {
        let mut cx = self.cx(Uuid::nil(), Mode::Write, now).await;
        let schedule = support::module().schedules.first().expect("declared");
        (schedule.run)(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }
}

pub fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

/// A refusal, with its fields.
pub fn refused<T>(outcome: Result<T, Problem>) -> String {
    outcome.err().expect("refused").to_string()
}
