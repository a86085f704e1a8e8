//! What the tests of rules and actions share.

use chrono::{DateTime, NaiveDate};
use platform_resource::{Action, Check, Decision, Given, Record};
use serde_json::Value as Json;
use uuid::Uuid;

pub(crate) fn record(json: &Json) -> Record {
    Record(json.as_object().cloned().expect("an object"))
}

/// What an action adds to its move for a row and inputs, at the beginning of 1970, for the nil actor.
pub(crate) fn decide(actions: &[Action], name: &str, row: &Json, input: &Json) -> Decision {
    let action = actions.iter().find(|action| action.name == name).expect("declared");
    (action.decide)(&Given {
        record: &record(row),
        input: &record(input),
        now: DateTime::UNIX_EPOCH,
        today: NaiveDate::default(),
        actor_id: Uuid::nil(),
    })
}

/// Each row and the rules that it breaks, as `field code`; nothing when it is good.
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
