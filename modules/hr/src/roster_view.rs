//! The roster of some days: who is planned for which shift, beside leave and holidays.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::inputs::day;
use crate::shifts::length;
use crate::{holiday_calendar, whose};

pub(crate) const COURIERS: &str = "SELECT c.id, c.full_name, c.city
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status IN ('active', 'on_leave')
    AND ($2::uuid IS NULL OR c.id = $2) AND ($3::uuid IS NULL OR c.id > $3)
ORDER BY c.id
LIMIT $4";

pub(crate) const ENTRIES: &str = "SELECT r.courier_id, r.id, r.day, r.shift_id, s.name, s.colour, r.starts_at, r.ends_at,
    coalesce(r.break_minutes, 0), r.work_place_id
FROM hr.roster_entries r
JOIN hr.work_shifts s ON s.organization_id = r.organization_id AND s.id = r.shift_id
WHERE r.organization_id = $1 AND r.courier_id = ANY ($2) AND r.day BETWEEN $3::date AND $4::date AND r.deleted_at IS NULL
ORDER BY r.day, r.starts_at, r.id";

pub(crate) const LEAVES: &str = "SELECT l.courier_id, l.leave_type, l.starts_on, coalesce(l.returned_on - 1, l.ends_on)
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = ANY ($2) AND l.deleted_at IS NULL
    AND l.status IN ('approved', 'completed') AND l.starts_on <= $4::date
    AND coalesce(l.returned_on - 1, l.ends_on) >= $3::date
ORDER BY l.starts_on, l.id";

const MOST_DAYS: i64 = 31;

/// Which days and whose.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day.
    from: NaiveDate,
    /// Last day, at most 31 days on.
    to: NaiveDate,
    /// One courier only.
    courier_id: Option<Uuid>,
    /// Couriers of a page, 1 to 500; 100 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<Uuid>,
}

/// The roster of some days.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Roster {
    from: NaiveDate,
    to: NaiveDate,
    /// Days of the span on which nobody works by law.
    holidays: Vec<NaiveDate>,
    data: Vec<CourierPlan>,
    /// Where the next page begins; nothing on the last one.
    next: Option<Uuid>,
}

/// The plan of one courier.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CourierPlan {
    courier_id: Uuid,
    courier_name: String,
    city: Option<String>,
    /// Planned minutes of the span without breaks.
    planned_minutes: i64,
    entries: Vec<Entry>,
    leaves: Vec<Away>,
}

/// A planned day.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Entry {
    id: Uuid,
    day: NaiveDate,
    shift_id: Uuid,
    shift_name: String,
    colour: Option<String>,
    starts_at: Option<String>,
    /// Not later than the beginning: on the next day.
    ends_at: Option<String>,
    break_minutes: i64,
    /// Without the break.
    minutes: i64,
    work_place_id: Option<Uuid>,
}

/// Leave within the span.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Away {
    leave_type: String,
    from: NaiveDate,
    until: NaiveDate,
}

/// `GET /hr/roster`.
pub(crate) async fn roster(cx: &mut Cx, asked: Asked) -> Result<Roster, Problem> {
    let (from, to) = (day("from", asked.from)?, day("to", asked.to)?);
    if to < from {
        return Err(Problem::field("to", "before_start"));
    }
    if (to - from).num_days() >= MOST_DAYS {
        return Err(Problem::field("to", "roster_too_long"));
    }
    // Whoever may see his own plan only sees no other's.
    let only = if cx.may("roster_entries.read") {
        asked.courier_id
    } else {
        let mine = whose::mine(cx).await?.ok_or_else(Problem::not_found)?;
        if asked.courier_id.is_some_and(|named| named != mine) {
            return Err(Problem::not_found());
        }
        Some(mine)
    };
    let limit = asked.limit.unwrap_or(100).clamp(1, 500) as usize;
    let organization_id = cx.organization_id;
    let couriers = sqlx::query(COURIERS)
        .bind(organization_id)
        .bind(only)
        .bind(asked.after)
        .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
        .fetch_all(cx.db())
        .await?;
    let mut plans: BTreeMap<Uuid, CourierPlan> = BTreeMap::new();
    for row in couriers.iter().take(limit) {
        let courier_id: Uuid = row.try_get(0)?;
        let plan = CourierPlan {
            courier_id,
            courier_name: row.try_get(1)?,
            city: row.try_get(2)?,
            planned_minutes: 0,
            entries: Vec::new(),
            leaves: Vec::new(),
        };
        plans.insert(courier_id, plan);
    }
    let ids: Vec<Uuid> = plans.keys().copied().collect();
    let entries = sqlx::query(ENTRIES)
        .bind(organization_id)
        .bind(&ids)
        .bind(from)
        .bind(to)
        .fetch_all(cx.db())
        .await?;
    for row in &entries {
        let Some(plan) = plans.get_mut(&row.try_get::<Uuid, _>(0)?) else {
            continue;
        };
        let (starts_at, ends_at): (Option<String>, Option<String>) = (row.try_get(6)?, row.try_get(7)?);
        let break_minutes: i64 = row.try_get(8)?;
        let whole = starts_at.as_deref().zip(ends_at.as_deref());
        let whole = whole.and_then(|(starts, ends)| length(starts, ends)).unwrap_or(0);
        let minutes = (whole - break_minutes).max(0);
        plan.planned_minutes += minutes;
        plan.entries.push(Entry {
            id: row.try_get(1)?,
            day: row.try_get(2)?,
            shift_id: row.try_get(3)?,
            shift_name: row.try_get(4)?,
            colour: row.try_get(5)?,
            starts_at,
            ends_at,
            break_minutes,
            minutes,
            work_place_id: row.try_get(9)?,
        });
    }
    let leaves = sqlx::query(LEAVES)
        .bind(organization_id)
        .bind(&ids)
        .bind(from)
        .bind(to)
        .fetch_all(cx.db())
        .await?;
    for row in &leaves {
        if let Some(plan) = plans.get_mut(&row.try_get::<Uuid, _>(0)?) {
            plan.leaves.push(Away {
                leave_type: row.try_get(1)?,
                from: row.try_get(2)?,
                until: row.try_get(3)?,
            });
        }
    }
    let known = holiday_calendar::calendar(cx, from, to).await?;
    let days = from.iter_days().take_while(|day| *day <= to);
    let next = ids.last().copied().filter(|_| couriers.len() > limit);
    Ok(Roster {
        from,
        to,
        holidays: days.filter(|day| known.contains(*day)).collect(),
        data: plans.into_values().collect(),
        next,
    })
}
