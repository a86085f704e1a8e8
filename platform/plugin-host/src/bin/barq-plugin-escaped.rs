//! Code that broke out of a guest, for the tests of the sandbox: a worker that, once it has given up everything, makes one system
//! call that it must not make. The product has no such program.

use std::ffi::{CString, c_long};
use std::io::Write;

fn main() -> anyhow::Result<()> {
    platform_plugin_host::worker_main_then(probe)
}

fn probe() {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |at: usize| arguments.get(at).cloned().unwrap_or_default();
    let name = argument(1);
    if name == "say what it has" {
        let open = (0..1_024).filter(|number| call(libc::SYS_fcntl, [*number, libc::F_GETFD.into(), 0, 0, 0, 0]) >= 0);
        say(&format!(
            "environment: {} descriptors: {}",
            std::env::vars_os().count(),
            open.count()
        ));
        // Long enough for somebody to look at it from outside.
        std::thread::sleep(std::time::Duration::from_millis(300));
        std::process::exit(0);
    }
    let server: c_long = argument(3).parse().unwrap_or(1);
    let result = attempt(&name, &argument(2), server);
    let error = std::io::Error::last_os_error();
    match (result, error.raw_os_error()) {
        (-1, Some(libc::EPERM)) => say("refused: EPERM"),
        (-1, _) => say(&format!("failed in another way: {error}")),
        (result, _) => say(&format!("it worked: {result}")),
    }
    std::process::exit(0);
}

fn say(text: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn text(of: &str) -> CString {
    CString::new(of).unwrap_or_default()
}

fn at(of: &CString) -> c_long {
    of.as_ptr() as c_long
}

const HERE: c_long = libc::AT_FDCWD as c_long;

fn attempt(name: &str, key: &str, server: c_long) -> c_long {
    let (passwd, key, folder, fresh) = (text("/etc/passwd"), text(key), text("/tmp"), text("/tmp/barq-escaped"));
    let (shell, memory) = (text("/bin/sh"), text("/proc/self/mem"));
    let inet = c_long::from(libc::AF_INET);
    let stream = c_long::from(libc::SOCK_STREAM);
    let how = [0_u64; 3];
    let clone_arguments = [0_u64; 11];
    let limits = [1_u64 << 40; 2];
    match name {
        "read a world-readable file" => call(libc::SYS_openat, [HERE, at(&passwd), 0, 0, 0, 0]),
        "read the key file" => call(libc::SYS_openat, [HERE, at(&key), 0, 0, 0, 0]),
        "open with openat2" => call(libc::SYS_openat2, [HERE, at(&passwd), how.as_ptr() as c_long, 24, 0, 0]),
        "write a file" => call(
            libc::SYS_openat,
            [
                HERE,
                at(&fresh),
                c_long::from(libc::O_CREAT | libc::O_WRONLY),
                0o600,
                0,
                0,
            ],
        ),
        "write its own memory file" => call(
            libc::SYS_openat,
            [HERE, at(&memory), c_long::from(libc::O_RDWR), 0, 0, 0],
        ),
        "list a folder" => call(
            libc::SYS_openat,
            [HERE, at(&folder), c_long::from(libc::O_DIRECTORY), 0, 0, 0],
        ),
        "remove a file" => call(libc::SYS_unlinkat, [HERE, at(&key), 0, 0, 0, 0]),
        "connect to PostgreSQL" => call(libc::SYS_socket, [c_long::from(libc::AF_UNIX), stream, 0, 0, 0, 0]),
        "connect to Redis" => call(libc::SYS_socket, [inet, stream, 0, 0, 0, 0]),
        "open a raw socket" => call(libc::SYS_socket, [inet, c_long::from(libc::SOCK_RAW), 1, 0, 0, 0]),
        "send over the socket of loads" => call(libc::SYS_sendto, [3, at(&passwd), 1, 0, 0, 0]),
        "fork" => call(libc::SYS_fork, [0; 6]),
        "clone a process" => call(libc::SYS_clone, [c_long::from(libc::SIGCHLD), 0, 0, 0, 0, 0]),
        "clone a thread" => call(
            libc::SYS_clone,
            [
                c_long::from(libc::CLONE_THREAD | libc::CLONE_SIGHAND | libc::CLONE_VM),
                0,
                0,
                0,
                0,
                0,
            ],
        ),
        "clone with clone3" => call(libc::SYS_clone3, [clone_arguments.as_ptr() as c_long, 88, 0, 0, 0, 0]),
        "execute a shell" => call(libc::SYS_execve, [at(&shell), 0, 0, 0, 0, 0]),
        "execute from memory" => {
            let file = call(libc::SYS_memfd_create, [at(&text("code")), 0, 0, 0, 0, 0]);
            call(
                libc::SYS_execveat,
                [file, at(&text("")), 0, 0, c_long::from(libc::AT_EMPTY_PATH), 0],
            )
        }
        "trace the server" => call(
            libc::SYS_ptrace,
            [c_long::from(libc::PTRACE_ATTACH), server, 0, 0, 0, 0],
        ),
        "read the server's memory" => call(libc::SYS_process_vm_readv, [server, 0, 0, 0, 0, 0]),
        "signal the server" => call(libc::SYS_kill, [server, 0, 0, 0, 0, 0]),
        "signal a thread of the server" => call(libc::SYS_tgkill, [server, server, 0, 0, 0, 0]),
        "take a descriptor of the server" => call(libc::SYS_pidfd_open, [server, 0, 0, 0, 0, 0]),
        "become root" => call(libc::SYS_setresuid, [0; 6]),
        "load a filter of its own" => call(libc::SYS_seccomp, [0; 6]),
        "raise a limit" => call(
            libc::SYS_prlimit64,
            [0, c_long::from(libc::RLIMIT_NPROC), limits.as_ptr() as c_long, 0, 0, 0],
        ),
        "mount" => call(libc::SYS_mount, [0; 6]),
        "leave the namespace" => call(libc::SYS_unshare, [c_long::from(libc::CLONE_NEWUSER), 0, 0, 0, 0, 0]),
        "use io_uring" => call(libc::SYS_io_uring_setup, [1, 0, 0, 0, 0, 0]),
        "load a program into the kernel" => call(libc::SYS_bpf, [0; 6]),
        "call as another architecture" => call(libc::SYS_getpid | 0x4000_0000, [0; 6]),
        _ => 0,
    }
}

#[expect(unsafe_code, reason = "what has escaped makes its system calls itself")]
fn call(number: c_long, arguments: [c_long; 6]) -> c_long {
    let [first, second, third, fourth, fifth, sixth] = arguments;
    // SAFETY: the pointers among the arguments are of values that live until it returns, if it does.
    unsafe { libc::syscall(number, first, second, third, fourth, fifth, sixth) }
}
