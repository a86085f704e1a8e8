//! Everything that is declared, by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveTime;
use platform_resource::{Kind, Resource, Scope};

use crate::{Effect, Module, Schedule, Sink, When};

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
        let (mut by_name, mut short_names) = (BTreeMap::new(), BTreeSet::new());
        for resource in modules.iter().flat_map(|module| module.resources) {
            // Permissions have no module in their names: whoever may one would be let into the other.
            if !short_names.insert(resource.name) && !by_name.contains_key(&resource.full_name()) {
                return Err(format!(
                    "{} has the name of another module's resource",
                    resource.full_name()
                ));
            }
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
            // Verbs and actions share names of operations and permissions.
            let verbs = [
                "list", "read", "options", "history", "create", "update", "delete", "bulk", "import", "export",
            ];
            for (place, action) in resource.actions.iter().enumerate() {
                let before = resource.actions[..place].iter();
                if verbs.contains(&action.name) || before.clone().any(|other| other.name == action.name) {
                    return Err(format!("{}.{} is taken by another", resource.full_name(), action.name));
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
                let (pattern, scope) = scoped(name);
                let meant: Vec<&String> = known.iter().filter(|permission| matches(pattern, permission)).collect();
                let has_owner = |permission: &&String| registry.is_owned(permission);
                if meant.is_empty() || (scope != Scope::All && !meant.iter().all(has_owner)) {
                    return Err(format!("role {role} is granted {name}, which nobody declares"));
                }
            }
        }
        for resource in registry.resources().filter(|resource| resource.owner.is_some()) {
            registry.prove_owner(resource)?;
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

    /// Whether a permission is about rows that belong to somebody, so that it can be given for some of them.
    pub fn is_owned(&self, permission: &str) -> bool {
        let name = permission.split_once('.').map_or(permission, |(name, _)| name);
        let mut owned = self.resources().filter(|resource| resource.owner.is_some());
        owned.any(|resource| resource.name == name && resource.permissions().iter().any(|own| own == permission))
    }

    /// The permissions that a job role gets from every module, each for its widest scope.
    pub fn granted(&self, role: &str) -> Vec<(String, Scope)> {
        let patterns: Vec<(&str, Scope)> = self
            .modules
            .iter()
            .flat_map(|module| module.grants)
            .filter(|(name, _)| *name == role)
            .flat_map(|(_, patterns)| patterns.iter().map(|pattern| scoped(pattern)))
            .collect();
        let scope = |name: &str| {
            let fitting = patterns.iter().filter(|(pattern, _)| matches(pattern, name));
            fitting.map(|(_, scope)| *scope).max()
        };
        let names = self.permissions().into_iter();
        names
            .filter_map(|name| scope(&name).map(|scope| (name, scope)))
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

/// `leaves.read:own` is `leaves.read` for own rows; without a scope it is for all.
fn scoped(grant: &str) -> (&str, Scope) {
    let end = grant.rsplit_once(':');
    end.and_then(|(pattern, scope)| Some((pattern, Scope::named(scope)?)))
        .unwrap_or((grant, Scope::All))
}

/// `vehicles.*` matches `vehicles.read`; anything else matches itself.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use platform_resource::{Action, Resource, text, transition};

    use super::*;

    const FIELDS: &[platform_resource::Field] = &[text("name", 40)];
    static TWICE: Resource = Resource::new("yard", "gates", FIELDS).actions(&[
        transition("open", "name", &[], |_| None),
        transition("open", "name", &[], |_| None),
    ]);
    const READ: &[Action] = &[transition("read", "name", &[], |_| None)];
    static LIKE_A_VERB: Resource = Resource::new("yard", "notes", FIELDS).actions(READ);

    static RESOURCES: [[&Resource; 1]; 2] = [[&TWICE], [&LIKE_A_VERB]];

    fn refused(resource: &'static [&'static Resource]) -> String {
        let module = Module {
            name: "yard",
            resources: resource,
            ..Module::default()
        };
        Registry::new(vec![module]).err().expect("a refusal")
    }

    #[test]
    fn an_operation_has_one_name() {
        assert_eq!(refused(&RESOURCES[0]), "yard.gates.open is taken by another");
        assert_eq!(refused(&RESOURCES[1]), "yard.notes.read is taken by another");
    }

    static HERE: [&Resource; 1] = [&Resource::new("yard", "keys", FIELDS)];
    static THERE: [&Resource; 1] = [&Resource::new("house", "keys", FIELDS)];

    #[test]
    fn two_modules_share_no_name_because_permissions_have_none_of_the_module() {
        let module = |name, resources: &'static [&'static Resource]| Module {
            name,
            resources,
            ..Module::default()
        };
        let modules = vec![module("yard", &HERE), module("house", &THERE)];
        let refusal = Registry::new(modules).err();
        assert_eq!(
            refusal.as_deref(),
            Some("house.keys has the name of another module's resource")
        );
    }
}
