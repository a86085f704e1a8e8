//! The runner against a real server: what is enqueued runs once, whatever dies.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Clock, Cx, Gate, GateOptions, Mode, Platform, Registry, ids};
use platform_database::testing::{Ephemeral, ephemeral};
use platform_database::{Role, Target, create_database, prepare};
use platform_jobs::{DUE, JobCall, JobFailure, Runner, RunnerOptions, STATEMENTS, enqueue};
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, Executor, PgConnection, PgPool, Row};
use tempfile::TempDir;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();
static CLONING: AsyncMutex<u32> = AsyncMutex::const_new(0);

/// A database, a clock and a queue of the test's own: runners of one database would take each other's jobs.
struct World {
    platform: Arc<Platform>,
    dispatch: PgPool,
    target: Target,
    clock: Clock,
    ran: Arc<Mutex<Vec<JobCall>>>,
    _data: TempDir,
}

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

impl World {
    async fn new() -> Self {
        let start = || async {
            let cluster = ephemeral().await.unwrap();
            let target = Target::private(&cluster);
            prepare(&target).await.unwrap();
            (cluster, target)
        };
        let (_, template) = SERVER.get_or_init(start).await;
        let mut count = CLONING.lock().await;
        *count += 1;
        let target = create_database(template, &format!("jobs_{count}")).await.unwrap();
        drop(count);
        let clock = Clock::fixed(noon());
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let registry = Registry::new(Vec::new()).unwrap();
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

    async fn enqueue(&self, organization_id: Uuid, kind: &'static str, key: Option<&str>) -> Uuid {
        let mut cx = self.begin(organization_id).await;
        let now = cx.now;
        let id = enqueue(&mut cx, kind, key, json!({"of": kind}), now).await.unwrap();
        cx.commit().await.unwrap();
        id
    }

    async fn begin(&self, organization_id: Uuid) -> Cx {
        Cx::begin_job(&self.platform, organization_id, "test", Mode::Write)
            .await
            .unwrap()
    }

    /// A runner with handlers for every kind of this file.
    fn runner(&self, options: RunnerOptions) -> Runner {
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

    fn start(&self, options: RunnerOptions) -> (JoinHandle<()>, CancellationToken) {
        let stop = CancellationToken::new();
        (tokio::spawn(self.runner(options).run(stop.clone())), stop)
    }

    fn ran(&self) -> Vec<JobCall> {
        self.ran.lock().unwrap().clone()
    }

    async fn wait_for(&self, what: impl Fn(&[JobCall]) -> bool) -> Vec<JobCall> {
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
    async fn ends(&self, organization_id: Uuid, id: Uuid, state: &str) -> (i32, Option<String>, DateTime<Utc>) {
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

    fn pass(&self, seconds: i64) {
        self.clock.set(self.clock.now() + TimeDelta::seconds(seconds));
    }
}

/// Looks for work only when it is told to.
fn asleep() -> RunnerOptions {
    RunnerOptions {
        poll: Duration::from_hours(1),
        ..RunnerOptions::default()
    }
}

/// Looks often, so that a moved clock is noticed.
fn awake() -> RunnerOptions {
    RunnerOptions {
        poll: Duration::from_millis(20),
        first_pause: Duration::from_secs(10),
        grace: Duration::from_millis(200),
        ..RunnerOptions::default()
    }
}

#[tokio::test]
async fn a_job_exists_when_its_transaction_does_and_starts_at_once() {
    let world = World::new().await;
    let (_runner, _stop) = world.start(asleep());
    // Long enough for the runner to have fallen asleep for an hour.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let organization = ids::new_id();
    let mut cx = world.begin(organization).await;
    let now = cx.now;
    enqueue(&mut cx, "good", None, json!({"lost": true}), now)
        .await
        .unwrap();
    cx.rollback().await.unwrap();
    let id = world.enqueue(organization, "good", None).await;
    let ran = world.wait_for(|ran| !ran.is_empty()).await;
    assert_eq!(
        (ran[0].id, ran[0].organization_id, ran[0].attempt),
        (id, organization, 1)
    );
    assert_eq!(ran[0].payload, json!({"of": "good"}));
    assert_eq!(world.ends(organization, id, "done").await.0, 1);
    assert_eq!(world.ran().len(), 1, "the one that was rolled back never ran");
}

#[tokio::test]
async fn a_key_is_waiting_or_running_once() {
    let world = World::new().await;
    let (ours, theirs) = (ids::new_id(), ids::new_id());
    let first = world.enqueue(ours, "good", Some("k")).await;
    assert_eq!(world.enqueue(ours, "good", Some("k")).await, first);
    assert_ne!(world.enqueue(theirs, "good", Some("k")).await, first);
    let (_runner, _stop) = world.start(awake());
    world.ends(ours, first, "done").await;
    assert_ne!(
        world.enqueue(ours, "good", Some("k")).await,
        first,
        "done: the key is free"
    );
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_dies_in_the_end() {
    let world = World::new().await;
    let organization = ids::new_id();
    let (_runner, _stop) = world.start(awake());
    for kind in ["bad", "panics"] {
        let id = world.enqueue(organization, kind, None).await;
        let of = |ran: &[JobCall]| ran.iter().filter(|call| call.id == id).count();
        for tries in 1..5 {
            world.wait_for(|ran| of(ran) == tries).await;
            let (attempt, error, run_at) = world.ends(organization, id, "queued").await;
            assert_eq!(attempt, i32::try_from(tries).unwrap());
            let expected = if kind == "bad" { "no luck" } else { "panicked" };
            assert!(error.is_some_and(|error| error.contains(expected)));
            // 10, 20, 40, 80 seconds, a fifth more or less.
            let pause = (run_at - world.clock.now()).as_seconds_f64() / f64::from(10 * (1 << (tries - 1)));
            assert!((0.8..=1.2).contains(&pause), "try {tries}: {pause}");
            world.pass(200);
        }
        world.ends(organization, id, "dead").await;
        assert_eq!(of(&world.ran()), 5);
    }
    let id = world.enqueue(organization, "hopeless", None).await;
    let (attempt, error, _) = world.ends(organization, id, "dead").await;
    assert_eq!((attempt, error.as_deref()), (1, Some("never")));
}

#[tokio::test]
async fn a_job_of_a_dead_process_is_taken_over_and_the_old_claim_has_no_effect() {
    let world = World::new().await;
    let organization = ids::new_id();
    let id = world.enqueue(organization, "hangs", None).await;
    let (runner, _stop) = world.start(asleep());
    let lost = world.wait_for(|ran| ran.len() == 1).await.remove(0);
    // As kill -9: nothing is written any more.
    runner.abort();
    let mut cx = world.begin(organization).await;
    assert!(lost.holds(&mut cx).await.unwrap());
    cx.rollback().await.unwrap();

    let (_runner, _stop) = world.start(awake());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.ran().len(), 1, "the lease is respected");
    world.pass(31);
    let taken = world.wait_for(|ran| ran.len() == 2).await.remove(1);
    assert_eq!((taken.id, taken.attempt), (id, 2));
    assert_ne!(taken.token, lost.token);
    let mut cx = world.begin(organization).await;
    assert!(!lost.holds(&mut cx).await.unwrap());
    assert!(taken.holds(&mut cx).await.unwrap());
    cx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_job_that_kills_its_process_every_time_is_told_once_and_dead() {
    let world = World::new().await;
    let organization = ids::new_id();
    let id = world.enqueue(organization, "good", None).await;
    let mut admin = PgConnection::connect(&world.target.admin_url()).await.unwrap();
    let claimed = "UPDATE platform.jobs SET state = 'running', attempt = 5, token = id, lease_until = run_at";
    admin.execute(claimed).await.unwrap();
    world.pass(1);
    let (_runner, _stop) = world.start(awake());
    let ran = world.wait_for(|ran| !ran.is_empty()).await;
    assert!(ran[0].exhausted);
    world.ends(organization, id, "dead").await;
}

#[tokio::test]
async fn a_running_job_keeps_its_claim_for_as_long_as_it_needs() {
    let world = World::new().await;
    let organization = ids::new_id();
    world.enqueue(organization, "hangs", None).await;
    let options = RunnerOptions {
        lease: Duration::from_millis(300),
        ..awake()
    };
    let (_runner, _stop) = world.start(options);
    world.wait_for(|ran| ran.len() == 1).await;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        world.clock.set(world.clock.now() + TimeDelta::milliseconds(150));
    }
    assert_eq!(world.ran().len(), 1, "five leases have passed");
}

#[tokio::test]
async fn nobody_keeps_the_others_waiting() {
    let world = World::new().await;
    let busy = ids::new_id();
    for _ in 0..30 {
        world.enqueue(busy, "good", None).await;
    }
    let others: Vec<Uuid> = (0..5).map(|_| ids::new_id()).collect();
    for other in &others {
        world.enqueue(*other, "good", None).await;
    }
    let options = RunnerOptions {
        concurrency: 1,
        ..awake()
    };
    let (runner, stop) = world.start(options);
    let ran = world.wait_for(|ran| ran.len() == 35).await;
    let last = ran.iter().rposition(|call| others.contains(&call.organization_id));
    assert!(last.is_some_and(|place| place < 12), "one each, in turn: {last:?}");

    stop.cancel();
    runner.await.unwrap();

    // And an organization whose jobs hang does not fill all places.
    let (_runner, _stop) = world.start(awake());
    for _ in 0..8 {
        world.enqueue(busy, "hangs", None).await;
    }
    let id = world.enqueue(others[0], "good", None).await;
    world.ends(others[0], id, "done").await;
}

#[tokio::test]
async fn stopping_gives_back_what_does_not_end() {
    let world = World::new().await;
    let (organization, other) = (ids::new_id(), ids::new_id());
    let polite = world.enqueue(organization, "polite", None).await;
    let hangs = world.enqueue(other, "hangs", None).await;
    let (runner, stop) = world.start(awake());
    world.wait_for(|ran| ran.len() == 2).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), runner)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        world.ends(organization, polite, "queued").await.0,
        0,
        "the try does not count"
    );
    assert_eq!(world.ends(other, hangs, "queued").await.0, 0);
}

#[tokio::test]
async fn every_statement_fits_its_role() {
    let world = World::new().await;
    let mut app = PgConnection::connect(&world.target.url(Role::App)).await.unwrap();
    for statement in STATEMENTS {
        app.prepare(sqlx::SqlStr::from_static(statement)).await.unwrap();
    }
    let mut dispatch = PgConnection::connect(&world.target.url(Role::Dispatch)).await.unwrap();
    dispatch.prepare(sqlx::SqlStr::from_static(DUE)).await.unwrap();
    world.enqueue(ids::new_id(), "good", None).await;
    let payload = dispatch.execute("SELECT payload FROM platform.jobs").await;
    assert!(payload.is_err(), "the dispatcher learns nothing about the work");
}
