//! Steps of a workflow: what they are, and how far a workflow gets by itself. Nothing here knows of time or tables.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::conditions::{self, Condition, Logic, number};

/// What a step is for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Approval,
    Review,
    Action,
    Notification,
    Condition,
}

impl Kind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Review => "review",
            Self::Action => "action",
            Self::Notification => "notification",
            Self::Condition => "condition",
        }
    }
}

/// How a field changes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Set,
    Increment,
    Decrement,
    Append,
}

/// What a step does.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Action {
    /// Waits for a person.
    #[default]
    Manual,
    /// Is done as soon as it is reached.
    AutoComplete,
    /// Sets a field of the data.
    SetField { field: String, value: Json },
    /// Changes a field of the data.
    UpdateField {
        field: String,
        operation: Change,
        value: Json,
    },
    /// Waits for another system.
    Custom {
        #[serde(default)]
        name: Option<String>,
    },
}

/// One step.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) assigned_to: Option<Uuid>,
    #[serde(default)]
    pub(crate) assigned_role: Option<String>,
    #[serde(default)]
    pub(crate) approval_chain_id: Option<Uuid>,
    #[serde(default)]
    pub(crate) requires_approval: bool,
    #[serde(default)]
    pub(crate) sla_hours: Option<u32>,
    #[serde(default)]
    conditions: Json,
    #[serde(default)]
    action: Action,
}

/// The longest list of steps.
const MOST: usize = 100;

/// Ten years.
const MOST_HOURS: u32 = 87_600;

/// Steps as they were written, or the code of what is wrong with them.
pub(crate) fn parse(json: &Json) -> Result<Vec<Step>, &'static str> {
    let steps: Vec<Step> = Vec::deserialize(json).map_err(|_| "bad_steps")?;
    let is_line = |text: &str, max: usize| {
        !text.trim().is_empty() && text.chars().count() <= max && !text.contains(char::is_control)
    };
    let is_good = |step: &Step| {
        is_line(&step.name, 200)
            && step.assigned_role.as_deref().is_none_or(|role| is_line(role, 63))
            && step.sla_hours.is_none_or(|hours| hours <= MOST_HOURS)
    };
    if steps.len() > MOST || !steps.iter().all(is_good) {
        return Err("bad_steps");
    }
    for step in &steps {
        conditions::parse(&step.conditions)?;
    }
    Ok(steps)
}

impl Step {
    /// Whether it waits for approvals.
    pub(crate) fn is_approval(&self) -> bool {
        self.kind == Kind::Approval || self.requires_approval
    }

    fn applies(&self, data: &Json) -> bool {
        let conditions: Vec<Condition> = conditions::parse(&self.conditions).unwrap_or_default();
        conditions::hold(&conditions, Logic::All, data)
    }

    /// The data after the step, when it needs nobody.
    fn run(&self, data: &Json) -> Option<Json> {
        if self.is_approval() {
            return None;
        }
        match (&self.action, self.kind) {
            (Action::SetField { field, value }, _) => Some(changed(data, field, Change::Set, value)),
            (
                Action::UpdateField {
                    field,
                    operation,
                    value,
                },
                _,
            ) => Some(changed(data, field, *operation, value)),
            (Action::AutoComplete, _) | (Action::Manual, Kind::Notification | Kind::Condition) => Some(data.clone()),
            (Action::Manual | Action::Custom { .. }, _) => None,
        }
    }
}

/// Data with one field changed. What is not a number counts as zero, what is not a list as a list of one.
fn changed(data: &Json, field: &str, operation: Change, value: &Json) -> Json {
    let mut data = if data.is_object() { data.clone() } else { json!({}) };
    let found = data[field].clone();
    let amount = |json: &Json| number(json).unwrap_or_default();
    data[field] = match operation {
        Change::Set => value.clone(),
        Change::Increment => plain(amount(&found).saturating_add(amount(value))),
        Change::Decrement => plain(amount(&found).saturating_sub(amount(value))),
        Change::Append => {
            let mut list = match found {
                Json::Null => Vec::new(),
                Json::Array(list) => list,
                one => vec![one],
            };
            list.push(value.clone());
            list.into()
        }
    };
    data
}

/// Whole numbers as numbers; others as text, which loses nothing.
fn plain(amount: Decimal) -> Json {
    let amount = amount.normalize();
    i64::try_from(amount)
        .ok()
        .filter(|whole| Decimal::from(*whole) == amount)
        .map_or_else(|| amount.to_string().into(), Into::into)
}

/// What became of a step that nobody was needed for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Passed {
    pub(crate) index: usize,
    /// Its conditions did not hold.
    pub(crate) is_skipped: bool,
    pub(crate) before: Json,
    pub(crate) after: Json,
}

/// Where a workflow stands then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// A person or another system has to do the step.
    Waits(usize),
    /// The step needs approvals.
    NeedsApproval(usize),
    /// Every step is behind.
    Finished,
}

/// How far a workflow gets by itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(crate) passed: Vec<Passed>,
    pub(crate) data: Json,
    pub(crate) stand: Stand,
}

/// Goes on from a step: skips what does not apply, does what needs nobody, stops at the first that does.
pub(crate) fn advance(steps: &[Step], from: usize, data: &Json) -> Progress {
    let mut data = if data.is_object() {
        data.clone()
    } else {
        Json::Object(Map::new())
    };
    let mut passed = Vec::new();
    for (index, step) in steps.iter().enumerate().skip(from) {
        let is_skipped = !step.applies(&data);
        let after = if is_skipped {
            Some(data.clone())
        } else {
            step.run(&data)
        };
        let Some(after) = after else {
            let stand = if step.is_approval() {
                Stand::NeedsApproval(index)
            } else {
                Stand::Waits(index)
            };
            return Progress { passed, data, stand };
        };
        let before = std::mem::replace(&mut data, after.clone());
        passed.push(Passed {
            index,
            is_skipped,
            before,
            after,
        });
    }
    Progress {
        passed,
        data,
        stand: Stand::Finished,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leave() -> Vec<Step> {
        let steps = json!([
            {"name": "Request", "kind": "action", "action": {"type": "auto_complete"}},
            {"name": "Supervisor approval", "kind": "approval", "assigned_role": "fleet_manager"},
            {"name": "HR approval", "kind": "approval", "assigned_role": "hr_manager",
             "conditions": [{"field": "days", "operator": "greater_than", "value": 5}]},
            {"name": "Notify", "kind": "notification"},
        ]);
        parse(&steps).expect("good steps")
    }

    /// Runs to the end as if every approval were given: the names of the approvals and of what was skipped.
    fn run(steps: &[Step], data: &Json) -> (Vec<String>, Vec<String>) {
        let (mut approvals, mut skipped, mut from, mut data) = (Vec::new(), Vec::new(), 0, data.clone());
        loop {
            let progress = advance(steps, from, &data);
            let missed = progress.passed.iter().filter(|passed| passed.is_skipped);
            skipped.extend(missed.map(|passed| steps[passed.index].name.clone()));
            data = progress.data;
            match progress.stand {
                Stand::NeedsApproval(index) => approvals.push(steps[index].name.clone()),
                Stand::Waits(_) => {}
                Stand::Finished => return (approvals, skipped),
            }
            let (Stand::NeedsApproval(index) | Stand::Waits(index)) = progress.stand else {
                unreachable!()
            };
            from = index + 1;
        }
    }

    #[test]
    fn a_short_leave_needs_one_approval_and_a_long_one_two() {
        assert_eq!(
            run(&leave(), &json!({"days": 3})),
            (vec!["Supervisor approval".to_owned()], vec!["HR approval".to_owned()])
        );
        assert_eq!(
            run(&leave(), &json!({"days": 7})),
            (vec!["Supervisor approval".to_owned(), "HR approval".to_owned()], vec![])
        );
    }

    #[test]
    fn steps_that_need_nobody_are_done_at_once() {
        let steps = parse(&json!([
            {"name": "Mark", "kind": "action", "action": {"type": "set_field", "field": "seen", "value": true}},
            {"name": "Count", "kind": "action",
             "action": {"type": "update_field", "field": "count", "operation": "increment", "value": 2}},
            {"name": "Uncount", "kind": "action",
             "action": {"type": "update_field", "field": "left", "operation": "decrement", "value": "0.5"}},
            {"name": "Note", "kind": "action",
             "action": {"type": "update_field", "field": "notes", "operation": "append", "value": "a"}},
            {"name": "Look", "kind": "review"},
        ]));
        let steps = steps.expect("good steps");
        let progress = advance(&steps, 0, &json!({"count": 1, "left": "2.00"}));
        assert_eq!(
            progress.data,
            json!({"seen": true, "count": 3, "left": "1.5", "notes": ["a"]})
        );
        assert_eq!(progress.stand, Stand::Waits(4));
        assert_eq!(progress.passed.len(), 4);
        assert_eq!(advance(&steps, 5, &progress.data).stand, Stand::Finished);
    }

    #[test]
    fn a_step_looks_at_what_earlier_steps_made() {
        let steps = parse(&json!([
            {"name": "Mark", "kind": "action", "action": {"type": "set_field", "field": "urgent", "value": true}},
            {"name": "Fast", "kind": "review", "conditions": [{"field": "urgent", "operator": "equals",
                "value": true}]},
        ]));
        assert_eq!(
            advance(&steps.expect("good steps"), 0, &Json::Null).stand,
            Stand::Waits(1)
        );
    }

    #[test]
    fn what_is_not_a_step_is_refused() {
        let table = [
            (json!([{"name": " ", "kind": "review"}]), "bad_steps"),
            (json!([{"name": "A"}]), "bad_steps"),
            (
                json!([{"name": "A", "kind": "review", "sla_hours": 4_000_000_000_u32}]),
                "bad_steps",
            ),
            (
                json!([{"name": "A", "kind": "review", "assigned_role": "a\u{0}b"}]),
                "bad_steps",
            ),
            (
                json!([{"name": "A", "kind": "review", "action": {"type": "explode"}}]),
                "bad_steps",
            ),
            (json!([{"name": "A", "kind": "review", "colour": "red"}]), "bad_steps"),
            (
                json!([{"name": "A", "kind": "review", "conditions": [{"field": "a", "operator": "like"}]}]),
                "unknown_operator",
            ),
        ];
        for (given, code) in table {
            assert_eq!(parse(&given), Err(code), "{given}");
        }
    }
}
