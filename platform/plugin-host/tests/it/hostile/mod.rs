//! The hostile suite: guests that do what guests must not, each stopped within its figure. Every part says `CHECK P… pass|fail` and the
//! figure it saw; `cargo xtask test --suite plugins` collects the lines and runs the long shares.
//!
//! Names that end in `_alone` measure time: they have the machine for themselves.

mod behaviour;
mod crash;
mod effects;
mod escape;
mod handmade;
mod memory;
mod neighbours;
mod network;
mod output;
mod tenants;
mod time;
mod uploads;
mod version;

use std::io::Write;
use std::time::Duration;

use platform_plugin_host::{CallError, FaultKind, Outcome};

/// One line of the catalogue; a check that fails is said before the test ends.
pub fn check(id: &str, passed: bool, figure: &str) {
    let verdict = if passed { "pass" } else { "fail" };
    let mut out = std::io::stdout();
    writeln!(out, "CHECK {id} {verdict} {figure}").unwrap();
    assert!(passed, "{id}: {figure}");
}

/// The same for a figure of time. It is said in every run and judged in the long share, which has the machine for itself: what else
/// a machine does would be counted as the guest's.
pub fn check_time(id: &str, is_within: bool, figure: &str) {
    if is_long() || is_within {
        return check(id, is_within, figure);
    }
    let mut out = std::io::stdout();
    writeln!(out, "CHECK {id} slow {figure}").unwrap();
}

/// Whether the long shares run too.
pub fn is_long() -> bool {
    std::env::var_os("BARQ_LONG_TESTS").is_some()
}

/// The value that so many of a hundred stay below.
pub fn percentile(times: &[Duration], of_hundred: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() * of_hundred).div_ceil(100).max(1) - 1]
}

pub fn fault<T: std::fmt::Debug>(outcome: &Outcome<T>) -> (FaultKind, String) {
    match outcome.answer.as_ref().expect_err("the call must fail") {
        CallError::Fault(fault) => (fault.kind, fault.detail.clone()),
        CallError::Failure(failure) => panic!("a fault was expected: {failure:?}"),
    }
}

/// What the guest said of its attempt.
pub fn told<T: std::fmt::Debug>(outcome: &Outcome<T>) -> String {
    match outcome.answer.as_ref().expect_err("the guest tells by failing") {
        CallError::Failure(failure) if failure.code == "told" => failure.message.clone(),
        other => panic!("the guest should have told: {other:?}"),
    }
}

/// A figure of `/proc/<pid>/status`, in bytes.
pub fn status_bytes(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let kib: u64 = line
        .trim_start_matches(':')
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    kib * 1024
}

/// Every guest of the suite by name: the parts take theirs from here, so what is counted is what runs.
#[test]
fn the_suite_has_thirty_guests_and_more() {
    let parts: [&[&str]; 9] = [
        &time::GUESTS,
        &memory::GUESTS,
        &memory::HANDMADE,
        &output::GUESTS,
        &uploads::IMPORTS,
        &uploads::ANSWERS,
        &tenants::GUESTS,
        &effects::GUESTS,
        &behaviour::GUESTS,
    ];
    let names: std::collections::BTreeSet<&str> = parts.into_iter().flatten().copied().collect();
    assert!(names.len() >= 30, "{names:?}");
    writeln!(std::io::stdout(), "{} hostile guests: {names:?}", names.len()).unwrap();
}
