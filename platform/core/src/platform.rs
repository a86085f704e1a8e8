//! What a process shares between requests, and what modules bring into it.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::NaiveTime;
use platform_resource::{Kind, Resource};

use crate::{Authority, Boxed, Catalogue, Clock, Cx, Gate, Operation, Problem};

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
    /// Which job role may do what: `("fleet_manager", &["vehicles.*", "fuel_costs.read"])`.
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

/// Everything that is declared.
#[derive(Default)]
pub struct Registry {
    /// The modules of this build.
    pub modules: Vec<Module>,
    by_name: BTreeMap<String, &'static Resource>,
    /// By the event's name: what every write asks for.
    effects: HashMap<&'static str, Vec<&'static Effect>>,
    listeners: HashMap<&'static str, Vec<(&'static str, &'static Effect)>>,
}

impl Registry {
    /// Collects modules and proves that every name they use exists.
    pub fn new(modules: Vec<Module>) -> Result<Self, String> {
        let mut by_name = BTreeMap::new();
        for resource in modules.iter().flat_map(|module| module.resources) {
            if by_name.insert(resource.full_name(), *resource).is_some() {
                return Err(format!("{} is declared twice", resource.full_name()));
            }
        }
        for resource in by_name.values() {
            for field in resource.fields {
                if field.search && field.permission.is_some() {
                    return Err(format!(
                        "{}.{} is private and cannot be searched",
                        resource.full_name(),
                        field.name
                    ));
                }
                // A module that this build leaves out still has its tables.
                let built = |to: &str| {
                    modules
                        .iter()
                        .any(|module| to.split_once('.').is_some_and(|(name, _)| name == module.name))
                };
                if let Kind::Reference { to } = field.kind
                    && !by_name.contains_key(to)
                    && built(to)
                {
                    return Err(format!(
                        "{}.{} points at {to}, which nobody declares",
                        resource.full_name(),
                        field.name
                    ));
                }
            }
            for title in resource.title {
                if resource.field(title).is_none() {
                    return Err(format!(
                        "{} is titled by {title}, which it does not have",
                        resource.full_name()
                    ));
                }
            }
        }
        let (mut effects, mut listeners) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for module in &modules {
            for effect in module.effects {
                effects.entry(effect.on).or_default().push(effect);
            }
            for effect in module.listeners {
                listeners.entry(effect.on).or_default().push((module.name, effect));
            }
        }
        let registry = Self {
            modules,
            by_name,
            effects,
            listeners,
        };
        for module in &registry.modules {
            for effect in module.effects.iter().chain(module.listeners) {
                registry.prove_event(effect.on)?;
            }
        }
        registry.prove_schedules()?;
        let known = registry.permissions();
        for (role, names) in registry.modules.iter().flat_map(|module| module.grants) {
            for name in *names {
                if !known.iter().any(|permission| matches(name, permission)) {
                    return Err(format!("role {role} is granted {name}, which nobody declares"));
                }
            }
        }
        Ok(registry)
    }

    /// Proves that an event can happen, unless its module is left out of this build.
    fn prove_event(&self, on: &str) -> Result<(), String> {
        let missing = || Err(format!("nothing declares the event {on}"));
        let Some((full_name, verb)) = on.rsplit_once('.') else {
            return missing();
        };
        let Some(resource) = self.resource(full_name) else {
            let module = full_name.split_once('.').map_or("", |(module, _)| module);
            let built = self.modules.iter().any(|built| built.name == module);
            return if built || module.is_empty() { missing() } else { Ok(()) };
        };
        let known = matches!(verb, "created" | "updated" | "deleted")
            || resource.actions.iter().any(|action| action.name == verb);
        if known { Ok(()) } else { missing() }
    }

    /// Proves that every schedule has a name and a time of its own.
    fn prove_schedules(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for (module, schedule) in self.schedules() {
            let name = schedule.name;
            if name.split_once('.').is_none_or(|(prefix, _)| prefix != module) || !names.insert(name) {
                return Err(format!("{name} is no name of a schedule of {module}, or is taken"));
            }
            let possible = match schedule.when {
                When::Daily(time) => NaiveTime::parse_from_str(time, "%H:%M").is_ok(),
                When::Every { minutes } => minutes > 0,
            };
            if !possible {
                return Err(format!("{name} is never due"));
            }
        }
        Ok(())
    }

    /// A module by its name.
    pub fn module(&self, name: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.name == name)
    }

    /// What is done by the clock, with the module's name.
    pub fn schedules(&self) -> impl Iterator<Item = (&'static str, &'static Schedule)> {
        let of = |module: &Module| {
            let name = module.name;
            module.schedules.iter().map(move |schedule| (name, schedule))
        };
        self.modules.iter().flat_map(of)
    }

    /// A resource by its full name.
    pub fn resource(&self, full_name: &str) -> Option<&'static Resource> {
        self.by_name.get(full_name).copied()
    }

    /// Every resource, by module and declaration.
    pub fn resources(&self) -> impl Iterator<Item = &'static Resource> {
        self.modules.iter().flat_map(|module| module.resources.iter().copied())
    }

    /// Every permission name, sorted.
    pub fn permissions(&self) -> Vec<String> {
        let mut names: Vec<String> = self.modules.iter().flat_map(Module::own_permissions).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The permissions that a job role gets from every module.
    pub fn granted(&self, role: &str) -> Vec<String> {
        let patterns: Vec<&str> = self
            .modules
            .iter()
            .flat_map(|module| module.grants)
            .filter(|(name, _)| *name == role)
            .flat_map(|(_, patterns)| patterns.iter().copied())
            .collect();
        self.permissions()
            .into_iter()
            .filter(|name| patterns.iter().any(|pattern| matches(pattern, name)))
            .collect()
    }

    /// Consequences of an event in its own module.
    pub fn effects(&self, name: &str) -> impl Iterator<Item = &Effect> {
        self.effects.get(name).into_iter().flatten().copied()
    }

    /// Consequences of an event in other modules, with the module's name.
    pub fn listeners(&self, name: &str) -> impl Iterator<Item = (&'static str, &'static Effect)> {
        self.listeners.get(name).into_iter().flatten().copied()
    }

    /// Whether another module listens to an event.
    pub fn is_heard(&self, name: &str) -> bool {
        self.listeners.contains_key(name)
    }

    /// Where records of a kind go.
    pub fn sink(&self, effect: &str) -> Option<Sink> {
        self.modules
            .iter()
            .flat_map(|module| &module.sinks)
            .find(|sink| sink.effect == effect)
            .copied()
    }
}

/// `vehicles.*` matches `vehicles.read`; anything else matches itself.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
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
    /// Keys the fingerprints of requests, which may hold passwords.
    pub(crate) fingerprint_key: [u8; crate::KEY_BYTES],
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
        Ok(Self {
            gate,
            clock,
            catalogue,
            registry,
            data,
            fingerprint_key,
            authority: OnceLock::new(),
            services: HashMap::new(),
        })
    }

    /// Adds something that one module's operations share, as a pool or a worker.
    pub fn with<T: Any + Send + Sync>(mut self, service: Arc<T>) -> Self {
        self.services.insert(TypeId::of::<T>(), service);
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

    pub(crate) fn authority(&self) -> &dyn Authority {
        self.authority.get().expect("the authority is set at start-up").as_ref()
    }
}
