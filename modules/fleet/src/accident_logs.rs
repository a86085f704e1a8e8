//! Accidents: what happened, whose fault it was, and how far the settlement is. What they cost is in `accident_costs`.

use platform_resource::{
    Action, Field, Record, Resource, Violation, boolean, choice, date, decimal, file, instant, integer, json,
    long_text, money, moved, number, phone, plate, reference, text, time, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::figures::off_the_map;

/// Accidents.
pub static ACCIDENT_LOGS: Resource = Resource::new("fleet", "accident_logs", FIELDS)
    .title(&["accident_number"])
    .sort("-occurred_on")
    .check(check)
    .actions(ACTIONS);

/// An accident's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Reported,
    UnderInvestigation,
    InsuranceClaimFiled,
    InRepair,
    Resolved,
    Closed,
}

const FIELDS: &[Field] = &[
    number("accident_number", "ACC", 4).group("accident"),
    reference("vehicle_id", "fleet.vehicles")
        .required()
        .create_only()
        .filter()
        .list()
        .group("accident"),
    reference("courier_id", "fleet.couriers")
        .filter()
        .list()
        .group("accident"),
    date("occurred_on").required().filter().list().group("accident"),
    time("occurred_time").group("accident"),
    choice(
        "accident_type",
        &[
            "collision",
            "single_vehicle",
            "pedestrian",
            "property_damage",
            "rollover",
            "other",
        ],
    )
    .required()
    .filter()
    .list()
    .group("accident"),
    choice("severity", &["minor", "moderate", "major", "total_loss"])
        .required()
        .filter()
        .list()
        .group("accident"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("reported")
        .aliases(&[
            ("insurance_pending", "insurance_claim_filed"),
            ("repair_in_progress", "in_repair"),
        ])
        .filter()
        .list()
        .group("accident"),
    long_text("status_reason", 500).read_only().group("accident"),
    choice(
        "fault_status",
        &["our_fault", "other_party", "shared", "no_fault", "pending"],
    )
    .required()
    .default("pending")
    .filter()
    .group("accident"),
    integer("fault_percent", 0, 100).unit("percent").group("accident"),
    long_text("description", 4000).required().group("accident"),
    long_text("courier_statement", 4000).group("accident"),
    long_text("witness_statements", 4000).group("accident"),
    text("location", 500).required().search().group("place"),
    text("city", 100).search().filter().list().group("place"),
    text("street_address", 500).group("place"),
    decimal("latitude", 7).signed().example("24.7135517").group("place"),
    decimal("longitude", 7).signed().example("46.6752957").group("place"),
    text("weather_conditions", 100).group("place"),
    text("road_conditions", 100).group("place"),
    text("visibility", 50).group("place"),
    text("traffic_conditions", 100).group("place"),
    boolean("third_party_involved")
        .required()
        .default("false")
        .filter()
        .group("other_party"),
    long_text("third_party_details", 2000).group("other_party"),
    text("other_party_name", 200)
        .permission("read_people")
        .group("other_party"),
    phone("other_party_phone")
        .permission("read_people")
        .group("other_party"),
    text("other_party_insurance", 200).group("other_party"),
    text("other_party_policy_number", 100).group("other_party"),
    plate("other_party_vehicle_plate").search().group("other_party"),
    text("other_party_vehicle_details", 500).group("other_party"),
    boolean("any_injuries")
        .required()
        .default("false")
        .filter()
        .group("injuries"),
    long_text("injury_details", 2000)
        .permission("read_people")
        .group("injuries"),
    integer("casualties_count", 0, 1_000)
        .required()
        .default("0")
        .group("injuries"),
    boolean("hospitalization_required")
        .required()
        .default("false")
        .group("injuries"),
    text("hospital_name", 300).permission("read_people").group("injuries"),
    boolean("police_notified").required().default("false").group("police"),
    text("police_report_number", 100).search().group("police"),
    text("najm_report_number", 100).search().group("police"),
    text("police_station", 200).group("police"),
    text("police_officer_name", 200)
        .permission("read_people")
        .group("police"),
    text("police_officer_badge", 50)
        .permission("read_people")
        .group("police"),
    file("police_report_file_id").group("police"),
    long_text("damage_description", 2000).group("damage"),
    money("estimated_repair_cost").group("damage"),
    money("actual_repair_cost").group("damage"),
    boolean("vehicle_towed").required().default("false").group("damage"),
    text("tow_company", 200).group("damage"),
    money("tow_cost").group("damage"),
    text("repair_shop_name", 300).group("damage"),
    text("repair_shop_location", 300).group("damage"),
    date("repair_started_on").read_only().group("damage"),
    date("repair_completed_on").group("damage"),
    integer("downtime_days", 0, 10_000).unit("days").group("damage"),
    date("vehicle_available_on").group("damage"),
    money("lost_revenue").group("damage"),
    text("insurance_claim_number", 100).unique().search().group("claim"),
    choice(
        "insurance_claim_status",
        &["filed", "under_review", "approved", "rejected", "settled"],
    )
    .filter()
    .group("claim"),
    money("insurance_claim_amount").group("claim"),
    money("insurance_approved_amount").group("claim"),
    money("insurance_covered").group("claim"),
    date("claim_filed_on").read_only().group("claim"),
    date("claim_settled_on").group("claim"),
    json("insurance_documents").group("claim"),
    json("repair_invoices").group("claim"),
    text("investigated_by", 200).group("investigation"),
    date("investigated_on").group("investigation"),
    long_text("investigation_findings", 4000).group("investigation"),
    long_text("corrective_actions", 2000).group("investigation"),
    text("courier_action_taken", 100).group("investigation"),
    long_text("courier_notes", 2000).group("investigation"),
    boolean("requires_follow_up")
        .required()
        .default("false")
        .filter()
        .group("investigation"),
    date("follow_up_on").filter().group("investigation"),
    long_text("follow_up_notes", 2000).group("investigation"),
    text("reported_by", 200).group("accident"),
    instant("reported_at").group("accident"),
    instant("resolved_at").read_only().group("accident"),
    instant("closed_at").read_only().group("accident"),
    boolean("legal_action_required")
        .required()
        .default("false")
        .filter()
        .group("legal"),
    text("legal_case_number", 100).search().group("legal"),
    text("legal_status", 100).group("legal"),
    json("photos").group("accident"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("investigate", "status", &[text("investigated_by", 200)], |state| {
        moved(state, |status| match status {
            Status::Reported => Some(Status::UnderInvestigation),
            Status::UnderInvestigation
            | Status::InsuranceClaimFiled
            | Status::InRepair
            | Status::Resolved
            | Status::Closed => None,
        })
    })
    .stamps(&["investigated_on"]),
    transition(
        "file_claim",
        "status",
        &[
            text("insurance_claim_number", 100).required(),
            money("insurance_claim_amount"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Reported | Status::UnderInvestigation => Some(Status::InsuranceClaimFiled),
                Status::InsuranceClaimFiled | Status::InRepair | Status::Resolved | Status::Closed => None,
            })
        },
    )
    .stamps(&["claim_filed_on"]),
    transition("start_repair", "status", &[text("repair_shop_name", 300)], |state| {
        moved(state, |status| match status {
            Status::Reported | Status::UnderInvestigation | Status::InsuranceClaimFiled => Some(Status::InRepair),
            Status::InRepair | Status::Resolved | Status::Closed => None,
        })
    })
    .stamps(&["repair_started_on"]),
    transition(
        "resolve",
        "status",
        &[
            money("actual_repair_cost"),
            money("insurance_covered"),
            date("repair_completed_on"),
            date("vehicle_available_on"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::UnderInvestigation | Status::InsuranceClaimFiled | Status::InRepair => Some(Status::Resolved),
                Status::Reported | Status::Resolved | Status::Closed => None,
            })
        },
    )
    .stamps(&["resolved_at"]),
    transition("close", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Resolved => Some(Status::Closed),
            Status::Reported
            | Status::UnderInvestigation
            | Status::InsuranceClaimFiled
            | Status::InRepair
            | Status::Closed => None,
        })
    })
    .stamps(&["closed_at"]),
    transition(
        "reopen",
        "status",
        &[long_text("status_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Resolved | Status::Closed => Some(Status::UnderInvestigation),
                Status::Reported | Status::UnderInvestigation | Status::InsuranceClaimFiled | Status::InRepair => None,
            })
        },
    ),
];

/// The place is on the map, and what ends does not end before it began.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = off_the_map(after);
    let days = after.date("repair_started_on").zip(after.date("repair_completed_on"));
    if days.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("repair_completed_on", "ends_before_start"));
    }
    let days = after.date("claim_filed_on").zip(after.date("claim_settled_on"));
    if days.is_some_and(|(start, end)| end < start) {
        violations.push(Violation::new("claim_settled_on", "ends_before_start"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn rules_of_a_row() {
        let table = [
            (json!({"latitude": "90.0000001"}), "latitude off_the_map"),
            (json!({"longitude": "-180.0000000", "latitude": "-90.0000000"}), ""),
            (
                json!({"repair_started_on": "2026-02-02", "repair_completed_on": "2026-02-01"}),
                "repair_completed_on ends_before_start",
            ),
        ];
        breaks(check, None, &table);
    }

    #[test]
    fn a_claim_has_a_number_and_a_day() {
        let input = json!({"insurance_claim_number": "C-7", "insurance_claim_amount": "8400.00"});
        let change = decide(ACTIONS, FIELDS, "file_claim", &json!({"status": "reported"}), &input).expect("allowed");
        assert_eq!(
            serde_json::Value::Object(change),
            json!({"status": "insurance_claim_filed", "insurance_claim_number": "C-7",
                   "insurance_claim_amount": "8400.00", "claim_filed_on": "1970-01-01"})
        );
    }
}
