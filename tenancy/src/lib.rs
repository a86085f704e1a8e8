//! Organizations, people, sign-in and permissions.
//!
//! People are global (schema `identity`, reached as `barq_auth` alone), members are an organization's own (`platform.members`,
//! inside its transaction). [`Tenancy`] answers who is behind a token and what they may do; [`module`] brings the operations.

mod account;
mod auth;
mod entry;
mod keys;
mod member;
mod members;
mod modules;
mod password;
mod policy;
mod refresh;
mod service;
mod store;
mod throttle;
mod token;

use platform_core::Module;

pub use account::{NewPerson, Position, Standing, create_member, create_organization, set_standing};
pub use policy::{MEMBERSHIPS, Policy, ROLES};
pub use service::Tenancy;
pub use store::{Offer, Person};

/// Hand-written statements over tenant tables, for the test that prepares each of them as the application.
pub const STATEMENTS: &[&str] = &[
    account::ADD_ORGANIZATION,
    account::SET_STATUS,
    account::RAISE_ALL,
    account::ADD_MEMBER,
    account::CLEAR_ROLES,
    account::ADD_ROLES,
    account::HISTORY,
    account::LOCK,
    auth::ORGANIZATION,
    member::READ,
    member::ADD_ENDED,
    member::PRUNE_ENDED,
    member::RAISE,
    members::LIST,
    members::OPTIONS,
    members::ONE,
    members::OTHER_OWNERS,
    members::CHANGE,
    members::REMOVE,
    modules::SWITCHES,
    modules::SWITCH,
    modules::HISTORY,
];

/// Hand-written statements over schema `identity`, for the test that prepares each of them as `barq_auth`.
pub const IDENTITY_STATEMENTS: &[&str] = &[
    keys::KEYS,
    keys::ADD,
    keys::RETIRE,
    store::EMAIL_TAKEN,
    store::ACCOUNT,
    store::PERSON,
    store::ADD_USER,
    store::ADD_CREDENTIAL,
    store::REHASH,
    store::ADD_ORGANIZATION,
    store::ORGANIZATIONS,
    store::ENTER,
    store::LEAVE,
    store::OFFERED,
    store::USED,
    store::START,
    store::SESSION,
    store::LOCK,
    store::ROTATE,
    store::END,
    store::SWEEP,
    throttle::TRY,
    throttle::WAIT,
    throttle::FORGET,
    throttle::RETURN,
    throttle::SWEEP,
];

/// What this crate brings to the server.
pub fn module() -> Module {
    Module {
        name: "tenancy",
        resources: &[],
        operations: [auth::operations(), members::operations(), modules::operations()].concat(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: &[("hr_manager", &["members.read"])],
        permissions: &[
            "members.read",
            "members.create",
            "members.update",
            "members.remove",
            "organization.read",
            "organization.switch_modules",
        ],
        listeners: account::LISTENERS,
        essential: true,
        ..Module::default()
    }
}
