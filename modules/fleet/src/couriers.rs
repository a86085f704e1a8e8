//! Couriers: the people who deliver. What they drive is in `vehicle_assignments`, never repeated here.

use platform_resource::{
    Action, Field, Record, Resource, Violation, choice, date, decimal, email, iban, instant, integer, long_text,
    member, money, moved, national_id, phone, text, transition,
};
use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::why::why;

/// Couriers.
pub static COURIERS: Resource = Resource::new("fleet", "couriers", FIELDS)
    .owned_by("member_id")
    .led_by("supervised_by")
    .title(&["full_name"])
    .check(check)
    .actions(ACTIONS);

/// A courier's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Onboarding,
    Active,
    OnLeave,
    Suspended,
    Inactive,
    Terminated,
}

/// An expiry of papers that does not come while anybody reads the example.
const GOOD_FOR_LONG: &str = "2036-01-15";

const FIELDS: &[Field] = &[
    text("barq_id", 50).required().unique().search().list().group("work"),
    text("full_name", 200)
        .required()
        .personal()
        .search()
        .list()
        .group("work"),
    choice("status", Status::VARIANTS)
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
    choice(
        "sponsorship_status",
        &["inhouse", "ajeer", "trial", "freelancer", "transfer_in_progress"],
    )
    .required()
    .default("inhouse")
    .aliases(&[("company", "inhouse"), ("personal", "freelancer")])
    .filter()
    .group("work"),
    choice("project_type", &["barq", "ecommerce", "food", "warehouse", "mixed"])
        .required()
        .default("barq")
        .aliases(&[("nana", "ecommerce"), ("syarah", "ecommerce"), ("other", "mixed")])
        .filter()
        .group("work"),
    text("project_name", 100).group("work"),
    text("position", 100).default("Courier").group("work"),
    text("city", 100).search().filter().list().group("work"),
    text("supervisor_name", 200).filter().group("work"),
    // Whose own rows, and whose team's, the rows about the courier are.
    member("member_id")
        .unique()
        .permission("link_members")
        .filter()
        .group("work"),
    member("supervised_by")
        .permission("link_members")
        .filter()
        .group("work"),
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
    date("iqama_expires_on")
        .example(GOOD_FOR_LONG)
        .filter()
        .group("identity"),
    text("passport_number", 50)
        .unique()
        .permission("read_identity")
        .group("identity"),
    date("passport_expires_on")
        .example(GOOD_FOR_LONG)
        .filter()
        .group("identity"),
    text("license_number", 50).personal().search().group("identity"),
    text("license_type", 20).group("identity"),
    date("license_expires_on")
        .example(GOOD_FOR_LONG)
        .filter()
        .group("identity"),
    text("gosi_number", 50).permission("read_identity").group("identity"),
    date("gosi_first_registered_on")
        .permission("read_identity")
        .group("identity"),
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
    text("emergency_contact_name", 200).personal().group("contact"),
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
    transition("activate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Onboarding | Status::Suspended | Status::Inactive => Some(Status::Active),
            Status::Active | Status::OnLeave | Status::Terminated => None,
        })
    })
    .decide(why),
    transition("put_on_leave", "status", &[REASON], |state| {
        from_active(state, Status::OnLeave)
    })
    .decide(why),
    transition("return_from_leave", "status", &[], |state| {
        moved(state, |status| match status {
            Status::OnLeave => Some(Status::Active),
            Status::Onboarding | Status::Active | Status::Suspended | Status::Inactive | Status::Terminated => None,
        })
    })
    .decide(why),
    transition("suspend", "status", &[REASON.required()], |state| {
        from_active(state, Status::Suspended)
    })
    .danger(),
    transition("deactivate", "status", &[REASON], |state| {
        from_active(state, Status::Inactive)
    })
    .decide(why),
    transition(
        "terminate",
        "status",
        &[date("last_working_day").required(), REASON],
        |state| {
            moved(state, |status| match status {
                Status::Onboarding | Status::Active | Status::OnLeave | Status::Suspended | Status::Inactive => {
                    Some(Status::Terminated)
                }
                Status::Terminated => None,
            })
        },
    )
    .decide(why)
    .danger(),
];

fn from_active(state: &str, to: Status) -> Option<&'static str> {
    moved(state, |status| match status {
        Status::Active => Some(to),
        Status::Onboarding | Status::OnLeave | Status::Suspended | Status::Inactive | Status::Terminated => None,
    })
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
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn a_reason_does_not_outlive_its_state() {
        let reason = json!({"status_reason": "Licence expired"});
        let suspended = decide(ACTIONS, FIELDS, "suspend", &json!({"status": "active"}), &reason).expect("allowed");
        assert_eq!(suspended["status_reason"], "Licence expired");
        let active = decide(ACTIONS, FIELDS, "activate", &json!({"status": "suspended"}), &json!({})).expect("allowed");
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
