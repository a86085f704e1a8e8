//! Who may do what. Casbin holds the rules; requests are answered from sets compiled from them.
//!
//! There are two axes. A membership says how much of the organization somebody runs, a job role what the job needs. What both
//! allow adds up, with one exception: a viewer who has job roles sees what these show and no more, so that a courier is not shown
//! the whole company. Built-in roles are rules that all organizations share; an organization's own roles are rules of an
//! enforcer of its own, so that what one company writes costs the others nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use casbin::{CoreApi, DefaultModel, DefaultRoleManager, Enforcer, MemoryAdapter, MgmtApi, RoleManager};
use platform_core::{Permissions, Places, Registry};
use platform_resource::Scope;
use uuid::Uuid;

/// The organization is the domain of `g` alone: built-in rules are shared by all organizations. `g` stands last in the matcher:
/// it costs the most and is only asked where object, act and scope fit already.
const MODEL: &str = "
[request_definition]
r = sub, dom, obj, act, scope
[policy_definition]
p = sub, obj, act, scope
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && r.scope == p.scope && g(r.sub, p.sub, r.dom)
";

/// Memberships, from the least to the most.
pub const MEMBERSHIPS: [&str; 4] = ["viewer", "manager", "admin", "owner"];
/// Built-in job roles.
pub const ROLES: [&str; 6] = [
    "fleet_manager",
    "hr_manager",
    "finance",
    "dispatcher",
    "support_agent",
    "courier",
];
/// What is administration of the organization and not its business: a manager may look at it and no more.
const ADMINISTRATION: [&str; 8] = [
    "api_keys",
    "members",
    "roles",
    "support_access",
    "organization",
    "plugins",
    "installations",
    "runs",
];

/// How much of an organization a membership runs; nothing is less than an unknown one.
pub fn rank(membership: &str) -> usize {
    MEMBERSHIPS
        .iter()
        .position(|known| *known == membership)
        .map_or(0, |position| position + 1)
}

/// The membership of somebody of the parent of a group who looks in; nobody gives it by hand.
pub const VISITOR: &str = "visitor";

/// How many links a role may inherit through.
const DEPTH: usize = 8;

/// A rule of Casbin: subject, object, act, scope.
type Rule = Vec<String>;

/// A role of an organization's own: what it is given, and for which rows.
#[derive(Clone, Debug)]
pub struct OwnRole {
    /// Its id, which is also its name in rules.
    pub id: Uuid,
    /// Names of permissions with their scopes.
    pub permissions: Vec<(String, Scope)>,
}

/// What decides about the members of one organization: its own roles, compiled for one policy version.
#[derive(Debug, Default)]
pub struct Own {
    /// The version that it was compiled for.
    pub version: i64,
    compiled: HashMap<String, Permissions>,
    /// What members of one position may do: they share it.
    positions: Mutex<HashMap<Position, Permissions>>,
}

/// Membership, job roles and modules that are switched off: members who have these in common may do the same.
type Position = (String, Vec<String>, BTreeSet<String>);

/// Everything that any membership or role may do.
pub struct Policy {
    enforcer: Enforcer,
    places: Arc<Places>,
    /// What each subject of a p-rule may do, by name.
    compiled: HashMap<String, Permissions>,
    /// Permissions of each module.
    of_modules: HashMap<&'static str, BTreeSet<String>>,
}

/// `vehicles.read_cost` as object and act.
fn split(permission: &str) -> (&str, &str) {
    permission.rsplit_once('.').unwrap_or((permission, ""))
}

/// What a membership allows of a permission.
fn member_may(membership: &str, permission: &str) -> bool {
    let (object, act) = split(permission);
    match membership {
        "owner" | "admin" => true,
        // Who did what is for those who answer for it.
        _ if object == "audit" => false,
        "manager" => act == "read" || !ADMINISTRATION.contains(&object),
        // Private fields have permissions of their own, as `read_cost`.
        "viewer" => act == "read",
        _ => false,
    }
}

fn rule(subject: &str, permission: &str, scope: Scope) -> Rule {
    let (object, act) = split(permission);
    [subject, object, act, scope.name()].map(ToOwned::to_owned).to_vec()
}

impl Policy {
    /// The rules of everything that is declared.
    pub async fn new(registry: &Registry) -> Result<Self> {
        let permissions = registry.permissions();
        let mut rules = Vec::new();
        for membership in MEMBERSHIPS {
            let allowed = permissions
                .iter()
                .filter(|permission| member_may(membership, permission));
            let subject = of_membership(membership);
            rules.extend(allowed.map(|permission| rule(&subject, permission, Scope::All)));
        }
        for role in ROLES {
            let (subject, granted) = (of_role(role), registry.granted(role));
            rules.extend(granted.iter().map(|(name, scope)| rule(&subject, name, *scope)));
        }
        let enforcer = enforcer(rules).await?;
        let places = Arc::new(Places::new(permissions));
        let compiled = compile(&enforcer, &places);
        let modules = registry.modules.iter();
        let of_modules = modules.map(|module| (module.name, module.own_permissions().collect()));
        Ok(Self {
            enforcer,
            places,
            compiled,
            of_modules: of_modules.collect(),
        })
    }

    /// The snapshot of an organization's own roles. Permissions that this build does not have mean nothing.
    pub async fn organization(&self, version: i64, roles: &[OwnRole]) -> Result<Own> {
        let rules = self.rules(roles);
        if rules.is_empty() {
            return Ok(Own {
                version,
                ..Own::default()
            });
        }
        let enforcer = enforcer(rules).await?;
        Ok(Own {
            version,
            compiled: compile(&enforcer, &self.places),
            positions: Mutex::default(),
        })
    }

    fn rules(&self, roles: &[OwnRole]) -> Vec<Rule> {
        let of = |role: &OwnRole| -> Vec<Rule> {
            let subject = of_role(&role.id.to_string());
            let known = role.permissions.iter().filter(|(name, _)| self.places.has(name));
            known.map(|(name, scope)| rule(&subject, name, *scope)).collect()
        };
        roles.iter().flat_map(of).collect()
    }

    /// Whether a permission exists.
    pub fn has(&self, permission: &str) -> bool {
        self.places.has(permission)
    }

    /// Whether a module brings a permission.
    pub fn brings(&self, module: &str, permission: &str) -> bool {
        self.of_modules.get(module).is_some_and(|own| own.contains(permission))
    }

    /// These permissions as a snapshot.
    pub fn of<'a>(&self, held: impl IntoIterator<Item = (&'a str, Scope)>) -> Permissions {
        Permissions::new(&self.places, held)
    }

    /// Takes away what only modules that are switched off bring.
    pub fn take_away(&self, permissions: &Permissions, modules_off: &BTreeSet<String>) -> Permissions {
        if modules_off.is_empty() {
            return permissions.clone();
        }
        let (off, on): (Vec<_>, Vec<_>) = self
            .of_modules
            .iter()
            .partition(|(name, _)| modules_off.contains(**name));
        permissions.filtered(|permission| {
            let brings = |(_, own): &(_, &BTreeSet<String>)| own.contains(permission);
            !off.iter().any(brings) || on.iter().any(brings)
        })
    }

    /// What a member may do while modules are switched off; members of one position share the answer.
    pub fn held(
        &self,
        own: &Own,
        user: Uuid,
        organization: Uuid,
        membership: &str,
        roles: &[String],
        modules_off: &BTreeSet<String>,
    ) -> Permissions {
        let position = (membership.to_owned(), roles.to_vec(), modules_off.clone());
        let positions = || own.positions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = positions().get(&position) {
            return held.clone();
        }
        let all = self.snapshot(own, user, organization, membership, roles);
        let held = self.take_away(&all, modules_off);
        positions().insert(position, held.clone());
        held
    }

    /// What a member may do: the rules of everything that his links lead to.
    pub fn snapshot(
        &self,
        own: &Own,
        user: Uuid,
        organization: Uuid,
        membership: &str,
        roles: &[String],
    ) -> Permissions {
        let mut graph = DefaultRoleManager::new(DEPTH);
        let [user, organization] = [user, organization].map(|id| id.to_string());
        for subject in subjects(membership, roles) {
            graph.add_link(&user, &subject, Some(&organization));
        }
        let linked = graph.get_roles(&user, Some(&organization));
        let sets = linked
            .iter()
            .filter_map(|subject| self.compiled.get(subject).or_else(|| own.compiled.get(subject)));
        self.of(sets.flat_map(Permissions::iter))
    }

    /// Asks Casbin itself about permissions: slow, and only for showing that the snapshot says the same. The widest scope that
    /// a rule allows is the answer. Rules are loaded by object: those of another one cannot match.
    pub async fn ask(
        &self,
        own: &[OwnRole],
        user: Uuid,
        organization: Uuid,
        membership: &str,
        roles: &[String],
        permissions: &[String],
    ) -> Result<Permissions> {
        let mut by_object: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
        for rule in self.enforcer.get_policy().into_iter().chain(self.rules(own)) {
            if let Some(object) = rule.get(1) {
                by_object.entry(object.clone()).or_default().push(rule);
            }
        }
        let [user, organization] = [user, organization].map(|id| id.to_string());
        let mut held = Vec::new();
        for (object, rules) in by_object {
            let mut enforcer = enforcer(rules).await?;
            for subject in subjects(membership, roles) {
                let link = [&user, &subject, &organization].map(ToString::to_string).to_vec();
                enforcer.add_grouping_policy(link).await?;
            }
            for permission in permissions.iter().filter(|name| split(name).0 == object) {
                for scope in Scope::ALL {
                    let request = (
                        user.as_str(),
                        organization.as_str(),
                        object.as_str(),
                        split(permission).1,
                        scope.name(),
                    );
                    if enforcer.enforce(request)? {
                        held.push((permission.as_str(), scope));
                        break;
                    }
                }
            }
        }
        Ok(self.of(held))
    }
}

/// What a member is linked to by `g`. The prefixes keep a role that calls itself "owner" from being the membership.
/// A visitor from the parent of a group reads what a viewer reads.
fn subjects(membership: &str, roles: &[String]) -> Vec<String> {
    let membership = if membership == VISITOR { "viewer" } else { membership };
    let narrowed = membership == "viewer" && !roles.is_empty();
    let membership = (!narrowed).then(|| of_membership(membership));
    membership
        .into_iter()
        .chain(roles.iter().map(|role| of_role(role)))
        .collect()
}

fn of_membership(name: &str) -> String {
    format!("membership:{name}")
}

fn of_role(name: &str) -> String {
    format!("role:{name}")
}

async fn enforcer(rules: Vec<Rule>) -> Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL)
        .await
        .context("reading the model of permissions")?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    enforcer
        .add_policies(rules)
        .await
        .context("adding the rules of roles")?;
    Ok(enforcer)
}

/// What the rules of each subject allow.
fn compile(enforcer: &Enforcer, places: &Arc<Places>) -> HashMap<String, Permissions> {
    let mut held: HashMap<String, Vec<(String, Scope)>> = HashMap::new();
    for rule in enforcer.get_policy() {
        if let [subject, object, act, scope] = rule.as_slice()
            && let Some(scope) = Scope::named(scope)
        {
            let name = format!("{object}.{act}");
            held.entry(subject.clone()).or_default().push((name, scope));
        }
    }
    let compiled = held
        .into_iter()
        .map(|(subject, held)| (subject, Permissions::new(places, held)));
    compiled.collect()
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
