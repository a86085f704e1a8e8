//! What follows a call of a plugin.

use chrono::TimeDelta;
use platform_plugin_host::{CallError, FailureKind, FaultKind};

/// First pause; each further one is twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Longest pause, also of those that a provider asks for.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// Tries of one piece of work.
const TRIES: i64 = 10;
/// How long it is tried.
const TRIED_FOR: TimeDelta = TimeDelta::hours(24);
/// How often a provider may ask to wait before that counts as a try.
const THROTTLES: i64 = 50;

/// How often it was tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tried {
    /// Calls so far, this one among them.
    pub attempts: i64,
    /// How often the provider asked to wait.
    pub throttled: i64,
    /// Since it was asked for.
    pub age: TimeDelta,
    /// A random byte: what failed together does not come back together.
    pub dice: u8,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// It is over, and there was nothing to do.
    Done,
    /// Again, and this try counted.
    Again(TimeDelta),
    /// Again, and this try did not count.
    Later(TimeDelta),
    /// When a person has mended the installation.
    Held,
    /// Never by itself.
    Dead,
}

/// What follows a call that failed so.
pub(crate) fn after(error: &CallError, tried: Tried) -> After {
    match error {
        CallError::Failure(failure) => match failure.kind {
            FailureKind::Transient => again(tried, TRIES),
            FailureKind::RateLimited => {
                let asked = failure
                    .retry_after_ms
                    .map_or(FIRST_PAUSE, |ms| TimeDelta::milliseconds(ms.into()));
                let pause = asked.clamp(TimeDelta::seconds(1), LONGEST_PAUSE);
                if tried.throttled < THROTTLES {
                    After::Later(pause)
                } else {
                    again(tried, TRIES)
                }
            }
            FailureKind::Auth | FailureKind::Config => After::Held,
            FailureKind::Permanent | FailureKind::Other => After::Dead,
            FailureKind::Unsupported => After::Done,
        },
        CallError::Fault(fault) => match fault.kind {
            FaultKind::WorkerLost => again(tried, TRIES),
            // Code that ends so once ends so mostly, and what a limit ended meets it again.
            FaultKind::Trap => again(tried, 3),
            FaultKind::Timeout | FaultKind::Memory | FaultKind::Budget => again(tried, 2),
            FaultKind::Malformed | FaultKind::Denied => After::Dead,
        },
    }
}

fn again(tried: Tried, tries: i64) -> After {
    if tried.attempts >= tries || tried.age >= TRIED_FOR {
        After::Dead
    } else {
        After::Again(pause(tried.attempts, tried.dice))
    }
}

/// 30 s · 2ⁿ, a fifth more or less, at most an hour.
fn pause(attempts: i64, dice: u8) -> TimeDelta {
    let doubled = u32::try_from(attempts - 1).unwrap_or_default().min(12);
    let whole = (FIRST_PAUSE * 2_i32.pow(doubled)).min(LONGEST_PAUSE);
    let share = 800 + i64::from(dice) * 400 / 255;
    (TimeDelta::milliseconds(whole.num_milliseconds() * share / 1000)).min(LONGEST_PAUSE)
}

/// Whether a handler that fails so should be left alone for a while: what one message did says nothing of the next.
pub(crate) fn counts_against(error: &CallError) -> bool {
    match error {
        CallError::Failure(failure) => match failure.kind {
            FailureKind::Transient => true,
            FailureKind::RateLimited
            | FailureKind::Auth
            | FailureKind::Config
            | FailureKind::Permanent
            | FailureKind::Other
            | FailureKind::Unsupported => false,
        },
        CallError::Fault(fault) => match fault.kind {
            FaultKind::Timeout => true,
            FaultKind::WorkerLost
            | FaultKind::Trap
            | FaultKind::Memory
            | FaultKind::Budget
            | FaultKind::Malformed
            | FaultKind::Denied => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use platform_plugin_host::{Failure, Fault};

    use super::*;

    fn failure(kind: FailureKind) -> CallError {
        CallError::Failure(Failure {
            kind,
            code: String::new(),
            message: String::new(),
            retry_after_ms: Some(90_000),
            attributes: std::collections::BTreeMap::new(),
        })
    }

    fn fault(kind: FaultKind) -> CallError {
        CallError::Fault(Fault {
            kind,
            detail: String::new(),
        })
    }

    const fn tried(attempts: i64) -> Tried {
        Tried {
            attempts,
            throttled: 0,
            age: TimeDelta::minutes(1),
            dice: 128,
        }
    }

    #[test]
    fn every_way_to_fail_has_its_consequence() {
        let seconds = |after| match after {
            After::Again(pause) => pause.num_seconds(),
            other => panic!("{other:?}"),
        };
        let transient = failure(FailureKind::Transient);
        let pauses: Vec<i64> = (1..=9).map(|n| seconds(after(&transient, tried(n)))).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(after(&transient, tried(10)), After::Dead);
        let old = Tried {
            age: TRIED_FOR,
            ..tried(2)
        };
        assert_eq!(after(&transient, old), After::Dead);
        for (error, tries) in [
            (fault(FaultKind::WorkerLost), 10),
            (fault(FaultKind::Trap), 3),
            (fault(FaultKind::Timeout), 2),
            (fault(FaultKind::Memory), 2),
            (fault(FaultKind::Budget), 2),
        ] {
            assert!(matches!(after(&error, tried(tries - 1)), After::Again(_)), "{error:?}");
            assert_eq!(after(&error, tried(tries)), After::Dead, "{error:?}");
        }
        for (error, expected) in [
            (failure(FailureKind::Auth), After::Held),
            (failure(FailureKind::Config), After::Held),
            (failure(FailureKind::Permanent), After::Dead),
            (failure(FailureKind::Other), After::Dead),
            (failure(FailureKind::Unsupported), After::Done),
            (fault(FaultKind::Malformed), After::Dead),
            (fault(FaultKind::Denied), After::Dead),
        ] {
            assert_eq!(after(&error, tried(1)), expected, "{error:?}");
        }
    }

    #[test]
    fn a_provider_that_asks_to_wait_costs_no_try() {
        let busy = failure(FailureKind::RateLimited);
        assert_eq!(after(&busy, tried(9)), After::Later(TimeDelta::seconds(90)));
        let often = Tried {
            throttled: 50,
            ..tried(3)
        };
        assert!(matches!(after(&busy, often), After::Again(_)));
    }

    #[test]
    fn pauses_spread_by_a_fifth() {
        for (dice, ms) in [(0, 24_000), (255, 36_000)] {
            assert_eq!(pause(1, dice), TimeDelta::milliseconds(ms));
        }
        assert_eq!(pause(9, 255), LONGEST_PAUSE);
    }
}
