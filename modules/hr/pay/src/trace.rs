//! A line of pay and how it came about: inputs, formula, rows of the law or of the company, rounding. A line can be counted again
//! from its trace alone, and gives the same halala.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::expression::{Expression, ExpressionError};
use crate::money::half_up;
use crate::rules::Rule;

/// A word of this source, or one that was read from a stored trace.
pub type Word = Cow<'static, str>;

/// A number or a day. A day enters a formula as its number, so that days can be subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Number(Decimal),
    Day(NaiveDate),
}

impl Value {
    /// The number that enters a formula.
    pub(crate) fn number(self) -> Decimal {
        match self {
            Self::Number(number) => number,
            Self::Day(day) => day.num_days_from_ce().into(),
        }
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<NaiveDate> for Value {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

/// Something that was known before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub name: Word,
    pub value: Value,
}

/// A row that was used, under the name that it has in the formula.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub name: Word,
    #[serde(flatten)]
    pub rule: Arc<Rule>,
}

/// One step of a calculation: a name, how it is made of others, and what came out, unrounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub name: Word,
    pub formula: Word,
    pub value: Decimal,
}

/// How the last step became the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    pub digits: u32,
    pub mode: RoundingMode,
}

/// Ways of rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// Halves away from zero.
    HalfUp,
}

/// How a line came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// As `category.basic/1`; another way of counting gets another number.
    pub formula: Word,
    pub inputs: Vec<Input>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Used>,
    /// In order; the last one is the amount before rounding.
    pub steps: Vec<Step>,
    pub rounding: Rounding,
    /// What the line is about: the loan, the document, the month.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<(Word, String)>,
}

/// A trace that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TraceError {
    #[error("{step}: {error}")]
    Formula { step: String, error: ExpressionError },
    #[error("a calculation without steps")]
    Empty,
    #[error("the step “{step}” is stored as {stored} and comes out as {found}")]
    Step {
        step: String,
        stored: Decimal,
        found: Decimal,
    },
    #[error("the line is stored as {stored} and comes out as {found}")]
    Amount { stored: Decimal, found: Decimal },
}

/// More digits than any amount has.
const MOST_DIGITS: u32 = 12;

impl Trace {
    /// Counts again from what the trace holds. Every step has to come out as it is stored.
    pub fn recompute(&self) -> Result<Decimal, TraceError> {
        let mut known: Vec<(&str, Decimal)> =
            Vec::with_capacity(self.inputs.len() + self.rules.len() + self.steps.len());
        known.extend(self.inputs.iter().map(|input| (&*input.name, input.value.number())));
        known.extend(self.rules.iter().map(|used| (&*used.name, used.rule.value)));
        let mut last = None;
        for step in &self.steps {
            let formula = |error| TraceError::Formula {
                step: step.name.to_string(),
                error,
            };
            let expression = Expression::parse(&step.formula).map_err(formula)?;
            let found = expression.value(&|name| find(&known, name)).map_err(formula)?;
            if found != step.value {
                return Err(TraceError::Step {
                    step: step.name.to_string(),
                    stored: step.value,
                    found,
                });
            }
            known.push((&step.name, found));
            last = Some(found);
        }
        let last = last.ok_or(TraceError::Empty)?;
        Ok(half_up(last, self.rounding.digits.min(MOST_DIGITS)))
    }

    /// The value of an input.
    pub fn input(&self, name: &str) -> Option<Value> {
        let found = self.inputs.iter().find(|input| input.name == name);
        found.map(|input| input.value)
    }

    /// What came out of a step.
    pub fn step(&self, name: &str) -> Option<Decimal> {
        self.steps.iter().find(|step| step.name == name).map(|step| step.value)
    }

    /// Articles of the rows that were used, each once.
    pub fn articles(&self) -> Vec<&str> {
        let mut articles: Vec<&str> = Vec::new();
        for used in &self.rules {
            if !articles.contains(&used.rule.article.as_str()) {
                articles.push(&used.rule.article);
            }
        }
        articles
    }
}

/// Later names hide earlier ones.
fn find(known: &[(&str, Decimal)], name: &str) -> Option<Decimal> {
    let mut from_last = known.iter().rev();
    from_last.find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// What a line is of, in the order in which payslips show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Basic,
    Bonus,
    Gas,
    /// What the total's floor at zero forgives.
    Floor,
    /// What the rounded parts lack to the rounded total.
    Rounding,
    MonthlyPay,
    Absence,
    AttendanceBonus,
    Allowance,
    ExtraBonus,
    Overtime,
    /// A difference for a month that was paid before.
    Adjustment,
    Gosi,
    Court,
    Loan,
    Damage,
    Penalty,
    Consented,
    /// What the company pays to the social insurance; no part of net pay.
    GosiEmployer,
    EndOfService,
    EndOfServiceProvision,
    Compensation,
    UnusedLeave,
    UnpaidLeave,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::Basic,
        Self::Bonus,
        Self::Gas,
        Self::Floor,
        Self::Rounding,
        Self::MonthlyPay,
        Self::Absence,
        Self::AttendanceBonus,
        Self::Allowance,
        Self::ExtraBonus,
        Self::Overtime,
        Self::Adjustment,
        Self::Gosi,
        Self::Court,
        Self::Loan,
        Self::Damage,
        Self::Penalty,
        Self::Consented,
        Self::GosiEmployer,
        Self::EndOfService,
        Self::EndOfServiceProvision,
        Self::Compensation,
        Self::UnusedLeave,
        Self::UnpaidLeave,
    ];

    /// The word of catalogues and tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bonus => "bonus",
            Self::Gas => "gas",
            Self::Floor => "floor",
            Self::Rounding => "rounding",
            Self::MonthlyPay => "monthly_pay",
            Self::Absence => "absence",
            Self::AttendanceBonus => "attendance_bonus",
            Self::Allowance => "allowance",
            Self::ExtraBonus => "extra_bonus",
            Self::Overtime => "overtime",
            Self::Adjustment => "adjustment",
            Self::Gosi => "gosi",
            Self::Court => "court",
            Self::Loan => "loan",
            Self::Damage => "damage",
            Self::Penalty => "penalty",
            Self::Consented => "consented",
            Self::GosiEmployer => "gosi_employer",
            Self::EndOfService => "end_of_service",
            Self::EndOfServiceProvision => "end_of_service_provision",
            Self::Compensation => "compensation",
            Self::UnusedLeave => "unused_leave",
            Self::UnpaidLeave => "unpaid_leave",
        }
    }
}

/// A line of a payslip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub kind: Kind,
    /// In riyals with two digits; what is deducted is negative.
    pub amount: Decimal,
    pub trace: Trace,
}

/// The sum of the lines of a kind.
pub(crate) fn amount_of<'a>(lines: impl IntoIterator<Item = &'a Line>, kind: Kind) -> Decimal {
    let lines = lines.into_iter().filter(|line| line.kind == kind);
    lines.map(|line| line.amount).sum()
}

/// Rules that decide about a line, where it has one of them.
const DECIDING: [&str; 6] = [
    "kind_share",
    "kind_days",
    "thirds",
    "third_to_years",
    "premium",
    "annuities_employee",
];

impl Line {
    /// The article that decides about the line: of its own limit or rate before those that it shares with others.
    pub fn article(&self) -> Option<&str> {
        let rules = &self.trace.rules;
        let own = DECIDING
            .iter()
            .find_map(|name| rules.iter().find(|used| used.name == *name));
        own.or(rules.first()).map(|used| used.rule.article.as_str())
    }

    /// The line again, from its trace; refused where it comes out otherwise.
    pub fn recompute(&self) -> Result<Self, TraceError> {
        let found = self.trace.recompute()?;
        if found != self.amount {
            return Err(TraceError::Amount {
                stored: self.amount,
                found,
            });
        }
        Ok(Self {
            kind: self.kind,
            amount: found,
            trace: self.trace.clone(),
        })
    }
}
