//! Numbers that all instances share, in Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::Subject;

/// Longer than any answer of a Redis that is well; a call waits for it once, and then nobody until it is back.
const ANSWER: Duration = Duration::from_millis(250);
/// How often each instance says that it is there, and looks whether Redis is.
const BEAT: Duration = Duration::from_secs(1);
/// An instance that has not been heard of for so long is gone.
const GONE_S: u32 = 10;
/// Who is there.
const INSTANCES: &str = "{barq}:instances";

/// Asks about all subjects first and counts only when all have room. The time is Redis', so that the instances' clocks do not
/// matter. Numbers are kept in microseconds, which a double holds exactly until the year 2255.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer, even = {0, 0}, {}
for i, key in ipairs(KEYS) do
    local every, tolerance = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local kept = math.max(tonumber(redis.call('GET', key) or 0), now)
    even[i] = kept + every
    answer[i + 2] = even[i] - now
    if answer[1] == 0 and even[i] - tolerance > now then
        answer[1], answer[2] = i, even[i] - tolerance - now
    end
end
for i, key in ipairs(KEYS) do
    if answer[1] == 0 then
        redis.call('SET', key, string.format('%.0f', even[i]), 'PX', math.ceil(answer[i + 2] / 1000))
    else
        answer[i + 2] = answer[i + 2] - tonumber(ARGV[2 * i - 1])
    end
end
return answer
";

/// Says that an instance is there and answers how many are.
const HERE: &str = r"
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[1], 60)
return redis.call('ZCARD', KEYS[1])
";

/// What Redis said.
pub(crate) struct Answer {
    /// How far each subject's even time is ahead.
    pub ahead_us: Vec<i64>,
    /// Which subject has none left, and how long it has to wait.
    pub refused: Option<(usize, i64)>,
}

#[derive(Default)]
struct Health {
    is_alive: AtomicBool,
    instances: AtomicU32,
}

/// A Redis that instances share.
pub(crate) struct Shared {
    connection: ConnectionManager,
    take: Script,
    health: Arc<Health>,
    beat: JoinHandle<()>,
}

impl Shared {
    pub async fn connect(url: &str, instance: Uuid) -> Result<Self> {
        let client = Client::open(url).context("the address of Redis")?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(ANSWER))
            .set_connection_timeout(Some(ANSWER))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(client, config).context("a connection to Redis")?;
        let health = Arc::new(Health::default());
        health.instances.store(1, Ordering::Relaxed);
        let here = Script::new(HERE);
        say_here(&connection, &here, instance, &health).await;
        let beat = tokio::spawn({
            let (connection, health) = (connection.clone(), health.clone());
            async move {
                loop {
                    tokio::time::sleep(BEAT).await;
                    say_here(&connection, &here, instance, &health).await;
                }
            }
        });
        Ok(Self {
            connection,
            take: Script::new(TAKE),
            health,
            beat,
        })
    }

    pub fn is_alive(&self) -> bool {
        self.health.is_alive.load(Ordering::Relaxed)
    }

    /// How many instances there were when they last knew of each other.
    pub fn instances(&self) -> u32 {
        self.health.instances.load(Ordering::Relaxed).max(1)
    }

    /// Asks in one call; nothing when Redis does not answer.
    pub async fn take(&self, subjects: &[Subject]) -> Option<Answer> {
        if subjects.is_empty() {
            return Some(Answer {
                ahead_us: Vec::new(),
                refused: None,
            });
        }
        let mut call = self.take.prepare_invoke();
        for subject in subjects {
            call.key(key(subject));
            call.arg(subject.rate.every_us()).arg(subject.rate.tolerance_us());
        }
        let answer: Result<Vec<i64>, _> = call.invoke_async(&mut self.connection.clone()).await;
        match answer.as_deref() {
            Ok([refused, wait_us, ahead_us @ ..]) if ahead_us.len() == subjects.len() => Some(Answer {
                ahead_us: ahead_us.to_vec(),
                refused: usize::try_from(refused - 1).ok().map(|index| (index, *wait_us)),
            }),
            Ok(_) => None,
            Err(error) => {
                if self.health.is_alive.swap(false, Ordering::Relaxed) {
                    tracing::warn!(%error, "Lost Redis: limits hold for each instance alone, and sign-in is closed");
                }
                None
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.beat.abort();
    }
}

/// One slot of a cluster for each organization: what is in braces decides it.
fn key(subject: &Subject) -> String {
    let (kind, id) = (subject.kind.name(), subject.id);
    match subject.organization_id {
        Some(organization_id) => format!("{{{organization_id}}}:limit:{kind}:{id:032x}"),
        None => format!("{{{id:032x}}}:limit:{kind}"),
    }
}

async fn say_here(connection: &ConnectionManager, here: &Script, instance: Uuid, health: &Health) {
    let mut call = here.prepare_invoke();
    call.key(INSTANCES).arg(instance.to_string()).arg(GONE_S);
    let count: Result<u32, _> = call.invoke_async(&mut connection.clone()).await;
    let is_alive = count.is_ok();
    if let Ok(count) = count {
        health.instances.store(count, Ordering::Relaxed);
    }
    if health.is_alive.swap(is_alive, Ordering::Relaxed) != is_alive {
        if is_alive {
            tracing::info!("Limits are shared through Redis");
        } else {
            tracing::warn!("Lost Redis: limits hold for each instance alone, and sign-in is closed");
        }
    }
}
