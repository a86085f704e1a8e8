//! Who may call now. A few organizations whose guests spin must not keep the others out.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::limits::{CALLS_PER_INSTALLATION, CALLS_PER_ORGANIZATION, MAX_CONCURRENT_CALLS};

/// Places that only an organization without a call in flight may take, and places beyond its second call.
const KEPT_FOR_FIRST: usize = MAX_CONCURRENT_CALLS / 4;
const KEPT_FOR_SECOND: usize = MAX_CONCURRENT_CALLS / 2;

/// The places of the worker's pool.
#[derive(Clone, Default)]
pub(crate) struct Slots(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: usize,
    organizations: HashMap<String, Organization>,
    /// In the order of their coming.
    waiting: VecDeque<Waiting>,
}

/// Calls in flight.
#[derive(Default)]
struct Organization {
    running: usize,
    installations: HashMap<String, usize>,
}

struct Waiting {
    organization: String,
    installation: String,
    go: oneshot::Sender<Permit>,
}

/// A place; given back when it is dropped.
pub(crate) struct Permit {
    slots: Slots,
    organization: String,
    installation: String,
}

impl Slots {
    /// Waits for a place. The longest waiting of those who may go is next.
    pub async fn acquire(&self, organization: &str, installation: &str) -> Permit {
        let receiver = {
            let mut state = self.lock();
            if state.may_go(organization, installation) {
                state.enter(organization, installation);
                return self.permit(organization.to_owned(), installation.to_owned());
            }
            let (go, receiver) = oneshot::channel();
            state.waiting.push_back(Waiting {
                organization: organization.to_owned(),
                installation: installation.to_owned(),
                go,
            });
            receiver
        };
        match receiver.await {
            Ok(permit) => permit,
            // The queue lives as long as the slots, which this future borrows.
            Err(_) => std::future::pending().await,
        }
    }

    fn permit(&self, organization: String, installation: String) -> Permit {
        Permit {
            slots: self.clone(),
            organization,
            installation,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets everybody go who may.
    fn call_next(&self) {
        loop {
            let (next, permit) = {
                let mut state = self.lock();
                // Whoever no longer waits has no turn.
                state.waiting.retain(|waiting| !waiting.go.is_closed());
                let Some(place) = (0..state.waiting.len()).find(|place| {
                    let waiting = &state.waiting[*place];
                    state.may_go(&waiting.organization, &waiting.installation)
                }) else {
                    return;
                };
                let Some(next) = state.waiting.remove(place) else {
                    return;
                };
                state.enter(&next.organization, &next.installation);
                let permit = self.permit(next.organization.clone(), next.installation.clone());
                (next, permit)
            };
            // Who left just now gives the permit back by dropping it, outside the lock.
            drop(next.go.send(permit));
        }
    }
}

impl State {
    fn may_go(&self, organization: &str, installation: &str) -> bool {
        let organization = self.organizations.get(organization);
        let of_organization = organization.map_or(0, |organization| organization.running);
        let of_installation = organization.and_then(|organization| organization.installations.get(installation));
        let kept = match of_organization {
            0 => 0,
            1 => KEPT_FOR_FIRST,
            _ => KEPT_FOR_SECOND,
        };
        MAX_CONCURRENT_CALLS - self.running > kept
            && of_organization < CALLS_PER_ORGANIZATION
            && of_installation.is_none_or(|running| *running < CALLS_PER_INSTALLATION)
    }

    fn enter(&mut self, organization: &str, installation: &str) {
        self.running += 1;
        let organization = self.organizations.entry(organization.to_owned()).or_default();
        organization.running += 1;
        *organization.installations.entry(installation.to_owned()).or_default() += 1;
    }

    fn leave(&mut self, organization: &str, installation: &str) {
        self.running -= 1;
        let Some(entry) = self.organizations.get_mut(organization) else {
            return;
        };
        entry.running -= 1;
        if let Some(running) = entry.installations.get_mut(installation) {
            *running -= 1;
            if *running == 0 {
                entry.installations.remove(installation);
            }
        }
        if entry.running == 0 {
            self.organizations.remove(organization);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.slots.lock().leave(&self.organization, &self.installation);
        self.slots.call_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn take(slots: &Slots, organization: usize, installation: usize) -> Option<Permit> {
        let (organization, installation) = (format!("o{organization}"), format!("i{organization}.{installation}"));
        let acquired = slots.acquire(&organization, &installation);
        tokio::time::timeout(std::time::Duration::from_millis(20), acquired)
            .await
            .ok()
    }

    #[tokio::test]
    async fn one_installation_and_one_organization_have_a_share() {
        let slots = Slots::default();
        let mut held = Vec::new();
        for installation in 0..10 {
            for _ in 0..3 {
                held.extend(take(&slots, 1, installation).await);
            }
        }
        assert_eq!(held.len(), CALLS_PER_ORGANIZATION);
        let of_first = held.iter().filter(|permit| permit.installation == "i1.0").count();
        assert_eq!(of_first, CALLS_PER_INSTALLATION);
        drop(held);
        assert_eq!(slots.lock().running, 0);
        assert!(slots.lock().organizations.is_empty());
        assert!(slots.lock().waiting.is_empty());
    }

    #[tokio::test]
    async fn busy_organizations_leave_room_for_one_that_has_nothing_running() {
        let slots = Slots::default();
        let mut held = Vec::new();
        for organization in 0..20 {
            for installation in 0..4 {
                held.extend(take(&slots, organization, installation).await);
            }
        }
        // Those that came first got all four, the next ones two, the last ones one.
        assert_eq!(held.len(), 8 * 4 + 8 * 2 + 4);
        assert!(
            take(&slots, 1_000, 0).await.is_some(),
            "an organization without a call finds a place"
        );
        assert!(take(&slots, 0, 5).await.is_none(), "one with calls waits");
    }

    #[tokio::test]
    async fn who_waits_is_called_in_turn_and_who_left_is_not() {
        let slots = Slots::default();
        let first = take(&slots, 1, 1).await.expect("there is room");
        let second = take(&slots, 1, 1).await.expect("there is room");
        let gone = take(&slots, 1, 1).await;
        assert!(gone.is_none(), "the installation has its two");
        let waiting = {
            let slots = slots.clone();
            tokio::spawn(async move { slots.acquire("o1", "i1.1").await })
        };
        tokio::task::yield_now().await;
        drop(first);
        let third = tokio::time::timeout(std::time::Duration::from_secs(2), waiting).await;
        let third = third.expect("it is called").expect("it does not panic");
        drop((second, third));
        assert_eq!(slots.lock().running, 0);
    }
}
