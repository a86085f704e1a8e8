//! How important the kernel takes our threads, and how much of the processor one has had. Nothing here can be taken back: a process
//! without rights may only become less important.

use std::time::Duration;

/// A tenth of a share of the processor beside a thread of the server that wants all of it.
const BEHIND_THE_SERVER: i32 = 10;
/// A thirtieth of it.
const BEHIND_EVERYBODY: i32 = 15;

/// Turns that a thread asks the kernel for. Whoever wakes up and asks for shorter ones (the kernel's own are some 1.5 ms) is let in
/// at once; whoever asks for longer ones waits until a thread of the server is done. With equal turns a waking thread would wait for
/// the kernel's next tick, up to 4 ms.
const TURN_BEHIND_THE_SERVER: Duration = Duration::from_millis(5);
/// The longest that the kernel knows.
const TURN_BEHIND_EVERYBODY: Duration = Duration::from_millis(100);

/// This thread, and those it starts from now on, stand behind those that answer requests. A system that refuses it treats all alike.
pub(crate) fn step_back() {
    stand(BEHIND_THE_SERVER, TURN_BEHIND_THE_SERVER);
}

/// This thread stands behind the others of its process too. It still has its small share: one that runs only where nobody else wants
/// to would stand still, and fail, as long as anybody on the machine has much to do.
pub(crate) fn step_aside() {
    stand(BEHIND_EVERYBODY, TURN_BEHIND_EVERYBODY);
}

fn stand(niceness: i32, turn: Duration) {
    let _ = rustix::process::setpriority_process(None, niceness);
    // Linux before 6.12 has no turns of a thread's own, and goes by niceness alone.
    let _ = ask_for_turns(niceness, turn);
}

/// `struct sched_attr` of the kernel, in its first form.
#[repr(C)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime_ns: u64,
    deadline_ns: u64,
    period_ns: u64,
}

#[expect(unsafe_code, reason = "no library has this system call")]
fn ask_for_turns(niceness: i32, turn: Duration) -> std::io::Result<()> {
    let attributes = Attributes {
        size: 48,
        policy: libc::SCHED_OTHER.cast_unsigned(),
        flags: 0,
        nice: niceness,
        priority: 0,
        runtime_ns: u64::try_from(turn.as_nanos()).unwrap_or(u64::MAX),
        deadline_ns: 0,
        period_ns: 0,
    };
    // SAFETY: the structure is as large as it says and lives through the call, which only reads it.
    let said = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
    if said == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}

/// What this thread has had of the processor.
#[expect(unsafe_code, reason = "the standard library has no clock of a thread's own")]
pub(crate) fn thread_time() -> Duration {
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
