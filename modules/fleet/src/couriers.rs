//! Couriers: the people who deliver. What they drive is in `vehicle_assignments`, never repeated here.

use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, choice, date, decimal, email, iban, instant,
    integer, long_text, money, national_id, phone, text,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, json};

/// Couriers.
pub static COURIERS: Resource = Resource::new("fleet", "couriers", FIELDS)
    .title(&["full_name"])
    .check(check)
    .actions(ACTIONS);

const STATUS: &[&str] = &[
    "onboarding",
    "active",
    "on_leave",
    "suspended",
    "inactive",
    "terminated",
];

const FIELDS: &[Field] = &[
    text("barq_id", 50).required().unique().search().list().group("work"),
    text("full_name", 200).required().search().list().group("work"),
    choice("status", STATUS)
        .required()
        .read_only()
        .default("onboarding")
        .filter()
        .list()
        .group("work"),
    long_text("status_reason", 500).read_only().group("work"),
    phone("mobile_number").search().list().group("contact"),
    email("email").unique().search().group("contact"),
    text("employee_id", 50).unique().search().group("work"),
    choice("sponsorship_status", &["inhouse", "ajeer", "trial", "freelancer"])
        .required()
        .default("inhouse")
        .filter()
        .group("work"),
    choice("project_type", &["barq", "ecommerce", "food", "warehouse", "mixed"])
        .required()
        .default("barq")
        .filter()
        .group("work"),
    text("project_name", 100).group("work"),
    text("position", 100).default("Courier").group("work"),
    text("city", 100).search().filter().list().group("work"),
    text("supervisor_name", 200).filter().group("work"),
    date("joined_on").filter().list().group("work"),
    date("last_working_day").read_only().group("work"),
    text("nationality", 100).filter().group("identity"),
    date("date_of_birth").permission("read_identity").group("identity"),
    national_id("national_id")
        .unique()
        .permission("read_identity")
        .group("identity"),
    national_id("iqama_number")
        .unique()
        .permission("read_identity")
        .group("identity"),
    date("iqama_expires_on").filter().group("identity"),
    text("passport_number", 50)
        .unique()
        .permission("read_identity")
        .group("identity"),
    date("passport_expires_on").filter().group("identity"),
    text("license_number", 50).search().group("identity"),
    text("license_type", 20).group("identity"),
    date("license_expires_on").filter().group("identity"),
    text("gosi_number", 50).permission("read_identity").group("identity"),
    text("bank_name", 100).permission("read_bank").group("bank"),
    text("bank_account_number", 50).permission("read_bank").group("bank"),
    iban("iban").permission("read_bank").group("bank"),
    money("basic_salary").permission("read_pay").group("pay"),
    money("housing_allowance").permission("read_pay").group("pay"),
    money("transportation_allowance").permission("read_pay").group("pay"),
    text("jahez_driver_id", 50).search().group("platforms"),
    text("hunger_rider_id", 50).search().group("platforms"),
    text("mrsool_courier_id", 50).search().group("platforms"),
    text("nana_courier_id", 50).search().group("platforms"),
    text("syarah_driver_id", 50).search().group("platforms"),
    integer("fms_asset_id", 1, 999_999_999_999).unique().group("tracking"),
    integer("fms_driver_id", 1, 999_999_999_999).group("tracking"),
    instant("fms_synced_at").read_only().group("tracking"),
    text("emergency_contact_name", 200).group("contact"),
    phone("emergency_contact_phone").group("contact"),
    decimal("performance_score", 2)
        .required()
        .read_only()
        .default("0")
        .group("performance"),
    decimal("average_rating", 2).read_only().group("performance"),
    integer("total_deliveries", 0, 999_999_999)
        .required()
        .read_only()
        .default("0")
        .group("performance"),
    long_text("notes", 4000),
];

const REASON: Field = long_text("status_reason", 500);

const ACTIONS: &[Action] = &[
    action("activate", &[], activate).when("status", &["onboarding", "suspended", "inactive"]),
    action("put_on_leave", &[REASON], put_on_leave).when("status", &["active"]),
    action("return_from_leave", &[], return_from_leave).when("status", &["on_leave"]),
    action("suspend", &[REASON.required()], suspend)
        .when("status", &["active"])
        .danger(),
    action("deactivate", &[REASON], deactivate).when("status", &["active"]),
    action("terminate", &[date("last_working_day").required(), REASON], terminate)
        .when("status", &["onboarding", "active", "on_leave", "suspended", "inactive"])
        .danger(),
];

/// A courier's states.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Onboarding,
    Active,
    OnLeave,
    Suspended,
    Inactive,
    Terminated,
}

#[derive(Deserialize)]
struct Courier {
    status: Status,
}

fn status(given: &Given<'_>) -> Result<Status, &'static str> {
    match given.record.typed::<Courier>() {
        Ok(courier) => Ok(courier.status),
        Err(_) => Err("unknown_status"),
    }
}

/// The new status and why; an earlier reason does not outlive the state it explained.
fn become_status(to: &str, given: &Given<'_>) -> Map<String, serde_json::Value> {
    let reason = given.input.get("status_reason").clone();
    Map::from_iter([("status".to_owned(), json!(to)), ("status_reason".to_owned(), reason)])
}

fn activate(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::Onboarding | Status::Suspended | Status::Inactive => Ok(become_status("active", given)),
        Status::Active => Err("already_active"),
        Status::OnLeave => Err("courier_on_leave"),
        Status::Terminated => Err("courier_terminated"),
    }
}

fn put_on_leave(given: &Given<'_>) -> Decision {
    from_active(given, "on_leave")
}

fn suspend(given: &Given<'_>) -> Decision {
    from_active(given, "suspended")
}

fn deactivate(given: &Given<'_>) -> Decision {
    from_active(given, "inactive")
}

fn from_active(given: &Given<'_>, to: &str) -> Decision {
    match status(given)? {
        Status::Active => Ok(become_status(to, given)),
        Status::Onboarding | Status::OnLeave | Status::Suspended | Status::Inactive => Err("courier_not_active"),
        Status::Terminated => Err("courier_terminated"),
    }
}

fn return_from_leave(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::OnLeave => Ok(become_status("active", given)),
        Status::Onboarding | Status::Active | Status::Suspended | Status::Inactive => Err("courier_not_on_leave"),
        Status::Terminated => Err("courier_terminated"),
    }
}

fn terminate(given: &Given<'_>) -> Decision {
    match status(given)? {
        Status::Onboarding | Status::Active | Status::OnLeave | Status::Suspended | Status::Inactive => {
            let mut change = become_status("terminated", given);
            change.insert("last_working_day".into(), given.input.get("last_working_day").clone());
            Ok(change)
        }
        Status::Terminated => Err("courier_terminated"),
    }
}

/// Dates in their order, a residence number that is one, figures within their scale.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut refuse = |broken: bool, field, code| {
        if broken {
            violations.push(Violation::new(field, code));
        }
    };
    let joined_on = after.date("joined_on");
    let over = |field, most: i64| after.decimal(field).is_some_and(|figure| figure > Decimal::from(most));
    refuse(
        after.is("status", "terminated") && !after.has("last_working_day"),
        "last_working_day",
        "required",
    );
    refuse(
        joined_on
            .zip(after.date("last_working_day"))
            .is_some_and(|(joined, last)| last < joined),
        "last_working_day",
        "before_joining",
    );
    refuse(
        joined_on
            .zip(after.date("date_of_birth"))
            .is_some_and(|(joined, born)| born >= joined),
        "date_of_birth",
        "after_joining",
    );
    refuse(
        after
            .text("iqama_number")
            .is_some_and(|number| !number.starts_with('2')),
        "iqama_number",
        "not_an_iqama",
    );
    refuse(over("performance_score", 100), "performance_score", "over_scale");
    refuse(over("average_rating", 5), "average_rating", "over_scale");
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use crate::testing::{breaks, decide, walk};

    #[test]
    fn every_action_in_every_state() {
        const GONE: &str = "!courier_terminated";
        const NOT: &str = "!courier_not_active";
        const AT_WORK: &str = "!courier_not_on_leave";
        // In the order of STATUS: onboarding, active, on_leave, suspended, inactive, terminated.
        let table: &[(&str, &[&str])] = &[
            (
                "activate",
                &[
                    "active",
                    "!already_active",
                    "!courier_on_leave",
                    "active",
                    "active",
                    GONE,
                ],
            ),
            ("put_on_leave", &[NOT, "on_leave", NOT, NOT, NOT, GONE]),
            (
                "return_from_leave",
                &[AT_WORK, AT_WORK, "active", AT_WORK, AT_WORK, GONE],
            ),
            ("suspend", &[NOT, "suspended", NOT, NOT, NOT, GONE]),
            ("deactivate", &[NOT, "inactive", NOT, NOT, NOT, GONE]),
            (
                "terminate",
                &[
                    "terminated",
                    "terminated",
                    "terminated",
                    "terminated",
                    "terminated",
                    GONE,
                ],
            ),
        ];
        walk(
            ACTIONS,
            "status",
            STATUS,
            &json!({"last_working_day": "2026-01-31"}),
            table,
        );
    }

    #[test]
    fn a_reason_does_not_outlive_its_state() {
        let reason = json!({"status_reason": "Licence expired"});
        let suspended = decide(ACTIONS, "suspend", &json!({"status": "active"}), &reason).expect("allowed");
        assert_eq!(suspended["status_reason"], "Licence expired");
        let active = decide(ACTIONS, "activate", &json!({"status": "suspended"}), &json!({})).expect("allowed");
        assert_eq!(active["status_reason"], Json::Null);
    }

    #[test]
    fn rules_of_a_row() {
        let joined = |field: &str, day: &str| json!({"joined_on": "2026-02-01", field: day});
        let table = [
            (json!({"status": "terminated"}), "last_working_day required"),
            (
                joined("last_working_day", "2026-01-31"),
                "last_working_day before_joining",
            ),
            (joined("last_working_day", "2026-02-01"), ""),
            (joined("date_of_birth", "2026-02-01"), "date_of_birth after_joining"),
            (joined("date_of_birth", "1990-02-01"), ""),
            (json!({"iqama_number": "1000000008"}), "iqama_number not_an_iqama"),
            (json!({"iqama_number": "2000000006"}), ""),
            (json!({"performance_score": "100.01"}), "performance_score over_scale"),
            (json!({"performance_score": "100.00"}), ""),
            (json!({"average_rating": "5.10"}), "average_rating over_scale"),
        ];
        breaks(check, None, &table);
    }
}
