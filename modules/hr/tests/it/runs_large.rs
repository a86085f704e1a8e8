//! Large runs: batch by batch, killed anywhere, and ten times the couriers for ten times the work.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hr::PAYROLL_RUNS;
use platform_core::{Clock, Gate, GateOptions, Mode, Platform, Registry};
use platform_database::{Role, Target};
use platform_jobs::{Runner, RunnerOptions};
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::runs::BYTES;
use crate::world::{World, server};

/// Couriers with a target, work, contract pay, and a loan or a penalty for some.
const PEOPLE: &str = include_str!("../month/couriers.sql");
/// Ten deliveries, four fills of fuel and a month of attendance for each.
const MONTH: [&str; 3] = [
    include_str!("../month/deliveries.sql"),
    include_str!("../month/fuel.sql"),
    include_str!("../month/attendance.sql"),
];

async fn people(world: &World, count: i32) {
    let mut admin = world.admin().await;
    let made: String = sqlx::query_scalar(PEOPLE)
        .bind(world.organization_id)
        .bind(count)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(made, count.to_string());
}

const WORKED: &str =
    "INSERT INTO hr.payroll_inputs (organization_id, id, created_at, updated_at, courier_id, year, month,
        total_orders, total_revenue, gas_usage, source)
    SELECT $1, gen_random_uuid(), now(), now(), t.courier_id, 2026, 5, 300 + substr(c.barq_id, 2)::int % 300,
        400000 + substr(c.barq_id, 2)::int * 100 % 900000, 20000 + substr(c.barq_id, 2)::int % 40000, 'system'
    FROM hr.courier_targets t JOIN fleet.couriers c ON c.organization_id = t.organization_id AND c.id = t.courier_id
    WHERE t.organization_id = $1";

async fn started(world: &World) -> Uuid {
    let id = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
    let run = world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    assert!(run.is("status", "calculating"));
    id
}

fn platform(target: &Target) -> Arc<Platform> {
    let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
    let registry = Registry::new(vec![hr::module()]).unwrap();
    let data = std::env::temp_dir();
    Arc::new(Platform::new(gate, Clock::System, registry, data).unwrap())
}

/// As servers have it.
const LEASE: Duration = Duration::from_secs(30);

/// Works on jobs until the run is over.
async fn work(platform: Arc<Platform>, dispatch: &str, organization_id: Uuid, run: Uuid, lease: Duration) {
    let pool = PgPoolOptions::new().max_connections(2).connect(dispatch).await.unwrap();
    let options = RunnerOptions {
        lease,
        first_pause: Duration::from_millis(50),
        poll: Duration::from_millis(20),
        ..RunnerOptions::default()
    };
    let mut runner = Runner::new(platform.clone(), pool, options);
    hr::register_jobs(&mut runner);
    let stop = CancellationToken::new();
    let working = tokio::spawn(runner.run(stop.clone()));
    let begun = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut cx = platform_core::Cx::begin_job(&platform, organization_id, "test", Mode::Read)
            .await
            .unwrap();
        let run = platform_engine::load(&mut cx, &PAYROLL_RUNS, run).await.unwrap();
        cx.rollback().await.unwrap();
        if !run.is("status", "calculating") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(5), "the run does not end");
    }
    stop.cancel();
    working.await.unwrap();
}

/// Works on a run to its end.
pub async fn to_the_end(world: &World, server: &crate::world::Server, run: Uuid) {
    let dispatch = server.target.url(Role::Dispatch);
    work(platform(&server.target), &dispatch, world.organization_id, run, LEASE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_calculation_goes_on_at_a_time_and_can_be_stopped() {
    let world = World::new().await;
    people(&world, 510).await;
    world.store(WORKED, &[]).await;
    let id = started(&world).await;
    let second = world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap_err();
    assert_eq!(second.code, "run_is_calculating");
    world
        .act(&PAYROLL_RUNS, id, "reopen", &json!({"reopen_reason": "Too early"}))
        .await
        .unwrap();
    let target = &server().await.target;
    let again = world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
    assert_eq!(again.integer("calculation"), Some(2));
    work(
        platform(target),
        &target.url(Role::Dispatch),
        world.organization_id,
        id,
        LEASE,
    )
    .await;
    let run = world.load(&PAYROLL_RUNS, id).await;
    let told = ["courier_count", "done_count", "paid_count", "refused_count"].map(|field| run.integer(field));
    assert_eq!(told, [Some(510), Some(510), Some(499), Some(11)]);
    assert!(run.is("status", "calculated"));
}

/// What a killed process runs: it is started by the test below and works on jobs until the run is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn works_on_jobs_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "the parent says where the database is")]
    let given = ["APP", "DISPATCH", "ORGANIZATION", "RUN"].map(|name| std::env::var(format!("BARQ_TEST_{name}")));
    let [Ok(app), Ok(dispatch), Ok(organization), Ok(run)] = given else {
        return;
    };
    let gate = Gate::new(app.parse().unwrap(), &GateOptions::default());
    let registry = Registry::new(vec![hr::module()]).unwrap();
    let platform = Platform::new(gate, Clock::System, registry, std::env::temp_dir()).unwrap();
    // What a killed process held is free again soon.
    let lease = Duration::from_secs(2);
    work(
        Arc::new(platform),
        &dispatch,
        organization.parse().unwrap(),
        run.parse().unwrap(),
        lease,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_twenty_times_comes_out_as_without() {
    let target = &server().await.target;
    let world = World::new().await;
    people(&world, 1_100).await;
    world.store(WORKED, &[]).await;
    // Once without anything in its way.
    let whole = started(&world).await;
    let begun = Instant::now();
    work(
        platform(target),
        &target.url(Role::Dispatch),
        world.organization_id,
        whole,
        LEASE,
    )
    .await;
    let takes = begun.elapsed();
    let expected = world.text(BYTES).await;
    assert!(!expected.is_empty());
    let again = json!({"reopen_reason": "Again"});
    world.act(&PAYROLL_RUNS, whole, "reopen", &again).await.unwrap();

    let (mut kills, mut runs, mut seed) = (0, 0, 0x9e37_79b9_u64);
    while kills < 20 {
        let id = world.create(&PAYROLL_RUNS, &json!({"year": 2026, "month": 5})).await;
        world.act(&PAYROLL_RUNS, id, "calculate", &json!({})).await.unwrap();
        runs += 1;
        loop {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "runs_large::works_on_jobs_until_it_is_killed"])
                .env("BARQ_TEST_APP", target.url(Role::App))
                .env("BARQ_TEST_DISPATCH", target.url(Role::Dispatch))
                .env("BARQ_TEST_ORGANIZATION", world.organization_id.to_string())
                .env("BARQ_TEST_RUN", id.to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let most = u64::try_from(takes.as_millis()).unwrap().max(100);
            let patience = if kills < 20 {
                Duration::from_millis(seed % most)
            } else {
                Duration::from_mins(5)
            };
            let until = Instant::now() + patience;
            let ended = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    assert!(status.success(), "{status}");
                    break true;
                }
                if Instant::now() > until {
                    break false;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            };
            if ended {
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        let run = world.load(&PAYROLL_RUNS, id).await;
        assert!(
            run.is("status", "calculated"),
            "after {kills} kills it is {:?}",
            run.text("status")
        );
        assert_eq!(world.text(BYTES).await, expected, "after {kills} kills");
        world.act(&PAYROLL_RUNS, id, "reopen", &again).await.unwrap();
    }
    writeln!(std::io::stdout(),
        "CHECK PAY31 pass {kills} kills at random times in {runs} calculations of 1,100 couriers: the same bytes each time"
    ).expect("somebody listens");
}

/// Milliseconds of processor that this process used.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    // User and system time, in hundredths of a second.
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10
}

const PLAIN: &str = include_str!("../month/plain.sql");

/// A month of couriers from their deliveries to their payslips; processor of this process, as a server's.
async fn cost(count: i32) -> (u64, Duration, Duration) {
    let target = &server().await.target;
    let world = World::new().await;
    people(&world, count).await;
    for statement in MONTH {
        world.store(statement, &[]).await;
    }
    let plain = Instant::now();
    world.text(PLAIN).await;
    let plain = plain.elapsed();
    let (before, begun) = (cpu_ms(), Instant::now());
    let body = r#"{"year": 2026, "month": 5}"#;
    world.call("hr.payroll_inputs.collect", "", body).await.unwrap();
    let id = started(&world).await;
    work(
        platform(target),
        &target.url(Role::Dispatch),
        world.organization_id,
        id,
        LEASE,
    )
    .await;
    let run = world.load(&PAYROLL_RUNS, id).await;
    // Every fiftieth from the seventh on has no joining date.
    let refused = (count - 7) / 50 + 1;
    assert_eq!(run.integer("paid_count"), Some(i64::from(count - refused)));
    (cpu_ms() - before, begun.elapsed(), plain)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_the_couriers_cost_ten_times_as_much() {
    let (few, many) = if std::env::var_os("BARQ_LONG_TESTS").is_some() {
        (1_000, 10_000)
    } else {
        (510, 5_100)
    };
    cost(510).await;
    // The same couriers in ten small months and in a large one.
    let mut small = 0;
    for _ in 0..3 {
        small += cost(few).await.0;
    }
    let small = small / 3;
    let (large, took, plain) = cost(many).await;
    writeln!(std::io::stdout(),
        "CHECK PAY32 pass {many} couriers with deliveries, fuel and attendance: {large} ms of processor, {} ms in all; {few}: {small} ms; \
         ratio {}.{:02}; a plain SQL aggregate over the same rows {} ms",
        took.as_millis(),
        large / small,
        large * 100 / small % 100,
        plain.as_millis()
    ).expect("somebody listens");
    let per_mille = large * 1_000 / small;
    assert!((8_000..=12_000).contains(&per_mille), "{many} ÷ {few}: {per_mille} ‰");
}
