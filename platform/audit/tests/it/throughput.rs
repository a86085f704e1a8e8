//! What the chain costs eight writers at once, measured side by side on a server that really writes to disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use platform_core::ids;
use platform_database::testing::ephemeral_with;
use platform_database::{Options, Role, Target, prepare};
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

/// When an entry enters the chain.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sealing {
    Never,
    /// The end of the chain is locked from the first statement of the transaction on.
    First,
    /// It is locked from just before the commit on, in the message of the commit.
    Last,
    /// The same, but the lock is given back before the transaction is on disk, which this writer then waits for.
    Early,
    /// Somebody else seals right after the commits.
    After,
}

/// What a worker would call: it seals whatever others have committed.
const SEAL_OTHERS: &str = "do $do$ begin
        execute replace(replace(pg_get_functiondef('platform.seal_history(uuid, uuid)'::regprocedure),
            'platform.seal_history', 'platform.seal_others'), '= ''in progress''', 'is not null');
        grant execute on function platform.seal_others(uuid, uuid) to barq_app;
    end $do$";
const FLUSH: &str = "SELECT pg_logical_emit_message(true, 'barq', '') \
    WHERE pg_current_wal_flush_lsn() < pg_current_wal_insert_lsn()";
const WRITERS: usize = 8;
const ROUND: Duration = Duration::from_secs(3);

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement below the context, with ids alone in its text"
)]
async fn run(connection: &mut PgConnection, sql: String) {
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
}

/// One transaction as a request makes it: the organization is set, a row is read, history and event are written.
async fn write(connection: &mut PgConnection, organization: Uuid, sealing: Sealing) {
    let since = ids::new_id();
    run(
        connection,
        format!(
            "BEGIN; SET LOCAL barq.organization_id = '{organization}'; SELECT access_version FROM \
        platform.members WHERE organization_id = '{organization}'"
        ),
    )
    .await;
    if sealing == Sealing::First {
        run(
            connection,
            format!("SELECT seq FROM platform.audit_heads WHERE organization_id = '{organization}' FOR UPDATE"),
        )
        .await;
    }
    let changes = serde_json::json!({"plate_number": {"before": "ABC 1234", "after": "ABC 1235"},
        "mileage_km": {"before": 12_000, "after": 12_500}, "notes": {"before": null, "after": "changed the tyres"}});
    sqlx::query("WITH history AS (INSERT INTO platform.history (organization_id, id, resource, record_id, verb, actor_id, \
        actor_name, request_id, at, changes) VALUES ($1, $2, 'fleet.vehicles', $3, 'update', $3, 'Noura', 'r', now(), $4)) \
        INSERT INTO platform.outbox (organization_id, id, name, subject, data, occurred_at, delivered_at) \
        VALUES ($1, $2, 'fleet.vehicles.updated', $3, $4, now(), now())")
        .bind(organization)
        .bind(ids::new_id())
        .bind(since)
        .bind(changes)
        .execute(&mut *connection)
        .await
        .unwrap();
    let seal = match sealing {
        Sealing::Never | Sealing::After | Sealing::Early => String::new(),
        Sealing::First | Sealing::Last => format!("SELECT platform.seal_history('{organization}', '{since}'); "),
    };
    if sealing == Sealing::Early {
        run(
            connection,
            format!(
                "SET LOCAL synchronous_commit = off; SELECT platform.seal_history('{organization}', '{since}'); COMMIT; {FLUSH}"
            ),
        )
        .await;
    } else {
        run(connection, seal + "COMMIT").await;
    }
}

struct Round {
    per_second: f64,
    /// Longest time that the sealer took for what it found: how long an entry stood outside the chain.
    window_ms: u128,
}

async fn round(target: &Target, organizations: usize, sealing: Sealing) -> Round {
    let url = target.url(Role::App);
    let ids: Arc<Vec<Uuid>> = Arc::new((0..organizations).map(|_| ids::new_id()).collect());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for id in ids.iter() {
        write(&mut connection, *id, Sealing::Last).await;
    }
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let (url, ids, stop, done) = (url.clone(), ids.clone(), stop.clone(), done.clone());
        tasks.push(tokio::spawn(async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            while !stop.load(Ordering::Relaxed) {
                write(&mut connection, ids[writer % ids.len()], sealing).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    let mut window_ms = 0;
    let began = Instant::now();
    if sealing == Sealing::After {
        let mut since = ids::new_id();
        while began.elapsed() < ROUND {
            let (round, next) = (Instant::now(), ids::new_id());
            for id in ids.iter() {
                run(
                    &mut connection,
                    format!(
                        "BEGIN; SET LOCAL barq.organization_id = '{id}'; \
                    SELECT platform.seal_others('{id}', '{since}'); COMMIT"
                    ),
                )
                .await;
            }
            window_ms = window_ms.max(round.elapsed().as_millis());
            // Transactions that began before may still commit: look back for as long as one may take.
            since = since.max(back(next, Duration::from_secs(1)));
        }
    } else {
        tokio::time::sleep(ROUND).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let count = done.load(Ordering::Relaxed);
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of some thousands")]
    let per_second = count as f64 / seconds;
    Round { per_second, window_ms }
}

/// The least id of an earlier moment.
fn back(id: Uuid, by: Duration) -> Uuid {
    let millis = u64::from_be_bytes(id.as_bytes()[..8].try_into().unwrap()) >> 16;
    let earlier = millis.saturating_sub(u64::try_from(by.as_millis()).unwrap());
    Uuid::from_u128(u128::from(earlier) << 80)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of two minutes: cargo test -p platform-audit --test it throughput -- --ignored --nocapture"]
async fn throughput_of_eight_writers() {
    let cluster = ephemeral_with(Options::default()).await.unwrap();
    let target = Target::private(&cluster);
    prepare(&target).await.unwrap();
    let mut admin = PgConnection::connect(&target.admin_url()).await.unwrap();
    admin.execute(SEAL_OTHERS).await.unwrap();
    println!("organizations, sealing: transactions per second (median of 3), against none");
    for organizations in [1, WRITERS] {
        let ways = [
            Sealing::Never,
            Sealing::First,
            Sealing::Last,
            Sealing::Early,
            Sealing::After,
        ];
        let mut rounds: Vec<Vec<Round>> = ways.iter().map(|_| Vec::new()).collect();
        for turn in 0..3 {
            for place in 0..ways.len() {
                let place = (place + turn) % ways.len();
                rounds[place].push(round(&target, organizations, ways[place]).await);
            }
        }
        let median = |place: usize| {
            let mut all: Vec<f64> = rounds[place].iter().map(|round| round.per_second).collect();
            all.sort_by(f64::total_cmp);
            all[1]
        };
        for (place, way) in ways.iter().enumerate() {
            let window = rounds[place]
                .iter()
                .map(|round| round.window_ms)
                .max()
                .unwrap_or_default();
            println!(
                "{organizations}, {way:?}: {:.0}/s, {:.2}, longest window {window} ms",
                median(place),
                median(place) / median(0)
            );
        }
    }
}
