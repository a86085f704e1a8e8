//! Balances of one courier, from his leaves and the rows of entitlements.

use chrono::{Datelike, NaiveDate};
use hr_pay::money::half_up;
use hr_pay::{Balance, Rules, Taken, balances, sick_pay, sick_pay_percent};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::refusals::refusal;
use crate::{holiday_calendar, leave_ledger, rates, whose};

/// Leaves that count, with their days; those of annual leave come from its ledger.
pub(crate) const TAKEN: &str =
    "SELECT l.leave_type, l.starts_on, coalesce(l.days, l.ends_on - l.starts_on + 1)::bigint, l.id,
    coalesce(least(l.ends_on, l.returned_on - 1), l.ends_on)
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.deleted_at IS NULL AND l.status IN ('approved', 'completed')
    AND l.leave_type <> 'annual'
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
    /// Every sick day on record by what it is paid: in the person's own sick year, which begins with the first sick day.
    sick_days: Vec<Sick>,
    /// Sum of the ledger of annual leave over all years, with what was earned up to the day.
    ledger_days: String,
    data: Vec<OfKind>,
    /// The ledger of annual leave up to the day, the latest first.
    entries: Vec<Written>,
}

/// Sick days in a row that are paid alike.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Sick {
    from: NaiveDate,
    until: NaiveDate,
    /// First day of the sick year that they belong to.
    year_from: NaiveDate,
    paid_percent: String,
    /// Beyond the days that the law grants.
    is_beyond: bool,
    article: String,
}

/// An entry of the ledger.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Written {
    day: NaiveDate,
    /// `earned`, `taken`, `returned`, `carried`, `corrected` or `paid_out`.
    kind: String,
    leave_year: i64,
    days: String,
    leave_id: Option<Uuid>,
    reason: Option<String>,
    article: String,
}

/// Balance of one kind of leave.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OfKind {
    leave_type: String,
    /// Days of the year, the occasion or the whole service.
    entitled_days: String,
    /// Days of them earned until the day.
    earned_days: String,
    /// Carried over from the year before and corrected by hand.
    carried_days: String,
    taken_days: String,
    /// Of the taken days those of leaves that begin after the day.
    booked_days: String,
    /// Entitled and carried less taken.
    left_days: String,
    /// First day of the year that is counted; the sick year begins with the first sick day.
    year_from: Option<NaiveDate>,
    /// Article or source.
    article: String,
}

/// A balance with what the ledger adds to it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub balance: Balance,
    pub carried: Decimal,
    pub booked: Decimal,
}

impl Known {
    /// Days that can still be taken.
    pub fn left(&self) -> Decimal {
        self.balance.left + self.carried
    }
}

/// When a courier joined; a problem where it is not on record.
pub(crate) async fn joined(cx: &mut Cx, courier_id: Uuid) -> Result<Option<NaiveDate>, Problem> {
    let organization_id = cx.organization_id;
    let joined: Option<Option<NaiveDate>> = sqlx::query_scalar(JOINED)
        .bind(organization_id)
        .bind(courier_id)
        .fetch_optional(cx.db())
        .await?;
    joined.ok_or_else(Problem::not_found)
}

/// `GET /hr/leave_balances`.
pub(crate) async fn leave_balances(cx: &mut Cx, asked: Asked) -> Result<Balances, Problem> {
    whose::within(cx, &["hr_figures.read", "leaves.read"], asked.courier_id).await?;
    let on = crate::inputs::day("on", asked.on.unwrap_or_else(|| cx.today()))?;
    let joined_on = joined(cx, asked.courier_id).await?;
    let joined_on = joined_on.ok_or_else(|| Problem::refused("no_joining_date"))?;
    let stored = leave_ledger::entries(cx, asked.courier_id).await?;
    let entitlements = rates::entitlements(cx).await?;
    let ledger = leave_ledger::ledger(&stored, &entitlements, joined_on, on)?;
    let (found, sick) = of_courier(cx, asked.courier_id, joined_on, on, None).await?;
    let sick_taken = found.iter().find(|known| known.balance.leave_type == "sick");
    let sick_taken = sick_taken.map_or(0, |known| hr_pay::money::halalas(known.balance.taken) / 100);
    let text = |days: Decimal| half_up(days, 2).to_string();
    let data = found.into_iter().map(|known| OfKind {
        left_days: text(known.left()),
        carried_days: text(known.carried),
        booked_days: text(known.booked),
        entitled_days: text(known.balance.entitled),
        earned_days: text(known.balance.earned),
        taken_days: text(known.balance.taken),
        year_from: known.balance.year_from,
        article: known.balance.article,
        leave_type: known.balance.leave_type,
    });
    let until = stored.into_iter().filter(|entry| entry.day <= on).rev();
    Ok(Balances {
        courier_id: asked.courier_id,
        on,
        joined_on,
        next_sick_day_paid_percent: sick_pay_percent(Rules::saudi(), on, sick_taken)
            .map_err(|gap| refusal(&gap.into()))?,
        sick_days: sick_days(cx, &sick).await?,
        ledger_days: Decimal::new(ledger.balance(on), 3).to_string(),
        data: data.collect(),
        entries: until.map(Written::from).collect(),
    })
}

impl From<leave_ledger::Stored> for Written {
    fn from(entry: leave_ledger::Stored) -> Self {
        Self {
            day: entry.day,
            kind: entry.kind,
            leave_year: entry.leave_year,
            days: entry.days.to_string(),
            leave_id: entry.leave_id,
            reason: entry.reason,
            article: entry.article,
        }
    }
}

/// First and last day of a leave.
type Span = (NaiveDate, NaiveDate);

async fn sick_days(cx: &mut Cx, sick: &[Span]) -> Result<Vec<Sick>, Problem> {
    let (Some(first), Some(last)) = (
        sick.iter().map(|span| span.0).min(),
        sick.iter().map(|span| span.1).max(),
    ) else {
        return Ok(Vec::new());
    };
    let calendar = holiday_calendar::calendar(cx, first, last.max(first)).await?;
    let parts = sick_pay(Rules::saudi(), sick, &calendar.holidays).map_err(|error| refusal(&error))?;
    let parts = parts.into_iter().map(|part| Sick {
        from: part.from,
        until: part.until,
        year_from: part.year_from,
        paid_percent: half_up(part.paid * Decimal::ONE_HUNDRED, 2).to_string(),
        is_beyond: part.is_beyond,
        article: part.article,
    });
    Ok(parts.collect())
}

/// Balances on a day without one leave that is just being decided, and the spans of sick leave.
pub(crate) async fn of_courier(
    cx: &mut Cx,
    courier_id: Uuid,
    joined_on: NaiveDate,
    on: NaiveDate,
    without: Option<Uuid>,
) -> Result<(Vec<Known>, Vec<Span>), Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(TAKEN)
        .bind(organization_id)
        .bind(courier_id)
        .fetch_all(cx.db())
        .await?;
    let (mut taken, mut sick) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in &rows {
        let leave = Taken {
            leave_type: row.try_get(0)?,
            starts_on: row.try_get(1)?,
            days: row.try_get(2)?,
        };
        let ended_on: NaiveDate = row.try_get(4)?;
        if leave.leave_type == "sick" && leave.starts_on <= ended_on {
            sick.push((leave.starts_on, ended_on));
        }
        if Some(row.try_get::<Uuid, _>(3)?) != without {
            taken.push(leave);
        }
    }
    let annual = leave_ledger::charges(cx, courier_id).await?;
    let annual = annual.into_iter().filter(|leave| Some(leave.leave_id) != without);
    taken.extend(annual.map(|leave| Taken {
        leave_type: "annual".to_owned(),
        starts_on: leave.starts_on,
        days: leave.days,
    }));
    let stored = leave_ledger::entries(cx, courier_id).await?;
    let by_hand = stored.iter().filter(|entry| {
        matches!(&*entry.kind, "carried" | "corrected" | "paid_out") && entry.leave_year == i64::from(on.year())
    });
    let carried: Decimal = by_hand.map(|entry| entry.days).sum();
    let entitlements = rates::entitlements(cx).await?;
    let found = balances(&entitlements, &taken, joined_on, on);
    let known = found.into_iter().map(|balance| {
        let to_come = taken
            .iter()
            .filter(|leave| leave.leave_type == balance.leave_type && leave.starts_on > on);
        let is_counted = |leave: &&Taken| match balance.year_from {
            Some(year) if balance.leave_type != "sick" => leave.starts_on.year() == year.year(),
            Some(_) | None => true,
        };
        let booked = to_come.filter(is_counted).map(|leave| leave.days).sum::<i64>();
        Known {
            carried: if balance.leave_type == "annual" {
                carried
            } else {
                Decimal::ZERO
            },
            booked: booked.into(),
            balance,
        }
    });
    Ok((known.collect(), sick))
}

/// Annual leave that was earned and not taken on the last day (Art. 111); what was taken in advance is not owed back.
pub(crate) async fn of_leaver(
    cx: &mut Cx,
    courier_id: Uuid,
    joined_on: NaiveDate,
    last_day: NaiveDate,
) -> Result<Decimal, Problem> {
    let (found, _) = of_courier(cx, courier_id, joined_on, last_day, None).await?;
    let annual = found.into_iter().find(|known| known.balance.leave_type == "annual");
    Ok(annual.map_or(Decimal::ZERO, |known| {
        (known.balance.earned + known.carried - known.balance.taken).max(Decimal::ZERO)
    }))
}
