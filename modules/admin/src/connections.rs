//! Connections to services outside: payment, SMS, mail, maps. What is said here is where they are and how they fare; their
//! credentials have no column, because secrets are sealed and never stored as text.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, instant, integer, json, long_text, moved,
    text, transition,
};
use serde_json::{Map, Value as Json, json as object};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Connections.
pub static CONNECTIONS: Resource = Resource::new("admin", "connections", FIELDS)
    .title(&["display_name"])
    .sort("name")
    .check(check)
    .actions(ACTIONS);

/// Failures in a row after which a connection is no longer used.
const FAILURES_UNTIL_ERROR: i64 = 5;

/// A connection's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Inactive,
    Testing,
    Active,
    Error,
}

const TYPES: &[&str] = &[
    "payment_gateway",
    "sms_provider",
    "email_provider",
    "mapping_service",
    "cloud_storage",
    "analytics",
    "crm",
    "erp",
    "webhook",
    "oauth_provider",
    "custom",
];

const COUNT_MOST: i64 = 9_007_199_254_740_991;

const FIELDS: &[Field] = &[
    text("name", 100).required().unique().search().list(),
    text("display_name", 100).required().search().list(),
    long_text("description", 2000),
    choice("connection_type", TYPES).required().filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("inactive")
        .filter()
        .list(),
    json("config").required().default("{}").example(r#"{"sender": "BARQ"}"#),
    text("base_url", 500)
        .example("https://api.example.com")
        .group("addresses"),
    text("callback_url", 500)
        .example("https://fleet.example.com/callback")
        .group("addresses"),
    text("oauth_client_id", 255).group("addresses"),
    instant("token_expires_at").read_only().group("health"),
    instant("last_checked_at").read_only().list().group("health"),
    long_text("last_error", 2000).read_only().group("health"),
    instant("last_error_at").read_only().group("health"),
    integer("error_count", 0, COUNT_MOST)
        .required()
        .read_only()
        .default("0")
        .list()
        .group("health"),
    integer("success_count", 0, COUNT_MOST)
        .required()
        .read_only()
        .default("0")
        .group("health"),
    integer("rate_limit_per_minute", 1, 1_000_000).group("limits"),
    integer("rate_limit_per_hour", 1, 100_000_000).group("limits"),
    integer("rate_limit_per_day", 1, 1_000_000_000).group("limits"),
    text("api_version", 20),
];

const ACTIONS: &[Action] = &[
    transition("begin_test", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Inactive | Status::Active | Status::Error => Some(Status::Testing),
            Status::Testing => None,
        })
    }),
    transition("activate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Inactive | Status::Testing | Status::Error => Some(Status::Active),
            Status::Active => None,
        })
    })
    .decide(forgive),
    transition("deactivate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Testing | Status::Active | Status::Error => Some(Status::Inactive),
            Status::Inactive => None,
        })
    })
    .danger(),
    transition("record_success", "status", &[instant("token_expires_at")], |state| {
        moved(state, |status| match status {
            Status::Testing | Status::Active | Status::Error => Some(Status::Active),
            Status::Inactive => None,
        })
    })
    .stamps(&["last_checked_at"])
    .decide(succeed),
    // The fifth failure in a row leads to `error` from any state.
    transition(
        "record_failure",
        "status",
        &[long_text("last_error", 2000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Testing | Status::Error => Some(Status::Error),
                Status::Active => Some(Status::Active),
                Status::Inactive => None,
            })
        },
    )
    .stamps(&["last_checked_at", "last_error_at"])
    .decide(fail),
];

fn count(given: &Given<'_>, field: &str) -> i64 {
    given.record.integer(field).unwrap_or_default()
}

/// Whoever switches it on again says that the failures are over.
#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn forgive(_: &Given<'_>) -> Decision {
    Ok(Map::from_iter([("error_count".to_owned(), object!(0))]))
}

/// A success forgives every failure before it.
#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn succeed(given: &Given<'_>) -> Decision {
    Ok(Map::from_iter([
        ("error_count".to_owned(), object!(0)),
        ("success_count".to_owned(), object!(count(given, "success_count") + 1)),
        ("last_error".to_owned(), Json::Null),
    ]))
}

#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn fail(given: &Given<'_>) -> Decision {
    let errors = count(given, "error_count") + 1;
    let mut change = Map::from_iter([("error_count".to_owned(), object!(errors))]);
    if errors >= FAILURES_UNTIL_ERROR {
        change.insert("status".into(), object!("error"));
    }
    Ok(change)
}

/// Whether a name says that its value is secret.
fn is_secret(name: &str) -> bool {
    let folded: String = name
        .to_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    ["password", "secret", "token", "apikey", "credential", "privatekey"]
        .iter()
        .any(|word| folded.contains(word))
}

/// Whether anything in a value is named like a secret.
pub(crate) fn holds_secret(value: &Json) -> bool {
    match value {
        Json::Object(fields) => fields
            .iter()
            .any(|(name, value)| is_secret(name) || holds_secret(value)),
        Json::Array(list) => list.iter().any(holds_secret),
        _ => false,
    }
}

/// Addresses are encrypted ones, and settings hold no secret.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !after.get("config").is_object() {
        violations.push(Violation::new("config", "not_an_object"));
    }
    if holds_secret(after.get("config")) {
        violations.push(Violation::new("config", "secret_not_here"));
    }
    for field in ["base_url", "callback_url"] {
        if after.text(field).is_some_and(|url| !is_https(url)) {
            violations.push(Violation::new(field, "not_https"));
        }
    }
    violations
}

/// An address with a host, over TLS, without a name and password in it.
pub(crate) fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains('@') && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, outcome};

    #[test]
    fn the_fifth_failure_stops_it_and_a_success_starts_over() {
        let input = object!({"last_error": "timeout"});
        for (errors, status, expected, state) in [
            (0, "active", 1, "active"),
            (3, "active", 4, "active"),
            (4, "active", 5, "error"),
            (5, "error", 6, "error"),
            (0, "testing", 1, "error"),
        ] {
            let row = object!({"status": status, "error_count": errors});
            let change = outcome(&CONNECTIONS, "record_failure", &row, &input).expect("allowed");
            assert_eq!(change["error_count"], object!(expected), "{errors} {status}");
            assert_eq!(change["status"], object!(state), "{errors} {status}");
        }
        let row = object!({"status": "error", "error_count": 6, "success_count": 9, "last_error": "timeout"});
        let change = outcome(&CONNECTIONS, "record_success", &row, &object!({})).expect("allowed");
        assert_eq!(
            [
                &change["status"],
                &change["error_count"],
                &change["success_count"],
                &change["last_error"]
            ],
            [&object!("active"), &object!(0), &object!(10), &object!(null)]
        );
    }

    #[test]
    fn no_secret_is_kept_as_text() {
        let row = |config: Json| object!({"config": config});
        breaks(
            check,
            &[
                (row(object!({"sender": "BARQ"})), ""),
                (row(object!({"auth": [{"API-Key": "x"}]})), "config secret_not_here"),
                (row(object!({"Password": "x"})), "config secret_not_here"),
                (row(object!([])), "config not_an_object"),
                (
                    object!({"config": {}, "base_url": "http://a.example"}),
                    "base_url not_https",
                ),
                (
                    object!({"config": {}, "base_url": "https://me:pw@a.example/"}),
                    "base_url not_https",
                ),
                (object!({"config": {}, "callback_url": "https://a.example/x"}), ""),
            ],
        );
    }
}
