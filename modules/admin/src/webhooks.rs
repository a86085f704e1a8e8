//! Addresses of others that are told what happens here, and each telling. The secret that signs a telling has no column:
//! secrets are sealed.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Verb, Violation, choice, instant, integer, json, long_text,
    moved, reference, text, transition,
};
use serde_json::{Map, Value as Json, json as object};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::connections::is_https;

/// Webhooks.
pub static WEBHOOKS: Resource = Resource::new("admin", "webhooks", FIELDS)
    .title(&["name"])
    .sort("name")
    .check(check)
    .actions(ACTIONS);

/// What was sent to a webhook and how it was taken.
pub static WEBHOOK_DELIVERIES: Resource = Resource::new("admin", "webhook_deliveries", DELIVERY_FIELDS)
    .title(&["event"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .actions(DELIVERY_ACTIONS);

/// A webhook's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Paused,
    Disabled,
}

const MOST: i64 = 9_007_199_254_740_991;

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list(),
    text("url", 500)
        .required()
        .example("https://hooks.example.com/barq")
        .list(),
    long_text("description", 2000),
    json("events")
        .required()
        .default("[]")
        .example(r#"["fleet.couriers.created"]"#),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list(),
    integer("max_attempts", 1, 20).required().default("8").group("delivery"),
    integer("timeout_s", 1, 30)
        .required()
        .default("10")
        .unit("s")
        .group("delivery"),
    integer("failure_count", 0, MOST)
        .required()
        .read_only()
        .default("0")
        .list()
        .group("delivery"),
    integer("last_status_code", 100, 599).read_only().group("delivery"),
    instant("last_delivered_at").read_only().list().group("delivery"),
];

const ACTIONS: &[Action] = &[
    transition("pause", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Paused),
            Status::Paused | Status::Disabled => None,
        })
    }),
    transition("resume", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Paused | Status::Disabled => Some(Status::Active),
            Status::Active => None,
        })
    })
    .decide(start_over),
    // What too many failures in a row lead to.
    transition("disable", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Paused => Some(Status::Disabled),
            Status::Disabled => None,
        })
    })
    .internal()
    .danger(),
];

#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn start_over(_: &Given<'_>) -> Decision {
    Ok(Map::from_iter([("failure_count".to_owned(), object!(0))]))
}

/// `fleet.couriers.created`, or `fleet.couriers.*`, or `*`.
fn is_event(name: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        ["*"] => true,
        [module, resource, verb] => word(module) && word(resource) && (word(verb) || *verb == "*"),
        _ => false,
    }
}

/// An encrypted address, and names of events.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.text("url").is_some_and(|url| !is_https(url)) {
        violations.push(Violation::new("url", "not_https"));
    }
    match after.get("events") {
        Json::Array(names) if names.iter().all(|name| name.as_str().is_some_and(is_event)) => {}
        Json::Array(_) => violations.push(Violation::new("events", "not_an_event")),
        _ => violations.push(Violation::new("events", "not_a_list")),
    }
    violations
}

/// A telling's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Delivery {
    Pending,
    Delivered,
    Failed,
    Dead,
}

const DELIVERY_FIELDS: &[Field] = &[
    reference("webhook_id", "admin.webhooks")
        .required()
        .read_only()
        .filter()
        .list(),
    text("event", 120).required().read_only().search().filter().list(),
    json("payload").required().read_only(),
    choice("status", Delivery::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    integer("attempts", 0, 1000).required().read_only().default("0").list(),
    instant("next_attempt_at").read_only().filter(),
    instant("delivered_at").read_only().list(),
    integer("response_status", 100, 599).read_only().list(),
    integer("duration_ms", 0, MOST).read_only().unit("ms"),
    long_text("error_message", 2000).read_only(),
];

const DELIVERY_ACTIONS: &[Action] = &[
    transition(
        "succeed",
        "status",
        &[
            integer("response_status", 100, 599).required(),
            integer("duration_ms", 0, MOST),
        ],
        |state| {
            moved(state, |status| match status {
                Delivery::Pending | Delivery::Failed => Some(Delivery::Delivered),
                Delivery::Delivered | Delivery::Dead => None,
            })
        },
    )
    .internal()
    .stamps(&["delivered_at"])
    .decide(tried),
    transition(
        "fail",
        "status",
        &[
            long_text("error_message", 2000).required(),
            integer("response_status", 100, 599),
            instant("next_attempt_at"),
        ],
        |state| {
            moved(state, |status| match status {
                Delivery::Pending | Delivery::Failed => Some(Delivery::Failed),
                Delivery::Delivered | Delivery::Dead => None,
            })
        },
    )
    .internal()
    .decide(tried),
    transition("give_up", "status", &[], |state| {
        moved(state, |status| match status {
            Delivery::Pending | Delivery::Failed => Some(Delivery::Dead),
            Delivery::Delivered | Delivery::Dead => None,
        })
    })
    .internal(),
    transition("redeliver", "status", &[], |state| {
        moved(state, |status| match status {
            Delivery::Delivered | Delivery::Failed | Delivery::Dead => Some(Delivery::Pending),
            Delivery::Pending => None,
        })
    })
    .stamps(&["next_attempt_at"]),
];

#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn tried(given: &Given<'_>) -> Decision {
    let attempts = given.record.integer("attempts").unwrap_or_default() + 1;
    Ok(Map::from_iter([("attempts".to_owned(), object!(attempts))]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, outcome};

    #[test]
    fn tellings_are_counted() {
        let row = object!({"status": "failed", "attempts": 2});
        let change = outcome(&WEBHOOK_DELIVERIES, "succeed", &row, &object!({"response_status": 204}));
        let change = change.expect("allowed");
        assert_eq!(
            (&change["status"], &change["attempts"]),
            (&object!("delivered"), &object!(3))
        );
        let row = object!({"status": "disabled", "failure_count": 9});
        let change = outcome(&WEBHOOKS, "resume", &row, &object!({})).expect("allowed");
        assert_eq!(change["failure_count"], object!(0));
    }

    #[test]
    fn events_have_names() {
        let row = |events: Json| object!({"url": "https://a.example/x", "events": events});
        breaks(
            check,
            &[
                (
                    row(object!(["fleet.couriers.created", "operations.deliveries.*", "*"])),
                    "",
                ),
                (row(object!(["couriers"])), "events not_an_event"),
                (row(object!(["Fleet.couriers.created"])), "events not_an_event"),
                (row(object!({})), "events not_a_list"),
                (object!({"url": "http://a.example", "events": []}), "url not_https"),
            ],
        );
    }
}
