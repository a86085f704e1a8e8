//! What the tests of rules and actions share.

use chrono::{DateTime, NaiveDate};
use platform_resource::{Action, Check, Decision, Field, Given, Record};
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub(crate) fn record(json: &Json) -> Record {
    Record(json.as_object().cloned().expect("an object"))
}

/// What an action decides for a row and inputs, at the beginning of 1970.
pub(crate) fn decide(actions: &[Action], fields: &[Field], name: &str, row: &Json, input: &Json) -> Decision {
    let action = actions.iter().find(|action| action.name == name).expect("declared");
    let given = Given {
        record: &record(row),
        input: &record(input),
        now: DateTime::UNIX_EPOCH,
        today: NaiveDate::default(),
        actor_id: Uuid::nil(),
    };
    action.outcome(fields, &given)
}

/// Each action from each state: the new state, or `!` and the code of the refusal. What is offered is what succeeds.
pub(crate) fn walk(actions: &[Action], field: &'static str, states: &[&str], input: &Json, table: &[(&str, &[&str])]) {
    assert_eq!(table.len(), actions.len(), "every action is in the table");
    for (name, expected) in table {
        assert_eq!(expected.len(), states.len(), "{name} is tried in every state");
        let when = actions
            .iter()
            .find(|action| action.name == *name)
            .and_then(|action| action.when);
        let offered = when.expect("the states are declared").1;
        for (state, expected) in states.iter().zip(*expected) {
            let got = match decide(actions, &[], name, &json!({field: state}), input) {
                Ok(change) => change[field].as_str().expect("text").to_owned(),
                Err(code) => format!("!{code}"),
            };
            assert_eq!(got, *expected, "{name} while {state}");
            assert_eq!(offered.contains(state), !got.starts_with('!'), "{name} while {state}");
        }
    }
}

/// Each row and the one rule that it breaks, as `field code`; nothing when it is good.
pub(crate) fn breaks(check: Check, before: Option<&Json>, table: &[(Json, &str)]) {
    let before = before.map(record);
    for (row, expected) in table {
        let found = check(before.as_ref(), &record(row));
        let found: Vec<_> = found
            .iter()
            .map(|violation| format!("{} {}", violation.field, violation.code))
            .collect();
        assert_eq!(found.join(", "), *expected, "{row}");
    }
}
