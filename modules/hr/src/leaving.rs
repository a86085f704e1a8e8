//! What a courier gets on the last day: for given numbers, or for somebody whom the organization employs.

use chrono::{Days, NaiveDate};
use hr_pay::money::{half_up, riyals};
use hr_pay::{DayCount, Debts, Length, Reason, Rules, Service, award, final_settlement, notice, suspended_days};
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

/// Unpaid leave of a courier up to a day: what is beyond twenty days of each is no service (Art. 116).
pub(crate) const UNPAID: &str = "SELECT l.starts_on, least(coalesce(l.returned_on - 1, l.ends_on), $3::date)
FROM hr.leaves l
WHERE l.organization_id = $1 AND l.courier_id = $2 AND l.leave_type = 'unpaid' AND l.deleted_at IS NULL
    AND l.status IN ('approved', 'completed') AND l.starts_on <= $3::date
ORDER BY l.starts_on";

/// What a courier has of the company, or has damaged or lost, and that is not settled.
pub(crate) const ASSETS: &str = "SELECT a.id, a.asset_number, a.name, a.status
FROM hr.assets a
WHERE a.organization_id = $1 AND a.courier_id = $2 AND a.status IN ('assigned', 'damaged', 'lost') AND a.deleted_at IS NULL
ORDER BY a.asset_number
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
    /// Days of notice that were given; nothing is counted for notice unless it is said.
    notice_days: Option<u32>,
    /// Days of unpaid leave that are no service.
    suspended_days: Option<u32>,
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
    pub courier_id: Uuid,
    /// Last day of work; the one on record, or today.
    pub last_day: Option<NaiveDate>,
    /// Why the contract ends.
    pub reason: Reason,
    /// How parts of a year are counted; `calendar` unless given.
    pub day_count: Option<DayCount>,
    /// Days of notice that were given; nothing is counted for notice unless it is said.
    pub notice_days: Option<u32>,
}

/// The award and the settlement, with what each number is made of.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EndOfService {
    courier_id: Option<Uuid>,
    courier_name: Option<String>,
    pub joined_on: NaiveDate,
    pub last_day: NaiveDate,
    /// Completed years, months and days, the last day counted.
    service: ServiceLength,
    /// Years of service as they enter the award.
    pub years: String,
    pub monthly_wage: String,
    reason: Reason,
    /// The article that decides.
    article: &'static str,
    /// Half a wage for each of the first five years, a wage for each year after.
    full_award: String,
    /// Thirds of it that the reason leaves, 0 to 3.
    thirds: u32,
    pub award: String,
    pub unused_leave_days: String,
    /// Paid for leave that was not taken: days × basic / 30.
    pub unused_leave: String,
    unpaid_leave_days: String,
    /// Deducted for unpaid leave.
    unpaid_leave: String,
    /// Days of unpaid leave beyond those that count as service (Labour Law, Art. 116).
    pub suspended_days: i64,
    /// Days of notice that the reason asks for (Labour Law, Art. 75); nothing where it was not asked.
    notice_required_days: Option<i64>,
    notice_missing_days: Option<i64>,
    /// Wage of the missing days: below zero the courier owes it.
    pub notice: String,
    pub loans: String,
    other: String,
    /// Award, unused leave and notice less what is owed; below zero the courier owes it.
    pub net: String,
    /// Things of the company that are not settled: the settlement waits for them.
    pub open_assets: Vec<OpenAsset>,
    /// Day by which everything is settled (Labour Law, Art. 88).
    pub settle_by: NaiveDate,
}

/// A thing of the company that a courier has, or has damaged or lost.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OpenAsset {
    id: Uuid,
    asset_number: String,
    pub name: String,
    /// `assigned`, `damaged` or `lost`.
    status: String,
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
    suspended_days: i64,
    notice_days: Option<u32>,
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
            suspended_days: self.suspended_days,
            count: self.count,
        };
        let award = award(rules, self.last_day, self.wage, length, self.reason).map_err(|error| refusal(&error))?;
        let settled =
            final_settlement(rules, self.last_day, award.paid, &self.debts).map_err(|error| refusal(&error))?;
        let given = self.notice_days.map(i64::from);
        let notice = given.map(|given| notice(rules, self.last_day, self.reason, self.wage, given));
        let notice = notice.transpose().map_err(|error| refusal(&error))?;
        let for_notice = notice.as_ref().map_or(Decimal::ZERO, |notice| notice.amount);
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
            suspended_days: self.suspended_days,
            notice_required_days: notice.as_ref().map(|notice| notice.required_days),
            notice_missing_days: notice.as_ref().map(|notice| notice.missing_days),
            notice: two(for_notice),
            loans: two(self.debts.loans),
            other: two(self.debts.other),
            net: two(settled.net + for_notice),
            open_assets: Vec::new(),
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
        suspended_days: given.suspended_days.unwrap_or(0).into(),
        notice_days: given.notice_days,
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
            notice_days: None,
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
        suspended_days: suspended(cx, leaver.courier_id, last_day).await?,
        notice_days: leaver.notice_days,
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
        open_assets: open_assets(cx, leaver.courier_id).await?,
        ..case.answer()?
    })
}

async fn suspended(cx: &mut Cx, courier_id: Uuid, last_day: NaiveDate) -> Result<i64, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(UNPAID)
        .bind(organization_id)
        .bind(courier_id)
        .bind(last_day)
        .fetch_all(cx.db())
        .await?;
    let spans = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let spans = spans.collect::<Result<Vec<(NaiveDate, NaiveDate)>, sqlx::Error>>()?;
    suspended_days(Rules::saudi(), &spans).map_err(|error| refusal(&error))
}

async fn open_assets(cx: &mut Cx, courier_id: Uuid) -> Result<Vec<OpenAsset>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(ASSETS)
        .bind(organization_id)
        .bind(courier_id)
        .fetch_all(cx.db())
        .await?;
    let asset = |row: &sqlx::postgres::PgRow| -> Result<OpenAsset, sqlx::Error> {
        Ok(OpenAsset {
            id: row.try_get(0)?,
            asset_number: row.try_get(1)?,
            name: row.try_get(2)?,
            status: row.try_get(3)?,
        })
    };
    Ok(rows.iter().map(asset).collect::<Result<_, _>>()?)
}
