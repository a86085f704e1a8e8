//! The database and the product.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use axum::Router;
use barq::app::{App, Config};
use platform_core::{Clock, GateOptions};
use platform_database::Target;
use platform_database::testing::{Ephemeral, prepared};
use sqlx::{Connection, PgConnection};

use crate::client::Person;

/// A prepared database: the one that the test command named, else a throw-away one that lives as long as the value.
pub async fn database() -> Result<(Target, Option<Ephemeral>)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test command hands the server over this way"
    )]
    let named = std::env::var("BARQ_TEST_DATABASE");
    let Ok(url) = named else {
        let (cluster, target) = prepared().await?;
        return Ok((target, Some(cluster)));
    };
    let target = Target::external(&url, "not-a-secret-tests-only")?.with_database("barq_tests");
    // Test processes start together; one of them prepares while the others wait.
    prepare_alone(&target).await?;
    Ok((target, None))
}

/// Prepares a database while no other test process does: they share the roles of the server.
async fn prepare_alone(target: &Target) -> Result<()> {
    let lock = std::fs::File::create(std::env::temp_dir().join("barq-tests.lock"))?;
    lock.lock()?;
    platform_database::prepare(target).await?;
    Ok(lock.unlock()?)
}

/// A prepared database that no other test uses.
pub async fn own_database() -> Result<(Target, Option<Ephemeral>)> {
    let (shared, cluster) = database().await?;
    if cluster.is_some() {
        return Ok((shared, cluster));
    }
    let target = shared.with_database(&unique("own_"));
    prepare_alone(&target).await?;
    Ok((target, None))
}

/// The assembled product on a prepared database.
pub struct Harness {
    /// What requests share, and everything that can be called.
    pub app: App,
    /// The product as a service, called without a socket.
    pub router: Router,
    /// Where the database is.
    pub target: Target,
    data: tempfile::TempDir,
    _cluster: Option<Ephemeral>,
}

impl Harness {
    /// The product with defaults.
    pub async fn start() -> Result<Self> {
        Self::with(|_| {}).await
    }

    /// The product with some options changed.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Result<Self> {
        Self::on(database().await?, change).await
    }

    /// The product with some options changed on a database that no other test uses.
    pub async fn alone(change: impl FnOnce(&mut Config)) -> Result<Self> {
        Self::on(own_database().await?, change).await
    }

    async fn on((target, cluster): (Target, Option<Ephemeral>), change: impl FnOnce(&mut Config)) -> Result<Self> {
        // A second call would change nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir().context("making a data folder")?;
        let mut config = Config {
            clock: Clock::System,
            gate: GateOptions {
                connections: 4,
                ..GateOptions::default()
            },
            ..Config::new(data.path().to_owned())
        };
        change(&mut config);
        let app = App::assemble(&target, config).await?;
        let router = barq::router(&app, None);
        Ok(Self {
            app,
            router,
            target,
            data,
            _cluster: cluster,
        })
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.data.path().to_owned()
    }

    /// A connection of whoever runs the database server: sees every organization's rows.
    pub async fn admin(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.target.admin_url()).await?)
    }

    /// The owner of a new organization.
    pub async fn owner(&self) -> Result<Person> {
        Person::register(&self.router).await
    }
}

/// A word that no other test of this database uses.
pub fn unique(stem: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let id = platform_core::ids::new_id().simple().to_string();
    format!("{stem}{}{}", &id[20..], COUNT.fetch_add(1, Ordering::Relaxed))
}
