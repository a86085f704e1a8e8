//! Leases, insurance and services of buildings. A renewal is a contract of its own that names the one it renews.

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, action, boolean, choice, date, email, file, integer,
    long_text, money, moved, number, phone, reference, text, transition,
};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

/// Contracts.
pub static HOUSING_CONTRACTS: Resource = Resource::new("accommodation", "housing_contracts", FIELDS)
    .title(&["contract_number"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    Active,
    Renewed,
    Expired,
    Terminated,
}

const FIELDS: &[Field] = &[
    number("contract_number", "HC", 4),
    reference("building_id", "accommodation.buildings")
        .required()
        .filter()
        .list()
        .group("contract"),
    choice("contract_type", &["lease", "insurance", "service"])
        .required()
        .default("lease")
        .filter()
        .list()
        .group("contract"),
    text("party_name", 200).required().search().list().group("contract"),
    phone("party_phone").group("contract"),
    email("party_email").group("contract"),
    text("reference_number", 100).search().group("contract"),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list()
        .group("contract"),
    date("starts_on").required().filter().list().group("contract"),
    date("ends_on").required().filter().list().group("contract"),
    money("rent").required().list().permission("read_cost").group("money"),
    choice("payment_period", &["monthly", "quarterly", "semiannual", "annual"])
        .required()
        .default("monthly")
        .filter()
        .group("money"),
    money("deposit").permission("read_cost").group("money"),
    integer("notice_days", 0, 365)
        .default("60")
        .unit("days")
        .group("contract"),
    boolean("is_renewed_automatically")
        .required()
        .default("false")
        .filter()
        .group("contract"),
    file("file_id").group("contract"),
    date("activated_on").read_only().group("outcome"),
    integer("warned_days_before", 1, 365)
        .read_only()
        .unit("days")
        .group("outcome"),
    date("renewed_until").read_only().group("outcome"),
    money("renewed_rent")
        .read_only()
        .permission("read_cost")
        .group("outcome"),
    reference("renewal_of_id", "accommodation.housing_contracts")
        .read_only()
        .group("outcome"),
    date("terminated_on").read_only().group("outcome"),
    long_text("termination_reason", 500).read_only().group("outcome"),
    long_text("notes", 4000),
];

const ACTIONS: &[Action] = &[
    transition("activate", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft => Some(Status::Active),
            Status::Active | Status::Renewed | Status::Expired | Status::Terminated => None,
        })
    })
    .stamps(&["activated_on"]),
    action("warn", &[], warn).internal().when("status", &["active"]),
    transition(
        "renew",
        "status",
        &[
            date("renewed_until").required(),
            money("renewed_rent").permission("read_cost"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Active | Status::Expired => Some(Status::Renewed),
                Status::Draft | Status::Renewed | Status::Terminated => None,
            })
        },
    ),
    transition("expire", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Active => Some(Status::Expired),
            Status::Draft | Status::Renewed | Status::Expired | Status::Terminated => None,
        })
    })
    .internal()
    .decide(expire),
    transition(
        "terminate",
        "status",
        &[
            date("terminated_on").required(),
            long_text("termination_reason", 500).required(),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Draft | Status::Active => Some(Status::Terminated),
                Status::Renewed | Status::Expired | Status::Terminated => None,
            })
        },
    )
    .danger(),
];

/// Days before the end at which people are warned, the nearest first.
const WARNINGS: [i64; 3] = [30, 60, 90];

/// The warning that is due: the nearest that has been reached, unless it was given already.
fn due_warning(ends_on: NaiveDate, today: NaiveDate, warned: Option<i64>) -> Option<i64> {
    let left = (ends_on - today).num_days();
    let reached = WARNINGS.into_iter().find(|days| left <= *days).filter(|_| left >= 0)?;
    warned.is_none_or(|earlier| reached < earlier).then_some(reached)
}

fn warn(given: &Given<'_>) -> Decision {
    let is_active = given.record.is("status", "active");
    let ends_on = given
        .record
        .date("ends_on")
        .filter(|_| is_active)
        .ok_or("no_warning_due")?;
    let days = due_warning(ends_on, given.today, given.record.integer("warned_days_before")).ok_or("no_warning_due")?;
    Ok(Map::from_iter([("warned_days_before".to_owned(), json!(days))]))
}

/// A contract is in force on its last day.
fn expire(given: &Given<'_>) -> Decision {
    match given.record.date("ends_on") {
        Some(last) if last >= given.today => Err("contract_still_runs"),
        _ => Ok(Map::new()),
    }
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let later = |first: &str, second: &str| {
        let days = after.date(first).zip(after.date(second));
        days.map(|(first, second)| second.cmp(&first))
    };
    if later("starts_on", "ends_on").is_some_and(std::cmp::Ordering::is_lt) {
        violations.push(Violation::new("ends_on", "ends_before_start"));
    }
    if later("ends_on", "renewed_until").is_some_and(std::cmp::Ordering::is_le) {
        violations.push(Violation::new("renewed_until", "must_end_later"));
    }
    violations
}

/// The renewal begins the day after, with the terms of the contract that it renews.
pub(crate) async fn renewed(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let old = platform_engine::load(cx, &HOUSING_CONTRACTS, event.subject).await?;
    let starts_on = old
        .date("ends_on")
        .and_then(|last| last.checked_add_days(Days::new(1)))
        .ok_or_else(Problem::not_found)?;
    let mut row = Map::new();
    for field in [
        "building_id",
        "contract_type",
        "party_name",
        "party_phone",
        "party_email",
        "reference_number",
        "payment_period",
        "notice_days",
        "is_renewed_automatically",
        "deposit",
    ] {
        row.insert(field.into(), old.get(field).clone());
    }
    let rent = if old.has("renewed_rent") {
        "renewed_rent"
    } else {
        "rent"
    };
    row.insert("rent".into(), old.get(rent).clone());
    row.insert("starts_on".into(), json!(starts_on));
    row.insert("ends_on".into(), old.get("renewed_until").clone());
    row.insert("renewal_of_id".into(), json!(event.subject));
    row.insert("status".into(), json!("active"));
    row.insert("activated_on".into(), json!(cx.today()));
    platform_engine::create(cx, &HOUSING_CONTRACTS, row).await.map(drop)
}

pub(crate) const ENDED: &str = "SELECT c.id FROM accommodation.housing_contracts c
    WHERE c.organization_id = $1 AND c.status = 'active' AND c.ends_on < $2 AND c.deleted_at IS NULL
    ORDER BY c.ends_on, c.id LIMIT 500";
pub(crate) const ENDING: &str = "SELECT c.id FROM accommodation.housing_contracts c
    WHERE c.organization_id = $1 AND c.status = 'active' AND c.ends_on >= $2 AND c.deleted_at IS NULL
        AND (c.ends_on <= $2 + 90 AND c.warned_days_before IS NULL
            OR c.ends_on <= $2 + 60 AND c.warned_days_before > 60
            OR c.ends_on <= $2 + 30 AND c.warned_days_before > 30)
    ORDER BY c.ends_on, c.id LIMIT 500";

/// Once a day: contracts that have ended expire, and people are warned 90, 60 and 30 days before the end.
pub(crate) async fn daily(cx: &mut Cx) -> Result<(), Problem> {
    let today = cx.today();
    for (statement, action) in [(ENDED, "expire"), (ENDING, "warn")] {
        let due: Vec<Uuid> = sqlx::query_scalar(statement)
            .bind(cx.organization_id)
            .bind(today)
            .fetch_all(cx.db())
            .await?;
        for contract_id in due {
            platform_engine::act(cx, &HOUSING_CONTRACTS, contract_id, action, Map::new()).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn people_are_warned_three_times() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let due = |today: &str, warned| due_warning(day("2026-06-30"), day(today), warned);
        assert_eq!(due("2026-03-31", None), None, "91 days before");
        assert_eq!(due("2026-04-01", None), Some(90));
        assert_eq!(due("2026-04-02", Some(90)), None);
        assert_eq!(due("2026-05-01", Some(90)), Some(60));
        assert_eq!(due("2026-05-31", Some(60)), Some(30));
        assert_eq!(
            due("2026-05-31", None),
            Some(30),
            "a contract recorded late is warned of once"
        );
        assert_eq!(due("2026-06-30", Some(30)), None);
        assert_eq!(due("2026-07-01", None), None, "it has ended");
    }

    #[test]
    fn a_contract_expires_after_its_last_day() {
        // Decisions of tests are taken on 2026-06-15.
        let contract = |ends_on: &str| json!({"status": "active", "ends_on": ends_on});
        let expire = |ends_on| decide(&HOUSING_CONTRACTS, "expire", &contract(ends_on), &json!({}));
        assert_eq!(expire("2026-06-15"), Err("contract_still_runs"));
        assert_eq!(expire("2026-06-14").expect("allowed")["status"], "expired");
        let warned = decide(&HOUSING_CONTRACTS, "warn", &contract("2026-07-01"), &json!({})).expect("allowed");
        assert_eq!(warned["warned_days_before"], 30);
        let draft = json!({"status": "draft", "ends_on": "2026-07-01"});
        assert_eq!(
            decide(&HOUSING_CONTRACTS, "warn", &draft, &json!({})),
            Err("no_warning_due")
        );
    }

    #[test]
    fn rules_of_a_row() {
        let contract =
            |end: &str, renewed: &str| json!({"starts_on": "2026-01-01", "ends_on": end, "renewed_until": renewed});
        let table = [
            (contract("2025-12-31", "2026-12-31"), "ends_on ends_before_start"),
            (contract("2026-01-01", "2026-01-01"), "renewed_until must_end_later"),
            (contract("2026-01-01", "2026-01-02"), ""),
        ];
        breaks(check, None, &table);
    }
}
