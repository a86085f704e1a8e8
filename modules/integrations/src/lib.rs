//! Plugins of an organization: what is offered, what is installed and granted, settings and secrets, runs and what they
//! brought.
//!
//! The sandbox is `platform-plugin-host`, the queue is `platform-jobs`; where records go is asked of the registry's sinks, so
//! this module knows no other. A run is a job: pages are fetched outside any transaction, and each page is stored in one, with
//! the cursor that follows it. [`Integrations`] is the service that operations and jobs share.

mod calls;
mod catalogue;
mod commit;
pub mod demo;
mod handlers;
mod hooks;
mod inputs;
mod installs;
mod kv;
mod order_events;
mod order_records;
mod outbound;
mod page;
mod payouts;
mod places;
mod platform_orders;
mod platform_statuses;
mod problems;
mod pull;
mod reading;
mod record;
mod replay;
mod replies;
mod resources;
mod rules;
mod run_log;
mod runs;
mod shelf;
mod shelved;
mod sms;
mod standing;
mod task_run;
mod tasks;
mod updates;
mod vault;
mod versions;
mod work;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use chrono::TimeDelta;
use platform_core::Module;
use platform_jobs::Runner;
use platform_plugin_host::{Catalogue, Component, Limits, Plugin, PluginHost};
use platform_resource::Resource;

pub use calls::{PLUGIN_CALLS, PLUGIN_USAGE_DAYS};
pub use installs::install_plugin;
pub use payouts::{PAYOUT_BATCHES, PAYOUT_FILES, PAYOUTS};
pub use places::{GEOFENCES, GPS_DEVICES, PLACEMARKS};
pub use platform_orders::{PLATFORM_ORDER_EVENTS, PLATFORM_ORDERS};
pub use resources::{Grants, HostGrant, INSTALLATIONS, Installation, RUNS, Run, RunStatus, Standing};
pub use sms::SMS_MESSAGES;
pub use versions::{PLUGIN_KEYS, PLUGIN_VERSIONS};
pub use work::{PLUGIN_ENDPOINTS, PLUGIN_HANDLERS, PLUGIN_TASKS};

/// What one run may use. The defaults suit a provider with a year of transactions.
#[derive(Clone, Copy, Debug)]
pub struct RunLimits {
    /// Of each call of the plugin.
    pub call: Limits,
    /// Pages of one run; the next run goes on where it stopped.
    pub pages: i64,
    /// Time of one run, pauses included.
    pub wall: Duration,
    /// How often one page is tried again after a failure that may pass.
    pub retries: u32,
    /// Pause before the first of these; each further one is twice as long.
    pub first_pause: Duration,
    /// Longest that a provider may make a run wait at once.
    pub longest_pause: Duration,
    /// How far the first run reaches back.
    pub lookback: TimeDelta,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            call: Limits::default(),
            pages: 2_000,
            wall: Duration::from_mins(30),
            retries: 4,
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_mins(1),
            // A year and a month: the first figures compare with the same month of the year before.
            lookback: TimeDelta::days(400),
        }
    }
}

/// What operations and jobs of this module share.
pub struct Integrations {
    host: PluginHost,
    shelf: shelf::Shelf,
    vault: vault::Vault,
    addresses: hooks::Addresses,
    limits: RunLimits,
    pace: rules::pace::Pace,
    loaded: Loaded,
    /// Places for senders that wait for a plugin's reply.
    waiting: replies::Waiting,
}

impl Integrations {
    /// The service. `data` is the folder in which the key of tenants' secrets is kept.
    pub fn new(host: PluginHost, catalogue: Catalogue, data: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            host,
            shelf: shelf::Shelf::of(&catalogue),
            vault: vault::Vault::open(data)?,
            addresses: hooks::Addresses::new(platform_core::key_file(data, "plugin-addresses.key")?),
            limits: RunLimits::default(),
            pace: rules::pace::Pace::default(),
            loaded: Loaded::default(),
            waiting: replies::Waiting::default(),
        })
    }

    /// Offers the signed packages of a folder too, and believes the publishers of its list.
    pub fn with_packages(mut self, folder: &Path) -> anyhow::Result<Self> {
        self.shelf.add_packages(folder)?;
        Ok(self)
    }

    /// Other limits of runs.
    pub const fn with_limits(mut self, limits: RunLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Says that runs and tasks of plugins are worked on by this process.
    pub fn register_jobs(runner: &mut Runner) {
        runner.register(runs::JOB, pull::run);
        runner.register(tasks::JOB, task_run::run);
        runner.register(handlers::JOB, handlers::tick);
        runner.register(shelved::JOB, shelved::check);
        runner.register(replay::JOB, replay::run);
    }

    /// A component that is in memory already, whoever's it is: its digest is its name.
    pub(crate) fn component(&self, digest: &str) -> Option<Component> {
        self.loaded.component(digest)
    }
}

/// Most plugins that are kept in memory for organizations that run their own; what the operator offers is there anyway.
const MOST_LOADED: usize = 256;

/// Versions that were read from the database, by what they are.
#[derive(Default)]
pub(crate) struct Loaded {
    plugins: Mutex<HashMap<[u8; 32], Arc<Plugin>>>,
    components: Mutex<HashMap<String, Weak<[u8]>>>,
}

impl Loaded {
    pub fn get(&self, name: &[u8; 32]) -> Option<Arc<Plugin>> {
        let plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        plugins.get(name).cloned()
    }

    pub fn insert(&self, name: [u8; 32], plugin: Arc<Plugin>) {
        let digest = hex::encode(plugin.component.sha256);
        let mut components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        components.retain(|_, bytes| bytes.strong_count() > 0);
        components.insert(digest, Arc::downgrade(&plugin.component.bytes));
        drop(components);
        let mut plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        if plugins.len() >= MOST_LOADED {
            // Whichever is asked for next is read again.
            plugins.clear();
        }
        plugins.insert(name, plugin);
    }

    fn component(&self, digest: &str) -> Option<Component> {
        let components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = components.get(digest)?.upgrade()?;
        let mut sha256 = [0; 32];
        hex::decode_to_slice(digest, &mut sha256).ok()?;
        Some(Component { bytes, sha256 })
    }
}

static RESOURCE_LIST: &[&Resource] = &[
    &INSTALLATIONS,
    &RUNS,
    &PLATFORM_ORDERS,
    &PLATFORM_ORDER_EVENTS,
    &GPS_DEVICES,
    &GEOFENCES,
    &PLACEMARKS,
    &PLUGIN_KEYS,
    &PLUGIN_VERSIONS,
    &PLUGIN_HANDLERS,
    &PLUGIN_ENDPOINTS,
    &PLUGIN_TASKS,
    &PLUGIN_CALLS,
    &PLUGIN_USAGE_DAYS,
    &SMS_MESSAGES,
    &PAYOUT_BATCHES,
    &PAYOUTS,
    &PAYOUT_FILES,
];

/// Hand-written statements of this crate, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    catalogue::INSTALLED,
    commit::MESSAGE,
    commit::OWN_MESSAGE,
    commit::PAYOUT,
    commit::STORE_FILE,
    handlers::WRITE,
    handlers::DROP,
    handlers::STOP,
    handlers::UNPLANNED,
    handlers::PLAN,
    handlers::TAKE,
    handlers::FORGOTTEN,
    handlers::ADDRESS,
    handlers::UNADDRESS,
    handlers::WIPE[0],
    handlers::WIPE[1],
    handlers::WIPE[2],
    handlers::WIPE[3],
    handlers::WIPE[4],
    handlers::WIPE[5],
    hooks::ENDPOINT,
    hooks::HEARD,
    hooks::WAITING,
    inputs::OPEN_MESSAGES,
    inputs::OF_BATCH,
    inputs::COURIER,
    outbound::ABLE,
    outbound::ORDER,
    outbound::DELIVERY,
    outbound::UNSENT,
    outbound::ASKED,
    record::ADD,
    record::SEAL,
    record::SEALED,
    record::USE,
    record::NOTED,
    record::OLD_RECORDINGS,
    record::OLD_CALLS,
    record::OLD_INPUTS,
    record::OLD_DEAD_INPUTS,
    replay::RAN,
    replay::EXISTS,
    shelved::VERSION,
    shelved::NUMBERED,
    shelved::UPLOADS,
    shelved::BYTES,
    shelved::KEEP,
    shelved::BELIEVED,
    task_run::HANDLER,
    task_run::COUNTED,
    task_run::PROBED,
    replies::KEEP,
    replies::KNOWN,
    replies::SAID,
    tasks::ADD,
    tasks::PUT,
    tasks::INPUT,
    tasks::HELD,
    updates::OLDER,
    updates::RUNNING,
    updates::VOUCHED,
    demo::COURIERS,
    demo::VEHICLES,
    order_events::FIND,
    order_events::SAID,
    order_events::COURIER,
    kv::GET,
    kv::PUT,
    kv::DELETE,
    kv::USED,
    kv::LIST,
    kv::VERSIONS,
    page::LOCK_RUN,
    page::CURSOR,
    page::MOVE,
    page::MOVED,
    page::COUNT,
    page::ENDED,
    pull::START_CURSOR,
    pull::REACH_BACK,
    pull::ORGANIZATION,
    pull::TAKE_UP,
    run_log::ADD,
    run_log::READ,
    run_log::SWEEP,
    runs::LIVE,
    runs::EXISTS,
    vault::KEYS,
    vault::ADD_KEY,
    vault::PUT,
    vault::TAKE,
    vault::ALL,
    vault::ONE,
];

/// Whoever runs the fleet or its books sees what plugins bring; who fetches fuel may start them.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "fleet_manager",
        &[
            "plugins.read",
            "plugins.run",
            "installations.read",
            "runs.read",
            "plugin_versions.read",
            "plugin_handlers.read",
            "plugin_endpoints.read",
            "plugin_tasks.read",
            "plugin_tasks.resend",
            "plugin_calls.read",
            "plugin_usage_days.read",
            "sms_messages.read",
            "sms_messages.create",
            "sms_messages.cancel",
            "platform_orders.*",
            "platform_order_events.*",
            "gps_devices.*",
            "geofences.*",
            "placemarks.*",
        ],
    ),
    (
        "finance",
        &[
            "plugins.read",
            "installations.read",
            "runs.read",
            "platform_orders.read",
            "platform_orders.export",
            "payout_batches.*",
            "payouts.*",
            "payout_files.*",
            "plugin_usage_days.read",
        ],
    ),
    (
        "dispatcher",
        &[
            "platform_orders.*",
            "platform_order_events.read",
            "gps_devices.read",
            "geofences.read",
            "placemarks.*",
        ],
    ),
    (
        "support_agent",
        &[
            "platform_orders.read",
            "platform_orders.read_customer",
            "platform_order_events.read",
        ],
    ),
];

/// Consequences of this module's own events.
const EFFECTS: &[platform_core::Effect] = &[
    tasks::EFFECTS[0],
    updates::EFFECTS[0],
    updates::EFFECTS[1],
    outbound::EFFECTS[0],
    outbound::EFFECTS[1],
];

/// What this module does by the clock.
const SCHEDULES: &[platform_core::Schedule] = &[
    run_log::SCHEDULES[0],
    record::SCHEDULES[0],
    handlers::SCHEDULES[0],
    handlers::SCHEDULES[1],
];

/// What this crate brings to the server.
pub fn module() -> Module {
    Module {
        name: "integrations",
        resources: RESOURCE_LIST,
        operations: [
            catalogue::operations(),
            installs::operations(),
            runs::operations(),
            order_events::operations(),
            shelved::operations(),
            updates::operations(),
            hooks::operations(),
            replay::operations(),
        ]
        .concat(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        permissions: &["plugins.read", "plugins.manage", "plugins.run"],
        effects: EFFECTS,
        listeners: outbound::LISTENERS,
        schedules: SCHEDULES,
        ..Module::default()
    }
}
