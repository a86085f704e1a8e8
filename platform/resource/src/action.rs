//! Named changes of state.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{Field, Record};

/// Everything a decision may depend on.
pub struct Given<'a> {
    /// The row as it is stored.
    pub record: &'a Record,
    /// The action's checked inputs.
    pub input: &'a Record,
    /// The time of the request.
    pub now: DateTime<Utc>,
    /// The day of the request in the organization's time zone.
    pub today: NaiveDate,
    /// Who asks.
    pub actor_id: Uuid,
}

/// The fields to change, or the code of the refusal.
pub type Decision = Result<Map<String, Json>, &'static str>;

/// A named change of state with a pure decision.
#[derive(Clone, Copy)]
pub struct Action {
    /// snake_case verb: URL segment, permission suffix, locale key.
    pub name: &'static str,
    /// What the caller gives.
    pub inputs: &'static [Field],
    /// Decides from the row and the inputs.
    pub decide: fn(&Given<'_>) -> Decision,
    /// The states in which it can succeed, for the console: field and values.
    pub when: Option<(&'static str, &'static [&'static str])>,
    /// Whether the console asks again before it acts.
    pub danger: bool,
}

/// A named change of state.
pub const fn action(name: &'static str, inputs: &'static [Field], decide: fn(&Given<'_>) -> Decision) -> Action {
    Action {
        name,
        inputs,
        decide,
        when: None,
        danger: false,
    }
}

impl Action {
    /// The states in which it can succeed.
    pub const fn when(mut self, field: &'static str, values: &'static [&'static str]) -> Self {
        self.when = Some((field, values));
        self
    }

    /// The console asks again before it acts.
    pub const fn danger(mut self) -> Self {
        self.danger = true;
        self
    }
}
