//! A Redis of a test's own, on a socket in a folder.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Ends with the value.
pub struct Redis {
    child: Child,
    folder: tempfile::TempDir,
}

impl Redis {
    /// Starts one and waits until it answers.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]);
        command
            .arg(folder.path().join("redis.sock"))
            .arg("--dir")
            .arg(folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command
            .spawn()
            .context("redis-server is not installed: apt-get install redis-server")?;
        let redis = Self { child, folder };
        for _ in 0..500 {
            if redis.say(&["PING"])?.trim() == "PONG" {
                return Ok(redis);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("Redis does not answer")
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("redis.sock").display())
    }

    /// What it answers.
    pub fn say(&self, words: &[&str]) -> Result<String> {
        let socket = self.folder.path().join("redis.sock");
        let said = Command::new("redis-cli").arg("-s").arg(socket).args(words).output()?;
        Ok(String::from_utf8(said.stdout)?)
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // The test may have killed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
