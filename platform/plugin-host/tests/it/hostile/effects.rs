//! P8: nothing of a call that ended badly stays, neither in what is committed nor in what the next call sees.

use platform_plugin_host::Limits;
use serde_json::json;

use super::{check, is_long, told};
use crate::support::{Installation, block_on, host, plugin};

pub const GUESTS: [&str; 7] = [
    "kv_then_panic",
    "kv_then_loop",
    "kv_then_allocate",
    "kv_then_flood",
    "kv_then_fail",
    "count",
    "remember",
];
const WRITES: [&str; 5] = [
    "kv_then_panic",
    "kv_then_loop",
    "kv_then_allocate",
    "kv_then_flood",
    "kv_then_fail",
];

#[test]
fn nothing_of_a_call_that_failed_stays() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let rounds = if is_long() { 100 } else { 10 };
        let (mut committed, mut seen_again) = (0, 0);
        for _ in 0..rounds {
            for behaviour in WRITES {
                let mut installation = Installation::hostile(&guest, behaviour);
                installation.limits = Limits {
                    cpu_ms: 60,
                    ..Limits::default()
                };
                let outcome = installation.pull(&host, None).await;
                assert!(outcome.answer.is_err(), "{behaviour}");
                committed += outcome.kv_writes.len();
                // The same component, and often the same place in the pool.
                let counted = Installation::hostile(&guest, "count").pull(&host, None).await;
                seen_again += usize::from(told(&counted) != "1");
            }
        }
        let calls = rounds * WRITES.len();
        let figure = format!("{committed} writes of {calls} failed calls handed over, {seen_again} stores used twice");
        check("P8", committed == 0 && seen_again == 0, &figure);
    });
}

#[test]
fn nothing_of_one_tenant_is_in_the_memory_of_the_next() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let rounds = if is_long() { 200 } else { 10 };
        let mut found = 0;
        for round in 0..rounds {
            let word = format!("canary-{round:04}-of-the-first-tenant");
            let settings = json!({"behaviour": "remember", "word": word});
            let mut first = Installation::new(&guest, settings);
            first.organization_id = "first".into();
            first.pull(&host, None).await.answer.expect("it remembers");
            // Who looks for it holds it once, in memory that it does not look at.
            let mut second = Installation::new(&guest, json!({"behaviour": "scan", "word": word}));
            second.organization_id = "second".into();
            second.limits.cpu_ms = 10_000;
            let said = told(&second.pull(&host, None).await);
            let (count, held) = said.split_once(' ').unwrap();
            assert!(held.contains("in 2"), "it looked through more than 20 MiB: {said}");
            found += count.parse::<usize>().unwrap();
        }
        check(
            "P8",
            found == 0,
            &format!("{found} words of another tenant found in 24 MiB of {rounds} fresh memories"),
        );
    });
}
