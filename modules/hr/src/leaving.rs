//! What a courier gets on the last day: for given numbers, or for somebody whom the organization employs.

use chrono::{Days, NaiveDate};
use hr_pay::money::{half_up, riyals};
use hr_pay::{DayCount, Debts, Length, Reason, Rules, Service, award, final_settlement};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::inputs::{Amount, day};
use crate::leave_days;
use crate::refusals::refusal;

pub(crate) const COURIER: &str = "SELECT c.full_name, c.joined_on, c.last_working_day, c.basic_salary,
    coalesce(c.housing_allowance, 0) + coalesce(c.transportation_allowance, 0),
    (SELECT coalesce(sum(l.outstanding_balance), 0)::bigint
        FROM hr.loans l
        WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.status = 'active' AND l.deleted_at IS NULL)
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL";

pub(crate) const LEFT: &str = "SELECT c.id
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.status = 'terminated' AND c.last_working_day BETWEEN $2::date AND $3::date
    AND c.deleted_at IS NULL
ORDER BY c.last_working_day, c.id
LIMIT 200";

/// Numbers of a calculation.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbers {
    /// First day of work.
    joined_on: NaiveDate,
    /// Last day of work; it counts.
    last_day: NaiveDate,
    /// Last monthly wage: basic pay and fixed allowances.
    monthly_wage: Amount,
    /// Why the contract ends.
    reason: Reason,
    /// How parts of a year are counted; `calendar` unless given.
    day_count: Option<DayCount>,
    /// Basic pay of a month, for leave; the wage unless given.
    basic: Option<Amount>,
    /// Days of unpaid leave to deduct.
    unpaid_leave_days: Option<Amount>,
    /// Days of annual leave not taken.
    unused_leave_days: Option<Amount>,
    /// Owed on loans.
    loans: Option<Amount>,
    /// Owed besides.
    other: Option<Amount>,
}

/// Whose last day.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leaver {
    /// The courier.
    courier_id: Uuid,
    /// Last day of work; the one on record, or today.
    last_day: Option<NaiveDate>,
    /// Why the contract ends.
    reason: Reason,
    /// How parts of a year are counted; `calendar` unless given.
    day_count: Option<DayCount>,
}

/// The award and the settlement, with what each number is made of.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EndOfService {
    courier_id: Option<Uuid>,
    courier_name: Option<String>,
    joined_on: NaiveDate,
    last_day: NaiveDate,
    /// Completed years, months and days, the last day counted.
    service: ServiceLength,
    /// Years of service as they enter the award.
    years: String,
    monthly_wage: String,
    reason: Reason,
    /// The article that decides.
    article: &'static str,
    /// Half a wage for each of the first five years, a wage for each year after.
    full_award: String,
    /// Thirds of it that the reason leaves, 0 to 3.
    thirds: u32,
    award: String,
    unused_leave_days: String,
    /// Paid for leave that was not taken: days × basic / 30.
    unused_leave: String,
    unpaid_leave_days: String,
    /// Deducted for unpaid leave.
    unpaid_leave: String,
    loans: String,
    other: String,
    /// Award and unused leave less what is owed; below zero the courier owes it.
    net: String,
    /// Day by which everything is settled (Labour Law, Art. 88).
    settle_by: NaiveDate,
}

/// Length of service.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ServiceLength {
    years: u32,
    months: u32,
    days: u32,
}

struct Case {
    joined_on: NaiveDate,
    last_day: NaiveDate,
    wage: Decimal,
    reason: Reason,
    count: DayCount,
    debts: Debts,
}

impl Case {
    fn answer(&self) -> Result<EndOfService, Problem> {
        day("joined_on", self.joined_on)?;
        day("last_day", self.last_day)?;
        if self.last_day < self.joined_on {
            return Err(Problem::field("last_day", "before_start"));
        }
        let rules = Rules::saudi();
        let length = Length::Between {
            joined_on: self.joined_on,
            last_day: self.last_day,
            suspended_days: 0,
            count: self.count,
        };
        let award = award(rules, self.last_day, self.wage, length, self.reason).map_err(|error| refusal(&error))?;
        let settled =
            final_settlement(rules, self.last_day, award.paid, &self.debts).map_err(|error| refusal(&error))?;
        let settle_by = self.reason.settle_by(rules, self.last_day);
        let Service { years: y, months, days } = Service::between(self.joined_on, self.last_day);
        let two = |number| half_up(number, 2).to_string();
        Ok(EndOfService {
            courier_id: None,
            courier_name: None,
            joined_on: self.joined_on,
            last_day: self.last_day,
            service: ServiceLength { years: y, months, days },
            years: half_up(award.years, 4).to_string(),
            monthly_wage: two(self.wage),
            reason: self.reason,
            article: self.reason.article(),
            full_award: award.full.to_string(),
            thirds: award.thirds.to_u32().unwrap_or(0),
            award: award.paid.to_string(),
            unused_leave_days: two(self.debts.unused_leave_days),
            unused_leave: settled.unused_leave.to_string(),
            unpaid_leave_days: two(self.debts.unpaid_leave_days),
            unpaid_leave: settled.unpaid_leave.to_string(),
            loans: two(self.debts.loans),
            other: two(self.debts.other),
            net: settled.net.to_string(),
            settle_by: settle_by.map_err(|error| refusal(&error))?,
        })
    }
}

/// `GET /hr/end_of_service_calculation`.
pub(crate) fn calculation(given: &Numbers) -> Result<EndOfService, Problem> {
    let or_none = |amount: Option<Amount>| amount.unwrap_or_default().0;
    let case = Case {
        joined_on: given.joined_on,
        last_day: given.last_day,
        wage: given.monthly_wage.0,
        reason: given.reason,
        count: given.day_count.unwrap_or_default(),
        debts: Debts {
            basic: given.basic.unwrap_or(given.monthly_wage).0,
            unpaid_leave_days: or_none(given.unpaid_leave_days),
            unused_leave_days: or_none(given.unused_leave_days),
            loans: or_none(given.loans),
            other: or_none(given.other),
        },
    };
    case.answer()
}

/// Couriers who left in a period.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leavers {
    /// First last working day; thirty days ago unless given.
    from: Option<NaiveDate>,
    /// Last last working day; today unless given.
    to: Option<NaiveDate>,
    /// Why the contracts ended; the employer ended them unless given.
    reason: Option<Reason>,
}

/// Settlements of a period.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Settlements {
    from: NaiveDate,
    to: NaiveDate,
    data: Vec<EndOfService>,
    /// Couriers whose joining date or basic salary is not on record: nothing can be counted for them.
    without_records: Vec<Uuid>,
}

/// `GET /hr/end_of_service_list`.
pub(crate) async fn list(cx: &mut Cx, asked: Leavers) -> Result<Settlements, Problem> {
    let to = day("to", asked.to.unwrap_or_else(|| cx.today()))?;
    let from = asked.from.or_else(|| to.checked_sub_days(Days::new(30))).unwrap_or(to);
    let from = day("from", from)?;
    let organization_id = cx.organization_id;
    let ids: Vec<Uuid> = sqlx::query_scalar(LEFT)
        .bind(organization_id)
        .bind(from)
        .bind(to)
        .fetch_all(cx.db())
        .await?;
    let (mut data, mut without_records) = (Vec::with_capacity(ids.len()), Vec::new());
    for courier_id in ids {
        let leaver = Leaver {
            courier_id,
            last_day: None,
            reason: asked.reason.unwrap_or(Reason::EmployerTermination),
            day_count: None,
        };
        match end_of_service(cx, leaver).await {
            Ok(settled) => data.push(settled),
            Err(problem) if matches!(problem.code, "no_joining_date" | "no_basic_salary") => {
                without_records.push(courier_id);
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(Settlements {
        from,
        to,
        data,
        without_records,
    })
}

/// `GET /hr/end_of_service`.
pub(crate) async fn end_of_service(cx: &mut Cx, leaver: Leaver) -> Result<EndOfService, Problem> {
    let organization_id = cx.organization_id;
    let row = sqlx::query(COURIER)
        .bind(organization_id)
        .bind(leaver.courier_id)
        .fetch_optional(cx.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    let joined_on: Option<NaiveDate> = row.try_get(1)?;
    let joined_on = joined_on.ok_or_else(|| Problem::refused("no_joining_date"))?;
    let basic: Option<i64> = row.try_get(3)?;
    let basic = basic.map(riyals).ok_or_else(|| Problem::refused("no_basic_salary"))?;
    let on_record: Option<NaiveDate> = row.try_get(2)?;
    let last_day = leaver.last_day.or(on_record).unwrap_or_else(|| cx.today());
    day("last_day", last_day)?;
    let leave = leave_days::of_leaver(cx, leaver.courier_id, joined_on, last_day).await?;
    let case = Case {
        joined_on,
        last_day,
        // Fixed allowances belong to the actual wage.
        wage: basic + riyals(row.try_get(4)?),
        reason: leaver.reason,
        count: leaver.day_count.unwrap_or_default(),
        debts: Debts {
            basic,
            unpaid_leave_days: Decimal::ZERO,
            unused_leave_days: leave,
            loans: riyals(row.try_get(5)?),
            other: Decimal::ZERO,
        },
    };
    Ok(EndOfService {
        courier_id: Some(leaver.courier_id),
        courier_name: Some(row.try_get(0)?),
        ..case.answer()?
    })
}
