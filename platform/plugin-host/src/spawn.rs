//! Starting processes that hold nothing: no environment, no descriptors but their pipes, nobody's rights.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;

use anyhow::Context;
use rustix::io::FdFlags;
use tokio::process::{Child, Command};
use tracing::{info, warn};

/// Where users of our own are looked for: the range that is set aside for services which need one for as long as they run. Below
/// 65,536, so that containers with the usual range of users have them too.
const OWN_USERS: std::ops::RangeInclusive<u32> = 61_184..=65_519;

/// How to start a worker.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    pub program: PathBuf,
    pub args: Vec<OsString>,
}

impl WorkerCommand {
    /// This very program with the argument `plugin-worker`.
    pub fn this_program() -> Self {
        // Also right after the file was replaced by a newer one: both sides speak the same version.
        Self {
            program: "/proc/self/exe".into(),
            args: vec!["plugin-worker".into()],
        }
    }

    /// Starts the program. The extra descriptor keeps its number in the child, which is told it in the first frame.
    pub(crate) fn start(&self, identity: Option<u32>, extra: Option<&OwnedFd>) -> anyhow::Result<Child> {
        let build = || {
            let mut command = Command::new(&self.program);
            command.args(&self.args).env_clear().current_dir("/").kill_on_drop(true);
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            if let Some(extra) = extra {
                inherit(&mut command, extra);
            }
            command
        };
        if let Some(id) = identity {
            // With a user given, the standard library also drops every group.
            match build().uid(id).gid(id).spawn() {
                // A program in somebody's private folder can only be started by that person: then the process
                // itself changes its user, before it reads anything but the first frame.
                Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {}
                started => return started.context("starting a plugin process"),
            }
        }
        build().spawn().context("starting a plugin process")
    }
}

/// Lets the child have a descriptor that everybody else's children do not get.
#[expect(
    unsafe_code,
    reason = "the standard library has no other way to hand on a fourth descriptor"
)]
fn inherit(command: &mut Command, extra: &OwnedFd) {
    let number = extra.as_raw_fd();
    let clear = move || {
        // SAFETY: the descriptor is open: the caller of `start` holds it until the child runs.
        let extra = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
        Ok(rustix::io::fcntl_setfd(extra, FdFlags::empty())?)
    };
    // SAFETY: runs between fork and exec, and makes one system call, without memory or locks.
    unsafe {
        command.pre_exec(clear);
    }
}

/// A user and group that nobody has, for one process; nothing when this process may not give itself away.
pub(crate) fn own_identity() -> Option<u32> {
    static NEXT: OnceLock<std::sync::Mutex<u32>> = OnceLock::new();
    if !rustix::process::geteuid().is_root() {
        static SAID: OnceLock<()> = OnceLock::new();
        SAID.get_or_init(|| {
            info!(
                "Plugins run as the user of this process, who is not root and cannot start a process as somebody else; \
                 system calls that open files or connections are refused to them all the same"
            );
        });
        return None;
    }
    let taken = taken();
    let start = *OWN_USERS.start();
    let width = OWN_USERS.end() - start + 1;
    let mut next = NEXT
        .get_or_init(|| std::sync::Mutex::new(std::process::id()))
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for _ in 0..width {
        *next = next.wrapping_add(1);
        let id = start + *next % width;
        if !taken.contains(&id) {
            return Some(id);
        }
    }
    warn!("Every user from {start} on is taken: the plugin worker keeps the user of this process");
    None
}

/// Users and groups with a name, and users of running processes.
fn taken() -> HashSet<u32> {
    let mut taken = HashSet::new();
    for file in ["/etc/passwd", "/etc/group"] {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let ids = text
            .lines()
            .filter_map(|line| line.split(':').nth(2)?.parse::<u32>().ok());
        taken.extend(ids);
    }
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        if entry
            .file_name()
            .to_string_lossy()
            .bytes()
            .all(|byte| byte.is_ascii_digit())
        {
            taken.extend(real_user(&entry.path()));
        }
    }
    taken
}

/// The folder of a process that hides its memory belongs to root: its user is in the status.
fn real_user(process: &std::path::Path) -> Option<u32> {
    let status = std::fs::read_to_string(process.join("status")).ok();
    let line = status
        .as_ref()
        .and_then(|text| text.lines().find_map(|line| line.strip_prefix("Uid:")));
    line.and_then(|ids| ids.split_whitespace().next()?.parse().ok())
        .or_else(|| Some(std::fs::metadata(process).ok()?.uid()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_gets_a_user_that_nobody_has() {
        let Some(first) = own_identity() else {
            assert!(!rustix::process::geteuid().is_root());
            return;
        };
        let second = own_identity().expect("there are thousands");
        assert!(OWN_USERS.contains(&first) && OWN_USERS.contains(&second) && first != second);
        let named = std::fs::read_to_string("/etc/passwd").expect("it is there");
        assert!(
            !named
                .lines()
                .any(|line| line.split(':').nth(2) == Some(&first.to_string()))
        );
    }
}
