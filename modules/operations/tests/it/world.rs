//! One throw-away server for the whole binary; an organization of its own for each test.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Clock, Cx, Gate, GateOptions, Handler, Method, Mode, Platform, Problem, Registry, Request, ids};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target};
use platform_resource::{Record, Resource};
use serde_json::{Map, Value as Json, json};
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

/// A company.
pub struct World {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
}

pub fn noon() -> DateTime<Utc> {
    "2026-06-15T09:00:00Z".parse().unwrap()
}

const COURIER: &str =
    "INSERT INTO fleet.couriers (organization_id, id, created_at, updated_at, barq_id, full_name, status,
    sponsorship_status, project_type, performance_score, total_deliveries)
    VALUES ($1, $2, $3, $3, $4, $5, $6, 'inhouse', 'food', 80, 0)";

impl World {
    pub async fn new() -> Self {
        let target = &server().await.target;
        let registry = Registry::new(vec![operations::module()]).unwrap();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let platform = Platform::new(gate, Clock::fixed(noon()), registry, std::env::temp_dir()).unwrap();
        let world = Self {
            platform: Arc::new(platform),
            organization_id: ids::new_id(),
        };
        let mut admin = PgConnection::connect(&target.admin_url()).await.unwrap();
        sqlx::query("INSERT INTO platform.organizations (organization_id, name, created_at, updated_at) VALUES ($1, 'Org', $2, $2)")
            .bind(world.organization_id)
            .bind(noon())
            .execute(&mut admin)
            .await
            .unwrap();
        world
    }

    /// A courier of fleet in some state.
    pub async fn courier(&self, name: &str, status: &str) -> Uuid {
        let mut admin = PgConnection::connect(&server().await.target.admin_url()).await.unwrap();
        let id = ids::new_id();
        sqlx::query(COURIER)
            .bind(self.organization_id)
            .bind(id)
            .bind(noon())
            .bind(id.to_string())
            .bind(name)
            .bind(status)
            .execute(&mut admin)
            .await
            .unwrap();
        id
    }

    /// The clock goes on.
    pub fn later(&self, minutes: i64) {
        self.platform
            .clock
            .set(self.platform.clock.now() + TimeDelta::minutes(minutes));
    }

    pub async fn cx(&self, mode: Mode) -> Cx {
        Cx::begin_job(&self.platform, self.organization_id, "test", mode)
            .await
            .unwrap()
    }

    pub async fn create(&self, resource: &'static Resource, row: &Json) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::create(&mut cx, resource, object(row)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn act(
        &self,
        resource: &'static Resource,
        id: Uuid,
        verb: &str,
        inputs: &Json,
    ) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::act(&mut cx, resource, id, verb, object(inputs)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn load(&self, resource: &'static Resource, id: Uuid) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::load(&mut cx, resource, id).await.unwrap()
    }

    /// A pending delivery.
    pub async fn delivery(&self, cod: &str) -> Uuid {
        let row = json!({"pickup_address": "A", "delivery_address": "B", "cod_amount": cod});
        id(&self.create(&operations::DELIVERIES, &row).await.unwrap())
    }

    /// Takes a delivery along these steps.
    pub async fn steps(&self, delivery: Uuid, verbs: &[&str]) {
        for verb in verbs {
            self.act(&operations::DELIVERIES, delivery, verb, &json!({}))
                .await
                .unwrap();
        }
    }

    /// A delivery that a courier has brought, with its cash.
    pub async fn delivered(&self, courier: Uuid, cod: &str) -> Uuid {
        let delivery = self.delivery(cod).await;
        let to = json!({"courier_id": courier});
        self.act(&operations::DELIVERIES, delivery, "assign", &to)
            .await
            .unwrap();
        self.steps(delivery, &["accept", "start_pickup", "pick_up", "depart", "arrive"])
            .await;
        let proof = json!({"receiver_name": "Sara", "cash_collected": cod});
        self.act(&operations::DELIVERIES, delivery, "deliver", &proof)
            .await
            .unwrap();
        delivery
    }

    /// Runs an operation of the module as a job would.
    pub async fn call(&self, id: &str, query: &str, body: &Json) -> Result<Json, Problem> {
        let operation = operations::module()
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
        let body = if operation.method == Method::Get {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request {
            query: query.into(),
            body: body.into(),
            ..Request::default()
        };
        let reply = run(&mut cx, request).await?;
        cx.commit().await?;
        match reply.body {
            platform_core::Body::Bytes(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
            platform_core::Body::Empty => panic!("{id} answers nothing"),
        }
    }

    /// One value of a row or of a count.
    pub async fn admin_text(&self, sql: &'static str) -> Option<String> {
        let mut admin = PgConnection::connect(&server().await.target.admin_url()).await.unwrap();
        sqlx::query_scalar(sql)
            .bind(self.organization_id)
            .fetch_one(&mut admin)
            .await
            .unwrap()
    }

    /// Runs what the clock runs.
    pub async fn tick(&self, name: &str) {
        let schedule = operations::module()
            .schedules
            .iter()
            .find(|one| one.name == name)
            .expect("declared");
        let mut cx = self.cx(Mode::Write).await;
        (schedule.run)(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }
}

pub fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

pub fn id(record: &Record) -> Uuid {
    record.uuid("id").expect("an id")
}
