//! Decisions on tickets. They are taken at 09:00 UTC on 2026-06-15.

use serde_json::json;

use super::*;
use crate::testing::decide;

fn act(name: &str, row: &Json, input: &Json) -> Result<Json, &'static str> {
    decide(&TICKETS, name, row, input).map(Json::Object)
}

fn due_at(status: &str, due: &str) -> Json {
    json!({"status": status, "sla_status": "on_track", "sla_due_at": due, "sla_breached": false})
}

#[test]
fn a_deadline_counts_from_now() {
    let change = act("set_sla", &json!({"status": "open"}), &json!({"sla_hours": 4})).expect("allowed");
    assert_eq!(change["sla_due_at"], "2026-06-15T13:00:00.000Z");
    assert_eq!(
        (&change["sla_status"], &change["sla_hours"]),
        (&json!("on_track"), &json!(4))
    );
    for status in ["resolved", "closed"] {
        let refused = act("set_sla", &json!({"status": status}), &json!({"sla_hours": 4}));
        assert_eq!(refused, Err(NOT_IN_STATE));
    }
}

#[test]
fn at_risk_within_two_hours_and_breached_after_the_deadline() {
    let risk = |due| act("mark_at_risk", &due_at("open", due), &json!({})).map(|change| change["sla_status"].clone());
    assert_eq!(risk("2026-06-15T11:00:01Z"), Err("deadline_not_near"));
    assert_eq!(risk("2026-06-15T11:00:00Z"), Ok(json!("at_risk")));
    let breach = |due| act("breach", &due_at("open", due), &json!({}));
    assert_eq!(breach("2026-06-15T09:00:00Z"), Err("deadline_not_passed"));
    let change = breach("2026-06-15T08:59:59Z").expect("allowed");
    assert_eq!(change, json!({"sla_status": "breached", "sla_breached": true}));
    let none = json!({"status": "open", "sla_status": "none"});
    assert_eq!(act("breach", &none, &json!({})), Err(NOT_IN_STATE));
}

#[test]
fn a_resolution_meets_the_deadline_or_not() {
    let input = json!({"resolution": "Restarted"});
    let sla = |due| act("resolve", &due_at("pending", due), &input).map(|change| change["sla_status"].clone());
    assert_eq!(sla("2026-06-15T09:00:00Z"), Ok(json!("met")));
    assert_eq!(sla("2026-06-15T08:59:00Z"), Ok(json!("breached")));
    let free = act("resolve", &json!({"status": "open"}), &input).expect("allowed");
    assert_eq!(
        free,
        json!({"status": "resolved", "resolution": "Restarted", "resolved_at": "2026-06-15T09:00:00.000Z"})
    );
}

#[test]
fn reopening_forgets_the_resolution_and_its_times() {
    let closed = json!({
        "status": "closed", "resolution": "Done", "resolved_at": "2026-06-14T09:00:00Z", "reopen_count": 1,
        "closed_at": "2026-06-15T08:00:00Z", "sla_due_at": "2026-06-14T08:00:00Z", "sla_breached": true,
    });
    let change = act("reopen", &closed, &json!({})).expect("allowed");
    for field in ["resolution", "resolved_at", "resolved_by", "closed_at"] {
        assert_eq!(change[field], Json::Null, "{field}");
    }
    assert_eq!(
        (&change["status"], &change["reopen_count"]),
        (&json!("open"), &json!(2))
    );
    assert_eq!(change["sla_status"], "breached");
    let merged = json!({"status": "closed", "merged_into_id": "0198b2a0-0000-7000-8000-000000000001"});
    assert_eq!(act("reopen", &merged, &json!({})), Err("ticket_merged"));
}

#[test]
fn escalation_goes_up_only() {
    let escalate = |from: &str, to: &str| {
        let row = json!({"status": "in_progress", "escalation_level": from});
        let input = json!({"escalation_level": to, "escalation_reason": "No answer"});
        act("escalate", &row, &input).map(|change| change["escalation_level"].clone())
    };
    assert_eq!(escalate("none", "level_1"), Ok(json!("level_1")));
    assert_eq!(escalate("level_1", "management"), Ok(json!("management")));
    assert_eq!(escalate("level_2", "level_2"), Err("not_a_higher_level"));
    assert_eq!(escalate("management", "level_3"), Err("not_a_higher_level"));
    let down = act("de_escalate", &json!({"escalation_level": "level_3"}), &json!({})).expect("allowed");
    assert_eq!(
        (&down["escalation_level"], &down["escalation_reason"]),
        (&json!("none"), &Json::Null)
    );
}

#[test]
fn a_ticket_is_not_merged_into_itself() {
    let id = "0198b2a0-0000-7000-8000-000000000001";
    let row = json!({"id": id, "status": "open", "sla_status": "on_track"});
    assert_eq!(
        act("merge", &row, &json!({"merged_into_id": id})),
        Err("merge_into_itself")
    );
    let other = json!({"merged_into_id": "0198b2a0-0000-7000-8000-000000000002"});
    let change = act("merge", &row, &other).expect("allowed");
    assert_eq!(
        (&change["status"], &change["sla_status"]),
        (&json!("closed"), &json!("none"))
    );
}

#[test]
fn only_what_is_settled_is_rated() {
    let input = json!({"satisfaction_rating": 5});
    assert_eq!(act("rate", &json!({"status": "open"}), &input), Err(NOT_IN_STATE));
    let change = act("rate", &json!({"status": "resolved"}), &input).expect("allowed");
    assert_eq!(change["satisfaction_rating"], 5);
}
