//! Documents: papers of couriers, of vehicles and of the company, with their file. A paper that was verified brings its day of
//! expiry to the courier or vehicle: see `papers`.

use chrono::TimeDelta;
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, boolean, choice, date, file, instant, long_text,
    member, moved, reference, text, transition,
};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Documents.
pub static DOCUMENTS: Resource = Resource::new("fleet", "documents", FIELDS)
    .owned_by("courier_id")
    .title(&["document_name"])
    .check(check)
    .actions(ACTIONS);

/// A document's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    Verified,
    Rejected,
    Expired,
}

const FIELDS: &[Field] = &[
    text("document_name", 200).required().personal().search().list(),
    choice("entity_type", &["courier", "vehicle", "company"])
        .required()
        .create_only()
        .example("company")
        .filter()
        .list(),
    reference("courier_id", "fleet.couriers").create_only().filter().list(),
    reference("vehicle_id", "fleet.vehicles").create_only().filter().list(),
    choice(
        "document_type",
        &[
            "driver_license",
            "vehicle_registration",
            "mulkiya",
            "insurance",
            "iqama",
            "national_id",
            "passport",
            "contract",
            "operating_card",
            "commercial_registration",
            "other",
        ],
    )
    .required()
    .example("other")
    .filter()
    .list(),
    text("document_number", 100).permission("read_number").personal(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    file("file_id").personal(),
    date("issued_on"),
    date("expires_on").filter().list(),
    text("issuing_authority", 200),
    member("verified_by").read_only(),
    instant("verified_at").read_only(),
    long_text("rejection_reason", 500).read_only(),
    long_text("notes", 500),
];

/// Days that a new paper has to be good for: it would have to be renewed at once otherwise.
const LEAST_VALIDITY_DAYS: i64 = 90;

const ACTIONS: &[Action] = &[
    transition(
        "verify",
        "status",
        &[boolean("accept_short_validity").default("false")],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Verified),
                Status::Verified | Status::Rejected | Status::Expired => None,
            })
        },
    )
    .stamps(&["verified_at"])
    .signs("verified_by")
    .decide(verify),
    transition(
        "reject",
        "status",
        &[long_text("rejection_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Pending => Some(Status::Rejected),
                Status::Verified | Status::Rejected | Status::Expired => None,
            })
        },
    ),
    transition("resubmit", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Rejected => Some(Status::Pending),
            Status::Pending | Status::Verified | Status::Expired => None,
        })
    })
    .decide(|_| Ok(Map::from_iter([("rejection_reason".to_owned(), json!(null))]))),
    transition("expire", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending | Status::Verified => Some(Status::Expired),
            Status::Rejected | Status::Expired => None,
        })
    })
    .internal()
    .decide(expire),
];

/// What has expired cannot be verified, and what soon will only on purpose.
fn verify(given: &Given<'_>) -> Decision {
    let Some(expires_on) = given.record.date("expires_on") else {
        return Ok(Map::new());
    };
    if expires_on < given.today {
        return Err("document_expired");
    }
    let is_short = expires_on - given.today < TimeDelta::days(LEAST_VALIDITY_DAYS);
    if is_short && given.input.get("accept_short_validity") != &json!(true) {
        return Err("document_expires_soon");
    }
    Ok(Map::new())
}

/// Only a paper whose day has passed has expired.
fn expire(given: &Given<'_>) -> Decision {
    match given.record.date("expires_on") {
        Some(day) if day < given.today => Ok(Map::new()),
        Some(_) | None => Err("document_not_expired"),
    }
}

/// It belongs to what it says, and it was issued before it expires.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (kind, field) in [("courier", "courier_id"), ("vehicle", "vehicle_id")] {
        if after.is("entity_type", kind) != after.has(field) {
            violations.push(Violation::new(field, "must_match_entity"));
        }
    }
    let days = after.date("issued_on").zip(after.date("expires_on"));
    if days.is_some_and(|(issued, expires)| expires < issued) {
        violations.push(Violation::new("expires_on", "ends_before_start"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn rules_of_a_row() {
        let id = "0190b7b0-0000-7000-8000-000000000000";
        let table = [
            (json!({"entity_type": "company"}), ""),
            (json!({"entity_type": "courier"}), "courier_id must_match_entity"),
            (json!({"entity_type": "courier", "courier_id": id}), ""),
            (
                json!({"entity_type": "company", "vehicle_id": id}),
                "vehicle_id must_match_entity",
            ),
            (
                json!({"entity_type": "company", "issued_on": "2026-02-02", "expires_on": "2026-02-01"}),
                "expires_on ends_before_start",
            ),
        ];
        breaks(check, None, &table);
    }

    #[test]
    fn ninety_days_are_the_least() {
        // Today is the first day of 1970.
        let verify = |day: &str, accepted: bool| {
            let row = json!({"status": "pending", "expires_on": day});
            let input = json!({"accept_short_validity": accepted});
            decide(ACTIONS, FIELDS, "verify", &row, &input).map(|change| change["status"].clone())
        };
        assert_eq!(verify("1970-04-01", false), Ok(json!("verified")));
        assert_eq!(verify("1970-03-31", false), Err("document_expires_soon"));
        assert_eq!(verify("1970-03-31", true), Ok(json!("verified")));
        assert_eq!(verify("1969-12-31", true), Err("document_expired"));
    }

    #[test]
    fn only_what_is_past_expires() {
        let expire = |day: &str| {
            decide(
                ACTIONS,
                FIELDS,
                "expire",
                &json!({"status": "verified", "expires_on": day}),
                &json!({}),
            )
        };
        assert_eq!(expire("1969-12-31").expect("allowed")["status"], "expired");
        assert_eq!(expire("1970-01-01"), Err("document_not_expired"));
    }
}
