//! One call: a fresh store, a deadline, an answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use platform_plugin_records::{Fault, FaultKind};
use wasmtime::{Store, Trap, UpdateDeadline};

use super::Line;
use super::engine::{Loaded, Sandbox};
use super::enter::{self, enter};
use super::state::{Cpu, Diverged, State, Stop, stop};
use crate::limits::Limits;
use crate::wire::{self, Answer, CallContext, Done, FromWorker, Given, Start};

/// What a component may use while it is only being looked at.
const PROBE_CPU_MS: u32 = 200;

/// Runs a call to its end, whatever the guest does. What the guest had comes with the answer: clearing it away takes a good part of
/// a small call's time, and nobody has to wait for it.
pub(super) async fn run(sandbox: &Sandbox, start: Start, line: Line) -> (Done, Option<Store<State>>) {
    let Some(loaded) = sandbox.get(start.component) else {
        let gone = fault(FaultKind::WorkerLost, "this worker does not have the component");
        return (finished(gone, None), None);
    };
    let limits = start.limits;
    let state = State::new(limits, start.given, Some(line)).noting(start.trace, start.script);
    let mut store = store(sandbox, state);
    let cpu = store.data().cpu.clone();
    let wall = Duration::from_millis(u64::from(limits.wall_ms));
    let result = {
        let _running = sandbox.running();
        let call = Metered {
            inner: Box::pin(enter(&loaded, &mut store, start.input)),
            cpu,
        };
        tokio::time::timeout(wall, call).await
    };
    let answer = match result {
        Err(_) => fault(FaultKind::Timeout, format!("no answer within {} ms", limits.wall_ms)),
        Ok(Err(error)) => fault_of(&error, store.data()),
        Ok(Ok(answer)) => answer,
    };
    let state = store.data_mut();
    let answer = match state.unrepeated() {
        Some(left_out) if !matches!(answer, Answer::Diverged { .. }) => diverged(&left_out),
        _ => answer,
    };
    (finished(answer, Some(state)), Some(store))
}

/// Makes one instance and checks the types of what it exports, which only shows with an instance.
pub(super) async fn probe(sandbox: &Sandbox, loaded: &Loaded) -> wasmtime::Result<()> {
    let limits = Limits {
        cpu_ms: PROBE_CPU_MS,
        ..Limits::default()
    };
    let mut store = store(sandbox, State::new(limits, nobody(), None));
    let cpu = store.data().cpu.clone();
    let _running = sandbox.running();
    let look = async {
        let instance = loaded.pre.instantiate_async(&mut store).await?;
        enter::look(loaded, &mut store, &instance)?;
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

/// What a call is given that belongs to nobody.
fn nobody() -> Given {
    Given {
        context: CallContext {
            call_id: String::new(),
            idempotency_key: String::new(),
            attempt: 1,
            organization_id: String::new(),
            installation_id: String::new(),
            time_zone: String::new(),
            locale: String::new(),
            currency: String::new(),
            now_ms: 0,
        },
        settings: std::collections::BTreeMap::new(),
        settings_json: String::from("{}"),
        secrets: std::collections::BTreeMap::new(),
    }
}

fn diverged(diverged: &Diverged) -> Answer {
    Answer::Diverged {
        step: diverged.step,
        recorded: diverged.recorded.clone(),
        now: diverged.now.clone(),
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
    if let Some(another_way) = error.downcast_ref::<Diverged>() {
        return diverged(another_way);
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

/// The answer with what the call has left behind, which is taken.
pub(super) fn finished(answer: Answer, state: Option<&mut State>) -> Done {
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
            trace: Vec::new(),
        };
    };
    Done {
        answer,
        guest_us: state.cpu.spent_us(),
        host_calls: state.host_calls,
        memory_peak_bytes: state.memory.peak,
        kv_writes: std::mem::take(&mut state.kv).into_writes(),
        trace: state.trace.take().unwrap_or_default(),
        logs: std::mem::take(&mut state.logs),
        logs_dropped: state.logs_dropped,
    }
}

/// The frame that says it, with another answer where this one cannot travel.
pub(super) fn frame(call: u64, mut done: Done, limits: &Limits) -> anyhow::Result<Vec<u8>> {
    let given = done.answer.records();
    if given > limits.records as usize {
        let detail = format!("an answer of {given} records; the limit is {}", limits.records);
        done.answer = fault(FaultKind::Budget, detail);
    }
    let mut message = FromWorker::Done {
        call,
        done: Box::new(done),
    };
    if let Ok(frame) = wire::encode(&message) {
        return Ok(frame);
    }
    if let FromWorker::Done { done, .. } = &mut message {
        done.answer = fault(FaultKind::Budget, "the answer is too large");
    }
    wire::encode(&message)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{LogEntry, MAX_FRAME_BYTES};

    fn told(answer: Answer, log_bytes: usize) -> (Answer, usize) {
        let mut done = finished(answer, None);
        done.logs.push(LogEntry {
            after_us: 1,
            level: 0,
            message: "x".repeat(log_bytes),
            fields: Vec::new(),
        });
        let frame = frame(7, done, &Limits::default()).expect("something can be said");
        match wire::decode(&frame[4..]).expect("a frame of ours") {
            FromWorker::Done { call: 7, done } => (done.answer, done.logs.len()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_too_large_together_is_refused_and_its_log_arrives() {
        let of = |bytes| Answer::Health {
            degraded: Some("x".repeat(bytes)),
        };
        let half = MAX_FRAME_BYTES / 2;
        assert!(matches!(told(of(half), 10), (Answer::Health { .. }, 1)));
        for (answer_bytes, log_bytes) in [(half, half), (MAX_FRAME_BYTES, 10)] {
            let (answer, logs) = told(of(answer_bytes), log_bytes);
            let Answer::Fault(fault) = answer else {
                panic!("{answer_bytes} bytes beside {log_bytes} travelled");
            };
            assert_eq!((fault.kind, logs), (FaultKind::Budget, 1), "{}", fault.detail);
        }
    }
}
