//! Fuel transactions: what providers of fuel cards report, each matched to a vehicle by rules (`matching`) or by a person.
//! They come in through the sink alone; people settle what the rules leave open.

use platform_resource::{
    Action, Decision, Field, Given, Resource, Verb, action, boolean, choice, date, decimal, instant, integer, json,
    long_text, money, reference, text,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json as object};

use crate::PRODUCTS;

/// Fuel transactions.
pub static FUEL_TRANSACTIONS: Resource = Resource::new("fleet", "fuel_transactions", FIELDS)
    .title(&["provider_txn_id"])
    .sort("-at")
    .without(&[Verb::Create, Verb::Delete, Verb::Import])
    .actions(ACTIONS);

const STATUS: &[&str] = &["matched", "doubtful", "unmatched", "ignored"];

const FIELDS: &[Field] = &[
    instant("at").required().read_only().filter().list(),
    boolean("time_known").required().read_only().default("true"),
    date("local_date").required().read_only().filter(),
    choice("match_status", STATUS)
        .required()
        .read_only()
        .default("unmatched")
        .filter()
        .list()
        .group("match"),
    reference("vehicle_id", "fleet.vehicles")
        .read_only()
        .filter()
        .list()
        .group("match"),
    reference("courier_id", "fleet.couriers").filter().group("match"),
    integer("match_score", 0, 100).read_only().list().group("match"),
    json("match_reasons").read_only().list().group("match"),
    choice("matched_by", &["rules", "person"])
        .read_only()
        .filter()
        .group("match"),
    instant("matched_at").read_only().group("match"),
    long_text("ignore_reason", 500).read_only().group("match"),
    decimal("volume_l", 3).signed().required().read_only().unit("l").list(),
    money("amount").signed().required().read_only().list(),
    money("vat_amount").signed().read_only(),
    text("currency", 3).required().read_only(),
    decimal("unit_price", 4).read_only(),
    choice("product", PRODUCTS).required().read_only().filter(),
    text("product_name", 200).read_only(),
    decimal("odometer_km", 2).read_only().unit("km").list(),
    boolean("is_full_tank").filter(),
    text("card_ref", 64).read_only().search().list().group("references"),
    text("plate_ref", 64).read_only().search().list().group("references"),
    text("plate_ref_ar", 64).read_only().search().group("references"),
    text("vin_ref", 64).read_only().search().group("references"),
    text("internal_ref", 64).read_only().search().group("references"),
    text("driver_ref", 64).read_only().search().group("references"),
    text("station_name", 200).read_only().search().list().group("station"),
    text("station_city", 200).read_only().search().group("station"),
    decimal("station_lat", 7).signed().read_only().group("station"),
    decimal("station_lon", 7).signed().read_only().group("station"),
    text("pay_method", 256).read_only().group("source"),
    text("receipt_number", 200).read_only().search().group("source"),
    reference("installation_id", "integrations.installations")
        .required()
        .read_only()
        .filter()
        .group("source"),
    text("provider", 100).required().read_only().filter().group("source"),
    text("provider_txn_id", 128)
        .required()
        .read_only()
        .search()
        .group("source"),
    text("content_hash", 64).required().read_only().group("source"),
    json("raw").read_only().group("source"),
    long_text("notes", 2000),
];

const ACTIONS: &[Action] = &[
    action(
        "assign",
        &[reference("vehicle_id", "fleet.vehicles").required()],
        assign,
    )
    .when("match_status", &["matched", "doubtful", "unmatched"]),
    action("ignore", &[long_text("ignore_reason", 500).required()], ignore)
        .when("match_status", &["matched", "doubtful", "unmatched"])
        .danger(),
    action("reopen", &[], reopen).when("match_status", &["matched", "doubtful", "ignored"]),
];

/// What became of a transaction.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MatchStatus {
    /// It belongs to the vehicle.
    Matched,
    /// It probably belongs to the vehicle; a person should look.
    Doubtful,
    /// Nothing of ours fits.
    Unmatched,
    /// A person decided that it is not ours to count.
    Ignored,
}

impl MatchStatus {
    /// The word in rows.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Doubtful => "doubtful",
            Self::Unmatched => "unmatched",
            Self::Ignored => "ignored",
        }
    }
}

#[derive(Deserialize)]
struct Transaction {
    match_status: MatchStatus,
}

fn status(given: &Given<'_>) -> Result<MatchStatus, &'static str> {
    match given.record.typed::<Transaction>() {
        Ok(transaction) => Ok(transaction.match_status),
        Err(_) => Err("unknown_status"),
    }
}

/// What a person's decision writes besides the status. A decision of a person is never overruled by the rules.
fn settled(given: &Given<'_>, status: &str, vehicle: Json, score: Json, reason: &str) -> Map<String, Json> {
    // Who drove another vehicle says nothing about this one.
    let same_vehicle = given.record.get("vehicle_id") == &vehicle;
    let courier = if same_vehicle {
        given.record.get("courier_id").clone()
    } else {
        Json::Null
    };
    let change = object!({
        "match_status": status,
        "vehicle_id": vehicle,
        "courier_id": courier,
        "match_score": score,
        "match_reasons": [reason],
        "matched_by": "person",
        "matched_at": given.now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "ignore_reason": given.input.get("ignore_reason"),
    });
    change.as_object().cloned().unwrap_or_default()
}

fn assign(given: &Given<'_>) -> Decision {
    match status(given)? {
        MatchStatus::Matched | MatchStatus::Doubtful | MatchStatus::Unmatched => {
            let vehicle = given.input.get("vehicle_id").clone();
            Ok(settled(given, "matched", vehicle, 100.into(), "match.manual"))
        }
        MatchStatus::Ignored => Err("transaction_ignored"),
    }
}

fn ignore(given: &Given<'_>) -> Decision {
    match status(given)? {
        MatchStatus::Matched | MatchStatus::Doubtful | MatchStatus::Unmatched => {
            Ok(settled(given, "ignored", Json::Null, Json::Null, "match.ignored"))
        }
        MatchStatus::Ignored => Err("transaction_ignored"),
    }
}

/// Back to the open ones, for the rules or a person to settle again.
fn reopen(given: &Given<'_>) -> Decision {
    match status(given)? {
        MatchStatus::Matched | MatchStatus::Doubtful | MatchStatus::Ignored => {
            let mut change = settled(given, "unmatched", Json::Null, Json::Null, "match.reopened");
            change.insert("matched_by".into(), Json::Null);
            change.insert("matched_at".into(), Json::Null);
            Ok(change)
        }
        MatchStatus::Unmatched => Err("transaction_open"),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::{decide, walk};

    #[test]
    fn every_action_in_every_state() {
        const GONE: &str = "!transaction_ignored";
        // In the order of STATUS: matched, doubtful, unmatched, ignored.
        let table: &[(&str, &[&str])] = &[
            ("assign", &["matched", "matched", "matched", GONE]),
            ("ignore", &["ignored", "ignored", "ignored", GONE]),
            ("reopen", &["unmatched", "unmatched", "!transaction_open", "unmatched"]),
        ];
        walk(
            ACTIONS,
            "match_status",
            STATUS,
            &object!({"vehicle_id": Uuid::nil()}),
            table,
        );
    }

    #[test]
    fn a_person_settles_with_full_score() {
        let input = object!({"vehicle_id": Uuid::from_u128(7)});
        let change = decide(
            ACTIONS,
            FIELDS,
            "assign",
            &object!({"match_status": "doubtful"}),
            &input,
        )
        .expect("allowed");
        assert_eq!(change["vehicle_id"], input["vehicle_id"]);
        assert_eq!(change["match_score"], 100);
        assert_eq!(change["match_reasons"], object!(["match.manual"]));
        assert_eq!(change["matched_by"], "person");
        assert_eq!(change["matched_at"], "1970-01-01T00:00:00.000Z");
        let row = |vehicle| object!({"match_status": "doubtful", "vehicle_id": vehicle, "courier_id": "c"});
        for (before, courier) in [(7, object!("c")), (8, Json::Null)] {
            let change = decide(ACTIONS, FIELDS, "assign", &row(Uuid::from_u128(before)), &input).expect("allowed");
            assert_eq!(change["courier_id"], courier);
        }
        let again = decide(
            ACTIONS,
            FIELDS,
            "reopen",
            &object!({"match_status": "matched"}),
            &object!({}),
        )
        .expect("allowed");
        assert_eq!((&again["vehicle_id"], &again["matched_by"]), (&Json::Null, &Json::Null));
    }
}
