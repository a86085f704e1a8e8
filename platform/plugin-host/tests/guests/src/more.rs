//! Further misbehaviour: time that is wasted in other ways, memory that is looked through, names of others.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

use barq_plugin::{CallContext, Failure, FuelPage, Result, http, kv, log, settings};

use crate::{page, spin, told};

/// Lives as long as the guest's memory does: one call, or something is wrong.
static CALLS: AtomicU32 = AtomicU32::new(0);

pub fn pull(behaviour: &str, ctx: &CallContext) -> Result<FuelPage> {
    match behaviour {
        "loop_memory" => {
            let mut cells = vec![0_u32; 1 << 16];
            let mut at = 1_usize;
            loop {
                at = black_box(at.wrapping_mul(1_103_515_245).wrapping_add(12_345));
                let cell = at % cells.len();
                cells[cell] = black_box(cells[cell].wrapping_add(1));
            }
        }
        "loop_fill" => {
            let mut bytes = vec![0_u8; 16 << 20];
            loop {
                bytes.fill(black_box(7));
                black_box(&bytes);
            }
        }
        "loop_log" => loop {
            log::info("again", &[]);
        },
        "loop_kv" => loop {
            let _ = black_box(kv::get::<String>("nothing"));
        },
        "loop_sort" => loop {
            let mut numbers: Vec<u32> = (0..100_000).map(|n: u32| black_box(n.wrapping_mul(2_654_435_761))).collect();
            numbers.sort_unstable();
            black_box(numbers);
        },
        "allocate_politely" => {
            let mut held: Vec<Vec<u8>> = Vec::new();
            loop {
                let mut more = Vec::new();
                if more.try_reserve_exact(1 << 20).is_err() {
                    return told(held.len().to_string());
                }
                more.resize(1 << 20, 1);
                held.push(black_box(more));
            }
        }
        "big_failure" => told("x".repeat(3 << 20)),
        "big_kv_values" => {
            let value = "x".repeat(60 << 10);
            let mut stored = 0;
            for i in 0..1_700 {
                if kv::set(&format!("value-{i}"), &value).is_ok() {
                    stored += 1;
                }
            }
            log::info("stored", &[("n", &stored)]);
            Ok(page(Vec::new()))
        }
        "million_keys" => {
            let mut stored = 0;
            for i in 0..1_000_000 {
                if kv::set(&format!("key-{i}"), &1).is_ok() {
                    stored += 1;
                }
            }
            log::info("stored", &[("n", &stored)]);
            Ok(page(Vec::new()))
        }
        // Leaves what it was told all over its memory.
        "remember" => {
            let word = settings::get("word").unwrap_or_default();
            let copies: Vec<String> = (0..20_000).map(|_| word.clone()).collect();
            black_box(&copies);
            Ok(page(Vec::new()))
        }
        // Looks for somebody else's words in all the memory it can get.
        "scan" => {
            let word = settings::get("word").unwrap_or_default();
            let mut found = 0;
            let mut held = Vec::new();
            loop {
                let mut more: Vec<u8> = Vec::new();
                if held.len() >= 24 || more.try_reserve_exact(1 << 20).is_err() {
                    break;
                }
                found += count(more.spare_capacity_mut(), word.as_bytes());
                held.push(more);
            }
            told(format!("{found} in {} MiB", held.len()))
        }
        "count" => told(format!("{}", CALLS.fetch_add(1, Ordering::Relaxed) + 1)),
        "kv_then_panic" => {
            kv::set("counter", &9)?;
            panic!("after writing")
        }
        "kv_then_loop" => {
            kv::set("counter", &9)?;
            spin()
        }
        "kv_then_allocate" => {
            kv::set("counter", &9)?;
            let mut held = Vec::new();
            loop {
                held.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        "kv_then_flood" => {
            kv::set("counter", &9)?;
            loop {
                black_box(settings::get("behaviour"));
            }
        }
        // Asks for what is another organization's under every name it can think of.
        "forge" => forge(ctx),
        "fetch_each" => {
            let targets = settings::get("targets").unwrap_or_default();
            let answers = targets.lines().map(|url| {
                let answer = http::get(url).send().map(|response| response.status());
                format!("{url} {answer:?}")
            });
            told(answers.collect::<Vec<_>>().join("\n"))
        }
        other => told(format!("unknown behaviour {other:?}")),
    }
}

/// How often the bytes are in memory that nobody has written to yet in this call.
fn count(memory: &mut [std::mem::MaybeUninit<u8>], of: &[u8]) -> usize {
    if of.is_empty() {
        return 0;
    }
    // SAFETY: a guest's memory has no bytes that are not initialized: they are zero or what somebody left there, and that
    // is the question.
    let bytes = unsafe { std::slice::from_raw_parts(memory.as_ptr().cast::<u8>(), memory.len()) };
    bytes.windows(of.len()).filter(|window| *window == of).count()
}

fn forge(ctx: &CallContext) -> Result<FuelPage> {
    let other = settings::get("other").unwrap_or_default();
    let installation = &ctx.installation_id;
    let names = [
        "balance".to_owned(),
        format!("{other}/balance"),
        format!("{other}:balance"),
        format!("{other}\0balance"),
        format!("../{other}/balance"),
        format!("/{other}/{installation}/balance"),
        format!("../../{other}/balance"),
        format!("organization_id={other};balance"),
        format!("balance' OR organization_id = '{other}"),
        format!("{other}\u{200b}balance"),
        format!("%2e%2e/{other}/balance"),
        "*".to_owned(),
    ];
    let mut seen = Vec::new();
    for name in &names {
        if let Ok(Some(value)) = kv::get::<String>(name) {
            seen.push(format!("kv {name}: {value}"));
        }
        if let Some(value) = settings::get(name) {
            seen.push(format!("setting {name}: {value}"));
        }
        if barq_plugin::bindings::barq::plugin::secrets::is_set(name) {
            seen.push(format!("secret {name}"));
        }
    }
    kv::set(&format!("../{other}/balance"), &"forged").map_err(|_| Failure::permanent("kv", "refused"))?;
    log::info("forged", &[("organization_id", &other), ("seen", &seen.len())]);
    told(seen.join("\n"))
}
