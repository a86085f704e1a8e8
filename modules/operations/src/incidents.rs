//! Incidents: accidents, thefts, damages, violations and what else goes wrong on the road. Trends are figures of
//! `incident_figures`.

use platform_resource::{
    Action, Field, Resource, choice, date, instant, long_text, member, money, moved, number, reference, text, time,
    transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Incidents.
pub static INCIDENTS: Resource = Resource::new("operations", "incidents", FIELDS)
    .title(&["incident_number"])
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Reported,
    Investigating,
    Escalated,
    Resolved,
    Closed,
}

const FIELDS: &[Field] = &[
    number("incident_number", "INC", 4).group("incident"),
    choice(
        "incident_type",
        &[
            "accident",
            "theft",
            "damage",
            "violation",
            "delivery_delay",
            "lost_package",
            "customer_dispute",
            "vehicle_breakdown",
            "injury",
            "harassment",
            "fraud",
            "other",
        ],
    )
    .required()
    .filter()
    .list()
    .group("incident"),
    choice("severity", &["low", "medium", "high", "critical"])
        .filter()
        .list()
        .group("incident"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("reported")
        .filter()
        .list()
        .group("incident"),
    reference("courier_id", "fleet.couriers")
        .filter()
        .list()
        .group("incident"),
    reference("vehicle_id", "fleet.vehicles")
        .filter()
        .list()
        .group("incident"),
    reference("delivery_id", "operations.deliveries")
        .filter()
        .group("incident"),
    date("incident_on").required().filter().list().group("incident"),
    time("incident_time").group("incident"),
    text("location", 500).search().group("incident"),
    long_text("description", 4000).required().group("incident"),
    member("investigated_by").read_only().group("resolution"),
    instant("investigated_at").read_only().group("resolution"),
    member("escalated_to").read_only().group("resolution"),
    instant("escalated_at").read_only().group("resolution"),
    long_text("escalation_reason", 500).read_only().group("resolution"),
    long_text("root_cause", 2000).group("resolution"),
    long_text("resolution", 2000).read_only().group("resolution"),
    member("resolved_by").read_only().group("resolution"),
    instant("resolved_at").read_only().group("resolution"),
    instant("closed_at").read_only().group("resolution"),
    money("cost").required().default("0").list().group("resolution"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("investigate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Reported | Status::Escalated => Some(Status::Investigating),
            Status::Investigating | Status::Resolved | Status::Closed => None,
        })
    })
    .stamps(&["investigated_at"])
    .signs("investigated_by"),
    transition(
        "escalate",
        "status",
        &[
            member("escalated_to").required(),
            long_text("escalation_reason", 500).required(),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Reported | Status::Investigating => Some(Status::Escalated),
                Status::Escalated | Status::Resolved | Status::Closed => None,
            })
        },
    )
    .stamps(&["escalated_at"]),
    transition(
        "resolve",
        "status",
        &[
            long_text("resolution", 2000).required(),
            long_text("root_cause", 2000),
            money("cost").required().default("0"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Investigating | Status::Escalated => Some(Status::Resolved),
                Status::Reported | Status::Resolved | Status::Closed => None,
            })
        },
    )
    .stamps(&["resolved_at"])
    .signs("resolved_by"),
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Resolved => Some(Status::Closed),
            Status::Reported | Status::Investigating | Status::Escalated | Status::Closed => None,
        })
    })
    .stamps(&["closed_at"]),
    transition("reopen", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Resolved | Status::Closed => Some(Status::Investigating),
            Status::Reported | Status::Investigating | Status::Escalated => None,
        })
    }),
];
