//! An installation of the product with one provider: database, clock and data folder of the test's own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use fuel_simulator::{Config, Simulator};
use integrations::{Integrations, RunLimits};
use platform_core::{
    Authority, Body, Boxed, Clock, Gate, GateOptions, Identity, Member, Method, Operation, Platform, Problem, Registry,
    Request, dispatch, ids,
};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target, create_database};
use platform_jobs::{Runner, RunnerOptions};
use platform_plugin_host::{Limits, PluginHost};
use provider_simulators::Webhook;
use serde_json::{Value as Json, json};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgConnection, PgPool, Row};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::guests;

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();
static CLONING: Mutex<u32> = Mutex::const_new(0);

/// What the tests' provider wants to hear.
pub const KEY: &str = "simulator-key";

pub struct World {
    pub platform: Arc<Platform>,
    pub simulator: Simulator,
    pub host: PluginHost,
    pub organization: Uuid,
    pub other: Uuid,
    pub admin: PgConnection,
    clock: Clock,
    dispatch: PgPool,
    operations: Vec<Arc<Operation>>,
    _data: TempDir,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub json: Json,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Json {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.json);
        self.json
    }

    /// Refused fields and why.
    pub fn refused(&self) -> BTreeMap<&str, &str> {
        let errors = self.json["errors"].as_array().into_iter().flatten();
        errors
            .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect()
    }
}

/// Everybody is who he says, and may what he says.
struct Trusting;

impl Authority for Trusting {
    fn identify(&self, headers: &HeaderMap, _: DateTime<Utc>) -> Result<Identity, Problem> {
        let id = |name| Uuid::parse_str(headers[name].to_str().unwrap()).unwrap();
        Ok(Identity {
            user_id: id("x-user"),
            organization_id: id("x-organization"),
            session_id: Uuid::nil(),
            session_version: 1,
            support: None,
        })
    }

    fn member<'a>(
        &'a self,
        _: &'a mut PgConnection,
        identity: &'a Identity,
        _: i64,
    ) -> Boxed<'a, Result<Arc<Member>, Problem>> {
        let mut permissions = vec!["plugins.read", "installations.read", "runs.read"];
        if identity.user_id == MANAGER {
            permissions.extend(["plugins.manage", "plugins.run", "platform_orders.create"]);
            permissions.extend([
                "platform_orders.read",
                "platform_orders.read_customer",
                "platform_order_events.read",
            ]);
            permissions.extend(["geofences.read", "placemarks.read", "gps_devices.read"]);
            permissions.extend(["plugin_keys.create", "plugin_keys.revoke", "plugin_keys.read"]);
            permissions.extend([
                "plugin_versions.read",
                "plugin_versions.withdraw",
                "plugin_handlers.read",
            ]);
            permissions.extend(["plugin_tasks.read", "plugin_tasks.resend", "plugin_tasks.discard"]);
            permissions.extend([
                "plugin_endpoints.read",
                "plugin_endpoints.rotate",
                "plugin_endpoints.close",
            ]);
            permissions.extend(["plugin_calls.read", "plugin_usage_days.read", "plugin_handlers.close"]);
            permissions.extend(["sms_messages.create", "sms_messages.read", "sms_messages.read_body"]);
            permissions.extend(["payout_batches.create", "payout_batches.read", "payout_batches.prepare"]);
            permissions.extend(["payout_batches.read_account", "payouts.read_account"]);
            permissions.extend(["payouts.create", "payouts.read", "payout_files.read"]);
        }
        let member = Member {
            name: "Sara".into(),
            membership: "admin".into(),
            roles: Vec::new(),
            permissions: permissions.into_iter().map(ToOwned::to_owned).collect(),
            session_version: 1,
            organization_name: "Test".into(),
            time_zone: chrono_tz::Tz::Asia__Riyadh,
            currency: "SAR".into(),
            modules_off: BTreeSet::new(),
        };
        Box::pin(std::future::ready(Ok(Arc::new(member))))
    }
}

/// Who may do everything, and who may only look.
pub const MANAGER: Uuid = Uuid::from_u128(1);
pub const READER: Uuid = Uuid::from_u128(2);

/// 70 bills in four pages.
pub fn few_pages() -> Config {
    Config {
        per_page: 20,
        bills: Some(70),
        first_day: day("2026-11-01"),
        ..Config::default()
    }
}

pub fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// Limits under which a bad provider is found out in a second.
pub fn quick() -> RunLimits {
    RunLimits {
        call: Limits {
            http_timeout_ms: 2_000,
            ..Limits::default()
        },
        pages: 30,
        retries: 2,
        first_pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(50),
        lookback: TimeDelta::days(19),
        ..RunLimits::default()
    }
}

impl World {
    /// Nothing where no plugin can be compiled.
    pub async fn new(config: Config, limits: RunLimits) -> Option<Self> {
        guests::catalogue()?;
        let (host, simulator) = guests::provider(config).await;
        Self::with(host, simulator, limits).await
    }

    pub async fn with(host: PluginHost, simulator: Simulator, limits: RunLimits) -> Option<Self> {
        let catalogue = guests::catalogue()?;
        let target = database().await;
        let data = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap());
        let registry = Registry::new(vec![integrations::module(), crate::sink::module()]).unwrap();
        let resources = registry.resources().flat_map(platform_engine::resource_operations);
        let own = registry.modules.iter().flat_map(|module| module.operations.clone());
        let operations = own.chain(resources).map(Arc::new).collect();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let service = Integrations::new(host.clone(), catalogue, data.path())
            .unwrap()
            .with_packages(&guests::packages())
            .unwrap()
            .with_limits(limits);
        let platform = Platform::new(gate, clock.clone(), registry, data.path().to_owned())
            .unwrap()
            .with(Arc::new(service))
            .with_authority(Arc::new(Trusting));
        let mut world = Self {
            platform: Arc::new(platform),
            simulator,
            host,
            organization: ids::new_id(),
            other: ids::new_id(),
            admin: PgConnection::connect(&target.admin_url()).await.unwrap(),
            clock,
            dispatch: PgPoolOptions::new()
                .max_connections(1)
                .connect_lazy(&target.url(Role::Dispatch))
                .unwrap(),
            operations,
            _data: data,
        };
        world.found().await;
        Some(world)
    }

    async fn found(&mut self) {
        for organization in [self.organization, self.other] {
            sqlx::query(
                "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at)
                 VALUES ($1, 'Test', now(), now())",
            )
            .bind(organization)
            .execute(&mut self.admin)
            .await
            .unwrap();
            for user in [MANAGER, READER] {
                sqlx::query(
                    "INSERT INTO platform.members
                     (organization_id, user_id, membership, full_name, email, created_at, updated_at)
                     VALUES ($1, $2, 'admin', 'Sara', $2::text || '@example.com', now(), now())",
                )
                .bind(organization)
                .bind(user)
                .execute(&mut self.admin)
                .await
                .unwrap();
            }
        }
    }

    /// A call by somebody of an organization, in a language.
    pub async fn call_as(
        &self,
        (organization, user): (Uuid, Uuid),
        language: &str,
        method: Method,
        path: &str,
        body: &Json,
    ) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (operation, parts) = self.find(method, path);
        let (organization, user) = (organization.to_string(), user.to_string());
        let pairs = [
            ("x-organization", organization.as_str()),
            ("x-user", user.as_str()),
            ("accept-language", language),
        ];
        let headers = pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        let request = Request {
            path: parts,
            query: query.to_owned(),
            headers: headers.into_iter().collect(),
            body: if body.is_null() {
                Vec::new()
            } else {
                body.to_string().into_bytes()
            }
            .into(),
            address: String::new(),
        };
        let reply = dispatch(self.platform.clone(), operation, request).await;
        let json = match &reply.body {
            Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap(),
            Body::Empty => Json::Null,
        };
        Answer {
            status: reply.status,
            json,
        }
    }

    pub async fn get(&self, path: &str) -> Json {
        let manager = (self.organization, MANAGER);
        let answer = self.call_as(manager, "en", Method::Get, path, &Json::Null);
        answer.await.expect(200)
    }

    pub async fn post(&self, path: &str, body: Json) -> Answer {
        let manager = (self.organization, MANAGER);
        self.call_as(manager, "en", Method::Post, path, &body).await
    }

    /// The plugin, installed with all that it asks for, and configured: path of the installation.
    pub async fn set_up(&self, plugin: &str, settings: Json, secrets: Json) -> String {
        let catalogue = self.get("/integrations/catalogue").await;
        let offers = catalogue["data"].as_array().unwrap();
        let offer = offers.iter().find(|offer| offer["name"] == plugin).unwrap();
        let names = |list: &str, name: &str| -> Vec<Json> {
            let asks = offer[list].as_array().unwrap().iter();
            asks.map(|ask| ask[name].clone()).collect()
        };
        let grants = json!({"hosts": names("hosts", "host"), "effects": offer["effects"],
            "reads": names("reads", "resource"), "events": names("events", "name")});
        let install = json!({"plugin": plugin, "grants": grants});
        let row = self
            .post("/integrations/installations/install", install)
            .await
            .expect(201);
        let path = format!("/integrations/installations/{}", row["id"].as_str().unwrap());
        let configure = json!({"settings": settings, "secrets": secrets});
        let row = self.post(&format!("{path}/configure"), configure).await.expect(200);
        assert_eq!(row["status"], "active", "{row:#}");
        path
    }

    /// Where an outside service reaches an installation.
    pub async fn address(&self, installation: &str, name: &str) -> String {
        let id = installation.rsplit('/').next().unwrap();
        let list = self
            .get(&format!("/integrations/plugin_endpoints?installation_id={id}"))
            .await;
        let endpoints = list["data"].as_array().unwrap();
        let endpoint = endpoints.iter().find(|endpoint| endpoint["name"] == name).unwrap();
        let shown = self
            .get(&format!(
                "/integrations/plugin_endpoints/{}/address",
                endpoint["id"].as_str().unwrap()
            ))
            .await;
        shown["path"]
            .as_str()
            .unwrap()
            .strip_prefix("/api/v1")
            .unwrap()
            .to_owned()
    }

    /// A request of an outside service: status and body of the answer.
    pub async fn knock(&self, path: &str, webhook: &Webhook) -> (u16, String) {
        let (operation, parts) = self.find(Method::Post, path);
        let headers = webhook.headers.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        let request = Request {
            path: parts,
            headers: headers.collect(),
            body: webhook.body.clone().into(),
            ..Request::default()
        };
        let reply = dispatch(self.platform.clone(), operation, request).await;
        let body = match &reply.body {
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Body::Empty => String::new(),
        };
        (reply.status.as_u16(), body)
    }

    /// A file of bytes.
    pub async fn upload(&self, path: &str, bytes: Vec<u8>) -> Answer {
        let (operation, parts) = self.find(Method::Post, path);
        let pairs = [
            ("x-organization", self.organization.to_string()),
            ("x-user", MANAGER.to_string()),
        ];
        let headers =
            pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()));
        let request = Request {
            path: parts,
            headers: headers.into_iter().collect(),
            body: bytes.into(),
            ..Request::default()
        };
        let reply = dispatch(self.platform.clone(), operation, request).await;
        let json = match &reply.body {
            Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap(),
            Body::Empty => Json::Null,
        };
        Answer {
            status: reply.status,
            json,
        }
    }

    /// Rows of one of our tables in the test's organization for which something holds.
    #[expect(clippy::disallowed_methods, reason = "a test counts whatever it names")]
    pub async fn count(&mut self, table: &str, holds: &str) -> usize {
        let sql = format!("SELECT count(*) FROM integrations.{table} WHERE organization_id = $1 AND ({holds})");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(self.organization)
            .fetch_one(&mut self.admin)
            .await
            .unwrap();
        usize::try_from(count).unwrap()
    }

    /// Lets time go by while nobody works: a claim that is held in truth does not end by it.
    pub async fn pass_when_idle(&mut self, seconds: i64) {
        if self.count("plugin_tasks", "status = 'running'").await == 0 {
            self.pass(seconds);
        }
    }

    /// Rows of a list.
    pub async fn rows(&self, path: &str) -> Vec<Json> {
        let list = self.get(path).await;
        list["data"].as_array().unwrap().clone()
    }

    /// The rows of a list, once something is so.
    pub async fn when_rows(&self, path: &str, is_so: impl Fn(&[Json]) -> bool) -> Vec<Json> {
        for _ in 0..6000 {
            let rows = self.rows(path).await;
            if is_so(&rows) {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} did not get there: {:#?}", self.rows(path).await);
    }

    fn find(&self, method: Method, path: &str) -> (Arc<Operation>, Vec<(String, String)>) {
        let given: Vec<&str> = path.split('/').collect();
        let fits = |operation: &&Arc<Operation>| {
            let pattern: Vec<&str> = operation.path.split('/').collect();
            let same = |(pattern, given): (&&str, &&str)| pattern.starts_with('{') || pattern == given;
            operation.method == method && pattern.len() == given.len() && pattern.iter().zip(&given).all(same)
        };
        // As a router does: a name goes before a hole.
        let found = self
            .operations
            .iter()
            .filter(fits)
            .min_by_key(|operation| operation.path_names().len());
        let operation = found
            .unwrap_or_else(|| panic!("nothing serves {method:?} {path}"))
            .clone();
        let parts = operation.path.split('/').zip(given);
        let holes = parts.filter_map(|(pattern, given)| {
            let name = pattern.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), given.to_owned()))
        });
        let holes = holes.collect();
        (operation, holes)
    }

    /// The fuel plugin, installed, granted and configured for the provider: path of the installation.
    pub async fn install(&self) -> String {
        let granted = json!({"hosts": ["{setting:base_url}"], "effects": ["fuel-transactions"]});
        let install = json!({"plugin": "syarah-fuel", "grants": granted});
        let row = self
            .post("/integrations/installations/install", install)
            .await
            .expect(201);
        let path = format!("/integrations/installations/{}", row["id"].as_str().unwrap());
        let row = self
            .post(&format!("{path}/configure"), self.settings())
            .await
            .expect(200);
        assert_eq!(row["status"], "active", "{row:#}");
        path
    }

    pub fn settings(&self) -> Json {
        let base_url = format!("{}/webservice", self.simulator.origin());
        json!({"settings": {"base_url": base_url, "overlap_days": 3}, "secrets": {"api_key": KEY}})
    }

    pub fn start(&self) -> (JoinHandle<()>, CancellationToken) {
        let options = RunnerOptions {
            poll: Duration::from_millis(50),
            first_pause: Duration::from_millis(10),
            grace: Duration::from_secs(5),
            ..RunnerOptions::default()
        };
        let mut runner = Runner::new(self.platform.clone(), self.dispatch.clone(), options);
        Integrations::register_jobs(&mut runner);
        let stop = CancellationToken::new();
        (tokio::spawn(runner.run(stop.clone())), stop)
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now() + TimeDelta::seconds(seconds));
    }

    /// Runs the installation to its end, with a worker of its own, and answers the run.
    pub async fn run(&self, installation: &str) -> Json {
        let (runner, stop) = self.start();
        let run = self.ask(installation).await;
        let run = self.ended(&run).await;
        stop.cancel();
        runner.await.unwrap();
        run
    }

    /// Asks for a run: its path.
    pub async fn ask(&self, installation: &str) -> String {
        let run = self.post(&format!("{installation}/run"), json!({})).await.expect(202);
        format!("/integrations/runs/{}", run["id"].as_str().unwrap())
    }

    pub async fn ended(&self, run: &str) -> Json {
        self.when(run, |row| !row["finished_at"].is_null()).await
    }

    /// The row, once something is so.
    pub async fn when(&self, path: &str, is_so: impl Fn(&Json) -> bool) -> Json {
        for _ in 0..3000 {
            let row = self.get(path).await;
            if is_so(&row) {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} did not get there: {:#}", self.get(path).await);
    }

    /// What a run wrote down, as text.
    pub async fn log(&self, run: &Json) -> String {
        let log = self
            .get(&format!("/integrations/runs/{}/log", run["id"].as_str().unwrap()))
            .await;
        let lines = log["data"].as_array().unwrap().iter();
        let lines = lines.map(|line| {
            format!(
                "{} {}",
                line["level"].as_str().unwrap(),
                line["message"].as_str().unwrap()
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Ids and amounts of everything that was stored.
    pub async fn sunk(&mut self) -> BTreeMap<String, i64> {
        let rows = sqlx::query("SELECT external_id, record FROM integrations.sunk WHERE organization_id = $1")
            .bind(self.organization)
            .fetch_all(&mut self.admin)
            .await
            .unwrap();
        let amount = |record: Json| record["amount_minor"].as_i64().unwrap();
        rows.iter()
            .map(|row| (row.get("external_id"), amount(row.get("record"))))
            .collect()
    }

    /// Ids and amounts of everything that the provider has.
    pub fn bills(&self) -> BTreeMap<String, i64> {
        let bills = self.simulator.bills(day("2026-11-01"), day("2026-11-20"));
        let bills = bills
            .iter()
            .map(|bill| (bill.id.to_string(), i64::try_from(bill.cost_halalas).unwrap()));
        bills.collect()
    }
}

async fn database() -> Target {
    let start = || async {
        let (cluster, target) = prepared().await.unwrap();
        let mut admin = PgConnection::connect(&target.admin_url()).await.unwrap();
        admin.execute(sqlx::raw_sql(crate::sink::TABLE)).await.unwrap();
        admin.close().await.unwrap();
        (cluster, target)
    };
    let (_, template) = SERVER.get_or_init(start).await;
    let mut count = CLONING.lock().await;
    *count += 1;
    create_database(template, &format!("plugins_{count}")).await.unwrap()
}
