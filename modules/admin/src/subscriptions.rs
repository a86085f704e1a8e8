//! The organization's plan. Only the operator of the platform activates, raises or suspends it; the organization itself can
//! ask for another plan and can cancel.

use chrono::{DateTime, TimeDelta, Utc};
use platform_resource::{
    Action, Decision, Field, Given, Resource, Verb, action, choice, date, instant, integer, long_text, money, moved,
    transition,
};
use serde_json::{Map, Value as Json, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Subscriptions: one that is not cancelled for an organization.
pub static SUBSCRIPTIONS: Resource = Resource::new("admin", "subscriptions", FIELDS)
    .title(&["plan"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .actions(ACTIONS);

/// A subscription's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Trial,
    Active,
    Suspended,
    Cancelled,
}

pub(crate) const PLANS: &[&str] = &["free", "basic", "professional", "enterprise"];

const MOST: i64 = 1_000_000;

const FIELDS: &[Field] = &[
    choice("plan", PLANS)
        .required()
        .read_only()
        .default("free")
        .filter()
        .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("trial")
        .filter()
        .list(),
    date("started_on").required().read_only().list(),
    instant("trial_ends_at").read_only().list(),
    choice("billing_period", &["monthly", "yearly"]).read_only(),
    money("price").read_only().permission("read_price"),
    date("period_starts_on").read_only(),
    date("period_ends_on").read_only().list(),
    integer("max_users", 0, MOST).read_only().group("limits"),
    integer("max_couriers", 0, MOST).read_only().group("limits"),
    integer("max_vehicles", 0, MOST).read_only().group("limits"),
    choice("requested_plan", PLANS).read_only(),
    instant("requested_at").read_only(),
    instant("suspended_at").read_only(),
    instant("cancelled_at").read_only().list(),
    long_text("cancel_reason", 1000).read_only(),
];

const ACTIONS: &[Action] = &[
    action(
        "request_plan",
        &[choice("requested_plan", PLANS).required()],
        request_plan,
    )
    .when("status", &["trial", "active", "suspended"]),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 1000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Trial | Status::Active | Status::Suspended => Some(Status::Cancelled),
                Status::Cancelled => None,
            })
        },
    )
    .stamps(&["cancelled_at"])
    .danger(),
    // By the operator of the platform: nobody raises his own limits.
    transition(
        "activate",
        "status",
        &[
            choice("plan", PLANS),
            choice("billing_period", &["monthly", "yearly"]),
            money("price"),
            date("period_starts_on"),
            date("period_ends_on"),
            integer("max_users", 0, MOST),
            integer("max_couriers", 0, MOST),
            integer("max_vehicles", 0, MOST),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Trial | Status::Active | Status::Suspended => Some(Status::Active),
                Status::Cancelled => None,
            })
        },
    )
    .decide(activate)
    .internal(),
    transition("suspend", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Trial | Status::Active => Some(Status::Suspended),
            Status::Suspended | Status::Cancelled => None,
        })
    })
    .stamps(&["suspended_at"])
    .internal(),
    // By the clock: who does not become a customer in time waits.
    transition("end_trial", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Trial => Some(Status::Suspended),
            Status::Active | Status::Suspended | Status::Cancelled => None,
        })
    })
    .internal()
    .stamps(&["suspended_at"])
    .decide(end_trial),
];

/// A wish, which the operator answers.
fn request_plan(given: &Given<'_>) -> Decision {
    let wanted = given.input.text("requested_plan").unwrap_or_default();
    if given.record.is("status", "cancelled") {
        return Err("subscription_cancelled");
    }
    if given.record.is("plan", wanted) && given.record.is("status", "active") {
        return Err("same_plan");
    }
    Ok(Map::from_iter([
        ("requested_plan".to_owned(), json!(wanted)),
        (
            "requested_at".to_owned(),
            json!(given.now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)),
        ),
    ]))
}

/// A customer has no trial and waits for nothing.
#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn activate(_: &Given<'_>) -> Decision {
    let over = ["trial_ends_at", "suspended_at", "requested_plan", "requested_at"];
    Ok(over.map(|field| (field.to_owned(), Json::Null)).into_iter().collect())
}

fn end_trial(given: &Given<'_>) -> Decision {
    match given.record.instant("trial_ends_at") {
        Some(at) if at <= given.now => Ok(Map::new()),
        _ => Err("trial_not_over"),
    }
}

/// Days before the end of a trial on which people are told.
const WARNINGS_DAYS: [i64; 3] = [1, 3, 7];

/// The warning that is due: the smallest number of days within which the trial ends; nothing before the first and after the
/// end.
pub(crate) fn warning_days(ends_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<i64> {
    let left = ends_at - now;
    if left <= TimeDelta::zero() {
        return None;
    }
    WARNINGS_DAYS.into_iter().find(|days| left <= TimeDelta::days(*days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::outcome;

    #[test]
    fn a_tenant_asks_and_cancels_and_never_activates() {
        let active = json!({"status": "active", "plan": "basic"});
        let ask = |row, plan: &str| outcome(&SUBSCRIPTIONS, "request_plan", row, &json!({"requested_plan": plan}));
        assert_eq!(ask(&active, "basic"), Err("same_plan"));
        assert_eq!(
            ask(&active, "enterprise").expect("allowed")["requested_plan"],
            json!("enterprise")
        );
        let gone = json!({"status": "cancelled", "plan": "basic"});
        assert_eq!(ask(&gone, "enterprise"), Err("subscription_cancelled"));
        let leads_to_active = ["trial", "active", "suspended", "cancelled"].into_iter().any(|state| {
            SUBSCRIPTIONS
                .public_actions()
                .filter_map(|action| action.moves)
                .any(|(_, moves)| moves(state) == Some("active"))
        });
        assert!(!leads_to_active);
        let waiting = json!({"status": "suspended", "plan": "free", "suspended_at": "2026-05-01T00:00:00Z"});
        let change = outcome(&SUBSCRIPTIONS, "activate", &waiting, &json!({"plan": "basic"})).expect("by the operator");
        assert_eq!(
            (&change["status"], &change["plan"], &change["suspended_at"]),
            (&json!("active"), &json!("basic"), &json!(null))
        );
    }

    #[test]
    fn a_trial_ends_at_its_time() {
        let row = |at: &str| json!({"status": "trial", "trial_ends_at": at});
        let end = |at| outcome(&SUBSCRIPTIONS, "end_trial", &row(at), &json!({}));
        assert_eq!(end("2026-06-01T06:00:01Z"), Err("trial_not_over"));
        assert_eq!(end("2026-06-01T06:00:00Z").expect("over")["status"], json!("suspended"));
    }

    #[test]
    fn people_are_told_three_times() {
        let ends_at: DateTime<Utc> = "2026-06-15T09:00:00Z".parse().expect("good");
        for (days, expected) in [
            (8, None),
            (7, Some(7)),
            (4, Some(7)),
            (3, Some(3)),
            (1, Some(1)),
            (0, None),
            (-1, None),
        ] {
            assert_eq!(
                warning_days(ends_at, ends_at - TimeDelta::days(days)),
                expected,
                "{days} days before"
            );
        }
    }
}
