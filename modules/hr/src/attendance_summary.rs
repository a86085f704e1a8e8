//! Attendance of a period by courier, and its rate.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::inputs::day;
use hr_pay::money::half_up;

/// Longest period of one question.
const MOST_DAYS: i64 = 366;

/// $2 to $3 the days, $4 one courier or null, $5 whose rows come next.
pub(crate) const SUMMARY: &str = "SELECT f.courier_id, max(c.full_name) AS courier_name,
    count(*) FILTER (WHERE f.status = 'present') AS present, count(*) FILTER (WHERE f.status = 'late') AS late,
    count(*) FILTER (WHERE f.status = 'half_day') AS half_days, count(*) FILTER (WHERE f.status = 'absent') AS absent,
    count(*) FILTER (WHERE f.status = 'on_leave' AND f.is_paid_leave) AS paid_leave,
    count(*) FILTER (WHERE f.status = 'on_leave' AND NOT f.is_paid_leave) AS unpaid_leave,
    count(*) FILTER (WHERE f.status = 'holiday') AS holidays,
    coalesce(sum(f.worked_minutes), 0)::bigint AS worked_minutes,
    coalesce(sum(f.overtime_minutes), 0)::bigint AS overtime_minutes
FROM hr.attendance_facts f
JOIN fleet.courier_facts c ON c.organization_id = f.organization_id AND c.id = f.courier_id
WHERE f.organization_id = $1 AND f.day BETWEEN $2::date AND $3::date AND ($4::uuid IS NULL OR f.courier_id = $4)
    AND ($5::uuid IS NULL OR f.courier_id > $5) AND f.deleted_at IS NULL
GROUP BY f.courier_id
ORDER BY f.courier_id
LIMIT $6";

/// Which days and whose.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; the first of this month unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// One courier only.
    courier_id: Option<Uuid>,
    /// Couriers of a page, 1 to 500; 100 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<Uuid>,
}

/// Attendance by courier.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Summary {
    from: NaiveDate,
    to: NaiveDate,
    data: Vec<CourierDays>,
    /// Where the next page begins; nothing on the last one.
    next: Option<Uuid>,
}

/// Days of one courier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct CourierDays {
    courier_id: Uuid,
    courier_name: String,
    present: i64,
    late: i64,
    half_days: i64,
    absent: i64,
    paid_leave: i64,
    unpaid_leave: i64,
    holidays: i64,
    /// Days on which the courier was to work: all but holidays.
    scheduled_days: i64,
    worked_minutes: i64,
    overtime_minutes: i64,
    /// (present + late + half of the half days + paid leave) / scheduled days, in percent; nothing without such days.
    rate_percent: Option<String>,
}

impl CourierDays {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let days = Self {
            courier_id: row.try_get(0)?,
            courier_name: row.try_get(1)?,
            present: row.try_get(2)?,
            late: row.try_get(3)?,
            half_days: row.try_get(4)?,
            absent: row.try_get(5)?,
            paid_leave: row.try_get(6)?,
            unpaid_leave: row.try_get(7)?,
            holidays: row.try_get(8)?,
            worked_minutes: row.try_get(9)?,
            overtime_minutes: row.try_get(10)?,
            ..Self::default()
        };
        Ok(days.rated())
    }

    fn rated(mut self) -> Self {
        self.scheduled_days =
            self.present + self.late + self.half_days + self.absent + self.paid_leave + self.unpaid_leave;
        let halves = 2 * (self.present + self.late + self.paid_leave) + self.half_days;
        if self.scheduled_days > 0 {
            let rate = Decimal::from(halves * 50) / Decimal::from(self.scheduled_days);
            self.rate_percent = Some(half_up(rate, 2).to_string());
        }
        self
    }
}

/// `GET /hr/attendance_summary`.
pub(crate) async fn summary(cx: &mut Cx, asked: Asked) -> Result<Summary, Problem> {
    let to = day("to", asked.to.unwrap_or_else(|| cx.today()))?;
    let first = || chrono::Datelike::with_day(&to, 1).unwrap_or(to);
    let from = day("from", asked.from.unwrap_or_else(first))?;
    if to < from {
        return Err(Problem::field("to", "before_start"));
    }
    if (to - from).num_days() >= MOST_DAYS {
        return Err(Problem::field("to", "period_too_long"));
    }
    let limit = asked.limit.unwrap_or(100).clamp(1, 500) as usize;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(SUMMARY)
        .bind(organization_id)
        .bind(from)
        .bind(to)
        .bind(asked.courier_id)
        .bind(asked.after)
        .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
        .fetch_all(cx.db())
        .await?;
    let mut data = rows.iter().map(CourierDays::of).collect::<Result<Vec<_>, _>>()?;
    let more = data.len() > limit;
    data.truncate(limit);
    let next = data.last().filter(|_| more).map(|last| last.courier_id);
    Ok(Summary { from, to, data, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_is_there_half_is_half_and_paid_leave_counts() {
        let rate = |days: CourierDays| days.rated().rate_percent;
        let document = CourierDays {
            present: 19,
            paid_leave: 2,
            absent: 1,
            ..CourierDays::default()
        };
        assert_eq!(rate(document).as_deref(), Some("95.45"));
        let mixed = CourierDays {
            present: 10,
            late: 4,
            half_days: 3,
            absent: 1,
            unpaid_leave: 2,
            holidays: 5,
            ..CourierDays::default()
        };
        assert_eq!(rate(mixed).as_deref(), Some("77.50"));
        assert_eq!(rate(CourierDays::default()), None);
    }
}
