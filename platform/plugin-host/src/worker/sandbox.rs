//! What code that broke out of a guest could still do: as good as nothing. The process gives up its user, its descriptors and,
//! once it is set up, nearly every system call.
//!
//! Two filters lie on top of each other. The first ends the process at calls that nothing innocent makes here, so that an attempt is
//! seen. The second refuses whatever is not on a short list; libraries ask for such things and live with a refusal.

use std::collections::{BTreeMap, HashSet};
use std::os::fd::{BorrowedFd, RawFd};

use anyhow::Context;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::process::{Gid, Uid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use crate::limits::{COMPILE_CPU_S, COMPILE_MEMORY_BYTES, MAX_CONCURRENT_CALLS, MAX_LOADED, MAX_MEMORY_BYTES};

const MIB: u64 = 1024 * 1024;
/// Everything of the worker that is not a guest's memory: code, stacks, frames on their way.
const WORKER_OWN_BYTES: u64 = 512 * MIB;

/// What a process of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Runs guests; loads arrive on this descriptor.
    Worker {
        loads: RawFd,
    },
    Compiler,
}

/// The first thing a process does, while it has one thread: gives up what it was started with.
pub(crate) fn shed(identity: Option<u32>, role: Role, pipes: &[RawFd]) -> anyhow::Result<()> {
    rustix::thread::set_no_new_privs(true).context("giving up new privileges")?;
    close_others(role, pipes);
    // The kernel that runs out of memory ends this process first, and never the server.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    if let Some(id) = identity
        && rustix::process::geteuid().is_root()
    {
        // Of this thread, which is the only one: those that come later have what it has.
        let (user, group) = (Uid::from_raw(id), Gid::from_raw(id));
        set_thread_groups(&[]).context("leaving every group")?;
        set_thread_res_gid(group, group, group).context("changing the group")?;
        set_thread_res_uid(user, user, user).context("changing the user")?;
    }
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("hiding the process's memory")?;
    limit(Resource::Core, 0)?;
    match role {
        Role::Worker { .. } => {
            // Images of guests' initial memory are files in memory; nothing else is written.
            limit(Resource::Fsize, MAX_MEMORY_BYTES)?;
            limit(Resource::Nofile, 64 + 4 * MAX_LOADED as u64)
        }
        Role::Compiler => {
            limit(Resource::Fsize, 0)?;
            limit(Resource::Cpu, COMPILE_CPU_S)?;
            limit(Resource::Nofile, 16)
        }
    }
}

/// The last thing before a stranger's bytes are looked at: from here on there are no files, no connections, no further threads.
pub(crate) fn lock(role: Role) -> anyhow::Result<()> {
    let own = match role {
        Role::Worker { .. } => MAX_CONCURRENT_CALLS as u64 * MAX_MEMORY_BYTES + WORKER_OWN_BYTES,
        Role::Compiler => COMPILE_MEMORY_BYTES,
    };
    // The pool of instances reserves addresses by the hundred gibibytes without using them, so the bound on addresses lies above
    // what is reserved now, and the one on data says what may really be used.
    limit(Resource::As, reserved_bytes()? + own)?;
    limit(Resource::Data, own)?;
    limit(Resource::Nproc, 0)?;
    for filter in filters(role)? {
        seccompiler::apply_filter_all_threads(&filter).context("giving up system calls")?;
    }
    Ok(())
}

fn limit(resource: Resource, value: u64) -> anyhow::Result<()> {
    let both = Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    setrlimit(resource, both).with_context(|| format!("limiting {resource:?}"))
}

fn reserved_bytes() -> anyhow::Result<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").context("reading the size of this process")?;
    let pages: u64 = statm
        .split(' ')
        .next()
        .unwrap_or_default()
        .parse()
        .context("the size of this process")?;
    Ok(pages * rustix::param::page_size() as u64)
}

/// Closes whatever the server's libraries left open to its children.
#[expect(
    unsafe_code,
    reason = "a descriptor that nothing in this process owns can only be closed by number"
)]
fn close_others(role: Role, pipes: &[RawFd]) {
    let mut kept: HashSet<RawFd> = pipes.iter().copied().chain([0, 1, 2]).collect();
    if let Role::Worker { loads } = role {
        kept.insert(loads);
    }
    let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let open: Vec<RawFd> = open
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in open.into_iter().filter(|number| !kept.contains(number)) {
        // SAFETY: only looked at; what is not open any more, as the folder that was just read, is an error.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        if rustix::io::fcntl_getfd(descriptor).is_ok() {
            // SAFETY: the process has just started and holds nothing but the pipes that are kept.
            unsafe { rustix::io::close(number) }
        }
    }
}

/// Calls that end the process: programs, processes, other processes' memory, connections, the system itself.
const FATAL: &[libc::c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
    libc::SYS_personality,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_fchmodat,
    libc::SYS_fchownat,
];

/// Such calls that only older machines have.
#[cfg(target_arch = "x86_64")]
const FATAL_HERE: &[libc::c_long] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
];
#[cfg(not(target_arch = "x86_64"))]
const FATAL_HERE: &[libc::c_long] = &[];

/// What both kinds of process need: their pipes, memory, time, and their end.
const NEEDED: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
    libc::SYS_membarrier,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// What only the worker needs: waiting for its pipes, receiving files of loads, images of guests' memory.
const NEEDED_BY_WORKER: &[libc::c_long] = &[
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_memfd_create,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    // A thread that was started and has not run yet makes this call first, and the C library ends the process when it is refused: on a
    // busy machine the filter may be there before it. It says where the thread notes which processor it is on.
    libc::SYS_rseq,
];

#[cfg(target_arch = "x86_64")]
const NEEDED_BY_WORKER_HERE: &[libc::c_long] = &[libc::SYS_epoll_wait, libc::SYS_epoll_pwait2];
#[cfg(not(target_arch = "x86_64"))]
const NEEDED_BY_WORKER_HERE: &[libc::c_long] = &[];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn filters(role: Role) -> anyhow::Result<[BpfProgram; 2]> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).context("system calls of this machine are not known")?;
    let build = |rules: Rules, otherwise, then| -> anyhow::Result<BpfProgram> {
        Ok(SeccompFilter::new(rules, otherwise, then, arch)?.try_into()?)
    };
    let any = |calls: &[libc::c_long], rules: &mut Rules| rules.extend(calls.iter().map(|call| (*call, Vec::new())));
    let mut fatal = Rules::new();
    any(FATAL, &mut fatal);
    any(FATAL_HERE, &mut fatal);
    let mut needed = Rules::new();
    any(NEEDED, &mut needed);
    // A signal to itself is how a process aborts; to somebody else it is an attack.
    needed.insert(libc::SYS_tgkill, vec![first_argument(u64::from(std::process::id()))?]);
    if let Role::Worker { loads } = role {
        any(NEEDED_BY_WORKER, &mut needed);
        any(NEEDED_BY_WORKER_HERE, &mut needed);
        needed.insert(
            libc::SYS_recvmsg,
            vec![first_argument(u64::try_from(loads).context("a descriptor")?)?],
        );
    }
    let refused = SeccompAction::Errno(u32::try_from(libc::EPERM).context("an error's number")?);
    Ok([
        build(fatal, SeccompAction::Allow, SeccompAction::KillProcess)?,
        build(needed, refused, SeccompAction::Allow)?,
    ])
}

fn first_argument(value: u64) -> anyhow::Result<SeccompRule> {
    let equal = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?;
    Ok(SeccompRule::new(vec![equal])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_both_fatal_and_needed_and_none_opens_anything() {
        let fatal: HashSet<i64> = FATAL.iter().chain(FATAL_HERE).copied().collect();
        let lists = [NEEDED, NEEDED_BY_WORKER, NEEDED_BY_WORKER_HERE];
        let needed: HashSet<i64> = lists.into_iter().flatten().copied().collect();
        assert!(fatal.is_disjoint(&needed));
        let opening = [
            libc::SYS_openat,
            libc::SYS_openat2,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_recvfrom,
        ];
        assert!(opening.iter().all(|call| !needed.contains(call)));
        assert!(needed.contains(&libc::SYS_rseq), "a thread begins with it");
        for role in [Role::Compiler, Role::Worker { loads: 3 }] {
            assert!(
                filters(role)
                    .expect("filters compile")
                    .iter()
                    .all(|filter| !filter.is_empty())
            );
        }
    }
}
