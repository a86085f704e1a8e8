//! The assembled product: platform, operations, jobs.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use axum::body::Bytes;
use platform_core::{Clock, Doc, Gate, GateOptions, Operation, Platform, Registry};
use platform_database::{Role, Target};
use platform_jobs::{Runner, RunnerOptions};
use platform_limits::{Limits, Rates};
use sqlx::postgres::PgPoolOptions;
use tenancy::{MailSettings, Provider, Tenancy};

use crate::edges::Edges;
use crate::openapi::Document;

/// What an installation is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Files, keys, and the private database.
    pub data: PathBuf,
    /// Built plugins.
    pub plugins: PathBuf,
    /// Origins that plugins may call although they are not public, as `http://127.0.0.1:9000`.
    pub allow_hosts: Vec<String>,
    /// The program that runs plugins as `… plugin-worker`; this very program when none is named.
    pub worker: Option<PathBuf>,
    /// Where the time comes from.
    pub clock: Clock,
    /// The pool of tenant connections.
    pub gate: GateOptions,
    /// How the queue works.
    pub jobs: RunnerOptions,
    /// How often who may call.
    pub limits: Rates,
    /// The Redis through which instances count together; each alone when none is named.
    pub redis_url: Option<String>,
    /// What stands between the network and the operations.
    pub edges: Edges,
    /// How letters leave, and where their links lead.
    pub mail: MailSettings,
    /// Google's client id and secret, where people may sign in with it.
    pub google: Option<(String, String)>,
}

impl Config {
    /// The defaults for a data folder.
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            plugins: PathBuf::from("plugins/dist"),
            allow_hosts: Vec::new(),
            worker: None,
            clock: Clock::System,
            gate: GateOptions::default(),
            jobs: RunnerOptions::default(),
            limits: Rates::NONE,
            redis_url: None,
            edges: Edges::default(),
            mail: MailSettings::default(),
            google: None,
        }
    }
}

/// The assembled product.
pub struct App {
    /// What requests share.
    pub platform: Arc<Platform>,
    /// Everything that can be called.
    pub operations: Vec<Arc<Operation>>,
    /// The OpenAPI document of all that.
    pub document: Bytes,
    /// The queue, started by `serve`.
    pub runner: Runner,
    /// What stands between the network and the operations.
    pub edges: Edges,
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
        let mut document = Document::new(&registry);
        let operations = crate::modules::operations(&registry)
            .map(|mut operation| {
                document.add(&operation);
                operation.doc = Doc::default();
                Arc::new(operation)
            })
            .collect();
        let tenancy = Tenancy::connect(&target.url(Role::Auth), &registry, &config.data, &config.clock).await?;
        tenancy.use_mail(&config.mail)?;
        if let Some((id, secret)) = &config.google {
            let google = Provider::google(id, secret);
            tenancy.set_provider(&google, true, config.clock.now()).await?;
        }
        let connect = target
            .url(Role::App)
            .parse()
            .context("the application's database address")?;
        let gate = Gate::new(connect, &config.gate);
        let platform = Platform::new(gate, config.clock.clone(), registry, config.data.clone())?;
        let platform = platform.with(tenancy.clone()).with_authority(tenancy);
        let platform = platform.with_limits(limits(&config).await?);
        #[cfg(feature = "integrations")]
        let platform = platform.with(Arc::new(plugins(&config)?));
        let platform = Arc::new(platform);
        let dispatch = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy(&target.url(Role::Dispatch))?;
        let mut runner = Runner::new(platform.clone(), dispatch, config.jobs);
        platform_archive::register_jobs(&mut runner);
        tenancy::register_jobs(&mut runner);
        #[cfg(feature = "hr")]
        hr::register_jobs(&mut runner);
        #[cfg(feature = "integrations")]
        integrations::Integrations::register_jobs(&mut runner);
        Ok(Self {
            platform,
            operations,
            document: document.text().into(),
            runner,
            edges: config.edges,
        })
    }
}

/// The limits of this process, shared with others where a Redis is named.
#[cfg(feature = "redis")]
async fn limits(config: &Config) -> Result<Limits> {
    match &config.redis_url {
        Some(url) => Limits::shared(config.limits, url, platform_core::ids::new_id()).await,
        None => Ok(Limits::new(config.limits)),
    }
}

#[cfg(not(feature = "redis"))]
async fn limits(config: &Config) -> Result<Limits> {
    anyhow::ensure!(config.redis_url.is_none(), "this build does not know Redis");
    std::future::ready(Ok(Limits::new(config.limits))).await
}

/// The plugins that are built, and the worker process that runs them.
#[cfg(feature = "integrations")]
fn plugins(config: &Config) -> Result<integrations::Integrations> {
    use platform_plugin_host::{ArtefactStore, Catalogue, HostOptions, PluginHost, WorkerCommand};
    let allow = config
        .allow_hosts
        .join(",")
        .parse()
        .map_err(|error: String| anyhow!(error))?;
    let worker = match &config.worker {
        Some(program) => WorkerCommand {
            program: program.clone(),
            args: vec!["plugin-worker".into()],
        },
        None => WorkerCommand::this_program(),
    };
    let catalogue = if config.plugins.is_dir() {
        Catalogue::load(&config.plugins)?
    } else {
        tracing::warn!("No plugins are built in {}", config.plugins.display());
        Catalogue::default()
    };
    // Native code is loaded from there: only what this installation's key vouches for.
    let key = platform_core::key_file(&config.data, "plugin-artefacts.key")?;
    let host = PluginHost::new(HostOptions {
        worker,
        allow,
        artefacts: ArtefactStore::in_folder(&config.data.join("plugin-artefacts"), key)?,
    })?;
    integrations::Integrations::new(host, catalogue, &config.data)?.with_packages(&config.plugins)
}
