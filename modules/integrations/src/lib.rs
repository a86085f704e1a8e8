//! Plugins of an organization: what is offered, what is installed and granted, settings and secrets, runs and what they
//! brought.
//!
//! The sandbox is `platform-plugin-host`, the queue is `platform-jobs`; where records go is asked of the registry's sinks, so
//! this module knows no other. A run is a job: pages are fetched outside any transaction, and each page is stored in one, with
//! the cursor that follows it. [`Integrations`] is the service that operations and jobs share.

mod catalogue;
pub mod demo;
mod installs;
mod kv;
mod order_events;
mod page;
mod places;
mod platform_orders;
mod platform_statuses;
mod problems;
mod pull;
mod resources;
mod run_log;
mod runs;
mod standing;
mod vault;

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use platform_core::Module;
use platform_jobs::Runner;
use platform_plugin_host::{Catalogue, Limits, PluginHost};
use platform_resource::Resource;

pub use installs::install_plugin;
pub use places::{GEOFENCES, GPS_DEVICES, PLACEMARKS};
pub use platform_orders::{PLATFORM_ORDER_EVENTS, PLATFORM_ORDERS};
pub use resources::{Grants, HostGrant, INSTALLATIONS, Installation, RUNS, Run, RunStatus, Standing};

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
    catalogue: Catalogue,
    vault: vault::Vault,
    limits: RunLimits,
}

impl Integrations {
    /// The service. `data` is the folder in which the key of tenants' secrets is kept.
    pub fn new(host: PluginHost, catalogue: Catalogue, data: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            host,
            catalogue,
            vault: vault::Vault::open(data)?,
            limits: RunLimits::default(),
        })
    }

    /// Other limits of runs.
    pub const fn with_limits(mut self, limits: RunLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Says that runs of plugins are worked on by this process.
    pub fn register_jobs(runner: &mut Runner) {
        runner.register(runs::JOB, pull::run);
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
];

/// Hand-written statements of this crate, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    catalogue::INSTALLED,
    demo::COURIERS,
    demo::VEHICLES,
    order_events::FIND,
    order_events::SAID,
    order_events::COURIER,
    kv::GET,
    kv::PUT,
    kv::DELETE,
    kv::USED,
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
        ]
        .concat(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        permissions: &["plugins.read", "plugins.manage", "plugins.run"],
        schedules: run_log::SCHEDULES,
        ..Module::default()
    }
}
