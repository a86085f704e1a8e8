//! Who is away when, beside the days on which nobody works.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::holiday_calendar;
use crate::inputs::day;

/// Leaves that touch some days, of one courier or all.
pub(crate) const LEAVES: &str = "SELECT l.courier_id, c.full_name, l.id, l.leave_type, l.starts_on, l.ends_on,
    coalesce(l.days, l.ends_on - l.starts_on + 1)::bigint, l.status
FROM hr.leaves l
JOIN fleet.courier_facts c ON c.organization_id = l.organization_id AND c.id = l.courier_id
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status IN ('pending', 'approved', 'completed')
    AND l.starts_on <= $3::date AND coalesce(l.returned_on - 1, l.ends_on) >= $2::date
    AND ($4::uuid IS NULL OR l.courier_id = $4)
ORDER BY c.full_name, l.courier_id, l.starts_on, l.id
LIMIT 2001";

const MOST_LEAVES: usize = 2000;
const MOST_DAYS: i64 = 92;

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day.
    from: NaiveDate,
    /// Last day, at most 92 days on.
    to: NaiveDate,
    /// One courier only.
    courier_id: Option<Uuid>,
}

/// The calendar of some days.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Calendar {
    from: NaiveDate,
    to: NaiveDate,
    holidays: Vec<DayOff>,
    data: Vec<Away>,
    /// There are more leaves in these days than are shown.
    is_cut: bool,
}

/// Days on which nobody works.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DayOff {
    /// `eid_al_fitr`, `eid_al_adha`, `national_day`, `founding_day` or `other`.
    kind: &'static str,
    /// The organization's own name of it.
    name: Option<String>,
    from: NaiveDate,
    until: NaiveDate,
    /// First day by Umm al-Qura.
    calculated_from: Option<NaiveDate>,
    is_announced: bool,
}

/// A courier with the leaves of the days.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Away {
    courier_id: Uuid,
    courier_name: String,
    leaves: Vec<Absence>,
}

/// A leave.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Absence {
    id: Uuid,
    leave_type: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    days: i64,
    /// `pending`, `approved` or `completed`.
    status: String,
}

/// `GET /hr/leave_calendar`.
pub(crate) async fn calendar(cx: &mut Cx, asked: Asked) -> Result<Calendar, Problem> {
    let (from, to) = (day("from", asked.from)?, day("to", asked.to)?);
    if to < from {
        return Err(Problem::field("to", "before_start"));
    }
    if (to - from).num_days() >= MOST_DAYS {
        return Err(Problem::field("to", "calendar_too_long"));
    }
    let known = holiday_calendar::calendar(cx, from, to).await?;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(LEAVES)
        .bind(organization_id)
        .bind(from)
        .bind(to)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    let mut data: Vec<Away> = Vec::new();
    for row in rows.iter().take(MOST_LEAVES) {
        let courier_id: Uuid = row.try_get(0)?;
        if data.last().is_none_or(|last| last.courier_id != courier_id) {
            data.push(Away {
                courier_id,
                courier_name: row.try_get(1)?,
                leaves: Vec::new(),
            });
        }
        let leave = Absence {
            id: row.try_get(2)?,
            leave_type: row.try_get(3)?,
            starts_on: row.try_get(4)?,
            ends_on: row.try_get(5)?,
            days: row.try_get(6)?,
            status: row.try_get(7)?,
        };
        if let Some(last) = data.last_mut() {
            last.leaves.push(leave);
        }
    }
    let law = known.holidays.into_iter().map(|holiday| DayOff {
        kind: holiday.kind.word(),
        name: None,
        from: holiday.from,
        until: holiday.until,
        calculated_from: Some(holiday.calculated_from),
        is_announced: holiday.is_announced,
    });
    let own = known.own.into_iter().map(|(from, until, name)| DayOff {
        kind: "other",
        name: Some(name),
        from,
        until,
        calculated_from: None,
        is_announced: true,
    });
    let mut holidays: Vec<DayOff> = law.chain(own).collect();
    holidays.sort_by_key(|holiday| holiday.from);
    Ok(Calendar {
        from,
        to,
        holidays,
        data,
        is_cut: rows.len() > MOST_LEAVES,
    })
}
