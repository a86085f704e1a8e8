//! Organizations, people, sign-in and permissions.
//!
//! People are global (schema `identity`, reached as `barq_auth` alone), members are an organization's own (`platform.members`,
//! inside its transaction). [`Tenancy`] answers who is behind a token and what they may do; [`module`] brings the operations.

mod accept;
mod account;
mod api_keys;
mod auth;
mod entry;
mod factors;
mod groups;
mod impersonation;
mod invitations;
mod keys;
mod letter;
mod lifecycle;
mod mail;
mod member;
mod members;
mod modules;
mod oidc;
mod operator;
mod organization;
mod outbox;
mod password;
mod policy;
mod post;
mod proof;
mod refresh;
mod reset;
mod roles;
mod service;
mod sessions;
mod store;
mod throttle;
mod token;
mod verify;

use platform_core::Module;

pub use account::{NewPerson, Position, Standing, create_member, create_organization, set_standing};
pub use keys::Rotation;
pub use letter::{Content, Letter, Written};
pub use mail::MailSettings;
pub use oidc::outbound::Outbound;
pub use oidc::outside::Outside;
pub use oidc::records::{Dns, TextRecords};
pub use oidc::rows::Provider;
pub use operator::{Staff, Stuck, Summary, summary};
pub use policy::{MEMBERSHIPS, Own, OwnRole, Policy, ROLES};
pub use post::{Outgoing, Round, keep_posting, post, register_jobs};
pub use service::Tenancy;
pub use store::{Offer, Person};

/// Hand-written statements over tenant tables, for the test that prepares each of them as the application.
pub const STATEMENTS: &[&str] = &[
    accept::FIND,
    accept::LOOK,
    accept::ACCEPTED,
    account::ADD_ORGANIZATION,
    account::SET_STATUS,
    account::STATUS,
    account::OWNERS,
    account::RAISE_ALL,
    account::ADD_MEMBER,
    account::CLEAR_ROLES,
    account::ADD_ROLES,
    account::HISTORY,
    account::LOCK,
    api_keys::STATEMENTS[0],
    api_keys::STATEMENTS[1],
    api_keys::STATEMENTS[2],
    api_keys::STATEMENTS[3],
    api_keys::STATEMENTS[4],
    api_keys::STATEMENTS[5],
    api_keys::STATEMENTS[6],
    api_keys::STATEMENTS[7],
    api_keys::STATEMENTS[8],
    api_keys::STATEMENTS[9],
    api_keys::STATEMENTS[10],
    api_keys::STATEMENTS[11],
    api_keys::STATEMENTS[12],
    auth::ORGANIZATION,
    impersonation::ADD,
    impersonation::LIST,
    impersonation::ONE,
    impersonation::OPEN,
    impersonation::END,
    invitations::LIST,
    invitations::ONE,
    invitations::IS_MEMBER,
    invitations::MAKE_ROOM,
    invitations::ADD,
    invitations::AGAIN,
    invitations::WITHDRAW,
    invitations::WITHDRAW_OF,
    lifecycle::SET_STATUS,
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
    operator::SUMMARY,
    organization::READ,
    organization::UPDATE,
    organization::IS_PICTURE,
    organization::HISTORY,
    roles::RULES,
    roles::LIST,
    roles::ONE,
    roles::GIVEN,
    roles::COUNTS,
    roles::HISTORY,
    roles::ADD,
    roles::CHANGE,
    roles::CLEAR,
    roles::GIVE,
    roles::RAISE,
    roles::REMOVE,
    roles::VERSION,
    groups::VIEW,
    groups::GRANT,
    groups::REVOKE,
    groups::ADMIT,
    groups::VISITORS,
    groups::SHOW_OUT,
    groups::SENT,
];

/// Hand-written statements over schema `identity`, for the test that prepares each of them as `barq_auth`.
pub const IDENTITY_STATEMENTS: &[&str] = &[
    impersonation::IS_STAFF,
    impersonation::ADD_STAFF,
    impersonation::REMOVE_STAFF,
    operator::STAFF,
    operator::STUCK,
    operator::RESEND,
    factors::recovery::CLEAR,
    factors::recovery::ADD,
    factors::recovery::USE,
    factors::recovery::LEFT,
    factors::rows::FACTORS,
    factors::rows::ACTIVE,
    factors::rows::PROVED,
    factors::rows::PROVE,
    factors::rows::TOTP,
    factors::rows::SET_TOTP,
    factors::rows::CONFIRM_TOTP,
    factors::rows::SPEND_TOTP,
    factors::rows::REMOVE_TOTP,
    factors::rows::PASSKEYS,
    factors::rows::PASSKEY,
    factors::rows::ADD_PASSKEY,
    factors::rows::USED_PASSKEY,
    factors::rows::RENAME_PASSKEY,
    factors::rows::REMOVE_PASSKEY,
    factors::rows::PASSWORD,
    factors::ticket::ADD,
    factors::ticket::PEEK,
    factors::ticket::TAKE,
    factors::ticket::SWEEP,
    factors::tries::TRY,
    factors::tries::WAIT,
    factors::tries::FORGET,
    oidc::domains::LIST,
    oidc::domains::ONE,
    oidc::domains::ADD,
    oidc::domains::CHECKED,
    oidc::domains::SET_PROVIDER,
    oidc::domains::REMOVE,
    oidc::join::DOMAIN,
    oidc::join::KNOWN,
    oidc::join::ADD_VERIFIED,
    oidc::join::RETIRE,
    oidc::join::RETIRE_PASSWORD,
    oidc::join::RETIRE_PASSKEYS,
    oidc::join::RETIRE_IDENTITIES,
    oidc::join::RETIRE_LETTERS,
    oidc::join::RETIRE_SESSIONS,
    oidc::rows::PROVIDERS,
    oidc::rows::PROVIDER,
    oidc::rows::SET_PROVIDER,
    oidc::rows::IDENTITY,
    oidc::rows::LINK,
    oidc::rows::USED,
    oidc::rows::IDENTITIES,
    oidc::rows::UNLINK,
    keys::KEYS,
    keys::ADD,
    keys::REPLACE,
    keys::RETIRE,
    organization::RENAME,
    organization::BY_NAME,
    post::ADD,
    post::ASK,
    post::ASKED,
    post::RECENT,
    post::DROP,
    post::CLAIM,
    post::SENT,
    post::AGAIN,
    post::DEAD,
    post::OUTBOX,
    post::SWEEP,
    proof::ADD,
    proof::FIND,
    proof::FORGET,
    proof::FORGET_ADDRESS,
    proof::VERIFY,
    proof::SWEEP,
    reset::CREDENTIAL,
    reset::REPLACE,
    sessions::LIST,
    sessions::END,
    sessions::END_OTHERS,
    sessions::END_HERE,
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
    throttle::IS_KNOWN,
    throttle::TRY,
    throttle::WAIT,
    throttle::FORGET,
    throttle::RETURN,
    throttle::SWEEP,
    verify::IS_VERIFIED,
    groups::ADD_CODE,
    groups::TAKE_CODE,
    groups::SWEEP_CODES,
    groups::ABOVE,
    groups::LINK,
    groups::UNLINK,
    groups::PARENT,
    groups::CHILDREN,
    groups::COPY_VIEW,
];

/// What this crate brings to the server.
pub fn module() -> Module {
    Module {
        name: "tenancy",
        resources: &[],
        operations: [
            accept::operations(),
            auth::operations(),
            factors::operations(),
            oidc::operations(),
            groups::operations(),
            invitations::operations(),
            lifecycle::operations(),
            members::operations(),
            modules::operations(),
            organization::operations(),
            outbox::operations(),
            reset::operations(),
            roles::operations(),
            impersonation::operations(),
            sessions::operations(),
            verify::operations(),
            api_keys::operations(),
        ]
        .concat()
        .into_iter()
        .map(api_keys::finished)
        .collect(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: &[("hr_manager", &["members.read"])],
        permissions: &[
            "members.read",
            "members.create",
            "members.update",
            "members.remove",
            "members.end_sessions",
            "organization.manage_sign_in",
            "organization.read",
            "organization.read_mails",
            "organization.update",
            "organization.switch_modules",
            "organization.manage_group",
            "organization.visit_children",
            "roles.read",
            "roles.create",
            "roles.update",
            "roles.delete",
            "support_access.read",
            "support_access.grant",
            api_keys::MANAGE,
        ],
        listeners: account::LISTENERS,
        essential: true,
        ..Module::default()
    }
}
