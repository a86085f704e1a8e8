//! Vehicles: the things a fleet drives. Who drives what is in `vehicle_assignments`.

use platform_resource::{
    Action, Decision, Field, Given, Kind, Record, Resource, Value, Violation, action, boolean, choice, date, decimal,
    instant, integer, long_text, money, moved, plate, text, transition,
};
use rust_decimal::Decimal;
use serde_json::Map;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::why::why;

/// Vehicles.
pub static VEHICLES: Resource = Resource::new("fleet", "vehicles", FIELDS)
    .title(&["plate_number", "internal_number"])
    .check(check)
    .actions(ACTIONS);

/// A vehicle's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Active,
    Maintenance,
    Repair,
    Inactive,
    Retired,
}

/// An expiry of papers that does not come while anybody reads the example.
const GOOD_FOR_LONG: &str = "2036-01-15";

const FIELDS: &[Field] = &[
    plate("plate_number").unique().search().list().group("vehicle"),
    text("internal_number", 50).unique().search().list().group("vehicle"),
    choice("vehicle_type", &["motorcycle", "car", "van", "truck", "bicycle"])
        .required()
        .filter()
        .list()
        .group("vehicle"),
    choice("status", Status::VARIANTS)
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
    date("registration_expires_on")
        .example(GOOD_FOR_LONG)
        .filter()
        .group("papers"),
    text("insurance_company", 200).group("papers"),
    text("insurance_policy_number", 100).group("papers"),
    date("insurance_expires_on")
        .example(GOOD_FOR_LONG)
        .filter()
        .group("papers"),
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
    instant("mileage_corrected_at").read_only().group("use"),
    long_text("mileage_correction_reason", 500).read_only().group("use"),
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
    transition("send_to_maintenance", "status", &[REASON], |state| {
        from_active(state, Status::Maintenance)
    })
    .decide(why),
    transition("send_to_repair", "status", &[REASON], |state| {
        from_active(state, Status::Repair)
    })
    .decide(why),
    transition("return_to_service", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Maintenance | Status::Repair => Some(Status::Active),
            Status::Active | Status::Inactive | Status::Retired => None,
        })
    })
    .decide(why),
    transition("deactivate", "status", &[REASON], |state| {
        from_active(state, Status::Inactive)
    })
    .decide(why),
    transition("activate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Inactive => Some(Status::Active),
            Status::Active | Status::Maintenance | Status::Repair | Status::Retired => None,
        })
    })
    .decide(why),
    transition("retire", "status", &[date("retired_on").required(), REASON], |state| {
        moved(state, |status| match status {
            Status::Active | Status::Maintenance | Status::Repair | Status::Inactive => Some(Status::Retired),
            Status::Retired => None,
        })
    })
    .decide(why)
    .danger(),
    action(
        "correct_mileage",
        &[
            decimal("mileage_km", 2).required().unit("km"),
            long_text("mileage_correction_reason", 500).required(),
        ],
        correct_mileage,
    )
    .danger(),
];

/// The only way down, for a reading that was never shown.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn correct_mileage(given: &Given<'_>) -> Decision {
    let stated = |field: &str| (field.to_owned(), given.input.get(field).clone());
    let at = Value::Instant(given.now).to_json(Kind::Instant);
    Ok(Map::from_iter([
        stated("mileage_km"),
        stated("mileage_correction_reason"),
        ("mileage_corrected_at".to_owned(), at),
    ]))
}

fn from_active(state: &str, to: Status) -> Option<&'static str> {
    moved(state, |status| match status {
        Status::Active => Some(to),
        Status::Maintenance | Status::Repair | Status::Inactive | Status::Retired => None,
    })
}

/// A vehicle can be named; a retired one has a day of retirement and no other has; mileage falls by correction only.
fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !after.has("plate_number") && !after.has("internal_number") {
        violations.push(Violation::new("plate_number", "plate_or_internal_number"));
    }
    if after.is("status", "retired") != after.has("retired_on") {
        violations.push(Violation::new("retired_on", "must_match_status"));
    }
    let old_mileage = before.and_then(|before| before.decimal("mileage_km"));
    let is_corrected =
        before.is_some_and(|before| before.get("mileage_corrected_at") != after.get("mileage_corrected_at"));
    if !is_corrected
        && old_mileage
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
    use serde_json::json;

    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn a_reason_does_not_outlive_its_state() {
        let reason = json!({"status_reason": "Clutch"});
        let sent = decide(ACTIONS, FIELDS, "send_to_repair", &json!({"status": "active"}), &reason).expect("allowed");
        assert_eq!(
            (&sent["status"], &sent["status_reason"]),
            (&json!("repair"), &json!("Clutch"))
        );
        let back = decide(
            ACTIONS,
            FIELDS,
            "return_to_service",
            &json!({"status": "repair"}),
            &json!({}),
        );
        let back = back.expect("allowed");
        assert_eq!(
            (&back["status"], &back["status_reason"]),
            (&json!("active"), &json!(null))
        );
    }

    #[test]
    fn mileage_falls_by_correction_only() {
        let input = json!({"mileage_km": "90.00", "mileage_correction_reason": "A digit too many"});
        let change = decide(ACTIONS, FIELDS, "correct_mileage", &json!({}), &input).expect("allowed");
        let mut after = json!({"internal_number": "7", "mileage_km": "100.00"});
        let before = after.clone();
        for (field, value) in change {
            after[field] = value;
        }
        assert_eq!(after["mileage_corrected_at"], "1970-01-01T00:00:00.000Z");
        breaks(check, Some(&before), &[(after.clone(), "")]);
        let mut again = after.clone();
        again["mileage_km"] = json!("80.00");
        breaks(check, Some(&after), &[(again, "mileage_km must_not_fall")]);
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
