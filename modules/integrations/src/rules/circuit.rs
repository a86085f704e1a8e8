//! A handler that fails again and again is left alone for a while, and then asked once.

use chrono::{DateTime, TimeDelta, Utc};

use crate::work::CircuitState;

/// Failures in a row that open it.
const MOST: i64 = 5;
/// The first time; each further one is twice as long.
const FIRST: TimeDelta = TimeDelta::minutes(1);
const LONGEST: TimeDelta = TimeDelta::minutes(60);
/// A probe that nobody hears of again, because its process died, keeps nobody out for longer.
const PROBE: TimeDelta = TimeDelta::minutes(5);

/// What is known of a handler.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circuit {
    pub state: CircuitState,
    /// Failures in a row.
    pub failures: i64,
    /// How often it opened since it last worked.
    pub openings: i64,
    /// Until when it is open; while it is probed, when the probe is given up.
    pub until: Option<DateTime<Utc>>,
}

/// Whether a call goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Go,
    /// It goes, alone, to see.
    Probe,
    Wait(DateTime<Utc>),
}

/// Asks before a call.
pub(crate) fn admit(circuit: Circuit, now: DateTime<Utc>) -> Admission {
    match circuit.state {
        CircuitState::Closed => Admission::Go,
        CircuitState::Open | CircuitState::Probing => match circuit.until {
            Some(until) if until > now => Admission::Wait(until),
            Some(_) | None => Admission::Probe,
        },
    }
}

/// When a probe that is not heard of is given up.
pub(crate) fn probe_until(now: DateTime<Utc>) -> DateTime<Utc> {
    now + PROBE
}

/// What a call does to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing but the count of failures in a row.
    Count(i64),
    /// It works again.
    Close,
    /// It is left alone until then.
    Trip(DateTime<Utc>),
}

/// Learns from a call; `failed` is a failure that says something of the next call too.
pub(crate) fn learn(circuit: Circuit, failed: bool, now: DateTime<Utc>) -> Change {
    match (circuit.state, failed) {
        (CircuitState::Closed, false) => Change::Count(0),
        (CircuitState::Closed, true) if circuit.failures + 1 < MOST => Change::Count(circuit.failures + 1),
        (CircuitState::Closed | CircuitState::Probing, true) => Change::Trip(now + open_for(circuit.openings)),
        (CircuitState::Open | CircuitState::Probing, false) => Change::Close,
        // One that was under way when it opened.
        (CircuitState::Open, true) => Change::Count(circuit.failures),
    }
}

fn open_for(openings: i64) -> TimeDelta {
    let doubled = u32::try_from(openings).unwrap_or_default().min(10);
    (FIRST * 2_i32.pow(doubled)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    const NEW: Circuit = Circuit {
        state: CircuitState::Closed,
        failures: 0,
        openings: 0,
        until: None,
    };

    #[test]
    fn five_failures_in_a_row_open_it() {
        let mut circuit = NEW;
        for failures in 1..5 {
            assert_eq!(learn(circuit, true, at(0)), Change::Count(failures));
            circuit.failures = failures;
        }
        assert_eq!(learn(circuit, true, at(0)), Change::Trip(at(1)));
        assert_eq!(
            learn(circuit, false, at(0)),
            Change::Count(0),
            "one that works is a new start"
        );
    }

    #[test]
    fn each_time_it_stays_open_twice_as_long_up_to_an_hour() {
        let open: Vec<i64> = (0..9).map(|openings| open_for(openings).num_minutes()).collect();
        assert_eq!(open, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn one_probe_decides() {
        let open = Circuit {
            state: CircuitState::Open,
            openings: 3,
            until: Some(at(10)),
            ..NEW
        };
        assert_eq!(admit(open, at(9)), Admission::Wait(at(10)));
        assert_eq!(admit(open, at(10)), Admission::Probe);
        let probing = Circuit {
            state: CircuitState::Probing,
            until: Some(probe_until(at(10))),
            ..open
        };
        assert_eq!(
            admit(probing, at(11)),
            Admission::Wait(at(15)),
            "the others wait for the probe"
        );
        assert_eq!(admit(probing, at(15)), Admission::Probe, "it died");
        assert_eq!(learn(probing, true, at(11)), Change::Trip(at(19)));
        assert_eq!(learn(probing, false, at(11)), Change::Close);
        assert_eq!(
            learn(open, false, at(11)),
            Change::Close,
            "one that was under way says that it works"
        );
        assert_eq!(admit(NEW, at(0)), Admission::Go);
    }
}
