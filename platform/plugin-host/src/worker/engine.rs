//! The engine all guests share, and the components that are ready in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::{bail, ensure};
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};

use super::bindings::exports::barq::plugin::{
    events, fuel_source, lifecycle, order_source, payout_gateway, schedule, sms_gateway, webhook,
};
use super::bindings::{Everything, second};
use super::settings::{config, fingerprint};
use super::state::State;
use super::ticker::{Running, Ticker};
use super::{lock, run};
use crate::boot::Fingerprint;
use crate::manifest::Export;
use crate::wire::{ComponentKey, Declared};

pub(crate) use super::settings::TABLE_ELEMENTS;

/// A compiled component, ready to be instantiated, with the interfaces it exports.
pub(crate) struct Loaded {
    pub pre: InstancePre<State>,
    pub lifecycle: lifecycle::GuestIndices,
    pub fuel_source: Option<FuelSource>,
    pub order_source: Option<order_source::GuestIndices>,
    pub sms_gateway: Option<sms_gateway::GuestIndices>,
    pub payout_gateway: Option<payout_gateway::GuestIndices>,
    pub events: Option<events::GuestIndices>,
    pub schedule: Option<schedule::GuestIndices>,
    pub webhook: Option<webhook::GuestIndices>,
}

/// The fuel source of whichever contract the component was compiled against.
pub(crate) enum FuelSource {
    First(fuel_source::GuestIndices),
    Second(second::exports::barq::plugin2_0_0::fuel_source::GuestIndices),
}

impl FuelSource {
    fn find(pre: &InstancePre<State>) -> wasmtime::Result<Self> {
        match second::exports::barq::plugin2_0_0::fuel_source::GuestIndices::new(pre) {
            Ok(indices) => Ok(Self::Second(indices)),
            Err(_) => Ok(Self::First(fuel_source::GuestIndices::new(pre)?)),
        }
    }

    fn major(&self) -> u8 {
        match self {
            Self::First(_) => 1,
            Self::Second(_) => 2,
        }
    }
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
        second::barq::plugin2_0_0::fuel::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        let ticker = Ticker::start(engine.clone())?;
        Ok(Self {
            engine,
            linker,
            loaded: Mutex::default(),
            ticker,
        })
    }

    /// What code has to be compiled for, to run here.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.engine)
    }

    pub fn get(&self, slot: ComponentKey) -> Option<Arc<Loaded>> {
        lock(&self.loaded).get(&slot).cloned()
    }

    pub fn insert(&self, slot: ComponentKey, loaded: Arc<Loaded>) {
        lock(&self.loaded).insert(slot, loaded);
    }

    /// Its code goes with the last call that still runs it.
    pub fn remove(&self, slot: ComponentKey) {
        let gone = lock(&self.loaded).remove(&slot);
        drop(gone);
    }

    /// While this is held, time passes for guests.
    pub fn running(&self) -> Running {
        self.ticker.enter()
    }

    /// Proves that a component fits: only declared imports, all promised exports, one instance made.
    pub async fn fit(&self, component: &Component, declared: Declared) -> anyhow::Result<Arc<Loaded>> {
        self.check_imports(component, declared)?;
        let pre = self
            .linker
            .instantiate_pre(component)
            .map_err(because("it was built for another contract"))?;
        let lifecycle = lifecycle::GuestIndices::new(&pre);
        let lifecycle = lifecycle.map_err(because("it does not export barq:plugin/lifecycle"))?;
        let promised = |export: Export| declared.exports.has(export);
        let loaded = Arc::new(Loaded {
            lifecycle,
            fuel_source: offered(FuelSource::find(&pre), Export::FuelSource, promised)?,
            order_source: offered(order_source::GuestIndices::new(&pre), Export::OrderSource, promised)?,
            sms_gateway: offered(sms_gateway::GuestIndices::new(&pre), Export::SmsGateway, promised)?,
            payout_gateway: offered(payout_gateway::GuestIndices::new(&pre), Export::PayoutGateway, promised)?,
            events: offered(events::GuestIndices::new(&pre), Export::Events, promised)?,
            schedule: offered(schedule::GuestIndices::new(&pre), Export::Schedule, promised)?,
            webhook: offered(webhook::GuestIndices::new(&pre), Export::Webhook, promised)?,
            pre,
        });
        if let Some(source) = &loaded.fuel_source {
            let (major, said) = (source.major(), declared.major);
            ensure!(
                said == 0 || said == major,
                "it was compiled against barq:plugin {major}.0, but plugin.toml says api = \"{said}.0\""
            );
        }
        run::probe(self, &loaded).await.map_err(because("it does not start"))?;
        Ok(loaded)
    }

    fn check_imports(&self, component: &Component, declared: Declared) -> anyhow::Result<()> {
        let ty = component.component_type();
        for (name, _) in ty.imports(&self.engine) {
            let interface = name.strip_prefix("barq:plugin/").and_then(|rest| rest.split_once('@'));
            let (declared, lacks) = match interface {
                Some((
                    "types" | "fuel" | "orders" | "sms" | "payouts" | "effects" | "log" | "settings" | "clock"
                    | "random",
                    _,
                )) => continue,
                Some(("http", _)) => (declared.http, "has no [[host]]"),
                Some(("secrets", _)) => (declared.secrets, "has no [[secret]]"),
                Some(("kv", _)) => (declared.kv, "lacks keeps_state = true"),
                Some(("directory", _)) => (declared.directory, "has no [[read]]"),
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

/// An export that is there, or may be missing because nobody promised it.
fn offered<T>(
    found: wasmtime::Result<T>,
    export: Export,
    promised: impl Fn(Export) -> bool,
) -> anyhow::Result<Option<T>> {
    match found {
        Ok(indices) => Ok(Some(indices)),
        Err(_) if !promised(export) => Ok(None),
        Err(error) => {
            let name = export.as_str();
            Err(anyhow::Error::from(error).context(format!(
                "plugin.toml names {name} among its exports, but the component does not export barq:plugin/{name}"
            )))
        }
    }
}

fn because(what: &'static str) -> impl Fn(wasmtime::Error) -> anyhow::Error {
    move |error| anyhow::Error::from(error).context(what)
}
