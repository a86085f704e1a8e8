//! P2: guests that want all the memory there is.

use platform_plugin_host::{FaultKind, Limits};

use super::handmade::{Handmade, length};
use super::{check, fault, status_bytes, told};
use crate::support::{Installation, block_on, own_host, plugin};

const MIB: u64 = 1024 * 1024;
const LIMIT: u64 = 32 * MIB;

pub const GUESTS: [&str; 2] = ["allocate", "allocate_politely"];
/// Those that are written by hand.
pub const HANDMADE: [&str; 9] = [
    "grows to 4 GiB",
    "begins with 4 GiB",
    "begins with 65 MiB",
    "grows a table",
    "begins with a table of a million",
    "a million globals",
    "a hundred memories",
    "fills 4 GiB",
    "huge data",
];

#[test]
fn memory_is_refused_at_the_limit() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        host.prepare(&guest).await.unwrap();
        let pid = host.worker_pid().await.unwrap();
        let limits = Limits {
            memory_bytes: LIMIT,
            cpu_ms: 4_000,
            ..Limits::default()
        };
        let mut installation = Installation::hostile(&guest, "good");
        installation.pull(&host, None).await.answer.expect("it works");
        let idle = status_bytes(pid, "VmRSS");
        let mut peaks = Vec::new();
        for behaviour in GUESTS {
            installation = Installation::hostile(&guest, behaviour);
            installation.limits = limits;
            let outcome = installation.pull(&host, None).await;
            peaks.push(outcome.stats.memory_peak_bytes);
            match behaviour {
                "allocate" => assert_eq!(fault(&outcome).0, FaultKind::Memory),
                _ => assert!(
                    told(&outcome).parse::<u64>().unwrap() < 32,
                    "it got less than the limit"
                ),
            }
        }
        let mut refused = 0;
        for name in HANDMADE {
            let plugin = handmade(name).plugin(&guest);
            if host.prepare(&plugin).await.is_err() {
                refused += 1;
                continue;
            }
            let mut installation = Installation::hostile(&plugin, "");
            installation.limits = limits;
            let outcome = host.call_check(installation.call()).await;
            assert!(outcome.answer.is_err(), "{name}: {:?}", outcome.answer);
            peaks.push(outcome.stats.memory_peak_bytes);
            refused += 1;
        }
        assert_eq!(host.worker_pid().await.unwrap(), pid, "none of it ended the worker");
        let most = peaks.into_iter().max().unwrap_or_default();
        let grown = status_bytes(pid, "VmHWM").saturating_sub(idle);
        let figure = format!(
            "{refused} of {} handmade guests refused; a guest of 32 MiB held at most {} MiB, the worker grew by {} MiB beyond its {} MiB",
            HANDMADE.len(),
            most / MIB,
            grown / MIB,
            idle / MIB
        );
        check(
            "P2",
            refused == HANDMADE.len() && most <= LIMIT && grown <= LIMIT + 32 * MIB,
            &figure,
        );
    });
}

fn handmade(name: &str) -> Handmade<'static> {
    let with = |fields: &'static str, body: &'static str| Handmade {
        fields,
        body,
        ..Handmade::default()
    };
    let text = |text: String| -> &'static str { text.leak() };
    let large = |number, content| Handmade {
        fields: r#"(memory (export "memory") 600)"#,
        section: Some((number, content)),
        ..Handmade::default()
    };
    match name {
        "grows to 4 GiB" => with(
            r#"(memory (export "memory") 2)"#,
            "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable",
        ),
        "begins with 4 GiB" => with(r#"(memory (export "memory") 65536)"#, "unreachable"),
        "begins with 65 MiB" => with(r#"(memory (export "memory") 1040)"#, "unreachable"),
        "grows a table" => with(
            r#"(memory (export "memory") 2) (table $t 1 funcref)"#,
            "(loop $more (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 500)) (i32.const -1)))) unreachable",
        ),
        "begins with a table of a million" => {
            with(r#"(memory (export "memory") 2) (table 1000000 funcref)"#, "unreachable")
        }
        "a million globals" => {
            // `(global (mut i64) (i64.const 1))`, as bytes.
            let mut globals = Vec::new();
            length(&mut globals, 1_000_000);
            globals.extend([0x7e, 0x01, 0x42, 0x01, 0x0b].repeat(1_000_000));
            large(6, globals)
        }
        "a hundred memories" => with(
            text(format!(r#"(memory (export "memory") 2) {}"#, "(memory 100)".repeat(99))),
            "unreachable",
        ),
        "fills 4 GiB" => with(
            r#"(memory (export "memory") 2)"#,
            "(memory.fill (i32.const 0) (i32.const 1) (i32.const -1)) unreachable",
        ),
        "huge data" => {
            let mut data = vec![1, 0, 0x41, 0, 0x0b];
            length(&mut data, 20 << 20);
            data.resize(data.len() + (20 << 20), b'x');
            large(11, data)
        }
        other => panic!("{other}"),
    }
}
