//! What many tenants cost: memory when they share versions, waiting when some of them spin, and how long it takes until a first call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{call_of, median_us};
use crate::artefacts::ArtefactStore;
use crate::catalogue::{Component, Plugin};
use crate::guard::AllowList;
use crate::host::{HostOptions, PluginHost};
use crate::limits::Limits;
use crate::process::WorkerCommand;

/// Tenants of the measurement of memory, and plugins that each of them calls.
const TENANTS: usize = 1_000;
const PLUGINS: usize = 3;
/// Tenants whose guests do nothing but spin.
const SPINNING: usize = 8;
/// Starts of each kind; a machine does other things too.
const STARTS: usize = 9;

/// The worker's memory in mebibytes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Density {
    pub idle_mib: f64,
    /// After every tenant called every plugin once.
    pub used_mib: f64,
    /// The most that it ever had.
    pub peak_mib: f64,
    pub calls: usize,
}

/// Medians of a good call, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Neighbours {
    pub quiet_us: f64,
    pub beside_spinning_us: f64,
    pub ratio: f64,
}

/// Medians, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Starts {
    /// Nothing is there: a worker is started, the component compiled, loaded and called.
    pub compiled_ms: f64,
    /// The artefact is on the disk: a worker is started, the artefact verified, mapped and called.
    pub cold_ms: f64,
    /// A worker runs and the artefact is open: it is mapped and called.
    pub warm_ms: f64,
}

fn host(worker: &WorkerCommand, artefacts: ArtefactStore) -> anyhow::Result<PluginHost> {
    PluginHost::new(HostOptions {
        worker: worker.clone(),
        allow: AllowList::default(),
        artefacts,
    })
}

async fn prepare(host: &PluginHost, plugin: &Plugin) -> anyhow::Result<()> {
    match host.prepare(plugin).await {
        Ok(()) => Ok(()),
        Err(fault) => bail!("the plugin is refused: {}", fault.detail),
    }
}

/// The same plugin as another version of it: a section that nothing reads.
fn version(plugin: &Plugin, number: usize) -> anyhow::Result<Plugin> {
    let name = format!("version-{number}");
    let mut bytes = plugin.component.bytes.to_vec();
    bytes.extend([0, u8::try_from(name.len() + 1)?, u8::try_from(name.len())?]);
    bytes.extend(name.as_bytes());
    Ok(Plugin {
        component: Component::new(bytes),
        ..plugin.clone()
    })
}

fn mib(pid: u32, name: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .context("the worker's memory")?;
    let kib: f64 = line
        .trim_start_matches(':')
        .split_whitespace()
        .next()
        .context("a figure")?
        .parse()?;
    Ok(kib / 1024.0)
}

/// Every tenant calls every plugin.
pub async fn density(
    worker: &WorkerCommand,
    plugin: &Plugin,
    settings: &Map<String, Value>,
) -> anyhow::Result<Density> {
    let host = host(worker, ArtefactStore::in_memory())?;
    let pid = host.worker_pid().await?;
    let idle_mib = mib(pid, "VmRSS")?;
    let plugins = (0..PLUGINS)
        .map(|number| version(plugin, number))
        .collect::<Result<Vec<_>, _>>()?;
    for tenant in 0..TENANTS {
        for plugin in &plugins {
            call_of(&host, plugin, settings, &format!("tenant-{tenant}"), Limits::default()).await?;
        }
    }
    ensure!(host.worker_pid().await? == pid, "it was one worker all the time");
    Ok(Density {
        idle_mib,
        used_mib: mib(pid, "VmRSS")?,
        peak_mib: mib(pid, "VmHWM")?,
        calls: TENANTS * PLUGINS,
    })
}

/// A good call, alone and beside guests that spin for as long as they may.
pub async fn neighbours(
    worker: &WorkerCommand,
    plugin: &Plugin,
    settings: &Map<String, Value>,
    samples: usize,
) -> anyhow::Result<Neighbours> {
    let host = host(worker, ArtefactStore::in_memory())?;
    prepare(&host, plugin).await?;
    let good = async |count: usize| -> anyhow::Result<Vec<Duration>> {
        let mut times = Vec::new();
        for _ in 0..count {
            let started = Instant::now();
            call_of(&host, plugin, settings, "good", Limits::default()).await?;
            times.push(started.elapsed());
            // As calls come: not one right after the other.
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        Ok(times)
    };
    good(samples / 4).await?;
    let (mut quiet, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        quiet.extend(good(samples / 4).await?);
        let stop = Arc::new(AtomicBool::new(false));
        let spinning: Vec<_> = (0..SPINNING)
            .map(|of| {
                let (host, plugin, stop) = (host.clone(), plugin.clone(), stop.clone());
                tokio::spawn(async move {
                    let settings = json!({"behaviour": "loop"});
                    let Some(settings) = settings.as_object() else { return };
                    while !stop.load(Ordering::Relaxed) {
                        // It ends at its limit, which is what it is for.
                        let _ = call_of(&host, &plugin, settings, &format!("spinning-{of}"), Limits::default()).await;
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(200)).await;
        beside.extend(good(samples / 4).await?);
        stop.store(true, Ordering::Relaxed);
        for task in spinning {
            task.await?;
        }
    }
    let (quiet_us, beside_spinning_us) = (median_us(quiet), median_us(beside));
    Ok(Neighbours {
        quiet_us,
        beside_spinning_us,
        ratio: beside_spinning_us / quiet_us,
    })
}

/// From nothing to the first answer, in three ways.
pub async fn starts(worker: &WorkerCommand, plugin: &Plugin, settings: &Map<String, Value>) -> anyhow::Result<Starts> {
    let folder = tempfile_folder()?;
    let (mut compiled, mut cold, mut warm) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..STARTS {
        let plugin = version(plugin, number)?;
        for times in [&mut compiled, &mut cold] {
            let host = host(worker, ArtefactStore::in_folder(&folder, [1; 32])?)?;
            let started = Instant::now();
            call_of(&host, &plugin, settings, "first", Limits::default()).await?;
            times.push(started.elapsed());
        }
    }
    let host = host(worker, ArtefactStore::in_folder(&folder, [1; 32])?)?;
    host.worker_pid().await?;
    for number in 0..STARTS {
        let plugin = version(plugin, number)?;
        let started = Instant::now();
        call_of(&host, &plugin, settings, "first", Limits::default()).await?;
        warm.push(started.elapsed());
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(Starts {
        compiled_ms: median_us(compiled) / 1e3,
        cold_ms: median_us(cold) / 1e3,
        warm_ms: median_us(warm) / 1e3,
    })
}

fn tempfile_folder() -> anyhow::Result<std::path::PathBuf> {
    let folder = std::env::temp_dir().join(format!("barq-plugin-starts-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
