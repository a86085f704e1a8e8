//! Key-value writes of one call: seen by its own reads, kept by the platform only if it ends well.

use std::collections::BTreeMap;

use super::bindings::kv;
use super::state::{State, digest, noted};
use crate::kv::KvRoom;
use crate::wire::{Ask, KvWrite, Local, Told};

const MAX_KEY_BYTES: usize = 256;
const MAX_VALUE_BYTES: usize = 64 * 1024;
const MAX_KEYS_LISTED: u32 = 1_000;
/// Values a call may hold here before they are committed.
const MAX_OVERLAY_BYTES: usize = 1024 * 1024;
/// The version of a value the call wrote itself.
const OWN_VERSION: u64 = u64::MAX;

/// What a call read and wrote.
#[derive(Default)]
pub(crate) struct Kept {
    calls: u32,
    /// Writes by key, the last one of each.
    pub writes: BTreeMap<String, Write>,
    bytes: usize,
    /// Sizes of stored values that were read: overwriting them takes no new room.
    sizes: BTreeMap<String, usize>,
    room: Option<KvRoom>,
}

pub(crate) struct Write {
    pub value: Option<Vec<u8>>,
    expires_in_s: Option<u32>,
    #[expect(
        clippy::option_option,
        reason = "no value expected is something else than nothing expected"
    )]
    expected: Option<Option<u64>>,
}

impl Kept {
    /// Everything to commit.
    pub fn into_writes(self) -> Vec<KvWrite> {
        let write = |(key, write): (String, Write)| KvWrite {
            key,
            value: write.value,
            expires_in_s: write.expires_in_s,
            expected: write.expected,
        };
        self.writes.into_iter().map(write).collect()
    }

    #[expect(
        clippy::option_option,
        reason = "a value it deleted is something else than one it did not touch"
    )]
    fn own(&self, key: &str) -> Option<Option<kv::Entry>> {
        let write = self.writes.get(key)?;
        Some(write.value.clone().map(|value| kv::Entry {
            value,
            version: OWN_VERSION,
        }))
    }
}

type Asked<T> = wasmtime::Result<Result<T, kv::KvError>>;

impl State {
    fn charge_kv(&mut self, key: &str, value_bytes: usize) -> Asked<()> {
        self.charge()?;
        self.kv.calls += 1;
        Ok(match () {
            () if self.kv.calls > self.limits.kv_calls => Err(kv::KvError::Budget),
            () if key.is_empty() || key.len() > MAX_KEY_BYTES || value_bytes > MAX_VALUE_BYTES => {
                Err(kv::KvError::TooLarge)
            }
            () => Ok(()),
        })
    }

    async fn stored(&mut self, key: &str) -> Asked<Option<kv::Entry>> {
        match self.ask(Ask::KvGet { key: key.to_owned() }).await? {
            Told::Kv(Ok(entry)) => {
                let size = entry.as_ref().map(|entry| entry.value.len());
                if let Some(size) = size {
                    self.kv.sizes.insert(key.to_owned(), size);
                }
                Ok(Ok(entry.map(|entry| kv::Entry {
                    value: entry.value,
                    version: entry.version,
                })))
            }
            Told::Kv(Err(why)) => Ok(Err(kv::KvError::Unavailable(why))),
            _ => Err(Self::stray()),
        }
    }

    /// Whether the installation's space takes this write.
    async fn take_room(&mut self, key: &str, value_bytes: usize) -> Asked<()> {
        if self.kv.room.is_none() {
            match self.ask(Ask::KvRoom).await? {
                Told::KvRoom(Ok(room)) => self.kv.room = Some(room),
                Told::KvRoom(Err(why)) => return Ok(Err(kv::KvError::Unavailable(why))),
                _ => return Err(Self::stray()),
            }
        }
        let Some(room) = &mut self.kv.room else {
            return Ok(Ok(()));
        };
        let written = self.kv.writes.get(key).and_then(|write| write.value.as_ref());
        let before = written.map(Vec::len).or_else(|| self.kv.sizes.get(key).copied());
        let keys = u64::from(before.is_none());
        let size = match before {
            Some(before) => value_bytes.saturating_sub(before),
            None => key.len() + value_bytes,
        } as u64;
        if room.keys < keys || room.bytes < size {
            return Ok(Err(kv::KvError::Quota));
        }
        room.keys -= keys;
        room.bytes -= size;
        Ok(Ok(()))
    }

    fn put(&mut self, key: String, write: Write) -> Result<(), kv::KvError> {
        let size = |write: &Write| write.value.as_ref().map_or(0, Vec::len);
        let before = self.kv.writes.get(&key).map_or(0, size);
        let after = self.kv.bytes - before + size(&write);
        if after > MAX_OVERLAY_BYTES {
            return Err(kv::KvError::Budget);
        }
        self.kv.bytes = after;
        // What was expected of the stored value stays expected, however often the call writes.
        let expected = self
            .kv
            .writes
            .get(&key)
            .and_then(|write| write.expected)
            .or(write.expected);
        self.kv.writes.insert(key, Write { expected, ..write });
        Ok(())
    }

    async fn write(&mut self, key: String, write: Write) -> Asked<()> {
        let value = write.value.as_deref().unwrap_or_default();
        if self.trace.is_some() {
            let digest = digest([value]);
            let key = noted(&key);
            self.note(Local::KvSet { key, digest })?;
        }
        if let Err(error) = self.take_room(&key, value.len()).await? {
            return Ok(Err(error));
        }
        Ok(self.put(key, write))
    }
}

impl kv::Host for State {
    async fn get(&mut self, key: String) -> Asked<Option<kv::Entry>> {
        if let Err(error) = self.charge_kv(&key, 0)? {
            return Ok(Err(error));
        }
        if let Some(own) = self.kv.own(&key) {
            self.note(Local::KvOwn { key: noted(&key) })?;
            return Ok(Ok(own));
        }
        self.stored(&key).await
    }

    async fn set(&mut self, key: String, value: Vec<u8>, expires_in_s: Option<u32>) -> Asked<()> {
        if let Err(error) = self.charge_kv(&key, value.len())? {
            return Ok(Err(error));
        }
        let write = Write {
            value: Some(value),
            expires_in_s,
            expected: None,
        };
        self.write(key, write).await
    }

    async fn compare_and_set(&mut self, key: String, expected: Option<u64>, value: Vec<u8>) -> Asked<()> {
        if let Err(error) = self.charge_kv(&key, value.len())? {
            return Ok(Err(error));
        }
        let (present, stored) = match self.kv.own(&key) {
            Some(own) => (own, false),
            None => match self.stored(&key).await? {
                Ok(entry) => (entry, true),
                Err(error) => return Ok(Err(error)),
            },
        };
        if present.map(|entry| entry.version) != expected {
            return Ok(Err(kv::KvError::Conflict));
        }
        let write = Write {
            value: Some(value),
            expires_in_s: None,
            expected: stored.then_some(expected),
        };
        self.write(key, write).await
    }

    fn delete(&mut self, key: String) -> Asked<()> {
        let charged = self.charge_kv(&key, 0)?;
        self.note(Local::KvDelete { key: noted(&key) })?;
        let write = Write {
            value: None,
            expires_in_s: None,
            expected: None,
        };
        Ok(charged.and_then(|()| self.put(key, write)))
    }

    async fn list_keys(&mut self, prefix: String, after: Option<String>, limit: u32) -> Asked<Vec<String>> {
        let charged = self.charge_kv("prefix", prefix.len() + after.as_ref().map_or(0, String::len))?;
        if let Err(error) = charged {
            return Ok(Err(error));
        }
        let limit = limit.min(MAX_KEYS_LISTED);
        let own = self.kv.writes.iter().filter(|(key, _)| {
            key.starts_with(&prefix) && after.as_ref().is_none_or(|after| key.as_str() > after.as_str())
        });
        let own: Vec<(String, bool)> = own.map(|(key, write)| (key.clone(), write.value.is_some())).collect();
        let gone = own.iter().filter(|(_, there)| !there).count();
        let ask = Ask::KvList {
            prefix,
            after,
            limit: limit + u32::try_from(gone).unwrap_or(0),
        };
        let mut keys = match self.ask(ask).await? {
            Told::KvKeys(Ok(keys)) => keys,
            Told::KvKeys(Err(why)) => return Ok(Err(kv::KvError::Unavailable(why))),
            _ => return Err(Self::stray()),
        };
        keys.retain(|key| !own.iter().any(|(gone, _)| gone == key));
        keys.extend(own.into_iter().filter(|(_, there)| *there).map(|(key, _)| key));
        keys.sort_unstable();
        keys.truncate(limit as usize);
        Ok(Ok(keys))
    }
}
