//! `barq serve` and `barq migrate`: from a data folder to an open door.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::serve::ListenerExt;
use clap::{Args, ValueEnum};
use platform_database::{Cluster, Options, Target};
use platform_limits::Rates;
use sqlx::postgres::PgPoolOptions;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, Config};
use crate::edges::{Edges, Network, Origin};

/// Where the database is.
#[derive(Args, Clone, Debug, Default)]
pub struct DatabaseArgs {
    /// A PostgreSQL server to use instead of a private one: postgres://user:password@host/database, a user who may create
    /// roles and databases.
    #[arg(long, env = "BARQ_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// What the passwords of our roles on that server follow from; the same for every process of an installation.
    #[arg(long, env = "BARQ_DATABASE_SECRET", hide_env_values = true)]
    pub database_secret: Option<String>,
    /// Folder of PostgreSQL's programs, when they are not where they usually are.
    #[arg(long, env = "BARQ_PG_BIN")]
    pub pg_bin: Option<PathBuf>,
}

/// What one process of an installation does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Answers requests and works on jobs.
    #[default]
    All,
    /// Answers requests; another process works on the jobs.
    Api,
    /// Works on jobs, and answers only whether it is well.
    Worker,
}

/// Options of `barq serve`.
#[derive(Args, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The data folder: private database, files, keys.
    #[arg(long, env = "BARQ_DATA", default_value = "data")]
    data: PathBuf,
    /// The port; 0 takes a free one.
    #[arg(long, env = "BARQ_PORT", default_value_t = 8080)]
    port: u16,
    /// Listens on every address of the machine, not only on its own.
    #[arg(long, env = "BARQ_PUBLIC")]
    public: bool,
    /// Seeds two demonstration organizations into an empty installation.
    #[arg(long, conflicts_with = "empty")]
    demo: bool,
    /// No demonstration data (the default; said by name for scripts).
    #[arg(long)]
    empty: bool,
    /// Folder of the built console.
    #[arg(long, env = "BARQ_CONSOLE", default_value = "admin-console/dist")]
    console: PathBuf,
    /// Folder of the built plugins.
    #[arg(long, env = "BARQ_PLUGINS", default_value = "plugins/dist")]
    plugins: PathBuf,
    /// An origin that plugins may call although it is not public, as http://127.0.0.1:9000. May be given several times.
    #[arg(long = "plugin-allow", env = "BARQ_PLUGIN_ALLOW", value_delimiter = ',')]
    plugin_allow: Vec<String>,
    /// What this process does, where several share an installation.
    #[arg(long, env = "BARQ_ROLE", value_enum, default_value_t)]
    role: Role,
    /// Most connections to the database for requests.
    #[arg(long, env = "BARQ_CONNECTIONS", default_value_t = 8)]
    connections: u32,
    /// How often an address, a person and an organization may call, as address=100/s:3000,user=500/s:5000,organization=off;
    /// what is not named keeps its default, `off` alone is no limits at all.
    #[arg(long, env = "BARQ_LIMITS", default_value = "")]
    limits: Rates,
    /// A Redis through which the instances of an installation count together, as redis://host:6379.
    #[arg(long, env = "BARQ_REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
    /// An origin whose pages may call the API, as https://reports.example.sa. May be given several times; none by default.
    #[arg(long = "allow-origin", env = "BARQ_ALLOW_ORIGINS", value_delimiter = ',')]
    origins: Vec<Origin>,
    /// A proxy that stands before us, as 10.0.0.7 or 10.0.0.0/8: what it says of its callers' addresses is believed.
    #[arg(long = "trusted-proxy", env = "BARQ_TRUSTED_PROXIES", value_delimiter = ',')]
    proxies: Vec<Network>,
    /// Tells browsers to come over HTTPS only; for installations behind a proxy that speaks it.
    #[arg(long, env = "BARQ_HTTPS_ONLY")]
    https_only: bool,
    /// The mail server, as smtps://user:password@mail.example:465; without one letters stay in the outbox.
    #[arg(long, env = "BARQ_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<String>,
    /// Who writes letters.
    #[arg(long, env = "BARQ_MAIL_FROM", default_value = "BARQ <no-reply@localhost>")]
    mail_from: String,
    /// The address that people open: where links in letters lead, and what passkeys belong to. This machine's by default.
    #[arg(long, env = "BARQ_BASE_URL")]
    base_url: Option<String>,
    /// Client id of the installation at Google, to sign in with it.
    #[arg(long, env = "BARQ_GOOGLE_CLIENT_ID", requires = "google_client_secret")]
    google_client_id: Option<String>,
    /// Its secret.
    #[arg(long, env = "BARQ_GOOGLE_CLIENT_SECRET", hide_env_values = true)]
    google_client_secret: Option<String>,
}

/// Starts or joins the private server, or takes the one that is named. The cluster lives as long as the first part.
pub async fn open_database(args: &DatabaseArgs, data: &Path) -> Result<(Option<Cluster>, Target)> {
    if let Some(url) = &args.database_url {
        let secret = match &args.database_secret {
            Some(secret) => secret.clone(),
            None => installation_secret(data)?,
        };
        return Ok((None, Target::external(url, &secret)?));
    }
    let options = Options {
        bin_dir: args.pg_bin.clone(),
        ..Options::default()
    };
    let cluster = Cluster::start(data.join("postgres"), options).await?;
    let target = Target::private(&cluster);
    Ok((Some(cluster), target))
}

/// A random secret that the data folder keeps, made on first use.
fn installation_secret(data: &Path) -> Result<String> {
    let key = platform_core::key_file(data, "database.key").context("the key of the database's roles")?;
    Ok(hex::encode(key))
}

/// `barq migrate`: roles and tables, then nothing.
pub async fn migrate(args: &DatabaseArgs, data: &Path) -> Result<()> {
    let (cluster, target) = open_database(args, data).await?;
    platform_database::prepare(&target).await?;
    stop(cluster).await
}

pub(crate) async fn stop(cluster: Option<Cluster>) -> Result<()> {
    match cluster {
        Some(cluster) => cluster.stop().await,
        None => Ok(()),
    }
}

/// `barq serve`: serves until Ctrl-C or SIGTERM.
pub async fn serve(args: ServeArgs) -> Result<()> {
    std::fs::create_dir_all(&args.data).with_context(|| format!("making {}", args.data.display()))?;
    tracing::info!("Starting the database");
    let (cluster, target) = open_database(&args.database, &args.data).await?;
    tracing::info!("Bringing roles and tables up to date");
    platform_database::prepare(&target).await?;
    prove_isolation(&target).await?;
    let mut config = Config::new(args.data.clone());
    config.plugins.clone_from(&args.plugins);
    config.allow_hosts.clone_from(&args.plugin_allow);
    config.gate.connections = args.connections;
    config.limits = args.limits;
    config.redis_url.clone_from(&args.redis_url);
    config.edges = Edges {
        origins: args.origins.clone(),
        proxies: args.proxies.clone(),
        https_only: args.https_only,
    };
    let base_url = args
        .base_url
        .clone()
        .unwrap_or_else(|| format!("http://localhost:{}", args.port));
    config.mail = tenancy::MailSettings {
        smtp_url: args.smtp_url.clone(),
        from: args.mail_from.clone(),
        base_url,
    };
    config.google = args.google_client_id.clone().zip(args.google_client_secret.clone());
    let app = App::assemble(&target, config).await?;
    let address = if args.public {
        Ipv4Addr::UNSPECIFIED
    } else {
        Ipv4Addr::LOCALHOST
    };
    let listener = tokio::net::TcpListener::bind(SocketAddr::from((address, args.port))).await;
    let listener = listener.with_context(|| format!("port {} is taken: choose another with --port", args.port))?;
    let base_url = format!("http://localhost:{}", listener.local_addr()?.port());
    if args.demo {
        #[cfg(feature = "fleet")]
        crate::demo::seed_demo(&app.platform, &args.data, &base_url).await?;
        #[cfg(not(feature = "fleet"))]
        anyhow::bail!("this build has no fleet, and so no demonstration");
    }
    // Without it the end of a long answer waits for the client's acknowledgement of its beginning.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "A connection keeps Nagle's algorithm");
        }
    });
    let console = args.console.join("index.html").is_file().then_some(args.console);
    if console.is_none() {
        tracing::warn!("The console is not built: only the API is served");
    }
    let router = match args.role {
        Role::All | Role::Api => crate::http::router(&app, console),
        Role::Worker => crate::http::health(&app.platform),
    };
    let asked_to_stop = asked_to_stop().context("listening to who asks us to stop")?;
    announce(&base_url, &args.data)?;
    let stopping = tokio_util::sync::CancellationToken::new();
    let platform = app.platform.clone();
    let works = args.role != Role::Api;
    let runner = works.then(|| tokio::spawn(app.runner.run(stopping.clone())));
    if works {
        tokio::spawn(crate::clocks::wake_all(platform.clone()));
        tokio::spawn(tenancy::keep_posting(std::sync::Arc::downgrade(&platform)));
    }
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let asked = stopping.clone();
    let graceful = async move {
        asked_to_stop.await;
        tracing::info!("Stopping: open requests are finished first");
        asked.cancel();
    };
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(graceful)
        .into_future();
    // A client that keeps its connection open must not keep the process alive.
    let limit = async {
        stopping.cancelled().await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    };
    tokio::select! {
        result = server => result?,
        () = limit => tracing::warn!("Some connections were still open after 20 s"),
    }
    stopping.cancel();
    if let Some(runner) = runner {
        runner.await?;
    }
    platform.gate.close().await;
    stop(cluster).await
}

/// Refuses to serve when the database does not keep organizations apart, or when we are connected as somebody who stands
/// above its rules.
async fn prove_isolation(target: &Target) -> Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect(&target.url(platform_database::Role::App))
        .await;
    let pool = pool.context("connecting as the application")?;
    let report = platform_database::refuse_unless_safe(&pool).await?;
    tracing::info!(
        "Isolation proven: {} tenant tables, {} checks",
        report.tenant_tables,
        report.checks
    );
    pool.close().await;
    Ok(())
}

/// Says to the person who started us where to go; the log goes elsewhere.
fn announce(base_url: &str, data: &Path) -> Result<()> {
    use std::io::Write;
    tracing::info!("BARQ is open at {base_url}");
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n  BARQ is open at {base_url}   (Ctrl-C stops it)\n")?;
    if let Ok(text) = std::fs::read_to_string(data.join("demo.json")) {
        writeln!(
            out,
            "  Sign-ins of the demonstration, also in {}:",
            data.join("demo.json").display()
        )?;
        for line in sign_ins(&text) {
            writeln!(out, "    {line}")?;
        }
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}

/// One line for each sign-in of a `demo.json`, in columns.
fn sign_ins(text: &str) -> Vec<String> {
    let stored: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let mut lines = Vec::new();
    for organization in stored["organizations"].as_array().into_iter().flatten() {
        lines.push(organization["name"].as_str().unwrap_or_default().to_owned());
        for user in organization["users"].as_array().into_iter().flatten() {
            let text = |key: &str| user[key].as_str().unwrap_or_default();
            lines.push(format!(
                "  {:<16} {:<40} {}",
                text("role"),
                text("email"),
                text("password")
            ));
        }
    }
    lines
}

/// Resolves when somebody asks us to stop. Listens from the call on: whoever reads that we are open may ask at once, and a
/// process that dies of it would leave its database running.
fn asked_to_stop() -> Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
