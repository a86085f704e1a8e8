//! Compiling an upload, in a process that lives for it alone.
//!
//! A compiler is a large program that reads what a stranger wrote. Here it has no files, no network and a bound on its processor time
//! and memory, and it ends with its one answer.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tracing::info;

use crate::artefacts::{ArtefactKey, ArtefactStore, MAX_ARTEFACT_BYTES, Sealed};
use crate::boot::{Begin, Compiled, Fingerprint};
use crate::catalogue::{Component, MAX_COMPONENT_BYTES};
use crate::limits::COMPILE_CPU_S;
use crate::spawn::{WorkerCommand, own_identity};
use crate::wire;

/// A compiler that waits for the processor longer than this is ended.
const WALL: Duration = Duration::from_mins(3);
/// How a Rust program ends that panicked.
const PANICKED: i32 = 101;
/// Compilers at once: one that was given something hard does not hold up the others.
const AT_ONCE: usize = 2;

/// Why there is no artefact.
#[derive(Debug)]
pub(crate) enum CompileError {
    /// The component is at fault, and will be the next time too.
    Refused(String),
    /// This machine is.
    Failed(anyhow::Error),
}

/// Makes artefacts and keeps them.
pub(crate) struct Compilers {
    command: WorkerCommand,
    store: ArtefactStore,
    turns: Semaphore,
}

impl Compilers {
    pub fn new(command: WorkerCommand, store: ArtefactStore) -> Self {
        Self {
            command,
            store,
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// The component's code for the engine with this fingerprint, compiled when nobody did before.
    pub async fn artefact(&self, component: &Component, engine: Fingerprint) -> Result<Arc<Sealed>, CompileError> {
        if component.bytes.len() as u64 > MAX_COMPONENT_BYTES {
            let mib = MAX_COMPONENT_BYTES / (1024 * 1024);
            return Err(CompileError::Refused(format!("it is larger than {mib} MiB")));
        }
        let key = ArtefactKey {
            component: component.sha256,
            engine,
        };
        if let Some(sealed) = self.store.get(&key) {
            return Ok(sealed);
        }
        let turn = self.turns.acquire().await;
        let _turn = turn.map_err(|e| CompileError::Failed(e.into()))?;
        // Somebody else's turn may have been for the same component.
        if let Some(sealed) = self.store.get(&key) {
            return Ok(sealed);
        }
        let bytes = compile(&self.command, component, engine).await?;
        self.store.put(&key, &bytes).map_err(CompileError::Failed)
    }
}

async fn compile(command: &WorkerCommand, component: &Component, engine: Fingerprint) -> Result<Vec<u8>, CompileError> {
    let identity = own_identity();
    let begin = Begin::Compile {
        identity,
        component: component.bytes.to_vec(),
    };
    let frame = wire::encode(&begin).map_err(|e| CompileError::Refused(format!("it is too large: {e}")))?;
    let mut child = command.start(identity, None).map_err(CompileError::Failed)?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(CompileError::Failed(anyhow!("the pipes were asked for")));
    };
    let started = std::time::Instant::now();
    let talk = async {
        let mut limited = stdout.take(MAX_ARTEFACT_BYTES + 4096);
        let (mut said, mut words) = (Vec::new(), Vec::new());
        let mut stderr = stderr.take(4096);
        let told = async {
            // A compiler that died early is seen by its status.
            let _ = stdin.write_all(&frame).await;
            drop(stdin);
        };
        let read = limited.read_to_end(&mut said);
        let ((), read, _) = tokio::join!(told, read, stderr.read_to_end(&mut words));
        read.context("reading from the compiler")?;
        let status = child.wait().await.context("waiting for the compiler")?;
        anyhow::Ok((status, said, words))
    };
    let Ok(talked) = tokio::time::timeout(WALL, talk).await else {
        return Err(CompileError::Refused(format!(
            "compiling it took longer than {} s",
            WALL.as_secs()
        )));
    };
    let (status, said, words) = talked.map_err(CompileError::Failed)?;
    if !status.success() {
        return Err(died(status, &words));
    }
    let (compiled, artefact) = split(said).map_err(CompileError::Failed)?;
    if let Some(refusal) = compiled.refusal {
        return Err(CompileError::Refused(refusal));
    }
    if compiled.fingerprint != engine {
        let other =
            anyhow!("the compiler is of another version than the worker: this program was replaced while it ran");
        return Err(CompileError::Failed(other));
    }
    info!(
        component = hex::encode(&component.sha256[..8]),
        bytes = artefact.len(),
        ms = started.elapsed().as_millis(),
        "Compiled a plugin"
    );
    Ok(artefact)
}

fn died(status: std::process::ExitStatus, words: &[u8]) -> CompileError {
    use std::os::unix::process::ExitStatusExt;
    let words: String = String::from_utf8_lossy(words)
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect();
    match status.signal() {
        // SIGXCPU, or SIGKILL a second later.
        Some(24 | 9) => CompileError::Refused(format!(
            "compiling it takes more than {COMPILE_CPU_S} s of processor time"
        )),
        // A panic, an abort for want of memory, a system call that a compiler does not make.
        Some(signal) => CompileError::Refused(format!("the compiler failed on it (signal {signal}) {words}")),
        None if status.code() == Some(PANICKED) => CompileError::Refused(format!("the compiler failed on it: {words}")),
        // Its own words: it could not become what it should be.
        None => CompileError::Failed(anyhow!("the compiler did not start: {words}")),
    }
}

fn split(mut said: Vec<u8>) -> anyhow::Result<(Compiled, Vec<u8>)> {
    let Some(length) = said.first_chunk::<4>() else {
        bail!("the compiler said nothing")
    };
    let end = usize::try_from(u32::from_le_bytes(*length))?.saturating_add(4);
    let head = said.get(4..end).context("the compiler was cut off")?;
    let compiled = wire::decode(head)?;
    anyhow::ensure!((said.len() - end) as u64 <= MAX_ARTEFACT_BYTES, "the code is too large");
    said.drain(..end);
    Ok((compiled, said))
}
