//! What a call through the worker costs, next to what it is made of: measured in one run, so that only ratios matter.

mod tenants;

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::artefacts::ArtefactStore;
use crate::catalogue::Plugin;
use crate::directory::NoDirectory;
use crate::guard::AllowList;
use crate::host::Grants;
use crate::host::{Call, HostOptions, PluginHost};
use crate::kv::NoKv;
use crate::limits::Limits;
use crate::process::WorkerCommand;
use crate::secrets::Secrets;
use crate::wire::{CallContext, Declared, FromWorker, ToWorker};
use crate::worker::Bare;

pub use tenants::{Density, Neighbours, Starts, density, neighbours, starts};

/// Bytes of a ping: a call's message and its answer are about as large.
const PING_BYTES: usize = 1_500;
/// Samples of each kind taken in a row before the next kind's turn.
const ROUND: usize = 50;

/// Medians of one run, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Overhead {
    /// A fresh instance and one call that returns a typed record of a kilobyte, in this process, without limits.
    pub bare_us: f64,
    /// A message of a call's size to the worker and back.
    pub pipe_us: f64,
    /// The same call through the worker: limits, checks, log, answer.
    pub call_us: f64,
    /// `call ÷ (bare + pipe)`.
    pub ratio: f64,
    pub samples: usize,
    /// The same work done in other ways, as far as they were given.
    pub extism_us: Option<f64>,
    pub process_us: Option<f64>,
}

/// Another way to do the same: makes so many calls, one after the other, and says how long each took.
pub type Beside<'a> = &'a mut dyn FnMut(usize) -> anyhow::Result<Vec<Duration>>;

/// The other ways.
#[derive(Default)]
pub struct Others<'a> {
    /// Through the extism crate.
    pub extism: Option<Beside<'a>>,
    /// A process for each call.
    pub process: Option<Beside<'a>>,
}

/// Measures with a plugin whose `pull` answers with a record and asks nothing of the host but its settings.
pub async fn overhead(
    worker: WorkerCommand,
    plugin: &Plugin,
    settings: &Map<String, Value>,
    samples: usize,
    mut others: Others<'_>,
) -> anyhow::Result<Overhead> {
    let host = PluginHost::new(HostOptions {
        worker,
        allow: AllowList::default(),
        artefacts: ArtefactStore::in_memory(),
    })?;
    if let Err(fault) = host.prepare(plugin).await {
        bail!("the plugin is refused: {}", fault.detail);
    }
    let bare = Bare::new(Declared::ANY, &plugin.component.bytes, settings).await?;

    let (mut bare_us, mut pipe_us, mut call_us) = (Vec::new(), Vec::new(), Vec::new());
    let (mut extism_us, mut process_us) = (Vec::new(), Vec::new());
    // The first round warms caches and is not counted.
    for round in 0..=samples.div_ceil(ROUND) {
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUND {
            let started = Instant::now();
            let records = bare.pull().await?;
            times[0].push(started.elapsed());
            ensure!(records == 1, "the plugin must answer with one record");
        }
        for _ in 0..ROUND {
            let started = Instant::now();
            ping(&host).await?;
            times[1].push(started.elapsed());
        }
        for _ in 0..ROUND {
            let started = Instant::now();
            call(&host, plugin, settings).await?;
            times[2].push(started.elapsed());
        }
        for (other, times) in [
            (&mut others.extism, &mut extism_us),
            (&mut others.process, &mut process_us),
        ] {
            if let Some(other) = other {
                let took = other(ROUND)?;
                times.extend(took.into_iter().filter(|_| round > 0));
            }
        }
        if round > 0 {
            let [bare, pipe, call] = times;
            bare_us.extend(bare);
            pipe_us.extend(pipe);
            call_us.extend(call);
        }
    }
    let samples = bare_us.len();
    let (bare_us, pipe_us, call_us) = (median_us(bare_us), median_us(pipe_us), median_us(call_us));
    Ok(Overhead {
        bare_us,
        pipe_us,
        call_us,
        ratio: call_us / (bare_us + pipe_us),
        samples,
        extism_us: (!extism_us.is_empty()).then(|| median_us(extism_us)),
        process_us: (!process_us.is_empty()).then(|| median_us(process_us)),
    })
}

fn median_us(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

async fn ping(host: &PluginHost) -> anyhow::Result<()> {
    let worker = host.worker().await?;
    let mut conversation = worker.open();
    worker.send(&ToWorker::Ping {
        call: conversation.call,
        bytes: vec![7; PING_BYTES],
    })?;
    match conversation.next().await {
        Some(FromWorker::Pong { bytes, .. }) if bytes.len() == PING_BYTES => Ok(()),
        _ => bail!("the worker did not answer a ping"),
    }
}

async fn call(host: &PluginHost, plugin: &Plugin, settings: &Map<String, Value>) -> anyhow::Result<()> {
    call_of(
        host,
        plugin,
        settings,
        "0190c5a0-0000-7000-8000-000000000001",
        Limits::default(),
    )
    .await
}

async fn call_of(
    host: &PluginHost,
    plugin: &Plugin,
    settings: &Map<String, Value>,
    organization_id: &str,
    limits: Limits,
) -> anyhow::Result<()> {
    let secrets = Secrets::default();
    let now = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).context("a valid instant")?;
    let call = Call {
        plugin,
        call_id: "0190c5a0-0000-7000-8000-000000000003".to_owned(),
        idempotency_key: "0190c5a0-0000-7000-8000-000000000003".to_owned(),
        attempt: 1,
        organization_id: organization_id.to_owned(),
        installation_id: "0190c5a0-0000-7000-8000-000000000002".to_owned(),
        settings,
        secrets: &secrets,
        grants: &Grants::default(),
        kv: &NoKv,
        directory: &NoDirectory,
        limits,
        now,
        time_zone: "Asia/Riyadh",
        locale: "en",
        currencies: &[],
        record: false,
    };
    match host.call_fuel_pull(call, None, now).await.answer {
        Ok(page) if page.transactions.len() == 1 => Ok(()),
        answer => bail!("the plugin must answer with one record: {answer:?}"),
    }
}

/// The `call-context` of a call without an installation.
pub(crate) fn context() -> CallContext {
    let id = || "0190c5a0-0000-7000-8000-000000000001".to_owned();
    CallContext {
        call_id: id(),
        idempotency_key: id(),
        attempt: 1,
        organization_id: id(),
        installation_id: id(),
        time_zone: "Asia/Riyadh".to_owned(),
        locale: "en".to_owned(),
        currency: "SAR".to_owned(),
        now_ms: 1_800_000_000_000,
    }
}
