//! Who may do what. Casbin holds the rules; requests are answered from sets compiled from them.
//!
//! There are two axes. A membership says how much of the organization somebody runs, a job role what the job needs. What both
//! allow adds up, with one exception: a viewer who has job roles sees what these show and no more, so that a courier is not shown
//! the whole company.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result};
use casbin::{CoreApi, DefaultModel, DefaultRoleManager, Enforcer, MemoryAdapter, MgmtApi, RoleManager};
use platform_core::Registry;
use uuid::Uuid;

/// The organization is the domain of `g` alone: built-in rules are shared by all organizations. `g` stands last in the matcher:
/// it costs the most and is only asked where object and act fit already.
const MODEL: &str = "
[request_definition]
r = sub, dom, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && g(r.sub, p.sub, r.dom)
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
const ADMINISTRATION: [&str; 5] = ["members", "organization", "plugins", "installations", "runs"];

/// How much of an organization a membership runs; nothing is less than an unknown one.
pub fn rank(membership: &str) -> usize {
    MEMBERSHIPS
        .iter()
        .position(|known| *known == membership)
        .map_or(0, |position| position + 1)
}

/// How many links a role may inherit through.
const DEPTH: usize = 8;

/// Everything that any membership or role may do.
pub struct Policy {
    enforcer: Enforcer,
    /// What each subject of a p-rule may do, by name.
    compiled: HashMap<String, BTreeSet<String>>,
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
        "manager" => act == "read" || !ADMINISTRATION.contains(&object),
        // Private fields have permissions of their own, as `read_cost`.
        "viewer" => act == "read",
        _ => false,
    }
}

impl Policy {
    /// The rules of everything that is declared.
    pub async fn new(registry: &Registry) -> Result<Self> {
        let permissions = registry.permissions();
        let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for membership in MEMBERSHIPS {
            let allowed = permissions
                .iter()
                .filter(|permission| member_may(membership, permission));
            rules.insert(of_membership(membership), allowed.cloned().collect());
        }
        for role in ROLES {
            rules.insert(of_role(role), registry.granted(role));
        }
        let lines = rules.iter().flat_map(|(subject, allowed)| {
            let line = |permission: &String| {
                let (object, act) = split(permission);
                [subject, object, act].map(ToOwned::to_owned).to_vec()
            };
            allowed.iter().map(line).collect::<Vec<_>>()
        });
        let lines: Vec<Vec<String>> = lines.collect();
        let enforcer = enforcer(lines).await?;
        let compiled = compile(&enforcer);
        let modules = registry.modules.iter();
        let of_modules = modules.map(|module| (module.name, module.own_permissions().collect()));
        Ok(Self {
            enforcer,
            compiled,
            of_modules: of_modules.collect(),
        })
    }

    /// Takes away what only modules that are switched off bring.
    pub fn take_away(&self, permissions: &mut BTreeSet<String>, modules_off: &BTreeSet<String>) {
        if modules_off.is_empty() {
            return;
        }
        let (off, on): (Vec<_>, Vec<_>) = self
            .of_modules
            .iter()
            .partition(|(name, _)| modules_off.contains(**name));
        permissions.retain(|permission| {
            let brings = |(_, own): &(_, &BTreeSet<String>)| own.contains(permission);
            !off.iter().any(brings) || on.iter().any(brings)
        });
    }

    /// What a member may do: the rules of everything that his links lead to.
    pub fn snapshot(&self, user: Uuid, organization: Uuid, membership: &str, roles: &[String]) -> BTreeSet<String> {
        let mut graph = DefaultRoleManager::new(DEPTH);
        let [user, organization] = [user, organization].map(|id| id.to_string());
        for subject in subjects(membership, roles) {
            graph.add_link(&user, &subject, Some(&organization));
        }
        let mut allowed = BTreeSet::new();
        for subject in graph.get_roles(&user, Some(&organization)) {
            allowed.extend(self.compiled.get(&subject).into_iter().flatten().cloned());
        }
        allowed
    }

    /// Asks Casbin itself about every permission: slow, and only for showing that the snapshot says the same.
    pub async fn ask(
        &self,
        user: Uuid,
        organization: Uuid,
        membership: &str,
        roles: &[String],
        permissions: &[String],
    ) -> Result<BTreeSet<String>> {
        let mut enforcer = enforcer(self.enforcer.get_policy()).await?;
        let [user, organization] = [user, organization].map(|id| id.to_string());
        for subject in subjects(membership, roles) {
            let link = [&user, &subject, &organization].map(ToString::to_string).to_vec();
            enforcer.add_grouping_policy(link).await?;
        }
        let mut allowed = BTreeSet::new();
        for permission in permissions {
            let (object, act) = split(permission);
            if enforcer.enforce((user.as_str(), organization.as_str(), object, act))? {
                allowed.insert(permission.clone());
            }
        }
        Ok(allowed)
    }
}

/// What a member is linked to by `g`. The prefixes keep a role that calls itself "owner" from being the membership.
fn subjects(membership: &str, roles: &[String]) -> Vec<String> {
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

async fn enforcer(rules: Vec<Vec<String>>) -> Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL)
        .await
        .context("reading the model of permissions")?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    enforcer
        .add_policies(rules)
        .await
        .context("adding the rules of built-in roles")?;
    Ok(enforcer)
}

fn compile(enforcer: &Enforcer) -> HashMap<String, BTreeSet<String>> {
    let mut compiled: HashMap<String, BTreeSet<String>> = HashMap::new();
    for rule in enforcer.get_policy() {
        if let [subject, object, act] = rule.as_slice() {
            compiled
                .entry(subject.clone())
                .or_default()
                .insert(format!("{object}.{act}"));
        }
    }
    compiled
}

#[cfg(test)]
mod tests {
    use platform_core::{Module, Registry};
    use platform_resource::{Decision, Field, Given, Resource, action, date, money, text};

    use super::*;

    static VANS: Resource = Resource::new("yard", "vans", FIELDS).actions(&[action("retire", &[], retire)]);
    const YARD: &[&Resource] = &[&VANS, &MEALS, &RUNS];
    static MEALS: Resource = Resource::new("yard", "meals", FIELDS);
    static RUNS: Resource = Resource::new("yard", "runs", FIELDS);
    const FIELDS: &[Field] = &[
        text("name", 20).required(),
        date("on"),
        money("price").permission("read_price"),
    ];

    fn retire(_: &Given<'_>) -> Decision {
        Err("never")
    }

    fn registry() -> Registry {
        let yard = Module {
            name: "yard",
            resources: YARD,
            operations: Vec::new(),
            locales: ("{}", "{}"),
            grants: &[
                ("fleet_manager", &["vans.*"]),
                ("finance", &["vans.read", "vans.read_price", "reports.read"]),
                ("courier", &["meals.read"]),
            ],
            permissions: &[
                "members.read",
                "members.create",
                "plugins.read",
                "plugins.manage",
                "reports.read",
            ],
            ..Module::default()
        };
        Registry::new(vec![yard]).unwrap()
    }

    #[tokio::test]
    async fn says_what_casbin_says_for_every_member_and_permission() {
        let registry = registry();
        let policy = Policy::new(&registry).await.unwrap();
        let permissions = registry.permissions();
        let mut decisions = 0;
        let none: Vec<String> = Vec::new();
        let two = vec!["finance".to_owned(), "courier".to_owned()];
        let role_sets: Vec<Vec<String>> = ROLES
            .iter()
            .map(|role| vec![(*role).to_owned()])
            .chain([none, two, vec!["unknown".into()]])
            .collect();
        for membership in MEMBERSHIPS {
            for roles in &role_sets {
                let (user, organization) = (Uuid::from_u128(7), Uuid::from_u128(8));
                let compiled = policy.snapshot(user, organization, membership, roles);
                let asked = policy
                    .ask(user, organization, membership, roles, &permissions)
                    .await
                    .unwrap();
                assert_eq!(compiled, asked, "{membership} {roles:?}");
                decisions += permissions.len();
            }
        }
        assert!(decisions > 800, "{decisions}");
    }

    #[tokio::test]
    async fn gives_each_membership_its_part() {
        let registry = registry();
        let policy = Policy::new(&registry).await.unwrap();
        let may = |membership: &str, roles: &[&str], permission: &str| {
            let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
            policy
                .snapshot(Uuid::nil(), Uuid::nil(), membership, &roles)
                .contains(permission)
        };
        for (membership, roles, permission, expected) in [
            ("owner", vec![], "members.create", true),
            ("admin", vec![], "vans.read_price", true),
            ("manager", vec![], "vans.retire", true),
            ("manager", vec![], "members.read", true),
            ("manager", vec![], "members.create", false),
            ("manager", vec![], "runs.create", false),
            ("manager", vec![], "plugins.read", true),
            ("manager", vec![], "plugins.manage", false),
            ("admin", vec![], "plugins.manage", true),
            ("viewer", vec![], "vans.read", true),
            ("viewer", vec![], "vans.read_price", false),
            ("viewer", vec![], "vans.update", false),
            ("viewer", vec!["courier"], "meals.read", true),
            ("viewer", vec!["courier"], "vans.read", false),
            ("viewer", vec!["courier", "finance"], "vans.read_price", true),
            ("manager", vec!["courier"], "vans.update", true),
            ("nonsense", vec![], "vans.read", false),
            ("viewer", vec!["unknown"], "vans.read", false),
            ("viewer", vec!["owner"], "vans.read", false),
        ] {
            assert_eq!(
                may(membership, &roles, permission),
                expected,
                "{membership} {roles:?} {permission}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_switched_off_gives_nothing_and_what_another_brings_too_stays() {
        let shop = Module {
            name: "shop",
            permissions: &["reports.read", "tills.read"],
            locales: ("{}", "{}"),
            ..Module::default()
        };
        let mut modules = registry().modules;
        modules.push(shop);
        let policy = Policy::new(&Registry::new(modules).unwrap()).await.unwrap();
        let all = policy.snapshot(Uuid::nil(), Uuid::nil(), "owner", &[]);
        let without = |names: &[&str]| {
            let mut left = all.clone();
            policy.take_away(&mut left, &names.iter().map(ToString::to_string).collect());
            left
        };
        assert_eq!(without(&[]), all);
        assert_eq!(
            without(&["yard"]).into_iter().collect::<Vec<_>>(),
            ["reports.read", "tills.read"]
        );
        let no_shop = without(&["shop"]);
        assert!(no_shop.contains("reports.read") && no_shop.contains("vans.read") && !no_shop.contains("tills.read"));
        assert!(without(&["yard", "shop"]).is_empty());
    }
}
