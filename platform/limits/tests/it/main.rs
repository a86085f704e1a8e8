//! Instances that count together through a real Redis, and what they do when it is gone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use platform_limits::{Kind, Limits, Rate, Rates, Subject, Verdict, Without};
use uuid::Uuid;

/// A Redis of the test's own, on a socket in a folder.
struct Redis {
    child: Child,
    folder: tempfile::TempDir,
}

impl Redis {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = run(folder.path());
        let redis = Self { child, folder };
        redis.answers().await;
        redis
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("redis.sock").display())
    }

    async fn answers(&self) {
        for _ in 0..500 {
            if self.say(&["PING"]).trim() == "PONG" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("Redis does not answer");
    }

    fn say(&self, words: &[&str]) -> String {
        let socket = self.folder.path().join("redis.sock");
        let said = Command::new("redis-cli").arg("-s").arg(socket).args(words).output();
        String::from_utf8(said.unwrap().stdout).unwrap()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn start_again(&mut self) {
        self.child = run(self.folder.path());
        self.answers().await;
    }
}

fn run(folder: &Path) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]);
    command.arg(folder.join("redis.sock")).arg("--dir").arg(folder);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
        .spawn()
        .expect("redis-server is installed: apt-get install redis-server")
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have been killed by the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn instance(redis: &Redis, number: u128) -> Limits {
    Limits::shared(Rates::NONE, &redis.url(), id(number)).await.unwrap()
}

async fn knows_both(limits: &Limits) {
    for _ in 0..200 {
        if limits.is_shared() == Some(true) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("Redis is not found again");
}

const PER_SECOND: u32 = 200;
const BURST: u32 = 100;

/// Two instances asked at twice the rate for some time; how many calls each admitted, and for how long it ran.
async fn offered(instances: [&Limits; 2], subject: Subject, began: Instant, time: Duration) -> (u32, f64) {
    let (mut admitted, start) = (0_u32, began.elapsed());
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    while began.elapsed() < start + time {
        tick.tick().await;
        for limits in instances {
            let now_us = i64::try_from(began.elapsed().as_micros()).unwrap() + 1_000_000_000;
            if matches!(
                limits.check(&[subject], now_us, Without::Alone).await,
                Verdict::Admitted(_)
            ) {
                admitted += 1;
            }
        }
    }
    (admitted, began.elapsed().checked_sub(start).unwrap().as_secs_f64())
}

/// The catalogue's A15. Ten minutes with `BARQ_LONG_TESTS`, less without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_admit_one_rate_and_less_than_half_more_when_redis_dies() {
    let mut redis = Redis::start().await;
    let (one, two) = (instance(&redis, 1).await, instance(&redis, 2).await);
    // The first one hears of the second with its next beat.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let rate = Rate::new(PER_SECOND.into(), 1_000_000, BURST.into()).unwrap();
    let subject = Subject::organization(id(7), rate);
    let long = std::env::var_os("BARQ_LONG_TESTS").is_some();
    let (with, without) = if long { (600, 60) } else { (15, 8) };
    let began = Instant::now();
    let (admitted, seconds) = offered([&one, &two], subject, began, Duration::from_secs(with)).await;
    let allowed = f64::from(PER_SECOND) * seconds + f64::from(BURST);
    let share = f64::from(admitted) / allowed;
    assert!(
        (0.98..=1.02).contains(&share),
        "{admitted} admitted of {allowed:.0} allowed with Redis"
    );

    redis.kill();
    let (admitted, seconds) = offered([&one, &two], subject, began, Duration::from_secs(without)).await;
    let alone = f64::from(admitted) / (f64::from(PER_SECOND) * seconds);
    assert!(alone <= 1.5, "{admitted} admitted in {seconds:.1} s without Redis");
    assert!(alone >= 0.5, "others stay open: {admitted} in {seconds:.1} s");
    for limits in [&one, &two] {
        assert_eq!(limits.is_shared(), Some(false));
        assert_eq!(limits.check(&[subject], 0, Without::Closed).await, Verdict::Closed);
        assert_eq!(limits.check(&[], 0, Without::Closed).await, Verdict::Closed);
    }

    redis.start_again().await;
    knows_both(&one).await;
    knows_both(&two).await;
    let stranger = Subject::address("192.0.2.1".parse().unwrap(), rate);
    assert!(matches!(
        one.check(&[stranger], 0, Without::Closed).await,
        Verdict::Admitted(_)
    ));
    let figure = format!(
        "{:+.2} % of the rate with Redis over {with} s, {alone:.2} times the rate without, guessing closed",
        (share - 1.0) * 100.0
    );
    writeln!(std::io::stdout(), "CHECK A15 pass {figure}").unwrap();
}

#[tokio::test]
async fn numbers_are_shared_kept_apart_by_organization_and_forgotten() {
    let redis = Redis::start().await;
    let (one, two) = (instance(&redis, 1).await, instance(&redis, 2).await);
    let rate = Rate::new(3, 60_000_000, 3).unwrap();
    let call = |organization: u128| {
        [
            Subject::user(id(organization), id(5), rate),
            Subject::organization(id(organization), Rate::new(10, 60_000_000, 10).unwrap()),
            Subject::key(id(organization), id(6), rate),
        ]
    };
    // The clocks of the instances do not matter.
    for (limits, now_us, left) in [(&one, 1, 2), (&two, 9_000_000_000, 1), (&one, 5, 0)] {
        let Verdict::Admitted(Some((Kind::User, state))) = limits.check(&call(1), now_us, Without::Closed).await else {
            panic!("refused");
        };
        assert_eq!(state.remaining, left);
    }
    for limits in [&one, &two] {
        let Verdict::Refused(Kind::User, state) = limits.check(&call(1), 0, Without::Alone).await else {
            panic!("admitted");
        };
        assert_eq!((state.limit, state.remaining, state.retry_after_s), (3, 0, 20));
    }
    assert!(matches!(
        two.check(&call(2), 0, Without::Alone).await,
        Verdict::Admitted(_)
    ));

    let keys = redis.say(&["KEYS", "*"]);
    let keys: Vec<&str> = keys.lines().collect();
    assert_eq!(keys.len(), 7, "{keys:?}");
    let organizations = [id(1), id(2)].map(|id| format!("{{{id}}}:limit:"));
    for key in keys {
        let known = organizations
            .iter()
            .any(|organization| key.starts_with(organization.as_str()));
        assert!(known || key == "{barq}:instances", "{key}");
        assert!(
            redis.say(&["PTTL", key]).trim().parse::<i64>().unwrap() > 0,
            "{key} is kept for ever"
        );
    }
    // Numbers that somebody threw away are no failure.
    redis.say(&["FLUSHALL"]);
    redis.say(&["SCRIPT", "FLUSH"]);
    assert!(matches!(
        one.check(&call(1), 0, Without::Closed).await,
        Verdict::Admitted(_)
    ));
}

#[tokio::test]
async fn a_redis_that_is_not_there_yet_is_waited_for() {
    let mut redis = Redis::start().await;
    redis.kill();
    let limits = instance(&redis, 1).await;
    let rate = Rate::new(10, 1_000_000, 10).unwrap();
    let subject = [Subject::organization(id(1), rate)];
    assert_eq!(limits.check(&subject, 0, Without::Closed).await, Verdict::Closed);
    assert!(matches!(
        limits.check(&subject, 0, Without::Alone).await,
        Verdict::Admitted(_)
    ));
    redis.start_again().await;
    knows_both(&limits).await;
    assert!(matches!(
        limits.check(&subject, 0, Without::Closed).await,
        Verdict::Admitted(_)
    ));
    assert!(Limits::shared(Rates::NONE, "no address", id(1)).await.is_err());
}

/// A call waits for a Redis that hangs once, and then nobody waits.
#[tokio::test]
async fn a_redis_that_hangs_holds_nobody_up() {
    let redis = Redis::start().await;
    let limits = instance(&redis, 1).await;
    let rate = Rate::new(1000, 1_000_000, 1000).unwrap();
    let subject = [Subject::organization(id(1), rate)];
    let pid = redis.child.id().to_string();
    let signal = |name: &str| Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(signal("-STOP").success());
    let began = Instant::now();
    for _ in 0..100 {
        assert!(matches!(
            limits.check(&subject, 0, Without::Alone).await,
            Verdict::Admitted(_)
        ));
    }
    let waited = began.elapsed();
    signal("-CONT");
    assert!(waited < Duration::from_secs(2), "{waited:?} for a hundred calls");
    knows_both(&limits).await;
}

/// What one question costs, in the process and through Redis.
#[tokio::test]
async fn what_a_check_costs() {
    let redis = Redis::start().await;
    let (alone, shared) = (Limits::new(Rates::NONE), instance(&redis, 1).await);
    let rate = Rate::new(1_000_000, 1_000_000, 1_000_000).unwrap();
    let subjects = [Subject::user(id(1), id(2), rate), Subject::organization(id(1), rate)];
    let mut figures = Vec::new();
    for (limits, count) in [(&alone, 100_000), (&shared, 2_000)] {
        let began = Instant::now();
        for now_us in 0..count {
            limits.check(&subjects, i64::from(now_us), Without::Alone).await;
        }
        figures.push(began.elapsed().as_secs_f64() * 1e6 / f64::from(count));
    }
    assert!(figures[0] < 50.0 && figures[1] < 20_000.0, "{figures:?} µs");
    writeln!(
        std::io::stdout(),
        "limits: {:.2} µs a check in the process, {:.0} µs through Redis",
        figures[0],
        figures[1]
    )
    .unwrap();
}
