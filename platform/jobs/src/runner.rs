//! The loop that finds due jobs, claims them and runs their handlers.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use platform_core::Platform;
use sqlx::PgPool;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::claim::{self, Claim, End};
use crate::{Handler, JobCall, JobFailure, outbox, schedules, wake};

/// How a runner works. The defaults suit two cores.
#[derive(Clone, Copy, Debug)]
pub struct RunnerOptions {
    /// Jobs at once.
    pub concurrency: usize,
    /// Jobs of one organization at once: nobody keeps the others waiting.
    pub per_organization: usize,
    /// How long a claim lasts without a sign of life, and so how long a job of a dead process waits.
    pub lease: Duration,
    /// Longest pause between two looks for work that another process enqueued.
    pub poll: Duration,
    /// Pause before the second try; each further one is twice as long.
    pub first_pause: Duration,
    /// Longest pause between tries.
    pub longest_pause: Duration,
    /// How long running jobs may go on when the process wants to end.
    pub grace: Duration,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            concurrency: 8,
            per_organization: 2,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            first_pause: Duration::from_secs(30),
            longest_pause: Duration::from_hours(1),
            grace: Duration::from_secs(20),
        }
    }
}

/// The first pause between two looks: a job that this process just enqueued is committed within a few of them.
const SHORTEST_POLL: Duration = Duration::from_millis(5);
/// Organizations of one look.
const LOOK: usize = 64;

/// Runs jobs until it is told to stop.
pub struct Runner {
    platform: Arc<Platform>,
    dispatch: PgPool,
    options: RunnerOptions,
    handlers: HashMap<&'static str, Handler>,
}

impl Runner {
    /// A runner that delivers events and runs schedules. `dispatch` is a small pool of the role `barq_dispatch`.
    pub fn new(platform: Arc<Platform>, dispatch: PgPool, options: RunnerOptions) -> Self {
        let mut runner = Self {
            platform,
            dispatch,
            options,
            handlers: HashMap::new(),
        };
        runner.register(crate::OUTBOX, outbox::deliver);
        runner.register(crate::CLOCK, schedules::tick);
        runner
    }

    /// Says what runs jobs of a kind. Jobs of other kinds are left to other processes.
    pub fn register<F, Work>(&mut self, kind: &'static str, run: F)
    where
        F: Fn(Arc<Platform>, JobCall) -> Work + Send + Sync + 'static,
        Work: Future<Output = Result<(), JobFailure>> + Send + 'static,
    {
        self.handlers
            .insert(kind, Arc::new(move |platform, call| Box::pin(run(platform, call))));
    }

    /// Works until `stop` is cancelled, then lets running jobs end and gives back the ones that do not.
    pub async fn run(self, stop: CancellationToken) {
        let runner = Arc::new(self);
        let end_now = CancellationToken::new();
        let mut state = State::default();
        let mut pause = SHORTEST_POLL;
        while !stop.is_cancelled() {
            state.reap();
            let seen = wake::count();
            if runner.look(&mut state, &stop, &end_now).await {
                pause = SHORTEST_POLL;
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = wake::after(seen) => pause = SHORTEST_POLL,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(runner.options.poll),
                Some(ended) = state.running.join_next() => {
                    state.ended(ended);
                    pause = SHORTEST_POLL;
                }
            }
        }
        let all = async { while state.running.join_next().await.is_some() {} };
        if tokio::time::timeout(runner.options.grace, all).await.is_err() {
            info!("Giving back {} jobs that did not end in time", state.running.len());
            end_now.cancel();
            while state.running.join_next().await.is_some() {}
        }
    }

    /// Claims at most one job of each organization with due jobs, going round. Whether any was found.
    async fn look(self: &Arc<Self>, state: &mut State, stop: &CancellationToken, end_now: &CancellationToken) -> bool {
        if state.running.len() >= self.options.concurrency {
            return false;
        }
        let now = self.platform.clock.now();
        let organizations = match claim::due(&self.dispatch, state.after, now, LOOK).await {
            Ok(organizations) => organizations,
            Err(error) => {
                warn!(%error, "Cannot look for due jobs: {error}");
                return false;
            }
        };
        let round_again = state.after != Uuid::nil();
        let mut found = false;
        let kinds: Vec<&str> = self.handlers.keys().copied().collect();
        let last_page = organizations.len() < LOOK;
        for organization_id in organizations {
            if state.running.len() >= self.options.concurrency || stop.is_cancelled() {
                return true;
            }
            state.after = organization_id;
            if state.busy.get(&organization_id).copied().unwrap_or_default() >= self.options.per_organization {
                continue;
            }
            match claim::claim(&self.platform, organization_id, &kinds, self.options.lease).await {
                Ok(None) => {}
                Ok(Some(claim)) => {
                    found = true;
                    *state.busy.entry(organization_id).or_default() += 1;
                    let (runner, stop, end_now) = (self.clone(), stop.clone(), end_now.clone());
                    state.running.spawn(async move {
                        runner.work(claim, stop, end_now).await;
                        organization_id
                    });
                }
                Err(problem) => warn!(%problem, "Cannot claim a job: {problem}"),
            }
        }
        if last_page {
            state.after = Uuid::nil();
        }
        // A look that began in the middle has not seen the first ones yet.
        found || round_again
    }

    /// Runs one claimed job to its end.
    async fn work(&self, claim: Claim, stop: CancellationToken, end_now: CancellationToken) {
        let Some((kind, handler)) = self.handlers.get_key_value(claim.kind.as_str()) else {
            return;
        };
        let exhausted = claim.attempt > claim.max_attempts;
        let call = JobCall {
            organization_id: claim.organization_id,
            id: claim.id,
            kind,
            payload: claim.payload.clone(),
            attempt: claim.attempt,
            max_attempts: claim.max_attempts,
            exhausted,
            token: claim.token,
            stop,
        };
        // A task of its own: a handler that panics ends itself and nothing else.
        let mut task = AbortOnDropHandle::new(tokio::spawn(handler(self.platform.clone(), call)));
        let outcome = tokio::select! {
            outcome = &mut task => match outcome {
                Ok(outcome) => outcome,
                Err(error) => Err(JobFailure::retry(format!("the handler of {kind} panicked: {error}"))),
            },
            () = self.keep(&claim) => {
                warn!(job.id = %claim.id, "Lost the claim on a job of kind {kind}");
                return;
            }
            () = end_now.cancelled() => {
                // Over before the claim is given up: two handlers of one job never run at once.
                task.abort();
                let _ = (&mut task).await;
                Err(JobFailure::postpone())
            }
        };
        self.end(&claim, exhausted, &outcome).await;
    }

    /// Renews the claim for as long as it can be renewed.
    async fn keep(&self, claim: &Claim) {
        let lease = self.options.lease;
        let mut kept = Instant::now();
        loop {
            tokio::time::sleep(lease / 3).await;
            let asked = Instant::now();
            match claim.renew(&self.platform, lease).await {
                Ok(true) => kept = asked,
                Err(problem) if kept.elapsed() < lease => warn!(%problem, "Cannot renew a claim: {problem}"),
                Ok(false) | Err(_) => return,
            }
        }
    }

    async fn end(&self, claim: &Claim, exhausted: bool, outcome: &Result<(), JobFailure>) {
        let (id, kind) = (claim.id, claim.kind.as_str());
        let end = match outcome {
            _ if exhausted => End::Dead("the process ended in every try"),
            Ok(()) => End::Done,
            Err(JobFailure::Postpone { after }) => End::Again {
                after: *after,
                counts: false,
                error: None,
            },
            Err(JobFailure::Retry { error, after }) if claim.attempt < claim.max_attempts => {
                warn!(job.id = %id, %error, "A job of kind {kind} failed and is tried again: {error}");
                End::Again {
                    after: after.unwrap_or_else(|| self.pause(claim)),
                    counts: true,
                    error: Some(error),
                }
            }
            Err(JobFailure::Retry { error, .. } | JobFailure::Dead { error }) => {
                error!(job.id = %id, %error, "A job of kind {kind} is dead: {error}");
                End::Dead(error)
            }
        };
        // What cannot be written now is found again when the lease ends.
        match claim.end(&self.platform, &end).await {
            Ok(true) => {}
            Ok(false) => warn!(job.id = %id, "A job of kind {kind} ended after its claim was lost"),
            Err(problem) => warn!(job.id = %id, %problem, "Cannot write the end of a job: {problem}"),
        }
    }

    /// Twice as long for each try, a fifth more or less so that jobs that failed together do not come back together.
    fn pause(&self, claim: &Claim) -> TimeDelta {
        let tries = u32::try_from(claim.attempt - 1).unwrap_or_default().min(20);
        let pause = self
            .options
            .first_pause
            .saturating_mul(1 << tries)
            .min(self.options.longest_pause);
        // The last byte of a token is random.
        let share = 0.8 + 0.4 * f64::from(claim.token.as_bytes()[15]) / 255.0;
        TimeDelta::from_std(pause.mul_f64(share)).unwrap_or(TimeDelta::hours(1))
    }
}

/// What runs, and where the round of organizations stands.
#[derive(Default)]
struct State {
    running: JoinSet<Uuid>,
    busy: HashMap<Uuid, usize>,
    after: Uuid,
}

impl State {
    fn reap(&mut self) {
        while let Some(ended) = self.running.try_join_next() {
            self.ended(ended);
        }
    }

    fn ended(&mut self, ended: Result<Uuid, tokio::task::JoinError>) {
        let Ok(organization_id) = ended else { return };
        if let Some(count) = self.busy.get_mut(&organization_id) {
            *count -= 1;
            if *count == 0 {
                self.busy.remove(&organization_id);
            }
        }
    }
}
