//! What a request for leave is measured by: what is left, how long somebody has been there, and whether it was granted before.

use chrono::{Datelike, NaiveDate};
use hr_pay::{Rules, charged_days, occasion};
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::inputs::{Amount, day, object};
use crate::leave_days::{self, joined};
use crate::leaves::span;
use crate::refusals::refusal;
use crate::{LEAVE_ENTRIES, LEAVES, holiday_calendar};

/// Whether somebody had a kind of leave before, other than this one.
pub(crate) const HAD: &str = "SELECT count(*) > 0
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.leave_type = $3 AND l.id <> $4 AND l.deleted_at IS NULL
    AND l.status IN ('approved', 'completed')";

/// On `hr.leaves.created`: more than is left is refused when it is asked for, not weeks later.
pub(crate) async fn asked(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let leave = platform_engine::load(cx, &LEAVES, event.subject).await?;
    enough_left(cx, &leave).await
}

/// Kinds that are counted have enough days left on the first day of the leave; a kind that is granted once is granted once.
pub(crate) async fn enough_left(cx: &mut Cx, leave: &Record) -> Result<(), Problem> {
    let kind = leave.text("leave_type").unwrap_or_default();
    let ids = leave.uuid("id").zip(leave.uuid("courier_id"));
    let days = leave.date("starts_on").zip(leave.date("ends_on"));
    let Some(((id, courier_id), (starts_on, ends_on))) = ids.zip(days).filter(|_| !matches!(kind, "unpaid" | "exam"))
    else {
        return Ok(());
    };
    // Nothing can be counted for somebody whose first day is not known; a person decides.
    let Some(joined_on) = joined(cx, courier_id).await? else {
        return Ok(());
    };
    if kind == "hajj" {
        once(cx, id, courier_id, joined_on, starts_on).await?;
    }
    let (known, _) = leave_days::of_courier(cx, courier_id, joined_on, starts_on, Some(id)).await?;
    let left = known.iter().find(|known| known.balance.leave_type == kind);
    let left = left.map_or(Decimal::ZERO, leave_days::Known::left);
    let asked = leave.integer("days").or_else(|| span(leave)).unwrap_or(0);
    let asked = if kind == "annual" {
        let calendar = holiday_calendar::calendar(cx, starts_on, ends_on).await?;
        asked.min(charged_days(starts_on, ends_on, &calendar.holidays))
    } else {
        asked
    };
    if Decimal::from(asked) > left {
        let left = left.max(Decimal::ZERO).normalize();
        return Err(Problem::refused("leave_balance_short")
            .with("left", left)
            .with("asked", asked));
    }
    Ok(())
}

async fn once(cx: &mut Cx, id: Uuid, courier_id: Uuid, joined_on: NaiveDate, on: NaiveDate) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let had: bool = sqlx::query_scalar(HAD)
        .bind(organization_id)
        .bind(courier_id)
        .bind("hajj")
        .bind(id)
        .fetch_one(cx.db())
        .await?;
    let granted = occasion(Rules::saudi(), "hajj", joined_on, on, had).map_err(|error| refusal(&error))?;
    granted.map(drop).map_err(Problem::refused)
}

/// What is carried over, and for whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carry {
    /// The courier.
    courier_id: Uuid,
    /// The year whose days are carried into the next one.
    from_year: i32,
    /// How many; everything that is left unless given.
    days: Option<Amount>,
    /// Who agreed to it and why.
    reason: String,
}

/// What was carried over.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Carried {
    courier_id: Uuid,
    from_year: i32,
    days: String,
    /// What was left of the year before.
    left_before: String,
    article: &'static str,
}

/// `POST /hr/leave_balances/carry`: two entries that sum to nothing, one in each year (Art. 110).
pub(crate) async fn carry(cx: &mut Cx, given: Carry) -> Result<Carried, Problem> {
    const ARTICLE: &str = "Labour Law, Art. 110";
    if given.reason.trim().chars().count() < 10 {
        return Err(Problem::field("reason", "reason_too_short"));
    }
    let last = NaiveDate::from_ymd_opt(given.from_year, 12, 31);
    let last = day(
        "from_year",
        last.ok_or_else(|| Problem::field("from_year", "date_out_of_range"))?,
    )?;
    if last.year() > cx.today().year() {
        return Err(Problem::field("from_year", "date_out_of_range"));
    }
    let joined_on = joined(cx, given.courier_id).await?;
    let joined_on = joined_on.ok_or_else(|| Problem::refused("no_joining_date"))?;
    let (known, _) = leave_days::of_courier(cx, given.courier_id, joined_on, last, None).await?;
    let annual = known.iter().find(|known| known.balance.leave_type == "annual");
    let left = annual.map_or(Decimal::ZERO, leave_days::Known::left).max(Decimal::ZERO);
    let days = given.days.map_or(left, |days| days.0);
    if days <= Decimal::ZERO || days > left {
        return Err(Problem::refused("leave_balance_short")
            .with("left", left.normalize())
            .with("asked", days.normalize()));
    }
    let next = last.succ_opt().unwrap_or(last);
    let entry = |on: NaiveDate, days: Decimal| {
        object(&json!({
            "courier_id": given.courier_id, "kind": "carried", "leave_year": on.year(), "day": on, "days": days.to_string(),
            "article": ARTICLE, "reason": given.reason.trim(),
        }))
    };
    platform_engine::create_many(cx, &LEAVE_ENTRIES, vec![entry(last, -days), entry(next, days)]).await?;
    Ok(Carried {
        courier_id: given.courier_id,
        from_year: given.from_year,
        days: days.normalize().to_string(),
        left_before: left.normalize().to_string(),
        article: ARTICLE,
    })
}
