//! The engine all guests share, and the components it has compiled.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::bindings::Everything;
use super::bindings::exports::barq::plugin::{fuel_source, lifecycle};
use super::state::State;
use super::{lock, run};
use crate::host::MAX_CONCURRENT_CALLS;
use crate::limits::MAX_MEMORY_BYTES;
use crate::wire::{ComponentKey, Declared};

/// How long a guest runs before others get their turn.
const TICK: Duration = Duration::from_millis(1);
const KIB: usize = 1024;

/// Elements a table may have: a large guest's indirect functions, many times over.
pub(crate) const TABLE_ELEMENTS: usize = 10_000;

/// A compiled component, ready to be instantiated, with the interfaces it exports.
pub(crate) struct Loaded {
    pub pre: InstancePre<State>,
    pub lifecycle: lifecycle::GuestIndices,
    pub fuel_source: Option<fuel_source::GuestIndices>,
}

/// Engine, host functions and compiled components of this process.
pub(crate) struct Sandbox {
    pub engine: Engine,
    linker: Linker<State>,
    loaded: Mutex<HashMap<ComponentKey, Arc<Loaded>>>,
    ticker: Arc<Ticker>,
}

impl Sandbox {
    pub fn new() -> anyhow::Result<Self> {
        let engine = Engine::new(&config())?;
        let mut linker = Linker::new(&engine);
        Everything::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        let ticker = Ticker::start(engine.clone())?;
        Ok(Self {
            engine,
            linker,
            loaded: Mutex::default(),
            ticker,
        })
    }

    pub fn get(&self, key: &ComponentKey) -> Option<Arc<Loaded>> {
        lock(&self.loaded).get(key).cloned()
    }

    /// While this is held, time passes for guests.
    pub fn running(&self) -> Running {
        self.ticker.enter()
    }

    /// Compiles a component and proves that it fits: only declared imports, all promised exports, one instance made.
    pub async fn load(&self, key: ComponentKey, declared: Declared, bytes: Vec<u8>) -> anyhow::Result<()> {
        let engine = self.engine.clone();
        let compiled = tokio::task::spawn_blocking(move || Component::new(&engine, bytes)).await;
        let compiled = compiled.context("the compiler failed")?;
        let component = compiled.map_err(because("this is not a component that can run here"))?;
        self.check_imports(&component, declared)?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(because("it was built for another contract"))?;
        let lifecycle = lifecycle::GuestIndices::new(&pre);
        let lifecycle = lifecycle.map_err(because("it does not export barq:plugin/lifecycle"))?;
        let fuel_source = match fuel_source::GuestIndices::new(&pre) {
            Ok(indices) => Some(indices),
            Err(_) if !declared.fuel_source => None,
            Err(error) => return Err(because("it does not export barq:plugin/fuel-source")(error)),
        };
        let loaded = Arc::new(Loaded {
            pre,
            lifecycle,
            fuel_source,
        });
        run::probe(self, &loaded).await.map_err(because("it does not start"))?;
        lock(&self.loaded).insert(key, loaded);
        Ok(())
    }

    fn check_imports(&self, component: &Component, declared: Declared) -> anyhow::Result<()> {
        let ty = component.component_type();
        for (name, _) in ty.imports(&self.engine) {
            let interface = name.strip_prefix("barq:plugin/").and_then(|rest| rest.split_once('@'));
            let (declared, lacks) = match interface {
                Some(("types" | "records" | "log" | "settings" | "clock", _)) => continue,
                Some(("http", _)) => (declared.http, "has no [[host]]"),
                Some(("secrets", _)) => (declared.secrets, "has no [[secret]]"),
                Some(("kv", _)) => (declared.kv, "lacks keeps_state = true"),
                _ if name.starts_with("wasi:") => bail!(
                    "it imports {name}; plugins run without WASI: build for wasm32-unknown-unknown, \
                     not for a wasi target"
                ),
                _ => bail!("it imports {name}, which this server does not have"),
            };
            ensure!(declared, "it imports {name}, but plugin.toml {lacks}");
        }
        Ok(())
    }
}

fn because(what: &'static str) -> impl Fn(wasmtime::Error) -> anyhow::Error {
    move |error| anyhow::Error::from(error).context(what)
}

fn config() -> Config {
    let slots = u32::try_from(MAX_CONCURRENT_CALLS).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * 8)
        .max_core_instances_per_component(8)
        .total_memories(slots * 2)
        .max_memories_per_component(2)
        .total_tables(slots * 8)
        .max_tables_per_component(8)
        .table_elements(TABLE_ELEMENTS)
        .total_stacks(slots)
        .max_memory_size(usize::try_from(MAX_MEMORY_BYTES).unwrap_or(usize::MAX))
        // Enough for what a small guest touches: zeroing it costs less than giving the pages back.
        .linear_memory_keep_resident(64 * KIB)
        .table_keep_resident(64 * KIB)
        .async_stack_keep_resident(32 * KIB);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .max_wasm_stack(512 * KIB)
        .async_stack_size(KIB * KIB)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false);
    config
}

/// Advances the epoch every millisecond while some guest runs, and sleeps while none does.
struct Ticker {
    running: AtomicUsize,
    thread: std::thread::Thread,
}

/// A guest is running.
pub(crate) struct Running(Arc<Ticker>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Ticker {
    fn start(engine: Engine) -> anyhow::Result<Arc<Self>> {
        let shared: Arc<Mutex<Option<Arc<Self>>>> = Arc::default();
        let theirs = shared.clone();
        let thread = std::thread::Builder::new().name("ticker".into()).spawn(move || {
            loop {
                let ticker = theirs.lock().unwrap_or_else(PoisonError::into_inner).clone();
                match ticker {
                    Some(ticker) if ticker.running.load(Ordering::Acquire) > 0 => {
                        std::thread::sleep(TICK);
                        engine.increment_epoch();
                    }
                    _ => std::thread::park(),
                }
            }
        });
        let thread = thread.context("starting the ticker")?.thread().clone();
        let ticker = Arc::new(Self {
            running: AtomicUsize::new(0),
            thread,
        });
        *lock(&shared) = Some(ticker.clone());
        Ok(ticker)
    }

    fn enter(self: &Arc<Self>) -> Running {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
        Running(self.clone())
    }
}
