//! What this process alone remembers: for each subject the time at which it is even again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Kind, Rate};

/// Parts that are locked one by one, so that requests hardly ever wait for each other.
const SHARDS: usize = 61;
/// Subjects of a part before those that are even are thrown out: some 30 MB in all.
const MOST: usize = 8192;

pub(crate) type Name = (Kind, u128);

/// One number for each subject.
pub(crate) struct Local {
    shards: Vec<Mutex<HashMap<Name, i64>>>,
}

impl Local {
    pub fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    fn shard(&self, name: &Name) -> MutexGuard<'_, HashMap<Name, i64>> {
        // Ids end in random bits and addresses in the host's: folded, either spreads.
        let folded = name.1 ^ (name.1 >> 64) ^ (name.1 >> 32);
        let index = usize::try_from(folded % SHARDS as u128).unwrap_or_default();
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one more. `Ok` and `Err` say how far the even time is ahead; `Err` also how long to wait.
    pub fn take(&self, name: Name, rate: Rate, now_us: i64) -> Result<i64, (i64, i64)> {
        let mut shard = self.shard(&name);
        if shard.len() >= MOST && !shard.contains_key(&name) {
            make_room(&mut shard, now_us);
        }
        let even = shard.entry(name).or_insert(now_us);
        match rate.take(*even, now_us) {
            Ok(next) => {
                *even = next;
                Ok(next - now_us)
            }
            Err(wait) => Err((*even - now_us, wait)),
        }
    }

    /// Takes one back that another limit refused.
    pub fn give_back(&self, name: Name, rate: Rate) {
        if let Some(even) = self.shard(&name).get_mut(&name) {
            *even -= rate.every_us();
        }
    }

    /// Keeps what the instances have agreed on, for when they can no longer.
    #[cfg(feature = "redis")]
    pub fn set(&self, name: Name, even_us: i64, now_us: i64) {
        let mut shard = self.shard(&name);
        if shard.len() >= MOST && !shard.contains_key(&name) {
            make_room(&mut shard, now_us);
        }
        shard.insert(name, even_us);
    }
}

/// Whoever is even can be forgotten. If nobody is, somebody makes up subjects faster than they pass: then all are forgotten,
/// because the alternative is memory without end.
fn make_room(shard: &mut HashMap<Name, i64>, now_us: i64) {
    shard.retain(|_, even| *even > now_us);
    if shard.len() >= MOST {
        tracing::warn!("Limits are asked for more subjects than can be remembered; some start anew");
        shard.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_an_end() {
        let local = Local::new();
        let rate = Rate::new(1, 1_000_000, 10).unwrap();
        for id in 0..2_000_000_u128 {
            local.take((Kind::Address, id), rate, 1_000_000).unwrap();
        }
        let kept: usize = local.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * MOST, "{kept}");
        // After a while all of them are even, and leave when somebody new comes.
        local.take((Kind::Address, 61), rate, 9_000_000).unwrap();
    }
}
