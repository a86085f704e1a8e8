//! What the tests of rules and actions share.

use chrono::{DateTime, NaiveDate};
use platform_resource::{Action, Check, Decision, Given, Record};
use serde_json::Value as Json;
use uuid::Uuid;

/// The member who acts.
pub(crate) const ACTOR: Uuid = Uuid::from_u128(1);

pub(crate) fn record(json: &Json) -> Record {
    Record(json.as_object().cloned().expect("an object"))
}

/// What an action decides for a row and inputs, at noon of the first day of 1970. All fields of a row are taken as
/// known.
pub(crate) fn decide(actions: &[Action], name: &str, row: &Json, input: &Json) -> Decision {
    let action = actions.iter().find(|action| action.name == name).expect("declared");
    let given = Given {
        record: &record(row),
        input: &record(input),
        now: DateTime::from_timestamp(43_200, 0).expect("a time"),
        today: NaiveDate::default(),
        actor_id: ACTOR,
    };
    let unsigned = Action {
        stamps: &[],
        signs: None,
        ..*action
    };
    unsigned.outcome(action.inputs, &given)
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
