//! What the tests of rules and actions share.

use platform_resource::{Check, Decision, Given, Record, Resource};
use serde_json::Value as Json;
use uuid::Uuid;

fn record(json: &Json) -> Record {
    Record(json.as_object().cloned().expect("an object"))
}

/// What an action decides for a row and inputs at noon of 2026-06-15 in Riyadh.
pub(crate) fn decide(resource: &Resource, name: &str, row: &Json, input: &Json) -> Decision {
    let action = resource
        .actions
        .iter()
        .find(|action| action.name == name)
        .expect("declared");
    let now: chrono::DateTime<chrono::Utc> = "2026-06-15T09:00:00Z".parse().expect("a time");
    let given = Given {
        record: &record(row),
        input: &record(input),
        now,
        today: now.date_naive(),
        actor_id: Uuid::nil(),
    };
    action.outcome(resource.fields, &given)
}

/// Each row and the rules that it breaks, as `field code`.
pub(crate) fn breaks(check: Check, before: Option<&Json>, table: &[(Json, &str)]) {
    let before = before.map(record);
    for (row, expected) in table {
        let found = check(before.as_ref(), &record(row));
        let found: Vec<_> = found.iter().map(|one| format!("{} {}", one.field, one.code)).collect();
        assert_eq!(found.join(", "), *expected, "{row}");
    }
}
