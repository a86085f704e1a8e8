//! Why something cannot be paid. Each reason has a stable code; the rest of a run goes on.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use thiserror::Error;

use crate::rules::Gap;

/// Why something cannot be paid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PayError {
    /// Nothing is taken for zero because nobody wrote it down.
    #[error("{field} is missing")]
    Missing { field: String },
    #[error("no category “{category}” is defined on {day}")]
    UnknownCategory { category: String, day: NaiveDate },
    #[error("couriers of category “ajeer” are paid by their own employer")]
    NotPaidHere,
    #[error("the parameters of category “{category}” have no {field}")]
    ParameterMissing { category: String, field: String },
    #[error("{field} cannot be {value}: it has to be above zero")]
    NotPositive { field: String, value: Decimal },
    #[error("{field} cannot be {value}: it is below zero")]
    Negative { field: String, value: Decimal },
    #[error("{field} cannot be {value}: at most {most}")]
    AboveMost {
        field: String,
        value: Decimal,
        most: Decimal,
    },
    #[error("joined on {joined_on}, after the period ended on {ends_on}")]
    JoinedAfter { joined_on: NaiveDate, ends_on: NaiveDate },
    #[error("left on {left_on}, before the period began on {starts_on}")]
    LeftBefore { left_on: NaiveDate, starts_on: NaiveDate },
    #[error("the last day {until} lies before the first day {from}")]
    Backwards { from: NaiveDate, until: NaiveDate },
    #[error("no row of the rule “{}” holds on {}", .0.rule, .0.day)]
    Gap(Gap),
    #[error("{step} divides by zero")]
    DividedByZero { step: String },
    #[error("{field} is beyond all bounds")]
    TooLarge { field: String },
    #[error("more than is owed: {asked} of {owed}")]
    Overpayment { asked: Decimal, owed: Decimal },
    #[error("{what} is known twice")]
    Repeated { what: String },
}

impl From<Gap> for PayError {
    fn from(gap: Gap) -> Self {
        Self::Gap(gap)
    }
}

impl PayError {
    pub(crate) fn missing(field: &str) -> Self {
        Self::Missing {
            field: field.to_owned(),
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "required",
            Self::UnknownCategory { .. } => "unknown_category",
            Self::NotPaidHere => "not_paid_here",
            Self::ParameterMissing { .. } => "formula_incomplete",
            Self::NotPositive { .. } => "not_positive",
            Self::Negative { .. } => "negative",
            Self::AboveMost { .. } => "above_most",
            Self::JoinedAfter { .. } => "joined_after_period",
            Self::LeftBefore { .. } => "left_before_period",
            Self::Backwards { .. } => "before_start",
            Self::Gap(_) => "rule_gap",
            Self::DividedByZero { .. } => "divided_by_zero",
            Self::TooLarge { .. } => "too_large",
            Self::Overpayment { .. } => "overpayment",
            Self::Repeated { .. } => "taken",
        }
    }

    /// The field that is at fault, where it is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Missing { field }
            | Self::ParameterMissing { field, .. }
            | Self::NotPositive { field, .. }
            | Self::Negative { field, .. }
            | Self::AboveMost { field, .. }
            | Self::TooLarge { field } => Some(field),
            Self::UnknownCategory { .. } | Self::NotPaidHere => Some("category"),
            Self::JoinedAfter { .. } => Some("joined_on"),
            Self::LeftBefore { .. } => Some("last_working_day"),
            Self::Backwards { .. } => Some("until"),
            Self::Gap(_) | Self::DividedByZero { .. } | Self::Overpayment { .. } | Self::Repeated { .. } => None,
        }
    }
}
