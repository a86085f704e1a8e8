//! One running worker process: many conversations at once over one pair of pipes.

use std::collections::HashMap;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};
use tracing::{info, warn};

use crate::artefacts::Sealed;
use crate::boot::{Begin, Fingerprint, Offer};
use crate::loads::{self, LoadError, Loads, Slot};
use crate::spawn::{WorkerCommand, own_identity};
use crate::wire::{self, Declared, FromWorker, ToWorker};

/// From its start until it says that it is ready. A start takes milliseconds; a machine that is short of everything takes longer.
const READY_TIMEOUT: Duration = Duration::from_secs(20);
/// Loading is mapping and making one instance; a component that needs more has been tricked.
const LOAD_TIMEOUT: Duration = Duration::from_secs(20);

type Inbox = mpsc::UnboundedSender<FromWorker>;

/// One running worker process.
pub(crate) struct Worker {
    outbox: mpsc::UnboundedSender<Vec<u8>>,
    calls: Mutex<HashMap<u64, Inbox>>,
    offers: Mutex<HashMap<u64, Inbox>>,
    pub loads: Loads,
    offering: OwnedFd,
    next: AtomicU64,
    alive: AtomicBool,
    ended: Mutex<Option<Instant>>,
    kill: Notify,
    pub pid: u32,
    pub fingerprint: Fingerprint,
}

impl Worker {
    /// Its pipes are listened to by the lane's threads. The process is started by this one: a child is as important as who starts it.
    pub async fn spawn(command: &WorkerCommand, lane: &Handle) -> anyhow::Result<Arc<Self>> {
        let identity = own_identity();
        let flags = SocketFlags::CLOEXEC;
        let (offering, loads) = rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)
            .context("making the socket for loads")?;
        let mut child = {
            let _entered = lane.enter();
            command.start(identity, Some(&loads))?
        };
        let piped = "the pipe was asked for";
        let (mut stdin, stdout) = (child.stdin.take().expect(piped), child.stdout.take().expect(piped));
        lane.spawn(log_lines(child.stderr.take().expect(piped)));
        let begin = Begin::Serve {
            identity,
            loads: loads.as_raw_fd(),
        };
        let mut reader = BufReader::with_capacity(64 * 1024, stdout);
        let greeting = async {
            stdin
                .write_all(&wire::encode(&begin)?)
                .await
                .context("telling the worker what it is")?;
            match wire::read_frame(&mut reader).await?.map(|body| wire::decode(&body)) {
                Some(Ok(FromWorker::Ready { fingerprint })) => Ok(fingerprint),
                Some(Err(error)) => Err(error),
                _ => bail!("the plugin worker ended while it started"),
            }
        };
        let greeted = tokio::time::timeout(READY_TIMEOUT, greeting).await;
        let fingerprint = greeted.context("the plugin worker did not get ready")??;
        drop(loads);
        let (outbox, frames) = mpsc::unbounded_channel();
        let worker = Arc::new(Self {
            outbox,
            calls: Mutex::default(),
            offers: Mutex::default(),
            loads: Loads::default(),
            offering,
            next: AtomicU64::new(1),
            alive: AtomicBool::new(true),
            ended: Mutex::default(),
            kill: Notify::new(),
            pid: child.id().unwrap_or_default(),
            fingerprint,
        });
        info!(
            worker.pid = worker.pid,
            worker.user = identity,
            "Started the plugin worker"
        );
        lane.spawn(write_frames(stdin, frames));
        let reading = worker.clone();
        lane.spawn(async move {
            if let Err(error) = reading.read_frames(reader).await {
                warn!(
                    worker.pid = reading.pid,
                    "The plugin worker broke the protocol: {error:#}"
                );
            }
            reading.end();
        });
        lane.spawn(reap(worker.clone(), child));
        Ok(worker)
    }

    pub fn alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// How long it lived, as far as it has ended.
    pub fn lived(&self, started: Instant) -> Duration {
        let ended = *lock(&self.ended);
        ended.unwrap_or_else(Instant::now).saturating_duration_since(started)
    }

    /// Ends the process; calls in flight are told that the worker was lost.
    pub fn kill(&self) {
        self.end();
    }

    fn end(&self) {
        self.alive.store(false, Ordering::Release);
        lock(&self.ended).get_or_insert_with(Instant::now);
        self.kill.notify_one();
        lock(&self.calls).clear();
        lock(&self.offers).clear();
        self.loads.clear();
    }

    /// Opens a conversation; closed when the handle is dropped.
    pub fn open(self: &Arc<Self>) -> Conversation {
        let (inbox, messages) = mpsc::unbounded_channel();
        let call = self.next.fetch_add(1, Ordering::Relaxed);
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

    pub async fn load_now(
        self: &Arc<Self>,
        declared: Declared,
        artefact: &Sealed,
    ) -> Result<Result<Arc<Slot>, String>, LoadError> {
        let slot = Slot::new(self.next.fetch_add(1, Ordering::Relaxed), self);
        let (inbox, mut messages) = mpsc::unbounded_channel();
        lock(&self.offers).insert(slot.number, inbox);
        if !self.alive() {
            return Err(LoadError::Lost);
        }
        let offer = Offer {
            slot: slot.number,
            declared,
            length: artefact.length,
        };
        loads::offer(&self.offering, &offer, artefact).map_err(|e| LoadError::Failed(format!("{e:#}")))?;
        match tokio::time::timeout(LOAD_TIMEOUT, messages.recv()).await {
            Ok(Some(FromWorker::Loaded { refusal: None, .. })) => Ok(Ok(slot)),
            Ok(Some(FromWorker::Loaded { refusal: Some(why), .. })) => Ok(Err(why)),
            Ok(_) => Err(LoadError::Lost),
            Err(_) => {
                self.kill();
                Err(LoadError::Lost)
            }
        }
    }

    async fn read_frames(&self, mut reader: BufReader<ChildStdout>) -> anyhow::Result<()> {
        while let Some(body) = wire::read_frame(&mut reader).await? {
            let message: FromWorker = wire::decode(&body)?;
            match &message {
                FromWorker::Ready { .. } => bail!("ready for the second time"),
                FromWorker::Loaded { slot, .. } => {
                    if let Some(inbox) = lock(&self.offers).remove(slot) {
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
