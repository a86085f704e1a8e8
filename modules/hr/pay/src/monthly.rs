//! Monthly pay of salaried staff: by days employed and attendance.

use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::error::PayError;
use crate::formula::{Facts, Formula};
use crate::period::Period;
use crate::rules::Rules;
use crate::settlement::{Claim, ClaimKind};
use crate::trace::{Kind, Line, amount_of};

/// A salaried person's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// Basic pay by contract; nothing is paid without one.
    pub basic: Option<Decimal>,
    pub joined_on: Option<NaiveDate>,
    pub last_working_day: Option<NaiveDate>,
    pub present_days: i64,
    pub absent_days: i64,
    pub late_times: i64,
    /// Days of unpaid leave.
    pub unpaid_days: i64,
}

/// What the month is worth before anything else, and the fine for coming late, which has its own limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyPay {
    pub lines: Vec<Line>,
    pub lateness: Option<Claim>,
}

impl MonthlyPay {
    /// The sum of its lines.
    pub fn total(&self) -> Decimal {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// The amount of its lines of a kind.
    pub fn amount(&self, kind: Kind) -> Decimal {
        amount_of(&self.lines, kind)
    }
}

const PAID_DAYS: (&str, &str) = (
    "paid_days",
    "max(0, min(period_end, last_working_day) − max(period_start, joined_on) + 1 − unpaid_days)",
);
const EARNED: (&str, &str) = ("earned", "basic_pay × paid_days ÷ period_days");

static FORMULAS: LazyLock<[Formula; 3]> = LazyLock::new(|| {
    [
        Formula::new("monthly.pay/1", &[PAID_DAYS, EARNED]),
        Formula::new(
            "monthly.absence/1",
            &[
                PAID_DAYS,
                EARNED,
                ("absence", "−min(round(earned), absent_days × absence_per_day)"),
            ],
        ),
        Formula::new(
            "monthly.attendance_bonus/1",
            &[(
                "attendance_bonus",
                "if(absent_days + late_times > 0, 0, if(present_days ≥ perfect_days, perfect_bonus, 0))",
            )],
        ),
    ]
});

/// Pay of a period by attendance.
pub fn monthly_pay(rules: &Rules, period: Period, given: &Attendance) -> Result<MonthlyPay, PayError> {
    let basic = given.basic.ok_or_else(|| PayError::missing("basic"))?;
    if basic <= Decimal::ZERO {
        return Err(PayError::NotPositive {
            field: "basic".to_owned(),
            value: basic,
        });
    }
    let joined_on = given.joined_on.ok_or_else(|| PayError::missing("joined_on"))?;
    if joined_on > period.ends_on {
        return Err(PayError::JoinedAfter {
            joined_on,
            ends_on: period.ends_on,
        });
    }
    let last = given.last_working_day.unwrap_or(period.ends_on);
    if last < period.starts_on {
        return Err(PayError::LeftBefore {
            left_on: last,
            starts_on: period.starts_on,
        });
    }
    for (field, count) in [
        ("present_days", given.present_days),
        ("absent_days", given.absent_days),
        ("late_times", given.late_times),
        ("unpaid_days", given.unpaid_days),
    ] {
        if count < 0 {
            return Err(PayError::Negative {
                field: field.to_owned(),
                value: count.into(),
            });
        }
    }
    let on = period.ends_on;
    let facts = Facts::default()
        .with("basic_pay", basic)
        .with("joined_on", joined_on)
        .with("last_working_day", last)
        .with("period_start", period.starts_on)
        .with("period_end", period.ends_on)
        .with("period_days", period.days())
        .with("unpaid_days", given.unpaid_days)
        .with("absent_days", given.absent_days)
        .with("late_times", given.late_times)
        .with("present_days", given.present_days)
        .lookup("absence_per_day", rules, "monthly.absence_per_day", on)?
        .lookup("perfect_bonus", rules, "monthly.perfect_bonus", on)?
        .lookup("perfect_days", rules, "monthly.perfect_days", on)?;
    let [pay, absence, bonus] = &*FORMULAS;
    let mut lines = vec![pay.line(Kind::MonthlyPay, &facts)?];
    for (formula, kind) in [(absence, Kind::Absence), (bonus, Kind::AttendanceBonus)] {
        let line = formula.line(kind, &facts)?;
        if !line.amount.is_zero() {
            lines.push(line);
        }
    }
    let each = rules.value("monthly.late_each", on)?;
    let lateness = (given.late_times > 0).then(|| Claim {
        id: "lateness".to_owned(),
        kind: ClaimKind::Fine,
        amount: each * Decimal::from(given.late_times),
        since: period.ends_on,
        whole: false,
    });
    Ok(MonthlyPay { lines, lateness })
}
