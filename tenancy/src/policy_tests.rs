//! The snapshot against Casbin, and what each membership gets.

use platform_core::{Module, Registry};
use platform_resource::{Decision, Field, Given, Resource, action, date, member, money, text};

use super::*;

static VANS: Resource = Resource::new("yard", "vans", FIELDS).actions(&[action("retire", &[], retire)]);
const YARD: &[&Resource] = &[&VANS, &MEALS, &RUNS];
static MEALS: Resource = Resource::new("yard", "meals", FIELDS).owned_by("eater");
static RUNS: Resource = Resource::new("yard", "runs", FIELDS);
const FIELDS: &[Field] = &[
    text("name", 20).required(),
    date("on"),
    member("eater"),
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
            ("courier", &["meals.read", "meals.update:own"]),
            ("dispatcher", &["meals.*:team"]),
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

fn names(roles: &[&str]) -> Vec<String> {
    roles.iter().map(ToString::to_string).collect()
}

const ORGANIZATION: Uuid = Uuid::from_u128(8);
const KEEPER: Uuid = Uuid::from_u128(20);
const LEADER: Uuid = Uuid::from_u128(21);

/// Two roles of an organization's own, one of which names what does not exist.
fn own_roles() -> [OwnRole; 2] {
    let role = |id, held: &[(&str, Scope)]| OwnRole {
        id,
        permissions: held.iter().map(|(name, scope)| ((*name).to_owned(), *scope)).collect(),
    };
    let keeper = [
        ("vans.read", Scope::All),
        ("meals.update", Scope::Team),
        ("ghosts.read", Scope::All),
    ];
    [
        role(KEEPER, &keeper),
        role(LEADER, &[("meals.read", Scope::Team), ("vans.retire", Scope::All)]),
    ]
}

#[tokio::test]
async fn says_what_casbin_says_for_every_member_and_permission() {
    let registry = registry();
    let policy = Policy::new(&registry).await.unwrap();
    let stored = own_roles();
    let own = policy.organization(3, &stored).await.unwrap();
    let permissions = registry.permissions();
    let mut decisions = 0;
    let (keeper, leader) = (KEEPER.to_string(), LEADER.to_string());
    let role_sets: Vec<Vec<String>> = ROLES
        .iter()
        .map(|role| names(&[role]))
        .chain([
            names(&[]),
            names(&["finance", "courier"]),
            names(&["dispatcher", "courier"]),
            names(&["unknown"]),
            names(&[&keeper]),
            names(&[&keeper, &leader, "courier"]),
        ])
        .collect();
    let mut narrow = 0;
    for membership in MEMBERSHIPS {
        for roles in &role_sets {
            let user = Uuid::from_u128(7);
            let compiled = policy.snapshot(&own, user, ORGANIZATION, membership, roles);
            let made = own_roles();
            let asked = policy.ask(&made, user, ORGANIZATION, membership, roles, &permissions);
            assert_eq!(compiled, asked.await.unwrap(), "{membership} {roles:?}");
            decisions += permissions.len();
            narrow += compiled.iter().filter(|(_, scope)| *scope != Scope::All).count();
        }
    }
    assert!(decisions > 1000 && narrow > 10, "{decisions} {narrow}");

    // The comparison can fail: another organization's roles give something else.
    let other = policy.organization(3, &[]).await.unwrap();
    let roles = names(&[&keeper]);
    let without = policy.snapshot(&other, Uuid::nil(), ORGANIZATION, "viewer", &roles);
    assert!(without.is_empty());
    assert_ne!(
        without,
        policy.snapshot(&own, Uuid::nil(), ORGANIZATION, "viewer", &roles)
    );
}

#[tokio::test]
async fn of_two_scopes_the_wider_one_counts() {
    let policy = Policy::new(&registry()).await.unwrap();
    let own = policy.organization(1, &own_roles()).await.unwrap();
    let (keeper, leader) = (KEEPER.to_string(), LEADER.to_string());
    for (membership, roles, permission, expected) in [
        ("viewer", names(&["courier"]), "meals.update", Some(Scope::Own)),
        (
            "viewer",
            names(&["courier", &keeper]),
            "meals.update",
            Some(Scope::Team),
        ),
        ("viewer", names(&["dispatcher"]), "meals.delete", Some(Scope::Team)),
        ("viewer", names(&["courier", &leader]), "meals.read", Some(Scope::All)),
        ("viewer", names(&[&leader]), "meals.read", Some(Scope::Team)),
        ("viewer", names(&[&keeper]), "vans.update", None),
        ("manager", names(&["courier"]), "meals.update", Some(Scope::All)),
        ("viewer", names(&[]), "meals.read", Some(Scope::All)),
    ] {
        let held = policy.snapshot(&own, Uuid::nil(), ORGANIZATION, membership, &roles);
        assert_eq!(held.scope(permission), expected, "{membership} {roles:?} {permission}");
    }
}

#[tokio::test]
async fn gives_each_membership_its_part() {
    let registry = registry();
    let policy = Policy::new(&registry).await.unwrap();
    let may = |membership: &str, roles: &[&str], permission: &str| {
        let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
        policy
            .snapshot(&Own::default(), Uuid::nil(), Uuid::nil(), membership, &roles)
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
    let all = policy.snapshot(&Own::default(), Uuid::nil(), Uuid::nil(), "owner", &[]);
    let without = |names: &[&str]| policy.take_away(&all, &names.iter().map(ToString::to_string).collect());
    assert_eq!(without(&[]), all);
    assert_eq!(
        without(&["yard"]).names().into_iter().collect::<Vec<_>>(),
        ["reports.read", "tills.read"]
    );
    let no_shop = without(&["shop"]);
    assert!(no_shop.contains("reports.read") && no_shop.contains("vans.read") && !no_shop.contains("tills.read"));
    assert!(without(&["yard", "shop"]).is_empty());
}
