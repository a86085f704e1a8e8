//! One call: a fresh store, a deadline, an answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use platform_plugin_records::{Fault, FaultKind};
use wasmtime::component::Instance;
use wasmtime::{AsContextMut, Store, Trap, UpdateDeadline};

use super::Line;
use super::bindings;
use super::bindings::exports::barq::plugin::lifecycle;
use super::engine::{Loaded, Sandbox};
use super::state::{Cpu, State, Stop, stop};
use crate::limits::Limits;
use crate::wire::{self, Answer, CallContext, Done, Entry, Start};

/// What a component may use while it is only being looked at.
const PROBE_CPU_MS: u32 = 200;

/// Runs a call to its end, whatever the guest does.
pub(super) async fn run(sandbox: &Sandbox, start: Start, line: Line) -> Done {
    let Some(loaded) = sandbox.get(&start.component) else {
        return finished(
            fault(FaultKind::WorkerLost, "this worker does not have the component"),
            None,
        );
    };
    let limits = start.limits;
    let state = State::new(limits, start.context, Some(line));
    let state = state.with_settings(start.settings, start.settings_json, start.secrets);
    let mut store = store(sandbox, state);
    let cpu = store.data().cpu.clone();
    let wall = Duration::from_millis(u64::from(limits.wall_ms));
    let result = {
        let _running = sandbox.running();
        let call = Metered {
            inner: Box::pin(enter(&loaded, &mut store, start.entry)),
            cpu,
        };
        tokio::time::timeout(wall, call).await
    };
    let answer = match result {
        Err(_) => fault(FaultKind::Timeout, format!("no answer within {} ms", limits.wall_ms)),
        Ok(Err(error)) => fault_of(&error, store.data()),
        Ok(Ok(answer)) => answer,
    };
    finished(answer, Some(store.into_data()))
}

/// Makes one instance and checks the types of what it exports, which only shows with an instance.
pub(super) async fn probe(sandbox: &Sandbox, loaded: &Loaded) -> wasmtime::Result<()> {
    let limits = Limits {
        cpu_ms: PROBE_CPU_MS,
        ..Limits::default()
    };
    let context = CallContext {
        call_id: String::new(),
        idempotency_key: String::new(),
        organization_id: String::new(),
        installation_id: String::new(),
        time_zone: String::new(),
        locale: String::new(),
        now_ms: 0,
    };
    let mut store = store(sandbox, State::new(limits, context, None));
    let cpu = store.data().cpu.clone();
    let _running = sandbox.running();
    let look = async {
        let instance = loaded.pre.instantiate_async(&mut store).await?;
        loaded.lifecycle.load(&mut store, &instance)?;
        if let Some(indices) = &loaded.fuel_source {
            indices.load(&mut store, &instance)?;
        }
        Ok(())
    };
    Metered {
        inner: Box::pin(look),
        cpu,
    }
    .await
}

pub(crate) fn store(sandbox: &Sandbox, state: State) -> Store<State> {
    let crossing_bytes = usize::try_from(state.limits.crossing_bytes).unwrap_or(usize::MAX);
    let mut store = Store::new(&sandbox.engine, state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(crossing_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|context| {
        let state = context.data();
        let limit_ms = state.limits.cpu_ms;
        if state.cpu.spent_us() > u64::from(limit_ms) * 1_000 {
            return Err(stop(
                FaultKind::Timeout,
                format!("more than {limit_ms} ms of processor time"),
            ));
        }
        Ok(UpdateDeadline::Yield(1))
    });
    store
}

async fn enter(loaded: &Loaded, store: &mut Store<State>, entry: Entry) -> wasmtime::Result<Answer> {
    let instance: Instance = loaded.pre.instantiate_async(store.as_context_mut()).await?;
    let context = store.data().call_context();
    match entry {
        Entry::Check => {
            let guest = loaded.lifecycle.load(store.as_context_mut(), &instance)?;
            Ok(match guest.call_check(store.as_context_mut(), &context).await? {
                Ok(lifecycle::Health::Ok) => Answer::Health { degraded: None },
                Ok(lifecycle::Health::Degraded(why)) => Answer::Health { degraded: Some(why) },
                Err(failure) => Answer::Failure(failure.into()),
            })
        }
        Entry::FuelPull { cursor, since_ms } => {
            let Some(indices) = &loaded.fuel_source else {
                return Err(stop(
                    FaultKind::Denied,
                    "the plugin does not export barq:plugin/fuel-source",
                ));
            };
            let guest = indices.load(store.as_context_mut(), &instance)?;
            Ok(
                match guest
                    .call_pull(store.as_context_mut(), &context, cursor.as_deref(), since_ms)
                    .await?
                {
                    Ok(page) => Answer::FuelPage(bindings::page(page)),
                    Err(failure) => Answer::Failure(failure.into()),
                },
            )
        }
    }
}

fn fault(kind: FaultKind, detail: impl Into<String>) -> Answer {
    Answer::Fault(Fault {
        kind,
        detail: detail.into(),
    })
}

/// Names what went wrong; the guest's own last words, if it had any, are in the log.
fn fault_of(error: &wasmtime::Error, state: &State) -> Answer {
    if let Some(Stop(fault)) = error.downcast_ref::<Stop>() {
        return Answer::Fault(fault.clone());
    }
    if state.memory.refused {
        let mib = state.limits.memory_bytes / (1024 * 1024);
        return fault(FaultKind::Memory, format!("more than {mib} MiB of memory"));
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        let panic = state
            .logs
            .iter()
            .rev()
            .find(|entry| entry.message.starts_with("panicked at"));
        let words = panic.map_or_else(|| trap.to_string(), |entry| entry.message.clone());
        return fault(FaultKind::Trap, format!("the plugin crashed: {words}"));
    }
    let text = format!("{error:#}");
    if text.contains("too much data is being copied") {
        let mib = state.limits.crossing_bytes / (1024 * 1024);
        return fault(FaultKind::Budget, format!("more than {mib} MiB handed over at once"));
    }
    fault(FaultKind::Malformed, format!("the plugin broke the contract: {text}"))
}

fn finished(answer: Answer, state: Option<State>) -> Done {
    let Some(state) = state else {
        let (kv_writes, logs) = (Vec::new(), Vec::new());
        return Done {
            answer,
            kv_writes,
            logs,
            logs_dropped: 0,
            guest_us: 0,
            host_calls: 0,
            memory_peak_bytes: 0,
        };
    };
    Done {
        answer,
        guest_us: state.cpu.spent_us(),
        host_calls: state.host_calls,
        memory_peak_bytes: state.memory.peak,
        kv_writes: state.kv_writes.into_iter().collect(),
        logs: state.logs,
        logs_dropped: state.logs_dropped,
    }
}

/// Replaces an answer that cannot travel.
pub(super) fn fit(done: &mut Done, limits: &Limits) {
    if let Answer::FuelPage(page) = &done.answer {
        let given = page.transactions.len() + page.unreadable.len();
        if given > limits.records as usize {
            let detail = format!("a page of {given} records; the limit is {}", limits.records);
            done.answer = fault(FaultKind::Budget, detail);
        }
    }
    if wire::encode(&done.answer).is_err() {
        done.answer = fault(FaultKind::Budget, "the answer is too large");
    }
}

/// Counts the time a guest spends running, and only that.
struct Metered<F> {
    inner: Pin<Box<F>>,
    cpu: Cpu,
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.cpu.begin_turn();
        let polled = self.inner.as_mut().poll(cx);
        self.cpu.end_turn();
        polled
    }
}
