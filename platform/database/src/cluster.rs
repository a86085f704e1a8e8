//! A private PostgreSQL server: made on first use, started, shared by the processes that use one data folder, and
//! stopped by the last of them.
//!
//! It listens on a unix socket inside a closed folder and nowhere else, so whoever may read the data may connect and
//! nobody else can; that is why the socket needs no password. The server does not die with us: after `kill -9` the next
//! start finds it running and goes on with it.

use crate::account::{self, Account};
use crate::binaries::Binaries;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How a cluster is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of PostgreSQL's programs (`BARQ_PG_BIN`); found by itself when absent.
    pub bin_dir: Option<PathBuf>,
    /// `false` trades every guarantee after a crash for speed: throw-away clusters of tests only.
    pub durable: bool,
    pub max_connections: u16,
    /// Further lines of `postgresql.conf`; they win over ours.
    pub settings: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            bin_dir: None,
            durable: true,
            max_connections: 100,
            settings: Vec::new(),
        }
    }
}

/// A running private server.
#[derive(Debug)]
pub struct Cluster {
    binaries: Binaries,
    account: Option<Account>,
    home: PathBuf,
    sockets: PathBuf,
    /// Shared while somebody uses the server; whoever can lock it alone is the last one.
    users: Option<File>,
}

/// Only names the socket file: no port is opened.
const PORT: u16 = 5432;
/// `sun_path` holds 104 bytes on the strictest system, and the file name takes 15 of them.
const SOCKET_FOLDER_MAX_BYTES: usize = 85;
const SUPERUSER: &str = "postgres";
/// What a big recovery after a crash may take.
const START_TIMEOUT: Duration = Duration::from_mins(5);
const ORPHANS_TIMEOUT: Duration = Duration::from_secs(20);

impl Cluster {
    /// Makes the cluster in `data_dir` on first use and starts it, or joins the server that already runs there.
    pub async fn start(data_dir: impl Into<PathBuf>, options: Options) -> Result<Cluster> {
        let data_dir = data_dir.into();
        tokio::task::spawn_blocking(move || Cluster::start_blocking(&data_dir, &options)).await?
    }

    /// [`Cluster::start`] for callers without a runtime.
    pub fn start_blocking(data_dir: &Path, options: &Options) -> Result<Cluster> {
        let binaries = Binaries::find(options.bin_dir.as_deref())?;
        let account = Account::for_server()?;
        let home = reachable_home(data_dir, account.as_ref())?;
        let mut cluster = Cluster {
            binaries,
            account,
            sockets: socket_folder(&home),
            home,
            users: None,
        };
        account::make_private(cluster.account.as_ref(), &cluster.sockets)?;
        // Two processes that start at once must not both run initdb.
        let starting = cluster.lock_file("start.lock")?;
        starting
            .lock()
            .context("waiting for another start of the same cluster")?;
        let version_file = cluster.data().join("PG_VERSION");
        if version_file.exists() {
            let version = std::fs::read_to_string(&version_file)?;
            let major = version
                .trim()
                .parse()
                .with_context(|| format!("{} is damaged", version_file.display()))?;
            cluster.binaries = cluster.binaries.for_major(major)?;
        } else {
            cluster.initialize(options)?;
        }
        if !cluster.is_running() {
            cluster.clear_remains()?;
            let settings = settings_text(&cluster.sockets, options);
            account::write(cluster.account.as_ref(), &cluster.data().join(SETTINGS_FILE), &settings)?;
            cluster.launch()?;
        }
        let users = cluster.lock_file("users.lock")?;
        users.lock_shared().context("registering as a user of the cluster")?;
        cluster.users = Some(users);
        Ok(cluster)
    }

    /// Stops the server, unless another process still uses it.
    pub async fn stop(mut self) -> Result<()> {
        tokio::task::spawn_blocking(move || self.leave()).await?
    }

    /// The address of a database for a role; `psql`, `pgbench` and the driver all understand it.
    pub fn url(&self, role: &str, database: &str) -> String {
        let mut host = String::new();
        for byte in self.sockets.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => host.push(char::from(*byte)),
                other => write!(host, "%{other:02X}").expect("writing to a string"),
            }
        }
        format!("postgres://{role}@{host}:{PORT}/{database}")
    }

    /// The superuser's address of a database.
    pub fn admin_url(&self, database: &str) -> String {
        self.url(SUPERUSER, database)
    }

    /// The folder of the unix socket: what `pgbench --host` wants.
    pub fn socket_dir(&self) -> &Path {
        &self.sockets
    }

    pub fn port(&self) -> u16 {
        PORT
    }

    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// The process number of the server.
    pub fn pid(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// Where PostgreSQL keeps the data itself.
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        let path = self.home.join(name);
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("opening {}", path.display()))
    }

    fn command(&self, program: &str) -> std::process::Command {
        account::command(self.account.as_ref(), &self.binaries.program(program))
    }

    fn initialize(&self, options: &Options) -> Result<()> {
        let who = self.account.as_ref().map_or("the current user", Account::name);
        tracing::info!(
            "Making a PostgreSQL {} cluster in {} as {who}",
            self.binaries.major(),
            self.home.display()
        );
        // Made beside and moved into place: an interrupted initdb leaves nothing that looks like a cluster.
        let fresh = self.home.join("data.new");
        let mut refusal = String::new();
        for locale in ["C.UTF-8", "C"] {
            if fresh.exists() {
                std::fs::remove_dir_all(&fresh)?;
            }
            let mut initdb = self.command("initdb");
            initdb
                .arg("--pgdata")
                .arg(&fresh)
                .args(["--username", SUPERUSER, "--encoding", "UTF8"]);
            initdb
                .arg(format!("--locale={locale}"))
                .args(["--auth-local=trust", "--auth-host=reject"]);
            initdb.arg(if options.durable {
                "--data-checksums"
            } else {
                "--no-sync"
            });
            let output = initdb.output().context("running initdb")?;
            if output.status.success() {
                let configuration = fresh.join("postgresql.conf");
                let text = std::fs::read_to_string(&configuration)?;
                std::fs::write(
                    &configuration,
                    format!("{text}\ninclude_if_exists = '{SETTINGS_FILE}'\n"),
                )?;
                return std::fs::rename(&fresh, self.data()).context("moving the new cluster into place");
            }
            refusal = String::from_utf8_lossy(&output.stderr).into_owned();
        }
        bail!("initdb failed in {}: {}", self.home.display(), refusal.trim())
    }

    /// Alive, and really the server of this folder: process numbers come again after a reboot.
    fn is_running(&self) -> bool {
        let Some(pid) = self.pid() else { return false };
        let alive = self.processes().is_none_or(|pids| pids.contains(&pid));
        let status = self
            .command("pg_ctl")
            .arg("status")
            .arg("--pgdata")
            .arg(self.data())
            .output();
        alive && status.is_ok_and(|output| output.status.success()) && self.accepts()
    }

    /// A server that is starting or shutting down has a process and no answer yet: waits for one.
    fn accepts(&self) -> bool {
        let deadline = Instant::now() + START_TIMEOUT;
        let socket = self.sockets.join(format!(".s.PGSQL.{PORT}"));
        while Instant::now() < deadline {
            let state = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            // The eighth line is the server's own word on its state.
            match state.lines().nth(7).map(str::trim) {
                Some("ready") => return std::os::unix::net::UnixStream::connect(&socket).is_ok(),
                None if state.is_empty() => return false,
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        false
    }

    /// After a crash: waits until the last process of the old server is gone, then removes what would keep a new one
    /// from starting. A file that names a dead server is removed only when nothing works in the folder any more.
    fn clear_remains(&self) -> Result<()> {
        let deadline = Instant::now() + ORPHANS_TIMEOUT;
        let Some(mut pids) = self.processes() else {
            return Ok(());
        };
        while !pids.is_empty() {
            if Instant::now() > deadline {
                bail!(
                    "processes {pids:?} of an earlier server still work in {}",
                    self.data().display()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
            pids = self.processes().unwrap_or_default();
        }
        for remains in [
            self.data().join("postmaster.pid"),
            self.sockets.join(format!(".s.PGSQL.{PORT}")),
            self.sockets.join(format!(".s.PGSQL.{PORT}.lock")),
        ] {
            if remains.exists() {
                std::fs::remove_file(&remains).with_context(|| format!("removing {}", remains.display()))?;
            }
        }
        Ok(())
    }

    /// Every process that works in the data folder, as the server and its backends do; `None` where the system cannot
    /// tell. Asked as the server's account: in a container not even root may look into another account's processes.
    fn processes(&self) -> Option<Vec<u32>> {
        const SCRIPT: &str =
            r#"cd /proc/self/.. || exit 1; for p in [0-9]*; do [ "$p/cwd" -ef "$1" ] && echo "$p"; done; true"#;
        let mut shell = account::command(self.account.as_ref(), Path::new("sh"));
        let output = shell.args(["-c", SCRIPT, "sh"]).arg(self.data()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        output
            .status
            .success()
            .then(|| text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    fn launch(&self) -> Result<()> {
        let log = self.home.join("server.log");
        // One start's messages: everything later goes to the server's own rotated log.
        let _ = std::fs::remove_file(&log);
        let status = self
            .command("pg_ctl")
            .args(["start", "--wait", "--silent", "--timeout"])
            .arg(START_TIMEOUT.as_secs().to_string())
            .arg("--pgdata")
            .arg(self.data())
            .arg("--log")
            .arg(&log)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .context("running pg_ctl")?;
        if !status.success() {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("PostgreSQL did not start in {}: {}", self.home.display(), said.trim());
        }
        tracing::info!(
            "Started PostgreSQL {} in {}",
            self.binaries.major(),
            self.home.display()
        );
        Ok(())
    }

    fn leave(&mut self) -> Result<()> {
        let Some(users) = self.users.take() else { return Ok(()) };
        users.unlock().context("leaving the cluster")?;
        let starting = self.lock_file("start.lock")?;
        starting.lock().context("waiting for a start of the same cluster")?;
        if users.try_lock().is_err() {
            tracing::info!("Leaving PostgreSQL in {} running for others", self.home.display());
            return Ok(());
        }
        if self.pid().is_none() {
            return Ok(());
        }
        let output = self
            .command("pg_ctl")
            .args([
                "stop",
                "--wait",
                "--silent",
                "--mode",
                "fast",
                "--timeout",
                "60",
                "--pgdata",
            ])
            .arg(self.data())
            .output()
            .context("running pg_ctl")?;
        if !output.status.success() {
            bail!(
                "PostgreSQL did not stop: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        tracing::info!("Stopped PostgreSQL in {}", self.home.display());
        Ok(())
    }

    /// Leaves the server running when this value is dropped.
    pub(crate) fn detach(&mut self) {
        self.users = None;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!("Could not stop PostgreSQL: {error:#}");
        }
    }
}

const SETTINGS_FILE: &str = "barq.conf";

fn settings_text(sockets: &Path, options: &Options) -> String {
    let connections = options.max_connections.to_string();
    let sockets = sockets.to_string_lossy();
    let mut settings = vec![
        ("listen_addresses", ""),
        ("unix_socket_directories", &sockets),
        ("unix_socket_permissions", "0700"),
        ("max_connections", &connections),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        // Compiling a plan costs more than any of our statements takes.
        ("jit", "off"),
    ];
    if options.durable {
        settings.extend([
            ("logging_collector", "on"),
            ("log_directory", "log"),
            // A week of logs, each day's file written over a week later.
            ("log_filename", "server-%a.log"),
            ("log_rotation_age", "1d"),
            ("log_rotation_size", "0"),
            ("log_truncate_on_rotation", "on"),
        ]);
    } else {
        settings.extend([
            ("fsync", "off"),
            ("full_page_writes", "off"),
            ("synchronous_commit", "off"),
        ]);
    }
    let ours = settings.into_iter();
    let theirs = options
        .settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    ours.chain(theirs).fold(String::new(), |mut text, (name, value)| {
        writeln!(text, "{name} = '{}'", value.replace('\'', "''")).expect("writing to a string");
        text
    })
}

/// The folder of the cluster: `data_dir/cluster`, or a folder under `/var/lib/barq` that `data_dir/cluster` links to
/// when root's data lies where the server's account cannot go (a folder in root's home, for one).
fn reachable_home(data_dir: &Path, account: Option<&Account>) -> Result<PathBuf> {
    std::fs::create_dir_all(data_dir).with_context(|| format!("making the data folder {}", data_dir.display()))?;
    let wanted = data_dir.canonicalize()?.join("cluster");
    if !wanted.is_symlink() {
        account::make_private(account, &wanted)?;
        if account::can_write(account, &wanted) {
            return Ok(wanted);
        }
        std::fs::remove_dir(&wanted).with_context(|| {
            format!(
                "{} holds a cluster that the server's account cannot reach: let others pass through the folders above \
                 it (chmod o+x)",
                wanted.display()
            )
        })?;
        let elsewhere = free_folder(Path::new("/var/lib/barq"))?;
        std::os::unix::fs::symlink(&elsewhere, &wanted)?;
        tracing::warn!(
            "The server's account cannot reach {}: the data is in {}",
            wanted.display(),
            elsewhere.display()
        );
    }
    let home = std::fs::read_link(&wanted)?;
    account::make_private(account, &home)?;
    if !account::can_write(account, &home) {
        bail!("the account of the server cannot reach {}", home.display());
    }
    Ok(home)
}

fn free_folder(parent: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
    for number in 1_u32.. {
        let folder = parent.join(format!("cluster-{number}"));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("making {}", folder.display())),
        }
    }
    bail!("no free name in {}", parent.display())
}

/// In the cluster's own folder, unless that path is too long for a socket.
pub(crate) fn socket_folder(home: &Path) -> PathBuf {
    let usual = home.join("socket");
    if usual.as_os_str().len() <= SOCKET_FOLDER_MAX_BYTES {
        return usual;
    }
    let digest = <sha2::Sha256 as sha2::Digest>::digest(home.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("barq-socket-{}", hex::encode(&digest[..8])))
}
