//! Callers that go away in the middle, thousands of them, while others read: nobody sees a foreign row, no transaction stays
//! open, nothing that was acknowledged is lost. And the control: without the rollback hook it goes wrong at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use barq_tests::{Dice, Harness, Person, unique};
use platform_core::{Cx, Mode, Platform};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::check;

const CANCELLED: usize = 2_000;
const LONGEST: Duration = Duration::from_millis(20);
const CONNECTIONS: u32 = 4;
const COURIERS: &str = "/api/v1/fleet/couriers";

/// Without a condition on the organization: row security alone decides what is seen.
const EVERYTHING: &str = "SELECT organization_id FROM fleet.couriers";
const MARK: &str = "INSERT INTO platform.counters (organization_id, kind, day, last) VALUES ($1, $2, '2026-01-01', 1)";
const MARKED: &str = "SELECT count(*) FROM platform.counters WHERE organization_id = $1 AND kind = $2";
const LINGERING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'barq_app'
    AND state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > $1::float8 * interval '1 second'";
const KEPT: &str = "SELECT count(*) FROM fleet.couriers WHERE organization_id = $1 AND barq_id = ANY ($2)";
const NUMBER: &str = "SELECT coalesce(notes, '0')::bigint FROM fleet.couriers WHERE organization_id = $1 AND id = $2";
/// Changes of a row that stand in its history.
const CHANGED: &str =
    "SELECT count(*) FROM platform.history WHERE organization_id = $1 AND record_id = $2 AND verb = 'update'
    AND (changes -> 'notes' ->> 'after')::bigint = ANY ($3)";
/// Every courier's name says whose he is.
const MISPLACED: &str = "SELECT count(*) FROM fleet.couriers WHERE position(organization_id::text IN full_name) = 0";

/// What everybody in the storm counts.
#[derive(Default)]
struct Tally {
    cancelled: AtomicUsize,
    answered: AtomicUsize,
    /// Refused because every connection was busy: the storm may delay readers, not lie to them.
    busy: AtomicUsize,
    reads: AtomicUsize,
    foreign: AtomicUsize,
    over: AtomicBool,
    /// Acknowledged new couriers, by organization.
    created: Mutex<BTreeMap<Uuid, Vec<String>>>,
    /// Acknowledged numbers of a courier, in their order.
    numbers: Mutex<BTreeMap<(Uuid, Uuid), Vec<i64>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn courier(person: &Person) -> Result<Uuid> {
    let body = json!({"barq_id": unique("S"), "full_name": format!("Of {}", person.organization_id)});
    let row = person.post(COURIERS, &body).await?.expect(201)?;
    Ok(row["id"].as_str().context("an id")?.parse()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaks_and_nothing_is_lost_when_callers_go_away() -> Result<()> {
    let harness = Harness::alone(|config| config.gate.connections = CONNECTIONS).await?;
    let people = [harness.owner().await?, harness.owner().await?];
    let tally = Arc::new(Tally::default());
    let mut dice = Dice::seeded();
    let seed = dice.seed;
    let mut storm = tokio::task::JoinSet::new();
    for _ in 0..8 {
        // Rows of a worker's own: whoever changes one alone knows what it has to be.
        let mut own = Vec::new();
        for person in &people {
            own.push((person.clone(), courier(person).await?));
        }
        storm.spawn(callers(harness.app.platform.clone(), own, tally.clone(), dice.fork()));
    }
    let mut watch = tokio::task::JoinSet::new();
    for person in people.iter().cycle().take(4) {
        watch.spawn(reader(harness.app.platform.clone(), person.clone(), tally.clone()));
    }
    let lingered = tokio::spawn(watcher(harness.admin().await?, tally.clone()));
    while let Some(done) = storm.join_next().await {
        done??;
    }
    tally.over.store(true, Ordering::Relaxed);
    while let Some(done) = watch.join_next().await {
        done??;
    }
    let lingered = lingered.await??;

    let mut admin = harness.admin().await?;
    quiet(&mut admin).await?;
    let mut lost = Vec::new();
    let mut acknowledged = 0;
    let created = std::mem::take(&mut *locked(&tally.created));
    for (organization, names) in &created {
        let kept: i64 = sqlx::query_scalar(KEPT)
            .bind(organization)
            .bind(names)
            .fetch_one(&mut admin)
            .await?;
        let missing = names.len() - usize::try_from(kept)?;
        if missing > 0 {
            lost.push(format!("{missing} of {} rows created in {organization}", names.len()));
        }
        acknowledged += names.len();
    }
    let numbers = std::mem::take(&mut *locked(&tally.numbers));
    for ((organization, id), numbers) in &numbers {
        let stored: i64 = sqlx::query_scalar(NUMBER)
            .bind(organization)
            .bind(id)
            .fetch_one(&mut admin)
            .await?;
        let changed: i64 = sqlx::query_scalar(CHANGED)
            .bind(organization)
            .bind(id)
            .bind(numbers)
            .fetch_one(&mut admin)
            .await?;
        // A write goes on when its caller goes away, and may come behind one that was sent later and waited for. So another
        // number may stand there, but none that was overwritten before the last was acknowledged.
        let is_old = numbers
            .split_last()
            .is_some_and(|(last, old)| stored != *last && (stored == 0 || old.contains(&stored)));
        if is_old || usize::try_from(changed)? != numbers.len() {
            lost.push(format!(
                "{organization}/{id} says {stored}, has {changed} changes of {numbers:?}"
            ));
        }
        acknowledged += numbers.len();
    }
    let misplaced: i64 = sqlx::query_scalar(MISPLACED).fetch_one(&mut admin).await?;
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    let foreign = count(&tally.foreign);
    ensure!(
        foreign == 0 && misplaced == 0,
        "seed {seed}: {foreign} foreign rows read, {misplaced} misplaced"
    );
    ensure!(
        lingered == 0,
        "seed {seed}: {lingered} times a transaction was idle for more than a second"
    );
    ensure!(lost.is_empty(), "seed {seed}: acknowledged writes are lost: {lost:?}");
    ensure!(
        count(&tally.cancelled) >= CANCELLED,
        "only {} were cancelled",
        count(&tally.cancelled)
    );
    ensure!(
        count(&tally.reads) > 100 && acknowledged > 20,
        "the storm proves little: {} reads, {acknowledged} writes",
        count(&tally.reads)
    );
    let figure = format!(
        "{} cancelled, {} answered, {} scoped reads beside them, {} turned away busy; {acknowledged} acknowledged: \
         0 lost, 0 foreign rows, 0 idle transactions (seed {seed})",
        count(&tally.cancelled),
        count(&tally.answered),
        count(&tally.reads),
        count(&tally.busy),
    );
    check("F8", true, &figure)
}

/// Calls for two organizations by turns, each given up after a random time.
async fn callers(platform: Arc<Platform>, own: Vec<(Person, Uuid)>, tally: Arc<Tally>, mut dice: Dice) -> Result<()> {
    let mut number = 0;
    while tally.cancelled.load(Ordering::Relaxed) < CANCELLED {
        let (person, id) = &own[dice.below(2)];
        let patience = Duration::from_micros(dice.below(LONGEST.as_micros().try_into()?).try_into()?);
        number += 1;
        let what = dice.below(6);
        // Some writers wait for their answer: theirs are the writes that may not be lost.
        let waits = matches!(what, 2 | 3) && dice.below(4) == 0;
        let patience = if waits { Duration::from_secs(30) } else { patience };
        let answered = match what {
            0 => timeout(
                patience,
                person.get(&format!("{COURIERS}?limit=100&titles=true&total=true")),
            )
            .await
            .is_ok(),
            1 => timeout(patience, person.get(&format!("{COURIERS}/{id}"))).await.is_ok(),
            2 => {
                let name = unique("S");
                let body = json!({"barq_id": name, "full_name": format!("Of {}", person.organization_id)});
                let answer = timeout(patience, person.post(COURIERS, &body)).await;
                if let Ok(Ok(answer)) = &answer
                    && answer.status == 201
                {
                    locked(&tally.created)
                        .entry(person.organization_id)
                        .or_default()
                        .push(name);
                }
                answer.is_ok()
            }
            3 => {
                let body = json!({"notes": number.to_string()});
                let answer = timeout(patience, person.patch(&format!("{COURIERS}/{id}"), &body)).await;
                if let Ok(Ok(answer)) = &answer
                    && answer.status == 200
                {
                    locked(&tally.numbers)
                        .entry((person.organization_id, *id))
                        .or_default()
                        .push(number);
                }
                answer.is_ok()
            }
            4 => timeout(patience, scoped(&platform, person.organization_id, Mode::Read))
                .await
                .is_ok(),
            _ => timeout(patience, scoped(&platform, person.organization_id, Mode::Write))
                .await
                .is_ok(),
        };
        if answered {
            tally.answered.fetch_add(1, Ordering::Relaxed);
        } else {
            tally.cancelled.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// What an operation of ours does, without the way through HTTP: the rows seen under row security alone.
async fn scoped(
    platform: &Arc<Platform>,
    organization_id: Uuid,
    mode: Mode,
) -> Result<Vec<Uuid>, platform_core::Problem> {
    let mut cx = Cx::begin_job(platform, organization_id, "storm", mode).await?;
    if mode == Mode::Write {
        sqlx::query(MARK)
            .bind(organization_id)
            .bind(unique("storm"))
            .execute(cx.db())
            .await?;
    }
    let seen = sqlx::query_scalar(EVERYTHING).fetch_all(cx.db()).await?;
    cx.commit().await?;
    Ok(seen)
}

/// Reads until the storm is over; counts what is not the reader's own.
async fn reader(platform: Arc<Platform>, person: Person, tally: Arc<Tally>) -> Result<()> {
    let own = person.organization_id.to_string();
    while !tally.over.load(Ordering::Relaxed) {
        let list = person.get(&format!("{COURIERS}?limit=100")).await?;
        if list.status == 503 {
            tally.busy.fetch_add(1, Ordering::Relaxed);
        } else {
            let list = list.expect(200)?;
            let rows = list["data"].as_array().context("rows")?;
            let foreign = rows
                .iter()
                .filter(|row| !row["full_name"].as_str().is_some_and(|name| name.contains(&own)));
            tally.foreign.fetch_add(foreign.count(), Ordering::Relaxed);
            tally.reads.fetch_add(1, Ordering::Relaxed);
        }
        for organization in [person.organization_id, Uuid::nil()] {
            if let Ok(seen) = scoped(&platform, organization, Mode::Read).await {
                let foreign = seen.iter().filter(|id| **id != organization).count();
                tally.foreign.fetch_add(foreign, Ordering::Relaxed);
                tally.reads.fetch_add(1, Ordering::Relaxed);
            }
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// How often a session was found idle in a transaction for more than a second.
async fn watcher(mut admin: PgConnection, tally: Arc<Tally>) -> Result<i64> {
    let mut found = 0;
    let mut every = tokio::time::interval(Duration::from_millis(50));
    while !tally.over.load(Ordering::Relaxed) {
        every.tick().await;
        found += sqlx::query_scalar::<_, i64>(LINGERING)
            .bind(1.0_f64)
            .fetch_one(&mut admin)
            .await?;
    }
    admin.close().await?;
    Ok(found)
}

/// Waits until no session of the application is in a transaction.
async fn quiet(admin: &mut PgConnection) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut every = tokio::time::interval(Duration::from_millis(10));
    loop {
        every.tick().await;
        let open: i64 = sqlx::query_scalar(LINGERING)
            .bind(0.0_f64)
            .fetch_one(&mut *admin)
            .await?;
        if open == 0 {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{open} transactions are still open");
    }
}

const TRIES: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rollback_hook_is_what_holds() -> Result<()> {
    let with_hook = leaks(true).await?;
    ensure!(
        with_hook == (TRIES, 0),
        "with the hook: {} leaks in {}",
        with_hook.1,
        with_hook.0
    );
    let (tries, leaks) = leaks(false).await?;
    ensure!(
        leaks > 0,
        "the control shows nothing in {tries} cancellations: the storm would prove nothing"
    );
    check(
        "F8",
        true,
        &format!("control: with the hook 0 leaks in {TRIES} cancellations; without it {leaks} in {tries}"),
    )
}

/// Cancels writes of one organization on a pool of one connection, each followed by an empty transaction of another one. A leak
/// is a transaction that is open though nobody holds it, and the abandoned write that the other's commit makes durable.
async fn leaks(rollback_on_release: bool) -> Result<(usize, usize)> {
    let harness = Harness::alone(|config| {
        config.gate.connections = 1;
        config.gate.rollback_on_release = rollback_on_release;
    })
    .await?;
    let (first, second) = (harness.owner().await?, harness.owner().await?);
    let platform = &harness.app.platform;
    let mut admin = harness.admin().await?;
    let mut dice = Dice::seeded();
    let (mut tries, mut found) = (0, 0);
    let mut every = tokio::time::interval(Duration::from_millis(2));
    while tries < TRIES && found < 5 {
        let mark = unique("storm");
        let abandoned = async {
            let mut cx = Cx::begin_job(platform, first.organization_id, "storm", Mode::Write).await?;
            sqlx::query(MARK)
                .bind(first.organization_id)
                .bind(&mark)
                .execute(cx.db())
                .await?;
            // Never ends: it is always cancelled before its commit.
            std::future::pending::<Result<(), platform_core::Problem>>().await
        };
        let patience = Duration::from_micros(dice.below(4000).try_into()?);
        ensure!(timeout(patience, abandoned).await.is_err(), "it ended");
        tries += 1;
        // The connection comes back on a task of the pool's own.
        let deadline = Instant::now() + Duration::from_millis(if rollback_on_release { 5000 } else { 100 });
        let mut open = true;
        while open && Instant::now() < deadline {
            open = sqlx::query_scalar::<_, i64>(LINGERING)
                .bind(0.0_f64)
                .fetch_one(&mut admin)
                .await?
                > 0;
            every.tick().await;
        }
        Cx::begin_job(platform, second.organization_id, "storm", Mode::Write)
            .await?
            .commit()
            .await?;
        let kept = sqlx::query_scalar::<_, i64>(MARKED)
            .bind(first.organization_id)
            .bind(&mark);
        let kept = kept.fetch_one(&mut admin).await? > 0;
        found += usize::from(open || kept);
    }
    Ok((tries, found))
}
