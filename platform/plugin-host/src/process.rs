//! Workers as the server sees them: started when needed, and again when they ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::artefacts::ArtefactStore;
use crate::catalogue::Component;
use crate::compile::{CompileError, Compilers};
use crate::lane::Lane;
use crate::wire::Declared;

pub(crate) use crate::link::Worker;
pub(crate) use crate::loads::{LoadError, Slot};
pub use crate::spawn::WorkerCommand;

/// A worker that ends soon after it was started is started again later each time, from this on …
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// … up to this: whoever caused it, the others are not made to wait longer.
const LONGEST_PAUSE: Duration = Duration::from_millis(1_600);
/// A worker that ran this long was in order.
const GOOD_FOR: Duration = Duration::from_secs(10);
/// Starts a worker when there is none.
pub(crate) struct Workers {
    command: WorkerCommand,
    compilers: Compilers,
    lane: Lane,
    current: tokio::sync::Mutex<Current>,
}

#[derive(Default)]
struct Current {
    worker: Option<(Arc<Worker>, Instant)>,
    pause: Duration,
}

impl Workers {
    pub fn new(command: WorkerCommand, store: ArtefactStore) -> std::io::Result<Self> {
        Ok(Self {
            compilers: Compilers::new(command.clone(), store),
            command,
            lane: Lane::start()?,
            current: tokio::sync::Mutex::default(),
        })
    }

    /// The running worker, or a new one.
    pub async fn get(&self) -> anyhow::Result<Arc<Worker>> {
        let mut current = self.current.lock().await;
        if let Some((worker, started)) = &current.worker {
            if worker.alive() {
                return Ok(worker.clone());
            }
            let lived = worker.lived(*started);
            current.pause = next_pause(current.pause, lived);
            current.worker = None;
            tokio::time::sleep(current.pause).await;
        }
        let worker = match Worker::spawn(&self.command, self.lane.handle()).await {
            Ok(worker) => worker,
            Err(error) => {
                current.pause = next_pause(current.pause, Duration::ZERO);
                let pause = current.pause;
                tokio::time::sleep(pause).await;
                return Err(error);
            }
        };
        current.worker = Some((worker.clone(), Instant::now()));
        Ok(worker)
    }

    /// Gets a component into the worker. The error is why it is not there.
    pub async fn load(
        &self,
        worker: &Arc<Worker>,
        declared: Declared,
        component: &Component,
    ) -> Result<Arc<Slot>, LoadError> {
        let declared_as = postcard::to_stdvec(&declared).map_err(|e| LoadError::Failed(e.to_string()))?;
        let loading = worker.loads.entry((component.sha256, declared_as));
        let answer = loading
            .get_or_try_init(
                async || match self.compilers.artefact(component, worker.fingerprint).await {
                    Ok(artefact) => worker.load_now(declared, &artefact).await,
                    Err(CompileError::Refused(why)) => Ok(Err(why)),
                    Err(CompileError::Failed(error)) => Err(LoadError::Failed(format!("{error:#}"))),
                },
            )
            .await?;
        answer.clone().map_err(LoadError::Refused)
    }
}

fn next_pause(before: Duration, lived: Duration) -> Duration {
    if lived >= GOOD_FOR {
        return Duration::ZERO;
    }
    (before * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_keeps_dying_is_started_less_and_less_often() {
        let mut pause = Duration::ZERO;
        let mut waited = Vec::new();
        for _ in 0..8 {
            pause = next_pause(pause, Duration::from_millis(100));
            waited.push(pause.as_millis());
        }
        assert_eq!(waited, [50, 100, 200, 400, 800, 1_600, 1_600, 1_600]);
        assert_eq!(
            next_pause(pause, GOOD_FOR),
            Duration::ZERO,
            "one that worked for a while is replaced at once"
        );
    }
}
