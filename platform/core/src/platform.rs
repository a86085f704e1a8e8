//! What a process shares between requests, and what modules bring into it.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

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

/// What a module brings.
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
}

/// Everything that is declared.
#[derive(Default)]
pub struct Registry {
    /// The modules of this build.
    pub modules: Vec<Module>,
    by_name: BTreeMap<String, &'static Resource>,
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
        let registry = Self { modules, by_name };
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
        let mut names: Vec<String> = self.resources().flat_map(Resource::permissions).collect();
        names.extend(
            self.modules
                .iter()
                .flat_map(|module| module.permissions)
                .map(ToString::to_string),
        );
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
