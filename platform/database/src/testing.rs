//! Throw-away servers for tests and benchmarks.

use crate::account;
use crate::cluster::{Cluster, Options, socket_folder};
use crate::{Target, prepare};
use anyhow::{Context, Result, ensure};
use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A cluster that is gone, with its folder, when the value is dropped or this process ends in whatever way.
#[derive(Debug)]
pub struct Ephemeral {
    cluster: Cluster,
    folder: PathBuf,
    _keeper: Keeper,
}

/// The process that stops the server and removes its folder once it is told to, or nobody is left to tell it.
#[derive(Debug)]
struct Keeper(Child);

/// Starts a fast, forgetful cluster in the system's folder for temporary files.
pub async fn ephemeral() -> Result<Ephemeral> {
    ephemeral_with(Options {
        durable: false,
        ..Options::default()
    })
    .await
}

/// [`ephemeral`] whose own database is migrated: a copy of what [`keep_template`] left, where the test command made one.
pub async fn prepared() -> Result<(Ephemeral, Target)> {
    let template = std::env::var_os(TEMPLATE).map(PathBuf::from);
    let options = Options {
        durable: false,
        ..Options::default()
    };
    let cluster = tokio::task::spawn_blocking(move || start(&options, template.as_deref())).await??;
    let target = Target::private(&cluster);
    // Migrations that the copy has already are only looked at.
    prepare(&target).await?;
    Ok((cluster, target))
}

/// The variable that names the folder of the prepared cluster.
pub const TEMPLATE: &str = "BARQ_TEST_TEMPLATE";

/// Makes a prepared cluster in a folder and stops it: hundreds of test processes copy it instead of making and migrating
/// one each.
pub async fn keep_template(folder: &Path) -> Result<()> {
    let options = Options {
        durable: false,
        ..Options::default()
    };
    let cluster = Cluster::start(folder, options).await?;
    prepare(&Target::private(&cluster)).await?;
    cluster.stop().await
}

/// Copies the files of a stopped cluster with their owners.
fn copy(template: &Path, folder: &Path) -> Result<()> {
    let status = std::process::Command::new("cp")
        .args(["-a", "--reflink=auto"])
        .args([template.join("cluster"), folder.join("cluster")])
        .status()
        .context("running cp")?;
    ensure!(status.success(), "{} could not be copied", template.display());
    Ok(())
}

/// [`ephemeral`] with other options: a benchmark wants a durable one.
pub async fn ephemeral_with(options: Options) -> Result<Ephemeral> {
    tokio::task::spawn_blocking(move || start(&options, None)).await?
}

fn start(options: &Options, template: Option<&Path>) -> Result<Ephemeral> {
    let folder = fresh_folder()?;
    if let Some(template) = template {
        copy(template, &folder)?;
    }
    // A static is never dropped and `kill -9` asks nobody, so a shell outlives us: its input ends when we do.
    let keeper = account::command(None, Path::new("sh"))
        .args(["-c", KEEPER, "keeper"])
        .args([&folder, &socket_folder(&folder.join("cluster"))])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("starting the process that cleans up")?;
    let keeper = Keeper(keeper);
    let mut cluster = Cluster::start_blocking(&folder, options)?;
    cluster.detach();
    Ok(Ephemeral {
        cluster,
        folder,
        _keeper: keeper,
    })
}

const KEEPER: &str = r#"
cat
home=$(cd "$1/cluster" && pwd -P)
pid=$(head -n 1 "$home/data/postmaster.pid") && kill -QUIT "$pid"
tries=100
while [ -e "$home/data/postmaster.pid" ] && [ $tries -gt 0 ]; do sleep 0.05; tries=$((tries - 1)); done
rm -rf -- "$1" "$2" "$home"
"#;

fn fresh_folder() -> Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("barq-{}-{number}", std::process::id()));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("making {}", folder.display())),
        }
    }
}

impl Ephemeral {
    /// What is removed with it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Deref for Ephemeral {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.cluster
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            tracing::warn!("Could not clean up a throw-away cluster: {error}");
        }
    }
}
