//! The end-of-service award of the Labour Law (Articles 77 and 80 to 88), what is set aside for it each month, and what is settled
//! with it.

use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::PayError;
use crate::formula::{Facts, Formula};
use crate::money::half_up;
use crate::rules::Rules;
use crate::service::Service;
use crate::trace::{Kind, Line};

/// Why the contract ends; each reason has its article, and the award follows the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The courier resigns (Art. 85).
    Resignation,
    /// The employer ends the contract (Art. 84).
    EmployerTermination,
    /// A fixed term ends (Art. 84).
    ContractEnd,
    /// Retirement (Art. 84).
    Retirement,
    /// Death (Art. 84).
    Death,
    /// Force majeure (Art. 87).
    ForceMajeure,
    /// A woman leaves within six months of marriage or three of giving birth (Art. 87).
    MarriageOrBirth,
    /// The employer broke his duties (Art. 81).
    EmployerBreach,
    /// One of the courier's faults that the law lists (Art. 80).
    GrossMisconduct,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Resignation,
        Self::EmployerTermination,
        Self::ContractEnd,
        Self::Retirement,
        Self::Death,
        Self::ForceMajeure,
        Self::MarriageOrBirth,
        Self::EmployerBreach,
        Self::GrossMisconduct,
    ];

    /// The word of tables and rule ids.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resignation => "resignation",
            Self::EmployerTermination => "employer_termination",
            Self::ContractEnd => "contract_end",
            Self::Retirement => "retirement",
            Self::Death => "death",
            Self::ForceMajeure => "force_majeure",
            Self::MarriageOrBirth => "marriage_or_birth",
            Self::EmployerBreach => "employer_breach",
            Self::GrossMisconduct => "gross_misconduct",
        }
    }

    /// The article that decides about the award.
    pub const fn article(self) -> &'static str {
        match self {
            Self::Resignation => "Labour Law, Art. 85",
            Self::EmployerTermination | Self::ContractEnd | Self::Retirement | Self::Death => "Labour Law, Art. 84",
            Self::ForceMajeure | Self::MarriageOrBirth => "Labour Law, Art. 87",
            Self::EmployerBreach => "Labour Law, Art. 81",
            Self::GrossMisconduct => "Labour Law, Art. 80",
        }
    }

    /// Who ended it: the rule of Art. 88 that says within how many days everything is settled.
    const fn settle_rule(self) -> &'static str {
        match self {
            Self::Resignation | Self::MarriageOrBirth | Self::EmployerBreach => "eos.settle_days.worker",
            Self::EmployerTermination
            | Self::ContractEnd
            | Self::Retirement
            | Self::Death
            | Self::ForceMajeure
            | Self::GrossMisconduct => "eos.settle_days.employer",
        }
    }

    /// The day by which everything is settled (Art. 88).
    pub fn settle_by(self, rules: &Rules, last_day: NaiveDate) -> Result<NaiveDate, PayError> {
        let days = u64::try_from(rules.count(self.settle_rule(), last_day)?).unwrap_or(0);
        Ok(last_day.checked_add_days(Days::new(days)).unwrap_or(last_day))
    }
}

/// How parts of a year are counted. The law only says "in proportion".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// Completed years, months as twelfths, days as 360ths; the last day counts.
    #[default]
    Calendar,
    /// Days of 365 to the year; the last day counts.
    Actual365,
    /// Days of 365.25 to the year; the last day does not count. Known from other systems; late by a day at full years.
    Average,
}

/// How long somebody was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Years, months and days.
    Exact(Service),
    /// From the first to the last day, without days of suspension: unpaid leave beyond the twenty days that count (Art. 116).
    Between {
        joined_on: NaiveDate,
        last_day: NaiveDate,
        suspended_days: i64,
        count: DayCount,
    },
}

const CALENDAR: &[(&str, &str)] = &[(
    "service_years",
    "full_years + full_months ÷ months_of_year + rest_days ÷ days_of_year",
)];
const ACTUAL: &[(&str, &str)] = &[(
    "service_years",
    "max(0, last_day − joined_on + 1 − suspended_days) ÷ 365",
)];
const AVERAGE: &[(&str, &str)] = &[(
    "service_years",
    "max(0, last_day − joined_on − suspended_days) ÷ 365.25",
)];

const FULL: (&str, &str) = (
    "full_award",
    "monthly_wage × (min(service_years, first_years) × first_rate + max(0, service_years − first_years) × later_rate)",
);
const RESIGNED: (&str, &str) = (
    "thirds",
    "if(service_years < none_below_years, 0, if(service_years ≤ third_to_years, 1, if(service_years < all_from_years, 2, 3)))",
);
const AWARD: (&str, &str) = ("award", "full_award × thirds ÷ 3");

struct Formulas {
    resigned: Formula,
    by_reason: Formula,
    provision: Formula,
    unlawful: Formula,
}

impl Formulas {
    fn of(years: &[(&'static str, &'static str)]) -> Self {
        let join = |rest: &[(&'static str, &'static str)]| [years, rest].concat();
        Self {
            resigned: Formula::new("end_of_service.resignation/1", &join(&[FULL, RESIGNED, AWARD])),
            by_reason: Formula::new("end_of_service.award/1", &join(&[FULL, AWARD])),
            provision: Formula::new(
                "end_of_service.provision/1",
                &join(&[FULL, ("provision", "round(full_award) − set_aside")]),
            ),
            unlawful: Formula::new(
                "end_of_service.unlawful/1",
                &join(&[(
                    "compensation",
                    "max(monthly_wage ÷ month_days × unlawful_days × service_years, monthly_wage × least_months)",
                )]),
            ),
        }
    }
}

static FORMULAS: LazyLock<[Formulas; 3]> = LazyLock::new(|| [CALENDAR, ACTUAL, AVERAGE].map(Formulas::of));

impl Length {
    /// The formulas of its day count, and what they need.
    fn facts(self, rules: &Rules, on: NaiveDate) -> Result<(&'static Formulas, Facts), PayError> {
        let facts = Facts::default();
        let exact = |service: Service, facts: Facts| -> Result<Facts, PayError> {
            facts
                .with("full_years", i64::from(service.years))
                .with("full_months", i64::from(service.months))
                .with("rest_days", i64::from(service.days))
                .lookup("months_of_year", rules, "eos.months_of_year", on)?
                .lookup("days_of_year", rules, "eos.days_of_year", on)
        };
        match self {
            Self::Exact(service) => Ok((&FORMULAS[0], exact(service, facts)?)),
            Self::Between {
                joined_on,
                last_day,
                suspended_days,
                count,
            } => {
                if last_day < joined_on {
                    return Err(PayError::Backwards {
                        from: joined_on,
                        until: last_day,
                    });
                }
                let suspended = suspended_days.max(0);
                let facts = facts
                    .with("joined_on", joined_on)
                    .with("last_day", last_day)
                    .with("suspended_days", suspended);
                match count {
                    DayCount::Calendar => {
                        let counted = Days::new(u64::try_from(suspended).unwrap_or(0));
                        let end = last_day.checked_sub_days(counted).unwrap_or(joined_on);
                        let facts = exact(Service::between(joined_on, end), facts)?;
                        let facts = facts.about("joined_on", joined_on.to_string());
                        Ok((&FORMULAS[0], facts.about("last_day", last_day.to_string())))
                    }
                    DayCount::Actual365 => Ok((&FORMULAS[1], facts)),
                    DayCount::Average => Ok((&FORMULAS[2], facts)),
                }
            }
        }
    }
}

fn full_facts(rules: &Rules, on: NaiveDate, wage: Decimal, facts: Facts) -> Result<Facts, PayError> {
    if wage < Decimal::ZERO {
        return Err(PayError::Negative {
            field: "monthly_wage".to_owned(),
            value: wage,
        });
    }
    facts
        .with("monthly_wage", wage)
        .lookup("first_years", rules, "eos.first_years", on)?
        .lookup("first_rate", rules, "eos.first_rate", on)?
        .lookup("later_rate", rules, "eos.later_rate", on)
}

/// An award with what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    /// Years of service, unrounded.
    pub years: Decimal,
    /// Half a wage for each of the first five years, a wage for each year after (Art. 84).
    pub full: Decimal,
    /// Thirds of it that the reason leaves.
    pub thirds: Decimal,
    /// What is paid.
    pub paid: Decimal,
    pub line: Line,
}

/// The award for the last monthly wage and length of service, by the rows that hold on the last day.
pub fn award(rules: &Rules, on: NaiveDate, wage: Decimal, length: Length, reason: Reason) -> Result<Award, PayError> {
    let (formulas, facts) = length.facts(rules, on)?;
    let facts = full_facts(rules, on, wage, facts)?.about("reason", reason.word());
    let line = if reason == Reason::Resignation {
        let facts = facts
            .lookup("none_below_years", rules, "eos.resignation.none_below_years", on)?
            .lookup("third_to_years", rules, "eos.resignation.third_to_years", on)?
            .lookup("all_from_years", rules, "eos.resignation.all_from_years", on)?;
        formulas.resigned.line(Kind::EndOfService, &facts)?
    } else {
        let id = format!("eos.reason.{}", reason.word());
        let facts = facts.lookup("thirds", rules, &id, on)?;
        formulas.by_reason.line(Kind::EndOfService, &facts)?
    };
    let step = |name: &str| line.trace.step(name);
    let of_reason = || {
        let used = line.trace.rules.iter().find(|used| used.name == "thirds");
        used.map(|used| used.rule.value)
    };
    Ok(Award {
        years: step("service_years").unwrap_or_default(),
        full: half_up(step("full_award").unwrap_or_default(), 2),
        thirds: step("thirds").or_else(of_reason).unwrap_or_default(),
        paid: line.amount,
        line,
    })
}

/// What a month adds to what is set aside: the full award by the month's end less what was set aside before.
pub fn provision(
    rules: &Rules,
    on: NaiveDate,
    wage: Decimal,
    length: Length,
    set_aside: Decimal,
) -> Result<Line, PayError> {
    let (formulas, facts) = length.facts(rules, on)?;
    let facts = full_facts(rules, on, wage, facts)?.with("set_aside", set_aside);
    formulas.provision.line(Kind::EndOfServiceProvision, &facts)
}

/// Compensation when the employer ends an open contract against the law (Art. 77).
pub fn unlawful_termination(rules: &Rules, on: NaiveDate, wage: Decimal, length: Length) -> Result<Line, PayError> {
    let (formulas, facts) = length.facts(rules, on)?;
    let facts = facts
        .with("monthly_wage", wage)
        .lookup("month_days", rules, "wage.month_days", on)?
        .lookup("unlawful_days", rules, "eos.unlawful.days_per_year", on)?
        .lookup("least_months", rules, "eos.unlawful.min_months", on)?;
    formulas.unlawful.line(Kind::Compensation, &facts)
}

/// Notice that was due, and what is paid for what is missing of it (Art. 75 and 76).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Days that whoever ends the contract gives.
    pub required_days: i64,
    /// Days that were not given.
    pub missing_days: i64,
    /// The wage of the missing days: above zero the courier gets it, below zero he owes it.
    pub amount: Decimal,
    /// The article that asks for notice; empty where none is due.
    pub article: String,
}

impl Reason {
    /// Whose notice it takes to end a contract so, and whether the worker owes it.
    const fn notice_rule(self) -> Option<(&'static str, bool)> {
        match self {
            Self::Resignation => Some(("contract.notice.worker_days", true)),
            Self::EmployerTermination => Some(("contract.notice.employer_days", false)),
            Self::ContractEnd
            | Self::Retirement
            | Self::Death
            | Self::ForceMajeure
            | Self::MarriageOrBirth
            | Self::EmployerBreach
            | Self::GrossMisconduct => None,
        }
    }
}

/// What the notice comes to that was given, by the monthly wage and the rows that hold on the last day.
pub fn notice(
    rules: &Rules,
    on: NaiveDate,
    reason: Reason,
    wage: Decimal,
    given_days: i64,
) -> Result<Notice, PayError> {
    let Some((rule, of_worker)) = reason.notice_rule() else {
        return Ok(Notice {
            required_days: 0,
            missing_days: 0,
            amount: Decimal::ZERO,
            article: String::new(),
        });
    };
    let required_days = rules.count(rule, on)?;
    let missing_days = (required_days - given_days.max(0)).max(0);
    let month_days = rules.value("wage.month_days", on)?;
    let amount = half_up(wage * Decimal::from(missing_days) / month_days, 2);
    Ok(Notice {
        required_days,
        missing_days,
        amount: if of_worker { -amount } else { amount },
        article: rules.at(rule, on)?.article.clone(),
    })
}

/// What else is settled on the last day.
#[derive(Clone, Debug, Default)]
pub struct Debts {
    /// Basic pay of a month: unpaid leave and unused leave are counted by its thirtieth.
    pub basic: Decimal,
    /// Days of unpaid leave that were not deducted yet.
    pub unpaid_leave_days: Decimal,
    /// Days of annual leave that were not taken (Art. 111).
    pub unused_leave_days: Decimal,
    /// Still owed on loans.
    pub loans: Decimal,
    /// Anything else owed.
    pub other: Decimal,
}

/// The final settlement, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalSettlement {
    /// Deducted for unpaid leave.
    pub unpaid_leave: Decimal,
    /// Paid for unused leave.
    pub unused_leave: Decimal,
    /// What the courier gets; below zero he owes it.
    pub net: Decimal,
    /// Lines of leave.
    pub lines: Vec<Line>,
}

static LEAVE: LazyLock<[Formula; 2]> = LazyLock::new(|| {
    [
        Formula::new(
            "leave.unused/1",
            &[
                ("day_pay", "basic_pay ÷ month_days"),
                ("unused_leave", "day_pay × leave_days"),
            ],
        ),
        Formula::new(
            "leave.unpaid/1",
            &[
                ("day_pay", "basic_pay ÷ month_days"),
                ("unpaid_leave", "−day_pay × leave_days"),
            ],
        ),
    ]
});

/// Award and unused leave less what is owed (Art. 88 and 111), rounded once.
pub fn final_settlement(
    rules: &Rules,
    on: NaiveDate,
    award: Decimal,
    debts: &Debts,
) -> Result<FinalSettlement, PayError> {
    let facts = Facts::default()
        .with("basic_pay", debts.basic)
        .lookup("month_days", rules, "wage.month_days", on)?;
    let unused = LEAVE[0].line(
        Kind::UnusedLeave,
        &facts.clone().with("leave_days", debts.unused_leave_days),
    )?;
    let unpaid = LEAVE[1].line(Kind::UnpaidLeave, &facts.with("leave_days", debts.unpaid_leave_days))?;
    let exact = |line: &Line, name: &str| line.trace.step(name).unwrap_or_default();
    let leave = exact(&unused, "unused_leave") + exact(&unpaid, "unpaid_leave");
    Ok(FinalSettlement {
        unpaid_leave: unpaid.amount.abs(),
        unused_leave: unused.amount,
        net: half_up(award + leave - debts.loans - debts.other, 2),
        lines: [unused, unpaid]
            .into_iter()
            .filter(|line| !line.amount.is_zero())
            .collect(),
    })
}
