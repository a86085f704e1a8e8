//! Named changes of state.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{Field, Kind, Record, Value};

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

/// Where an action leads from a state, by word; `None` where it is not possible. A closure over [`moved`] with an exhaustive
/// match.
pub type Moves = fn(state: &str) -> Option<&'static str>;

/// The refusal of an action in a state that does not allow it. Its sentence names the action and the state.
pub const NOT_IN_STATE: &str = "not_in_state";

/// A named change of state with a pure decision.
#[derive(Clone, Copy)]
pub struct Action {
    /// snake_case verb: URL segment, permission suffix, locale key.
    pub name: &'static str,
    /// What the caller gives.
    pub inputs: &'static [Field],
    /// Decides from the row and the inputs.
    pub decide: fn(&Given<'_>) -> Decision,
    /// The states in which it can succeed, for the console: field and values. Transitions know it themselves.
    pub when: Option<(&'static str, &'static [&'static str])>,
    /// The field of the state, and where the action leads from each state.
    pub moves: Option<(&'static str, Moves)>,
    /// Fields that get the time of the action: instants now, days today.
    pub stamps: &'static [&'static str],
    /// The field that gets who acted.
    pub signs: Option<&'static str>,
    /// Whether the console asks again before it acts.
    pub danger: bool,
    /// Whether it belongs to the clock or to code: nobody can call it, and no permission for it exists.
    pub internal: bool,
}

/// A named change with a decision of its own.
pub const fn action(name: &'static str, inputs: &'static [Field], decide: fn(&Given<'_>) -> Decision) -> Action {
    Action {
        name,
        inputs,
        decide,
        when: None,
        moves: None,
        stamps: &[],
        signs: None,
        danger: false,
        internal: false,
    }
}

/// A named change of the state in `field`. Inputs that are called as fields of the resource are stored there.
pub const fn transition(name: &'static str, field: &'static str, inputs: &'static [Field], moves: Moves) -> Action {
    let mut action = action(name, inputs, nothing_more);
    action.moves = Some((field, moves));
    action
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where decisions that can refuse stand"
)]
fn nothing_more(_: &Given<'_>) -> Decision {
    Ok(Map::new())
}

/// A transition over a typed state: the words of an enum, and a match that misses none of them.
pub fn moved<S>(state: &str, next: impl FnOnce(S) -> Option<S>) -> Option<&'static str>
where
    S: FromStr + Into<&'static str>,
{
    next(state.parse().ok()?).map(Into::into)
}

impl Action {
    /// The states in which it can succeed.
    pub const fn when(mut self, field: &'static str, values: &'static [&'static str]) -> Self {
        self.when = Some((field, values));
        self
    }

    /// What a transition changes besides the state, or why it is refused although the state allows it.
    pub const fn decide(mut self, decide: fn(&Given<'_>) -> Decision) -> Self {
        self.decide = decide;
        self
    }

    /// Fields that get the time of the action.
    pub const fn stamps(mut self, fields: &'static [&'static str]) -> Self {
        self.stamps = fields;
        self
    }

    /// The field that gets who acted.
    pub const fn signs(mut self, field: &'static str) -> Self {
        self.signs = Some(field);
        self
    }

    /// The console asks again before it acts.
    pub const fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// Only the clock and effects take it.
    pub const fn internal(mut self) -> Self {
        self.internal = true;
        self
    }

    /// What the action changes in a row of these fields, or the code of the refusal.
    pub fn outcome(&self, fields: &[Field], given: &Given<'_>) -> Decision {
        let mut change = Map::new();
        if let Some((field, moves)) = self.moves {
            let to = given.record.text(field).and_then(moves).ok_or(NOT_IN_STATE)?;
            change.insert(field.to_owned(), to.into());
            let known = |name: &str| fields.iter().find(|field| field.name == name);
            let inputs = self.inputs.iter().filter(|input| known(input.name).is_some());
            for input in inputs.filter(|input| given.input.has(input.name)) {
                change.insert(input.name.to_owned(), given.input.get(input.name).clone());
            }
            for name in self.stamps {
                let at = match known(name).map(|field| field.kind) {
                    Some(Kind::Date) => Value::Date(given.today).to_json(Kind::Date),
                    _ => Value::Instant(given.now).to_json(Kind::Instant),
                };
                change.insert((*name).to_owned(), at);
            }
            // What the clock does, nobody signs.
            if let Some(name) = self.signs.filter(|_| !given.actor_id.is_nil()) {
                change.insert(name.to_owned(), given.actor_id.to_string().into());
            }
        }
        change.extend((self.decide)(given)?);
        Ok(change)
    }

    /// The state field and the states in which the action can succeed.
    pub fn offered(&self, fields: &[Field]) -> Option<(&'static str, Vec<&'static str>)> {
        let Some((field, moves)) = self.moves else {
            return self.when.map(|(field, values)| (field, values.to_vec()));
        };
        let kind = fields.iter().find(|declared| declared.name == field)?.kind;
        let Kind::Choice { values } = kind else { return None };
        let from = values.iter().copied().filter(|state| moves(state).is_some());
        Some((field, from.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Resource, text};

    const FIELDS: &[Field] = &[text("name", 10)];
    const ACTIONS: &[Action] = &[
        action("pause", &[], nothing_more),
        action("expire", &[], nothing_more).internal(),
    ];
    static THINGS: Resource = Resource::new("test", "things", FIELDS).actions(ACTIONS);

    #[test]
    fn what_belongs_to_the_clock_has_no_permission() {
        let names: Vec<&str> = THINGS.public_actions().map(|action| action.name).collect();
        assert_eq!(names, ["pause"]);
        let permissions = THINGS.permissions();
        assert!(permissions.contains(&"things.pause".to_owned()), "{permissions:?}");
        assert!(!permissions.contains(&"things.expire".to_owned()), "{permissions:?}");
        // Code still finds it.
        assert!(THINGS.actions.iter().any(|action| action.name == "expire"));
    }
}
