//! Who was slow the last time: such a call begins where slow calls are, and takes no time from the quick ones.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::lock;

/// Installations that are remembered. Beyond that all are forgotten: what that costs is a few milliseconds of the quick lane each.
const MOST: usize = 4_096;

/// An organization and one of its installations.
pub(super) type Place = (String, String);

/// Installations whose last call left the quick lane.
#[derive(Clone, Default)]
pub(super) struct Habits(Arc<Mutex<HashSet<Place>>>);

impl Habits {
    pub fn is_slow(&self, place: &Place) -> bool {
        lock(&self.0).contains(place)
    }

    pub fn note(&self, place: Place, is_slow: bool) {
        let mut slow = lock(&self.0);
        if !is_slow {
            slow.remove(&place);
            return;
        }
        if slow.len() >= MOST {
            slow.clear();
        }
        slow.insert(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(organization: &str, installation: &str) -> Place {
        (organization.to_owned(), installation.to_owned())
    }

    #[test]
    fn who_was_slow_is_slow_until_a_call_was_quick() {
        let habits = Habits::default();
        let (one, other) = (place("a", "1"), place("b", "1"));
        assert!(!habits.is_slow(&one));
        habits.note(one.clone(), true);
        assert!(habits.is_slow(&one));
        assert!(!habits.is_slow(&other), "another organization's is another");
        habits.note(one.clone(), false);
        assert!(!habits.is_slow(&one));
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let habits = Habits::default();
        for number in 0..10 * MOST {
            habits.note(place("a", &number.to_string()), true);
        }
        assert!(lock(&habits.0).len() <= MOST);
    }
}
