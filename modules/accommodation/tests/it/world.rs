//! One throw-away server for the whole binary; an organization of its own for each test.

use std::sync::Arc;

use platform_core::{
    Clock, Cx, Event, Gate, GateOptions, Handler, Method, Mode, Platform, Problem, Registry, Request, ids,
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

/// A company with its housing.
pub struct World {
    pub platform: Arc<Platform>,
    pub organization_id: Uuid,
}

const ORGANIZATION: &str = "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at)
    VALUES ($1, 'Org', '2026-06-15T09:00Z', '2026-06-15T09:00Z')";
const COURIER: &str =
    "INSERT INTO fleet.couriers (organization_id, id, created_at, updated_at, barq_id, full_name, status,
        sponsorship_status, project_type, city, last_working_day, performance_score, total_deliveries)
    VALUES ($1, $2, '2026-06-15T09:00Z', '2026-06-15T09:00Z', $3, $3, $4, 'inhouse', 'barq', 'Jeddah',
        CASE WHEN $4 = 'terminated' THEN date '2026-06-01' END, 0, 0)";

impl World {
    /// At noon of 2026-06-15 in Riyadh.
    pub async fn new() -> Self {
        let target = &server().await.target;
        let registry = Registry::new(vec![accommodation::module()]).unwrap();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let clock = Clock::fixed("2026-06-15T09:00:00Z".parse().unwrap());
        let platform = Platform::new(gate, clock, registry, std::env::temp_dir()).unwrap();
        let world = Self {
            platform: Arc::new(platform),
            organization_id: ids::new_id(),
        };
        let mut admin = world.admin().await;
        sqlx::query(ORGANIZATION)
            .bind(world.organization_id)
            .execute(&mut admin)
            .await
            .unwrap();
        world
    }

    async fn admin(&self) -> PgConnection {
        PgConnection::connect(&server().await.target.admin_url()).await.unwrap()
    }

    /// One text of the company's rows.
    pub async fn text(&self, sql: &'static str) -> String {
        let mut admin = self.admin().await;
        let text: Option<String> = sqlx::query_scalar(sql)
            .bind(self.organization_id)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        text.unwrap_or_default()
    }

    pub async fn courier(&self, name: &str, status: &str) -> Uuid {
        let id = ids::new_id();
        let mut admin = self.admin().await;
        sqlx::query(COURIER)
            .bind(self.organization_id)
            .bind(id)
            .bind(name)
            .bind(status)
            .execute(&mut admin)
            .await
            .unwrap();
        id
    }

    pub async fn cx(&self, mode: Mode) -> Cx {
        Cx::begin_job(&self.platform, self.organization_id, "test", mode)
            .await
            .unwrap()
    }

    pub async fn create(&self, resource: &'static Resource, row: Json) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::create(&mut cx, resource, object(&row)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn change(&self, resource: &'static Resource, id: Uuid, row: Json) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::change(&mut cx, resource, id, "update", object(&row)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn act(&self, resource: &'static Resource, id: Uuid, name: &str, row: Json) -> Result<Record, Problem> {
        let mut cx = self.cx(Mode::Write).await;
        let record = platform_engine::act(&mut cx, resource, id, name, object(&row)).await?;
        cx.commit().await?;
        Ok(record)
    }

    pub async fn load(&self, resource: &'static Resource, id: Uuid) -> Record {
        let mut cx = self.cx(Mode::Write).await;
        platform_engine::load(&mut cx, resource, id).await.unwrap()
    }

    pub async fn status(&self, resource: &'static Resource, id: Uuid) -> String {
        let row = self.load(resource, id).await;
        row.text("status").unwrap().to_owned()
    }

    /// Tells the module of an event of another one, as the outbox does.
    pub async fn hear(&self, name: &str, subject: Uuid, data: Json) {
        let mut cx = self.cx(Mode::Write).await;
        let event = Event {
            name: name.into(),
            subject,
            data,
            occurred_at: cx.now,
        };
        let platform = self.platform.clone();
        let mut heard = 0;
        for (_, listener) in platform.registry.listeners(name) {
            (listener.run)(&mut cx, &event).await.unwrap();
            heard += 1;
        }
        assert!(heard > 0, "nobody listens to {name}");
        cx.commit().await.unwrap();
    }

    /// Runs a schedule as of now.
    pub async fn run(&self, name: &str) {
        let schedules = accommodation::module().schedules;
        let schedule = schedules.iter().find(|one| one.name == name).expect("declared");
        let mut cx = self.cx(Mode::Write).await;
        (schedule.run)(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }

    /// Calls a read of the module as a job would.
    pub async fn get(&self, id: &str, query: &str) -> Result<Json, Problem> {
        let operations = accommodation::module().operations;
        let operation = operations.into_iter().find(|one| one.id == id).expect("declared");
        assert_eq!(operation.method, Method::Get);
        let Handler::Tenant(run) = operation.handler else {
            panic!("{id} is public");
        };
        let mut cx = self.cx(Mode::Read).await;
        let request = Request {
            query: query.into(),
            ..Request::default()
        };
        match run(&mut cx, request).await?.body {
            platform_core::Body::Bytes(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
            platform_core::Body::Empty => panic!("{id} answers nothing"),
        }
    }

    /// A building with rooms of four beds each; the beds.
    pub async fn house(&self, name: &str, rooms: usize) -> (Uuid, Vec<Uuid>, Vec<Uuid>) {
        let mut cx = self.cx(Mode::Write).await;
        let building = json!({"name": name, "address": "Al Naseem", "monthly_rent": "12000"});
        let building = id(
            &platform_engine::create(&mut cx, &accommodation::BUILDINGS, object(&building))
                .await
                .unwrap(),
        );
        let row =
            |number: usize| object(&json!({"building_id": building, "room_number": number.to_string(), "capacity": 4}));
        let rooms = platform_engine::create_many(&mut cx, &accommodation::ROOMS, (1..=rooms).map(row).collect())
            .await
            .unwrap();
        let beds = rooms.iter().flat_map(|room| {
            (1..=4).map(move |number| object(&json!({"room_id": room, "bed_number": number.to_string()})))
        });
        let beds = platform_engine::create_many(&mut cx, &accommodation::BEDS, beds.collect())
            .await
            .unwrap();
        cx.commit().await.unwrap();
        (building, rooms, beds)
    }
}

pub fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

pub fn id(record: &Record) -> Uuid {
    record.uuid("id").expect("an id")
}

/// A refusal, with its fields.
pub fn refused<T>(outcome: Result<T, Problem>) -> String {
    outcome.err().expect("refused").to_string()
}
