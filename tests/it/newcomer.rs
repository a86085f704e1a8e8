//! The guide for people who write plugins, done by a script: from an empty folder to a text message at a gateway.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use barq_tests::program;
use platform_database::testing::ephemeral;

use crate::report;

const GUIDE: &str = "docs/guides/write-a-plugin.md";
/// What the guide promises.
const DEADLINE: Duration = Duration::from_mins(15);
const SECRET: &str = "not-a-secret-tests-only";

/// The commands of the guide in their order, and how many blocks they stand in.
fn commands(guide: &str) -> (String, usize) {
    let (mut script, mut blocks) = (String::new(), 0);
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        if line == "```sh" {
            blocks += 1;
            for command in lines.by_ref().take_while(|line| *line != "```") {
                script.push_str(command);
                script.push('\n');
            }
        }
    }
    (script, blocks)
}

/// A port that is free now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// What has to be built: the program, and the gateway beside it.
fn built() -> Result<Option<PathBuf>> {
    let in_ci = std::env::var_os("CI").is_some();
    let folder = program().and_then(|program| {
        let folder = program.parent().context("its folder")?.to_owned();
        let gateway = folder.join("provider-simulator");
        ensure!(
            gateway.is_file(),
            "{} is not built: cargo build -p provider-simulators",
            gateway.display()
        );
        Ok(folder)
    });
    match folder {
        Ok(folder) => Ok(Some(folder)),
        Err(error) if in_ci => Err(error),
        Err(error) => report(&format!("SKIPPED {error:#}")).map(|()| None),
    }
}

/// Ends a group of processes when its own input ends, however that came about: also when this process was killed.
const KEEPER: &str = r#"
cat
kill -TERM -- "-$1" || exit 0
tries=100
while kill -0 -- "-$1" && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
kill -KILL -- "-$1"
"#;

/// A script with everything it started; none of it is left when this is dropped.
struct Script {
    shell: Child,
    keeper: Child,
}

impl Script {
    fn start(mut shell: Command) -> Result<Self> {
        let shell = shell.process_group(0).spawn().context("starting bash")?;
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper", &shell.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting the process that cleans up")?;
        Ok(Self { shell, keeper })
    }

    /// Whether it ended well.
    fn wait(&mut self) -> Result<bool> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.shell.try_wait()? {
                return Ok(status.success());
            }
            ensure!(began.elapsed() < DEADLINE, "it still runs after {DEADLINE:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // A shell that was ended by the keeper has to be waited for, or its group goes on existing.
        let _ = self.shell.wait();
        let _ = self.keeper.wait();
    }
}

#[tokio::test]
async fn a_newcomer_sends_a_message_through_a_plugin_of_his_own() -> Result<()> {
    let Some(programs) = built()? else { return Ok(()) };
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(own.join("..").join(GUIDE)).context(GUIDE)?;
    let (script, blocks) = commands(&guide);
    ensure!(blocks >= 8, "the guide has only {blocks} blocks of commands");
    // Other tests have servers too: only the ports are others than the guide's.
    let (server, gateway) = (free_port()?, free_port()?);
    let script = script
        .replace("8080", &server.to_string())
        .replace("8098", &gateway.to_string());
    let cluster = ephemeral().await?;
    let (folder, words) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (said, steps) = (words.path().join("said"), words.path().join("steps"));
    #[expect(
        clippy::disallowed_methods,
        reason = "what an author's shell finds is no setting of the product"
    )]
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    shell
        .args(["-eux", "-o", "pipefail", "-c", &script])
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("PS4", "+ [${SECONDS} s] ")
        .env("BARQ_DATABASE_URL", cluster.admin_url("barq"))
        .env("BARQ_DATABASE_SECRET", SECRET)
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .env_remove("CARGO_TARGET_DIR")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(File::create(&said)?)
        .stderr(File::create(&steps)?);
    let began = Instant::now();
    let ended = tokio::task::spawn_blocking(move || Script::start(shell)?.wait()).await?;
    let took = began.elapsed();
    let read = |file: &Path| std::fs::read_to_string(file).unwrap_or_default();
    let (said, steps) = (read(&said), read(&steps));
    if !matches!(ended, Ok(true)) {
        let server = read(&folder.path().join("server.log"));
        let last: Vec<&str> = server.lines().rev().take(40).collect();
        bail!(
            "the guide's commands failed ({ended:?}):\n{said}\n{steps}\nserver, its last words first:\n{}",
            last.join("\n")
        );
    }
    let sent = read(&folder.path().join("gateway.log"));
    for text in [
        "to 966501234567 (1 parts): From my desk",
        "to 966501234567 (1 parts): Sent by my own plugin",
    ] {
        // A replay asks the gateway nothing.
        ensure!(
            sent.matches(text).count() == 1,
            "the gateway did not get {text:?} once:\n{sent}"
        );
    }
    for text in [
        "2 scenarios as expected, 0 not",
        "sms-gateway.send",
        "The same came of it, byte for byte",
    ] {
        ensure!(said.contains(text), "nothing says {text:?}:\n{said}\n{steps}");
    }
    report(&format!(
        "Guide for plugins: {blocks} blocks of commands from an empty folder to a message at the gateway in {} s",
        took.as_secs()
    ))
}
