//! The clock of a deadline for one workflow.

use platform_resource::{
    Action, Field, Given, Resource, Verb, boolean, choice, instant, integer, long_text, moved, reference, transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::business::minutes_between;

/// Deadlines of workflows.
pub static WORKFLOW_SLA_INSTANCES: Resource = Resource::new("workflow", "workflow_sla_instances", FIELDS)
    .title(&["status"])
    .actions(ACTIONS)
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Warning,
    Breached,
    Paused,
    Completed,
}

const FIELDS: &[Field] = &[
    reference("workflow_instance_id", "workflow.workflow_instances")
        .required()
        .filter()
        .list(),
    reference("sla_id", "workflow.workflow_slas").required().filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list(),
    instant("started_at").required().list().group("times"),
    instant("response_due_at").group("times"),
    instant("warning_at").list().group("times"),
    instant("resolution_due_at").required().filter().list().group("times"),
    instant("first_response_at").group("times"),
    instant("resolved_at").group("times"),
    instant("breached_at").group("times"),
    instant("paused_at").group("times"),
    integer("paused_minutes", 0, 10_000_000)
        .required()
        .default("0")
        .unit("minutes")
        .group("times"),
    integer("response_time_minutes", 0, 10_000_000)
        .unit("minutes")
        .group("times"),
    integer("resolution_time_minutes", 0, 10_000_000)
        .unit("minutes")
        .group("times"),
    integer("breach_time_minutes", 0, 10_000_000)
        .unit("minutes")
        .group("times"),
    boolean("is_warning_sent")
        .required()
        .default("false")
        .group("escalation"),
    boolean("is_escalation_sent")
        .required()
        .default("false")
        .group("escalation"),
    integer("escalation_level", 0, 100)
        .required()
        .default("0")
        .group("escalation"),
    long_text("notes", 2000),
];

const ACTIONS: &[Action] = &[
    transition("warn", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Warning),
            Status::Warning | Status::Breached | Status::Paused | Status::Completed => None,
        })
    })
    .internal()
    .decide(|_| Ok(Map::from_iter([("is_warning_sent".to_owned(), json!(true))]))),
    transition("breach", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Warning => Some(Status::Breached),
            Status::Breached | Status::Paused | Status::Completed => None,
        })
    })
    .internal()
    .stamps(&["breached_at"]),
    transition("pause", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Warning => Some(Status::Paused),
            Status::Breached | Status::Paused | Status::Completed => None,
        })
    })
    .stamps(&["paused_at"]),
    transition("resume", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Paused => Some(Status::Active),
            Status::Active | Status::Warning | Status::Breached | Status::Completed => None,
        })
    })
    .decide(|given| Ok(resume(given))),
    transition("complete", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Warning | Status::Breached | Status::Paused => Some(Status::Completed),
            Status::Completed => None,
        })
    })
    .internal()
    .decide(|given| Ok(complete(given)))
    .stamps(&["resolved_at"]),
];

/// The time that it stood is counted; the effect moves what is due by it, in business hours where those count.
fn resume(given: &Given<'_>) -> Map<String, Json> {
    let row = given.record;
    let stood = row
        .instant("paused_at")
        .map_or(0, |paused_at| minutes_between(paused_at, given.now));
    let before = row.integer("paused_minutes").unwrap_or_default();
    Map::from_iter([
        ("paused_minutes".to_owned(), json!(before + stood)),
        ("paused_at".to_owned(), Json::Null),
        ("is_warning_sent".to_owned(), json!(false)),
    ])
}

/// How long it took without the time that it stood, and by how much it was late.
fn complete(given: &Given<'_>) -> Map<String, Json> {
    let row = given.record;
    let (Some(started_at), Some(due_at)) = (row.instant("started_at"), row.instant("resolution_due_at")) else {
        return Map::new();
    };
    let standing = row
        .instant("paused_at")
        .map_or(0, |paused_at| minutes_between(paused_at, given.now));
    let paused = row.integer("paused_minutes").unwrap_or_default() + standing;
    let took = (minutes_between(started_at, given.now) - paused).max(0);
    let late = minutes_between(due_at, given.now) - standing;
    let mut change = Map::from_iter([
        ("resolution_time_minutes".to_owned(), json!(took)),
        ("paused_minutes".to_owned(), json!(paused)),
        ("paused_at".to_owned(), Json::Null),
    ]);
    if late > 0 {
        change.insert("breach_time_minutes".into(), json!(late));
        if !row.has("breached_at") {
            change.insert("breached_at".into(), row.get("resolution_due_at").clone());
        }
    }
    change
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::decide;

    #[test]
    fn late_is_what_is_late_without_the_pause() {
        // The tests' clock stands at 1970-01-01T12:00Z.
        let row = json!({"status": "active", "started_at": "1970-01-01T08:00:00Z",
            "resolution_due_at": "1970-01-01T11:30:00Z",
            "paused_minutes": 40});
        let late = decide(ACTIONS, "complete", &row, &json!({})).expect("allowed");
        assert_eq!(late["resolution_time_minutes"], 200);
        assert_eq!(late["breach_time_minutes"], 30);
        assert_eq!(late["breached_at"], "1970-01-01T11:30:00Z");
        let in_time = json!({"status": "warning", "started_at": "1970-01-01T08:00:00Z",
            "resolution_due_at": "1970-01-01T12:00:00Z"});
        let in_time = decide(ACTIONS, "complete", &in_time, &json!({})).expect("allowed");
        assert!(!in_time.contains_key("breach_time_minutes"));
    }

    #[test]
    fn a_pause_is_counted() {
        let row = json!({"status": "paused", "paused_at": "1970-01-01T11:15:00Z", "paused_minutes": 5});
        let resumed = decide(ACTIONS, "resume", &row, &json!({})).expect("allowed");
        assert_eq!(resumed["paused_minutes"], 50);
        assert_eq!(resumed["paused_at"], Json::Null);
    }
}
