//! One throw-away server for the whole binary; an organization with people and couriers of its own for each test.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{
    Actor, Clock, Cx, Gate, GateOptions, Handler, Identity, Member, Mode, Permissions, Places, Platform, Problem,
    Registry, Request, ids,
};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target};
use platform_resource::{Record, Resource, Scope};
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

const COURIER: &str =
    "INSERT INTO fleet.couriers (organization_id, id, created_at, updated_at, barq_id, full_name, status,
    sponsorship_status, project_type, performance_score, total_deliveries, joined_on, nationality, basic_salary,
    housing_allowance, transportation_allowance)
    VALUES ($1, $2, $3, $3, $4, $4, 'active', 'inhouse', 'barq', 0, 0, $5::date, $6, 300000, 75000, 0)";

/// A company of its own.
pub struct World {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
}

/// A Wednesday at noon in Riyadh.
pub fn noon() -> DateTime<Utc> {
    "2026-06-17T09:00:00Z".parse().unwrap()
}

impl World {
    pub async fn new() -> Self {
        let target = &server().await.target;
        let registry = Registry::new(vec![hr::module()]).unwrap();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let platform = Platform::new(gate, Clock::fixed(noon()), registry, std::env::temp_dir()).unwrap();
        let world = Self {
            platform: Arc::new(platform),
            organization_id: ids::new_id(),
        };
        let mut admin = world.admin().await;
        sqlx::query("INSERT INTO platform.organizations (organization_id, name, created_at, updated_at) VALUES ($1, 'Org', $2, $2)")
            .bind(world.organization_id)
            .bind(noon())
            .execute(&mut admin)
            .await
            .unwrap();
        world
    }

    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&server().await.target.admin_url()).await.unwrap()
    }

    /// An active courier who earns 3,000 and 750 for housing.
    pub async fn courier(&self, name: &str, joined_on: &str, nationality: &str) -> Uuid {
        let id = ids::new_id();
        sqlx::query(COURIER)
            .bind(self.organization_id)
            .bind(id)
            .bind(noon())
            .bind(name)
            .bind(joined_on)
            .bind(nationality)
            .execute(&mut self.admin().await)
            .await
            .unwrap();
        id
    }

    pub async fn cx(&self, mode: Mode) -> Cx {
        Cx::begin_job(&self.platform, self.organization_id, "test", mode)
            .await
            .unwrap()
    }

    pub async fn create(&self, resource: &'static Resource, row: &Json) -> Uuid {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::create(&mut cx, resource, object(row)).await.unwrap();
        cx.commit().await.unwrap();
        record.uuid("id").unwrap()
    }

    /// Why a row is not created.
    pub async fn refused(&self, resource: &'static Resource, row: &Json) -> Problem {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::create(&mut cx, resource, object(row))
            .await
            .unwrap_err()
    }

    /// Takes an action; nothing stays of a refused one.
    pub async fn act(
        &self,
        resource: &'static Resource,
        id: Uuid,
        name: &str,
        input: &Json,
    ) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::act(&mut cx, resource, id, name, object(input)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn load(&self, resource: &'static Resource, id: Uuid) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::load(&mut cx, resource, id).await.unwrap()
    }

    /// Runs an operation as a job would.
    pub async fn call(&self, id: &str, query: &str, body: &str) -> Result<Json, Problem> {
        let operation = hr::module().operations.into_iter().find(|one| one.id == id).expect(id);
        let Handler::Tenant(run) = operation.handler else {
            panic!("{id} is public");
        };
        let mut cx = self.cx(Mode::Write).await;
        let request = Request {
            query: query.into(),
            body: body.to_owned().into(),
            ..Request::default()
        };
        let reply = run(&mut cx, request).await?;
        cx.commit().await?;
        match reply.body {
            platform_core::Body::Bytes(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
            platform_core::Body::Empty => panic!("{id} answers nothing"),
        }
    }

    /// Runs an operation as a member with these permissions.
    pub async fn call_as(
        &self,
        user_id: Uuid,
        held: &[(&str, Scope)],
        id: &str,
        query: &str,
        body: &str,
    ) -> Result<Json, Problem> {
        let operation = hr::module().operations.into_iter().find(|one| one.id == id).expect(id);
        let Handler::Tenant(run) = operation.handler else {
            panic!("{id} is public");
        };
        let mut cx = self.cx(Mode::Write).await;
        let places = Arc::new(Places::new(held.iter().map(|(name, _)| (*name).to_owned())));
        let member = Member {
            name: "Member".to_owned(),
            membership: "viewer".to_owned(),
            roles: Vec::new(),
            permissions: Permissions::new(&places, held.iter().copied()),
            session_version: 1,
            organization_name: "Org".to_owned(),
            time_zone: cx.time_zone(),
            currency: "SAR".to_owned(),
            modules_off: BTreeSet::new(),
        };
        let identity = Identity {
            user_id,
            organization_id: self.organization_id,
            session_id: ids::new_id(),
            session_version: 1,
            support: None,
        };
        cx.actor = Actor::Member(identity, Arc::new(member));
        let request = Request {
            query: query.into(),
            body: body.to_owned().into(),
            ..Request::default()
        };
        let reply = run(&mut cx, request).await?;
        cx.commit().await?;
        match reply.body {
            platform_core::Body::Bytes(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
            platform_core::Body::Empty => panic!("{id} answers nothing"),
        }
    }

    /// Runs a schedule once.
    pub async fn run(&self, name: &str) {
        let module = hr::module();
        let schedule = module.schedules.iter().find(|one| one.name == name).expect("declared");
        let mut cx = self.cx(Mode::Write).await;
        (schedule.run)(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }

    /// Delivers another module's event.
    pub async fn hear(&self, name: &str, subject: Uuid) {
        let mut cx = self.cx(Mode::Write).await;
        let event = platform_core::Event {
            name: name.to_owned(),
            subject,
            data: Json::default(),
            occurred_at: cx.now,
        };
        let module = hr::module();
        for listener in module.listeners.iter().filter(|one| one.on == name) {
            (listener.run)(&mut cx, &event).await.unwrap();
        }
        cx.commit().await.unwrap();
    }

    /// Stores rows of other modules: the organization is $1.
    pub async fn store(&self, statement: &'static str, ids: &[Uuid]) {
        let mut query = sqlx::query(statement).bind(self.organization_id);
        for id in ids {
            query = query.bind(*id);
        }
        query.execute(&mut self.admin().await).await.unwrap();
    }

    /// One text for this organization, read past everything.
    pub async fn text(&self, sql: &'static str) -> String {
        let found: Option<String> = sqlx::query_scalar(sql)
            .bind(self.organization_id)
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap();
        found.unwrap_or_default()
    }
}

pub fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}
