//! What is enqueued runs once, whatever dies.

use std::time::Duration;

use chrono::TimeDelta;
use platform_core::ids;
use platform_database::Role;
use platform_jobs::{DUE, JobCall, LATE, RunnerOptions, STATEMENTS, enqueue};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::world::{World, asleep, awake};

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
    for statement in [DUE, LATE] {
        dispatch.prepare(sqlx::SqlStr::from_static(statement)).await.unwrap();
    }
    world.enqueue(ids::new_id(), "good", None).await;
    let payload = dispatch.execute("SELECT payload FROM platform.jobs").await;
    assert!(payload.is_err(), "the dispatcher learns nothing about the work");
}

#[tokio::test]
async fn who_waits_too_long_is_known_and_nothing_else_about_it() {
    let world = World::new().await;
    let (first, second) = (ids::new_id(), ids::new_id());
    world.enqueue(first, "good", None).await;
    world.pass(60);
    world.enqueue(second, "good", None).await;
    world.enqueue(first, "good", None).await;
    let since = world.clock.now() - TimeDelta::seconds(60);
    let late = async |before| world.late(before).await;
    assert_eq!(late(since).await, []);
    assert_eq!(late(since + TimeDelta::seconds(1)).await, [(first, since)]);
    let all = late(world.clock.now() + TimeDelta::seconds(1)).await;
    assert_eq!(all, [(first, since), (second, world.clock.now())]);
}
