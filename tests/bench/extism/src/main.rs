//! Calls a plugin through extism as often as it is told, and says how long each call took.
//!
//! `barq-bench-extism <guest.wasm>`; each line on its standard input is a number of calls, each line of its answer their times in
//! nanoseconds as a JSON array. A call is a fresh instance and one function: JSON in, a record of a kilobyte as JSON out.

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("the guest's file is missing")?;
    // The limits that it offers, as ours has them.
    let guest = std::fs::read(&path).with_context(|| format!("reading {path}"))?;
    let manifest = Manifest::new([Wasm::data(guest)])
        .with_memory_max(1_024)
        .with_timeout(Duration::from_secs(60));
    let builder = PluginBuilder::new(manifest).with_wasi(false).with_cache_disabled();
    let compiled = CompiledPlugin::new(builder)?;
    let context = r#"{"call_id":"0190c5a0-0000-7000-8000-000000000003","organization_id":"0190c5a0-0000-7000-8000-000000000001",
        "installation_id":"0190c5a0-0000-7000-8000-000000000002","time_zone":"Asia/Riyadh","now":1800000000000}"#;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let count: usize = line?.trim().parse().context("a number of calls")?;
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let started = Instant::now();
            let mut plugin = Plugin::new_from_compiled(&compiled)?;
            let page: &[u8] = plugin.call("pull", context)?;
            let page: serde_json::Value = serde_json::from_slice(page)?;
            drop(plugin);
            times.push(u64::try_from(started.elapsed().as_nanos())?);
            ensure!(page["transactions"].as_array().is_some_and(|all| all.len() == 1), "one record is expected");
        }
        writeln!(out, "{}", serde_json::to_string(&times)?)?;
        out.flush()?;
    }
    Ok(())
}
