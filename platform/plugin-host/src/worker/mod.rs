//! Inside the worker process. Guests run here; everything outside them is asked of the server over the pipe.

mod bare;
mod bindings;
mod engine;
mod run;
mod state;

use std::collections::HashMap;
use std::io::Write;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use tokio::io::BufReader;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::host::MAX_CONCURRENT_CALLS;
use crate::limits::MAX_MEMORY_BYTES;
use crate::wire::{self, Ask, FromWorker, Start, ToWorker, Told};

pub(crate) use bare::Bare;
pub(crate) use engine::Sandbox;

/// Runs until the server closes the pipe. The whole of the command `plugin-worker`.
pub fn worker_main() -> anyhow::Result<()> {
    confine().context("limiting the plugin worker")?;
    let stdin = std::io::stdin().as_fd().try_clone_to_owned().context("taking stdin")?;
    let stdout = std::io::stdout()
        .as_fd()
        .try_clone_to_owned()
        .context("taking stdout")?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()?;
    let out = Out(Arc::new(Mutex::new(stdout.into())));
    let result = runtime.block_on(async {
        let stdin = pipe::Receiver::from_owned_fd(stdin).context("stdin must be a pipe")?;
        let serving = tokio::spawn(serve(stdin, out));
        serving.await.context("the worker's reader")?
    });
    // Guests that are still running are not waited for.
    runtime.shutdown_background();
    result
}

/// What a guest could do if it broke out of the sandbox, as far as the process itself can give it up.
fn confine() -> anyhow::Result<()> {
    let limit = |resource, value| {
        setrlimit(
            resource,
            Rlimit {
                current: Some(value),
                maximum: Some(value),
            },
        )
        .context("setting a limit")
    };
    // All instances at their largest, and as much again for the compiler and the process.
    limit(
        Resource::Data,
        MAX_CONCURRENT_CALLS as u64 * MAX_MEMORY_BYTES + 2 * 1024 * 1024 * 1024,
    )?;
    limit(Resource::Core, 0)?;
    // Images of guests' initial memory are files in memory; nothing else is written.
    limit(Resource::Fsize, MAX_MEMORY_BYTES)?;
    limit(Resource::Nofile, 64)?;
    rustix::thread::set_no_new_privs(true).context("giving up new privileges")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("hiding the process's memory")
}

/// Frames to the server. A frame is one write under a lock: another thread would cost more than the write.
#[derive(Clone)]
pub(crate) struct Out(Arc<Mutex<std::fs::File>>);

impl Out {
    pub fn send(&self, message: &FromWorker) -> anyhow::Result<()> {
        let frame = wire::encode(message)?;
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pipe.write_all(&frame).context("writing to the server")
    }
}

/// A guest's way to the server: one question at a time.
pub(crate) struct Line {
    pub call: u64,
    out: Out,
    told: mpsc::UnboundedReceiver<Told>,
}

impl Line {
    pub async fn ask(&mut self, ask: Ask) -> anyhow::Result<Told> {
        self.out.send(&FromWorker::Ask { call: self.call, ask })?;
        self.told.recv().await.context("the server is gone")
    }
}

type Calls = Arc<Mutex<HashMap<u64, (mpsc::UnboundedSender<Told>, Option<AbortHandle>)>>>;

async fn serve(stdin: pipe::Receiver, out: Out) -> anyhow::Result<()> {
    let sandbox = Arc::new(Sandbox::new()?);
    let calls = Calls::default();
    let mut reader = BufReader::with_capacity(64 * 1024, stdin);
    while let Some(body) = wire::read_frame(&mut reader).await? {
        match wire::decode(&body)? {
            ToWorker::Call(start) => begin(&sandbox, &calls, &out, *start),
            ToWorker::Told { call, told } => {
                if let Some((line, _)) = lock(&calls).get(&call) {
                    let _ = line.send(told);
                }
            }
            ToWorker::Cancel { call } => {
                if let Some((_, Some(task))) = lock(&calls).remove(&call) {
                    task.abort();
                }
            }
            ToWorker::Load { key, declared, bytes } => {
                let (sandbox, out) = (sandbox.clone(), out.clone());
                tokio::spawn(async move {
                    let refusal = sandbox.load(key, declared, bytes).await.err().map(|e| format!("{e:#}"));
                    out.send(&FromWorker::Loaded { key, refusal })
                });
            }
            ToWorker::Ping { call, bytes } => out.send(&FromWorker::Pong { call, bytes })?,
        }
    }
    Ok(())
}

fn begin(sandbox: &Arc<Sandbox>, calls: &Calls, out: &Out, start: Start) {
    let (sender, told) = mpsc::unbounded_channel();
    let call = start.call;
    // Entered before the task starts, so that an answer to its first question finds it.
    lock(calls).insert(call, (sender, None));
    let line = Line {
        call,
        out: out.clone(),
        told,
    };
    let (sandbox, finished, out) = (sandbox.clone(), calls.clone(), out.clone());
    let task = tokio::spawn(async move {
        let limits = start.limits;
        let mut done = run::run(&sandbox, start, line).await;
        run::fit(&mut done, &limits);
        lock(&finished).remove(&call);
        out.send(&FromWorker::Done {
            call,
            done: Box::new(done),
        })
    });
    if let Some((_, handle)) = lock(calls).get_mut(&call) {
        *handle = Some(task.abort_handle());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
