//! P3: guests that hand over more than anybody can use, while the server answers others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use platform_plugin_host::{FaultKind, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{check, check_time, fault, is_long, percentile};
use crate::support::{Installation, block_on, host, plugin};

pub const GUESTS: [&str; 10] = [
    "big_output",
    "many_records",
    "big_log_line",
    "log_flood",
    "kv_flood",
    "kv_too_large",
    "big_kv_values",
    "million_keys",
    "big_failure",
    "cursor_too_long",
];

#[test]
fn what_is_handed_over_ends_at_its_quota() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let mut within = 0;
        for behaviour in GUESTS {
            let mut installation = Installation::hostile(&guest, behaviour);
            installation.limits = Limits {
                cpu_ms: 20_000,
                host_calls: 2_000_000,
                ..Limits::default()
            };
            let outcome = installation.pull(&host, None).await;
            let kept: usize = outcome.kv_writes.iter().map(|write| format!("{write:?}").len()).sum();
            match behaviour {
                "big_output" | "many_records" | "big_log_line" => {
                    assert_eq!(fault(&outcome).0, FaultKind::Budget, "{behaviour}");
                }
                "cursor_too_long" => assert_eq!(fault(&outcome).0, FaultKind::Malformed),
                "kv_flood" | "million_keys" => assert!(outcome.kv_writes.len() <= 200, "{}", outcome.kv_writes.len()),
                // A mebibyte of values, written out as text.
                "big_kv_values" => assert!(outcome.kv_writes.len() <= 17 && kept < 8 << 20, "{kept}"),
                _ => {}
            }
            let words: usize = outcome.logs.iter().map(|line| line.message.len()).sum();
            let said = outcome.answer.as_ref().err().map_or(0, |error| error.detail().len());
            assert!(
                outcome.logs.len() <= 200 && words <= 64 << 10 && said <= 4 << 10,
                "{behaviour}: {words} {said}"
            );
            within += 1;
        }
        check(
            "P3",
            within == GUESTS.len(),
            &format!("{within} of {} floods ended at their quota", GUESTS.len()),
        );
    });
}

/// What the server does besides, as far as it matters here: it answers requests on the same threads that speak with the worker.
async fn api() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1024];
                while let Ok(1..) = stream.read(&mut request).await {
                    // About what reading one row costs in processor time.
                    let until = Instant::now() + Duration::from_micros(250);
                    while Instant::now() < until {
                        std::hint::spin_loop();
                    }
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Requests at a steady 200 a second, from a thread of its own; their times, and how many failed.
pub async fn ask_api(address: std::net::SocketAddr, time: Duration) -> (Vec<Duration>, usize) {
    let asking = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut times, mut failed) = (Vec::new(), 0);
            let began = Instant::now();
            let mut turn = tokio::time::interval(Duration::from_millis(5));
            while began.elapsed() < time {
                turn.tick().await;
                let started = Instant::now();
                let mut answer = [0; 64];
                let asked = stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.is_ok();
                match stream.read(&mut answer).await {
                    Ok(1..) if asked && answer.starts_with(b"HTTP/1.1 200") => times.push(started.elapsed()),
                    _ => failed += 1,
                }
            }
            (times, failed)
        })
    };
    tokio::task::spawn_blocking(asking).await.unwrap()
}

pub async fn started_api() -> std::net::SocketAddr {
    api().await
}

#[test]
fn the_server_answers_others_as_before_alone() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        host.prepare(&guest).await.unwrap();
        let address = api().await;
        let (rounds, time) = if is_long() {
            (7, Duration::from_secs(6))
        } else {
            (3, Duration::from_secs(2))
        };
        let (mut quiet, mut beside, mut failed) = (Vec::new(), Vec::new(), 0);
        let calls = Arc::new(AtomicUsize::new(0));
        for _ in 0..rounds {
            let (times, errors) = ask_api(address, time).await;
            quiet.push(percentile(&times, 99));
            failed += errors;
            let stop = Arc::new(AtomicBool::new(false));
            let floods: Vec<_> = ["big_output", "big_log_line", "big_kv_values", "million_keys"]
                .into_iter()
                .map(|behaviour| {
                    let (host, guest, stop, calls) = (host.clone(), guest.clone(), stop.clone(), calls.clone());
                    tokio::spawn(async move {
                        let mut installation = Installation::hostile(&guest, behaviour);
                        installation.organization_id = behaviour.into();
                        while !stop.load(Ordering::Relaxed) {
                            let _ = installation.pull(&host, None).await;
                            calls.fetch_add(1, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            let (times, errors) = ask_api(address, time).await;
            beside.push(percentile(&times, 99));
            failed += errors;
            stop.store(true, Ordering::Relaxed);
            for flood in floods {
                flood.await.unwrap();
            }
        }
        let (quiet, beside) = (percentile(&quiet, 50), percentile(&beside, 50));
        let ratio = beside.as_secs_f64() / quiet.as_secs_f64();
        let figure = format!(
            "p99 of other requests {:.2} ms quiet, {:.2} ms beside {} floods: {:+.1} %, {failed} errors",
            quiet.as_secs_f64() * 1e3,
            beside.as_secs_f64() * 1e3,
            calls.load(Ordering::Relaxed),
            (ratio - 1.0) * 100.0
        );
        assert_eq!(failed, 0, "{figure}");
        check_time("P3", ratio <= 1.1, &figure);
    });
}
