//! One throw-away server for the whole binary; a database, a clock and a queue of its own for each test.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Clock, Cx, Gate, GateOptions, Mode, Module, Platform, Problem, Registry, ids};
use platform_database::testing::{Ephemeral, prepared};
use platform_database::{Role, Target, create_database};
use platform_jobs::{JobCall, JobFailure, Runner, RunnerOptions, enqueue, wake_clock};
use serde_json::{Value as Json, json};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool, Row};
use tempfile::TempDir;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();
static CLONING: AsyncMutex<u32> = AsyncMutex::const_new(0);

/// A database, a clock and a queue of the test's own: runners of one database would take each other's jobs.
pub struct World {
    pub platform: Arc<Platform>,
    dispatch: PgPool,
    pub target: Target,
    pub clock: Clock,
    ran: Arc<Mutex<Vec<JobCall>>>,
    _data: TempDir,
}

pub fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    /// With the modules of a build.
    pub async fn with(modules: Vec<Module>) -> Self {
        let start = || async {
            let (cluster, target) = prepared().await.unwrap();
            (cluster, target)
        };
        let (_, template) = SERVER.get_or_init(start).await;
        let mut count = CLONING.lock().await;
        *count += 1;
        let target = create_database(template, &format!("jobs_{count}")).await.unwrap();
        drop(count);
        Self::process(target, Clock::fixed(noon()), modules)
    }

    /// Another process of the same installation, with the modules of its own build.
    pub fn twin(&self, modules: Vec<Module>) -> Self {
        Self::process(self.target.clone(), self.clock.clone(), modules)
    }

    fn process(target: Target, clock: Clock, modules: Vec<Module>) -> Self {
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let registry = Registry::new(modules).unwrap();
        let data = tempfile::tempdir().unwrap();
        let platform = Platform::new(gate, clock.clone(), registry, data.path().to_owned()).unwrap();
        Self {
            platform: Arc::new(platform),
            dispatch: PgPoolOptions::new()
                .max_connections(1)
                .connect_lazy(&target.url(Role::Dispatch))
                .unwrap(),
            target,
            clock,
            ran: Arc::default(),
            _data: data,
        }
    }

    /// A new organization.
    pub async fn organization(&self, time_zone: &str) -> Uuid {
        let id = ids::new_id();
        let mut cx = self.begin(id).await;
        let add = "INSERT INTO platform.organizations (organization_id, name, time_zone, created_at, updated_at)
            VALUES ($1, 'Org', $2, $3, $3)";
        let now = cx.now;
        sqlx::query(add)
            .bind(id)
            .bind(time_zone)
            .bind(now)
            .execute(cx.db())
            .await
            .unwrap();
        cx.commit().await.unwrap();
        id
    }

    /// Lets the clock of an organization look now.
    pub async fn wake_clock(&self, organization_id: Uuid) {
        let mut cx = self.begin(organization_id).await;
        wake_clock(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }

    /// Switches a module off or on, as the operation of administrators does.
    pub async fn switch(&self, organization_id: Uuid, module: &str, is_enabled: bool) {
        let mut cx = self.begin(organization_id).await;
        let switch = "INSERT INTO platform.module_switches
            (organization_id, module, is_enabled, changed_by_name, changed_at) VALUES ($1, $2, $3, 'test', $4)
            ON CONFLICT (organization_id, module) DO UPDATE SET is_enabled = excluded.is_enabled";
        let now = cx.now;
        let switch = sqlx::query(switch)
            .bind(organization_id)
            .bind(module)
            .bind(is_enabled)
            .bind(now);
        switch.execute(cx.db()).await.unwrap();
        wake_clock(&mut cx).await.unwrap();
        cx.commit().await.unwrap();
    }

    pub async fn late(&self, before: DateTime<Utc>) -> Vec<(Uuid, DateTime<Utc>)> {
        platform_jobs::late(&self.dispatch, before, 10).await.unwrap()
    }

    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.target.admin_url()).await.unwrap()
    }

    /// Waits until nothing is due any more.
    pub async fn settle(&self) {
        let mut admin = self.admin().await;
        let due = "SELECT count(*) FROM platform.jobs WHERE state = 'running' OR (state = 'queued' AND run_at <= $1)";
        for _ in 0..1000 {
            let count: i64 = sqlx::query_scalar(due)
                .bind(self.clock.now())
                .fetch_one(&mut admin)
                .await
                .unwrap();
            if count == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("jobs are still due");
    }

    /// What listeners and schedules of an organization left behind: the payloads of notes, in order.
    pub async fn notes(&self, organization_id: Uuid) -> Vec<Json> {
        let notes = "SELECT payload FROM platform.jobs WHERE organization_id = $1 AND kind = 'note' ORDER BY id";
        let notes = sqlx::query_scalar(notes).bind(organization_id);
        notes.fetch_all(&mut self.admin().await).await.unwrap()
    }

    pub fn set(&self, to: &str) {
        self.clock.set(to.parse().unwrap());
    }

    pub async fn enqueue(&self, organization_id: Uuid, kind: &'static str, key: Option<&str>) -> Uuid {
        let mut cx = self.begin(organization_id).await;
        let now = cx.now;
        let id = enqueue(&mut cx, kind, key, json!({"of": kind}), now).await.unwrap();
        cx.commit().await.unwrap();
        id
    }

    pub async fn begin(&self, organization_id: Uuid) -> Cx {
        Cx::begin_job(&self.platform, organization_id, "test", Mode::Write)
            .await
            .unwrap()
    }

    /// A runner with handlers for every kind of this file.
    pub fn runner(&self, options: RunnerOptions) -> Runner {
        let mut runner = Runner::new(self.platform.clone(), self.dispatch.clone(), options);
        let ran = self.ran.clone();
        let note = move |call: &JobCall| ran.lock().unwrap().push(call.clone());
        let noted = note.clone();
        runner.register("good", move |_, call| {
            noted(&call);
            async { Ok(()) }
        });
        let noted = note.clone();
        runner.register("bad", move |_, call| {
            noted(&call);
            async { Err(JobFailure::retry("no luck")) }
        });
        let noted = note.clone();
        runner.register("hopeless", move |_, call| {
            noted(&call);
            async {
                Err(JobFailure::Dead {
                    error: "never".to_owned(),
                })
            }
        });
        let noted = note.clone();
        runner.register("panics", move |_, call| {
            noted(&call);
            async { panic!("on purpose") }
        });
        let noted = note.clone();
        runner.register("polite", move |_, call| {
            noted(&call);
            async move {
                call.stop.cancelled().await;
                Err(JobFailure::postpone())
            }
        });
        runner.register("hangs", move |_, call| {
            note(&call);
            std::future::pending()
        });
        runner
    }

    pub fn start(&self, options: RunnerOptions) -> (JoinHandle<()>, CancellationToken) {
        let stop = CancellationToken::new();
        (tokio::spawn(self.runner(options).run(stop.clone())), stop)
    }

    pub fn ran(&self) -> Vec<JobCall> {
        self.ran.lock().unwrap().clone()
    }

    pub async fn wait_for(&self, what: impl Fn(&[JobCall]) -> bool) -> Vec<JobCall> {
        for _ in 0..1000 {
            let ran = self.ran();
            if what(&ran) {
                return ran;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("did not happen in time: {:?}", self.ran());
    }

    /// State, attempts and last error, once the state is as expected.
    pub async fn ends(&self, organization_id: Uuid, id: Uuid, state: &str) -> (i32, Option<String>, DateTime<Utc>) {
        for _ in 0..1000 {
            let mut cx = self.begin(organization_id).await;
            let row = sqlx::query("SELECT state, attempt, last_error, run_at FROM platform.jobs WHERE id = $1")
                .bind(id)
                .fetch_one(cx.db())
                .await
                .unwrap();
            cx.rollback().await.unwrap();
            if row.get::<&str, _>("state") == state {
                return (row.get("attempt"), row.get("last_error"), row.get("run_at"));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the job did not become {state}");
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now() + TimeDelta::seconds(seconds));
    }
}

/// Leaves something behind in the open transaction: a job that is due in no test.
pub async fn note(cx: &mut Cx, payload: Json) -> Result<(), Problem> {
    let at = cx.now + TimeDelta::days(10_000);
    enqueue(cx, "note", None, payload, at).await.map(drop)
}

/// What happens to the next calls that are about a row or an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Refuse,
    Panic,
    Hang,
}

static TROUBLE: Mutex<Vec<(Uuid, Trouble)>> = Mutex::new(Vec::new());

/// The next call for `id` goes wrong; said several times, the next calls.
pub fn trouble(id: Uuid, trouble: Trouble) {
    TROUBLE.lock().unwrap().push((id, trouble));
}

/// Whether trouble is still to come.
pub fn has_trouble(id: Uuid) -> bool {
    TROUBLE.lock().unwrap().iter().any(|(about, _)| *about == id)
}

/// Lets happen what was said.
pub async fn suffer(id: Uuid) -> Result<(), Problem> {
    let next = {
        let mut all = TROUBLE.lock().unwrap();
        all.iter()
            .position(|(about, _)| *about == id)
            .map(|place| all.remove(place).1)
    };
    match next {
        None => Ok(()),
        Some(Trouble::Refuse) => Err(Problem::refused("try_again")),
        Some(Trouble::Panic) => panic!("on purpose"),
        Some(Trouble::Hang) => std::future::pending().await,
    }
}

/// Looks for work only when it is told to.
pub fn asleep() -> RunnerOptions {
    RunnerOptions {
        poll: Duration::from_hours(1),
        ..RunnerOptions::default()
    }
}

/// Looks often, so that a moved clock is noticed.
pub fn awake() -> RunnerOptions {
    RunnerOptions {
        poll: Duration::from_millis(20),
        first_pause: Duration::from_secs(10),
        grace: Duration::from_millis(200),
        ..RunnerOptions::default()
    }
}
