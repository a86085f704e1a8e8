//! Threads of the server that hear what the worker says. A guest may hand over megabytes; taking them apart must not keep a thread
//! busy that answers requests, nor push one aside.

use tokio::runtime::{Builder, Handle, Runtime};

use crate::priority::step_back;

/// One that takes a large answer apart, and one for everybody else meanwhile.
const THREADS: usize = 2;

/// Its own runtime; what still runs when this is dropped is given up.
pub(crate) struct Lane(Option<Runtime>, Handle);

impl Lane {
    pub fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("plugins")
            .on_thread_start(step_back)
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        Ok(Self(Some(runtime), handle))
    }

    pub fn handle(&self) -> &Handle {
        &self.1
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // Whoever drops it may be a task, which must not wait for others.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
