//! P2: guests that want all the memory there is.

use platform_plugin_host::{FaultKind, Limits};

use super::handmade::{Handmade, length};
use super::{check, fault, status_bytes, told};
use crate::support::{Installation, block_on, own_host, plugin};

const MIB: u64 = 1024 * 1024;
const LIMIT: u64 = 32 * MIB;

pub const GUESTS: [&str; 2] = ["allocate", "allocate_politely"];
/// Those that are written by hand.
pub const HANDMADE: [&str; 10] = [
    "grows to 4 GiB",
    "begins with 4 GiB",
    "begins with 65 MiB",
    "grows a table",
    "begins with a table of a million",
    "a million globals",
    "more globals than an instance holds",
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
        let (mut peaks, mut grown) = (Vec::new(), Vec::new());
        for behaviour in GUESTS {
            let before = begin(pid);
            installation = Installation::hostile(&guest, behaviour);
            installation.limits = limits;
            let outcome = installation.pull(&host, None).await;
            peaks.push(outcome.stats.memory_peak_bytes);
            grown.push((status_bytes(pid, "VmHWM").saturating_sub(before), behaviour));
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
            let before = begin(pid);
            if host.prepare(&plugin).await.is_err() {
                refused += 1;
            } else {
                let mut installation = Installation::hostile(&plugin, "");
                installation.limits = limits;
                let outcome = host.call_check(installation.call()).await;
                peaks.push(outcome.stats.memory_peak_bytes);
                refused += usize::from(outcome.answer.is_err());
            }
            grown.push((status_bytes(pid, "VmHWM").saturating_sub(before), name));
        }
        assert_eq!(host.worker_pid().await.unwrap(), pid, "none of it ended the worker");
        let most = peaks.into_iter().max().unwrap_or_default();
        let (grown, by) = grown.into_iter().max().unwrap_or_default();
        let figure = format!(
            "{refused} of {} handmade guests refused; a guest of 32 MiB held at most {} MiB, the worker's {} MiB grew by at most {} MiB for one ({by})",
            HANDMADE.len(),
            most / MIB,
            idle / MIB,
            grown / MIB
        );
        check(
            "P2",
            refused == HANDMADE.len() && most <= LIMIT && grown <= LIMIT + 32 * MIB,
            &figure,
        );
    });
}

/// The worker's memory now, which is its peak from here on.
fn begin(pid: u32) -> u64 {
    // Only its owner and root may do that; the peak of all before is then counted too.
    let _ = std::fs::write(format!("/proc/{pid}/clear_refs"), "5");
    status_bytes(pid, "VmRSS")
}

/// So many times `(global (mut i64) (i64.const 1))`, as bytes.
fn globals(count: usize) -> Vec<u8> {
    let mut globals = Vec::new();
    length(&mut globals, count);
    globals.extend([0x7e, 0x01, 0x42, 0x01, 0x0b].repeat(count));
    globals
}

fn handmade(name: &str) -> Handmade<'static> {
    let with = |fields: &'static str, body: &'static str| Handmade {
        fields,
        body,
        ..Handmade::default()
    };
    let text = |text: String| -> &'static str { text.leak() };
    let large = |number, content| Handmade {
        fields: r#"(memory (export "memory") 2)"#,
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
        "a million globals" => large(6, globals(1_000_000)),
        "more globals than an instance holds" => large(6, globals(70_000)),
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
