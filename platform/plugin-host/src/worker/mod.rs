//! Inside the worker process. Guests run here; everything outside them is asked of the server over the pipe.

mod bare;
mod bindings;
mod engine;
mod enter;
mod habits;
mod kept;
mod lanes;
mod load;
mod offers;
mod run;
mod sandbox;
mod settings;
mod state;
mod ticker;

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use platform_plugin_records::{Fault, FaultKind};
use tokio::io::BufReader;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::boot::{self, Begin, Compiled, Offer};
use crate::priority;
use crate::wire::{self, Answer, Ask, Done, FromWorker, Start, ToWorker, Told};
use habits::Habits;
use lanes::Lanes;
use sandbox::Role;

pub(crate) use bare::Bare;
pub(crate) use engine::Sandbox;

/// The whole of the command `plugin-worker`: runs guests until the server closes the pipe, or compiles one upload, as it is told.
pub fn worker_main() -> anyhow::Result<()> {
    worker_main_then(|| ())
}

/// The same, and `afterwards` is run where guests run, when everything has been given up. For the test that plays a guest which
/// broke out.
#[doc(hidden)]
pub fn worker_main_then(afterwards: fn()) -> anyhow::Result<()> {
    let take = |fd: &dyn AsFd| fd.as_fd().try_clone_to_owned();
    let mut stdin = File::from(take(&std::io::stdin()).context("taking stdin")?);
    let stdout = take(&std::io::stdout()).context("taking stdout")?;
    match boot::read(&mut stdin)? {
        Begin::Serve { identity, loads } => serve(identity, loads, stdin.into(), stdout, afterwards),
        Begin::Compile { identity, component } => compile(identity, &component, stdout),
    }
}

fn serve(identity: Option<u32>, loads: RawFd, stdin: OwnedFd, stdout: OwnedFd, afterwards: fn()) -> anyhow::Result<()> {
    let role = Role::Worker { loads };
    let kept = [stdin.as_raw_fd(), stdout.as_raw_fd()];
    sandbox::shed(identity, role, &kept).context("limiting the plugin worker")?;
    let sandbox = Arc::new(Sandbox::new()?);
    // After the ticker has started, which takes turns away from guests and must not wait for one itself.
    priority::step_back();
    let processors = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let lanes = Lanes::start(processors).context("starting threads")?;
    let out = Out(Arc::new(Mutex::new(stdout.into())));
    let stdin = {
        let _entered = lanes.quick.enter();
        pipe::Receiver::from_owned_fd(stdin).context("stdin must be a pipe")?
    };
    load::start(loads, sandbox.clone(), out.clone(), lanes.quick.handle().clone())?;
    let fingerprint = sandbox.fingerprint();
    sandbox::lock(role).context("confining the plugin worker")?;
    lanes
        .quick
        .block_on(async { tokio::spawn(async move { afterwards() }).await })?;
    out.send(&FromWorker::Ready { fingerprint })?;
    let slow = lanes.slow.handle().clone();
    let worker = Worker {
        sandbox,
        calls: Calls::default(),
        habits: Habits::default(),
        out,
        slow,
    };
    let result = lanes.quick.block_on(async {
        let listening = tokio::spawn(async move { worker.listen(stdin).await });
        listening.await.context("the worker's reader")?
    });
    // Guests that are still running are not waited for.
    lanes.quick.shutdown_background();
    lanes.slow.shutdown_background();
    result
}

fn compile(identity: Option<u32>, component: &[u8], stdout: OwnedFd) -> anyhow::Result<()> {
    let mut stdout = File::from(stdout);
    let kept = [stdout.as_raw_fd()];
    sandbox::shed(identity, Role::Compiler, &kept).context("limiting the compiler")?;
    priority::step_back();
    let engine = wasmtime::Engine::new(&settings::config())?;
    let fingerprint = settings::fingerprint(&engine);
    sandbox::lock(Role::Compiler).context("confining the compiler")?;
    let (refusal, code) = match engine.precompile_component(component) {
        Ok(code) => (None, code),
        Err(error) => (
            Some(format!("this is not a component that can run here: {error:#}")),
            Vec::new(),
        ),
    };
    stdout.write_all(&wire::encode(&Compiled { fingerprint, refusal })?)?;
    stdout.write_all(&code).context("handing over the code")
}

/// Frames to the server. A frame is one write under a lock: another thread would cost more than the write.
#[derive(Clone)]
pub(crate) struct Out(Arc<Mutex<File>>);

impl Out {
    pub fn send(&self, message: &FromWorker) -> anyhow::Result<()> {
        self.send_frame(&wire::encode(message)?)
    }

    fn send_frame(&self, frame: &[u8]) -> anyhow::Result<()> {
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pipe.write_all(frame).context("writing to the server")
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

/// Everything a call needs of the process.
struct Worker {
    sandbox: Arc<Sandbox>,
    calls: Calls,
    habits: Habits,
    out: Out,
    slow: tokio::runtime::Handle,
}

impl Worker {
    async fn listen(&self, stdin: pipe::Receiver) -> anyhow::Result<()> {
        let mut reader = BufReader::with_capacity(64 * 1024, stdin);
        while let Some(body) = wire::read_frame(&mut reader).await? {
            match wire::decode(&body)? {
                ToWorker::Call(start) => self.begin(*start),
                ToWorker::Told { call, told } => {
                    if let Some((line, _)) = lock(&self.calls).get(&call) {
                        let _ = line.send(told);
                    }
                }
                ToWorker::Cancel { call } => {
                    if let Some((_, Some(task))) = lock(&self.calls).remove(&call) {
                        task.abort();
                    }
                }
                ToWorker::Unload { slot } => self.sandbox.remove(slot),
                ToWorker::Ping { call, bytes } => self.out.send(&FromWorker::Pong { call, bytes })?,
            }
        }
        Ok(())
    }

    fn begin(&self, start: Start) {
        let (sender, told) = mpsc::unbounded_channel();
        let call = start.call;
        // Entered before the task starts, so that an answer to its first question finds it.
        lock(&self.calls).insert(call, (sender, None));
        let line = Line {
            call,
            out: self.out.clone(),
            told,
        };
        let (sandbox, finished, out, slow) = (
            self.sandbox.clone(),
            self.calls.clone(),
            self.out.clone(),
            self.slow.clone(),
        );
        let (limits, habits) = (start.limits, self.habits.clone());
        let context = &start.given.context;
        let place = (context.organization_id.clone(), context.installation_id.clone());
        let begins_slow = habits.is_slow(&place);
        // Down to the frame: a large answer takes its time in the lane of its call.
        let call_itself = async move {
            let (done, used) = run::run(&sandbox, start, line).await;
            let is_slow = done.guest_us > lanes::QUICK_US;
            ((run::frame(call, done, &limits), is_slow), used)
        };
        let task = tokio::spawn(async move {
            let driven = lanes::drive(call_itself, slow, begins_slow).await;
            let ((frame, is_slow), used) =
                driven.unwrap_or_else(|| ((run::frame(call, failed(), &limits), true), None));
            habits.note(place, is_slow);
            lock(&finished).remove(&call);
            let sent = out.send_frame(&frame?);
            drop(used);
            sent
        });
        if let Some((_, handle)) = lock(&self.calls).get_mut(&call) {
            *handle = Some(task.abort_handle());
        }
    }
}

/// What is said of a call that this process could not finish, through no fault of the guest's.
fn failed() -> Done {
    let fault = Fault {
        kind: FaultKind::WorkerLost,
        detail: "the worker failed".to_owned(),
    };
    run::finished(Answer::Fault(fault), None)
}

/// An offer, made ready.
async fn loaded(sandbox: &Sandbox, offer: &Offer, file: &OwnedFd) -> anyhow::Result<()> {
    let component = load::component(sandbox, offer, file)?;
    let loaded = sandbox.fit(&component, offer.declared).await?;
    sandbox.insert(offer.slot, loaded);
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
