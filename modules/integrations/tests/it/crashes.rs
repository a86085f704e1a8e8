//! Processes that end in the middle: the worker, and the server itself.

use std::process::Command;
use std::time::Duration;

use fuel_simulator::{Config, Mode, Simulator};
use serde_json::json;

use crate::guests::{block_on, own_host};
use crate::world::{World, few_pages, quick};

/// 70 bills in 14 pages: room for crashes between them.
fn many_pages() -> Config {
    Config {
        per_page: 5,
        ..few_pages()
    }
}

#[test]
fn the_worker_is_killed_in_the_middle_of_a_run() {
    block_on(async {
        if crate::guests::catalogue().is_none() {
            return;
        }
        let simulator = Simulator::start(few_pages()).await.unwrap();
        let host = own_host(&simulator.origin());
        let mut world = World::with(host, simulator, quick()).await.unwrap();
        let path = world.install().await;
        world.simulator.control(|config| config.mode = Mode::Slow);
        let (_runner, _stop) = world.start();
        let run = world.ask(&path).await;
        world.when(&run, |row| row["pages"] == 1).await;
        let pid = world.host.worker_pid().await.unwrap();
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
        assert!(killed.success());
        let run = world.ended(&run).await;
        let log = world.log(&run).await;
        assert_eq!(
            (&run["status"], &run["pages"], &run["created"]),
            (&json!("succeeded"), &json!(4), &json!(70)),
            "{log}"
        );
        assert!(log.contains("plugin_lost"), "{log}");
        assert_eq!(world.sunk().await, world.bills());
        assert_ne!(world.host.worker_pid().await.unwrap(), pid);
    });
}

#[test]
fn the_server_is_killed_again_and_again_and_the_run_goes_on() {
    block_on(async {
        // 24 pages: however fast one goes, the last is not reached before the last crash.
        let pages = Config {
            per_page: 3,
            ..few_pages()
        };
        let Some(mut world) = World::new(pages, quick()).await else {
            return;
        };
        let path = world.install().await;
        let run = world.ask(&path).await;
        let mut killed = 0;
        let ended = loop {
            let attempts = world.get(&run).await["attempts"].as_i64();
            let (runner, _stop) = world.start();
            if killed == 4 {
                break world.ended(&run).await;
            }
            // Not before this try has begun: what the one before sent last may be stored after its end.
            world.when(&run, |row| row["attempts"].as_i64() > attempts).await;
            // Everywhere: before the first page, in a call, in a transaction, between two pages.
            let pages = world.get(&run).await["pages"].as_i64().unwrap();
            world.when(&run, |row| row["pages"].as_i64() > Some(pages)).await;
            tokio::time::sleep(Duration::from_millis(7 * killed)).await;
            runner.abort();
            let _ = runner.await;
            killed += 1;
            assert!(
                world.get(&run).await["finished_at"].is_null(),
                "it was killed before the end"
            );
            world.pass(31);
        };
        let log = world.log(&ended).await;
        assert_eq!(
            (&ended["status"], &ended["attempts"]),
            (&json!("succeeded"), &json!(5)),
            "{ended:#}\n{log}"
        );
        assert_eq!(
            (&ended["pages"], &ended["received"], &ended["created"]),
            (&json!(24), &json!(70), &json!(70)),
            "{log}"
        );
        assert_eq!(log.matches("The server ended in the middle").count(), 4, "{log}");
        assert_eq!(world.sunk().await, world.bills());
    });
}

#[test]
fn a_run_that_never_survives_is_marked_and_the_next_one_goes_on() {
    block_on(async {
        let Some(mut world) = World::new(many_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        // From the third page on the provider takes its time: no try gets to the end before it is cut off.
        world
            .simulator
            .control(|config| (config.mode, config.from_page) = (Mode::Slow, 3));
        let run = world.ask(&path).await;
        for _ in 0..5 {
            // Before the start: a try may begin sooner than we look.
            let attempts = world.get(&run).await["attempts"].as_i64().unwrap();
            let (runner, _stop) = world.start();
            world.when(&run, |row| row["attempts"].as_i64() > Some(attempts)).await;
            runner.abort();
            let _ = runner.await;
            world.pass(31);
        }
        let (runner, stop) = world.start();
        let ended = world.ended(&run).await;
        assert_eq!(
            (&ended["status"], &ended["problem_code"]),
            (&json!("interrupted"), &json!("run_interrupted"))
        );
        stop.cancel();
        runner.await.unwrap();
        world.simulator.control(|config| config.mode = Mode::Good);
        let next = world.run(&path).await;
        assert_eq!(next["status"], "succeeded");
        let created = ended["created"].as_i64().unwrap() + next["created"].as_i64().unwrap();
        assert_eq!(created, 70);
        assert_eq!(world.sunk().await, world.bills());
    });
}

#[test]
fn stopping_in_the_middle_is_no_failure() {
    block_on(async {
        let Some(mut world) = World::new(many_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        world
            .simulator
            .control(|config| (config.mode, config.from_page) = (Mode::Slow, 3));
        let run = world.ask(&path).await;
        let (runner, stop) = world.start();
        world.when(&run, |row| row["pages"] == 2).await;
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(1), runner)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(world.get(&run).await["status"], "running");
        world.simulator.control(|config| config.mode = Mode::Good);
        // No lease has to end: the job was given back.
        let (_runner, _stop) = world.start();
        let ended = world.ended(&run).await;
        assert_eq!((&ended["status"], &ended["created"]), (&json!("succeeded"), &json!(70)));
        assert_eq!(world.sunk().await, world.bills());
    });
}

#[test]
fn switching_off_ends_a_run_that_is_under_way() {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        world
            .simulator
            .control(|config| (config.mode, config.from_page) = (Mode::Slow, 2));
        let (_runner, _stop) = world.start();
        let run = world.ask(&path).await;
        world.when(&run, |row| row["pages"] == 1).await;
        world.post(&format!("{path}/disable"), json!({})).await.expect(200);
        let ended = world.ended(&run).await;
        assert_eq!(
            (&ended["status"], &ended["problem_code"]),
            (&json!("failed"), &json!("plugin_disabled"))
        );
        assert_eq!(world.get(&path).await["status"], "disabled");
        assert_eq!(world.sunk().await.len(), 20);
    });
}
