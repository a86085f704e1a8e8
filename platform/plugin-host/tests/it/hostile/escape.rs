//! P10: code that broke out of its guest, in the worker's process, under the worker's user and filters.

use platform_plugin_host::{WorkerCommand, probing};

use super::check;
use crate::support::block_on;

/// How each probe of the escaped program has to end. A refusal is an error to the caller; the rest ends the process.
const PROBES: [(&str, &str); 30] = [
    ("read a world-readable file", "refused"),
    ("read the key file", "refused"),
    ("open with openat2", "refused"),
    ("write a file", "refused"),
    ("write its own memory file", "refused"),
    ("list a folder", "refused"),
    ("remove a file", "ended"),
    ("connect to PostgreSQL", "ended"),
    ("connect to Redis", "ended"),
    ("open a raw socket", "ended"),
    ("send over the socket of loads", "ended"),
    ("fork", "ended"),
    ("clone a process", "refused"),
    ("clone a thread", "refused"),
    ("clone with clone3", "refused"),
    ("execute a shell", "ended"),
    ("execute from memory", "ended"),
    ("trace the server", "ended"),
    ("read the server's memory", "ended"),
    ("signal the server", "ended"),
    ("signal a thread of the server", "refused"),
    ("take a descriptor of the server", "ended"),
    ("become root", "ended"),
    ("load a filter of its own", "refused"),
    ("raise a limit", "refused"),
    ("mount", "ended"),
    ("leave the namespace", "ended"),
    ("use io_uring", "ended"),
    ("load a program into the kernel", "ended"),
    ("call as another architecture", "refused"),
];

#[test]
fn escaped_code_can_do_nothing() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("installation.key");
        std::fs::write(&key, "a key").unwrap();
        let mut denied = 0;
        for (probe, expected) in PROBES {
            let command = WorkerCommand {
                program: env!("CARGO_BIN_EXE_barq-plugin-escaped").into(),
                args: vec![probe.into(), key.clone().into(), std::process::id().to_string().into()],
            };
            let probed = probing::run(&command).await.unwrap();
            let got = match probed.signal {
                // SIGSYS.
                Some(31) => "ended",
                _ if probed.said.contains("refused: EPERM") => "refused",
                _ => "neither",
            };
            assert_eq!(got, expected, "{probe}: {probed:?}");
            denied += 1;
        }
        check(
            "P10",
            denied == PROBES.len(),
            &format!("{denied} of {} probes denied", PROBES.len()),
        );
    });
}

#[test]
fn the_worker_holds_nothing() {
    block_on(async {
        let command = WorkerCommand {
            program: env!("CARGO_BIN_EXE_barq-plugin-escaped").into(),
            args: vec!["say what it has".into()],
        };
        let probed = probing::run(&command).await.unwrap();
        assert!(probed.said.contains("environment: 0"), "{probed:?}");
        // The three pipes and their second numbers, the socket of loads, and what its own runtime made.
        let open: usize = probed
            .said
            .split("descriptors: ")
            .nth(1)
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(open <= 16, "{probed:?}");
        let field = |name: &str| {
            let line = probed.status.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(field("Seccomp:"), ["2"], "{}", probed.status);
        assert_eq!(field("NoNewPrivs:"), ["1"]);
        assert_eq!(field("CapEff:"), ["0000000000000000"]);
        let (users, groups) = (field("Uid:"), field("Gid:"));
        assert!(users.iter().all(|user| *user == users[0]) && groups.iter().all(|group| *group == groups[0]));
        let mut figure = format!(
            "user {}, {open} descriptors, no environment, no capabilities, filters on",
            users[0]
        );
        if rustix::process::geteuid().is_root() {
            let user: u32 = users[0].parse().unwrap();
            assert!((61_184..=65_519).contains(&user), "a user of its own");
            assert_eq!(field("Groups:"), Vec::<String>::new());
        } else {
            figure += "; not root, so the user is the server's";
        }
        check("P10", true, &figure);
    });
}
