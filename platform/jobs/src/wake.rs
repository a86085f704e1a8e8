//! The hint that a job was just written by this process. A hint may come before the commit, so the runner looks several times.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

static COUNT: AtomicU64 = AtomicU64::new(0);
static NOTIFY: Notify = Notify::const_new();

/// Somebody wrote a job.
pub(crate) fn wake() {
    COUNT.fetch_add(1, Ordering::Release);
    NOTIFY.notify_waiters();
}

/// How often that happened.
pub(crate) fn count() -> u64 {
    COUNT.load(Ordering::Acquire)
}

/// Waits until it happens more often than `seen` times.
pub(crate) async fn after(seen: u64) {
    loop {
        let mut notified = std::pin::pin!(NOTIFY.notified());
        notified.as_mut().enable();
        if count() > seen {
            return;
        }
        notified.await;
    }
}
