//! One throw-away server for the whole binary; an organization of its own for each test.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_core::{
    Clock, Cx, Gate, GateOptions, Handler, Mode, Platform, Problem, Registry, Request, SinkReport, Source, ids,
};
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

/// A company with a fuel card's plugin.
pub struct World {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
    pub installation_id: Uuid,
}

pub fn noon() -> DateTime<Utc> {
    "2026-06-15T09:00:00Z".parse().unwrap()
}

impl World {
    pub async fn new() -> Self {
        let target = &server().await.target;
        let registry = Registry::new(vec![fleet::module()]).unwrap();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let platform = Platform::new(gate, Clock::fixed(noon()), registry, std::env::temp_dir()).unwrap();
        let world = Self {
            platform: Arc::new(platform),
            organization_id: ids::new_id(),
            installation_id: ids::new_id(),
        };
        let mut admin = PgConnection::connect(&target.admin_url()).await.unwrap();
        sqlx::query("INSERT INTO platform.organizations (organization_id, name, created_at, updated_at) VALUES ($1, 'Org', $2, $2)")
            .bind(world.organization_id)
            .bind(noon())
            .execute(&mut admin)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO integrations.installations (organization_id, id, created_at, updated_at, plugin, plugin_version, \
             component_digest, status, grants, hosts, settings, secrets_set) \
             VALUES ($1, $2, $3, $3, 'fuel', '1.0.0', repeat('0', 64), 'active', '{}', '[]', '{}', '[]')",
        )
        .bind(world.organization_id)
        .bind(world.installation_id)
        .bind(noon())
        .execute(&mut admin)
        .await
        .unwrap();
        world
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

    pub async fn change(&self, resource: &'static Resource, id: Uuid, row: &Json) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::change(&mut cx, resource, id, "update", object(row))
            .await
            .unwrap();
        cx.commit().await.unwrap();
        record
    }

    /// Takes an action, with everything that follows.
    pub async fn act(
        &self,
        resource: &'static Resource,
        id: Uuid,
        name: &str,
        inputs: &Json,
    ) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::act(&mut cx, resource, id, name, object(inputs)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn load(&self, resource: &'static Resource, id: Uuid) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::load(&mut cx, resource, id).await.unwrap()
    }

    /// Runs an operation of fleet as a job would.
    pub async fn call(&self, id: &str, query: &str, body: &str) -> Result<Json, Problem> {
        let operation = fleet::module()
            .operations
            .into_iter()
            .find(|one| one.id == id)
            .expect("declared");
        let Handler::Tenant(run) = operation.handler else {
            panic!("{id} is public");
        };
        let mode = if operation.method == platform_core::Method::Get {
            Mode::Read
        } else {
            Mode::Write
        };
        let mut cx = self.cx(mode).await;
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

    /// Stores a page of a provider.
    pub async fn store(&self, records: &[Json]) -> Result<SinkReport, Problem> {
        let sink = self.platform.registry.sink("fuel-transactions").expect("declared");
        let mut cx = self.cx(Mode::Write).await;
        let source = Source {
            installation_id: self.installation_id,
            provider: "fuel",
            records,
        };
        let report = (sink.store)(&mut cx, source).await?;
        cx.commit().await?;
        Ok(report)
    }

    /// Tells fleet of another module's event, as the outbox does.
    pub async fn hear(&self, name: &str, subject: Uuid) {
        let mut cx = self.cx(Mode::Write).await;
        let event = platform_core::Event {
            name: name.to_owned(),
            subject,
            data: Json::default(),
            occurred_at: cx.now,
        };
        let platform = self.platform.clone();
        let (_, listener) = platform.registry.listeners(name).next().expect("somebody listens");
        (listener.run)(&mut cx, &event).await.unwrap();
        cx.commit().await.unwrap();
    }

    /// Writes in tables of other modules: the organization is $1.
    pub async fn write(&self, statement: &'static str, ids: &[Uuid]) {
        let mut query = sqlx::query(statement).bind(self.organization_id);
        for id in ids {
            query = query.bind(*id);
        }
        let mut admin = PgConnection::connect(&server().await.target.admin_url()).await.unwrap();
        query.execute(&mut admin).await.unwrap();
    }

    /// Stores a row of another module: its own id is $2, then come those that it names.
    pub async fn store_foreign(&self, statement: &'static str, named: &[Uuid]) -> Uuid {
        let id = ids::new_id();
        self.write(statement, &[&[id], named].concat()).await;
        id
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
}

pub fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

pub fn id(record: &Record) -> Uuid {
    record.uuid("id").expect("an id")
}

/// Codes of refused fields.
pub fn refused(problem: &Problem) -> Vec<String> {
    problem
        .errors
        .iter()
        .map(|error| format!("{} {}", error.field, error.code))
        .collect()
}

/// A purchase by card at noon of a day in June 2026.
pub fn record(number: &str, card: &str, day: u32, litres: i64, odometer_km: i64) -> Json {
    json!({
        "external_id": number, "occurred_at": format!("2026-06-{day:02}T09:00:00Z"), "time_known": true,
        "product": "gasoline91", "volume_ml": litres * 1000, "unit_price_e4": 20_000, "amount_minor": litres * 200,
        "currency": "SAR", "card_ref": card, "odometer_m": odometer_km * 1000, "station_name": "محطة", "attributes": {},
    })
}
