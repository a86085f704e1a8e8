//! One throw-away server for the whole binary, with a table of our own under the rules of tenants.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use platform_core::{Clock, Cx, Gate, GateOptions, Mode, Module, Platform, Problem, Registry};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target};
use platform_resource::{Field, Resource, long_text, money, phone, text};
use serde_json::{Map, Value as Json};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// About people, with a private field.
pub static DRIVERS: Resource = Resource::new("yard", "drivers", DRIVER).title(&["full_name"]);
const DRIVER: &[Field] = &[
    text("full_name", 100).required().personal(),
    phone("phone"),
    money("pay").permission("read_pay"),
    long_text("notes", 1000),
];

/// About things, with a private field.
pub static VANS: Resource = Resource::new("yard", "vans", VAN).title(&["name"]);
const VAN: &[Field] = &[
    text("name", 100).required(),
    money("price").permission("read_price"),
    long_text("notes", 1000),
];

const RESOURCES: &[&Resource] = &[&DRIVERS, &VANS];

pub const TABLES: &str = "
    create schema yard;
    create table yard.drivers (
        organization_id uuid not null, id uuid not null, version bigint not null default 1,
        created_at timestamptz not null, updated_at timestamptz not null, deleted_at timestamptz,
        full_name text not null, phone text, pay bigint, notes text,
        constraint drivers_pkey primary key (organization_id, id));
    select platform.tenant_table('yard.drivers');
    create table yard.vans (
        organization_id uuid not null, id uuid not null, version bigint not null default 1,
        created_at timestamptz not null, updated_at timestamptz not null, deleted_at timestamptz,
        name text not null, price bigint, notes text,
        constraint vans_pkey primary key (organization_id, id));
    select platform.tenant_table('yard.vans');";

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();
pub static DATA: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

pub async fn target() -> &'static Target {
    let start = || async {
        let (cluster, target) = prepared().await.unwrap();
        let mut admin = PgConnection::connect(&target.admin_url()).await.unwrap();
        admin.execute(TABLES).await.unwrap();
        (cluster, target)
    };
    &SERVER.get_or_init(start).await.1
}

pub fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub fn platform_on(target: &Target, gate: &GateOptions) -> Arc<Platform> {
    let yard = Module {
        name: "yard",
        resources: RESOURCES,
        locales: ("{}", "{}"),
        ..Module::default()
    };
    let registry = Registry::new(vec![yard, platform_audit::module()]).unwrap();
    let gate = Gate::new(target.url(Role::App).parse().unwrap(), gate);
    Arc::new(Platform::new(gate, Clock::fixed(noon()), registry, DATA.path().to_owned()).unwrap())
}

pub async fn platform() -> Arc<Platform> {
    platform_on(target().await, &GateOptions::default())
}

pub async fn admin() -> PgConnection {
    PgConnection::connect(&target().await.admin_url()).await.unwrap()
}

pub async fn begin(platform: &Arc<Platform>, organization: Uuid) -> Cx {
    Cx::begin_job(platform, organization, "a test", Mode::Write)
        .await
        .unwrap()
}

pub fn object(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap()
}

/// Creates a row in a transaction of its own.
pub async fn create(
    platform: &Arc<Platform>,
    organization: Uuid,
    resource: &'static Resource,
    row: Json,
) -> Result<Uuid, Problem> {
    let mut cx = begin(platform, organization).await;
    let ids = platform_engine::create_many(&mut cx, resource, vec![object(row)]).await?;
    cx.commit().await?;
    Ok(ids[0])
}
