//! What somebody may do: one byte for each permission that exists.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use platform_resource::Scope;

/// Every permission of a build, and where it stands in a snapshot.
#[derive(Debug, Default)]
pub struct Places {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Places {
    /// Places for these names.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let names: Vec<String> = names.into_iter().collect();
        let places = names.iter().cloned().enumerate().map(|(place, name)| (name, place));
        let places = places.collect();
        Self { names, places }
    }

    /// Whether the permission exists.
    pub fn has(&self, permission: &str) -> bool {
        self.places.contains_key(permission)
    }
}

/// A snapshot of what somebody may do, and for which rows. Copies share their content.
#[derive(Clone, Debug)]
pub struct Permissions {
    places: Arc<Places>,
    scopes: Arc<[Option<Scope>]>,
}

impl Permissions {
    /// What is held; of two scopes the wider one counts. Names that do not exist are passed over.
    pub fn new<N: AsRef<str>>(places: &Arc<Places>, held: impl IntoIterator<Item = (N, Scope)>) -> Self {
        let mut scopes = vec![None; places.names.len()];
        for (name, scope) in held {
            if let Some(place) = places.places.get(name.as_ref()) {
                scopes[*place] = scopes[*place].max(Some(scope));
            }
        }
        Self {
            places: places.clone(),
            scopes: scopes.into(),
        }
    }

    /// The rows that a permission is held for; nothing when it is not held.
    pub fn scope(&self, permission: &str) -> Option<Scope> {
        self.scopes[*self.places.places.get(permission)?]
    }

    /// Whether a permission is held for every row.
    pub fn contains(&self, permission: &str) -> bool {
        self.scope(permission) == Some(Scope::All)
    }

    /// What is held, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Scope)> {
        let names = self.places.names.iter().zip(self.scopes.iter());
        names.filter_map(|(name, scope)| Some((name.as_str(), (*scope)?)))
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.scopes.iter().all(Option::is_none)
    }

    /// Whether everything that the other holds is held here, for as many rows.
    pub fn covers(&self, other: &Self) -> bool {
        other.iter().all(|(name, scope)| self.scope(name) >= Some(scope))
    }

    /// The part of it that a rule leaves.
    #[must_use]
    pub fn filtered(&self, stays: impl Fn(&str) -> bool) -> Self {
        let held = self.iter().filter(|(name, _)| stays(name));
        Self::new(&self.places, held)
    }

    /// What both hold, for the rows of the narrower.
    #[must_use]
    pub fn narrowed(&self, by: &Self) -> Self {
        let both = |(name, scope): (_, Scope)| Some((name, scope.min(by.scope(name)?)));
        Self::new(&self.places, self.iter().filter_map(both))
    }

    /// The names of what is held for at least some rows.
    pub fn names(&self) -> BTreeSet<String> {
        self.iter().map(|(name, _)| name.to_owned()).collect()
    }
}

impl PartialEq for Permissions {
    fn eq(&self, other: &Self) -> bool {
        self.covers(other) && other.covers(self)
    }
}

/// Everything that is named, for every row.
impl FromIterator<String> for Permissions {
    fn from_iter<T: IntoIterator<Item = String>>(names: T) -> Self {
        let places = Places::new(names.into_iter().collect::<BTreeSet<_>>());
        let scopes = vec![Some(Scope::All); places.names.len()].into();
        let places = Arc::new(places);
        Self { places, scopes }
    }
}

impl<const COUNT: usize> From<[String; COUNT]> for Permissions {
    fn from(names: [String; COUNT]) -> Self {
        names.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Arc<Places> {
        Arc::new(Places::new(["a.read", "a.update", "b.read"].map(ToOwned::to_owned)))
    }

    #[test]
    fn the_wider_of_two_scopes_counts_and_unknown_names_nothing() {
        let held = [("a.read", Scope::Team), ("a.read", Scope::Own), ("c.read", Scope::All)];
        let permissions = Permissions::new(&places(), held);
        assert_eq!(permissions.scope("a.read"), Some(Scope::Team));
        assert!(!permissions.contains("a.read") && !permissions.contains("c.read"));
        assert_eq!(permissions.iter().collect::<Vec<_>>(), [("a.read", Scope::Team)]);
    }

    #[test]
    fn covering_compares_names_and_scopes() {
        let of = |held: &[(&str, Scope)]| Permissions::new(&places(), held.iter().copied());
        let (all, team) = (of(&[("a.read", Scope::All)]), of(&[("a.read", Scope::Team)]));
        let other = of(&[("b.read", Scope::Own)]);
        assert!(all.covers(&team) && !team.covers(&all) && !all.covers(&other));
        assert!(of(&[]).is_empty() && all.covers(&of(&[])) && all != team);
        assert_eq!(all.filtered(|name| name == "b.read"), of(&[]));
    }
}
