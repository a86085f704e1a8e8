//! A day at a glance: who was to come, who came where and when, who is away, and whose position is doubtful.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::holiday_calendar;
use crate::inputs::day;

/// Couriers who work there or have a row on $2; $3 one state, $4 whose rows come next.
pub(crate) const BOARD: &str =
    "SELECT c.id, c.full_name, c.city, a.id, a.status, a.check_in, a.check_out, a.shift_starts_at,
    p.name, a.check_in_distance_m, coalesce(a.doubt, 'none'), coalesce(a.location_review, 'not_needed'),
    r.starts_at, r.ends_at, s.name, l.leave_type
FROM fleet.courier_facts c
LEFT JOIN hr.attendance a ON a.organization_id = c.organization_id AND a.courier_id = c.id AND a.day = $2::date
    AND a.deleted_at IS NULL
LEFT JOIN hr.work_places p ON p.organization_id = c.organization_id AND p.id = a.check_in_place_id
LEFT JOIN LATERAL (
    SELECT e.shift_id, e.starts_at, e.ends_at
    FROM hr.roster_entries e
    WHERE e.organization_id = c.organization_id AND e.courier_id = c.id AND e.day = $2::date AND e.deleted_at IS NULL
    ORDER BY e.starts_at LIMIT 1
) r ON true
LEFT JOIN hr.work_shifts s ON s.organization_id = c.organization_id AND s.id = r.shift_id
LEFT JOIN LATERAL (
    SELECT v.leave_type
    FROM hr.leaves v
    WHERE v.organization_id = c.organization_id AND v.courier_id = c.id AND v.deleted_at IS NULL
        AND v.status IN ('approved', 'completed') AND v.starts_on <= $2::date
        AND coalesce(v.returned_on - 1, v.ends_on) >= $2::date
    ORDER BY v.starts_on LIMIT 1
) l ON true
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND (c.status IN ('active', 'on_leave') OR a.id IS NOT NULL)
    AND ($3::text IS NULL OR a.status = $3 OR ($3 = 'not_yet' AND a.id IS NULL AND l.leave_type IS NULL)
        OR ($3 = 'waiting' AND a.location_review = 'waiting'))
    AND ($4::uuid IS NULL OR c.id > $4)
ORDER BY c.id
LIMIT $5";

/// How many are in each state on $2.
pub(crate) const COUNTS: &str = "SELECT coalesce(a.status, CASE WHEN EXISTS (
        SELECT FROM hr.leaves v
        WHERE v.organization_id = c.organization_id AND v.courier_id = c.id AND v.deleted_at IS NULL
            AND v.status IN ('approved', 'completed') AND v.starts_on <= $2::date
            AND coalesce(v.returned_on - 1, v.ends_on) >= $2::date
    ) THEN 'on_leave' ELSE 'not_yet' END), count(*), count(*) FILTER (WHERE a.location_review = 'waiting'),
    count(*) FILTER (WHERE a.check_in IS NOT NULL AND a.check_out IS NULL)
FROM fleet.courier_facts c
LEFT JOIN hr.attendance a ON a.organization_id = c.organization_id AND a.courier_id = c.id AND a.day = $2::date
    AND a.deleted_at IS NULL
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND (c.status IN ('active', 'on_leave') OR a.id IS NOT NULL)
GROUP BY 1";

/// Which day.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The day; today unless given.
    on: Option<NaiveDate>,
    /// Only one state: `present`, `late`, `half_day`, `absent`, `on_leave`, `holiday`, `not_yet` or `waiting` for a review.
    status: Option<String>,
    /// Couriers of a page, 1 to 500; 100 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<Uuid>,
}

/// A day at a glance.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Board {
    on: NaiveDate,
    is_holiday: bool,
    counts: Counts,
    data: Vec<BoardRow>,
    /// Where the next page begins; nothing on the last one.
    next: Option<Uuid>,
}

/// How many are in each state, over all pages.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Counts {
    present: i64,
    late: i64,
    half_day: i64,
    absent: i64,
    on_leave: i64,
    holiday: i64,
    /// Nothing is known of them yet.
    not_yet: i64,
    /// Came and have not gone.
    at_work: i64,
    /// Doubtful positions that nobody has looked at.
    waiting: i64,
}

/// One courier on the board.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BoardRow {
    courier_id: Uuid,
    courier_name: String,
    city: Option<String>,
    attendance_id: Option<Uuid>,
    /// Of the row of the day; nothing where there is none yet.
    status: Option<String>,
    check_in: Option<String>,
    check_out: Option<String>,
    work_place: Option<String>,
    distance_m: Option<i64>,
    /// `none`, `inaccurate`, `mock_location` or `late_report`.
    doubt: String,
    /// `not_needed`, `waiting`, `confirmed` or `dismissed`.
    location_review: String,
    shift: Option<Planned>,
    leave_type: Option<String>,
}

/// What a courier is planned for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Planned {
    /// Nothing where only the day's row knows when it was to begin.
    name: Option<String>,
    starts_at: String,
    ends_at: Option<String>,
}

impl BoardRow {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let on_row: Option<String> = row.try_get(7)?;
        let (starts_at, ends_at, name): (Option<String>, Option<String>, Option<String>) =
            (row.try_get(12)?, row.try_get(13)?, row.try_get(14)?);
        let shift = starts_at.or(on_row).map(|starts_at| Planned {
            name,
            starts_at,
            ends_at,
        });
        Ok(Self {
            courier_id: row.try_get(0)?,
            courier_name: row.try_get(1)?,
            city: row.try_get(2)?,
            attendance_id: row.try_get(3)?,
            status: row.try_get(4)?,
            check_in: row.try_get(5)?,
            check_out: row.try_get(6)?,
            work_place: row.try_get(8)?,
            distance_m: row.try_get(9)?,
            doubt: row.try_get(10)?,
            location_review: row.try_get(11)?,
            shift,
            leave_type: row.try_get(15)?,
        })
    }
}

async fn counts(cx: &mut Cx, on: NaiveDate) -> Result<Counts, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(COUNTS)
        .bind(organization_id)
        .bind(on)
        .fetch_all(cx.db())
        .await?;
    let mut counts = Counts::default();
    for row in &rows {
        let number: i64 = row.try_get(1)?;
        counts.waiting += row.try_get::<i64, _>(2)?;
        counts.at_work += row.try_get::<i64, _>(3)?;
        match row.try_get::<&str, _>(0)? {
            "present" => counts.present = number,
            "late" => counts.late = number,
            "half_day" => counts.half_day = number,
            "absent" => counts.absent = number,
            "on_leave" => counts.on_leave = number,
            "holiday" => counts.holiday = number,
            _ => counts.not_yet = number,
        }
    }
    Ok(counts)
}

/// `GET /hr/attendance_board`.
pub(crate) async fn board(cx: &mut Cx, asked: Asked) -> Result<Board, Problem> {
    let on = day("on", asked.on.unwrap_or_else(|| cx.today()))?;
    let limit = asked.limit.unwrap_or(100).clamp(1, 500) as usize;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(BOARD)
        .bind(organization_id)
        .bind(on)
        .bind(asked.status)
        .bind(asked.after)
        .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
        .fetch_all(cx.db())
        .await?;
    let mut data = rows.iter().map(BoardRow::of).collect::<Result<Vec<_>, _>>()?;
    let more = data.len() > limit;
    data.truncate(limit);
    let next = data.last().filter(|_| more).map(|last| last.courier_id);
    Ok(Board {
        on,
        is_holiday: holiday_calendar::calendar(cx, on, on).await?.contains(on),
        counts: counts(cx, on).await?,
        data,
        next,
    })
}
