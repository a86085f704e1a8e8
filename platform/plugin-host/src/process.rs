//! The worker process as the server sees it: started when needed, restarted when it ends, many calls at once over one
//! pair of pipes.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::{Notify, OnceCell, mpsc};
use tracing::{info, warn};

use crate::catalogue::Component;
use crate::wire::{self, ComponentKey, Declared, FromWorker, ToWorker};

/// A worker that ends at once is not started again faster than this.
const RESTART_PAUSE: Duration = Duration::from_millis(200);
/// Compiling the largest component takes seconds; a compiler that needs more has been tricked.
const LOAD_TIMEOUT: Duration = Duration::from_mins(1);
/// Nobody's account: what the worker runs as when the server runs as root.
const NOBODY: u32 = 65_534;

/// How to start a worker.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    pub program: PathBuf,
    pub args: Vec<OsString>,
}

impl WorkerCommand {
    /// This very program with the argument `plugin-worker`.
    pub fn this_program() -> Self {
        // Also right after the file was replaced by a newer one: both sides speak the same version.
        Self {
            program: "/proc/self/exe".into(),
            args: vec!["plugin-worker".into()],
        }
    }
}

/// Starts a worker when there is none.
pub(crate) struct Workers {
    command: WorkerCommand,
    current: tokio::sync::Mutex<Option<(Arc<Worker>, Instant)>>,
}

impl Workers {
    pub fn new(command: WorkerCommand) -> Self {
        Self {
            command,
            current: tokio::sync::Mutex::default(),
        }
    }

    /// The running worker, or a new one.
    pub async fn get(&self) -> anyhow::Result<Arc<Worker>> {
        let mut current = self.current.lock().await;
        if let Some((worker, started)) = current.as_ref() {
            if worker.alive() {
                return Ok(worker.clone());
            }
            tokio::time::sleep(RESTART_PAUSE.saturating_sub(started.elapsed())).await;
        }
        let worker = Worker::spawn(&self.command)?;
        *current = Some((worker.clone(), Instant::now()));
        Ok(worker)
    }
}

type Inbox = mpsc::UnboundedSender<FromWorker>;
type Loading = Arc<OnceCell<Result<(), String>>>;

/// One running worker process.
pub(crate) struct Worker {
    outbox: mpsc::UnboundedSender<Vec<u8>>,
    calls: Mutex<HashMap<u64, Inbox>>,
    loads: Mutex<HashMap<ComponentKey, Inbox>>,
    loaded: Mutex<HashMap<ComponentKey, Loading>>,
    next_call: AtomicU64,
    alive: AtomicBool,
    kill: Notify,
    pub pid: u32,
}

impl Worker {
    fn spawn(command: &WorkerCommand) -> anyhow::Result<Arc<Self>> {
        let mut child = start(command)?;
        let piped = "the pipe was asked for";
        let (stdin, stdout) = (child.stdin.take().expect(piped), child.stdout.take().expect(piped));
        let stderr = child.stderr.take().expect(piped);
        let (outbox, frames) = mpsc::unbounded_channel();
        let worker = Arc::new(Self {
            outbox,
            calls: Mutex::default(),
            loads: Mutex::default(),
            loaded: Mutex::default(),
            next_call: AtomicU64::new(1),
            alive: AtomicBool::new(true),
            kill: Notify::new(),
            pid: child.id().unwrap_or_default(),
        });
        info!(worker.pid = worker.pid, "Started the plugin worker");
        tokio::spawn(write_frames(stdin, frames));
        tokio::spawn(log_lines(stderr));
        let reader = worker.clone();
        tokio::spawn(async move {
            if let Err(error) = reader.read_frames(stdout).await {
                warn!(
                    worker.pid = reader.pid,
                    "The plugin worker broke the protocol: {error:#}"
                );
            }
            reader.end();
        });
        tokio::spawn(reap(worker.clone(), child));
        Ok(worker)
    }

    pub fn alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Ends the process; calls in flight are told that the worker was lost.
    pub fn kill(&self) {
        self.kill.notify_one();
        self.end();
    }

    fn end(&self) {
        self.alive.store(false, Ordering::Release);
        self.kill.notify_one();
        lock(&self.calls).clear();
        lock(&self.loads).clear();
    }

    /// Opens a conversation; closed when the handle is dropped.
    pub fn open(self: &Arc<Self>) -> Conversation {
        let (inbox, messages) = mpsc::unbounded_channel();
        let call = self.next_call.fetch_add(1, Ordering::Relaxed);
        lock(&self.calls).insert(call, inbox);
        if !self.alive() {
            lock(&self.calls).clear();
        }
        Conversation {
            call,
            worker: self.clone(),
            messages,
            finished: false,
        }
    }

    pub fn send(&self, message: &ToWorker) -> anyhow::Result<()> {
        let frame = wire::encode(message)?;
        // A closed outbox means the worker is gone; whoever waits for its answer is told so.
        let _ = self.outbox.send(frame);
        Ok(())
    }

    /// Makes the worker compile a component once. The error is why it is refused.
    pub async fn load(&self, key: ComponentKey, declared: Declared, component: &Component) -> Result<(), LoadError> {
        let loading = lock(&self.loaded).entry(key).or_default().clone();
        let answer = loading
            .get_or_try_init(|| self.load_now(key, declared, component))
            .await?;
        answer.clone().map_err(LoadError::Refused)
    }

    async fn load_now(
        &self,
        key: ComponentKey,
        declared: Declared,
        component: &Component,
    ) -> Result<Result<(), String>, LoadError> {
        let (inbox, mut messages) = mpsc::unbounded_channel();
        lock(&self.loads).insert(key, inbox);
        if !self.alive() {
            return Err(LoadError::Lost);
        }
        let message = ToWorker::Load {
            key,
            declared,
            bytes: component.bytes.to_vec(),
        };
        self.send(&message).map_err(|e| LoadError::Refused(e.to_string()))?;
        match tokio::time::timeout(LOAD_TIMEOUT, messages.recv()).await {
            Ok(Some(FromWorker::Loaded { refusal, .. })) => Ok(refusal.map_or(Ok(()), Err)),
            Ok(_) => Err(LoadError::Lost),
            Err(_) => {
                self.kill();
                Err(LoadError::Lost)
            }
        }
    }

    async fn read_frames(&self, stdout: ChildStdout) -> anyhow::Result<()> {
        let mut reader = BufReader::with_capacity(64 * 1024, stdout);
        while let Some(body) = wire::read_frame(&mut reader).await? {
            let message: FromWorker = wire::decode(&body)?;
            match &message {
                FromWorker::Loaded { key, .. } => {
                    if let Some(inbox) = lock(&self.loads).remove(key) {
                        let _ = inbox.send(message);
                    }
                }
                FromWorker::Ask { call, .. } | FromWorker::Done { call, .. } | FromWorker::Pong { call, .. } => {
                    // A call that was given up has no inbox any more.
                    if let Some(inbox) = lock(&self.calls).get(call) {
                        let _ = inbox.send(message);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Why a component is not ready.
#[derive(Debug)]
pub(crate) enum LoadError {
    Refused(String),
    Lost,
}

/// One call's messages. Dropping it before the end cancels the call in the worker.
pub(crate) struct Conversation {
    pub call: u64,
    worker: Arc<Worker>,
    messages: mpsc::UnboundedReceiver<FromWorker>,
    finished: bool,
}

impl Conversation {
    /// The next message; `None` when the worker was lost.
    pub async fn next(&mut self) -> Option<FromWorker> {
        let message = self.messages.recv().await;
        self.finished = matches!(message, None | Some(FromWorker::Done { .. } | FromWorker::Pong { .. }));
        message
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        lock(&self.worker.calls).remove(&self.call);
        if !self.finished {
            let _ = self.worker.send(&ToWorker::Cancel { call: self.call });
        }
    }
}

fn start(command: &WorkerCommand) -> anyhow::Result<Child> {
    let build = || {
        let mut start = Command::new(&command.program);
        start
            .args(&command.args)
            .env_clear()
            .current_dir("/")
            .kill_on_drop(true);
        start
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        start
    };
    if rustix::process::geteuid().is_root() {
        match build().uid(NOBODY).gid(NOBODY).spawn() {
            Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
                warn!("The plugin worker runs as root: another account may not execute this program");
            }
            started => return started.context("starting the plugin worker"),
        }
    }
    build().spawn().context("starting the plugin worker")
}

async fn write_frames(mut stdin: ChildStdin, mut frames: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(frame) = frames.recv().await {
        if stdin.write_all(&frame).await.is_err() {
            // The reader notices the end of the process.
            return;
        }
    }
}

async fn log_lines(stderr: ChildStderr) {
    let mut lines = BufReader::new(stderr.take(u64::MAX)).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line: String = line.chars().take(500).collect();
        warn!("Plugin worker: {line}");
    }
}

async fn reap(worker: Arc<Worker>, mut child: Child) {
    let status = tokio::select! {
        status = child.wait() => status,
        () = worker.kill.notified() => {
            let _ = child.start_kill();
            child.wait().await
        }
    };
    worker.end();
    match status {
        Ok(status) => info!(worker.pid = worker.pid, "The plugin worker ended: {status}"),
        Err(error) => warn!(worker.pid = worker.pid, "The plugin worker ended: {error}"),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing panics while holding one of these, and a map is whole after every step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
