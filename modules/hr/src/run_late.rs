//! Late facts: a month that was paid is calculated again when its target, its work or the numbers of its formula changed since, and
//! the next run settles the difference. What was settled before counts as paid, so that nothing is settled twice. Months paid by
//! contract are left alone: contract pay is what it is today, and not what it was then.

use std::collections::HashMap;

use chrono::NaiveDate;
use hr_pay::money::riyals;
use hr_pay::{
    Arrears, CapOptions, Days, Kind, Line, PayError, Payslip, Period, Rounding, RoundingMode, Trace, Work, arrears,
    work_pay,
};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sqlx::Row;
use uuid::Uuid;

use crate::run_facts::{Attended, Done, RunMonth};
use crate::run_terms::Formulas;

/// Months of the year before a run that were paid by amounts which may not be right any more.
pub(crate) const LATE: &str =
    "SELECT s.courier_id, s.year, s.month, c.joined_on, t.category, t.period_target, i.total_orders,
    i.total_revenue, i.gas_usage, i.days_since_joining, i.unpaid_leave_days, r.caps_leavers, r.caps_unpaid_leave,
    s.base_salary, s.bonus_amount, s.gas_difference, s.rounding_amount, c.last_working_day
FROM hr.salaries s
JOIN hr.payroll_runs r ON r.organization_id = s.organization_id AND r.id = s.run_id AND r.status IN ('paid', 'locked')
JOIN fleet.courier_facts c ON c.organization_id = s.organization_id AND c.id = s.courier_id
JOIN hr.courier_targets t ON t.organization_id = s.organization_id AND t.courier_id = s.courier_id AND t.year = s.year
    AND t.month = s.month AND t.deleted_at IS NULL
JOIN hr.payroll_inputs i ON i.organization_id = s.organization_id AND i.courier_id = s.courier_id AND i.year = s.year
    AND i.month = s.month AND i.deleted_at IS NULL
WHERE s.organization_id = $1 AND s.run_id <> $2 AND s.deleted_at IS NULL AND s.period_ends_on < $3::date
    AND s.category <> 'salaried' AND t.period_target IS NOT NULL
    AND s.period_ends_on >= ($3::date - interval '1 year')::date
    AND (t.updated_at >= r.calculated_at OR i.updated_at >= r.calculated_at OR EXISTS (
        SELECT FROM hr.payroll_parameters p
        WHERE p.organization_id = $1 AND p.category = t.category AND p.effective_from <= s.period_ends_on
            AND greatest(p.updated_at, p.deleted_at) >= r.calculated_at
    ))
ORDER BY s.courier_id, s.period_ends_on";

/// What other runs settled of these couriers' months.
pub(crate) const SETTLED_BEFORE: &str = "SELECT s.courier_id, s.adjusted_months
FROM hr.salaries s
WHERE s.organization_id = $1 AND s.run_id <> $2 AND s.courier_id = ANY ($3) AND s.adjusted_months IS NOT NULL
    AND s.deleted_at IS NULL";

/// A month that was paid, as it was paid and as it is on record now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Late {
    pub period: Period,
    pub joined_on: Option<NaiveDate>,
    pub last_working_day: Option<NaiveDate>,
    pub category: String,
    pub target: Decimal,
    pub done: Done,
    pub caps: CapOptions,
    /// Basic pay, bonus, fuel and rounding as they were paid.
    pub paid: [i64; 4],
    /// What other runs paid or took back since.
    pub settled: Decimal,
}

/// As `2026-05`.
pub(crate) fn month_word(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// Late months of everybody.
pub(crate) async fn read(cx: &mut Cx, of: RunMonth) -> Result<HashMap<Uuid, Vec<Late>>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(LATE)
        .bind(organization_id)
        .bind(of.run_id)
        .bind(of.period.starts_on)
        .fetch_all(cx.db())
        .await?;
    let mut late: HashMap<Uuid, Vec<Late>> = HashMap::new();
    for row in &rows {
        let Some(period) = Period::of(row.try_get(1)?, row.try_get(2)?) else {
            continue;
        };
        let one = Late {
            period,
            joined_on: row.try_get(3)?,
            last_working_day: row.try_get(17)?,
            category: row.try_get(4)?,
            target: row.try_get(5)?,
            done: Done {
                orders: row.try_get(6)?,
                revenue: row.try_get(7)?,
                gas: row.try_get(8)?,
                days: row.try_get(9)?,
                unpaid_days: row.try_get(10)?,
                overtime_minutes: 0,
                attended: Attended::default(),
            },
            caps: CapOptions {
                leavers: row.try_get(11)?,
                unpaid_leave: row.try_get(12)?,
            },
            paid: [row.try_get(13)?, row.try_get(14)?, row.try_get(15)?, row.try_get(16)?],
            settled: Decimal::ZERO,
        };
        late.entry(row.try_get(0)?).or_default().push(one);
    }
    if late.is_empty() {
        return Ok(late);
    }
    let couriers: Vec<Uuid> = late.keys().copied().collect();
    let rows = sqlx::query(SETTLED_BEFORE)
        .bind(organization_id)
        .bind(of.run_id)
        .bind(&couriers)
        .fetch_all(cx.db())
        .await?;
    for row in &rows {
        let (courier_id, months): (Uuid, Json) = (row.try_get(0)?, row.try_get(1)?);
        for one in late.get_mut(&courier_id).into_iter().flatten() {
            let settled = months[month_word(one.period.ends_on)].as_str();
            one.settled += settled.and_then(|text| text.parse().ok()).unwrap_or(Decimal::ZERO);
        }
    }
    Ok(late)
}

/// The work of a month as the core takes it.
pub(crate) fn work(
    done: &Done,
    target: Option<Decimal>,
    joined_on: Option<NaiveDate>,
    last: Option<NaiveDate>,
) -> Work {
    Work {
        period_target: target,
        days: done.days.map_or(Days::Joined(joined_on), Days::Given),
        last_working_day: last,
        unpaid_days: done.unpaid_days,
        orders: Some(done.orders),
        revenue: Some(riyals(done.revenue)),
        gas_usage: Some(riyals(done.gas)),
    }
}

impl Late {
    /// What the run does about it.
    pub(crate) fn settle(&self, formulas: &Formulas) -> Result<Arrears, PayError> {
        let (_, category) = formulas.at(&self.category, self.period.ends_on)?;
        // Who left since was there: the last working day is of another month.
        let last = self.last_working_day.filter(|day| *day >= self.period.starts_on);
        let work = work(&self.done, Some(self.target), self.joined_on, last);
        let now = work_pay(category, self.period, &work, self.caps)?;
        let kinds = [Kind::Basic, Kind::Bonus, Kind::Gas, Kind::Rounding];
        let mut then: Vec<Line> = kinds
            .into_iter()
            .zip(self.paid)
            .map(|(kind, paid)| paid_line(kind, riyals(paid)))
            .collect();
        if !self.settled.is_zero() {
            then.push(paid_line(Kind::Adjustment, self.settled));
        }
        // As the row of the month says it: what the floor forgave stands with the rounding.
        let rounding = now.amount(Kind::Rounding) + now.amount(Kind::Floor);
        let amounts = [now.basic, now.bonus, now.gas_difference, rounding];
        let now = kinds
            .into_iter()
            .zip(amounts)
            .map(|(kind, amount)| paid_line(kind, amount));
        arrears(&slip(self.period, then), &slip(self.period, now.collect()))
    }
}

fn slip(period: Period, lines: Vec<Line>) -> Payslip {
    let gross = lines.iter().map(|line| line.amount).sum();
    Payslip {
        period,
        lines,
        beside: Vec::new(),
        gross,
        net: gross,
        deductions: Vec::new(),
    }
}

/// An amount of a payslip whose own derivation is elsewhere.
fn paid_line(kind: Kind, amount: Decimal) -> Line {
    Line {
        kind,
        amount,
        trace: Trace {
            formula: "stored".into(),
            inputs: Vec::new(),
            rules: Vec::new(),
            steps: Vec::new(),
            rounding: Rounding {
                digits: 2,
                mode: RoundingMode::HalfUp,
            },
            about: Vec::new(),
        },
    }
}
