//! A call as wasmtime alone makes it: what the worker is compared with.

use std::sync::Arc;

use serde_json::{Map, Value};
use wasmtime::{AsContextMut, Store};

use super::engine::{Loaded, Sandbox};
use super::state::State;
use crate::bench::context;
use crate::limits::Limits;
use crate::wire::ComponentKey;

/// A component and what its calls are given.
pub(crate) struct Bare {
    sandbox: Arc<Sandbox>,
    loaded: Arc<Loaded>,
    settings: Map<String, Value>,
}

impl Bare {
    pub fn new(sandbox: Arc<Sandbox>, key: ComponentKey, settings: &Map<String, Value>) -> Option<Self> {
        let loaded = sandbox.get(&key)?;
        Some(Self {
            sandbox,
            loaded,
            settings: settings.clone(),
        })
    }

    /// One call in a fresh instance, without limits; how many records it returned.
    pub async fn pull(&self) -> anyhow::Result<usize> {
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let settings = self.settings.iter().filter_map(text).collect();
        let state = State::new(Limits::default(), context(), None);
        let state = state.with_settings(settings, String::new(), std::collections::BTreeMap::new());
        let mut store = Store::new(&self.sandbox.engine, state);
        store.set_epoch_deadline(u64::MAX / 2);
        let instance = self.loaded.pre.instantiate_async(store.as_context_mut()).await?;
        let context = store.data().call_context();
        let indices = self.loaded.fuel_source.as_ref();
        let indices = indices.ok_or_else(|| anyhow::anyhow!("the component has no fuel-source"))?;
        let guest = indices.load(store.as_context_mut(), &instance)?;
        let page = guest.call_pull(store.as_context_mut(), &context, None, 0).await?;
        Ok(page.map_or(0, |page| page.transactions.len()))
    }
}
