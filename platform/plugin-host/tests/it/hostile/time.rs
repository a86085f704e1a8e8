//! P1: guests that never end.

use std::time::{Duration, Instant};

use platform_plugin_host::{FaultKind, Limits};

use super::handmade::Handmade;
use super::{check, check_time, fault, is_long, percentile};
use crate::support::{Installation, block_on, host, own_host, plugin};

/// Spinning in code of its own, in memory, in the runtime's bulk operations, in calls of the host that it answers itself, and in
/// calls that the server answers; then two that end in another way, and two that spin where nobody called them.
pub const GUESTS: [&str; 10] = [
    "loop",
    "loop_memory",
    "loop_fill",
    "loop_sort",
    "call_flood",
    "loop_log",
    "loop_kv",
    "recurse",
    "recursion without memory",
    "spins when the host asks for memory",
];
/// Those of them that only time stops.
const ENDLESS: [&str; 7] = [
    "loop",
    "loop_memory",
    "loop_fill",
    "loop_sort",
    "call_flood",
    "loop_log",
    "loop_kv",
];

const DEADLINE: Duration = Duration::from_millis(100);

#[test]
fn an_endless_guest_ends_at_its_deadline_alone() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        host.prepare(&guest).await.unwrap();
        let runs = if is_long() { 200 } else { 12 };
        let mut figures = Vec::new();
        let mut worst = Duration::ZERO;
        for behaviour in ENDLESS {
            // What else the machine does only ever adds to it: the best of three is the guest's own.
            let mut p99 = Duration::MAX;
            for _ in 0..3 {
                let mut times = Vec::new();
                for _ in 0..runs {
                    let mut installation = Installation::hostile(&guest, behaviour);
                    let deadline_ms = u32::try_from(DEADLINE.as_millis()).unwrap();
                    installation.limits = Limits {
                        cpu_ms: deadline_ms,
                        // Who waits for the server uses no processor: there the other clock decides.
                        wall_ms: if behaviour == "loop_kv" { deadline_ms } else { 10_000 },
                        host_calls: 1 << 30,
                        kv_calls: 1 << 30,
                        ..Limits::default()
                    };
                    let started = Instant::now();
                    let outcome = installation.pull(&host, None).await;
                    times.push(started.elapsed());
                    assert_eq!(
                        fault(&outcome).0,
                        FaultKind::Timeout,
                        "{behaviour}: {:?}",
                        outcome.answer
                    );
                }
                p99 = p99.min(percentile(&times, 99));
                if p99 <= DEADLINE.mul_f64(1.1) {
                    break;
                }
            }
            worst = worst.max(p99);
            figures.push(format!("{behaviour} {:.1}", p99.as_secs_f64() * 1e3));
        }
        let figure = format!("p99 of {runs} runs for a deadline of 100 ms: {} ms", figures.join(", "));
        check_time("P1", worst <= DEADLINE.mul_f64(1.1), &figure);
    });
}

#[test]
fn recursion_ends_at_the_stack_and_not_in_the_host() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        let before = host.worker_pid().await.unwrap();
        let in_memory = Installation::hostile(&guest, "recurse").pull(&host, None).await;
        assert_eq!(fault(&in_memory).0, FaultKind::Trap);
        let endless = Handmade {
            fields: r#"(memory (export "memory") 2) (func $again (param i64) (result i64)
                (i64.add (i64.const 1) (call $again (i64.add (local.get 0) (i64.const 1)))))"#,
            body: "(drop (call $again (i64.const 0))) unreachable",
            ..Handmade::default()
        };
        let endless = endless.plugin(&guest);
        let mut times = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            let outcome = host.call_check(Installation::hostile(&endless, "").call()).await;
            times.push(started.elapsed());
            let (kind, detail) = fault(&outcome);
            assert!(kind == FaultKind::Trap && detail.contains("stack"), "{kind:?} {detail}");
        }
        // The first call compiled it.
        let longest = times.into_iter().skip(1).max().unwrap();
        assert_eq!(host.worker_pid().await.unwrap(), before);
        let figure = format!(
            "recursion: stopped by the stack's end in {:.1} ms",
            longest.as_secs_f64() * 1e3
        );
        check("P1", longest <= DEADLINE.mul_f64(1.1), &figure);
    });
}

#[test]
fn time_is_counted_also_where_nobody_called_the_guest() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let spin = "(loop $again (br $again)) unreachable";
        let when_asked = Handmade {
            realloc: spin,
            ..Handmade::default()
        };
        let mut installation = Installation::hostile(&when_asked.plugin(&guest), "");
        installation.limits.cpu_ms = 100;
        let outcome = host.call_check(installation.call()).await;
        assert_eq!(fault(&outcome).0, FaultKind::Timeout);
        let fields = format!(r#"(memory (export "memory") 2) (func $start {spin}) (start $start)"#);
        let when_started = Handmade {
            fields: &fields,
            ..Handmade::default()
        };
        let started = Instant::now();
        let refused = host
            .prepare(&when_started.plugin(&guest))
            .await
            .expect_err("it never starts");
        assert!(refused.detail.contains("it does not start"), "{refused:?}");
        assert!(started.elapsed() < Duration::from_secs(20));
        let after = Handmade {
            fields: r#"(memory (export "memory") 2) (data (i32.const 1024) "\00\00\00\00\00\00\00\00")"#,
            body: "(i32.const 1024)",
            after: "(loop $again (br $again))",
            ..Handmade::default()
        };
        let mut installation = Installation::hostile(&after.plugin(&guest), "");
        installation.limits.cpu_ms = 100;
        let outcome = host.call_check(installation.call()).await;
        assert_eq!(fault(&outcome).0, FaultKind::Timeout, "{:?}", outcome.answer);
    });
}
