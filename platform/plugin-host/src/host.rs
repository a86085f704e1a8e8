//! Calls of plugins: the worker runs the guest, this side keeps its promises.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_plugin_records::{EffectKind, Fault, FaultKind};
use serde_json::{Map, Value};

use crate::artefacts::ArtefactStore;
use crate::catalogue::Plugin;
use crate::directory::{Directory, ReadGrant};
use crate::guard::{AllowList, Guard};
use crate::kv::KvReader;
use crate::limits::Limits;
use crate::manifest::{Manifest, ReadAsk};
use crate::outcome::fault;
use crate::process::{LoadError, Slot, Worker, WorkerCommand, Workers};
use crate::secrets::Secrets;
use crate::slots::Slots;
use crate::tokens::Tokens;
use crate::wire::Declared;

/// A boxed future of a trait that must be usable as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What an administrator granted, as far as a call is about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// As `Manifest::resolve_hosts` names them. A host that is granted but no longer asked for is not reachable.
    pub hosts: Vec<String>,
    pub reads: Vec<ReadGrant>,
    pub effects: Vec<EffectKind>,
}

impl Grants {
    /// Everything the manifest asks for.
    pub fn all(manifest: &Manifest, settings: &Map<String, Value>) -> Self {
        let hosts = manifest.resolve_hosts(settings);
        let read = |ask: &ReadAsk| ReadGrant {
            resource: ask.resource.clone(),
            fields: ask.fields.clone(),
        };
        Self {
            hosts: hosts.into_iter().filter_map(|host| host.host).collect(),
            reads: manifest.reads.iter().map(read).collect(),
            effects: manifest.effect_kinds(),
        }
    }
}

/// One call of one installation. Everything comes from the platform, nothing from the guest.
pub struct Call<'a> {
    pub plugin: &'a Plugin,
    /// Unique per attempt.
    pub call_id: String,
    /// The same for every attempt of one piece of work.
    pub idempotency_key: String,
    /// 1 for the first.
    pub attempt: u32,
    pub organization_id: String,
    pub installation_id: String,
    /// As saved; defaults of the manifest are filled in.
    pub settings: &'a Map<String, Value>,
    pub secrets: &'a Secrets,
    pub grants: &'a Grants,
    pub kv: &'a dyn KvReader,
    pub directory: &'a dyn Directory,
    pub limits: Limits,
    pub now: DateTime<Utc>,
    /// IANA name.
    pub time_zone: &'a str,
    /// BCP 47.
    pub locale: &'a str,
    /// Currencies the organization uses, its own first; empty accepts any.
    pub currencies: &'a [String],
    /// Whether the outcome has a recording.
    pub record: bool,
}

/// How to set up a host.
#[derive(Debug, Clone)]
pub struct HostOptions {
    pub worker: WorkerCommand,
    /// Origins the operator exempts from the guard.
    pub allow: AllowList,
    /// Where compiled plugins are kept.
    pub artefacts: ArtefactStore,
}

/// Calls plugins. Cheap to clone; all clones share one worker.
#[derive(Clone)]
pub struct PluginHost {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub workers: Arc<Workers>,
    pub guard: Guard,
    pub slots: Slots,
    pub tokens: Tokens,
}

impl PluginHost {
    pub fn new(options: HostOptions) -> anyhow::Result<Self> {
        let shared = Shared {
            workers: Arc::new(Workers::new(options.worker, options.artefacts)?),
            guard: Guard::new(options.allow)?,
            slots: Slots::default(),
            tokens: Tokens::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// A host with other exemptions from the guard that shares this one's worker.
    pub fn with_allow(&self, allow: AllowList) -> anyhow::Result<Self> {
        Ok(self.with_guard(Guard::new(allow)?))
    }

    /// A host with another way out that shares this one's worker.
    pub fn with_guard(&self, guard: Guard) -> Self {
        let (workers, slots) = (self.shared.workers.clone(), self.shared.slots.clone());
        let tokens = self.shared.tokens.clone();
        Self {
            shared: Arc::new(Shared {
                workers,
                guard,
                slots,
                tokens,
            }),
        }
    }

    /// The guarded way out, for other callers of addresses that tenants choose.
    pub fn guard(&self) -> &Guard {
        &self.shared.guard
    }

    /// Process id of the running worker, starting it if there is none.
    pub async fn worker_pid(&self) -> anyhow::Result<u32> {
        Ok(self.shared.workers.get().await?.pid)
    }

    pub(crate) async fn worker(&self) -> anyhow::Result<Arc<Worker>> {
        self.shared.workers.get().await
    }

    /// Compiles a plugin ahead of its first call, or says why it is refused.
    pub async fn prepare(&self, plugin: &Plugin) -> Result<(), Fault> {
        self.load(plugin).await.map(drop)
    }

    pub(crate) async fn load(&self, plugin: &Plugin) -> Result<(Arc<Worker>, Arc<Slot>), Fault> {
        let manifest = &plugin.manifest;
        let declared = Declared {
            http: !manifest.hosts.is_empty(),
            secrets: !manifest.secrets.is_empty(),
            kv: manifest.keeps_state,
            directory: !manifest.reads.is_empty(),
            exports: manifest.exports.iter().copied().collect(),
            major: manifest.api_major(),
        };
        let workers = &self.shared.workers;
        let worker = workers.get().await;
        let worker = worker.map_err(|e| fault(FaultKind::WorkerLost, &format!("{e:#}")))?;
        match workers.load(&worker, declared, &plugin.component).await {
            Ok(slot) => Ok((worker, slot)),
            Err(LoadError::Refused(why)) => Err(fault(FaultKind::Denied, &why)),
            Err(LoadError::Failed(why)) => Err(fault(FaultKind::WorkerLost, &why)),
            Err(LoadError::Lost) => Err(fault(FaultKind::WorkerLost, "the plugin worker ended while loading")),
        }
    }
}
