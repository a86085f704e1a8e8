//! How many rows of a resource a permission reaches.

/// The rows that a permission is good for, from the fewest to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Rows that belong to the person.
    Own,
    /// These, and the rows of the people whom the person leads.
    Team,
    /// Every row of the organization.
    All,
}

impl Scope {
    /// Every scope, the widest first.
    pub const ALL: [Self; 3] = [Self::All, Self::Team, Self::Own];

    /// The word that is stored and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        }
    }

    /// The scope of a word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}
