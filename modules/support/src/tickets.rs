//! Tickets: questions and complaints until they are resolved. Two states beside each other: who has to do something (`status`)
//! and how the deadline stands (`sla_status`). What is said about a ticket is in `ticket_replies`.

use chrono::{DateTime, TimeDelta, Utc};
use platform_resource::{
    Action, Decision, Field, Given, Kind, NOT_IN_STATE, Record, Resource, Value, action, boolean, choice, email,
    instant, integer, json, long_text, member, moved, number, phone, reference, text, transition,
};
use serde_json::{Map, Value as Json, json as object};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Tickets.
pub static TICKETS: Resource = Resource::new("support", "tickets", FIELDS)
    .owned_by("requested_by")
    .title(&["ticket_number"])
    .actions(ACTIONS);

/// What a ticket is about.
pub(crate) const CATEGORY: &[&str] = &[
    "technical",
    "billing",
    "delivery",
    "complaint",
    "feature_request",
    "hr",
    "vehicle",
    "accommodation",
    "finance",
    "operations",
    "it",
    "other",
];

/// How much it matters.
pub(crate) const PRIORITY: &[&str] = &["low", "medium", "high", "urgent"];

/// Who answers.
pub(crate) const DEPARTMENT: &[&str] = &["support", "operations", "fleet", "hr", "finance", "accommodation", "it"];

/// Hours before its deadline at which a ticket is at risk.
pub(crate) const RISK_HOURS: i64 = 2;

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Open,
    InProgress,
    Pending,
    Resolved,
    Closed,
}

/// How the deadline stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Sla {
    None,
    OnTrack,
    AtRisk,
    Breached,
    Met,
}

/// Who is asked for help, the lowest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Level {
    None,
    #[strum(serialize = "level_1")]
    Level1,
    #[strum(serialize = "level_2")]
    Level2,
    #[strum(serialize = "level_3")]
    Level3,
    Management,
}

const FIELDS: &[Field] = &[
    number("ticket_number", "TKT", 4),
    text("subject", 255).required().search().list().group("question"),
    long_text("description", 10_000).required().search().group("question"),
    choice("category", CATEGORY)
        .required()
        .filter()
        .list()
        .group("question"),
    choice("priority", PRIORITY)
        .required()
        .default("medium")
        .filter()
        .list()
        .aliases(&[("normal", "medium"), ("critical", "urgent")])
        .group("question"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("open")
        .filter()
        .list()
        .group("work"),
    choice("department", DEPARTMENT).filter().group("work"),
    choice(
        "source",
        &["web", "contact_form", "phone", "email", "chat", "courier_app"],
    )
    .required()
    .default("web")
    .filter()
    .group("question"),
    member("requested_by").create_only().filter().group("question"),
    member("assigned_to").read_only().filter().list().group("work"),
    reference("courier_id", "fleet.couriers").filter().list().group("about"),
    reference("vehicle_id", "fleet.vehicles").filter().group("about"),
    reference("delivery_id", "operations.deliveries")
        .filter()
        .group("about"),
    text("tags", 500).search().group("question"),
    json("custom_fields").group("question"),
    reference("template_id", "support.ticket_templates")
        .read_only()
        .filter()
        .group("question"),
    integer("sla_hours", 1, 8760)
        .read_only()
        .unit("hours")
        .group("deadline"),
    instant("sla_due_at").read_only().filter().list().group("deadline"),
    choice("sla_status", Sla::VARIANTS)
        .required()
        .read_only()
        .default("none")
        .filter()
        .list()
        .group("deadline"),
    boolean("sla_breached")
        .required()
        .read_only()
        .default("false")
        .filter()
        .group("deadline"),
    instant("first_response_at").read_only().filter().group("deadline"),
    choice("escalation_level", Level::VARIANTS)
        .required()
        .read_only()
        .default("none")
        .filter()
        .group("work"),
    instant("escalated_at").read_only().group("work"),
    member("escalated_by").read_only().group("work"),
    long_text("escalation_reason", 500).read_only().group("work"),
    reference("merged_into_id", "support.tickets")
        .read_only()
        .filter()
        .group("outcome"),
    text("contact_name", 200).search().group("contact"),
    email("contact_email").search().group("contact"),
    phone("contact_phone").group("contact"),
    long_text("resolution", 10_000).read_only().search().group("outcome"),
    instant("resolved_at").read_only().filter().group("outcome"),
    member("resolved_by").read_only().group("outcome"),
    instant("closed_at").read_only().group("outcome"),
    integer("reopen_count", 0, 9999)
        .required()
        .read_only()
        .default("0")
        .group("outcome"),
    integer("satisfaction_rating", 1, 5)
        .read_only()
        .filter()
        .group("outcome"),
    long_text("satisfaction_comment", 1000).read_only().group("outcome"),
    long_text("notes", 4000).group("work"),
];

const IN_WORK: &[&str] = &["open", "in_progress", "pending"];

const ACTIONS: &[Action] = &[
    transition("assign", "status", &[member("assigned_to").required()], |state| {
        moved(state, |status| match status {
            Status::Open | Status::InProgress => Some(Status::InProgress),
            Status::Pending => Some(Status::Pending),
            Status::Resolved | Status::Closed => None,
        })
    }),
    transition("wait_for_requester", "status", &[], |state| {
        moved(state, |status| match status {
            Status::InProgress => Some(Status::Pending),
            Status::Open | Status::Pending | Status::Resolved | Status::Closed => None,
        })
    }),
    transition("resume", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::InProgress),
            Status::Open | Status::InProgress | Status::Resolved | Status::Closed => None,
        })
    }),
    transition(
        "resolve",
        "status",
        &[long_text("resolution", 10_000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Open | Status::InProgress | Status::Pending => Some(Status::Resolved),
                Status::Resolved | Status::Closed => None,
            })
        },
    )
    .stamps(&["resolved_at"])
    .signs("resolved_by")
    .decide(in_time_or_not),
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Resolved => Some(Status::Closed),
            Status::Open | Status::InProgress | Status::Pending | Status::Closed => None,
        })
    })
    .stamps(&["closed_at"]),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Resolved | Status::Closed => Some(Status::Open),
            Status::Open | Status::InProgress | Status::Pending => None,
        })
    })
    .decide(reopen),
    transition(
        "merge",
        "status",
        &[reference("merged_into_id", "support.tickets").required()],
        |state| {
            moved(state, |status| match status {
                Status::Open | Status::InProgress | Status::Pending | Status::Resolved => Some(Status::Closed),
                Status::Closed => None,
            })
        },
    )
    .stamps(&["closed_at"])
    .decide(merge)
    .danger(),
    action(
        "set_sla",
        &[integer("sla_hours", 1, 8760).unit("hours").required()],
        set_sla,
    )
    .when("status", IN_WORK),
    transition("mark_at_risk", "sla_status", &[], |state| {
        moved(state, |sla| match sla {
            Sla::OnTrack => Some(Sla::AtRisk),
            Sla::None | Sla::AtRisk | Sla::Breached | Sla::Met => None,
        })
    })
    .internal()
    .decide(near_its_deadline),
    transition("breach", "sla_status", &[], |state| {
        moved(state, |sla| match sla {
            Sla::OnTrack | Sla::AtRisk => Some(Sla::Breached),
            Sla::None | Sla::Breached | Sla::Met => None,
        })
    })
    .internal()
    .decide(past_its_deadline),
    action(
        "escalate",
        &[
            choice("escalation_level", &["level_1", "level_2", "level_3", "management"]).required(),
            long_text("escalation_reason", 500).required(),
        ],
        escalate,
    )
    .when("status", IN_WORK),
    transition("de_escalate", "escalation_level", &[], |state| {
        moved(state, |level| match level {
            Level::Level1 | Level::Level2 | Level::Level3 | Level::Management => Some(Level::None),
            Level::None => None,
        })
    })
    .decide(|_| Ok(cleared(&["escalated_at", "escalated_by", "escalation_reason"]))),
    action(
        "rate",
        &[
            integer("satisfaction_rating", 1, 5).required(),
            long_text("satisfaction_comment", 1000),
        ],
        rate,
    )
    .when("status", &["resolved", "closed"]),
];

fn at(time: DateTime<Utc>) -> Json {
    Value::Instant(time).to_json(Kind::Instant)
}

fn cleared(fields: &[&str]) -> Map<String, Json> {
    fields.iter().map(|field| ((*field).to_owned(), Json::Null)).collect()
}

fn changes(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(changes) => changes,
        _ => Map::new(),
    }
}

/// Whether somebody still works on it.
fn is_in_work(record: &Record) -> bool {
    record.text("status").is_some_and(|status| IN_WORK.contains(&status))
}

/// A ticket that is resolved by its deadline has met it.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn in_time_or_not(given: &Given<'_>) -> Decision {
    Ok(match given.record.instant("sla_due_at") {
        None => Map::new(),
        Some(due) if given.now <= due => changes(object!({"sla_status": "met"})),
        Some(_) => changes(object!({"sla_status": "breached", "sla_breached": true})),
    })
}

/// What was resolved is not: the resolution and its times go. A deadline that was missed stays missed.
fn reopen(given: &Given<'_>) -> Decision {
    if given.record.has("merged_into_id") {
        return Err("ticket_merged");
    }
    let sla = match (given.record.has("sla_due_at"), given.record.get("sla_breached")) {
        (false, _) => Sla::None,
        (true, Json::Bool(true)) => Sla::Breached,
        (true, _) => Sla::OnTrack,
    };
    let mut change = cleared(&[
        "resolution",
        "resolved_at",
        "resolved_by",
        "closed_at",
        "satisfaction_rating",
        "satisfaction_comment",
    ]);
    let times = given.record.integer("reopen_count").unwrap_or_default() + 1;
    change.insert("reopen_count".into(), times.into());
    change.insert("sla_status".into(), <&str>::from(sla).into());
    Ok(change)
}

/// A ticket that goes on in another one has no deadline of its own any more, unless it has missed it.
fn merge(given: &Given<'_>) -> Decision {
    if given.input.get("merged_into_id") == given.record.get("id") {
        return Err("merge_into_itself");
    }
    let running = matches!(given.record.text("sla_status"), Some("on_track" | "at_risk"));
    Ok(if running {
        changes(object!({"sla_status": "none"}))
    } else {
        Map::new()
    })
}

/// The deadline counts from now, also when there was another one.
fn set_sla(given: &Given<'_>) -> Decision {
    if !is_in_work(given.record) {
        return Err(NOT_IN_STATE);
    }
    let hours = given.input.integer("sla_hours").unwrap_or(1);
    Ok(changes(object!({
        "sla_hours": hours, "sla_due_at": at(due(given.now, hours)), "sla_status": "on_track", "sla_breached": false,
    })))
}

/// The deadline of a ticket that is opened at a time.
pub(crate) fn due(opened: DateTime<Utc>, hours: i64) -> DateTime<Utc> {
    opened + TimeDelta::hours(hours)
}

fn near_its_deadline(given: &Given<'_>) -> Decision {
    match given.record.instant("sla_due_at") {
        Some(due) if due - given.now <= TimeDelta::hours(RISK_HOURS) => Ok(Map::new()),
        _ => Err("deadline_not_near"),
    }
}

fn past_its_deadline(given: &Given<'_>) -> Decision {
    match given.record.instant("sla_due_at") {
        Some(due) if due < given.now => Ok(changes(object!({"sla_breached": true}))),
        _ => Err("deadline_not_passed"),
    }
}

/// Escalation goes up only; it comes down as a whole.
fn escalate(given: &Given<'_>) -> Decision {
    let level = |record: &Record| {
        record
            .text("escalation_level")
            .and_then(|word| word.parse::<Level>().ok())
    };
    if !is_in_work(given.record) {
        return Err(NOT_IN_STATE);
    }
    if level(given.input) <= level(given.record) {
        return Err("not_a_higher_level");
    }
    let mut change = changes(object!({
        "escalation_level": given.input.get("escalation_level"),
        "escalation_reason": given.input.get("escalation_reason"), "escalated_at": at(given.now),
    }));
    if !given.actor_id.is_nil() {
        change.insert("escalated_by".into(), given.actor_id.to_string().into());
    }
    Ok(change)
}

fn rate(given: &Given<'_>) -> Decision {
    if is_in_work(given.record) {
        return Err(NOT_IN_STATE);
    }
    let fields = ["satisfaction_rating", "satisfaction_comment"];
    Ok(fields
        .into_iter()
        .map(|field| (field.to_owned(), given.input.get(field).clone()))
        .collect())
}

#[cfg(test)]
#[path = "tickets_tests.rs"]
mod tests;
