//! Events reach every listener of other modules, in order, whatever goes wrong on the way.

use chrono::TimeDelta;
use platform_core::{Cx, Effect, Event, Module, Problem, ids};
use platform_jobs::announce;
use serde_json::{Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::world::{Trouble, World, awake, has_trouble, note, suffer, trouble};

/// An event of a module that this build leaves out.
const EVENT: &str = "yard.vans.created";

async fn ring(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    note(
        cx,
        json!({"by": "bell", "n": event.data["n"], "subject": event.subject}),
    )
    .await
}

/// Writes first and fails then, so that what it wrote has to be undone.
async fn enter(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    note(
        cx,
        json!({"by": "books", "n": event.data["n"], "subject": event.subject}),
    )
    .await?;
    suffer(event.subject).await
}

fn modules() -> Vec<Module> {
    let module = |name, listeners| Module {
        name,
        locales: ("{}", "{}"),
        listeners,
        ..Module::default()
    };
    vec![
        module(
            "bell",
            &[Effect {
                on: EVENT,
                run: |cx, event| Box::pin(ring(cx, event)),
            }],
        ),
        module(
            "books",
            &[Effect {
                on: EVENT,
                run: |cx, event| Box::pin(enter(cx, event)),
            }],
        ),
    ]
}

/// Writes an event as the engine does.
async fn happen(cx: &mut Cx, subject: Uuid, n: i64) -> Uuid {
    let id = ids::new_id();
    let (organization_id, now) = (cx.organization_id, cx.now);
    let write = "INSERT INTO platform.outbox (organization_id, id, name, subject, data, occurred_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    let write = sqlx::query(write)
        .bind(organization_id)
        .bind(id)
        .bind(EVENT)
        .bind(subject)
        .bind(json!({"n": n}))
        .bind(now);
    write.execute(cx.db()).await.unwrap();
    announce(cx).await.unwrap();
    id
}

impl World {
    async fn happens(&self, organization_id: Uuid, subject: Uuid, n: i64) -> Uuid {
        let mut cx = self.begin(organization_id).await;
        let id = happen(&mut cx, subject, n).await;
        cx.commit().await.unwrap();
        id
    }

    /// What a listener heard about a row, in order.
    async fn heard(&self, organization_id: Uuid, by: &str, subject: Uuid) -> Vec<i64> {
        let notes = self.notes(organization_id).await;
        let own = notes
            .iter()
            .filter(|note| note["by"] == by && note["subject"] == json!(subject));
        own.map(|note| note["n"].as_i64().unwrap()).collect()
    }

    /// Whether it is delivered, how often it was refused and why.
    async fn stored(&self, id: Uuid) -> (bool, i64, Option<String>) {
        let row = sqlx::query("SELECT delivered_at, attempts, last_error FROM platform.outbox WHERE id = $1").bind(id);
        let row = row.fetch_one(&mut self.admin().await).await.unwrap();
        let delivered_at: Option<chrono::DateTime<chrono::Utc>> = row.get(0);
        (delivered_at.is_some(), row.get(1), row.get(2))
    }
}

#[tokio::test]
async fn every_listener_hears_every_event_once_within_its_organization() {
    let world = World::with(modules()).await;
    let organizations = [ids::new_id(), ids::new_id()];
    let subject = ids::new_id();
    let (_runner, _stop) = world.start(awake());
    for n in 0..20 {
        for organization_id in organizations {
            world.happens(organization_id, subject, n).await;
        }
    }
    let mut cx = world.begin(organizations[0]).await;
    happen(&mut cx, subject, 99).await;
    cx.rollback().await.unwrap();
    world.settle().await;
    let expected: Vec<i64> = (0..20).collect();
    for organization_id in organizations {
        for by in ["bell", "books"] {
            assert_eq!(world.heard(organization_id, by, subject).await, expected, "{by}");
        }
    }
}

#[tokio::test]
async fn many_events_of_one_transaction_are_one_delivery() {
    let world = World::with(modules()).await;
    let (organization_id, subject) = (ids::new_id(), ids::new_id());
    let mut cx = world.begin(organization_id).await;
    // What is undone in between takes its announcement with it.
    sqlx::query("SAVEPOINT here").execute(cx.db()).await.unwrap();
    happen(&mut cx, subject, 99).await;
    sqlx::query("ROLLBACK TO SAVEPOINT here")
        .execute(cx.db())
        .await
        .unwrap();
    for n in 0..50 {
        happen(&mut cx, subject, n).await;
    }
    cx.commit().await.unwrap();
    world.happens(organization_id, subject, 50).await;
    let jobs = "SELECT count(*) FROM platform.jobs WHERE kind = 'outbox.deliver'";
    let jobs: i64 = sqlx::query_scalar(jobs)
        .fetch_one(&mut world.admin().await)
        .await
        .unwrap();
    assert_eq!(jobs, 2);
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    assert_eq!(
        world.heard(organization_id, "bell", subject).await,
        (0..=50).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_refused_event_stays_and_holds_back_its_own_row_alone() {
    let world = World::with(modules()).await;
    let organization_id = ids::new_id();
    let (bad, good) = (ids::new_id(), ids::new_id());
    for kind in [Trouble::Refuse, Trouble::Panic, Trouble::Refuse] {
        trouble(bad, kind);
    }
    let first = world.happens(organization_id, bad, 1).await;
    let second = world.happens(organization_id, bad, 2).await;
    let other = world.happens(organization_id, good, 1).await;
    let (_runner, _stop) = world.start(awake());
    for (attempts, error) in [
        (1, "books: 409 try_again"),
        (2, "on purpose"),
        (3, "books: 409 try_again"),
    ] {
        world.settle().await;
        let (delivered, tried, why) = world.stored(first).await;
        assert_eq!((delivered, tried), (false, attempts));
        assert!(why.as_deref().is_some_and(|why| why.contains(error)), "{why:?}");
        assert_eq!(world.stored(second).await, (false, 0, None), "waits behind the first");
        assert_eq!(world.stored(other).await, (true, 0, None), "another row goes on");
        assert!(
            world.heard(organization_id, "bell", bad).await.is_empty(),
            "undone with the rest"
        );
        // An event that is announced in the meantime does not try the first one before its time.
        world.happens(organization_id, good, 1 + attempts).await;
        world.settle().await;
        assert_eq!(world.stored(first).await.1, attempts);
        // 10, 20, 40 seconds.
        world.pass(10 * (1 << (attempts - 1)));
    }
    world.settle().await;
    for by in ["bell", "books"] {
        assert_eq!(world.heard(organization_id, by, bad).await, [1, 2], "{by}");
        assert_eq!(world.heard(organization_id, by, good).await, [1, 2, 3, 4], "{by}");
    }
    assert_eq!(world.stored(first).await, (true, 3, None));
}

#[tokio::test]
async fn an_event_is_never_given_up() {
    let world = World::with(modules()).await;
    let (organization_id, subject) = (ids::new_id(), ids::new_id());
    for _ in 0..12 {
        trouble(subject, Trouble::Refuse);
    }
    let event = world.happens(organization_id, subject, 1).await;
    let (_runner, _stop) = world.start(awake());
    for _ in 0..12 {
        world.settle().await;
        world.pass(3600);
    }
    world.settle().await;
    assert_eq!(world.stored(event).await, (true, 12, None));
    assert_eq!(world.heard(organization_id, "books", subject).await, [1]);
}

#[tokio::test]
async fn a_process_that_dies_in_the_middle_leaves_nothing_and_another_goes_on() {
    let world = World::with(modules()).await;
    let (organization_id, subject) = (ids::new_id(), ids::new_id());
    trouble(subject, Trouble::Hang);
    let first = world.happens(organization_id, subject, 1).await;
    let second = world.happens(organization_id, subject, 2).await;
    let (runner, _stop) = world.start(awake());
    while has_trouble(subject) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // As kill -9: nothing is written any more.
    runner.abort();
    let _ = runner.await;
    assert_eq!(world.stored(first).await, (false, 0, None));
    assert!(world.notes(organization_id).await.is_empty());
    let (_runner, _stop) = world.start(awake());
    world.pass(31);
    world.settle().await;
    for by in ["bell", "books"] {
        assert_eq!(world.heard(organization_id, by, subject).await, [1, 2], "{by}");
    }
    assert!(world.stored(second).await.0);
}

#[tokio::test]
async fn what_is_committed_while_another_delivery_runs_is_delivered_in_order() {
    let world = World::with(modules()).await;
    let (organization_id, slow, quick) = (ids::new_id(), ids::new_id(), ids::new_id());
    // A row lock stands in for a listener that takes long: the event is in somebody's hands.
    let first = world.happens(organization_id, slow, 1).await;
    let mut hands = world.begin(organization_id).await;
    let lock = sqlx::query("SELECT 1 FROM platform.outbox WHERE id = $1 FOR UPDATE").bind(first);
    lock.execute(hands.db()).await.unwrap();
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    let second = world.happens(organization_id, slow, 2).await;
    let other = world.happens(organization_id, quick, 1).await;
    world.settle().await;
    assert!(
        !world.stored(second).await.0,
        "its predecessor is still in somebody's hands"
    );
    assert!(world.stored(other).await.0);
    hands.rollback().await.unwrap();
    // Whoever had it comes back or announces anew; here the next event of the organization does.
    world.happens(organization_id, slow, 3).await;
    world.settle().await;
    assert_eq!(world.heard(organization_id, "bell", slow).await, [1, 2, 3]);
}

#[tokio::test]
async fn many_processes_deliver_each_event_once() {
    let world = World::with(modules()).await;
    let twins = [world.twin(modules()), world.twin(modules())];
    let organization_id = ids::new_id();
    let subjects = [ids::new_id(), ids::new_id(), ids::new_id()];
    let _runners = [world.start(awake()), twins[0].start(awake()), twins[1].start(awake())];
    for n in 0..30 {
        for subject in subjects {
            world.happens(organization_id, subject, n).await;
        }
    }
    world.settle().await;
    for subject in subjects {
        assert_eq!(
            world.heard(organization_id, "bell", subject).await,
            (0..30).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn many_events_take_turns_and_none_is_left() {
    let world = World::with(modules()).await;
    let (organization_id, bad) = (ids::new_id(), ids::new_id());
    trouble(bad, Trouble::Refuse);
    let mut cx = world.begin(organization_id).await;
    let first = happen(&mut cx, bad, 1).await;
    for n in 0..450 {
        happen(&mut cx, ids::new_id(), n).await;
    }
    cx.commit().await.unwrap();
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    assert_eq!(world.notes(organization_id).await.len(), 2 * 450);
    // The delivery went on twice since the refusal, and it is not forgotten.
    assert_eq!(world.stored(first).await.1, 1);
    world.pass(10);
    world.settle().await;
    assert!(world.stored(first).await.0);
}

#[tokio::test]
async fn a_module_that_is_switched_off_does_not_hear() {
    let world = World::with(modules()).await;
    let (organization_id, subject) = (world.organization("Asia/Riyadh").await, ids::new_id());
    let (_runner, _stop) = world.start(awake());
    world.switch(organization_id, "books", false).await;
    let event = world.happens(organization_id, subject, 1).await;
    world.settle().await;
    assert!(world.stored(event).await.0);
    world.switch(organization_id, "books", true).await;
    world.happens(organization_id, subject, 2).await;
    world.settle().await;
    assert_eq!(world.heard(organization_id, "bell", subject).await, [1, 2]);
    assert_eq!(world.heard(organization_id, "books", subject).await, [2]);
}

#[tokio::test]
async fn a_forgotten_event_is_found_by_the_clock() {
    let mut build = modules();
    build.push(platform_jobs::module());
    let world = World::with(build).await;
    let (organization_id, subject) = (world.organization("Asia/Riyadh").await, ids::new_id());
    let event = world.happens(organization_id, subject, 1).await;
    let mut admin = world.admin().await;
    sqlx::query("DELETE FROM platform.jobs")
        .execute(&mut admin)
        .await
        .unwrap();
    world.wake_clock(organization_id).await;
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    assert!(!world.stored(event).await.0);
    world.clock.set(world.clock.now() + TimeDelta::minutes(30));
    world.settle().await;
    assert!(world.stored(event).await.0);
    let notes: Vec<Json> = world.notes(organization_id).await;
    assert_eq!(notes.len(), 2);
}
