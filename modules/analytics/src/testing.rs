//! What the tests of rules and actions share.

use chrono::{DateTime, NaiveDate};
use platform_resource::{Action, Check, Decision, Given, Record, Resource};
use serde_json::Value as Json;
use uuid::Uuid;

pub(crate) fn record(json: &Json) -> Record {
    Record(json.as_object().cloned().expect("an object"))
}

/// What an action changes in a row, on the first of June 2026 at nine in Riyadh.
pub(crate) fn outcome(resource: &Resource, name: &str, row: &Json, input: &Json) -> Decision {
    let action: &Action = resource
        .actions
        .iter()
        .find(|action| action.name == name)
        .expect("declared");
    action.outcome(
        resource.fields,
        &Given {
            record: &record(row),
            input: &record(input),
            now: "2026-06-01T06:00:00Z".parse::<DateTime<_>>().expect("good"),
            today: NaiveDate::from_ymd_opt(2026, 6, 1).expect("good"),
            actor_id: Uuid::nil(),
        },
    )
}

/// Each row and the one rule that it breaks, as `field code`; nothing when it is good.
pub(crate) fn breaks(check: Check, table: &[(Json, &str)]) {
    for (row, expected) in table {
        let found = check(None, &record(row));
        let found: Vec<_> = found
            .iter()
            .map(|violation| format!("{} {}", violation.field, violation.code))
            .collect();
        assert_eq!(found.join(", "), *expected, "{row}");
    }
}
