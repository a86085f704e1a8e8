//! Two lanes: a call begins in the quick one, and goes on in the slow one when it has used its first milliseconds of processor time.
//! The next call of that installation begins there.
//!
//! Threads of the slow lane stand behind all others, and there is one less of them than processors, so the next call and the server
//! wait little for guests that spin, however many they are: whatever the kernel does for such a guest, it does not do everywhere at
//! once. Within the slow lane guests take turns of a millisecond.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::priority::{step_aside, thread_time};

/// What a call may use before it is told from the quick ones. Calls that only translate records end long before.
const QUICK: Duration = Duration::from_micros(QUICK_US);
pub(super) const QUICK_US: u64 = 2_000;
/// Looks for news from the pipe this often while there is always something to run.
const EVENT_INTERVAL: u32 = 8;

/// The runtimes of both lanes.
pub(crate) struct Lanes {
    pub quick: Runtime,
    pub slow: Runtime,
}

impl Lanes {
    /// For so many processors; all threads have started when it returns, because later none may.
    pub fn start(processors: usize) -> anyhow::Result<Self> {
        Ok(Self {
            quick: runtime(processors, "quick", || ())?,
            slow: runtime(processors.saturating_sub(1).max(1), "slow", step_aside)?,
        })
    }
}

fn runtime(threads: usize, name: &str, begin: fn()) -> anyhow::Result<Runtime> {
    let (started, starting) = std::sync::mpsc::sync_channel(threads);
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(threads)
        .thread_name(name)
        .event_interval(EVENT_INTERVAL)
        .enable_all();
    builder.on_thread_start(move || {
        begin();
        let _ = started.try_send(());
    });
    let runtime = builder.build()?;
    for _ in 0..threads {
        starting.recv()?;
    }
    Ok(runtime)
}

/// Runs a call to its end, wherever. What a quick call has used comes with its answer, to be cleared away afterwards; what a slow one
/// has used may be large and is cleared away where it ran.
pub(crate) async fn drive<F, T, U>(call: F, slow: Handle, begins_slow: bool) -> Option<(T, Option<U>)>
where
    F: Future<Output = (T, U)> + Send + 'static,
    T: Send + 'static,
    U: Send + 'static,
{
    let elsewhere = |call: Pin<Box<F>>| Elsewhere(slow.spawn(async { (call.await.0, None) }));
    let call = Box::pin(call);
    if begins_slow {
        return elsewhere(call).await;
    }
    let quick = Quick {
        call: Some(call),
        used: Duration::ZERO,
    };
    match quick.await {
        Stage::Done((answer, used)) => Some((answer, Some(used))),
        // Given up together with this future.
        Stage::Goes(call) => elsewhere(call).await,
    }
}

enum Stage<F: Future> {
    Done(F::Output),
    Goes(Pin<Box<F>>),
}

struct Quick<F> {
    call: Option<Pin<Box<F>>>,
    used: Duration,
}

impl<F: Future> Future for Quick<F> {
    type Output = Stage<F>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(mut call) = this.call.take() else {
            return Poll::Pending;
        };
        // Its own time: a call that was pushed aside by somebody else is no slower for that.
        let began = thread_time();
        let polled = call.as_mut().poll(cx);
        this.used += thread_time().saturating_sub(began);
        match polled {
            Poll::Ready(output) => Poll::Ready(Stage::Done(output)),
            Poll::Pending if this.used > QUICK => Poll::Ready(Stage::Goes(call)),
            Poll::Pending => {
                this.call = Some(call);
                Poll::Pending
            }
        }
    }
}

struct Elsewhere<T>(JoinHandle<T>);

impl<T> Future for Elsewhere<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

impl<T> Drop for Elsewhere<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Works for a millisecond.
    fn spin() {
        let until = thread_time() + Duration::from_millis(1);
        while thread_time() < until {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn what_is_slow_changes_the_lane_and_what_is_quick_does_not() {
        let lanes = Lanes::start(1).expect("threads start");
        let slow = lanes.slow.handle().clone();
        let lane = || std::thread::current().name().unwrap_or_default().to_owned();
        let quick = lanes.quick.block_on(async {
            let driven = drive(async move { (lane(), ()) }, slow.clone(), false);
            tokio::spawn(driven).await
        });
        assert_eq!(quick.expect("it ends"), Some(("quick".to_owned(), Some(()))));
        let held_up = lanes.quick.block_on(async {
            let held_up = async move {
                for _ in 0..5 {
                    std::thread::sleep(Duration::from_millis(1));
                    tokio::task::yield_now().await;
                }
                (lane(), ())
            };
            tokio::spawn(drive(held_up, slow.clone(), false)).await
        });
        assert_eq!(held_up.expect("it ends"), Some(("quick".to_owned(), Some(()))));
        let spun = lanes.quick.block_on(async {
            let spinning = async move {
                for _ in 0..5 {
                    spin();
                    tokio::task::yield_now().await;
                }
                (lane(), ())
            };
            tokio::spawn(drive(spinning, slow.clone(), false)).await
        });
        assert_eq!(spun.expect("it ends"), Some(("slow".to_owned(), None)));
        let known = lanes.quick.block_on(async {
            let known = drive(async move { (lane(), ()) }, slow.clone(), true);
            tokio::spawn(known).await
        });
        assert_eq!(known.expect("it ends"), Some(("slow".to_owned(), None)));
    }

    #[test]
    fn who_gives_up_a_call_gives_it_up_in_the_slow_lane_too() {
        let lanes = Lanes::start(1).expect("threads start");
        let slow = lanes.slow.handle().clone();
        let held = std::sync::Arc::new(());
        let theirs = held.clone();
        lanes.quick.block_on(async {
            let endless = async move {
                loop {
                    assert!(std::sync::Arc::strong_count(&theirs) > 1);
                    spin();
                    tokio::task::yield_now().await;
                }
            };
            let given_up =
                tokio::time::timeout(Duration::from_millis(30), drive::<_, (), ()>(endless, slow, false)).await;
            assert!(given_up.is_err());
        });
        let until = Instant::now() + Duration::from_secs(5);
        while std::sync::Arc::strong_count(&held) > 1 {
            assert!(Instant::now() < until, "the call goes on");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
