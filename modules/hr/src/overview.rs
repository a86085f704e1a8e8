//! HR at a glance: who is there today, what waits for a decision, and where the last payroll run stands.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;

/// One row for each fact: what it is about, its name and its count. $2 is today, $3 thirty days later.
pub(crate) const OVERVIEW: &str = "SELECT 'today' AS about, a.status AS name, count(*) AS rows
FROM hr.attendance a
WHERE a.organization_id = $1 AND a.deleted_at IS NULL AND a.day = $2::date
GROUP BY a.status
UNION ALL
SELECT 'waiting', 'leaves', count(*)
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = 'pending'
UNION ALL
SELECT 'waiting', 'loans', count(*)
FROM hr.loans o
WHERE o.organization_id = $1 AND o.deleted_at IS NULL AND o.status = 'pending'
UNION ALL
SELECT 'waiting', 'bonuses', count(*)
FROM hr.bonuses b
WHERE b.organization_id = $1 AND b.deleted_at IS NULL AND b.payment_status = 'pending'
UNION ALL
SELECT 'waiting', 'penalties', count(*)
FROM hr.penalties p
WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.status IN ('pending', 'appealed')
UNION ALL
SELECT 'waiting', 'expenses', count(*)
FROM hr.expenses e
WHERE e.organization_id = $1 AND e.deleted_at IS NULL AND e.status = 'pending'
UNION ALL
SELECT 'waiting', 'payroll_runs', count(*)
FROM hr.payroll_runs r
WHERE r.organization_id = $1 AND r.deleted_at IS NULL AND r.status IN ('calculated', 'reviewed')
UNION ALL
SELECT 'away', 'leaves', count(*)
FROM hr.leaves n
WHERE n.organization_id = $1 AND n.deleted_at IS NULL AND n.status = 'approved' AND n.starts_on > $2::date
    AND n.starts_on <= $3::date
UNION ALL
SELECT 'run', x.year || '-' || lpad(x.month::text, 2, '0') || ' ' || x.status, 1
FROM (
    SELECT t.year, t.month, t.status
    FROM hr.payroll_runs t
    WHERE t.organization_id = $1 AND t.deleted_at IS NULL AND t.status <> 'draft'
    ORDER BY t.year DESC, t.month DESC
    LIMIT 1
) x";

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {}

/// HR at a glance.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Overview {
    today: NaiveDate,
    /// Couriers of today's attendance, by status.
    attendance: BTreeMap<String, i64>,
    /// What waits for a decision, by resource.
    waiting: BTreeMap<String, i64>,
    /// Approved leave that begins within thirty days.
    leaves_soon: i64,
    /// The latest month that was calculated; nothing for callers who may not see pay.
    payroll: Option<Payroll>,
}

/// The latest payroll run.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Payroll {
    /// As `2026-05`.
    month: String,
    status: String,
}

/// `GET /hr/overview`.
pub(crate) async fn overview(cx: &mut Cx, _: Asked) -> Result<Overview, Problem> {
    let today = cx.today();
    let organization_id = cx.organization_id;
    let rows = sqlx::query(OVERVIEW)
        .bind(organization_id)
        .bind(today)
        .bind(today.checked_add_days(chrono::Days::new(30)).unwrap_or(today))
        .fetch_all(cx.db())
        .await?;
    let mut overview = Overview {
        today,
        ..Overview::default()
    };
    for row in &rows {
        let (about, name, count): (String, String, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get::<i64, _>(2)?);
        match about.as_str() {
            "today" => {
                overview.attendance.insert(name, count);
            }
            "waiting" => {
                overview.waiting.insert(name, count);
            }
            "away" => overview.leaves_soon = count,
            _ => {
                overview.payroll = name.split_once(' ').map(|(month, status)| Payroll {
                    month: month.to_owned(),
                    status: status.to_owned(),
                });
            }
        }
    }
    overview.payroll = overview.payroll.filter(|_| cx.may("pay_figures.read"));
    Ok(overview)
}
