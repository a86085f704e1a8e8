//! Versions of plugins that an organization knows, and the publishers it believes besides the operator's.

use platform_plugin_package::PublicKey;
use platform_resource::{
    Action, Field, Record, Resource, Verb, Violation, choice, instant, integer, json, long_text, moved, text,
    transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Publishers of private plugins that the organization believes.
pub static PLUGIN_KEYS: Resource = Resource::new("integrations", "plugin_keys", KEY)
    .title(&["publisher"])
    .check(check_key)
    .actions(KEY_ACTIONS)
    .without(&[Verb::Update, Verb::Import]);

/// Versions of plugins that are or were installed, or were uploaded.
pub static PLUGIN_VERSIONS: Resource = Resource::new("integrations", "plugin_versions", VERSION)
    .title(&["plugin"])
    .actions(VERSION_ACTIONS)
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum KeyStatus {
    Trusted,
    Revoked,
}

const KEY: &[Field] = &[
    text("publisher", 100).required().search().list(),
    text("public_key", 64)
        .required()
        .create_only()
        .example("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
    choice("status", KeyStatus::VARIANTS)
        .required()
        .read_only()
        .default("trusted")
        .filter()
        .list(),
    instant("revoked_at").read_only(),
    long_text("notes", 1000),
];

const KEY_ACTIONS: &[Action] = &[transition("revoke", "status", &[], |state| {
    moved(state, |status| match status {
        KeyStatus::Trusted => Some(KeyStatus::Revoked),
        KeyStatus::Revoked => None,
    })
})
.stamps(&["revoked_at"])
.danger()];

fn check_key(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let good = after
        .text("public_key")
        .is_none_or(|text| text.parse::<PublicKey>().is_ok());
    if good {
        Vec::new()
    } else {
        vec![Violation::new("public_key", "not_a_key")]
    }
}

/// A version's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum VersionStatus {
    /// Its component is being looked at.
    Checking,
    /// Can be installed.
    Ready,
    /// Is no plugin that runs here.
    Refused,
    /// Was taken back: nothing runs it any more.
    Withdrawn,
}

const VERSION: &[Field] = &[
    text("plugin", 60).required().read_only().search().filter().list(),
    text("plugin_version", 20).required().read_only().list(),
    choice("status", VersionStatus::VARIANTS)
        .required()
        .read_only()
        .default("checking")
        .filter()
        .list(),
    choice("source", &["registry", "upload"])
        .required()
        .read_only()
        .filter()
        .list(),
    text("publisher", 100).read_only().list(),
    choice("trust", &["operator", "organization", "unsigned"])
        .required()
        .read_only()
        .filter()
        .list(),
    text("key_id", 16).read_only(),
    text("component_digest", 64).required().read_only(),
    integer("size_bytes", 0, 1 << 40).required().read_only(),
    json("manifest").required().read_only(),
    long_text("readme", 262_144).read_only(),
    text("refused_code", 60).read_only(),
    long_text("refused_detail", 2000).read_only(),
    text("added_by", 200).read_only(),
    instant("checked_at").read_only(),
];

const VERSION_ACTIONS: &[Action] = &[
    transition("accept", "status", &[], |state| {
        moved(state, |status| match status {
            VersionStatus::Checking => Some(VersionStatus::Ready),
            VersionStatus::Ready | VersionStatus::Refused | VersionStatus::Withdrawn => None,
        })
    })
    .internal()
    .stamps(&["checked_at"]),
    transition(
        "refuse",
        "status",
        &[text("refused_code", 60), long_text("refused_detail", 2000)],
        |state| {
            moved(state, |status| match status {
                VersionStatus::Checking => Some(VersionStatus::Refused),
                VersionStatus::Ready | VersionStatus::Refused | VersionStatus::Withdrawn => None,
            })
        },
    )
    .internal()
    .stamps(&["checked_at"]),
    // One that was refused is looked at again when it is given again.
    transition("reconsider", "status", &[], |state| {
        moved(state, |status| match status {
            VersionStatus::Refused => Some(VersionStatus::Checking),
            VersionStatus::Checking | VersionStatus::Ready | VersionStatus::Withdrawn => None,
        })
    })
    .internal(),
    transition("withdraw", "status", &[], |state| {
        moved(state, |status| match status {
            VersionStatus::Ready => Some(VersionStatus::Withdrawn),
            VersionStatus::Checking | VersionStatus::Refused | VersionStatus::Withdrawn => None,
        })
    })
    .danger(),
];
