//! Final settlements: prepared from the records, approved by a second person once everything of the company is back, and paid. What
//! they settle is settled with them: loans are repaid, and leave that was paid for is taken off its ledger.

use chrono::{Datelike, NaiveDate};
use hr_pay::{DayCount, Reason};
use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Resource, Verb, choice, date, decimal, instant, integer, long_text, member, money,
    moved, number, reference, transition,
};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::inputs::object;
use crate::leaving::{self, EndOfService, Leaver};
use crate::{LEAVE_ENTRIES, LOANS};

/// Final settlements: their figures come from the records alone.
pub static FINAL_SETTLEMENTS: Resource = Resource::new("hr", "final_settlements", FIELDS)
    .owned_by("courier_id")
    .title(&["settlement_number"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .actions(ACTIONS)
    .sort("-last_day");

const FIELDS: &[Field] = &[
    number("settlement_number", "FS", 5).continuous(),
    reference("courier_id", "fleet.couriers").required().filter().list(),
    choice("reason", REASONS).required().filter().list(),
    date("joined_on").required(),
    date("last_day").required().filter().list(),
    date("settle_by").required().filter().list(),
    decimal("service_years", 4).required().unit("years"),
    integer("suspended_days", 0, 36_500)
        .required()
        .default("0")
        .unit("days"),
    money("monthly_wage").required().permission("read_pay"),
    money("award").required().permission("read_pay"),
    decimal("unused_leave_days", 2).required().unit("days"),
    money("unused_leave").required().permission("read_pay"),
    integer("notice_days", 0, 3_650).unit("days"),
    money("notice").signed().required().permission("read_pay"),
    money("loans").required().permission("read_pay"),
    money("net").signed().required().list().permission("read_pay"),
    choice("status", Status::VARIANTS)
        .required()
        .default("draft")
        .filter()
        .list(),
    member("prepared_by"),
    member("approved_by"),
    instant("approved_at"),
    long_text("cancel_reason", 500),
    date("paid_on").list(),
    choice("payment_method", METHODS),
    long_text("notes", 4000),
];

const REASONS: &[&str] = &[
    "resignation",
    "employer_termination",
    "contract_end",
    "retirement",
    "death",
    "force_majeure",
    "marriage_or_birth",
    "employer_breach",
    "gross_misconduct",
];
const METHODS: &[&str] = &["bank_transfer", "cash", "cheque"];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    Approved,
    Paid,
    Cancelled,
}

const ACTIONS: &[Action] = &[
    transition("approve", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft => Some(Status::Approved),
            Status::Approved | Status::Paid | Status::Cancelled => None,
        })
    })
    .stamps(&["approved_at"])
    .signs("approved_by")
    .decide(by_another),
    transition(
        "pay",
        "status",
        &[
            date("paid_on"),
            choice("payment_method", METHODS).required().default("bank_transfer"),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Approved => Some(Status::Paid),
                Status::Draft | Status::Paid | Status::Cancelled => None,
            })
        },
    )
    .decide(|given| {
        let paid_on = given.input.date("paid_on").unwrap_or(given.today);
        Ok(Map::from_iter([("paid_on".to_owned(), json!(paid_on))]))
    })
    .danger(),
    transition(
        "cancel",
        "status",
        &[long_text("cancel_reason", 500).required()],
        |state| {
            moved(state, |status| match status {
                Status::Draft | Status::Approved => Some(Status::Cancelled),
                Status::Paid | Status::Cancelled => None,
            })
        },
    )
    .danger(),
];

/// Nobody approves what he prepared himself.
fn by_another(given: &Given<'_>) -> Decision {
    if given.record.uuid("prepared_by") == Some(given.actor_id) {
        return Err("own_settlement");
    }
    Ok(Map::new())
}

/// Loans of a courier on which something is owed.
pub(crate) const OWED: &str = "SELECT l.id
FROM hr.loans l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.status = 'active' AND l.outstanding_balance > 0
    AND l.deleted_at IS NULL
ORDER BY l.id";

/// Whose settlement.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The courier.
    courier_id: Uuid,
    /// Last day of work; the one on record, or today.
    last_day: Option<NaiveDate>,
    /// Why the contract ends.
    reason: Reason,
    /// How parts of a year are counted; `calendar` unless given.
    day_count: Option<DayCount>,
    /// Days of notice that were given; nothing is counted for notice unless it is said.
    notice_days: Option<u32>,
}

/// A settlement as it was prepared.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Prepared {
    id: Uuid,
    settlement_number: String,
    /// What it is made of.
    figures: EndOfService,
}

/// `POST /hr/final_settlements/prepare`.
pub(crate) async fn prepare(cx: &mut Cx, asked: Asked) -> Result<Prepared, Problem> {
    let leaver = Leaver {
        courier_id: asked.courier_id,
        last_day: asked.last_day,
        reason: asked.reason,
        day_count: asked.day_count,
        notice_days: asked.notice_days,
    };
    let figures = leaving::end_of_service(cx, leaver).await?;
    let mut row = object(&json!({
        "courier_id": asked.courier_id, "reason": asked.reason, "joined_on": figures.joined_on,
        "last_day": figures.last_day, "settle_by": figures.settle_by, "service_years": figures.years,
        "suspended_days": figures.suspended_days, "monthly_wage": figures.monthly_wage, "award": figures.award,
        "unused_leave_days": figures.unused_leave_days, "unused_leave": figures.unused_leave,
        "notice": figures.notice, "loans": figures.loans, "net": figures.net,
    }));
    if let Some(days) = asked.notice_days {
        row.insert("notice_days".to_owned(), json!(days));
    }
    let actor = cx.actor_id();
    if !actor.is_nil() {
        row.insert("prepared_by".to_owned(), json!(actor));
    }
    let record = platform_engine::create(cx, &FINAL_SETTLEMENTS, row).await?;
    Ok(Prepared {
        id: record.uuid("id").ok_or_else(Problem::not_found)?,
        settlement_number: record.text("settlement_number").unwrap_or_default().to_owned(),
        figures,
    })
}

/// On `hr.final_settlements.approve`: everything of the company is back, and nothing has changed since it was prepared.
pub(crate) async fn approved(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let settlement = platform_engine::load(cx, &FINAL_SETTLEMENTS, event.subject).await?;
    let reason = settlement.get("reason").clone();
    let reason: Reason = serde_json::from_value(reason).map_err(|error| Problem::internal(&error))?;
    let courier_id = settlement.uuid("courier_id").ok_or_else(Problem::not_found)?;
    let notice_days = settlement
        .integer("notice_days")
        .and_then(|days| u32::try_from(days).ok());
    let leaver = Leaver {
        courier_id,
        last_day: settlement.date("last_day"),
        reason,
        day_count: None,
        notice_days,
    };
    let now = leaving::end_of_service(cx, leaver).await?;
    if !now.open_assets.is_empty() {
        let names: Vec<&str> = now.open_assets.iter().map(|asset| &*asset.name).collect();
        return Err(Problem::refused("assets_open").with("assets", names.join(", ")));
    }
    let amount = |text: &str| text.parse::<Decimal>().unwrap_or_default();
    let was = |field: &str| settlement.decimal(field).unwrap_or_default();
    if amount(&now.loans) != was("loans") || amount(&now.unused_leave_days) != was("unused_leave_days") {
        return Err(Problem::refused("settlement_outdated"));
    }
    Ok(())
}

/// On `hr.final_settlements.pay`: loans that it deducts are repaid, and leave that it pays for is taken off the ledger.
pub(crate) async fn paid(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let settlement = platform_engine::load(cx, &FINAL_SETTLEMENTS, event.subject).await?;
    let courier_id = settlement.uuid("courier_id").ok_or_else(Problem::not_found)?;
    let organization_id = cx.organization_id;
    if settlement.decimal("loans").is_some_and(|owed| owed > Decimal::ZERO) {
        let loans: Vec<Uuid> = sqlx::query_scalar(OWED)
            .bind(organization_id)
            .bind(courier_id)
            .fetch_all(cx.db())
            .await?;
        for loan in loans {
            let with = json!({"last_paid_on": settlement.get("paid_on"), "last_payment_method": "settlement"});
            platform_engine::act(cx, &LOANS, loan, "pay_off", object(&with)).await?;
        }
    }
    let days = settlement.decimal("unused_leave_days").unwrap_or_default();
    let last_day = settlement.date("last_day").unwrap_or_else(|| cx.today());
    if days > Decimal::ZERO {
        let entry = json!({
            "courier_id": courier_id, "kind": "paid_out", "leave_year": last_day.year(), "day": last_day,
            "days": (-days).to_string(), "article": "Labour Law, Art. 111",
        });
        platform_engine::create(cx, &LEAVE_ENTRIES, object(&entry)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::decide;

    #[test]
    fn every_reason_has_its_word_and_nobody_approves_his_own() {
        let words: Vec<&str> = Reason::ALL.iter().map(|reason| reason.word()).collect();
        assert_eq!(words, REASONS);
        let own = json!({"status": "draft", "prepared_by": Uuid::nil()});
        assert_eq!(decide(ACTIONS, "approve", &own, &json!({})), Err("own_settlement"));
    }
}
