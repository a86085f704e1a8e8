//! The built program as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::client::PASSWORD;
use crate::harness::unique;

/// The built `barq` of this profile: `cargo build -p barq` and the test command make it.
pub fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    // The test stands in `deps`, the program beside that folder.
    let folder = own
        .parent()
        .and_then(Path::parent)
        .context("the folder of built programs")?;
    let program = folder.join("barq");
    ensure!(
        program.is_file(),
        "{} is not built: cargo build -p barq",
        program.display()
    );
    Ok(program)
}

/// A command of the program on a database.
pub fn barq(database_url: &str, secret: &str, data: &Path) -> Result<Command> {
    let mut command = Command::new(program()?);
    command
        .env("BARQ_DATABASE_URL", database_url)
        .env("BARQ_DATABASE_SECRET", secret)
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .current_dir(data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

/// A server that listens.
pub struct Server {
    child: tokio::process::Child,
    /// Its address.
    pub base: String,
    /// What it says after it opened, so that its pipe never fills up.
    _log: tokio::task::JoinHandle<()>,
}

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_mins(1);

impl Server {
    /// Starts `barq serve` and waits until it is open.
    pub async fn start(database_url: &str, secret: &str, data: &Path) -> Result<Self> {
        let mut command = tokio::process::Command::from(barq(database_url, secret, data)?);
        command
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--port", "0", "--empty"]);
        command.stdout(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().context("starting barq serve")?;
        let mut lines = BufReader::new(child.stderr.take().context("its words")?).lines();
        let mut said = String::new();
        let opened = async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, address)) = line.split_once("BARQ is open at ") {
                    return Ok(address.trim().to_owned());
                }
                said.push_str(&line);
                said.push('\n');
            }
            bail!("it ended:\n{said}")
        };
        let base = tokio::time::timeout(START, opened)
            .await
            .context("it does not open")??;
        let log = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, base, _log: log })
    }

    /// `kill -9`: no word of farewell.
    pub async fn kill(mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }

    /// SIGTERM; says how long it took to end, and whether it ended well.
    pub async fn terminate(mut self) -> Result<(Duration, bool)> {
        let id = self.child.id().context("it has ended already")?;
        let began = Instant::now();
        let sent = Command::new("kill").args(["-TERM", &id.to_string()]).status()?;
        ensure!(sent.success(), "the signal was not sent");
        let status = self.child.wait().await?;
        Ok((began.elapsed(), status.success()))
    }
}

/// Runs a command to its end or the deadline.
pub fn run(mut command: Command, deadline: Duration) -> Result<Output> {
    let mut child: Child = command.spawn()?;
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > deadline {
            child.kill()?;
            let output = child.wait_with_output()?;
            bail!(
                "it still runs after {deadline:?}:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    Ok(child.wait_with_output()?)
}

/// Somebody who calls a server over the network.
#[derive(Clone)]
pub struct Caller {
    client: reqwest::Client,
    token: String,
}

impl Caller {
    /// Signs up with a new company.
    pub async fn register(server: &Server) -> Result<Self> {
        // A second call would change nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(Duration::from_mins(1)).build()?;
        let mut caller = Self {
            client,
            token: String::new(),
        };
        let body = json!({"email": format!("{}@example.test", unique("owner")), "password": PASSWORD, "full_name": "Test Owner",
            "organization_name": unique("Org ")});
        let session = caller.post(server, "/auth/register", body.to_string()).await?;
        session["access_token"]
            .as_str()
            .context("a token")?
            .clone_into(&mut caller.token);
        Ok(caller)
    }

    /// `GET` below `/api/v1`.
    pub async fn get(&self, server: &Server, path: &str) -> Result<Json> {
        self.get_from(&server.base, path).await
    }

    /// `GET` of an address that may no longer answer.
    pub async fn get_from(&self, base: &str, path: &str) -> Result<Json> {
        self.send(self.client.get(format!("{base}/api/v1{path}"))).await
    }

    /// `POST` below `/api/v1`.
    pub async fn post(&self, server: &Server, path: &str, body: String) -> Result<Json> {
        self.post_to(&server.base, path, body).await
    }

    /// `POST` to an address that may stop to answer.
    pub async fn post_to(&self, base: &str, path: &str, body: String) -> Result<Json> {
        let request = self.client.post(format!("{base}/api/v1{path}"));
        self.send(request.header("content-type", "application/json").body(body))
            .await
    }

    async fn send(&self, mut request: reqwest::RequestBuilder) -> Result<Json> {
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }
}
