//! Rates, and the arithmetic of them (GCRA): one number for each subject, the time at which it would be even again.

use std::fmt;
use std::str::FromStr;

/// How often something may be done: `burst` times at once, and again after each `every_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    every_us: i64,
    burst: i64,
}

/// The longest time in which a burst may fill up again.
const LONGEST_US: i64 = 86_400_000_000;

/// How a subject stands after a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// How many in a row are allowed.
    pub limit: u64,
    /// How long they take to come back once all are used.
    pub window_s: u64,
    /// How many of them are left.
    pub remaining: u64,
    /// Until all of them are back.
    pub reset_s: u64,
    /// Until the next one is allowed; 0 when it is allowed now.
    pub retry_after_s: u64,
}

impl Rate {
    pub(crate) const SLOWEST: Self = Self {
        every_us: LONGEST_US,
        burst: 1,
    };

    /// `count` in each `window_us`, `burst` of them at once; nothing when that is no rate.
    pub fn new(count: i64, window_us: i64, burst: i64) -> Option<Self> {
        if count < 1 || burst < 1 || window_us < 1 {
            return None;
        }
        let every_us = (window_us / count).max(1);
        let fills_us = every_us.checked_mul(burst)?;
        (fills_us <= LONGEST_US).then_some(Self { every_us, burst })
    }

    /// So many in a minute, all of them at once if need be.
    pub fn per_minute(count: u32) -> Option<Self> {
        Self::new(count.into(), 60_000_000, count.into())
    }

    /// The part of one of so many instances that cannot ask each other.
    pub fn share(self, instances: u32) -> Self {
        let instances = i64::from(instances.max(1));
        let burst = (self.burst / instances).max(1);
        // What a full burst takes stays as it is, so that the time kept for the whole rate goes on to mean the same.
        Self {
            every_us: (self.every_us * self.burst / burst).max(1),
            burst,
        }
    }

    pub(crate) const fn every_us(self) -> i64 {
        self.every_us
    }

    pub(crate) const fn tolerance_us(self) -> i64 {
        self.every_us * self.burst
    }

    /// The even time after one more at `now_us`, or how long that has to wait.
    pub(crate) fn take(self, even_us: i64, now_us: i64) -> Result<i64, i64> {
        let next = even_us.max(now_us) + self.every_us;
        let wait = next - self.tolerance_us() - now_us;
        if wait > 0 { Err(wait) } else { Ok(next) }
    }

    /// What an even time `ahead_us` from now means.
    pub(crate) fn state(self, ahead_us: i64, wait_us: i64) -> State {
        let left = (self.tolerance_us() - ahead_us).max(0) / self.every_us;
        let seconds = |us: i64| us.max(0).unsigned_abs().div_ceil(1_000_000);
        State {
            limit: self.burst.unsigned_abs(),
            window_s: seconds(self.tolerance_us()),
            remaining: if wait_us > 0 { 0 } else { left.unsigned_abs() },
            reset_s: seconds(ahead_us),
            retry_after_s: seconds(wait_us),
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    /// `100/s`, `600/min:1000` (a burst of its own behind the colon).
    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("“{text}” is no rate: give one as 100/s or 600/min:1000");
        let (rate, burst) = match text.split_once(':') {
            Some((rate, burst)) => (rate, Some(burst)),
            None => (text, None),
        };
        let (count, unit) = rate.split_once('/').ok_or_else(refused)?;
        let count: i64 = count.trim().parse().map_err(|_| refused())?;
        let window_us = match unit.trim() {
            "s" => 1_000_000,
            "min" => 60_000_000,
            "h" => 3_600_000_000,
            _ => return Err(refused()),
        };
        let burst = burst.map_or(Ok(count), |burst| burst.trim().parse().map_err(|_| refused()))?;
        Self::new(count, window_us, burst).ok_or_else(refused)
    }
}

/// The rates of an installation; none means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Calls of nobody in particular, or of somebody whose token is refused, from one address.
    pub address: Option<Rate>,
    /// Calls of one person or service account in an organization.
    pub user: Option<Rate>,
    /// Calls of everybody in one organization.
    pub organization: Option<Rate>,
}

impl Default for Rates {
    /// What no person and no page reaches, and a program only by mistake.
    fn default() -> Self {
        Self {
            address: Rate::new(100, 1_000_000, 3000),
            user: Rate::new(500, 1_000_000, 5000),
            organization: Rate::new(2000, 1_000_000, 20_000),
        }
    }
}

impl Rates {
    /// No limits but those of API keys.
    pub const NONE: Self = Self {
        address: None,
        user: None,
        organization: None,
    };
}

impl FromStr for Rates {
    type Err = String;

    /// `user=500/s:5000,organization=off`; what is not named keeps its default, and `off` alone is no limits at all.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "off" {
            return Ok(Self::NONE);
        }
        let mut rates = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, rate) = part
                .split_once('=')
                .ok_or_else(|| format!("“{part}” names no limit: give it as user=500/s:5000"))?;
            let rate = match rate.trim() {
                "off" => None,
                rate => Some(rate.parse()?),
            };
            match name.trim() {
                "address" => rates.address = rate,
                "user" => rates.user = rate,
                "organization" => rates.organization = rate,
                other => {
                    return Err(format!(
                        "there is no limit “{other}”: address, user and organization have one"
                    ));
                }
            }
        }
        Ok(rates)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at once, one more each {} µs", self.burst, self.every_us)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: i64 = 1_000_000;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let rate = Rate::new(10, S, 5).unwrap();
        let (mut even, mut admitted) = (0, 0);
        for tenth in 0..100 {
            for _ in 0..3 {
                if let Ok(next) = rate.take(even, 1000 * S + tenth * S / 10) {
                    even = next;
                    admitted += 1;
                }
            }
        }
        assert_eq!(admitted, 5 + 99);
        assert_eq!(rate.take(even, 1000 * S + 99 * S / 10), Err(S / 10));
    }

    #[test]
    fn rates_are_read_as_they_are_written() {
        assert_eq!("100/s".parse(), Ok(Rate::new(100, S, 100).unwrap()));
        assert_eq!("600/min:1000".parse(), Ok(Rate::new(600, 60 * S, 1000).unwrap()));
        for bad in ["", "100", "x/s", "100/day", "0/s", "1/s:0", "-1/s", "1/h:100"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
        assert_eq!("off".parse(), Ok(Rates::NONE));
        assert_eq!("".parse(), Ok(Rates::default()));
        let rates: Rates = "user=1/s, organization=off".parse().unwrap();
        assert_eq!((rates.user, rates.organization), (Rate::new(1, S, 1), None));
        assert_eq!(rates.address, Rates::default().address);
        assert!("nobody=1/s".parse::<Rates>().is_err() && "user".parse::<Rates>().is_err());
    }

    proptest! {
        /// Never more than a burst and what the time since allows, whatever the pattern of calls.
        #[test]
        fn never_admits_more_than_the_rate(count in 1..500_i64, burst in 1..500_i64, gaps in prop::collection::vec(0..200_000_i64, 1..400)) {
            let rate = Rate::new(count, S, burst).unwrap();
            let (mut even, mut now, mut admitted) = (0, 10 * S, 0_i64);
            for gap in gaps {
                now += gap;
                if let Ok(next) = rate.take(even, now) {
                    prop_assert!(next > even);
                    even = next;
                    admitted += 1;
                }
                prop_assert!(admitted <= burst + (now - 10 * S) / rate.every_us());
            }
        }

        /// The parts of all instances together are no more than the whole, but for one call each.
        #[test]
        fn shares_add_up(count in 1..10_000_i64, burst in 1..10_000_i64, instances in 1..20_u32) {
            let Some(rate) = Rate::new(count, S, burst) else { return Ok(()) };
            let part = rate.share(instances);
            let all = i64::from(instances);
            prop_assert!(part.burst * all <= rate.burst.max(all));
            if burst >= all {
                prop_assert!(part.every_us * part.burst <= rate.every_us * rate.burst);
                prop_assert!(part.every_us >= rate.every_us * all - all);
            }
        }
    }
}
