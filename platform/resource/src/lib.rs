//! The vocabulary in which resources are declared: what a field is, which verbs a resource has, what an action decides.
//!
//! A declaration is a `static` made of `const fn` builders. It knows nothing of HTTP or SQL: the engine serves it, the
//! console draws it, the prover compares it with its table.

mod action;
mod field;
mod parse;
mod plate;
mod record;
mod scope;
mod value;

pub use action::{Action, Decision, Given, Moves, NOT_IN_STATE, action, moved, transition};
pub use field::{
    Beginning, Field, Kind, Numbering, boolean, choice, date, decimal, email, file, iban, instant, integer, json,
    long_text, member, money, national_id, number, phone, plate, reference, text, time,
};
pub use parse::{Refusal, ascii_digits};
pub use plate::{normalize_plate, plate_in_arabic};
pub use record::{Record, Violation};
pub use scope::Scope;
pub use value::Value;

/// What can be done with a resource besides its actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// One row by id, pages of rows, options for pickers and the history of a row.
    Read,
    /// New rows, one at a time or in bulk.
    Create,
    /// Changes of fields that are not read-only.
    Update,
    /// Soft deletion, refused while other live rows point at the row.
    Delete,
    /// Files of rows, with a dry run.
    Import,
    /// CSV and XLSX of what a list shows.
    Export,
}

impl Verb {
    /// Every verb, in the order in which permissions are listed.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::Import,
        Self::Export,
    ];

    /// The verb's part of a permission name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Import => "import",
            Self::Export => "export",
        }
    }
}

/// A rule over one row: what was stored before (none on creation) and what would be stored.
pub type Check = fn(before: Option<&Record>, after: &Record) -> Vec<Violation>;

/// One declared resource: a table, its routes, its permissions and its screens.
pub struct Resource {
    /// Module, also the database schema and the URL's first segment.
    pub module: &'static str,
    /// Plural snake_case name: table, URL segment, permission prefix, locale key.
    pub name: &'static str,
    /// Columns besides the ones every resource has (`id`, `version`, `created_at`, `updated_at`).
    pub fields: &'static [Field],
    /// The first of these fields that has a value names a row to people.
    pub title: &'static [&'static str],
    /// Rules over the whole row.
    pub check: Option<Check>,
    /// Named changes of state, those of the clock and of code among them.
    pub actions: &'static [Action],
    /// Verbs that make no sense for it.
    pub without: &'static [Verb],
    /// Default order of lists, as in `?sort=`.
    pub sort: &'static str,
    /// The field that says whose a row is: a member, or a row that belongs to somebody in turn. Without one, permissions are
    /// good for every row or none.
    pub owner: Option<&'static str>,
    /// The member who leads the owner, where the resource is the one of people.
    pub leader: Option<&'static str>,
}

impl Resource {
    /// A resource with every verb, titled by its first field, newest first.
    pub const fn new(module: &'static str, name: &'static str, fields: &'static [Field]) -> Self {
        Self {
            module,
            name,
            fields,
            title: &[],
            check: None,
            actions: &[],
            without: &[],
            sort: "-id",
            owner: None,
            leader: None,
        }
    }

    /// Fields that name a row to people, the first with a value wins.
    pub const fn title(mut self, fields: &'static [&'static str]) -> Self {
        self.title = fields;
        self
    }

    /// Adds the row's rules.
    pub const fn check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// Adds named changes of state.
    pub const fn actions(mut self, actions: &'static [Action]) -> Self {
        self.actions = actions;
        self
    }

    /// Says whose a row is, so that roles can be given own rows, or those of a team, instead of all.
    pub const fn owned_by(mut self, field: &'static str) -> Self {
        self.owner = Some(field);
        self
    }

    /// Says who leads the owner of a row: the team that roles can be given is made of these.
    pub const fn led_by(mut self, field: &'static str) -> Self {
        self.leader = Some(field);
        self
    }

    /// Takes verbs away.
    pub const fn without(mut self, verbs: &'static [Verb]) -> Self {
        self.without = verbs;
        self
    }

    /// Default order of lists.
    pub const fn sort(mut self, sort: &'static str) -> Self {
        self.sort = sort;
        self
    }

    /// `fleet.vehicles`: the table's name and what references name.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.module, self.name)
    }

    /// Where the resource is served.
    pub fn path(&self) -> String {
        format!("/api/v1/{}/{}", self.module, self.name)
    }

    /// Whether the resource has the verb.
    pub fn has(&self, verb: Verb) -> bool {
        !self.without.contains(&verb)
    }

    /// `vehicles.update`.
    pub fn permission(&self, verb: Verb) -> String {
        format!("{}.{}", self.name, verb.name())
    }

    /// Named changes of state that people take.
    pub fn public_actions(&self) -> impl Iterator<Item = &'static Action> {
        self.actions.iter().filter(|action| !action.internal)
    }

    /// A declared field by name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Fields that name a row: the declared title, or the first field.
    pub fn title_fields(&self) -> &'static [&'static str] {
        const NONE: &[&str] = &[];
        match (self.title, self.fields) {
            ([], [first, ..]) => std::slice::from_ref(&first.name),
            ([], []) => NONE,
            (title, _) => title,
        }
    }

    /// Every permission that exists because of this resource.
    pub fn permissions(&self) -> Vec<String> {
        let verbs = Verb::ALL
            .into_iter()
            .filter(|verb| self.has(*verb))
            .map(|verb| self.permission(verb));
        let actions = self
            .public_actions()
            .map(|action| format!("{}.{}", self.name, action.name));
        let mut names: Vec<String> = verbs.chain(actions).collect();
        for permission in self.fields.iter().filter_map(|field| field.permission) {
            let name = format!("{}.{permission}", self.name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
