//! Calls of plugins: the worker runs the guest, this side keeps its promises.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use platform_plugin_records::{Fault, FaultKind, Rules};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::catalogue::Plugin;
use crate::guard::{AllowList, Guard};
use crate::http::Http;
use crate::limits::Limits;
use crate::outcome::{CallError, FuelPage, Health, Outcome, fault, finish, fuel_page, malformed, tidy};
use crate::process::{LoadError, Worker, WorkerCommand, Workers};
use crate::secrets::Secrets;
use crate::wire::{self, Answer, Ask, CallContext, Declared, Entry, FromWorker, SignError, Start, ToWorker, Told};

/// Calls in the worker at once: the size of its pool of instances.
pub(crate) const MAX_CONCURRENT_CALLS: usize = 32;
/// How much later than the worker the server gives up on a call, and on the worker with it.
const GRACE: Duration = Duration::from_secs(2);

/// A boxed future of a trait that must be usable as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Reads of the installation's key-value space. Writes come back with the outcome.
pub trait KvReader: Send + Sync {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>>;
}

/// For plugins that keep nothing.
pub struct NoKv;

impl KvReader for NoKv {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// One call of one installation. Everything comes from the platform, nothing from the guest.
pub struct Call<'a> {
    pub plugin: &'a Plugin,
    /// Unique per attempt.
    pub call_id: String,
    /// The same for every attempt of one piece of work.
    pub idempotency_key: String,
    pub organization_id: String,
    pub installation_id: String,
    /// As saved; defaults of the manifest are filled in.
    pub settings: &'a Map<String, Value>,
    pub secrets: &'a Secrets,
    /// Hosts the administrator granted, as `Manifest::resolve_hosts` names them. A host that is granted but no longer
    /// asked for is not reachable.
    pub granted_hosts: &'a [String],
    pub kv: &'a dyn KvReader,
    pub limits: Limits,
    pub now: DateTime<Utc>,
    /// IANA name.
    pub time_zone: &'a str,
    /// BCP 47.
    pub locale: &'a str,
    /// Currencies the organization uses; empty accepts any.
    pub currencies: &'a [String],
}

/// How to set up a host.
#[derive(Debug, Clone)]
pub struct HostOptions {
    pub worker: WorkerCommand,
    /// Origins the operator exempts from the guard.
    pub allow: AllowList,
}

/// Calls plugins. Cheap to clone; all clones share one worker.
#[derive(Clone)]
pub struct PluginHost {
    shared: Arc<Shared>,
}

struct Shared {
    workers: Arc<Workers>,
    guard: Guard,
    slots: Arc<Semaphore>,
}

impl PluginHost {
    pub fn new(options: HostOptions) -> anyhow::Result<Self> {
        let shared = Shared {
            workers: Arc::new(Workers::new(options.worker)),
            guard: Guard::new(options.allow)?,
            slots: Arc::new(Semaphore::new(MAX_CONCURRENT_CALLS)),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// A host with other exemptions from the guard that shares this one's worker.
    pub fn with_allow(&self, allow: AllowList) -> anyhow::Result<Self> {
        let (workers, slots) = (self.shared.workers.clone(), self.shared.slots.clone());
        Ok(Self {
            shared: Arc::new(Shared {
                workers,
                guard: Guard::new(allow)?,
                slots,
            }),
        })
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

    /// The next page of the provider's transactions.
    pub async fn call_fuel_pull(
        &self,
        call: Call<'_>,
        cursor: Option<String>,
        since: DateTime<Utc>,
    ) -> Outcome<FuelPage> {
        let rules = Rules {
            now: call.now,
            currencies: call.currencies.to_vec(),
        };
        let records = call.limits.records as usize;
        let entry = Entry::FuelPull {
            cursor,
            since_ms: since.timestamp_millis(),
        };
        self.call(call, entry, |answer| match answer {
            Answer::FuelPage(page) => fuel_page(page, records, &rules),
            _ => Err(malformed("another answer than a page")),
        })
        .await
    }

    /// Tests the connection.
    pub async fn call_check(&self, call: Call<'_>) -> Outcome<Health> {
        self.call(call, Entry::Check, |answer| match answer {
            Answer::Health { degraded: None } => Ok(Health::Ok),
            Answer::Health { degraded: Some(why) } => Ok(Health::Degraded(why)),
            _ => Err(malformed("another answer than a state of health")),
        })
        .await
    }

    async fn call<T>(
        &self,
        call: Call<'_>,
        entry: Entry,
        accept: impl FnOnce(Answer) -> Result<T, Fault>,
    ) -> Outcome<T> {
        let started = Instant::now();
        let mut http = self.http(&call);
        let (answer, done) = match self.converse(&call, entry, &mut http).await {
            Ok(mut done) => {
                let answer = std::mem::replace(&mut done.answer, Answer::Health { degraded: None });
                let answer = match answer {
                    Answer::Failure(failure) => Err(CallError::Failure(tidy(failure, &http))),
                    Answer::Fault(fault) => Err(CallError::Fault(fault)),
                    answer => accept(answer).map_err(CallError::Fault),
                };
                (answer, Some(done))
            }
            Err(fault) => (Err(CallError::Fault(fault)), None),
        };
        finish(answer, done, http, call.now, started)
    }

    /// Runs the call in the worker and answers what it asks.
    async fn converse(&self, call: &Call<'_>, entry: Entry, http: &mut Http<'_>) -> Result<wire::Done, Fault> {
        let slot = self.shared.slots.acquire().await;
        let _slot = slot.map_err(|_| fault(FaultKind::WorkerLost, "the host is shutting down"))?;
        let (worker, component) = self.load(call.plugin).await?;
        let mut conversation = worker.open();
        let start = start(call, conversation.call, component, entry);
        let sent = worker.send(&ToWorker::Call(Box::new(start)));
        sent.map_err(|e| fault(FaultKind::Malformed, &format!("the call is too large: {e}")))?;
        let wall = Duration::from_millis(u64::from(call.limits.wall_ms));
        let deadline = Instant::now() + wall;
        let lost = || fault(FaultKind::WorkerLost, "the plugin worker ended during the call");
        let talk = async {
            let mut asked = Asked::default();
            loop {
                match conversation.next().await.ok_or_else(lost)? {
                    FromWorker::Done { done, .. } => return Ok(*done),
                    FromWorker::Ask { ask, .. } => {
                        let told = asked.answer(call, ask, http, deadline).await;
                        let told = ToWorker::Told {
                            call: conversation.call,
                            told,
                        };
                        worker
                            .send(&told)
                            .map_err(|e| fault(FaultKind::Budget, &e.to_string()))?;
                    }
                    FromWorker::Loaded { .. } | FromWorker::Pong { .. } => return Err(malformed("a stray message")),
                }
            }
        };
        if let Ok(result) = tokio::time::timeout(wall + GRACE, talk).await {
            return result;
        }
        worker.kill();
        Err(fault(
            FaultKind::Timeout,
            "the plugin worker did not keep the time limit and was ended",
        ))
    }

    async fn load(&self, plugin: &Plugin) -> Result<(Arc<Worker>, wire::ComponentKey), Fault> {
        let manifest = &plugin.manifest;
        let declared = Declared {
            http: !manifest.hosts.is_empty(),
            secrets: !manifest.secrets.is_empty(),
            kv: manifest.keeps_state,
            fuel_source: manifest.handlers().contains(&"fuel-source"),
        };
        let flags = [declared.http, declared.secrets, declared.kv, declared.fuel_source].map(u8::from);
        let key = Sha256::new()
            .chain_update(plugin.component.sha256)
            .chain_update(flags)
            .finalize()
            .into();
        let worker = self.shared.workers.get().await;
        let worker = worker.map_err(|e| fault(FaultKind::WorkerLost, &format!("{e:#}")))?;
        match worker.load(key, declared, &plugin.component).await {
            Ok(()) => Ok((worker, key)),
            Err(LoadError::Refused(why)) => Err(fault(FaultKind::Denied, &why)),
            Err(LoadError::Lost) => Err(fault(FaultKind::WorkerLost, "the plugin worker ended while loading")),
        }
    }

    fn http<'a>(&'a self, call: &Call<'a>) -> Http<'a> {
        let manifest = &call.plugin.manifest;
        let asked = manifest
            .resolve_hosts(call.settings)
            .into_iter()
            .filter_map(|resolved| resolved.host);
        let hosts: BTreeSet<String> = asked.filter(|host| call.granted_hosts.contains(host)).collect();
        let secret_hosts = manifest.secrets.iter().map(|secret| {
            let hosts = manifest.resolve_secret_hosts(&secret.name, call.settings);
            (secret.name.clone(), hosts.into_iter().collect())
        });
        Http {
            guard: &self.shared.guard,
            secrets: call.secrets,
            hosts,
            secret_hosts: secret_hosts.collect(),
            limits: call.limits,
            scrubber: call.secrets.scrubber(),
            records: Vec::new(),
            calls: 0,
        }
    }
}

/// What the worker asked so far, counted on this side.
#[derive(Default)]
struct Asked {
    kv: u32,
    signatures: u32,
}

impl Asked {
    async fn answer(&mut self, call: &Call<'_>, ask: Ask, http: &mut Http<'_>, deadline: Instant) -> Told {
        match ask {
            Ask::Http(request) => {
                let remaining = deadline.saturating_duration_since(Instant::now());
                Told::Http(http.send(request, remaining).await)
            }
            Ask::KvGet { key } => {
                self.kv += 1;
                if self.kv > call.limits.kv_calls {
                    return Told::Kv(Err("no more operations in this call".to_owned()));
                }
                Told::Kv(call.kv.get(&key).await)
            }
            Ask::Sign { name, algorithm, data } => {
                self.signatures += 1;
                Told::Sign(match () {
                    () if self.signatures > call.limits.kv_calls => Err(SignError::Budget),
                    () if !http.secret_hosts.contains_key(&name) => Err(SignError::NotDeclared),
                    () => call.secrets.sign(&name, algorithm, &data),
                })
            }
        }
    }
}

fn start(call: &Call<'_>, id: u64, component: wire::ComponentKey, entry: Entry) -> Start {
    let settings = call.plugin.manifest.with_defaults(call.settings);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let declared = call.plugin.manifest.secrets.iter();
    Start {
        call: id,
        component,
        entry,
        context: CallContext {
            call_id: call.call_id.clone(),
            idempotency_key: call.idempotency_key.clone(),
            organization_id: call.organization_id.clone(),
            installation_id: call.installation_id.clone(),
            time_zone: call.time_zone.to_owned(),
            locale: call.locale.to_owned(),
            now_ms: call.now.timestamp_millis(),
        },
        settings: settings
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.clone(), text(v)))
            .collect(),
        settings_json: Value::Object(settings).to_string(),
        secrets: declared
            .map(|s| (s.name.clone(), call.secrets.get(&s.name).is_some()))
            .collect(),
        limits: call.limits.lowered_by(&call.plugin.manifest),
    }
}
