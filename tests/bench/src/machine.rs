//! What the kernel says of processes: CPU time and memory.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::time::Duration;

/// `/proc` counts CPU time in hundredths of a second, whatever the kernel's own clock.
const TICK_US: f64 = 10_000.0;

struct Stat {
    parent: u32,
    own_us: f64,
    reaped_us: f64,
}

fn stat(pid: &str) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may contain anything.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u32>().ok().map(f64::from);
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own_us: (ticks(11)? + ticks(12)?) * TICK_US,
        reaped_us: (ticks(13)? + ticks(14)?) * TICK_US,
    })
}

/// CPU time of a process with all its threads.
pub fn process_us(pid: u32) -> Result<f64> {
    Ok(stat(&pid.to_string()).context("the process is gone")?.own_us)
}

/// CPU time of a server and its children, also of those that have ended: PostgreSQL with its backends. Waits until none is about
/// to end: between its end and its parent's notice its time could be missed.
pub fn family_us(pid: u32) -> Result<f64> {
    let mut before = BTreeSet::new();
    loop {
        let server = stat(&pid.to_string()).context("the database is gone")?;
        let entries = std::fs::read_dir("/proc")?.filter_map(Result::ok);
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let children: Vec<(String, f64)> = names
            .filter_map(|name| {
                stat(&name)
                    .filter(|child| child.parent == pid)
                    .map(|child| (name, child.own_us))
            })
            .collect();
        let alive: BTreeSet<String> = children.iter().map(|(name, _)| name.clone()).collect();
        if alive == before {
            return Ok(server.own_us + server.reaped_us + children.iter().map(|(_, us)| us).sum::<f64>());
        }
        before = alive;
        std::thread::sleep(SETTLE);
    }
}

/// Longer than a backend needs to end.
const SETTLE: Duration = Duration::from_millis(100);

/// CPU time of our own children that have ended.
pub fn reaped_us() -> Result<f64> {
    Ok(stat("self").context("/proc is not mounted")?.reaped_us)
}

/// The most memory a process ever had in RAM.
pub fn peak_mib(pid: u32) -> Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u32 = line
        .and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok())
        .context("VmHWM")?;
    Ok(f64::from(kib) / 1024.0)
}

/// How many processes wanted a processor over the last minute.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

/// Processors and load.
pub fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("", |(_, name)| name);
    format!("{cores} × {model}, load {} at the beginning", load())
}
