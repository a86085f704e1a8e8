//! How often something may be done. Each subject (an address, a person, an organization, a key) has a rate; a call is admitted
//! when all of its subjects have room, and counts for none of them otherwise.
//!
//! In one process the numbers are in its memory. Instances that share a Redis share the numbers, exactly: one script, run in
//! one call, with the time of Redis. When Redis is lost each instance goes on alone with its part of the rate, from where the
//! shared numbers stood, and what guessing could use (sign-in) is closed until Redis is back.

mod local;
mod rate;
#[cfg(feature = "redis")]
mod shared;

use std::net::{IpAddr, Ipv6Addr};

use local::Local;
pub use rate::{Rate, Rates, State};
#[cfg(feature = "redis")]
use shared::Shared;
use uuid::Uuid;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody's address.
    Address,
    /// A person or service account within an organization.
    User,
    /// Everybody of an organization.
    Organization,
    /// An API key.
    Key,
}

impl Kind {
    /// The word in headers and keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::User => "user",
            Self::Organization => "organization",
            Self::Key => "key",
        }
    }
}

/// One who is counted.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    kind: Kind,
    /// Keeps numbers of one organization together; none for addresses.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "names a slot of Redis"))]
    organization_id: Option<Uuid>,
    id: u128,
    rate: Rate,
}

impl Subject {
    /// Fills a place of a list.
    pub const NOBODY: Self = Self {
        kind: Kind::User,
        organization_id: None,
        id: 0,
        rate: Rate::SLOWEST,
    };

    /// An address. Somebody with an IPv6 line has 2^64 addresses to call from: they count as one.
    pub fn address(address: IpAddr, rate: Rate) -> Self {
        let id = match address.to_canonical() {
            IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_bits(),
        };
        Self {
            kind: Kind::Address,
            organization_id: None,
            id,
            rate,
        }
    }

    /// A person or service account of an organization.
    pub fn user(organization_id: Uuid, user_id: Uuid, rate: Rate) -> Self {
        Self {
            kind: Kind::User,
            organization_id: Some(organization_id),
            // The same person in two organizations is two subjects: what one of them does is no business of the other.
            id: user_id.as_u128() ^ organization_id.as_u128().rotate_left(1),
            rate,
        }
    }

    /// An organization.
    pub fn organization(organization_id: Uuid, rate: Rate) -> Self {
        Self {
            kind: Kind::Organization,
            organization_id: Some(organization_id),
            id: organization_id.as_u128(),
            rate,
        }
    }

    /// An API key of an organization.
    pub fn key(organization_id: Uuid, key_id: Uuid, rate: Rate) -> Self {
        Self {
            kind: Kind::Key,
            organization_id: Some(organization_id),
            id: key_id.as_u128(),
            rate,
        }
    }

    const fn name(&self) -> local::Name {
        (self.kind, self.id)
    }
}

/// What may be done when the instances cannot ask each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Its part of the rate: what a session or a key has been proven for.
    Alone,
    /// Nothing: what could be used for guessing.
    Closed,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on; how the narrowest subject stands, if any has a limit.
    Admitted(Option<(Kind, State)>),
    /// This subject has none left.
    Refused(Kind, State),
    /// The instances have lost each other.
    Closed,
}

/// The limits of a process.
pub struct Limits {
    /// The rates of the installation.
    pub rates: Rates,
    local: Local,
    #[cfg(feature = "redis")]
    shared: Option<Shared>,
}

impl Limits {
    /// Of this process alone.
    pub fn new(rates: Rates) -> Self {
        Self {
            rates,
            local: Local::new(),
            #[cfg(feature = "redis")]
            shared: None,
        }
    }

    /// Shared with all instances that name the same Redis. `instance` is this one's name among them. A Redis that does not
    /// answer yet is no failure: it counts as lost until it does.
    #[cfg(feature = "redis")]
    pub async fn shared(rates: Rates, url: &str, instance: Uuid) -> anyhow::Result<Self> {
        Ok(Self {
            shared: Some(Shared::connect(url, instance).await?),
            ..Self::new(rates)
        })
    }

    /// Whether limits hold across instances right now; none when they are not meant to.
    pub fn is_shared(&self) -> Option<bool> {
        #[cfg(feature = "redis")]
        return self.shared.as_ref().map(Shared::is_alive);
        #[cfg(not(feature = "redis"))]
        None
    }

    /// Counts a call for all of its subjects, or for none. `now_us` is the time of the call since any fixed moment.
    pub async fn check(&self, subjects: &[Subject], now_us: i64, without: Without) -> Verdict {
        #[cfg(feature = "redis")]
        if let Some(shared) = &self.shared {
            if shared.is_alive()
                && let Some(answer) = shared.take(subjects).await
            {
                for (subject, ahead_us) in subjects.iter().zip(&answer.ahead_us) {
                    self.local.set(subject.name(), now_us + ahead_us, now_us);
                }
                return verdict(subjects, &answer.ahead_us, answer.refused);
            }
            if without == Without::Closed {
                return Verdict::Closed;
            }
            return self.alone(subjects, now_us, shared.instances());
        }
        let _ = without;
        std::future::ready(self.alone(subjects, now_us, 1)).await
    }

    fn alone(&self, subjects: &[Subject], now_us: i64, instances: u32) -> Verdict {
        let part = |subject: &Subject| {
            if instances > 1 {
                subject.rate.share(instances)
            } else {
                subject.rate
            }
        };
        let mut narrowest: Option<(Kind, State)> = None;
        for (index, subject) in subjects.iter().enumerate() {
            let rate = part(subject);
            match self.local.take(subject.name(), rate, now_us) {
                Ok(ahead) => narrow(&mut narrowest, subject.kind, rate.state(ahead, 0)),
                Err((ahead, wait)) => {
                    for admitted in &subjects[..index] {
                        self.local.give_back(admitted.name(), part(admitted));
                    }
                    return Verdict::Refused(subject.kind, rate.state(ahead, wait));
                }
            }
        }
        Verdict::Admitted(narrowest)
    }
}

fn narrow(narrowest: &mut Option<(Kind, State)>, kind: Kind, state: State) {
    if narrowest.is_none_or(|(_, other)| state.remaining < other.remaining) {
        *narrowest = Some((kind, state));
    }
}

/// What an answer of Redis means.
#[cfg(feature = "redis")]
fn verdict(subjects: &[Subject], ahead_us: &[i64], refused: Option<(usize, i64)>) -> Verdict {
    if let Some((index, wait_us)) = refused
        && let (Some(subject), Some(ahead)) = (subjects.get(index), ahead_us.get(index))
    {
        return Verdict::Refused(subject.kind, subject.rate.state(*ahead, wait_us));
    }
    let mut narrowest = None;
    for (subject, ahead) in subjects.iter().zip(ahead_us) {
        narrow(&mut narrowest, subject.kind, subject.rate.state(*ahead, 0));
    }
    Verdict::Admitted(narrowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[tokio::test]
    async fn a_refused_call_counts_for_nobody() {
        let limits = Limits::new(Rates::NONE);
        let (wide, narrow) = (Rate::new(1, S, 10).unwrap(), Rate::new(1, S, 2).unwrap());
        let call = [Subject::organization(id(1), wide), Subject::user(id(1), id(2), narrow)];
        let ask = async |subjects: &[Subject]| limits.check(subjects, 100 * S, Without::Alone).await;
        for left in [1, 0] {
            let Verdict::Admitted(Some((Kind::User, state))) = ask(&call).await else {
                panic!("refused");
            };
            assert_eq!((state.remaining, state.limit), (left, 2));
        }
        for _ in 0..50 {
            let Verdict::Refused(Kind::User, state) = ask(&call).await else {
                panic!("admitted");
            };
            assert_eq!((state.remaining, state.retry_after_s), (0, 1));
        }
        // Eight of the organization's ten are still there for others.
        let colleague = [Subject::organization(id(1), wide)];
        for _ in 0..8 {
            assert!(matches!(ask(&colleague).await, Verdict::Admitted(_)));
        }
        assert!(matches!(ask(&colleague).await, Verdict::Refused(Kind::Organization, _)));
        // The same person elsewhere, and another organization, have theirs.
        assert!(matches!(
            ask(&[Subject::user(id(9), id(2), narrow)]).await,
            Verdict::Admitted(_)
        ));
        assert_eq!(ask(&[]).await, Verdict::Admitted(None));
    }

    #[tokio::test]
    async fn an_ipv6_line_is_one_address() {
        let limits = Limits::new(Rates::NONE);
        let rate = Rate::new(1, S, 1).unwrap();
        let ask = async |address: &str| {
            let subject = Subject::address(address.parse().unwrap(), rate);
            matches!(
                limits.check(&[subject], 5 * S, Without::Closed).await,
                Verdict::Admitted(_)
            )
        };
        assert!(ask("2001:db8:1:2::1").await);
        assert!(!ask("2001:db8:1:2:ffff::9").await);
        assert!(ask("2001:db8:1:3::1").await);
        assert!(ask("192.0.2.1").await);
        assert!(!ask("::ffff:192.0.2.1").await);
    }

    /// What a check costs: three subjects of 10,000 organizations, as a request asks.
    #[tokio::test]
    async fn a_check_costs_next_to_nothing() {
        let limits = Limits::new(Rates::default());
        let rate = Rate::new(1000, S, 1000).unwrap();
        let (count, began) = (300_000_u128, std::time::Instant::now());
        for number in 0..count {
            let organization = id(number % 10_000);
            let subjects = [
                Subject::user(organization, id(number % 7), rate),
                Subject::organization(organization, rate),
                Subject::key(organization, id(number % 3), rate),
            ];
            let now = i64::try_from(number).unwrap();
            assert!(matches!(
                limits.check(&subjects, now * 10_000, Without::Alone).await,
                Verdict::Admitted(_)
            ));
        }
        let each_ns = began.elapsed().as_nanos() / count;
        assert!(each_ns < 20_000, "{each_ns} ns");
    }
}
