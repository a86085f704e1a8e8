//! Installations and runs: declared for lists, details and exports; written by operations and jobs alone.

use chrono::{DateTime, Utc};
use platform_core::Problem;
use platform_resource::{
    Action, Field, Record, Resource, Verb, boolean, choice, instant, integer, json, long_text, moved, reference, text,
    transition,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

const READ_ONLY: &[Verb] = &[Verb::Create, Verb::Update, Verb::Delete, Verb::Import];

/// Plugins that the organization installed.
pub static INSTALLATIONS: Resource = Resource::new("integrations", "installations", INSTALLATION)
    .title(&["plugin"])
    .sort("plugin")
    .actions(INSTALLATION_ACTIONS)
    .without(READ_ONLY);

/// Runs of installed plugins.
pub static RUNS: Resource = Resource::new("integrations", "runs", RUN)
    .title(&["plugin"])
    .sort("-id")
    .without(READ_ONLY);

const INSTALLATION: &[Field] = &[
    text("plugin", 60).required().unique().read_only().search().list(),
    text("plugin_version", 20).required().read_only().list(),
    text("component_digest", 64).required().read_only(),
    choice("status", Standing::VARIANTS)
        .required()
        .read_only()
        .filter()
        .list(),
    text("status_reason", 60).read_only().list(),
    long_text("status_detail", 2000).read_only(),
    json("grants").required().read_only().group("grants"),
    json("hosts").required().read_only().group("grants"),
    json("settings").required().read_only().group("settings"),
    json("secrets_set").required().read_only().group("settings"),
    instant("secrets_changed_at").read_only().group("settings"),
    instant("last_run_at").read_only().list().group("runs"),
    choice("last_run_status", RunStatus::NAMES)
        .read_only()
        .list()
        .group("runs"),
    instant("cursor_moved_at").read_only().group("runs"),
    reference("version_id", "integrations.plugin_versions")
        .read_only()
        .filter()
        .group("versions"),
    reference("previous_version_id", "integrations.plugin_versions")
        .read_only()
        .group("versions"),
    reference("waiting_version_id", "integrations.plugin_versions")
        .read_only()
        .group("versions"),
    json("waiting_asks").read_only().group("versions"),
    boolean("updates_itself")
        .required()
        .read_only()
        .default("true")
        .group("versions"),
    boolean("makes_deliveries")
        .required()
        .read_only()
        .default("false")
        .group("settings"),
    instant("removed_at").read_only(),
];

macro_rules! becomes {
    ($name:literal, $next:ident) => {
        transition($name, "status", &[], |state| {
            moved(state, |standing: Standing| {
                standing.may_become(Standing::$next).then_some(Standing::$next)
            })
        })
        .internal()
    };
}

/// Where an installation leads follows from what is set and granted; these are the ways that there are.
const INSTALLATION_ACTIONS: &[Action] = &[
    becomes!("complete", Active),
    becomes!("lack", NeedsSettings),
    becomes!("need_attention", NeedsAttention),
    becomes!("suspend", Suspended),
    becomes!("switch_off", Disabled),
    becomes!("remove", Removed),
];

/// Counters end where a number in the browser does.
const MOST: i64 = 9_007_199_254_740_991;

const fn count(name: &'static str) -> Field {
    integer(name, 0, MOST).required().read_only().default("0")
}

const RUN: &[Field] = &[
    reference("installation_id", "integrations.installations")
        .required()
        .read_only()
        .filter()
        .list(),
    text("plugin", 60).required().read_only().search(),
    choice("status", RunStatus::NAMES)
        .required()
        .read_only()
        .filter()
        .list(),
    text("requested_by", 200).read_only().list(),
    instant("started_at").read_only().list(),
    instant("finished_at").read_only().list(),
    count("attempts"),
    count("pages").list().group("records"),
    count("received").list().group("records"),
    count("refused").group("records"),
    count("repeated").group("records"),
    count("created").list().group("records"),
    count("unchanged").group("records"),
    count("updated").list().group("records"),
    count("matched").list().group("records"),
    count("doubtful").list().group("records"),
    count("unmatched").list().group("records"),
    text("problem_code", 60).read_only().filter().list().group("problem"),
    long_text("problem_detail", 2000).read_only().group("problem"),
];

/// Where an installation stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Standing {
    /// Settings, secrets or grants are missing.
    NeedsSettings,
    /// Runs.
    Active,
    /// The last run failed in a way that only a person can mend.
    NeedsAttention,
    /// Its version was taken back.
    Suspended,
    /// Somebody switched it off.
    Disabled,
    /// It was uninstalled; what it kept may still be there.
    Removed,
}

impl Standing {
    /// The name in tables and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether an installation can come to stand there from here.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::NeedsSettings => !matches!(next, Self::NeedsSettings),
            Self::Active => !matches!(next, Self::Active),
            Self::NeedsAttention => !matches!(next, Self::NeedsAttention),
            // Another version, or its own again.
            Self::Suspended => matches!(
                next,
                Self::NeedsSettings | Self::Active | Self::Disabled | Self::Removed
            ),
            Self::Disabled => matches!(
                next,
                Self::NeedsSettings | Self::Active | Self::Suspended | Self::Removed
            ),
            // Installed again, with what it kept.
            Self::Removed => matches!(next, Self::NeedsSettings | Self::Active),
        }
    }

    /// Whether work for it is done: what comes in while a person is asked for waits.
    pub const fn works(self) -> bool {
        match self {
            Self::Active | Self::NeedsAttention => true,
            Self::NeedsSettings | Self::Suspended | Self::Disabled | Self::Removed => false,
        }
    }
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for a worker.
    Queued,
    /// Fetches pages.
    Running,
    /// Everything that the provider had is stored.
    Succeeded,
    /// Ended with a problem; what was stored before stays.
    Failed,
    /// The server ended in the middle, again and again.
    Interrupted,
}

impl RunStatus {
    const NAMES: &[&str] = &["queued", "running", "succeeded", "failed", "interrupted"];

    /// The name in tables and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether it may still bring records.
    pub const fn live(self) -> bool {
        match self {
            Self::Queued | Self::Running => true,
            Self::Succeeded | Self::Failed | Self::Interrupted => false,
        }
    }
}

/// What an administrator granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grants {
    /// Hosts it may call, as the catalogue lists them: a name, or `{setting:…}` for whatever host that setting names.
    pub hosts: Vec<String>,
    /// Kinds of records it may bring.
    pub effects: Vec<String>,
    /// Resources that it may read, of each the fields that the catalogue lists.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Events that it hears.
    #[serde(default)]
    pub events: Vec<String>,
}

/// A host that the plugin asks for, and whether it may call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostGrant {
    /// As the manifest writes it.
    pub declared: String,
    /// What it comes to with the present settings; none while the setting is empty.
    pub host: Option<String>,
    /// Whether it runs only with this.
    pub required: bool,
    /// Whether it is granted.
    pub granted: bool,
}

/// An installation as the API shows it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Installation {
    /// Its id.
    pub id: Uuid,
    /// Raised by every change.
    pub version: i64,
    /// When it was installed.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Name of the plugin.
    pub plugin: String,
    /// The version that ran last.
    pub plugin_version: String,
    /// SHA-256 of the component that ran last.
    pub component_digest: String,
    /// Where it stands.
    pub status: Standing,
    /// Why, as a problem code.
    pub status_reason: Option<String>,
    /// The names that the reason is about.
    pub status_detail: Option<String>,
    /// What was granted.
    pub grants: Grants,
    /// The hosts it asks for with the present settings.
    pub hosts: Vec<HostGrant>,
    /// Settings.
    pub settings: Map<String, Json>,
    /// Secrets that have a value; the values never come back.
    pub secrets_set: Vec<String>,
    /// When a secret was set or taken away.
    pub secrets_changed_at: Option<DateTime<Utc>>,
    /// When the last run ended.
    pub last_run_at: Option<DateTime<Utc>>,
    /// How the last run ended.
    pub last_run_status: Option<RunStatus>,
    /// When a page was stored last.
    pub cursor_moved_at: Option<DateTime<Utc>>,
    /// The version that runs.
    pub version_id: Option<Uuid>,
    /// The version that ran before it.
    pub previous_version_id: Option<Uuid>,
    /// An update that waits.
    pub waiting_version_id: Option<Uuid>,
    /// What the update asks for beyond what its predecessor did, as `{"asks": […]}`; nothing when it waits for no grant.
    pub waiting_asks: Option<Json>,
    /// Whether an update that asks for nothing more comes by itself.
    pub updates_itself: bool,
    /// Whether orders that it brings become deliveries.
    pub makes_deliveries: bool,
    /// When it was uninstalled.
    pub removed_at: Option<DateTime<Utc>>,
}

/// A run as the API shows it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// Raised by every page.
    pub version: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The installation.
    pub installation_id: Uuid,
    /// Name of the plugin.
    pub plugin: String,
    /// What became of it.
    pub status: RunStatus,
    /// Who asked for it.
    pub requested_by: Option<String>,
    /// When its first page was asked for.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How often it was taken up.
    pub attempts: i64,
    /// Pages stored.
    pub pages: i64,
    /// Records of these pages.
    pub received: i64,
    /// Records that the checks refused.
    pub refused: i64,
    /// Records that a page held twice.
    pub repeated: i64,
    /// New ones.
    pub created: i64,
    /// Known and equal.
    pub unchanged: i64,
    /// Known and changed at the provider.
    pub updated: i64,
    /// Matched without a doubt.
    pub matched: i64,
    /// Matched with a doubt.
    pub doubtful: i64,
    /// Not matched.
    pub unmatched: i64,
    /// Why it failed, as a problem code.
    pub problem_code: Option<String>,
    /// The particulars, in English as the plugin or the host wrote them.
    pub problem_detail: Option<String>,
}

/// A row as its struct. The tables' checks keep them the same.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(record: &Record) -> Result<T, Problem> {
    record.typed().map_err(|error| Problem::internal(&error))
}
