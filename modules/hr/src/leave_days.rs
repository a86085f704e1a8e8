//! Balances of one courier, from his leaves and the rows of entitlements.

use chrono::NaiveDate;
use hr_pay::money::half_up;
use hr_pay::{Balance, Rules, Taken, balances, sick_pay_percent};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::rates;
use crate::refusals::refusal;

/// Leaves that count, with their days: public holidays within an annual leave extend it and are no days of it.
pub(crate) const TAKEN: &str = "SELECT l.leave_type, l.starts_on,
    coalesce(l.days, l.ends_on - l.starts_on + 1)::bigint - CASE WHEN l.leave_type = 'annual' AND l.days IS NULL THEN (
        SELECT coalesce(sum(least(h.ends_on, l.ends_on) - greatest(h.starts_on, l.starts_on) + 1), 0)::bigint
        FROM hr.public_holidays h
        WHERE h.organization_id = $1 AND h.deleted_at IS NULL AND h.starts_on <= l.ends_on AND h.ends_on >= l.starts_on
    ) ELSE 0 END
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.deleted_at IS NULL AND l.status IN ('approved', 'completed')
    AND ($3::uuid IS NULL OR l.id <> $3)
ORDER BY l.starts_on";

pub(crate) const JOINED: &str = "SELECT c.joined_on
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL";

/// Whose balances.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The courier.
    courier_id: Uuid,
    /// The day; today unless given.
    on: Option<NaiveDate>,
}

/// Balances of a courier.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Balances {
    courier_id: Uuid,
    on: NaiveDate,
    joined_on: NaiveDate,
    /// Percent of the wage for the next sick day (Labour Law, Art. 117).
    next_sick_day_paid_percent: u32,
    data: Vec<OfKind>,
}

/// Balance of one kind of leave.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OfKind {
    leave_type: String,
    /// Days of the year, the occasion or the whole service.
    entitled_days: String,
    /// Days of them earned until the day.
    earned_days: String,
    taken_days: String,
    /// Entitled less taken.
    left_days: String,
    /// First day of the year that is counted; the sick year begins with the first sick day.
    year_from: Option<NaiveDate>,
    /// Article or source.
    article: String,
}

/// `GET /hr/leave_balances`.
pub(crate) async fn leave_balances(cx: &mut Cx, asked: Asked) -> Result<Balances, Problem> {
    let organization_id = cx.organization_id;
    let on = crate::inputs::day("on", asked.on.unwrap_or_else(|| cx.today()))?;
    let joined: Option<Option<NaiveDate>> = sqlx::query_scalar(JOINED)
        .bind(organization_id)
        .bind(asked.courier_id)
        .fetch_optional(cx.db())
        .await?;
    let joined_on = joined.ok_or_else(Problem::not_found)?;
    let joined_on = joined_on.ok_or_else(|| Problem::refused("no_joining_date"))?;
    let found = of_courier(cx, asked.courier_id, joined_on, on, None).await?;
    let sick = found.iter().find(|balance| balance.leave_type == "sick");
    let sick_days = sick.map_or(0, |balance| hr_pay::money::halalas(balance.taken) / 100);
    let text = |days: Decimal| half_up(days, 2).to_string();
    let data = found.into_iter().map(|balance| OfKind {
        entitled_days: text(balance.entitled),
        earned_days: text(balance.earned),
        taken_days: text(balance.taken),
        left_days: text(balance.left),
        year_from: balance.year_from,
        article: balance.article,
        leave_type: balance.leave_type,
    });
    Ok(Balances {
        courier_id: asked.courier_id,
        on,
        joined_on,
        next_sick_day_paid_percent: sick_pay_percent(Rules::saudi(), on, sick_days)
            .map_err(|gap| refusal(&gap.into()))?,
        data: data.collect(),
    })
}

/// Balances on a day, without one leave that is just being decided.
pub(crate) async fn of_courier(
    cx: &mut Cx,
    courier_id: Uuid,
    joined_on: NaiveDate,
    on: NaiveDate,
    without: Option<Uuid>,
) -> Result<Vec<Balance>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(TAKEN)
        .bind(organization_id)
        .bind(courier_id)
        .bind(without)
        .fetch_all(cx.db())
        .await?;
    let mut taken = Vec::with_capacity(rows.len());
    for row in &rows {
        taken.push(Taken {
            leave_type: row.try_get(0)?,
            starts_on: row.try_get(1)?,
            days: row.try_get(2)?,
        });
    }
    let entitlements = rates::entitlements(cx).await?;
    Ok(balances(&entitlements, &taken, joined_on, on))
}

/// Annual leave that was earned and not taken on the last day (Art. 111); what was taken in advance is not owed back.
pub(crate) async fn of_leaver(
    cx: &mut Cx,
    courier_id: Uuid,
    joined_on: NaiveDate,
    last_day: NaiveDate,
) -> Result<Decimal, Problem> {
    let found = of_courier(cx, courier_id, joined_on, last_day, None).await?;
    let annual = found.into_iter().find(|balance| balance.leave_type == "annual");
    Ok(annual.map_or(Decimal::ZERO, |balance| {
        (balance.earned - balance.taken).max(Decimal::ZERO)
    }))
}
