//! What a run knows of each courier when it begins: read once from each source, kept until the courier is paid.

use std::collections::HashMap;

use chrono::NaiveDate;
use hr_pay::Period;
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::payroll_refusals::Refused;
use crate::payroll_sheets;
use crate::run_late::{self, Late};

/// Who belongs into the run of a month: whoever has a target or work of it, and whoever is there without. Ajeer couriers are paid
/// by their own employer.
pub(crate) const PEOPLE: &str =
    "SELECT c.id, c.full_name, t.category, t.period_target, c.joined_on, c.last_working_day,
    c.nationality, c.gosi_first_registered_on, c.sponsorship_status, c.basic_salary, coalesce(c.housing_allowance, 0),
    coalesce(c.transportation_allowance, 0), i.total_orders, i.total_revenue, i.gas_usage, i.days_since_joining,
    coalesce(i.unpaid_leave_days, 0), coalesce(i.overtime_minutes, 0), coalesce(i.present_days, 0),
    coalesce(i.absent_days, 0), coalesce(i.late_days, 0)
FROM fleet.courier_facts c
LEFT JOIN hr.courier_targets t ON t.organization_id = c.organization_id AND t.courier_id = c.id AND t.year = $2
    AND t.month = $3 AND t.deleted_at IS NULL
LEFT JOIN hr.payroll_inputs i ON i.organization_id = c.organization_id AND i.courier_id = c.id AND i.year = $2
    AND i.month = $3 AND i.deleted_at IS NULL
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND coalesce(t.category, '') <> 'ajeer'
    AND (t.id IS NOT NULL OR i.id IS NOT NULL OR (
        c.sponsorship_status <> 'ajeer'
        AND (c.status IN ('active', 'on_leave', 'suspended') OR c.last_working_day >= $4::date)
        AND (c.last_working_day IS NULL OR c.last_working_day >= $4::date)
        AND (c.joined_on IS NULL OR c.joined_on <= $5::date)
    ))
ORDER BY c.id";

/// Approved bonuses and penalties up to the period's end, what loans ask for, and orders: in this order, the oldest first.
pub(crate) const CLAIMS: &str = "SELECT b.courier_id, 'extra_bonus' AS kind, b.id, b.amount, b.granted_on AS day,
    NULL::numeric AS share, NULL::text AS document
FROM hr.bonuses b
WHERE b.organization_id = $1 AND b.deleted_at IS NULL AND b.payment_status = 'approved' AND b.granted_on <= $2::date
UNION ALL
SELECT l.courier_id, 'loan', l.id, sum(i.amount - i.paid_amount)::bigint, l.starts_on, NULL, NULL
FROM hr.loans l
JOIN hr.loan_instalments i ON i.organization_id = l.organization_id AND i.loan_id = l.id AND i.deleted_at IS NULL
    AND i.state NOT IN ('paid', 'called_off') AND i.due_on <= $2::date
WHERE l.organization_id = $1 AND l.deleted_at IS NULL AND l.status = 'active'
GROUP BY l.courier_id, l.id, l.starts_on
HAVING sum(i.amount - i.paid_amount) > 0
UNION ALL
SELECT p.courier_id, 'penalty', p.id, p.amount, p.incident_on, NULL, NULL
FROM hr.penalties p
WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.status = 'approved' AND p.incident_on <= $2::date
UNION ALL
SELECT o.courier_id, o.kind, o.id, least(coalesce(o.monthly_amount, o.outstanding), o.outstanding), o.starts_on,
    o.judgment_share, o.document_reference
FROM hr.deduction_orders o
WHERE o.organization_id = $1 AND o.deleted_at IS NULL AND o.status = 'active' AND o.outstanding > 0
    AND o.starts_on <= $2::date
ORDER BY 1, 2, 5, 3";

/// A bonus, a loan, a penalty or an order of somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Due {
    pub kind: String,
    pub id: Uuid,
    pub amount: i64,
    pub since: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// Work of a month, as it is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Done {
    pub orders: i64,
    pub revenue: i64,
    pub gas: i64,
    /// Days from joining, where somebody else counted them.
    pub days: Option<i64>,
    pub unpaid_days: i64,
    pub overtime_minutes: i64,
    #[serde(default)]
    pub attended: Attended,
}

/// Days of a month as attendance has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
pub(crate) struct Attended {
    pub present_days: i64,
    pub absent_days: i64,
    /// Days on which somebody came late; they are days of presence too.
    pub late_days: i64,
}

/// Everything that a courier's pay of the month depends on, besides rules and formulas.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub id: Uuid,
    pub name: String,
    pub category: Option<String>,
    pub target: Option<Decimal>,
    pub joined_on: Option<NaiveDate>,
    pub last_working_day: Option<NaiveDate>,
    pub nationality: Option<String>,
    /// First registration with the social insurance.
    pub insured_since: Option<NaiveDate>,
    /// Whether the company is the employer, so that social insurance is due.
    pub is_employed: bool,
    pub basic: Option<i64>,
    pub housing: i64,
    pub transport: i64,
    pub done: Option<Done>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dues: Vec<Due>,
    /// Months that were paid and come out otherwise now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Late>,
    /// What the sheet of the run has wrong about the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<SheetError>,
}

/// A bad row of the run's sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SheetError {
    pub code: String,
    pub field: Option<String>,
    pub found: Option<String>,
}

impl SheetError {
    pub(crate) fn refused(&self) -> Refused {
        Refused {
            field: self.field.clone(),
            found: self.found.clone(),
            ..Refused::coded(&self.code)
        }
    }
}

impl Facts {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let orders: Option<i64> = row.try_get(12)?;
        let done = match orders {
            None => None,
            Some(orders) => Some(Done {
                orders,
                revenue: row.try_get(13)?,
                gas: row.try_get(14)?,
                days: row.try_get(15)?,
                unpaid_days: row.try_get(16)?,
                overtime_minutes: row.try_get(17)?,
                attended: Attended {
                    present_days: row.try_get(18)?,
                    absent_days: row.try_get(19)?,
                    late_days: row.try_get(20)?,
                },
            }),
        };
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            category: row.try_get(2)?,
            target: row.try_get(3)?,
            joined_on: row.try_get(4)?,
            last_working_day: row.try_get(5)?,
            nationality: row.try_get(6)?,
            insured_since: row.try_get(7)?,
            is_employed: row.try_get::<&str, _>(8)? == "inhouse",
            basic: row.try_get(9)?,
            housing: row.try_get(10)?,
            transport: row.try_get(11)?,
            done,
            dues: Vec::new(),
            late: Vec::new(),
            sheet: None,
        })
    }
}

/// The month of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunMonth {
    pub run_id: Uuid,
    pub year: i64,
    pub month: i64,
    pub period: Period,
}

/// Everybody of a month, each source read once.
pub(crate) async fn gather(cx: &mut Cx, of: RunMonth) -> Result<Vec<Facts>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(PEOPLE)
        .bind(organization_id)
        .bind(of.year)
        .bind(of.month)
        .bind(of.period.starts_on)
        .bind(of.period.ends_on)
        .fetch_all(cx.db())
        .await?;
    let mut people: Vec<Facts> = rows.iter().map(Facts::of).collect::<Result<_, _>>()?;
    let mut dues = dues(cx, of.period.ends_on).await?;
    let mut late = run_late::read(cx, of).await?;
    let mut sheet = payroll_sheets::errors(cx, of.run_id).await?;
    for one in &mut people {
        one.dues = dues.remove(&one.id).unwrap_or_default();
        one.late = late.remove(&one.id).unwrap_or_default();
        one.sheet = sheet.remove(&one.id);
    }
    Ok(people)
}

async fn dues(cx: &mut Cx, ends_on: NaiveDate) -> Result<HashMap<Uuid, Vec<Due>>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(CLAIMS)
        .bind(organization_id)
        .bind(ends_on)
        .fetch_all(cx.db())
        .await?;
    let mut dues: HashMap<Uuid, Vec<Due>> = HashMap::new();
    for row in &rows {
        dues.entry(row.try_get(0)?).or_default().push(Due {
            kind: row.try_get(1)?,
            id: row.try_get(2)?,
            amount: row.try_get(3)?,
            since: row.try_get(4)?,
            share: row.try_get(5)?,
            document: row.try_get(6)?,
        });
    }
    Ok(dues)
}
