//! P11: honest guests beside abusive ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use platform_plugin_host::{Plugin, PluginHost};

use super::{check_time, is_long, percentile};
use crate::support::{Installation, block_on, host, plugin};

const ABUSIVE: [&str; 4] = ["loop", "loop_memory", "allocate", "loop_sort"];

async fn honest(host: &PluginHost, guest: &Plugin, calls: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut installation = Installation::hostile(guest, "good");
    installation.organization_id = "honest".into();
    for _ in 0..calls {
        let started = Instant::now();
        let outcome = installation.pull(host, None).await;
        times.push(started.elapsed());
        assert!(outcome.answer.is_ok(), "{:?}", outcome.answer);
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    times
}

#[test]
fn honest_neighbours_hardly_notice_alone() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        host.prepare(&guest).await.unwrap();
        let (rounds, calls) = if is_long() { (7, 600) } else { (3, 200) };
        honest(&host, &guest, 50).await;
        let abused = Arc::new(AtomicUsize::new(0));
        let (mut quiet, mut beside, mut medians) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
        for _ in 0..rounds {
            let times = honest(&host, &guest, calls).await;
            quiet.push(percentile(&times, 99));
            medians.0.push(percentile(&times, 50));
            let stop = Arc::new(AtomicBool::new(false));
            let abusers: Vec<_> = (0..20)
                .map(|of| {
                    let (host, guest, stop, abused) = (host.clone(), guest.clone(), stop.clone(), abused.clone());
                    tokio::spawn(async move {
                        let mut installation = Installation::hostile(&guest, ABUSIVE[of % ABUSIVE.len()]);
                        installation.organization_id = format!("abusive-{of}");
                        installation.limits.cpu_ms = 250;
                        while !stop.load(Ordering::Relaxed) {
                            assert!(installation.pull(&host, None).await.answer.is_err());
                            abused.fetch_add(1, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            tokio::time::sleep(Duration::from_millis(300)).await;
            let times = honest(&host, &guest, calls).await;
            beside.push(percentile(&times, 99));
            medians.1.push(percentile(&times, 50));
            stop.store(true, Ordering::Relaxed);
            for abuser in abusers {
                abuser.await.unwrap();
            }
        }
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (quiet, beside) = (percentile(&quiet, 50), percentile(&beside, 50));
        let ratio = ms(beside) / ms(quiet);
        let figure = format!(
            "p99 of an honest call {:.2} ms alone, {:.2} ms beside 20 abusive organizations ({ratio:.2}×; p50 {:.2} and {:.2} ms; {} \
             abusive calls ended)",
            ms(quiet),
            ms(beside),
            ms(percentile(&medians.0, 50)),
            ms(percentile(&medians.1, 50)),
            abused.load(Ordering::Relaxed)
        );
        check_time("P11", ratio <= 2.0, &figure);
    });
}
