//! Many sign-ins at once: hashing takes much memory and time by design, and must not take all of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::catalogue;
use crate::shared::{PASSWORD, World};

/// What one hash takes.
const HASH_MIB: u64 = 19;

/// Memory of this process in use, in MiB.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

/// How long other calls take, one after the other, as long as there is something to measure.
async fn others(world: &World, token: &str, goes_on: impl Fn(usize) -> bool) -> Vec<Duration> {
    let mut times = Vec::new();
    while goes_on(times.len()) {
        let began = Instant::now();
        assert_eq!(world.knock(token).await, 200);
        times.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    times
}

/// Sign-ins that never end: as soon as one is answered the next one comes, 200 at every moment, and each takes a third of a second
/// before it tries again where it was sent away. Answers what that does to everybody else.
async fn steady(world: &std::sync::Arc<World>, token: &str) -> String {
    let quiet = others(world, token, |done| done < 600).await;
    let mut flood = tokio::task::JoinSet::new();
    for number in 0..200 {
        let world = world.clone();
        flood.spawn(async move {
            for round in 0.. {
                let email = format!("nobody-{number}-{round}@example.sa");
                let body = serde_json::json!({"email": email, "password": PASSWORD});
                let address = format!("203.0.113.{number}");
                let answer = world.call_from(&address, "/auth/login", body).await;
                if answer.status.as_u16() != 401 {
                    tokio::time::sleep(Duration::from_millis(333)).await;
                }
            }
        });
    }
    // The first wave is what the test above looks at.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let during = others(world, token, |done| done < 600).await;
    flood.shutdown().await;
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort();
        times[times.len() / 2]
    };
    format!(
        "steady flood: median {:.1} ms before and {:.1} during, p99 {:.1} and {:.1}",
        median(&quiet).as_secs_f64() * 1e3,
        median(&during).as_secs_f64() * 1e3,
        p99(quiet).as_secs_f64() * 1e3,
        p99(during).as_secs_f64() * 1e3
    )
}

/// The catalogue's A8: 200 sign-ins at once, of which a third are given up half-way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_sign_ins_is_refused_in_time_and_takes_bounded_memory() {
    let world = std::sync::Arc::new(World::new().await);
    let (_, owner) = world.company("Flood").await;
    let quiet = p99(others(&world, &owner.token(), |done| done < 200).await);
    let before = resident_mib();
    let mut flood = tokio::task::JoinSet::new();
    for number in 0..200 {
        let world = world.clone();
        // An account and an address each, so that nothing but the hashing holds them back.
        let email = format!("nobody-{number}@example.sa");
        flood.spawn(async move {
            let body = serde_json::json!({"email": email, "password": PASSWORD});
            let address = format!("198.51.100.{number}");
            let call = world.call_from(&address, "/auth/login", body);
            if number % 3 == 0 {
                // The caller goes away.
                let _ = tokio::time::timeout(Duration::from_millis(20), call).await;
                return None;
            }
            let answer = call.await;
            Some((answer.status.as_u16(), answer.retry_after_s))
        });
    }
    let is_over = AtomicBool::new(false);
    let token = owner.token();
    let during = others(&world, &token, |done| done < 60 || !is_over.load(Ordering::Relaxed));
    let (mut peak, mut served, mut refused) = (resident_mib(), 0, 0);
    let flood = async {
        while let Some(done) = flood.join_next().await {
            peak = peak.max(resident_mib());
            match done.unwrap() {
                Some((200 | 401, _)) => served += 1,
                Some((503, retry)) => {
                    assert!(retry.is_some(), "it says when to come back");
                    refused += 1;
                }
                Some(other) => panic!("{other:?}"),
                None => {}
            }
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let (during, ()) = tokio::join!(during, flood);
    // One hash for each core but one.
    let turns = (std::thread::available_parallelism().map_or(1, usize::from) as u64 - 1).max(1);
    let allowed = turns * HASH_MIB + 64;
    assert!(
        peak <= before + allowed,
        "{before} MiB before, {peak} MiB at most; {allowed} MiB are allowed"
    );
    assert!(served > 0 && refused > 0, "{served} served, {refused} refused");
    let during = p99(during);
    // Two cores hash while a third party calls: its share of them is what counts, and a debug build is slow by itself.
    assert!(
        during <= quiet * 20 + Duration::from_millis(250),
        "{quiet:?} before, {during:?} during"
    );
    assert_eq!(world.knock(&owner.token()).await, 200);
    let steady = steady(&world, &owner.token()).await;
    catalogue::line(
        "A8",
        &format!(
            "{} MiB more of {allowed} allowed; {served} served, {refused} refused with 503; p99 of other calls {} ms before, \
             {} ms during; {steady}",
            peak.saturating_sub(before),
            quiet.as_millis(),
            during.as_millis()
        ),
    );
}
