//! How often an installation is called: 600 times a minute, 60 at once.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// Between two calls that go on for ever.
const BETWEEN: TimeDelta = TimeDelta::milliseconds(100);
/// How far ahead of that pace an installation may be: so many calls at once.
const AHEAD: TimeDelta = TimeDelta::milliseconds(100 * 59);
/// More are remembered than are called in a minute.
const MOST: usize = 20_000;

/// When each installation is back at its pace. Each process has its own: what several of them let through together is still
/// bounded, and nobody waits for another process to be asked.
#[derive(Default)]
pub(crate) struct Pace(Mutex<HashMap<Uuid, DateTime<Utc>>>);

impl Pace {
    /// Takes a call, or says when there will be one.
    pub fn take(&self, installation_id: Uuid, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let mut even = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if even.len() > MOST {
            even.retain(|_, even| *even > now);
        }
        let at = even.entry(installation_id).or_insert(now);
        let next = step(*at, now)?;
        *at = next;
        Ok(())
    }
}

/// The moment at which the pace is even again after one more call, or the moment from which there is room for it.
fn step(even: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, DateTime<Utc>> {
    let even = even.max(now);
    if even - now > AHEAD {
        Err(even - AHEAD)
    } else {
        Ok(even + BETWEEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_at_once_and_six_hundred_a_minute() {
        let (pace, id, now) = (Pace::default(), Uuid::from_u128(1), DateTime::UNIX_EPOCH);
        let at_once = (0..100).filter(|_| pace.take(id, now).is_ok()).count();
        assert_eq!(at_once, 60);
        let room = pace.take(id, now).expect_err("no room");
        assert_eq!(
            room,
            now + BETWEEN,
            "the time that is named is one at which there is room"
        );
        assert!(pace.take(id, room).is_ok());
        assert!(pace.take(Uuid::from_u128(2), now).is_ok(), "others have their own");
        let mut minute = 0;
        for ms in 0..60_000 {
            minute += usize::from(pace.take(id, now + TimeDelta::milliseconds(1000 + ms)).is_ok());
        }
        assert!((600..=660).contains(&minute), "{minute}");
    }
}
