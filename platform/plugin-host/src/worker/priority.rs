//! How important the kernel takes our threads, and how much of the processor one has had. Nothing here can be taken back: a process
//! without rights may only become less important.

use std::time::Duration;

/// A tenth of a share of the processor beside a thread of the server that wants all of it.
const BEHIND_THE_SERVER: i32 = 10;
/// A thirtieth of it.
const BEHIND_EVERYBODY: i32 = 15;

/// This thread, and those it starts from now on, stand behind the server's. A system that refuses it treats all alike.
pub(super) fn step_back() {
    let _ = rustix::process::setpriority_process(None, BEHIND_THE_SERVER);
}

/// This thread stands behind the others of its process too. It still has its small share: one that runs only where nobody else wants
/// to would stand still, and fail, as long as anybody on the machine has much to do.
pub(super) fn step_aside() {
    let _ = rustix::process::setpriority_process(None, BEHIND_EVERYBODY);
}

/// What this thread has had of the processor.
#[expect(unsafe_code, reason = "the standard library has no clock of a thread's own")]
pub(super) fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is ours and lives through the call, which fills it in.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn time_is_counted_while_a_thread_works_and_not_while_it_waits() {
        let began = thread_time();
        std::thread::sleep(Duration::from_millis(50));
        let waited = thread_time().saturating_sub(began);
        assert!(waited < Duration::from_millis(10), "{waited:?}");
        let until = Instant::now() + Duration::from_secs(20);
        while thread_time().saturating_sub(began) < Duration::from_millis(20) {
            assert!(Instant::now() < until, "it works and no time is counted");
        }
    }

    #[test]
    fn who_steps_aside_stands_behind_who_stepped_back() {
        let niceness = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("this thread has one");
            let after_name: Vec<String> = stat
                .rsplit(") ")
                .next()
                .unwrap_or_default()
                .split(' ')
                .map(str::to_owned)
                .collect();
            // Field 19.
            after_name[16].clone()
        };
        let (back, aside) = std::thread::spawn(move || {
            step_back();
            let back = niceness();
            step_aside();
            (back, niceness())
        })
        .join()
        .expect("it ends");
        assert_eq!((back.as_str(), aside.as_str()), ("10", "15"));
    }
}
