//! What modules do by the clock happens once, on time, in the zone of the organization.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use platform_core::{Cx, Module, Problem, Schedule, When, ids};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::world::{Trouble, World, awake, has_trouble, note, suffer, trouble};

async fn run(cx: &mut Cx, name: &'static str) -> Result<(), Problem> {
    let (at, today) = (cx.now, cx.today());
    note(
        cx,
        json!({"name": name, "at": at.format("%d %H:%M").to_string(), "today": today}),
    )
    .await?;
    // Trouble is about the often one alone.
    if name == "yard.often" {
        suffer(cx.organization_id).await
    } else {
        Ok(())
    }
}

const MORNING: Schedule = Schedule {
    name: "yard.morning",
    when: When::Daily("06:00"),
    run: |cx| Box::pin(run(cx, "yard.morning")),
};
const OFTEN: Schedule = Schedule {
    name: "yard.often",
    when: When::Every { minutes: 15 },
    run: |cx| Box::pin(run(cx, "yard.often")),
};
const EVENING: Schedule = Schedule {
    name: "yard.evening",
    when: When::Daily("18:00"),
    run: |cx| Box::pin(run(cx, "yard.evening")),
};

fn build(schedules: &'static [Schedule]) -> Vec<Module> {
    vec![Module {
        name: "yard",
        locales: ("{}", "{}"),
        schedules,
        ..Module::default()
    }]
}

impl World {
    /// When a schedule ran, as day and time in UTC.
    async fn runs(&self, organization_id: Uuid, name: &str) -> Vec<String> {
        let notes = self.notes(organization_id).await;
        let own = notes.iter().filter(|note| note["name"] == name);
        own.map(|note| note["at"].as_str().unwrap().to_owned()).collect()
    }

    /// Failures in a row, and why the last one failed.
    async fn state(&self, organization_id: Uuid, name: &str) -> (i64, Option<String>) {
        let row = "SELECT failures, last_error FROM platform.schedules WHERE organization_id = $1 AND name = $2";
        let row = sqlx::query(row)
            .bind(organization_id)
            .bind(name)
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap();
        (row.get(0), row.get(1))
    }

    /// An organization whose clock has looked once; nobody is left to look again.
    async fn planned(&self) -> Uuid {
        let organization_id = self.organization("Asia/Riyadh").await;
        self.wake_clock(organization_id).await;
        let (runner, stop) = self.start(awake());
        self.settle().await;
        stop.cancel();
        runner.await.unwrap();
        organization_id
    }

    /// Moves the clock on step by step, as time does.
    async fn live(&self, minutes: i64, step: i64) {
        for _ in 0..minutes / step {
            self.clock.set(self.clock.now() + TimeDelta::minutes(step));
            self.settle().await;
        }
    }
}

#[tokio::test]
async fn a_daily_run_follows_the_organizations_own_clock_through_the_change_to_summer_time() {
    let world = World::with(build(&[MORNING])).await;
    world.set("2026-03-27T12:00:00Z");
    let (riyadh, berlin) = (
        world.organization("Asia/Riyadh").await,
        world.organization("Europe/Berlin").await,
    );
    let (_runner, _stop) = world.start(awake());
    for organization_id in [riyadh, berlin] {
        world.wake_clock(organization_id).await;
    }
    world.settle().await;
    world.live(3 * 24 * 60, 30).await;
    assert_eq!(
        world.runs(riyadh, "yard.morning").await,
        ["28 03:00", "29 03:00", "30 03:00"]
    );
    assert_eq!(
        world.runs(berlin, "yard.morning").await,
        ["28 05:00", "29 04:00", "30 04:00"]
    );
    let today: Vec<_> = world
        .notes(berlin)
        .await
        .iter()
        .map(|note| note["today"].clone())
        .collect();
    assert_eq!(today, ["2026-03-28", "2026-03-29", "2026-03-30"]);
}

#[tokio::test]
async fn what_was_missed_is_run_once() {
    let world = World::with(build(&[MORNING, OFTEN])).await;
    let organization_id = world.planned().await;
    // Nobody is there for ten days.
    world.set("2026-03-11T12:00:00Z");
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    assert_eq!(world.runs(organization_id, "yard.morning").await, ["11 12:00"]);
    assert_eq!(world.runs(organization_id, "yard.often").await, ["11 12:00"]);
    world.live(24 * 60, 15).await;
    assert_eq!(world.runs(organization_id, "yard.morning").await.len(), 2);
    assert_eq!(world.runs(organization_id, "yard.often").await.len(), 1 + 96);
}

#[tokio::test]
async fn one_that_fails_keeps_nobody_else_waiting_and_comes_back() {
    let world = World::with(build(&[MORNING, OFTEN])).await;
    let organization_id = world.planned().await;
    let (_runner, _stop) = world.start(awake());
    trouble(organization_id, Trouble::Refuse);
    trouble(organization_id, Trouble::Panic);
    world.set("2026-03-02T03:00:00Z");
    world.settle().await;
    assert_eq!(world.runs(organization_id, "yard.morning").await, ["02 03:00"]);
    assert!(
        world.runs(organization_id, "yard.often").await.is_empty(),
        "what it wrote is undone"
    );
    let expected = (1, Some("409 try_again".to_owned()));
    assert_eq!(world.state(organization_id, "yard.often").await, expected);
    world.set("2026-03-02T03:01:00Z");
    world.settle().await;
    let (failures, error) = world.state(organization_id, "yard.often").await;
    assert_eq!(failures, 2);
    assert!(error.is_some_and(|error| error.contains("on purpose")));
    // Two minutes after the second failure, although its next regular time is later.
    world.set("2026-03-02T03:03:00Z");
    world.settle().await;
    assert_eq!(world.runs(organization_id, "yard.often").await, ["02 03:03"]);
    assert_eq!(world.state(organization_id, "yard.often").await, (0, None));
    assert_eq!(world.runs(organization_id, "yard.morning").await.len(), 1);
}

#[tokio::test]
async fn two_servers_never_run_one_twice() {
    const BUILD: &[Schedule] = &[MORNING, OFTEN];
    let world = World::with(build(BUILD)).await;
    let twin = world.twin(build(BUILD));
    let organizations = [
        world.organization("Asia/Riyadh").await,
        world.organization("Europe/Berlin").await,
        world.organization("Asia/Kolkata").await,
    ];
    let _runners = [world.start(awake()), twin.start(awake())];
    for organization_id in organizations {
        // Both servers start, and both find the organization.
        world.wake_clock(organization_id).await;
        twin.wake_clock(organization_id).await;
    }
    world.settle().await;
    world.live(24 * 60, 5).await;
    for organization_id in organizations {
        let mut times = BTreeMap::new();
        for at in world.runs(organization_id, "yard.often").await {
            *times.entry(at).or_insert(0) += 1;
        }
        assert_eq!(times.len(), 96);
        assert!(times.values().all(|count| *count == 1), "{times:?}");
        assert_eq!(world.runs(organization_id, "yard.morning").await.len(), 1);
        let open =
            "SELECT count(*) FROM platform.jobs WHERE organization_id = $1 AND kind = 'clock' AND state = 'queued'";
        let open = sqlx::query_scalar(open).bind(organization_id);
        let open: i64 = open.fetch_one(&mut world.admin().await).await.unwrap();
        assert_eq!(open, 1, "one look is ahead, not one for each server and start");
    }
}

#[tokio::test]
async fn a_run_whose_process_dies_is_done_by_another() {
    let world = World::with(build(&[OFTEN])).await;
    let organization_id = world.planned().await;
    let (runner, _stop) = world.start(awake());
    trouble(organization_id, Trouble::Hang);
    world.pass(15 * 60);
    while has_trouble(organization_id) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // As kill -9: nothing is written any more.
    runner.abort();
    let _ = runner.await;
    assert!(world.runs(organization_id, "yard.often").await.is_empty());
    let (_runner, _stop) = world.start(awake());
    world.pass(31);
    world.settle().await;
    assert_eq!(world.runs(organization_id, "yard.often").await.len(), 1);
    world.pass(15 * 60);
    world.settle().await;
    assert_eq!(
        world.runs(organization_id, "yard.often").await.len(),
        2,
        "and the clock goes on"
    );
}

#[tokio::test]
async fn one_that_kills_every_process_waits_and_the_others_go_on() {
    let world = World::with(build(&[OFTEN])).await;
    let organization_id = world.planned().await;
    world.pass(15 * 60);
    let died = "UPDATE platform.jobs SET state = 'running', attempt = 5, token = id, lease_until = run_at
        WHERE kind = 'clock' AND state = 'queued'";
    sqlx::query(died).execute(&mut world.admin().await).await.unwrap();
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    let (failures, error) = world.state(organization_id, "yard.often").await;
    assert_eq!(
        (failures, error.as_deref()),
        (1, Some("the process ended in every try"))
    );
    world.pass(60);
    world.settle().await;
    assert_eq!(world.runs(organization_id, "yard.often").await.len(), 1);
}

#[tokio::test]
async fn a_new_schedule_reaches_organizations_that_were_there_before() {
    let world = World::with(build(&[MORNING])).await;
    let organization_id = world.planned().await;
    let newer = world.twin(build(&[MORNING, EVENING]));
    newer.wake_clock(organization_id).await;
    let (_runner, _stop) = newer.start(awake());
    newer.settle().await;
    newer.live(24 * 60, 60).await;
    assert_eq!(newer.runs(organization_id, "yard.evening").await, ["01 15:00"]);
    assert_eq!(newer.runs(organization_id, "yard.morning").await, ["02 03:00"]);
}

#[tokio::test]
async fn a_module_that_is_off_and_a_closed_organization_pause() {
    let world = World::with(build(&[MORNING])).await;
    let organization_id = world.planned().await;
    let (_runner, _stop) = world.start(awake());
    world.switch(organization_id, "yard", false).await;
    world.live(3 * 24 * 60, 240).await;
    assert!(world.runs(organization_id, "yard.morning").await.is_empty());
    world.switch(organization_id, "yard", true).await;
    world.settle().await;
    assert_eq!(
        world.runs(organization_id, "yard.morning").await,
        ["04 12:00"],
        "what it missed, once"
    );

    let set = |status: &'static str| {
        let set = "UPDATE platform.organizations SET status = $2 WHERE organization_id = $1";
        sqlx::query(set).bind(organization_id).bind(status)
    };
    set("suspended").execute(&mut world.admin().await).await.unwrap();
    world.live(2 * 24 * 60, 240).await;
    assert_eq!(world.runs(organization_id, "yard.morning").await.len(), 1);
    set("active").execute(&mut world.admin().await).await.unwrap();
    world.wake_clock(organization_id).await;
    world.settle().await;
    assert_eq!(world.runs(organization_id, "yard.morning").await.len(), 2);
}

#[tokio::test]
async fn an_organization_that_is_not_there_has_no_clock() {
    let world = World::with(build(&[MORNING])).await;
    let nobody = ids::new_id();
    world.wake_clock(nobody).await;
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    world.live(24 * 60, 240).await;
    assert!(world.notes(nobody).await.is_empty());
}
