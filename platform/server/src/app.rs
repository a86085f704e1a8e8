//! The assembled product: platform, operations, jobs.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use platform_core::{Clock, Gate, GateOptions, Operation, Platform, Registry};
use platform_database::{Role, Target};
use tenancy::Tenancy;

/// What an installation is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Files, keys, and the private database.
    pub data: PathBuf,
    /// Built plugins.
    pub plugins: PathBuf,
    /// Addresses that plugins may call although they are not public, as `127.0.0.1:9000`.
    pub allow_hosts: Vec<String>,
    /// Where the time comes from.
    pub clock: Clock,
    /// The pool of tenant connections.
    pub gate: GateOptions,
}

impl Config {
    /// The defaults for a data folder.
    pub fn new(data: PathBuf) -> Self {
        let plugins = PathBuf::from("plugins/dist");
        Self {
            data,
            plugins,
            allow_hosts: Vec::new(),
            clock: Clock::System,
            gate: GateOptions::default(),
        }
    }
}

/// The assembled product.
pub struct App {
    /// What requests share.
    pub platform: Arc<Platform>,
    /// Everything that can be called.
    pub operations: Vec<Arc<Operation>>,
    /// The queue, started by `serve`.
    #[cfg(feature = "integrations")]
    pub runner: platform_jobs::Runner,
}

/// Proves the declarations of this build.
pub fn registry() -> Result<Registry> {
    Registry::new(crate::modules::modules()).map_err(|error| anyhow!(error))
}

impl App {
    /// Connects a prepared database with the modules.
    pub async fn assemble(target: &Target, config: Config) -> Result<Self> {
        std::fs::create_dir_all(&config.data).with_context(|| format!("making {}", config.data.display()))?;
        let registry = registry()?;
        let operations: Vec<_> = crate::modules::operations(&registry)
            .into_iter()
            .map(Arc::new)
            .collect();
        let tenancy = Tenancy::connect(&target.url(Role::Auth), &registry, &config.data, &config.clock).await?;
        let connect = target
            .url(Role::App)
            .parse()
            .context("the application's database address")?;
        let gate = Gate::new(connect, &config.gate);
        let platform = Platform::new(gate, config.clock.clone(), registry, config.data.clone())?;
        let platform = platform.with(tenancy.clone()).with_authority(tenancy);
        #[cfg(feature = "integrations")]
        {
            let service = Arc::new(integrations::Integrations::new(
                &config.plugins,
                &config.data,
                &config.allow_hosts,
            )?);
            let platform = Arc::new(platform.with(service.clone()));
            let mut runner = platform_jobs::Runner::new(platform.clone(), &target.url(Role::Dispatch)).await?;
            service.register_jobs(&mut runner);
            let platform = platform.clone();
            Ok(Self {
                platform,
                operations,
                runner,
            })
        }
        #[cfg(not(feature = "integrations"))]
        Ok(Self {
            platform: Arc::new(platform),
            operations,
        })
    }
}
