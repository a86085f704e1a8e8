//! A call as wasmtime alone makes it: what the worker is compared with.

use std::sync::Arc;

use serde_json::{Map, Value};
use wasmtime::component::Component;
use wasmtime::{AsContextMut, Store};

use super::engine::{FuelSource, Loaded, Sandbox};
use super::state::State;
use crate::bench::context;
use crate::limits::Limits;
use crate::wire::{Declared, Given};

/// A component and what its calls are given.
pub(crate) struct Bare {
    sandbox: Arc<Sandbox>,
    loaded: Arc<Loaded>,
    settings: Map<String, Value>,
}

impl Bare {
    /// Compiles the component in this process: measurements run what they built themselves.
    pub async fn new(declared: Declared, component: &[u8], settings: &Map<String, Value>) -> anyhow::Result<Self> {
        let sandbox = Arc::new(Sandbox::new()?);
        let component = Component::new(&sandbox.engine, component)?;
        let loaded = sandbox.fit(&component, declared).await?;
        Ok(Self {
            sandbox,
            loaded,
            settings: settings.clone(),
        })
    }

    /// One call in a fresh instance, without limits; how many records it returned.
    pub async fn pull(&self) -> anyhow::Result<usize> {
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let given = Given {
            context: context(),
            settings: self.settings.iter().filter_map(text).collect(),
            settings_json: String::new(),
            secrets: std::collections::BTreeMap::new(),
        };
        let state = State::new(Limits::default(), given, None);
        let mut store = Store::new(&self.sandbox.engine, state);
        store.set_epoch_deadline(u64::MAX / 2);
        let instance = self.loaded.pre.instantiate_async(store.as_context_mut()).await?;
        let context = store.data().call_context();
        let Some(FuelSource::First(indices)) = &self.loaded.fuel_source else {
            anyhow::bail!("the component has no fuel-source of the first contract");
        };
        let guest = indices.load(store.as_context_mut(), &instance)?;
        let page = guest.call_pull(store.as_context_mut(), &context, None, 0).await?;
        Ok(page.map_or(0, |page| page.transactions.len()))
    }
}
