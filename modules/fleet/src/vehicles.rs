//! Vehicles: the things a fleet drives. Who drives what is in `vehicle_assignments`.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, boolean, choice, date, decimal, instant,
    integer, long_text, money, plate, text,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// Vehicles.
pub static VEHICLES: Resource = Resource::new("fleet", "vehicles", FIELDS)
    .title(&["plate_number", "internal_number"])
    .check(check)
    .actions(ACTIONS);

const STATUS: &[&str] = &["active", "maintenance", "repair", "inactive", "retired"];

const FIELDS: &[Field] = &[
    plate("plate_number").unique().search().list().group("vehicle"),
    text("internal_number", 50).unique().search().list().group("vehicle"),
    choice("vehicle_type", &["motorcycle", "car", "van", "truck", "bicycle"])
        .required()
        .filter()
        .list()
        .group("vehicle"),
    choice("status", STATUS)
        .required()
        .read_only()
        .default("active")
        .filter()
        .list()
        .group("vehicle"),
    long_text("status_reason", 500).read_only().group("vehicle"),
    date("retired_on").read_only().group("vehicle"),
    text("make", 100).search().list().group("vehicle"),
    text("model", 100).search().list().group("vehicle"),
    integer("year", 1950, 2100).filter().group("vehicle"),
    text("color", 50).group("vehicle"),
    choice("ownership_type", &["owned", "leased", "rented"])
        .required()
        .default("owned")
        .filter()
        .group("vehicle"),
    text("assigned_to_city", 100).filter().list().group("use"),
    text("assigned_to_project", 100).filter().group("use"),
    boolean("is_pool_vehicle")
        .required()
        .default("false")
        .filter()
        .group("use"),
    text("registration_number", 50).unique().search().group("papers"),
    date("registration_expires_on").filter().group("papers"),
    text("insurance_company", 200).group("papers"),
    text("insurance_policy_number", 100).group("papers"),
    date("insurance_expires_on").filter().group("papers"),
    text("vin_number", 50).unique().search().group("papers"),
    text("engine_number", 50).group("engine"),
    integer("engine_capacity_cc", 0, 30_000).unit("cc").group("engine"),
    choice("transmission", &["manual", "automatic"]).group("engine"),
    choice("fuel_type", &["gasoline", "diesel", "electric", "hybrid"])
        .filter()
        .group("engine"),
    decimal("fuel_capacity_l", 2).unit("l").group("engine"),
    text("fuel_card_number", 50).unique().search().group("use"),
    decimal("mileage_km", 2)
        .required()
        .default("0")
        .unit("km")
        .list()
        .group("use"),
    decimal("total_distance_km", 2)
        .required()
        .read_only()
        .default("0")
        .unit("km")
        .group("use"),
    integer("total_trips", 0, 999_999_999)
        .required()
        .read_only()
        .default("0")
        .group("use"),
    decimal("avg_km_per_l", 2).read_only().unit("km_per_l").group("use"),
    date("last_service_on").group("service"),
    decimal("last_service_km", 2).unit("km").group("service"),
    date("next_service_on").filter().group("service"),
    decimal("next_service_km", 2).unit("km").group("service"),
    text("gps_device_id", 100).group("tracking"),
    text("gps_device_imei", 50).group("tracking"),
    boolean("is_gps_active").required().default("false").group("tracking"),
    integer("fms_asset_id", 1, 999_999_999_999).unique().group("tracking"),
    integer("fms_tracking_unit_id", 1, 999_999_999_999).group("tracking"),
    instant("fms_synced_at").read_only().group("tracking"),
    money("purchase_price").permission("read_cost").group("cost"),
    date("purchased_on").group("cost"),
    money("monthly_lease_cost").permission("read_cost").group("cost"),
    decimal("depreciation_rate_percent", 2)
        .default("20")
        .permission("read_cost")
        .unit("percent")
        .group("cost"),
    long_text("notes", 4000),
];

const REASON: Field = long_text("status_reason", 500);

const ACTIONS: &[Action] = &[
    action(
        "send_to_maintenance",
        &[
            choice("work", &["maintenance", "repair"]).default("maintenance"),
            REASON,
        ],
        send_to_maintenance,
    )
    .when("status", &["active"]),
    action("return_to_service", &[], return_to_service).when("status", &["maintenance", "repair"]),
    action("deactivate", &[REASON], deactivate).when("status", &["active"]),
    action("activate", &[], activate).when("status", &["inactive"]),
    action("retire", &[date("retired_on").required(), REASON], retire)
        .when("status", &["active", "maintenance", "repair", "inactive"])
        .danger(),
];

/// A vehicle's states.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Active,
    Maintenance,
    Repair,
    Inactive,
    Retired,
}

#[derive(Deserialize)]
struct Vehicle {
    status: Status,
}

fn status(given: &Given<'_>) -> Result<Status, &'static str> {
    match given.record.typed::<Vehicle>() {
        Ok(vehicle) => Ok(vehicle.status),
        Err(_) => Err("unknown_status"),
    }
}

/// The new status and why; an earlier reason does not outlive the state it explained.
fn become_status(to: &str, given: &Given<'_>) -> Map<String, Json> {
    let reason = given.input.get("status_reason").clone();
    Map::from_iter([("status".to_owned(), json!(to)), ("status_reason".to_owned(), reason)])
}

fn send_to_maintenance(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::Active if given.input.is("work", "repair") => Ok(become_status("repair", given)),
        Status::Active => Ok(become_status("maintenance", given)),
        Status::Maintenance | Status::Repair => Err("vehicle_in_workshop"),
        Status::Inactive => Err("vehicle_not_active"),
        Status::Retired => Err("vehicle_retired"),
    }
}

fn return_to_service(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::Maintenance | Status::Repair => Ok(become_status("active", given)),
        Status::Active | Status::Inactive => Err("vehicle_not_in_workshop"),
        Status::Retired => Err("vehicle_retired"),
    }
}

fn deactivate(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::Active => Ok(become_status("inactive", given)),
        Status::Maintenance | Status::Repair => Err("vehicle_in_workshop"),
        Status::Inactive => Err("vehicle_not_active"),
        Status::Retired => Err("vehicle_retired"),
    }
}

fn activate(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::Inactive => Ok(become_status("active", given)),
        Status::Active => Err("already_active"),
        Status::Maintenance | Status::Repair => Err("vehicle_in_workshop"),
        Status::Retired => Err("vehicle_retired"),
    }
}

fn retire(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::Active | Status::Maintenance | Status::Repair | Status::Inactive => {
            let mut change = become_status("retired", given);
            change.insert("retired_on".into(), given.input.get("retired_on").clone());
            Ok(change)
        }
        Status::Retired => Err("vehicle_retired"),
    }
}

/// A vehicle can be named; a retired one has a day of retirement and no other has; mileage never falls.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !after.has("plate_number") && !after.has("internal_number") {
        violations.push(Violation::new("plate_number", "plate_or_internal_number"));
    }
    if after.is("status", "retired") != after.has("retired_on") {
        violations.push(Violation::new("retired_on", "must_match_status"));
    }
    let old_mileage = before.and_then(|before| before.decimal("mileage_km"));
    if old_mileage
        .zip(after.decimal("mileage_km"))
        .is_some_and(|(old, new)| new < old)
    {
        violations.push(Violation::new("mileage_km", "must_not_fall"));
    }
    if after
        .decimal("depreciation_rate_percent")
        .is_some_and(|rate| rate > Decimal::ONE_HUNDRED)
    {
        violations.push(Violation::new("depreciation_rate_percent", "over_scale"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide, walk};

    #[test]
    fn every_action_in_every_state() {
        const SHOP: &str = "!vehicle_in_workshop";
        const OUT: &str = "!vehicle_not_in_workshop";
        const NOT: &str = "!vehicle_not_active";
        const GONE: &str = "!vehicle_retired";
        // In the order of STATUS: active, maintenance, repair, inactive, retired.
        let table: &[(&str, &[&str])] = &[
            ("send_to_maintenance", &["maintenance", SHOP, SHOP, NOT, GONE]),
            ("return_to_service", &[OUT, "active", "active", OUT, GONE]),
            ("deactivate", &["inactive", SHOP, SHOP, NOT, GONE]),
            ("activate", &["!already_active", SHOP, SHOP, "active", GONE]),
            ("retire", &["retired", "retired", "retired", "retired", GONE]),
        ];
        walk(ACTIONS, "status", STATUS, &json!({"retired_on": "2026-01-31"}), table);
    }

    #[test]
    fn a_repair_is_not_a_service() {
        let input = json!({"work": "repair", "status_reason": "Clutch"});
        let change = decide(ACTIONS, "send_to_maintenance", &json!({"status": "active"}), &input).expect("allowed");
        assert_eq!(change["status"], "repair");
        assert_eq!(change["status_reason"], "Clutch");
    }

    #[test]
    fn rules_of_a_row() {
        let seven = |field: &str, value: &str| json!({"internal_number": "7", field: value});
        let table = [
            (json!({}), "plate_number plate_or_internal_number"),
            (json!({"internal_number": "7"}), ""),
            (json!({"plate_number": "ABJ 1"}), ""),
            (seven("status", "retired"), "retired_on must_match_status"),
            (seven("retired_on", "2026-01-01"), "retired_on must_match_status"),
            (seven("mileage_km", "99.99"), "mileage_km must_not_fall"),
            (seven("mileage_km", "100.00"), ""),
            (
                seven("depreciation_rate_percent", "100.01"),
                "depreciation_rate_percent over_scale",
            ),
        ];
        breaks(check, Some(&json!({"mileage_km": "100.00"})), &table);
    }
}
