//! Playing code that broke out: a program is started just as a worker is, and what becomes of it is told.

use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use anyhow::Context;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::boot::Begin;
use crate::spawn::{WorkerCommand, own_identity};
use crate::wire;

/// How a probe ended.
#[derive(Debug)]
pub struct Probed {
    /// What it wrote to its standard error.
    pub said: String,
    /// `/proc/<pid>/status` once it had said something.
    pub status: String,
    pub signal: Option<i32>,
}

/// Runs a program as a worker until it ends, for at most ten seconds.
pub async fn run(command: &WorkerCommand) -> anyhow::Result<Probed> {
    let identity = own_identity();
    let (_offering, loads) =
        rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    let mut child = command.start(identity, Some(&loads))?;
    let pid = child.id().context("it has just started")?;
    let begin = Begin::Serve {
        identity,
        loads: loads.as_raw_fd(),
    };
    let mut stdin = child.stdin.take().context("the pipe was asked for")?;
    stdin.write_all(&wire::encode(&begin)?).await?;
    let mut stderr = child.stderr.take().context("the pipe was asked for")?;
    let (mut said, mut status) = (Vec::new(), String::new());
    let listen = async {
        while stderr.read_buf(&mut said).await? > 0 {
            if let Ok(now) = std::fs::read_to_string(format!("/proc/{pid}/status")) {
                status = now;
            }
        }
        child.wait().await
    };
    let ended = tokio::time::timeout(Duration::from_secs(10), listen).await;
    let ended = ended
        .context("the probe did not end")?
        .context("waiting for the probe")?;
    Ok(Probed {
        said: String::from_utf8_lossy(&said).into_owned(),
        status,
        signal: ended.signal(),
    })
}
