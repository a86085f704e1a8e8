//! Bad providers: what was stored before stays, the run says what happened, and the next run goes on.

use fuel_simulator::Mode;
use serde_json::json;

use crate::guests::block_on;
use crate::world::{World, few_pages, quick};

/// The first page is good, from the second on the provider is bad; then it is good again.
fn bad(mode: Mode, code: &str, attention: bool) {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        world
            .simulator
            .control(|config| (config.mode, config.from_page) = (mode, 2));
        let run = world.run(&path).await;
        let log = world.log(&run).await;
        assert_eq!(
            (&run["status"], &run["problem_code"]),
            (&json!("failed"), &json!(code)),
            "{run:#}\n{log}"
        );
        assert!(log.contains(&format!("The run ended: {code}")), "{log}");
        for language in ["en", "ar"] {
            let locale = platform_core::Locale::from_accept(Some(language));
            assert_ne!(world.platform.catalogue.problem(locale, code, &[]), code, "has words");
        }
        let row = world.get(&path).await;
        let expected = if attention {
            ("needs_attention", json!(code))
        } else {
            ("active", json!(null))
        };
        assert_eq!(
            (row["status"].as_str().unwrap(), &row["status_reason"]),
            (expected.0, &expected.1)
        );
        let bills = world.bills();
        let stored = world.sunk().await;
        assert!(stored.len() >= 20, "the first page is kept: {}", stored.len());
        if mode != Mode::Endless {
            assert_eq!(stored.len(), 20);
            assert!(stored.iter().all(|(id, amount)| bills.get(id) == Some(amount)));
        }

        world.simulator.control(|config| config.mode = Mode::Good);
        let run = world.run(&path).await;
        assert_eq!(run["status"], "succeeded", "{run:#}\n{}", world.log(&run).await);
        let mut stored = world.sunk().await;
        // The endless provider's own inventions are bills like any other.
        stored.retain(|id, _| mode != Mode::Endless || bills.contains_key(id));
        assert_eq!(stored, bills, "nothing is lost and nothing doubled");
        let row = world.get(&path).await;
        assert_eq!(
            (&row["status"], &row["status_reason"]),
            (&json!("active"), &json!(null))
        );
        let run = world.run(&path).await;
        assert_eq!(
            (&run["status"], &run["created"], &run["updated"]),
            (&json!("succeeded"), &json!(0), &json!(0))
        );
    });
}

#[test]
fn a_provider_that_answers_500() {
    bad(Mode::Http500, "provider_failing", false);
}

#[test]
fn a_provider_that_answers_garbage() {
    bad(Mode::Garbage, "provider_garbage", false);
}

#[test]
fn a_provider_that_breaks_off() {
    bad(Mode::Truncated, "provider_garbage", false);
}

#[test]
fn a_provider_whose_list_has_no_end() {
    bad(Mode::Endless, "endless_pages", false);
}

#[test]
fn a_provider_that_gives_the_same_page_for_ever() {
    bad(Mode::SamePage, "same_page", false);
}

#[test]
fn a_provider_that_hangs() {
    bad(Mode::Hang, "provider_silent", false);
}

#[test]
fn a_provider_that_refuses_the_key() {
    bad(Mode::WrongAuth, "provider_refused_key", true);
}

#[test]
fn a_provider_that_wants_us_to_slow_down() {
    bad(Mode::RateLimited, "provider_busy", false);
}

#[test]
fn a_provider_that_sends_us_elsewhere() {
    bad(Mode::Redirect, "plugin_settings_wrong", true);
}

#[test]
fn a_provider_that_sends_too_much() {
    bad(Mode::Huge, "provider_garbage", false);
}

#[test]
fn what_comes_twice_is_stored_once_and_what_fails_for_a_moment_is_asked_again() {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        world.simulator.control(|config| config.mode = Mode::Duplicates);
        let (_runner, _stop) = world.start();
        let run = world.ask(&path).await;
        let run = world.ended(&run).await;
        assert_eq!(
            (&run["status"], &run["repeated"]),
            (&json!("succeeded"), &json!(70)),
            "{run:#}"
        );
        assert_eq!(world.sunk().await, world.bills());

        world.simulator.control(|config| config.mode = Mode::Http500);
        let before = world.simulator.requests();
        let run = world.ask(&path).await;
        world.when(&run, |row| row["status"] == "running").await;
        while world.simulator.requests() == before {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        world.simulator.control(|config| config.mode = Mode::Good);
        let run = world.ended(&run).await;
        assert_eq!(run["status"], "succeeded", "{}", world.log(&run).await);
    });
}
