//! P9: the worker dies while the server works.

use std::time::{Duration, Instant};

use platform_plugin_host::{FaultKind, PluginHost};

use super::output::{ask_api, started_api};
use super::{check, fault, is_long, percentile};
use crate::support::{Installation, block_on, own_host, plugin};

/// A broken pointer, an abort, the kernel that needs memory.
const DEATHS: [&str; 3] = ["SEGV", "ABRT", "KILL"];

fn kill(pid: u32, signal: &str) {
    // It may have ended by itself.
    let _ = std::process::Command::new("kill")
        .args([&format!("-{signal}"), &pid.to_string()])
        .stderr(std::process::Stdio::null())
        .status();
}

/// Kills it until it is gone: a broken pointer that no instruction has is looked at by the process itself and let pass once.
async fn ended(host: &PluginHost, pid: u32, signal: &str) {
    loop {
        kill(pid, signal);
        tokio::time::sleep(Duration::from_millis(2)).await;
        if host.worker_pid().await.unwrap() != pid {
            return;
        }
    }
}

#[test]
fn the_worker_dies_and_the_server_does_not() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        host.prepare(&guest).await.unwrap();
        let address = started_api().await;
        let rounds = if is_long() { 20 } else { 2 };
        let asked = tokio::spawn(ask_api(address, Duration::from_secs(if is_long() { 60 } else { 8 })));
        let (mut in_flight, mut lost_once, mut slowest) = (0, 0, Duration::ZERO);
        for round in 0..rounds {
            for death in DEATHS {
                let busy: Vec<_> = (0..4)
                    .map(|of| {
                        let (host, guest) = (host.clone(), guest.clone());
                        tokio::spawn(async move {
                            let mut installation = Installation::hostile(&guest, "loop");
                            installation.organization_id = format!("{round}-{of}");
                            (installation.limits.wall_ms, installation.limits.cpu_ms) = (30_000, 30_000);
                            installation.pull(&host, None).await
                        })
                    })
                    .collect();
                super::behaviour::others_are_fine(&host, &guest).await;
                let pid = host.worker_pid().await.unwrap();
                let killed = Instant::now();
                ended(&host, pid, death).await;
                super::behaviour::others_are_fine(&host, &guest).await;
                slowest = slowest.max(killed.elapsed());
                for call in busy {
                    let outcome = call.await.unwrap();
                    in_flight += 1;
                    let retryable = outcome.answer.as_ref().expect_err("it was lost").retryable();
                    let lost = fault(&outcome).0 == FaultKind::WorkerLost && retryable && outcome.kv_writes.is_empty();
                    lost_once += usize::from(lost);
                }
            }
        }
        let (times, errors) = asked.await.unwrap();
        let figure = format!(
            "{} deaths under 200 requests/s: {errors} of {} requests failed, the worker was back in at most {} ms, {lost_once} of \
             {in_flight} calls in flight told once that they may be made again",
            rounds * DEATHS.len(),
            times.len() + errors,
            slowest.as_millis()
        );
        check(
            "P9",
            errors == 0 && slowest <= Duration::from_secs(2) && lost_once == in_flight,
            &figure,
        );
    });
}

/// Every call is either answered or lost, never both, whenever the worker dies; and what is lost works when it is made again.
#[test]
fn two_hundred_calls_have_one_effect_each() {
    const CALLS: usize = 200;
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        host.prepare(&guest).await.unwrap();
        let deaths_wanted = if is_long() { 25 } else { 8 };
        let mut usual = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            assert!(
                Installation::hostile(&guest, "good")
                    .pull(&host, None)
                    .await
                    .answer
                    .is_ok()
            );
            usual.push(started.elapsed());
        }
        let usual = percentile(&usual, 50);
        let mut done = std::collections::BTreeMap::<String, usize>::new();
        let (mut deaths, mut hit, mut lost) = (0_u32, 0, 0);
        for of in 0..CALLS {
            let mut installation = Installation::hostile(&guest, "good");
            installation.organization_id = format!("organization-{of}");
            // Deaths at ever other moments of a call, from its first to what is usually its last.
            let killer = if of % (CALLS / deaths_wanted) == 0 {
                let pid = host.worker_pid().await.unwrap();
                let moment = usual * deaths / u32::try_from(deaths_wanted).unwrap();
                deaths += 1;
                Some(std::thread::spawn(move || {
                    let until = Instant::now() + moment;
                    while Instant::now() < until {
                        std::hint::spin_loop();
                    }
                    killed_at_once(pid);
                }))
            } else {
                None
            };
            let before = lost;
            loop {
                let outcome = installation.pull(&host, None).await;
                match &outcome.answer {
                    Ok(page) => {
                        for transaction in &page.transactions {
                            *done.entry(transaction.external_id.clone()).or_default() += 1;
                        }
                        break;
                    }
                    Err(error) => {
                        assert!(error.retryable() && outcome.kv_writes.is_empty(), "{error:?}");
                        lost += 1;
                    }
                }
            }
            hit += u32::from(lost > before);
            if let Some(killer) = killer {
                killer.join().unwrap();
            }
        }
        let once = done.values().filter(|count| **count == 1).count();
        let figure = format!(
            "{once} of {CALLS} calls had their effect exactly once through {deaths} deaths, {hit} of them in the middle of a call; \
             {lost} calls were made again"
        );
        check("P9", once == CALLS && done.len() == CALLS && hit * 2 >= deaths, &figure);
    });
}

/// Without the time that another program takes to start: a call is over by then.
fn killed_at_once(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // It may have ended by itself.
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
}
