//! Time as guests feel it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use wasmtime::Engine;

use super::lock;

/// How long a guest runs before others get their turn.
const TICK: Duration = Duration::from_millis(1);

/// It goes on for so long after the last guest: the next one is often there soon, and waking a thread costs as much as a third of a
/// small call.
const LINGER_TICKS: u32 = 20;

/// Advances the epoch every millisecond while some guest runs, and sleeps while none does.
pub(crate) struct Ticker {
    running: AtomicUsize,
    thread: std::thread::Thread,
}

/// A guest is running.
pub(crate) struct Running(Arc<Ticker>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Ticker {
    pub fn start(engine: Engine) -> anyhow::Result<Arc<Self>> {
        let shared: Arc<Mutex<Option<Arc<Self>>>> = Arc::default();
        let theirs = shared.clone();
        let thread = std::thread::Builder::new().name("ticker".into()).spawn(move || {
            let mut idle_ticks = LINGER_TICKS;
            loop {
                let ticker = theirs.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let is_wanted = ticker.is_some_and(|ticker| ticker.running.load(Ordering::Acquire) > 0);
                idle_ticks = if is_wanted { 0 } else { idle_ticks.saturating_add(1) };
                if idle_ticks < LINGER_TICKS {
                    std::thread::sleep(TICK);
                    engine.increment_epoch();
                } else {
                    std::thread::park();
                }
            }
        });
        let thread = thread.context("starting the ticker")?.thread().clone();
        let ticker = Arc::new(Self {
            running: AtomicUsize::new(0),
            thread,
        });
        *lock(&shared) = Some(ticker.clone());
        Ok(ticker)
    }

    pub fn enter(self: &Arc<Self>) -> Running {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
        Running(self.clone())
    }
}
