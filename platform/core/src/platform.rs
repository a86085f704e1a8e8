//! What a process shares between requests, and what modules bring into it.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use platform_limits::{Limits, Rates};
use platform_resource::Resource;

use crate::vault::Vault;
use crate::{Authority, Boxed, Catalogue, Clock, Cx, Gate, Operation, Problem, Registry};

/// Records that came from outside, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SinkReport {
    /// New rows.
    pub created: u32,
    /// Rows that were there already, equal.
    pub unchanged: u32,
    /// Rows that were there already and changed at the source.
    pub updated: u32,
    /// Rows matched to something of ours.
    pub matched: u32,
    /// Rows matched with a doubt that a person should settle.
    pub doubtful: u32,
    /// Rows that nothing of ours fits.
    pub unmatched: u32,
}

/// Stores one page of records inside the caller's transaction.
pub type SinkFn = for<'a> fn(&'a mut Cx, Source<'a>) -> Boxed<'a, Result<SinkReport, Problem>>;

/// One page of records of an installation.
pub struct Source<'a> {
    /// The installation that they came through.
    pub installation_id: uuid::Uuid,
    /// Name of the provider or plugin.
    pub provider: &'a str,
    /// The records as JSON, in the form of `platform-plugin-records`.
    pub records: &'a [serde_json::Value],
}

/// Where records of one kind go: how a module takes what plugins bring, without knowing plugins.
#[derive(Clone, Copy)]
pub struct Sink {
    /// The records' kind, as `fuel-transactions`.
    pub effect: &'static str,
    /// Stores a page.
    pub store: SinkFn,
}

/// Something that happened to a row.
#[derive(Clone, Debug)]
pub struct Event {
    /// `fleet.vehicles.created`, `.updated`, `.deleted`, or an action's name: `fleet.couriers.terminate`.
    pub name: String,
    /// The row.
    pub subject: uuid::Uuid,
    /// `{"field": {"before": …, "after": …}}` of what changed.
    pub data: serde_json::Value,
    /// When.
    pub occurred_at: chrono::DateTime<chrono::Utc>,
}

impl Event {
    /// A field's new value; null when it did not change.
    pub fn after(&self, field: &str) -> &serde_json::Value {
        &self.data[field]["after"]
    }

    /// A field's earlier value; null when it did not change or there was none.
    pub fn before(&self, field: &str) -> &serde_json::Value {
        &self.data[field]["before"]
    }
}

/// What else happens when something happened.
pub type EffectFn = for<'a> fn(&'a mut Cx, &'a Event) -> Boxed<'a, Result<(), Problem>>;

/// A consequence of an event.
#[derive(Clone, Copy)]
pub struct Effect {
    /// The event's name.
    pub on: &'static str,
    /// What is done. As a listener it may be called again for the same event.
    pub run: EffectFn,
}

/// When something is due, in the organization's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once a day at this time, as `06:00`.
    Daily(&'static str),
    /// Again and again.
    Every {
        /// Time between two runs.
        minutes: u32,
    },
}

/// One run for one organization, in a transaction of its own; running twice does nothing more than running once.
pub type ScheduleFn = for<'a> fn(&'a mut Cx) -> Boxed<'a, Result<(), Problem>>;

/// What a module does by the clock.
#[derive(Clone, Copy)]
pub struct Schedule {
    /// Name: `fleet.expiries`.
    pub name: &'static str,
    /// When it is due.
    pub when: When,
    /// What is done.
    pub run: ScheduleFn,
}

/// What a module brings.
#[derive(Default)]
pub struct Module {
    /// Name: crate, schema, URL segment.
    pub name: &'static str,
    /// Declared resources.
    pub resources: &'static [&'static Resource],
    /// Everything that is not a resource's verb or action.
    pub operations: Vec<Operation>,
    /// Words in English and Arabic.
    pub locales: (&'static str, &'static str),
    /// Which job role may do what: `("fleet_manager", &["vehicles.*", "fuel_costs.read"])`, with `:own` or `:team` at the end
    /// for these rows alone.
    pub grants: &'static [(&'static str, &'static [&'static str])],
    /// Permissions of operations, which no resource brings.
    pub permissions: &'static [&'static str],
    /// Where records from plugins go.
    pub sinks: Vec<Sink>,
    /// Consequences of the module's own events, in the same transaction: a refusal undoes the cause.
    pub effects: &'static [Effect],
    /// Consequences of other modules' events, delivered at least once after they are stored.
    pub listeners: &'static [Effect],
    /// What is done by the clock, for each organization.
    pub schedules: &'static [Schedule],
    /// Whether every organization needs it: sign-in, files. All others can be switched off.
    pub essential: bool,
}

impl Module {
    /// Every permission that exists because of the module.
    pub fn own_permissions(&self) -> impl Iterator<Item = String> {
        let of_resources = self.resources.iter().flat_map(|resource| resource.permissions());
        of_resources.chain(self.permissions.iter().map(ToString::to_string))
    }
}

/// What a process shares between requests.
pub struct Platform {
    /// The pool of tenant connections.
    pub gate: Gate,
    /// Where the time comes from.
    pub clock: Clock,
    /// Words in both languages.
    pub catalogue: Catalogue,
    /// What is declared.
    pub registry: Registry,
    /// The data folder: files, keys.
    pub data: PathBuf,
    /// How often who may call.
    pub limits: Limits,
    /// Keys the fingerprints of requests, which may hold passwords.
    pub(crate) fingerprint_key: [u8; crate::KEY_BYTES],
    pub(crate) vault: Vault,
    authority: OnceLock<Arc<dyn Authority>>,
    services: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Platform {
    /// A platform without services yet.
    pub fn new(gate: Gate, clock: Clock, registry: Registry, data: PathBuf) -> std::io::Result<Self> {
        let locales: Vec<_> = registry
            .modules
            .iter()
            .map(|module| (module.name, module.locales.0, module.locales.1))
            .collect();
        let catalogue = Catalogue::new(&locales)?;
        let fingerprint_key = crate::key_file(&data, "fingerprints.key")?;
        let vault = Vault::open(&data)?;
        Ok(Self {
            gate,
            clock,
            catalogue,
            registry,
            data,
            limits: Limits::new(Rates::NONE),
            fingerprint_key,
            vault,
            authority: OnceLock::new(),
            services: HashMap::new(),
        })
    }

    /// Adds something that one module's operations share, as a pool or a worker.
    pub fn with<T: Any + Send + Sync>(mut self, service: Arc<T>) -> Self {
        self.services.insert(TypeId::of::<T>(), service);
        self
    }

    /// Says how often who may call; without it everybody may always.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Says who signs people in.
    pub fn with_authority(self, authority: Arc<dyn Authority>) -> Self {
        let _ = self.authority.set(authority);
        self
    }

    /// A service by its type.
    ///
    /// # Panics
    /// When the process was put together without it: a mistake of the start-up code, found by the first test.
    pub fn service<T: Any + Send + Sync>(&self) -> Arc<T> {
        let service = self.services.get(&TypeId::of::<T>()).cloned();
        service
            .and_then(|any| any.downcast().ok())
            .expect("the service is added at start-up")
    }

    /// Drops the opened key of an organization, after it was destroyed.
    pub fn forget_key(&self, organization_id: uuid::Uuid) {
        self.vault.forget(organization_id);
    }

    pub(crate) fn authority(&self) -> &dyn Authority {
        self.authority.get().expect("the authority is set at start-up").as_ref()
    }
}
